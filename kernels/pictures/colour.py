"""Channels and colour spaces.

Everything is computed on pixels ÷ white level. Hue, saturation and value are OpenCV's. For L*a*b* RGB is taken as sRGB
and white is D65 (CIE 15:2004, Colorimetry). Luma is 0.299 R + 0.587 G + 0.114 B of the gamma-coded values
(ITU-R BT.601-7, 2011, Studio encoding parameters of digital television).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.pictures.picture import Picture

Array = NDArray[Any]

CHANNELS = ("rgb", "luma", "r", "g", "b", "h", "s", "v", "lab-l", "lab-a", "lab-b")
"""The names of the channels: ``rgb`` is the picture as it is, grey or colour."""

TITLES = {
    "rgb": "All channels",
    "luma": "Luma",
    "r": "Red",
    "g": "Green",
    "b": "Blue",
    "h": "Hue (HSV)",
    "s": "Saturation (HSV)",
    "v": "Value (HSV)",
    "lab-l": "Lightness L*",
    "lab-a": "a*, green to red",
    "lab-b": "b*, blue to yellow",
}

LUMA_WEIGHTS = (0.299, 0.587, 0.114)

_RANGES = {
    "h": (0.0, 360.0),
    "s": (0.0, 1.0),
    "v": (0.0, 1.0),
    "lab-l": (0.0, 100.0),
    "lab-a": (-128.0, 127.0),
    "lab-b": (-128.0, 127.0),
}
# Linear sRGB to X/Xn, Y/Yn, Z/Zn (IEC 61966-2-1, 1999); every row is divided by its sum, so that white is exactly 1.
_PRIMARIES = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_TO_XYZ = (_PRIMARIES / _PRIMARIES.sum(axis=1, keepdims=True)).astype(np.float32)
_STRIP = 1_000_000


def available_channels(picture: Picture) -> tuple[str, ...]:
    """Return the channels that `picture` has: a grey one only ``rgb`` (itself) and ``luma`` (the same)."""
    return ("rgb", "luma") if picture.is_grey else CHANNELS


def usable_channels(kernel_channels: int | None, available: tuple[str, ...], *, is_grey: bool) -> tuple[str, ...]:
    """Return the channel selections that a kernel of so many channels can run over.

    None stands for a kernel without channels, which takes any selection. One with weights for each of three channels
    needs all of them; one with a single channel needs one.
    """
    if kernel_channels is None:
        return available
    if kernel_channels == 1:
        return available if is_grey else tuple(each for each in available if each != "rgb")
    return ("rgb",)


def channel_range(picture: Picture, channel: str) -> tuple[float, float]:
    """Return the values that stand for black and white in a channel.

    Raises
    ------
    ValueError
        As `extract`.
    """
    _check(picture, channel)
    return _RANGES.get(channel, (0.0, picture.white))


def extract(picture: Picture, channel: str) -> Array:
    """Return one channel of a picture.

    Parameters
    ----------
    picture : Picture
    channel : str
        One of `CHANNELS`.

    Returns
    -------
    ndarray
        ``rgb``: the pixels themselves. ``r``, ``g``, ``b``: ``(H, W)`` in the file's numbers. ``luma``: ``(H, W)`` in
        the file's range. Hue in degrees 0..360, saturation and value 0..1, L* 0..100, a* and b* about -128..127. All
        but ``rgb`` are float32 (float64 for a float64 picture where nothing is converted). Where a pixel is not finite
        in any channel, the luma and colour coordinates are NaN.

    Raises
    ------
    ValueError
        An unknown channel, or a colour channel of a grey picture.
    """
    _check(picture, channel)
    pixels = picture.pixels
    if channel == "rgb" or (channel == "luma" and picture.is_grey):
        return pixels
    dtype = np.float64 if pixels.dtype == np.float64 and channel in ("r", "g", "b", "luma") else np.float32
    if channel in ("r", "g", "b"):
        return np.ascontiguousarray(pixels[:, :, "rgb".index(channel)], dtype=dtype)
    out = np.empty(pixels.shape[:2], dtype)
    rows = max(1, _STRIP // max(1, picture.width))
    for start in range(0, picture.height, rows):
        strip = pixels[start : start + rows].astype(dtype)
        found = _luma(strip) if channel == "luma" else _coordinate(strip, picture.white, channel)
        out[start : start + rows] = found
    return out


def _check(picture: Picture, channel: str) -> None:
    if channel not in CHANNELS:
        raise ValueError(f"channel is {channel!r}; valid are {', '.join(CHANNELS)}.")
    if channel not in available_channels(picture):
        raise ValueError(f"channel is {channel!r}, but the picture is grey; valid are rgb and luma.")


def _luma(strip: Array) -> Array:
    red, green, blue = LUMA_WEIGHTS
    with np.errstate(invalid="ignore", over="ignore"):
        luma: Array = strip[:, :, 0] * red + strip[:, :, 1] * green + strip[:, :, 2] * blue
    return luma


def _coordinate(strip: Array, white: float, channel: str) -> Array:
    """Return hue, saturation, value, L*, a* or b* of a float32 strip (h, W, 3)."""
    bad = ~np.isfinite(strip).all(axis=2)
    if bad.any():
        strip[bad] = 0.0
    strip /= np.float32(white)
    if channel in ("h", "s", "v"):
        from kernels.opencv import cv2  # loaded when it is needed: others want the names of the channels

        converted = np.asarray(cv2.cvtColor(strip, cv2.COLOR_RGB2HSV))
        plane: Array = converted[:, :, "hsv".index(channel)].copy()
    else:
        plane = _lab(strip, channel)
    if bad.any():
        plane[bad] = np.nan
    return plane


def _lab(unit: Array, channel: str) -> Array:
    """Return L*, a* or b* of a float32 strip (h, W, 3) in units of white.

    Not OpenCV's conversion: it looks coarse tables up (errors up to 0.4) and rounds the last columns of a row another
    way than the others, so that a constant picture is not constant.
    """
    linear = _linear(unit)
    # Not a matrix product: BLAS may sum the pixels at the edge of a block in another order.
    red, green, blue = linear[:, :, 0], linear[:, :, 1], linear[:, :, 2]
    x, y, z = (_lightness(red * row[0] + green * row[1] + blue * row[2]) for row in _TO_XYZ)
    if channel == "lab-l":
        plane: Array = 116.0 * y - 16.0
    elif channel == "lab-a":
        plane = 500.0 * (x - y)
    else:
        plane = 200.0 * (y - z)
    return plane


def _linear(unit: Array) -> Array:
    """Undo the sRGB curve (IEC 61966-2-1, 1999); values outside 0..1, where it has no meaning, are clipped."""
    unit = np.clip(unit, np.float32(0.0), np.float32(1.0))
    curve = ((unit + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(unit <= np.float32(0.04045), unit / np.float32(12.92), curve)


def _lightness(ratio: Array) -> Array:
    """Return the cube root, with the straight line near black of CIE 15:2004, section 8.2.1."""
    line = np.float32(841.0 / 108.0) * ratio + np.float32(4.0 / 29.0)
    return np.where(ratio > np.float32((6.0 / 29.0) ** 3), np.cbrt(ratio), line)
