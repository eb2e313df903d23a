"""What the Filter workspace wants to be computed: the picture first, the numbers after. No Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels import memory, spare_memory
from kernels.filtering import engine
from kernels.filtering.geometry import Geometry, SlidingOptions, geometry
from kernels.filtering.operands import run_over
from kernels.filtering.tracing import Trace, take_apart
from kernels.kernel import Kernel
from kernels.pictures import colour, display
from kernels.pictures.picture import Picture
from kernels.pictures.summary import Summary, estimate, finite_range, summarise
from kernels.recipe import Recipe
from viewer.document import Document
from viewer.moment import Moment, Purpose, Query, Result, Work
from viewer.pages.filter.input_queries import extension_query, input_patch_query, input_query
from viewer.painting import (
    DIVERGING,
    NEEDS_VALUES,
    Levels,
    Look,
    Painted,
    Patch,
    Region,
    chosen_levels,
    halvings,
    overview,
    paint,
    paint_patch,
    region_in_sight,
    screen_size,
)
from viewer.shelf import open_result
from viewer.state import State, range_mode

SMALL_BYTES = 2**26
"""Of outputs that take less, one more is at hand."""
PREVIEW_VALUES = 60_000_000
"""With more values than this in the output, every n-th is filtered first."""


class Selection(msgspec.Struct, frozen=True, eq=False):
    """The channels of a picture that a kernel runs over."""

    pixels: NDArray[Any]
    file_range: Levels
    largest: float
    """The largest finite magnitude."""


class Filtered(msgspec.Struct, frozen=True, eq=False, dict=True):
    """The filtered picture, what it was made from, and where its pixels stand."""

    array: NDArray[Any]
    picture: Picture
    pixels: NDArray[Any]
    """Of the picture, what the kernel ran over."""
    kernel: Kernel
    options: SlidingOptions
    geometry: Geometry
    file_range: Levels
    tolerance: float
    """Differences up to this mean nothing."""
    seconds: float

    @cached_property
    def method(self) -> str:
        """How it was filtered, in plain words."""
        return engine.describe(self.pixels.shape, self.pixels.dtype, self.kernel, self.options)


class Output(msgspec.Struct, frozen=True, eq=False):
    """The output ready to paint; `filtered` is None for a preview, of which only every n-th pixel was computed."""

    painted: Painted
    geometry: Geometry
    filtered: Filtered | None
    seconds: float
    """That painting took, without the filter."""


SELECTION: Purpose[Selection] = Purpose("selection", "output")
FILTERED: Purpose[Filtered] = Purpose("filtered", "output", "Filtering")
WINDOWS: Purpose[Any] = Purpose("windows", "output")
"""In the place of `FILTERED`, of a picture that is only looked at by windows (`viewer.pages.filter.windowed`)."""
OUTPUT: Purpose[Output] = Purpose("output", "output", "Filtering")
OUTPUT_PATCH: Purpose[Patch] = Purpose("output patch", "output")
NUMBERS: Purpose[Summary] = Purpose("numbers", "numbers", at_leisure=True)
INPUT_NUMBERS: Purpose[Summary] = Purpose("input numbers", "numbers", at_leisure=True)
CLIPPED: Purpose[display.Clipped] = Purpose("clipped", "numbers", at_leisure=True)
ROOM: Purpose[None] = Purpose("room", "room", at_leisure=True)
TRACES: Purpose[tuple[Trace, ...]] = Purpose("traces", "traces")


def queries(moment: Moment) -> list[Query[Any]]:
    """What the workspace shows of this moment, the most urgent first."""
    picture = open_result(moment)
    if picture is None:
        return []
    if not picture.value.is_held:
        from viewer.pages.filter import windowed

        return windowed.queries(moment, picture)
    filtered = filtered_query(moment.state, picture)
    output = output_query(moment, picture, filtered)
    wanted: list[Query[Any]] = [input_query(picture, moment.state.session.picture_sight), output]
    further = (
        extension_query(moment.state, picture),
        input_patch_query(moment, picture),
        _output_patch(moment, filtered),
        traces_query(moment.state, picture),
    )
    wanted.extend(each for each in further if each is not None)
    pixels = picture.value.pixels
    wanted.append(Query(INPUT_NUMBERS, picture.key, lambda work: summarise(pixels, cancelled=work.cancelled)))
    if moment.answer(filtered) is not None:
        wanted.append(numbers_query(filtered))
    shown = moment.answer(output)
    if shown is not None and (whole := shown.value.filtered) is not None:
        wanted.append(clipped_query(filtered.key, whole, shown.value.painted.look))
        if whole.array.nbytes >= spare_memory.LEAST:
            wanted.append(room_query(whole.array.nbytes))
        if moment.answer(filtered) is None:
            # Work for another moment has put its own in this place, and was stopped before it came to the screen.
            wanted.append(replace(filtered, make=lambda _work: whole))
    return wanted


# -- the output --------------------------------------------------------------------------------------------------------


def selection_query(picture: Result[Picture], channel: str) -> Query[Selection]:
    """One channel selection of a picture."""

    def make(_work: Work) -> Selection:
        pixels = colour.extract(picture.value, channel)
        found = finite_range(pixels)
        largest = 0.0 if found is None else max(abs(found[0]), abs(found[1]))
        return Selection(pixels, colour.channel_range(picture.value, channel), largest)

    return Query(SELECTION, (picture.key, channel), make)


def filtered_query(state: State, picture: Result[Picture]) -> Query[Filtered]:
    """The document's kernel, slid over the document's channel of the picture."""
    document = state.document
    kernel, options, channel = document.kernel, document.options, document.channel
    selection = selection_query(picture, channel)
    key = picture.key, kernel, options, channel

    def make(work: Work) -> Filtered:
        start = time.perf_counter()
        placed = geometry(picture.value.shape[:2], kernel.shape, options)
        selected = work.need(selection)
        pixels = run_over(selected.pixels, kernel)
        memory.require(2 * _output_bytes(pixels, kernel, placed), "Filtering this picture")
        region = output_region(state, placed)

        def show(array: NDArray[Any]) -> None:
            """Paint what is in sight, although the rest is not there yet."""
            assert region is not None
            part = array[slice(*region.rows), slice(*region.columns)]
            look = look_for(part, output_look(state, single=True), selected.file_range, 0.0)
            patch = paint_patch(array, look, region)
            work.publish(Query(OUTPUT_PATCH, (key, look, region), lambda _work: patch), patch)

        first, ready = (None, None) if region is None else (region.rows, show)
        recipe = Recipe.of_filter(kernel, options)
        array = recipe.output(pixels, cancelled=work.cancelled, progress=work.progress, first=first, ready=ready)
        array.flags.writeable = False
        return Filtered(
            array=array,
            picture=picture.value,
            pixels=pixels,
            kernel=kernel,
            options=options,
            geometry=placed,
            file_range=selected.file_range,
            tolerance=display.error_bound(pixels, kernel, options.border_reach, largest=selected.largest),
            seconds=time.perf_counter() - start,
        )

    return Query(FILTERED, key, make)


def _output_bytes(pixels: NDArray[Any], kernel: Kernel, placed: Geometry) -> int:
    summed = pixels.ndim == 2 or kernel.channels is not None
    item = 8 if pixels.dtype == np.float64 else 4
    return item * placed.output_shape[0] * placed.output_shape[1] * (1 if summed else pixels.shape[2])


def output_look(state: State, *, single: bool) -> Look:
    """How the output is shown: the range in force and, for one channel, the chosen colour map."""
    mode, session = range_mode(state), state.session
    colours = (DIVERGING if mode == "signed" else session.colour_map) if single else "grey"
    return Look(mode, colours, session.manual_levels if mode == "manual" else None)


def output_query(moment: Moment, picture: Result[Picture], filtered: Query[Filtered]) -> Query[Output]:
    """The output ready to paint, with levels from a sample until all values have been looked at."""
    document, asked = moment.state.document, output_look(moment.state, single=True)
    sight = moment.state.session.picture_sight
    exact = _exact_levels(moment, filtered, asked)
    held = moment.result(OUTPUT)
    estimated = filtered.key, asked
    if exact is None or (held is not None and held.key == estimated and held.value.painted.levels == exact):
        key: Hashable = estimated
    else:
        asked = replace(asked, levels=exact)
        key = filtered.key, asked

    def make(work: Work) -> Output:
        if not work.has(filtered):
            preview = _preview(work, picture, document, asked)
            if preview is not None:
                work.publish(Query(OUTPUT, ("preview", key), lambda _: preview), preview)
        found = work.need(filtered)
        start = time.perf_counter()
        look = look_for(found.array, asked, found.file_range, found.tolerance)
        painted = paint(found.array, look, size=screen_size(sight, found.geometry.area()))
        return Output(painted, found.geometry, found, time.perf_counter() - start)

    return Query(OUTPUT, key, make)


def look_for(
    array: NDArray[Any],
    asked: Look,
    file_range: Levels,
    tolerance: float,
    cancelled: Callable[[], bool] | None = None,
) -> Look:
    """`asked`, with levels, and with the colours that an array of this many channels can have."""
    colours = asked.colour_map if array.ndim == 2 else "grey"
    levels = asked.levels
    if levels is None:
        sample = estimate(overview(array, cancelled))
        levels = chosen_levels(asked.mode, file_range, sample, tolerance=tolerance)
    return Look(asked.mode, colours, levels)


def _exact_levels(moment: Moment, filtered: Query[Filtered], asked: Look) -> Levels | None:
    """The levels, once all values were looked at; None until then, and where they do not depend on the values."""
    if asked.mode not in NEEDS_VALUES:
        return None
    found, numbers = moment.answer(filtered), moment.answer(numbers_query(filtered))
    if found is None or numbers is None:
        return None
    result = found.value
    return chosen_levels(asked.mode, result.file_range, numbers.value, tolerance=result.tolerance)


def _preview(work: Work, picture: Result[Picture], document: Document, asked: Look) -> Output | None:
    """Every n-th pixel of a large output, as many as are painted of the whole; None where that would save little."""
    kernel, options = document.kernel, document.options
    placed = geometry(picture.value.shape[:2], kernel.shape, options)
    step = 2 ** halvings(placed.output_shape)
    selected = work.need(selection_query(picture, document.channel))
    channels = 1 if selected.pixels.ndim == 2 or kernel.channels is not None else selected.pixels.shape[2]
    if step == 1 or placed.output_shape[0] * placed.output_shape[1] * channels < PREVIEW_VALUES:
        return None
    start = time.perf_counter()
    high, wide = options.steps[0]
    sparse = replace(options, stride=(high * step, wide * step))
    array = Recipe.of_filter(kernel, sparse).output(run_over(selected.pixels, kernel), cancelled=work.cancelled)
    look = look_for(array, asked, selected.file_range, 0.0)
    painted = paint(array, look, halved=0)
    return Output(painted, placed, None, time.perf_counter() - start)


def _output_patch(moment: Moment, filtered: Query[Filtered]) -> Query[Patch] | None:
    """What is in sight of a large output, exact."""
    found, shown = moment.answer(filtered), moment.result(OUTPUT)
    if found is None or shown is None or shown.value.filtered is not found.value:
        return None
    result, look = found.value, shown.value.painted.look
    region = output_region(moment.state, result.geometry)
    if region is None:
        return None
    return Query(OUTPUT_PATCH, (filtered.key, look, region), lambda _work: paint_patch(result.array, look, region))


def output_region(state: State, placed: Geometry) -> Region | None:
    """What of the output is in sight; None where the whole has enough pixels."""
    return region_in_sight(state.session.picture_sight, placed.output_shape, placed.area()[:2], placed.stride)


def whole_output(moment: Moment) -> Filtered | None:
    """The newest output; None before the first, and of a picture that is only looked at by windows."""
    picture = open_result(moment)
    return None if picture is not None and not picture.value.is_held else moment.value(FILTERED)


# -- the numbers -------------------------------------------------------------------------------------------------------


def numbers_query(filtered: Query[Filtered]) -> Query[Summary]:
    """Extremes, histogram and counts of the whole output."""
    return Query(NUMBERS, filtered.key, lambda work: summarise(work.need(filtered).array, cancelled=work.cancelled))


def room_query(size: int) -> Query[None]:
    """Have the memory for further outputs of so many bytes at hand, before an edit has to wait for it."""

    def make(work: Work) -> None:
        number = 3 if size < SMALL_BYTES else 2  # in a drag one is on screen, one is painted, one filtered, one counted
        if number * size <= memory.LARGEST_SHARE * memory.available():
            spare_memory.prepare(size, number, work.cancelled)

    return Query(ROOM, size, make)


def shown_numbers(moment: Moment) -> Summary | None:
    """The numbers of the output that is on screen; None until they are there."""
    shown, filtered, numbers = moment.value(OUTPUT), moment.result(FILTERED), moment.result(NUMBERS)
    if shown is None or filtered is None or numbers is None or shown.filtered is not filtered.value:
        return None
    return numbers.value if numbers.key == filtered.key else None


def shown_clipped(moment: Moment) -> display.Clipped | None:
    """How many pixels of the output that is on screen lie beyond its levels; None until that is known."""
    shown, filtered, clipped = moment.value(OUTPUT), moment.result(FILTERED), moment.result(CLIPPED)
    if shown is None or filtered is None or clipped is None or shown.filtered is not filtered.value:
        return None
    look = shown.painted.look
    return clipped.value if clipped.key == (filtered.key, look.levels, look.mode) else None


def clipped_query(key: Hashable, filtered: Filtered, look: Look) -> Query[display.Clipped]:
    """How many pixels of what was made from `key` lie below and above the levels."""
    levels = look.levels
    assert levels is not None
    return Query(
        CLIPPED,
        (key, levels, look.mode),
        lambda work: display.clipped(filtered.array, levels, look.mode, cancelled=work.cancelled),
    )


def pixel_read(state: State, picture: Picture) -> tuple[int, int] | None:
    """The output pixel that is read, if there is such a one: that under the pointer or pinned, on the Stage any."""
    session, stage = state.session, state.session.stage
    probe = session.probe
    if probe is None and not session.on_stage:
        return None
    try:
        shape = geometry(picture.shape[:2], state.document.kernel.shape, state.document.options).output_shape
    except ValueError:
        return None
    if probe is not None and 0 <= probe.i < shape[0] and 0 <= probe.j < shape[1]:
        pixel = probe.i, probe.j
        if not (session.on_stage and stage.predict and stage.is_covered(pixel, shape)):
            return pixel
    return stage.position(shape) if session.on_stage else None


def traces_query(state: State, picture: Result[Picture]) -> Query[tuple[Trace, ...]] | None:
    """The arithmetic behind the pixel that is read, one trace a colour channel."""
    pixel = pixel_read(state, picture.value)
    if pixel is None:
        return None
    document = state.document
    kernel, options = document.kernel, document.options
    selection, filtered = selection_query(picture, document.channel), filtered_query(state, picture)

    def make(work: Work) -> tuple[Trace, ...]:
        pixels = run_over(work.need(selection).pixels, kernel)
        output = work.need(filtered).array if work.has(filtered) else None
        one_by_one = pixels.ndim == 3 and kernel.channels is None
        channels = range(pixels.shape[2]) if one_by_one else (None,)
        return tuple(take_apart(pixels, kernel, pixel, options, channel=each, output=output) for each in channels)

    return Query(TRACES, (picture.key, kernel, options, document.channel, pixel), make)
