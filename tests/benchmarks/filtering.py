"""How fast the engine is beside OpenCV and SciPy on the same machine, in the same run.

Run with ``python -m tests.benchmarks.filtering`` (``--quick`` leaves out the large pictures). Each row gives the
engine's time and memory, and how many times as long the others take; they compute the same correlation with "same"
padding, OpenCV in float32 with its own border, SciPy with `ndimage.correlate` or, for large kernels,
`signal.oaconvolve`. Nothing here is a test: times depend on the machine.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from kernels.filtering.engine import describe, run
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel
from kernels.opencv import cv2

Array = npt.NDArray[Any]

PICTURES = {
    "512 × 512, 8-bit": ((512, 512), np.uint8),
    "512 × 512 × 3, 8-bit": ((512, 512, 3), np.uint8),
    "512 × 512, float64": ((512, 512), np.float64),
    "3840 × 2160, 8-bit": ((2160, 3840), np.uint8),
}
LARGE = {"8192 × 6144 × 3, 8-bit": ((6144, 8192, 3), np.uint8)}


def weights() -> dict[str, Kernel]:
    """Return kernels of different size and structure, whole and fractional."""
    random = np.random.default_rng(1)
    across = np.arange(31) - 15
    bell = np.exp(-(across**2) / 72)
    return {
        "Sobel 3 × 3": Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
        "any 5 × 5": Kernel(random.integers(-9, 10, (5, 5))),
        "any 11 × 11": Kernel(random.normal(size=(11, 11))),
        "box 31 × 31": Kernel(np.ones((31, 31)), divisor=961),
        "Gaussian 31 × 31": Kernel(np.outer(bell, bell), divisor=float(bell.sum() ** 2)),
        "any 31 × 31": Kernel(random.integers(-9, 10, (31, 31))),
        "any 63 × 63": Kernel(random.normal(size=(63, 63))),
    }


SLIDES = {
    "": SlidingOptions(),
    "stride 2": SlidingOptions(stride=2),
    "dilation 4": SlidingOptions(dilation=4),
}


def seconds(work: Callable[[], object], budget: float) -> float:
    """Return the shortest time of several runs that together take about `budget` seconds."""
    shortest, spent = float("inf"), 0.0
    while spent < budget:
        start = time.perf_counter()
        work()
        elapsed = time.perf_counter() - start
        shortest, spent = min(shortest, elapsed), spent + elapsed
    return shortest


def spread(kernel: Kernel, options: SlidingOptions) -> Array:
    """Return the weights with zeros in the gaps, as libraries without dilation need them."""
    dilation = options.steps[1]
    wide = np.zeros(tuple(step * (size - 1) + 1 for step, size in zip(dilation, kernel.shape, strict=True)))
    wide[:: dilation[0], :: dilation[1]] = kernel.effective_weights
    return wide


def opencv(image: Array, kernel: Kernel, options: SlidingOptions) -> Array:
    """Filter with OpenCV: every output, then the stride."""
    stride = options.steps[0]
    depth = cv2.CV_64F if image.dtype == np.float64 else cv2.CV_32F
    result = cv2.filter2D(image, depth, spread(kernel, options), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(result)[:: stride[0], :: stride[1]]


def scipy(image: Array, kernel: Kernel, options: SlidingOptions) -> Array:
    """Filter with SciPy: every output, then the stride."""
    stride = options.steps[0]
    wide = spread(kernel, options)
    pixels = image.astype(np.float64 if image.dtype == np.float64 else np.float32)
    if image.ndim == 3:
        wide = wide[:, :, np.newaxis]
    if wide.size > 100:
        result = signal.oaconvolve(pixels, wide[::-1, ::-1].astype(pixels.dtype), mode="same", axes=(0, 1))
    else:
        result = ndimage.correlate(pixels, wide, mode="constant")
    return np.asarray(result)[:: stride[0], :: stride[1]]


def memory(work: Callable[[], Array]) -> tuple[float, float]:
    """Return the megabytes of the result, and of NumPy's arrays at their peak beside it."""
    tracemalloc.start()
    result = work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result.nbytes / 1e6, (peak - result.nbytes) / 1e6


def row(name: str, image: Array, kernel_name: str, kernel: Kernel, slide: str, budget: float) -> str:
    """Measure one case and return its line of the table."""
    options = SLIDES[slide]
    own = seconds(lambda: run(image, kernel, options), budget)
    others = [seconds(lambda how=how: how(image, kernel, options), budget) / own for how in (opencv, scipy)]
    result, beside = memory(lambda: run(image, kernel, options))
    choice = describe(image.shape, image.dtype, kernel, options)
    return (
        f"{name:23} {kernel_name:17} {slide:11} {own * 1e3:9.2f} ms  {others[0]:6.1f} × {others[1]:7.1f} × "
        f"{result:7.0f} + {beside:3.0f} MB  {choice}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time the engine beside OpenCV and SciPy.")
    parser.add_argument("--quick", action="store_true", help="leave out the large pictures")
    quick = parser.parse_args().quick
    print(f"{'picture':23} {'kernel':17} {'':11} {'engine':>12}  {'OpenCV':>8} {'SciPy':>9} {'memory':>16}  plan")
    random = np.random.default_rng(0)
    for name, (shape, dtype) in PICTURES.items():
        image = random.integers(0, 256, shape).astype(dtype)
        if quick and image.size > 10**6:
            continue
        for kernel_name, kernel in weights().items():
            for slide in SLIDES:
                print(row(name, image, kernel_name, kernel, slide, 0.05), flush=True)
    if not quick:
        for name, (shape, dtype) in LARGE.items():
            image = random.integers(0, 256, shape).astype(dtype)
            kernel = weights()["Sobel 3 × 3"]
            print(row(name, image, "Sobel 3 × 3", kernel, "", 1e-9), flush=True)


if __name__ == "__main__":
    main()
