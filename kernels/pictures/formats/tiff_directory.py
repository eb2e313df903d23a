"""The directories of a TIFF file, looked at before a library unpacks them: how many there are, and how large.

A tag may declare hundreds of millions of numbers, and every one becomes a Python object in the library.

Reference: Adobe, 1992, TIFF, revision 6.0; BigTIFF as libtiff 4 writes it.
"""

from __future__ import annotations

from typing import BinaryIO, Literal

from kernels.pictures.formats.common import Reading
from kernels.pictures.formats.declared import MOST_FRAMES

_Order = Literal["little", "big"]

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_BYTES = (1, 2, 6, 7)
_MOST_TAGS = 4096
_OBJECT = 100.0
"""Bytes of a number while a library turns a tag into a tuple."""


def scan(stream: BinaryIO, reading: Reading) -> tuple[int, float]:
    """Return the number of pages, counted up to one more than `MOST_FRAMES`, and the bytes that the tags will take.

    Raises
    ------
    PictureError
        The first directory is not whole.
    """
    stream.seek(0)
    head = stream.read(16)
    order: _Order = "little" if head[:2] == b"II" else "big"
    is_big = int.from_bytes(head[2:4], order) == 43
    width = 8 if is_big else 4
    place = int.from_bytes(head[8:16] if is_big else head[4:8], order)
    pages, held = 0, 0.0
    seen: set[int] = set()
    while place and place not in seen and pages <= MOST_FRAMES:
        seen.add(place)
        count, entries, following = _directory(stream, place, order, width)
        if pages == 0:
            if not 0 < count <= _MOST_TAGS or len(entries) < count * (4 + 2 * width):
                raise reading.incomplete()
            held = _held(entries, order, width, reading)
        elif following is None:
            break
        pages += 1
        place = following or 0
    return pages, held


def _directory(stream: BinaryIO, place: int, order: _Order, width: int) -> tuple[int, bytes, int | None]:
    """Return the number of entries, the entries as bytes, and the place of the next directory."""
    stream.seek(min(place, 2**62))
    count = int.from_bytes(stream.read(8 if width == 8 else 2), order)
    if count > _MOST_TAGS:
        return count, b"", None
    entries = stream.read(count * (4 + 2 * width))
    following = stream.read(width)
    return count, entries, int.from_bytes(following, order) if len(following) == width else None


def _held(entries: bytes, order: _Order, width: int, reading: Reading) -> float:
    held = 0.0
    for start in range(0, len(entries), 4 + 2 * width):
        kind = int.from_bytes(entries[start + 2 : start + 4], order)
        count = int.from_bytes(entries[start + 4 : start + 4 + width], order)
        size = count * _SIZES.get(kind, 1)
        # A tag that reaches beyond the file is left out by the libraries.
        if size <= reading.size:
            held += size if kind in _BYTES else count * _OBJECT
    return held
