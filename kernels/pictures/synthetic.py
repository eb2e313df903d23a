"""Test pictures made by formula, so that every pixel of them can be predicted.

All are 8-bit grey. The two grids are those that the lectures filter by hand.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

SIDE = 256
"""Rows and columns of the larger patterns."""


def lecture_grid() -> Grey:
    """Return a 10 × 10 grid: a square of 90s with one hole, and a single 90 below it."""
    grid = np.zeros((10, 10), np.uint8)
    grid[2:7, 3:8] = 90
    grid[5, 4] = 0
    grid[8, 2] = 90
    return grid


def lecture_example() -> Grey:
    """Return the 5 × 5 grid of numbers 0 to 3."""
    rows = ("33210", "00131", "31223", "20022", "20001")
    return np.array([[int(digit) for digit in row] for row in rows], np.uint8)


def impulse(side: int = 65) -> Grey:
    """Return black with one white pixel in the middle; `side` is odd."""
    pixels = np.zeros((side, side), np.uint8)
    pixels[side // 2, side // 2] = 255
    return pixels


def step(side: int = SIDE, dark: int = 64, bright: int = 192) -> Grey:
    """Return a vertical edge: `dark` on the left half, `bright` on the right."""
    pixels = np.full((side, side), dark, np.uint8)
    pixels[:, side // 2 :] = bright
    return pixels


def ramp() -> Grey:
    """Return 256 columns, each one grey level brighter than the one on its left: the slope is exactly 1 per pixel."""
    return np.ascontiguousarray(np.broadcast_to(np.arange(256, dtype=np.uint8), (SIDE, 256)))


def disc(side: int = SIDE, radius: float = 80.0) -> Grey:
    """Return a white disc on black whose rim pixels are grey by the distance of their centre to the circle."""
    distance = np.hypot(*_centred(side))
    return _quantised(np.clip(radius + 0.5 - distance, 0.0, 1.0))


def checkerboard(side: int = SIDE, square: int = 16) -> Grey:
    """Return black and white squares of `square` pixels, black at the top left."""
    index = np.arange(side) // square
    return np.where((index[:, None] + index[None, :]) % 2 == 1, 255, 0).astype(np.uint8)


def siemens_star(side: int = SIDE, spokes: int = 36) -> Grey:
    """Return sinusoidal spokes that meet in the middle, mid-grey outside the circle that touches the edges."""
    y, x = _centred(side)
    spokes_here = 0.5 + 0.5 * np.cos(spokes * np.arctan2(y, x))
    return _quantised(np.where(np.hypot(y, x) <= side / 2, spokes_here, 0.5))


def zone_plate(side: int = SIDE) -> Grey:
    """Return rings whose frequency grows with the radius and reaches Nyquist, 1/2 per pixel, at the edges.

    The phase is π r² / side; its derivative along r, 2π r / side, is the angular frequency, π at r = side / 2. The
    middle is a pixel, not a corner between four: otherwise the finest rings would be sampled where they cross grey.
    """
    axis = np.arange(side, dtype=np.float64) - side // 2
    y, x = axis[:, None], axis[None, :]
    return _quantised(0.5 + 0.5 * np.cos(np.pi * (y * y + x * x) / side))


def noise(side: int = SIDE, mean: float = 128.0, deviation: float = 32.0) -> Grey:
    """Return Gaussian noise, the same every time.

    NumPy promises the raw numbers of PCG64 to every later version, but not what its generators make of them. So they
    become Gaussian here (G. E. P. Box, M. E. Muller, 1958, A note on the generation of random normal deviates).
    """
    raw = np.random.PCG64(20).random_raw(2 * side * side).reshape(2, side, side)
    first, second = ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    values: NDArray[np.float64] = mean + deviation * np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


MAKERS: dict[str, Callable[[], Grey]] = {
    "lecture-grid": lecture_grid,
    "lecture-5x5": lecture_example,
    "impulse": impulse,
    "step": step,
    "ramp": ramp,
    "disc": disc,
    "checkerboard": checkerboard,
    "siemens-star": siemens_star,
    "zone-plate": zone_plate,
    "noise": noise,
}

WHITE_LEVELS = {"lecture-5x5": 3.0}
"""White levels other than 255: numbers from 0 to 3 would all look black."""


def _centred(side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return y (side, 1) and x (1, side) of the pixel centres, measured from the middle of the picture."""
    axis: NDArray[np.float64] = np.arange(side, dtype=np.float64) - (side - 1) / 2
    return axis[:, None], axis[None, :]


def _quantised(values: NDArray[np.float64]) -> Grey:
    return np.rint(values * 255.0).astype(np.uint8)
