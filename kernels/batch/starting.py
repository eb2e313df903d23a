"""Starting the worker processes of a batch, if need be before this process has loaded what it does itself."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

from kernels import processes

_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(1 << 26), "MALLOC_MMAP_THRESHOLD_": str(1 << 25)}
"""Has glibc keep what one picture took for the next: fresh memory costs a quarter of the time of a small one."""


class Started(NamedTuple):
    """A worker process, and the file that is its standard error."""

    process: subprocess.Popen[bytes]
    place: BinaryIO


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
        for process, place in started:
            with process, place:
                process.kill()


def _entries(source: str, most: int) -> int:
    if not os.path.isdir(source):
        return int(os.path.exists(source))
    with os.scandir(source) as entries:
        return sum(1 for _ in islice(entries, most))
