"""One number of a stage taken apart: which numbers of its input, which weights, and what they depend on."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.arguments import pair_inside, whole_number
from kernels.errors import quoted
from kernels.filtering.geometry import Pair
from kernels.filtering.provenance import window_at
from kernels.recipe.connections import Connection
from kernels.recipe.regions import Array, Region, Shape, channels_of, planes_of
from kernels.recipe.stage import Chain, Circumstances, Stage, Taps, single_pixels

FloatArray = npt.NDArray[np.float64]
Window = tuple[FloatArray, npt.NDArray[np.int64], npt.NDArray[np.bool_]]
"""The numbers under the taps, where each was read, and which taps lie outside; see `window_at`."""


class Part(msgspec.Struct, frozen=True):
    """A number of a row inside a stage, which is added to the others, or is the number itself if there is only one."""

    place: str
    """The last stage of the row; the row's own place if it has none, and then the number is one of the input."""
    channel: int
    value: float


class StageTrace(msgspec.Struct, frozen=True, eq=False):
    """How one number that a stage gives came about; the arrays are read-only."""

    place: str
    """Where the stage stands: ``stages[2]``."""
    stage: str
    """Its name: ``max-pool``."""
    position: Pair
    """The pixel (i, j) of its output."""
    channel: int
    """The channel of its output, 0 where there is only one."""
    channels: tuple[int, ...]
    """The channels of its input that are looked at."""
    window: FloatArray
    """The numbers of its input under the taps, virtual ones too, (kh, kw, channels)."""
    weights: FloatArray | None
    """What they are multiplied by, as applied, shaped like `window`; None if the number is no weighted sum."""
    products: FloatArray | None
    """``window * weights``."""
    channel_sums: FloatArray | None
    """The products of each channel added up, (channels,)."""
    sum: float | None
    """All products added up in float64."""
    divisor: float
    offset: float
    """Added at the end: a kernel's offset, a layer's bias."""
    value: float
    """The number itself; ``sum / divisor + offset`` to a rounding, where there is a sum."""
    origins: npt.NDArray[np.int64]
    """The pixel (y, x) of its input that each tap reads, (kh, kw, 2); (-1, -1) for a constant border."""
    outside: npt.NDArray[np.bool_]
    """Which taps, (kh, kw), lie outside its input."""
    numbers: tuple[tuple[str, float], ...]
    """What else the number is made with, by name.

    ``slope`` of a leaky ReLU. ``mean``, ``variance``, ``epsilon``, ``gamma`` and ``beta`` of a batch normalisation,
    those of the channel. ``level`` (the pixel on the scale to 255, as luma where the network sees grey), ``mean`` and
    ``deviation`` of a preprocessing. ``magnitude``, ``ahead`` and ``behind`` of a thinning: the magnitude at the pixel
    and, interpolated, one step up the slope and one step down.
    """
    parts: tuple[Part, ...]
    """For a stage that holds rows of stages: the numbers of these rows that make it up."""
    fields: tuple[tuple[str, Region], ...]
    """What the number depends on: ("image", region of the picture), then (place, region) of every stage before it."""


def explain(
    chain: Chain, pixels: Array, place: int | str, position: Pair, channel: int | None, run: Circumstances
) -> StageTrace:
    """Take one number apart; see `kernels.Recipe.trace`."""
    before, stage = _find(chain, place)
    shapes = before.shapes(pixels.shape)
    shape = shapes[-1]
    output = stage.output_shape(shape)
    i, j = pair_inside("position", position, "(i, j)", output, "the output")
    number = _channel(channel, output)
    wanted = Region(i, i + 1, j, j + 1)
    region = stage.needed(shape, wanted)
    regions = before.regions(shapes, region)
    if before.stages:
        maps = before.compute(regions[0].cut(pixels, Region.whole(pixels.shape)), regions[0], pixels.shape, region, run)
    else:
        maps = region.cut(pixels, Region.whole(pixels.shape))
    value = float(planes_of(stage.compute(maps, region, shape, wanted, run))[0, 0, number])
    places = ["image", *(each.place for each in before)]
    fields = tuple(zip(places, regions, strict=True))
    taps = stage.taps(shape, (i, j), number, maps, run)
    if taps is None:
        window, taps = _everything(maps, region), Taps(single_pixels(shape), tuple(range(channels_of(shape))))
    else:
        seen, corner = planes_of(maps)[:, :, list(taps.channels)], (region.top, region.left)
        window = window_at(seen, taps.windows, (i, j), taps.border, taps.border_value, corner)
    parts = _parts(stage, maps, region, shape, wanted, number, run)
    return traced(taps, window, stage.place, stage.name, (i, j), number, value, fields, parts)


def traced(
    taps: Taps,
    window: Window,
    place: str,
    stage: str,
    position: Pair,
    channel: int,
    value: float,
    fields: tuple[tuple[str, Region], ...],
    parts: tuple[Part, ...] = (),
) -> StageTrace:
    """Return the trace of a number that `taps` make of a window; the other arguments are the trace's own."""
    read, origins, outside = window
    weights = products = sums = None
    total = None
    if taps.weights is not None:
        weights = np.ascontiguousarray(taps.weights)
        with np.errstate(all="ignore"):
            products = read * weights
            sums = products.sum(axis=(0, 1))
            total = float(sums.sum())
    for array in (read, weights, products, sums, origins, outside):
        if array is not None:
            array.setflags(write=False)
    return StageTrace(
        place=place,
        stage=stage,
        position=position,
        channel=channel,
        channels=taps.channels,
        window=read,
        weights=weights,
        products=products,
        channel_sums=sums,
        sum=total,
        divisor=taps.divisor,
        offset=taps.offset,
        value=value,
        origins=origins,
        outside=outside,
        numbers=taps.numbers,
        parts=parts,
        fields=fields,
    )


def stage_number(argument: str, value: object, chain: Chain) -> int:
    """Return the number of a stage of a recipe, or say what is wrong with it."""
    number = whole_number(argument, value, 0)
    if number >= len(chain.stages):
        raise ValueError(
            f"{argument} is {number}, but must be less than {len(chain.stages)}, the stages of the recipe."
        )
    return number


def _find(chain: Chain, place: int | str) -> tuple[Chain, Stage]:
    """Return a stage, and the stages that lead to it from the picture on."""
    if isinstance(place, str):
        found = _search(chain, place, ())
        if found is None:
            known = ", ".join(stage.place for stage in chain.all_stages()) or "none"
            raise ValueError(f"place is {quoted(place)}, but must be a stage of the recipe: {known}.")
        return found
    number = stage_number("place", place, chain)
    return Chain(chain.stages[:number]), chain.stages[number]


def _search(chain: Chain, place: str, before: tuple[Stage, ...]) -> tuple[Chain, Stage] | None:
    for index, stage in enumerate(chain):
        lead = (*before, *chain.stages[:index])
        if place in (stage.place, stage.label):
            return Chain(lead), stage
        for inner in stage.chains:
            if (found := _search(inner, place, lead)) is not None:
                return found
    return None


def _channel(channel: int | None, output: Shape) -> int:
    count = channels_of(output)
    if channel is None:
        if count > 1:
            raise ValueError(f"channel is None, but must be 0 to {count - 1}; the stage gives {count} channels.")
        return 0
    number = whole_number("channel", channel, 0)
    if number >= count:
        raise ValueError(f"channel is {number}, but must be less than {count}, the channels that the stage gives.")
    return number


def _everything(maps: Array, region: Region) -> Window:
    """Return a region as a window."""
    rows, columns = np.arange(region.top, region.bottom), np.arange(region.left, region.right)
    origins = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).astype(np.int64)
    return planes_of(maps).astype(np.float64), origins, np.zeros(region.shape, dtype=bool)


def _parts(
    stage: Stage, maps: Array, region: Region, shape: Shape, wanted: Region, channel: int, run: Circumstances
) -> tuple[Part, ...]:
    if not isinstance(stage, Connection):
        return ()
    found = []
    for row, own in stage.parts(shape, channel):
        chain = stage.chains[row]
        value = float(planes_of(chain.compute(maps, region, shape, wanted, run))[0, 0, own])
        where = chain.stages[-1].place if chain.stages else stage.label
        found.append(Part(where, own, value))
    return tuple(found)
