"""How live the window stays while a network learns in it: the silences of its event loop, with and without.

    python -m tests.benchmarks.training_window [--quick] [--seconds 20] [--network lenet5] [--profile] [--display]

The Train side is in front, and the pointer crosses the curves all along. Without: nothing trains. With: the set-up
that a new run begins with, at full pace in its own process. Both are measured in turn, three times; nothing here is a
test.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import pstats
import sys
import tempfile
import time

if "--display" not in sys.argv:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does
os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="kernelscope-benchmark-")

import numpy as np
from msgspec import structs
from msgspec.structs import replace
from PyQt6.QtCore import QEvent, QPointF, Qt, QTimer
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget

from kernels.cnn.training.examples import EDGES
from kernels.cnn.training.plan import NamedNetwork, Stack
from tests.benchmarks.window_bench import Heartbeat, run_for, turn
from viewer.app import build

NETWORKS = {name: NamedNetwork(name) for name in ("lenet5", "mlp", "logistic")} | {"stack": Stack(8, True, 8)}
MOST_MORE_MS, TURNS, POINTER_MS = 16.0, 3, 50


class Working(Heartbeat):
    """Also what the window itself computed in each silence, which other programs do not lengthen."""

    def __init__(self) -> None:
        super().__init__()
        self.work: list[float] = []
        self._worked = time.thread_time()

    def _beat(self) -> None:
        super()._beat()
        now = time.thread_time()
        self.work.append(now - self._worked)
        self._worked = now


class Bench:
    """The real window with the Train side in front."""

    def __init__(self, network: str) -> None:
        self.window = build()
        self.window.resize(1366, 768)
        self.window.show()
        plan = structs.replace(EDGES, network=NETWORKS[network])
        self.window.store.start_with(lambda document: replace(document, training=plan))
        self.window.frame.go_to("network")
        self.window.network.choose_side("train")
        self.window.wait_until_idle(60)
        gc.freeze()  # as the program does before it runs
        self.heart = Working()
        curves = self.window.findChild(QWidget, "trainCurves")
        assert curves is not None
        self.curves = curves
        self.pointer = QTimer()
        self.pointer.timeout.connect(self.move)
        self.pointer.start(POINTER_MS)
        self.moved = 0

    def move(self) -> None:
        """Move the pointer over the curves."""
        self.moved += 1
        spot = QPointF(130 + 7 * self.moved % 500, 80)
        none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(QEvent.Type.MouseMove, spot, QPointF(self.curves.mapToGlobal(spot)), none, none, keys)
        QApplication.postEvent(self.curves, event)

    def switch(self, plays: bool) -> None:
        """Have the network learn, or stand."""
        runs = self.window.network.train.runs
        if plays != (runs.shown is not None and runs.shown.is_playing):
            runs.switch_playing()
        if plays:
            turn(lambda: runs.shown is not None and runs.shown.state == "playing")
        else:
            turn(lambda: runs.shown is None or runs.shown.state == "waiting")
            self.window.wait_until_idle(60)

    def listen(self, seconds: float) -> np.ndarray:
        """The silences in so many seconds, and the window's own work in each, in milliseconds, (n, 2)."""
        run_for(1)
        self.heart.work, self.heart._worked = [], time.thread_time()
        with self.heart.running():
            run_for(seconds)
        return 1000 * np.array([self.heart.gaps, self.heart.work]).T


def main() -> None:
    """Measure in turn, and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--network", choices=NETWORKS, default="lenet5")
    for switch in ("--quick", "--profile", "--display"):
        parser.add_argument(switch, action="store_true")
    given = parser.parse_args()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    bench = Bench(given.network)
    profile, found = cProfile.Profile(time.thread_time), {False: [], True: []}
    # A run is there both times, so that the same is drawn.
    bench.switch(True)
    run_for(2)
    print("| network | trains | median | 99th percentile | longest | own work, 99th | own work, longest |")
    print("|---|---|---|---|---|---|---|")
    for _turn in range(TURNS):
        for plays in (False, True):
            bench.switch(plays)
            if plays and given.profile:
                profile.enable()
            found[plays].append(bench.listen(5.0 if given.quick else given.seconds))
            profile.disable()
    bench.switch(False)
    high = {}
    for plays, parts in found.items():
        gaps, work = np.concatenate(parts).T
        high[plays] = float(np.percentile(gaps, 99))
        words = "yes" if plays else "no"
        times = np.median(gaps), high[plays], gaps.max(), np.percentile(work, 99), work.max()
        print(" | ".join(["|", given.network, words, *(f"{each:.1f} ms" for each in times)]), "|")
    more = high[True] - high[False]
    steps = bench.window.network.train.runs.shown.steps
    print(f"{more:.1f} ms more at the 99th percentile (at most {MOST_MORE_MS:.0f}), {steps:,} steps")
    if given.profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
    bench.window.close()
    application.processEvents()


if __name__ == "__main__":
    main()
