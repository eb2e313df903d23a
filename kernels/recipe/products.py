"""Banks of kernels as a product of matrices: taps as rows, windows as columns, some windows at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.geometry import Pair, effective_shape_of
from kernels.kernel import Kernel
from kernels.recipe.regions import Array, Region
from kernels.recipe.stage import Circumstances, in_double_if_needed, split

FloatArray = npt.NDArray[np.float64]

#: Numbers of the matrix of windows that a thread holds at once.
_TOGETHER = 1 << 20
#: Of one product of matrices: rows, what the columns are a multiple of, and products of two numbers; of more than that
#: OpenBLAS makes several threads.
_ROWS, _LINE, _PRODUCTS = 16, 16, 1 << 18
#: Sums below this have room in float32, whatever the order.
_ROOM = 1e37


class Bank:
    """Kernels of one size that see the same channels.

    Parameters
    ----------
    rows : ndarray, shape (F, taps)
        Their weights as applied, channels fastest.
    kernels : sequence of Kernel
    stride, dilation : (int, int)

    References
    ----------
    K. Chellapilla, S. Puri and P. Simard (2006), "High performance convolutional neural networks for document
    processing".
    """

    def __init__(self, rows: FloatArray, kernels: Sequence[Kernel], stride: Pair, dilation: Pair) -> None:
        divisors, offsets = (np.array([[getattr(kernel, of)] for kernel in kernels]) for of in ("divisor", "offset"))
        self._scale = None if (divisors == 1.0).all() else (divisors, offsets)
        # An offset is the weight of one more number that is always 1, so that it costs no pass of its own.
        self._matrix = np.hstack((rows, offsets if self._scale is None else np.zeros_like(offsets)))
        self._largest_sum = float(np.abs(self._matrix).sum(axis=1).max())
        self._stride, self._dilation = stride, dilation
        self._size = effective_shape_of(kernels[0].shape, dilation)

    def multiply(
        self,
        under: Callable[[Region], Array],
        wanted: Region,
        result: Array,
        members: Sequence[int],
        run: Circumstances,
    ) -> None:
        """Write some maps of a result, in all threads, stopping when asked to.

        Parameters
        ----------
        under : callable
            Gives the pixels under the windows of a region, (h, w, channels).
        wanted : Region
        result : ndarray, shape (H, W, maps)
            As `kernels.recipe.regions.empty_maps` makes it.
        members : sequence of int
            The map that each kernel gives, in order.
        """
        target, first, stop = result.transpose(2, 0, 1), members[0], members[-1] + 1
        maps = slice(first, stop) if stop - first == len(members) else list(members)
        count, part_of = split(wanted, max(1, _TOGETHER // self._matrix.shape[1]))

        def compute(number: int, _: int, scratch: Scratch) -> None:
            part = part_of(number)
            place = maps, *part.slices(wanted)
            with np.errstate(all="ignore"):
                taps, has_room = self._taps(under(part), part.shape, scratch)
                is_straight = isinstance(maps, slice) and part.shape[1] == wanted.shape[1] and self._scale is None
                if is_straight and has_room and taps.dtype == target.dtype:
                    multiply(self._matrix.astype(taps.dtype), taps, target[place].reshape(len(members), -1))
                else:
                    found = self._product(taps) if has_room else in_double_if_needed(self._product, taps)
                    target[place] = found.reshape(-1, *part.shape)

        compute_strips([(number, number + 1) for number in range(count)], compute, cancelled=run.cancelled)

    def _taps(self, block: Array, shape: Pair, scratch: Scratch) -> tuple[Array, bool]:
        """Return the windows of a block as columns, and whether no sum can leave the range of their dtype."""
        # Sums of 8-bit numbers are exact in float32, and as fast as they can be.
        working = np.dtype(np.float32) if is_small(block, self._matrix) else np.dtype(np.float64)
        # Channels first: a tap is then a run of memory for every row of windows.
        planes = block.transpose(2, 0, 1).astype(working, copy=False)
        (step_y, step_x), (tap_y, tap_x) = self._stride, self._dilation
        view = sliding_window_view(planes, self._size, axis=(1, 2))[:, ::step_y, ::step_x, ::tap_y, ::tap_x]
        view = view.transpose(3, 4, 0, 1, 2)
        taps = scratch.array("taps", (self._matrix.shape[1], shape[0] * shape[1]), working)
        np.copyto(taps[:-1].reshape(view.shape), view)
        taps[-1] = 1.0
        largest = max(float(planes.max()), -float(planes.min()), 1.0)
        return taps, working == np.float64 or largest * self._largest_sum < _ROOM

    def _product(self, taps: Array) -> Array:
        into = np.empty((len(self._matrix), taps.shape[1]), taps.dtype)
        total = multiply(self._matrix.astype(taps.dtype), taps, into)
        if self._scale is None:
            return total
        divisors, offsets = self._scale
        scaled: Array = (total.astype(np.float64) / divisors + offsets).astype(total.dtype)
        return scaled


def multiply(matrix: Array, taps: Array, into: Array) -> Array:
    """Multiply two matrices of one dtype into a third, which is returned, and begin no threads for it.

    BLAS gives larger products to threads of its own, which wait for each other: where all processors are at work
    already, that takes many times as long.
    """
    rows = min(_ROWS, len(matrix))
    columns = max(_LINE, _PRODUCTS // (rows * len(taps)) // _LINE * _LINE)
    whole = taps.shape[1] // columns * columns
    for top in range(0, len(matrix), rows):
        down = slice(top, top + rows)
        # Many products in one call: between two calls a thread may have to wait for Python's lock.
        np.matmul(matrix[down], _lots(taps[:, :whole], columns), out=_lots(into[down, :whole], columns))
        np.matmul(matrix[down], taps[:, whole:], out=into[down, whole:])
    return into


def _lots(matrix: Array, columns: int) -> Array:
    """Return a matrix, (rows, n · columns), as n matrices of so many columns each; a view."""
    return matrix.reshape(len(matrix), -1, columns).transpose(1, 0, 2)


def is_small(maps: Array, weights: FloatArray) -> bool:
    """Whether float32 serves: pixels that it holds, weights far from the ends of its range."""
    if maps.dtype.itemsize > (4 if maps.dtype.kind == "f" else 1):
        return False
    sizes = np.abs(weights[weights != 0])
    return not sizes.size or bool(sizes.min() > 1e-30 and sizes.max() < 1e30)
