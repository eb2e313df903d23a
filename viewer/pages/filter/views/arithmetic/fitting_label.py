"""A label whose text grows smaller rather than being cut off: half a number would be a wrong number."""

from __future__ import annotations

import math

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QFontMetricsF, QResizeEvent
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.widgets import Label


class FittingLabel(Label):
    """One line of type `largest` pixels high; where there is no room, others give way until it is `smallest`."""

    def __init__(self, role: str, largest: int, smallest: int, parent: QWidget | None = None) -> None:
        super().__init__("", role, parent)
        self._largest, self._smallest = largest, smallest
        self._ink = self._style = ""

    def show_text(self, text: str, ink: QColor | None = None) -> None:
        """Show `text`, in the colour `ink` or that of other labels."""
        self._ink = "" if ink is None else f"color: {ink.name()}; "
        self.setText(text)
        self._fit()

    def sizeHint(self) -> QSize:
        return self._size(theme.px(self._largest))

    def minimumSizeHint(self) -> QSize:
        return self._size(theme.px(self._smallest))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def _size(self, pixels: int) -> QSize:
        """The room that the text takes in type of that height; the same whatever it is set in now."""
        font = self.font()
        font.setPixelSize(pixels)
        metrics = QFontMetricsF(font)
        return QSize(math.ceil(metrics.horizontalAdvance(self.text())) + 1, math.ceil(metrics.height()))

    def _fit(self) -> None:
        self.ensurePolished()
        sizes = range(theme.px(self._largest), theme.px(self._smallest), -1)
        size = next((each for each in sizes if self._size(each).width() <= self.width()), theme.px(self._smallest))
        style = f"{self._ink}font-size: {size}px"
        if style != self._style:
            self._style = style
            self.setStyleSheet(style)
