"""What a stage does, as a small drawing: the curve of an activation, or a window that becomes one pixel."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewer import theme

CURVES: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(0.0, x),
    "leaky-relu": lambda x: x if x > 0 else 0.2 * x,
    "sigmoid": lambda x: 1 / (1 + math.exp(-5 * x)),
    "tanh": lambda x: math.tanh(2.5 * x),
}
"""Over [-1, 1]; a leak is drawn larger than it is, so that it is seen."""
POOL = "pool"
CURVE, POOLED = 36, 62
STEPS = 32


def glyph_width(name: str) -> int:
    """How wide a glyph is, in design pixels."""
    return POOLED if name == POOL else CURVE


def draw_glyph(painter: QPainter, name: str, room: QRectF, ink: QColor, line: QColor) -> None:
    """Draw the glyph `name` into `room`: what comes out in `ink`, axes and grid in `line`; nothing for other names."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if name == POOL:
        _draw_pool(painter, room, ink, line)
    elif name in CURVES:
        _draw_curve(painter, CURVES[name], room, ink, line)


def _draw_curve(painter: QPainter, curve: Callable[[float], float], room: QRectF, ink: QColor, line: QColor) -> None:
    points = _points(curve)
    heights = [y for _x, y in points]
    low, high = min(-0.25, *heights), max(heights)
    inside = room.adjusted(theme.px(1), theme.px(3), -theme.px(1), -theme.px(3))

    def at(x: float, y: float) -> QPointF:
        across, up = (x + 1) / 2, (y - low) / (high - low)
        return QPointF(inside.left() + across * inside.width(), inside.bottom() - up * inside.height())

    painter.setPen(QPen(line, 1))
    # Thin lines are sharp in the middle of a pixel.
    across, down = (math.floor(each) + 0.5 for each in (at(0, 0).x(), at(0, 0).y()))
    painter.drawLine(QLineF(room.left(), down, room.right(), down))
    painter.drawLine(QLineF(across, room.top(), across, room.bottom()))
    pen = QPen(ink, theme.px(2))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF([at(x, y) for x, y in points]))


@lru_cache
def _points(curve: Callable[[float], float]) -> tuple[tuple[float, float], ...]:
    """The curve without the points that its straight pieces do without."""
    points = [(x, curve(x)) for x in (2 * step / STEPS - 1 for step in range(STEPS + 1))]
    bends = (b for a, b, c in zip(points, points[1:], points[2:], strict=False) if abs(a[1] - 2 * b[1] + c[1]) > 1e-9)
    return points[0], *bends, points[-1]


def _draw_pool(painter: QPainter, room: QRectF, ink: QColor, line: QColor) -> None:
    """Four pixels, an arrow, one pixel."""
    side, middle = theme.px(28), round(room.center().y())
    grid = QRectF(room.left() + 0.5, middle - side / 2 + 0.5, side, side)
    painter.setPen(QPen(line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(grid)
    painter.drawLine(QLineF(grid.left(), grid.center().y(), grid.right(), grid.center().y()))
    painter.drawLine(QLineF(grid.center().x(), grid.top(), grid.center().x(), grid.bottom()))
    draw_arrow(painter, QPointF(grid.right() + theme.px(5), middle), theme.px(9), line)
    one = theme.px(side / theme.scale() / 2)
    painter.fillRect(QRectF(room.right() - one, middle - one / 2, one, one), ink)


def draw_arrow(painter: QPainter, start: QPointF, length: float, ink: QColor) -> None:
    """An arrow to the right."""
    pen = QPen(ink, 1.4 * theme.scale())
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    tip, barb = start + QPointF(length, 0), min(theme.px(5), length * 0.4)
    painter.drawLine(QLineF(start, tip))
    for way in (-1, 1):
        painter.drawLine(QLineF(tip, tip + QPointF(-barb, way * barb)))
