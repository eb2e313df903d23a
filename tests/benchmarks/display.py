"""What lies between a result and a picture that can be painted, each step beside the same work by NumPy or OpenCV.

Run with ``python -m tests.benchmarks.display`` (``--quick`` leaves out the large pictures). A row gives our time and
how many times as long the other takes, measured by turns. The peers: for painting ``cv2.addWeighted`` to 8 bits,
which has no eye for NaN; for the summary ``numpy.min``, ``numpy.max`` and ``numpy.histogram``; for reducing
``cv2.resize`` with ``INTER_AREA``, to the size of a pane. Nothing here is a test: times depend on the machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.opencv import cv2
from kernels.pictures.display import clipped, render
from kernels.pictures.reduction import reduced
from kernels.pictures.summary import estimate, summarise

SIZES = {"512 × 512": (512, 512), "1024 × 1024": (1024, 1024)}
LARGE = {"4000 × 3000": (3000, 4000)}
ROUNDS = 7
PANE = (420, 420)
LEVELS = (-100.0, 300.0)

Step = tuple[str, Callable[[], Any], Callable[[], Any]]


def steps(array: NDArray[Any]) -> list[Step]:
    """Return the steps for an array: name, our work, the peer's."""
    scale = 255.0 / (LEVELS[1] - LEVELS[0])

    def paint() -> Any:
        return cv2.addWeighted(array, scale, array, 0.0, -LEVELS[0] * scale, dtype=cv2.CV_8U)

    def count() -> Any:
        return array.min(), array.max(), np.histogram(array, 256)

    def area() -> Any:
        return cv2.resize(array, PANE[::-1], interpolation=cv2.INTER_AREA)

    def compare() -> Any:
        return np.count_nonzero((array < LEVELS[0]) | (array > LEVELS[1]))

    return [
        ("render", lambda: render(array, LEVELS), paint),
        ("summarise", lambda: summarise(array), count),
        ("estimate", lambda: estimate(array), count),
        ("clipped", lambda: clipped(array, LEVELS), compare),
        ("reduced, mean", lambda: reduced(array, *PANE), area),
        ("reduced, maximum", lambda: reduced(array, *PANE, how="maximum"), area),
    ]


def timed(work: Callable[[], Any]) -> float:
    """Return the milliseconds that `work` takes."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out the large pictures")
    sizes = SIZES if parser.parse_args().quick else {**SIZES, **LARGE}
    random = np.random.default_rng(0)
    for name, size in sizes.items():
        for kind, shape in (("grey", size), ("RGB", (*size, 3))):
            numbers = 100 + 60 * random.standard_normal(shape, np.float32)
            for dtype in (np.uint8, np.uint16, np.float32):
                array = numbers.clip(0, 255).astype(dtype) if dtype != np.float32 else numbers
                print(f"\n{name} {kind}, {array.dtype}")
                for title, ours, theirs in steps(array):
                    rounds = [(timed(ours), timed(theirs)) for _ in range(ROUNDS)]
                    mine, other = (median(each[k] for each in rounds) for k in (0, 1))
                    print(f"  {title:18}{mine:9.2f} ms{other / mine:9.1f} ×")


if __name__ == "__main__":
    main()
