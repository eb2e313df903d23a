"""Fewer pixels for the same picture: the mean, or the maximum, of what each of them covers."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import core_for
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.opencv import cv2

Array = NDArray[Any]

_BLOCK = 1 << 20
_STRIP = 1 << 21
_SUMS = np.dtype(np.float64)
_ROWS = 8  # that the compiled core makes side by side


def reduced(array: Array, rows: int, columns: int, *, how: Literal["mean", "maximum"] = "mean") -> Array:
    """Reduce an array to fewer cells of equal size that together cover exactly the whole.

    Of n pixels in m cells, cell i covers the pixels from i n / m to (i + 1) n / m, of those at its ends a part.

    Parameters
    ----------
    array : ndarray
        ``(H, W)`` or ``(H, W, C)``, any real dtype; a view will do.
    rows, columns : int
        From 1 to H and W.
    how : {"mean", "maximum"}
        ``mean``: pixels count with the area that the cell covers of them; the mean of the whole stays what it is.
        ``maximum``: the largest pixel that the cell touches, for lines that must not fade.

    Returns
    -------
    ndarray
        ``(rows, columns)`` or ``(rows, columns, C)``, float32 (float64 of a float64 array). A cell that touches a
        pixel that is not finite is not finite, so that a single one stays visible from afar.

    Raises
    ------
    ValueError
        A size outside 1..H or 1..W, or an unknown `how`.
    """
    if how not in ("mean", "maximum"):
        raise ValueError(f"how is {how!r}, but must be mean or maximum.")
    for name, size, valid in (("rows", rows, array.shape[0]), ("columns", columns, array.shape[1])):
        if not 1 <= size <= valid:
            raise ValueError(f"{name} is {size}, but must be from 1 to {valid}.")
    work: type[np.floating[Any]] = np.float64 if array.dtype == np.float64 else np.float32
    core = core_for(array)
    if core is not None:
        return _reduced_compiled(core, array, np.empty((rows, columns, *array.shape[2:]), work), how == "maximum")
    along = _mean_rows if how == "mean" else _largest_rows
    height, width = array.shape[:2]
    step = max(1, _BLOCK * rows // array.size)
    with np.errstate(invalid="ignore", over="ignore"):
        narrow = np.empty((rows, *array.shape[1:]), work)
        for start in range(0, rows, step):
            cells = _Cells(height, rows, start, min(start + step, rows))
            narrow[start : cells.stop] = along(array[cells.pixels], cells, work)
        turned = along(_transposed(narrow), _Cells(width, columns, 0, columns), work)
    return _transposed(turned)


def _reduced_compiled(core: ModuleType, array: Array, cells: Array, is_maximum: bool) -> Array:
    pixels, result = (each.reshape(*each.shape[:2], -1) for each in (array, cells))
    rows, columns, channels = result.shape
    if channels > 1 and pixels.strides[2] != pixels.itemsize:
        pixels = np.ascontiguousarray(pixels)
    scratch_size = _ROWS * (pixels.shape[1] + columns) * channels + 2 * columns
    step = -(-rows // (_ROWS * -(-pixels.size // _STRIP))) * _ROWS

    def compute(start: int, stop: int, scratch: Scratch) -> None:
        core.reduce(pixels, result, scratch.array("sums", (scratch_size,), _SUMS), start, stop, is_maximum)

    compute_strips([(start, min(start + step, rows)) for start in range(0, rows, step)], compute)
    return cells


class _Cells:
    """Which of `size` pixels in a row the cells from `start` to `stop`, of `count`, cover."""

    def __init__(self, size: int, count: int, start: int, stop: int) -> None:
        self.size, self.count, self.start, self.stop = size, count, start, stop
        cell = np.arange(start, stop)
        first, last = cell * size // count, -(-(cell + 1) * size // count)
        self.pixels = slice(int(first[0]), int(last[-1]))
        self.first, self.last = first - first[0], last - first[0]

    def weights(self, dtype: type[np.floating[Any]]) -> Any:
        """Return the share of each pixel in each cell, a sparse (cells, pixels) array without zeros."""
        from scipy.sparse import csr_array

        touched = self.last - self.first
        ends = np.concatenate([[0], np.cumsum(touched)])
        pixel = np.arange(ends[-1]) + np.repeat(self.first - ends[:-1], touched)
        cell = np.repeat(np.arange(self.start, self.stop), touched)
        whole = pixel + self.pixels.start
        # In parts of a pixel, of which there are `count`: whole numbers, so that nothing is rounded.
        overlap = np.minimum((cell + 1) * self.size, (whole + 1) * self.count)
        overlap -= np.maximum(cell * self.size, whole * self.count)
        return csr_array(((overlap / self.size).astype(dtype), pixel, ends), shape=(touched.size, self.last[-1]))


def _mean_rows(block: Array, cells: _Cells, work: type[np.floating[Any]]) -> Array:
    # A float32 sum of many rows would lose digits.
    dtype = np.float64 if cells.size > 64 * cells.count else work
    rows = block.astype(dtype, order="C", copy=False).reshape(block.shape[0], -1)
    return np.asarray(cells.weights(dtype) @ rows).astype(work, copy=False).reshape(-1, *block.shape[1:])


def _largest_rows(block: Array, cells: _Cells, work: type[np.floating[Any]]) -> Array:
    if block.dtype.kind == "f" and np.isneginf(block).any():
        block = np.where(np.isneginf(block), np.nan, block)
    found = block[cells.first]
    for offset in range(1, int((cells.last - cells.first).max())):
        np.maximum(found, block[np.minimum(cells.first + offset, cells.last - 1)], out=found)
    return np.asarray(found, work)


def _transposed(array: Array) -> Array:
    if array.ndim == 2 or array.shape[2] <= 4:
        return np.asarray(cv2.transpose(array)).reshape(array.shape[1], array.shape[0], *array.shape[2:])
    return np.ascontiguousarray(array.swapaxes(0, 1))
