"""The bar above the curves: which run is shown, where it stands, and what the lines mean."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QLineF, QObject, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from viewer import theme
from viewer.pages.network.train.drawn import DrawnRun
from viewer.pages.network.train.views.run_lines import run_pen
from viewer.pages.network.train.views.save_button import SaveButton
from viewer.widgets import describe, filled
from viewer.widgets.labels import ElidedLabel
from viewer.widgets.menu_button import MenuButton

HEIGHT, LONGEST_NAME, NAME_ROOM, ABOUT_ROOM = 28, 60, 180, 50
"""The bar's height; letters of a name, and its room on the button; the least room of what says where the run stands."""

SAMPLE = 26
"""Of a line in the legend: its dashes are seen twice."""


class RunHeader(QWidget):
    """The run's name is a menu: of all runs, to name this one, and to remove it."""

    run_chosen = pyqtSignal(str)
    run_renamed = pyqtSignal(str, str)
    remove_requested = pyqtSignal(str)
    save_requested = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        tr = self.tr
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.name = MenuButton("runMenuButton", tr("Run"), tr("Choose, name or remove a run"), "")
        self.edit = describe(QLineEdit(), "runNameEdit", tr("Name of the run"), tr("Enter to keep, Escape to leave"))
        self.edit.setMaxLength(LONGEST_NAME)
        self.edit.hide()
        self.edit.installEventFilter(self)
        self.about, self.legend = ElidedLabel("muted"), Legend()
        self.save = SaveButton(
            "runSaveButton",
            tr("Save from this run"),
            (
                ("curves-csv", tr("Curves as a table…")),
                ("curves-picture", tr("Curves as a picture…")),
                ("weights", tr("Weights at this step…")),
                ("pytorch", tr("Network at this step as PyTorch source…")),
                ("plan", tr("Training plan…")),
            ),
        )
        self._shown: DrawnRun | None = None
        self._offered: object = None
        filled(QHBoxLayout(self), self.name, self.edit, self.about, 1, self.legend, self.save)
        self.edit.editingFinished.connect(self._keep)
        self.save.chosen.connect(self.save_requested)
        theme.follow(self._rescale)

    def show_runs(self, runs: Sequence[DrawnRun], shown: str | None) -> None:
        """Offer these, and name the one that is shown."""
        self._shown = next((each for each in runs if each.id == shown), None)
        self._name()
        self._share_room()
        # The menu stays as it is while a run goes on: it may be open.
        offered = tuple((each.id, each.name, each.about) for each in runs)
        if (shown, offered) != self._offered:
            self._offered = shown, offered
            self._fill_menu(offered)

    def show_about(self, text: str) -> None:
        """Say where the run stands."""
        if text != self.about.text():
            self.about.setText(text)
            self._share_room()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Give the legend what is left; where that is too little it goes."""
        taken = sum(each.sizeHint().width() for each in (self.name, self.save)) + 4 * self.layout().spacing()
        room, least = self.width() - taken - theme.px(10), self.legend.minimumSizeHint().width()
        self.legend.setVisible(room - least >= theme.px(ABOUT_ROOM))
        left = room - self.about.sizeHint().width()
        self.legend.setFixedWidth(min(max(left, least), self.legend.sizeHint().width()))

    @property
    def title(self) -> str:
        """What the shown run is called."""
        return "" if self._shown is None else self.tr("Run {name}").format(name=self._shown.name)

    def begin_naming(self) -> None:
        """Let another name be typed where the name stands."""
        if self._shown is not None:
            self.edit.setText(self._shown.name)
            self.name.hide()
            self.edit.show()
            self.edit.setFocus()
            self.edit.selectAll()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.edit.setText("")
            self._keep()
            return True
        return False

    def _keep(self) -> None:
        if self.edit.isHidden():
            return
        text = self.edit.text().strip()
        self.edit.hide()
        self.name.show()
        if text and self._shown is not None and text != self._shown.name:
            self.run_renamed.emit(self._shown.id, text)

    def _fill_menu(self, offered: Sequence[tuple[str, str, str]]) -> None:
        menu = self.name.menu()
        menu.clear()
        for id_, name, about in offered:
            action = menu.addAction(_plain(f"{name}   {about}".rstrip()))
            action.setCheckable(True)
            action.setChecked(self._shown is not None and id_ == self._shown.id)
            action.triggered.connect(lambda _checked, id_=id_: self.run_chosen.emit(id_))
        menu.addSeparator()
        menu.addAction(self.tr("Name…")).triggered.connect(self.begin_naming)
        menu.addAction(self.tr("Remove…")).triggered.connect(self._remove)

    def _remove(self) -> None:
        if self._shown is not None:
            self.remove_requested.emit(self._shown.id)

    def _name(self) -> None:
        text = self.title
        self.name.setFont(theme.font(13, 600))
        shown = self.name.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, theme.px(NAME_ROOM))
        if self.name.text() != _plain(shown):
            self.name.setText(_plain(shown))
            self.name.setAccessibleName(text)

    def _rescale(self) -> None:
        self.setFixedHeight(theme.px(HEIGHT))
        self.layout().setContentsMargins(theme.px(4), 0, theme.px(6), 0)
        self.layout().setSpacing(theme.px(8))
        self.name.setFixedHeight(theme.px(26))
        self.edit.setFixedSize(theme.px(NAME_ROOM), theme.px(26))
        self._name()
        self._share_room()


class Legend(QWidget):
    """What the lines mean: those of the shown run, and as many of the others as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        describe(self, "curvesLegend", self.tr("What the lines mean"), "")
        self._others: list[DrawnRun] = []

    def show_runs(self, others: Sequence[DrawnRun]) -> None:
        """The runs that are drawn beside the one that is shown."""
        self._others = list(others)
        self.setAccessibleDescription(", ".join(text for _pen, text in self._items()))
        self.updateGeometry()
        self.update()

    def _items(self) -> list[tuple[QPen, str]]:
        colours = theme.palette()
        items = [
            (QPen(colours.muted, theme.px(2)), self.tr("training")),
            (QPen(colours.accent, theme.px(2)), self.tr("validation")),
        ]
        for run in self._others:
            text = self.tr("run {name}") if run.parent is None else self.tr("branch {name}")
            items.append((run_pen(run.number), f"{text.format(name=run.name)} {run.about}".rstrip()))
        return items

    def sizeHint(self) -> QSize:
        return QSize(round(sum(self._width(text) for _pen, text in self._items())), theme.px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(sum(self._width(text) for _pen, text in self._items()[:2])), theme.px(20))

    @staticmethod
    def _width(text: str) -> float:
        return min(QFontMetricsF(theme.font(12)).horizontalAdvance(text), theme.px(150)) + theme.px(SAMPLE + 20)

    def fitting(self) -> tuple[list[tuple[QPen, str]], int]:
        """The lines that are named, and how many are not for want of room."""
        items = self._items()
        for count in range(len(items), 2, -1):
            more = self._width(f"+{len(items) - count}") if count < len(items) else 0
            if sum(self._width(text) for _pen, text in items[:count]) + more <= self.width() + 1:
                return items[:count], len(items) - count
        return items[:2], len(items) - 2

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(12))
        self.draw(painter, QRectF(self.rect()))

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Write it at the right end of `room`."""
        items, left_out = self.fitting()
        width = sum(self._width(text) for _pen, text in items) + (self._width(f"+{left_out}") if left_out else 0)
        x = room.right() - width + theme.px(12)
        for pen, text in items:
            painter.setPen(pen)
            painter.drawLine(QLineF(x, room.center().y(), x + theme.px(SAMPLE), room.center().y()))
            x = self._write(painter, room, x + theme.px(SAMPLE + 6), text)
        if left_out:
            self._write(painter, room, x, f"+{left_out}")

    def _write(self, painter: QPainter, room: QRectF, x: float, text: str) -> float:
        """Write one of them, and tell where the next one begins."""
        ink: QColor = theme.palette().muted
        painter.setPen(ink)
        wide = self._width(text) - theme.px(SAMPLE + 20)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(wide) + 1)
        painter.drawText(QRectF(x, room.top(), wide + 2, room.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        return x + wide + theme.px(14)


def _plain(text: str) -> str:
    """`text` as a menu or a button shows it: "&" is no mark of a key."""
    return text.replace("&", "&&")
