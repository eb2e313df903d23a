"""The worker: everything that takes longer than a frame leaves the GUI thread through here.

What is wanted is declared as a whole (`Compute.want`); a lane makes its queries one after the other, newer ones in the
place of older ones, the same one never twice. What must not be replaced (saving, training) is ordered.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from kernels.errors import Cancelled
from viewer.moment import Failure, Purpose, Query, Result
from viewer.task import Outcome, Task, Then

T = TypeVar("T")

QUIET_SECONDS, PATIENCE_SECONDS = 0.03, 0.35
"""Leisure begins once the screen has been quiet for so long, or, if it is short, after so long in any case."""
SHORT_SECONDS = 0.02
NICE = 5
"""How far lanes stand back for the window, which else waits for a processor when all of them compute."""


class _Lane(threading.Thread):
    """Makes queries one after the other; all it holds is guarded by the lock of `Compute`."""

    def __init__(self, compute: Compute, name: str) -> None:
        super().__init__(name=f"kernelscope-{name}", daemon=True)
        self.compute = compute
        self.awake = threading.Condition(compute.lock)  # of its own: every thread that wakes takes time from the window
        self.wanted: list[Task] = []
        self.ordered: deque[Task] = deque()
        self.running: Task | None = None
        self.waiting_since = 0.0

    @property
    def is_busy(self) -> bool:
        return self.running is not None or bool(self.wanted) or bool(self.ordered)

    @property
    def is_urgent(self) -> bool:
        """Whether something is on its way to the screen."""
        tasks = self.wanted if self.running is None else [self.running, *self.wanted]
        return any(not each.purpose.at_leisure for each in tasks)

    def tasks(self) -> list[Task]:
        """What runs and waits."""
        return [*([] if self.running is None else [self.running]), *self.ordered, *self.wanted]

    def next(self) -> Task | None:
        """Take the next task that may begin; call with the lock held."""
        if self.ordered:
            return self.ordered.popleft()
        if not self.wanted:
            return None
        if self.wanted[0].purpose.at_leisure and not self.compute.has_leisure(self.wanted[0], self.waiting_since):
            return None
        return self.wanted.pop(0)

    def run(self) -> None:
        if sys.platform == "linux":  # where this is about the thread, and those that it starts, not the process
            os.nice(NICE)
        compute = self.compute
        while True:
            with compute.lock:
                while (task := None if compute.is_closed else self.next()) is None:
                    if compute.is_closed:
                        return
                    self.awake.wait(QUIET_SECONDS if self.wanted else None)
                self.running = task
            task.begin()
            compute.finish(self, task, task.made())


class Compute(QObject):
    """Lanes of work, and the newest result and failure of every purpose; ``arrived`` says that something is new."""

    arrived = pyqtSignal()
    progressed = pyqtSignal(str, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lock = threading.RLock()
        self._released = threading.Condition(self.lock)
        self.serials = itertools.count(1)
        self.is_closed = False
        self._lanes: dict[str, _Lane] = {}
        self._results: dict[str, Result[Any]] = {}
        self._failures: dict[str, Failure] = {}
        self._outcomes: list[tuple[Then, Outcome]] = []
        self._claimed: set[tuple[str, Hashable]] = set()  # what is being made because it is needed
        self._announced = False
        self._last_on_screen = 0.0
        self._leisure_took: dict[str, float] = {}  # by the names of purposes

    # -- asking ----------------------------------------------------------------------------------------------------

    def want(self, queries: Sequence[Query[Any]]) -> frozenset[str]:
        """Make these and nothing else, the first of a lane first. Returns the purposes that are on their way."""
        with self.lock:
            if self.is_closed:
                return frozenset()
            missing = [each for each in queries if not self._is_answered(each)]
            for each in queries:
                # Back at what is held already: a failure in between is over.
                held = self._results.get(each.purpose.name)
                if held is not None and held.key == each.key and each.purpose.name in self._failures:
                    del self._failures[each.purpose.name]
                    self._announce()
            for name in {each.purpose.lane for each in missing}.union(self._lanes):
                self._assign(self._lane(name), [each for each in missing if each.purpose.lane == name])
        return frozenset(each.purpose.name for each in missing)

    def order(self, query: Query[T], then: Then) -> Task:
        """Make this after whatever was ordered before in its lane; `then` gets the outcome, in the GUI thread."""
        with self.lock:
            task = Task(self, query, then)
            if not self.is_closed:
                lane = self._lane(query.purpose.lane)
                lane.ordered.append(task)
                lane.awake.notify()
        return task

    def cancel(self, names: Callable[[Purpose[Any]], bool] | None = None) -> bool:
        """Stop what runs and waits; the same is asked for again only after a change. False if there was nothing."""
        chosen = names or (lambda purpose: bool(purpose.title))
        found = False
        with self.lock:
            for lane in self._lanes.values():
                for task in lane.tasks():
                    if chosen(task.purpose):
                        found = True
                        task.stop(given_up=True)
                for waiting in (lane.wanted, lane.ordered):
                    for task in [each for each in waiting if each.is_stopped]:
                        waiting.remove(task)
                        self._settle(task, task.failure(""))
            self._announce()
        return found

    def forget(self, purpose: Purpose[Any]) -> None:
        """Let go what was made for this purpose, in the next moment; a query of it is made again, also if it failed."""
        with self.lock:
            held = self._failures.pop(purpose.name, None), self._results.pop(purpose.name, None)
            if held != (None, None):
                self._announce()

    def _lane(self, name: str) -> _Lane:
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = _Lane(self, name)
            lane.start()
        return lane

    def _is_answered(self, query: Query[Any]) -> bool:
        name = query.purpose.name
        held, failed = self._results.get(name), self._failures.get(name)
        return (held is not None and held.key == query.key) or (failed is not None and failed.key == query.key)

    def _assign(self, lane: _Lane, queries: list[Query[Any]]) -> None:
        """Let the lane make these; what runs for the same purpose may finish, if the end is near."""
        running = lane.running
        if running is not None and running.then is None:
            other = next((each for each in queries if each.purpose.name == running.purpose.name), None)
            if other is None:
                running.stop()
            elif other.key != running.query.key:
                running.replace()
            elif not running.is_stopped or running.is_given_up:
                running.keep()
                queries = [each for each in queries if each is not other]
        waiting = {task.purpose.name: task for task in lane.wanted}
        if not waiting:
            lane.waiting_since = time.monotonic()
        held = [waiting.get(each.purpose.name) for each in queries]
        lane.wanted = [
            task if task is not None and task.query.key == each.key else Task(self, each)
            for each, task in zip(queries, held, strict=True)
        ]
        lane.wanted.sort(key=lambda task: task.purpose.at_leisure)
        # Leisure that was waited for already looks after itself.
        if lane.wanted and not (waiting and lane.wanted[0].purpose.at_leisure):
            lane.awake.notify()

    # -- what is there ---------------------------------------------------------------------------------------------

    def held(self, query: Query[T]) -> Result[T] | None:
        """The result of exactly this query, if it is there."""
        with self.lock:
            found = self._results.get(query.purpose.name)
            return found if found is not None and found.key == query.key else None

    def claim(self, query: Query[T], cancelled: Callable[[], bool]) -> Result[T] | None:
        """The result of exactly this query, awaited if another lane is at it; None for who is now to make it."""
        place = query.purpose.name, query.key
        with self.lock:
            while (held := self.held(query)) is None and place in self._claimed:
                self._released.wait(QUIET_SECONDS)
                if cancelled():
                    raise Cancelled
            if held is None:
                self._claimed.add(place)
            return held

    def release(self, query: Query[Any]) -> None:
        """It was made, or could not be."""
        with self.lock:
            self._claimed.discard((query.purpose.name, query.key))
            self._released.notify_all()

    def take(self, result: Result[Any], *, announce: bool = True) -> None:
        """Hold a result; one that is older than what is held is dropped. Also for what comes from outside."""
        with self.lock:
            name = result.purpose.name
            held, failed = self._results.get(name), self._failures.get(name)
            if held is not None and held.serial > result.serial:
                return
            self._results[name] = result
            if failed is not None and failed.serial <= result.serial:
                del self._failures[name]
            if announce:
                self._announce()

    def put(self, query: Query[T], value: T) -> None:
        """Hold what came from outside: a frame of a stream, a picture that is there already."""
        self.take(Result(query.purpose, query.key, value, 0.0, next(self.serials)))

    def snapshot(self) -> tuple[dict[str, Result[Any]], dict[str, Failure]]:
        """The newest results and failures, by the names of their purposes."""
        with self.lock:
            return dict(self._results), dict(self._failures)

    def outcomes(self) -> list[tuple[Then, Outcome]]:
        """Take what has come of orders; from now on ``arrived`` is sent again."""
        with self.lock:
            self._announced = False
            taken, self._outcomes = self._outcomes, []
            return taken

    def has_leisure(self, task: Task, since: float) -> bool:
        """Whether nothing is on its way to the screen, or leisure has waited long enough; with the lock held."""
        now = time.monotonic()
        busy = any(each.is_urgent for each in self._lanes.values())
        quiet = not busy and now - self._last_on_screen >= QUIET_SECONDS
        return quiet or (
            now - since >= PATIENCE_SECONDS and self._leisure_took.get(task.purpose.name, 0.0) < SHORT_SECONDS
        )

    def finish(self, lane: _Lane, task: Task, outcome: Outcome) -> None:
        """Keep what came of a task; whoever hears of it finds the lane free."""
        with self.lock:
            lane.running = None
            if task.purpose.at_leisure:
                self._leisure_took[task.purpose.name] = task.seconds
            else:
                self._last_on_screen = time.monotonic()
            if isinstance(outcome, Result) and task.then is None and not task.is_stopped:
                self.take(outcome)
            else:
                if task.is_given_up and isinstance(outcome, Result) and task.then is None:
                    outcome = task.failure("")
                self._settle(task, outcome)
                self._announce()

    def _settle(self, task: Task, outcome: Outcome) -> None:
        """Note the outcome of an order, or a failure; replaced work that was cancelled leaves no trace."""
        if task.then is not None:
            self._outcomes.append((task.then, outcome))
        elif isinstance(outcome, Failure) and (outcome.error is not None or task.is_given_up):
            name = task.purpose.name
            there = self._results.get(name), self._failures.get(name)
            if all(each is None or each.serial <= task.serial for each in there):
                self._failures[name] = outcome

    def _announce(self) -> None:
        if not self._announced:
            self._announced = True
            self.arrived.emit()

    @property
    def is_idle(self) -> bool:
        """Whether no lane has work and everything that arrived was taken."""
        with self.lock:
            return not self._announced and not any(each.is_busy for each in self._lanes.values())

    def lasting(self) -> str:
        """The title of work that runs or waits and lasts; empty for none."""
        with self.lock:
            tasks = [task for lane in self._lanes.values() for task in lane.tasks()]
        return next((task.purpose.title for task in tasks if task.purpose.title), "")

    def shutdown(self) -> None:
        """Stop everything and end the threads."""
        with self.lock:
            self.is_closed = True
            for lane in self._lanes.values():
                lane.wanted.clear()
                lane.ordered.clear()
                if lane.running is not None:
                    lane.running.stop()
                lane.awake.notify()
        for lane in self._lanes.values():
            lane.join()
