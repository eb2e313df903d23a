"""How fast the engine is beside OpenCV, SciPy and PyTorch, with the constants of its cost model.

Run with ``python -m tests.benchmarks filtering``. The peers compute the same correlation of the same float32 pixels,
OpenCV with its own border where it has it and with ``copyMakeBorder`` where not; pictures of 8 bits are converted for
them beforehand, since OpenCV's own 8-bit path is slower. The best peer counts.
"""

from __future__ import annotations

import math
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.errors import Cancelled
from kernels.filtering.border import NAMES
from kernels.filtering.engine import describe, run
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel
from kernels.opencv import cv2
from tests.benchmarks.report import Report, Work, interleaved

Array = npt.NDArray[Any]

RANDOM = np.random.default_rng(0)
SIZES = {"0.25 MP": (512, 512), "1 MP": (1024, 1024), "12 MP": (3000, 4000)}
REFLECT = SlidingOptions(border="reflect")


def picture(shape: tuple[int, ...], dtype: Any = np.float32) -> Array:
    """Return noise."""
    pixels = RANDOM.random(shape, dtype=np.float32)
    return pixels if dtype == np.float32 else np.asarray(pixels * 255).astype(dtype)


def noise(size: int) -> Kernel:
    """Return a kernel without structure."""
    return Kernel(RANDOM.normal(size=(size, size)))


def bell(size: int) -> Array:
    """Return a row of Gaussian weights that add up to 1."""
    weights = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * (size / 6) ** 2))
    return np.asarray(weights / weights.sum())


def spread(kernel: Kernel, options: SlidingOptions) -> Array:
    """Return the weights with zeros in the gaps, as OpenCV needs them."""
    dilation = options.steps[1]
    wide = np.zeros([step * (size - 1) + 1 for step, size in zip(dilation, kernel.shape, strict=True)], np.float32)
    wide[:: dilation[0], :: dilation[1]] = kernel.effective_weights
    return wide


def filter_2d(image: Array, kernel: Kernel, options: SlidingOptions) -> Work:
    """Return filter2D on the spread kernel, with its border, then the slicing."""
    weights, stride = spread(kernel, options), options.steps[0]
    (height, width), mode = weights.shape, getattr(cv2, NAMES[options.border].opencv)  # type: ignore[index]
    y, x = (height - 1) // 2, (width - 1) // 2
    full = options.padding == "full"
    if options.border == "wrap" or options.border_value or full:
        edges = (height - 1, height - 1, width - 1, width - 1) if full else (y, height - 1 - y, x, width - 1 - x)
        value = (options.border_value,) * 4

        def work() -> Array:
            padded = cv2.copyMakeBorder(image, *edges, mode, value=value)
            result = cv2.filter2D(padded, -1, weights, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
            result = result[: padded.shape[0] - height + 1, : padded.shape[1] - width + 1]
            return np.asarray(result)[:: stride[0], :: stride[1]]

        return work
    inside = (slice(y, image.shape[0] - height + 1 + y), slice(x, image.shape[1] - width + 1 + x))
    cut = inside if options.padding == "valid" else (slice(None), slice(None))
    return lambda: cv2.filter2D(image, -1, weights, anchor=(x, y), borderType=mode)[cut][:: stride[0], :: stride[1]]


def torch_conv(image: Array, kernel: Kernel, stride: int) -> dict[str, Work]:
    """Return PyTorch's convolution of a grey picture, where it is installed."""
    try:
        import torch
    except ImportError:
        return {}
    pixels, weights = torch.from_numpy(image)[None, None], torch.from_numpy(kernel.weights.astype(np.float32))
    padding = kernel.shape[0] // 2

    def work() -> Any:
        with torch.inference_mode():
            return torch.nn.functional.conv2d(pixels, weights[None, None], stride=stride, padding=padding)

    return {"PyTorch": work}


def compare(
    report: Report,
    name: str,
    image: Array,
    kernel: Kernel,
    options: SlidingOptions,
    peers: dict[str, Work],
    target: float,
) -> None:
    """Add a row, once the peers are seen to compute the same."""
    result = run(image, kernel, options)
    bound = 2e-5 * kernel.absolute_sum / abs(kernel.divisor) * max(1.0, float(image.max()), options.border_reach)
    for peer, work in peers.items():
        other = np.asarray(work()).reshape(result.shape)
        assert np.abs(other - result).max() <= bound, f"{peer} computes something else than {name}"
    how = describe(image.shape, image.dtype, kernel, options)
    report.compare(name, lambda: run(image, kernel, options), peers, target, how)


def dense(report: Report) -> None:
    """Small dense kernels in every border and padding."""
    for size, shape in SIZES.items():
        image = picture(shape)
        for taps in (3, 5, 7, 11):
            kernel = noise(taps)
            peers = {"filter2D": filter_2d(image, kernel, REFLECT)}
            compare(report, f"{taps} × {taps}, {size}", image, kernel, REFLECT, peers, 1.10)
    for rows, columns, shape in ((3, 3, (250, 250)), (4, 4, (768, 683)), (9, 1, (1023, 1023)), (13, 13, (1080, 1920))):
        image, kernel = picture(shape), Kernel(RANDOM.normal(size=(rows, columns)))
        peers = {"filter2D": filter_2d(image, kernel, REFLECT)}
        compare(report, f"{rows} × {columns}, {shape[1]} × {shape[0]}", image, kernel, REFLECT, peers, 1.10)
    for name, image, options in (
        ("8 bits", picture(SIZES["1 MP"], np.uint8), SlidingOptions()),
        ("RGB", picture((1024, 1024, 3)), SlidingOptions()),
        *((each, picture(SIZES["1 MP"]), SlidingOptions(border=each)) for each in ("replicate", "reflect101", "wrap")),
        ("border value 7", picture(SIZES["1 MP"]), SlidingOptions(border_value=7.0)),
        ("valid", picture(SIZES["1 MP"]), SlidingOptions(padding="valid")),
        ("full", picture(SIZES["1 MP"]), SlidingOptions(padding="full")),
    ):
        kernel = noise(5)
        peers = {"filter2D": filter_2d(image.astype(np.float32), kernel, options)}
        compare(report, f"5 × 5, 1 MP, {name}", image, kernel, options, peers, 1.10)


def structured(report: Report) -> None:
    """Kernels that factor, or need not be multiplied at all."""
    mode = cv2.BORDER_REFLECT
    for size in ("1 MP", "12 MP"):
        image = picture(SIZES[size])
        for taps in (5, 9, 31):
            row = bell(taps)
            peers: dict[str, Work] = {
                "sepFilter2D": lambda image=image, row=row: cv2.sepFilter2D(image, -1, row, row, borderType=mode)
            }
            gaussian = Kernel(np.outer(row, row))
            compare(report, f"Gaussian {taps} × {taps}, {size}", image, gaussian, REFLECT, peers, 1.15)
        for taps in (5, 21, 101):
            peers = {
                "boxFilter": lambda image=image, taps=taps: cv2.boxFilter(image, -1, (taps, taps), borderType=mode)
            }
            box = Kernel(np.ones((taps, taps)), divisor=taps**2)
            compare(report, f"box {taps} × {taps}, {size}", image, box, REFLECT, peers, 1.15)
        square = (np.arange(21) - 10.0) ** 2
        blob = Kernel((square[:, np.newaxis] + square - 18) * np.outer(np.exp(-square / 18), np.exp(-square / 18)))
        peers = {"filter2D": filter_2d(image, blob, REFLECT)}
        compare(report, f"Laplacian of Gaussian 21 × 21, {size}", image, blob, REFLECT, peers, 0.8)


def large(report: Report) -> None:
    """Large dense kernels."""
    from scipy import signal

    image = picture(SIZES["1 MP"])
    for taps in (17, 31, 63):
        kernel, options = noise(taps), SlidingOptions()
        turned = kernel.weights[::-1, ::-1].astype(np.float32)
        peers: dict[str, Work] = {
            "filter2D": filter_2d(image, kernel, options),
            "oaconvolve": lambda turned=turned: signal.oaconvolve(image, turned, mode="same"),
        }
        compare(report, f"{taps} × {taps}, 1 MP", image, kernel, options, peers, 1.0)


def sliding(report: Report) -> None:
    """Dilation and stride."""
    for size in ("1 MP", "12 MP"):
        image = picture(SIZES[size])
        for dilation, taps in ((2, 3), (4, 5), (4, 9), (8, 5), (8, 9), (16, 3)):
            kernel, options = noise(taps), SlidingOptions(dilation=dilation)
            peers = {"filter2D": filter_2d(image, kernel, options)}
            name = f"{taps} × {taps}, dilation {dilation}, {size}"
            compare(report, name, image, kernel, options, peers, 1.1 if dilation * (taps - 1) < 11 else 0.5)
        for stride, taps in ((2, 3), (4, 9), (6, 7), (8, 5), (16, 3)):
            kernel, options = noise(taps), SlidingOptions(stride=stride)
            peers = {"filter2D": filter_2d(image, kernel, options), **torch_conv(image, kernel, stride)}
            compare(report, f"{taps} × {taps}, stride {stride}, {size}", image, kernel, options, peers, 1.0)
    image, kernel, options = picture((1024, 1024, 3)), noise(3), SlidingOptions(stride=2)
    peers = {"filter2D": filter_2d(image, kernel, options)}
    compare(report, "3 × 3, stride 2, 1 MP, RGB", image, kernel, options, peers, 1.0)


def behaviour(report: Report) -> None:
    """Memory beside the result, and how soon a computation that is cancelled ends."""
    image, kernel = picture((6144, 8192, 3), np.uint8), noise(3)
    tracemalloc.start()
    result = run(image, kernel, REFLECT)
    beside = tracemalloc.get_traced_memory()[1] - result.nbytes
    tracemalloc.stop()
    report.note(f"8192 × 6144 × 3 in 8 bits: {result.nbytes / 1e6:.0f} MB of result and {beside / 1e6:.0f} MB beside.")
    waits = []
    for taps in (3, 11, 31, 63):
        asked = [time.perf_counter()]

        def cancelled(asked: list[float] = asked) -> bool:
            asked.append(time.perf_counter())
            return len(asked) == 6

        try:
            run(picture(SIZES["12 MP"]), noise(taps), REFLECT, cancelled=cancelled)
        except Cancelled:
            asked.append(time.perf_counter())
        waits.append(max(np.diff(asked[1:])) * 1e3)
    report.note(f"12 MP, longest time until a wish to cancel is met: {max(waits):.1f} ms.")


def constants(report: Report) -> None:
    """Print what the constants of `kernels.filtering.backends.plan` are on this machine, in one thread."""
    from kernels.filtering.backends import plan
    from kernels.filtering.backends.cores import tiling
    from kernels.filtering.backends.job import Job
    from kernels.filtering.backends.workers import Scratch

    pixels, scratch = picture((256, 1000)), Scratch()

    def nanoseconds(method: str, weights: Array) -> float:
        job = Job.of(pixels, Kernel(weights), SlidingOptions(), method)
        result = np.empty(job.shape, job.dtype)
        work = interleaved([lambda: job.compute(0, job.shape[0], result, scratch)], 0.2)[0]
        return work / pixels.size * 1e9

    large, small = nanoseconds("direct", noise(11).weights), nanoseconds("direct", noise(3).weights)
    long, short = (nanoseconds("separable", np.outer(bell(taps), bell(taps))) for taps in (31, 3))
    tiles = math.prod((*tiling(31, 256, is_shared=True), *tiling(31, 1000)))
    added = interleaved([lambda: np.maximum(pixels, pixels, out=pixels)], 0.2)[0] / pixels.size * 1e9
    measured: dict[str, tuple[float, Callable[[], float]]] = {
        "a product": (plan._PRODUCT, lambda: (large - small) / 112),
        "a product of a separable kernel": (plan._FACTOR, lambda: (long - short) / 56),
        "running sums": (plan._BOX, lambda: nanoseconds("box", np.ones((21, 21)))),
        "a value of a tile, transformed": (
            plan._TRANSFORM,
            lambda: nanoseconds("frequency", noise(31).weights) * pixels.size / tiles,
        ),
        "a value read, checked and written": (plan._VALUE, lambda: small - (large - small) / 112 * 9),
        "a value of a further pass": (plan._PASS, lambda: added),
        "a tap of the definition": (plan._TAP, lambda: nanoseconds("definition", noise(3).weights) / 9),
    }
    listed = "; ".join(f"{name} {held:g} ({now():.2g})" for name, (held, now) in measured.items())
    report.note(f"Constants of the cost model in nanoseconds, here measured: {listed}.")


def benchmark(report: Report) -> None:
    """Measure the rows of the engine."""
    threads = f"OpenCV uses {cv2.getNumThreads()} threads."
    report.section("Dense kernels", f"Noise for weights; float32, grey, border reflect unless said. {threads}")
    dense(report)
    report.section("Kernels with structure")
    structured(report)
    report.section("Large dense kernels")
    large(report)
    report.section("Dilation and stride")
    sliding(report)
    behaviour(report)
    constants(report)
