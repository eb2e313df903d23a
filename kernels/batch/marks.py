"""What a file is known by, so that it is seen whether it is still the same."""

from __future__ import annotations

import os

import msgspec

_AT_ONCE = 1 << 22
"""Bytes of a file up to which it is read at once."""


class Mark(msgspec.Struct, frozen=True):
    """What a file is known by: its size in bytes, its time stamp in nanoseconds, and its SHA-256.

    Of an OME-Zarr, a folder: the size of all its files, their latest time stamp, and a hash of their names and hashes.
    """

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
            size, modified = _size_and_time([os.stat(file) for file in _files(path)])
        except FileNotFoundError:
            return False
        return size == self.size and (modified == self.modified or mark_of(path).hash == self.hash)


def mark_of(path: str | os.PathLike[str]) -> Mark:
    """Return the mark of a file or folder.

    Raises
    ------
    OSError
    """
    import hashlib  # loaded when it is needed: a single picture has no list

    if os.path.isdir(path):
        files = _files(path)
        whole = hashlib.sha256()
        for inner in files:
            whole.update(f"{os.path.relpath(inner, path)}\0{mark_of(inner).hash}\0".encode())
        return Mark(*_size_and_time([os.stat(inner) for inner in files]), whole.hexdigest())
    with open(path, "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        is_small = status.st_size <= _AT_ONCE
        found = hashlib.sha256(file.read()) if is_small else hashlib.file_digest(file, "sha256")
        return Mark(status.st_size, status.st_mtime_ns, found.hexdigest())


def mark_if_there(path: str | os.PathLike[str]) -> Mark | None:
    """Return the mark of a file, None if it cannot be read."""
    try:
        return mark_of(path)
    except OSError:
        return None


def _files(path: str | os.PathLike[str]) -> list[str]:
    """Return a file itself, or all that are in a folder."""
    if not os.path.isdir(path):
        return [os.fspath(path)]
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)


def _size_and_time(files: list[os.stat_result]) -> tuple[int, int]:
    return sum(file.st_size for file in files), max((file.st_mtime_ns for file in files), default=0)
