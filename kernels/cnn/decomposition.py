"""A learned filter as a spatial pattern times a colour direction, and what such a direction is called."""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

GREY_ANGLE = 30.0
"""Degrees from the grey axis up to which a colour direction counts as grey."""

# Where each name ends, in degrees of hue: 0 = red, 120 = green, 240 = blue.
_HUES = (
    (15.0, "red"),
    (40.0, "orange"),
    (75.0, "yellow"),
    (165.0, "green"),
    (195.0, "cyan"),
    (262.0, "blue"),
    (290.0, "purple"),
    (345.0, "pink"),
    (360.0, "red"),
)


class Split(msgspec.Struct, frozen=True, eq=False):
    """A filter's strongest part that is one pattern times one colour.

    Attributes
    ----------
    pattern : (kh, kw) read-only float64 array
        The spatial pattern; carries the weights' scale.
    colour : (C,) read-only float64 array
        The colour direction, of norm 1; its component of largest magnitude is positive.
    share : float
        How much of the filter's energy, the sum of squared weights, ``pattern[..., None] * colour`` holds; 0 to 1.
    colourfulness : float
        How much of the whole filter's energy is in differences between channels, not in what they have in common; 0
        to 1. 0 for anything but three channels.
    """

    pattern: FloatArray
    colour: FloatArray
    share: float
    colourfulness: float


def split(filters: ArrayLike) -> tuple[Split, ...]:
    """Split filters by a singular value decomposition over their channels.

    Every filter, as a matrix of kh·kw positions by C channels, is a sum of products of a pattern and a colour; the
    one with the largest singular value is nearest to the filter.

    Parameters
    ----------
    filters : (F, kh, kw, C) array

    Returns
    -------
    tuple of Split
        A filter of zeros has a pattern of zeros, a share of 0 and the colour that all channels have alike.

    References
    ----------
    C. Eckart, G. Young, 1936, The approximation of one matrix by another of lower rank.
    """
    weights = np.asarray(filters, np.float64)
    if weights.ndim != 4 or 0 in weights.shape:
        raise ValueError(f"filters must have the shape (F, kh, kw, C) with nothing empty, but have {weights.shape}")
    if not np.isfinite(weights).all():
        raise ValueError("filters must be finite, but some weight is not")
    return tuple(_split_one(one) for one in weights)


def _split_one(weights: FloatArray) -> Split:
    channels = weights.shape[2]
    matrix = weights.reshape(-1, channels)
    largest = float(np.abs(matrix).max())
    if largest == 0.0:
        return _frozen(np.zeros(weights.shape[:2]), np.full(channels, channels**-0.5), 0.0, 0.0)
    matrix = matrix / largest
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    colour = right[0]
    sign = 1.0 if colour[np.abs(colour).argmax()] > 0 else -1.0
    pattern = (sign * values[0] * largest) * left[:, 0].reshape(weights.shape[:2])
    energy = float((values**2).sum())
    common = float((matrix.sum(axis=1) ** 2).sum()) / channels
    colourfulness = max(0.0, 1.0 - common / energy) if channels == 3 else 0.0
    return _frozen(pattern, sign * colour, float(values[0] ** 2) / energy, colourfulness)


def _frozen(pattern: FloatArray, colour: FloatArray, share: float, colourfulness: float) -> Split:
    for array in (pattern, colour):
        array.setflags(write=False)
    return Split(pattern, colour, share, colourfulness)


def grey_angle(colour: ArrayLike) -> float:
    """Return the angle between a colour direction and the grey axis in degrees: 0 = grey, 90 = nothing but colour."""
    direction = np.asarray(colour, np.float64)
    common = abs(float(direction.sum())) / math.sqrt(direction.size)
    chroma = float(np.linalg.norm(direction - direction.mean()))
    return math.degrees(math.atan2(chroma, common))


def hue(colour: ArrayLike) -> float:
    """Return the hue of what a direction in RGB adds to grey, in degrees from 0 to 360: 0 = red, 120 = green."""
    red, green, blue = (float(part) for part in np.asarray(colour, np.float64))
    return math.degrees(math.atan2(math.sqrt(3.0) / 2 * (green - blue), red - (green + blue) / 2)) % 360.0


def colour_name(colour: ArrayLike) -> str:
    """Name a direction in RGB: "red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink" or "grey"."""
    return "grey" if grey_angle(colour) <= GREY_ANGLE else _hue_name(hue(colour))


def colour_axis(colour: ArrayLike) -> str:
    """Name a direction in RGB by both of its ends, such as "blue − yellow"; "grey" near the grey axis."""
    if grey_angle(colour) <= GREY_ANGLE:
        return "grey"
    angle = hue(colour)
    return f"{_hue_name(angle)} − {_hue_name((angle + 180.0) % 360.0)}"


def _hue_name(angle: float) -> str:
    return next(name for end, name in _HUES if angle <= end)
