"""Channels and colour spaces.

Everything is computed on pixels ÷ white level. The colour conversions are OpenCV's: RGB is taken as sRGB, L*a*b* with
the D65 white point (CIE 15:2004, Colorimetry). Luma is 0.299 R + 0.587 G + 0.114 B of the gamma-coded values
(ITU-R BT.601-7, 2011, Studio encoding parameters of digital television).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.opencv import cv2
from kernels.picture import Picture

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
_STRIP = 1_000_000


def available_channels(picture: Picture) -> tuple[str, ...]:
    """Return the channels that `picture` has: a grey one only ``rgb`` (itself) and ``luma`` (the same)."""
    return ("rgb", "luma") if picture.is_grey else CHANNELS


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
        part = slice(start, start + rows)
        strip = pixels[part].astype(dtype)
        out[part] = _luma(strip) if channel == "luma" else _coordinate(strip, picture.white, channel)
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
        converted = np.asarray(cv2.cvtColor(strip, cv2.COLOR_RGB2HSV))
        index = "hsv".index(channel)
    else:
        # Outside 0..1 the sRGB curve has no meaning, and OpenCV's table would be read beyond its ends.
        converted = np.asarray(cv2.cvtColor(np.clip(strip, 0.0, 1.0), cv2.COLOR_RGB2LAB))
        index = "lab".index(channel[-1])
    plane: Array = converted[:, :, index].copy()
    if bad.any():
        plane[bad] = np.nan
    return plane
