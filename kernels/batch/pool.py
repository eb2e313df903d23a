"""Who does the tasks of a batch, and the local answer: worker processes of this program."""

from __future__ import annotations

import contextlib
import math
import os
import stat
import threading
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from kernels import memory, processes
from kernels.batch.messages import NUMBER, FileTask, Ready, Report
from kernels.batch.settings import BatchSettings
from kernels.batch.starting import Started, start

if TYPE_CHECKING:
    from kernels.batch.bands import BandTask

_AHEAD, _MOST_AHEAD, _SECONDS_AHEAD = 2, 128, 0.2
"""A worker is given so many tasks that it need not wait for the next; more of short ones, and so much work of them:
what it was given is done even if the batch is paused.
"""
_LARGE = 1 << 50
_FAILED_STARTS = 3
_PATIENCE = 5.0


class Scheduler(Protocol):
    """Whoever does tasks, some at a time; called from one thread only."""

    @property
    def room(self) -> int:
        """How many tasks more it would take now."""
        ...

    @property
    def shares(self) -> tuple[float, float]:
        """Bytes that each of those at work may take, and those for one that works alone."""
        ...

    def submit(self, task: FileTask | BandTask) -> None:
        """Take a task; OSError if nobody can do it."""
        ...

    def reports(self, timeout: float) -> list[Report]:
        """Wait for reports, so many seconds at most, and return those that are there; OSError as `submit`."""
        ...

    def close(self) -> None:
        """Give up what is not done, and end all workers."""
        ...


class _Worker:
    """A process, what it was given, and the thread that listens to it."""

    def __init__(
        self, started: Started, settings: BatchSettings, heard: SimpleQueue[tuple[_Worker, Ready | Report | None]]
    ) -> None:
        self.tasks: deque[FileTask | BandTask] = deque()
        self._unsent: list[BatchSettings | FileTask | BandTask] = [settings]
        self.process, self._place, self.is_ready = started
        self._in = cast(BinaryIO, self.process.stdin)
        self._out = cast(BinaryIO, self.process.stdout)
        self._listener = threading.Thread(target=self._listen, args=(heard,), daemon=True)
        self._listener.start()

    def submit(self, task: FileTask | BandTask) -> None:
        """Give it a task more; `send` sends it."""
        self.tasks.append(task)
        self._unsent.append(task)

    def send(self) -> None:
        """Send what it was given, all together."""
        unsent, self._unsent = self._unsent, []
        if unsent:
            with contextlib.suppress(OSError):  # that it has ended is heard by the listener
                processes.send(self._in, *unsent)

    def end(self) -> None:
        """Tell it to end, at once if it is at work."""
        with contextlib.suppress(OSError):
            if self.tasks:
                self.process.terminate()
            self._in.close()

    def wait(self) -> tuple[int, int]:
        """Wait until it has ended, and return its status and the number of its last task."""
        self._listener.join(_PATIENCE)  # it is woken at once; to wait for a process is to look now and then
        if self._listener.is_alive():
            self.process.kill()
        status = self.process.wait()
        self._listener.join()
        self._out.close()
        with self._place as file:
            file.seek(0)
            return status, NUMBER.unpack(file.read(NUMBER.size).ljust(NUMBER.size))[0]

    def _listen(self, heard: SimpleQueue[tuple[_Worker, Ready | Report | None]]) -> None:
        with contextlib.suppress(OSError, ValueError):
            for message in processes.received(self._out, Ready | Report):
                heard.put((self, message))
        heard.put((self, None))


class Pool:
    """Workers of this program, each with one thread; they are started as tasks come.

    Parameters
    ----------
    settings : BatchSettings
    workers : int
        How many processes there may be.
    ahead : list of Started, optional
        Processes to take from first.
    """

    def __init__(self, settings: BatchSettings, workers: int, ahead: list[Started] | None = None) -> None:
        self._settings, self._most = settings, workers
        self._ahead = [] if ahead is None else ahead
        free = settings.memory or memory.available() * memory.LARGEST_SHARE
        self._shares = free / workers, free
        self._workers: list[_Worker] = []
        self._heard: SimpleQueue[tuple[_Worker, Ready | Report | None]] = SimpleQueue()
        self._tried_before: set[int] = set()
        self._sizes: dict[int, int] = {}
        self._bytes = 0
        self._seconds_a_byte = math.inf
        self._failed_starts = 0

    @property
    def shares(self) -> tuple[float, float]:
        return self._shares

    @property
    def room(self) -> int:
        """As many as make two for each; beyond, as many as are short together, if they are like those given."""
        given, seconds = len(self._sizes), self._bytes * self._seconds_a_byte
        least = max(0, _AHEAD * self._most - given)
        if not 0 < seconds < _SECONDS_AHEAD * self._most:
            return least
        are_short = math.ceil((_SECONDS_AHEAD * self._most / seconds - 1) * given)
        return max(least, min(are_short, _MOST_AHEAD * self._most - given))

    def submit(self, task: FileTask | BandTask) -> None:
        # Of a band nobody knows how long it takes.
        self._sizes[task.number] = size = _size(task.source) if isinstance(task, FileTask) else _LARGE
        self._bytes += size
        idle = [worker for worker in self._workers if not worker.tasks]
        if not idle and len(self._workers) < self._most:
            started = self._ahead.pop() if self._ahead else start()
            self._workers.append(_Worker(started, self._settings, self._heard))
        min(idle or self._workers, key=lambda worker: len(worker.tasks)).submit(task)

    def reports(self, timeout: float) -> list[Report]:
        for worker in self._workers:
            worker.send()
        found: list[Report] = []
        with contextlib.suppress(Empty):
            found += self._understood(*self._heard.get(timeout=timeout))
            while True:
                found += self._understood(*self._heard.get_nowait())
        paces = [each.seconds / each.source.size for each in found if each.outcome and each.source]
        if paces:  # slower at once, faster by and by
            before = self._seconds_a_byte
            self._seconds_a_byte = max(*paces, before / 2 if math.isfinite(before) else 0.0)
        return found

    def _understood(self, worker: _Worker, message: Ready | Report | None) -> list[Report]:
        """Take in what was heard of a worker, and return the reports that it makes."""
        if message is None:
            return self._lost(worker)
        if isinstance(message, Ready):
            worker.is_ready = True
            return []
        self._forget(worker.tasks.popleft())
        return [message]

    def _forget(self, task: FileTask | BandTask) -> None:
        self._bytes -= self._sizes.pop(task.number)

    def close(self) -> None:
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.wait()
        if self._workers and hasattr(os, "sync"):
            os.sync()  # what they wrote
        self._workers.clear()

    def _lost(self, worker: _Worker) -> list[Report]:
        """Put a worker away that ended by itself; the task that it was at is tried once more."""
        self._workers.remove(worker)
        worker.end()
        status, number = worker.wait()
        ending = f"ended unexpectedly ({f'by signal {-status}' if status < 0 else f'with status {status}'})"
        tasks, reports = {task.number: task for task in worker.tasks}, []
        for task in worker.tasks:
            self._forget(task)
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= _FAILED_STARTS:
                if status > 0:
                    import kernels.batch.worker  # noqa: F401  # where a library cannot be loaded, its error says why
                raise OSError(f"No worker can be started: it {ending} before its first task.")
        elif tasks:
            number = number if number in tasks else next(iter(tasks))
            if number in self._tried_before:
                error = f"the process that worked on it {ending}, at the second try too."
                reports.append(Report(tasks.pop(number).number, error=error))
            self._tried_before.add(number)
        for task in tasks.values():
            self.submit(task)
        return reports


def _size(path: str) -> int:
    """Return the bytes of a file; of anything else so many that much is expected of it."""
    try:
        status = os.stat(path)
    except OSError:
        return _LARGE
    return status.st_size if stat.S_ISREG(status.st_mode) else _LARGE
