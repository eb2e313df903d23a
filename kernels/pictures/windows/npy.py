"""Rows of a `.npy` file, read where they stand: a mapped file would count among the memory that is used."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from kernels.pictures.formats.common import Array, Reading
from kernels.pictures.formats.numpy_array import kept_type, read_checked_header
from kernels.pictures.windows.rows import NotByRows, RowsFile


class NpyRows(RowsFile):
    """A `.npy` file of one of the shapes that `read_picture` takes."""

    def __init__(self, stream: BinaryIO, reading: Reading) -> None:
        self.name, self._stream, self._reading = reading.name, stream, reading
        header = read_checked_header(stream, reading)
        if header.is_fortran:
            raise NotByRows(
                f"{self.name} holds its columns one after the other, not its rows; "
                "numpy.save(OUT, numpy.ascontiguousarray(numpy.load(IN, mmap_mode='r'))) turns them."
            )
        if header.offset + header.size > reading.size:
            raise reading.incomplete()
        self._header = header
        self._row = int(np.prod(header.shape[1:]))
        colours = header.shape[2:] if header.shape[2:] in ((), (3,)) else ((3,) if header.shape[2] == 4 else ())
        self.shape = (*header.shape[:2], *colours)
        self.dtype = kept_type(header.dtype)
        self.white = 1.0 if header.dtype.kind == "b" else None

    def read(self, top: int, bottom: int) -> Array:
        raw = np.empty((bottom - top, self._row), self._header.dtype)
        self._stream.seek(self._header.offset + top * self._row * raw.itemsize)
        if self._stream.readinto(raw.view(np.uint8).data) != raw.nbytes:  # type: ignore[attr-defined]
            raise self._reading.incomplete()
        pixels = raw.astype(self.dtype, copy=False).reshape(bottom - top, *self._header.shape[1:])
        if pixels.ndim == 3 and pixels.shape[2] != 3:
            pixels = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels[:, :, :3]
        return np.ascontiguousarray(pixels)

    def close(self) -> None:
        self._stream.close()
