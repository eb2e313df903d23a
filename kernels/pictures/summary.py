"""What an array holds, in a few numbers: extremes, non-finite pixels, means, histogram, the spread of the sizes.

`summarise` looks at every value, `estimate` at 65,000 of them at most.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels.pictures.counting import SIZES, Cancel, Counts, count_values, look_through

Array = NDArray[Any]

_SAMPLE = 1 << 16


class Extent(msgspec.Struct, frozen=True, eq=False):
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


class Summary(Extent, frozen=True, eq=False):
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
        found = largest * ((min(last, SIZES - 1) + 1) / SIZES)
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
        found = look_through(array, cancelled, ask_whole=True)
        if not found.count:
            nothing = np.zeros(SIZES, np.int64)
            return Summary(None, found.bad_pixels, 0.0, 0.0, np.zeros(1, np.int64), np.array([0.0, 1.0]), nothing)
        return Summary((found.low, found.high), found.bad_pixels, *count_values(array, found, cancelled))


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
    found = look_through(np.asarray(array), None)
    return Extent((found.low, found.high) if found.count else None, found.bad_pixels)


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
