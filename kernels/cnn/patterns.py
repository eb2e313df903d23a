"""Patterns with a name that depend on numbers: many of a family at once, and which numbers to try.

Positions are measured in pixels from the middle of the window, x to the right, y downwards. Angles are in degrees,
clockwise on screen: 0 = right, 90 = down. Every pattern is written for correlation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product

import msgspec
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Size = tuple[int, int]

SMALLEST_SIGMA = 0.4
"""Pixels; a narrower Gaussian is a single weight, whatever its standard deviation."""


class Range(msgspec.Struct, frozen=True):
    """The values of one parameter that are tried.

    Attributes
    ----------
    name : str
        Name of the parameter, the catalogue's where it has one.
    values : tuple of float
        The coarse grid.
    low, high : float
        Bounds of the refinement; infinite for angles.
    step : float
        The first step of the refinement.
    """

    name: str
    values: tuple[float, ...]
    low: float
    high: float
    step: float


class Family(msgspec.Struct, frozen=True):
    """Patterns that differ in numbers only.

    Attributes
    ----------
    name : its name in code, the catalogue's where it has one
    title : its name on screen
    reference : author, year, title
    render : (N, P) parameters and a size -> (N, kh, kw) patterns, of any norm
    ranges : (side) -> one `Range` for every parameter, in order; side is the longer side of the window in pixels
    """

    name: str
    title: str
    reference: str
    render: Callable[[FloatArray, Size], FloatArray]
    ranges: Callable[[int], tuple[Range, ...]]

    def grid(self, side: int) -> FloatArray:
        """All combinations of the coarse values, (N, P)."""
        return np.array(list(product(*(one.values for one in self.ranges(side)))))


def shift_limit(side: int) -> float:
    """How far from the middle of the window, in pixels along each axis, a pattern may stand: a quarter of its reach."""
    return (side - 1) / 4


def _positions(size: Size, dy: FloatArray, dx: FloatArray) -> tuple[FloatArray, FloatArray]:
    rows, columns = size
    y = np.arange(rows)[:, np.newaxis] - (rows - 1) / 2
    x = np.arange(columns) - (columns - 1) / 2
    return y - dy[:, np.newaxis, np.newaxis], x - dx[:, np.newaxis, np.newaxis]


def _columns(parameters: FloatArray) -> tuple[FloatArray, ...]:
    return tuple(column[:, np.newaxis, np.newaxis] for column in parameters.T)


def _along(y: FloatArray, x: FloatArray, angle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coordinates along an angle and aside of it."""
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return x * cosine + y * sine, y * cosine - x * sine


def _bell(squared: FloatArray, sigma: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-squared / (2.0 * sigma**2)))


def _gaussian(parameters: FloatArray, size: Size) -> FloatArray:
    (sigma,) = _columns(parameters[:, :1])
    y, x = _positions(size, parameters[:, 1], parameters[:, 2])
    return _bell(x**2 + y**2, sigma)


def _first_derivative(parameters: FloatArray, size: Size) -> FloatArray:
    """Growth towards the angle."""
    sigma, angle = _columns(parameters[:, :2])
    y, x = _positions(size, parameters[:, 2], parameters[:, 3])
    return _along(y, x, angle)[0] * _bell(x**2 + y**2, sigma)


def _second_derivative(parameters: FloatArray, size: Size) -> FloatArray:
    """A bright line; the angle points across it. The sign is the one that makes its middle positive."""
    sigma, angle = _columns(parameters[:, :2])
    y, x = _positions(size, parameters[:, 2], parameters[:, 3])
    return (1.0 - (_along(y, x, angle)[0] / sigma) ** 2) * _bell(x**2 + y**2, sigma)


def _laplacian_of_gaussian(parameters: FloatArray, size: Size) -> FloatArray:
    (sigma,) = _columns(parameters[:, :1])
    y, x = _positions(size, parameters[:, 1], parameters[:, 2])
    scaled = (x**2 + y**2) / (2.0 * sigma**2)
    return (scaled - 1.0) * np.exp(-scaled)


def _difference_of_gaussians(parameters: FloatArray, size: Size) -> FloatArray:
    """Two Gaussians of sum 1 on the whole plane; the second parameter is the ratio of their standard deviations."""
    inner, ratio = _columns(parameters[:, :2])
    y, x = _positions(size, parameters[:, 2], parameters[:, 3])
    squared = x**2 + y**2
    return _bell(squared, inner) - _bell(squared, inner * ratio) / ratio**2


def _gabor(parameters: FloatArray, size: Size) -> FloatArray:
    wavelength, angle, sigma, gamma, phase = _columns(parameters)
    middle = np.zeros(len(parameters))
    along, aside = _along(*_positions(size, middle, middle), angle)
    wave = np.cos(2.0 * np.pi * along / wavelength + np.radians(phase))
    # Balanced, as in the catalogue: the mean of the wave under the bell, on the whole plane.
    mean = np.cos(np.radians(phase)) * np.exp(-2.0 * (np.pi * sigma / wavelength) ** 2)
    return np.asarray(_bell(along**2 + (gamma * aside) ** 2, sigma) * (wave - mean))


def _motion(parameters: FloatArray, size: Size) -> FloatArray:
    """A bright line of some length; the angle points along it."""
    length, angle = _columns(parameters[:, :2])
    along, aside = _along(*_positions(size, parameters[:, 2], parameters[:, 3]), angle)
    beyond = np.maximum(np.abs(along) - (length - 1.0) / 2.0, 0.0)
    return np.asarray(np.maximum(1.0 - np.hypot(beyond, aside), 0.0))


def _ring(parameters: FloatArray, size: Size) -> FloatArray:
    """A bright ring: its radius, and its width as a share of that."""
    radius, share = _columns(parameters[:, :2])
    y, x = _positions(size, parameters[:, 2], parameters[:, 3])
    return _bell((np.hypot(y, x) - radius) ** 2, radius * share)


def _saddle(parameters: FloatArray, size: Size) -> FloatArray:
    """Bright along the angle, dark across it."""
    sigma, angle = _columns(parameters[:, :2])
    y, x = _positions(size, parameters[:, 2], parameters[:, 3])
    along, aside = _along(y, x, angle)
    return np.asarray((along**2 - aside**2) * _bell(x**2 + y**2, sigma))


def _geometric(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(float(value) for value in np.geomspace(low, high, count))


def _sigma(side: int, crossing: float = 0.0, name: str = "sigma") -> Range:
    """Standard deviations up to half the side, or such that a sign change at `crossing` of them is in the window.

    Where it is not, the middle of a Laplacian or of a line could pass for a plain Gaussian.
    """
    high = max((side - 1) / 2 / crossing if crossing else side / 2, 2 * SMALLEST_SIGMA)
    return Range(name, _geometric(min(0.55, high / 1.2), high, 6), SMALLEST_SIGMA, high, 0.15)


def _angle(name: str = "angle", step: float = 15.0) -> Range:
    # Half a turn: the other half has the opposite sign, or is the same.
    return Range(name, tuple(float(value) for value in np.arange(0.0, 180.0, step)), -np.inf, np.inf, step / 2)


def _shifts(side: int) -> tuple[Range, Range]:
    limit = shift_limit(side)
    values = (-0.6 * limit, 0.0, 0.6 * limit)
    return Range("dy", values, -limit, limit, 0.25 * limit), Range("dx", values, -limit, limit, 0.25 * limit)


def _round_ranges(side: int) -> tuple[Range, ...]:
    return _sigma(side), *_shifts(side)


def _edge_ranges(side: int) -> tuple[Range, ...]:
    return _sigma(side), _angle(), *_shifts(side)


def _line_ranges(side: int) -> tuple[Range, ...]:
    return _sigma(side, 1.35), _angle(), *_shifts(side)


def _log_ranges(side: int) -> tuple[Range, ...]:
    return _sigma(side, 2.0**0.5), *_shifts(side)


def _dog_ranges(side: int) -> tuple[Range, ...]:
    ratio = Range("ratio", (1.3, 1.6, 2.2, 3.5), 1.1, 5.0, 0.2)
    return _sigma(side, 2.0, "sigma_1"), ratio, *_shifts(side)


def _motion_ranges(side: int) -> tuple[Range, ...]:
    longest = float(max(side, 3))
    lengths = tuple(float(value) for value in np.linspace(3.0, longest, 4))
    return Range("length", lengths, 3.0, longest, 0.5), _angle(), *_shifts(side)


def _ring_ranges(side: int) -> tuple[Range, ...]:
    high = max(side / 2, 1.4)
    return (
        Range("ring_radius", _geometric(1.2, high, 4), 1.2, high, 0.25),
        Range("ring_width", (0.2, 0.35), 0.1, 0.45, 0.08),
        *_shifts(side),
    )


def _saddle_ranges(side: int) -> tuple[Range, ...]:
    # Two half turns look alike, and a quarter turn only changes the sign.
    quarter = tuple(float(value) for value in np.arange(0.0, 90.0, 15.0))
    return _sigma(side), Range("angle", quarter, -np.inf, np.inf, 7.5), *_shifts(side)


def _gabor_ranges(side: int) -> tuple[Range, ...]:
    # A wave that is longer than the window is an edge or a line there, and has fewer numbers as one.
    high = max(float(side), 3.2)
    widest = max(0.6 * side, 1.2)
    return (
        Range("wavelength", _geometric(3.0, high, 6), 3.0, high, 0.5),
        _angle("theta"),
        Range("sigma", _geometric(0.7, widest, 4), 0.5, widest, 0.25),
        Range("gamma", (0.5, 1.0), 0.3, 1.5, 0.15),
        Range("psi", (0.0, 45.0, 90.0, 135.0), -np.inf, np.inf, 15.0),
    )


@cache
def families() -> tuple[Family, ...]:
    """The families whose parameters are searched."""
    from kernels.kernel import library

    def known(
        name: str, render: Callable[[FloatArray, Size], FloatArray], ranges: Callable[[int], tuple[Range, ...]]
    ) -> Family:
        entry = library.entry(name)
        return Family(name, entry.title, entry.reference, render, ranges)

    steerable = "W. T. Freeman, E. H. Adelson, 1991, The design and use of steerable filters"
    ring = "R. O. Duda, P. E. Hart, 1972, Use of the Hough transformation to detect lines and curves in pictures"
    saddle = "J. J. Koenderink, A. J. van Doorn, 1992, Generic neighborhood operators"
    return (
        known("gaussian", _gaussian, _round_ranges),
        Family("gaussian-derivative", "Gaussian derivative", steerable, _first_derivative, _edge_ranges),
        Family("gaussian-line", "Second Gaussian derivative", steerable, _second_derivative, _line_ranges),
        known("log", _laplacian_of_gaussian, _log_ranges),
        known("dog", _difference_of_gaussians, _dog_ranges),
        known("motion", _motion, _motion_ranges),
        known("gabor", _gabor, _gabor_ranges),
        # What is neither an edge, a line nor a blob, but would be taken for one.
        Family("ring", "Ring", ring, _ring, _ring_ranges),
        Family("saddle", "Saddle", saddle, _saddle, _saddle_ranges),
    )


def unit(patterns: FloatArray) -> FloatArray:
    """Patterns as rows of norm 1; a pattern of zeros stays one."""
    rows = patterns.reshape(len(patterns), patterns.shape[1] * patterns.shape[2])
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms > 1e-12, norms, np.inf)


@cache
def coarse_bank(family: Family, size: Size) -> tuple[FloatArray, FloatArray]:
    """Parameters (N, P) of a family's coarse grid, and its patterns as rows of norm 1, (N, kh·kw)."""
    grid = family.grid(max(size))
    return grid, unit(family.render(grid, size))


def refine(family: Family, start: FloatArray, targets: FloatArray, size: Size) -> tuple[FloatArray, FloatArray]:
    """Improve parameters until no step along one of them brings a pattern nearer to its target.

    Compass search for all targets at once: a step up and down along every parameter, the best one taken; where none
    helps, steps are halved.

    Parameters
    ----------
    family : Family
    start : (F, P) array
    targets : (F, kh·kw) array of norm 1
    size : (kh, kw)

    Returns
    -------
    parameters : (F, P) array
    cosines : (F,) array
        Signed; their absolute values are what has been maximised.

    References
    ----------
    R. Hooke, T. A. Jeeves, 1961, "Direct search" solution of numerical and statistical problems.
    """
    ranges = family.ranges(max(size))
    low, high = np.array([one.low for one in ranges]), np.array([one.high for one in ranges])
    count, width = start.shape
    steps = np.concatenate([np.zeros((1, width)), np.diag([one.step for one in ranges])])
    steps = np.concatenate([steps, -steps[1:]])
    scale = np.ones(count)
    found = start.copy()
    cosines = np.zeros(count)
    for _ in range(48):
        tried = np.clip(found[:, np.newaxis] + scale[:, np.newaxis, np.newaxis] * steps, low, high)
        rows = unit(family.render(tried.reshape(-1, width), size)).reshape(count, len(steps), -1)
        scores = np.einsum("fsk,fk->fs", rows, targets)
        best = np.abs(scores).argmax(axis=1)
        everyone = np.arange(count)
        found, cosines = tried[everyone, best], scores[everyone, best]
        scale = np.where(best == 0, scale / 2, scale)
        if scale.max() < 1 / 64:
            break
    return found, cosines
