"""Weighted sums of windows, for several filters at once: what a filter bank and a layer of a network are made of."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels import compiled
from kernels.filtering.backends.workers import Scratch, threads
from kernels.filtering.geometry import Pair
from kernels.filtering.lowering import windows

Array = npt.NDArray[Any]

#: Filters that are summed together where that is compiled.
_SIDE_BY_SIDE = 8
#: Numbers of the windows that a thread writes out at once to multiply them: so few that they stay in its cache.
_UNFOLDED = 1 << 18
#: Of one product of matrices: rows, what the columns are a multiple of, and products of two numbers; of more than that
#: OpenBLAS makes several threads.
_ROWS, _LINE, _PRODUCTS = 16, 16, 1 << 18
#: Products of two numbers, and numbers to be copied, that compiled loops share among threads.
_SHARED, _COPIED = 1 << 20, 1 << 15


class WindowSums:
    """Filters that see the same channels, all of one size; each gives a map of ``sum + offset``.

    Parameters
    ----------
    weights : (F, C, kh, kw) array
        As they lie on the pixels.
    offsets : (F,) array
    stride, dilation : (y, x)

    References
    ----------
    K. Chellapilla, S. Puri and P. Simard (2006), "High performance convolutional neural networks for document
    processing" (products of matrices).
    E. Georganas and others (2018), "Anatomy of high-performance deep learning convolutions on SIMD architectures"
    (compiled sums).
    """

    def __init__(self, weights: Array, offsets: Array, stride: Pair = (1, 1), dilation: Pair = (1, 1)) -> None:
        self._weights, self._offsets = weights, offsets
        self._stride, self._dilation = stride, dilation

    def fill(self, planes: Array, into: Array, scratch: Scratch) -> bool:
        """Write the maps of some windows, computed in the dtype of the maps, and return whether all are finite.

        Parameters
        ----------
        planes : (C, h, w, N) array
            The pixels under the windows of N pictures.
        into : (F, H', W', N) array, float32 or float64
            The last two axes in one run of memory.
        """
        if compiled.core is not None and into.dtype == np.float32:
            return self._sum(planes, into, scratch)
        self._multiply(planes, into, scratch)
        return bool(np.isfinite(into).all())

    @cached_property
    def _blocks(self) -> Array:
        """The weights in blocks of filters, about equally many in each: (blocks, taps, filters) float32."""
        rows = self._weights.reshape(len(self._weights), -1)
        count = -(-len(rows) // _SIDE_BY_SIDE)
        size = -(-len(rows) // count)
        blocks = np.zeros((count * size, rows.shape[1]), np.float32)
        blocks[: len(rows)] = rows
        return np.ascontiguousarray(blocks.reshape(count, size, -1).transpose(0, 2, 1))

    def _sum(self, planes: Array, into: Array, scratch: Scratch) -> bool:
        """Sum the windows up in C, where those of a row have to lie side by side under each tap."""
        assert compiled.core is not None
        (down, across), (apart, gap), beside = self._stride, self._dilation, planes.shape[3]
        if across > 1 or not _lie_in_lines(planes, into.dtype):
            planes = _by_phase(planes, across, into.dtype, scratch)
        length, columns = planes.shape[-2], range(0, self._weights.shape[3] * gap, gap)
        places = [(column % across * length + column // across) * beside for column in columns]
        are_finite: bool = compiled.core.filter_bank(
            planes.reshape(*planes.shape[:2], -1),
            np.array(places, np.int32),
            self._blocks,
            self._offsets.astype(np.float32),
            down,
            apart,
            into.reshape(*into.shape[:2], -1),
            threads() if self._weights.size * math.prod(into.shape[1:]) > _SHARED else 1,
        )
        return are_finite

    def _multiply(self, planes: Array, into: Array, scratch: Scratch) -> None:
        """Multiply the matrix of filters by one whose columns are the windows of a row, some rows at a time."""
        view = windows(planes, self._weights.shape[2:], self._stride, self._dilation).transpose(3, 0, 1, 2, 4, 5)
        rows = self._weights.reshape(len(self._weights), -1).astype(into.dtype, copy=False)
        step = max(1, _UNFOLDED // math.prod(view.shape[1:]))
        for top in range(0, len(view), step):
            some = view[top : top + step]
            columns = scratch.array("columns", some.shape, into.dtype)
            np.copyto(columns, some)
            maps = into[:, top : top + step].reshape(len(rows), len(some), -1).transpose(1, 0, 2)
            multiply(rows, columns.reshape(len(some), rows.shape[1], -1), maps)
        if self._offsets.any():
            into += self._offsets.astype(into.dtype)[:, np.newaxis, np.newaxis, np.newaxis]


def _lie_in_lines(planes: Array, dtype: np.dtype[Any]) -> bool:
    """Whether C can read planes (C, h, w, N) as they are: each line in one run of memory, in its dtype."""
    size, count = planes.itemsize, planes.shape[3]
    is_run = planes.strides[2] == count * size and (count == 1 or planes.strides[3] == size)
    return is_run and planes.dtype == dtype and planes.flags.aligned


def _by_phase(planes: Array, step: int, dtype: np.dtype[Any], scratch: Scratch) -> Array:
    """Return a copy, (C, h, step, length, N), with every so many columns side by side: as if there were no stride."""
    channels, height, width, count = planes.shape
    phases = scratch.array("phases", (channels, height, step, -(-width // step), count), dtype)
    core = compiled.core_for(planes)
    if core is not None and count == 1 and dtype == np.float32:
        core.phases(planes, phases[..., 0], threads() if planes.size > _COPIED else 1)
        return phases
    for phase in range(step):
        own = planes[:, :, phase::step]
        phases[:, :, phase, : own.shape[2]] = own
    return phases


def multiply(matrix: Array, columns: Array, into: Array) -> None:
    """Multiply a matrix (F, k) by others of its dtype, (..., k, n), into (..., F, n), and begin no threads for it.

    BLAS gives larger products to threads of its own, which wait for each other: where all processors are at work
    already, that takes many times as long.
    """
    rows = min(_ROWS, len(matrix))
    together = max(_LINE, _PRODUCTS // (rows * matrix.shape[1]) // _LINE * _LINE)
    whole = columns.shape[-1] // together * together
    for top in range(0, len(matrix), rows):
        down = slice(top, top + rows)
        # Many products in one call: between two calls a thread may have to wait for Python's lock.
        if whole:
            np.matmul(matrix[down], _lots(columns[..., :whole], together), out=_lots(into[..., down, :whole], together))
        np.matmul(matrix[down], columns[..., whole:], out=into[..., down, whole:])


def _lots(matrices: Array, columns: int) -> Array:
    """Return matrices, (..., rows, n · columns), as n times as many of so many columns each; a view."""
    return np.moveaxis(matrices.reshape(*matrices.shape[:-1], -1, columns), -2, -3)
