"""From gradients to edges one pixel wide: non-maximum suppression and hysteresis.

OpenCV's Canny takes gradients only as 16-bit whole numbers, in which those of a picture from 0 to 1 vanish; so the
suppression is done here, and OpenCV only finds the connected pixels.

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

from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.geometry import Pair

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

_STRIP = 1 << 18
"""Entries at a time."""
_FEW = 0.4
"""The share of entries asked for below which it is faster to gather these than to compute all."""
_TIE = 4.0
"""Two magnitudes that differ by at most so many roundings are equal."""


def ridges(
    magnitude: Array,
    gx: Array,
    gy: Array,
    stride: Pair = (1, 1),
    cancelled: Callable[[], bool] | None = None,
    least: float = 0.0,
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
    least : float
        Only magnitudes of at least this much are looked at; it is quicker to leave out many.

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

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        around = scratch.array("around", (bottom - top + 2, width + 2), magnitude.dtype)
        around[...] = 0
        first, last = max(top - 1, 0), min(bottom + 1, height)
        around[first - top + 1 : last - top + 1, 1:-1] = magnitude[first:last]
        here, across, down = magnitude[top:bottom], gx[top:bottom], gy[top:bottom]
        with np.errstate(invalid="ignore"):
            is_asked = here >= least if least > 0 else here > 0
        are_few = np.count_nonzero(is_asked) < here.size * _FEW
        if are_few:
            at = np.flatnonzero(is_asked)
            across, down = across.ravel().take(at), down.ravel().take(at)
        if stride != (1, 1):
            across, down = across / stride[1], down / stride[0]
        with np.errstate(invalid="ignore", over="ignore"):
            if are_few:
                centre = at + (2 * (at // width) + width + 3)
                found[top:bottom].ravel()[at] = _are_ridges_among(around, centre, across, down)
            else:
                np.logical_and(is_asked, _are_ridges(around, across, down, scratch), out=found[top:bottom])

    compute_strips(_strips(magnitude.shape), compute, cancelled=cancelled)
    return found


def _strips(shape: Pair) -> list[Pair]:
    """Return groups of rows for one thread at a time."""
    rows = max(1, _STRIP // shape[1])
    return [(top, min(top + rows, shape[0])) for top in range(0, shape[0], rows)]


def _are_ridges(around: Array, across: Array, down: Array, scratch: Scratch) -> Mask:
    """Tell the ridges of all magnitudes; `around` has a row and a column more on each side."""
    from kernels.opencv import cv2

    height, width = across.shape

    def neighbour(y: int, x: int) -> Array:
        return around[1 + y : 1 + y + height, 1 + x : 1 + x + width]

    def choose(name: str, first: Array, *others: tuple[Array, Mask]) -> Array:
        """Return the first array, with the others where their masks are set: numpy.where takes twenty times as long."""
        chosen = scratch.array(name, first.shape, first.dtype)
        chosen[...] = first
        for other, mask in others:
            cv2.copyTo(other, mask.view(np.uint8), chosen)
        return chosen

    share, is_flat = _slant(across, down)
    is_steep = ~is_flat
    turns = (across < 0) != (down < 0)
    turns_flat, turns_steep = turns & is_flat, turns & is_steep

    def step(sign: int) -> Array:
        """Return the magnitudes one step to the right or, where the slope is steep, down; or one step back."""
        straight = choose("straight", neighbour(0, sign), (neighbour(sign, 0), is_steep))
        corner = choose(
            f"step {sign}",
            neighbour(sign, sign),
            (neighbour(-sign, sign), turns_flat),
            (neighbour(sign, -sign), turns_steep),
        )
        return _between(straight, corner, share)

    there, back = step(1), step(-1)
    rises = ((across > 0) & is_flat) | ((down > 0) & is_steep)
    return _exceed(neighbour(0, 0), np.maximum(there, back), choose("behind", there, (back, rises)))


def _are_ridges_among(around: Array, centre: npt.NDArray[np.intp], across: Array, down: Array) -> Mask:
    """Tell the ridges among a few magnitudes, which stand at `centre` in `around`."""
    row, magnitudes = around.shape[1], around.ravel()
    share, is_flat = _slant(across, down)
    ahead = (across >= 0) + 2 * (down >= 0).view(np.uint8) + 4 * is_flat.view(np.uint8)
    to_straight = np.array([-row, -row, row, row, -1, 1, -1, 1]).take(ahead)
    to_corner = np.array([-row - 1, -row + 1, row - 1, row + 1] * 2).take(ahead)

    def at(place: npt.NDArray[np.intp]) -> Array:
        return magnitudes.take(place, mode="wrap")  # none is outside, and without looking it is quicker

    uphill = _between(at(centre + to_straight), at(centre + to_corner), share)
    downhill = _between(at(centre - to_straight), at(centre - to_corner), share)
    return _exceed(at(centre), uphill, downhill)


def _slant(across: Array, down: Array) -> tuple[Array, Mask]:
    """Return the smaller component as a share of the larger, and where the one across is the larger."""
    u, v = np.abs(across), np.abs(down)
    is_flat = u >= v
    share = np.minimum(u, v)
    share /= np.maximum(u, v, out=v)
    return share, is_flat


def _between(straight: Array, corner: Array, share: Array) -> Array:
    """Interpolate from the neighbour beside to that at the corner, which is overwritten."""
    corner -= straight
    corner *= share
    corner += straight
    return corner


def _exceed(here: Array, most: Array, less: Array) -> Mask:
    """Return where nothing in `most` is above the magnitude here, and what is in `less` is below it."""
    slack = here * (_TIE * np.finfo(here.dtype).eps)
    return np.asarray((most <= here + slack) & (less < here - slack))


def along_gradient(magnitude: npt.NDArray[np.float64], gx: float, gy: float) -> tuple[float, float]:
    """Return what `ridges` compares the magnitude in the middle with: those one step up and one step down the slope.

    Parameters
    ----------
    magnitude : ndarray of float64, shape (3, 3)
    gx, gy : float
        The gradient in the middle.

    Returns
    -------
    tuple of float
        Each interpolated between the two neighbours nearest to the direction; NaN where there is no gradient.
    """
    reach = max(abs(gx), abs(gy))
    if not 0 < reach < math.inf:
        return math.nan, math.nan
    share = min(abs(gx), abs(gy)) / reach
    down, right = int(math.copysign(1, gy)), int(math.copysign(1, gx))
    straight = (0, right) if abs(gx) >= abs(gy) else (down, 0)

    def step(sign: int) -> float:
        near = float(magnitude[1 + sign * straight[0], 1 + sign * straight[1]])
        corner = float(magnitude[1 + sign * down, 1 + sign * right])
        return near + share * (corner - near)

    return step(1), step(-1)


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
    weak = np.empty(candidates.shape, dtype=bool)
    found = np.empty(candidates.shape, dtype=bool)

    def compare(top: int, bottom: int, _: Scratch) -> None:
        part = slice(top, bottom)
        with np.errstate(invalid="ignore"):
            np.logical_and(candidates[part], magnitude[part] >= low, out=weak[part])
            np.logical_and(weak[part], magnitude[part] >= high, out=found[part])

    strips = _strips(magnitude.shape)
    compute_strips(strips, compare)
    if low == high or not found.any():
        return found
    from kernels.opencv import cv2

    count, numbered = cv2.connectedComponents(weak.view(np.uint8), connectivity=8)
    labels: npt.NDArray[np.int32] = np.asarray(numbered, dtype=np.int32)
    kept = np.zeros(count, dtype=bool)

    def start(top: int, bottom: int, _: Scratch) -> None:
        kept[labels[top:bottom].ravel().take(np.flatnonzero(found[top:bottom]))] = True

    def go_on(top: int, bottom: int, _: Scratch) -> None:
        kept.take(labels[top:bottom], out=found[top:bottom], mode="wrap")  # "wrap": none is outside, and nobody looks

    compute_strips(strips, start)
    compute_strips(strips, go_on)
    return found
