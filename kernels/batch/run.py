"""A batch from its beginning to its end: what the command and the window have in common."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Literal

import msgspec

from kernels import processes
from kernels.batch import manifest
from kernels.batch.folders import Found, check_places, count_files, files_of, first_of, is_picture
from kernels.batch.manifest import Manifest
from kernels.batch.messages import FileTask, Outcome, Report
from kernels.batch.pool import Pool, Scheduler
from kernels.batch.settings import BatchSettings
from kernels.batch.splitting import Splitter
from kernels.part_files import remove_abandoned

_TICK = 0.1
"""Seconds from one look at the clock, and at what the user wants, to the next."""
_COUNTED = 2000
"""Files that are counted in a tick, and those of the last folder."""


_Item = tuple[Found, FileTask]


class Row(msgspec.Struct, frozen=True):
    """What became of a file.

    Attributes
    ----------
    source, target : str
        Paths below the two folders.
    status : {"done", "kept", "failed"}
        ``kept`` is what an earlier run has done.
    outcome : Outcome or None
        What was written; None if it failed.
    seconds : float
        That the work took.
    error : str
        One sentence; empty unless it failed.
    """

    source: str
    target: str
    status: Literal["done", "kept", "failed"]
    outcome: Outcome | None = None
    seconds: float = 0.0
    error: str = ""


class Progress(msgspec.Struct, frozen=True):
    """Where a batch stands.

    Attributes
    ----------
    done, kept, failed : int
        Files so far.
    total : int or None
        All files; None until they are counted.
    rate : float
        Files per second that were worked on, pauses left out; 0 before the first.
    seconds_left : float or None
        None while there is nothing to tell it from.
    """

    done: int
    kept: int
    failed: int
    total: int | None
    rate: float
    seconds_left: float | None


class BatchRun:
    """A recipe run over a folder.

    `events` does the work in the thread that iterates over it; the other methods may be called from any thread.

    Parameters
    ----------
    source : path
        A folder or a file.
    target : path
        A folder apart from it; it is made if it is not there.
    settings : BatchSettings
    patterns : sequence of str
        Which files, see `kernels.batch.folders.files_of`.
    workers : int, optional
        Processes at work; as many as there are processors, unless given.
    force : bool
        Whether results of other settings, and files that are not the batch's own, are replaced.

    Attributes
    ----------
    source, target : Path
        In full; the target is there.

    Raises
    ------
    ValueError, OSError
        In one sentence: source and target are not two places, or there is no matching file.
    """

    def __init__(
        self,
        source: str | PathLike[str],
        target: str | PathLike[str],
        settings: BatchSettings,
        *,
        patterns: Sequence[str] = (),
        workers: int | None = None,
        force: bool = False,
    ) -> None:
        self.source, self.target = check_places(source, target)
        self._settings, self._patterns, self._force = settings, patterns, force
        self._workers = workers or processes.processors()
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._is_cancelled = False
        self._is_one = is_picture(self.source)
        self._tally = dict.fromkeys(("done", "kept", "failed"), 0)
        self._total: int | None = None
        self._worked = 0.0
        numbers = count_files(self.source, patterns, self.target)
        first = first_of(numbers, source, patterns)
        self.target.mkdir(parents=True, exist_ok=True)
        self._numbers, self._counted = chain((first,), numbers), 0

    def pause(self) -> None:
        """Give out no more work; what is being done is finished."""
        self._may_go_on.clear()

    def go_on(self) -> None:
        """End a pause."""
        self._may_go_on.set()

    def cancel(self) -> None:
        """Give up what is being done, and end; a later run goes on from there."""
        self._is_cancelled = True

    @property
    def is_paused(self) -> bool:
        return not self._may_go_on.is_set()

    @property
    def progress(self) -> Progress:
        """Where it stands."""
        worked = self._tally["done"] + self._tally["failed"]
        rate = worked / self._worked if self._worked else 0.0
        left = None
        if rate and self._total is not None:
            left = max(0, self._total - sum(self._tally.values())) / rate
        return Progress(**self._tally, total=self._total, rate=rate, seconds_left=left)

    def events(self, scheduler: Scheduler | None = None) -> Iterator[Row | Progress]:
        """Do the work; yield a row for every file, and the progress several times a second.

        Parameters
        ----------
        scheduler : Scheduler, optional
            Whoever does the tasks; worker processes of its own unless given. It is closed at the end.

        Raises
        ------
        ValueError, OSError
            The target holds results of other settings, or nobody can do the work.
        """
        crew = Splitter(scheduler or Pool(self._settings, self._workers), self._settings, lambda: self.is_paused)
        book = None
        pending: dict[int, _Item] = {}
        try:
            book = Manifest(self.target, self.source, self._settings, self._force)
            for event in self._work(crew, book, pending):
                if isinstance(event, Row):
                    self._tally[event.status] += 1
                yield event
        finally:
            crew.close()
            for folder in {Path(task.target).parent for _, task in pending.values()}:
                remove_abandoned(folder)  # what a worker was writing when it was ended
            if book is not None:
                book.close()

    def _work(self, crew: Scheduler, book: Manifest, pending: dict[int, _Item]) -> Iterator[Row | Progress]:
        todo = self._todo(crew, book)
        alone: deque[_Item] = deque()
        is_walked, next_word = False, 0.0
        while not self._is_cancelled:
            start, room, taken = time.monotonic(), crew.room, list[_Item]()
            while self._wants_more(room - len(taken), is_walked) and time.monotonic() < start + _TICK:
                item = next(todo, None)
                is_walked = item is None
                if isinstance(item, Row):
                    yield item
                elif item is not None:
                    taken.append(item)
            try:
                book.begin([found for found, _ in taken])
            except OSError as error:
                for found, _ in taken:
                    yield Row(found.source, found.target, "failed", error=str(error))
                taken = []
            for item in taken:
                pending[item[1].number] = item
                crew.submit(item[1])
            if is_walked and alone and not pending and not self.is_paused and crew.room > 0:
                # All others are done: it may have the memory of all.
                found, task = alone.popleft()
                pending[task.number] = found, msgspec.structs.replace(task, share=crew.shares[1], may_split=False)
                crew.submit(pending[task.number][1])
            if is_walked and not pending and not alone:
                return
            is_busy = bool(pending)
            ended: list[tuple[Found, Report]] = []
            for report in crew.reports(0.0 if self._wants_more(crew.room, is_walked) else _TICK):
                found, task = pending.pop(report.number)
                if report.lacks_memory and task.share < crew.shares[1]:
                    alone.append((found, task))
                else:
                    ended.append((found, report))
            yield from _rows(ended, book)
            self._count_some()
            now = time.monotonic()
            self._worked += is_busy * (now - start)
            if now >= next_word:
                next_word = now + _TICK
                yield self.progress

    def _wants_more(self, room: int, is_walked: bool) -> bool:
        return not is_walked and room > 0 and not self.is_paused and not self._is_cancelled

    def _todo(self, crew: Scheduler, book: Manifest) -> Iterator[Row | _Item]:
        """Go through the files: a row for what is not to be done, else its task."""
        folder, results = str(self.source), str(self.target)
        for number, found in enumerate(self._files()):
            source = folder if self._is_one else os.path.join(folder, found.source)
            target = os.path.join(results, found.target)
            try:
                if found.error:
                    raise ValueError(found.error)
                kept = book.kept(found.source, found.target, source)
                if kept is not None:
                    yield Row(found.source, found.target, "kept", kept.outcome, kept.seconds)
                    continue
            except (ValueError, OSError) as error:
                yield Row(found.source, found.target, "failed", error=str(error))
                continue
            yield found, FileTask(number, source, target, crew.shares[0], may_split=True)

    def _files(self) -> Iterator[Found]:
        return files_of(
            self.source, self._patterns, self._settings.target_name, reserved=(manifest.NAME,), without=self.target
        )

    def _count_some(self) -> None:
        """Count the files of some folders more; behind the last one, the total is known."""
        end = self._counted + _COUNTED
        while self._total is None and self._counted < end:
            number = next(self._numbers, None)
            if number is None:
                self._total = self._counted
            else:
                self._counted += number


def _rows(ended: list[tuple[Found, Report]], book: Manifest) -> Iterator[Row]:
    """Note what became of files, and tell it."""
    problem = ""
    try:
        book.end(ended)
    except OSError as error:
        problem = str(error)
    for found, report in ended:
        why = report.error or problem
        status: Literal["done", "failed"] = "failed" if why else "done"
        yield Row(found.source, found.target, status, None if problem else report.outcome, report.seconds, why)
