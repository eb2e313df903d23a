"""What PNG, GIF, JPEG and BMP files declare, and whether there is data enough for it, without decoding a pixel.

Every compression has a largest ratio, so a few bytes that declare hundreds of megapixels can be refused at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import msgspec
from msgspec.structs import replace

from kernels.pictures.formats.common import Reading

DEFLATE_RATIO = 1032
"""Bytes that one byte of deflate data makes at most (P. Deutsch, 1996, RFC 1951: 258 bytes for two bits)."""

GIF_RATIO = 2600
"""Pixels that one byte of a GIF makes at most: a code of 12 bits stands for at most 3,838 of them."""

MOST_FRAMES = 1000
"""Frames and pages are counted so far; beyond, a file only has "more than" that many."""

_PLAIN_TRIFLE = 4096
"""Pixels up to which the ratio says nothing: headers outweigh the data."""

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_USUAL_CHUNKS = (b"IHDR", b"IDAT", b"IEND", b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"pHYs", b"tIME")
_ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
_CHUNK = 1 << 20

_FRAMES = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA))
_SCAN, _EXIF = 0xDA, 0xE1
#: What has a length for every decoder: tables, the restart interval, remarks and what applications add.
_SEGMENTS = frozenset((0xC4, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)))
_MOST_MARKERS, _MOST_BESIDE = 1000, 1 << 25
_BLOCK, _MOST_OF_FRAME = 1 << 12, 10
"""Bytes that are read at a time, and those of a marker that count: those before its picture's channels."""
_USUAL_SCANS, _MOST_SCANNED = 16, 2_000_000_000
"""A progressive JPEG has some ten scans; more are let in while they take no longer than a large picture does."""


class PngHeader(msgspec.Struct, frozen=True):
    """The header of a PNG file, how many bytes its data have, and whether what stands beside them may be left out."""

    width: int
    height: int
    depth: int
    colour_type: int
    is_interlaced: bool
    packed: int = 0
    has_usual_chunks: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is grey or RGB of 8 bits, row by row, with nothing that changes its numbers or how it is seen."""
        return self.depth == 8 and self.colour_type in (0, 2) and not self.is_interlaced and self.has_usual_chunks

    @property
    def least(self) -> float:
        """Bytes that the compressed data must have at the very least."""
        return (self.unpacked - _PLAIN_TRIFLE) / DEFLATE_RATIO

    @property
    def channels(self) -> int:
        """Samples of a pixel."""
        return _CHANNELS[self.colour_type]

    @property
    def unpacked(self) -> int:
        """Bytes of all rows, the filter's byte in front of each included."""
        bits = self.depth * self.channels
        if not self.is_interlaced:
            return self.height * (1 + (self.width * bits + 7) // 8)
        total = 0
        for top, left, rows_apart, columns_apart in _ADAM7:
            rows = -(-(self.height - top) // rows_apart) if self.height > top else 0
            columns = -(-(self.width - left) // columns_apart) if self.width > left else 0
            total += rows * (1 + (columns * bits + 7) // 8) if columns else 0
        return total


def read_png(stream: BinaryIO, reading: Reading) -> PngHeader:
    """Read the header of a PNG file and add up its data.

    Reference: W3C, 2003, Portable Network Graphics (PNG) specification.
    """
    header: PngHeader | None = None
    data, is_usual = 0, True
    for kind, length in _png_chunks(stream):
        is_usual = is_usual and kind in _USUAL_CHUNKS
        if length > reading.size:
            raise reading.incomplete()
        if kind == b"IHDR":
            if header is not None or length != 13:
                raise reading.incomplete()
            header = _png_header(stream.read(17), reading)
        elif kind == b"IDAT":
            data += length
    if header is None:
        raise reading.incomplete()
    return replace(header, packed=min(data, reading.size), has_usual_chunks=is_usual)


def _png_header(body: bytes, reading: Reading) -> PngHeader:
    if len(body) < 17 or zlib.crc32(b"IHDR" + body[:13]) != int.from_bytes(body[13:], "big"):
        raise reading.incomplete()
    if body[9] not in _CHANNELS or body[8] not in (1, 2, 4, 8, 16) or body[12] > 1:
        raise reading.incomplete()
    width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
    return PngHeader(width, height, body[8], body[9], body[12] == 1)


def _png_chunks(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield kind and declared length of every chunk, the stream standing at its content."""
    place = 8
    while True:
        stream.seek(place)
        head = stream.read(8)
        if len(head) < 8:
            return
        length = int.from_bytes(head[:4], "big")
        yield head[4:], length
        if head[4:] == b"IEND":
            return
        place += 12 + length


def png_is_whole(stream: BinaryIO, header: PngHeader) -> bool:
    """Return whether the compressed data hold all rows; nothing but a count is kept of them."""
    wanted, found = header.unpacked, 0
    unpacker = zlib.decompressobj()
    try:
        for kind, length in _png_chunks(stream):
            if kind != b"IDAT":
                continue
            while length > 0:
                packed = stream.read(min(length, _CHUNK))
                if not packed:
                    return False
                length -= len(packed)
                while packed:
                    found += len(unpacker.decompress(packed, _CHUNK))
                    packed = unpacker.unconsumed_tail
                    if found >= wanted:
                        return True
    except zlib.error:
        return False
    return found + len(unpacker.flush(_CHUNK)) >= wanted


def read_gif(stream: BinaryIO, reading: Reading) -> str:
    """Refuse a GIF with too little data for its first frame or its canvas, and say "frame 1 of 12" of an animation.

    Reference: CompuServe, 1990, Graphics Interchange Format, version 89a.
    """
    stream.seek(6)
    head = stream.read(7)
    if len(head) < 7:
        raise reading.incomplete()
    width, height = int.from_bytes(head[:2], "little"), int.from_bytes(head[2:4], "little")
    reading.expect((width * height - _PLAIN_TRIFLE) / GIF_RATIO)
    stream.seek(_table_size(head[4]), 1)
    frames = 0
    while frames <= MOST_FRAMES:
        mark = stream.read(1)
        if mark == b"!":
            stream.seek(1, 1)
        elif mark == b",":
            local = stream.read(9)
            if len(local) < 9:
                break
            stream.seek(_table_size(local[8]) + 1, 1)
            frames += 1
        else:
            break
        packed = _skip_blocks(stream)
        if mark == b"," and frames == 1:
            pixels = int.from_bytes(local[4:6], "little") * int.from_bytes(local[6:8], "little")
            reading.expect((pixels - _PLAIN_TRIFLE) / GIF_RATIO, packed)
    return of_many("frame", frames)


def _table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(stream: BinaryIO) -> int:
    """Go past a chain of blocks and return the bytes that they hold."""
    total = 0
    while length := stream.read(1):
        if length == b"\0":
            break
        stream.seek(length[0], 1)
        total += length[0]
    return total


def of_many(what: str, count: int) -> str:
    """Return "frame 1 of 12" where there are several, else an empty text."""
    if count > MOST_FRAMES:
        return f"{what} 1 of more than {MOST_FRAMES:,}"
    return f"{what} 1 of {count}" if count > 1 else ""


class JpegHeader(NamedTuple):
    """What stands in a JPEG file before its first scan; zeros where it is damaged.

    Attributes
    ----------
    height, width, channels : int
    least : float
        Bytes that its size needs at the very least.
    is_progressive, is_sequential : bool
        Neither is arithmetic or lossless coding.
    depth : int
        Bits of a sample.
    scan : int
        Where the data of the first scan begin; 0 where what comes before is not as usual.
    has_exif : bool
        Or XMP.
    """

    height: int = 0
    width: int = 0
    channels: int = 0
    least: float = 0.0
    is_progressive: bool = False
    is_sequential: bool = False
    depth: int = 0
    scan: int = 0
    has_exif: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is grey or RGB of 8 bits, sequential, with nothing that says how it is seen."""
        is_usual = self.scan > 0 and self.height > 0 and self.width > 0
        return is_usual and self.is_sequential and self.depth == 8 and self.channels in (1, 3) and not self.has_exif


def read_jpeg(stream: BinaryIO, reading: Reading) -> JpegHeader:
    """Read what stands before the first scan of a JPEG.

    Every 8 × 8 block takes at least two bits, one of a progressive file at least one (ITU-T T.81, 1992, annexes F and
    G); arithmetic coding has no such limit.

    Raises
    ------
    PictureError
        There are more markers, or there is more beside the picture, than any camera writes: Pillow takes them one by
        one. Or a progressive file goes over its picture far more often than it has coefficients to add.
    """
    stream.seek(0)
    block, start, place = stream.read(_BLOCK), 0, 2
    beside, header = 0, JpegHeader()
    is_usual, has_exif = True, False
    for _ in range(_MOST_MARKERS):
        at = place - start
        if at + _MOST_OF_FRAME > len(block):
            stream.seek(place)
            block, start, at = stream.read(_BLOCK), place, 0
            if len(block) < 4:
                return header
        if block[at] != 0xFF:
            return header
        marker, length = block[at + 1], block[at + 2] << 8 | block[at + 3]
        if marker == 0xFF:
            is_usual = False
            place += 1
            continue
        place += 2 + length
        if marker == _SCAN and is_usual:
            return JpegHeader(*header[:-2], place, has_exif)
        if marker == _SCAN or length < 2:
            return header
        beside += length
        if beside > _MOST_BESIDE:
            break
        is_usual = is_usual and (marker in _FRAMES or marker in _SEGMENTS)
        if marker in _FRAMES:
            is_usual = is_usual and not header.height
            header = (
                header if header.height else _jpeg_frame(marker, block[at + 4 :][: length - 2], stream, place, reading)
            )
        else:
            has_exif = has_exif or marker == _EXIF
    if header.height:
        return header
    raise reading.unsupported("it holds far more beside its picture than a JPEG has")


def _jpeg_frame(marker: int, body: bytes, stream: BinaryIO, end: int, reading: Reading) -> JpegHeader:
    if len(body) < 6:
        return JpegHeader()
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    pixels = height * width
    is_progressive = marker in (0xC2, 0xCA)
    if is_progressive:
        stream.seek(end)
        # In compressed data the byte FF is followed by 00, so that this is a marker.
        scans = stream.read().count(b"\xff\xda")
        if scans > _USUAL_SCANS and scans * pixels > _MOST_SCANNED:
            raise reading.unsupported(f"it goes over its picture {scans:,} times")
    bits = {0xC0: 2, 0xC1: 2, 0xC2: 1}.get(marker, 0)
    is_sequential = marker in (0xC0, 0xC1)
    return JpegHeader(height, width, body[5], (pixels / 64 - 64) * bits / 8, is_progressive, is_sequential, body[0])


def read_webp(stream: BinaryIO, reading: Reading) -> tuple[int, int]:
    """Return height and width of a WebP file: the decoder makes room for its canvas as soon as it is opened.

    Reference: J. Zern and others, 2024, RFC 9649: WebP image format.
    """
    stream.seek(12)
    head = stream.read(18)
    if head[:4] == b"VP8X" and len(head) == 18:
        return int.from_bytes(head[15:18], "little") + 1, int.from_bytes(head[12:15], "little") + 1
    if head[:4] == b"VP8L" and len(head) >= 13:
        sides = int.from_bytes(head[9:13], "little")
        return (sides >> 14 & 0x3FFF) + 1, (sides & 0x3FFF) + 1
    if head[:4] == b"VP8 " and len(head) == 18:
        return int.from_bytes(head[16:18], "little") & 0x3FFF, int.from_bytes(head[14:16], "little") & 0x3FFF
    raise reading.incomplete()


def check_bmp(height: int, width: int, reading: Reading) -> None:
    """Refuse a BMP that declares more than its runs of at most 255 pixels in two bytes can make."""
    reading.expect((height * width - _PLAIN_TRIFLE) / 128)
