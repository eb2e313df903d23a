"""How a gradient becomes pictures: scale, colours, size, and where it lies. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.gradients import direction_colours
from kernels.gradients.computation import Gradient
from kernels.pictures import display
from kernels.pictures.reduction import reduced
from viewer.painting import DIVERGING, Bytes, Look, halvings
from viewer.state import GradientOptions, Sight

DERIVED = ("gx", "gy", "magnitude", "direction")
BRIGHT_SHARE = 99.0
"""Per cent of the non-zero magnitudes that lie below white; the few beyond it are painted white too."""
HIGH_SHARE, LOW_PART = 94.0, 0.4
"""The chosen thresholds: `high` is that percentile of the non-zero magnitudes, `low` that part of it."""
SAMPLE = 1 << 16

Array = NDArray[Any]
Thresholds = tuple[float, float]


@dataclass(frozen=True, eq=False, slots=True)
class Scale:
    """What painting and thresholds need to know of a gradient, from a sample of it.

    Gx and Gy are painted from minus to plus `signed`, the magnitude from 0 to `white`; `chosen` are the low and the high
    threshold that suit the picture.
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
    sizes = _positive(size, gradient.tolerance)
    if sizes.size == 0 and step > 1:  # a little may have been missed
        gx, gy, size = components(gradient)
        sizes = _positive(size, gradient.tolerance)
    if sizes.size == 0:
        return Scale(1.0, 1.0, (0.0, 0.0))
    white, high = (float(each) for each in np.percentile(sizes, (BRIGHT_SHARE, HIGH_SHARE)))
    parts = [_positive(np.abs(each), gradient.tolerance) for each in (gx, gy)]
    signed = max((float(np.percentile(each, BRIGHT_SHARE)) for each in parts if each.size), default=white)
    high = min(rounded(high), float(sizes.max()))
    return Scale(signed, white, (min(rounded(LOW_PART * high), high), high))


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


def halvings_in_sight(sight: Sight | None, shape: tuple[int, ...]) -> int:
    """How often the whole is halved to be painted: as the screen shows it, and at least as large pictures are."""
    return max(halvings(shape), 0 if sight is None else min(sight.halvings, 12))


def smaller(array: Array, halved: int) -> Array:
    """`array` with half the rows and columns, and half of these, and so on."""
    return array if halved == 0 else reduced(array, *(-(-side // 2**halved) for side in array.shape))


def look_of(name: str, scale: Scale, colours: str = "hue") -> Look:
    """How a pane is painted."""
    if name in ("gx", "gy"):
        return Look("signed", DIVERGING, (-scale.signed, scale.signed))
    return Look("clip", colours if name == "direction" else "grey", (0.0, scale.white))


def values_of(gradient: Gradient, name: str) -> Array:
    """The numbers behind a pane; the direction as one that is worked out where it is read."""
    return Directions(gradient) if name == "direction" else getattr(gradient, name)  # type: ignore[return-value]


def image_of(parts: list[Array], look: Look, colours: str) -> Bytes:
    """Paint one array, or the directions of Gx, Gy and magnitude."""
    assert look.levels is not None
    if len(parts) == 1:
        return display.render(parts[0], look.levels, look.mode, look.colour_map)
    # Vectors are averaged, not angles.
    gx, gy, magnitude = parts
    with np.errstate(invalid="ignore"):
        angle = np.degrees(np.arctan2(gy, gx))
        angle[~(magnitude > 0)] = np.nan
    return direction_colours.render_direction(angle, magnitude, colours, look.levels[1])


def whole_image(gradient: Gradient, scale: Scale, name: str, colours: str) -> Bytes:
    """A pane with one pixel a pixel, for a file."""
    parts = list(components(gradient)) if name == "direction" else [getattr(gradient, name)]
    return image_of(parts, look_of(name, scale, colours), colours)


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
