"""The Stage: chips, three panes, what stands below them, and the way of the window."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.stage.cells import Cells
from viewer.pages.stage.views.chips import ChipBar
from viewer.pages.stage.views.close_up import CloseUp
from viewer.pages.stage.views.edit_bar import EditBar
from viewer.pages.stage.views.equation import Equation
from viewer.pages.stage.views.lines import Joint, Lines
from viewer.pages.stage.views.transport import Transport
from viewer.panes import PanesView
from viewer.panes.notice import Notice
from viewer.widgets import Label, describe, filled
from viewer.widgets.labels import ElidedLabel

HEADER, LEAST_BELOW = 36, 180
BELOW = (0.187, 0.302)
"""How high what stands below the pictures is, in widths and heights of the Stage, whichever is less."""
SHARES = (392, 582, 392)
SMALLEST = (1000, 600)
ANSWERS = frozenset("0123456789.-\N{MINUS SIGN}")
"""How a number that is typed begins."""


class StageWorkspace(QWidget):
    """Lays out the views of the Stage; each is wired by its own control."""

    space_pressed = pyqtSignal()
    escape_pressed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "stage", self.tr("Stage"), "")
        self.setProperty("stage", True)
        self.bar, self.equation = ChipBar(), Equation()
        self.close_up = CloseUp("closeUp", self.tr("Close-up of the picture"), self.tr("Each pixel and its weight"))
        self.panes = PanesView(prefix="stage", between=self._middle())
        self.output_close_up = CloseUp(
            "outputCloseUp",
            self.tr("Close-up of the output"),
            self.tr("The output pixels around"),
            self.panes.output,
            floats=True,
        )
        self.below = QStackedWidget()
        self.transport = Transport()  # last: Tab goes from above to below
        self._lower: dict[str, QWidget] = {}
        self.lines = Lines(self)
        filled(QVBoxLayout(self), self.bar, self.panes, 1, self.below, self.transport, spacing=0)
        self._marks = QRectF(), QRectF(), False
        self._notice = Notice(self.close_up)
        tr = self.tr
        self.transport.offer_below([
            ("arithmetic", tr("Arithmetic"), tr("Where the number comes from")),
            ("profile", tr("Profile"), tr("Values of input and output along a line")),
            ("shapes", tr("Shapes"), tr("Sizes of input, padding, kernel and output")),
            ("repeat", tr("Repeat"), tr("The kernel applied again and again")),
            ("borders", tr("Borders"), tr("What another border would change")),
        ])  # fmt: skip
        self.add_below("arithmetic", self.equation)
        for pane in self.panes.panes:
            pane.link.changed.connect(self._place)
            pane.installEventFilter(self)
        for close_up in (self.close_up, self.output_close_up):
            close_up.installEventFilter(self)
        theme.follow(self._resize)

    def _middle(self) -> QWidget:
        middle = QWidget()
        self._header = QWidget()
        self._header.setProperty("panel", True)
        self._header.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._caption = ElidedLabel("muted")
        self.edit_bar = EditBar()
        row = filled(
            QHBoxLayout(self._header), Label(self.tr("Close-up"), "title"), self._caption, 1, self.edit_bar, spacing=8
        )
        row.setContentsMargins(12, 0, 0, 0)
        filled(QVBoxLayout(middle), self._header, self.close_up, 1, spacing=0)
        return middle

    def show_caption(self, text: str) -> None:
        """What is said beside “Close-up”."""
        self._caption.setText(text)

    def add_below(self, name: str, view: QWidget) -> None:
        """Have a view that may stand below the pictures."""
        self._lower[name] = view
        self.below.addWidget(view)

    def show_below(self, name: str) -> None:
        """Let that stand below the pictures."""
        self.below.setCurrentWidget(self._lower[name])

    def show_close_ups(self, source: Cells | None, output: Cells | None) -> None:
        """The pixels around the window, and those around the output pixel."""
        self.close_up.show_cells(source)
        self.output_close_up.show_cells(output)
        self.output_close_up.setVisible(output is not None)
        self._place()

    def join_close_ups(self, source: QRectF, output: QRectF, *, at_top: bool) -> None:
        """The close-ups are of these parts of the scene; that of the output stands at the top or at the bottom."""
        self._marks = source, output, at_top
        self._place()

    def fold(self, folded: bool) -> None:
        """There is nothing at the sides."""

    # -- where things are ------------------------------------------------------------------------------------------

    def eventFilter(self, watched, event) -> bool:
        if event.type() == QEvent.Type.Resize and watched in self.panes.panes:
            self._place()
        return event.type() == QEvent.Type.KeyPress and self._answers(event)

    def _answers(self, event: QKeyEvent | None) -> bool:
        """Whether a key begins an answer while one is asked for; elsewhere it might zoom."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        if not (plain and event.text() and event.text() in ANSWERS and self.equation.is_asking):
            return False
        self.equation.begin_answer(event.text())
        return True

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        # What has no use for these keys lets them come here.
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.space_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
        elif event is not None and not self._answers(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.lines.setGeometry(self.rect())
        self._place()

    def _resize(self) -> None:
        self._header.setFixedHeight(theme.px(HEADER))
        for pane in self.panes.panes:
            pane.set_header_height(HEADER)
        self.panes.set_shares([theme.px(each) for each in SHARES])
        self._place()

    def _place(self) -> None:
        """Put the output's close-up where it is least in the way, and draw the lines."""
        pane, (source, output, at_top) = self.panes.output, self._marks
        room = pane.viewport().toRect()
        margin, rows, columns = theme.px(12), 3, 7
        side = min((room.width() - 2 * margin) // columns, round(0.42 * room.height()) // rows)
        wide, high = side * columns, side * rows
        top = room.top() + margin if at_top else room.bottom() - margin - high
        self.output_close_up.setGeometry(QRect(room.center().x() - wide // 2, top, wide, high))
        self.below.setFixedHeight(self._below_height())
        joined: list[Joint] = []
        if not source.isEmpty() and self.close_up.cells is not None:
            joined.append((self._mapped(self.panes.input, source), self._rect_of(self.close_up), "right"))
        if not output.isEmpty() and self.output_close_up.isVisible():
            large = self._rect_of(self.output_close_up)
            joined.append((self._mapped(pane, output), large, "above" if at_top else "below"))
        self.lines.show_lines([joint for joint in joined if not joint[0].isEmpty()])
        self._say_what_is_needed()

    def _say_what_is_needed(self) -> None:
        width, height = SMALLEST
        is_small = self.width() < width or self.height() < height
        sentence = self.tr("The Stage needs a window of at least {width} × {height}.")
        self._notice.say(sentence.format(width=width, height=height) if is_small else "", "warning")
        self._notice.place(self.close_up.rect(), low=True)
        self._notice.raise_()

    def _below_height(self) -> int:
        across, down = (share * size for share, size in zip(BELOW, (self.width(), self.height()), strict=True))
        return max(theme.px(LEAST_BELOW), round(min(across, down)))

    def _mapped(self, pane, scene: QRectF) -> QRectF:
        """A part of the scene as it stands in this widget, as far as the pane shows it."""
        first, last = pane.position_of(scene.top(), scene.left()), pane.position_of(scene.bottom(), scene.right())
        corner = pane.mapTo(self, first.toPoint())
        found = QRectF(corner.x(), corner.y(), max(1.0, last.x() - first.x()), max(1.0, last.y() - first.y()))
        return found.intersected(pane.viewport().translated(QPointF(pane.mapTo(self, QPoint(0, 0)))))

    def _rect_of(self, widget: CloseUp) -> QRectF:
        rect = widget.grid_rect()
        return QRectF(QPointF(widget.mapTo(self, rect.topLeft().toPoint())), rect.size())
