"""A small curve of an activation, with the point on it that is the number."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen, QPolygonF

from viewer import theme
from viewer.pages.layers.views.arithmetic.content import Curve

POINTS = 161
LEAST, MOST = 2.0, 6.0
"""How far the curve reaches on each side of 0; farther where the point lies farther out."""


def paint_curve(painter: QPainter, curve: Curve, room: QRectF, unit: float) -> None:
    """Draw axes, curve and point into `room`; lines are `unit` wide."""
    colours = theme.palette()
    x, y = (each if math.isfinite(each) else 0.0 for each in (curve.x, curve.y))
    reach = max(abs(x) * 1.25, LEAST if abs(x) < LEAST else MOST)
    across = np.linspace(-reach, reach, POINTS)
    with np.errstate(all="ignore"):
        up = np.asarray(curve.function(across), float)
    low, high = min(float(up.min()), y, 0.0), max(float(up.max()), y, 0.0)
    margin = 0.12 * (high - low or 1.0)
    low, high = low - margin, high + margin

    def place(at: float, height: float) -> QPointF:
        return QPointF(
            room.left() + (at + reach) / (2 * reach) * room.width(),
            room.bottom() - (height - low) / (high - low) * room.height(),
        )

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours.line, unit))
    painter.setBrush(colours.ground)
    painter.drawRoundedRect(room, 6 * unit, 6 * unit)
    painter.setPen(QPen(colours.faint, unit))
    painter.drawLine(place(-reach, 0.0), place(reach, 0.0))
    painter.drawLine(place(0.0, low), place(0.0, high))
    painter.setPen(QPen(colours.text, 2.2 * unit, join=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([place(*each) for each in zip(across.tolist(), up.tolist(), strict=True)]))
    at = place(x, y)
    painter.setPen(QPen(colours.crosshair, unit, Qt.PenStyle.DashLine))
    painter.drawLine(place(x, 0.0), at)
    painter.drawLine(place(0.0, y), at)
    painter.setPen(QPen(colours.panel, 2 * unit))
    painter.setBrush(colours.crosshair)
    painter.drawEllipse(at, 5.5 * unit, 5.5 * unit)
    painter.restore()
