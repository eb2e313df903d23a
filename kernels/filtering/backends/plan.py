"""Choosing how to compute, by what the contract demands and by what it costs.

The contract: an error of at most 1e-5 · Σ|w| · max|x|, and none at all for whole numbers while Σ|w| · max|x| < 2^24.
Sums of whole numbers below 2^24 have no rounding in float32, in any order, so products, whole factors and running sums
keep them exact by themselves. Other factors and the transform round, but in float64 what they add to a whole sum stays
far below one half: it is rounded back.

What a way costs is estimated, from constants that are the same on every machine: the same picture, kernel and options
go the same way everywhere and give the same numbers.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.filtering.backends.cores import blocks, most_taps, tiling
from kernels.filtering.backends.facts import Demands, Facts
from kernels.filtering.backends.polyphase import Axis
from kernels.filtering.backends.terms import Terms, separable_terms
from kernels.filtering.geometry import Geometry, SlidingOptions
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

METHODS = ("direct", "separable", "box", "frequency", "definition")

#: Roundings in a row, each 2^-24, that stay below 1e-5 of Σ|w| · max|x|.
_SINGLE_ROUNDINGS = 160

#: Products that the compiled core adds up in a row; then the sums of such blocks.
_BLOCK = 128

#: Nanoseconds for a value on one processor, as `python -m tests.benchmarks` measures them in float32 with the compiled
#: core; in float64 about twice as many: a product, a product of a separable kernel, running sums, a value of a tile
#: transformed there and back, a value read, checked and written, a value of a further pass, a tap of the definition.
#: Without the core direct, separable and box take up to three times as long; the plan is the same.
_PRODUCT, _FACTOR, _BOX, _TRANSFORM, _VALUE, _PASS, _TAP = 0.014, 0.025, 0.5, 4.0, 0.2, 0.1, 1.4

#: Pixels in a row that come from memory together, also where a stride leaves most of them out.
_CACHE_LINE = 16

#: Pixel values that a strip of rows may hold, and how many times the height of the window, if that is more: what two
#: strips both look at is prepared, and by most backends filtered, twice.
_STRIP_VALUES = 2**19
_STRIP_REACHES = 12
#: Rows from window to window that count as one, as few of a strip's pixels are copied then, and fewer computed.
_STRIDE_SPARES = 4
#: The share of the work that may be done twice where a picture is divided only for the sake of threads.
_REPEATED = 0.1
#: Nanoseconds of a strip that another thread is worth waking for, and of the longest: so soon it can be cancelled.
_WORTH_HELP, _LONGEST = 1e5, 5e6
#: Strips for threads by the least work, in strips worth helping with; two also where another thread is still awake.
_STRIPS = ((0.15, 2), (2, 4), (6, 8), (16, 16))


class Plan(msgspec.Struct, frozen=True, eq=False):
    """How a correlation is computed."""

    method: str
    dtype: np.dtype[Any]
    """What the pixels and sums are kept in."""
    is_exact: bool
    """Whether the sums are whole numbers that carry no rounding, whatever the order."""
    rounds_back: bool
    """Whether the sums are known to be whole and are rounded to be so."""
    terms: Terms | None
    """Columns and rows of a separable kernel, as applied."""
    cost: float
    """Estimated nanoseconds on one processor."""
    strip_rows: int
    """Output rows computed at a time."""
    ordinary: tuple[float, float] | None
    """Pixels with their largest magnitude between these are safe in `dtype`; None if there can be no others."""

    def is_ordinary(self, pixels: Array) -> bool:
        """Whether pixels are finite and neither so large nor so small that sums overflow or vanish."""
        if self.ordinary is None:
            return True
        from kernels.opencv import cv2

        return self.is_ordinary_size(cv2.norm(pixels, cv2.NORM_L1), pixels.size)

    def is_ordinary_size(self, total: float, count: int) -> bool:
        """Whether so many pixels are ordinary if Σ|x| is `total`."""
        if self.ordinary is None:
            return True
        least, most = self.ordinary  # the largest magnitude is at most the sum, and that times the count is not less
        return total == 0 or least * count < total < most

    def describe(self, geometry: Geometry) -> str:
        """Return the choice in plain words."""
        height, width = geometry.kernel_shape
        size = f"{height} × {width}"
        count = len(self.terms.factors) if self.terms is not None else 1
        text = {
            "direct": f"direct {size}",
            "separable": ("" if count == 1 else f"sum of {count} ") + f"separable {height} × 1 and 1 × {width}",
            "box": f"box {size} (running sums)",
            "frequency": f"frequency {size} (Fourier transform)",
            "definition": f"tap by tap {size}",
        }[self.method]
        if self.method == "frequency" and (geometry.stride, geometry.dilation) != ((1, 1), (1, 1)):
            text += ", phase by phase"
        return text + (", float64" if self.dtype == np.float64 else "")


class _Way(msgspec.Struct, frozen=True):
    """A method that keeps the contract, before its details are worked out."""

    method: str
    terms: Terms | None
    dtype: np.dtype[Any]
    rounds_back: bool
    cost: float


@lru_cache(maxsize=256)
def choose(
    facts: Facts,
    channels: int,
    kernel: Kernel,
    geometry: Geometry,
    options: SlidingOptions,
    method: str | None = None,
) -> Plan:
    """Return the plan for a picture with these facts; `method` forces a backend, for tests and comparisons.

    Raises
    ------
    ValueError
        If the forced method cannot compute this.
    """
    demands = Demands.of(facts, kernel, geometry, options)
    ways = _ways(demands, channels, kernel, geometry, options, factored=False)
    least = _cost("separable", np.dtype(np.float32), 1, channels, kernel, geometry)
    if method is not None or ways[0].cost > least:  # to look for factors may take longer than to filter
        ways = _ways(demands, channels, kernel, geometry, options, factored=True)
    for way in ways:
        if method in (None, way.method):
            return _plan(way, demands, channels, kernel, geometry)
    names = ", ".join(way.method for way in ways)
    raise ValueError(f"method is {method!r}, but this can be computed by {names} only.")


def alternatives(
    facts: Facts, channels: int, kernel: Kernel, geometry: Geometry, options: SlidingOptions
) -> tuple[Plan, ...]:
    """Return a plan for every method that keeps the contract, the one that costs least first; "definition" last."""
    demands = Demands.of(facts, kernel, geometry, options)
    ways = _ways(demands, channels, kernel, geometry, options, factored=True)
    return tuple(_plan(way, demands, channels, kernel, geometry) for way in ways)


def _ways(
    demands: Demands, channels: int, kernel: Kernel, geometry: Geometry, options: SlidingOptions, *, factored: bool
) -> list[_Way]:
    """Return the best way of every method in the order of `alternatives`; "separable" only if `factored`."""
    ways = []
    for method, terms in _possible(demands, kernel, options, factored):
        dtype, rounds_back = _arithmetic(method, demands, terms, kernel, geometry)
        count = 0 if terms is None else len(terms.factors)
        cost = _cost(method, dtype, count, channels, kernel, geometry)
        ways.append(_Way(method, terms, dtype, rounds_back, cost))
    best: dict[str, _Way] = {}
    for way in sorted(ways, key=lambda way: (way.method == "definition", way.cost)):
        best.setdefault(way.method, way)
    return list(best.values())


def _possible(
    demands: Demands, kernel: Kernel, options: SlidingOptions, factored: bool
) -> list[tuple[str, Terms | None]]:
    """Return the methods that keep the contract; "separable" once for each number of terms that is of use."""
    possible: list[tuple[str, Terms | None]] = [("definition", None)]
    if not demands.is_safe:
        return possible
    possible.append(("direct", None))
    weights = kernel.weights
    if weights.ndim == 2 and weights[0, 0] != 0 and (weights == weights[0, 0]).all():
        possible.append(("box", None))
    may_round = demands.rounds_back or not demands.must_be_exact
    if may_round:
        possible.append(("frequency", None))
    for terms in separable_terms(kernel, options.is_convolution) if factored else ():
        is_single = demands.dtype == np.float32 and not demands.must_be_exact
        if terms.is_whole or (may_round and (terms.is_complete or is_single)):
            possible.append(("separable", terms))
    return possible


def _arithmetic(
    method: str, demands: Demands, terms: Terms | None, kernel: Kernel, geometry: Geometry
) -> tuple[np.dtype[Any], bool]:
    """Return what a method must compute in, and whether its sums are rounded back."""
    if method == "definition":
        return np.dtype(np.float64), False
    if demands.must_be_exact and (method == "frequency" or (terms is not None and not terms.is_whole)):
        return np.dtype(np.float64), True
    if demands.dtype == np.float32 and not demands.is_exact and not _is_precise(method, terms, kernel, geometry):
        return np.dtype(np.float64), False
    return demands.dtype, False


def _plan(way: _Way, demands: Demands, channels: int, kernel: Kernel, geometry: Geometry) -> Plan:
    method, dtype, cost = way.method, way.dtype, way.cost
    return Plan(
        method=method,
        dtype=dtype,
        is_exact=demands.is_exact,
        rounds_back=way.rounds_back,
        terms=way.terms,
        cost=cost,
        strip_rows=_strip_rows(method, channels, geometry, cost),
        ordinary=None if method == "definition" else demands.ordinary(dtype),
    )


def _is_precise(method: str, terms: Terms | None, kernel: Kernel, geometry: Geometry) -> bool:
    """Whether sums in float32 keep to the error of the contract."""
    height, width = geometry.kernel_shape
    if method in ("box", "frequency"):
        return True
    if terms is not None:
        roundings = (height + width + 2 + len(terms.factors)) * terms.growth
        return roundings + terms.missing * 2.0**24 <= _SINGLE_ROUNDINGS
    axis, channels = _down(geometry), kernel.channels or 1
    compiled = blocks(height, width * channels, _BLOCK)
    parts = blocks(-(-height // axis.tap_step), width, most_taps(np.dtype(np.float32)))
    roundings = max(
        max(rows * columns for _, _, rows, columns in compiled) + len(compiled),
        max(rows * columns for _, _, rows, columns in parts) + len(parts) + axis.tap_phases * channels,
    )
    return roundings + 2 <= _SINGLE_ROUNDINGS


def _down(geometry: Geometry) -> Axis:
    return Axis.of(geometry.kernel_shape[0], geometry.output_shape[0], geometry.stride[0], geometry.dilation[0])


def _cost(method: str, dtype: np.dtype[Any], terms: int, channels: int, kernel: Kernel, geometry: Geometry) -> float:
    """Return about how many nanoseconds a method takes on one processor; `terms` counts those of a separable kernel."""
    (height, width), (rows, columns), stride = geometry.kernel_shape, geometry.output_shape, geometry.stride
    values = float(rows * columns * channels)
    double = 2.0 if dtype == np.float64 else 1.0
    if method == "definition":
        return values * height * width * _TAP
    if method == "frequency":
        return double * _frequency_cost(channels, geometry)
    lines = values * min(stride[0], height)  # of pixels that some window looks at, no longer than those of the output
    is_split = 1 < stride[1] < max(5, width)  # lines are, into phases, where windows share columns or are close by
    share = ((columns - 1) * min(stride[1], _CACHE_LINE) + min(stride[1], width)) / columns
    own = lines * share * _VALUE * (2 if is_split else 1)
    if method == "box" and (stride, geometry.dilation) == ((1, 1), (1, 1)):
        return double * (values * _BOX + own)
    if method in ("box", "separable"):
        passes = (lines * width + values * height) * _FACTOR
        return double * ((2 if method == "box" else terms) * passes + own)
    taps = int(np.count_nonzero(kernel.weights)) // (kernel.channels or 1)
    return double * (values * taps * _PRODUCT + own)


def _frequency_cost(channels: int, geometry: Geometry) -> float:
    (height, width), axis = geometry.kernel_shape, _down(geometry)
    across = (geometry.output_shape[1] - 1) * geometry.stride[1] + 1
    values, phases = float(geometry.output_shape[0] * across * channels), geometry.dilation[1]
    rows, columns = _tile_rows(geometry), tiling(width, -(-across // phases))
    tiles = math.prod((*rows, *columns)) * axis.output_phases * phases * channels
    seen = values * min(geometry.stride[0], height)
    return axis.tap_phases * tiles * _TRANSFORM + seen * _VALUE + values * (axis.tap_phases - 1) * _PASS


def _tile_rows(geometry: Geometry) -> tuple[int, int]:
    """Return the height of tiles, and how many rows of them there are in a phase."""
    axis = _down(geometry)
    return tiling(-(-geometry.kernel_shape[0] // axis.tap_step), -(-axis.outputs // axis.output_phases), is_shared=True)


def _strip_rows(method: str, channels: int, geometry: Geometry, cost: float) -> int:
    """Return how many output rows to compute at a time: few for the memory's sake, and that no thread waits long."""
    height, stride, taps = geometry.output_shape[0], geometry.stride, geometry.kernel_shape
    across = (geometry.output_shape[1] - 1) * stride[1] + 1
    width = min(across + geometry.effective_shape[1] - 1, across * taps[1]) * channels
    room = 8 * _STRIP_VALUES // width  # rows of pixels: all that the windows span, or those under taps
    most = max(1, (room - geometry.effective_shape[0]) // stride[0], room // (stride[0] + taps[0]))
    if method == "frequency":  # one row of tiles
        axis = _down(geometry)
        count = _tile_rows(geometry)[1]
        return max(1, min(axis.output_phases * -(-height // (axis.output_phases * count)), most))
    held = width * -(-stride[0] // _STRIDE_SPARES)
    wanted = max(_STRIP_VALUES // held, -(-_STRIP_REACHES * geometry.effective_shape[0] // stride[0]))
    count = min(round(height / max(1, min(wanted, most))), int(cost / _WORTH_HELP))
    count = max(count, -(-height // most), math.ceil(cost / _LONGEST))
    own = min(1.0, height * width * _VALUE / cost)  # share of what is done to a line in each strip that looks at it
    again = own if method != "separable" else (1 + own) / 2
    reach = -(-geometry.effective_shape[0] // stride[0])
    helpful = max((strips for least, strips in _STRIPS if cost >= least * _WORTH_HELP), default=1)
    count = max(count, min(helpful, int(height * _REPEATED / (reach * again))))
    return -(-height // count)
