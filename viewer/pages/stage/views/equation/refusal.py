"""The sentence that says why a number was not taken."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.pages.stage.views.equation.plan import type_of
from viewer.widgets import describe


class Refusal(QWidget):
    """One line below the products, in front of what else stands there; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "equationMessage", "", "")
        self._sentence, self._size = "", 16.0
        self.hide()

    def say(self, sentence: str) -> None:
        """Say `sentence`; an empty one takes it back."""
        self._sentence = sentence
        self.setAccessibleName(sentence)
        self.setToolTip(sentence)
        self.setVisible(bool(sentence))
        self.raise_()
        self.update()

    def text(self) -> str:
        """What is said."""
        return self._sentence

    def place(self, rect: QRectF, size: float) -> None:
        """Stand in `rect` with type of this size."""
        self._size = size
        self.setGeometry(rect.toAlignedRect())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.palette().panel)
        painter.setFont(type_of(self._size, 500))
        painter.setPen(theme.palette().error)
        shown = painter.fontMetrics().elidedText(self._sentence, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)
