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
from kernels.pictures.picture import PictureError

Array = npt.NDArray[Any]

TILE = 512
"""Columns of the tiles that are written, and their rows, which are fewer in a wide picture."""

LARGE = 1 << 30
"""Bytes of a picture from which it is written in tiles."""

_STRIPS, _TILES = 273, 324
_SHORT, _LONG, _DOUBLE, _LONG8, _ASCII = 3, 4, 12, 16, 2
_CODES = {_SHORT: "H", _LONG: "I", _DOUBLE: "d", _LONG8: "Q"}
_FORMATS = {"u": 1, "i": 2, "f": 3}
_LARGEST_PNG = 2**31 - 1
_PIECE = 1 << 20
"""Bytes that are packed at once, and of a chunk."""
_ROW_OF_TILES = 1 << 26
"""Bytes of a row of tiles where it can be: whoever reads a row of pixels unpacks all of it."""


class Layout(msgspec.Struct, frozen=True):
    """Where the rows of a picture stand in a file that holds them as they are.

    Attributes
    ----------
    offset : int
        Where they begin, in bytes.
    shape : tuple of int
    dtype : str
    tile : (int, int) or None
        Rows and columns of a tile; None where rows stand one after the other.
    """

    offset: int
    shape: tuple[int, ...]
    dtype: str
    tile: tuple[int, int] | None = None

    def put(self, descriptor: int, top: int, rows: Array) -> None:
        """Write rows from `top` on; others may write other rows meanwhile."""
        rows = np.ascontiguousarray(rows, np.dtype(self.dtype))
        pixel = rows.nbytes // (rows.shape[0] * rows.shape[1])
        if self.tile is None:
            _write_at(descriptor, rows, self.offset + top * self.shape[1] * pixel)
            return
        height, width = self.tile
        across = -(-self.shape[1] // width)
        first = top
        while first < top + len(rows):
            last = min(top + len(rows), (first // height + 1) * height)
            strip = rows[first - top : last - top]
            for column in range(across):
                part = strip[:, column * width : (column + 1) * width]
                tile = np.zeros((last - first, width, *rows.shape[2:]), rows.dtype)
                tile[:, : part.shape[1]] = part
                number = first // height * across + column
                row = number * height + first % height
                _write_at(descriptor, tile, self.offset + row * width * pixel)
            first = last


def rows_of_tiles(shape: tuple[int, ...], dtype: np.dtype[Any]) -> int:
    """Return how many rows the tiles of a picture have; it depends on the picture alone."""
    rows, line = TILE, int(np.prod(shape[1:])) * dtype.itemsize
    while rows > 16 and rows * line > _ROW_OF_TILES:
        rows //= 2
    return rows


def begin_npy(file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Layout:
    """Write the header of a `.npy` file and give the file its length."""
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    file.flush()
    layout = Layout(file.tell(), shape, dtype.str)
    file.truncate(layout.offset + int(np.prod(shape)) * dtype.itemsize)
    return layout


def begin_tiff(file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any], white: float | None = None) -> Layout:
    """Write the header of an uncompressed TIFF and give the file its length; `white` is kept for floats.

    A large one is a BigTIFF of tiles, any other has its rows one after the other, as every program can read them: it
    depends on the picture alone, so that the same picture makes the same file whoever writes it.

    Reference: Adobe, 1992, TIFF, revision 6.0; BigTIFF as libtiff 4 writes it.
    """
    from kernels.pictures.formats.tiff import LARGEST_SAMPLE

    samples, size = 1 if len(shape) == 2 else shape[2], int(np.prod(shape)) * dtype.itemsize
    is_large, rows = size >= LARGE, rows_of_tiles(shape, dtype)
    tags: list[tuple[int, int, Any]] = [
        (256, _LONG, [shape[1]]),
        (257, _LONG, [shape[0]]),
        (258, _SHORT, [dtype.itemsize * 8] * samples),
        (259, _SHORT, [1]),
        (262, _SHORT, [1 if samples == 1 else 2]),
        (277, _SHORT, [samples]),
        (284, _SHORT, [1]),
        (305, _ASCII, b"Kernelscope\0"),
        (339, _SHORT, [_FORMATS[dtype.kind]] * samples),
    ]
    if is_large:
        count, piece = -(-shape[0] // rows) * -(-shape[1] // TILE), rows * TILE * samples * dtype.itemsize
        places = np.arange(count, dtype="<u8") * piece
        tags += [(322, _SHORT, [TILE]), (323, _SHORT, [rows])]
        tags += [(_TILES, _LONG8, places), (325, _LONG8, np.full(count, piece, "<u8"))]
        size = count * piece
    else:
        tags += [(_STRIPS, _LONG, np.zeros(1, "<u8")), (278, _LONG, [shape[0]]), (279, _LONG, [size])]
    if white is not None and dtype.kind == "f":
        tags.append((LARGEST_SAMPLE, _DOUBLE, [white] * samples))
    begin = _write_directory(file, sorted(tags, key=lambda tag: tag[0]), is_large)
    file.flush()
    file.truncate(begin + size)
    return Layout(begin, shape, dtype.newbyteorder("<").str, (rows, TILE) if is_large else None)


def _write_directory(file: BinaryIO, tags: list[tuple[int, int, Any]], is_big: bool) -> int:
    """Write the head of a TIFF, and return where its pixels begin."""
    number, word, entry = ("<Q", 8, "<HHQ") if is_big else ("<H", 4, "<HHI")
    head = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) if is_big else struct.pack("<2sHI", b"II", 42, 8)
    start = len(head) + struct.calcsize(number) + (struct.calcsize(entry) + word) * len(tags) + word
    begin = start + sum(len(_packed(kind, values)) + 8 for _, kind, values in tags)
    begin += -begin % (4096 if is_big else 16)
    entries, beside = b"", b""
    for code, kind, values in tags:
        data = _packed(kind, values + begin if code in (_STRIPS, _TILES) else values)
        count = len(data) if kind == _ASCII else len(values)
        if len(data) <= word:
            value = data.ljust(word, b"\0")
        else:
            value = struct.pack(number if is_big else "<I", start + len(beside))
            beside += data + b"\0" * (-len(data) % 8)
        entries += struct.pack(entry, code, kind, count) + value
    file.write(head + struct.pack(number, len(tags)) + entries + b"\0" * word + beside)
    return begin


class PngStream:
    """A PNG that is written from its first row to its last.

    Its data are deflated piece by piece, a piece being some megabyte of rows, and every piece as fast as can be for a
    few percent more bytes: where more than half of the bytes repeat the one before them, runs are found, elsewhere none
    are looked for.

    References
    ----------
    W3C, 2003, Portable Network Graphics (PNG) specification; P. Deutsch, 1996, RFC 1950 and RFC 1951.
    """

    def __init__(self, file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> None:
        if max(shape[:2]) > _LARGEST_PNG:
            raise PictureError(f"{shown(name)} cannot be written: PNG allows {_LARGEST_PNG:,} pixels a side.")
        self._file, self._left = file, shape[0]
        self._stored = dtype.newbyteorder(">")
        line = 1 + int(np.prod(shape[1:])) * dtype.itemsize
        #: The filter's byte, 1, and a row less itself one pixel further left.
        self._lines = np.empty((min(shape[0], max(1, _PIECE // line)), line), np.uint8)
        self._lines[:, 0] = 1
        self._filled = 0
        self._packed = bytearray(b"\x78\x01")
        self._sum = zlib.adler32(b"")
        file.write(b"\x89PNG\r\n\x1a\n")
        colour = 0 if len(shape) == 2 else 2
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", shape[1], shape[0], dtype.itemsize * 8, colour, 0, 0, 0))

    def put(self, rows: Array) -> None:
        """Write the next rows; how many at a time makes no difference to the file."""
        while len(rows):
            some = rows[: len(self._lines) - self._filled]
            plain = np.ascontiguousarray(some, self._stored).view(np.uint8).reshape(len(some), -1)
            lines = self._lines[self._filled : self._filled + len(some)]
            step = plain.shape[1] // some.shape[1]
            lines[:, 1 : 1 + step] = plain[:, :step]
            np.subtract(plain[:, step:], plain[:, :-step], out=lines[:, 1 + step :])
            self._filled += len(some)
            self._left -= len(some)
            rows = rows[len(some) :]
            if self._filled == len(self._lines) or self._left == 0:
                self._pack(self._lines[: self._filled].reshape(-1))
                self._filled = 0
        if self._left == 0:
            self._packed += self._sum.to_bytes(4, "big")
            self._write(1)
            self._chunk(b"IEND", b"")

    def _pack(self, data: Array) -> None:
        """Deflate a piece; it ends with a whole byte, so that another may follow."""
        has_runs = 2 * np.count_nonzero(data[1:] == data[:-1]) > data.size
        strategy = zlib.Z_RLE if has_runs else zlib.Z_HUFFMAN_ONLY
        packer = zlib.compressobj(1, wbits=-zlib.MAX_WBITS, memLevel=9, strategy=strategy)
        self._packed += packer.compress(data.data)
        self._packed += packer.flush(zlib.Z_SYNC_FLUSH if self._left else zlib.Z_FINISH)
        self._sum = zlib.adler32(data.data, self._sum)
        self._write(_PIECE)

    def _write(self, least: int) -> None:
        """Write what is packed while there is so much of it."""
        while len(self._packed) >= least:
            self._chunk(b"IDAT", bytes(self._packed[:_PIECE]))
            del self._packed[:_PIECE]

    def _chunk(self, kind: bytes, content: bytes) -> None:
        self._file.write(struct.pack(">I", len(content)) + kind + content)
        self._file.write(struct.pack(">I", zlib.crc32(content, zlib.crc32(kind))))


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
