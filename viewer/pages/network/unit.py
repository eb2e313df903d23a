"""One number of a network, taken apart and painted. No Qt."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.tracing import UnitTrace, trace
from kernels.digits import adding_up, decimals
from kernels.pictures.display import render
from kernels.recipe.tracing import StageTrace
from viewer.pages.network.given import Bytes
from viewer.pages.network.stages import Passed, as_maps, paint_maps, stage_values
from viewer.painting import DIVERGING

Array = NDArray[Any]
MOST, FIGURES = 6, 3
"""How many of the maps that come in are shown, and with how many significant figures their sums are written."""
Share = tuple[float, float, float, float]
"""Top, left, height and width of part of a map, as shares of its height and width."""


class Slice(msgspec.Struct, frozen=True, eq=False):
    """What one map that comes in adds, or one row of a layer that holds rows.

    Attributes
    ----------
    number : int
        Of the map, or of the unit.
    row : str
        The row: "body", "branches.0"; empty for a map that comes in.
    window, weights : uint8 arrays
        The numbers under the taps and what they are multiplied by, painted; there are no weights without a sum.
    value, weight : float
        The same as numbers, where there is a single tap.
    total : float
        The products added up, rounded so that what is shown adds up.
    """

    number: int
    window: Bytes
    weights: Bytes | None
    value: float | None
    weight: float | None
    total: float
    row: str = ""


class Sum(msgspec.Struct, frozen=True, eq=False):
    """What a number is made of, rounded so that what is shown adds up.

    Attributes
    ----------
    slices : tuple of Slice
        Of those maps that add most, the strongest first where some are left out.
    rest : float
        What all others add.
    bias, total : float
    places : int
        Decimals that all of it is written with.
    """

    slices: tuple[Slice, ...]
    rest: float
    bias: float
    total: float
    places: int


class Unit(msgspec.Struct, frozen=True, eq=False):
    """One number of a network.

    Attributes
    ----------
    stage, number : int
        The stage, and its map or unit.
    place : (int, int)
        Where the number stands on the map.
    trace : UnitTrace
    map : uint8 array
        The map, painted.
    largest : float
        Its largest number.
    seen : uint8 array
        What the number sees of the picture.
    sum : Sum
    shares : mapping of int to float
        What each map of the stage before adds, as a share of the largest.
    field : Share or None
        What it sees of each map of the stage before.
    picture_field : Share
        What it sees of the picture.
    """

    stage: int
    number: int
    place: tuple[int, int]
    trace: UnitTrace
    map: Bytes
    largest: float
    seen: Bytes
    sum: Sum
    shares: dict[int, float]
    field: Share | None
    picture_field: Share


def read_unit(passed: Passed, number: int, chosen: int, place: tuple[int, int] | None, *, activated: bool) -> Unit:
    """Take a number of stage `number` apart; a place of None is that of the map's largest number."""
    number = min(max(number, 0), len(passed.run.stages) - 1)
    stage = passed.run.stages[number]
    values = stage_values(stage, activated=activated)
    chosen = min(max(chosen, 0), len(values) - 1)
    shown = values[chosen]
    if place is None:
        place = divmod(int(shown.argmax()), shown.shape[1])
    at = min(place[0], shown.shape[0] - 1), min(place[1], shown.shape[1] - 1)
    found = trace(passed.run, stage.layer, (chosen, *at) if stage.after.ndim == 3 else (chosen,))
    sees, before = found.sees, _maps_before(passed, number)
    region = found.trace.fields[-1][1]
    has_field = number > 0 and before.shape[1:] != (1, 1) and stage.after.ndim == 3
    return Unit(
        stage=number,
        number=chosen,
        place=at,
        trace=found,
        map=paint_maps(values, common_scale=False)[chosen],
        largest=float(shown.max()),
        seen=passed.picture[sees.top : sees.bottom, sees.left : sees.right],
        sum=_sum(found, before),
        shares=_shares(found, before),
        field=_share(region, before.shape[1:]) if has_field else None,
        picture_field=_share(sees, passed.picture.shape[:2]),
    )


def _maps_before(passed: Passed, number: int) -> Array:
    """The maps that come into a stage; before the first those of the prepared picture."""
    return as_maps(passed.run.maps[0] if number == 0 else passed.run.stages[number - 1].after)


def _share(region: Any, shape: tuple[int, ...]) -> Share:
    (height, width), (rows, columns) = shape[:2], region.shape
    return region.top / height, region.left / width, rows / height, columns / width


def _sum(found: UnitTrace, before: Array) -> Sum:
    """Choose which maps are shown, and round what they add."""
    held = found.trace
    if held.parts:
        return _parts_sum(held)
    window, weights, sums = _as_pictures(held.window, before), held.weights, held.channel_sums
    if weights is None or sums is None:
        order = np.argsort(-np.abs(window).max(axis=(1, 2)), kind="stable")[:MOST]
        painted = _painted(window[order])
        own = [held.value] if len(order) == 1 else window[order, 0, 0].tolist()
        slices = tuple(
            Slice(held.channels[int(channel)], painted[at], None, None, None, own[at])
            for at, channel in enumerate(order)
        )
        return Sum(slices, 0.0, 0.0, held.value, decimals([held.value], FIGURES))
    weights = _as_pictures(weights, before)
    sums = sums if len(weights) == len(sums) else np.array([sums.sum()])
    order = np.argsort(-np.abs(sums), kind="stable")[:MOST] if len(sums) > MOST else np.arange(len(sums))
    rest = float(np.delete(sums, order).sum())
    scale = held.divisor or 1.0
    parts = np.array([*(sums[order] / scale), rest / scale, held.offset])
    places = decimals([*parts, held.value], FIGURES)
    rounded = adding_up(parts, float(parts.sum()), places)
    windows, reach = _painted(window[order]), float(np.abs(weights[order]).max()) or 1.0
    single = window.shape[1:] == (1, 1)
    slices = tuple(
        Slice(
            number=held.channels[int(channel)],
            window=windows[at],
            weights=render(weights[channel], (-reach, reach), "signed", DIVERGING),
            value=float(window[channel, 0, 0]) if single else None,
            weight=float(weights[channel, 0, 0]) if single else None,
            total=float(rounded[at]),
        )
        for at, channel in enumerate(order)
    )
    return Sum(slices, float(rounded[-2]), float(rounded[-1]), float(rounded.sum()), places)


def _parts_sum(held: StageTrace) -> Sum:
    """What the rows of a layer give, rounded so that it adds up."""
    values = np.array([part.value for part in held.parts])
    places = decimals([*values, held.value], FIGURES)
    rounded, painted = adding_up(values, held.value, places), _painted(values[:, np.newaxis, np.newaxis])
    slices = tuple(
        Slice(part.channel, painted[at], None, part.value, None, float(rounded[at]), _row_of(part.place))
        for at, part in enumerate(held.parts)
    )
    return Sum(slices, 0.0, 0.0, float(rounded.sum()), places)


def _row_of(place: str) -> str:
    """The row "branches.0" of a place such as "layers[3].branches.0[1]"."""
    return place.partition("].")[2].partition("[")[0]


def _as_pictures(taps: Array, before: Array) -> Array:
    """Taps (kh, kw, C) as maps (C, kh, kw); those of a dense layer that sees the whole picture as that picture."""
    if taps.shape[:2] == (1, 1) and len(before) == 1 and before.size > 1 and taps.shape[2] == before.size:
        return taps.reshape(before.shape)
    return taps.transpose(2, 0, 1)


def _painted(window: Array) -> Bytes:
    return paint_maps(window, common_scale=True)


def _shares(found: UnitTrace, before: Array) -> dict[int, float]:
    """What each map of the stage before adds, as a share of the largest; of equal ones where there is no sum."""
    sums, channels = found.trace.channel_sums, found.trace.channels
    if sums is None:
        return dict.fromkeys(channels, 1.0)
    each = len(sums) // len(before) if len(sums) > len(before) else 1
    joined = sums.reshape(-1, each).sum(axis=1)
    numbers = range(len(joined)) if each > 1 else channels
    largest = float(np.abs(joined).max()) or 1.0
    return {number: float(total) / largest for number, total in zip(numbers, joined, strict=True)}
