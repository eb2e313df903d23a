"""From gradients to edges one pixel wide: non-maximum suppression and hysteresis.

OpenCV's Canny takes gradients only as 16-bit whole numbers, in which those of a picture from 0 to 1 vanish; so both are
done here. Without the compiled core, OpenCV finds the connected pixels.

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

from kernels import compiled
from kernels.errors import stop_if
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.geometry import Pair

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

_STRIP = 1 << 18
"""Entries at a time."""
_TIE = 4.0
"""Two magnitudes that differ by at most so many roundings are equal."""
_STACK = 1 << 14
"""Pixels that may have been found connected without having been gone on from."""


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
    dtype = np.result_type(magnitude, gx, gy, np.float32)
    magnitude, gx, gy = (np.ascontiguousarray(each, dtype) for each in (magnitude, gx, gy))
    found = np.zeros(magnitude.shape, dtype=bool)
    core = compiled.core

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        part = slice(top, bottom)
        if core is None:
            _mark_ridges(magnitude, gx[part], gy[part], top, stride, least, found[part])
        else:
            rows = scratch.array("rows", (3 * (magnitude.shape[1] + 2),), dtype)
            core.ridges(magnitude, gx[part], gy[part], top, stride, least, rows, found[part])

    compute_strips(_strips(magnitude.shape), compute, cancelled=cancelled)
    return found


def _strips(shape: Pair) -> list[Pair]:
    """Return groups of rows for one thread at a time."""
    rows = max(1, _STRIP // shape[1])
    return [(top, min(top + rows, shape[0])) for top in range(0, shape[0], rows)]


def _mark_ridges(magnitude: Array, gx: Array, gy: Array, top: int, stride: Pair, least: float, found: Mask) -> None:
    """Mark the ridges in some rows from `top` on; all but the magnitudes are these rows."""
    rows, width = found.shape
    around = np.zeros((rows + 2, width + 2), magnitude.dtype)
    first, last = max(top - 1, 0), min(top + rows + 1, magnitude.shape[0])
    around[first - top + 1 : last - top + 1, 1:-1] = magnitude[first:last]
    magnitudes, row = around.ravel(), width + 2
    with np.errstate(invalid="ignore", over="ignore"):
        here = magnitude[top : top + rows]
        at = np.flatnonzero(here >= least if least > 0 else here > 0)
        centre = at + (2 * (at // width) + width + 3)
        across, down = gx.ravel().take(at) / stride[1], gy.ravel().take(at) / stride[0]
        u, v = np.abs(across), np.abs(down)
        is_flat = u >= v
        share = np.minimum(u, v) / np.maximum(u, v)
        ahead = (across >= 0) + 2 * (down >= 0).view(np.uint8) + 4 * is_flat.view(np.uint8)
        to_straight = np.array([-row, -row, row, row, -1, 1, -1, 1]).take(ahead)
        to_corner = np.array([-row - 1, -row + 1, row - 1, row + 1] * 2).take(ahead)

        def between(straight: npt.NDArray[np.intp], corner: npt.NDArray[np.intp]) -> Array:
            """Interpolate from the neighbour beside to that at the corner."""
            near = magnitudes.take(straight)
            return (magnitudes.take(corner) - near) * share + near

        size = magnitudes.take(centre)
        slack = size * (_TIE * np.finfo(size.dtype).eps)
        is_highest = between(centre + to_straight, centre + to_corner) <= size + slack
        is_highest &= between(centre - to_straight, centre - to_corner) < size - slack
    found.ravel()[at] = is_highest


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


def hysteresis(
    candidates: Mask,
    magnitude: Array,
    low: float,
    high: float,
    cancelled: Callable[[], bool] | None = None,
) -> Mask:
    """Keep candidates of at least `high`, and those of at least `low` that are connected to one of them.

    Parameters
    ----------
    candidates : ndarray of bool, shape (H, W)
    magnitude : ndarray, shape (H, W)
    low, high : float
        In the magnitude's unit, see `check_thresholds`.
    cancelled : callable, optional
        Asked now and then; True stops.

    Returns
    -------
    ndarray of bool, shape (H, W)
        Connected means neighbours by side or corner, all of at least `low`.

    Raises
    ------
    kernels.errors.Cancelled
        If `cancelled` returned True.
    """
    low, high = check_thresholds(low, high)
    stop_if(cancelled)
    if compiled.core is None:
        return _connected(candidates, magnitude, low, high)
    core, (height, width) = compiled.core, magnitude.shape
    candidates = np.ascontiguousarray(candidates)
    magnitude = np.ascontiguousarray(magnitude, np.result_type(magnitude, np.float32))
    waiting, found = np.empty((height, width), dtype=bool), np.empty((height, width), dtype=bool)

    def connect(part: slice, top: int, bottom: int, scratch: Scratch) -> bool:
        """Find what is connected within a part, from some of its rows on; False where there may be more."""
        room = scratch.array("room", (2 * width + 2,), np.dtype(np.uint8))
        stack = scratch.array("stack", (_STACK, 2), np.dtype(np.intc))
        return bool(core.connect(waiting[part], found[part], top, bottom, room, stack))

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        part = slice(top, bottom)
        asked, size, later, now = (each[part].ravel() for each in (candidates, magnitude, waiting, found))
        core.double_threshold(asked, size, low, high, later, now)
        while not connect(part, 0, bottom - top, scratch):
            pass

    strips, scratch = _strips(magnitude.shape), Scratch()
    compute_strips(strips, compute, cancelled=cancelled)
    rows = [(top - 1, top + 1) for top, _ in strips[1:]]  # what is found across their seams may go on anywhere
    while rows:
        is_complete = True
        for top, bottom in rows:
            stop_if(cancelled)
            is_complete &= connect(slice(height), top, bottom, scratch)
        rows = [] if is_complete else [(0, height)]
    return found


def _connected(candidates: Mask, magnitude: Array, low: float, high: float) -> Mask:
    """Do what `hysteresis` does."""
    from kernels.opencv import cv2

    with np.errstate(invalid="ignore"):
        weak = candidates & (magnitude >= low)
        strong = weak & (magnitude >= high)
    count, numbered = cv2.connectedComponents(weak.view(np.uint8), connectivity=8)
    labels: npt.NDArray[np.int32] = np.asarray(numbered, dtype=np.int32)
    kept = np.zeros(count, dtype=bool)
    kept[labels[strong]] = True
    return kept.take(labels)
