"""What a file is known by, so that it is seen whether it is still the same."""

from __future__ import annotations

import os
import stat

import msgspec

_AT_ONCE = 1 << 20
"""Bytes of a file up to which it is read at once."""
_TO_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)


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


def mark_of(path: str | os.PathLike[str], content: memoryview | None = None) -> Mark:
    """Return the mark of a file or folder; the file is read unless all that is in it is given.

    Raises
    ------
    OSError
    """
    if content is None:
        return _read(path)[0]
    import hashlib

    status = os.stat(path)
    return Mark(status.st_size, status.st_mtime_ns, hashlib.sha256(content).hexdigest())


def marked(path: str | os.PathLike[str]) -> tuple[Mark | None, bytes | None]:
    """Return the mark of a file or folder, None if it cannot be read, and what is in it if it is a small file."""
    try:
        return _read(path)
    except OSError:
        return None, None


def _read(path: str | os.PathLike[str]) -> tuple[Mark, bytes | None]:
    import hashlib  # loaded when it is needed: a single picture has no list

    try:
        file = os.open(path, _TO_READ)
    except PermissionError:  # what Windows says of a folder
        if not os.path.isdir(path):
            raise
        return _mark_of_folder(path), None
    try:
        status = os.fstat(file)
        if stat.S_ISDIR(status.st_mode):
            return _mark_of_folder(path), None
        size = status.st_size
        content = os.read(file, size + 1) if size <= _AT_ONCE else None
        if content is not None and len(content) == size:
            found = hashlib.sha256(content)
        else:
            os.lseek(file, 0, os.SEEK_SET)
            with open(file, "rb", closefd=False) as whole:
                found, content = hashlib.file_digest(whole, "sha256"), None
        return Mark(size, status.st_mtime_ns, found.hexdigest()), content
    finally:
        os.close(file)


def _mark_of_folder(path: str | os.PathLike[str]) -> Mark:
    import hashlib

    files = _files(path)
    whole = hashlib.sha256()
    for inner in files:
        whole.update(f"{os.path.relpath(inner, path)}\0{mark_of(inner).hash}\0".encode())
    return Mark(*_size_and_time([os.stat(inner) for inner in files]), whole.hexdigest())


def _files(path: str | os.PathLike[str]) -> list[str]:
    """Return a file itself, or all that are in a folder."""
    if not os.path.isdir(path):
        return [os.fspath(path)]
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)


def _size_and_time(files: list[os.stat_result]) -> tuple[int, int]:
    return sum(file.st_size for file in files), max((file.st_mtime_ns for file in files), default=0)
