"""OME-Zarr 0.5, with the extra ``zarr``: pictures in chunks, several of which make a shard, a file of its own.

Reference: J. Moore and others, 2023, OME-Zarr: a cloud-optimized bioimaging file format with international community
support; NGFF specification, version 0.5.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kernels.errors import shown
from kernels.files import part_folder
from kernels.pictures.formats.common import Array
from kernels.pictures.formats.numpy_array import kept_type
from kernels.pictures.picture import PictureError
from kernels.pictures.windows import check_zarr
from kernels.pictures.windows.rows import LARGEST_PIECE, Pieces, RowsFile
from kernels.pictures.windows.targets import rows_of_tiles

_SHARD_COLUMNS, _CHUNK = 4096, 256


class ZarrRows(RowsFile):
    """The first picture of an OME-Zarr, or a smaller copy of it, `level`; or a bare Zarr array."""

    def __init__(self, path: str | os.PathLike[str], level: int = 0) -> None:
        self._smaller = range(0)
        self.path, self.name = os.path.abspath(path), shown(Path(path).name)
        zarr = _library(self.name)
        try:
            found = zarr.open(self.path, mode="r")
            attributes = dict(found.attrs)
            scales = attributes.get("ome", attributes).get("multiscales")
            axes = None
            if not hasattr(found, "shape"):
                axes = [axis["name"] for axis in scales[0]["axes"]]
                found = found[scales[0]["datasets"][level]["path"]]
                self._smaller = range(level + 1, len(scales[0]["datasets"]))
        except MemoryError:
            raise
        except Exception as error:  # whatever zarr, or this, meets in metadata that make no sense
            raise PictureError(f"{self.name} cannot be opened: it is no OME-Zarr 0.5 and no Zarr array.") from error
        self._array: Any = found
        self._axes = axes or list("cyx")[3 - min(found.ndim, 3) :]
        self._check()
        sizes = dict(zip(self._axes, found.shape, strict=True))
        self.shape = (sizes["y"], sizes["x"], *((3,) if sizes.get("c", 1) == 3 else ()))
        self.dtype = kept_type(found.dtype)
        self.white = 1.0 if found.dtype.kind == "b" else None
        self._rows = int(dict(zip(self._axes, found.chunks, strict=True))["y"])
        self._pieces = Pieces(self._unpacked)

    def read(self, top: int, bottom: int) -> Array:
        result: Array = np.empty((bottom - top, *self.shape[1:]), self.dtype)
        for number in range(top // self._rows, -(-bottom // self._rows)):
            begin = number * self._rows
            first, last = max(top, begin), min(bottom, begin + self._rows)
            result[first - top : last - top] = self._pieces(number)[first - begin : last - begin]
        return result

    def _copies(self) -> Iterator[RowsFile]:
        return (ZarrRows(self.path, level) for level in self._smaller)

    def _check(self) -> None:
        array, axes = self._array, self._axes
        sizes = dict(zip(axes, array.shape, strict=False))
        channels = sizes.pop("c", 1)
        is_picture = len(axes) == array.ndim and axes[-2:] == ["y", "x"] and channels in (1, 3)
        if not is_picture or any(sizes[axis] != 1 for axis in axes[:-2] if axis in sizes) or 0 in array.shape:
            raise PictureError(f"{self.name} cannot be opened: an array of the shape {array.shape} is no picture.")
        if array.dtype.kind not in "buif":
            raise PictureError(f"{self.name} cannot be opened: it holds {array.dtype} values, not real numbers.")
        size = array.chunks[-2] * array.shape[-1] * array.dtype.itemsize * channels
        if size > LARGEST_PIECE:
            raise PictureError(f"{self.name} is stored in chunks of {size / 1e6:,.0f} MB a row, too large to be read.")

    def _unpacked(self, number: int) -> Array:
        """Return a row of chunks."""
        try:
            rows = np.asarray(self._array[..., number * self._rows : (number + 1) * self._rows, :])
        except (MemoryError, OSError):
            raise
        except Exception as error:  # each codec has errors of its own
            raise PictureError(f"{self.name} is damaged or cut short.") from error
        planes = rows.reshape(-1, *rows.shape[-2:]).astype(self.dtype, copy=False)
        return planes[0] if len(planes) == 1 else np.moveaxis(planes, 0, -1)


class ZarrPart:
    """An OME-Zarr that is being written: takes rows one after the other, and writes whole shards.

    Others may write other shards meanwhile.

    Parameters
    ----------
    path : str
    """

    def __init__(self, path: str) -> None:
        self._array: Any = _library(shown(path)).open_array(path, path="0", mode="r+")
        *colours, rows, _ = self._array.shards
        self._held: Array = np.empty((rows, self._array.shape[-1], *colours), self._array.dtype)

    def __call__(self, top: int, rows: Array) -> None:
        """Take rows that follow those before, or the first ones of a shard."""
        height = len(self._held)
        while len(rows):
            begin = top // height * height
            end = min(begin + height, self._array.shape[-2])
            some, rows = rows[: end - top], rows[end - top :]
            self._held[top - begin : top - begin + len(some)] = some
            top += len(some)
            if top == end:
                shards = self._held[: end - begin]
                self._array[..., begin:end, :] = np.moveaxis(shards, -1, 0) if shards.ndim == 3 else shards


def write_zarr(path: str, shape: tuple[int, ...], dtype: np.dtype[Any], write: Callable[[str, int], None]) -> None:
    """Write a sharded OME-Zarr so that it is there completely or not at all; one of that name is replaced.

    Parameters
    ----------
    path : str
    shape, dtype
        (H, W) or (H, W, 3).
    write : callable
        Gets the path for `ZarrPart`, and the rows of a shard.
    """
    target = Path(os.path.realpath(path))
    zarr = _library(shown(target.name))
    if target.exists() and not (target / "zarr.json").is_file():
        raise PictureError(f"{shown(target.name)} is there and is no Zarr; choose another name for the output.")
    colours = shape[2:]
    rows, across = rows_of_tiles(shape, dtype), min(_SHARD_COLUMNS, -(-shape[1] // _CHUNK) * _CHUNK)
    with part_folder(path) as part:
        group = zarr.create_group(str(part), zarr_format=3, attributes=_attributes(bool(colours)))
        group.create_array(
            "0",
            shape=(*colours, *shape[:2]),
            dtype=dtype,
            chunks=(*(1 for _ in colours), min(rows, _CHUNK), _CHUNK),
            shards=(*colours, rows, across),
            dimension_names=[*("c" for _ in colours), "y", "x"],
        )
        write(str(part), rows)
        if not target.exists():
            os.replace(part, target)
            return
        with part_folder(path) as old:
            os.replace(target, old)
            os.replace(part, target)


def _attributes(has_colours: bool) -> dict[str, Any]:
    axes = [{"name": "c", "type": "channel"}] * has_colours + [{"name": axis, "type": "space"} for axis in "yx"]
    scale = {"type": "scale", "scale": [1.0] * len(axes)}
    datasets = [{"path": "0", "coordinateTransformations": [scale]}]
    return {"ome": {"version": "0.5", "multiscales": [{"name": "0", "axes": axes, "datasets": datasets}]}}


def _library(name: str) -> Any:
    check_zarr(name)
    import zarr

    return zarr
