"""Reading and writing whole files: an output is complete or not there, and a failure is one plain sentence."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shutil
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

from kernels.errors import quoted, shown

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
#: What fsync answers on file systems that have no such thing.
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}
#: Locks on a disk that machines share may be known to one of them only, so a part file says whose it is.
_HOST = re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname())[:64]
_PART_START, _PART_END = f".kernelscope-{_HOST}-", ".part"
_RUN = os.urandom(6).hex()
_part_numbers = itertools.count()
_next_sweep: dict[str, float] = {}
_syncs_later = False


def write_whole(path: str | os.PathLike[str], write: Callable[[BinaryIO], None]) -> None:
    """Write a file so that it is there completely or not at all.

    A new file beside the target is filled, brought to the disk and then put in the target's place. Until that last
    step an older file of that name stays as it was; after any failure, an interrupt included, nothing is left behind.
    What a process that was killed left behind in the same folder is removed by the next call.

    Parameters
    ----------
    path : path
        The file; a symbolic link is followed. An existing file keeps its permissions and, where the system allows it,
        its owner and group. Other hard links to it keep the old content: they are cut off from this name.
    write : callable
        Gets the open binary file, which can be read and positioned too, and writes the content.

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
    _sweep(folder)
    part, lock = None, None
    try:
        part, file = _create_part(folder)
        with file:
            # The lock outlives the file until it has its name.
            lock = None if sys.platform == "win32" else os.dup(file.fileno())
            write(file)
            file.flush()
            if before is not None:
                _take_over(file.fileno(), part, before)
            if not _syncs_later:
                _sync(file.fileno())
        os.replace(part, target)
        part = None
    except OSError as error:
        if part is None:
            _check_folder(folder, path)
        _raise_plain(error, path)
    finally:
        if part is not None:
            with contextlib.suppress(OSError):
                os.unlink(part)
        if lock is not None:
            os.close(lock)
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
    place, part = os.path.dirname(_resolved(path)[0]) or os.curdir, None
    _check_folder(place, path)
    _sweep(place)
    try:
        part, file = _create_part(place)
        with file:
            yield _folder_of(part)
    except OSError as error:
        _raise_plain(error, path)
    finally:
        if part is not None:
            shutil.rmtree(_folder_of(part), ignore_errors=True)
            Path(part).unlink(missing_ok=True)


def sync_later() -> None:
    """Leave it to whoever started this process to bring files to the disk, all together: one by one takes long."""
    global _syncs_later
    _syncs_later = True


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` as `write_whole` does."""

    def write(file: BinaryIO) -> None:
        file.write(content)

    write_whole(path, write)


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
                while content:
                    content = content[file.write(content) :]
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(before)
                raise
    except OSError as error:
        _raise_plain(error, path)


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


def _sweep(folder: str) -> None:
    """Remove what was abandoned in a folder, but spend no more than a thousandth of the time on that."""
    start = time.monotonic()
    if start < _next_sweep.get(folder, start):
        return
    remove_abandoned(folder)
    now = time.monotonic()
    if len(_next_sweep) > 1000:
        _next_sweep.clear()
    _next_sweep[folder] = now + 1000 * (now - start)


def lock_alone(file: BinaryIO) -> bool:
    """Hold a file until it is closed, however this process ends; False if another one holds it.

    Where the file system knows no locks, nobody is refused.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            # A byte far behind the end: what is locked there cannot be read.
            file.seek(1 << 40)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass
    return True


def remove_abandoned(folder: str | os.PathLike[str]) -> None:
    """Remove the part files in a folder that no living process of this machine holds.

    A process that writes holds a lock on its part file, which the system lifts however that process ends. Where the
    file system knows no locks, nothing is removed, and what another machine began never is.
    """
    for part in _parts(folder):
        with contextlib.suppress(OSError):
            _remove_part(part)


def _remove_part(part: str) -> None:
    """Remove a part file with its folder; OSError if a process holds it."""
    if sys.platform == "win32":
        os.unlink(part)  # what is open cannot be removed
        shutil.rmtree(_folder_of(part), ignore_errors=True)
        return
    import fcntl

    # Without O_NONBLOCK a planted pipe of that name would hold the program up.
    descriptor = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(_folder_of(part), ignore_errors=True)
            os.unlink(part)
    finally:
        os.close(descriptor)


def _folder_of(part: str) -> Path:
    """Return the folder that a part file stands for: it holds the lock, which a folder cannot."""
    return Path(part).with_suffix(".parts")


def _parts(folder: str | os.PathLike[str]) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [
                entry.path for entry in entries if entry.name.startswith(_PART_START) and entry.name.endswith(_PART_END)
            ]
    except OSError:
        return []


def _create_part(folder: str) -> tuple[str, BinaryIO]:
    """Open a new part file and lock it; another process may have taken it for abandoned before it was locked."""
    while True:
        part = os.path.join(folder, f"{_PART_START}{_RUN}-{os.getpid()}-{next(_part_numbers)}{_PART_END}")
        file = open(part, "x+b")  # noqa: SIM115  # the caller closes it
        if sys.platform == "win32" or (lock_alone(file) and os.fstat(file.fileno()).st_nlink > 0):
            return part, file
        file.close()


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


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


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
