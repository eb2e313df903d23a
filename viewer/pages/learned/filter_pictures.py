"""What filters, their frequencies and their responses look like. No Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.filtering.spectrum import frequency_response
from kernels.kernel import Kernel
from kernels.pictures import display
from viewer.painting import DIVERGING

Bytes = NDArray[np.uint8]
Array = NDArray[Any]

SPECTRUM_SIDE = 64
CELL, GAP = 4, 0xA0
"""Of a deeper filter: pixels across one weight, and the grey of the line between two channels."""
MANY = 64
"""With more channels a weight is one pixel."""


def response_pictures(values: NDArray[np.float32], reaches: NDArray[np.float64], *, common_scale: bool) -> list[Bytes]:
    """Paint responses (F, h, w) from blue through near-white, 0, to orange, one scale for all or one each."""
    reaches = _common(reaches) if common_scale else reaches
    return [_diverging(each, reach) for each, reach in zip(values, reaches, strict=True)]


def filter_pictures(filters: NDArray[np.float32], *, common_scale: bool) -> list[Bytes]:
    """Paint filters (F, kh, kw, C).

    On three channels a filter is a colour picture in which middle grey stands for 0; on one it is painted from blue
    through near-white, 0, to orange; both a pixel a weight. On more, its channels stand in rows beside each other.
    """
    reaches = np.abs(filters).max(axis=(1, 2, 3)).astype(np.float64)
    reaches = np.where(reaches > 0, _common(reaches) if common_scale else reaches, 1.0)
    return [filter_picture(weights, float(reach)) for weights, reach in zip(filters, reaches, strict=True)]


def filter_picture(filter_weights: Array, reach: float | None = None) -> Bytes:
    """Paint one filter (kh, kw, C) or (kh, kw); weights of ±`reach`, by default the largest, get the full colour."""
    held = np.atleast_3d(filter_weights)
    if reach is None:
        reach = float(np.abs(held).max()) or 1.0
    rows, columns, channels = held.shape
    if channels == 1:
        return _diverging(held[:, :, 0], reach)
    if channels == 3:
        return np.rint(np.clip(held / reach, -1, 1) * 127.5 + 127.5).astype(np.uint8)
    across = int(np.ceil(np.sqrt(channels * rows / columns)))
    down = -(-channels // across)
    cell = CELL if channels <= MANY else 1
    high, wide = rows * cell, columns * cell
    picture = np.full((down * (high + 1) - 1, across * (wide + 1) - 1, 3), GAP, np.uint8)
    painted = _diverging(held.transpose(2, 0, 1).reshape(channels * rows, columns), reach)
    painted = painted.repeat(cell, axis=0).repeat(cell, axis=1)
    for channel in range(channels):
        top, left = channel // across * (high + 1), channel % across * (wide + 1)
        picture[top : top + high, left : left + wide] = painted[channel * high : (channel + 1) * high]
    return picture


def _common(reaches: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.full_like(reaches, reaches.max(initial=0.0) or 1.0)


def _diverging(values: Array, reach: float) -> Bytes:
    return display.render(values, (-reach, reach), "signed", DIVERGING)


def spectrum_picture(filter_weights: Array) -> Bytes:
    """Paint the frequency response of a filter (kh, kw, C): dark where nothing passes, bright where most does.

    Frequency 0 is in the middle; of several channels the root of the summed squares, what a wave in the colour that
    suits it best would give.
    """
    response = frequency_response(Kernel(filter_weights), SPECTRUM_SIDE)
    strength = np.sqrt(np.sum(response.reshape(SPECTRUM_SIDE, SPECTRUM_SIDE, -1) ** 2, axis=2))
    return display.render(strength, (0.0, float(strength.max()) or 1.0), "clip", "inferno")
