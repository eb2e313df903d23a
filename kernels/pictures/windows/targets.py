"""Files that are written some rows at a time.

Of an uncompressed TIFF or `.npy` it is known beforehand where every row stands, so that many can write it at once.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.errors import shown
from kernels.pictures.formats.tiff import LARGEST_SAMPLE
from kernels.pictures.picture import PictureError

Array = npt.NDArray[Any]

TILE = 512
"""Rows and columns of the tiles that are written."""

_SHORT, _LONG, _DOUBLE, _LONG8, _ASCII = 3, 4, 12, 16, 2
_CODES = {_SHORT: "H", _LONG: "I", _DOUBLE: "d", _LONG8: "Q"}
_FORMATS = {"u": 1, "i": 2, "f": 3}
_LARGEST_PNG = 2**31 - 1


class Layout(msgspec.Struct, frozen=True):
    """Where the rows of a picture stand in a file that holds them as they are.

    Attributes
    ----------
    offset : int
        Where they begin, in bytes.
    shape : tuple of int
    dtype : str
    tile : int
        Rows and columns of a tile; 0 where rows stand one after the other.
    """

    offset: int
    shape: tuple[int, ...]
    dtype: str
    tile: int = 0

    def put(self, descriptor: int, top: int, rows: Array) -> None:
        """Write rows from `top` on; others may write other rows meanwhile."""
        rows = np.ascontiguousarray(rows, np.dtype(self.dtype))
        pixel = rows.nbytes // (rows.shape[0] * rows.shape[1])
        if self.tile == 0:
            _write_at(descriptor, rows, self.offset + top * self.shape[1] * pixel)
            return
        across = -(-self.shape[1] // self.tile)
        first = top
        while first < top + len(rows):
            last = min(top + len(rows), (first // self.tile + 1) * self.tile)
            strip = rows[first - top : last - top]
            for column in range(across):
                part = strip[:, column * self.tile : (column + 1) * self.tile]
                tile = np.zeros((last - first, self.tile, *rows.shape[2:]), rows.dtype)
                tile[:, : part.shape[1]] = part
                number = first // self.tile * across + column
                row = number * self.tile + first % self.tile
                _write_at(descriptor, tile, self.offset + row * self.tile * pixel)
            first = last


def begin_npy(file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Layout:
    """Write the header of a `.npy` file and give the file its length."""
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    file.flush()
    layout = Layout(file.tell(), shape, dtype.str)
    file.truncate(layout.offset + int(np.prod(shape)) * dtype.itemsize)
    return layout


def begin_tiff(file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any], white: float | None = None) -> Layout:
    """Write the header of an uncompressed tiled BigTIFF and give the file its length; `white` is kept for floats.

    Reference: Adobe, 1992, TIFF, revision 6.0; BigTIFF as libtiff 4 writes it.
    """
    samples = 1 if len(shape) == 2 else shape[2]
    count = -(-shape[0] // TILE) * -(-shape[1] // TILE)
    size = TILE * TILE * samples * dtype.itemsize
    tags: list[tuple[int, int, Any]] = [
        (256, _LONG, [shape[1]]),
        (257, _LONG, [shape[0]]),
        (258, _SHORT, [dtype.itemsize * 8] * samples),
        (259, _SHORT, [1]),
        (262, _SHORT, [1 if samples == 1 else 2]),
        (277, _SHORT, [samples]),
        (284, _SHORT, [1]),
        (305, _ASCII, b"Kernelscope\0"),
        (322, _SHORT, [TILE]),
        (323, _SHORT, [TILE]),
        (324, _LONG8, np.arange(count, dtype="<u8") * size),
        (325, _LONG8, np.full(count, size, "<u8")),
        (339, _SHORT, [_FORMATS[dtype.kind]] * samples),
    ]
    if white is not None and dtype.kind == "f":
        tags.append((LARGEST_SAMPLE, _DOUBLE, [white] * samples))
    start = 16 + 8 + 20 * len(tags) + 8
    begin = start + sum(len(_packed(kind, values)) + 8 for _, kind, values in tags)
    begin += -begin % 4096
    entries, beside = b"", b""
    for code, kind, values in tags:
        data = _packed(kind, values if code != 324 else np.asarray(values) + begin)
        number = len(data) if kind == _ASCII else len(values)
        if len(data) <= 8:
            value = data.ljust(8, b"\0")
        else:
            value = struct.pack("<Q", start + len(beside))
            beside += data + b"\0" * (-len(data) % 8)
        entries += struct.pack("<HHQ", code, kind, number) + value
    file.write(
        struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) + struct.pack("<Q", len(tags)) + entries + b"\0" * 8 + beside
    )
    file.flush()
    file.truncate(begin + count * size)
    return Layout(begin, shape, dtype.newbyteorder("<").str, TILE)


class PngStream:
    """A PNG that is written from its first row to its last.

    Reference: W3C, 2003, Portable Network Graphics (PNG) specification.
    """

    def __init__(self, file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> None:
        if max(shape[:2]) > _LARGEST_PNG:
            raise PictureError(f"{shown(name)} cannot be written: PNG allows {_LARGEST_PNG:,} pixels a side.")
        self._file, self._left = file, shape[0]
        self._stored = dtype.newbyteorder(">")
        self._packer = zlib.compressobj(6)
        file.write(b"\x89PNG\r\n\x1a\n")
        colour = 0 if len(shape) == 2 else 2
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", shape[1], shape[0], dtype.itemsize * 8, colour, 0, 0, 0))

    def put(self, rows: Array) -> None:
        """Write the next rows."""
        plain = np.ascontiguousarray(rows, self._stored).view(np.uint8).reshape(len(rows), -1)
        lines = np.empty((len(rows), 1 + plain.shape[1]), np.uint8)
        # Every row less the one to its left, byte by byte: filter 1.
        step = plain.shape[1] // rows.shape[1]
        lines[:, 0] = 1
        lines[:, 1:] = plain
        lines[:, 1 + step :] -= plain[:, :-step]
        self._left -= len(rows)
        self._chunk(b"IDAT", self._packer.compress(lines.data))
        if self._left == 0:
            self._chunk(b"IDAT", self._packer.flush())
            self._chunk(b"IEND", b"")

    def _chunk(self, kind: bytes, content: bytes) -> None:
        for at in range(0, max(1, len(content)), 1 << 30):
            part = content[at : at + (1 << 30)]
            self._file.write(struct.pack(">I", len(part)) + kind + part)
            self._file.write(struct.pack(">I", zlib.crc32(part, zlib.crc32(kind))))


def _packed(kind: int, values: Any) -> bytes:
    if kind == _ASCII:
        return bytes(values)
    return np.asarray(values, "<" + _CODES[kind]).tobytes()


def _write_at(descriptor: int, rows: Array, offset: int) -> None:
    """Write all bytes; systems write at most 2 GiB at a time."""
    left = memoryview(rows.view(np.uint8).reshape(-1).data)
    while left:
        if hasattr(os, "pwrite"):
            written = os.pwrite(descriptor, left, offset)
        else:
            os.lseek(descriptor, offset, os.SEEK_SET)
            written = os.write(descriptor, left)
        left, offset = left[written:], offset + written
