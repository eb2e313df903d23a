"""Where everything of the matrix view stands: tables of cells, in logical pixels."""

from __future__ import annotations

from bisect import bisect_right

import msgspec
from PyQt6.QtCore import QPointF, QRectF, QSizeF

from viewer import theme

Span = tuple[float, float]
"""Start and length."""
Place = tuple[int, int]

# Design pixels.
MARGIN, HEAD, SIGN = 16, 34, 24
BELOW = 30
"""Under the tables, for the sum."""
LABELS = 26
JOINT = 26
"""Between crop and matrix, for the line that joins them."""
ROW, CELL, WEIGHT, RESULT = 18.3, 36, 42, 46
"""A row as high as this has cells as wide as these."""
STRIP = 7
"""A kernel that is not the selected one, where there is no more room."""
LARGEST = 2.0
"""The largest cells, in those widths."""
LEFT, SMALL = 0.26, 0.26
"""The left column's share of the width, and of the height what stands below the crop."""
STRIPS = 0.4
"""The share of the width that kernels and outputs beside the selected ones may take."""


class Table(msgspec.Struct, frozen=True):
    """Cells in rows and columns, of any width and height."""

    columns: tuple[Span, ...]
    rows: tuple[Span, ...]

    def box(self, row: int, column: int, height: int = 1, width: int = 1) -> QRectF:
        """Some cells together."""
        left, top = self.columns[column][0], self.rows[row][0]
        right, bottom = (line[at][0] + line[at][1] for line, at in
                         ((self.columns, column + width - 1), (self.rows, row + height - 1)))  # fmt: skip
        return QRectF(left, top, right - left, bottom - top)

    @property
    def whole(self) -> QRectF:
        """All of them."""
        return self.box(0, 0, len(self.rows), len(self.columns))

    @property
    def narrowest(self) -> float:
        """The shortest side of a cell."""
        return min(length for _start, length in (*self.columns, *self.rows))

    def at(self, point: QPointF) -> Place | None:
        """The cell at a point; gaps belong to the cell before them."""
        if not self.whole.contains(point):
            return None
        row, column = (
            bisect_right([start for start, _length in spans], at) - 1
            for spans, at in ((self.rows, point.y()), (self.columns, point.x()))
        )
        return max(row, 0), max(column, 0)


def spans(start: float, lengths: list[float], *, every: int = 0, gap: float = 0.0) -> tuple[Span, ...]:
    """Lengths one after the other, with a gap after every so many."""
    made, at = [], start
    for number, length in enumerate(lengths):
        if every and number and number % every == 0:
            at += gap
        made.append((at, length))
        at += length
    return tuple(made)


class Sizes(msgspec.Struct, frozen=True):
    """How much there is to show.

    Attributes
    ----------
    crop, kernel, output : (int, int)
        Rows and columns.
    columns : int
        Of the matrix.
    taps : int
        Rows of what the matrix is multiplied by.
    group : int
        How many of these belong together, 0 for none.
    maps, selected : int
        How many kernels there are, and which one is looked at.
    """

    crop: Place
    kernel: Place
    output: Place
    columns: int
    taps: int
    group: int
    maps: int
    selected: int


class Plan(msgspec.Struct, frozen=True):
    """Tables and free places.

    Attributes
    ----------
    crop, kernel, output : Table
        The left column.
    matrix, factor, result : Table
        Matrix times factor = result.
    maps : range
        The kernels that factor and result show.
    times, equals : QPointF
        Middles of the signs.
    equation : QRectF
        Room for the sum.
    """

    crop: Table
    kernel: Table
    output: Table
    matrix: Table
    factor: Table
    result: Table
    maps: range
    times: QPointF
    equals: QPointF
    equation: QRectF


def plan_of(sizes: Sizes, room: QSizeF) -> Plan:
    """Lay out matrix, factor and result in a room."""
    unit = theme.scale()
    lines = 2 if room.height() > 480 * unit else 1
    top, high = HEAD * unit, max(60.0, room.height() - (HEAD + 6) * unit - lines * BELOW * unit)
    left = MARGIN * unit
    crop, kernel, output = _left(sizes, left, top, high, room.width() * LEFT, unit)
    start = left + max(crop.whole.width(), output.whole.right() - left) + JOINT * unit + LABELS * unit
    wide = max(80.0, room.width() - start - MARGIN * unit)
    count = sizes.output[0] * sizes.output[1]
    gap = 2.0 * unit
    row = min((high - gap * (sizes.output[0] - 1)) / count, LARGEST * ROW * unit)
    rows = spans(top, [row] * count, every=sizes.output[1], gap=gap)
    scale = min(max(row / ROW, 0.8 * unit), LARGEST * unit)
    maps = _shown_maps(sizes, wide, unit)
    cell, weights, results = _widths(sizes, maps, wide - 2 * SIGN * unit, scale, unit)
    matrix = Table(spans(start, [cell] * sizes.columns), rows)
    right = matrix.whole.right()
    all_gaps = gap * ((sizes.taps - 1) // sizes.group) if sizes.group else 0.0
    tall = min(row, (high - all_gaps) / sizes.taps)
    height = tall * sizes.taps + all_gaps
    first = top + max(0.0, (matrix.whole.height() - height) / 2)
    down = spans(first, [tall] * sizes.taps, every=sizes.group, gap=gap)
    factor = Table(spans(right + SIGN * unit, weights), down)
    result = Table(spans(factor.whole.right() + SIGN * unit, results), rows)
    middle = matrix.whole.center().y()
    return Plan(
        crop=crop,
        kernel=kernel,
        output=output,
        matrix=matrix,
        factor=factor,
        result=result,
        maps=maps,
        times=QPointF(right + SIGN * unit / 2, middle),
        equals=QPointF(factor.whole.right() + SIGN * unit / 2, middle),
        equation=QRectF(
            start,
            matrix.whole.bottom() + 4 * unit,
            max(wide - MARGIN * unit, result.whole.right() - start),
            lines * BELOW * unit,
        ),
    )


def _left(sizes: Sizes, left: float, top: float, high: float, wide: float, unit: float) -> tuple[Table, Table, Table]:
    """Crop above, kernel and output below it."""
    gap = 24 * unit
    small = max(20.0, min(SMALL * high, (wide - gap) / 2))
    head = HEAD * unit + 4 * unit
    crop = _square_cells(sizes.crop, left, top, wide, max(40.0, high - head - small))
    below = crop.whole.bottom() + head
    kernel = _square_cells(sizes.kernel, left, below, small, small)
    output = _square_cells(sizes.output, max(kernel.whole.right() + gap, left + small + gap), below, small, small)
    return crop, kernel, output


def _square_cells(shape: Place, left: float, top: float, wide: float, high: float) -> Table:
    rows, columns = shape
    side = min(wide / columns, high / rows)
    side = float(int(side)) if side >= 8 else side
    return Table(spans(left, [side] * columns), spans(top, [side] * rows))


def _shown_maps(sizes: Sizes, wide: float, unit: float) -> range:
    """As many kernels about the selected one as there is room for."""
    most = 1 + max(0, int(STRIPS * wide / (2 * STRIP * unit)))
    count = min(sizes.maps, most)
    first = min(max(sizes.selected - count // 2, 0), sizes.maps - count)
    return range(first, first + count)


def _widths(
    sizes: Sizes, maps: range, wide: float, scale: float, unit: float
) -> tuple[float, list[float], list[float]]:
    """Widths of a cell of the matrix, and of every kernel and output; the selected ones have room for numbers."""
    weight, result = WEIGHT * scale, RESULT * scale
    others = len(maps) - 1
    cell = min(CELL * scale, (wide - weight - result - 2 * others * STRIP * unit) / sizes.columns)
    rest = max(0.0, wide - weight - result - cell * sizes.columns)
    strip = min(max(rest / (2 * others), STRIP * unit), weight) if others else 0.0
    weights = [weight if at == sizes.selected else strip for at in maps]
    return max(cell, 0.05), weights, [result if at == sizes.selected else strip for at in maps]
