"""A picture file that gives its rows, and what is taken from it: a channel, the level of white, the largest value."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.errors import stop_if
from kernels.filtering.backends.some_rows import SomeRows
from kernels.pictures import colour
from kernels.pictures.picture import Origin, Picture, PictureError, usual_white

Array = npt.NDArray[Any]

LARGEST_PIECE = 1 << 27
"""Bytes of a row of tiles or chunks, or of a strip, that is unpacked at once."""

#: Bytes that are read at once by a pass over a file.
_PASS = 1 << 24


class RowsFile:
    """A picture file that is read by windows of whole rows; the numbers are those of `read_picture`.

    Attributes
    ----------
    path, name : str
        Its absolute path, and what to call it.
    shape : tuple of int
        (H, W) or (H, W, 3).
    dtype : dtype
    white : float or None
        The white level, where the file or its dtype tells.
    note : str
        As `Picture.note`.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    white: float | None = None
    note: str = ""

    def read(self, top: int, bottom: int) -> Array:
        """Return rows `top` to before `bottom`, (h, W) or (h, W, 3)."""
        raise NotImplementedError

    def smaller(self) -> list[RowsFile]:
        """Return the smaller copies of the picture that the file holds, each of half the size of the one before."""
        found: list[RowsFile] = []
        # One that cannot be read is not missed: it is made from a larger one.
        with contextlib.suppress(PictureError):
            for copy in self._copies():
                step = 2 ** (len(found) + 1)
                apart = [abs(side * step - whole) for side, whole in zip(copy.shape[:2], self.shape, strict=False)]
                if max(apart) > step or (copy.dtype, copy.shape[2:]) != (self.dtype, self.shape[2:]):
                    break
                found.append(copy)
        return found

    def _copies(self) -> Iterator[RowsFile]:
        """Yield what may be smaller copies, the largest first."""
        return iter(())

    def close(self) -> None:
        """Give the file back."""

    def __enter__(self) -> RowsFile:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def passes(self) -> Iterator[Array]:
        """Yield all rows, some at a time."""
        rows = max(1, _PASS // max(1, int(np.prod(self.shape[1:])) * self.dtype.itemsize))
        for top in range(0, self.shape[0], rows):
            yield self.read(top, min(top + rows, self.shape[0]))


class Pieces:
    """Rows of tiles or chunks, or strips, as they are unpacked; two are held, since the next window may need both.

    Parameters
    ----------
    unpack : callable
        Returns the piece of a number.
    """

    def __init__(self, unpack: Callable[[int], Array]) -> None:
        self._unpack = unpack
        self._held: dict[int, Array] = {}

    def __call__(self, number: int) -> Array:
        if number not in self._held:
            if len(self._held) > 1:
                del self._held[next(iter(self._held))]
            self._held[number] = self._unpack(number)
        return self._held[number]


class HeldRows(RowsFile):
    """A picture in memory, for a target that takes rows."""

    def __init__(self, picture: Picture) -> None:
        self.path, self.name, self.note = picture.origin.path or "", picture.origin.name, picture.note
        self.shape, self.dtype, self.white = picture.shape, picture.pixels.dtype, picture.white
        self._pixels = picture.pixels

    def read(self, top: int, bottom: int) -> Array:
        return self._pixels[top:bottom]


def white_of(rows: RowsFile, cancelled: Callable[[], bool] | None = None) -> float:
    """Return the level of white, looking at all pixels where neither file nor dtype tells it.

    Raises
    ------
    kernels.errors.Cancelled
        `cancelled` returned True.
    """
    if rows.white is not None:
        return rows.white
    if rows.dtype in (np.uint8, np.uint16):
        return usual_white(np.zeros(1, rows.dtype))
    # The level follows from the largest value alone.
    largest = -np.inf
    for part in rows.passes():
        stop_if(cancelled)
        largest = max(largest, largest_finite_of(part))
    return usual_white(np.array([largest], rows.dtype))


def largest_finite_of(part: Array) -> float:
    """Return the largest finite value, minus infinity if there is none."""
    if part.dtype.kind != "f":
        return float(part.max())
    return float(part.max(initial=-np.inf, where=np.isfinite(part)))


class Channel:
    """A channel of a picture file, as `kernels.pictures.colour.extract` gives it: what a recipe runs over.

    Parameters
    ----------
    rows : RowsFile
    channel : str
    white : float
        Of the picture.
    largest : float
        No finite value of the channel has a larger magnitude, see `SomeRows`.
    """

    def __init__(self, rows: RowsFile, channel: str, white: float, largest: float = 0.0) -> None:
        self.file, self.channel, self.white, self.largest = rows, channel, white, largest
        probe = self._extract(rows.read(0, 1))
        self.shape = (rows.shape[0], *probe.shape[1:])
        self.dtype = probe.dtype
        self.range = colour.channel_range(self._picture(np.zeros((1, 1, *rows.shape[2:]), rows.dtype)), channel)

    def some(self, lines: npt.NDArray[np.int64]) -> SomeRows:
        """Return these rows of the channel."""
        runs = np.split(lines, np.flatnonzero(np.diff(lines) != 1) + 1)
        parts = [self._extract(self.file.read(int(run[0]), int(run[-1]) + 1)) for run in runs]
        pixels = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return SomeRows(self.shape, lines, pixels, self.largest)

    def passes(self) -> Iterator[Array]:
        """Yield all rows of the channel, some at a time."""
        return map(self._extract, self.file.passes())

    def _extract(self, pixels: Array) -> Array:
        return np.ascontiguousarray(colour.extract(self._picture(pixels), self.channel))

    def _picture(self, pixels: Array) -> Picture:
        return Picture(pixels, self.white, origin=Origin("file", self.file.path, self.file.name))


class NotByRows(PictureError):
    """A picture that can only be read as a whole."""
