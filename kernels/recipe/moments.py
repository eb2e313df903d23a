"""The mean and the variance of every channel, of maps that come some rows at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.recipe.course import Moments
from kernels.recipe.regions import Array, planes_of
from kernels.recipe.stage import Circumstances

#: Numbers that are looked at at once.
_PART = 1 << 18


class Gathering:
    """Gathers moments part by part; the same parts in the same order give the same numbers.

    References
    ----------
    T. F. Chan, G. H. Golub and R. J. LeVeque (1983), "Algorithms for computing the sample variance: analysis and
    recommendations".
    """

    def __init__(self) -> None:
        self._counts: list[int] = []
        self._sums: list[npt.NDArray[np.float64]] = []

    def add(self, maps: Array, run: Circumstances) -> None:
        """Take some whole rows (h, W) or (h, W, F) in, in all threads, stopping when asked to."""
        planes = planes_of(maps)
        rows = max(1, _PART // (planes.shape[1] * planes.shape[2]))
        parts = [(top, min(top + rows, len(planes))) for top in range(0, len(planes), rows)]
        found = np.empty((len(parts), 2, planes.shape[2]))

        def part(top: int, bottom: int, scratch: Scratch) -> None:
            chosen, sums = planes[top:bottom], found[top // rows]
            with np.errstate(all="ignore"):
                sums[0] = chosen.sum(axis=(0, 1), dtype=np.float64)
                sums[1] = np.square(chosen - sums[0] / (len(chosen) * chosen.shape[1])).sum(axis=(0, 1))

        compute_strips(parts, part, cancelled=run.cancelled)
        self._counts += [(bottom - top) * planes.shape[1] for top, bottom in parts]
        self._sums += list(found)

    def moments(self) -> Moments:
        """Return the moments of all that was taken in."""
        counts = np.array(self._counts, np.float64)[:, np.newaxis]
        sums, squares = np.moveaxis(np.array(self._sums), 1, 0)
        with np.errstate(all="ignore"):
            mean = sums.sum(axis=0) / counts.sum()
            apart = counts * np.square(sums / counts - mean)
            variance = (squares.sum(axis=0) + apart.sum(axis=0)) / counts.sum()
        return Moments(tuple(mean.tolist()), tuple(variance.tolist()))


def moments(maps: Array, run: Circumstances) -> Moments:
    """Return the moments of whole maps, (H, W) or (H, W, F)."""
    gathering = Gathering()
    gathering.add(maps, run)
    return gathering.moments()
