"""How the lines of runs are drawn, so that people who see few colours tell them apart too: by colour and by dashes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QPen, QPolygonF

from viewer import theme

ON_DARK = ("#84f0cc", "#f19a56", "#f0546e", "#ccf084")
ON_LIGHT = ("#00594a", "#a8480c", "#8a1238", "#4a3a00")
"""Colours of the runs that are not looked at: apart in lightness too, and readable as text."""
DASHES = ((1.5, 2.0), (5.0, 2.5), (8.0, 2.5, 1.5, 2.5), (3.0, 1.5, 1.0, 1.5, 1.0, 1.5))
"""In widths of the line."""
FEW = 8
"""Above so many runs their lines are a pixel wide, which is drawn ten times as fast."""


def run_colour(number: int) -> QColor:
    """The colour of the run of that number."""
    colours = ON_DARK if theme.palette().is_dark else ON_LIGHT
    return QColor(colours[number % len(colours)])


def run_pen(number: int, width: float = 1.5) -> QPen:
    """Its pen: sixteen runs have one each."""
    pen = QPen(run_colour(number), theme.px(width * 10) / 10)
    pen.setDashPattern(DASHES[(number + number // len(ON_DARK)) % len(DASHES)])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def polygon(x: NDArray[np.float64], y: NDArray[np.float64]) -> QPolygonF:
    """Points for a line; those that are not finite are left out."""
    points = np.stack((x, y), axis=1)
    points = np.ascontiguousarray(points[np.isfinite(points).all(axis=1)])
    made = QPolygonF()
    if len(points):
        made.fill(QPointF(), len(points))
        # Two float64 each, as Qt holds them: thirty times quicker than point by point.
        held = made.data()
        held.setsize(points.nbytes)
        np.frombuffer(held, np.float64)[:] = points.ravel()  # type: ignore[call-overload]  # any buffer
    return made


def star(middle: QPointF, reach: float) -> QPolygonF:
    """A star with five points."""
    radii, turn = (reach, reach * 0.45), math.pi / 5
    return QPolygonF(
        QPointF(
            middle.x() + radii[each % 2] * math.sin(each * turn), middle.y() - radii[each % 2] * math.cos(each * turn)
        )
        for each in range(10)
    )
