"""The worker: all computation leaves the GUI thread through here.

Each kind of work has a lane with one running and one waiting request, and the newest replaces the one that
waits. A request in a queueing lane (saving, training) is never replaced.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from PyQt6.QtCore import QObject, pyqtSignal

from kernels.errors import Cancelled
from viewer.resolve import Failure, Request, Response

# A replaced request may finish if it is nearly instant, so that a drag shows its way and not only its end.
GRACE_SECONDS = 0.25


class Control:
    """What a running request looks at: has it been replaced, and whom to tell how far it is."""

    def __init__(self, lane: _Lane) -> None:
        self._lane = lane
        self._started = time.monotonic()
        self._superseded = False
        self._stopped = False

    def supersede(self) -> None:
        """A newer request waits: go on only if the end is near."""
        self._superseded = True

    def stop(self) -> None:
        """End as soon as possible."""
        self._stopped = True

    @property
    def stopped(self) -> bool:
        """True when nobody wants the answer, even if it is there."""
        return self._stopped

    def cancelled(self) -> bool:
        """True when the work is not wanted any more."""
        late = time.monotonic() - self._started > GRACE_SECONDS
        return self._stopped or (self._superseded and late)

    def progress(self, fraction: float) -> None:
        """Tell how much is done, 0 to 1."""
        self._lane.compute.progressed.emit(self._lane.name, fraction)


class _Lane:
    def __init__(self, compute: Compute, name: str, queue: bool) -> None:
        self.compute, self.name, self.queue = compute, name, queue
        self.lock = threading.Lock()
        self.waiting: deque[Request] = deque()
        self.control: Control | None = None
        self.pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"kernelscope-{name}")

    def submit(self, request: Request) -> None:
        with self.lock:
            if not self.queue:
                self.waiting.clear()
                if self.control is not None:
                    self.control.supersede()
            self.waiting.append(request)
            if self.control is not None:
                return
            self.control = Control(self)
        self.compute.busy_changed.emit(self.name, True)
        self.pool.submit(self._work)

    def _work(self) -> None:
        while True:
            with self.lock:
                if not self.waiting:
                    self.control = None
                    break
                request = self.waiting.popleft()
                control = self.control = Control(self)
            answer = self._run(request, control)
            if answer is not None:
                self.compute.answered.emit(answer)
        self.compute.busy_changed.emit(self.name, False)

    def _run(self, request: Request, control: Control) -> Response | Failure | None:
        start = time.perf_counter()
        try:
            result = request.run(control)
        except Cancelled:
            return Failure(request, None, self.compute.tr("Cancelled.")) if self.queue else None
        except MemoryError as error:
            text = str(error) or self.compute.tr("There is not enough free memory for this.")
            return Failure(request, error, text)
        except Exception as error:  # the window lives on; the sentence stands beside the last good result
            return Failure(request, error, str(error) or type(error).__name__)
        if control.stopped and not self.queue:
            return None
        return Response(request, result, time.perf_counter() - start)

    def cancel(self) -> None:
        with self.lock:
            self.waiting.clear()
            if self.control is not None:
                self.control.stop()


class Compute(QObject):
    """Lanes of work by name; answers come back as signals in the GUI thread."""

    answered = pyqtSignal(object)
    busy_changed = pyqtSignal(str, bool)
    progressed = pyqtSignal(str, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[str, _Lane] = {}
        self._closed = False
        self.submissions = 0  # how many requests were taken, ever

    def submit(self, request: Request) -> None:
        """Run `request` in its lane, as soon as the lane is free."""
        if self._closed:
            return
        self.submissions += 1
        lane = self._lanes.get(request.lane)
        if lane is None:
            lane = self._lanes[request.lane] = _Lane(self, request.lane, request.queue)
        lane.submit(request)

    def cancel(self, lane: str) -> None:
        """Stop what runs in `lane` and forget what waits there."""
        if lane in self._lanes:
            self._lanes[lane].cancel()

    def busy(self, lane: str) -> bool:
        """True while `lane` has work."""
        return lane in self._lanes and self._lanes[lane].control is not None

    @property
    def is_idle(self) -> bool:
        """True when no lane has work; answers may still be on their way to the GUI thread."""
        return all(lane.control is None for lane in self._lanes.values())

    def shutdown(self) -> None:
        """Stop everything and end the threads."""
        self._closed = True
        for lane in self._lanes.values():
            lane.cancel()
        for lane in self._lanes.values():
            lane.pool.shutdown(wait=True, cancel_futures=True)
