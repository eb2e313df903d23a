"""From gradients to edges one pixel wide: non-maximum suppression and hysteresis.

OpenCV's Canny takes gradients only as 16-bit whole numbers, in which those of a picture from 0 to 1 vanish; so the
suppression is done here, and SciPy finds the connected pixels.

References
----------
J. Canny (1986), "A computational approach to edge detection", IEEE Transactions on Pattern Analysis and Machine
Intelligence 8.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.errors import Cancelled
from kernels.filtering.geometry import Pair

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

_STRIP = 1 << 18
_TIE = 4.0
"""Two magnitudes that differ by at most so many roundings are equal."""


def ridges(
    magnitude: Array, gx: Array, gy: Array, stride: Pair = (1, 1), cancelled: Callable[[], bool] | None = None
) -> Mask:
    """Return where the magnitude is largest along the gradient's own direction.

    Parameters
    ----------
    magnitude, gx, gy : ndarray, shape (H, W)
    stride : (int, int)
        Picture pixels between neighbouring entries, (y, x): it turns directions in the picture into directions on
        this grid.
    cancelled : callable, optional
        Asked now and then; True stops.

    Returns
    -------
    ndarray of bool, shape (H, W)
        True where the magnitude is above 0, at least that one step ahead, up the slope, and above that one step
        behind. Of two equal neighbours the lower lying one, the one that the other is ahead of, is taken, so that an
        edge between two pixels is one pixel wide, and turning the picture by 90° turns its edges. The magnitude one
        step away is interpolated between the two neighbours nearest to the direction; outside it is 0. A pixel beside
        one that is not finite is never a ridge.

    Raises
    ------
    kernels.errors.Cancelled
        If `cancelled` returned True.
    """
    height, width = magnitude.shape
    found = np.zeros((height, width), dtype=bool)
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        if cancelled is not None and cancelled():
            raise Cancelled("the search for edges was stopped")
        bottom = min(top + rows, height)
        around = np.zeros((bottom - top + 2, width + 2), dtype=magnitude.dtype)
        first, last = max(top - 1, 0), min(bottom + 1, height)
        around[first - top + 1 : last - top + 1, 1:-1] = magnitude[first:last]
        part = slice(top, bottom)
        found[part] = _ridges(around, gx[part] / stride[1], gy[part] / stride[0])
    return found


def _ridges(around: Array, across: Array, down: Array) -> Mask:
    """Find the ridges of a strip; `around` is its magnitude with one entry more on every side."""
    centre = around[1:-1, 1:-1]
    found = np.zeros(centre.shape, dtype=bool)
    y, x = np.nonzero(centre > 0)
    u, v = across[y, x], down[y, x]
    is_flat = np.abs(u) >= np.abs(v)
    with np.errstate(invalid="ignore"):
        share = np.minimum(np.abs(u), np.abs(v)) / np.maximum(np.abs(u), np.abs(v))
    line = around.shape[1]
    step_x, step_y = np.sign(u).astype(np.int64), line * np.sign(v).astype(np.int64)
    straight, diagonal = np.where(is_flat, step_x, step_y), step_x + step_y
    values, at = around.ravel(), (y + 1) * line + x + 1
    here = values[at]
    slack = here * (_TIE * np.finfo(around.dtype).eps)

    def beyond(sign: int) -> Array:
        near, corner = values[at + sign * straight], values[at + sign * diagonal]
        between: Array = near + share * (corner - near)
        return between

    # Next to the largest number the slack, or the rounding between two such numbers, reaches infinity.
    with np.errstate(invalid="ignore", over="ignore"):
        found[y, x] = (beyond(1) <= here + slack) & (beyond(-1) < here - slack)
    return found


def check_thresholds(low: object, high: object) -> tuple[float, float]:
    """Return the thresholds as numbers.

    Raises
    ------
    TypeError
        One is not a number.
    ValueError
        One is negative or not finite, or `low` is above `high`.
    """
    least, most = _threshold("low", low), _threshold("high", high)
    if least > most:
        raise ValueError(f"low is {least:g} and high is {most:g}, but low must not be above high.")
    return least, most


def _threshold(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} is {value!r}, but a threshold must be a number.")
    number = float(value)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"{name} is {value!r}, but a threshold must be a finite number of at least 0.")
    return number


def hysteresis(candidates: Mask, magnitude: Array, low: float, high: float) -> Mask:
    """Keep candidates of at least `high`, and those of at least `low` that are connected to one of them.

    Parameters
    ----------
    candidates : ndarray of bool, shape (H, W)
    magnitude : ndarray, shape (H, W)
    low, high : float
        In the magnitude's unit, see `check_thresholds`.

    Returns
    -------
    ndarray of bool, shape (H, W)
        Connected means neighbours by side or corner, all of at least `low`.
    """
    low, high = check_thresholds(low, high)
    with np.errstate(invalid="ignore"):
        weak = candidates & (magnitude >= low)
        strong = weak & (magnitude >= high)
    if low == high or not strong.any():
        return strong
    from scipy import ndimage

    labels, count = ndimage.label(weak, structure=np.ones((3, 3)))
    kept = np.zeros(count + 1, dtype=bool)
    kept[labels[strong]] = True
    return np.asarray(kept[labels])
