"""The real window, the bare loop beside it, and what watches both: paintings, and silences of the event loop."""

from __future__ import annotations

import gc
import itertools
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

if "--display" not in sys.argv:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("XDG_CONFIG_HOME", tempfile.mkdtemp(prefix="kernelscope-benchmark-"))

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PyQt6.QtWidgets import QApplication, QTableView, QWidget

from kernels.opencv import cv2
from viewer.app import AHEAD_MS, SPARE_MS, KernelscopeWindow, build

SIZES = {"0.25": (512, 512), "1": (1024, 1024), "12": (3000, 4000)}
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
STEP_MS = 16


def photograph(shape: tuple[int, int], channels: int) -> NDArray[np.uint8]:
    """Return a picture with soft structure and noise, (H, W) or (H, W, 3)."""
    random = np.random.default_rng(7)
    small = random.uniform(0, 255, (16, 16, channels)).astype(np.float32)
    large = cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC).reshape(*shape, channels)
    pixels = np.clip(large + random.normal(0, 8, large.shape), 0, 255).astype(np.uint8)
    return pixels if channels == 3 else pixels[:, :, 0]


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f}"


def turn(until: Callable[[], bool], seconds: float = 30.0) -> None:
    """Run the event loop until something is true; it sleeps in between, as the program's own does."""
    end = time.perf_counter() + seconds
    wake = QTimer()
    wake.start(STEP_MS)
    while not until():
        QApplication.processEvents(
            QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        )
        if time.perf_counter() > end:
            raise TimeoutError("nothing was painted")


def run_for(seconds: float) -> float:
    """Run the event loop for about so long; return how long it was."""
    start = time.perf_counter()
    turn(lambda: time.perf_counter() - start > seconds)
    return time.perf_counter() - start


class Paints(QObject):
    """Watches a widget: when it painted, and the how manieth thing that `look` gave then."""

    def __init__(self, widget: QWidget, look: Callable[[], object]) -> None:
        super().__init__(widget)
        self.seen: list[tuple[float, int]] = []
        self._look = look
        self._number, self._last = 0, look()
        self._widget = widget
        widget.installEventFilter(self)

    def number(self) -> int:
        """Count what is shown now; only the last is held, for a list of pictures would be gigabytes."""
        now = self._look()
        if now is not self._last:
            self._number, self._last = self._number + 1, now
        return self._number

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Paint and watched is self._widget:
            # Painted now, and only then counted.
            watched.removeEventFilter(self)
            QApplication.sendEvent(watched, event)
            watched.installEventFilter(self)
            self.seen.append((time.perf_counter(), self.number()))
            return True
        return False


class Heartbeat(QObject):
    """The longest silence of the event loop, in seconds, beyond what `painted` widgets took to be painted."""

    def __init__(self, *painted: QWidget) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._painting = 0.0
        for widget in painted:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is None or watched is None or event.type() != QEvent.Type.UpdateRequest:
            return False
        start = time.perf_counter()
        watched.removeEventFilter(self)
        QApplication.sendEvent(watched, event)
        watched.installEventFilter(self)
        self._painting += time.perf_counter() - start
        return True

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last - self._painting)
        self._last, self._painting = now, 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Listen while the block runs."""
        self.gaps.clear()
        self._last, self._painting = time.perf_counter(), 0.0
        self._timer.start(1)
        yield
        self._timer.stop()

    def beside(self, work: Callable[[], object], seconds: float) -> float:
        """Return the longest silence while a thread does nothing but some bare work, over and over."""
        over = threading.Event()

        def toil() -> None:
            while not over.is_set():
                work()

        worker = threading.Thread(target=toil)
        worker.start()
        with self.running():
            run_for(seconds)
        over.set()
        worker.join()
        return max(self.gaps)


class Bench:
    """The real window, and the bare loop beside it."""

    def __init__(self) -> None:
        self.window: KernelscopeWindow = build()
        self.window.resize(1366, 768)
        self.window.show()
        run_for(AHEAD_MS / 1000 + 0.1)
        self.window.wait_until_idle(60)  # with what it gets ahead of, once it has come up
        run_for(SPARE_MS / 1000 + 0.1)  # and with the page that it makes then
        gc.freeze()  # as the program does before it runs
        table = self.child("kernelTable")
        assert isinstance(table, QTableView)
        model = table.model()
        assert model is not None
        self.model = model
        self.pane = self.child("outputPane")
        self.paints = Paints(self.pane, self.picture)
        self.bare_view = pyqtgraph.GraphicsView()
        self.bare_box = pyqtgraph.ViewBox(lockAspect=True, invertY=True)
        self.bare_view.setCentralItem(self.bare_box)
        self.bare_item = pyqtgraph.ImageItem(axisOrder="row-major", autoDownsample=False)
        self.bare_box.addItem(self.bare_item)
        self.bare_view.resize(self.pane.size())
        self.bare_view.show()
        self.bare_paints = Paints(self.bare_view.viewport(), lambda: None)
        self.folder = tempfile.TemporaryDirectory()

    def child(self, name: str) -> QWidget:
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    def picture(self) -> object:
        """What the output pane shows now, by identity."""
        return getattr(self.pane, "sheet", None)

    def open(self, pixels: NDArray[np.uint8]) -> None:
        path = Path(self.folder.name) / "a.npy"
        np.save(path, pixels)
        self.window.open(str(path))
        self.window.wait_until_idle(120)
        self.bare_paints.seen.clear()
        self.bare_item.setImage(pixels.astype(np.float32), levels=(-255.0, 255.0), autoLevels=False)
        self.bare_box.autoRange()
        turn(lambda: bool(self.bare_paints.seen))

    def edit(self, value: float) -> None:
        self.model.setData(self.model.index(1, 1), f"{value:g}", Qt.ItemDataRole.EditRole)

    def bare(self, pixels: NDArray[np.uint8], value: float) -> float:
        """Return the seconds of the bare loop."""
        kernel = SOBEL.copy()
        kernel[1, 1] = value
        self.bare_paints.seen.clear()
        start = time.perf_counter()
        out = cv2.filter2D(pixels, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT)
        self.bare_item.setImage(out, levels=(-255.0, 255.0), autoLevels=False)
        turn(lambda: bool(self.bare_paints.seen))
        return self.bare_paints.seen[0][0] - start

    def painted(self, value: float) -> tuple[float, float, float]:
        """Return the seconds to the first new picture, to the exact one, and to idleness."""
        before, shown = self.window.output(), self.paints.number()
        self.paints.seen.clear()
        found: dict[str, float] = {}

        def done() -> bool:
            for at, number in self.paints.seen:
                if number != shown:
                    found.setdefault("first", at)
                    if self.window.output() is not before:
                        found.setdefault("exact", at)
            self.paints.seen.clear()
            return "exact" in found

        start = time.perf_counter()
        self.edit(value)
        turn(done)
        self.window.wait_until_idle(60)
        return found["first"] - start, found["exact"] - start, time.perf_counter() - start

    def drag(self, change: Callable[[float], None], values: list[float]) -> tuple[float, float, float]:
        """Change something every 16 ms; return the share of steps shown, the longest pause, the last one's delay."""
        steps = iter(values)
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        left = [len(values)]

        def step() -> None:
            change(next(steps))
            left[0] -= 1
            if not left[0]:
                timer.stop()

        timer.timeout.connect(step)
        self.paints.seen.clear()
        shown = self.paints.number()
        start = time.perf_counter()
        timer.start(STEP_MS)
        turn(lambda: not left[0], 60)
        released = time.perf_counter()
        self.window.wait_until_idle(60)
        times = [start]
        during = 0
        for at, number in self.paints.seen:
            if number != shown:
                shown = number
                times.append(at)
                during += at <= released + 0.05
        pauses = [b - a for a, b in itertools.pairwise(times)] or [released - start]
        return during / len(values), max(pauses), times[-1] - released
