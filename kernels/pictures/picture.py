"""A picture: pixels in the numbers of its file, and where they came from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.errors import refuse_mask

Pixels = NDArray[Any]
OriginKind = Literal["file", "sample", "clipboard", "output"]

MAXIMUM_PIXELS = 400_000_000
"""Larger pictures are refused before they are decoded."""


class PictureError(ValueError):
    """A picture cannot be opened or saved; the text is one plain sentence that names the file."""


class Origin(msgspec.Struct, frozen=True):
    """Where a picture came from, enough to read it again.

    Attributes
    ----------
    kind : {"file", "sample", "clipboard", "output"}
        "output" is what was computed or drawn here, and is to be had nowhere else.
    path : str or None
        Absolute path of a file.
    name : str
        What to call it: a file's name, a sample's name, or a description.
    """

    kind: OriginKind = "clipboard"
    path: str | None = None
    name: str = "untitled"


class Picture(msgspec.Struct, frozen=True, eq=False, dict=True, weakref=True):
    """Pixels as the file holds them. Two pictures are equal only if they are the same object.

    Attributes
    ----------
    pixels : ndarray
        Read-only, ``(H, W)`` grey or ``(H, W, 3)`` RGB, in the file's dtype and range; of a file that is not held
        `kernels.pictures.windows.seen.FileWindows`.
    white : float
        The value that counts as white: 255, 65535, a PGM's own maximum, 1 for most float pictures.
    alpha : ndarray or None
        Opacity ``(H, W)``, read-only; 0 is transparent. It is kept, never filtered.
    origin : Origin
    note : str
        What the user should know, such as ``"page 1 of 5"``; empty as a rule.
    bits : str
        ``"8-bit grey"``, ``"16-bit RGB"``; made from the pixels when left out.

    Raises
    ------
    PictureError
        The pixels are not numbers, not of one of the two shapes, or there are none.
    """

    pixels: Pixels
    white: float = 255.0
    alpha: Pixels | None = None
    origin: Origin = msgspec.field(default_factory=Origin)
    note: str = ""
    bits: str = ""

    def __post_init__(self) -> None:
        pixels = self.pixels
        if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
            raise PictureError(f"A picture is (H, W) or (H, W, 3), not {pixels.shape}.")
        if pixels.size == 0:
            raise PictureError(f"A picture needs at least one pixel, not {pixels.shape}.")
        if pixels.dtype.kind not in "uif":
            raise PictureError(f"Pixels are real numbers, not {pixels.dtype}.")
        if not 0 < self.white < math.inf:
            raise PictureError(f"The white level is a positive number, not {self.white}.")
        if self.alpha is not None and self.alpha.shape != pixels.shape[:2]:
            raise PictureError(f"Opacity has the shape {pixels.shape[:2]}, not {self.alpha.shape}.")
        msgspec.structs.force_setattr(self, "pixels", _frozen(pixels))
        msgspec.structs.force_setattr(self, "white", float(self.white))
        if self.alpha is not None:
            msgspec.structs.force_setattr(self, "alpha", _frozen(self.alpha))
        if not self.bits:
            msgspec.structs.force_setattr(self, "bits", describe_bits(pixels, self.alpha is not None))

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the pixels, ``(H, W)`` or ``(H, W, 3)``."""
        return tuple(int(n) for n in self.pixels.shape)

    @property
    def is_grey(self) -> bool:
        """Whether there is one channel."""
        return self.pixels.ndim == 2

    @property
    def is_held(self) -> bool:
        """Whether the pixels are there, and not only looked at by windows (`kernels.pictures.windows.seen`)."""
        return is_held(self.pixels)

    @property
    def nbytes(self) -> int:
        """Memory of pixels and opacity in bytes."""
        return int(self.pixels.nbytes) + (0 if self.alpha is None else int(self.alpha.nbytes))

    @property
    def file_range(self) -> tuple[float, float]:
        """Black and white of the file, ``(0.0, white)``."""
        return 0.0, self.white

    @cached_property
    def non_finite(self) -> int:
        """How many pixels are NaN or infinite in any channel; 0 where they are not held."""
        if self.pixels.dtype.kind != "f" or not self.is_held:
            return 0
        count = 0
        for strip in _strips(self.pixels):
            bad = ~np.isfinite(strip)
            count += int(np.count_nonzero(bad if bad.ndim == 2 else bad.any(axis=2)))
        return count


def is_held(pixels: Any) -> bool:
    """Return whether pixels are an array, and not only looked at by windows."""
    return isinstance(pixels, np.ndarray)


def describe_bits(pixels: Pixels, has_alpha: bool = False) -> str:
    """Return ``"8-bit grey"``, ``"32-bit float RGB"``, ``"8-bit RGB with alpha"`` and the like."""
    number = " float" if pixels.dtype.kind == "f" else ""
    signed = " signed" if pixels.dtype.kind == "i" else ""
    colour = "grey" if pixels.ndim == 2 else "RGB"
    return f"{pixels.dtype.itemsize * 8}-bit{signed}{number} {colour}{' with alpha' if has_alpha else ''}"


def usual_white(pixels: Pixels) -> float:
    """Return the white level to assume when the file does not say.

    For 8 and 16-bit integers it is the dtype's largest value. Other numbers carry no such promise: white is 1 when no
    value is far above it (a scene may overshoot white), else the smallest of 255, 65535 and the largest value itself
    that holds them all.
    """
    if pixels.dtype.kind == "b":
        return 1.0
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize <= 2:
        return 255.0 if pixels.dtype.itemsize == 1 else 65535.0
    largest = largest_finite(pixels)
    if pixels.dtype.kind == "f" and largest <= 16.0:
        return 1.0
    for white in (255.0, 65535.0):
        if largest <= white:
            return white
    return largest


def largest_finite(pixels: Pixels) -> float:
    """Return the largest finite value, or 0.0 when there is none."""
    if pixels.dtype.kind != "f":
        return float(pixels.max())
    largest = float(pixels.max())
    if np.isfinite(largest):
        return largest
    each = [float(strip.max(initial=-np.inf, where=np.isfinite(strip))) for strip in _strips(pixels)]
    return max(each) if max(each) > -np.inf else 0.0


def from_array(
    array: ArrayLike,
    *,
    white: float | None = None,
    kind: OriginKind = "clipboard",
    name: str = "untitled",
    note: str = "",
) -> Picture:
    """Make a picture of an array: from the clipboard, a notebook, or a result that becomes the next input.

    Parameters
    ----------
    array : array_like
        ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)``; the fourth channel is opacity. The values are copied.
    white : float, optional
        By default `usual_white`.
    kind, name, note
        See `Origin` and `Picture`.

    Returns
    -------
    Picture

    Raises
    ------
    PictureError
        The array is no picture.
    TypeError
        The array is masked.
    """
    refuse_mask("array", array)
    pixels, alpha = split_alpha(np.array(array))
    if pixels.dtype.kind == "b":
        pixels = pixels.astype(np.uint8)
        white = 1.0 if white is None else white
    if white is None:
        white = usual_white(pixels) if pixels.size and pixels.dtype.kind in "uif" else 1.0
    return Picture(pixels, white, alpha, Origin(kind, None, name), note)


def split_alpha(pixels: Pixels) -> tuple[Pixels, Pixels | None]:
    """Split ``(H, W, 1 | 3 | 4)`` into grey or RGB and the opacity, if any; other shapes come back unchanged."""
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        return pixels[:, :, 0], None
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        return np.ascontiguousarray(pixels[:, :, :3]), np.ascontiguousarray(pixels[:, :, 3])
    return pixels, None


def _strips(pixels: Pixels) -> Iterator[Pixels]:
    """Yield some rows at a time: a mask of a 400-megapixel picture would be a picture of its own."""
    rows = max(1, 4_000_000 // max(1, pixels.shape[1]))
    for top in range(0, pixels.shape[0], rows):
        yield pixels[top : top + rows]


def _frozen(array: Pixels) -> Pixels:
    """Return the array contiguous and read-only, without touching the caller's flags."""
    if not is_held(array):
        return array
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
