"""The pixels under the windows of some output rows, virtual ones included."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends.some_rows import SomeRows
from kernels.filtering.backends.workers import Scratch, pieces
from kernels.filtering.border import Border, source_index
from kernels.filtering.geometry import Geometry, SlidingOptions

Array = npt.NDArray[Any]
Pair = tuple[int, int]


#: A stride this many times the window's reach makes it worth leaving out the pixels between windows.
_FAR = 4


def window_pixels(
    image: Array | SomeRows,
    windows: Geometry,
    options: SlidingOptions,
    rows: Pair,
    dtype: np.dtype[Any],
    scratch: Scratch | None = None,
) -> tuple[Array, Pair, Pair]:
    """Return the pixels that some output rows look at, and the stride and dilation (y, x) among them.

    `rows` are the first output row and the one after the last. Pixel 0 lies under tap 0 of the first output, and the
    width is a multiple of the dilation. Where windows, or the taps of one, stand so far apart that most pixels
    between them are under none, only those that some tap meets are kept, side by side: stride and dilation are then
    smaller than those of the operation.
    """
    counts = rows[1] - rows[0], windows.output_shape[1]
    starts = (rows[0] * windows.stride[0] - windows.before[0], -windows.before[1])
    if not any(_are_far(windows, axis, counts[axis]) for axis in (0, 1)) and is_together(windows, rows):
        pixels = _padded(image, windows, options, rows, dtype, scratch or Scratch())
        return pixels, windows.stride, windows.dilation
    axes = [_positions(windows, axis, starts[axis], counts[axis]) for axis in (0, 1)]
    down, across = (
        starts[axis] + np.arange((counts[axis] - 1) * windows.stride[axis] + windows.effective_shape[axis])
        if positions is None
        else positions
        for axis, (positions, _, _) in enumerate(axes)
    )
    (_, stride_y, dilation_y), (_, stride_x, dilation_x) = axes
    across = np.append(across, np.repeat(across[-1:], -across.size % dilation_x))
    return _gathered(image, down, across, options, dtype), (stride_y, stride_x), (dilation_y, dilation_x)


def is_together(windows: Geometry, rows: Pair) -> bool:
    """Whether the taps of a window do not stand farther apart than the windows of some output rows reach."""
    counts = rows[1] - rows[0], windows.output_shape[1]
    return not any(_is_spread(windows, axis, counts[axis]) for axis in (0, 1))


def _are_far(windows: Geometry, axis: int, count: int) -> bool:
    return count > 1 and windows.stride[axis] >= _FAR * windows.effective_shape[axis]


def _is_spread(windows: Geometry, axis: int, count: int) -> bool:
    return windows.dilation[axis] > (count - 1) * windows.stride[axis] + 1


def _positions(windows: Geometry, axis: int, start: int, count: int) -> tuple[Array | None, int, int]:
    """Return the positions along an axis to keep, None for all in a row, and the stride and dilation among them."""
    taps, stride, dilation = windows.kernel_shape[axis], windows.stride[axis], windows.dilation[axis]
    if _are_far(windows, axis, count):
        outputs = start + np.arange(count)[:, np.newaxis] * stride
        return (outputs + np.arange(taps) * dilation).ravel(), taps, 1
    span = (count - 1) * stride + 1
    if _is_spread(windows, axis, count):
        return (start + np.arange(taps)[:, np.newaxis] * dilation + np.arange(span)).ravel(), stride, span
    return None, stride, dilation


def _gathered(
    image: Array | SomeRows, rows: Array, columns: Array, options: SlidingOptions, dtype: np.dtype[Any]
) -> Array:
    """Return the pixels at any positions."""
    border = cast(Border, options.border)
    from_rows = source_index(rows, image.shape[0], border)
    from_columns = source_index(columns, image.shape[1], border)
    pixels = image[np.ix_(from_rows, from_columns)].astype(dtype)
    pixels[from_rows < 0] = options.border_value
    pixels[:, from_columns < 0] = options.border_value
    return pixels


def _padded(
    image: Array | SomeRows,
    windows: Geometry,
    options: SlidingOptions,
    rows: Pair,
    dtype: np.dtype[Any],
    scratch: Scratch,
) -> Array:
    """Return whole rows of the picture with their padding around them."""
    top, bottom = rows
    height, width = windows.image_shape
    first = top * windows.stride[0] - windows.before[0]
    count = (bottom - 1 - top) * windows.stride[0] + windows.effective_shape[0]
    left = windows.before[1]
    # The whole width of the picture, though a stride may leave its last columns out: the border takes from them.
    columns = max(left + width, (windows.output_shape[1] - 1) * windows.stride[1] + windows.effective_shape[1])
    beside = -columns % windows.dilation[1]  # so that the columns fall into phases of equal length
    border = cast(Border, options.border)
    padded = scratch.array("padded", (count, columns + beside, *image.shape[2:]), dtype)
    padded[:, columns:] = 0

    inside = slice(left, left + width)
    begin, end = min(max(0, -first), count), max(0, min(height - first, count))
    for some in pieces(padded[begin:end], scratch.cancelled):
        at = first + begin
        padded[begin:end][some, inside] = image[at + some.start : at + some.stop]
    beyond = [*range(begin), *range(max(begin, end), count)]
    sources = source_index(np.asarray(beyond, dtype=np.int64) + first, height, border)
    for row, source in zip(beyond, sources.tolist(), strict=True):
        padded[row, inside] = options.border_value if source < 0 else image[source]

    sides = np.asarray([*range(left), *range(left + width, columns)], dtype=np.int64)
    if sides.size and border is Border.CONSTANT:
        padded[:, sides] = options.border_value
    elif sides.size:
        padded[:, sides] = padded[:, source_index(sides - left, width, border) + left]
    return padded
