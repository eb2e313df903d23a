"""Where the parts of the equation stand, and how large its type is."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QFont, QFontMetricsF

from viewer import theme
from viewer.pages.stage.views.equation.writing import Texts

#: The design: 1366 x 232 pixels. All lengths here are multiplied by the scale of the plan.
WIDTH, HEIGHT = 1366, 232
NUMBER, VALUE, TITLE, NOTE, SUM = 28, 56, 18, 17, 18
CELL_HEIGHT = 44
MIDDLE = 114
#: Height of the cells and the middles of cells, titles and notes: up to three rows, and more.
LOW, TALL = (140, 114, 26, 206), (156, 118, 20, 215)
FULL = 164
"""Height of more than five rows: all that titles and notes leave."""
#: A long row stacked: the column of titles, that of signs, the middle of the first row, and from row to row.
STACK = (116, 36, 32, 58)
MOST_STACKED, STACKED_NOTE = 9, 240
"""How many weights it has at most; the width of the text below its window."""
#: Between window, kernel, products and result, and how far the space is taken back before type shrinks.
SPACES = (80, 80, 106)
NARROW = (1.0, 0.8, 0.66)
MARGIN = 16
ENLARGED = 176
LEAST_RESULT, MOST_RESULT = 300, 430
LEAST_TYPE, LEAST_WIDTH = 16, 1280
FIELDS = 11.6
"""What divisor and offset need below the kernel, in heights of their type."""
#: Widths of the cells, in heights of their type, by the number of columns.
CELL_WIDTHS = {1: 2.57, 2: 2.57, 3: 2.57, 4: 2.2}
NARROWEST_CELL, INSET, STACKED_INSET = 1.9, 0.4, 0.25


def type_of(pixels: float, weight: int = 400) -> QFont:
    """Type of so many pixels, whatever the scale of the theme: the plan has chosen it to fit."""
    return theme.font(pixels / theme.scale(), weight)


def widest(texts: Texts) -> float:
    """The width of the widest number, in heights of its type."""
    longest = sorted({text for row in texts for text in row}, key=len)[-8:]
    metrics = QFontMetricsF(type_of(100, 600))
    return max(metrics.horizontalAdvance(text) for text in longest) / 100


class Needs(msgspec.Struct, frozen=True):
    """What has to find room: the kernel's size, the widest number of each grid, and the text below the window.

    Widths are in heights of the type; `fields` is that of what stands below the kernel.
    """

    rows: int
    columns: int
    widest: tuple[float, float, float]
    note: float
    with_numbers: bool
    fields: float


class Plan(msgspec.Struct, frozen=True):
    """All places, in pixels of the equation.

    `number` is the height of the numbers' type, 0 where the cells are coloured only. `middle` of the line, `title` and
    `note` are counted from `top`, where the line begins; so are `titles` and `notes`, where what is written about the
    grids stands, and the `operators`. Divisor and offset stand between the `fields`; `channel` is the middle of the
    chooser's left edge.
    """

    scale: float
    least: float
    number: int
    gap: float
    cells: tuple[tuple[float, float], ...]
    grids: tuple[QRectF, ...]
    titles: tuple[QRectF, ...]
    notes: tuple[QRectF, QRectF]
    fields: tuple[float, float]
    channel: QPointF | None  # None for beside the title of the window
    top: float
    middle: float
    title: float
    note: float
    operators: tuple[QPointF, ...]
    enlarged: QRectF
    result: QRectF

    def at(self, length: float) -> float:
        """A length of the design in pixels."""
        return length * self.scale

    def type_size(self, size: float) -> float:
        """The height of type of the design in pixels, never below what can be read."""
        return max(self.least, math.floor(size * self.scale))


def least_type(width: float, height: float) -> float:
    """The smallest type: 16 pixels, less only in windows smaller than the program is made for."""
    return max(11.0, LEAST_TYPE * min(1.0, width / LEAST_WIDTH, height / 200))


class _Cells(msgspec.Struct, frozen=True):
    """The height of the type, the gap, and the size of a cell in each grid."""

    number: int
    gap: float
    sizes: tuple[tuple[float, float], ...]


def plan(width: float, height: float, needs: Needs) -> Plan:
    """Place everything, with numbers as large as there is room for."""
    scale = min(height / HEIGHT, 1.1 * width / WIDTH)
    if needs.with_numbers:
        for cells in _numbered(scale, least_type(width, height), needs):
            for narrow in NARROW:
                made = _placed(width, height, scale, needs, cells, narrow)
                if made is not None:
                    return made
        stacked = _stacked(width, height, scale, needs) if needs.rows == 1 and needs.columns <= MOST_STACKED else None
        if stacked is not None:
            return stacked
    across, down = 200 * scale / needs.columns, TALL[0] * scale / needs.rows
    if min(needs.rows, needs.columns) > 3:
        across = down = min(across, down)
    cell = (min(across, CELL_HEIGHT * scale), min(down, CELL_HEIGHT * scale))
    coloured = _Cells(0, 0.0, (cell,) * 3)
    for narrow in NARROW[:-1]:
        made = _placed(width, height, scale, needs, coloured, narrow)
        if made is not None:
            return made
    return _made(width, height, scale, needs, coloured, NARROW[-1])


def _numbered(scale: float, least: float, needs: Needs) -> Iterator[_Cells]:
    """Cells with numbers, from the largest type to the smallest that can be read."""
    room = (LOW[0] if needs.rows <= 3 else TALL[0] if needs.rows <= 5 else FULL) * scale
    gap = (4 if needs.rows <= 3 else 3 if needs.rows == 4 else 2 if needs.rows == 5 else 1) * scale
    tall = min((room + gap) / needs.rows - gap, CELL_HEIGHT * scale)
    largest = min(NUMBER * scale, (0.65 if needs.rows <= 3 else 0.82 if needs.rows <= 5 else 1.0) * tall)
    for number in range(math.floor(largest), math.ceil(least) - 1, -1):
        least_width = CELL_WIDTHS.get(needs.columns, NARROWEST_CELL)
        across = (math.ceil(number * max(least_width, each + INSET)) for each in needs.widest)
        yield _Cells(number, gap, tuple((float(each), tall) for each in across))


def _placed(width: float, height: float, scale: float, needs: Needs, cells: _Cells, narrow: float) -> Plan | None:
    """Place cells of these sizes; None if the result then has too little room."""
    made = _made(width, height, scale, needs, cells, narrow)
    return made if made.result.width() >= min(LEAST_RESULT * scale, 0.225 * width) else None


def _made(width: float, height: float, scale: float, needs: Needs, cells: _Cells, narrow: float) -> Plan:
    least = least_type(width, height)
    small = max(least, NOTE * scale)
    sizes = [
        (needs.columns * across + (needs.columns - 1) * cells.gap, needs.rows * down + (needs.rows - 1) * cells.gap)
        for across, down in cells.sizes
    ]
    spaces = [each * scale * narrow for each in SPACES]
    # The range of the window stands below it and reaches under the sign; divisor and offset need their fields.
    least_columns = (needs.note * small - 0.6 * spaces[0], needs.fields * small, 5.5 * small)
    columns = [max(size[0], each) for size, each in zip(sizes, least_columns, strict=True)]
    enlarged = 0.0 if cells.number else (ENLARGED + 28) * scale
    spare = width - 2 * MARGIN * scale - sum(columns) - sum(spaces) - enlarged - MOST_RESULT * scale
    # What the result does not need goes to the spaces, which at most double.
    spaces = [space + min(max(0.0, spare) / 3, space) for space in spaces]

    _room, middle, title, note = (each * scale for each in (LOW if sizes[0][1] <= 1.01 * LOW[0] * scale else TALL))
    top = (height - HEIGHT * scale) / 2
    lefts = [MARGIN * scale]
    for column, space in zip(columns[:2], spaces[:2], strict=True):
        lefts.append(lefts[-1] + column + space)
    grids = tuple(
        QRectF(round(left), round(top + middle - down / 2), across, down)
        for left, (across, down) in zip(lefts, sizes, strict=True)
    )
    end = lefts[2] + columns[2] + enlarged
    # Signs stand between the cells, not between the texts below them.
    between = [(grids[at].right() + grids[at + 1].left()) / 2 for at in (0, 1)]
    after = end if enlarged else grids[2].right()
    result = end + spaces[2]
    gap = result - after
    line = MIDDLE * scale
    ends = (grids[1].left(), grids[2].left(), after + 0.28 * gap)
    return Plan(
        scale=scale,
        least=least,
        number=cells.number,
        gap=cells.gap,
        cells=cells.sizes,
        grids=grids,
        titles=tuple(
            QRectF(grid.left(), title - 20, right - grid.left() - 12 * scale, 40)
            for grid, right in zip(grids, ends, strict=True)
        ),
        notes=(
            QRectF(grids[0].left(), note - 20, grids[1].left() - 4 - grids[0].left(), 40),
            QRectF(grids[2].left(), note - 20, result - 8 - grids[2].left(), 40),
        ),
        fields=(grids[1].left(), lefts[1] + columns[1]),
        channel=None,
        top=top,
        middle=line,
        title=title,
        note=note,
        operators=tuple(QPointF(x, line) for x in (*between, after + 0.28 * gap, after + 0.65 * gap)),
        enlarged=QRectF(end - ENLARGED * scale, top, ENLARGED * scale if enlarged else 0.0, HEIGHT * scale),
        result=QRectF(result, top, width - MARGIN * scale - result, HEIGHT * scale),
    )


def _stacked(width: float, height: float, scale: float, needs: Needs) -> Plan | None:
    """Place three long rows below one another, with their titles at the left; None if they have no room either."""
    least = least_type(width, height)
    titles, signs, first, pitch = (each * scale for each in STACK)
    left, gap, space = MARGIN * scale + titles + signs, 4 * scale, NARROW[1] * SPACES[2] * scale
    room = width - MARGIN * scale - left - space - min(LEAST_RESULT * scale, 0.225 * width)
    for number in range(math.floor(NUMBER * scale), math.ceil(least) - 1, -1):
        across = math.ceil(number * max(NARROWEST_CELL, max(needs.widest) + STACKED_INSET))
        if needs.columns * (across + gap) - gap <= room:
            break
    else:
        return None
    top, down = (height - HEIGHT * scale) / 2, CELL_HEIGHT * scale
    long = needs.columns * (across + gap) - gap
    middles = [first + row * pitch for row in range(3)]
    small = max(least, NOTE * scale)
    beside = left + max(STACKED_NOTE * scale, needs.note * small + 12 * scale)
    fields = beside, beside + needs.fields * small
    end = max(left + long, fields[1])
    result, note, line = end + space, LOW[3] * scale, MIDDLE * scale
    sign = left - signs / 2
    return Plan(
        scale=scale,
        least=least,
        number=number,
        gap=gap,
        cells=((float(across), down),) * 3,
        grids=tuple(QRectF(round(left), round(top + middle - down / 2), long, down) for middle in middles),
        titles=tuple(QRectF(MARGIN * scale, middle - 20, titles, 40) for middle in middles),
        notes=(
            QRectF(left, note - 20, beside - 4 - left, 40),
            QRectF(fields[1] + 16 * scale, note - 20, result - 8 - fields[1] - 16 * scale, 40),
        ),
        fields=fields,
        channel=QPointF(MARGIN * scale, top + (middles[0] + middles[1]) / 2),
        top=top,
        middle=line,
        title=LOW[2] * scale,
        note=note,
        operators=(
            QPointF(sign, middles[1]),
            QPointF(sign, middles[2]),
            QPointF(end + 0.28 * space, line),
            QPointF(end + 0.65 * space, line),
        ),
        enlarged=QRectF(end, top, 0.0, HEIGHT * scale),
        result=QRectF(result, top, width - MARGIN * scale - result, HEIGHT * scale),
    )
