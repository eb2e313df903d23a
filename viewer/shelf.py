"""The pictures that the undo steps refer to, within a limit of memory."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from kernels.pictures.picture import Origin, Picture
from viewer.state import PictureReference

LIMIT_BYTES = 512 * 1024 * 1024


class Shelf:
    """Holds pictures by reference, least recently used first.

    The picture on screen does not count. Beyond `limit` bytes the oldest leave: those that came from a file or a
    sample can be read again from there, the others are written to a temporary folder first.
    """

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._pictures: OrderedDict[int, Picture] = OrderedDict()
        self._copies: dict[int, Path] = {}
        self._keys = itertools.count(1)
        self._folder: TemporaryDirectory[str] | None = None

    def add(self, picture: Picture) -> PictureReference:
        """Put a new picture on the shelf."""
        key = next(self._keys)
        self._pictures[key] = picture
        return PictureReference(key, picture.origin, title_of(picture))

    def put_back(self, reference: PictureReference, picture: Picture) -> None:
        """A picture that had left was read again."""
        self._pictures[reference.key] = replace(picture, origin=reference.origin)

    def get(self, reference: PictureReference) -> Picture | None:
        """The picture, now the most recently used; None when it has left and must be read again."""
        picture = self._pictures.get(reference.key)
        if picture is not None:
            self._pictures.move_to_end(reference.key)
        return picture

    def copy_of(self, reference: PictureReference) -> Path | None:
        """The temporary copy of a picture that has left and has no file."""
        return self._copies.get(reference.key)

    @property
    def held_bytes(self) -> int:
        """Memory of all pictures but the most recently used."""
        sizes = [each.nbytes for each in self._pictures.values()]
        return sum(sizes[:-1])

    def surplus(self) -> list[tuple[int, Picture]]:
        """The oldest pictures beyond the limit, as (key, picture); the most recently used never counts."""
        leaving, held = [], self.held_bytes
        for key, picture in list(self._pictures.items())[:-1]:
            if held <= self._limit:
                break
            leaving.append((key, picture))
            held -= picture.nbytes
        return leaving

    def drop(self, key: int, copy: Path | None = None) -> None:
        """Let a picture go; `copy` says where it was written."""
        self._pictures.pop(key, None)
        if copy is not None:
            self._copies[key] = copy

    def copy_path(self, key: int) -> Path:
        """Where the copy of a picture without a file goes."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="kernelscope-")
        return Path(self._folder.name) / f"picture-{key}.npz"

    def close(self) -> None:
        """Remove the temporary copies."""
        self._pictures.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def can_be_read_again(origin: Origin) -> bool:
    """True for files and samples."""
    return origin.kind in ("file", "sample")


def title_of(picture: Picture) -> str:
    """What the window calls a picture."""
    return Path(picture.origin.name).stem if picture.origin.kind == "file" else picture.origin.name
