"""A layer as a product of matrices: windows as rows times kernels as columns, or one sparse matrix times the picture.

Both are computed for a few output pixels, so that they can be read; of the whole picture the sizes are told. No Qt.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

import kernels
from kernels import Kernel, memory
from kernels.arguments import pair_inside
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry
from kernels.filtering.operands import applied_weights, output_dtype
from kernels.filtering.provenance import pixels_at, tap_sources
from kernels.pictures import display
from viewer.pages.layers.matrix_case import Array, Block, Check, Grid, MatrixCase, Seconds, Whole
from viewer.painting import Bytes, Look

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["EXAMPLE", "Block", "MatrixCase", "block_around", "matrix_case"]

T = TypeVar("T")

EXAMPLE = "sobel-x"
ACROSS = 4
"""Output pixels of a block along each axis, where the output has as many."""
MOST_MAPS = 16
"""Kernels that are multiplied together, those about the selected one."""
NUMBER = 8
"""Bytes of a value and of an index in the sparse matrix."""
TIMES = 3
"""How often each way is run, so that its fastest time is its own."""
LONG = 0.02
"""Seconds from which once is enough."""


def block_around(position: Pair, output_shape: Pair, last: Block | None = None) -> Block:
    """The block that holds an output pixel: `last` as long as that does, so that the crop stays while one steps."""
    rows, columns = (min(ACROSS, length) for length in output_shape)
    top, left = (
        min(max(at - 1, 0), length - size)
        for at, length, size in zip(position, output_shape, (rows, columns), strict=True)
    )
    if last is not None and (last.rows, last.columns) == (rows, columns) and last.holds(position):
        inside = last.top + last.rows <= output_shape[0] and last.left + last.columns <= output_shape[1]
        return last if inside else Block(top, left, rows, columns)
    return Block(top, left, rows, columns)


def matrix_case(
    image: Array,
    bank: Sequence[Kernel],
    options: SlidingOptions,
    position: Pair,
    *,
    look: Look,
    selected: int = 0,
    inputs: Sequence[int] | None = None,
    block: Block | None = None,
) -> MatrixCase:
    """Compute a layer as products of matrices about one output pixel.

    Parameters
    ----------
    image : ndarray, (H, W) or (H, W, C)
        What the kernels slide over.
    bank : sequence of Kernel
        (kh, kw), which sum over the channels, or (kh, kw, C). Those as large as the selected one are multiplied.
    options : SlidingOptions
    position : (int, int)
        The output pixel (i, j) that is followed.
    look : Look
        How the picture is painted, levels included.
    selected : int
        The kernel that is looked at.
    inputs : sequence of int, optional
        The channels that the kernels see: those of one group, or the one that a filter works on; else all.
    block : Block, optional
        The one shown before, which stays while it holds `position`.

    Raises
    ------
    TypeError, ValueError, MemoryError
        As `kernels.correlate`, and for a position outside the output.
    """
    whole = geometry(image.shape, bank[selected].shape, options)
    position = pair_inside("position", position, "(i, j)", whole.output_shape, "the output")
    block = block_around(position, whole.output_shape, block)
    available = range(image.shape[2] if image.ndim == 3 else 1)
    channels = tuple(available if inputs is None else inputs)
    crop, corner, virtual = _crop(image, channels, whole, block, options)
    maps = _maps_like(bank, selected)
    some = [_over_channels(bank[number], len(channels)) for number in maps]
    inside = replace(options, padding="valid", border_value=0.0)
    selected_at = maps.index(selected)
    pixels = crop[:, :, 0] if len(channels) == 1 else crop
    weights = np.stack([applied_weights(each, options).ravel() for each in some], axis=1)
    divisors, offsets = (np.array([getattr(each, of) for each in some]) for of in ("divisor", "offset"))
    with np.errstate(all="ignore"):
        (matrix, sums), windows_seconds = _timed(lambda: _windows_times(pixels, some[0], inside, weights))
        values = sums / divisors + offsets
        engine, engine_seconds = _timed(lambda: _engine(pixels, some, inside))
        (toeplitz, banded), sparse_seconds = _timed(lambda: _sparse_times(crop, some[selected_at], inside))
    return MatrixCase(
        name=bank[selected].name,
        block=block,
        row=block.row_of(position),
        options=options,
        crop=crop,
        corner=corner,
        virtual=virtual,
        colours=_painted(crop, look),
        channels=channels,
        kernel_shape=whole.kernel_shape,
        sources=_sources(crop.shape, whole, inside),
        matrix=matrix,
        weights=weights,
        divisors=divisors,
        offsets=offsets,
        sums=sums,
        values=values,
        engine=engine,
        maps=maps,
        count=len(bank),
        selected=selected_at,
        check=_check(values, engine, crop, some),
        sparse_check=_check(banded, engine[:, selected_at], crop, [some[selected_at]]),
        toeplitz=toeplitz,
        seconds=Seconds(windows_seconds, engine_seconds, sparse_seconds),
        whole=_whole(whole, len(channels), options, output_dtype(image).itemsize),
    )


# What is multiplied ---------------------------------------------------------------------------------------------------


def _crop(
    image: Array, channels: tuple[int, ...], windows: Geometry, block: Block, options: SlidingOptions
) -> tuple[Array, Pair, NDArray[np.bool_]]:
    """The pixels under a block's windows, in the picture's type where that holds them all, and which are virtual."""
    first = windows.window(block.top, block.left)
    last = windows.window(block.top + block.rows - 1, block.left + block.columns - 1)
    rows, columns = (np.arange(low[0], high[-1] + 1) for low, high in zip(first, last, strict=True))
    planes = image[:, :, np.newaxis] if image.ndim == 2 else image
    values, _origins = pixels_at(planes, rows, columns, cast(Border, options.border), options.border_value)
    values = values[:, :, list(channels)]
    height, width = windows.image_shape
    virtual = ((rows < 0) | (rows >= height))[:, np.newaxis] | ((columns < 0) | (columns >= width))
    with np.errstate(all="ignore"):
        held = values.astype(image.dtype)
    if not np.array_equal(held, values, equal_nan=True):
        held = values.astype(output_dtype(image))
    return held, (int(rows[0]), int(columns[0])), virtual


def _maps_like(bank: Sequence[Kernel], selected: int) -> tuple[int, ...]:
    """The kernels as large as the selected one, at most `MOST_MAPS` about it."""
    shape = bank[selected].weights.shape
    alike = [number for number, each in enumerate(bank) if each.weights.shape == shape]
    first = min(max(alike.index(selected) - MOST_MAPS // 2, 0), max(len(alike) - MOST_MAPS, 0))
    return tuple(alike[first : first + MOST_MAPS])


def _over_channels(kernel: Kernel, channels: int) -> Kernel:
    """The kernel with a weight for each channel, flat for a single one."""
    weights = kernel.weights
    if weights.ndim == 3 and channels == 1 == weights.shape[2]:
        weights = weights[:, :, 0]
    elif weights.ndim == 2 and channels > 1:
        weights = np.repeat(weights[:, :, np.newaxis], channels, axis=2)
    return kernel.replace(weights=weights)


def _windows_times(pixels: Array, kernel: Kernel, inside: SlidingOptions, weights: Grid) -> tuple[Array, Grid]:
    stride, dilation = inside.steps
    matrix = kernels.im2col(
        pixels, kernel.weights.shape, operation=inside.operation, padding="valid", stride=stride, dilation=dilation
    )
    return matrix, matrix.astype(np.float64) @ weights


def _engine(pixels: Array, some: Sequence[Kernel], inside: SlidingOptions) -> Grid:
    run = kernels.convolve if inside.is_convolution else kernels.correlate
    stride, dilation = inside.steps
    maps = [run(pixels, each, padding="valid", stride=stride, dilation=dilation).ravel() for each in some]
    return np.stack(maps, axis=1).astype(np.float64)


def _sparse_times(crop: Array, kernel: Kernel, inside: SlidingOptions) -> tuple[sparse.csr_array, Grid]:
    """The kernel as a matrix, a block for each channel, and it times the crop as a vector."""
    from scipy import sparse

    stride, dilation = inside.steps
    size = crop.shape[0], crop.shape[1]
    planes = kernel.weights.reshape(*kernel.shape, -1)
    blocks = [
        kernels.toeplitz(
            size,
            kernel.replace(weights=planes[:, :, channel]),
            operation=inside.operation,
            padding="valid",
            stride=stride,
            dilation=dilation,
        )
        for channel in range(planes.shape[2])
    ]
    matrix = cast("sparse.csr_array", sparse.hstack(blocks, format="csr"))
    return matrix, matrix @ crop.transpose(2, 0, 1).ravel().astype(np.float64) + kernel.offset


def _sources(crop: tuple[int, ...], windows: Geometry, inside: SlidingOptions) -> NDArray[np.int64]:
    placed = geometry(crop, windows.kernel_shape, inside)
    rows, columns = placed.output_shape
    found = [
        np.stack(np.meshgrid(*placed.window(i, j), indexing="ij"), axis=-1).reshape(-1, 2)
        for i in range(rows)
        for j in range(columns)
    ]
    return np.stack(found)


def _painted(crop: Array, look: Look) -> Bytes:
    assert look.levels is not None
    height, width, channels = crop.shape
    flat = np.ascontiguousarray(crop).reshape(height, width * channels)
    shown = display.render(flat, look.levels, look.mode, look.colour_map)
    shown = np.repeat(shown[:, :, np.newaxis], 3, axis=2) if shown.ndim == 2 else shown
    return shown.reshape(height, width, channels, 3)


def _timed(make: Callable[[], T]) -> tuple[T, float]:
    """What is made, and the seconds of the fastest of some times; what is loaded at first use is not counted."""
    best, made = math.inf, make()
    for _again in range(TIMES):
        start = time.perf_counter()
        made = make()
        best = min(best, time.perf_counter() - start)
        if best > LONG:
            break
    return made, best


# What is told about it ------------------------------------------------------------------------------------------------


def _check(product: Grid, engine: Grid, crop: Array, some: Sequence[Kernel]) -> Check:
    """Compare as the engine promises: exactly for whole numbers, else up to 1e-5 Σ|w| max|x| / |divisor|."""
    with np.errstate(all="ignore"):
        same = (product == engine) | (np.isnan(product) & np.isnan(engine))
        difference = np.where(same, 0.0, np.abs(product - engine))
    largest = float(np.nan_to_num(difference, nan=np.inf).max())
    finite = np.abs(crop[np.isfinite(crop)].astype(np.float64))
    reach = float(finite.max(initial=0.0)) * max(each.absolute_sum for each in some)
    # The engine's result is rounded once, to float32 unless the picture has double precision.
    rounding = float(np.abs(engine[np.isfinite(engine)]).max(initial=0.0)) * 2.0**-23
    if crop.dtype.kind in "biu" and reach < 2**24 and all(np.equal(np.mod(e.weights, 1), 0).all() for e in some):
        plain = all(each.divisor == 1 and each.offset.is_integer() for each in some)
        return Check(largest, 0.0 if plain else rounding)
    return Check(largest, 1e-5 * reach / min(abs(each.divisor) for each in some) + rounding)


def _whole(windows: Geometry, channels: int, options: SlidingOptions, itemsize: int) -> Whole:
    rows, columns = math.prod(windows.output_shape), math.prod(windows.kernel_shape) * channels
    entries = channels * math.prod(_pixels_read(windows, axis, cast(Border, options.border)) for axis in (0, 1))
    pixels = math.prod(windows.image_shape) * channels
    size = rows * columns * itemsize
    too_large = size > memory.available() * memory.LARGEST_SHARE
    return Whole(rows, columns, size, pixels, entries, (2 * entries + rows + 1) * NUMBER, too_large)


def _pixels_read(windows: Geometry, axis: int, border: Border) -> int:
    """How many different rows (or columns) of the picture each window reads, added up over all windows."""
    taps = np.stack([tap_sources(windows, axis, tap, border) for tap in range(windows.kernel_shape[axis])], axis=1)
    taps.sort(axis=1)
    is_new = np.diff(taps, axis=1, prepend=-2) != 0
    return int(np.count_nonzero(is_new & (taps >= 0)))
