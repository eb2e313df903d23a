"""Part files: what is to become a file, and is removed by the next process if the one that wrote it was killed."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import stat
import sys
import time
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

#: What fsync answers on file systems that have no such thing.
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}
_PART_END = ".part"
_RUN = os.urandom(6).hex()
_part_numbers = itertools.count()
_next_sweep: dict[str, float] = {}
#: False once the system refused to name a file that had no name.
_names_later = True


@cache
def _part_start() -> str:
    """Return how the names of this machine's part files begin.

    Locks on a disk that machines share may be known to one of them only, so a part file says whose it is.
    """
    if hasattr(os, "uname"):
        host = os.uname().nodename
    else:
        import socket

        host = socket.gethostname()
    return f".kernelscope-{re.sub(r'[^A-Za-z0-9.]', '_', host)[:64]}-"


def sweep(folder: str) -> None:
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
        remove_folder(folder_of(part))
        return
    import fcntl

    # Without O_NONBLOCK a planted pipe of that name would hold the program up.
    descriptor = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_folder(folder_of(part))
            os.unlink(part)
    finally:
        os.close(descriptor)


def folder_of(part: str) -> Path:
    """Return the folder that a part file stands for: it holds the lock, which a folder cannot."""
    return Path(part).with_suffix(".parts")


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it, as far as the system allows it; it need not be there."""
    if folder.exists():
        import shutil  # loaded when it is needed: a worker of a batch starts without it

        shutil.rmtree(folder, ignore_errors=True)


def _parts(folder: str | os.PathLike[str]) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [
                entry.path
                for entry in entries
                if entry.name.startswith(_part_start()) and entry.name.endswith(_PART_END)
            ]
    except OSError:
        return []


class Part:
    """A file in the making, under a part file's name or under none; closed at the end, and gone unless it was named.

    Attributes
    ----------
    file : binary file
        Open for writing and reading.
    path : str
        The part file; empty if the file has no name, so that nothing is left of it however this process ends.
    """

    __slots__ = ("file", "path")

    def __init__(self, file: BinaryIO, path: str = "") -> None:
        self.file = file
        self.path = path

    def __enter__(self) -> Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.file.close()
        finally:
            if self.path:
                with contextlib.suppress(OSError):
                    os.unlink(self.path)

    def take_name(self, target: str) -> None:
        """Give the file, which is complete and flushed, the name `target`, in the place of what has it by now."""
        global _names_later
        if self.path:
            self._replace(target)
            return
        descriptor = self.file.fileno()
        try:
            # The path needs no descriptor of a folder, but with one Python follows the link that the path is.
            os.link(f"/proc/self/fd/{descriptor}", target, src_dir_fd=descriptor, follow_symlinks=True)
        except OSError as error:
            # Somebody else took the name meanwhile, or the system gives none to such a file.
            self._copy(target)
            if error.errno != errno.EEXIST:
                _names_later = False

    def _replace(self, target: str) -> None:
        # The lock outlives the file, which some systems rename only when it is closed, until that has its name.
        lock = None if sys.platform == "win32" else os.dup(self.file.fileno())
        try:
            self.file.close()
            os.replace(self.path, target)
            self.path = ""
        finally:
            if lock is not None:
                os.close(lock)

    def _copy(self, target: str) -> None:
        import shutil  # as above

        with create(os.path.dirname(target)) as copy:
            self.file.seek(0)
            shutil.copyfileobj(self.file, copy.file)
            copy.file.flush()
            sync(copy.file)
            copy.take_name(target)


def create(folder: str, buffering: int = -1, *, nameless: bool = False) -> Part:
    """Open a new file in a folder, where `nameless` and the system allow it one without a name."""
    if nameless and _names_later and sys.platform == "linux" and hasattr(os, "O_TMPFILE"):
        try:
            descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666)
        except OSError:
            pass  # if the folder is at fault, the named part file will tell
        else:
            return Part(open(descriptor, "w+b", buffering))
    while True:
        path = os.path.join(folder, f"{_part_start()}{_RUN}-{os.getpid()}-{next(_part_numbers)}{_PART_END}")
        file = open(path, "x+b", buffering)  # noqa: SIM115  # the part closes it
        # Another process may have taken the file for abandoned before it was locked.
        if sys.platform == "win32" or (lock_alone(file) and os.fstat(file.fileno()).st_nlink > 0):
            return Part(file, path)
        file.close()


def sync(file: BinaryIO) -> None:
    """Bring a file to the disk, where the file system can."""
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
