"""A small window below a button, with fields and buttons and a sentence where something is not possible."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, Message, NumberEdit, ToolButton, describe, filled

WIDTH, MARGIN, GAP, TYPE = 368, 14, 8, 16
"""Design pixels."""


def set_type(widget: QWidget, size: float) -> None:
    """Write everything in `widget` in type of so many design pixels."""
    for each in (widget, *widget.findChildren(QWidget)):
        each.setFont(theme.font(size))


class Popover(QFrame):
    """Opens below the button `anchor`, whose name is its title.

    Enter does what its main button does, Escape or a click elsewhere closes it.
    """

    def __init__(self, object_name: str, anchor: QWidget) -> None:
        super().__init__(anchor, Qt.WindowType.Popup)
        title = anchor.accessibleName()
        describe(self, object_name, title, "")
        # A click on the button that opened it closes it, and does not open it again.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)
        self._anchor = anchor
        self._refusals: dict[NumberEdit, str] = {}
        self._ask: Callable[[], object] = self.close
        self._message = Message(f"{object_name}Message")
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        self._column = QVBoxLayout(self)
        self._title = Label(title)
        for part in (self._title, self._grid, self._message, self._buttons):
            self._column.addWidget(part) if isinstance(part, QWidget) else self._column.addLayout(part)
        theme.notifier().changed.connect(self._resize)

    # -- what it is made of ----------------------------------------------------------------------------------------

    def _add_row(self, label: str, *fields: QWidget) -> Label:
        """A row of the form; returns its label."""
        row, shown = self._grid.rowCount(), Label(label)
        shown.setBuddy(fields[0])
        self._grid.addWidget(shown, row, 0)
        self._grid.addLayout(filled(QHBoxLayout(), *fields, spacing=theme.px(GAP)), row, 1)
        return shown

    def _watch(self, field: NumberEdit) -> NumberEdit:
        """Say why a text in `field` is no number."""
        field.rejected.connect(lambda sentence: self._refuse(field, sentence))
        field.committed.connect(lambda _value: self._refuse(field, ""))
        self._refusals[field] = ""
        return field

    def _add_button(self, button: ToolButton, run: Callable[[], None], *, main: bool = False) -> None:
        """A button at the foot; the main one is also what Enter presses."""
        button.clicked.connect(lambda: run())
        self._buttons.addWidget(button)
        if main:
            button.setProperty("primary", True)
            self._ask = run

    # -- what it does ----------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Show it below its button, ready for the first number."""
        self.show_error("")
        self._resize()
        self.show()
        for first in list(self._refusals)[:1]:
            first.setFocus(Qt.FocusReason.PopupFocusReason)
            first.selectAll()

    def show_error(self, sentence: str) -> None:
        """Say what is not possible and stay open; with an empty sentence, say nothing."""
        self._message.show_error(sentence)
        self._fit()

    def _is_readable(self) -> bool:
        """Whether all fields hold numbers; else say what is wrong with the first that does not."""
        for field in self._refusals:
            field.editingFinished.emit()  # a number still being typed counts
        wrong = next((each for field, each in self._refusals.items() if field.property("invalid")), "")
        self.show_error(wrong)
        return not wrong

    def _refuse(self, field: NumberEdit, sentence: str) -> None:
        self._refusals[field] = sentence
        self.show_error(sentence)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    # -- how it looks ----------------------------------------------------------------------------------------------

    def _resize(self) -> None:
        margin, gap = theme.px(MARGIN), theme.px(GAP)
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._column.setSpacing(gap)
        self._grid.setSpacing(gap)
        set_type(self, TYPE)
        self._title.setFont(theme.font(TYPE, 600))
        # Its words have a size of their own in the style sheet.
        self._message.setStyleSheet(f"font-size: {theme.px(TYPE)}px;")
        self.setFixedWidth(theme.px(WIDTH))
        self._fit()

    def _fit(self) -> None:
        """Be as high as the rows are, below the button as far as the screen has room."""
        self._column.activate()
        width = theme.px(WIDTH)
        height = max(self._column.totalHeightForWidth(width), self._column.totalMinimumSize().height())
        corner = self._anchor.mapToGlobal(QPoint(0, self._anchor.height() + theme.px(4)))
        screen = self._anchor.screen()
        if screen is not None:
            room = screen.availableGeometry()
            corner.setX(max(room.left(), min(corner.x(), room.right() - width)))
            corner.setY(max(room.top(), min(corner.y(), room.bottom() - height)))
        self.setGeometry(corner.x(), corner.y(), width, height)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        # A window of its own: the application's sheet does not draw its ground.
        colours, painter = theme.palette(), QPainter(self)
        painter.fillRect(self.rect(), colours.panel)
        painter.setPen(QPen(colours.muted, 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
