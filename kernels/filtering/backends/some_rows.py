"""Some rows of a picture, for a computation that looks at no others."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.filtering.border import Border, source_index
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions

Array = npt.NDArray[Any]


class SomeRows(msgspec.Struct, frozen=True, eq=False):
    """Some rows of a picture that is not held as a whole; shape, dtype and indices are those of the whole picture."""

    shape: tuple[int, ...]
    lines: npt.NDArray[np.int64]
    """Which rows these are, ascending."""
    pixels: Array
    """The rows, (lines, W) or (lines, W, C)."""
    largest: float = 0.0
    """No finite value of the whole picture has a larger magnitude; asked for where whole numbers have over 16 bits."""

    @classmethod
    def none(cls, shape: tuple[int, ...], dtype: np.dtype[Any], largest: float) -> SomeRows:
        """Return no rows at all: enough to plan with."""
        return cls(shape, np.empty(0, np.int64), np.empty((0, *shape[1:]), dtype), largest)

    @property
    def ndim(self) -> int:
        """Axes of the picture."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the pixels."""
        dtype: np.dtype[Any] = self.pixels.dtype
        return dtype

    def __getitem__(self, key: Any) -> Array:
        """Return rows that are among these, or pixels of such, as the whole picture would."""
        rows, *others = key if isinstance(key, tuple) else (key,)
        if isinstance(rows, slice):
            start = int(np.searchsorted(self.lines, rows.start))
            rows = slice(start, start + rows.stop - rows.start)
        else:
            # What stands for no row, -1, gives any; it is overwritten.
            rows = np.searchsorted(self.lines, rows)
        found: Array = self.pixels[(rows, *others)]
        return found


def rows_seen(windows: Geometry, options: SlidingOptions, rows: Pair) -> npt.NDArray[np.int64]:
    """Return the rows of the picture that some output rows look at, ascending; one at least."""
    begin = rows[0] * windows.stride[0] - windows.before[0]
    end = (rows[1] - 1) * windows.stride[0] - windows.before[0] + windows.effective_shape[0]
    found = np.unique(source_index(np.arange(begin, end), windows.image_shape[0], cast(Border, options.border)))
    real = found[found >= 0]
    return real if real.size else np.zeros(1, np.int64)
