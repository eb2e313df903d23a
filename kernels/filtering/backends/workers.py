"""Strips of rows, computed by as many threads as there are processors.

NumPy, SciPy and OpenCV let other threads run while they compute. The strips are fixed beforehand and each is computed
by one thread, from the picture alone: the result does not depend on how many threads there are or on who is faster.
"""

from __future__ import annotations

import _thread
import math
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels import processes
from kernels.errors import stop_if

Array = npt.NDArray[Any]
Strip = tuple[int, int]


#: Bytes that are copied between two questions whether to go on.
_PIECE = 2**22
#: Bytes of buffers, of all threads together, that are left behind for the next computation.
_LEFT = 2**25


class Scratch:
    """Buffers that one thread uses again for each of its strips: fresh memory costs more than many a filter."""

    def __init__(self) -> None:
        self._held: dict[str, Array] = {}
        self._last: dict[str, Array] = {}
        self._size = 0
        self._beside: Scratch | None = None
        #: Whether nobody wants the strip any more that they are used for: asked where one takes long.
        self.cancelled: Callable[[], bool] | None = None

    def array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        """Return a buffer with any content; it is overwritten by the next one of the same name."""
        last = self._last.get(name)
        if last is not None and last.shape == shape and last.dtype == dtype:
            return last
        size = math.prod(shape)
        held = self._held.get(name)
        if held is None or held.size < size or held.dtype != dtype:
            self._size -= 0 if held is None else held.nbytes
            held = self._held[name] = np.empty(size, dtype=dtype)
            self._size += held.nbytes
        self._last[name] = held[:size].reshape(shape)
        return self._last[name]

    @property
    def beside(self) -> Scratch:
        """Further buffers, for what is needed while these hold something."""
        if self._beside is None:
            self._beside = Scratch()
            self._beside.ask(self.cancelled)
        return self._beside

    def ask(self, cancelled: Callable[[], bool] | None) -> None:
        """Say who knows whether the strip that they are used for is still wanted; None holds nobody any more."""
        self.cancelled = cancelled
        if self._beside is not None:
            self._beside.ask(cancelled)

    @property
    def nbytes(self) -> int:
        """Bytes in all buffers."""
        return self._size + (0 if self._beside is None else self._beside.nbytes)


_left: list[tuple[int, Scratch]] = []
_here = threading.local()


def _borrowed(cancelled: Callable[[], bool] | None = None) -> Scratch:
    """Return the buffers that a computation has left behind, or new ones."""
    try:
        scratch = _left.pop()[1]
    except IndexError:
        scratch = Scratch()
    scratch.ask(cancelled)
    return scratch


def _leave(scratch: Scratch) -> None:
    """Leave buffers behind for the next computation."""
    scratch.ask(None)
    size = scratch.nbytes
    if size + (sum([other for other, _ in _left]) if _left else 0) <= _LEFT:
        _left.append((size, scratch))


def with_scratch(compute: Callable[..., None], *arguments: Any) -> None:
    """Compute something in this thread, with buffers as its last argument."""
    scratch = _borrowed()
    compute(*arguments, scratch)
    _leave(scratch)


def pieces(array: Array, cancelled: Callable[[], bool] | None) -> Iterator[slice]:
    """Yield rows of an array, so few at a time that it is soon asked whether to go on: memory may be slow to come."""
    rows = max(1, _PIECE // max(1, array[:1].nbytes))
    for top in range(0, len(array), rows):
        stop_if(cancelled)
        yield slice(top, min(top + rows, len(array)))


_most = sys.maxsize

Compute = Callable[[int, int, Scratch], None]


def compute_strips(
    strips: Sequence[Strip],
    compute: Compute,
    *,
    is_shared: bool = False,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
    first: Strip | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Compute all strips, those that hold wanted rows before the others.

    Parameters
    ----------
    strips : sequence of (int, int)
        First row and the one after the last.
    compute : callable
        ``compute(top, bottom, scratch)``; called in several threads at a time.
    is_shared : bool
        Whether it shares its work among threads by itself: then it is called in this thread alone.
    cancelled, progress, ready : callable, optional
        Asked before each strip that the calling thread takes, and within one that takes long; told the share that is
        done; called once when the wanted rows are complete. All three are called in the calling thread.
    first : (int, int), optional
        The wanted rows: the first and the one after the last.

    Raises
    ------
    kernels.errors.Cancelled
        If `cancelled` returned True. By then no strip is being computed any more.
    """
    if getattr(_here, "is_at_work", False):  # on a strip of others: all processors are
        scratch = _borrowed(cancelled)
        for strip in strips:
            stop_if(cancelled)
            compute(*strip, scratch)
        return _leave(scratch)
    if len(strips) == 1 and not (cancelled or progress or ready):  # nobody to share with, nobody to tell
        return with_scratch(compute, *strips[0])
    start, end = first or (0, 0)
    wanted = [strip for strip in strips if strip[0] < end and start < strip[1]]
    order = [*wanted, *(strip for strip in strips if strip not in wanted)] if wanted else strips
    crew = _Crew(order, compute, is_shared)
    if len(order) > 1 and not is_shared:
        _call_helpers(min(len(order), processors()) - 1, crew.help)
    announce = ready if first is not None else None
    told = 0.0
    try:
        scratch = _borrowed(cancelled)
        while True:
            stop_if(cancelled)
            is_over = not crew.compute_next(scratch)
            if is_over:
                crew.wait_for(len(order))
            if announce is not None and crew.taken >= len(wanted):
                crew.wait_for(len(wanted))
                announce()
                announce = None
            if progress is not None and (share := crew.finished / len(order)) > told:
                told = share
                progress(share)
            if is_over:
                return _leave(scratch)
    finally:
        crew.dismiss()


def processors() -> int:
    """Return how many processors this process may use, and was not told to leave to others."""
    return 1 if _most == 1 else min(processes.processors(), _most)


def threads() -> int:
    """Return how many threads may share what this one is to do: one where it is itself among those that share."""
    return 1 if getattr(_here, "is_at_work", False) else processors()


def limit_processors(count: int) -> None:
    """Use at most so many processors from now on, OpenCV's threads included: others work beside this process."""
    from kernels.opencv import cv2  # loaded when it is needed

    global _most
    _most = count
    cv2.setNumThreads(count)


class _Crew:
    """The threads at work on one list of strips."""

    def __init__(self, order: Sequence[Strip], compute: Compute, is_shared: bool) -> None:
        self._order, self._compute, self._is_shared = order, compute, is_shared
        self._change = threading.Condition(threading.Lock())
        self._running: set[int] = set()
        self._error: BaseException | None = None
        self._is_dismissed = False
        self.taken = 0
        self.finished = 0

    def compute_next(self, scratch: Scratch) -> bool:
        """Compute the next strip that nobody has taken; False if there is none."""
        with self._change:
            if self._is_dismissed or self._error is not None or self.taken == len(self._order):
                return False
            number = self.taken
            self.taken += 1
            self._running.add(number)
        error: BaseException | None = None
        _here.is_at_work = not self._is_shared
        try:
            self._compute(*self._order[number], scratch)
        except BaseException as caught:
            error = caught
        _here.is_at_work = False
        with self._change:
            self._running.remove(number)
            self.finished += error is None
            self._error = self._error or error
            error = None  # holds this frame, and so all buffers
            self._change.notify_all()
        return True

    def help(self) -> None:
        """Compute strips until none is left; what helping threads do."""
        scratch = _borrowed(lambda: self._is_dismissed)
        while self.compute_next(scratch):
            pass
        _leave(scratch)

    def wait_for(self, count: int) -> None:
        """Wait until the first `count` strips, taken by now, are computed; raise what went wrong with any."""
        with self._change:
            self._change.wait_for(lambda: self._error is not None or not any(n < count for n in self._running))
            if self._error is not None:
                raise self._error

    def dismiss(self) -> None:
        """Take no more strips, wait until those being computed are, and hold nothing any more.

        Helpers that are busy elsewhere come later, and find nothing to do.
        """
        with self._change:
            self._is_dismissed = True
            self._change.wait_for(lambda: not self._running)
            self._error, self._compute = None, _nothing


def _nothing(top: int, bottom: int, scratch: Scratch) -> None:
    """Compute nothing."""


_tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
_owner = _helpers = 0


def _call_helpers(count: int, task: Callable[[], None]) -> None:
    """Have `count` other threads run a task, as soon as they are free.

    They are started once and wait for work: starting one takes as long as filtering a small picture. They own nothing
    that would have to be put away, so that they simply end with the process.
    """
    global _owner, _helpers, _tasks
    if _owner != os.getpid():  # threads do not survive a fork, and the queue may have been in use
        _owner, _helpers, _tasks = os.getpid(), 0, SimpleQueue()
    for _ in range(count - _helpers):
        _thread.start_new_thread(_serve, (_tasks,))
        _helpers += 1
    for _ in range(count):
        _tasks.put(task)


def _serve(tasks: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        tasks.get()()
