"""The gold line through curves, film strip and timeline."""

from __future__ import annotations

from PyQt6.QtCore import QLineF
from PyQt6.QtGui import QPainter, QPen

from viewer import theme


def draw_cursor(painter: QPainter, x: float, top: float, bottom: float) -> None:
    """Draw it from `top` to `bottom`, sharp: whoever draws a part of it has it at the same pixel."""
    painter.setPen(QPen(theme.palette().crosshair, max(1, theme.px(1))))
    painter.drawLine(QLineF(int(x) + 0.5, top, int(x) + 0.5, bottom))
