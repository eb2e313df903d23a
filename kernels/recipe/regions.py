"""Parts of maps: which pixels of its input a stage needs for some pixels of its output."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels import memory
from kernels.filtering.border import Border, source_index
from kernels.filtering.geometry import Geometry
from kernels.filtering.operands import output_dtype

Array = npt.NDArray[Any]
Shape = tuple[int, ...]

_SMALL = 2**26


@dataclass(frozen=True)
class Region:
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
    return np.empty(shape, dtype) if len(shape) == 2 else np.empty((shape[2], *shape[:2]), dtype).transpose(1, 2, 0)


def like_maps(maps: Array, shape: Shape) -> Array:
    """Return maps of this shape that lie in memory as others do, if those have as many channels; in floating point."""
    if maps.shape[2:] == shape[2:]:
        return np.empty_like(maps, dtype=output_dtype(maps), shape=shape)
    return empty_maps(shape, output_dtype(maps))


def sources(windows: Geometry, border: Border, wanted: Region, axis: int) -> npt.NDArray[np.int64]:
    """Return the row (axis 0) or column of the maps that each line of the wanted windows is read from.

    The lines go from the first pixel of the first window to the last one of the last; -1 where the border is constant.
    """
    first, stop = (wanted.top, wanted.bottom) if axis == 0 else (wanted.left, wanted.right)
    start = first * windows.stride[axis] - windows.before[axis]
    end = (stop - 1) * windows.stride[axis] - windows.before[axis] + windows.effective_shape[axis]
    if end - start > _SMALL:
        memory.require(8.0 * (end - start), f"A window over {end - start:,} lines")
    return source_index(np.arange(start, end, dtype=np.int64), windows.image_shape[axis], border)


def region_under(windows: Geometry, border: Border, wanted: Region) -> Region:
    """Return the region of the maps that holds every real pixel under the wanted windows."""
    ends = []
    for axis in (0, 1):
        lines = sources(windows, border, wanted, axis)
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
    rows, columns = (sources(windows, border, wanted, axis) for axis in (0, 1))
    corner = wanted.top * windows.stride[0] - windows.before[0], wanted.left * windows.stride[1] - windows.before[1]
    down, across = _in_place(rows, corner[0]), _in_place(columns, corner[1])
    if len(down) == len(rows) and len(across) == len(columns):
        return maps[_slice(down, corner[0] - at.top), _slice(across, corner[1] - at.left)]
    is_bordered = bool((rows < 0).any() or (columns < 0).any())
    shape = (len(rows), len(columns), *maps.shape[2:])
    dtype = _dtype_for(maps.dtype, border_value) if is_bordered else maps.dtype
    if math.prod(shape) * dtype.itemsize > _SMALL:
        memory.require(float(math.prod(shape)) * dtype.itemsize, f"Padding to {shape[0]} × {shape[1]}")
    block = empty_maps(shape, dtype)
    if is_bordered:
        block[rows < 0] = border_value
        block[:, columns < 0] = border_value
    # Nearly all is copied as it lies; the rest line by line.
    source = _slice(down, corner[0] - at.top)
    block[_slice(down, 0), _slice(across, 0)] = maps[source, _slice(across, corner[1] - at.left)]
    beside = _others(columns, across)
    block[_slice(down, 0), beside] = maps[source, columns[beside] - at.left]
    above, real = _others(rows, down), np.flatnonzero(columns >= 0)
    block[np.ix_(above, real)] = maps[np.ix_(rows[above] - at.top, columns[real] - at.left)]
    return block


def _in_place(lines: npt.NDArray[np.int64], start: int) -> range:
    """Return which lines, the first of which stands at `start`, are read from where they stand."""
    found = np.flatnonzero((lines >= 0) & (lines == np.arange(start, start + len(lines))))
    return range(int(found[0]), int(found[-1]) + 1) if found.size else range(0)


def _slice(lines: range, shift: int) -> slice:
    return slice(lines.start + shift, lines.stop + shift) if lines else slice(0, 0)


def _others(lines: npt.NDArray[np.int64], known: range) -> npt.NDArray[np.intp]:
    """Return which lines are real and not among the known ones."""
    wanted = lines >= 0
    wanted[known.start : known.stop] = False
    return np.flatnonzero(wanted)


def _dtype_for(dtype: np.dtype[Any], value: float) -> np.dtype[Any]:
    """Return a dtype that holds the pixels and the value of the border without rounding either."""
    if dtype.kind == "f":
        return dtype if dtype.itemsize >= 8 or np.isnan(value) or dtype.type(value) == value else np.dtype(np.float64)
    if dtype.kind in "iu" and float(value).is_integer():
        info = np.iinfo(dtype)
        if info.min <= value <= info.max:
            return dtype
    return np.dtype(np.float64)
