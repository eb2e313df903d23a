"""Pictures drawn by hand: new ones, and single pixels changed. No picture that is given is ever changed itself."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels.numbers import exact_number
from kernels.pictures.picture import Origin, Picture, from_array

LARGEST_SIDE = 64
"""Rows and columns that a picture drawn by hand has at most."""
BRUSHES = (1, 2, 3)
"""Sides of the square brushes, in pixels."""
BITS = {8: np.uint8, 16: np.uint16, 32: np.float32}
EDITED = ", edited"

Pixel = tuple[int, int]
Mask = NDArray[np.bool_]


def is_small(picture: Picture) -> bool:
    """Whether a picture is small enough to be drawn on by hand: at most 64 × 64 pixels."""
    return max(picture.height, picture.width) <= LARGEST_SIDE


def value_range(picture: Picture) -> tuple[float, float]:
    """Return the least and the largest value that a pixel of `picture` can be given.

    As far as the dtype goes; a value above white becomes the new white.
    """
    dtype = picture.pixels.dtype
    if dtype.kind == "f":
        most = min(float(np.finfo(dtype).max), sys.float_info.max)
        return -most, most
    bounds = np.iinfo(dtype)
    largest = int(bounds.max)
    most = float(largest)
    # Of 64 bits the largest has no double; the next below has.
    return float(bounds.min), most if int(most) <= largest else math.nextafter(most, 0.0)


def with_pixel(picture: Picture, y: int, x: int, value: float, channel: int | None = None) -> Picture:
    """Return the picture with another value at one pixel.

    Parameters
    ----------
    picture : Picture
    y, x : int
        Row and column, from 0.
    value : float
        In the numbers of the file: a whole number for integers, any finite number for floating point; see
        `value_range`.
    channel : int, optional
        0 to 2 sets that channel of a colour picture only; by default all are set.

    Returns
    -------
    Picture
        With the same dtype, white level and opacity, named "..., edited"; `picture` itself if nothing is different.

    Raises
    ------
    ValueError
        There is no such pixel or channel, or it cannot have this value.
    """
    for name, place, count in (("y", y, picture.height), ("x", x, picture.width)):
        if not 0 <= place < count:
            raise ValueError(f"{name} is {place}, but must be from 0 to {count - 1} in this picture.")
    mask = np.zeros(picture.shape[:2], bool)
    mask[y, x] = True
    return _painted(picture, mask, value, channel)


def with_stroke(
    picture: Picture, start: Pixel, end: Pixel, value: float, *, size: int = 1, channel: int | None = None
) -> Picture:
    """Return the picture with a straight stroke of a square brush.

    Parameters
    ----------
    picture : Picture
    start, end : (int, int)
        Rows and columns where the middle of the brush begins and ends; both may lie outside the picture. A brush of two
        pixels reaches down and to the right of its middle.
    value, channel
        As of `with_pixel`.
    size : {1, 2, 3}
        Side of the brush in pixels.

    Returns
    -------
    Picture
        Every pixel under the brush on its way has the value; `picture` itself if nothing is different.

    Raises
    ------
    ValueError
        There is no such brush or channel, or a pixel cannot have this value.
    """
    if size not in BRUSHES:
        raise ValueError(f"size is {size}, but must be one of {', '.join(map(str, BRUSHES))}.")
    mask = np.zeros(picture.shape[:2], bool)
    before = (size - 1) // 2
    corners = line(start, end) - before
    for down in range(size):
        for right in range(size):
            places = corners + np.array([down, right])
            inside = places[((places >= 0) & (places < mask.shape)).all(axis=1)]
            mask[inside[:, 0], inside[:, 1]] = True
    return _painted(picture, mask, value, channel)


def filled(picture: Picture, value: float, channel: int | None = None) -> Picture:
    """Return the picture with one value everywhere; `value`, `channel`, result and errors as of `with_pixel`."""
    return _painted(picture, np.ones(picture.shape[:2], bool), value, channel)


def line(start: Pixel, end: Pixel) -> NDArray[np.int64]:
    """Return the pixels of a straight line, both ends included, as (n, 2) rows and columns.

    One pixel for each step along the longer axis, the nearest one across it, so that neighbours touch at least at a
    corner (J. E. Bresenham, 1965, Algorithm for computer control of a digital plotter).
    """
    first, way = np.asarray(start, np.int64), np.asarray(end, np.int64) - np.asarray(start, np.int64)
    steps = int(np.abs(way).max())
    if steps == 0:
        return first[np.newaxis]
    # Rounded halves go up, in whole numbers throughout.
    along = np.arange(steps + 1, dtype=np.int64)[:, np.newaxis]
    return first + (2 * along * way + steps) // (2 * steps)


def new_picture(height: int, width: int, value: float = 0.0, bits: int = 8) -> Picture:
    """Return a grey picture of one value.

    Parameters
    ----------
    height, width : int
        Rows and columns, 1 to 64.
    value : float
        Of every pixel: 0 to 255 in 8 bits, 0 to 65535 in 16, any finite number in 32, which are floating point.
    bits : {8, 16, 32}

    Raises
    ------
    ValueError
        The size, the bits or the value is not possible.
    """
    for name, count, what in (("height", height, "rows"), ("width", width, "columns")):
        if not (1 <= count <= LARGEST_SIDE and float(count).is_integer()):
            raise ValueError(
                f"The {name} is {exact_number(count)}, but a new picture has 1 to {LARGEST_SIDE} {what}; "
                f"larger ones are opened from a file."
            )
    if bits not in BITS:
        raise ValueError(f"bits is {bits}, but must be one of {', '.join(map(str, BITS))}.")
    one = from_array(np.zeros((1, 1), BITS[bits]))
    pixels = np.full((int(height), int(width)), _stored(one, value))
    return from_array(pixels, kind="output", name="new picture")


def _painted(picture: Picture, mask: Mask, value: float, channel: int | None) -> Picture:
    """The picture with `value` where `mask` is true."""
    stored = _stored(picture, value)
    pixels = picture.pixels.copy()
    if channel is None:
        pixels[mask] = stored
    elif picture.is_grey:
        raise ValueError(f"channel is {channel}, but must be None in a grey picture.")
    elif not 0 <= channel < pixels.shape[2]:
        raise ValueError(f"channel is {channel}, but must be from 0 to {pixels.shape[2] - 1}.")
    else:
        pixels[mask, channel] = stored
    if np.array_equal(pixels, picture.pixels, equal_nan=pixels.dtype.kind == "f"):
        return picture
    white = picture.white if pixels.dtype.kind == "f" else max(picture.white, float(stored))
    return replace(picture, pixels=pixels, white=white, origin=_edited(picture.origin))


def _stored(picture: Picture, value: float) -> Any:
    """`value` in the dtype of `picture`, checked."""
    dtype = picture.pixels.dtype
    (low, high), is_float = value_range(picture), dtype.kind == "f"
    if not low <= value <= high or not (is_float or float(value).is_integer()):
        what = "finite number" if is_float else "whole number"
        bounds = " to ".join(f"{each:.4g}" if is_float else exact_number(each) for each in (low, high))
        raise ValueError(f"The value is {exact_number(value)}, but a pixel of this picture is a {what} from {bounds}.")
    return dtype.type(value if is_float else int(value))


def _edited(origin: Origin) -> Origin:
    """Where an edited picture comes from: it can no longer be read again from the file or the sample."""
    name = Path(origin.name).stem if origin.kind == "file" else origin.name
    return Origin("output", None, name.removesuffix(EDITED) + EDITED)
