"""How much memory is free to this process, and the refusal of what would take too much of it."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

LARGEST_SHARE = 0.5
"""An operation may take this share of the free memory."""

USUAL = 2**30
"""Bytes that the process of one picture takes, resident and at its peak, unless told otherwise."""

LITTLE = 2**24
"""Bytes for which nobody looks at the free memory: that takes longer than to filter a small picture."""

_MOST_BY_ITSELF = 200_000_000
_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")
# Names of limit, use, and the cached pages within the use that the system gives back: version 2, version 1.
_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)

_allowed = math.inf


class Refused(MemoryError):
    """An operation that was not begun, since it would take too much memory; the text gives both figures."""


def available() -> int:
    """Return the free memory in bytes, without pushing anything into swap.

    The smallest of what the machine has free, what the limits of the process (``ulimit -v``, ``ulimit -d``) leave it,
    and what its control group (a container, a service) leaves it.
    """
    import psutil  # loaded when it is needed: a process that was given its share does not ask

    machine = psutil.virtual_memory()
    free = [int(machine.available), *_process_limits(), *_group_limits(int(machine.total))]
    return max(0, min(free))


def held() -> int:
    """Return what this program itself holds before any picture, in bytes: the resident memory of its process.

    A process that runs it beside other things, such as a notebook, may hold far more, which is not this program's.
    """
    import psutil

    return min(int(psutil.Process().memory_info().rss), _MOST_BY_ITSELF)


def allow(size: float) -> None:
    """Refuse from now on what needs more than so many bytes: the share of a process that works beside others.

    Whoever gives out shares has looked at what is free; nobody looks again. No spare memory is kept beside it.
    """
    from kernels import spare_memory  # loaded when it is needed: whoever only gives out shares computes nothing

    global _allowed
    _allowed = size
    spare_memory.keep(0)


def require(size: float, what: str) -> None:
    """Refuse an operation that needs more than is allowed or, where nothing is said, than half of the free memory.

    Nobody looks at the free memory for `LITTLE` bytes.

    Parameters
    ----------
    size : float
        Bytes that the operation needs.
    what : str
        Subject of the sentence: ``"Opening photo.png"``.

    Raises
    ------
    Refused
        With both figures.
    """
    if size > _allowed:
        raise Refused(
            f"{what} needs about {readable(size)} of memory, more than the {readable(_allowed)} that are allowed."
        )
    if math.isfinite(_allowed) or size <= LITTLE:
        return
    free = available()
    if size > free * LARGEST_SHARE:
        from kernels import spare_memory

        spare_memory.let_go()
        free = available()
    if size > free * LARGEST_SHARE:
        raise Refused(
            f"{what} needs about {readable(size)} of memory, more than half of the {readable(free)} that is free."
        )


def readable(size: float) -> str:
    """Return a number of bytes as text: ``"1.5 GB"`` (powers of 1000, as disks and pictures are counted)."""
    if not math.isfinite(size):
        return "an endless amount"
    units = ("bytes", "kB", "MB", "GB", "TB")
    step = 0
    while step < len(units) - 1 and size >= 999.5:
        size /= 1000
        step += 1
    if step and size < 10:
        return f"{size:.1f} {units[step]}"
    return f"{size:,.0f} {units[step]}"


def _process_limits() -> Iterator[int]:
    """What the limits on address space and data leave."""
    if sys.platform == "win32":
        return
    import resource

    used: tuple[int, int] | None = None
    for index, name in enumerate(("RLIMIT_AS", "RLIMIT_DATA")):
        limit = resource.getrlimit(getattr(resource, name))[0] if hasattr(resource, name) else resource.RLIM_INFINITY
        if limit == resource.RLIM_INFINITY:
            continue
        if used is None:
            import psutil

            info = psutil.Process().memory_info()
            used = int(info.vms), int(getattr(info, "data", info.rss))
        yield limit - used[index]


def _group_limits(machine: int) -> Iterator[int]:
    """What the control groups that the process stands in leave, and those above them, of less than the machine has."""
    try:
        groups = _read(_OWN_GROUPS)
    except (OSError, ValueError):
        return
    for files in _group_files(groups, _CONTROL_GROUPS):
        try:
            most = _read(files[0]).strip()
            if not most.isdigit() or int(most) >= machine:  # "max", or version 1's number for it
                continue
            lines = _read(files[2]).splitlines()
            cached = next((line for line in lines if line.startswith(f"{files[3]} ")), " 0")
            yield int(most) - int(_read(files[1])) + int(cached.split()[-1])
        except (OSError, ValueError):
            continue


def _read(path: str | Path) -> str:
    """Return a small file of the system, in half the time of a text file's: it is asked before each operation."""
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, 2**16).decode()
    finally:
        os.close(file)


@lru_cache(maxsize=4)
def _group_files(groups: str, mounted: Path) -> list[tuple[str, str, str, str]]:
    """Return where limit, use and statistics of each group stand, and the name of the cached pages; found once."""
    found = []
    for line in groups.splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "":
            top = mounted
        elif "memory" in controllers.split(","):
            top = mounted / "memory"
        else:
            continue
        group = top / path.lstrip("/")
        # Inside a container the path is often the host's; the mount itself is then the container's own group.
        for folder in (group, *group.parents):
            if folder.is_relative_to(top):
                found += [
                    (str(folder / limit), str(folder / use), str(folder / "memory.stat"), cache)
                    for limit, use, cache in _FILES
                    if (folder / limit).exists()
                ]
    return found
