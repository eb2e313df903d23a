"""Where virtual pixels come from: an arrow to the real pixel, or its place in words."""

from __future__ import annotations

import math
from collections.abc import Iterable

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewer.pages.stage.cells import Cells
from viewer.pages.stage.views.drawing import Place
from viewer.widgets.numbers import MINUS

# Shares of a cell.
DOWN, ACROSS = (0.34, 0.045), (0.43, 0.03)
"""From the middle of a cell to the lane of the shortest arrows; by how much less with every cell that one is longer."""
START, END = 0.3, 0.26
HEAD, LINE, DOT, HALO = 0.15, 0.032, 0.045, 0.025


def origin(cells: Cells, row: int, column: int) -> Place | None:
    """The pixel (y, x) that a virtual pixel is read from; None for a real one and for the constant border value."""
    y, x = cells.origins[row, column].tolist()
    return (y, x) if cells.outside[row, column] and not cells.absent[row, column] and y >= 0 and x >= 0 else None


def arrows(cells: Cells) -> list[tuple[Place, Place]]:
    """From which cell to which the arrows go: where the origin is in sight; (row, column) each."""
    return [
        (at, to)
        for at, place in _virtual(cells)
        if _is_shown(cells, to := (place[0] - cells.top, place[1] - cells.left))
    ]


def words(cells: Cells) -> dict[Place, tuple[str, ...]]:
    """What is written where the origin is out of sight: its row, its column or both, whichever is another one."""
    found = {}
    for at, place in _virtual(cells):
        if not _is_shown(cells, (place[0] - cells.top, place[1] - cells.left)):
            own = cells.top + at[0], cells.left + at[1]
            parts = [f"{axis} {to}" for axis, to, here in zip("yx", place, own, strict=True) if to != here]
            found[at] = tuple(part.replace("-", MINUS) for part in parts)
    return found


def _virtual(cells: Cells) -> list[tuple[Place, Place]]:
    """The virtual pixels that have an origin: (row, column), and (y, x) of that."""
    return [
        ((row, column), place)
        for row, line in enumerate((cells.outside & ~cells.covered).tolist())
        for column, is_virtual in enumerate(line)
        if is_virtual and (place := origin(cells, row, column)) is not None
    ]


def _is_shown(cells: Cells, at: Place) -> bool:
    rows, columns = cells.shape
    return 0 <= at[0] < rows and 0 <= at[1] < columns and not bool(cells.absent[at])


def paint_arrows(
    painter: QPainter, ends: Iterable[tuple[QRectF, QRectF]], colour: QColor, halo: QColor | None, wider: float = 1.0
) -> None:
    """From each first cell, a virtual pixel, a dot and a line; a head in the second one, the real pixel."""
    bodies: list[QLineF] = []
    heads: list[QPolygonF] = []
    side = 0.0
    for start, end in ends:
        side = start.width()
        way = end.center() - start.center()
        length = math.hypot(way.x(), way.y())
        along = way / length
        lane = _lane(way, length / side) * side
        first = start.center() + along * (START * side) + lane
        last = end.center() - along * (END * side) + lane
        neck = last - along * (HEAD * side)
        across = QPointF(-along.y(), along.x()) * (HEAD * side / 1.7)
        bodies.append(QLineF(first, neck))
        heads.append(QPolygonF([last, neck + across, neck - across]))
    if not bodies:
        return
    for ink, edge in ((halo, 2 * HALO * side), (colour, 0.0)):
        if ink is None:
            continue
        painter.setBrush(ink)
        painter.setPen(QPen(ink, LINE * side * wider + edge, cap=Qt.PenCapStyle.FlatCap))
        painter.drawLines(*bodies)
        painter.setPen(QPen(ink, edge, join=Qt.PenJoinStyle.RoundJoin) if edge else QPen(Qt.PenStyle.NoPen))
        for body, head in zip(bodies, heads, strict=True):
            painter.drawPolygon(head)
            painter.drawEllipse(body.p1(), DOT * side, DOT * side)


def _lane(way: QPointF, cells: float) -> QPointF:
    """Where in its cells, so many, an arrow lies: left of the numbers or above them; one aslant in the middle."""
    if abs(way.x()) < 0.5:
        return QPointF(-max(DOWN[0] - DOWN[1] * (cells - 1), 0.0), 0)
    return QPointF(0, -max(ACROSS[0] - ACROSS[1] * (cells - 1), 0.0)) if abs(way.y()) < 0.5 else QPointF(0, 0)
