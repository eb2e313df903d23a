"""What an array holds, in a few numbers: extremes, non-finite pixels, means, histogram, the spread of the sizes.

`summarise` looks at every value, `estimate` at 65,000 of them at most. Both go twice through strips that stay in the
processor's cache: the range is needed before anything can be counted into it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.errors import stop_if
from kernels.opencv import cv2

Array = NDArray[Any]
Counts = NDArray[np.int64]
Cancel = Callable[[], bool]

BINS = 256
_SIZES = 4096
_SAMPLE = 1 << 16
_STRIP = 1 << 17
_LONGEST = 1 << 23
_TABLE = 1 << 16
_DOUBT = 1e-3
"""A value this near to the end of a bin, in bins, is put into its bin by comparing it with the end itself."""


@dataclass(frozen=True, eq=False)
class Extent:
    """How far the values of an array reach, all channels together; it speaks of the values looked at.

    Attributes
    ----------
    extremes : (float, float) or None
        The smallest and the largest finite value; None when there is none.
    non_finite : int
        Pixels that are NaN or infinite in any channel.
    """

    extremes: tuple[float, float] | None
    non_finite: int

    @property
    def largest(self) -> float:
        """The largest finite \\|x\\|, 0 when there is none."""
        return 0.0 if self.extremes is None else max(abs(self.extremes[0]), abs(self.extremes[1]))

    def is_flat(self, tolerance: float = 0.0) -> bool:
        """Return whether the finite values lie within `tolerance` of each other."""
        return self.extremes is None or self.extremes[1] - self.extremes[0] <= tolerance

    def lies_within(self, levels: tuple[float, float]) -> bool:
        """Return whether no finite value lies beyond two levels."""
        return self.extremes is None or (levels[0] <= self.extremes[0] and self.extremes[1] <= levels[1])


@dataclass(frozen=True, eq=False)
class Summary(Extent):
    """A few numbers about the values of an array.

    Attributes
    ----------
    extremes, non_finite
        See `Extent`.
    mean, mean_size : float
        The means of x and of \\|x\\|; 0 when there is no finite value.
    counts : ndarray of int64, shape (n,)
        The histogram: finite values in each of at most 256 bins, the last one with both its ends, as in
        ``numpy.histogram``.
    edges : ndarray of float64, shape (n + 1,)
        The ends of the bins, ascending. Whole numbers get bins of a whole width, centred on the numbers: otherwise
        neighbouring bins would catch more and fewer of them by turns and the curve would look like a comb.
    sizes : ndarray of int64, shape (4096,)
        Values other than 0 by their size \\|x\\|, in equal ranges from 0 to `largest`; a size within a millionth of
        the end of a range may be counted in the neighbouring one.
    is_exact : bool
        True when every value was looked at.
    """

    mean: float
    mean_size: float
    counts: Counts
    edges: NDArray[np.float64]
    sizes: Counts
    is_exact: bool = True

    @property
    def is_around_zero(self) -> bool:
        """True for the signed output of a derivative, false for a picture with a few dark overshoots."""
        return self.extremes is not None and self.extremes[0] < 0 and self.mean < 0.5 * self.mean_size

    def covering(self, share: float) -> float:
        """Return r, to two figures rounded up, such that \\|x\\| <= r holds for `share` of the values other than 0."""
        largest, total = self.largest, int(self.sizes.sum())
        if total == 0 or not 1e-300 < largest < 1e300:
            return largest  # a part of it, or its inverse, would be no number at all
        last = int(np.searchsorted(np.cumsum(self.sizes), share * total))
        found = largest * ((min(last, _SIZES - 1) + 1) / _SIZES)
        step = 10.0 ** (np.floor(np.log10(found)) - 1)
        # Two significant figures: a level is read aloud.
        return min(largest, float(np.ceil(found / step) * step))


def summarise(array: Array, *, cancelled: Cancel | None = None) -> Summary:
    """Summarise every value of an array.

    Parameters
    ----------
    array : ndarray
        ``(H, W)`` or ``(H, W, C)``, any real dtype.
    cancelled : callable, optional
        Asked before each strip of about 130,000 values; True stops.

    Returns
    -------
    Summary

    Raises
    ------
    kernels.errors.Cancelled
        If `cancelled` returned True.
    """
    array = np.asarray(array)
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        extent = _extent(array, cancelled, ask_whole=True)
        if extent.extremes is None:
            nothing = np.zeros(_SIZES, np.int64)
            return Summary(None, extent.non_finite, 0.0, 0.0, np.zeros(1, np.int64), np.array([0.0, 1.0]), nothing)
        low, high = extent.extremes
        edges = _edges(low, high, extent.is_whole)
        if extent.is_whole and high - low < _TABLE:
            found = _from_table(*_times(array, extent, cancelled), edges, max(-low, high))
        else:
            found = _Counting(array, extent, edges).run(cancelled)
        mean, mean_size, counts, sizes = found
        return Summary(extent.extremes, extent.non_finite, mean, mean_size, counts, edges, sizes)


def estimate(array: Array) -> Summary:
    """Summarise a sample of an array, always the same one; quick at any size.

    The sample has at most about 65,000 values, spread evenly. Extremes that few pixels reach are missed, so that
    levels made from an estimate may clip a few; its counts are those of the sample.

    Parameters
    ----------
    array : ndarray
        ``(H, W)`` or ``(H, W, C)``, any real dtype.

    Returns
    -------
    Summary
        With ``is_exact=False`` unless the array is so small that every value was looked at.
    """
    array = np.asarray(array)
    step = math.ceil(array.size / _SAMPLE)
    if step <= 1:
        return summarise(array)
    if array.flags.c_contiguous:
        # Every n-th pixel, n without a common divisor with the width: the sample then runs through all columns.
        while math.gcd(step, 2 * array.shape[1]) > 1:
            step += 1
        sample = array.reshape(-1, 1, *array.shape[2:])[::step]
    else:
        down = max(1, min(array.shape[0], math.isqrt(step)))
        sample = array[::down, :: math.ceil(step / down)]
    return replace(summarise(np.ascontiguousarray(sample)), is_exact=False)


def extent_of(array: Array) -> Extent:
    """Return how far the values of an array reach: the part of `summarise` that takes least time."""
    return _extent(np.asarray(array), None)


def finite_range(array: Array) -> tuple[float, float] | None:
    """Return the smallest and largest finite value, or None when there is none."""
    return extent_of(array).extremes


def folded(counts: Counts, edges: NDArray[np.float64]) -> tuple[Counts, NDArray[np.float64]]:
    """Return the histogram of the absolute value from that of the value.

    Parameters
    ----------
    counts : ndarray of int64, shape (n,)
    edges : ndarray of float64, shape (n + 1,)
        The ends of equally wide bins, ascending.

    Returns
    -------
    counts, edges
        The same for the absolute value; fewer bins where the value has both signs.
    """
    if edges[0] >= 0:
        return counts, edges
    if edges[-1] <= 0:
        return counts[::-1], -edges[::-1]
    # Divided first: the span of two huge numbers may be more than a float holds.
    width = float(edges[-1] / counts.size - edges[0] / counts.size)
    places = np.rint(np.abs(edges[:-1] / 2 + edges[1:] / 2) / width).astype(np.int64)
    sums = np.zeros(int(places.max()) + 1, np.int64)
    np.add.at(sums, places, counts)
    ends: NDArray[np.float64] = (np.arange(sums.size + 1, dtype=np.float64) - 0.5) * width
    return sums, ends


def strips(array: Array, size: int = _STRIP) -> Iterator[Array]:
    """Yield groups of rows with about `size` numbers each."""
    rows = max(1, size // max(1, math.prod(array.shape[1:])))
    for start in range(0, array.shape[0], rows):
        yield array[start : start + rows]


def bad_pixels(strip: Array) -> NDArray[np.bool_] | None:
    """Return the mask of the pixels that are not finite in any channel, or None when there is none."""
    if strip.dtype.kind != "f":
        return None
    finite: NDArray[np.bool_] = np.isfinite(strip)
    if finite.all():
        return None
    return ~finite if strip.ndim == 2 else np.any(~finite, axis=2)


@dataclass(frozen=True, eq=False)
class _Extent(Extent):
    """What must be known before values can be counted: also how many are finite, and whether these are whole."""

    count: int
    is_whole: bool


def _extent(array: Array, cancelled: Cancel | None, ask_whole: bool = False) -> _Extent:
    low, high, bad, count = math.inf, -math.inf, 0, 0
    real = array.dtype.kind == "f"
    whole = ask_whole or not real
    for strip in strips(array):
        stop_if(cancelled)
        if not strip.size:
            continue
        least, most = float(strip.min()), float(strip.max())
        # Nothing but numbers has numbers at both ends.
        mask = None if math.isfinite(least) and math.isfinite(most) else bad_pixels(strip)
        if mask is not None:
            bad += int(np.count_nonzero(mask))
            strip = strip[np.isfinite(strip)]
            least, most = float(strip.min(initial=math.inf)), float(strip.max(initial=-math.inf))
        if strip.size:
            count += strip.size
            low, high = min(low, least), max(high, most)
            whole = whole and not (real and (np.rint(strip) != strip).any())
    return _Extent((low, high) if count else None, bad, count, whole and max(-low, high) < 2**31)


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


def _finite_strips(array: Array, extent: _Extent, cancelled: Cancel | None, size: int = _STRIP) -> Iterator[Array]:
    """Yield the finite values of each strip, (1, n), contiguous."""
    if array.flags.c_contiguous:
        array = array.reshape(-1, 1)
    for strip in strips(array, size):
        stop_if(cancelled)
        values = (strip[np.isfinite(strip)] if extent.non_finite else strip).reshape(1, -1)
        # A row of a view may be longer than OpenCV can count.
        yield from (values[:, at : at + _LONGEST] for at in range(0, values.size, _LONGEST))


def _times(array: Array, extent: _Extent, cancelled: Cancel | None) -> tuple[NDArray[np.float64], Counts]:
    """Count every number of an array of whole numbers that are close together."""
    assert extent.extremes is not None
    low, high = extent.extremes
    span = int(high - low) + 1
    times = np.zeros(span, np.int64)
    as_they_are = array.dtype in (np.uint8, np.uint16)
    first = low if as_they_are else 0.0
    work = np.float32 if array.dtype.itemsize <= 2 or array.dtype == np.float32 else np.float64
    # A count of many numbers is worth it only for a strip of more values than that.
    for values in _finite_strips(array, extent, cancelled, max(_STRIP, 8 * span)):
        if not as_they_are:
            values = np.subtract(values, work(low), dtype=work, casting="unsafe").astype(np.uint16)
        times += _counted(values, span, first)
    return low + np.arange(span, dtype=np.float64), times


def _from_table(
    numbers: NDArray[np.float64], times: Counts, edges: NDArray[np.float64], largest: float
) -> tuple[float, float, Counts, Counts]:
    size = np.abs(numbers)
    width = round(edges[1] - edges[0])
    counts = np.add.reduceat(times, np.arange(0, times.size, width))
    scale = _SIZES / largest if largest else 0.0
    index = np.minimum((size * scale).astype(np.int64), _SIZES - 1)
    sizes = np.bincount(index, times * (numbers != 0), _SIZES).astype(np.int64)
    total = int(times.sum())
    return float(numbers @ times / total), float(size @ times / total), counts, sizes


class _Counting:
    """Counts finite values of any kind into bins."""

    def __init__(self, array: Array, extent: _Extent, edges: NDArray[np.float64]) -> None:
        assert extent.extremes is not None
        self.array, self.extent, self.edges = array, extent, edges
        low, high = extent.extremes
        largest = max(-low, high)
        small = array.dtype.kind == "f" and array.dtype.itemsize <= 4 and not extent.is_whole
        small = small and high - low > 1e-30 and largest < 1e30
        self.work = np.float32 if small else np.float64
        # Beyond these a difference or an inverse would overflow; a power of two changes no digit.
        self.exponent = 0 if 1e-150 < largest < 1e150 else -math.frexp(largest)[1]
        self.start, end = math.ldexp(edges[0], self.exponent), math.ldexp(edges[-1], self.exponent)
        self.bins = edges.size - 1
        self.per_value = self.bins / (end - self.start) if self.bins > 1 else 0.0
        zero = (np.zeros((1, 1), self.work) - self.work(self.start)) * self.work(self.per_value)
        self._zero: tuple[int, int] = tuple(int(each[0, 0]) for each in _bins_around(zero))  # type: ignore[assignment]
        self.per_size = _SIZES / math.ldexp(largest, self.exponent) if largest else 0.0

    def run(self, cancelled: Cancel | None) -> tuple[float, float, Counts, Counts]:
        """Return the means of x and \\|x\\|, the histogram, the counts of sizes."""
        total = total_size = 0.0
        zeros = 0
        counts = np.zeros(BINS, np.int64)
        sizes = np.zeros(_SIZES + 1, np.int64)
        for values in _finite_strips(self.array, self.extent, cancelled):
            x: NDArray[np.floating[Any]] = values.astype(self.work, copy=False)
            if self.exponent:
                x = np.ldexp(x, self.exponent)
            work = np.abs(x)
            total += cv2.sumElems(x)[0]
            total_size += cv2.sumElems(work)[0]
            # A power of two may have made a 0 of a small number.
            zeros += work.size - (np.count_nonzero(values) if self.exponent else cv2.countNonZero(work))
            work *= self.work(self.per_size)
            sizes += _counted(work.astype(np.uint16), _SIZES + 1)
            if self.bins > 1:
                np.subtract(x, self.work(self.start), out=work)
                work *= self.work(self.per_value)
                self._count(counts, values, work)
        if self.bins > 1:
            self._move_zeros(counts, zeros)
        else:
            counts[0] = self.extent.count
        sizes[_SIZES - 1] += sizes[_SIZES]
        sizes[0] -= zeros
        mean, mean_size = (math.ldexp(each / self.extent.count, -self.exponent) for each in (total, total_size))
        return mean, mean_size, counts[: self.bins], sizes[:_SIZES]

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
