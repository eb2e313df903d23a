"""What the decoders share: the job they are given, what they hand back, and EXIF orientation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.errors import stop_if
from kernels.pictures.picture import MAXIMUM_PIXELS, PictureError

Array = NDArray[Any]

_BUFFERS = 6e6
"""Bytes for the strips in which pictures are converted, and the like."""


class Decoded(msgspec.Struct, frozen=True):
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


class Declared(msgspec.Struct, frozen=True):
    """What a picture file says about its size.

    Attributes
    ----------
    height, width : int
    held : float
        Bytes that `read_picture` holds at most; half of them are left afterwards, since decoders hold two copies.
    channels : int
        Of the pixels at most.
    result_bytes : int
        Of a number that is computed from its pixels, at most.
    """

    height: int
    width: int
    held: float
    channels: int
    result_bytes: int

    @property
    def kept(self) -> float:
        """Bytes that the picture takes at most."""
        return self.held / 2


class Reading(msgspec.Struct, frozen=True):
    """One file being read: its name for messages, its size in bytes, and how to stop."""

    name: str
    size: int
    cancelled: Callable[[], bool] | None = None
    declared: Callable[[Declared], None] | None = None
    """Told how large the picture is before it is decoded; what it raises ends the reading."""

    def admit(self, height: int, width: int, bytes_per_pixel: float, extra: float = 0.0) -> None:
        """Refuse a picture without pixels, with too many, or too large for the memory; call it before decoding.

        Parameters
        ----------
        height, width : int
            As the file declares them.
        bytes_per_pixel : float
            The most that is held at any time while the picture is decoded and put in order, the result included. The
            tests compare it with the measured peak of every decoder.
        extra : float
            Bytes that do not depend on the size of the picture.

        Raises
        ------
        PictureError, MemoryError, Cancelled
        """
        self.check()
        if self.declared is not None:
            # Every decoder holds two copies of the pixels at least: so few bytes are one of a single channel.
            channels = 1 if bytes_per_pixel < 4 else 3
            held = height * width * bytes_per_pixel + extra
            self.declared(Declared(height, width, held, channels, 8 if bytes_per_pixel >= 16 else 4))
        if height < 1 or width < 1:
            raise PictureError(f"{self.name} has no pixels: its size is {width} × {height}.")
        if height * width > MAXIMUM_PIXELS:
            megapixels = height * width / 1e6
            limit = MAXIMUM_PIXELS // 1_000_000
            raise PictureError(
                f"{self.name} is {width} × {height}, which is {megapixels:,.0f} megapixels; the limit is {limit}."
            )
        memory.require(height * width * bytes_per_pixel + extra + _BUFFERS, f"Opening {self.name}")

    def expect(self, least: float, there: int | None = None) -> None:
        """Refuse at once a file with less compressed data than its declared size can be made of.

        Parameters
        ----------
        least : float
            Bytes that the format needs at the very least.
        there : int, optional
            Bytes that there are; by default those of the file.

        Raises
        ------
        PictureError
        """
        if (self.size if there is None else there) < least:
            raise PictureError(f"{self.name} is damaged: it holds far too little data for the size that it declares.")

    def check(self) -> None:
        """Stop here if the caller wants to.

        Raises
        ------
        Cancelled
        """
        stop_if(self.cancelled)

    def incomplete(self) -> PictureError:
        """Return the error for a file that ends too early or makes no sense."""
        return PictureError(f"{self.name} is damaged or cut short.")

    def missing_rows(self) -> PictureError:
        """Return the error for a file whose data end before its last row."""
        return PictureError(f"{self.name} is cut short: it holds fewer rows than it declares.")

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
