"""What is known about the values of a picture, and what the contract demands of a way to compute with them."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.filtering.backends.some_rows import SomeRows
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, SlidingOptions
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

EXACT_BELOW = 2.0**24
#: What rounds in float64 keeps whole sums below this within a small part of one half.
ROUNDS_BACK_BELOW = 2.0**40
#: Products and sums in this range neither overflow nor lose digits near zero in float32, and in float64, those of a
#: transform of 10^6 pixels included.
_SINGLE_RANGE = (1e-25, 1e25)
_DOUBLE_RANGE = (1e-280, 1e290)


def needs_values(dtype: np.dtype[Any]) -> bool:
    """Whether the values of a picture are looked at before the first strip, since the dtype tells too little."""
    return dtype.kind in "iu" and dtype.itemsize > 2


class Facts(msgspec.Struct, frozen=True):
    """What is known about the values of a picture."""

    dtype: np.dtype[Any]
    largest: float
    """No finite value has a larger magnitude."""

    @property
    def is_whole(self) -> bool:
        """Whether the dtype holds whole numbers only."""
        return self.dtype.kind in "biu"

    @classmethod
    @cache
    def of_dtype(cls, dtype: np.dtype[Any]) -> Facts:
        """Return what the dtype alone tells; floating point is taken to be ordinary, 0 to 1."""
        if dtype.kind in "iu":
            limits = np.iinfo(dtype)
            return cls(dtype, float(max(limits.max, -int(limits.min))))
        return cls(dtype, 1.0)

    @classmethod
    def of(cls, image: Array | SomeRows) -> Facts:
        """Return what is to be known before the first strip; whether floats are ordinary shows strip by strip."""
        if needs_values(image.dtype):
            return cls(image.dtype, image.largest) if isinstance(image, SomeRows) else cls.of_values(image)
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


class Demands(msgspec.Struct, frozen=True):
    """What the contract demands where a kernel meets a picture."""

    dtype: np.dtype[Any]
    """The least that pixels and sums must be kept in."""
    is_exact: bool
    """Whether sums of products are whole numbers without rounding in `dtype`, whatever the order."""
    must_be_exact: bool
    """Whether no rounding may be left in the sums."""
    rounds_back: bool
    """Whether sums computed with rounding in float64 can be rounded back to the whole numbers that they are."""
    is_safe: bool
    """Whether the order of products and sums is free: none overflows or vanishes in float64."""
    has_floats: bool
    """Whether there may be values that are not finite or not ordinary."""
    absolute_sum: float

    @classmethod
    def of(cls, facts: Facts, kernel: Kernel, geometry: Geometry, options: SlidingOptions) -> Demands:
        """Work out the demands."""
        is_padded = any((*geometry.before, *geometry.after)) and options.border is Border.CONSTANT
        border_value = abs(options.border_value) if is_padded and np.isfinite(options.border_value) else 0.0
        largest = max(facts.largest, border_value)
        magnitude = kernel.absolute_sum * largest
        has_whole_weights = bool((kernel.weights == np.rint(kernel.weights)).all())
        is_whole = facts.is_whole and border_value.is_integer() and has_whole_weights
        needs_double = facts.dtype.itemsize > (4 if facts.dtype.kind == "f" else 2)
        needs_double |= facts.is_whole and not border_value.is_integer()
        numbers = largest, float(np.abs(kernel.weights).max()), kernel.absolute_sum, magnitude
        return cls(
            dtype=np.dtype(np.float64 if needs_double or not _inside(_SINGLE_RANGE, *numbers) else np.float32),
            is_exact=is_whole and magnitude < EXACT_BELOW,
            must_be_exact=facts.is_whole and has_whole_weights and magnitude < ROUNDS_BACK_BELOW,
            rounds_back=is_whole and magnitude < ROUNDS_BACK_BELOW,
            is_safe=_inside(_DOUBLE_RANGE, *numbers),
            has_floats=not facts.is_whole or (is_padded and not np.isfinite(options.border_value)),
            absolute_sum=kernel.absolute_sum or 1.0,
        )

    def ordinary(self, dtype: np.dtype[Any]) -> tuple[float, float] | None:
        """Return the limits of magnitude within which pixels are safe in `dtype`; None if all are."""
        if not self.has_floats:
            return None
        least, most = _SINGLE_RANGE if dtype == np.float32 else _DOUBLE_RANGE
        return max(least, least / self.absolute_sum), min(most, most / self.absolute_sum)


def _inside(limits: tuple[float, float], *numbers: float) -> bool:
    return all(number == 0 or limits[0] < number < limits[1] for number in numbers)
