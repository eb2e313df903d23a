"""What the decoders share: the job they are given, what they hand back, and EXIF orientation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.errors import Cancelled
from kernels.pictures.picture import MAXIMUM_PIXELS, PictureError

Array = NDArray[Any]


@dataclass(frozen=True)
class Decoded:
    """Pixels as they stand in the file, already upright.

    Attributes
    ----------
    pixels : ndarray
        ``(H, W)`` or ``(H, W, 3)`` RGB, native byte order.
    alpha : ndarray or None
        ``(H, W)``.
    white : float or None
        White level, if the file has one of its own.
    note : str
    bits : str
        Description of the numbers, empty for the usual one.
    """

    pixels: Array
    alpha: Array | None = None
    white: float | None = None
    note: str = ""
    bits: str = ""


@dataclass(frozen=True)
class Reading:
    """One file being read: its name for messages, its size, and how to stop."""

    name: str
    size: int
    cancelled: Callable[[], bool] | None = None

    def admit(self, height: int, width: int, bytes_per_pixel: float) -> None:
        """Refuse a picture without pixels, with too many, or too large for the memory; call it before decoding.

        Raises
        ------
        PictureError, MemoryError, Cancelled
        """
        self.check()
        if height < 1 or width < 1:
            raise PictureError(f"{self.name} has no pixels: its size is {width} × {height}.")
        if height * width > MAXIMUM_PIXELS:
            megapixels = height * width / 1e6
            limit = MAXIMUM_PIXELS // 1_000_000
            raise PictureError(
                f"{self.name} is {width} × {height}, which is {megapixels:,.0f} megapixels; the limit is {limit}."
            )
        # Decoded once, and once more while channels are put in order.
        memory.require(2.0 * height * width * bytes_per_pixel, f"Opening {self.name}")

    def check(self) -> None:
        """Stop here if the caller wants to.

        Raises
        ------
        Cancelled
        """
        if self.cancelled is not None and self.cancelled():
            raise Cancelled

    def incomplete(self) -> PictureError:
        """Return the error for a file that ends too early or makes no sense."""
        return PictureError(f"{self.name} is damaged or cut short.")

    def unsupported(self, what: str) -> PictureError:
        """Return the error for a legal file that is beyond the program."""
        return PictureError(f"{self.name} cannot be opened: {what}.")


def upright(array: Array, orientation: int) -> Array:
    """Turn pixels as the EXIF orientation 1..8 asks (CIPA DC-008, 2019, Exif 2.32, tag 274); other numbers mean 1."""
    if orientation in (5, 6, 7, 8):
        array = np.swapaxes(array, 0, 1)
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    return np.ascontiguousarray(array)


def upright_pair(pixels: Array, alpha: Array | None, orientation: int) -> tuple[Array, Array | None]:
    """Turn pixels and opacity alike."""
    return upright(pixels, orientation), None if alpha is None else upright(alpha, orientation)
