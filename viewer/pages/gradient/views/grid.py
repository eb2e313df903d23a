"""All panes of the gradient in a grid that makes the picture as large as the room allows, or one of them alone."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QMenu, QWidget

from viewer import theme
from viewer.pages.gradient.views.pane import GradientPane
from viewer.pages.gradient.views.rose import RosePane
from viewer.panes import PaneLink
from viewer.panes.notice import Notice
from viewer.panes.pair import Panes
from viewer.panes.title_row import HEIGHT

PICTURES = ("picture", "response", "gx", "gy", "magnitude", "direction", "edges")
ROSE = "rose"
GAP = 2
WORTH = 0.92
"""A grid with fewer empty cells is taken if it draws the picture at least this share as large."""

_ORDERS = {
    2: ("picture", "response", "gx", "gy", "magnitude", "direction", "edges", "rose"),
    3: ("picture", "gx", "gy", "response", "magnitude", "direction", "edges", "rose"),
    4: ("picture", "gx", "gy", "magnitude", "response", "direction", "edges", "rose"),
}


class PaneGrid(Panes):
    """The panes of the gradient, and the rose."""

    double_clicked = pyqtSignal()  # before the pane is maximised
    maximise_requested = pyqtSignal(str)  # empty for all panes
    save_requested = pyqtSignal(str, str)  # pane, "shown" or "raw"
    copy_requested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gradientPanes")
        self.link = PaneLink(self)
        self.clicked.connect(self._use)
        self.panes = {name: self._make_pane(name, title) for name, title in self._titles().items()}
        self.rose = RosePane(self)
        self.rose.maximise_requested.connect(lambda: self._toggle(ROSE))
        self.rose.menu_requested.connect(lambda where: self._show_menu(ROSE, where))
        self._maximised = ""
        self._hidden = {"response"}
        self.current = "magnitude"
        self.menu = QMenu(self)
        self.menu.setObjectName("gradientPanesMenu")
        self.panes["picture"].set_title(self.tr("Picture"))
        self.panes["picture"].set_message(self.tr("Open a picture or drop one here"))
        self.notice = Notice(self)
        self.notice.label.setObjectName("gradientMessage")
        self.clear()
        theme.follow(self._arrange)

    def _titles(self) -> dict[str, str]:
        return {
            "picture": self.tr("Picture"),
            "response": self.tr("Response of the learned filter"),
            "gx": self.tr("Gx, growing to the right"),
            "gy": self.tr("Gy, growing downwards"),
            "magnitude": self.tr("Magnitude"),
            "direction": self.tr("Direction"),
            "edges": self.tr("Thin edges"),
        }

    def _first_titles(self) -> dict[str, tuple[str, str]]:
        return {
            "gx": (self.tr("Gx"), self.tr("growing to the right")),
            "gy": (self.tr("Gy"), self.tr("growing downwards")),
            "magnitude": (self.tr("Magnitude"), ""),
            "direction": (self.tr("Direction"), ""),
            "edges": (self.tr("Thin edges"), ""),
        }

    @property
    def maximised(self) -> str:
        """The pane that has all the room; empty when all share it."""
        return self._maximised

    def set_maximised(self, name: str) -> None:
        """Give all the room to one pane, or to all of them again."""
        name = name if name in self._shown_names() else ""
        if name == self._maximised:
            return
        self._maximised = name
        if name:
            self.current = name if name != ROSE else self.current
        for each in (*PICTURES, ROSE):
            self.tile(each).buttons.back.setVisible(each == name)
        self._arrange()

    def set_response_visible(self, visible: bool) -> None:
        """Give the learned filter's response a place, or take it away."""
        if visible == ("response" in self._hidden):
            self._hidden ^= {"response"}
            if not visible and self._maximised == "response":
                self.set_maximised("")
            self._arrange()

    def clear(self) -> None:
        """Show nothing in the panes of the gradient."""
        for name, (title, facts) in self._first_titles().items():
            self.panes[name].set_title(title, origin=facts)
            self.panes[name].set_sheet(None)
        self.panes["direction"].set_message("")
        self.rose.clear()

    def show_failure(self, sentence: str) -> None:
        """Say over all panes why there is no newer gradient: of one pane it might be cut, or it out of sight."""
        self.notice.say(sentence, "error")
        self.notice.raise_()
        self.notice.place(self.rect(), low=True)

    def set_content(self, rect: QRectF) -> None:
        """What there is to see, in the scene."""
        self.link.set_content(rect)
        self._arrange()

    def tile(self, name: str) -> GradientPane | RosePane:
        """The pane, or the rose, called `name`."""
        return self.rose if name == ROSE else self.panes[name]

    def _shown_names(self) -> list[str]:
        return [name for name in (*PICTURES, ROSE) if name not in self._hidden]

    def _arrange(self) -> None:
        names = self._shown_names()
        content = self.link.content
        aspect = content.width() / content.height() if not content.isEmpty() else 1.5
        if self._maximised:
            places = {self._maximised: self.rect()}
        else:
            columns = best_columns(len(names), self.width(), self.height(), aspect, theme.px(HEIGHT))
            order = [name for name in _ORDERS.get(columns, _ORDERS[4]) if name in names]
            places = dict(zip(order, cells(len(order), columns, self.rect(), theme.px(GAP)), strict=True))
        for name in (*PICTURES, ROSE):
            tile = self.tile(name)
            if name in places:
                tile.setGeometry(places[name])
            tile.setVisible(name in places)
        self.notice.place(self.rect(), low=True)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(704), theme.px(690))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(240))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        QPainter(self).fillRect(self.rect(), theme.palette().line)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.key() == Qt.Key.Key_Escape and self._maximised:
            self.maximise_requested.emit("")
            return
        super().keyPressEvent(event)

    def _make_pane(self, name: str, title: str) -> GradientPane:
        keys = self.tr("wheel or pinch zooms, a drag pans, a click pins the pixel, a double click maximises")
        tip = f"{title}: {keys}"
        if name == "picture":
            tip += "; " + self.tr("arrows show the gradient once the pixels are large")
        pane = GradientPane(f"gradient{name.capitalize()}Pane", title, tip, self.link, self)
        self.join(name, pane)
        pane.maximise_requested.connect(lambda: self._toggle(name))
        pane.double_clicked.connect(lambda: self._double_click(name))
        pane.menu_requested.connect(lambda where: self._show_menu(name, where))
        return pane

    def _use(self, name: str, _y: float, _x: float) -> None:
        self.current = name

    def _double_click(self, name: str) -> None:
        self.double_clicked.emit()
        self._toggle(name)

    def _toggle(self, name: str) -> None:
        self.maximise_requested.emit("" if self._maximised == name else name)

    def _show_menu(self, name: str, where: QPoint) -> None:
        self.fill_menu(name)
        self.menu.popup(where)

    def fill_menu(self, name: str) -> None:
        """Offer what can be done with the pane `name`."""
        self.menu.clear()
        alone = self._maximised == name
        self._add(
            self.tr("Back to all panes") if alone else self.tr("Maximise"), "Maximise", lambda: self._toggle(name)
        )
        self.menu.addSeparator()
        able = name == ROSE or self.panes[name].sheet is not None
        self._add(self.tr("Save as shown…"), "SaveShown", lambda: self.save_requested.emit(name, "shown"), able)
        if name != ROSE:
            self._add(self.tr("Save raw values…"), "SaveRaw", lambda: self.save_requested.emit(name, "raw"), able)
        self._add(self.tr("Copy as shown"), "Copy", lambda: self.copy_requested.emit(name), able)
        if name != ROSE:
            self.menu.addSeparator()
            self._add(self.tr("Fit"), "Fit", self.link.fit)
            self._add(self.tr("1:1"), "Actual", lambda: self.link.zoom_to(1.0))

    def _add(self, text: str, name: str, run: object, able: bool = True) -> None:
        action = self.menu.addAction(text)
        action.setObjectName(f"gradientPane{name}")
        action.setEnabled(able)
        action.triggered.connect(lambda _checked=False: run())  # type: ignore[operator]


def best_columns(count: int, width: int, height: int, aspect: float, header: int) -> int:
    """How many columns show `count` pictures of `aspect` (width / height) largest, each below a header."""

    def scale(columns: int) -> float:
        rows = math.ceil(count / columns)
        return max(0.0, min(width / columns / aspect, height / rows - header))

    def empty(columns: int) -> int:
        return math.ceil(count / columns) * columns - count

    choices = range(1, count + 1)
    largest = max(scale(columns) for columns in choices)
    good = [columns for columns in choices if scale(columns) >= WORTH * largest]
    return min(good, key=lambda columns: (empty(columns), -scale(columns)))


def cells(count: int, columns: int, room: QRect, gap: int) -> list[QRect]:
    """Divide `room` into `count` cells, row by row; the last one takes what is left of its row."""
    rows = math.ceil(count / columns)
    places = []
    for number in range(count):
        row, column = divmod(number, columns)
        left, right = _edges(room.width(), columns, column, gap)
        top, bottom = _edges(room.height(), rows, row, gap)
        if number == count - 1:
            right = room.width()
        places.append(QRect(room.left() + left, room.top() + top, right - left, bottom - top))
    return places


def _edges(length: int, parts: int, number: int, gap: int) -> tuple[int, int]:
    whole = length + gap
    return round(number * whole / parts), round((number + 1) * whole / parts) - gap
