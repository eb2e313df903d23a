"""Where the stages of a network stand: columns of maps, as large as the room allows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from PyQt6.QtCore import QRectF

WIDTH, HEIGHT = 886, 352
"""Design pixels that the row is drawn for."""
EDGE, HEAD, GAP = 16, 66, 5
"""Design pixels beside the row, above the maps, and between two maps."""
INPUT, OUTPUT, WIRES = 112, 86, 36
"""Widths of the picture and of the outputs, and the least room for wires between two columns."""
LARGEST_MAP, LARGEST_UNIT = 44, 13
LEAST_STAGE = 90
"""Least width of a stage in a network of many, beyond which the row is wider than the room."""
LEAST, MOST = 0.5, 1.7
"""How much smaller and larger all of this becomes where there is less room, or more."""


class Column(msgspec.Struct, frozen=True):
    """A stage: where its heading stands, and its maps."""

    heading: QRectF
    tiles: tuple[QRectF, ...]
    across: int

    @property
    def body(self) -> QRectF:
        """All its maps."""
        return self.tiles[0].united(self.tiles[-1]).united(self.tiles[min(self.across, len(self.tiles)) - 1])


def least_width(count: int) -> int:
    """Design pixels that a row of so many columns takes at least."""
    return 2 * EDGE + INPUT + OUTPUT + LEAST_STAGE * max(0, count - 2)


def columns(
    counts: Sequence[int], is_unit: Sequence[bool], width: float, height: float, scale: float
) -> tuple[Column, ...]:
    """Lay out the picture, stages of so many maps or units, and the outputs, in a room of this size."""
    edge, head = EDGE * scale, HEAD * scale
    room, last = height - head - edge, len(counts) - 1
    grown = scale * min(max(min(width / (WIDTH * scale), height / (HEIGHT * scale)), LEAST), MOST)
    side, wires, output = min(INPUT * grown, room), WIRES * min(grown, scale), OUTPUT * max(grown, 0.8 * scale)
    begin = edge + side + wires
    end = width - edge - output
    pitch = max(16 * scale, (end - begin) / max(1, last - 1))
    made = []
    for place, count in enumerate(counts):
        gap = (2 if is_unit[place] else GAP) * min(grown, scale)
        left, across, tile, high = begin + (place - 1) * pitch, 1, side, side
        if place == 0:
            left = edge
        elif place == last:
            left, tile, high, gap = end, output, min(28 * scale, room / count), 0.0
        else:
            largest = (LARGEST_UNIT if is_unit[place] else LARGEST_MAP) * grown
            across, tile = _grid(count, pitch - wires, room, gap, largest)
            high = tile
        rows = math.ceil(count / across)
        down = min((room - high) / (rows - 1), high + 3 * gap) if rows > 1 else 0.0
        top = head + (room - (down * (rows - 1) + high)) / 2
        # On whole pixels, so that no map is painted with a line of the next one.
        tile, high = max(2, int(tile)), max(2, int(high))
        tiles = tuple(
            QRectF(round(left + number % across * (tile + gap)), round(top + number // across * down), tile, high)
            for number in range(count)
        )
        wide = begin - edge if place == 0 else output + edge if place == last else pitch
        made.append(Column(QRectF(left, edge * 0.6, wide - 4 * scale, head - edge), tiles, across))
    return tuple(made)


def _grid(count: int, width: float, height: float, gap: float, largest: float) -> tuple[int, float]:
    """How many stand side by side, and their side, for them to be as large as the room allows."""
    best = (1, 0.0)
    for across in range(1, count + 1):
        rows = math.ceil(count / across)
        side = min((width - gap * (across - 1)) / across, (height - gap * (rows - 1)) / rows, largest)
        if side > best[1] + 0.01:
            best = across, side
    return best[0], max(2.0, best[1])
