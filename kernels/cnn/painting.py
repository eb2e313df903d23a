"""Learned filters as small pictures."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.filtering.spectrum import frequency_response
from kernels.kernel import Kernel
from kernels.pictures.display import render

Array = NDArray[Any]
Painted = NDArray[np.uint8]

DIVERGING = "blue-orange"
SPECTRUM_SIDE = 64
CELL, MANY, LINE_GREY = 4, 64, 0xA0
"""Of a filter on other than one or three channels: pixels across one weight, the number of channels above which it is
one pixel, and the grey of the line between two channels."""


def filter_pictures(filters: Array, *, common_scale: bool) -> list[Painted]:
    """Paint every filter of a layer.

    Parameters
    ----------
    filters : (F, kh, kw, C) array
    common_scale : bool
        Whether the largest weight of all filters, rather than of each one, gets the strongest colour.

    Returns
    -------
    list of (h, w, 3) uint8 arrays
        As `filter_picture` makes them.
    """
    largest = np.abs(filters).max(axis=(1, 2, 3))
    if common_scale:
        largest[:] = largest.max(initial=0)
    return [filter_picture(weights, float(end) or 1.0) for weights, end in zip(filters, largest, strict=True)]


def filter_picture(weights: Array, reach: float | None = None) -> Painted:
    """Paint one filter.

    On three channels a filter is a colour picture in which middle grey stands for 0; on one it is painted from blue
    through near-white, 0, to orange; both a pixel a weight. On more, its channels stand in rows beside each other,
    painted so, in a picture about as wide as high.

    Parameters
    ----------
    weights : (kh, kw, C) or (kh, kw) array
    reach : float, optional
        The weight, with either sign, of the strongest colour; by default the largest.

    Returns
    -------
    (h, w, 3) uint8 array
    """
    held = np.atleast_3d(weights)
    if reach is None:
        reach = float(np.abs(held).max()) or 1.0
    rows, columns, channels = held.shape
    if channels == 3:
        return render(held, (-reach, reach))
    painted = render(held.transpose(2, 0, 1).reshape(-1, columns), (-reach, reach), "signed", DIVERGING)
    if channels == 1:
        return painted
    cell = CELL if channels <= MANY else 1
    high, wide = rows * cell, columns * cell
    across = ceil(sqrt(channels * rows / columns))
    picture = np.full((ceil(channels / across) * (high + 1) - 1, across * (wide + 1) - 1, 3), LINE_GREY, np.uint8)
    for index, channel in enumerate(enlarged(painted, cell).reshape(channels, high, wide, 3)):
        top, left = index // across * (high + 1), index % across * (wide + 1)
        picture[top : top + high, left : left + wide] = channel
    return picture


def response_pictures(values: Array, reaches: Array, *, common_scale: bool) -> list[Painted]:
    """Paint what the filters of a layer answer, from blue through near-white, 0, to orange.

    Parameters
    ----------
    values : (F, h, w) array
    reaches : (F,) array
        The value, with either sign, of the strongest colour of each filter.
    common_scale : bool
        Whether the largest of `reaches` holds for all filters.

    Returns
    -------
    list of (h, w, 3) uint8 arrays
    """
    if common_scale:
        reaches = np.full_like(reaches, reaches.max(initial=0.0) or 1.0)
    return [render(each, (-reach, reach), "signed", DIVERGING) for each, reach in zip(values, reaches, strict=True)]


def spectrum_picture(weights: Array) -> Painted:
    """Paint the frequency response of a filter: dark where nothing passes, bright where most does.

    Frequency 0 is in the middle. Of several channels the root of the summed squares is taken, what a wave in the
    colour that suits it best would give.

    Parameters
    ----------
    weights : (kh, kw, C) or (kh, kw) array

    Returns
    -------
    (64, 64, 3) uint8 array
    """
    response = frequency_response(Kernel(weights), SPECTRUM_SIDE)
    strength = np.sqrt(np.sum(response.reshape(SPECTRUM_SIDE, SPECTRUM_SIDE, -1) ** 2, axis=2))
    return render(strength, (0.0, float(strength.max()) or 1.0), "clip", "inferno")


def enlarged(picture: Painted, factor: int) -> Painted:
    """Repeat every pixel `factor` times each way."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)
