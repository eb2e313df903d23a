"""Dividing files that are too large for one: their bands become tasks like any other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from itertools import count
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import msgspec

from kernels.batch.messages import FileTask, Report
from kernels.batch.pool import Scheduler
from kernels.batch.settings import BatchSettings
from kernels.errors import Cancelled

if TYPE_CHECKING:
    from kernels.batch.bands import BandTask

_AHEAD = 64
"""Bands of a file that are waiting or at work."""
_PATIENCE = 2.0


class _Split:
    """A file whose bands others compute: the scheduler of the thread that knows which come next.

    Parameters
    ----------
    task : FileTask
    settings : BatchSettings
    """

    def __init__(self, task: FileTask, settings: BatchSettings) -> None:
        self.task = task
        self.report: Report | None = None
        self.waiting: deque[BandTask] = deque()
        self._going = 0
        self._answers: SimpleQueue[Report | None] = SimpleQueue()
        self._is_over = False
        self._thread = threading.Thread(target=self._run, args=(settings,), daemon=True)
        self._thread.start()

    @property
    def shares(self) -> tuple[float, float]:
        return self.task.share, self.task.share

    @property
    def room(self) -> int:
        return _AHEAD - self._going

    def submit(self, task: FileTask | BandTask) -> None:
        assert not isinstance(task, FileTask)
        self._going += 1
        self.waiting.append(task)

    def reports(self, timeout: float) -> list[Report]:
        try:
            report = self._answers.get(timeout=timeout)
        except Empty:
            return []
        if report is None:
            raise Cancelled("the batch was stopped")
        self._going -= 1
        return [report]

    def answer(self, report: Report) -> None:
        """Take what became of a band."""
        self._answers.put(report)

    def close(self) -> None:
        """Give it up; what was written goes as soon as the thread sees it, which a pass over the file may delay."""
        self._answers.put(None)
        self._thread.join(_PATIENCE)

    def _run(self, settings: BatchSettings) -> None:
        from kernels.batch.tasks import run_task  # loaded when it is needed: workers do what is not too large

        self.report = run_task(self.task, settings, self)


class Splitter:
    """A crew that divides what is too large for one of it, one file at a time.

    Parameters
    ----------
    crew : Scheduler
        Whoever does the tasks.
    settings : BatchSettings
    is_paused : callable
        While it returns True, no bands are given out.
    """

    def __init__(self, crew: Scheduler, settings: BatchSettings, is_paused: Callable[[], bool]) -> None:
        self._crew, self._settings, self._is_paused = crew, settings, is_paused
        self._files: dict[int, FileTask] = {}
        self._large: deque[FileTask] = deque()
        self._split: _Split | None = None
        self._bands: dict[int, tuple[_Split, int]] = {}
        # Files have numbers from 0 on.
        self._numbers = count(-1, -1)

    @property
    def room(self) -> int:
        return 0 if self._split is not None and self._split.waiting else self._crew.room

    @property
    def shares(self) -> tuple[float, float]:
        return self._crew.shares

    def submit(self, task: FileTask | BandTask) -> None:
        if isinstance(task, FileTask):
            self._files[task.number] = task
        self._crew.submit(task)

    def reports(self, timeout: float) -> list[Report]:
        self._give_out()
        found = []
        for report in self._crew.reports(timeout):
            if report.number in self._bands:
                split, number = self._bands.pop(report.number)
                split.answer(msgspec.structs.replace(report, number=number))
                continue
            task = self._files.pop(report.number)
            if report.is_to_split:
                self._large.append(task)
            else:
                found.append(report)
        if self._split is not None and self._split.report is not None:
            found.append(self._split.report)
            self._split = None
        if self._split is None and self._large and not self._is_paused():
            self._split = _Split(self._large.popleft(), self._settings)
        self._give_out()
        return found

    def close(self) -> None:
        if self._split is not None:
            self._split.close()
        self._crew.close()

    def _give_out(self) -> None:
        while self._split is not None and self._split.waiting and self._crew.room > 0 and not self._is_paused():
            task, number = self._split.waiting.popleft(), next(self._numbers)
            self._bands[number] = self._split, task.number
            self._crew.submit(msgspec.structs.replace(task, number=number))
