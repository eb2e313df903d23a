"""From numbers to something that can be looked at: levels, rendering, histogram, reduced copies.

Nothing here changes a result; it only decides which number is painted black and which white. Non-finite pixels are
left out of levels, counts and histogram and painted in `kernels.pictures.colour_maps.NON_FINITE`. Everything goes
through the array in strips, so that a picture of 50 megapixels needs little more memory than its rendering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kernels.errors import unknown_name
from kernels.pictures.colour_maps import NON_FINITE, colour_maps, table
from kernels.pictures.reduction import pyramid, strips

if TYPE_CHECKING:
    from kernels.kernel import Kernel

__all__ = [
    "MODES",
    "clipped",
    "colour_maps",
    "contract_error",
    "finite_range",
    "histogram",
    "is_flat",
    "levels",
    "non_finite",
    "pyramid",
    "render",
]

Array = NDArray[Any]
Levels = tuple[float, float]

MODES = ("clip", "abs", "minmax", "signed", "manual", "raw")
"""How numbers become brightness.

``clip``: the file's black and white. ``abs``: the same, of the absolute value. ``minmax``: the smallest and the largest
value. ``signed``: 0 in the middle. ``manual``: as given. ``raw``: the numbers themselves, painted like ``minmax``.
"""


def finite_range(array: Array) -> Levels | None:
    """Return the smallest and largest finite value, or None when there is none."""
    low, high = np.inf, -np.inf
    for strip in strips(array):
        least, most = _extremes(strip)
        low, high = min(low, least), max(high, most)
    return (low, high) if low <= high else None


def is_flat(array: Array, tolerance: float = 0.0) -> bool:
    """Return whether the finite values lie within `tolerance` of each other."""
    found = finite_range(array)
    return found is None or found[1] - found[0] <= tolerance


def contract_error(image: Array, kernel: Kernel, border_reach: float = 0.0) -> float:
    """Return the error a result of filtering `image` may have; differences up to it mean nothing.

    Zero where the result is exact (integer picture and weights, partial sums below 2^24), else
    1e-5 · Σ|w| · max(\\|x\\|, `border_reach`) / \\|divisor\\|, see `SlidingOptions.border_reach`.
    """
    found = finite_range(image)
    greatest = max(border_reach, *(abs(value) for value in found or (0.0,)))
    reach = kernel.absolute_sum * greatest
    whole = image.dtype.kind in "iub" and float(border_reach).is_integer()
    if whole and reach < 2**24 and bool(np.all(kernel.weights == np.rint(kernel.weights))):
        return 0.0
    return 1e-5 * reach / abs(kernel.divisor)


def levels(
    array: Array,
    mode: str,
    file_range: Levels,
    manual: Levels | None = None,
    *,
    tolerance: float = 0.0,
    coverage: float = 1.0,
) -> Levels:
    """Return the values that are painted black and white.

    Parameters
    ----------
    array : ndarray
        ``(H, W)`` or ``(H, W, 3)``.
    mode : str
        One of `MODES`.
    file_range : (float, float)
        Black and white of the picture that was filtered.
    manual : (float, float), optional
        The levels of mode ``manual``.
    tolerance : float
        A span up to this counts as flat, see `contract_error`; rounding noise is then not stretched to full contrast.
    coverage : float
        Mode ``signed``: the share of the values other than 0 that lie within the levels. A few strong edges would
        otherwise leave everything else pale; those beyond are clipped, and counted by `clipped`.

    Returns
    -------
    (float, float)
        Finite, the first below the second, whatever the array holds.

    Raises
    ------
    ValueError
        An unknown mode, or manual levels that are missing, not finite or not in order.
    """
    if mode not in MODES:
        raise unknown_name("range", mode, MODES)
    black, white = float(file_range[0]), float(file_range[1])
    if mode == "manual":
        return _checked(manual)
    if mode == "clip":
        return black, white
    if mode == "abs":
        return 0.0, max(abs(black), abs(white))
    found = finite_range(array)
    if mode == "signed":
        reach = 0.0 if found is None else max(abs(found[0]), abs(found[1]))
        if reach <= tolerance:
            reach = max(abs(black), abs(white))
        elif coverage < 1.0:
            reach = _covering(array, reach, coverage)
        return -reach, reach
    if found is None:
        return black, white
    low, high = found
    if high - low <= tolerance or not low < high:
        # A flat result keeps the file's own black and white, widened until it fits.
        return min(black, low), max(white, high)
    return low, high


def _covering(array: Array, reach: float, coverage: float) -> float:
    """Return the end of the smallest of 4096 ranges |x| <= r that holds `coverage` of the values other than 0."""
    bins = 4096
    if not 1e-300 < reach < 1e300:
        return reach  # a part of it, or its inverse, would be no number at all
    counts = np.zeros(bins, np.int64)
    for strip in strips(array):
        size = np.abs(strip.astype(np.float64))
        if strip.dtype.kind == "f":
            size = size[np.isfinite(size)]
        index = np.minimum((size * (bins / reach)).astype(np.int32), bins - 1)
        counts += np.bincount(index.ravel(), minlength=bins)
        counts[0] -= np.count_nonzero(strip == 0)
    total = int(counts.sum())
    if total == 0:
        return reach
    last = int(np.searchsorted(np.cumsum(counts), coverage * total))
    covering = reach * ((min(last, bins - 1) + 1) / bins)
    step = 10.0 ** (np.floor(np.log10(covering)) - 1)
    # Two significant figures: a level is read aloud.
    return min(reach, float(np.ceil(covering / step) * step))


def render(
    array: Array,
    levels: Levels,
    mode: str = "clip",
    colour_map: str = "grey",
) -> NDArray[np.uint8]:
    """Paint an array.

    Parameters
    ----------
    array : ndarray
        ``(H, W)`` or ``(H, W, 3)``, any real dtype.
    levels : (float, float)
        As `levels` returns them.
    mode : str
        ``abs`` paints the absolute value; every other mode the value.
    colour_map : str
        For ``(H, W)`` arrays; a colour picture keeps its colours.

    Returns
    -------
    ndarray
        uint8. ``(H, W)`` for a grey map when every pixel is finite, else ``(H, W, 3)`` RGB.

    Raises
    ------
    ValueError
        An unknown colour map, or levels that are not in order.
    """
    low, high = _checked(levels)
    colours = table(colour_map)
    array = np.asarray(array)
    height, width = array.shape[:2]
    absolute = mode == "abs"
    coloured = array.ndim == 3 or colour_map != "grey" or non_finite(array) > 0
    out = np.empty((height, width, 3) if coloured else (height, width), np.uint8)
    lookup = _lookup(array.dtype, low, high, absolute)
    start = 0
    for strip in strips(array):
        stop = start + strip.shape[0]
        bad = _bad_pixels(strip)
        index = _index(strip, low, high, absolute) if lookup is None else lookup[strip]
        if not coloured or array.ndim == 3:
            out[start:stop] = index
        else:
            np.take(colours, index, axis=0, out=out[start:stop], mode="clip")
        if bad is not None:
            out[start:stop][bad] = NON_FINITE
        start = stop
    return out


def clipped(array: Array, levels: Levels, mode: str = "clip") -> tuple[int, int]:
    """Count the finite pixels below and above the levels; of a colour pixel, any channel counts.

    A millionth of the span beyond a level is rounding, not clipping.
    """
    low, high = levels
    slack = 1e-6 * (high - low)
    below = above = 0
    for strip in strips(np.asarray(array)):
        values = np.abs(strip.astype(np.float64)) if mode == "abs" else strip
        under = values < low - slack
        over = values > high + slack
        if strip.dtype.kind == "f":
            finite = np.isfinite(strip)
            under &= finite
            over &= finite
        below += _pixel_count(under)
        above += _pixel_count(over)
    return below, above


def non_finite(array: Array) -> int:
    """Count the pixels that are NaN or infinite in any channel."""
    if array.dtype.kind != "f":
        return 0
    return sum(0 if bad is None else int(np.count_nonzero(bad)) for bad in map(_bad_pixels, strips(array)))


def histogram(array: Array, bins: int = 256) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count the finite values of all channels.

    Parameters
    ----------
    array : ndarray
    bins : int
        At most so many. Whole numbers get bins of a whole width, centred on the numbers: otherwise neighbouring bins
        would catch more and fewer of them by turns and the curve would look like a comb.

    Returns
    -------
    counts : ndarray
        int64, ``(n,)``; all zero for an array without a finite value.
    edges : ndarray
        float64, ``(n + 1,)``, ascending.
    """
    found = finite_range(array)
    if found is None:
        return np.zeros(1, np.int64), np.array([0.0, 1.0])
    low, high = found
    if not np.isfinite(high - low):
        counts, edges = histogram(array * 0.25, bins)
        return counts, edges * 4.0
    if max(-low, high) < 2**31 and all(_is_whole(strip) for strip in strips(array)):
        width = max(1.0, np.ceil((high - low + 1.0) / bins))
        edges = low - 0.5 + width * np.arange(int((high - low) // width) + 2)
    else:
        edges = np.linspace(low, high, bins + 1)
        if not (np.diff(edges) > 0).all():
            # One value, or so few numbers between the two that the bins would have no width.
            edges = np.array([np.nextafter(low, -np.inf), np.nextafter(high, np.inf)])
    return _counts(array, edges), edges


def _counts(array: Array, edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count the finite values between equally spaced edges."""
    size, ends = edges.size - 1, (float(edges[0]), float(edges[-1]))
    if size == 1:
        return np.array([sum(int(np.count_nonzero(np.isfinite(strip))) for strip in strips(array))], np.int64)
    if array.dtype in (np.uint8, np.uint16):
        values = np.arange(int(np.iinfo(array.dtype).max) + 1)
        times = sum(np.bincount(strip.ravel(), minlength=values.size) for strip in strips(array))
        return np.histogram(values, size, ends, weights=times)[0].astype(np.int64)
    counts = np.zeros(size, np.int64)
    for strip in strips(array):
        numbers = strip[np.isfinite(strip)] if strip.dtype.kind == "f" else strip
        counts += np.histogram(numbers.astype(np.float64, copy=False), size, ends)[0]
    return counts


def _index(strip: Array, low: float, high: float, absolute: bool) -> NDArray[np.uint8]:
    """Return the 0..255 position of every value between the levels; non-finite values give 0 or 255."""
    span = high - low
    # float32 loses nothing that an 8-bit result could show, unless the levels are beyond its range.
    wide = (strip.dtype.kind in "iu" and strip.dtype.itemsize > 2) or strip.dtype == np.float64
    wide = wide or not 1e-30 < span < 1e37 or max(abs(low), abs(high)) > 1e37
    dtype = np.float64 if wide else np.float32
    with np.errstate(invalid="ignore", over="ignore"):
        values: NDArray[np.floating] = strip.astype(dtype)
        if absolute:
            np.abs(values, out=values)
        if not np.isfinite(span):
            values *= 0.5
            low, high = low * 0.5, high * 0.5
            span = high - low
        values -= dtype(low)
        values /= dtype(span)
        values *= dtype(255.0)
    np.nan_to_num(values, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    np.clip(values, 0.0, 255.0, out=values)
    position: NDArray[np.uint8] = np.rint(values, out=values).astype(np.uint8)
    return position


def _lookup(dtype: np.dtype[Any], low: float, high: float, absolute: bool) -> NDArray[np.uint8] | None:
    """Return the position of every value an 8 or 16-bit unsigned array can have, or None for other dtypes."""
    if dtype not in (np.uint8, np.uint16):
        return None
    return _index(np.arange(int(np.iinfo(dtype).max) + 1).astype(dtype), low, high, absolute)


def _checked(pair: Levels | None) -> Levels:
    if pair is None:
        raise ValueError("Manual levels need two numbers, black and white.")
    low, high = float(pair[0]), float(pair[1])
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"Levels are finite numbers, not {low:g} and {high:g}.")
    if not low < high:
        raise ValueError(f"The level of black, {low:g}, must be below that of white, {high:g}.")
    return low, high


def _extremes(strip: Array) -> Levels:
    """Return the finite minimum and maximum, (inf, -inf) when there is none."""
    low, high = float(strip.min()), float(strip.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = strip[np.isfinite(strip)]
    return (float(finite.min()), float(finite.max())) if finite.size else (np.inf, -np.inf)


def _bad_pixels(strip: Array) -> NDArray[np.bool_] | None:
    """Return the mask of non-finite pixels, or None when there is none."""
    if strip.dtype.kind != "f":
        return None
    finite = np.isfinite(strip)
    if finite.all():
        return None
    return ~finite if strip.ndim == 2 else np.any(~finite, axis=2)


def _is_whole(strip: Array) -> bool:
    if strip.dtype.kind != "f":
        return True
    return bool(((strip == np.rint(strip)) | ~np.isfinite(strip)).all())


def _pixel_count(mask: NDArray[np.bool_]) -> int:
    if mask.ndim == 3:
        # A reduction over a short last axis goes pixel by pixel; this goes over whole strips.
        mask = np.logical_or.reduce([mask[:, :, channel] for channel in range(mask.shape[2])])
    return int(np.count_nonzero(mask))
