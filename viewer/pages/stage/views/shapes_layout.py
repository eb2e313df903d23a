"""What the drawing of shapes shows of each axis, and where: long axes keep both ends true. No Qt."""

from __future__ import annotations

import msgspec
import numpy as np

from kernels.filtering.geometry import Geometry

MOST = 12
"""An axis of so many positions is drawn whole."""
PADDING_SHOWN = 3
HEAD, TAIL, REACH = 5, 4, 10
"""Pixels drawn before and after a gap: what three windows need up to a few, but two up to `REACH`, or else one."""
OUTPUT_ENDS = 2
"""Pixels of the output drawn at each end where no window is drawn whole."""


class Axis(msgspec.Struct, frozen=True):
    """Rows or columns: so many `pixels`, stretched by zeros `inserted` between two, with padding, under `windows`."""

    pixels: int
    before: int
    after: int
    taps: int
    dilation: int
    stride: int
    windows: int
    anchor: int
    inserted: int = 0

    @property
    def stretched(self) -> int:
        """Positions from the first pixel to the last."""
        return (self.pixels - 1) * (self.inserted + 1) + 1

    @property
    def length(self) -> int:
        """Positions with padding."""
        return self.before + self.stretched + self.after

    @property
    def effective(self) -> int:
        """Positions under one window, gaps included."""
        return self.dilation * (self.taps - 1) + 1

    @property
    def left_over(self) -> int:
        """Positions behind the last window, for which the floor leaves no other."""
        return self.length - ((self.windows - 1) * self.stride + self.effective)


Shape = tuple[Axis, Axis]
"""Rows and columns."""


def shape_of(geometry: Geometry) -> Shape:
    """What is drawn of a geometry."""
    rows, columns = (
        Axis(
            pixels=geometry.image_shape[axis],
            before=geometry.before[axis],
            after=geometry.after[axis],
            taps=geometry.kernel_shape[axis],
            dilation=geometry.dilation[axis],
            stride=geometry.stride[axis],
            windows=geometry.output_shape[axis],
            anchor=geometry.anchor[axis],
        )
        for axis in (0, 1)
    )
    return rows, columns


Key = tuple[str, int]


class Slot(msgspec.Struct, frozen=True):
    """One position that is drawn, `at` so many cells from the first edge; its key stays when lengths change."""

    key: Key
    position: int
    at: float
    kind: str
    is_left_over: bool = False


class Line(msgspec.Struct, frozen=True):
    """What is drawn of one axis, in cells: slots, gaps where positions are left out, and the edges between."""

    slots: tuple[Slot, ...]
    gaps: tuple[float, ...]
    size: float
    knots: tuple[tuple[float, float], ...]

    def edge(self, position: int) -> float:
        """Where a position begins; in the middle of its gap for one that is left out."""
        places, cells = zip(*self.knots, strict=True)
        return float(np.interp(position, places, cells))

    def shows(self, first: int, count: int) -> bool:
        """Whether all of these positions are drawn."""
        return {slot.position for slot in self.slots}.issuperset(range(first, first + count))


def folded(length: int, head: int, tail: int) -> list[tuple[int, int]]:
    """The runs of positions that are drawn, first and past the last; two where those between are left out."""
    return [(0, length)] if length <= head + tail + 1 else [(0, head), (length - tail, length)]


def input_line(axis: Axis) -> Line:
    """Padding, pixels and zeros along one axis."""
    if axis.length <= MOST:
        return _line([(0, axis.length)], axis)
    head = _end(axis.effective - axis.before, axis.stride, HEAD)
    tail = _end(axis.effective - axis.after + axis.left_over, axis.stride, TAIL)
    runs: list[tuple[int, int]] = []
    for start, length, ends in (
        (0, axis.before, (1, 1)),
        (axis.before, axis.stretched, (head, tail)),
        (axis.before + axis.stretched, axis.after, (1, 1)),
    ):
        ends = (length, 0) if length <= PADDING_SHOWN else ends
        runs += [(start + first, start + last) for first, last in folded(length, *ends) if first < last]
    return _line(_joined(runs), axis)


def _end(need: int, stride: int, few: int) -> int:
    """How many pixels are drawn at one end, where the outermost window covers `need` of them."""
    wanted = (need + stride, need + 1)
    return max(2, min(need + 2 * stride, few), next((count for count in wanted if count <= REACH), 0))


def output_line(axis: Axis, shown: Line) -> Line:
    """The output along one axis: at each end the pixels whose windows are drawn whole."""
    counts = []
    for order in (range(axis.windows), range(axis.windows - 1, -1, -1)):
        count = 0
        for i in order[: MOST // 2 - 1]:
            if not shown.shows(i * axis.stride, axis.effective):
                break
            count += 1
        counts.append(count or OUTPUT_ENDS)
    whole = axis.length <= MOST
    return _line([(0, axis.windows)] if whole else folded(axis.windows, *counts))


def _joined(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    made = runs[:1]
    for first, last in runs[1:]:
        if first == made[-1][1]:
            made[-1] = made[-1][0], last
        else:
            made.append((first, last))
    return made


def _line(runs: list[tuple[int, int]], axis: Axis | None = None) -> Line:
    slots: list[Slot] = []
    knots: list[tuple[float, float]] = []
    gaps: list[float] = []
    at = 0.0
    for first, last in runs:
        if knots:
            # Every edge that is left out stands in the middle of its gap.
            hidden = knots[-1][0]
            gaps.append(at)
            knots += [(hidden + 0.5, at + 0.5), (first - 0.5, at + 0.5)]
            at += 1
        for position in range(first, last):
            kind, key = _kind(axis, position) if axis else ("output", _from_end("output", position, runs))
            beyond = axis is not None and position >= axis.length - axis.left_over
            slots.append(Slot(key, position, at + position - first, kind, beyond))
        knots += [(first, at), (last, at + last - first)]
        at += last - first
    return Line(tuple(slots), tuple(gaps), at, tuple(knots))


def _from_end(kind: str, position: int, runs: list[tuple[int, int]]) -> Key:
    """A key that counts from the end behind a gap, so that what is drawn there stays when the length changes."""
    return (kind, position) if position < runs[0][1] else (kind, position - runs[-1][1])


def _kind(axis: Axis, position: int) -> tuple[str, Key]:
    inside = position - axis.before
    if inside < 0:
        return "padding", ("before", inside)
    if inside >= axis.stretched:
        return "padding", ("after", inside - axis.stretched)
    pixel, rest = divmod(inside, axis.inserted + 1)
    if rest:
        return "zero", ("zero", inside)
    return "pixel", ("pixel", pixel if pixel < axis.pixels / 2 or axis.length <= MOST else pixel - axis.pixels)
