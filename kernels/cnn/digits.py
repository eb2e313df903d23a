"""What a network for digits gets: strokes as a picture, as drawn or centred as MNIST was made, and moved."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.arguments import whole_number
from kernels.cnn.preprocessing import as_planes, to_255
from kernels.filtering.geometry import Pair
from kernels.opencv import cv2
from kernels.pictures.noise import with_noise
from kernels.pictures.picture import from_array
from kernels.pictures.reduction import reduced

Pixels = NDArray[np.uint8]
Shape = tuple[int, ...]

PAD = 280
"""Rows and columns of the pad that strokes are drawn on."""
SIDE = 28
"""Rows and columns of MNIST's pictures."""
BOX = 20
"""Rows and columns of the box that MNIST's digits were scaled into."""
SCALES = (0.5, 2.0)
"""How much smaller and how much larger `moved` makes a picture at most."""

_FARTHEST = 1e6
_FINER = 4
"""Strokes are drawn so much larger and averaged: OpenCV's own smooth lines are a pixel and more too wide."""
_SUBPIXELS = 4
"""Binary digits of a position, behind the point, that OpenCV draws at."""


class Stroke(msgspec.Struct, frozen=True):
    """A line drawn by hand.

    Attributes
    ----------
    points : tuple of (float, float)
        (y, x) on the pad, whose corners are (0, 0) and (`PAD`, `PAD`); they may lie outside. One alone is a dot.
    width : int
        Of the round brush, in pixels of the pad.

    Raises
    ------
    TypeError, ValueError
        No points, one that is not finite or absurdly far away, or a width below 1.
    """

    points: tuple[tuple[float, float], ...]
    width: int

    def __post_init__(self) -> None:
        whole_number("width", self.width, 1)
        if not self.points:
            raise ValueError("points is empty, but a stroke needs at least one.")
        for point in self.points:
            # Written so that NaN is refused too.
            if not all(abs(at) <= _FARTHEST for at in point):
                raise ValueError(f"points holds {point}, but must hold pairs of finite numbers near the pad.")


def draw(strokes: Iterable[Stroke]) -> Pixels:
    """Draw strokes, white on black, their edges smooth.

    Parameters
    ----------
    strokes : iterable of Stroke

    Returns
    -------
    (280, 280) uint8
        All black without strokes.
    """
    large = np.zeros((PAD * _FINER, PAD * _FINER), np.uint8)
    for stroke in strokes:
        # OpenCV's whole numbers are the middles of pixels, the pad's their edges; it wants (x, y), and a dot twice.
        places = np.array([*stroke.points, stroke.points[-1]])[:, ::-1] * _FINER - 0.5
        # A brush wider than twice the pad differs from one of that width in its edge only.
        width = min(stroke.width, 2 * PAD) * _FINER
        fixed = np.rint(places * (1 << _SUBPIXELS)).astype(np.int32)
        cv2.polylines(large, [fixed], False, 255, width, cv2.LINE_8, _SUBPIXELS)
    return np.asarray(cv2.resize(large, (PAD, PAD), interpolation=cv2.INTER_AREA), np.uint8)


def as_drawn(picture: NDArray[Any], shape: Shape = (SIDE, SIDE), *, white: float | None = None) -> Pixels:
    """Bring a picture of any size, kind and colours to what a network takes, by area averaging.

    The whole picture is kept, and its aspect; what it does not fill is black.

    Parameters
    ----------
    picture : (H, W) or (H, W, C) array; C is 1 or 3
    shape : tuple of int
        The network's `input_shape`: (h, w), for which colour becomes luma (Rec. 601), or (h, w, 3), for which grey is
        repeated.
    white : float, optional
        Level above 0 that stands for white and becomes 255; by default `kernels.pictures.picture.usual_white`.

    Returns
    -------
    (h, w) or (h, w, 3) uint8
        Levels below black and above white are clipped.

    Raises
    ------
    TypeError, ValueError
        If the picture is none, a pixel is not a finite number, or the white level is not possible.
    """
    height, width, *channels = shape
    levels = _levels(picture, (height, width), *channels, white=white)
    rows, columns = levels.shape[:2]
    result = np.zeros((height, width, levels.shape[2]), np.uint8)
    _paste(levels, result, ((height - rows) // 2, (width - columns) // 2))
    return result.reshape(shape)


def centred(picture: NDArray[Any], *, white: float | None = None) -> Pixels:
    """Bring a digit to what a network takes as MNIST was made.

    The smallest box that holds all that is not black is scaled, keeping its aspect, until its longer side is 20 pixels.
    It is put on black 28 x 28 by whole pixels so that its centre of mass falls on pixel (14, 14) or, where it would
    leave the picture, as near to that as fits.

    Parameters
    ----------
    picture, white
        As in `as_drawn`; bright on dark.

    Returns
    -------
    (28, 28) uint8
        All black for an empty picture, which has no centre.

    Raises
    ------
    TypeError, ValueError
        As in `as_drawn`.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner (1998), "Gradient-based learning applied to document recognition",
    section III.A. Of the 2,000 digits that come with the program 1,998 stay as they are; MNIST's own way cut a row off
    the other two, which are enlarged by it.
    """
    pad = _levels(picture, (PAD, PAD), white=white)[:, :, 0]
    result = np.zeros((SIDE, SIDE), np.uint8)
    is_ink = pad > 0.5
    if not is_ink.any():
        return result
    (top, left), (bottom, right) = (ends(np.argwhere(is_ink), axis=0) for ends in (np.min, np.max))
    box = _fitted(pad[top : bottom + 1, left : right + 1], (BOX, BOX))
    corner = []
    for axis in (0, 1):
        mass = box.sum(axis=1 - axis)
        place = float(mass @ np.arange(mass.size) / mass.sum())
        corner.append(min(max(round(SIDE / 2 - place), 0), SIDE - mass.size))
    _paste(box, result, (corner[0], corner[1]))
    return result


def moved(picture: Pixels, dx: float = 0.0, dy: float = 0.0, *, degrees: float = 0.0, scale: float = 1.0) -> Pixels:
    """Turn and scale a picture about its middle, then move it; what comes in from outside is black.

    All of it is one step, in which pixels are interpolated (linearly) once; by whole pixels nothing is.

    Parameters
    ----------
    picture : (H, W) or (H, W, 3) uint8
    dx, dy : float
        Pixels to the right, and down.
    degrees : float
        Clockwise.
    scale : float
        From 0.5 to 2.

    Returns
    -------
    uint8 array of the picture's shape

    Raises
    ------
    ValueError
        If a number is not finite, or the scale out of range.
    """
    for name, value in (("dx", dx), ("dy", dy), ("degrees", degrees)):
        if not math.isfinite(value):
            raise ValueError(f"{name} is {value}, but must be a finite number.")
    if not SCALES[0] <= scale <= SCALES[1]:
        raise ValueError(f"scale is {scale}, but must be from {SCALES[0]:g} to {SCALES[1]:g}.")
    height, width = picture.shape[:2]
    # OpenCV turns counter-clockwise.
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, scale)
    # A move out of sight is out of sight at any distance; OpenCV's positions end somewhere.
    matrix[:, 2] += np.clip((dx, dy), -4 * max(height, width), 4 * max(height, width))
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR), np.uint8)


def noisy(picture: Pixels, kind: str, amount: float, seed: int) -> Pixels:
    """Add noise to a picture; see `kernels.pictures.noise.with_noise`, in levels of 0..255."""
    return np.asarray(with_noise(from_array(picture), kind, amount, seed).pixels, np.uint8)


def _levels(picture: NDArray[Any], into: Pair, channels: int = 1, *, white: float | None) -> NDArray[np.floating[Any]]:
    """Return a picture as large as fits, in levels of 0..255, (h, w, channels)."""
    planes = as_planes(picture)
    levels: NDArray[np.floating[Any]] = _fitted(planes, into)
    if not np.isfinite(levels).all():
        raise ValueError("The picture holds pixels that are not finite numbers, but a network needs finite ones.")
    if levels.shape[2] > channels:
        from kernels.pictures.colour import LUMA_WEIGHTS

        levels = levels @ np.array(LUMA_WEIGHTS)[:, np.newaxis]
    levels = np.clip(levels * to_255(picture, white), 0.0, 255.0)
    return levels.repeat(channels // levels.shape[2], axis=2)


def _fitted(planes: NDArray[Any], into: Pair) -> NDArray[np.floating[Any]]:
    """Scale (h, w) or (h, w, C) so that it just fits, keeping its aspect to the nearest pixel."""
    height, width = planes.shape[:2]
    ratio = min(into[0] / height, into[1] / width)
    # Of a small picture each pixel is a square like any other, and is cut into smaller ones.
    finer = math.ceil(ratio)
    if finer > 1:
        planes = planes.repeat(finer, axis=0).repeat(finer, axis=1)
    return reduced(planes, max(1, round(height * ratio)), max(1, round(width * ratio)))


def _paste(levels: NDArray[np.floating[Any]], result: Pixels, corner: Pair) -> None:
    """Put levels, rounded, into a picture."""
    rows, columns = levels.shape[:2]
    result[corner[0] : corner[0] + rows, corner[1] : corner[1] + columns] = np.rint(levels)
