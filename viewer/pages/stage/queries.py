"""What the Stage wants to be computed beyond the Filter page. No Qt."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.filtering import repetition
from kernels.filtering.geometry import Geometry, geometry
from kernels.filtering.operands import applied_weights, run_over
from kernels.filtering.provenance import Touched, border_difference, one_weight, touched
from kernels.kernel import Kernel
from kernels.pictures import display
from kernels.pictures.picture import Picture
from kernels.pictures.profile import Profile, output_profile, profile
from kernels.pictures.reduction import reduced
from kernels.pictures.summary import estimate, finite_range
from viewer.moment import Moment, Purpose, Query, Result, Work
from viewer.page_views import StageView
from viewer.pages.filter.input_queries import input_query
from viewer.pages.filter.queries import OUTPUT, filtered_query, pixel_read, selection_query, traces_query
from viewer.pages.stage.cells import Cells
from viewer.pages.stage.close_ups import input_cells, output_cells
from viewer.painting import DIVERGING, Look, Painted, paint
from viewer.shelf import open_result
from viewer.state import State

Line = tuple[tuple[int, int], tuple[int, int]]


class CloseUps(msgspec.Struct, frozen=True, eq=False):
    """The pixels around the window and around its output pixel; None while the output is not there."""

    pixel: tuple[int, int]
    geometry: Geometry
    input: Cells
    output: Cells | None


class Shifted(msgspec.Struct, frozen=True, eq=False):
    """The shifted copy of the picture that one weight adds, ready to paint."""

    tap: tuple[int, int]
    painted: Painted
    geometry: Geometry


class BorderChange(msgspec.Struct, frozen=True, eq=False):
    """What another border changes, ready to paint, and in how many output pixels."""

    other: str
    painted: Painted
    count: int
    largest: float
    shape: tuple[int, ...]


class Repetition(msgspec.Struct, frozen=True, eq=False):
    """The kernel applied again and again, and the Gaussian that it tends to, ready to paint.

    `reason` says why there is no such Gaussian.
    """

    times: int
    values: NDArray[Any]
    applied: Painted
    gaussian: Painted | None
    change: Painted | None
    distance: repetition.Difference | None
    sigma: tuple[float, float] | None
    reason: str


class Profiles(msgspec.Struct, frozen=True, eq=False):
    """Input and output along a line."""

    source: Profile
    output: Profile | None


SHOWN_SIDE = 190
"""Pixels of the longer side of the difference between two borders: no more than there is room for."""
INNER_SHARE = 0.9
"""The share of a difference within the colours; the rest is the rim's, where the border counts n times."""

CLOSE_UPS: Purpose[CloseUps] = Purpose("close-ups", "traces")
TOUCHED: Purpose[Touched] = Purpose("touched", "traces")
PROFILES: Purpose[Profiles] = Purpose("profiles", "traces")
SHIFTED: Purpose[Shifted] = Purpose("shifted", "stage")
BORDERS: Purpose[BorderChange] = Purpose("borders", "stage", "Comparing the borders")
REPEATED: Purpose[Repetition] = Purpose("repeated", "stage", "Applying the kernel again and again")


def queries(moment: Moment) -> list[Query[Any]]:
    """What the Stage shows of this moment, the most urgent first."""
    picture, stage = open_result(moment), moment.state.session.stage
    pixel = None if picture is None else pixel_read(moment.state, picture.value)
    if picture is None or pixel is None:
        return []
    wanted: list[Query[Any]] = [_close_ups_query(moment, picture, pixel)]
    point = pointed_at(stage, picture.value)
    if point is not None:
        wanted.append(_touched_query(moment.state, picture, point))
    shown = moment.value(OUTPUT)
    if stage.tap is not None and shown is not None:
        wanted.append(_shifted_query(moment.state, picture, stage.tap, shown.painted.look))
    if stage.below == "profile" and stage.line is not None:
        wanted.append(_profiles_query(moment, picture, stage.line))
    if stage.below == "borders":
        wanted.append(_borders_query(moment.state, picture))
    if stage.below == "repeat":
        wanted.append(_repeated_query(moment.state, picture))
    return wanted


def pointed_at(stage: StageView, picture: Picture) -> tuple[int, int] | None:
    """The pixel under the pointer; None where the picture that is open now has none there."""
    point = stage.point
    inside = point is not None and 0 <= point[0] < picture.height and 0 <= point[1] < picture.width
    return point if inside else None


def _close_ups_query(moment: Moment, picture: Result[Picture], pixel: tuple[int, int]) -> Query[CloseUps]:
    state, document, stage = moment.state, moment.state.document, moment.state.session.stage
    kernel, options = document.kernel, document.options
    selection, source = selection_query(picture, document.channel), input_query(picture)
    traces, shown = traces_query(state, picture), moment.value(OUTPUT)
    is_there = shown is not None and shown.filtered is not None and moment.answer(filtered_query(state, picture))
    output = shown if is_there else None
    point = pointed_at(stage, picture.value)
    reached = None if point is None else _touched_query(state, picture, point)
    key = (picture.key, kernel, options, document.channel, pixel, stage.channel, output)
    assert traces is not None

    def make(work: Work) -> CloseUps:
        placed = geometry(picture.value.shape[:2], kernel.shape, options)
        pixels = run_over(work.need(selection).pixels, kernel)
        weights = work.need(traces)[0].weights
        at = min(stage.channel, pixels.shape[2] - 1) if pixels.ndim == 3 else None
        if weights.ndim == 3:
            weights = weights[:, :, min(at or 0, weights.shape[2] - 1)]
        numbers = pixels if at is None else pixels[:, :, at]
        look = work.need(source).look
        found = input_cells(numbers, picture.value.pixels, placed, options, pixel, weights, look)
        touching = None if reached is None else work.need(reached)
        beside = None if output is None else output_cells(output, stage, pixel, at, touching)
        return CloseUps(pixel, placed, found, beside)

    further = stage.at, stage.region, stage.predict, stage.revealed, point
    return Query(CLOSE_UPS, (*key, *further), make)


def _touched_query(state: State, picture: Result[Picture], point: tuple[int, int]) -> Query[Touched]:
    """The output pixels that a pixel of the picture touches."""
    kernel, options = state.document.kernel, state.document.options
    placed = geometry(picture.value.shape[:2], kernel.shape, options)

    def make(_work: Work) -> Touched:
        return touched(placed, applied_weights(kernel, options), options.border, point)

    return Query(TOUCHED, (placed, kernel, options, point), make)


def _shifted_query(state: State, picture: Result[Picture], tap: tuple[int, int], look: Look) -> Query[Shifted]:
    """What the weight under the pointer adds; `tap` counts the weights as they are applied."""
    document = state.document
    kernel, options, selection = document.kernel, document.options, selection_query(picture, document.channel)
    rows, columns = kernel.shape
    written = (rows - 1 - tap[0], columns - 1 - tap[1]) if options.is_convolution else tap

    def make(work: Work) -> Shifted:
        pixels = run_over(work.need(selection).pixels, kernel)
        share = one_weight(pixels, kernel, written, options, cancelled=work.cancelled)
        if share.ndim == 3 and kernel.channels is not None:
            share = share.sum(axis=2)
        colours = look.colour_map if share.ndim == 2 else "grey"
        return Shifted(tap, paint(share, Look(look.mode, colours, look.levels)), _geometry(picture, kernel, state))

    return Query(SHIFTED, (picture.key, kernel, options, document.channel, tap, look), make)


def _profiles_query(moment: Moment, picture: Result[Picture], line: Line) -> Query[Profiles]:
    """The values along a line, of the output too once it is there; with Predict on, as far as they have been told."""
    stage = moment.state.session.stage
    told = (stage.at, stage.region, stage.revealed) if stage.predict else None
    document, height, width = moment.state.document, picture.value.height, picture.value.width
    selection, found = selection_query(picture, document.channel), moment.answer(filtered_query(moment.state, picture))
    output = None if found is None else found.value
    first, last = ((min(y, height - 1), min(x, width - 1)) for y, x in line)

    def make(work: Work) -> Profiles:
        source = profile(work.need(selection).pixels, first, last)
        beside = None if output is None else output_profile(source, output.array, output.geometry)
        if output is not None and beside is not None and stage.predict:
            shape = output.geometry.output_shape
            seen = np.array([not stage.is_covered((i, j), shape) for i, j in beside.positions.tolist()], bool)
            beside = Profile(beside.positions[seen], beside.distances[seen], beside.values[seen])
        return Profiles(source, beside)

    return Query(PROFILES, (picture.key, document.channel, line, output, told), make)


def _borders_query(state: State, picture: Result[Picture]) -> Query[BorderChange]:
    """The difference that another border makes."""
    document, other = state.document, state.session.stage.other_border
    kernel, options, selection = document.kernel, document.options, selection_query(picture, document.channel)

    def make(work: Work) -> BorderChange:
        pixels = run_over(work.need(selection).pixels, kernel)
        change, count = border_difference(pixels, kernel, options, other, cancelled=work.cancelled)
        size = np.abs(change) if change.ndim == 2 else np.abs(change).max(axis=2)
        found = finite_range(size)
        largest = 0.0 if found is None else found[1]
        # Of many pixels the largest difference: a rim of one pixel would vanish in a mean.
        small = reduced(size, *_fitted(size.shape, SHOWN_SIDE), how="maximum")
        painted = paint(small, Look("clip", "grey", (0.0, largest or 1.0)), halved=0)
        return BorderChange(other, painted, count, largest, change.shape)

    return Query(BORDERS, (picture.key, kernel, options, document.channel, other), make)


def _repeated_query(state: State, picture: Result[Picture]) -> Query[Repetition]:
    """The kernel applied n times, and the Gaussian of the same variance."""
    document, times = state.document, state.session.stage.times
    kernel, options, selection = document.kernel, document.options, selection_query(picture, document.channel)

    def make(work: Work) -> Repetition:
        found = work.need(selection)
        pixels = run_over(found.pixels, kernel)
        memory.require(6 * 4 * pixels.size, "Applying the kernel again and again")
        values = repetition.repeated(pixels, kernel, options, times, cancelled=work.cancelled, progress=work.progress)
        look = Look("clip", "grey", found.file_range)
        applied = paint(values, look)
        try:
            smooth = repetition.equivalent_gaussian(kernel, times)
        except ValueError as error:
            return Repetition(times, values, applied, None, None, None, None, str(error))
        gaussian = repetition.repeated(pixels, smooth, options, 1, cancelled=work.cancelled)
        distance = repetition.difference(values, gaussian)
        change = _signed(values - gaussian)
        return Repetition(
            times,
            values,
            applied,
            paint(gaussian, look),
            change,
            distance,
            repetition.standard_deviations(kernel, times),
            "",
        )

    return Query(REPEATED, (picture.key, kernel, options, document.channel, times), make)


def _fitted(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    """Rows and columns of a picture of this shape whose longer side is at most `side`."""
    share = min(1.0, side / max(shape[:2]))
    return max(1, round(shape[0] * share)), max(1, round(shape[1] * share))


def _signed(values: NDArray[Any]) -> Painted:
    """A difference around 0; what is strongest, along the rim, may lie beyond the colours."""
    found = estimate(values)
    _low, reach = display.levels(found, "signed", (-1.0, 1.0), None, tolerance=0.0, coverage=INNER_SHARE)
    reach = reach or 1.0
    return paint(np.asarray(values), Look("signed", DIVERGING if values.ndim == 2 else "grey", (-reach, reach)))


def _geometry(picture: Result[Picture], kernel: Kernel, state: State) -> Geometry:
    return geometry(picture.value.shape[:2], kernel.shape, state.document.options)
