"""Reading and writing whole files: an output is complete or not there, and a failure is one plain sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NoReturn

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
#: What fsync answers on file systems that have no such thing.
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}


def write_whole(path: str | os.PathLike[str], write: Callable[[BinaryIO], None]) -> None:
    """Write a file so that it is there completely or not at all.

    A new file beside the target is filled, brought to the disk and then put in the target's place. Until that last
    step an older file of that name stays as it was; after any failure, an interrupt included, nothing is left behind.

    Parameters
    ----------
    path : path
        The file; a symbolic link is followed, an existing file keeps its permissions.
    write : callable
        Gets the open binary file, which can be read and positioned too, and writes the content.

    Raises
    ------
    OSError
        With a plain sentence as its text (and `errno`, where the system gave one), if the place is a folder, not there,
        forbidden, full, or not an ordinary file. The subclass is the system's.
    """
    shown = Path(path)
    if "\0" in str(shown):
        raise ValueError(f"{str(shown)!r} is not a path that a file can have.")
    target = Path(os.path.realpath(path))
    mode = _mode_of_target(target, shown)
    part = target.with_name(f".kernelscope-{secrets.token_hex(6)}.part")
    created = False
    try:
        with open(part, "x+b") as file:
            created = True
            write(file)
            file.flush()
            _sync(file.fileno())
        if mode is not None:
            os.chmod(part, mode)
        os.replace(part, target)
        created = False
    except OSError as error:
        _raise_plain(error, shown)
    finally:
        if created:
            with contextlib.suppress(OSError):
                part.unlink()
    _sync_folder(target.parent)


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` as `write_whole` does."""

    def write(file: BinaryIO) -> None:
        file.write(content)

    write_whole(path, write)


def read_bytes(path: str | os.PathLike[str], limit: int, what: str = "file") -> bytes:
    """Read a file that must not have more than `limit` bytes.

    Raises
    ------
    OSError
        With a plain sentence, if the path is a folder, not there, not an ordinary file or not readable.
    ValueError
        If the file is larger than the limit.
    """
    shown = Path(path)
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise _plain(IsADirectoryError, errno.EISDIR, f"{shown} is a folder; a {what} is needed.")
        if not stat.S_ISREG(status.st_mode):
            raise _plain(OSError, errno.EINVAL, f"{shown} is not an ordinary file; a {what} is needed.")
        with open(path, "rb") as file:
            content = file.read(limit + 1)
    except FileNotFoundError as error:
        raise _plain(FileNotFoundError, error.errno, f"There is no file {shown}.") from error
    except PermissionError as error:
        raise _plain(PermissionError, error.errno, f"{shown} may not be read; its permissions forbid it.") from error
    except OSError as error:
        if error.strerror is None:
            raise
        raise _plain(type(error), error.errno, f"{shown} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # a zero byte in the path
        raise ValueError(f"{str(shown)!r} is not a path of a {what}.") from error
    if len(content) > limit:
        raise ValueError(f"{shown} is larger than {limit:,} bytes; no {what} is that large.")
    return content


def _mode_of_target(target: Path, shown: Path) -> int | None:
    """Return the permissions of the file that is there, None if there is none; refuse what cannot be replaced."""
    try:
        status = target.stat()
    except FileNotFoundError:
        _check_folder(target.parent, shown)
        return None
    except OSError as error:
        _raise_plain(error, shown)
    if stat.S_ISDIR(status.st_mode):
        raise _plain(IsADirectoryError, errno.EISDIR, f"{shown} is a folder; give the name of a file.")
    if not stat.S_ISREG(status.st_mode):
        raise _plain(OSError, errno.EINVAL, f"{shown} is not an ordinary file; give the name of one.")
    if not os.access(target, os.W_OK):
        raise _plain(PermissionError, errno.EACCES, f"{shown} is write-protected; nothing was written.")
    return stat.S_IMODE(status.st_mode)


def _check_folder(folder: Path, shown: Path) -> None:
    if folder.is_dir():
        return
    if folder.exists():
        raise _plain(NotADirectoryError, errno.ENOTDIR, f"{folder} is not a folder, so {shown} cannot be written.")
    raise _plain(FileNotFoundError, errno.ENOENT, f"There is no folder {folder}, so {shown} cannot be written.")


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk where the system can; the file itself is already safe."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _plain(kind: type[OSError], number: int | None, sentence: str) -> OSError:
    error = kind(sentence)
    error.errno = number
    return error


def _raise_plain(error: OSError, shown: Path) -> NoReturn:
    if error.strerror is None and error.errno is None:
        raise error  # already a sentence, or raised by the writer itself
    if error.errno in _FULL:
        sentence = f"There is no room left for {shown}; nothing was written."
    elif error.errno == errno.EROFS:
        sentence = f"{shown} is on a read-only disk; nothing was written."
    elif error.errno in _FORBIDDEN:
        sentence = f"{shown} may not be written; the permissions of its folder forbid it."
    elif error.errno == errno.ENAMETOOLONG:
        sentence = f"The name of {shown} is too long; nothing was written."
    else:
        sentence = f"{shown} cannot be written: {error.strerror}."
    raise _plain(type(error), error.errno, sentence) from error
