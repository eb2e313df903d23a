"""Directions as colours: a wheel of hues that magnitude brightens, or a cyclic map for every colour vision."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.errors import unknown_name
from kernels.gradients.result import direction_of
from kernels.opencv import cv2
from kernels.pictures.colour_maps import NON_FINITE
from kernels.pictures.colour_maps import table as colour_table
from kernels.pictures.summary import finite_range

Array = npt.NDArray[Any]
Colours = npt.NDArray[np.uint8]

TITLES = {"hue": "Hue", "twilight": "Twilight"}
"""``hue``: red is right, yellow-green down, cyan left, violet up; the fainter, the darker.
``twilight`` (B. Sunagawa, 2018): dark is right, red down, light left, blue up, so that lightness and blue against red
tell every direction to any eye; the fainter, the greyer."""

UNDEFINED = (0x60, 0x60, 0x60)
"""The grey where there is no direction; it stands at full magnitude in none of the maps."""

NOT_FINITE = {"hue": (0xFF, 0xFF, 0xFF), "twilight": NON_FINITE}
"""The colour where the magnitude is not finite. The magenta that marks it elsewhere is one of the hues."""

_ENTRIES = 1536
_GROUND = {"hue": (0x00, 0x00, 0x00), "twilight": UNDEFINED}
_GROWTH = {"hue": 1.0, "twilight": 0.5}
"""Most edges are faint; on grey they need their colour early, on black they are told by it anyway."""
_STRIP = 1 << 18


@cache
def table(colours: str) -> Colours:
    """Return the colours of full magnitude for directions from -180°, read-only, (1536, 3) RGB.

    Entry i stands for the directions from ``-180 + 360 (i - 1/2) / 1536`` to ``-180 + 360 (i + 1/2) / 1536``.

    Raises
    ------
    ValueError
        An unknown name.
    """
    if colours not in TITLES:
        raise unknown_name("colours", colours, TITLES)
    found: Colours
    if colours == "hue":
        # Every primary is full for 120° around its own hue and falls to nothing over 60° on both sides.
        hue = (np.arange(_ENTRIES) / _ENTRIES * 6.0 + 3.0) % 6.0
        away = np.abs((hue[:, None] - np.array([0.0, 2.0, 4.0]) + 3.0) % 6.0 - 3.0)
        found = np.rint(np.clip(2.0 - away, 0.0, 1.0) * 255.0).astype(np.uint8)
    else:
        cyclic = colour_table(colours).astype(np.float64)
        known, at = np.arange(256), np.arange(_ENTRIES) / _ENTRIES * 256
        channels = [np.interp(at, known, channel, period=256) for channel in cyclic.T]
        found = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    found.flags.writeable = False
    return found


def render_direction(
    direction: Array, magnitude: Array | None = None, colours: str = "hue", top: float | None = None
) -> Colours:
    """Paint directions.

    Parameters
    ----------
    direction : ndarray, shape (H, W)
        Degrees, 0 right, 90 down; NaN where there is none.
    magnitude : ndarray, shape (H, W), optional
        The stronger, the more colour. Without it every direction has its full colour.
    colours : {"hue", "twilight"}
        See `TITLES`.
    top : float, optional
        The magnitude of full colour, by default the largest one.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB. Undefined directions of magnitude 0 are `UNDEFINED`, pixels whose magnitude is not finite `NOT_FINITE`.

    Raises
    ------
    ValueError
        An unknown name, arrays of different shapes, or a top that is not positive.
    """
    full = table(colours)
    if direction.ndim != 2 or (magnitude is not None and magnitude.shape != direction.shape):
        shapes = direction.shape, None if magnitude is None else magnitude.shape
        raise ValueError(f"direction and magnitude have the shapes {shapes}, but must both be (height, width).")
    if top is None:
        extremes = None if magnitude is None else finite_range(magnitude)
        top = extremes[1] if extremes is not None and extremes[1] > 0 else 1.0
    if not (np.isfinite(top) and top > 0):
        raise ValueError(f"top is {top!r}, but must be a positive number.")
    out = np.empty((*direction.shape, 3), np.uint8)
    rows = max(1, _STRIP // direction.shape[1])
    for start in range(0, direction.shape[0], rows):
        strip = slice(start, start + rows)
        out[strip] = _painted(direction[strip], None if magnitude is None else magnitude[strip], full, colours, top)
    return out


def render_vectors(parts: Sequence[Array], colours: str, top: float) -> Colours:
    """Paint vectors, Gx, Gy and magnitude, each (H, W), as `render_direction` does; a magnitude of 0 has none."""
    gx, gy, magnitude = parts
    angle = np.empty_like(magnitude)
    direction_of(gx, gy, magnitude, angle)
    return render_direction(angle, magnitude, colours, top)


def wheel(side: int, colours: str = "hue") -> Colours:
    """Return the legend: every direction where it points, the magnitude growing from the middle to the rim.

    Parameters
    ----------
    side : int
        Rows and columns, at least 2.
    colours : {"hue", "twilight"}

    Returns
    -------
    ndarray of uint8, shape (side, side, 4)
        RGBA; transparent outside the disc that touches the edges, its rim smoothed.

    Raises
    ------
    ValueError
        An unknown name, or a side of less than 2.
    """
    if side < 2:
        raise ValueError(f"side is {side}, but must be at least 2.")
    axis = np.arange(side) - (side - 1) / 2
    radius = np.hypot(axis[:, None], axis[None, :])
    angle = np.degrees(np.arctan2(axis[:, None], axis[None, :]))
    disc = np.empty((side, side, 4), np.uint8)
    disc[:, :, :3] = render_direction(angle, np.minimum(radius / (side / 2), 1.0), colours, 1.0)
    disc[:, :, 3] = np.rint(np.clip(side / 2 - radius, 0.0, 1.0) * 255.0)
    return disc


def _painted(direction: Array, magnitude: Array | None, full: Colours, colours: str, top: float) -> Colours:
    """Paint a strip."""
    has_direction = np.isfinite(direction)
    position = np.where(has_direction, direction, 0.0)
    position += 180.0
    position *= _ENTRIES / 360.0
    index = np.rint(position, out=position).astype(np.intp)
    if magnitude is None:
        strip = np.take(full, index, axis=0, mode="wrap")
    else:
        is_finite = np.isfinite(magnitude)
        share = np.where(is_finite, magnitude, 0.0).astype(np.float32)
        share /= np.float32(top)
        np.clip(share, 0.0, 1.0, out=share)
        if _GROWTH[colours] != 1.0:
            share **= np.float32(_GROWTH[colours])
        planes = []
        for channel, ground in enumerate(_GROUND[colours]):
            plane = np.take(full[:, channel].astype(np.float32) - ground, index, mode="wrap")
            plane *= share
            plane += ground
            planes.append(np.rint(plane, out=plane).astype(np.uint8))
        strip = np.asarray(cv2.merge(planes))
    strip[~has_direction] = UNDEFINED
    if magnitude is not None:
        strip[~is_finite] = NOT_FINITE[colours]
    return strip
