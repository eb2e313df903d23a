"""What all stages share, and a chain of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.errors import stop_if
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry
from kernels.recipe.options import Options
from kernels.recipe.regions import Array, Region, Shape, as_float, channels_of, like_maps

if TYPE_CHECKING:
    from kernels.recipe.course import Moments

#: Numbers that are computed at once.
_STRIP = 1 << 18
#: Parts that are listed at once.
_LISTED = 1 << 12


class Circumstances(msgspec.Struct, frozen=True):
    """What a run knows besides the maps."""

    white: float = 1.0
    """The level of the picture that stands for white."""
    cancelled: Callable[[], bool] | None = None

    def pause(self) -> None:
        """Stop here if the caller asked for it."""
        stop_if(self.cancelled)


class Taps(msgspec.Struct, frozen=True, eq=False):
    """How one number of a stage's output comes from its input."""

    windows: Geometry
    channels: tuple[int, ...]
    """The channels of the input that are looked at."""
    weights: npt.NDArray[np.float64] | None = None
    """(kh, kw, channels); None if the number is no weighted sum."""
    divisor: float = 1.0
    offset: float = 0.0
    border: Border = Border.CONSTANT
    border_value: float = 0.0
    numbers: tuple[tuple[str, float], ...] = ()
    """What else the number is made with, by name: a slope, a mean; see `StageTrace.numbers`."""


class Stage:
    """One stage of a recipe: it tells what it makes of a shape, which pixels it needs, and computes.

    The class stands as it is for stages that compute each pixel from the pixel at its place alone.

    Parameters
    ----------
    place : str
        Where it stands: ``stages[2]``.
    options : Options
        Its options; `finish` is called by whoever makes it.
    """

    name: ClassVar[str]

    def __init__(self, place: str, options: Options) -> None:
        self.place = place

    @property
    def label(self) -> str:
        """Place and name: ``stages[2].max-pool``."""
        return f"{self.place}.{self.name}"

    @property
    def needs_whole(self) -> bool:
        """Whether a pixel of the output may depend on every pixel of the input."""
        return False

    def measured(self, found: Mapping[str, Moments]) -> Stage:
        """Return the stage with what was measured for it, by its place, or for those inside it."""
        return self

    @property
    def uses_white(self) -> bool:
        """Whether the white level of the picture makes a difference."""
        return False

    @property
    def chains(self) -> tuple[Chain, ...]:
        """The rows of stages inside this one; all of them begin with its input."""
        return ()

    def refuse(self, why: str) -> NoReturn:
        """Raise the error for an input that the stage cannot take."""
        raise ValueError(f"{self.label}: {why}")

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output; ValueError that names the place if the stage cannot take the input."""
        return shape

    def needed(self, shape: Shape, wanted: Region) -> Region:
        """Return the region of the input that a region of the output depends on."""
        return wanted

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        """Compute a region of the output.

        Parameters
        ----------
        maps : ndarray, shape (h, w) or (h, w, F)
            The region `at` of the input, which holds what is `needed`.
        shape : tuple of int
            Of the whole input.
        """

        def fill(part: Region, into: Array) -> None:
            self.apply(as_float(part.cut(maps, at)), into)

        result = like_maps(maps, (*wanted.shape, *self.output_shape(shape)[2:]))
        return by_rows(result, wanted, channels_of(maps.shape), run, fill)

    def apply(self, maps: Array, into: Array) -> None:
        """Compute pixel by pixel; `maps` is not modified."""
        raise NotImplementedError

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        """Say where one number of the output comes from; None for stages that hold others.

        `maps` is the region of the input that the number needs.
        """
        return Taps(single_pixels(shape), (channel,))

    def checked_per_channel(self, name: str, values: npt.NDArray[np.float64] | None, shape: Shape) -> None:
        """Refuse a list of numbers that is not one for each channel."""
        if values is not None and values.ndim == 1 and len(values) != channels_of(shape):
            raise ValueError(
                f"{self.label}.{name} has {len(values)} numbers, but there are {channels_of(shape)} channels; "
                f"it must be one number, or a list of {channels_of(shape)}."
            )


class Chain:
    """Stages, one after the other; none at all pass the input on."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = tuple(stages)
        self._shapes: dict[Shape, list[Shape]] = {}

    @property
    def needs_whole(self) -> bool:
        return any(stage.needs_whole for stage in self.stages)

    def __iter__(self) -> Iterator[Stage]:
        return iter(self.stages)

    def all_stages(self) -> Iterator[Stage]:
        """All stages, those inside others too, in the order in which they are written."""
        for stage in self.stages:
            yield stage
            for chain in stage.chains:
                yield from chain.all_stages()

    def first_measuring(self, before: Sequence[Stage] = ()) -> tuple[Chain, Stage] | None:
        """Return the first stage that has to measure its whole input, and all stages that make this input."""
        passed = list(before)
        for stage in self.stages:
            for inner in stage.chains:
                found = inner.first_measuring(passed)
                if found is not None:
                    return found
            if stage.needs_whole:
                return Chain(passed), stage
            passed.append(stage)
        return None

    def measured(self, found: Mapping[str, Moments]) -> Chain:
        """Return the stages with what was measured for them."""
        return Chain([stage.measured(found) for stage in self.stages])

    def shapes(self, shape: Shape) -> list[Shape]:
        """Return the shape before the first stage and after each one."""
        if shape not in self._shapes:  # asked for with every strip
            found = [shape]
            for stage in self.stages:
                found.append(stage.output_shape(found[-1]))
            self._shapes[shape] = found
        return self._shapes[shape]

    def regions(self, shapes: Sequence[Shape], wanted: Region) -> list[Region]:
        """Return the region before the first stage and after each one that a region at the end depends on."""
        found = [wanted]
        for stage, shape in zip(reversed(self.stages), reversed(shapes[:-1]), strict=True):
            found.append(stage.needed(shape, found[-1]))
        return found[::-1]

    def needed(self, shape: Shape, wanted: Region) -> Region:
        """Return the region of the input that a region of the output depends on."""
        return self.regions(self.shapes(shape), wanted)[0]

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        """Compute a region of the output from the region `at` of the input."""
        shapes = self.shapes(shape)
        regions = self.regions(shapes, wanted)
        if not self.stages:
            return as_float(wanted.cut(maps, at))
        for index, stage in enumerate(self.stages):
            maps = stage.compute(maps, at, shapes[index], regions[index + 1], run)
            at = regions[index + 1]
        return maps

    def all_values(self, shape: Shape) -> int:
        """Return how many numbers all stages give, those inside others too."""
        shapes = self.shapes(shape)
        inner = (chain.all_values(shapes[index]) for index, stage in enumerate(self.stages) for chain in stage.chains)
        return sum(math.prod(each) for each in shapes[1:]) + sum(inner)

    def values(self, shape: Shape, wanted: Region) -> int:
        """Return how many numbers the stages hold at most for a region of the output, whatever is inside them too."""
        shapes = self.shapes(shape)
        regions = self.regions(shapes, wanted)
        total = 0
        for index, stage in enumerate(self.stages):
            total += math.prod(regions[index + 1].shape) * channels_of(shapes[index + 1])
            total += sum(chain.values(shapes[index], regions[index + 1]) for chain in stage.chains)
        return total


def single_pixels(shape: Shape) -> Geometry:
    """Return windows of one pixel at every pixel."""
    return geometry(shape, (1, 1), SlidingOptions(padding=0))


def by_rows(
    result: Array, wanted: Region, work: int, run: Circumstances, fill: Callable[[Region, Array], None]
) -> Array:
    """Fill a region some rows at a time, or parts of rows, in all threads, stopping when asked to.

    Parameters
    ----------
    result : ndarray
        The region `wanted`, to be filled; it is returned.
    work : int
        Numbers that are looked at for a pixel.
    fill : callable
        ``fill(part, into)`` fills a part of the region.
    """
    count, part = split(wanted, max(1, _STRIP // work))

    def strip(number: int, stop: int, scratch: Scratch) -> None:
        with np.errstate(all="ignore"):
            fill(part(number), part(number).cut(result, wanted))

    for start in range(0, count, _LISTED):
        numbers = range(start, min(start + _LISTED, count))
        compute_strips([(number, number + 1) for number in numbers], strip, cancelled=run.cancelled)
    return result


def split(wanted: Region, pixels: int) -> tuple[int, Callable[[int], Region]]:
    """Split a region into parts of about so many pixels, whole rows if they allow that: how many, and each of them."""
    across = min(wanted.shape[1], pixels)
    down = max(1, pixels // wanted.shape[1])
    columns = -(-wanted.shape[1] // across)

    def part(number: int) -> Region:
        top, left = wanted.top + number // columns * down, wanted.left + number % columns * across
        return Region(top, min(top + down, wanted.bottom), left, min(left + across, wanted.right))

    return -(-wanted.shape[0] // down) * columns, part


def copied(maps: Array, into: Array, run: Circumstances) -> None:
    """Copy maps (H, W, F) into others some rows at a time, in all threads, stopping when asked to."""

    def strip(top: int, bottom: int, scratch: Scratch) -> None:
        into[top:bottom] = maps[top:bottom]

    rows = max(1, _STRIP // (maps.shape[1] * maps.shape[2]))
    tops = range(0, len(maps), rows)
    compute_strips([(top, min(top + rows, len(maps))) for top in tops], strip, cancelled=run.cancelled)


def in_double_if_needed(compute: Callable[[Array], Array], maps: Array) -> Array:
    """Compute in the maps' own dtype, and once more in float64 if an intermediate sum may have left its range."""
    with np.errstate(all="ignore"):
        result = compute(maps)
        if maps.dtype != np.float64 and not np.isfinite(result).all():
            result = compute(maps.astype(np.float64)).astype(maps.dtype)
    return result


def numbers_of(values: npt.NDArray[np.float64], channel: int) -> float:
    """Return the number for a channel, from one for all or one for each."""
    return float(values if values.ndim == 0 else values[channel])


Reader = Callable[[str, Any], Chain]
"""Reads a row of stages at a place."""
