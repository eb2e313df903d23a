"""What the Layers workspace wants to be computed: the stages in their order, then what is looked at. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.kernel import Kernel, library
from kernels.pictures.picture import Picture
from kernels.recipe.recipe import SlidingLayer
from kernels.recipe.shifting import ShiftResult, shifted
from kernels.recipe.tracing import StageTrace
from viewer.moment import Moment, Purpose, Query, Result, Work
from viewer.pages.filter.input_queries import input_query
from viewer.pages.layers.locations import SMALL, Locations, count_weights
from viewer.pages.layers.matrix import EXAMPLE, matrix_case
from viewer.pages.layers.matrix_case import MatrixCase
from viewer.pages.layers.row import recipe_of, runnable
from viewer.pages.layers.stage_maps import (
    Identity,
    identity,
    is_of_row,
    reach_of,
    small,
)
from viewer.pages.layers.stage_maps import (
    StageMaps as StageMaps,
)
from viewer.pages.layers.stage_maps import (
    held_maps as held_maps,
)
from viewer.pages.layers.stage_maps import (
    stage_purpose as stage_purpose,
)
from viewer.pages.layers.stage_maps import (
    stage_queries as stage_queries,
)
from viewer.pages.layers.stage_maps import (
    stage_query as stage_query,
)
from viewer.painting import DIVERGING, Look, Painted, paint
from viewer.shelf import open_result


class MapPicture(msgspec.Struct, frozen=True, eq=False):
    """The selected map, ready to paint, and what it is of.

    Attributes
    ----------
    kind : str
        Of the stage, "" for the picture.
    number : int or None
        Which of its maps; None where it has one only.
    jump : (int, int) or None
        Pixels of the picture from one of its pixels to the next, down and across; None where it covers all of it.
    painted : Painted
    """

    kind: str
    number: int | None
    jump: tuple[int, int] | None
    painted: Painted


SHIFTED_SIDE = 512
"""Of larger pictures so much of the middle is shifted."""

Array = NDArray[Any]
MAP: Purpose[MapPicture] = Purpose("map", "layers map")
TRACE: Purpose[StageTrace] = Purpose("stage trace", "traces")
MATRIX: Purpose[MatrixCase] = Purpose("matrix", "layers map")
LOCATIONS: Purpose[Locations] = Purpose("locations", "layers map")
SHIFT: Purpose[tuple[ShiftResult, ...]] = Purpose("shifted row", "layers map", at_leisure=True)


def queries(moment: Moment) -> list[Query[Any]]:
    """What the workspace shows of this moment, the most urgent first.

    What is looked at is wanted once its stage is there: the row runs in one place only, where it can be cancelled.
    """
    picture = open_result(moment)
    if picture is None:
        return []
    layers, row = moment.state.session.layers, moment.state.document.row
    stages = stage_queries(picture, row, layers.common_scale)
    wanted: list[Query[Any]] = [input_query(picture, layers.sight)]
    for query in stages:
        wanted.append(query)
        failure = moment.failure(query.purpose)
        if failure is not None and failure.key == query.key and failure.error is not None:
            break  # the stages behind it have nothing to begin with
    source = stages[selected_place(moment)]
    if moment.answer(source) is not None:
        wanted.append(_map_query(moment, picture, source))
        further: list[Query[Any] | None] = [_trace_query(moment, picture, stages)]
        if layers.tab == "matrix":
            further.append(_matrix_query(moment, picture))
        if layers.tab == "locations":
            further.append(_locations_query(moment, picture))
        wanted.extend(each for each in further if each is not None)
    return [*wanted, _shift_query(moment, picture)]


# -- what is looked at -------------------------------------------------------------------------------------------------


def _map_query(moment: Moment, picture: Result[Picture], source: Query[StageMaps]) -> Query[MapPicture]:
    """The selected map at its full size."""
    layers, row, place = moment.state.session.layers, moment.state.document.row, selected_place(moment)

    def make(work: Work) -> MapPicture:
        found = work.need(source)
        if place == 0:
            look = work.need(input_query(picture, layers.sight)).look
            return MapPicture("", None, (1, 1), paint(picture.value.pixels, look))
        values = np.ascontiguousarray(found.map(layers.map))
        facts = recipe_of(row[:place]).facts(picture.value.shape)
        return MapPicture(
            row[place - 1].kind,
            layers.map if found.count > 1 else None,
            facts[-1].jump if facts else (1, 1),
            paint(values, found.look(layers.map, layers.common_scale)),
        )

    return Query(MAP, (source.key, layers.map, place), make)


def is_map_behind(moment: Moment) -> bool:
    """Whether the map that is there is not the selected one as the row gives it now."""
    picture = open_result(moment)
    if picture is None:
        return False
    layers, place = moment.state.session.layers, selected_place(moment)
    source = stage_query(picture, moment.state.document.row, place, layers.common_scale)
    return moment.answer(_map_query(moment, picture, source)) is None


def selected_place(moment: Moment) -> int:
    """How many stages stand up to the selected one; 0 for the picture."""
    return _place_of(moment, moment.state.session.layers.selected)


def map_read(moment: Moment) -> tuple[int, int]:
    """The place of the stage, and the number of its map, of which a pixel is read."""
    layers = moment.state.session.layers
    key, number = layers.over or (layers.selected, layers.map)
    return _place_of(moment, key), number


def _place_of(moment: Moment, key: int) -> int:
    return next((number for number, stage in enumerate(moment.state.document.row, 1) if stage.key == key), 0)


def _trace_query(
    moment: Moment, picture: Result[Picture], sources: Sequence[Query[StageMaps]]
) -> Query[StageTrace] | None:
    """The number under the pointer, taken apart one stage back; while that is looked at, there is always one."""
    layers, row = moment.state.session.layers, moment.state.document.row
    pixel, part, (place, chosen) = layers.pixel, layers.part, map_read(moment)
    source = sources[place]
    if place == 0 or not row[place - 1].is_on or moment.answer(source) is None:
        return None
    if pixel is None and layers.tab != "arithmetic":
        return None
    stages = [stage for stage in row[:place] if stage.is_on]

    def make(work: Work) -> StageTrace:
        found, recipe = work.need(source), recipe_of(stages)
        whole = f"stages[{len(stages) - 1}]", min(chosen, found.count - 1)
        inside, number = part if part is not None and part[0] in recipe.names else whole
        at = _inside(pixel, found.array.shape)
        return recipe.trace(picture.value.pixels, inside, at, number, white=picture.value.white)

    return Query(TRACE, (source.key, pixel, chosen, part), make)


def _inside(pixel: tuple[int, int] | None, shape: tuple[int, ...]) -> tuple[int, int]:
    """The pixel, or the nearest one of a smaller map; where none is pointed at, the middle."""
    rows, columns = shape[:2]
    i, j = pixel or (rows // 2, columns // 2)
    return min(i, rows - 1), min(j, columns - 1)


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
        if layer is None and not is_example:
            raise ValueError("This stage has no kernel to multiply with; the example above has one.")
        layer = layer or SlidingLayer((library.get(EXAMPLE),), SlidingOptions(), 0)
        number = min(layers.map, _count(layer, given) - 1)
        options, bank, chosen = layer.options, list(layer.kernels), layer.kernel_of(number)
        inputs = layer.inputs(number, given.count)
        if is_example:  # padded, so that it fits into any maps
            options, bank, chosen, inputs = replace(options, padding="same"), [library.get(EXAMPLE)], 0, inputs[:1]
        at = _inside(pixel, geometry(given.array.shape, bank[chosen].shape, options).output_shape)
        look = given.look(0, True) if place > 1 else work.need(input_query(picture, layers.sight)).look
        return matrix_case(given.array, bank, options, at, look=look, selected=chosen, inputs=inputs, block=block)

    return Query(MATRIX, (source.key, identity(stage), layers.map, pixel, layers.kernel), make)


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
        at = _inside(pixel, windows.output_shape)
        counted = {"channels": given.count, "seen": len(inputs), "maps": found.count}
        has_bias = any(each.offset for each in layer.kernels)
        sizes = [given.array.shape[:2], SMALL]
        counts, fewer = (
            count_weights(size, kernel.shape, layer.options, **counted, has_bias=has_bias)
            if _fits(size, kernel, layer.options)
            else None
            for size in sizes
        )
        assert counts is not None
        painted = paint(weights, Look("signed", DIVERGING, (-reach_of(weights), reach_of(weights))), halved=0)
        nearest = min(range(len(given.numbers)), key=lambda at: abs(given.numbers[at] - inputs[0]))
        shown = given.thumbnails[nearest]
        output = paint(small(found.map(number)), found.look(number, False), halved=0).image
        return Locations(shown, output, painted.image, weights, windows, at, counts, fewer)

    return Query(LOCATIONS, (after.key, layers.map, pixel), make)


def _fits(shape: tuple[int, ...], kernel: Kernel, options: SlidingOptions) -> bool:
    try:
        geometry(shape, kernel.shape, options)
    except ValueError:
        return False
    return True


def _shift_query(moment: Moment, picture: Result[Picture]) -> Query[tuple[ShiftResult, ...]]:
    """What moves along with the picture, as far as the row can be run; of a large one its middle is shifted."""
    row, shift = moment.state.document.row, moment.state.session.layers.shift

    def make(work: Work) -> tuple[ShiftResult, ...]:
        pixels = _middle(picture.value.pixels)
        recipe = runnable(row, pixels.shape)
        return tuple(shifted(recipe, pixels, (0, shift), white=picture.value.white, cancelled=work.cancelled))

    return Query(SHIFT, (picture.key, tuple(map(identity, row)), shift), make)


def held_shift(moment: Moment) -> tuple[ShiftResult, ...] | None:
    """What moves along in the row, of which a newer answer may be on its way; None if it is of another row."""
    found = moment.result(SHIFT)
    if found is None:
        return None
    _picture, made_of, _shift = cast(tuple[object, tuple[Identity, ...], int], found.key)
    return found.value if is_of_row(made_of, moment.state.document.row) else None


def _middle(pixels: Array) -> Array:
    top, left = (max(0, (side - SHIFTED_SIDE) // 2) for side in pixels.shape[:2])
    return pixels[top : top + SHIFTED_SIDE, left : left + SHIFTED_SIDE]
