"""How long the program takes to begin: the window to its first result, and the command to its end.

Run with ``python -m tests.benchmarks starting``. Every run is a process of its own; the peer of the window loads the
same libraries and paints an empty plot, the peer of the command reads, filters and writes the same picture with OpenCV.
The first run of each is not counted: it writes the compiled modules, which pip does for an installed program.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from tests.benchmarks.report import Report

ROOT = Path(__file__).resolve().parents[2]
RUNS_FOR = 12.0
"""Seconds for each comparison."""

WINDOW = """
import sys
from PyQt6.QtCore import QEventLoop
from PyQt6.QtWidgets import QApplication
from viewer.__main__ import main

def until_first_result(*_):
    window = next(each for each in QApplication.topLevelWidgets() if hasattr(each, "output"))
    while window.output() is None:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    window.filter.view.panes.output.repaint()
    window.close()
    return 0

QApplication.exec = until_first_result
sys.exit(main(["camera"]))
"""
PLOT = """
from PyQt6.QtWidgets import QApplication
import numpy, cv2, pyqtgraph
application = QApplication([])
plot = pyqtgraph.PlotWidget()
plot.show()
application.processEvents()
"""
FILTER = """
import sys, numpy, cv2
picture = cv2.imread(sys.argv[1], cv2.IMREAD_UNCHANGED).astype(numpy.float32)
kernel = numpy.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], numpy.float32)
found = cv2.filter2D(picture, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT)
cv2.imwrite(sys.argv[2], numpy.clip(found / 8 + 127.5, 0, 255).round().astype(numpy.uint8))
"""


def finish(folder: str, *words: str) -> None:
    """Run Python on these words to the end, with settings of its own, and compiled as an installed program is."""
    own = {
        "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": folder, "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(Path(folder, "compiled")), "PYTHONDONTWRITEBYTECODE": "",
    }  # fmt: skip
    subprocess.run([sys.executable, *words], env={**os.environ, **own}, check=True, capture_output=True, timeout=60)


def benchmark(report: Report) -> None:
    """Measure both."""
    from kernels.pictures.writing import write_shown

    budget, report.budget = report.budget, RUNS_FOR
    with tempfile.TemporaryDirectory() as folder:
        begun = partial(finish, folder)
        report.section("Beginning", "Whole processes, from nothing.")
        report.compare(
            "the window, to its first result",
            partial(begun, "-c", WINDOW),
            {"the libraries and an empty plot": partial(begun, "-c", PLOT)},
            1.5,
        )
        picture, result = str(Path(folder, "picture.png")), str(Path(folder, "result.png"))
        write_shown(picture, np.random.default_rng(0).integers(0, 256, (1000, 1000), dtype=np.uint8))
        report.compare(
            "apply sobel-x, 1 megapixel",
            partial(begun, "-m", "viewer", "apply", "sobel-x", picture, "-o", result),
            {"OpenCV": partial(begun, "-c", FILTER, picture, result)},
            1.6,
        )
    report.budget = budget
