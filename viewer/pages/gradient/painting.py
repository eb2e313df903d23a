"""How a gradient becomes pictures: scale, colours, size, and where it lies. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.gradients import direction_colours
from kernels.gradients.computation import Gradient
from viewer.painting import DIVERGING, Bytes, Look, Painted, Patch, Region, halve, paint
from viewer.state import GradientOptions

COMPONENTS = ("gx", "gy", "magnitude")
DERIVED = (*COMPONENTS, "direction")
BRIGHT_SHARE = 0.99
"""Of the non-zero magnitudes lie below white; the few beyond it are painted white too."""
HIGH_SHARE, LOW_PART = 0.94, 0.4
"""The chosen thresholds: so many of the non-zero magnitudes lie below `high`; `low` is that part of it."""
SAMPLE = 1 << 14

Array = NDArray[Any]
Thresholds = tuple[float, float]


@dataclass(frozen=True, eq=False, slots=True)
class Scale:
    """What painting and thresholds need to know of a gradient, from a sample of it.

    Gx and Gy are painted from minus to plus `signed`, the magnitude from 0 to `white`; `chosen` are the low and the
    high threshold that suit the picture.
    """

    signed: float
    white: float
    chosen: Thresholds


class Directions:
    """The direction in degrees as an array to read from, worked out where it is read: NaN where there is none."""

    def __init__(self, gradient: Gradient) -> None:
        self._gradient = gradient
        self.shape, self.ndim, self.dtype, self.size = gradient.gx.shape, 2, gradient.gx.dtype, gradient.gx.size

    def __getitem__(self, where: Any) -> Any:
        gx, gy, magnitude = (np.asarray(each[where]) for each in components(self._gradient))
        with np.errstate(invalid="ignore"):
            angle = np.degrees(np.arctan2(gy, gx))
            angle = np.where(angle >= 180.0, -180.0, angle) + 0.0
            return np.where(magnitude > 0, angle, np.nan).astype(self.dtype)[()]


def scale_of(gradient: Gradient) -> Scale:
    """The scale of a gradient, from a sample of its values."""
    step = max(1, math.isqrt(max(1, gradient.gx.size // SAMPLE)))
    gx, gy, size = (each[::step, ::step] for each in components(gradient))
    sizes = np.sort(_positive(size, gradient.tolerance))
    if sizes.size == 0 and step > 1:  # a little may have been missed
        gx, gy, size = components(gradient)
        sizes = np.sort(_positive(size, gradient.tolerance))
    if sizes.size == 0:
        return Scale(1.0, 1.0, (0.0, 0.0))
    white, high = _at(sizes, BRIGHT_SHARE), _at(sizes, HIGH_SHARE)
    parts = [np.sort(_positive(np.abs(each), gradient.tolerance)) for each in (gx, gy)]
    signed = max((_at(each, BRIGHT_SHARE) for each in parts if each.size), default=white)
    high = min(rounded(high), float(sizes[-1]))
    return Scale(signed, white, (min(rounded(LOW_PART * high), high), high))


def _at(ascending: Array, share: float) -> float:
    return float(ascending[round(share * (ascending.size - 1))])


def _positive(array: Array, tolerance: float) -> Array:
    kept: Array = array[np.isfinite(array) & (array > tolerance)]
    return kept


def rounded(value: float) -> float:
    """`value` with two significant figures: a threshold that nobody chose should not look precise."""
    return value if value == 0 or not math.isfinite(value) else float(f"{value:.2g}")


def components(gradient: Gradient) -> tuple[Array, Array, Array]:
    """Gx, Gy and magnitude."""
    return gradient.gx, gradient.gy, gradient.magnitude


# -- painting ---------------------------------------------------------------------------------------------------------


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


def paint_directions(gradient: Gradient, parts: Sequence[Painted], look: Look) -> Painted:
    """The directions ready to paint, from Gx, Gy and the magnitude as these are painted."""
    small, shown = tuple(each.small for each in parts), [each.shown for each in parts if each.shown is not None]
    is_ready = len(shown) == len(parts) and len({each.shape for each in shown}) == 1
    values: Any = Directions(gradient)
    made = PaintedDirections(
        values, look, small[0], on_screen=_direction_image(shown, look) if is_ready else None, parts=small
    )
    if not is_ready:
        made.image  # noqa: B018  # made here rather than in the GUI thread
    return made


def whole_image(gradient: Gradient, name: str, look: Look) -> Bytes:
    """A pane with one pixel a pixel, for a file."""
    if name == "direction":
        return _direction_image(components(gradient), look)
    return paint(getattr(gradient, name), look, halved=0).image


def direction_patch(gradient: Gradient, look: Look, region: Region) -> Patch:
    """Part of the directions with more pixels."""
    where = np.s_[slice(*region.rows), slice(*region.columns)]
    parts = tuple(halve(each[where], None, region.halvings)[0] for each in components(gradient))
    return Patch(_direction_image(parts, look), region.rows, region.columns)


def _direction_image(parts: Sequence[Array], look: Look) -> Bytes:
    assert look.levels is not None
    gx, gy, magnitude = parts
    with np.errstate(invalid="ignore"):
        angle = np.degrees(np.arctan2(gy, gx))
        angle[~(magnitude > 0)] = np.nan
    return direction_colours.render_direction(angle, magnitude, look.colour_map, look.levels[1])


def place(gradient: Gradient) -> tuple[float, float, float, float]:
    """Where the gradient lies in the picture: top, left, height, width, in picture pixels.

    Each value is centred on its window's centre, so that Roberts' lie between the pixels.
    """
    windows = gradient.geometry
    (y, x), (high, wide), (rows, columns) = windows.centre(0, 0), windows.stride, windows.output_shape
    return y + 0.5 - high / 2, x + 0.5 - wide / 2, rows * high, columns * wide


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
