"""What a file is known by, so that it is seen whether it is still the same."""

from __future__ import annotations

import hashlib
import os

import msgspec


class Mark(msgspec.Struct, frozen=True):
    """What a file is known by: its size in bytes, its time stamp in nanoseconds, and its SHA-256."""

    size: int
    modified: int
    hash: str

    def is_of(self, path: str | os.PathLike[str]) -> bool:
        """Return whether the file is there as it was; it is read only if its time stamp alone is another.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        try:
            now = os.stat(path)
        except FileNotFoundError:
            return False
        if now.st_size != self.size:
            return False
        return now.st_mtime_ns == self.modified or mark_of(path).hash == self.hash


def mark_of(path: str | os.PathLike[str]) -> Mark:
    """Return the mark of a file.

    Raises
    ------
    OSError
    """
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        return Mark(status.st_size, status.st_mtime_ns, hashlib.file_digest(file, "sha256").hexdigest())


def mark_if_there(path: str | os.PathLike[str]) -> Mark | None:
    """Return the mark of a file, None if it cannot be read."""
    try:
        return mark_of(path)
    except OSError:
        return None
