"""The field in which the value of one pixel is typed, over that pixel."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QLineEdit, QWidget

from kernels.kernel.text import parse_number
from viewer import theme
from viewer.theme import repolish
from viewer.widgets import PlainToolTip, describe

WIDTH, HEIGHT, TYPE = 84, 36, 18
Key = Qt.Key
WAYS = {
    Key.Key_Return: (0, 0), Key.Key_Enter: (0, 0), Key.Key_Up: (-1, 0), Key.Key_Down: (1, 0), Key.Key_Left: (0, -1),
    Key.Key_Right: (0, 1), Key.Key_Tab: (0, 1), Key.Key_Backtab: (0, -1),
}  # fmt: skip
"""Where the keys that end the typing lead: rows down, columns to the right."""


class PixelEdit(PlainToolTip, QLineEdit):
    """Opens with the first key that is typed; Enter, Tab and the arrow keys commit, Escape closes.

    ``committed`` carries the number, and the rows down and columns to the right that the key leads to; it closes unless
    it is marked meanwhile. ``refused`` says why a text is no number.
    """

    committed = pyqtSignal(float, int, int)
    refused = pyqtSignal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        tip = self.tr("A number; Enter sets the pixel, the arrow keys lead on to the next, Escape leaves it as it was")
        self._tip, self._is_open, self._is_marked = tip, False, False
        describe(self, "pixelEdit", self.tr("Value of the pixel"), tip)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether a value is being typed."""
        return self._is_open

    @property
    def is_marked(self) -> bool:
        """Whether the text was refused."""
        return self._is_marked

    def open(self, text: str) -> None:
        """Begin with what was typed already."""
        self._mark("")
        self._is_open = True
        self.setFont(theme.font(TYPE))
        self.setText(text)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.deselect()
        self.end(False)

    def place(self, cell: QRectF, room: QRectF) -> None:
        """Stand over `cell`, inside `room`."""
        area = QRectF(0, 0, min(theme.px(WIDTH), room.width()), min(theme.px(HEIGHT), room.height()))
        area.moveCenter(cell.center())
        left = min(max(area.left(), room.left()), room.right() - area.width())
        top = min(max(area.top(), room.top()), room.bottom() - area.height())
        area.moveTopLeft(QPointF(left, top))
        self.setGeometry(area.toRect())

    def close_field(self) -> None:
        """Leave the pixel as it is."""
        self._is_open = False
        if self.hasFocus():
            self.parentWidget().setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()

    def refuse(self, sentence: str) -> None:
        """Stay open, marked: the number is none that the pixel can have."""
        self._mark(sentence)

    def _mark(self, sentence: str) -> None:
        changed, self._is_marked = bool(sentence) != self._is_marked, bool(sentence)
        self.setToolTip(sentence or self._tip)
        if changed:
            self.setProperty("invalid", self._is_marked)
            repolish(self)

    def _commit(self, down: int = 0, right: int = 0) -> None:
        self._mark("")
        try:
            value = parse_number(self.text())
        except ValueError as error:
            self._mark(str(error))
            self.refused.emit(str(error))
            return
        self.committed.emit(value, down, right)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                # Shortcuts of the window do not reach through a number that is being typed.
                event.accept()
                return True
            # Here rather than in keyPressEvent: Tab would not come there.
            if event.type() == QEvent.Type.KeyPress and self._act_on(Qt.Key(event.key())):
                return True
        return super().event(event)

    def _act_on(self, key: Qt.Key) -> bool:
        if key == Key.Key_Escape:
            self.close_field()
        elif key in WAYS:
            self._commit(*WAYS[key])
        else:
            return False
        return True

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        # The field's own menu gives the focus back.
        if self._is_open and event.reason() != Qt.FocusReason.PopupFocusReason:
            self._commit()
            self._is_open = False
            self.hide()
