"""How a gradient becomes pictures: scale, colours, size, and where it lies. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.gradients import direction_colours
from kernels.gradients.computation import Gradient
from kernels.gradients.scale import Scale, Thresholds
from kernels.pictures import display
from viewer.painting import DIVERGING, Bytes, Look, Painted, Patch, Region, fewer_pixels, halve, halvings, screen_size
from viewer.state import GradientOptions, Sight

COMPONENTS = ("gx", "gy", "magnitude")
DERIVED = (*COMPONENTS, "direction")

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class PaintedDirections(Painted):
    """Directions as colours, brighter where the magnitude is larger; of many pixels the vectors are averaged.

    `parts` are Gx, Gy and the magnitude as they are painted.
    """

    parts: tuple[Array, ...] = ()

    @cached_property
    def image(self) -> Bytes:
        """uint8, (h, w, 3); made when it is first asked for."""
        return _direction_image(self.parts, self.look)


def look_of(name: str, scale: Scale, colours: str) -> Look:
    """How a pane is painted."""
    if name in ("gx", "gy"):
        return Look("signed", DIVERGING, (-scale.signed, scale.signed))
    return Look("clip", colours if name == "direction" else "grey", (0.0, scale.white))


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Gx, Gy or the magnitude as it is painted, and with as many pixels as the screen shows, where these are fewer."""

    small: Array
    shown: Array | None


def part_of(gradient: Gradient, name: str, sight: Sight | None, *, halved: int | None = None) -> Part:
    """What is painted of Gx, Gy or the magnitude; every pixel with `halved` of 0."""
    values: Array = getattr(gradient, name)
    small = halve(values, None, halvings(values.shape) if halved is None else halved)[0]
    size = screen_size(sight, gradient.area)
    if size is None or size == small.shape or any(a > b for a, b in zip(size, small.shape, strict=True)):
        return Part(small, None)
    return Part(small, fewer_pixels(small, *size))


def painted_pane(gradient: Gradient, name: str, look: Look, parts: Sequence[Part]) -> Painted:
    """A pane ready to paint; the direction takes all three parts, the others their own."""
    shown = [each.shown for each in parts if each.shown is not None]
    if name == "direction":
        small = tuple(each.small for each in parts)
        on_screen = _direction_image(shown, look) if shown else None
        values: Any = gradient.directions
        made: Painted = PaintedDirections(values, look, small[0], None, on_screen, parts=small)
    else:
        on_screen = display.render(shown[0], _levels(look), look.mode, look.colour_map) if shown else None
        made = Painted(getattr(gradient, name), look, parts[0].small, None, on_screen)
    if on_screen is None:
        made.image  # noqa: B018  # made here rather than in the GUI thread
    return made


def whole_image(gradient: Gradient, name: str, look: Look) -> Bytes:
    """A pane with one pixel a pixel, for a file."""
    parts = [part_of(gradient, each, None, halved=0) for each in (COMPONENTS if name == "direction" else (name,))]
    return painted_pane(gradient, name, look, parts).image


def direction_patch(gradient: Gradient, look: Look, region: Region) -> Patch:
    """Part of the directions with more pixels."""
    where = np.s_[slice(*region.rows), slice(*region.columns)]
    parts = tuple(halve(each[where], None, region.halvings)[0] for each in gradient.components)
    return Patch(_direction_image(parts, look), region.rows, region.columns)


def _levels(look: Look) -> tuple[float, float]:
    assert look.levels is not None
    return look.levels


def _direction_image(parts: Sequence[Array], look: Look) -> Bytes:
    return direction_colours.render_vectors(parts, look.colour_map, _levels(look)[1])


def sector_colours(sectors: NDArray[np.float64], colours: str) -> Bytes:
    """The full colour of each direction, (n, 3)."""
    painted: Bytes = direction_colours.render_direction(sectors[np.newaxis, :], None, colours)[0]
    return painted


def thresholds_of(options: GradientOptions, chosen: Thresholds) -> Thresholds:
    """Both thresholds, a chosen one giving way to one that the user set."""
    low, high = options.low, options.high
    if low is None:
        return chosen if high is None else (min(chosen[0], high), high)
    return low, max(low, chosen[1] if high is None else high)
