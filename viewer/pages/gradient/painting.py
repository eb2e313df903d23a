"""How a gradient becomes pictures: scale, colours, size, and where it lies. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.gradients import direction_colours
from kernels.gradients.computation import Gradient
from kernels.gradients.scale import Scale, Thresholds
from viewer.document import GradientOptions
from viewer.painting import DIVERGING, Bytes, Look, Painted, Patch, Region, halve, paint

COMPONENTS = ("gx", "gy", "magnitude")
DERIVED = (*COMPONENTS, "direction")

Array = NDArray[Any]


class PaintedDirections(Painted, frozen=True, eq=False, dict=True):
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


def paint_directions(gradient: Gradient, parts: Sequence[Painted], look: Look) -> Painted:
    """The directions ready to paint, from Gx, Gy and the magnitude as these are painted."""
    small, shown = tuple(each.small for each in parts), [each.shown for each in parts if each.shown is not None]
    is_ready = len(shown) == len(parts) and len({each.shape for each in shown}) == 1
    values: Any = gradient.directions
    made = PaintedDirections(
        values, look, small[0], on_screen=_direction_image(shown, look) if is_ready else None, parts=small
    )
    if not is_ready:
        made.image  # noqa: B018  # made here rather than in the GUI thread
    return made


def whole_image(gradient: Gradient, name: str, look: Look) -> Bytes:
    """A pane with one pixel a pixel, for a file."""
    if name == "direction":
        return _direction_image(gradient.components, look)
    return paint(getattr(gradient, name), look, halved=0).image


def direction_patch(gradient: Gradient, look: Look, region: Region) -> Patch:
    """Part of the directions with more pixels."""
    where = np.s_[slice(*region.rows), slice(*region.columns)]
    parts = tuple(halve(each[where], None, region.halvings)[0] for each in gradient.components)
    return Patch(_direction_image(parts, look), region.rows, region.columns)


def _direction_image(parts: Sequence[Array], look: Look) -> Bytes:
    assert look.levels is not None
    return direction_colours.render_vectors(parts, look.colour_map, look.levels[1])


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
