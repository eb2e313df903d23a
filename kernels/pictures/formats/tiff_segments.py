"""Strips and tiles of a TIFF page, unpacked to what the declared geometry needs and no further.

The general unpackers - zlib, LZMA and PackBits - are bounded here; tifffile then takes the samples apart. LZW, JPEG,
CCITT and the others are libtiff's work, which fills a buffer of the declared size.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO

import numpy as np

from kernels.pictures.formats.common import Array, Reading
from kernels.pictures.formats.declared import DEFLATE_RATIO

NONE, PACKBITS = 1, 32773
_DEFLATE, _LZMA = (8, 32946), 34925
UNPACKED_HERE = (NONE, *_DEFLATE, PACKBITS, _LZMA)

_LARGEST_DICTIONARY = 1 << 27
"""Bytes that LZMA may take beside its output; the strongest preset takes half of it."""
_PADDING = 1 << 26
"""Samples by which tiles may exceed the picture, beside its own number."""
Unpack = Callable[[bytes, int], bytes]
_REVERSED = bytes(int(f"{number:08b}"[::-1], 2) for number in range(256))


class Segments:
    """The strips or tiles of a page.

    Attributes
    ----------
    rows, columns : int
        Of the largest of them.
    size : int
        Bytes of the largest of them, unpacked.
    down, across : int
        How many stand below and beside each other.
    count : int
        How many the page has to have.
    all_bytes : int
        Of all of them, unpacked.
    """

    def __init__(self, page: Any, reading: Reading) -> None:
        height, width = int(page.imagelength), int(page.imagewidth)
        if page.is_tiled:
            self.rows, self.columns = int(page.tilelength), int(page.tilewidth)
        else:
            self.rows, self.columns = min(int(page.rowsperstrip), height), width
        if self.rows < 1 or self.columns < 1 or int(page.samplesperpixel) < 1:
            raise reading.incomplete()
        self.is_tiled = bool(page.is_tiled)
        separate = int(page.samplesperpixel) if int(page.planarconfig) == 2 else 1
        down, across = -(-height // self.rows), -(-width // self.columns)
        self.count = down * across * separate
        self._samples = int(page.samplesperpixel) // separate
        self._bits = int(page.bitspersample)
        self._height, self.down, self.across = height, down, across
        self.size = self.bytes_of(self.rows)
        # The last strip of a plane may be shorter, a tile is always whole.
        self.all_bytes = self.count * self.size if self.is_tiled else separate * self.bytes_of(height)
        if down * self.rows * across * self.columns > 4 * height * width + _PADDING:
            raise reading.unsupported("its tiles are many times larger than its picture")

    def bytes_of(self, rows: int) -> int:
        """Return the unpacked bytes of so many rows of a strip or tile."""
        return rows * ((self.columns * self._samples * self._bits + 7) // 8)

    def rows_of(self, index: int) -> int:
        """Return the rows of one: the last strip may be shorter."""
        if self.is_tiled:
            return self.rows
        return min(self.rows, self._height - (index % self.down) * self.rows)


def unpack_page(stream: BinaryIO, page: Any, segments: Segments, reading: Reading) -> tuple[Array, int]:
    """Decode a page of one of the compressions `UNPACKED_HERE`.

    Returns
    -------
    array : ndarray
        As tifffile's `TiffPage.shaped`: (samples apart, depth, length, width, samples together).
    missing : int
        How many strips or tiles are left out in the file, and read as 0.

    Raises
    ------
    PictureError
        A strip or tile is damaged, or holds fewer or more bytes than its size needs.
    """
    unpack = unpacker_of(page)
    assert unpack is not None
    offsets, counts = page.dataoffsets, page.databytecounts
    if len(offsets) < segments.count or len(counts) < segments.count:
        raise reading.missing_rows()
    result: Array = np.zeros(page.shaped, page._dtype)
    missing = 0
    for index in range(segments.count):
        reading.check()
        if counts[index] == 0 or offsets[index] == 0:
            missing += 1
            continue
        decoded, (apart, depth, top, left, _), shape = decoded_segment(stream, page, segments, index, unpack, reading)
        target = result[apart, depth : depth + shape[0], top : top + shape[1], left : left + shape[2]]
        target[...] = decoded[: target.shape[0], : target.shape[1], : target.shape[2]]
    return result, missing


def unpacker_of(page: Any) -> Unpack | None:
    """Return what unpacks the strips or tiles of a page here, None if nothing does.

    What is handed to tifffile is unpacked then, and the page is changed to say so; bits, byte order and predictor are
    still tifffile's.
    """
    unpack = _UNPACKERS.get(int(page.compression))
    if unpack is None:
        return None
    if page.fillorder == 2 and page.compression != NONE:
        unpack = partial(_turned, unpack)
        page.fillorder = 1
    page.compression = NONE
    return unpack


def decoded_segment(
    stream: BinaryIO, page: Any, segments: Segments, index: int, unpack: Unpack, reading: Reading
) -> tuple[Array, tuple[int, ...], tuple[int, ...]]:
    """Return the samples of one strip or tile, where they belong in ``page.shaped``, and how many are of the picture.

    Raises
    ------
    PictureError
        It is damaged, or holds fewer or more bytes than its size needs.
    """
    needed = segments.bytes_of(segments.rows_of(index))
    stream.seek(page.dataoffsets[index])
    packed = stream.read(needed if unpack is _as_they_are else min(page.databytecounts[index], reading.size))
    try:
        # Some writers fill the last strip up.
        data = unpack(packed, segments.size + 1)
    except (zlib.error, lzma.LZMAError, EOFError) as error:
        raise reading.incomplete() from error
    if len(data) < needed:
        raise reading.missing_rows()
    if len(data) > segments.size:
        raise reading.unsupported("a strip or tile in it unpacks to more than its size")
    decoded: tuple[Array, tuple[int, ...], tuple[int, ...]] = page.decode(data[:needed], index)
    return decoded


def least_bytes(compression: int, size: float) -> float:
    """Return the packed bytes that so many unpacked ones need at the very least."""
    if compression == NONE:
        return size
    if compression in _DEFLATE:
        return size / DEFLATE_RATIO - 64
    return size / 65 if compression == PACKBITS else 0.0


def _turned(unpack: Unpack, packed: bytes, limit: int) -> bytes:
    """Unpack bytes that are stored with their bits the other way round."""
    return unpack(packed.translate(_REVERSED), limit)


def _as_they_are(packed: bytes, limit: int) -> bytes:
    return packed


def _inflate(packed: bytes, limit: int) -> bytes:
    return zlib.decompressobj().decompress(packed, limit)


def _unxz(packed: bytes, limit: int) -> bytes:
    return lzma.LZMADecompressor(memlimit=_LARGEST_DICTIONARY).decompress(packed, limit)


def _unpack_bits(packed: bytes, limit: int) -> bytes:
    """Undo run-length coding (Apple, 1996, Technical Note TN1023)."""
    result = bytearray()
    place = 0
    while place < len(packed) and len(result) < limit:
        code = packed[place]
        if code < 128:
            result += packed[place + 1 : place + 2 + code]
            place += 2 + code
        else:
            if code > 128:
                result += packed[place + 1 : place + 2] * (257 - code)
                place += 1
            place += 1
    return bytes(result[:limit])


_UNPACKERS: dict[int, Unpack] = {
    NONE: _as_they_are,
    PACKBITS: _unpack_bits,
    _LZMA: _unxz,
    **dict.fromkeys(_DEFLATE, _inflate),
}
