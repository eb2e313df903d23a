"""Choosing how to compute, by what the contract demands and by what it costs.

The contract: an error of at most 1e-5 · Σ|w| · max|x|, and none at all for whole numbers while Σ|w| · max|x| < 2^24.
Sums of whole numbers below 2^24 have no rounding in float32, in any order, so the direct and separable backends keep
them exact by themselves. The transform rounds, but in float64 it stays far below one half: its sums are rounded back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends.direct import blocks, continues_picture, most_taps
from kernels.filtering.backends.polyphase import Axis
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, SlidingOptions
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

METHODS = ("direct", "separable", "frequency", "definition")

EXACT_BELOW = 2.0**24
#: The transform in float64 keeps whole sums below this within a small part of one half.
_ROUNDS_BACK_BELOW = 2.0**40
#: Products and sums in this range neither overflow nor lose digits near zero in float32, and in float64.
_SINGLE_RANGE = (1e-25, 1e37)
_DOUBLE_RANGE = (1e-280, 1e300)
#: Roundings in a row, each 2^-24, that stay below 1e-5 of Σ|w| · max|x|.
_SINGLE_ROUNDINGS = 160
#: A column times a row must give the weights to this share of Σ|w|.
_FACTOR_TOLERANCE = 1e-12
#: Pixel values that a strip of rows may hold; the transform wants larger ones.
_STRIP_VALUES = {"direct": 2**18, "separable": 2**18, "definition": 2**18, "frequency": 2**20}
#: And how many times the height of the window, if that is more.
_STRIP_REACHES = {"direct": 12, "separable": 4, "definition": 2, "frequency": 2}
#: Nanoseconds of work from which a second thread is of use.
_WORTH_HELP = 6e4

#: Nanoseconds, measured by `tests/benchmarks/filtering.py`: a product in float32 and float64, a pixel of a transform,
#: a product in the definition, a pixel of a phase copied, a call.
_PRODUCT = {np.dtype(np.float32): 0.03, np.dtype(np.float64): 0.09}
_TRANSFORM, _TAP, _COPY, _CALL = 18.0, 1.2, 1.0, 8000.0


@dataclass(frozen=True)
class Facts:
    """What is known about the values of a picture."""

    dtype: np.dtype[Any]
    largest: float
    """No finite value has a larger magnitude."""

    @property
    def is_whole(self) -> bool:
        """Whether the dtype holds whole numbers only."""
        return self.dtype.kind in "biu"

    @classmethod
    def of_dtype(cls, dtype: np.dtype[Any]) -> Facts:
        """Return what the dtype alone tells; floating point is taken to be ordinary, 0 to 1."""
        if dtype.kind in "iu":
            limits = np.iinfo(dtype)
            return cls(dtype, float(max(limits.max, -int(limits.min))))
        return cls(dtype, 1.0)

    @classmethod
    def of(cls, image: Array) -> Facts:
        """Return what is to be known before the first strip; whether floats are ordinary shows strip by strip."""
        if image.dtype.kind in "iu" and image.dtype.itemsize > 2:
            return cls.of_values(image)
        return cls.of_dtype(image.dtype)

    @classmethod
    def of_values(cls, pixels: Array) -> Facts:
        """Return the facts about some pixels, looking at all of them."""
        largest = 0.0
        for row in pixels:
            finite = row[np.isfinite(row)] if pixels.dtype.kind == "f" else row
            if finite.size:
                largest = max(largest, abs(float(finite.min())), abs(float(finite.max())))
        return cls(pixels.dtype, largest)


@dataclass(frozen=True)
class Plan:
    """How a correlation is computed."""

    method: str
    dtype: np.dtype[Any]
    """What the pixels and sums are kept in."""
    is_exact: bool
    """Whether the sums are whole numbers that carry no rounding, whatever the order."""
    rounds_back: bool
    """Whether the sums are known to be whole and are rounded to be so."""
    factors: tuple[Array, Array] | None
    """Column and row of a separable kernel, as applied."""
    strip_rows: int
    """Output rows computed at a time."""
    is_continued: bool
    """Whether OpenCV continues the picture past its edge itself, from the bare rows."""
    ordinary: tuple[float, float] | None
    """Pixels with their largest magnitude between these are safe in `dtype`; None if there can be no others."""

    def is_ordinary(self, pixels: Array) -> bool:
        """Whether pixels are finite and neither so large nor so small that sums overflow or vanish."""
        if self.ordinary is None:
            return True
        from kernels.opencv import cv2

        least, most = self.ordinary
        total = cv2.norm(pixels, cv2.NORM_L1)  # at least the largest magnitude, at most that times the size
        return total == 0 or least * pixels.size < total < most

    def describe(self, geometry: Geometry) -> str:
        """Return the choice in plain words."""
        height, width = geometry.kernel_shape
        size = f"{height} × {width}"
        text = {
            "direct": f"direct {size}",
            "separable": f"separable {height} × 1 and 1 × {width}",
            "frequency": f"frequency {size} (Fourier transform)",
            "definition": f"tap by tap {size}",
        }[self.method]
        if self.method != "definition" and (geometry.stride, geometry.dilation) != ((1, 1), (1, 1)):
            text += ", phase by phase"
        return text + (", float64" if self.dtype == np.float64 else "")


@lru_cache(maxsize=128)
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
    dtype, is_whole, magnitude = _demands(facts, kernel, geometry, options)
    rounds_back = is_whole and magnitude < _ROUNDS_BACK_BELOW
    factors = _factors(kernel, options)
    must_be_exact = facts.is_whole and _is_whole(kernel.weights) and magnitude < _ROUNDS_BACK_BELOW
    possible = _possible(dtype, magnitude, factors, may_round=rounds_back or not must_be_exact)
    if method is not None and method not in possible:
        raise ValueError(f"method is {method!r}, but this can be computed by {', '.join(possible)} only.")
    best = method or min(possible, key=lambda name: _cost(name, dtype, kernel, channels, geometry))
    if best == "definition":
        dtype = np.dtype(np.float64)
    is_exact = is_whole and magnitude < EXACT_BELOW
    is_rounded = dtype == np.float32 and best != "frequency" and not is_exact
    if is_rounded and _roundings(best, kernel, geometry) > _SINGLE_ROUNDINGS:
        dtype = np.dtype(np.float64)
    return Plan(
        method=best,
        dtype=dtype,
        is_continued=best == "direct" and _is_continued(dtype, channels, kernel, geometry, options),
        ordinary=None if best == "definition" else _ordinary(facts, dtype, kernel, options),
        is_exact=is_exact,
        rounds_back=rounds_back and best == "frequency",
        factors=factors if best == "separable" else None,
        strip_rows=_strip_rows(best, channels, geometry, _cost(best, dtype, kernel, channels, geometry)),
    )


def _demands(
    facts: Facts, kernel: Kernel, geometry: Geometry, options: SlidingOptions
) -> tuple[np.dtype[Any], bool, float]:
    """Return the dtype to compute in, whether all sums are whole numbers, and Σ|w| · max|x|."""
    border_value = 0.0
    is_padded = any(geometry.before) or any(geometry.after)
    if is_padded and options.border is Border.CONSTANT and np.isfinite(options.border_value):
        border_value = abs(options.border_value)
    largest = max(facts.largest, border_value)
    weights = np.abs(kernel.weights)
    magnitude = kernel.absolute_sum * largest
    is_whole = facts.is_whole and border_value.is_integer() and _is_whole(kernel.weights)
    needs_double = facts.dtype.itemsize > 4 if facts.dtype.kind == "f" else facts.dtype.itemsize > 2
    needs_double |= facts.is_whole and not border_value.is_integer()
    in_range = _inside(_SINGLE_RANGE, largest, float(weights.max()), kernel.absolute_sum, magnitude)
    return np.dtype(np.float64 if needs_double or not in_range else np.float32), is_whole, magnitude


def _is_continued(
    dtype: np.dtype[Any], channels: int, kernel: Kernel, geometry: Geometry, options: SlidingOptions
) -> bool:
    border = cast(Border, options.border)
    if border is Border.CONSTANT and options.border_value != 0.0 and any((*geometry.before, *geometry.after)):
        return False
    return kernel.channels is None and continues_picture(geometry, border, channels, dtype)


def _ordinary(
    facts: Facts, dtype: np.dtype[Any], kernel: Kernel, options: SlidingOptions
) -> tuple[float, float] | None:
    if facts.is_whole and (options.border is not Border.CONSTANT or np.isfinite(options.border_value)):
        return None
    least, most = _SINGLE_RANGE if dtype == np.float32 else _DOUBLE_RANGE
    size = kernel.absolute_sum or 1.0
    return max(least, least / size), min(most, most / size)


def _inside(limits: tuple[float, float], *numbers: float) -> bool:
    return all(number == 0 or limits[0] < number < limits[1] for number in numbers)


def _is_whole(weights: Array) -> bool:
    return bool((weights == np.rint(weights)).all())


def _possible(
    dtype: np.dtype[Any], magnitude: float, factors: tuple[Array, Array] | None, may_round: bool
) -> tuple[str, ...]:
    """Return the methods that keep the contract."""
    if dtype == np.float64 and not _inside(_DOUBLE_RANGE, magnitude):
        return ("definition",)
    left_out = {"separable"} if factors is None else set()
    if not may_round:
        left_out.add("frequency")
    return tuple(method for method in METHODS if method not in left_out)


def _factors(kernel: Kernel, options: SlidingOptions) -> tuple[Array, Array] | None:
    """Return the column and row that give the weights, whole numbers if these are whole, or None."""
    if min(kernel.shape) == 1:
        return None
    factors = kernel.factors()
    if factors is None:
        return None
    column, row = factors
    with np.errstate(all="ignore"):
        missing = np.abs(kernel.weights - np.outer(column, row)).sum()
    if not missing <= _FACTOR_TOLERANCE * kernel.absolute_sum:
        return None
    return (column[::-1], row[::-1]) if options.is_convolution else (column, row)


def _axes(geometry: Geometry) -> tuple[Axis, Axis]:
    down, across = (
        Axis.of(geometry.kernel_shape[n], geometry.output_shape[n], geometry.stride[n], geometry.dilation[n])
        for n in (0, 1)
    )
    return down, across


def _roundings(method: str, kernel: Kernel, geometry: Geometry) -> int:
    """Return how many roundings in a row a sum in float32 can take."""
    down, across = _axes(geometry)
    phases = down.tap_phases * across.tap_phases * (kernel.channels or 1)
    height, width = geometry.kernel_shape
    if method == "separable":
        return height + width + 4
    taps = -(-height // down.tap_step), -(-width // across.tap_step)
    parts = blocks(*taps, most_taps(np.dtype(np.float32)))
    return max(rows * columns for _, _, rows, columns in parts) + len(parts) + phases + 2


def _cost(method: str, dtype: np.dtype[Any], kernel: Kernel, channels: int, geometry: Geometry) -> float:
    """Return about how many nanoseconds a method takes."""
    down, across = _axes(geometry)
    height, width = geometry.kernel_shape
    values = geometry.output_shape[0] * geometry.output_shape[1] * channels
    phases = down.tap_phases * across.tap_phases
    calls = phases * down.output_phases * across.output_phases
    product = _PRODUCT[dtype]
    if method == "definition":
        return height * width * (values * _TAP + _CALL)
    if method == "frequency":
        margin = 1 + (height / down.tap_step) * down.output_step / max(1, geometry.output_shape[0])
        return phases * values * _TRANSFORM * margin + calls * 10 * _CALL
    copied_down = down.tap_phases if geometry.stride[0] * geometry.dilation[0] > 1 else 0
    copied_across = across.tap_phases if geometry.stride[1] * geometry.dilation[1] > 1 else 0
    if method == "separable":
        rows_before = values * geometry.stride[0]
        calls = down.tap_phases * down.output_phases + across.tap_phases * across.output_phases
        products = product * (rows_before * width + values * height)
        return products + rows_before * (0.7 + copied_across * _COPY) + values * copied_down * _COPY + calls * _CALL
    parts = len(blocks(-(-height // down.tap_step), -(-width // across.tap_step), most_taps(dtype)))
    copies = phases * _COPY if copied_down or copied_across else 0
    return values * (product * height * width + 0.3 * phases * parts + copies) + calls * parts * _CALL


def _strip_rows(method: str, channels: int, geometry: Geometry, cost: float) -> int:
    """Return how many output rows to compute at a time.

    Few for the memory's sake and that no processor waits for another, yet many times the kernel's own: what two strips
    both look at is prepared, and by some backends filtered, twice.
    """
    height, stride, taps = geometry.output_shape[0], geometry.stride, geometry.kernel_shape
    across = (geometry.output_shape[1] - 1) * stride[1] + 1
    width = min(across + geometry.effective_shape[1] - 1, across * taps[1]) * channels
    wanted = -(-_STRIP_REACHES[method] * geometry.effective_shape[0] // stride[0])
    rows = max(_STRIP_VALUES[method] // (width * stride[0]), min(wanted, -(-height // 2)))
    held = 8 * _STRIP_VALUES[method] // width  # rows of pixels: all that the windows span, or those under taps
    rows = min(rows, max((held - geometry.effective_shape[0]) // stride[0], held // (stride[0] + taps[0])))
    if cost > _WORTH_HELP:
        rows = min(rows, -(-height // 2))
    return max(1, min(rows, height))
