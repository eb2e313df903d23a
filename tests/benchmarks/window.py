"""What a hand feels: from an edit to the painted pane, drags, stalls, frames, beside the bare work in one run.

Run with ``python -m tests.benchmarks.window`` (``--quick`` leaves out the large pictures, ``--memory`` adds 10,000
edits and the resident memory after them). The bare loop is what one would write by hand: ``cv2.filter2D`` and a
pyqtgraph ``ImageItem`` of the size of the output pane. Everything happens in this process, through the named controls
of the real window; nothing here is a test.
"""

from __future__ import annotations

import argparse
import gc
import resource
import sys
from collections.abc import Callable
from statistics import median

import numpy as np
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QComboBox, QWidget

from kernels.opencv import cv2
from kernels.pictures.picture import Picture, from_array
from tests.benchmarks.window_bench import SIZES, SOBEL, Bench, Heartbeat, Paints, ms, photograph, run_for


def edits(bench: Bench, quick: bool) -> None:
    print("\n| megapixels | bare ms | first picture ms | exact ms | limit ms | idle / bare |")
    print("|---|---|---|---|---|---|")
    for name, shape in SIZES.items():
        for channels in (1, 3):
            if quick and name == "12":
                continue
            pixels = photograph(shape, channels)
            bench.open(pixels)
            bare, first, exact, idle = [], [], [], []
            for k in range(5 if name == "12" else 15):
                bare.append(bench.bare(pixels, 1 + k / 8))
                one = bench.painted(2 + k / 8)
                for values, each in zip((first, exact, idle), one, strict=True):
                    values.append(each)
            limit = 1.5 * median(bare) + 0.003
            kind = "grey" if channels == 1 else "RGB"
            print(
                f"| {name} {kind} | {ms(median(bare))} | {ms(median(first))} | {ms(median(exact))} | {ms(limit)} "
                f"| {median(idle) / median(bare):.1f} |",
                flush=True,
            )


def drags(bench: Bench, quick: bool) -> None:
    print(
        "\n| drag | steps shown | longest pause ms | last value after release ms | longest silence beyond painting ms "
        "| beside bare filter2D ms |"
    )
    print("|---|---|---|---|---|---|")
    heart = Heartbeat(bench.window)
    for name, shape in SIZES.items():
        for channels in (1, 3):
            if quick and name == "12":
                continue
            pixels = photograph(shape, channels)
            bench.open(pixels)
            kind = "grey" if channels == 1 else "RGB"
            with heart.running():
                share, pause, after = bench.drag(bench.edit, [1 + k / 16 for k in range(120)])
            longest = max(heart.gaps)
            bare = heart.beside(lambda pixels=pixels: cv2.filter2D(pixels, cv2.CV_32F, SOBEL), 2.0)  # type: ignore[misc]
            print(
                f"| weight, {name} {kind} | {100 * share:.0f} % | {ms(pause)} | {ms(after)} | {ms(longest)} "
                f"| {ms(bare)} |",
                flush=True,
            )
    bench.open(photograph(SIZES["1"], 1))
    combo = bench.child("presetCombo")
    assert isinstance(combo, QComboBox)
    combo.setCurrentIndex(combo.findData("gaussian"))
    bench.window.wait_until_idle(60)
    slider = next(each for each in bench.window.findChildren(QWidget) if each.objectName() == "parameter_sigma")
    with heart.running():
        share, pause, after = bench.drag(slider.setValue, [0.6 + k / 50 for k in range(120)])  # type: ignore[attr-defined]
    print(f"| Gaussian's sigma, 1 grey | {100 * share:.0f} % | {ms(pause)} | {ms(after)} | {ms(max(heart.gaps))} | |")
    combo.setCurrentIndex(combo.findData("sobel-x"))
    bench.window.wait_until_idle(60)


class Frames:
    """A stream of 1280 x 720 frames, as fast as they are taken."""

    title = "frames"

    def __init__(self, channels: int) -> None:
        self.frames = [
            from_array(np.roll(photograph((720, 1280), channels), 8 * k, axis=1), name="frame") for k in range(8)
        ]
        self.delivered = 0
        self._timer = QTimer()

    def start(self, deliver: Callable[[Picture], None]) -> None:
        def next_frame() -> None:
            deliver(self.frames[self.delivered % len(self.frames)])
            self.delivered += 1

        self._timer.timeout.connect(next_frame)
        self._timer.start(1000 // 60)

    def stop(self) -> None:
        self._timer.stop()


def frames(bench: Bench) -> None:
    """Print how many of 60 frames a second both panes show."""
    print("\n| 1280 x 720 frames, Sobel, 60 offered a second | input shown a second | output shown a second |")
    print("|---|---|---|")
    source = bench.child("inputPane")
    inputs = Paints(source, lambda: getattr(source, "sheet", None))
    for channels in (1, 3):
        stream = Frames(channels)
        bench.window.sources.follow(stream)
        run_for(1)
        inputs.seen.clear()
        bench.paints.seen.clear()
        seconds = run_for(3)
        counts = [len({number for _at, number in each.seen}) for each in (inputs, bench.paints)]
        bench.window.sources.end_stream()
        bench.window.wait_until_idle(60)
        kind = "grey" if channels == 1 else "RGB"
        print(f"| {kind} | {counts[0] / seconds:.0f} | {counts[1] / seconds:.0f} |")


def memory(bench: Bench) -> None:
    """Print the resident memory before and after 10,000 edits, once the steps of undo are full."""
    bench.open(photograph(SIZES["0.25"], 1))

    def resident() -> float:
        gc.collect()
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 2**20

    random = np.random.default_rng(3)
    before = 0.0
    for k in range(10_300):
        bench.edit(float(random.integers(-50, 50)) / 4)
        bench.window.wait_until_idle(60)
        if k == 300:
            before = resident()
    after = resident()
    print(
        f"\nresident after 300 edits {before:.0f} MB, after 10,300 edits {after:.0f} MB: "
        f"{100 * (after / before - 1):+.1f} %"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave out the pictures of 12 megapixels")
    parser.add_argument("--memory", action="store_true", help="add 10,000 edits and the memory after them")
    parser.add_argument("--display", action="store_true", help="use the display instead of the offscreen platform")
    chosen = parser.parse_args()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    bench = Bench()
    edits(bench, chosen.quick)
    drags(bench, chosen.quick)
    frames(bench)
    if chosen.memory:
        memory(bench)
    bench.window.close()
    bench.bare_view.close()
    assert app is not None


if __name__ == "__main__":
    main()
