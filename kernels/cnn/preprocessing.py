"""From pictures to what a network takes: white level to 255, grey or colour as needed, standardised, padded."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from kernels.errors import refuse_mask
from kernels.pictures.picture import usual_white

_STRIP = 1 << 20
"""Numbers of a large picture that are turned into floats at once."""


class Preprocessing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done to pixels, on the scale 0..255, before the first layer.

    Attributes
    ----------
    mean, deviation : one number per channel
        Subtracted from the pixels, then divided by; those of the pictures trained on.
    padding : int
        Rows and columns of black on each side of a whole picture that is to be classified.
    """

    mean: Annotated[tuple[Annotated[float, Meta(ge=-1e6, le=1e6)], ...], Meta(min_length=1, max_length=4)]
    deviation: Annotated[tuple[Annotated[float, Meta(ge=1e-6, le=1e6)], ...], Meta(min_length=1, max_length=4)]
    padding: Annotated[int, Meta(ge=0, le=64)] = 0

    def batch(self, pictures: NDArray[np.uint8], out: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Prepare 8-bit pictures of the network's own size and colours.

        Parameters
        ----------
        pictures : (N, H, W) or (N, H, W, C) uint8
        out : optional
            Memory of an earlier batch of the same shape, as returned.

        Returns
        -------
        (N, C, H + 2·padding, W + 2·padding) float32, with the pictures innermost in memory
        """
        channels = len(self.mean)
        planes = pictures.reshape(*pictures.shape[:3], channels)
        count, height, width, _ = planes.shape
        border = self.padding
        if out is None:
            inner = np.empty((channels, height + 2 * border, width + 2 * border, count), np.float32)
        else:
            inner = out.transpose(1, 2, 3, 0)
        if border:
            inner.fill(0.0)
        inner[:, border : border + height, border : border + width] = planes.transpose(3, 1, 2, 0)
        self._standardise(inner)
        return inner.transpose(3, 0, 1, 2)

    def picture(self, picture: NDArray[Any], white: float | None = None) -> NDArray[np.float32]:
        """Prepare one picture of any size, kind and colours, without padding.

        Parameters
        ----------
        picture : (H, W) or (H, W, C) array; C is 1 or 3
            Grey is repeated for a network that sees colour; colour becomes luma (Rec. 601) for one that sees grey.
        white : float, optional
            Level that stands for white; by default `kernels.pictures.picture.usual_white`.

        Returns
        -------
        (1, C', H, W) float32
        """
        from kernels.pictures.colour import LUMA_WEIGHTS

        planes = as_planes(picture)
        scale = to_255(picture, white)
        height, width, found = planes.shape
        wanted = len(self.mean)
        if found not in (wanted, 1) and wanted != 1:
            raise ValueError(f"a picture of {found} channels means nothing to a network that sees {wanted}")
        inner = np.empty((wanted, height, width, 1), np.float32)
        rows = max(1, _STRIP // (width * found))
        for top in range(0, height, rows):
            strip = planes[top : top + rows].astype(np.float64) * scale
            if found > wanted:
                strip = strip @ np.array(LUMA_WEIGHTS)[:, np.newaxis]
            inner[:, top : top + rows, :, 0] = strip.transpose(2, 0, 1)
        self._standardise(inner)
        return inner.transpose(3, 0, 1, 2)

    def _standardise(self, inner: NDArray[np.float32]) -> None:
        """Standardise (C, H, W, N) in place."""
        shape = (-1, 1, 1, 1)
        np.subtract(inner, np.asarray(self.mean, np.float32).reshape(shape), out=inner)
        np.multiply(inner, (1.0 / np.asarray(self.deviation)).astype(np.float32).reshape(shape), out=inner)


def measure(pictures: NDArray[np.uint8], padding: int = 0) -> Preprocessing:
    """Mean and deviation, per channel, of 8-bit pictures (N, H, W[, C]), rounded to four digits.

    Raises
    ------
    ValueError
        If a channel is the same everywhere, which cannot be standardised.
    """
    planes = pictures.reshape(-1, 1 if pictures.ndim == 3 else pictures.shape[3])
    mean, deviation = [], []
    for channel in range(planes.shape[1]):
        share = np.bincount(planes[:, channel], minlength=256) / len(planes)
        values = np.arange(256.0)
        centre = float(share @ values)
        spread = float(np.sqrt(share @ (values - centre) ** 2))
        if spread < 1e-3:
            raise ValueError(f"channel {channel} of the pictures is the same everywhere: there is nothing to learn")
        mean.append(round(centre, 4))
        deviation.append(round(spread, 4))
    return Preprocessing(mean=tuple(mean), deviation=tuple(deviation), padding=padding)


def to_255(picture: NDArray[Any], white: float | None) -> float:
    """Return what a picture's pixels are multiplied by so that white, by default the usual one, becomes 255."""
    if white is not None and not (isfinite(white) and white > 0):
        raise ValueError(f"white is {white!r}, but must be a finite level above 0")
    return 255.0 / (usual_white(picture) if white is None else white)


def as_planes(picture: NDArray[Any]) -> NDArray[Any]:
    """Check one picture, and return it as (H, W, C)."""
    refuse_mask("image", picture)
    if not isinstance(picture, np.ndarray):
        raise TypeError(f"image must be an array, but is {type(picture).__name__}")
    if picture.dtype.kind not in "buif":
        raise TypeError(f"image must hold real numbers, but is of type {picture.dtype}")
    if picture.ndim not in (2, 3) or picture.size == 0 or (picture.ndim == 3 and picture.shape[2] not in (1, 3)):
        raise ValueError(f"image must be (H, W), (H, W, 1) or (H, W, 3) and not empty, but is {picture.shape}")
    return picture if picture.ndim == 3 else picture[:, :, np.newaxis]
