"""The filters that a network learned, as queries: the network, responses, resemblance. No Qt."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels import memory
from kernels.cnn import painting, resemblance, strips
from kernels.cnn.resemblance import Resemblance, Similar
from kernels.kernel import Kernel
from kernels.pictures.picture import Picture
from kernels.pictures.summary import estimate
from viewer.moment import Moment, Purpose, Query, Result, Work
from viewer.page_views import LearnedView
from viewer.pages.learned import evaluation
from viewer.pages.learned.layer import LAYER, LayerView, layer_query, network_query, selected
from viewer.painting import (
    DIVERGING,
    Bytes,
    Look,
    Painted,
    Patch,
    chosen_levels,
    paint,
    paint_patch,
    region_in_sight,
    screen_size,
)
from viewer.shelf import open_result
from viewer.state import State

THUMBNAIL_SIDE = 192


class Resemblances(msgspec.Struct, frozen=True, eq=False):
    """What each filter looks like as it was trained, by which the tiles stand in order, and as it is."""

    layer: LayerView
    trained: tuple[Resemblance, ...]
    current: tuple[Resemblance, ...]


class Thumbnails(msgspec.Struct, frozen=True, eq=False):
    """The responses of all filters, reduced, and the value of each that gets the strongest colour."""

    layer: LayerView
    values: NDArray[np.float32]
    reaches: NDArray[np.float64]


class Response(msgspec.Struct, frozen=True, eq=False):
    """One filter's response at full size, ready to paint.

    `place` is where it lies in the picture: top, left, height, width in picture pixels.
    """

    layer: LayerView
    index: int
    activated: bool
    place: tuple[float, float, float, float]
    painted: Painted


RESPONSE: Purpose[Response] = Purpose("response", "response", "Computing the response")
RESPONSE_PATCH: Purpose[Patch] = Purpose("response patch", "response")
THUMBNAILS: Purpose[Thumbnails] = Purpose("responses", "responses", "Computing the responses", at_leisure=True)
FILTER_PICTURES: Purpose[list[Bytes]] = Purpose("filter pictures", "filters")
RESPONSE_PICTURES: Purpose[tuple[LayerView, list[Bytes]]] = Purpose("response pictures", "responses")
RESEMBLANCES: Purpose[Resemblances] = Purpose("resemblance", "filters", at_leisure=True)
SIMILAR: Purpose[Similar] = Purpose("similar", "similar", at_leisure=True)


def queries(moment: Moment) -> list[Query[Any]]:
    """What the panel shows of this moment, the most urgent first."""
    look = moment.state.session.learned
    network = network_query(moment)
    loaded = moment.answer(network)
    if loaded is None:
        return [network]
    layer = layer_query(moment.state, loaded.value)
    found = moment.answer(layer)
    if found is None:
        return [network, layer]
    shown, picture = found.value, open_result(moment)
    wanted: list[Query[Any]] = [network, layer, _filter_pictures(shown, look)]
    if picture is not None:
        thumbnails = thumbnails_query(shown, look, picture)
        wanted += [response_query(moment.state, shown, picture), thumbnails]
        painted = _response_pictures(moment, look)
        patch = _response_patch(moment)
        wanted += [each for each in (painted, patch) if each is not None]
    wanted += [_resemblances(shown), similar_query(shown, moment.state.document.kernel)]
    return [*wanted, *evaluation.queries(moment, shown)]


def thumbnails_query(shown: LayerView, look: LearnedView, picture: Result[Picture]) -> Query[Thumbnails]:
    """What every filter of the layer answers to the picture, whole, as a thumbnail."""
    held, activated = picture.value, look.after_activation

    def make(work: Work) -> Thumbnails:
        strips.checked_shape(shown.network, shown.layer, (held.height, held.width))
        values = strips.thumbnails(
            shown.network,
            held.pixels,
            shown.layer,
            white=held.white,
            activated=activated,
            longest=THUMBNAIL_SIDE,
            cancelled=work.cancelled,
            progress=work.progress,
        )
        reaches = [_signed(each)[1] for each in values]
        return Thumbnails(shown, values, np.array(reaches))

    return Query(THUMBNAILS, (picture.key, shown.key, activated), make)


def _signed(values: NDArray[np.float32]) -> tuple[float, float]:
    return chosen_levels("signed", (-1.0, 1.0), estimate(values))


def shown_thumbnails(moment: Moment) -> Result[Thumbnails] | None:
    """The responses to show: of this layer, even if newer ones are on their way."""
    found, shown = moment.result(THUMBNAILS), moment.value(LAYER)
    if found is None or shown is None or not found.value.layer.is_like(shown):
        return None
    picture = open_result(moment)
    if moment.failure(THUMBNAILS) is not None and (picture is None or not found.is_from(picture.key)):
        return None  # where there are none to this picture, those to another one would lie
    return found


def _filter_pictures(shown: LayerView, look: LearnedView) -> Query[list[Bytes]]:
    common = look.common_scale
    key = shown.key, common
    return Query(FILTER_PICTURES, key, lambda _: painting.filter_pictures(shown.filters, common_scale=common))


def _response_pictures(moment: Moment, look: LearnedView) -> Query[tuple[LayerView, list[Bytes]]] | None:
    found, common = shown_thumbnails(moment), look.common_scale
    if found is None:
        return None
    held = found.value

    def make(_work: Work) -> tuple[LayerView, list[Bytes]]:
        return held.layer, painting.response_pictures(held.values, held.reaches, common_scale=common)

    return Query(RESPONSE_PICTURES, (found.key, common), make)


def response_query(state: State, shown: LayerView, picture: Result[Picture]) -> Query[Response]:
    """What the selected filter answers to the whole picture, at the size that the screen shows."""
    look, held = state.session.learned, picture.value
    index, activated, sight = selected(shown, look), look.after_activation, state.session.gradient.sight

    def make(work: Work) -> Response:
        height, width = strips.checked_shape(shown.network, shown.layer, (held.height, held.width))
        memory.require(16.0 * height * width, "The response to this picture")
        values = strips.response(
            shown.network,
            held.pixels,
            shown.layer,
            index,
            white=held.white,
            activated=activated,
            cancelled=work.cancelled,
            progress=work.progress,
        )
        values.flags.writeable = False
        place = strips.area(shown.network, shown.layer, (held.height, held.width))
        painted = paint(values, Look("signed", DIVERGING, _signed(values)), size=screen_size(sight, place))
        return Response(shown, index, activated, place, painted)

    return Query(RESPONSE, (picture.key, shown.key, activated, index), make)


def shown_response(moment: Moment) -> Response | None:
    """The response on screen, if it is one to the picture that is open and of the layer that is looked at."""
    picture, shown = open_result(moment), moment.value(LAYER)
    found = None if picture is None else moment.value_from(RESPONSE, picture.key)
    return found if found is not None and shown is not None and found.layer.is_like(shown) else None


def _response_patch(moment: Moment) -> Query[Patch] | None:
    shown = shown_response(moment)
    if shown is None:
        return None
    (top, left, height, width), painted = shown.place, shown.painted
    stride = round(height / painted.values.shape[0]), round(width / painted.values.shape[1])
    region = region_in_sight(moment.state.session.gradient.sight, painted.values.shape, (top, left), stride)
    if region is None:
        return None
    return Query(RESPONSE_PATCH, (shown, region), lambda _work: paint_patch(painted.values, painted.look, region))


def _resemblances(shown: LayerView) -> Query[Resemblances]:
    def make(_work: Work) -> Resemblances:
        trained = resemblance.classify(shown.loaded.network.filters(shown.layer))
        edited = [index for index in range(len(trained)) if shown.is_edited(index)]
        current = list(trained)
        if edited:
            for index, found in zip(edited, resemblance.classify(shown.filters[edited]), strict=True):
                current[index] = replace(found, index=index)
        return Resemblances(shown, trained, tuple(current))

    return Query(RESEMBLANCES, shown.key, make)


def shown_resemblances(moment: Moment) -> Resemblances | None:
    """What the filters of the layer shown resemble, or did before an edit; None while that is unknown."""
    found, shown = moment.value(RESEMBLANCES), moment.value(LAYER)
    return found if found is not None and shown is not None and found.layer.is_like(shown) else None


def similar_query(shown: LayerView, kernel: Kernel) -> Query[Similar]:
    """Which of the filters is most like the kernel in the editor."""
    return Query(SIMILAR, (shown.key, kernel), lambda _work: resemblance.most_similar_filters(kernel, shown.filters)[0])


def has_similar(moment: Moment) -> bool:
    """Whether there is another filter than the selected one that is most like the kernel in the editor."""
    shown = moment.value(LAYER)
    if shown is None:
        return False
    found = moment.answer(similar_query(shown, moment.state.document.kernel))
    return found is not None and found.value.index != selected(shown, moment.state.session.learned)
