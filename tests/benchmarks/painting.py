"""How long the GUI thread is held to bring a picture to the screen, beside pyqtgraph's ``ImageItem`` in the same run.

Run with ``python -m tests.benchmarks.painting`` (``--quick`` leaves out the large picture). A row gives the time of our
pane for a new picture (handing it over and the first paint) and for one step of panning, and how many times as long
the other takes. Both get uint8 pixels that need no levels; what a worker prepares, the area-averaged copies, is not
counted. Nothing here is a test: times depend on the machine.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF
from PyQt6.QtWidgets import QApplication, QWidget

from kernels.pictures.display import pyramid, render
from viewer import theme
from viewer.panes import PaneLink, PicturePane, make_sheet

SIZES = {"512 × 512": (512, 512), "4000 × 3000": (3000, 4000)}
LARGE = {"8192 × 6144": (6144, 8192)}
ROUNDS = 3


def copies(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    """Return the picture and its area-averaged copies, as the worker hands them over."""
    return (pixels, *(render(each, (0.0, 255.0)) for each in pyramid(pixels)))


def timed(work: Callable[[], None]) -> float:
    """Return the milliseconds that `work` holds the thread."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def prepared(widget: QWidget) -> QWidget:
    """Return `widget`, shown at the size of a pane."""
    widget.resize(560, 520)
    widget.show()
    QApplication.processEvents()
    return widget


def ours(images: tuple[NDArray[np.uint8], ...]) -> tuple[float, float]:
    """Return the times of a new picture and of a step of panning in our pane."""
    link = PaneLink()
    pane = PicturePane("pane", "Picture", "", link)
    prepared(pane)
    height, width = images[0].shape[:2]
    rect = QRectF(0, 0, width, height)

    def show() -> None:
        pane.set_sheet(make_sheet(images, rect, images[0]))
        link.set_content(rect)
        pane.grab()

    def pan() -> None:
        link.pan_by(3.0, 2.0)
        pane.grab()

    times = timed(show), timed(pan)
    pane.close()
    return times


def peer(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the times of a new picture and of a step of panning with ``ImageItem``."""
    view = pyqtgraph.GraphicsView()
    box = pyqtgraph.ViewBox(lockAspect=True, invertY=True)
    view.setCentralItem(box)
    item = pyqtgraph.ImageItem(axisOrder="row-major")
    box.addItem(item)
    prepared(view)

    def show() -> None:
        item.setImage(pixels, autoLevels=False, levels=(0, 255), autoDownsample=False)
        box.autoRange()
        view.grab()

    def pan() -> None:
        box.translateBy(x=3, y=2)
        view.grab()

    times = timed(show), timed(pan)
    view.close()
    return times


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out the large picture")
    sizes = SIZES if parser.parse_args().quick else {**SIZES, **LARGE}
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, "dark")
    random = np.random.default_rng(0)
    print(f"{'picture':24}{'new, ours':>12}{'ImageItem':>12}{'pan, ours':>12}{'ImageItem':>12}")
    for name, size in sizes.items():
        for kind, shape in (("grey", size), ("RGB", (*size, 3))):
            pixels = random.integers(0, 256, shape, dtype=np.uint8)
            images = copies(pixels)
            mine = [ours(images) for _ in range(ROUNDS)]
            other = [peer(pixels) for _ in range(ROUNDS)]
            row = [median(each[k] for each in runs) for k in (0, 1) for runs in (mine, other)]
            new, new_peer, pan, pan_peer = row
            print(f"{name + ' ' + kind:24}{new:9.1f} ms{new_peer / new:10.1f} ×{pan:9.1f} ms{pan_peer / pan:10.1f} ×")


if __name__ == "__main__":
    main()
