"""What a class sees on the Stage: how soon a number is painted after the pointer or a step, how steadily it slides.

Run with ``python -m tests.benchmarks.stage`` (``--quick`` leaves out the large pictures). A number counts as there once
the line of arithmetic and the close-up have painted it. Everything happens in this process, on the real window; nothing
here is a test.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

if "--display" not in sys.argv:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("XDG_CONFIG_HOME", tempfile.mkdtemp(prefix="kernelscope-benchmark-"))

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget

from kernels.kernel import Kernel, library
from kernels.pictures.picture import Picture
from tests.benchmarks.window_bench import SIZES, Heartbeat, Paints, ms, photograph, run_for, turn
from viewer.app import KernelscopeWindow, build
from viewer.document import with_kernel

LIMIT_MS = 16
HOVERS, STEPS = 60, 120
SECONDS = 5.0


def pictures(shape: tuple[int, int]) -> dict[str, NDArray[Any]]:
    """One of each kind."""
    grey = photograph(shape, 1)
    return {"grey": grey, "RGB": photograph(shape, 3), "float32": grey.astype(np.float32) / 255}


def large_kernel(side: int = 31) -> Kernel:
    """Weights that no shortcut applies to."""
    weights = np.random.default_rng(9).normal(0, 1, (side, side))
    return Kernel(np.round(weights, 3), divisor=float(side * side), name=f"{side} × {side}")


class Bench:
    """The real window on the Stage."""

    def __init__(self) -> None:
        self.window: KernelscopeWindow = build()
        self.window.resize(1366, 768)
        self.window.show()
        self.window.wait_until_idle(60)
        self.window.stage.switch()
        self.window.wait_until_idle(60)
        gc.freeze()  # as the program does before it runs
        view = self.window.stage.view
        self.pane: QWidget = view.panes.output
        self.line = Paints(view.equation, view.equation.accessibleDescription)
        self.close_up = Paints(view.close_up, lambda: view.close_up.cells)
        self.timeline = view.transport.timeline
        self.heart = Heartbeat()

    def open(self, pixels: NDArray[Any], kernel: Kernel) -> None:
        self.window.store.edit(lambda document: with_kernel(document, library.get("identity")), "Change")
        self.window.sources.replace(Picture(pixels), "Open")
        self.window.wait_until_idle(120)
        self.window.store.edit(lambda document: with_kernel(document, kernel, keep_preset=False), "Change")
        self.window.wait_until_idle(600)

    def seconds(self, act: Callable[[], object]) -> float:
        """From `act` until both the line and the close-up have painted what came of it."""
        watched = self.line, self.close_up
        before = [each.number() for each in watched]
        for each in watched:
            each.seen.clear()
        start = time.perf_counter()
        act()
        turn(lambda: all(self._last(each) > number for each, number in zip(watched, before, strict=True)))
        end = max(next(at for at, n in each.seen if n > number) for each, number in zip(watched, before, strict=True))
        self.window.wait_until_idle(60)
        return end - start

    @staticmethod
    def _last(paints: Paints) -> int:
        return paints.seen[-1][1] if paints.seen else -1

    def point_at(self, place: QPointF) -> None:
        """The pointer is there."""
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, self.pane.mapToGlobal(place),
            Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(self.pane, event)

    def hovers(self) -> list[float]:
        """Seconds for each of some places in the upper half of the output, away from its close-up."""
        room, random = self.pane.viewport(), np.random.default_rng(1)  # type: ignore[attr-defined]
        self.timeline.setValue(0)
        self.window.wait_until_idle(60)
        found = []
        for _ in range(HOVERS):
            across, down = random.uniform(0.1, 0.9), random.uniform(0.3, 0.5)
            place = QPointF(room.left() + across * room.width(), room.top() + down * room.height())
            found.append(self.seconds(lambda place=place: self.point_at(place)))
        return found

    def steps(self) -> list[float]:
        """Seconds for each step of the timeline."""
        start = self.timeline.maximum() // 2
        self.timeline.setValue(start)
        self.window.wait_until_idle(60)
        return [self.seconds(lambda k=k: self.timeline.setValue(start + k)) for k in range(1, STEPS)]

    def play(self) -> tuple[float, float, float]:
        """Positions shown a second, the longest pause between two, and the longest silence of the event loop."""
        transport = self.window.stage.transport
        self.window.stage.view.transport.speed.setValue(100)
        self.timeline.setValue(self.timeline.maximum() // 2)
        self.window.wait_until_idle(60)
        self.line.seen.clear()
        shown = self.line.number()
        transport.switch_playing()
        with self.heart.running():
            seconds = run_for(SECONDS)
        transport.switch_playing()
        self.window.wait_until_idle(60)
        times = [at for at, _number in _changes(self.line.seen, shown)]
        pauses = [later - earlier for earlier, later in itertools.pairwise(times)] or [seconds]
        return len(times) / seconds, max(pauses), max(self.heart.gaps)


def _changes(seen: list[tuple[float, int]], shown: int) -> list[tuple[float, int]]:
    """The paintings that brought something new."""
    found = []
    for at, number in seen:
        if number != shown:
            shown = number
            found.append((at, number))
    return found


def _row(name: str, seconds: list[float]) -> str:
    late = sum(each > LIMIT_MS / 1000 for each in seconds)
    ordered = sorted(seconds)
    return (
        f"| {name} | {ms(median(ordered))} | {ms(ordered[int(0.95 * len(ordered))])} | {ms(ordered[-1])} "
        f"| {late} of {len(ordered)} |"
    )


def latencies(bench: Bench, sizes: list[str]) -> None:
    """Print how long it takes from the pointer or a step to the painted numbers."""
    print(f"\n| from to paint, limit {LIMIT_MS} ms | median ms | 95 % ms | longest ms | over the limit |")
    print("|---|---|---|---|---|")
    for size in sizes:
        for name, pixels in pictures(SIZES[size]).items():
            bench.open(pixels, large_kernel())
            print(_row(f"hover, {size} megapixels {name}, 31 × 31", bench.hovers()), flush=True)
    for kernel in (library.get("sobel-x"), large_kernel()):
        bench.open(photograph(SIZES["1"], 1), kernel)
        rows, columns = kernel.shape
        print(_row(f"a step of the timeline, 1 megapixel grey, {rows} × {columns}", bench.steps()), flush=True)


def playing(bench: Bench, sizes: list[str]) -> None:
    """Print how steadily the window slides."""
    print("\n| sliding, 60 positions a second | shown a second | longest pause ms | longest silence ms |")
    print("|---|---|---|---|")
    for size in sizes:
        for name, pixels in pictures(SIZES[size]).items():
            for kernel in (library.get("sobel-x"), large_kernel()):
                bench.open(pixels, kernel)
                shown, pause, silence = bench.play()
                rows, columns = kernel.shape
                print(
                    f"| {size} megapixels {name}, {rows} × {columns} | {shown:.0f} | {ms(pause)} | {ms(silence)} |",
                    flush=True,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave out the pictures of 12 megapixels")
    parser.add_argument("--display", action="store_true", help="use the display instead of the offscreen platform")
    chosen = parser.parse_args()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    bench = Bench()
    sizes = ["1"] if chosen.quick else ["1", "12"]
    latencies(bench, sizes)
    playing(bench, sizes)
    bench.window.close()
    assert app is not None


if __name__ == "__main__":
    main()
