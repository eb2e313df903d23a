"""What the Gradient workspace wants to be computed: the panes first, then edges, rose and numbers. No Qt."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.errors import Cancelled
from kernels.gradients import direction_colours
from kernels.gradients.computation import Gradient, run_gradient
from kernels.gradients.scale import Scale, Thresholds, scale_of
from kernels.pictures.picture import Picture
from kernels.pictures.summary import extent_of
from viewer.document import GradientOptions
from viewer.moment import Moment, Purpose, Query, Result, Work
from viewer.pages.filter.input_queries import input_query
from viewer.pages.gradient import accuracy
from viewer.pages.gradient.operators import KERNEL, operator_of
from viewer.pages.gradient.painting import (
    COMPONENTS,
    DERIVED,
    direction_patch,
    look_of,
    paint_directions,
    thresholds_of,
)
from viewer.painting import Bytes, Look, Painted, Patch, Region, paint, paint_patch, region_in_sight, screen_size
from viewer.shelf import open_result
from viewer.state import State

SECTORS = 72
WHEEL_SIDE = 256
BYTES_A_PIXEL = 48

Mask = NDArray[np.bool_]


class Panes(msgspec.Struct, frozen=True, eq=False):
    """Gx, Gy, magnitude and direction, ready to paint, by the names of their panes.

    `seconds` is what measuring took, `converting` what painting took after it.
    """

    gradient: Gradient
    options: GradientOptions
    scale: Scale
    painted: Mapping[str, Painted]
    seconds: float
    converting: float


class Edges(msgspec.Struct, frozen=True, eq=False):
    """Thinned edges: where they are, ready to paint, and the thresholds that they were found with."""

    gradient: Gradient
    mask: Mask
    painted: Painted
    thresholds: Thresholds
    share: float
    """Of all pixels."""


class Numbers(msgspec.Struct, frozen=True, eq=False):
    """What only a look at every value tells.

    The largest finite magnitude, the number of places without a finite gradient, the sum of magnitudes in each sector
    of directions, and the sectors' middles in degrees.
    """

    gradient: Gradient
    largest: float
    non_finite: int
    rose: NDArray[np.float64]
    sectors: NDArray[np.float64]

    @property
    def is_unknown(self) -> bool:
        """Whether there is no finite number anywhere."""
        return self.non_finite == self.gradient.gx.size


MEASURED: Purpose[Gradient] = Purpose("measured gradient", "gradient")
GRADIENT: Purpose[Gradient] = Purpose("gradient", "gradient")
SCALE: Purpose[Scale] = Purpose("gradient scale", "gradient")
PANES: Purpose[Panes] = Purpose("gradient panes", "gradient", "Measuring the gradient")
PATCHES: Purpose[Mapping[str, Patch]] = Purpose("gradient patches", "gradient")
PICTURE_PATCH: Purpose[Patch] = Purpose("gradient picture patch", "input")
EDGES: Purpose[Edges] = Purpose("edges", "edges", "Thinning the edges", at_leisure=True)
EDGES_PATCH: Purpose[Patch] = Purpose("edges patch", "edges", at_leisure=True)
NUMBERS: Purpose[Numbers] = Purpose("gradient numbers", "gradient numbers", at_leisure=True)
WHEEL: Purpose[Bytes] = Purpose("wheel", "gradient numbers", at_leisure=True)
_PAINTED: dict[str, Purpose[Painted]] = {name: Purpose(f"painted {name}", "gradient") for name in DERIVED}


def queries(moment: Moment) -> list[Query[Any]]:
    """What the workspace shows of this moment, the most urgent first."""
    wanted: list[Query[Any]] = []
    picture = open_result(moment)
    if picture is not None:
        wanted += [panes_query(moment.state, picture), *_following(moment, picture)]
    colours = moment.state.session.gradient.direction_colours
    wanted.append(Query(WHEEL, colours, lambda _work: direction_colours.wheel(WHEEL_SIDE, colours)))
    return [*wanted, *accuracy.queries(moment.state)]


def _following(moment: Moment, picture: Result[Picture]) -> list[Query[Any]]:
    """What follows from the panes that are on screen; a newer gradient may be on its way."""
    wanted: list[Query[Any] | None] = [_picture_patch(moment, picture)]
    shown = shown_panes(moment)
    if shown is not None:
        edges = edges_query(moment.state, shown)
        wanted += [_patches(moment.state, shown), edges, _edges_patch(moment, edges), _numbers_query(shown.gradient)]
    return [each for each in wanted if each is not None]


def shown_panes(moment: Moment) -> Panes | None:
    """The newest panes, if they are of the picture that is open."""
    picture = open_result(moment)
    return None if picture is None else moment.value_from(PANES, picture.key)


# -- measuring ---------------------------------------------------------------------------------------------------------


def measured_query(state: State, picture: Result[Picture]) -> Query[Gradient]:
    """Gx and Gy, whatever the norm."""
    options = state.document.gradient
    kernel = state.document.kernel if options.operator == KERNEL else None
    own = options.derivative_sigma if options.operator == "gaussian" else None

    def make(work: Work) -> Gradient:
        held = picture.value
        memory.require(BYTES_A_PIXEL * held.height * held.width, "The gradient of this picture")
        return run_gradient(
            held.pixels,
            operator_of(options, kernel),
            scaling=options.scaling,
            sigma=options.sigma,
            colour=options.colour,
            cancelled=work.cancelled,
            progress=work.progress,
        )

    key = picture.key, options.operator, kernel, own, options.scaling, options.sigma, options.colour
    return Query(MEASURED, key, make)


def gradient_query(state: State, picture: Result[Picture]) -> Query[Gradient]:
    """The gradient with the chosen norm; Gx and Gy are not measured again for another one."""
    measured, norm = measured_query(state, picture), state.document.gradient.norm
    return Query(GRADIENT, (measured.key, norm), lambda work: work.need(measured).with_norm(norm))


# -- the panes ---------------------------------------------------------------------------------------------------------


def panes_query(state: State, picture: Result[Picture]) -> Query[Panes]:
    """The four panes at the size that the screen shows."""
    options, view = state.document.gradient, state.session.gradient
    measured, gradient = measured_query(state, picture), gradient_query(state, picture)
    scale = Query(SCALE, gradient.key, lambda work: scale_of(work.need(gradient)))

    def pane(name: str) -> Query[Painted]:
        is_coloured = name == "direction"

        def make(work: Work) -> Painted:
            if work.cancelled():
                raise Cancelled
            found, look = work.need(gradient), look_of(name, work.need(scale), view.direction_colours)
            if is_coloured:
                return paint_directions(found, [work.need(pane(each)) for each in COMPONENTS], look)
            return paint(getattr(found, name), look, size=screen_size(view.sight, found.area))

        key = (
            (gradient.key, view.direction_colours)
            if is_coloured
            else (measured if name in ("gx", "gy") else gradient).key
        )
        return Query(_PAINTED[name], key, make)

    def make(work: Work) -> Panes:
        start = time.perf_counter()
        found = work.need(gradient)
        measuring = time.perf_counter() - start
        painted = {name: work.need(pane(name)) for name in DERIVED}
        converting = time.perf_counter() - start - measuring
        return Panes(found, options, work.need(scale), painted, measuring, converting)

    return Query(PANES, (picture.key, gradient.key, view.direction_colours), make)


# -- what is in sight of a large picture -------------------------------------------------------------------------------


def _picture_patch(moment: Moment, picture: Result[Picture]) -> Query[Patch] | None:
    shown = moment.answer(input_query(picture, None))
    region = region_in_sight(moment.state.session.gradient.sight, picture.value.shape)
    if shown is None or region is None:
        return None
    held, look = picture.value, shown.value.look
    key = picture.key, region
    return Query(PICTURE_PATCH, key, lambda _work: paint_patch(held.pixels, look, region, alpha=held.alpha))


def _region(state: State, gradient: Gradient) -> Region | None:
    return region_in_sight(state.session.gradient.sight, gradient.gx.shape, gradient.area[:2], gradient.geometry.stride)


def _patches(state: State, shown: Panes) -> Query[Mapping[str, Patch]] | None:
    region, gradient = _region(state, shown.gradient), shown.gradient
    if region is None:
        return None

    def make(_work: Work) -> Mapping[str, Patch]:
        made = {name: paint_patch(getattr(gradient, name), shown.painted[name].look, region) for name in DERIVED[:3]}
        return {**made, "direction": direction_patch(gradient, shown.painted["direction"].look, region)}

    return Query(PATCHES, (shown, region), make)


# -- edges and numbers -------------------------------------------------------------------------------------------------


def edges_query(state: State, shown: Panes) -> Query[Edges]:
    """The thinned edges of the gradient on screen; a line keeps its brightness where it is less than a pixel wide."""
    gradient, thresholds = shown.gradient, thresholds_of(state.document.gradient, shown.scale.chosen)
    sight = state.session.gradient.sight

    def make(work: Work) -> Edges:
        mask = gradient.edges(*thresholds, cancelled=work.cancelled)
        values, size = mask.view(np.uint8), screen_size(sight, gradient.area)
        painted = paint(values, Look("clip", "grey", (0.0, 1.0)), how="maximum", size=size)
        return Edges(gradient, mask, painted, thresholds, float(np.count_nonzero(mask)) / mask.size)

    return Query(EDGES, (gradient, thresholds), make)


def _edges_patch(moment: Moment, edges: Query[Edges]) -> Query[Patch] | None:
    shown = moment.answer(edges)
    region = None if shown is None else _region(moment.state, shown.value.gradient)
    if shown is None or region is None:
        return None
    found = shown.value.painted
    return Query(
        EDGES_PATCH, (edges.key, region), lambda _work: paint_patch(found.values, found.look, region, how="maximum")
    )


def _numbers_query(gradient: Gradient) -> Query[Numbers]:
    def make(_work: Work) -> Numbers:
        found = extent_of(gradient.magnitude)
        weights, ends = gradient.histogram(SECTORS, centred=True)
        return Numbers(gradient, found.largest, found.non_finite, weights, (ends[:-1] + ends[1:]) / 2)

    return Query(NUMBERS, gradient, make)


def numbers_of(moment: Moment, gradient: Gradient) -> Numbers | None:
    """The numbers of this gradient, once they are known."""
    found = moment.value(NUMBERS)
    return found if found is not None and found.gradient is gradient else None
