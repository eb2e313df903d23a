"""Where virtual pixels come from: an arrow to the real pixel, or its place in words."""

from __future__ import annotations

import math
from collections.abc import Iterable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewer.pages.stage.cells import Cells
from viewer.pages.stage.views.drawing import Place
from viewer.widgets.numbers import MINUS

# Shares of a cell.
DOWN, ACROSS = (0.085, 0.015), (0.12, 0.02)
"""From the edge of a cell to the lane of the shortest arrows; by how much less with every cell that one is longer."""
NEAREST = 0.025
TAIL, HEAD, LINE, DOT, HALO = 0.08, 0.13, 0.022, 0.035, 0.02


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
    """From the edge of each first cell, a virtual pixel, a dot and a line; a head at the edge of the real pixel."""
    bodies: list[QPolygonF] = []
    heads: list[QPolygonF] = []
    side = 0.0
    for start, end in ends:
        side = start.width()
        *points, last = path(start, end)
        way = last - points[-1]
        along = way / math.hypot(way.x(), way.y())
        neck = last - along * (HEAD * side)
        across = QPointF(-along.y(), along.x()) * (HEAD * side / 2)
        bodies.append(QPolygonF([*points, neck]))
        heads.append(QPolygonF([last, neck + across, neck - across]))
    if not bodies:
        return
    for ink, edge in ((halo, 2 * HALO * side), (colour, 0.0)):
        if ink is None:
            continue
        painter.setBrush(ink)
        thick = max(1.0, LINE * side * wider) + edge
        painter.setPen(QPen(ink, thick, cap=Qt.PenCapStyle.FlatCap, join=Qt.PenJoinStyle.MiterJoin))
        for body in bodies:
            painter.drawPolyline(body)
        painter.setPen(QPen(ink, edge, join=Qt.PenJoinStyle.RoundJoin) if edge else QPen(Qt.PenStyle.NoPen))
        for body, head in zip(bodies, heads, strict=True):
            painter.drawPolygon(head)
            painter.drawEllipse(body.at(0), DOT * side, DOT * side)


def path(start: QRectF, end: QRectF) -> list[QPointF]:
    """Return the corners of an arrow from cell to cell that crosses out no number.

    It runs left of the numbers or above them: aslant first across and then down or up.
    """
    side, way = start.width(), end.center() - start.center()
    down, across = abs(way.y()) / side, abs(way.x()) / side
    x = end.left() + max(DOWN[0] - DOWN[1] * down, NEAREST) * side
    y = start.top() + max(ACROSS[0] - ACROSS[1] * across, NEAREST) * side
    if across < 0.5:
        return [QPointF(x, _edge(start, way, -TAIL).y()), QPointF(x, _edge(end, -way, -HEAD).y())]
    first = QPointF(_edge(start, way, -TAIL).x(), y)
    if down < 0.5:
        return [first, QPointF(_edge(end, -way, -HEAD).x(), y)]
    return [first, QPointF(x, y), QPointF(x, _edge(end, -way, -HEAD).y())]


def _edge(cell: QRectF, way: QPointF, out: float) -> QPointF:
    """The edges of a cell that face `way`, and so much further out, in cells."""
    side = cell.width() * out
    return QPointF(
        cell.right() + side if way.x() > 0 else cell.left() - side,
        cell.bottom() + side if way.y() > 0 else cell.top() - side,
    )
