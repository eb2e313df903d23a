"""Correlation by the compiled core: product by product, by columns and rows, or by running sums.

It reads the rows of the picture as they are, and pads each line when a window first meets it. Of stride and dilation
only what is wanted is computed.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt

from kernels import compiled
from kernels.filtering.backends.plan import Plan
from kernels.filtering.backends.polyphase import Place
from kernels.filtering.backends.some_rows import SomeRows
from kernels.filtering.backends.workers import Scratch, threads
from kernels.filtering.border import Border, source_index
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

#: Output rows that the core computes together, values behind a line that it reads but does not use, and the least
#: number of columns before the sums of a box.
_ROWS, _SLACK, _BOX_MARGIN = 4, 128, 8


def is_there(chosen: Plan) -> bool:
    """Whether the core computes what is planned."""
    return compiled.core is not None and chosen.method in ("direct", "separable", "box")


def reads(pixels: Array) -> bool:
    """Whether the core takes the pixels as they are."""
    if compiled.core_for(pixels) is None:
        return False
    size = pixels.itemsize
    is_together = pixels.ndim == 2 or pixels.shape[2] == 1 or pixels.strides[2] == size
    return pixels.flags.c_contiguous or (is_together and all(stride % size == 0 for stride in pixels.strides))


class Lines(msgspec.Struct, frozen=True, eq=False):
    """Where lines with their padding come from."""

    rows: Array
    """Which row of the pixels each line is; -1 for the border value."""
    beside: Array
    """Which column of the pixels each one left and right of them is; -1 for the border value."""
    left: int
    """Columns left of the pixels."""
    border_value: float


def bare_lines(pixels: Array) -> Lines:
    """Return the lines of pixels that have their padding."""
    return Lines(np.arange(pixels.shape[0]), np.empty(0, np.int64), 0, 0.0)


def picture_lines(image: Array | SomeRows, windows: Geometry, options: SlidingOptions, rows: Pair) -> Lines:
    """Return the lines that the windows of some output rows look at."""
    border = cast(Border, options.border)
    first = rows[0] * windows.stride[0] - windows.before[0]
    count = _reach(rows[1] - rows[0], windows.stride[0], windows.kernel_shape[0], windows.dilation[0])
    lines = source_index(np.arange(first, first + count), windows.image_shape[0], border)
    if isinstance(image, SomeRows):
        lines = np.where(lines < 0, lines, np.searchsorted(image.lines, lines))
    columns = _reach(windows.output_shape[1], windows.stride[1], windows.kernel_shape[1], windows.dilation[1])
    across = np.arange(columns) - windows.before[1]
    outside = across[(across < 0) | (across >= windows.image_shape[1])]
    beside = source_index(outside, windows.image_shape[1], border)
    return Lines(lines, beside, min(windows.before[1], columns), options.border_value)


class Call(msgspec.Struct, frozen=True, eq=False):
    """A call of the core, ready for the pixels."""

    arguments: tuple[Any, ...]
    dtype: np.dtype[Any]
    room: Pair
    """Size of the buffer that each thread needs."""
    strips: tuple[tuple[Pair, int], ...]
    """The output rows that are computed together, and how many values they look at."""

    @classmethod
    def of(cls, lines: Lines, chosen: Plan, kernel: Kernel, is_convolution: bool, place: Place, channels: int) -> Call:
        """Prepare a call for pixels with so many channels, which a few threads may share strip by strip."""
        (high, wide), stride, dilation = place.output, place.stride, place.dilation
        is_box = chosen.method == "box" and stride == dilation == (1, 1)
        down, across = _weights(chosen, kernel, is_convolution)
        terms, taps = (1, kernel.shape[1]) if across is None else across.shape
        columns = _reach(wide, stride[1], taps, dilation[1])
        phases = min(stride[1] // gcd(stride[1], dilation[1]), taps)
        width = wide * (channels if kernel.channels is None else 1)
        margin = max(taps, _BOX_MARGIN) * channels if is_box else 0
        pitch = max(margin + phases * channels * -(-columns // stride[1]), width) + _SLACK
        apart = dilation[0] if kernel.shape[0] > 1 else 1
        rows = min(high, chosen.strip_rows)
        at_once = min(rows, _ROWS * apart // gcd(apart, stride[0]))
        kept = 0 if is_box else terms * _reach(at_once, stride[0], kernel.shape[0], apart)
        return cls(
            arguments=(
                *(lines.rows, lines.beside, lines.left, lines.border_value, down, across, is_box, stride, dilation),
                *(kernel.divisor, kernel.offset, chosen.rounds_back, chosen.ordinary is not None, rows),
            ),
            dtype=down.dtype,
            room=(1 + _ROWS + kept, pitch),
            strips=tuple(
                ((top, top + some), _reach(some, stride[0], kernel.shape[0], dilation[0]) * columns * channels)
                for top in range(0, high, rows)
                for some in (min(rows, high - top),)
            ),
        )

    def run(self, pixels: Array, out: Array, scratch: Scratch) -> tuple[float, ...]:
        """Write the finished output rows; return Σ|x| over what each strip read, where not all pixels are ordinary."""
        count = min(threads(), len(self.strips)) if len(self.strips) > 1 else 1
        rooms = scratch.array("lines", (count, *self.room), self.dtype)
        assert compiled.core is not None
        magnitudes: tuple[float, ...] = compiled.core.correlate(pixels, *self.arguments, rooms, out)
        return magnitudes


def _reach(count: int, stride: int, taps: int, dilation: int) -> int:
    return (count - 1) * stride + (taps - 1) * dilation + 1


@lru_cache(maxsize=8)
def _weights(chosen: Plan, kernel: Kernel, is_convolution: bool) -> tuple[Array, Array | None]:
    """Return the weights as (1, rows, taps), or the columns and rows as (terms, rows, 1) and (terms, taps)."""
    if chosen.method == "box":  # running sums in float32 would add up their roundings
        return np.full((1, kernel.shape[0], 1), kernel.weights[0, 0]), np.ones((1, kernel.shape[1]))
    if chosen.terms is None:
        weights = kernel.weights[::-1, ::-1] if is_convolution else kernel.weights
        return np.ascontiguousarray(weights.reshape(1, kernel.shape[0], -1), dtype=chosen.dtype), None
    columns, rows = (np.stack(part).astype(chosen.dtype) for part in zip(*chosen.terms.factors, strict=True))
    return columns[:, :, np.newaxis], rows
