"""Banks of kernels as a product of matrices: taps as rows, windows as columns, some windows at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.geometry import Pair
from kernels.kernel import Kernel
from kernels.recipe.regions import Array, Region
from kernels.recipe.stage import Circumstances, in_double_if_needed, split

FloatArray = npt.NDArray[np.float64]

#: Numbers of the unfolded rows that a thread holds at once, so few that they stay in its cache; and how many times as
#: many rows as a kernel has, even if those are four times as many numbers: what two parts both see is unfolded twice.
_TOGETHER, _REACHES = 1 << 18, 8
#: Of one product of matrices: rows, what the columns are a multiple of, and products of two numbers; of more than that
#: OpenBLAS makes several threads.
_ROWS, _LINE, _PRODUCTS = 16, 16, 1 << 18
#: Sums below this have room in float32, whatever the order.
_ROOM = 1e37


class Bank:
    """Kernels of one size that see the same channels.

    Every row of pixels is unfolded once, for the taps of one row of a kernel; as the unfolded rows lie one after the
    other, those under a row of windows are a matrix as they stand, which shares memory with the next one.

    Parameters
    ----------
    rows : ndarray, shape (F, taps)
        Their weights as applied, channels fastest.
    kernels : sequence of Kernel
    members : sequence of int
        The map that each kernel gives, in order.
    channels : slice
        The channels that they see.
    stride, dilation : (int, int)

    References
    ----------
    K. Chellapilla, S. Puri and P. Simard (2006), "High performance convolutional neural networks for document
    processing".
    M. Cho and D. Brand (2017), "MEC: memory-efficient convolution for deep neural network".
    """

    def __init__(
        self,
        rows: FloatArray,
        kernels: Sequence[Kernel],
        members: Sequence[int],
        channels: slice,
        stride: Pair,
        dilation: Pair,
    ) -> None:
        self.kernels, self.channels = kernels, channels
        first, stop = members[0], members[-1] + 1
        self._maps = slice(first, stop) if stop - first == len(members) else list(members)
        self._matrix = rows
        self._divisors = np.array([[kernel.divisor] for kernel in kernels])
        self._offsets = np.array([[kernel.offset] for kernel in kernels])
        self._divides = bool((self._divisors != 1.0).any())
        self._down, self._across = kernels[0].shape
        self._taps = rows.shape[1] // self._down
        self._largest_sum = float(np.abs(self._matrix).sum(axis=1).max())
        self._stride, self._dilation = stride, dilation

    def multiply(self, under: Callable[[Region], Array], wanted: Region, result: Array, run: Circumstances) -> None:
        """Write some maps of a result, in all threads, stopping when asked to.

        Parameters
        ----------
        under : callable
            Gives the pixels under the windows of a region, (h, w, channels).
        wanted : Region
        result : ndarray, shape (H, W, maps)
            As `kernels.recipe.regions.empty_maps` makes it.
        """
        target, maps = result.transpose(2, 0, 1), self._maps
        together = min(max(_TOGETHER, _REACHES * self._down * self._taps * wanted.shape[1]), 4 * _TOGETHER)
        count, part_of = split(wanted, max(1, together // self._taps))

        def compute(number: int, _: int, scratch: Scratch) -> None:
            part = part_of(number)
            found = target[maps, *part.slices(wanted)]
            with np.errstate(all="ignore"):
                self._part(under(part), found, scratch)
                if isinstance(maps, list):  # a copy
                    target[maps, *part.slices(wanted)] = found

        compute_strips([(number, number + 1) for number in range(count)], compute, cancelled=run.cancelled)

    def _part(self, block: Array, into: Array, scratch: Scratch) -> None:
        """Compute a part, (F, h, w), from the pixels under its windows."""
        # Sums of 8-bit numbers are exact in float32, and as fast as they can be.
        working = np.dtype(np.float32) if is_small(block, self._matrix) else np.dtype(np.float64)
        # Channels first: a tap is then a run of memory for every row of windows.
        planes = block.transpose(2, 0, 1).astype(working, copy=False)
        largest = max(float(planes.max()), -float(planes.min()), 1.0)
        has_room = working == np.float64 or largest * self._largest_sum < _ROOM
        # Windows whose taps fall on the same lines: all of them, unless the taps lie apart.
        step, apart = self._stride[0], self._dilation[0]
        common = math.gcd(step, apart)
        every = apart // common
        for start in range(min(every, into.shape[1])):
            rows = self._unfold(planes[:, start * step :: apart], into.shape[2], scratch)
            windows = into[:, start::every].transpose(1, 0, 2)

            def product(rows: Array, windows: Array = windows) -> Array:
                under = self._under(rows, step // common)[: len(windows)]
                is_straight = not self._divides and rows.dtype == windows.dtype
                return self._scaled(multiply(self._matrix.astype(rows.dtype), under, windows if is_straight else None))

            found = product(rows) if has_room else in_double_if_needed(product, rows)
            if found is not windows:
                windows[...] = found

    def _unfold(self, planes: Array, width: int, scratch: Scratch) -> Array:
        """Return, for each line of planes (C, h, w), the pixels under the taps of one row: (h, taps, width)."""
        step, apart = self._stride[1], self._dilation[1]
        rows = scratch.array("rows", (planes.shape[1], self._taps, width), planes.dtype)
        channels, last = len(planes), step * (width - 1) + 1
        for tap in range(self._across):
            under = planes[:, :, tap * apart : tap * apart + last : step]
            rows[:, tap * channels : (tap + 1) * channels] = under.transpose(1, 0, 2)
        return rows

    def _under(self, rows: Array, step: int) -> Array:
        """Return the unfolded rows under each row of windows as a matrix, (h, taps of a kernel, w), a view."""
        taps, width = self._matrix.shape[1], rows.shape[2]
        return sliding_window_view(rows.reshape(-1, width), taps, axis=0)[:: step * self._taps].transpose(0, 2, 1)

    def _scaled(self, total: Array) -> Array:
        """Divide sums and add the offsets, in place where they are not divided."""
        if not self._divides:
            return np.add(total, self._offsets.astype(total.dtype), out=total) if self._offsets.any() else total
        scaled: Array = (total.astype(np.float64) / self._divisors + self._offsets).astype(total.dtype)
        return scaled


def multiply(matrix: Array, columns: Array, into: Array | None = None) -> Array:
    """Multiply a matrix (F, k) by others of its dtype, (..., k, n), into (..., F, n), and begin no threads for it.

    BLAS gives larger products to threads of its own, which wait for each other: where all processors are at work
    already, that takes many times as long.
    """
    if into is None:
        into = np.empty((*columns.shape[:-2], len(matrix), columns.shape[-1]), columns.dtype)
    rows = min(_ROWS, len(matrix))
    together = max(_LINE, _PRODUCTS // (rows * matrix.shape[1]) // _LINE * _LINE)
    whole = columns.shape[-1] // together * together
    for top in range(0, len(matrix), rows):
        down = slice(top, top + rows)
        # Many products in one call: between two calls a thread may have to wait for Python's lock.
        if whole:
            np.matmul(matrix[down], _lots(columns[..., :whole], together), out=_lots(into[..., down, :whole], together))
        np.matmul(matrix[down], columns[..., whole:], out=into[..., down, whole:])
    return into


def _lots(matrices: Array, columns: int) -> Array:
    """Return matrices, (..., rows, n · columns), as n times as many of so many columns each; a view."""
    return np.moveaxis(matrices.reshape(*matrices.shape[:-1], -1, columns), -2, -3)


def is_small(maps: Array, weights: FloatArray) -> bool:
    """Whether float32 serves: pixels that it holds, weights far from the ends of its range."""
    if maps.dtype.itemsize > (4 if maps.dtype.kind == "f" else 1):
        return False
    sizes = np.abs(weights[weights != 0])
    return not sizes.size or bool(sizes.min() > 1e-30 and sizes.max() < 1e30)
