"""Banks of kernels: which maps they give, from which channels, and in which precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels import compiled
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.geometry import Pair
from kernels.filtering.window_sums import WindowSums
from kernels.kernel import Kernel
from kernels.recipe.regions import Array, Region
from kernels.recipe.stage import Circumstances, split

FloatArray = npt.NDArray[np.float64]

#: Parts that a bank is computed in, and how many products of two numbers one has at least and at most: so many that
#: all threads have some, but few are copied twice at the edges of parts; so few that it soon asks whether to go on.
_PARTS, _LEAST, _MOST = 8, 1 << 23, 1 << 27
#: The same of a part that compiled loops share among threads by themselves, at most, and numbers under its windows.
_SHARED, _COPIED_ONCE = 2 * 10**8, 1 << 20
#: Numbers under the windows of a part, about, at most: they may have to be copied, and stay in a thread's cache then.
_COPIED = 1 << 18


class Bank:
    """Kernels of one size that see the same channels.

    Parameters
    ----------
    weights : ndarray, shape (F, C, kh, kw)
        As applied.
    kernels : sequence of Kernel
    members : sequence of int
        The map that each kernel gives, in order.
    channels : slice
        The channels that they see.
    stride, dilation : (int, int)
    """

    def __init__(
        self,
        weights: FloatArray,
        kernels: Sequence[Kernel],
        members: Sequence[int],
        channels: slice,
        stride: Pair,
        dilation: Pair,
    ) -> None:
        self.kernels, self.channels = kernels, channels
        first, stop = members[0], members[-1] + 1
        self._maps = slice(first, stop) if stop - first == len(members) else list(members)
        self._weights = weights
        self._divisors = np.array([kernel.divisor for kernel in kernels])
        self._offsets = np.array([kernel.offset for kernel in kernels])
        self._divides = bool((self._divisors != 1.0).any())
        self._is_small = _far_from_ends(weights)
        offsets = np.zeros_like(self._offsets) if self._divides else self._offsets
        self._sums, self._steps = WindowSums(weights, offsets, stride, dilation), (stride, dilation)

    def multiply(
        self,
        under: Callable[[Region], Array],
        dtype: np.dtype[Any],
        wanted: Region,
        result: Array,
        run: Circumstances,
    ) -> None:
        """Write some maps of a result, in all threads, stopping when asked to.

        Parameters
        ----------
        under : callable
            Gives the pixels under the windows of a region, (h, w, channels).
        dtype : dtype
            Of the pixels.
        wanted : Region
        result : ndarray, shape (H, W, maps)
            As `kernels.recipe.regions.empty_maps` makes it.
        """
        target, maps = result.transpose(2, 0, 1), self._maps
        products, channels = self._weights.size, self._weights.shape[1]
        is_shared = compiled.core is not None and self._is_small_in(dtype) and not self._divides
        if is_shared:
            pixels = max(1, min(_SHARED // products, _COPIED_ONCE // channels))
        else:
            height, width = wanted.shape
            most = max(1, min(_MOST // products, _COPIED // channels))
            pixels = min(max(-(-height // _PARTS) * width, _LEAST // products, width), most)
        count, part_of = split(wanted, pixels)

        def compute(number: int, _: int, scratch: Scratch) -> None:
            part = part_of(number)
            found = target[maps, *part.slices(wanted)]
            with np.errstate(all="ignore"):
                self._part(under(part), found, scratch)
                if isinstance(maps, list):  # a copy
                    target[maps, *part.slices(wanted)] = found

        parts = [(number, number + 1) for number in range(count)]
        compute_strips(parts, compute, is_shared=is_shared, cancelled=run.cancelled)

    def _part(self, block: Array, into: Array, scratch: Scratch) -> None:
        """Compute a part, (F, h, w), from the pixels under its windows."""
        # Sums of 8-bit numbers are exact in float32, and as fast as they can be.
        if self._is_small_in(block.dtype) and self._scaled(block, into, np.dtype(np.float32), scratch):
            return
        (down, _), (apart, _) = self._steps
        reach, rows = (self._weights.shape[2] - 1) * apart + 1, -(-into.shape[1] // _PARTS)

        def compute(top: int, bottom: int, scratch: Scratch) -> None:
            under = block[top * down : (bottom - 1) * down + reach]
            self._scaled(under, into[:, top:bottom], np.dtype(np.float64), scratch)

        strips = [(top, min(top + rows, into.shape[1])) for top in range(0, into.shape[1], rows)]
        compute_strips(strips, compute, cancelled=scratch.cancelled)

    def _is_small_in(self, dtype: np.dtype[Any]) -> bool:
        """Whether sums of pixels are computed in float32."""
        return self._is_small and dtype.itemsize <= (4 if dtype.kind == "f" else 1)

    def _scaled(self, block: Array, into: Array, working: np.dtype[Any], scratch: Scratch) -> bool:
        """Write sums over divisors with offsets, in place where that is possible; whether all sums are finite."""
        found = into if into.dtype == working and not self._divides else np.empty(into.shape, working)
        are_finite = self._sums.fill(block.transpose(2, 0, 1)[..., np.newaxis], found[..., np.newaxis], scratch)
        if self._divides:
            divisors, offsets = self._divisors[:, np.newaxis, np.newaxis], self._offsets[:, np.newaxis, np.newaxis]
            into[...] = found.astype(np.float64) / divisors + offsets
        elif found is not into:
            into[...] = found
        return are_finite


def _far_from_ends(weights: FloatArray) -> bool:
    """Whether weights stay far from the ends of the range of float32."""
    sizes = np.abs(weights[weights != 0])
    return not sizes.size or bool(sizes.min() > 1e-30 and sizes.max() < 1e30)
