"""A number field that never shows half a number."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent

from viewer import theme
from viewer.widgets import NumberEdit, blocked, format_number


class FittedNumberEdit(NumberEdit):
    """Rounds what it shows until it fits; with the focus it shows the number in full, and so does its tool tip.

    ``restored`` says that Escape brought the last good number back.
    """

    restored = pyqtSignal()

    def set_value(self, value: float) -> None:
        super().set_value(value)
        self._show()

    def refuse(self, value: float, sentence: str) -> None:
        """Keep the text that was typed, marked, beside the `value` that still holds and that Escape brings back."""
        text = self.text()
        self.set_value(value)
        with blocked(self):
            self.setText(text)
        self.setModified(True)
        self.set_error(sentence)

    def _show(self) -> None:
        if self.isModified() or self.text() != self._shown:
            return
        text = format_number(self._value, 7) if self.hasFocus() else self._fitted()
        with blocked(self):
            self.setText(text)
            self.setCursorPosition(0)
        self._shown = self.text()
        exact = format_number(self._value, 15)
        self.setToolTip(self._tool_tip if text == exact else f"{self._tool_tip}\n{exact}")

    def _fitted(self) -> str:
        room = self.width() - theme.px(7) * 2 - 4
        texts = [format_number(self._value, 7), *(format_number(self._value, digits) for digits in (5, 4, 3))]
        texts += [f"{self._value:.{digits}e}".replace("e+0", "e").replace("e-0", "e-") for digits in (2, 1, 0)]
        texts = [text.replace("-", "\u2212") for text in texts]
        return next((text for text in texts if self.fontMetrics().horizontalAdvance(text) <= room), texts[-1])

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        drafted = self.isModified()
        super().keyPressEvent(event)
        if event.key() == Qt.Key.Key_Escape and drafted:
            self.restored.emit()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self._show()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self._show()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._show()
