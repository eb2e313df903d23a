"""From an edit of the kernel to the four painted panes of the gradient, beside the bare work in the same run.

Run with ``python -m tests.benchmarks.gradient`` (``--quick`` leaves out the large pictures). The bare loop is two
``cv2.filter2D``, ``cv2.cartToPolar`` and four pyqtgraph ``ImageItem`` of the size of the panes.
"""

from __future__ import annotations

import argparse
import sys
import time
from statistics import median

import numpy as np
import pyqtgraph
from msgspec.structs import replace
from numpy.typing import NDArray
from PyQt6.QtWidgets import QApplication

from kernels.kernel import Kernel
from kernels.opencv import cv2
from tests.benchmarks.window_bench import SIZES, SOBEL, Bench, Paints, ms, photograph, turn
from viewer.document import with_gradient, with_kernel
from viewer.pages.gradient.painting import DERIVED

SCALE = ((-1000.0, 1000.0), (-1000.0, 1000.0), (0.0, 1000.0), (0.0, 360.0))


class GradientBench(Bench):
    """The Gradient workspace of the real window, and four bare items."""

    def __init__(self) -> None:
        super().__init__()
        store = self.window.store
        store.view(lambda session: replace(session, workspace="gradient"))
        store.edit(lambda document: with_gradient(document, operator="kernel", sigma=0.0), "benchmark")
        self.window.wait_until_idle(60)
        self.panes = [self.window.gradient.view.panes.panes[name] for name in DERIVED]
        self.watched = [Paints(pane, lambda pane=pane: pane.sheet) for pane in self.panes]  # type: ignore[misc]
        self.views, self.items, self.boxes, self.bare_watched = [], [], [], []
        for pane in self.panes:
            view, item = pyqtgraph.GraphicsView(), pyqtgraph.ImageItem(axisOrder="row-major", autoDownsample=False)
            box = pyqtgraph.ViewBox(lockAspect=True, invertY=True)
            view.setCentralItem(box)
            box.addItem(item)
            view.resize(pane.size())
            view.show()
            self.views.append(view)
            self.items.append(item)
            self.boxes.append(box)
            self.bare_watched.append(Paints(view.viewport(), lambda: None))

    def open(self, pixels: NDArray[np.uint8]) -> None:
        super().open(pixels)
        self.bare_gradient(pixels, 2.0)
        for box in self.boxes:
            box.autoRange()
        turn(lambda: True)

    def bare_gradient(self, pixels: NDArray[np.uint8], value: float) -> float:
        """Return the seconds of the bare loop."""
        kernel = SOBEL.copy()
        kernel[1, 0] = -value
        for each in self.bare_watched:
            each.seen.clear()
        start = time.perf_counter()
        gx = cv2.filter2D(pixels, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT)
        gy = cv2.filter2D(pixels, cv2.CV_32F, kernel.T, borderType=cv2.BORDER_REFLECT)
        magnitude, angle = cv2.cartToPolar(gx, gy, angleInDegrees=True)
        for item, values, levels in zip(self.items, (gx, gy, magnitude, angle), SCALE, strict=True):
            item.setImage(values, levels=levels, autoLevels=False)
        turn(lambda: all(each.seen for each in self.bare_watched))
        return max(each.seen[0][0] for each in self.bare_watched) - start

    def painted_gradient(self, value: float) -> tuple[float, float]:
        """Return the seconds to the four new panes, and to idleness."""
        before = [pane.sheet for pane in self.panes]
        for each in self.watched:
            each.seen.clear()

        def done() -> bool:
            return all(
                any(sheet is not old for _at, sheet in each.seen)
                for each, old in zip(self.watched, before, strict=True)
            )

        weights = SOBEL.astype(float)
        weights[1, 0] = -value
        start = time.perf_counter()
        self.window.store.edit(lambda document: with_kernel(document, Kernel(weights)), "benchmark")
        turn(done)
        shown = max(next(at for at, sheet in each.seen if sheet is not old) for each, old in zip(
            self.watched, before, strict=True))  # fmt: skip
        self.window.wait_until_idle(60)
        return shown - start, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave out the pictures of 12 megapixels")
    parser.add_argument("--display", action="store_true", help="use the display instead of the offscreen platform")
    chosen = parser.parse_args()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    bench = GradientBench()
    print("\n| megapixels | bare ms | panes ms | limit ms | idle / bare | where |\n|---|---|---|---|---|---|")
    for name, shape in SIZES.items():
        if chosen.quick and name == "12":
            continue
        pixels = photograph(shape, 1)
        bench.open(pixels)
        bare, panes, idle = [], [], []
        for k in range(5 if name == "12" else 15):
            bare.append(bench.bare_gradient(pixels, 2 + k / 8))
            for values, each in zip((panes, idle), bench.painted_gradient(3 + k / 8), strict=True):
                values.append(each)
        results = bench.window.river.moment.results
        parts = [f"{each} {ms(results[each].seconds)}" for each in ("measured gradient", "gradient scale", "painted gx",
                 "painted magnitude", "painted direction", "gradient panes", "edges")]  # fmt: skip
        limit = 1.5 * median(bare) + 0.003
        ratio = median(idle) / median(bare)
        print(
            f"| {name} | {ms(median(bare))} | {ms(median(panes))} | {ms(limit)} | {ratio:.1f} | {', '.join(parts)} |",
            flush=True,
        )
    bench.window.close()
    for view in (*bench.views, bench.bare_view):
        view.close()
    assert app is not None


if __name__ == "__main__":
    main()
