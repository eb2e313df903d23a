"""What rows of a result hold, and how they become rows of a file."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.pictures import display, writing
from kernels.pictures.summary import Extent, extent_of

Array = NDArray[Any]
Levels = tuple[float, float]


class Found(Extent, frozen=True, eq=False):
    """What a band, or some together, hold.

    Attributes
    ----------
    clipped : int
        Pixels beyond the levels.
    """

    extremes: tuple[float, float] | None = None
    non_finite: int = 0
    clipped: int = 0

    @classmethod
    def of(cls, rows: Array) -> Found:
        """Return what rows hold, of which nothing is clipped yet."""
        extent = extent_of(rows)
        return cls(extent.extremes, extent.non_finite)

    @classmethod
    def between(cls, levels: Levels, mode: str, rows: Array, extent: Extent) -> Found:
        """Return what rows of this extent hold."""
        clipped = 0 if extent.lies_within(levels) else display.clipped(rows, levels, mode).pixels
        return cls(extent.extremes, extent.non_finite, clipped)

    def joined(self, other: Found) -> Found:
        """Return what both hold."""
        ends = [each for each in (self.extremes, other.extremes) if each is not None]
        extremes = (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None
        return Found(extremes, self.non_finite + other.non_finite, self.clipped + other.clipped)


class Painting(msgspec.Struct, frozen=True):
    """How rows of a result become rows of a file; without levels the numbers stay as they are.

    Attributes
    ----------
    mode : str
        One of `kernels.batch.settings.RANGES`.
    bits : int
        8 or 16.
    levels : (float, float) or None
        Black and white.
    has_colours : bool
        Whether a grey result gets the colour of pixels that are not finite.
    """

    mode: str
    bits: int
    levels: Levels | None
    has_colours: bool

    def kind(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Return the shape and dtype in which a result of these is written."""
        if self.levels is None:
            return shape, dtype
        colours = (3,) if self.has_colours else shape[2:]
        return (*shape[:2], *colours), np.dtype(np.uint16 if self.bits == 16 else np.uint8)

    def __call__(self, rows: Array) -> tuple[Array, Found]:
        """Return the rows of the file, and what they were made of."""
        if self.levels is None:
            return rows, Found.of(rows)
        if self.bits == 16:
            found = Found.between(self.levels, self.mode, rows, extent_of(rows))
            return writing.fit_16_bit(np.abs(rows) if self.mode == "abs" else rows, self.levels)[0], found
        painted, extent = display.render_and_look(rows, self.levels, self.mode)
        found = Found.between(self.levels, self.mode, rows, extent)
        if rows.ndim == 2 and self.has_colours != (painted.ndim == 3):
            # A file that is begun in grey is written again once a pixel has a colour.
            painted = np.repeat(painted[:, :, np.newaxis], 3, axis=2) if self.has_colours else painted[:, :, 0]
        return painted, found
