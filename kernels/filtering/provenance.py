"""Where numbers come from and where they go: virtual pixels, what a pixel touches, what one weight or a border adds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from kernels import memory
from kernels.arguments import pair_inside
from kernels.filtering.border import Border, as_border, source_index
from kernels.filtering.engine import run
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry
from kernels.filtering.operands import applied_weights, as_image, as_kernel, output_dtype
from kernels.kernel import Kernel

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

#: The share of Σ|w| · max|x| that rounding may make of nothing: one digit of the output's dtype for float32.
_ROUNDING = {4: 2.0**-24, 8: 1e-12}


# Pixels ---------------------------------------------------------------------------------------------------------------


def pixels_at(
    image: Array,
    rows: npt.ArrayLike,
    columns: npt.ArrayLike,
    border: Border | str,
    border_value: float,
    *,
    shape: Pair | None = None,
    corner: Pair = (0, 0),
) -> tuple[FloatArray, Indices]:
    """Return the pixels where some rows and columns cross, virtual ones too, and where each was read.

    Parameters
    ----------
    image : ndarray, shape (h, w) or (h, w, C)
        The picture, or the part of it that holds all pixels that are read.
    rows, columns : array_like of int, shapes (r,) and (c,)
        Positions in the picture, in any order and at any distance outside it too.
    border : Border or str
        Where virtual pixels come from.
    border_value : float
        Their value when the border is constant.
    shape : (int, int), optional
        (H, W) of the whole picture, where `image` is a part of it.
    corner : (int, int)
        The picture's pixel (y, x) that `image` begins with.

    Returns
    -------
    values : ndarray of float64, shape (r, c) or (r, c, C)
    origins : ndarray of int64, shape (r, c, 2)
        The pixel (y, x) that each was read from; (-1, -1) for the constant border value.

    Raises
    ------
    ValueError
        If `border` is unknown.
    """
    height, width = image.shape[:2] if shape is None else shape
    lines, places = source_index(rows, height, border), source_index(columns, width, border)
    origins = np.empty((lines.size, places.size, 2), np.int64)
    origins[..., 0], origins[..., 1] = lines[:, np.newaxis], places
    origins[(origins < 0).any(axis=-1)] = -1
    return _read(image, lines, places, border_value, corner), origins


def window_at(
    image: Array, windows: Geometry, position: Pair, border: Border, border_value: float, corner: Pair = (0, 0)
) -> tuple[FloatArray, Indices, npt.NDArray[np.bool_]]:
    """Return the pixels under the taps of an output pixel, where each was read, and which taps lie outside the picture.

    `image` is the picture of `windows`, or the part of it that begins at `corner`; see `pixels_at`.
    """
    height, width = windows.image_shape
    rows, columns = windows.window(*position)
    values, origins = pixels_at(image, rows, columns, border, border_value, shape=windows.image_shape, corner=corner)
    outside = ((rows < 0) | (rows >= height))[:, np.newaxis] | ((columns < 0) | (columns >= width))
    return values, origins, outside


def _read(image: Array, lines: Indices, places: Indices, border_value: float, corner: Pair = (0, 0)) -> FloatArray:
    """Return what stands where some lines and places of a picture cross; -1 is one of a constant border."""
    values = np.full((lines.size, places.size, *image.shape[2:]), border_value, np.float64)
    down, across = np.flatnonzero(lines >= 0), np.flatnonzero(places >= 0)
    with np.errstate(over="ignore"):
        values[np.ix_(down, across)] = image[np.ix_(lines[down] - corner[0], places[across] - corner[1])]
    return values


# Where a pixel goes ---------------------------------------------------------------------------------------------------


class Touched(msgspec.Struct, frozen=True, eq=False):
    """The output pixels that one pixel of the picture touches; the arrays are read-only.

    Rows and columns of windows lie independently of each other, so that the pixel touches every output where one of
    `rows` crosses one of `columns`, and no other.

    Attributes
    ----------
    rows, columns : ndarray of int64, shapes (r,) and (c,)
        Output rows and columns, in order; one of them is empty where no window reads the pixel.
    weights : ndarray of float64, shape (r, c) or (r, c, C)
        What the pixel is multiplied by in each of these outputs, before the divisor: the sum of the weights of all taps
        that read it or a virtual copy of it. For a kernel with channels, one for each.
    """

    rows: Indices
    columns: Indices
    weights: FloatArray


def touched(windows: Geometry, weights: FloatArray, border: Border | str, pixel: Pair) -> Touched:
    """Return all output pixels that a pixel of the picture touches, and by how much.

    Parameters
    ----------
    windows : Geometry
        Where the windows stand.
    weights : ndarray, shape (kh, kw) or (kh, kw, C)
        As they are applied: rotated by 180 degrees for a convolution.
    border : Border or str
        Where virtual pixels come from. Unless it is constant, windows that see a virtual copy of the pixel count too.
    pixel : (int, int)
        (y, x) in the picture.

    Raises
    ------
    ValueError, TypeError
        If the pixel is not in the picture, the weights are not those of the windows, or the border is unknown.
    """
    inside = pair_inside("pixel", pixel, "(y, x)", windows.image_shape, "the picture")
    if weights.shape[:2] != windows.kernel_shape:
        raise ValueError(f"weights has shape {weights.shape}, but must begin with {windows.kernel_shape}.")
    mode = as_border(border)
    (rows, down), (columns, across) = (_readers(windows, axis, at, mode) for axis, at in enumerate(inside))
    total = np.tensordot(np.tensordot(down, weights, (1, 0)), across, (1, 1))
    if weights.ndim == 3:
        total = np.swapaxes(total, 1, 2)
    for array in (rows, columns, total):
        array.setflags(write=False)
    return Touched(rows, columns, total)


def _readers(windows: Geometry, axis: int, at: int, border: Border) -> tuple[Indices, FloatArray]:
    """Return the output rows (axis 0) or columns with a tap over a row or column of the picture, and 1 for each such.

    The second array has a line for each of the first, with an entry for each tap.
    """
    length, reach = windows.image_shape[axis], windows.effective_shape[axis]
    starts = np.arange(windows.output_shape[axis], dtype=np.int64) * windows.stride[axis] - windows.before[axis]
    near = (starts <= at) & (starts + reach > at)
    if border is not Border.CONSTANT:
        near |= (starts < 0) | (starts + reach > length)
    lines = np.flatnonzero(near)
    taps = np.arange(windows.kernel_shape[axis], dtype=np.int64) * windows.dilation[axis]
    reads = source_index(starts[lines][:, np.newaxis] + taps, length, border) == at
    some = reads.any(axis=1)
    return lines[some], reads[some].astype(np.float64)


# What a weight adds ---------------------------------------------------------------------------------------------------


def one_weight(
    image: npt.ArrayLike,
    kernel: Kernel,
    tap: Pair,
    options: SlidingOptions,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> Array:
    """Return what a single weight adds to the output: the picture, shifted, times the weight over the divisor.

    The results of all weights and the offset add up to what `kernels.filtering.engine.run` returns.

    Parameters
    ----------
    image, kernel, options
        As in `kernels.filtering.engine.run`.
    tap : (int, int)
        Row and column of the weight in the kernel as it is written, before a convolution rotates it. Of a kernel with
        channels, the weights of all channels there.
    cancelled : callable, optional
        Asked before each strip; True stops.

    Returns
    -------
    ndarray, shape (H', W') or (H', W', C)
        Of the output's shape and dtype.

    Raises
    ------
    ValueError, TypeError, MemoryError
        As `kernels.correlate`, and for a tap that is not in the kernel.
    kernels.errors.Cancelled
        If `cancelled` returned True.
    """
    pixels = as_image(image)
    checked = as_kernel(kernel, pixels.shape)
    windows = geometry(pixels.shape, checked.shape, options)
    row, column = pair_inside("tap", tap, "(row, column)", windows.kernel_shape, "the kernel")
    if options.is_convolution:
        row, column = windows.kernel_shape[0] - 1 - row, windows.kernel_shape[1] - 1 - column
    _require(windows, pixels, checked)
    # A picture times a weight, shifted, is the shifted picture times the weight. A kernel of one weight multiplies
    # nothing else, as a larger one of zeros would: 0 · NaN is NaN.
    weight = applied_weights(checked, options)[row : row + 1, column : column + 1]
    single = Kernel(weight, divisor=checked.divisor)
    scaled = run(pixels, single, SlidingOptions(), cancelled=cancelled)
    lines, places = (tap_sources(windows, axis, at, options.border) for axis, at in enumerate((row, column)))
    share: Array = scaled.take(lines, axis=0).take(places, axis=1)
    if (lines < 0).any() or (places < 0).any():
        virtual = np.full((1, 1, *pixels.shape[2:]), options.border_value)
        beyond = run(virtual, single, SlidingOptions())[0, 0]
        with np.errstate(over="ignore"):
            share[lines < 0] = beyond
            share[:, places < 0] = beyond
    return share


def tap_sources(windows: Geometry, axis: int, tap: int, border: Border | str) -> Indices:
    """Return the picture row (axis 0) or column (axis 1) under one tap of every window; -1 in a constant border."""
    starts = np.arange(windows.output_shape[axis], dtype=np.int64) * windows.stride[axis] - windows.before[axis]
    return source_index(starts + tap * windows.dilation[axis], windows.image_shape[axis], border)


# What a border changes ------------------------------------------------------------------------------------------------


def border_difference(
    image: npt.ArrayLike,
    kernel: Kernel,
    options: SlidingOptions,
    other: Border | str,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Array, int]:
    """Compare the output with what another border mode would give.

    Parameters
    ----------
    image, kernel, options
        As in `kernels.filtering.engine.run`.
    other : Border or str
        The border mode to compare with.
    cancelled : callable, optional
        Asked now and then; True stops.

    Returns
    -------
    difference : ndarray, shape (H', W') or (H', W', C)
        The output with the other border minus the output, in the output's dtype; 0 where both are the same number,
        the same infinity or NaN, or differ by no more than rounding.
    count : int
        How many output pixels differ, in any channel.

    Raises
    ------
    ValueError, TypeError, MemoryError
        As `kernels.correlate`.
    kernels.errors.Cancelled
        If `cancelled` returned True.
    """
    pixels = as_image(image)
    checked = as_kernel(kernel, pixels.shape).replace(offset=0.0)
    windows = geometry(pixels.shape, checked.shape, options)
    borders = cast(Border, options.border), as_border(other)
    inner = replace(options, padding="valid")
    trailing = _require(windows, pixels, checked)
    difference = np.zeros((*windows.output_shape, *trailing), output_dtype(pixels))
    count = 0
    for rows, columns in _rim(windows):
        blocks = [_block(pixels, windows, (rows, columns), border, options.border_value) for border in borders]
        largest = max(float(np.max(np.abs(block), initial=0.0, where=np.isfinite(block))) for block in blocks)
        present, changed = (run(block, checked, inner, cancelled=cancelled) for block in blocks)
        nothing = _ROUNDING[difference.itemsize] * checked.absolute_sum * largest / abs(checked.divisor)
        with np.errstate(all="ignore"):
            change = changed - present
            change[(present == changed) | (np.isnan(present) & np.isnan(changed)) | (np.abs(change) <= nothing)] = 0.0
            difference[rows, columns] = change
        count += int(np.count_nonzero(change.any(axis=2) if change.ndim == 3 else change))
    return difference, count


def _rim(windows: Geometry) -> Iterator[tuple[slice, slice]]:
    """Return the blocks of output rows and columns whose windows reach out of the picture."""
    inside = []
    for axis in (0, 1):
        count, stride, before = windows.output_shape[axis], windows.stride[axis], windows.before[axis]
        first = min(-(-before // stride), count)
        last = (windows.image_shape[axis] + before - windows.effective_shape[axis]) // stride + 1
        inside.append((first, min(max(first, last), count)))
    (top, bottom), (left, right) = inside
    height, width = windows.output_shape
    blocks = (
        (slice(0, top), slice(0, width)),
        (slice(bottom, height), slice(0, width)),
        (slice(top, bottom), slice(0, left)),
        (slice(top, bottom), slice(right, width)),
    )
    return (block for block in blocks if all(each.start < each.stop for each in block))


def _block(
    pixels: Array, windows: Geometry, block: tuple[slice, slice], border: Border, border_value: float
) -> FloatArray:
    """Return all pixels from the first to the last under the windows of a block of outputs, virtual ones too."""
    ends = [
        (
            part.start * windows.stride[axis] - windows.before[axis],
            (part.stop - 1) * windows.stride[axis] - windows.before[axis] + windows.effective_shape[axis],
        )
        for axis, part in enumerate(block)
    ]
    sizes = [stop - start for start, stop in ends]
    memory.require(8.0 * math.prod(sizes) * math.prod(pixels.shape[2:]), f"A rim of {sizes[0]} × {sizes[1]} pixels")
    lines, places = (
        source_index(np.arange(start, stop, dtype=np.int64), pixels.shape[axis], border)
        for axis, (start, stop) in enumerate(ends)
    )
    return _read(pixels, lines, places, border_value)


def _require(windows: Geometry, pixels: Array, kernel: Kernel) -> tuple[int, ...]:
    """Return the output's shape after its rows and columns, once its memory is known to be there."""
    trailing = () if kernel.channels is not None else pixels.shape[2:]
    shape = (*windows.output_shape, *trailing)
    size = float(math.prod(shape)) * output_dtype(pixels).itemsize
    memory.require(size, f"A result of {' × '.join(map(str, shape))} values")
    return trailing
