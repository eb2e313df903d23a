"""What the Layers workspace wants to be computed: the stages in their order, then what is looked at. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.kernel import Kernel, library
from kernels.pictures.picture import Picture
from kernels.pictures.summary import finite_range
from kernels.recipe import Recipe
from kernels.recipe.recipe import SlidingLayer
from kernels.recipe.shifting import ShiftResult, shifted
from kernels.recipe.tracing import StageTrace
from viewer.moment import Moment, Purpose, Query, Result, Work
from viewer.pages.filter.queries import input_query
from viewer.pages.layers.cards import MOST_MAPS
from viewer.pages.layers.locations import SMALL, Locations, count_weights
from viewer.pages.layers.matrix import EXAMPLE, matrix_case
from viewer.pages.layers.matrix_case import MatrixCase
from viewer.pages.layers.row import recipe_of, stage_data
from viewer.painting import DIVERGING, Bytes, Levels, Look, Painted, fewer_pixels, paint
from viewer.shelf import open_result
from viewer.state import RowStage

THUMBNAIL_SIDE = 96
"""Pixels of the longer side of a thumbnail."""
Array = NDArray[Any]


@dataclass(frozen=True, eq=False, slots=True)
class StageMaps:
    """What a stage gives, and its maps as thumbnails; `levels` are those of each thumbnail."""

    array: Array
    numbers: tuple[int, ...]
    thumbnails: tuple[Bytes, ...]
    levels: tuple[Levels, ...]
    note_share: float | None
    """Of the values of a ReLU, those that become 0."""
    kernels: tuple[Bytes, ...] = ()
    """The kernel behind each thumbnail, where there is one, painted around 0."""

    @property
    def count(self) -> int:
        """Maps."""
        return 1 if self.array.ndim == 2 else self.array.shape[2]

    def map(self, number: int) -> Array:
        """One map, (H, W)."""
        return self.array if self.array.ndim == 2 else self.array[:, :, min(number, self.count - 1)]


@dataclass(frozen=True, eq=False, slots=True)
class MapPicture:
    """The selected map, ready to paint, and the stage that it is of."""

    key: int
    number: int
    painted: Painted


SHIFTED_SIDE = 512
"""Of larger pictures so much of the middle is shifted."""

MAP: Purpose[MapPicture] = Purpose("map", "layers map")
TRACE: Purpose[StageTrace] = Purpose("stage trace", "traces")
MATRIX: Purpose[MatrixCase] = Purpose("matrix", "layers map")
LOCATIONS: Purpose[Locations] = Purpose("locations", "layers map")
SHIFT: Purpose[tuple[ShiftResult, ...]] = Purpose("shifted row", "layers map", at_leisure=True)


@lru_cache(maxsize=256)
def stage_purpose(place: int) -> Purpose[StageMaps]:
    """The maps of the stage that stands at `place` of the row, the picture being 0."""
    return Purpose(f"layer {place}", "layers", "Running the row")


def queries(moment: Moment) -> list[Query[Any]]:
    """What the workspace shows of this moment, the most urgent first."""
    picture = open_result(moment)
    if picture is None:
        return []
    layers, row = moment.state.session.layers, moment.state.document.row
    wanted: list[Query[Any]] = [input_query(picture, layers.sight)]
    wanted.extend(stage_query(picture, row, place, layers.common_scale) for place in range(len(row) + 1))
    wanted.append(_map_query(moment, picture))
    further: list[Query[Any] | None] = [_trace_query(moment, picture)]
    if layers.tab == "matrix":
        further.append(_matrix_query(moment, picture))
    if layers.tab == "locations":
        further.append(_locations_query(moment, picture))
    further.append(_shift_query(moment, picture))
    return [*wanted, *(each for each in further if each is not None)]


def stage_query(
    picture: Result[Picture], row: tuple[RowStage, ...], place: int, common_scale: bool
) -> Query[StageMaps]:
    """The maps after `place` stages; made from those before, so that only what changed is computed again."""
    stages = tuple(_identity(stage) for stage in row[:place])
    key = picture.key, stages, common_scale
    held = picture.value
    if place == 0:
        return Query(stage_purpose(0), key, lambda _work: _shown(held.pixels, None, common_scale, held.file_range))
    before, stage = stage_query(picture, row, place - 1, common_scale), row[place - 1]

    def make(work: Work) -> StageMaps:
        given = work.need(before)
        if not stage.is_on:
            return given
        _require_memory(row, held)
        recipe = Recipe.from_dict({"stages": [stage_data(stage)]})
        array = recipe.run(given.array, white=held.white, cancelled=work.cancelled)[0]
        array.flags.writeable = False
        made = _shown(array, stage.kind, common_scale, None, given.array)
        return replace(made, kernels=_kernels(recipe.layer(0), made.numbers))

    return Query(stage_purpose(place), key, make)


def _identity(stage: RowStage) -> tuple[str, str, bool]:
    """What a stage gives depends on; a stage that is off is like any other that is off."""
    return (stage.kind, stage.options, True) if stage.is_on else ("", "", False)


def _require_memory(row: tuple[RowStage, ...], picture: Picture) -> None:
    """Refuse a row whose maps do not all fit, before the first is made."""
    shapes = recipe_of(row).shapes(picture.shape)
    size = sum(4 * int(np.prod(shape)) for shape in shapes)
    if size > 2**26:
        memory.require(size, "keeping the maps of every stage")


def _shown(
    array: Array, kind: str | None, common_scale: bool, file_range: Levels | None, given: Array | None = None
) -> StageMaps:
    count = 1 if array.ndim == 2 or kind is None else array.shape[2]
    numbers = tuple(round(at) for at in np.linspace(0, count - 1, min(count, MOST_MAPS)))
    if kind is None:
        painted = [paint(_small(array), Look("clip", "grey", file_range), halved=0)]
    else:
        planes = [_small(array if array.ndim == 2 else array[:, :, number]) for number in numbers]
        common = _look(np.stack([plane.ravel() for plane in planes])) if common_scale else None
        painted = [paint(plane, common or _look(plane), halved=0) for plane in planes]
    share = None
    if kind == "relu" and given is not None:
        share = float(np.count_nonzero(given <= 0)) / given.size
    return StageMaps(
        array, numbers, tuple(each.image for each in painted), tuple(each.levels for each in painted), share
    )


def _kernels(layer: SlidingLayer | None, numbers: tuple[int, ...]) -> tuple[Bytes, ...]:
    if layer is None or len(layer.kernels) < len(numbers):
        return ()
    shown = []
    for number in numbers:
        kernel = layer.kernels[layer.kernel_of(number)]
        weights = kernel.weights if kernel.channels is None else kernel.weights.mean(axis=2)
        look = Look("signed", DIVERGING, (-_reach(weights), _reach(weights)))
        shown.append(paint(np.ascontiguousarray(weights), look, halved=0).image)
    return tuple(shown)


def _small(array: Array) -> Array:
    longest = max(array.shape[:2])
    if longest <= THUMBNAIL_SIDE:
        return np.ascontiguousarray(array)
    rows, columns = (max(1, round(side * THUMBNAIL_SIDE / longest)) for side in array.shape[:2])
    return fewer_pixels(np.ascontiguousarray(array), rows, columns)


def _look(values: Array) -> Look:
    """Signed around 0 where there are negative values, else from 0 to the largest."""
    found = finite_range(values) or (0.0, 1.0)
    reach = max(abs(found[0]), abs(found[1])) or 1.0
    if found[0] < 0:
        return Look("signed", DIVERGING, (-reach, reach))
    return Look("clip", "grey", (0.0, reach))


# -- what is looked at -------------------------------------------------------------------------------------------------


def _map_query(moment: Moment, picture: Result[Picture]) -> Query[MapPicture]:
    """The selected map at its full size."""
    layers, row = moment.state.session.layers, moment.state.document.row
    place = selected_place(moment)
    source = stage_query(picture, row, place, layers.common_scale)

    def make(work: Work) -> MapPicture:
        found = work.need(source)
        if place == 0:
            look = work.need(input_query(picture, layers.sight)).look
            return MapPicture(layers.selected, 0, paint(picture.value.pixels, look))
        values = np.ascontiguousarray(found.map(layers.map))
        whole = found.array if layers.common_scale else values
        return MapPicture(layers.selected, layers.map, paint(values, _look(whole)))

    return Query(MAP, (source.key, layers.map, place), make)


def selected_place(moment: Moment) -> int:
    """How many stages stand up to the selected one; 0 for the picture."""
    selected = moment.state.session.layers.selected
    row = moment.state.document.row
    return next((number for number, stage in enumerate(row, 1) if stage.key == selected), 0)


def _trace_query(moment: Moment, picture: Result[Picture]) -> Query[StageTrace] | None:
    """The number under the pointer, taken apart one stage back."""
    layers, row = moment.state.session.layers, moment.state.document.row
    place = selected_place(moment)
    if layers.pixel is None or place == 0 or not row[place - 1].is_on:
        return None
    stages = [stage for stage in row[:place] if stage.is_on]
    source, pixel = stage_query(picture, row, place, layers.common_scale), layers.pixel

    def make(work: Work) -> StageTrace:
        found = work.need(source)
        number = min(layers.map, found.count - 1)
        at = min(pixel[0], found.array.shape[0] - 1), min(pixel[1], found.array.shape[1] - 1)
        return recipe_of(stages).trace(picture.value.pixels, len(stages) - 1, at, number, white=picture.value.white)

    return Query(TRACE, (source.key, pixel, layers.map), make)


# -- two views of a layer ----------------------------------------------------------------------------------------------


def _matrix_query(moment: Moment, picture: Result[Picture]) -> Query[MatrixCase] | None:
    """The selected stage as a product of matrices, about the pixel that is read."""
    layers, row = moment.state.session.layers, moment.state.document.row
    place = selected_place(moment)
    if place == 0 or not row[place - 1].is_on:
        return None
    stage, source = row[place - 1], stage_query(picture, row, place - 1, layers.common_scale)
    last, pixel, is_example = moment.value(MATRIX), layers.pixel, layers.kernel == "example"
    block = None if last is None else last.block

    def make(work: Work) -> MatrixCase:
        given = work.need(source)
        layer = recipe_of([stage]).layer(0)
        if layer is None:
            raise ValueError("This stage has no kernel to multiply with; choose a filter, a bank or a depthwise stage.")
        number = min(layers.map, _count(layer, given) - 1)
        bank, chosen = list(layer.kernels), layer.kernel_of(number)
        inputs = layer.inputs(number, given.count)
        if is_example:
            bank, chosen, inputs = [library.get(EXAMPLE)], 0, inputs[:1]
        shape = geometry(given.array.shape, bank[chosen].shape, layer.options).output_shape
        at = pixel or (shape[0] // 2, shape[1] // 2)
        at = min(at[0], shape[0] - 1), min(at[1], shape[1] - 1)
        look = _look(given.array) if place > 1 else work.need(input_query(picture, layers.sight)).look
        return matrix_case(given.array, bank, layer.options, at, look=look, selected=chosen, inputs=inputs, block=block)

    return Query(MATRIX, (source.key, _identity(stage), layers.map, pixel, layers.kernel), make)


def _count(layer: SlidingLayer, given: StageMaps) -> int:
    """The maps that a layer makes."""
    return len(layer.kernels) if layer.groups or layer.kernels[0].channels else given.count


def _locations_query(moment: Moment, picture: Result[Picture]) -> Query[Locations] | None:
    """The same weights at every location, and the fully connected layer in their place."""
    layers, row = moment.state.session.layers, moment.state.document.row
    place = selected_place(moment)
    if place == 0 or not row[place - 1].is_on:
        return None
    stage, pixel = row[place - 1], layers.pixel
    before = stage_query(picture, row, place - 1, layers.common_scale)
    after = stage_query(picture, row, place, layers.common_scale)

    def make(work: Work) -> Locations:
        given, found = work.need(before), work.need(after)
        layer = recipe_of([stage]).layer(0)
        if layer is None:
            raise ValueError("This stage has no kernel that could stand at every location.")
        number = min(layers.map, found.count - 1)
        kernel, inputs = layer.kernels[layer.kernel_of(number)], layer.inputs(number, given.count)
        weights = kernel.weights if kernel.channels is None else kernel.weights[:, :, 0]
        windows = geometry(given.array.shape, kernel.shape, layer.options)
        at = pixel or (windows.output_shape[0] // 2, windows.output_shape[1] // 2)
        at = min(at[0], windows.output_shape[0] - 1), min(at[1], windows.output_shape[1] - 1)
        counted = {"channels": given.count, "seen": len(inputs), "maps": found.count}
        has_bias = any(each.offset for each in layer.kernels)
        sizes = [given.array.shape[:2], SMALL]
        counts, small = (
            count_weights(size, kernel.shape, layer.options, **counted, has_bias=has_bias)
            if _fits(size, kernel, layer.options)
            else None
            for size in sizes
        )
        assert counts is not None
        painted = paint(weights, Look("signed", DIVERGING, (-_reach(weights), _reach(weights))), halved=0)
        shown = given.thumbnails[min(len(given.thumbnails) - 1, inputs[0])]
        output = paint(_small(found.map(number)), _look(found.map(number)), halved=0).image
        return Locations(shown, output, painted.image, weights, windows, at, counts, small)

    return Query(LOCATIONS, (after.key, layers.map, pixel), make)


def _fits(shape: tuple[int, ...], kernel: Kernel, options: SlidingOptions) -> bool:
    try:
        geometry(shape, kernel.shape, options)
    except ValueError:
        return False
    return True


def _reach(weights: Array) -> float:
    return float(np.abs(weights).max()) or 1.0


def _shift_query(moment: Moment, picture: Result[Picture]) -> Query[tuple[ShiftResult, ...]]:
    """What moves along with the picture; of a large one its middle is shifted."""
    row, shift = moment.state.document.row, moment.state.session.layers.shift
    stages = tuple(stage for stage in row if stage.is_on)

    def make(work: Work) -> tuple[ShiftResult, ...]:
        pixels = _middle(picture.value.pixels)
        found = shifted(recipe_of(stages), pixels, (0, shift), white=picture.value.white, cancelled=work.cancelled)
        return tuple(found)

    return Query(SHIFT, (picture.key, tuple(map(_identity, stages)), shift), make)


def _middle(pixels: Array) -> Array:
    top, left = (max(0, (side - SHIFTED_SIDE) // 2) for side in pixels.shape[:2])
    return pixels[top : top + SHIFTED_SIDE, left : left + SHIFTED_SIDE]
