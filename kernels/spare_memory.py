"""Memory of large results that nobody holds any more, for the next ones.

A system gives fresh memory page by page, each cleared first and, in a virtual machine, asked for from outside: that may
take far longer than to filter a picture into it. A program that computes results of the same size one after the other,
while a weight is dragged, has them in the memory of those before.

Unless it says otherwise, the memory of one result is kept, and given back before there is another of 4 MB or more that
is not of its size: with all results that are held, large ones take no more than they would without it.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import time
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.errors import stop_if

Array = npt.NDArray[Any]

#: Bytes; less comes fast enough, as the C library keeps it for itself.
LEAST = 2**22
#: A size that no result had for so long is let go when there is one of another size; sooner, where that needs the room.
_SECONDS = 5.0
#: Bytes that are asked for between two looks at whether they are still wanted.
_PIECE = 2**22

_most: float = 2**28
_number: float = 1
_piles: dict[int, _Pile] = {}  # by size; without a lock, for what is done to them takes one step each


class _Pile:
    """Spare memory of one size, and when there was last a result of it."""

    def __init__(self) -> None:
        self.spare: list[Array] = []
        self.used = time.monotonic()


class _Lent:
    """Memory in use: all arrays that stand in it hold this."""

    def __init__(self, memory: Array) -> None:
        self.__array_interface__ = memory.__array_interface__


def keep(size: float, number: float = math.inf) -> None:
    """Keep so much of the memory that results leave, from now on.

    Parameters
    ----------
    size : float
        The most bytes that may be spare at a time; 0 keeps none.
    number : float, optional
        The most results whose memory may be spare at a time.
    """
    global _most, _number
    _most, _number = size, number
    let_go()


def empty(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """Return an array as `numpy.empty` does, in spare memory if there is some of its size.

    Parameters
    ----------
    shape : tuple of int
    dtype : data-type

    Returns
    -------
    ndarray
        With any content. Its memory is spare again once nobody holds it or a view of it.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size < LEAST:
        return np.empty(shape, dtype)
    pile = _piles.get(size) or _Pile()
    pile.used = time.monotonic()
    try:
        memory = pile.spare.pop()
    except IndexError:
        if _spare()[1] >= _number:
            let_go()
        if size > _most:
            return np.empty(shape, dtype)
        memory = np.empty(size, np.uint8)
    _piles[size] = pile
    lent = _Lent(memory)
    weakref.finalize(lent, _take_back, memory).atexit = False
    return np.asarray(lent).view(dtype).reshape(shape)


def prepare(size: int, number: int, cancelled: Callable[[], bool] | None = None) -> None:
    """Have memory for so many results at hand, as far as there may be spare memory at all.

    Parameters
    ----------
    size : int
        Bytes of each.
    number : int
    cancelled : callable, optional
        Asked now and then; `kernels.errors.Cancelled` is raised once it is true.
    """
    if not LEAST <= size <= _most:
        return
    pile = _piles.setdefault(size, _Pile())
    for _ in range(number - len(pile.spare)):
        memory = np.empty(size, np.uint8)
        for start in range(0, size, _PIECE):
            stop_if(cancelled)
            memory[start : start + _PIECE : mmap.PAGESIZE] = 0  # the system gives a page when it is first written to
        _take_back(memory)


def let_go() -> None:
    """Give all that is spare back to the system."""
    _piles.clear()


def _take_back(memory: Array) -> None:
    pile = _piles.setdefault(memory.nbytes, _Pile())
    pile.used = time.monotonic()
    pile.spare.append(memory)
    for size, other in sorted(_piles.copy().items(), key=lambda item: item[1].used):
        if other is not pile and (_is_too_much() or pile.used - other.used > _SECONDS):
            _piles.pop(size, None)
    if _is_too_much():
        with contextlib.suppress(IndexError):  # somebody has taken it
            pile.spare.pop()


def _is_too_much() -> bool:
    size, number = _spare()
    return size > _most or number > _number


def _spare() -> tuple[int, int]:
    """Return how many bytes are spare, and of how many results."""
    # A copy is made in one step, in which no array that goes can come back.
    numbers = [(size, len(pile.spare)) for size, pile in _piles.copy().items()]
    return sum(size * number for size, number in numbers), sum(number for _, number in numbers)
