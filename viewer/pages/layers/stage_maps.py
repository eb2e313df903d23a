"""What the stages give, one made from the other, and how they are painted small. No Qt."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, cast

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels import memory
from kernels.errors import Cancelled
from kernels.kernel import Kernel
from kernels.pictures.picture import Picture
from kernels.pictures.summary import finite_range
from kernels.recipe.recipe import SlidingLayer
from viewer.document import RowStage
from viewer.moment import Moment, Purpose, Query, Result, Work
from viewer.pages.layers.cards import MOST_MAPS
from viewer.pages.layers.row import recipe_of
from viewer.painting import DIVERGING, Bytes, Levels, Look, fewer_pixels, paint

THUMBNAIL_SIDE = 192
"""Pixels of the longer side of a thumbnail."""
CROP_SIDE = 1024
LARGE_BYTES = 2**26
"""So much memory is never asked for."""
LENGTHS = ("magnitude", "thin")
"""Stages that give lengths: that there were signs before them does not matter."""
Array = NDArray[Any]
Identity = tuple[str, str, bool]


class StageValues(msgspec.Struct, frozen=True, eq=False):
    """What a stage gives, how long it took, and the bytes that all maps up to here take."""

    array: Array
    seconds: float
    held: int


class StageMaps(msgspec.Struct, frozen=True, eq=False):
    """What a stage gives, and its maps as thumbnails; `levels` are those of each thumbnail."""

    values: StageValues
    numbers: tuple[int, ...]
    thumbnails: tuple[Bytes, ...]
    levels: tuple[Levels, ...]
    note_share: float | None = None
    """Of the values of a ReLU, those that become 0."""
    kernels: tuple[Bytes, ...] = ()
    """The kernel behind each thumbnail, where there is one, painted around 0."""
    limits: Levels = (0.0, 1.0)
    """The least and the greatest value of all maps."""
    is_signed: bool = False
    """Whether it has negative values, or a stage before it has: its colours then stay those around 0."""

    @property
    def array(self) -> Array:
        """The maps, (H, W) or (H, W, F)."""
        return self.values.array

    @property
    def count(self) -> int:
        """Maps."""
        return 1 if self.array.ndim == 2 else self.array.shape[2]

    def map(self, number: int) -> Array:
        """One map, (H, W)."""
        return self.array if self.array.ndim == 2 else self.array[:, :, min(number, self.count - 1)]

    @property
    def single_values(self) -> tuple[float, ...]:
        """The number behind each thumbnail where every map is a single pixel; else empty."""
        if self.array.shape[:2] != (1, 1):
            return ()
        return tuple(float(self.map(number)[0, 0]) for number in self.numbers)

    def look(self, number: int, common_scale: bool) -> Look:
        """How one map is painted, small or large; on the common scale by the values of all maps."""
        return look_of(self.limits if common_scale else _limits(self.map(number)), self.is_signed)


@lru_cache(maxsize=256)
def stage_purpose(place: int) -> Purpose[StageMaps]:
    """The maps of the stage that stands at `place` of the row, the picture being 0."""
    return Purpose(f"layer {place}", "layers", "Running the row")


@lru_cache(maxsize=256)
def values_purpose(place: int) -> Purpose[StageValues]:
    """What the stage at `place` gives, before it is painted."""
    return Purpose(f"values {place}", "layers", "Running the row")


def stage_queries(picture: Result[Picture], row: tuple[RowStage, ...], common_scale: bool) -> list[Query[StageMaps]]:
    """The maps before the first stage and after each one; made from those before, so that only what changed is new.

    What a stage computes does not depend on how it is painted: both are held, each by itself.
    """
    held, stages = picture.value, tuple(identity(stage) for stage in row)
    begin = StageValues(held.pixels, 0.0, 0)
    values = Query(values_purpose(0), (picture.key, ()), lambda _work: begin)
    maps = Query(
        stage_purpose(0),
        (values.key, common_scale),
        lambda _work: _picture_maps(begin, held),
    )
    found = [maps]
    for place, stage in enumerate(row, 1):
        key = picture.key, stages[:place]
        before, values = values, Query(values_purpose(place), key, _run_stage(values, stage, place, held))
        maps = Query(stage_purpose(place), (key, common_scale), _paint_stage(maps, before, values, stage, common_scale))
        found.append(maps)
    return found


def stage_query(
    picture: Result[Picture], row: tuple[RowStage, ...], place: int, common_scale: bool
) -> Query[StageMaps]:
    """The maps after `place` stages."""
    return stage_queries(picture, row[:place], common_scale)[place]


def _run_stage(
    before: Query[StageValues], stage: RowStage, place: int, picture: Picture
) -> Callable[[Work], StageValues]:
    def make(work: Work) -> StageValues:
        given = work.need(before)
        if not stage.is_on:
            return replace(given, seconds=0.0)
        start = time.perf_counter()
        try:
            recipe = recipe_of([stage])
            shape = recipe.shapes(given.array.shape)[0]
            held = given.held + math.prod(shape) * (8 if given.array.dtype == np.float64 else 4)
            if held > LARGE_BYTES:
                memory.require(held, "Keeping the maps of the row")
            array = recipe.run(given.array, white=picture.white, cancelled=work.cancelled)[0]
        except (ValueError, TypeError) as error:
            # The stage was run alone; the user knows it by its place in the row.
            raise ValueError(str(error).replace("stages[0]", f"stages[{place - 1}]")) from error
        array.flags.writeable = False
        return StageValues(array, time.perf_counter() - start, held)

    return make


def _paint_stage(
    before: Query[StageMaps],
    given: Query[StageValues],
    values: Query[StageValues],
    stage: RowStage,
    common_scale: bool,
) -> Callable[[Work], StageMaps]:
    def make(work: Work) -> StageMaps:
        shown = work.need(before)
        found = work.need(values)
        if not stage.is_on:
            return replace(shown, values=found, note_share=None, kernels=())
        limits = _limits(found.array, work.cancelled)
        is_signed = limits[0] < 0 or (shown.is_signed and stage.kind not in LENGTHS)
        bare = StageMaps(found, (), (), (), limits=limits, is_signed=is_signed)
        made = _painted(bare, common_scale, work.cancelled)
        share = _share_of_zeros(work.need(given).array) if stage.kind == "relu" else None
        return replace(made, note_share=share, kernels=_kernels(recipe_of([stage]).layer(0), made.numbers))

    return make


def held_maps(moment: Moment, place: int) -> StageMaps | None:
    """The newest maps of the stage at `place`, of which newer may be on their way; None if they are of another row."""
    found = moment.result(stage_purpose(place))
    if found is None:
        return None
    (_picture, made_of), _scale = cast(tuple[tuple[object, tuple[Identity, ...]], bool], found.key)
    return found.value if is_of_row(made_of, moment.state.document.row[:place]) else None


def is_of_row(made_of: tuple[Identity, ...], row: Sequence[RowStage]) -> bool:
    """Whether stages are those of a row, perhaps with other options, or switched on or off."""
    kinds = [(old, identity(stage)[0]) for (old, _, _), stage in zip(made_of, row, strict=False)]
    return len(made_of) == len(row) and all(old == kind or "" in (old, kind) for old, kind in kinds)


def middle_that_fits(row: tuple[RowStage, ...], picture: Picture) -> tuple[slice, slice]:
    """The middle of a picture, `CROP_SIDE` pixels a side or so few that the maps of the row fit into free memory."""
    rows, columns = (min(side, CROP_SIDE) for side in picture.shape[:2])
    needed = _bytes_of(row, (rows, columns, *picture.shape[2:]), 8 if picture.pixels.dtype == np.float64 else 4)
    # Half of what is allowed: the picture is held besides, and so are the maps that are on screen.
    share = math.sqrt(min(1.0, memory.available() * memory.LARGEST_SHARE / 2 / max(needed, 1)))
    high, wide = max(1, int(rows * share)), max(1, int(columns * share))
    top, left = (picture.height - high) // 2, (picture.width - wide) // 2
    return slice(top, top + high), slice(left, left + wide)


def _bytes_of(row: tuple[RowStage, ...], shape: tuple[int, ...], size: int) -> int:
    """What the maps of the stages take, up to the first that cannot take its input."""
    total = 0
    for stage in row:
        if stage.is_on:
            try:
                shape = recipe_of([stage]).shapes(shape)[0]
            except (ValueError, TypeError):
                break
            total += math.prod(shape) * size
    return total


def identity(stage: RowStage) -> Identity:
    """What a stage gives depends on; a stage that is off is like any other that is off."""
    return (stage.kind, stage.options, True) if stage.is_on else ("", "", False)


def _picture_maps(begin: StageValues, picture: Picture) -> StageMaps:
    painted = paint(small(picture.pixels), Look("clip", "grey", picture.file_range), halved=0)
    return StageMaps(begin, (0,), (painted.image,), (painted.levels,), limits=_limits(picture.pixels))


def _painted(found: StageMaps, common_scale: bool, cancelled: Callable[[], bool]) -> StageMaps:
    """The same with the maps that are shown small, and the levels of each."""
    numbers = tuple(round(at) for at in np.linspace(0, found.count - 1, min(found.count, MOST_MAPS)))
    painted = []
    for number in numbers:
        if cancelled():
            raise Cancelled("the maps were not painted")
        # The whole map says how its copy is painted: the few values that an average hides would change its colours.
        painted.append(paint(small(found.map(number)), found.look(number, common_scale), halved=0))
    thumbnails, levels = tuple(each.image for each in painted), tuple(each.levels for each in painted)
    return replace(found, numbers=numbers, thumbnails=thumbnails, levels=levels)


def _share_of_zeros(given: Array) -> float:
    """Of the numbers that come into a ReLU, those that become 0."""
    return sum(int(np.count_nonzero(strip <= 0)) for strip in _strips(given)) / given.size


def _strips(array: Array) -> Iterator[Array]:
    """Rows of it, so many at a time that a copy of them is small."""
    rows = max(1, LARGE_BYTES // max(1, array[0].nbytes))
    return (array[top : top + rows] for top in range(0, len(array), rows))


def _kernels(layer: SlidingLayer | None, numbers: tuple[int, ...]) -> tuple[Bytes, ...]:
    if layer is None or len(layer.kernels) < len(numbers):
        return ()
    return kernel_pictures([layer.kernels[layer.kernel_of(number)] for number in numbers])


def kernel_pictures(kernels: Sequence[Kernel]) -> tuple[Bytes, ...]:
    """The kernels painted around 0, each on its own scale; of one with channels their mean."""
    shown = []
    for kernel in kernels:
        weights = kernel.weights if kernel.channels is None else kernel.weights.mean(axis=2)
        look = Look("signed", DIVERGING, (-reach_of(weights), reach_of(weights)))
        shown.append(paint(np.ascontiguousarray(weights), look, halved=0).image)
    return tuple(shown)


def small(array: Array) -> Array:
    longest = max(array.shape[:2])
    if longest <= THUMBNAIL_SIDE:
        return np.ascontiguousarray(array)
    rows, columns = (max(1, round(side * THUMBNAIL_SIDE / longest)) for side in array.shape[:2])
    return fewer_pixels(np.ascontiguousarray(array), rows, columns)


def _limits(values: Array, cancelled: Callable[[], bool] = lambda: False) -> Levels:
    found = []
    for strip in _strips(values):
        if cancelled():
            raise Cancelled("the maps were not painted")
        found.append(finite_range(strip))
    known = [each for each in found if each is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else (0.0, 1.0)


def look_of(limits: Levels, is_signed: bool = False) -> Look:
    """Around 0 where there are negative values or were (`is_signed`), else from 0 to the largest."""
    reach = max(abs(limits[0]), abs(limits[1])) or 1.0
    if is_signed or limits[0] < 0:
        return Look("signed", DIVERGING, (-reach, reach))
    return Look("clip", "grey", (0.0, reach))


def reach_of(weights: Array) -> float:
    return float(np.abs(weights).max()) or 1.0
