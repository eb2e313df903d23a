"""Arrows over a magnified picture: where the gradient points, and how strong it is."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from viewer import theme
from viewer.panes.link import Transform

SMALLEST_CELL = 24.0
"""Screen pixels that a picture pixel takes from which arrows are drawn."""
LONGEST = 0.92
SHORTEST = 0.12
"""Lengths in cells; a gradient that is there but too short to point is drawn at the shortest."""
HEAD = 0.3


class ArrowField(msgspec.Struct, frozen=True, eq=False):
    """A gradient to draw.

    Attributes
    ----------
    gx, gy, magnitude : ndarray, (H', W')
        A magnitude of 0 has no direction and is drawn as a dot, one that is not finite not at all.
    rect : QRectF
        What they cover in the scene.
    reach : float
        The magnitude of the longest arrow.
    """

    gx: NDArray[Any]
    gy: NDArray[Any]
    magnitude: NDArray[Any]
    rect: QRectF
    reach: float


class Drawn(msgspec.Struct, frozen=True):
    """Arrows in device pixels, and dots where there is no direction."""

    shafts: tuple[QLineF, ...]
    dots: tuple[QPointF, ...]


def cell_size(field: ArrowField, scale: float) -> float:
    """The smaller side of one value's cell in device pixels."""
    rows, columns = field.gx.shape
    return min(field.rect.height() / rows, field.rect.width() / columns) * scale


def visible(field: ArrowField, view: Transform, viewport: QRectF, ratio: float = 1.0) -> Drawn:
    """The arrows that lie in `viewport`, none while the cells are small."""
    cell = cell_size(field, view.scale)
    if cell < SMALLEST_CELL * ratio:
        return Drawn((), ())
    rows, columns = field.gx.shape
    high, wide = field.rect.height() / rows, field.rect.width() / columns
    first, last = view.to_scene(viewport.topLeft()), view.to_scene(viewport.bottomRight())
    top, bottom = _span(first.y(), last.y(), field.rect.top(), high, rows)
    left, right = _span(first.x(), last.x(), field.rect.left(), wide, columns)
    part = slice(top, bottom), slice(left, right)
    shafts, dots = [], []
    values = zip(field.gx[part].tolist(), field.gy[part].tolist(), field.magnitude[part].tolist(), strict=True)
    for i, row in enumerate(values, top):
        for j, (gx, gy, size) in enumerate(zip(*row, strict=True), left):
            middle = view.to_device(QPointF(field.rect.left() + (j + 0.5) * wide, field.rect.top() + (i + 0.5) * high))
            if size == 0:
                dots.append(middle)
            elif math.isfinite(size):
                shafts.append(_shaft(middle, gx, gy, cell * _length(size / field.reach)))
    return Drawn(tuple(shafts), tuple(dots))


def paint_arrows(painter: QPainter, field: ArrowField, view: Transform, viewport: QRectF, ratio: float) -> None:
    """Draw the arrows in sight; the painter counts device pixels, `ratio` of them to a logical pixel."""
    drawn = visible(field, view, viewport, ratio)
    if not drawn.shafts and not drawn.dots:
        return
    painter.save()
    painter.setClipRect(viewport)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    lines = [line for shaft in drawn.shafts for line in arrow(shaft.p1(), shaft.p2(), HEAD * shaft.length())]
    # A light line on a dark one shows on any picture.
    for colour, width in ((QColor(0, 0, 0, 170), 3.4 * ratio), (theme.palette().crosshair, 1.6 * ratio)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if lines:
            painter.drawLines(*lines)
        painter.setPen(QPen(colour, width + ratio, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if drawn.dots:
            painter.drawPoints(*drawn.dots)
    painter.restore()


def arrow(start: QPointF, tip: QPointF, head: float) -> list[QLineF]:
    """A shaft and the two strokes of its head."""
    shaft = QLineF(start, tip)
    lines = [shaft]
    for turn in (150.0, 210.0):
        stroke = QLineF.fromPolar(head, shaft.angle() + turn)
        lines.append(QLineF(tip, tip + stroke.p2()))
    return lines


def _length(share: float) -> float:
    return float(np.clip(share, 0.0, 1.0)) * (LONGEST - SHORTEST) + SHORTEST


def _shaft(middle: QPointF, gx: float, gy: float, length: float) -> QLineF:
    size = math.hypot(gx, gy)
    half = QPointF(gx / size, gy / size) * (length / 2)
    return QLineF(middle - half, middle + half)


def _span(first: float, last: float, start: float, step: float, count: int) -> tuple[int, int]:
    """Which cells of an axis lie between two scene positions."""
    begin = max(0, min(count, math.floor((first - start) / step)))
    return begin, max(begin, min(count, math.ceil((last - start) / step)))
