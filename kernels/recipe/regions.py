"""Parts of maps: which pixels of its input a stage needs for some pixels of its output."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels import memory, spare_memory
from kernels.filtering.border import Border, source_index
from kernels.filtering.geometry import Geometry
from kernels.filtering.operands import output_dtype

Array = npt.NDArray[Any]
Shape = tuple[int, ...]


class Region(msgspec.Struct, frozen=True):
    """Rows `top` to before `bottom`, columns `left` to before `right`."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def whole(cls, shape: Shape) -> Region:
        """Return all of maps of this shape."""
        return cls(0, shape[0], 0, shape[1])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    def joined(self, other: Region) -> Region:
        """Return the smallest region that holds both."""
        return Region(
            min(self.top, other.top),
            max(self.bottom, other.bottom),
            min(self.left, other.left),
            max(self.right, other.right),
        )

    def lies_in(self, shape: Shape) -> bool:
        """Whether maps of this shape hold all of it."""
        return self.top >= 0 and self.left >= 0 and self.bottom <= shape[0] and self.right <= shape[1]

    def cut(self, maps: Array, at: Region) -> Array:
        """Return this region of maps that begin at the corner of `at`; a view."""
        return maps[self.slices(at)]

    def slices(self, at: Region) -> tuple[slice, slice]:
        """Return its rows and columns in maps that begin at the corner of `at`."""
        return slice(self.top - at.top, self.bottom - at.top), slice(self.left - at.left, self.right - at.left)


def as_float(maps: Array) -> Array:
    """Return maps in float64 if they are, else in float32."""
    with np.errstate(over="ignore"):
        return maps.astype(output_dtype(maps), copy=False)


def channels_of(shape: Shape) -> int:
    """Return the number of channels; a picture (H, W) counts as one."""
    return shape[2] if len(shape) == 3 else 1


def planes_of(maps: Array) -> Array:
    """Return maps with their channels as a third axis, one for a picture (H, W)."""
    return maps[:, :, np.newaxis] if maps.ndim == 2 else maps


def empty_maps(shape: Shape, dtype: np.dtype[Any]) -> Array:
    """Return maps (H, W) or (H, W, F) of which each lies in one piece of memory: it is computed and looked at alone."""
    if len(shape) == 2:
        return spare_memory.empty(shape, dtype)
    return spare_memory.empty((shape[2], *shape[:2]), dtype).transpose(1, 2, 0)


def like_maps(maps: Array, shape: Shape) -> Array:
    """Return maps of this shape that lie in memory as others do, if those have as many channels; in floating point."""
    if maps.shape[2:] == shape[2:]:
        return np.empty_like(maps, dtype=output_dtype(maps), shape=shape)
    return empty_maps(shape, output_dtype(maps))


def _reach(windows: Geometry, wanted: Region) -> Region:
    """Return from the first pixel of the first wanted window to the last one of the last, beyond the maps too."""
    (top, left), (down, across) = windows.before, windows.stride
    height, width = windows.effective_shape
    return Region(
        wanted.top * down - top,
        (wanted.bottom - 1) * down - top + height,
        wanted.left * across - left,
        (wanted.right - 1) * across - left + width,
    )


def _sources(start: int, end: int, length: int, border: Border) -> npt.NDArray[np.int64]:
    """Return the line of the maps that each line from `start` on is read from; -1 where the border is constant."""
    memory.require(8.0 * (end - start), f"A window over {end - start:,} lines")
    return source_index(np.arange(start, end, dtype=np.int64), length, border)


@lru_cache(maxsize=256)
def region_under(windows: Geometry, border: Border, wanted: Region) -> Region:
    """Return the region of the maps that holds every real pixel under the wanted windows."""
    reach = _reach(windows, wanted)
    if reach.lies_in(windows.image_shape):
        return reach
    ends = []
    for axis, (start, end) in enumerate(((reach.top, reach.bottom), (reach.left, reach.right))):
        lines = _sources(start, end, windows.image_shape[axis], border)
        real = lines[lines >= 0]
        # Windows that lie in a constant border see nothing; a region is not empty.
        ends.append((int(real.min()), int(real.max()) + 1) if real.size else (0, 1))
    (top, bottom), (left, right) = ends
    return Region(top, bottom, left, right)


def gather(maps: Array, at: Region, windows: Geometry, border: Border, border_value: float, wanted: Region) -> Array:
    """Return the pixels under the wanted windows, virtual ones too, so that no more padding is needed.

    Parameters
    ----------
    maps : ndarray, shape (h, w) or (h, w, F)
        The region `at` of the maps, which holds `region_under` the windows.
    """
    reach = _reach(windows, wanted)
    if reach.lies_in(windows.image_shape):
        return reach.cut(maps, at)
    rows = _Lines.of(reach.top, reach.bottom, windows.image_shape[0], border)
    columns = _Lines.of(reach.left, reach.right, windows.image_shape[1], border)
    shape = (rows.count, columns.count, *maps.shape[2:])
    is_bordered = rows.virtual.size > 0 or columns.virtual.size > 0
    dtype = _dtype_for(maps.dtype, border_value) if is_bordered else maps.dtype
    memory.require(float(math.prod(shape)) * dtype.itemsize, f"Padding to {shape[0]} × {shape[1]}")
    block = empty_maps(shape, dtype)
    # Nearly all is copied as it lies; the rest line by line.
    inside = rows.slice(0), columns.slice(0)
    source = rows.slice(reach.top - at.top), columns.slice(reach.left - at.left)
    above, beside = rows.sources - at.top, columns.sources - at.left
    block[inside] = maps[source]
    if beside.size:
        block[inside[0], columns.others] = maps[source[0], beside]
    if above.size:
        block[rows.others, inside[1]] = maps[above, source[1]]
        block[np.ix_(rows.others, columns.others)] = maps[np.ix_(above, beside)]
    if is_bordered:
        block[rows.virtual] = border_value
        block[:, columns.virtual] = border_value
    return block


class _Lines(msgspec.Struct, frozen=True, eq=False):
    """Which lines of maps those under some windows are."""

    count: int
    in_place: range
    """Those that stand as in the maps, one beside the other."""
    others: npt.NDArray[np.intp]
    """Further ones, and the lines of the maps, `sources`, that they are like."""
    sources: npt.NDArray[np.int64]
    virtual: npt.NDArray[np.intp]
    """Those that hold the border's value."""

    @classmethod
    @lru_cache(maxsize=32)
    def of(cls, start: int, end: int, length: int, border: Border) -> _Lines:
        """Find them; those of a strip are asked for with every picture."""
        lines = _sources(start, end, length, border)
        found = np.flatnonzero((lines >= 0) & (lines == np.arange(start, end)))
        in_place = range(int(found[0]), int(found[-1]) + 1) if found.size else range(0)
        is_other = lines >= 0
        is_other[in_place.start : in_place.stop] = False
        others = np.flatnonzero(is_other)
        return cls(end - start, in_place, others, lines[others], np.flatnonzero(lines < 0))

    def slice(self, shift: int) -> slice:
        """Return where those that stand as in the maps are."""
        return slice(self.in_place.start + shift, self.in_place.stop + shift) if self.in_place else slice(0, 0)


def _dtype_for(dtype: np.dtype[Any], value: float) -> np.dtype[Any]:
    """Return a dtype that holds the pixels and the value of the border without rounding either."""
    if dtype.kind == "f":
        return dtype if dtype.itemsize >= 8 or np.isnan(value) or dtype.type(value) == value else np.dtype(np.float64)
    if dtype.kind in "iu" and float(value).is_integer():
        info = np.iinfo(dtype)
        if info.min <= value <= info.max:
            return dtype
    return np.dtype(np.float64)
