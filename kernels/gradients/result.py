"""What measuring a gradient gives: the numbers, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from kernels import compiled, spare_memory
from kernels.arguments import whole_number
from kernels.errors import unknown_name
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.geometry import Geometry
from kernels.gradients import edges
from kernels.gradients.operators import OperatorPair

Array = npt.NDArray[Any]
Stop = Callable[[], bool] | None

NORMS = ("l2", "l1", "max")
"""Magnitude: √(gx² + gy²), |gx| + |gy|, or the larger of |gx| and |gy|."""

_STRIP = 1 << 20
_THREADED = 1 << 18


def direction_of(gx: Array, gy: Array, magnitude: Array, out: Array) -> None:
    """Write the angles of gradients in degrees into `out`, see `Gradient.direction`.

    All have one shape and dtype, and `out` is contiguous.
    """
    if compiled.core is not None and out.dtype == np.float32:
        compiled.core.direction(gx.ravel(), gy.ravel(), magnitude.ravel(), out.reshape(-1))
        return
    with np.errstate(invalid="ignore"):
        np.arctan2(gy, gx, out=out)
        out *= out.dtype.type(180.0 / math.pi)
        np.copyto(out, -180.0, where=out >= 180.0)
        np.copyto(out, np.nan, where=~(magnitude > 0))
    out += 0.0  # -0 becomes 0


class Gradient(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A picture's gradient at every window of an operator; two are equal only if they are the same object.

    Attributes
    ----------
    gx, gy : ndarray, shape (H', W'), read-only
        In the picture's unit, per pixel or as the operator is written; not finite where the window holds a pixel that
        is not.
    norm : {"l2", "l1", "max"}
        What `magnitude` is.
    operator : OperatorPair
        The kernels as they were applied.
    geometry : Geometry
        Where their windows stood.
    tolerance : float
        A magnitude of at most this much is rounding and counts as 0.

    Notes
    -----
    Magnitude, direction and ridges are worked out when they are first asked for, and kept.
    """

    gx: Array
    gy: Array
    norm: str
    operator: OperatorPair
    geometry: Geometry
    tolerance: float

    @cached_property
    def magnitude(self) -> Array:
        """The size of the gradient, (H', W'), read-only; NaN where gx or gy is not finite."""
        out = spare_memory.empty(self.gx.shape, self.gx.dtype)
        # All that is less is 0, and nothing is more than a million times as large: no square overflows or vanishes.
        is_ordinary = 1e-15 < self.tolerance < 1e12
        norm = self.norm if self.norm != "l2" or is_ordinary else "hypot"

        def compute(top: int, bottom: int, scratch: Scratch) -> None:
            part = slice(top, bottom)
            _measure(self.gx[part], self.gy[part], norm, self.tolerance, out[part], scratch)

        compute_strips(_strips(out.shape), compute)
        return read_only(out)

    @cached_property
    def direction(self) -> Array:
        """The angle of the gradient in degrees, (H', W'), read-only, from -180 (included) to 180 (not included).

        0 is right, 90 is down; NaN where the magnitude is 0 or not finite.
        """
        out, magnitude = np.empty_like(self.gx), self.magnitude

        def compute(top: int, bottom: int, _: Scratch) -> None:
            part = slice(top, bottom)
            direction_of(self.gx[part], self.gy[part], magnitude[part], out[part])

        compute_strips(_strips(out.shape), compute)
        return read_only(out)

    @property
    def centre_offset(self) -> tuple[float, float]:
        """Where the windows' centres lie, (y, x), as seen from the pixels that the geometry maps the output to.

        (0.0, 0.0) for odd windows, (0.5, 0.5) for Roberts, whose gradient belongs between four pixels.
        """
        (y, x), (row, column) = self.geometry.centre(0, 0), self.geometry.to_picture(0, 0)
        return y - row, x - column

    @property
    def components(self) -> tuple[Array, Array, Array]:
        """Gx, Gy and magnitude."""
        return self.gx, self.gy, self.magnitude

    @property
    def directions(self) -> Directions:
        """`direction`, worked out where it is read."""
        return Directions(self)

    @property
    def area(self) -> tuple[float, float, float, float]:
        """Where the gradient lies in the picture: top, left, height, width, in picture pixels.

        Each value is centred on its window's centre, so that Roberts' lie between the pixels.
        """
        return self.geometry.area(centred=True)

    def with_norm(self, norm: str) -> Gradient:
        """Return the same gradient with another magnitude; gx and gy are shared, not computed again.

        Raises
        ------
        ValueError
            An unknown norm.
        """
        return self if norm == self.norm else replace(self, norm=checked_name("norm", norm, NORMS))

    def ridges(self, *, cancelled: Stop = None) -> npt.NDArray[np.bool_]:
        """Return where the magnitude is largest along the direction, (H', W') bool, read-only; kept once computed.

        Raises
        ------
        kernels.errors.Cancelled
            If `cancelled` returned True.
        """
        return self._ridges_from(0.0, cancelled)

    def _ridges_from(self, least: float, cancelled: Stop) -> npt.NDArray[np.bool_]:
        """Return the ridges of at least this magnitude, and perhaps others; kept until lower ones are asked for."""
        known, kept = cast("tuple[float, npt.NDArray[np.bool_]]", self.__dict__.get("_ridges", (math.inf, None)))
        if least < known:
            kept = edges.ridges(self.magnitude, self.gx, self.gy, self.geometry.stride, cancelled, least)
            kept.flags.writeable = False
            self.__dict__["_ridges"] = least, kept
        return kept

    def edges(self, low: float, high: float, *, cancelled: Stop = None) -> npt.NDArray[np.bool_]:
        """Return edges one pixel wide.

        Parameters
        ----------
        low, high : float
            Thresholds in the unit of `magnitude`, 0 <= low <= high. An edge starts where the magnitude reaches `high`
            and goes on as long as it reaches `low`.
        cancelled : callable, optional
            Asked now and then; True stops.

        Returns
        -------
        ndarray of bool, shape (H', W')
            A magnitude of 0 is never an edge, whatever the thresholds.

        Raises
        ------
        TypeError
            A threshold is not a number.
        ValueError
            A threshold is negative or not finite, or `low` is above `high`.
        kernels.errors.Cancelled
            If `cancelled` returned True.

        References
        ----------
        J. Canny (1986), "A computational approach to edge detection", IEEE Transactions on Pattern Analysis and
        Machine Intelligence 8.
        """
        low, high = edges.check_thresholds(low, high)
        thin = self._ridges_from(low, cancelled)
        return edges.hysteresis(thin, self.magnitude, low, high, cancelled)

    def histogram(self, bins: int = 36, *, centred: bool = False) -> tuple[Array, Array]:
        """Return how much gradient points where.

        Parameters
        ----------
        bins : int
            Number of equal sectors, at least 1.
        centred : bool
            False: the sectors start at -180, as in `numpy.histogram`. True: they are centred on -180, on 0, and so
            on, so that the axes of a picture do not lie on the border of two sectors.

        Returns
        -------
        weights : ndarray of float64, shape (bins,)
            The sum of the magnitudes of all directions in a sector, its first edge included.
        sectors : ndarray of float64, shape (bins + 1,)
            Edges in degrees, ascending.

        Raises
        ------
        ValueError, TypeError
            If `bins` is not a whole number of at least 1.
        """
        bins = whole_number("bins", bins, 1)
        width = 360.0 / bins
        magnitude, directions, parts = self.magnitude, self.directions, {}

        def compute(top: int, bottom: int, _: Scratch) -> None:
            angles, sizes = directions[top:bottom], magnitude[top:bottom]
            used = np.isfinite(angles) & np.isfinite(sizes)
            turned = (angles[used].astype(np.float64) + 180.0) / width
            sector = np.floor(turned + 0.5 if centred else turned).astype(np.int64) % bins
            parts[top] = np.bincount(sector, sizes[used].astype(np.float64), bins)

        compute_strips(_strips(magnitude.shape), compute)
        weights = np.sum([parts[top] for top in sorted(parts)], axis=0)
        sectors = -180.0 + width * np.arange(bins + 1)
        return weights, sectors - width / 2 if centred else sectors


class Directions:
    """The direction in degrees as an array to read from, worked out where it is read: NaN where there is none."""

    def __init__(self, gradient: Gradient) -> None:
        self._gradient = gradient
        self.shape, self.ndim, self.dtype, self.size = gradient.gx.shape, 2, gradient.gx.dtype, gradient.gx.size

    def __getitem__(self, where: Any) -> Any:
        gx, gy, magnitude = (np.asarray(each[where]) for each in self._gradient.components)
        out = np.empty_like(gx)
        direction_of(gx, gy, magnitude, out)
        return out[()]


def checked_name(argument: str, value: str, valid: tuple[str, ...]) -> str:
    """Return a name of a closed set, or say which ones there are."""
    if value not in valid:
        raise unknown_name(argument, value, valid)
    return value


def row_strips(shape: tuple[int, ...]) -> list[slice]:
    """Return groups of rows with about a million numbers each."""
    rows = max(1, _STRIP // math.prod(shape[1:]))
    return [slice(top, top + rows) for top in range(0, shape[0], rows)]


def read_only(array: Array) -> Array:
    """Forbid changes to an array, and return it."""
    array.flags.writeable = False
    return array


def _strips(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return groups of rows for one thread at a time; with smaller ones threads would wait for Python's lock."""
    rows = max(1, _THREADED // shape[1])
    return [(top, min(top + rows, shape[0])) for top in range(0, shape[0], rows)]


def _measure(gx: Array, gy: Array, norm: str, tolerance: float, out: Array, scratch: Scratch) -> None:
    """Write the magnitude, see `Gradient.magnitude`; "hypot" is "l2" for numbers of any size."""
    if compiled.core is not None and norm != "hypot":
        compiled.core.magnitude(gx.ravel(), gy.ravel(), norm, tolerance, out.reshape(-1))
        return
    from kernels.opencv import cv2

    other = scratch.array("other", out.shape, out.dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        if norm == "l2":  # OpenCV's magnitude depends on where in memory its arguments stand
            np.multiply(gx, gx, out=out)
            out += np.multiply(gy, gy, out=other)
            np.sqrt(out, out=out)
        elif norm == "hypot":
            np.hypot(gx, gy, out=out)
        else:
            join = np.add if norm == "l1" else np.maximum
            join(np.abs(gx, out=out), np.abs(gy, out=other), out=out)
        is_finite = out.max() < np.inf
        cv2.threshold(out, tolerance, 0.0, cv2.THRESH_TOZERO, dst=out)
        if not is_finite:
            out[~(np.isfinite(gx) & np.isfinite(gy))] = np.nan
