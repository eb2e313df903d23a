"""The output of stages in strips of rows, which the picture's size and kind alone decide on.

A number may differ in its last bit with the rows that are computed together. So the strips are fixed beforehand,
whatever the memory and however many work on them: who wants some rows computes all strips that these lie in, from the
rows of the picture that these strips look at, and has the same numbers as whoever computes the whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends.job import Job
from kernels.filtering.backends.some_rows import SomeRows, rows_seen
from kernels.filtering.backends.workers import Scratch, compute_strips, processors
from kernels.filtering.geometry import Pair
from kernels.filtering.operands import HasDtype, output_dtype
from kernels.recipe.course import Moments
from kernels.recipe.filters import Filter
from kernels.recipe.moments import Gathering
from kernels.recipe.regions import Array, Region, Shape, channels_of, empty_maps
from kernels.recipe.stage import Chain, Circumstances

STRIP_BYTES = 1 << 26
"""What the stages may hold at once for a strip."""

#: Windows written out, padded copies and sums in float64: what a stage needs besides what it gives, as a factor.
_WORK = 3
#: Bytes of rows that are measured at once, at least; with one strip they may be more.
_MEASURED = 1 << 24


class Source(HasDtype, Protocol):
    """A picture that gives its rows."""

    @property
    def shape(self) -> Shape:
        """(H, W) or (H, W, C)."""

    def some(self, lines: npt.NDArray[np.int64]) -> Array | SomeRows:
        """Return what holds at least these rows, given in order, and is indexed as the whole picture."""


class Held:
    """A picture in memory."""

    def __init__(self, pixels: Array) -> None:
        self.pixels = pixels
        self.shape, self.dtype = pixels.shape, pixels.dtype

    def some(self, lines: npt.NDArray[np.int64]) -> Array | SomeRows:
        return self.pixels


class Strips:
    """The output of stages that measure nothing, in strips.

    Parameters
    ----------
    chain : Chain
    shape, dtype
        Of the picture.
    run : Circumstances
        What else a run knows.
    largest : float
        As in `SomeRows`.
    decided : (int, str), optional
        The rows of a strip and the backend, where they have been decided on before.
    """

    def __init__(
        self,
        chain: Chain,
        shape: Shape,
        dtype: np.dtype[Any],
        run: Circumstances,
        largest: float = 0.0,
        decided: tuple[int, str] | None = None,
    ) -> None:
        self.chain, self.run = chain, run
        self._shapes = chain.shapes(shape)
        self.shape = self._shapes[-1]
        self.dtype = output_dtype(SomeRows.none(shape, dtype, 0.0))
        self._filter = chain.stages[0] if len(chain.stages) == 1 and isinstance(chain.stages[0], Filter) else None
        self.method = ""
        if decided is not None:
            self.rows, self.method = decided
        elif self._filter is not None:
            job = self._job(SomeRows.none(shape, dtype, largest), self._filter, None)
            self.rows, self.method = job.plan.strip_rows, job.plan.method
        else:
            self.rows = self.shape[0]
            while self.rows > 1 and self.cost(self.rows) > STRIP_BYTES:
                self.rows = (self.rows + 1) // 2

    def cost(self, rows: int) -> float:
        """Return about how many bytes are held at once while so many rows, those in the middle, are computed."""
        height, width = self.shape[:2]
        top = (height - rows) // 2
        wanted, first = Region(top, top + rows, 0, width), self._shapes[0]
        source = self.chain.needed(first, wanted)
        values = self.chain.values(first, wanted) + math.prod(source.shape) * channels_of(first)
        return float(_WORK * values) * self.dtype.itemsize

    @property
    def held(self) -> float:
        """About how many bytes are held at once while everything is computed, besides the output."""
        return self.cost(self.rows) * min(processors(), math.ceil(self.shape[0] / self.rows))

    def meeting(self, top: int, bottom: int) -> list[Pair]:
        """Return the strips that rows `top` to before `bottom` lie in."""
        starts = range(top // self.rows * self.rows, bottom, self.rows)
        return [(start, min(start + self.rows, self.shape[0])) for start in starts]

    def lines(self, top: int, bottom: int) -> npt.NDArray[np.int64]:
        """Return the rows of the picture that are looked at for some rows of the output, ascending."""
        first, last = self.meeting(top, bottom)[0][0], self.meeting(top, bottom)[-1][1]
        if self._filter is not None:
            windows = self._filter.windows(self._shapes[0], self._filter.kernel)
            return rows_seen(windows, self._filter.options, (first, last))
        regions = [self._needed(strip) for strip in self.meeting(top, bottom)]
        return np.arange(min(each.top for each in regions), max(each.bottom for each in regions))

    def compute(
        self,
        image: Array | SomeRows,
        top: int,
        bottom: int,
        into: Array,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Write rows `top` to before `bottom` of the output; `image` holds the `lines` that they need."""
        job = None if self._filter is None else self._job(image, self._filter, self.method)

        def strip(first: int, last: int, scratch: Scratch) -> None:
            begin, end = max(first, top), min(last, bottom)
            target = into[begin - top : end - top]
            if job is not None and (begin, end) == (first, last):
                job.compute(first, last, target, scratch)
                return
            if job is not None:
                rows = np.empty((last - first, *into.shape[1:]), into.dtype)
                job.compute(first, last, rows, scratch)
            else:
                rows = self.strip(image, (first, last))
            target[...] = rows[begin - first : end - first].reshape(target.shape)

        compute_strips(self.meeting(top, bottom), strip, cancelled=self.run.cancelled, progress=progress)

    def whole(self, image: Array, progress: Callable[[float], None]) -> Array:
        """Return all of the output."""
        # A stage alone holds nothing on the way: what it gives stands where it belongs at once.
        is_alone = len(self.chain.stages) == 1 and not self.chain.stages[0].chains
        if self._filter is None and (is_alone or self.rows >= self.shape[0]):
            return self.strip(image, (0, self.shape[0]))
        output = empty_maps(self.shape, self.dtype)
        self.compute(image, 0, self.shape[0], output, progress)
        return output

    def strip(self, image: Array | SomeRows, strip: Pair) -> Array:
        """Return one strip of stages that are not a filter alone."""
        self.run.pause()
        shape = self._shapes[0]
        source, wanted = self._needed(strip), Region(*strip, 0, self.shape[1])
        maps = image[source.slices(Region.whole(shape))]
        return self.chain.compute(maps, source, shape, wanted, self.run)

    def groups(self, size: float) -> Iterator[Pair]:
        """Yield rows of the output, whole strips of them, that together have at least so many bytes."""
        row = math.prod(self.shape[1:]) * self.dtype.itemsize
        step = self.rows * max(1, math.ceil(size / (row * self.rows)))
        for top in range(0, self.shape[0], step):
            yield top, min(top + step, self.shape[0])

    def measure(self, source: Source, progress: Callable[[float], None]) -> Moments:
        """Return the mean and the variance of each channel of the output."""
        gathering = Gathering()
        for top, bottom in self.groups(_MEASURED):
            rows = np.empty((bottom - top, *self.shape[1:]), self.dtype)
            self.compute(source.some(self.lines(top, bottom)), top, bottom, rows)
            gathering.add(rows, self.run)
            progress(bottom / self.shape[0])
        return gathering.moments()

    def _needed(self, strip: Pair) -> Region:
        return self.chain.needed(self._shapes[0], Region(*strip, 0, self.shape[1]))

    def _job(self, image: Array | SomeRows, stage: Filter, method: str | None) -> Job:
        return Job.of(image, stage.kernel, stage.options, method)


def measured(
    chain: Chain, source: Source, run: Circumstances, largest: float, progress: Callable[[float], None]
) -> tuple[Chain, dict[str, Moments]]:
    """Let the stages that measure their whole input do so, one after the other.

    Returns
    -------
    chain : Chain
        The same stages with what they measured: none needs the whole picture any more.
    found : dict
        What was measured, by the stage's place.
    """
    found: dict[str, Moments] = {}
    count = sum(stage.needs_whole and not stage.chains for stage in chain.all_stages())
    while (next_one := chain.first_measuring()) is not None:
        before, stage = next_one
        strips = Strips(before, source.shape, source.dtype, run, largest)

        def tell(share: float, done: int = len(found)) -> None:
            progress((done + share) / count)

        found[stage.place] = strips.measure(source, tell)
        chain = chain.measured(found)
    return chain, found
