"""How much memory is free, and the refusal of what would take too much of it."""

from __future__ import annotations

import math

import psutil

LARGEST_SHARE = 0.5
"""An operation may take this share of the free memory."""


def available() -> int:
    """Return the free memory in bytes, without pushing anything into swap."""
    return int(psutil.virtual_memory().available)


def require(size: float, what: str) -> None:
    """Refuse an operation that needs more than half of the free memory.

    Parameters
    ----------
    size : float
        Bytes that the operation needs.
    what : str
        Subject of the sentence: ``"Opening photo.png"``.

    Raises
    ------
    MemoryError
        With both figures.
    """
    free = available()
    if size > free * LARGEST_SHARE:
        raise MemoryError(
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
