"""Means, histogram and the spread of sizes, of every finite value of an array.

It goes twice through strips that stay in the processor's cache: the range is needed before anything can be counted into
it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.compiled import core_for
from kernels.errors import stop_if
from kernels.opencv import cv2
from kernels.pictures.strips import STRIP, bad_pixels, pixels_of, strips

Array = NDArray[Any]
Counts = NDArray[np.int64]
Cancel = Callable[[], bool]
Found = tuple[float, float, Counts, NDArray[np.float64], Counts]

BINS = 256
SIZES = 4096
_LONGEST = 1 << 23
_TABLE = 1 << 16
_DOUBT = 1e-3
"""A value this near to the end of a bin, in bins, is put into its bin by comparing it with the end itself."""


class Reach(msgspec.Struct, frozen=True):
    """What must be known before values can be counted: the finite ones, how many, and whether these are whole."""

    low: float
    high: float
    bad_pixels: int
    count: int
    is_whole: bool

    @property
    def largest(self) -> float:
        """The largest finite \\|x\\|."""
        return max(-self.low, self.high)


def look_through(array: Array, cancelled: Cancel | None, *, ask_whole: bool = False) -> Reach:
    """Return how far the values reach; whether floats are whole only if asked."""
    low, high, bad, count = math.inf, -math.inf, 0, 0
    whole = ask_whole or array.dtype.kind != "f"
    for strip in strips(array):
        stop_if(cancelled)
        if not strip.size:
            continue
        here = _reach(strip, whole)
        low, high = min(low, here.low), max(high, here.high)
        bad, count, whole = bad + here.bad_pixels, count + here.count, here.is_whole
    return Reach(low, high, bad, count, whole and max(-low, high) < 2**31)


def _reach(strip: Array, ask_whole: bool) -> Reach:
    low, high, bad = float(strip.min()), float(strip.max()), 0
    # Nothing but numbers has numbers at both ends.
    mask = None if math.isfinite(low) and math.isfinite(high) else bad_pixels(strip)
    if mask is not None:
        bad = int(np.count_nonzero(mask))
        strip = strip[np.isfinite(strip)]
        low, high = float(strip.min(initial=math.inf)), float(strip.max(initial=-math.inf))
    whole = ask_whole and not (strip.dtype.kind == "f" and (np.rint(strip) != strip).any())
    return Reach(low, high, bad, strip.size, whole)


def count_values(array: Array, reach: Reach, cancelled: Cancel | None) -> Found:
    """Return the means of x and \\|x\\|, the histogram and the ends of its bins, the counts of sizes."""
    edges = _edges(reach.low, reach.high, reach.is_whole)
    core = core_for(array)
    if core is not None and array.dtype.kind == "f" and (not reach.largest or 1e-150 < reach.largest < 1e150):
        return _count_compiled(core, array, reach, edges, cancelled)
    if reach.is_whole and reach.high - reach.low < _TABLE:
        return _from_table(*_times(array, reach, cancelled), edges, reach.largest)
    return _Counting(array, reach, edges).run(cancelled)


def _count_compiled(
    core: ModuleType, array: Array, reach: Reach, edges: NDArray[np.float64], cancelled: Cancel | None
) -> Found:
    counts, sizes = np.zeros(edges.size - 1, "q"), np.zeros(SIZES, "q")
    per_size = SIZES / reach.largest if reach.largest else 0.0
    total = total_size = 0.0
    for strip in strips(array):
        stop_if(cancelled)
        here, here_size = core.histogram(pixels_of(strip), edges, counts, sizes, per_size, not reach.bad_pixels)
        total, total_size = total + here, total_size + here_size
    return total / reach.count, total_size / reach.count, counts, edges, sizes


def _edges(low: float, high: float, is_whole: bool) -> NDArray[np.float64]:
    if is_whole:
        width = max(1.0, math.ceil((high - low + 1.0) / BINS))
        return low - 0.5 + width * np.arange(int((high - low) // width) + 2, dtype=np.float64)
    edges: NDArray[np.float64]
    if math.isfinite(high - low):
        edges = np.linspace(low, high, BINS + 1)
    else:
        edges = np.linspace(low * 0.25, high * 0.25, BINS + 1) * 4.0
    if (np.diff(edges) > 0).all():
        return edges
    # One value, or so few numbers between the two that the bins would have no width.
    return np.array([np.nextafter(low, -np.inf), np.nextafter(high, np.inf)])


def _finite_strips(array: Array, reach: Reach, cancelled: Cancel | None, size: int = STRIP) -> Iterator[Array]:
    """Yield the finite values of each strip, (1, n), contiguous."""
    if array.flags.c_contiguous:
        array = array.reshape(-1, 1)
    for strip in strips(array, size):
        stop_if(cancelled)
        values = (strip[np.isfinite(strip)] if reach.bad_pixels else strip).reshape(1, -1)
        # A row of a view may be longer than OpenCV can count.
        yield from (values[:, at : at + _LONGEST] for at in range(0, values.size, _LONGEST))


def _times(array: Array, reach: Reach, cancelled: Cancel | None) -> tuple[NDArray[np.float64], Counts]:
    """Count every number of an array of whole numbers that are close together."""
    low, high = reach.low, reach.high
    span = int(high - low) + 1
    times = np.zeros(span, np.int64)
    as_they_are = array.dtype in (np.uint8, np.uint16)
    first = low if as_they_are else 0.0
    work = np.float32 if array.dtype.itemsize <= 2 or array.dtype == np.float32 else np.float64
    # A count of many numbers is worth it only for a strip of more values than that.
    for values in _finite_strips(array, reach, cancelled, max(STRIP, 8 * span)):
        if not as_they_are:
            values = np.subtract(values, work(low), dtype=work, casting="unsafe").astype(np.uint16)
        times += _counted(values, span, first)
    return low + np.arange(span, dtype=np.float64), times


def _from_table(numbers: NDArray[np.float64], times: Counts, edges: NDArray[np.float64], largest: float) -> Found:
    size = np.abs(numbers)
    width = round(edges[1] - edges[0])
    counts = np.add.reduceat(times, np.arange(0, times.size, width))
    scale = SIZES / largest if largest else 0.0
    index = np.minimum((size * scale).astype(np.int64), SIZES - 1)
    sizes = np.bincount(index, times * (numbers != 0), SIZES).astype(np.int64)
    total = int(times.sum())
    return float(numbers @ times / total), float(size @ times / total), counts, edges, sizes


class _Counting:
    """Counts finite values of any kind into bins."""

    def __init__(self, array: Array, reach: Reach, edges: NDArray[np.float64]) -> None:
        self.array, self.reach, self.edges = array, reach, edges
        low, high, largest = reach.low, reach.high, reach.largest
        small = array.dtype.kind == "f" and array.dtype.itemsize <= 4 and not reach.is_whole
        small = small and high - low > 1e-30 and largest < 1e30
        self.work = np.float32 if small else np.float64
        # Beyond these a difference or an inverse would overflow; a power of two changes no digit.
        self.exponent = 0 if 1e-150 < largest < 1e150 else -math.frexp(largest)[1]
        self.start, end = math.ldexp(edges[0], self.exponent), math.ldexp(edges[-1], self.exponent)
        self.bins = edges.size - 1
        self.per_value = self.bins / (end - self.start) if self.bins > 1 else 0.0
        zero = (np.zeros((1, 1), self.work) - self.work(self.start)) * self.work(self.per_value)
        above, below = _bins_around(zero)
        self._zero = int(above[0, 0]), int(below[0, 0])
        self.per_size = SIZES / math.ldexp(largest, self.exponent) if largest else 0.0

    def run(self, cancelled: Cancel | None) -> Found:
        """Go through the array."""
        total = total_size = 0.0
        zeros = 0
        counts = np.zeros(BINS, np.int64)
        sizes = np.zeros(SIZES + 1, np.int64)
        for values in _finite_strips(self.array, self.reach, cancelled):
            x: NDArray[np.floating[Any]] = values.astype(self.work, copy=False)
            if self.exponent:
                x = np.ldexp(x, self.exponent)
            work = np.abs(x)
            total += cv2.sumElems(x)[0]
            total_size += cv2.sumElems(work)[0]
            # A power of two may have made a 0 of a small number.
            zeros += work.size - (np.count_nonzero(values) if self.exponent else cv2.countNonZero(work))
            work *= self.work(self.per_size)
            sizes += _counted(work.astype(np.uint16), SIZES + 1)
            if self.bins > 1:
                np.subtract(x, self.work(self.start), out=work)
                work *= self.work(self.per_value)
                self._count(counts, values, work)
        if self.bins > 1:
            self._move_zeros(counts, zeros)
        else:
            counts[0] = self.reach.count
        sizes[SIZES - 1] += sizes[SIZES]
        sizes[0] -= zeros
        mean, mean_size = (math.ldexp(each / self.reach.count, -self.exponent) for each in (total, total_size))
        return mean, mean_size, counts[: self.bins], self.edges, sizes[:SIZES]

    def _count(self, counts: Counts, values: Array, position: Array) -> None:
        """Count values by their position in bins, those at the end of a bin by comparing."""
        index, other = _bins_around(position)
        counts += _counted(index, BINS)
        doubtful = (index != other) & (index != 0)
        if self._zero[0] != self._zero[1]:
            doubtful &= values != 0
        where = np.flatnonzero(doubtful)
        if where.size:
            index = index.ravel()[where]
            below = values.ravel()[where].astype(np.float64) < self.edges[index]
            moved = np.bincount(index[below], minlength=BINS)
            counts -= moved
            counts[:-1] += moved[1:]

    def _move_zeros(self, counts: Counts, zeros: int) -> None:
        """Put zeros at the end of a bin into theirs at once: they may be most of the array."""
        first, other = self._zero
        if first != other and first != 0 and self.edges[first] > 0:
            counts[first] -= zeros
            counts[first - 1] += zeros


def _bins_around(position: Array) -> tuple[Array, Array]:
    """Return the bin of positions and, where it is not bin 0, the one that the smallest doubt may move them to."""
    # Rounding x - 1/2 gives the integer below x.
    above, below = (cv2.convertScaleAbs(position, alpha=1.0, beta=doubt - 0.5) for doubt in (_DOUBT, -_DOUBT))
    return np.asarray(above), np.asarray(below)


def _counted(numbers: Array, size: int, first: float = 0.0) -> Counts:
    """Count each of `size` whole numbers from `first`; OpenCV counts in float32, exact below 2^24."""
    times = cv2.calcHist([numbers], [0], None, [size], [first, first + size])
    return np.asarray(times).ravel().astype(np.int64)
