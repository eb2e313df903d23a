"""A label whose text grows smaller rather than being cut off: half a number would be a wrong number."""

from __future__ import annotations

import math

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.widgets import Label


class FittingLabel(Label):
    """One line of type `largest` pixels high; where there is no room, others give way until it is `smallest`."""

    def __init__(self, largest: int, smallest: int, weight: int, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        self._largest, self._smallest, self._weight = largest, smallest, weight
        self._ink = ""

    def show_text(self, text: str, ink: str = "text") -> None:
        """Show `text` in a colour of the palette."""
        if (text, ink) != (self.text(), self._ink):
            self._ink = ink
            self.setText(text)
            self.update()

    def shown_size(self) -> int:
        """The height of type in pixels at the present width."""
        sizes = range(theme.px(self._largest), theme.px(self._smallest), -1)
        return next((each for each in sizes if self._size(each).width() <= self.width()), theme.px(self._smallest))

    def sizeHint(self) -> QSize:
        return self._size(theme.px(self._largest))

    def minimumSizeHint(self) -> QSize:
        return self._size(theme.px(self._smallest))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setFont(self._font(self.shown_size()))
        ink: QColor = getattr(theme.palette(), self._ink or "text")
        painter.setPen(ink)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def _font(self, pixels: int) -> QFont:
        made = theme.font(weight=self._weight)
        made.setPixelSize(pixels)
        return made

    def _size(self, pixels: int) -> QSize:
        """The room that the text takes in type of that height."""
        metrics = QFontMetricsF(self._font(pixels))
        return QSize(math.ceil(metrics.horizontalAdvance(self.text())) + 1, math.ceil(metrics.height()))
