"""From numbers to something that can be looked at: levels, rendering, counts of what the levels cut off.

Nothing here changes a result; it only decides which number is painted black and which white. Non-finite pixels are
left out of levels and counts and painted in `kernels.pictures.colour_maps.NON_FINITE`. Everything goes through the
array in strips that stay in the processor's cache, so that a large picture needs little more memory than its rendering.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import core_for
from kernels.errors import stop_if, unknown_name
from kernels.opencv import cv2
from kernels.pictures.colour_maps import NON_FINITE, table
from kernels.pictures.strips import bad_pixels, pixels_of, strips
from kernels.pictures.summary import Extent, Summary, extent_of, finite_range

if TYPE_CHECKING:
    from kernels.kernel import Kernel

Array = NDArray[Any]
Levels = tuple[float, float]

MODES = ("clip", "abs", "minmax", "signed", "manual", "raw")
"""How numbers become brightness.

``clip``: the file's black and white. ``abs``: the same, of the absolute value. ``minmax``: the smallest and the largest
value. ``signed``: 0 in the middle. ``manual``: as given. ``raw``: the numbers themselves, painted like ``minmax``.
"""


def error_bound(image: Array, kernel: Kernel, border_reach: float = 0.0, *, largest: float | None = None) -> float:
    """Return the error a result of filtering `image` may have; differences up to it mean nothing.

    Zero where the result is exact (integer picture and weights, partial sums below 2^24), else
    1e-5 · Σ|w| · max(\\|x\\|, `border_reach`) / \\|divisor\\|, see `SlidingOptions.border_reach`.
    `largest` is the largest finite \\|x\\| where that is known.
    """
    if largest is None:
        largest = max(abs(value) for value in finite_range(image) or (0.0,))
    sum_bound = kernel.absolute_sum * max(border_reach, largest)
    whole = image.dtype.kind in "iub" and float(border_reach).is_integer()
    if whole and sum_bound < 2**24 and bool(np.all(kernel.weights == np.rint(kernel.weights))):
        return 0.0
    return 1e-5 * sum_bound / abs(kernel.divisor)


def levels(
    summary: Extent,
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
    summary : Extent
        Of what is to be painted, exact or an estimate; a `Summary` where a coverage is given.
    mode : str
        One of `MODES`.
    file_range : (float, float)
        Black and white of the picture that was filtered.
    manual : (float, float), optional
        The levels of mode ``manual``.
    tolerance : float
        A span up to this counts as flat, see `error_bound`; rounding noise is then not stretched to full contrast.
    coverage : float
        Mode ``signed``: the share of the values other than 0 that lie within the levels. A few strong edges would
        otherwise leave everything else pale; those beyond are clipped, and counted by `clipped`.

    Returns
    -------
    (float, float)
        Finite, the first below the second, whatever the array held.

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
    if (known := file_levels(mode, (black, white))) is not None:
        return known
    if mode == "signed":
        end = summary.largest
        if end <= tolerance:
            end = max(abs(black), abs(white))
        elif coverage < 1.0 and isinstance(summary, Summary):
            end = summary.covering(coverage)
        return -end, end
    if summary.extremes is None:
        return black, white
    low, high = summary.extremes
    if summary.is_flat(tolerance):
        # A flat result keeps the file's own black and white, widened until it fits.
        return min(black, low), max(white, high)
    return low, high


def file_levels(mode: str, file_range: Levels) -> Levels | None:
    """Return the levels of a mode for which the file's own black and white suffice; None for any other mode."""
    black, white = float(file_range[0]), float(file_range[1])
    if mode == "clip":
        return black, white
    return (0.0, max(abs(black), abs(white))) if mode == "abs" else None


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
    return _rendered(np.asarray(array), levels, mode, colour_map)[0]


def render_and_look(array: Array, levels: Levels, mode: str = "clip") -> tuple[NDArray[np.uint8], Extent]:
    """Paint an array in grey or in its own colours as `render` does, and return its extent too, found on the way."""
    array = np.asarray(array)
    out, ends = _rendered(array, levels, mode)
    return out, extent_of(array) if ends is None else Extent(ends, 0)


def _rendered(
    array: Array, levels: Levels, mode: str, colour_map: str = "grey"
) -> tuple[NDArray[np.uint8], Levels | None]:
    """Return what is painted, and the smallest and the largest value where these were met and all are finite."""
    colours = table(colour_map)
    mapped = array.ndim == 2 and colour_map != "grey"
    paint = _Painter(array, _checked(levels), mode == "abs", colours if mapped else None)
    out = np.empty((*array.shape[:2], 3) if mapped or array.ndim == 3 else array.shape, np.uint8)
    if paint.core is not None and array.flags.c_contiguous:
        ends = paint.by_core(array, out)
        return (out, ends) if ends is not None else (_with_bad_pixels(out, array), None)
    are_finite, stop = True, 0
    for strip in strips(array):
        start, stop = stop, stop + strip.shape[0]
        are_finite &= paint(strip, out[start:stop])
    return out if are_finite else _with_bad_pixels(out, array), None


def render_packed(array: Array, levels: Levels, mode: str = "clip", colour_map: str = "grey") -> NDArray[np.uintc]:
    """Paint an array as `render` does, with a number 0xffRRGGBB for each pixel, as most screens have it, (H, W)."""
    array = np.asarray(array)
    paint = _Painter(array, _checked(levels), mode == "abs", table(colour_map) if array.ndim == 2 else None)
    if paint.core is not None:
        out = np.empty(array.shape[:2], np.uintc)
        if paint.by_core(array, out) is not None:
            return out
    image = render(array, levels, mode, colour_map)
    code = cv2.COLOR_GRAY2BGRA if image.ndim == 2 else cv2.COLOR_RGB2BGRA
    packed: NDArray[np.uintc] = np.asarray(cv2.cvtColor(image, code)).view("<u4")[:, :, 0]
    return packed


def _with_bad_pixels(out: NDArray[np.uint8], array: Array) -> NDArray[np.uint8]:
    """Mark what is not finite, in colours."""
    if out.ndim == 2:
        out = np.asarray(cv2.cvtColor(out, cv2.COLOR_GRAY2RGB), np.uint8)
    stop = 0
    for strip in strips(array):
        start, stop = stop, stop + strip.shape[0]
        bad = bad_pixels(strip)
        if bad is not None:
            out[start:stop][bad] = NON_FINITE
    return out


class Clipped(NamedTuple):
    """How many pixels lie beyond two levels.

    Attributes
    ----------
    below, above : int
        In some channel; a colour pixel may be among both.
    pixels : int
        Below or above.
    """

    below: int
    above: int
    pixels: int


def clipped(
    array: Array, levels: Levels, mode: str = "clip", *, cancelled: Callable[[], bool] | None = None
) -> Clipped:
    """Count the finite pixels below and above the levels; of a colour pixel, any channel counts.

    A millionth of the span beyond a level is rounding, not clipping. `cancelled` is asked before each strip of about
    130,000 values; when it returns True, `kernels.errors.Cancelled` is raised.
    """
    array = np.asarray(array)
    slack = 1e-6 * (levels[1] - levels[0])
    low, high = levels[0] - slack, levels[1] + slack
    whole = array.dtype.kind in "iu" and mode != "abs"
    if whole:
        low, high = math.ceil(low), math.floor(high)  # compared as they are, not as floats
    core = core_for(array)
    below = above = pixels = 0
    for strip in strips(array):
        stop_if(cancelled)
        if core is not None:
            under, over, either = core.beyond(pixels_of(strip), low, high, mode == "abs")
            below, above, pixels = below + under, above + over, pixels + either
            continue
        values = strip
        if mode == "abs":
            values = np.abs(strip if strip.dtype.kind == "f" else strip.astype(np.float64))
        with np.errstate(over="ignore"):
            under, over = values < low, values > high
        if bad_pixels(strip) is not None:
            finite = np.isfinite(strip)
            under &= finite
            over &= finite
        below += _pixel_count(under)
        above += _pixel_count(over)
        pixels += _pixel_count(under | over)
    return Clipped(below, above, pixels)


def _pixel_count(mask: NDArray[np.bool_]) -> int:
    count = int(np.count_nonzero(mask))
    if count and mask.ndim == 3:
        # A reduction over a short last axis goes pixel by pixel; this goes over whole strips.
        return int(np.count_nonzero(np.logical_or.reduce([mask[:, :, k] for k in range(mask.shape[2])])))
    return count


class _Painter:
    """Gives every value its position 0..255 between two levels, or the colour that stands there; NaN gets any.

    The position is 255 (x - low) / (high - low) rounded half to even, computed in float32 where that is precise to a
    thousandth of a shade, else in float64.
    """

    def __init__(self, array: Array, levels: Levels, absolute: bool, colours: NDArray[np.uint8] | None) -> None:
        self.low, self.high = levels
        self.absolute, self.colours = absolute, colours
        dtype, largest, span = array.dtype, max(abs(self.low), abs(self.high)), self.high - self.low
        narrow = (dtype.kind == "f" and dtype.itemsize <= 4) or dtype.itemsize <= 2
        # Far from 0, x and low have most of their digits in common; in float32 the rest would be lost.
        self.work = np.float32 if narrow and span > 1e-30 and largest < min(16 * span, 1e37) else np.float64
        self.core = core_for(array) if math.isfinite(span) else None
        self.lookup, self.is_identity = None, False
        if self.core is None and dtype == np.uint8:
            every = np.arange(256, dtype=np.uint8)
            self.lookup = self._positions(every[np.newaxis])[0]
            self.is_identity = np.array_equal(self.lookup, every)

    def __call__(self, strip: Array, to: Array) -> bool:
        """Paint a strip; returns whether all of its values are finite."""
        if self.core is not None:
            return self.by_core(strip, to) is not None
        if self.colours is None:
            to[:] = self._greys(strip)
        else:
            cv2.applyColorMap(np.ascontiguousarray(self._greys(strip)), self.colours[:, np.newaxis], dst=to)
        return bad_pixels(strip) is None

    def by_core(self, values: Array, to: Array) -> Levels | None:
        """Paint in C, where there is that; returns the smallest and the largest value, None if not all are finite."""
        assert self.core is not None
        in_double = self.work == np.float64
        ends: Levels | None = self.core.paint(
            pixels_of(values), pixels_of(to), self.colours, self.low, self.high, self.absolute, in_double
        )
        return ends

    def _greys(self, strip: Array) -> NDArray[np.uint8]:
        if self.is_identity:
            return strip
        if self.lookup is not None:
            return np.asarray(cv2.LUT(strip.reshape(strip.shape[0], -1), self.lookup), np.uint8).reshape(strip.shape)
        return self._positions(strip)

    def _positions(self, strip: Array) -> NDArray[np.uint8]:
        with np.errstate(invalid="ignore", over="ignore"):
            if self.absolute:
                strip = np.abs(strip.astype(self.work))
            # Clipped first: OpenCV's conversion to 8 bits turns what is beyond 2^31 to 0.
            ends = self.work(self.low), self.work(self.high)
            values = np.clip(strip, *ends, dtype=self.work, casting="unsafe")
            if self.work == np.float32:
                scale = 255.0 / (self.high - self.low)
                shift = -self.low * scale
            else:
                low, span = self.low, self.high - self.low
                if not math.isfinite(span):
                    values *= 0.25
                    low, span = 0.25 * low, 0.25 * self.high - 0.25 * low
                values -= low
                values /= span
                scale, shift = 255.0, 0.0
        flat = values.reshape(values.shape[0], -1)
        return np.asarray(cv2.convertScaleAbs(flat, alpha=scale, beta=shift), np.uint8).reshape(values.shape)


def _checked(pair: Levels | None) -> Levels:
    if pair is None:
        raise ValueError("Manual levels need two numbers, black and white.")
    low, high = float(pair[0]), float(pair[1])
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"Levels are finite numbers, not {low:g} and {high:g}.")
    if not low < high:
        raise ValueError(f"The level of black, {low:g}, must be below that of white, {high:g}.")
    return low, high
