"""PBM, PGM and PPM, plain and raw (J. Poskanzer, 1988, Netpbm formats).

Written here because the common libraries rescale the values to 255 or 65535: a PGM's own maximum is its white.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from kernels.pictures.formats.common import Array, Decoded, Reading

_BITMAP, _GREYMAP = (1, 4), (2, 5)
_LONGEST_HEADER = 65536
_LONGEST_NUMBER = 32
"""Digits of one number, leading zeros included."""
_CHUNK = 1 << 18
"""Bytes of a plain file that are looked at at once; as separate numbers they take eighty times the room."""
_CHUNK_HELD = 100.0 * _CHUNK

_FOREIGN, _NO_BIT = re.compile(rb"[^0-9\s]"), re.compile(rb"[^01]")


def decode(stream: BinaryIO, reading: Reading) -> Decoded:
    """Decode the first picture of a file P1 to P6."""
    stream.seek(0)
    variant = int(stream.read(2)[1:])
    plain = variant <= 3
    width, height = _number(stream, reading), _number(stream, reading)
    if variant in _BITMAP:
        reading.admit(height, width, 1.25, _CHUNK_HELD * plain)
        reading.expect(height * width if plain else height * ((width + 7) // 8))
        bits = _plain_bits(stream, height, width, reading) if plain else _raw_bits(stream, height, width, reading)
        # 1 is black.
        bits ^= 1
        bits *= 255
        return Decoded(bits, bits="1-bit grey")
    white = _number(stream, reading)
    if not 1 <= white <= 65535:
        raise reading.unsupported(f"its largest value is given as {white}, not 1 to 65535")
    channels = 1 if variant in _GREYMAP else 3
    size = 1 if white < 256 else 2
    count = height * width * channels
    # Plain values are kept in 16 bits until the largest is known; raw ones are turned into the machine's byte order.
    reading.admit(height, width, channels * (3.0 if plain else 2.0 * size), _CHUNK_HELD * plain)
    reading.expect(2 * count - 1 if plain else count * size)
    values = _plain_values(stream, count, white, reading) if plain else _raw_values(stream, count, size, reading)
    pixels = values.reshape(height, width) if channels == 1 else values.reshape(height, width, 3)
    colour = "grey" if channels == 1 else "RGB"
    bits_text = "" if white in (255, 65535) else f"{8 * size}-bit {colour}, white {white}"
    return Decoded(pixels, white=float(white), bits=bits_text)


def _number(stream: BinaryIO, reading: Reading) -> int:
    """Read the next number of the header and the one white-space character after it; skip comments."""
    digits = b""
    comment = False
    while stream.tell() < _LONGEST_HEADER:
        character = stream.read(1)
        if not character:
            break
        if comment:
            comment = character not in b"\r\n"
        elif character.isdigit():
            digits += character
        elif character == b"#" and not digits:
            comment = True
        elif character.isspace():
            if digits:
                return int(digits) if len(digits) < 10 else 10**9
        else:
            break
    if digits and len(digits) < 10:
        return int(digits)
    raise reading.incomplete()


def _raw_values(stream: BinaryIO, count: int, size: int, reading: Reading) -> Array:
    data = np.empty(count * size, np.uint8)
    if stream.readinto(data.data) < data.size:  # type: ignore[attr-defined]
        raise reading.incomplete()
    return data if size == 1 else data.view(">u2").astype(np.uint16)


def _plain_chunks(stream: BinaryIO, reading: Reading) -> Iterator[bytes]:
    """Yield the text after the header without comments, in chunks that end between two numbers."""
    rest, comment = b"", False
    while piece := stream.read(_CHUNK):
        reading.check()
        if comment:
            # Of a comment that is longer than a chunk only its end matters.
            end = re.search(rb"[\r\n]", piece)
            if end is None:
                continue
            piece, comment = piece[end.start() :], False
        text = rest + piece
        last = max(text.rfind(b"\r"), text.rfind(b"\n"))
        if (mark := text.find(b"#", last + 1)) >= 0:
            text, comment = text[:mark], True
        text = _without_comments(text)
        cut = len(text) if comment else len(text.rstrip(b"0123456789"))
        text, rest = text[:cut], text[cut:]
        if len(rest) > _LONGEST_NUMBER:
            raise reading.incomplete()
        yield text
    yield rest


def _without_comments(text: bytes) -> bytes:
    """Return a text without what stands between a # and the end of its line; by arrays, since there may be millions."""
    if b"#" not in text:
        return text
    signs = np.frombuffer(text, np.uint8)
    places = np.arange(1, len(signs) + 1)
    ends = (signs == ord("\n")) | (signs == ord("\r"))
    last_mark = np.maximum.accumulate(np.where(signs == ord("#"), places, 0))
    last_end = np.maximum.accumulate(np.where(ends, places, 0))
    return signs[last_mark <= last_end].tobytes()


def _plain_values(stream: BinaryIO, count: int, white: int, reading: Reading) -> Array:
    values = np.empty(count, np.uint16)
    found = largest = 0
    for text in _plain_chunks(stream, reading):
        if _FOREIGN.search(text):
            raise reading.incomplete()
        words = text.split()[: count - found]
        if not words:
            continue
        if max(map(len, words)) > _LONGEST_NUMBER:
            raise reading.incomplete()
        part = np.array(words, dtype=f"S{_LONGEST_NUMBER}").astype(np.float64)
        largest = max(largest, int(part.max()))
        if largest > 65535:
            raise reading.incomplete()
        values[found : found + len(part)] = part
        found += len(part)
        if found == count:
            break
    if found < count:
        raise reading.incomplete()
    return values.astype(np.uint8 if max(largest, white) < 256 else np.uint16, copy=False)


def _raw_bits(stream: BinaryIO, height: int, width: int, reading: Reading) -> Array:
    per_row = (width + 7) // 8
    rows = np.empty((height, per_row), np.uint8)
    if stream.readinto(rows.data) < rows.size:  # type: ignore[attr-defined]
        raise reading.incomplete()
    return np.unpackbits(rows, axis=1, count=width)


def _plain_bits(stream: BinaryIO, height: int, width: int, reading: Reading) -> Array:
    """Read digits 0 and 1, which need nothing between them."""
    bits = np.empty(height * width, np.uint8)
    found = 0
    comment = False
    while found < bits.size and (piece := stream.read(_CHUNK)):
        reading.check()
        if comment:
            end = re.search(rb"[\r\n]", piece)
            if end is None:
                continue
            piece = piece[end.start() :]
        last = max(piece.rfind(b"\r"), piece.rfind(b"\n"))
        comment = piece.find(b"#", last + 1) >= 0
        digits = b"".join(_without_comments(piece).split())[: bits.size - found]
        if _NO_BIT.search(digits):
            raise reading.incomplete()
        bits[found : found + len(digits)] = np.frombuffer(digits, np.uint8)
        found += len(digits)
    if found < bits.size:
        raise reading.incomplete()
    bits -= ord("0")
    return bits.reshape(height, width)
