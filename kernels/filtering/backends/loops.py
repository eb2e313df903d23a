"""Correlation by the compiled core, product by product: as a whole, or by the columns and rows of a separable kernel.

It reads the rows of the picture as they are, and pads each line when a window first meets it. Stride and dilation cost
nothing: only what is wanted is computed.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kernels import compiled
from kernels.filtering.backends.plan import Plan
from kernels.filtering.backends.polyphase import Place
from kernels.filtering.backends.some_rows import SomeRows
from kernels.filtering.backends.workers import Scratch
from kernels.filtering.border import Border, source_index
from kernels.filtering.geometry import Geometry, Pair
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

#: Output rows that the core computes together, and values behind a line that it reads but does not use.
_ROWS, _SLACK = 4, 128


class Source(NamedTuple):
    """Lines of pixels with the padding around them."""

    pixels: Array
    """(h, w, C)."""
    rows: Array
    """Which row of the pixels each line is; -1 for the border value."""
    beside: Array
    """Which column of the pixels each one left and right of them is; -1 for the border value."""
    left: int
    """Columns left of the pixels."""
    border_value: float


def is_there(chosen: Plan) -> bool:
    """Whether the core computes what is planned."""
    return compiled.core is not None and chosen.method in ("direct", "separable", "box")


def reads(image: Array | SomeRows) -> bool:
    """Whether the core takes the pixels as they are."""
    pixels = image.pixels if isinstance(image, SomeRows) else image
    size = pixels.itemsize
    is_known = pixels.dtype.char in "BHfd" and pixels.dtype.isnative and pixels.flags.aligned
    is_together = pixels.ndim == 2 or pixels.shape[2] == 1 or pixels.strides[2] == size
    return is_known and is_together and all(stride % size == 0 for stride in pixels.strides)


def padded(pixels: Array) -> Source:
    """Return pixels that need no padding."""
    return Source(_planes(pixels), np.arange(pixels.shape[0]), _NONE, 0, 0.0)


_NONE = np.empty(0, np.int64)


def picture(image: Array | SomeRows, windows: Geometry, border: Border, border_value: float, rows: Pair) -> Source:
    """Return the lines that the windows of some output rows look at, of a picture that can be read."""
    height, width = windows.image_shape
    first = rows[0] * windows.stride[0] - windows.before[0]
    count = _reach(rows[1] - rows[0], windows.stride[0], windows.kernel_shape[0], windows.dilation[0])
    columns = _reach(windows.output_shape[1], windows.stride[1], windows.kernel_shape[1], windows.dilation[1])
    lines = _sources(first, count, height, border)
    if isinstance(image, SomeRows):
        lines = np.where(lines < 0, lines, np.searchsorted(image.lines, lines))
    beside = _beside(windows.before[1], columns, width, border)
    pixels = image.pixels if isinstance(image, SomeRows) else image
    return Source(_planes(pixels), lines, beside, min(windows.before[1], columns), border_value)


def correlate(
    source: Source, chosen: Plan, kernel: Kernel, is_convolution: bool, place: Place, out: Array, scratch: Scratch
) -> float:
    """Write the finished output rows, and return Σ|x| over what was read, where not all pixels are ordinary."""
    assert compiled.core is not None
    (high, wide), stride, dilation = place.output, place.stride, place.dilation
    is_box = chosen.method == "box" and stride == dilation == (1, 1)
    down, across = _weights(chosen, kernel, is_convolution)
    terms, taps = (1, kernel.shape[1]) if across is None else across.shape
    planes = out.reshape(high, wide, -1)
    groups = source.pixels.shape[2] // planes.shape[2]
    columns = _reach(wide, stride[1], taps, dilation[1])
    phases = min(stride[1] // gcd(stride[1], dilation[1]), taps)
    pitch = max(phases * groups * (-(-columns // stride[1])), wide) * planes.shape[2] + _SLACK
    apart = dilation[0] if kernel.shape[0] > 1 else 1
    at_once = _ROWS * apart // gcd(apart, stride[0])
    lines = min(_reach(min(at_once, high), stride[0], kernel.shape[0], apart), source.rows.size)
    room = scratch.array("lines", (1 + _ROWS + (0 if is_box else terms * lines), pitch), down.dtype)
    magnitude: float = compiled.core.correlate(
        *source,
        down,
        across,
        is_box,
        stride,
        dilation,
        kernel.divisor,
        kernel.offset,
        chosen.rounds_back,
        chosen.ordinary is not None,
        room,
        planes,
    )
    return magnitude


def _planes(pixels: Array) -> Array:
    return pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels


def _reach(count: int, stride: int, taps: int, dilation: int) -> int:
    return (count - 1) * stride + (taps - 1) * dilation + 1


@lru_cache(maxsize=256)
def _sources(start: int, count: int, length: int, border: Border) -> Array:
    return source_index(np.arange(start, start + count), length, border)


@lru_cache(maxsize=64)
def _beside(before: int, columns: int, width: int, border: Border) -> Array:
    positions = np.arange(columns) - before
    return source_index(positions[(positions < 0) | (positions >= width)], width, border)


@lru_cache(maxsize=8)
def _weights(chosen: Plan, kernel: Kernel, is_convolution: bool) -> tuple[Array, Array | None]:
    """Return the weights as (1, rows, taps), or the columns and rows as (terms, rows, 1) and (terms, taps)."""
    if chosen.method == "box":
        column = np.full((1, kernel.shape[0], 1), kernel.weights[0, 0])
        return column, np.ones((1, kernel.shape[1]))
    if chosen.terms is None:
        weights = kernel.weights[::-1, ::-1] if is_convolution else kernel.weights
        return np.ascontiguousarray(weights.reshape(1, kernel.shape[0], -1), dtype=chosen.dtype), None
    columns, rows = (np.stack(part).astype(chosen.dtype) for part in zip(*chosen.terms.factors, strict=True))
    return columns[:, :, np.newaxis], rows
