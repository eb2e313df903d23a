"""Whether the data of a JPEG reach its last block.

libjpeg fills what is missing before the end marker with flat blocks and tells nobody. Where the last block is flat,
the picture is decoded once more, at an eighth of its size, with other data put in front of the marker: behind complete
data they are never looked at, behind incomplete ones they become part of the picture.
"""

from __future__ import annotations

import io
import re
from functools import cache

import numpy as np

from kernels.pictures.formats.common import Array
from kernels.pictures.formats.declared import JpegHeader
from kernels.pictures.formats.quiet import quiet

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_SCAN, _END = 0xDA, 0xD9
_BLOCK = 8


def last_block_is_flat(pixels: Array) -> bool:
    """Return whether the corner of a picture as it is stored, where the last block is, has one colour."""
    top, left = ((size - 1) // _BLOCK * _BLOCK for size in pixels.shape[:2])
    corner = pixels[top:, left:]
    if corner[0, 0].tobytes() != corner[-1, -1].tobytes():  # nearly always, and soon told
        return False
    return bool((corner == corner[0, 0]).all())


def is_single_scan(data: bytes, header: JpegHeader) -> bool:
    """Return whether a JPEG is sequential and its one scan goes on to the end marker.

    Whatever is wrong with such a file is met before its last row, where every decoder fails.
    """
    if not (header.is_sequential and header.scan):
        return False
    following = _MARKER.search(data, header.scan)
    return following is not None and data[following.start() + 1] == _END


def is_whole(data: bytes) -> bool:
    """Return whether other data in front of the end marker leave the picture as it is."""
    end = _end_of_scans(data)
    if end is None:
        return True
    try:
        return np.array_equal(_small(data), _small(data[:end] + _other_data() + data[end:]))
    except (OSError, SyntaxError, ValueError):
        return False


@cache
def _other_data() -> bytes:
    """Return bits that no code book takes for a row of zeros, without the byte that starts a marker."""
    return bytes(np.random.default_rng(8).integers(1, 0xFF, 4096, dtype=np.uint8))


def _end_of_scans(data: bytes) -> int | None:
    """Return where the data of the last scan end, None for a file without the marks that this needs."""
    place, end = 2, None
    while match := _MARKER.search(data, place):
        kind = data[match.start() + 1]
        if kind == _END:
            return match.start() if end is not None else None
        length = int.from_bytes(data[match.end() : match.end() + 2], "big")
        place = match.end() + max(length, 2)
        if kind == _SCAN:
            following = _MARKER.search(data, place)
            if following is None:
                return None
            place = end = following.start()
            if data[place + 1] == _END:
                return place
    return None


def _small(data: bytes) -> Array:
    from PIL.JpegImagePlugin import JpegImageFile

    with quiet(), JpegImageFile(io.BytesIO(data)) as image:
        image.draft(None, (1, 1))
        return np.asarray(image)
