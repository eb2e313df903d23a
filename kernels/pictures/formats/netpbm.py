"""PBM, PGM and PPM, plain and raw (J. Poskanzer, 1988, Netpbm formats).

Written here because the common libraries rescale the values to 255 or 65535: a PGM's own maximum is its white.
"""

from __future__ import annotations

import re
from typing import BinaryIO

import numpy as np

from kernels.pictures.formats.common import Array, Decoded, Reading

_BITMAP, _GREYMAP = (1, 4), (2, 5)
_LONGEST_HEADER = 65536


def decode(stream: BinaryIO, reading: Reading) -> Decoded:
    """Decode the first picture of a file P1 to P6."""
    stream.seek(0)
    variant = int(stream.read(2)[1:])
    plain = variant <= 3
    width, height = _number(stream, reading), _number(stream, reading)
    if variant in _BITMAP:
        reading.admit(height, width, 9.0 if plain else 1.0)
        bits = _plain_bits(stream, height, width, reading) if plain else _raw_bits(stream, height, width, reading)
        return Decoded(np.where(bits, 0, 255).astype(np.uint8), bits="1-bit grey")
    white = _number(stream, reading)
    if not 1 <= white <= 65535:
        raise reading.unsupported(f"its largest value is given as {white}, not 1 to 65535")
    channels = 1 if variant in _GREYMAP else 3
    size = 1 if white < 256 else 2
    reading.admit(height, width, channels * (9.0 if plain else size))
    count = height * width * channels
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
    data = stream.read(count * size)
    if len(data) < count * size:
        raise reading.incomplete()
    if size == 1:
        return np.frombuffer(data, np.uint8)
    return np.frombuffer(data, ">u2").astype(np.uint16)


def _plain_values(stream: BinaryIO, count: int, white: int, reading: Reading) -> Array:
    body = re.sub(rb"#[^\r\n]*", b"", stream.read())
    if re.search(rb"[^0-9\s]", body):
        raise reading.incomplete()
    values = np.array(body.split()[:count], dtype="S6").astype(np.int64)
    if values.size < count:
        raise reading.incomplete()
    largest = int(values.max())
    if largest > 65535:
        raise reading.incomplete()
    return values.astype(np.uint8 if max(largest, white) < 256 else np.uint16)


def _raw_bits(stream: BinaryIO, height: int, width: int, reading: Reading) -> Array:
    per_row = (width + 7) // 8
    data = stream.read(per_row * height)
    if len(data) < per_row * height:
        raise reading.incomplete()
    rows = np.frombuffer(data, np.uint8).reshape(height, per_row)
    return np.unpackbits(rows, axis=1, count=width)


def _plain_bits(stream: BinaryIO, height: int, width: int, reading: Reading) -> Array:
    body = re.sub(rb"#[^\r\n]*|\s+", b"", stream.read())
    if re.search(rb"[^01]", body) or len(body) < height * width:
        raise reading.incomplete()
    return np.frombuffer(body, np.uint8)[: height * width].reshape(height, width) - ord("0")
