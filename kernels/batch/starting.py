"""Starting the worker processes of a batch, if need be before this process has loaded what it does itself."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from kernels import processes

if TYPE_CHECKING:
    from kernels.batch.settings import BatchSettings

_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(1 << 26), "MALLOC_MMAP_THRESHOLD_": str(1 << 25)}
"""Has glibc keep what one picture took for the next: fresh memory costs a quarter of the time of a small one."""


class Started(NamedTuple):
    """A worker process, the file that is its standard error, and whether it has said that it is ready."""

    process: subprocess.Popen[bytes]
    place: BinaryIO
    is_ready: bool = False


def start() -> Started:
    """Start a worker; OSError if the system does not."""
    import tempfile  # which a worker itself has no use for

    place = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the process has ended
    process = subprocess.Popen(
        processes.command("batch", "--serve"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=place,
        bufsize=0,
        env={**_MEMORY, **os.environ, **processes.blas_threads(1)},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    return Started(process, place)


@contextlib.contextmanager
def ahead(source: str, target: str, workers: int) -> Iterator[list[Started]]:
    """Yield workers for what is in a folder, that load the program meanwhile; those left in the list are ended.

    Parameters
    ----------
    source : str
        The folder, or a file.
    target : str
        Where the results go. If there is something already, nobody is started: it may be all of them.
    workers : int
        How many there may be; of few files it gets fewer.
    """
    started: list[Started] = []
    try:
        with contextlib.suppress(OSError, ValueError):  # whoever needs them says what is wrong
            if not _entries(target, 1):
                started.extend(start() for _ in range(_entries(source, workers)))
        yield started
    finally:
        for process, place, _ in started:
            with process, place:
                process.kill()


def ask(started: list[Started], words: dict[str, str | None]) -> BatchSettings | None:
    """Have a worker that was started ahead find out what words of a command line ask for.

    It has loaded what takes longer to load than to ask for. None if there is no worker, or the words are wrong.
    """
    if not started:
        return None
    from kernels.batch.messages import Arguments, Ready, Unclear
    from kernels.batch.settings import BatchSettings

    process = started[-1].process
    with contextlib.suppress(OSError, ValueError):  # it has ended, or there are no such arguments
        processes.send(cast(BinaryIO, process.stdin), Arguments(words))
        for answer in processes.received(cast(BinaryIO, process.stdout), Ready | BatchSettings | Unclear):
            if not isinstance(answer, Ready):
                return answer if isinstance(answer, BatchSettings) else None
            started[-1] = started[-1]._replace(is_ready=True)
    return None


def _entries(source: str, most: int) -> int:
    if not os.path.isdir(source):
        return int(os.path.exists(source))
    with os.scandir(source) as entries:
        return sum(1 for _ in islice(entries, most))
