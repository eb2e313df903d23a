"""Writes the number of a map that is a single pixel over it: a flat square alone says little."""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter

from viewer import theme
from viewer.pages.layers.figures import FIGURES, value_text
from viewer.painting import Bytes
from viewer.panes.values import DARK, LIGHT, wants_dark_ink

SMALLEST, LARGEST, MARGIN = 8, 13, 2


def write_value(painter: QPainter, value: float, image: Bytes, rect: QRect) -> None:
    """Write `value` over `image` in `rect`, as large as fits, if it can then be read."""
    text, font = value_text(value, FIGURES), theme.font(LARGEST, 500)
    room = rect.width() - 2 * theme.px(MARGIN)
    size = min(font.pixelSize(), int(font.pixelSize() * room / QFontMetricsF(font).horizontalAdvance(text)))
    if size < theme.px(SMALLEST):
        return
    font.setPixelSize(size)
    painter.setFont(font)
    painter.setPen(DARK if wants_dark_ink(image)[0, 0] else LIGHT)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
