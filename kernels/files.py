"""Reading and writing whole files: an output is complete or not there, and a failure is one plain sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

from kernels import part_files
from kernels.errors import quoted, shown

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
_syncs_later = False


def write_whole(
    path: str | os.PathLike[str], write: Callable[[BinaryIO], None], *, buffering: int = -1, by_name: bool = False
) -> None:
    """Write a file so that it is there completely or not at all.

    A new file beside the target is filled, brought to the disk and then put in the target's place. Until that last
    step an older file of that name stays as it was; after any failure, an interrupt included, nothing is left behind.
    Where there is no older file, Linux gives the new one no name before. What a process that was killed left behind in
    the same folder is removed by the next call.

    Parameters
    ----------
    path : path
        The file; a symbolic link is followed. An existing file keeps its permissions and, where the system allows it,
        its owner and group. Other hard links to it keep the old content: they are cut off from this name.
    write : callable
        Gets the open binary file, which can be read and positioned too, and writes the content.
    buffering : int
        As of `open`; 0 is for whoever writes all at once.
    by_name : bool
        Whether `write` needs the file's name, for others to open it meanwhile.

    Raises
    ------
    OSError
        With a plain sentence as its text (and `errno`, where the system gave one), if the place is a folder, not there,
        forbidden, full, or not an ordinary file. The subclass is the system's.
    """
    check_file_name(path)
    target, before = _resolved(path)
    folder = os.path.dirname(target) or os.curdir
    if before is not None:
        _check_replaceable(target, before, path)
    part_files.sweep(folder)
    try:
        with part_files.create(folder, buffering, nameless=before is None and not by_name) as part:
            write(part.file)
            part.file.flush()
            if before is not None:
                _take_over(part.file.fileno(), part.path, before)
            if not _syncs_later:
                part_files.sync(part.file)
            part.take_name(target)
    except OSError as error:
        _check_folder(folder, path)
        _raise_plain(error, path)
    if not _syncs_later:
        _sync_folder(folder)


@contextlib.contextmanager
def part_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield the path of a folder to make and fill beside `path`, removed at the end unless it was given that name.

    Of a process that was killed the next call, or that of `write_whole`, in the same place removes it.

    Raises
    ------
    OSError
        As `write_whole`; so does what the system refuses while the folder is filled.
    """
    place = os.path.dirname(_resolved(path)[0]) or os.curdir
    _check_folder(place, path)
    part_files.sweep(place)
    try:
        with part_files.create(place) as part:
            folder = part_files.folder_of(part.path)
            try:
                yield folder
            finally:
                part_files.remove_folder(folder)
    except OSError as error:
        _raise_plain(error, path)


def sync_later() -> None:
    """Leave it to whoever started this process to bring files to the disk, all together: one by one takes long."""
    global _syncs_later
    _syncs_later = True


def write_bytes(path: str | os.PathLike[str], content: bytes | memoryview) -> None:
    """Write `content` as `write_whole` does."""
    write_whole(path, lambda file: _write_all(file, content), buffering=0)


def append_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to a file's end, all of it or nothing; the file is made if it is not there.

    Raises
    ------
    OSError
        As `write_whole`.
    """
    try:
        with open(path, "ab", buffering=0) as file:
            before = os.fstat(file.fileno()).st_size
            try:
                _write_all(file, content)
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(before)
                raise
    except OSError as error:
        _raise_plain(error, path)


def _write_all(file: BinaryIO, content: bytes | memoryview) -> None:
    """Write to a file without a buffer, which may take less than it is given."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def read_bytes(path: str | os.PathLike[str], limit: int, what: str = "file") -> bytes:
    """Read a file that must not have more than `limit` bytes.

    Raises
    ------
    OSError
        With a plain sentence, if the path is a folder, not there, not an ordinary file or not readable.
    ValueError
        If the file is larger than the limit.
    """
    name = shown(path)
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise _plain(IsADirectoryError, errno.EISDIR, f"{name} is a folder; a {what} is needed.")
        if not stat.S_ISREG(status.st_mode):
            raise _plain(OSError, errno.EINVAL, f"{name} is not an ordinary file; a {what} is needed.")
        with open(path, "rb") as file:
            content = file.read(limit + 1)
    except FileNotFoundError as error:
        raise _plain(FileNotFoundError, error.errno, f"There is no file {name}.") from error
    except PermissionError as error:
        raise _plain(PermissionError, error.errno, f"{name} may not be read; its permissions forbid it.") from error
    except OSError as error:
        if error.strerror is None:
            raise
        raise _plain(type(error), error.errno, f"{name} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # a zero byte in the path
        raise ValueError(f"{quoted(os.fspath(path))} is not a path of a {what}.") from error
    if len(content) > limit:
        raise ValueError(f"{name} is larger than {limit:,} bytes; no {what} is that large.")
    return content


def check_file_name(path: str | os.PathLike[str]) -> None:
    """Refuse what cannot name a file: nothing at all, a zero byte, or a folder's name with a slash at its end.

    Raises
    ------
    ValueError, OSError
        One sentence.
    """
    text = os.fspath(path)
    if not text:
        raise ValueError("The name of the file to write is empty; give one.")
    if "\0" in text:
        raise ValueError(f"{quoted(text)} is not a path that a file can have.")
    if text.endswith((os.sep, os.altsep or os.sep)):
        raise _plain(
            IsADirectoryError, errno.EISDIR, f"{shown(text)} names a folder; leave the slash at its end out for a file."
        )


def check_working_folder(path: str | os.PathLike[str]) -> None:
    """Refuse a relative path in a working folder that has been removed, where it leads nowhere.

    Raises
    ------
    FileNotFoundError
    """
    if os.path.isabs(path):
        return
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise _plain(
            FileNotFoundError,
            error.errno,
            f"The folder that the program was started in has been removed, so {shown(path)} leads nowhere; "
            "give the whole path or start elsewhere.",
        ) from None


def _take_over(descriptor: int, part: str, before: os.stat_result) -> None:
    """Give the new file the owner, the group and the permissions of the one that it will replace."""
    if sys.platform != "win32":
        now = os.fstat(descriptor)
        if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
            try:
                os.fchown(descriptor, before.st_uid, before.st_gid)
            except OSError:
                # Only the administrator gives files away; a group that one is a member of can still be kept.
                with contextlib.suppress(OSError):
                    os.fchown(descriptor, -1, before.st_gid)
    os.chmod(part, stat.S_IMODE(before.st_mode))


def _resolved(path: str | os.PathLike[str]) -> tuple[str, os.stat_result | None]:
    """Return the file that a path leads to, and its status, None if it is not there."""
    check_working_folder(path)
    target, status = os.fspath(path), None
    try:
        with contextlib.suppress(FileNotFoundError):
            status = os.lstat(target)
        if (status is not None and stat.S_ISLNK(status.st_mode)) or os.path.normpath(target) != target:
            target, status = os.path.realpath(target), None
            with contextlib.suppress(FileNotFoundError):
                status = os.stat(target)
    except OSError as error:
        _raise_plain(error, path)
    return target, status


def _check_replaceable(target: str, status: os.stat_result, given: str | os.PathLike[str]) -> None:
    """Refuse what is there and cannot be replaced."""
    name = shown(given)
    if stat.S_ISDIR(status.st_mode):
        raise _plain(IsADirectoryError, errno.EISDIR, f"{name} is a folder; give the name of a file.")
    if not stat.S_ISREG(status.st_mode):
        raise _plain(OSError, errno.EINVAL, f"{name} is not an ordinary file; give the name of one.")
    if not os.access(target, os.W_OK):
        raise _plain(PermissionError, errno.EACCES, f"{name} is write-protected; nothing was written.")


def _check_folder(folder: str, given: str | os.PathLike[str]) -> None:
    if os.path.isdir(folder):
        return
    place, name = shown(folder), shown(given)
    if os.path.exists(folder):
        raise _plain(NotADirectoryError, errno.ENOTDIR, f"{place} is not a folder, so {name} cannot be written.")
    raise _plain(FileNotFoundError, errno.ENOENT, f"There is no folder {place}, so {name} cannot be written.")


def _sync_folder(folder: str) -> None:
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


def _raise_plain(error: OSError, given: str | os.PathLike[str]) -> NoReturn:
    if error.strerror is None and error.errno is None:
        raise error  # already a sentence, or raised by the writer itself
    name = shown(given)
    if error.errno in _FULL:
        sentence = f"There is no room left for {name}; nothing was written."
    elif error.errno == errno.EROFS:
        sentence = f"{name} is on a read-only disk; nothing was written."
    elif error.errno in _FORBIDDEN:
        sentence = f"{name} may not be written; the permissions of its folder forbid it."
    elif error.errno == errno.ENAMETOOLONG:
        sentence = f"The name of {name} is too long; nothing was written."
    else:
        sentence = f"{name} cannot be written: {error.strerror}."
    raise _plain(type(error), error.errno, sentence) from error
