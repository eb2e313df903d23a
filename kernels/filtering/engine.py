"""Correlation and convolution of pictures: the public operation.

The checks come first, then a plan (`kernels.filtering.backends.plan`), then a backend, strip by strip.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels import memory, spare_memory
from kernels.filtering.backends import plan
from kernels.filtering.backends.facts import Facts
from kernels.filtering.backends.job import Job
from kernels.filtering.backends.workers import Scratch, compute_strips, with_scratch
from kernels.filtering.border import Border
from kernels.filtering.geometry import Pair, SlidingOptions, geometry
from kernels.kernel import Kernel

Array = npt.NDArray[Any]


def correlate(
    image: npt.ArrayLike,
    kernel: Kernel,
    *,
    padding: str | int | Pair = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    border: Border | str = Border.CONSTANT,
    border_value: float = 0.0,
) -> Array:
    """Slide a kernel over a picture: ``sum(weights * window) / divisor + offset`` at every output pixel.

    Parameters
    ----------
    image : array_like, shape (H, W) or (H, W, C)
        Real numbers or booleans, in any range. It is not modified.
    kernel : Kernel
        (kh, kw) filters every channel on its own; (kh, kw, C) sums over the C channels.
    padding : {"valid", "same", "full"}, int or (int, int)
        "valid" keeps the window inside the picture; "same" adds ``k' - 1`` pixels, ``(k' - 1) // 2`` of them before;
        "full" adds ``k' - 1`` on each side; a number or a pair (y, x) adds so many on each side.
        ``k' = dilation * (k - 1) + 1`` is the effective size.
    stride : int or (int, int)
        Pixels from window to window, (y, x); it keeps every stride-th output, beginning with the first.
    dilation : int or (int, int)
        Pixels from tap to tap, (y, x). What lies between them is not in the window.
    border : {"constant", "replicate", "reflect", "reflect101", "wrap"}
        Where the pixels outside the picture come from; "reflect" repeats the edge pixel, "reflect101" does not.
    border_value : float
        Their value for "constant", in the picture's range.

    Returns
    -------
    ndarray, shape (H', W') or (H', W', C)
        float64 for a float64 picture, else float32, neither rescaled nor clipped. The error is at most
        ``1e-5 * Σ|w| * max|x| / |divisor|`` and a rounding. Pictures of an integer dtype are
        exact if the weights are whole numbers and ``Σ|w| * max(|x|, |border_value|) < 2**24``.
        A value is not finite exactly where the definition's is not.

    Raises
    ------
    TypeError
        If the picture or an option has the wrong type: complex numbers, text, a fraction of a pixel.
    ValueError
        If the picture is empty, the channels differ, the kernel does not fit, or an option is out of range.
    MemoryError
        If the result would take more than half of the free memory.

    Notes
    -----
    Named as in Gonzalez and Woods (2018), "Digital Image Processing", 4th edition, section 3.4. At stride 1, "same"
    equals `scipy.signal.correlate2d` with ``mode="same"``.
    """
    return run(image, kernel, SlidingOptions("correlation", padding, stride, dilation, border, border_value))


def convolve(
    image: npt.ArrayLike,
    kernel: Kernel,
    *,
    padding: str | int | Pair = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    border: Border | str = Border.CONSTANT,
    border_value: float = 0.0,
) -> Array:
    """Slide a kernel, rotated by 180 degrees, over a picture.

    Everything else is as in `correlate`, but "same" adds ``(k' - 1) // 2`` pixels after the picture instead of before
    it, so that it equals `scipy.signal.convolve2d` with ``mode="same"`` for kernels of even size too.
    """
    return run(image, kernel, SlidingOptions("convolution", padding, stride, dilation, border, border_value))


def run(
    image: npt.ArrayLike,
    kernel: Kernel,
    options: SlidingOptions,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
    first: Pair | None = None,
    ready: Callable[[Array], None] | None = None,
    method: str | None = None,
) -> Array:
    """Correlate or convolve in strips of rows, in as many threads as there are processors, stopping when asked to.

    Parameters
    ----------
    image, kernel
        As in `correlate`.
    options : SlidingOptions
        The operation and its options.
    cancelled : callable, optional
        Asked before each strip, and within one that takes long; True stops.
    progress : callable, optional
        Told the share that is done, 0 to 1, now and then and at the end.
    first : (int, int), optional
        The output rows that are wanted first: the first and the one after the last. The result does not depend on it.
    ready : callable, optional
        Given the array that will be returned once the rows `first` are complete in it; the others may still change,
        and it must not be written to. `cancelled`, `progress` and `ready` are called in the calling thread.
    method : {"direct", "separable", "box", "frequency", "definition"}, optional
        Forces a backend; otherwise the plan chooses.

    Raises
    ------
    kernels.errors.Cancelled
        If `cancelled` returned True.
    MemoryError
        If the result would take more than half of the free memory.
    """
    job = Job.of(image, kernel, options, method)
    size = math.prod(job.shape) * job.dtype.itemsize
    if size > memory.LITTLE:
        memory.require(size, f"A result of {' × '.join(map(str, job.shape))} values")
    output = spare_memory.empty(job.shape, job.dtype)
    is_shared = len(job.strips) > 1 and job.is_shared
    spans = job.spans(first, is_asked=cancelled is not None) if is_shared else job.strips
    if len(spans) == 1 and not (cancelled or progress or ready):  # a small picture: each step counts
        with_scratch(job.compute, 0, job.shape[0], output)
        return output

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        job.compute(top, bottom, output[top:bottom], scratch)

    compute_strips(
        spans,
        compute,
        is_shared=is_shared,
        cancelled=cancelled,
        progress=progress,
        first=first,
        ready=None if ready is None else lambda: ready(output),
    )
    return output


def describe(image_shape: tuple[int, ...], dtype: npt.DTypeLike, kernel: Kernel, options: SlidingOptions) -> str:
    """Return in plain words how a picture of this shape and dtype would be filtered.

    Values of a floating point picture are taken to lie in an ordinary range.
    """
    windows, channels = geometry(image_shape, kernel.shape, options), _channels(image_shape)
    return plan.choose(Facts.of_dtype(np.dtype(dtype)), channels, kernel, windows, options).describe(windows)


class Way(msgspec.Struct, frozen=True):
    """A way to compute a result; every way gives it to the same exactness."""

    method: str
    """What `run` calls it."""
    text: str
    """The same in plain words."""
    nanoseconds: float
    """Estimated time on one processor, for each value of the output."""


class Explanation(msgspec.Struct, frozen=True):
    """How something would be computed, and why."""

    ways: tuple[Way, ...]
    """All that keep the promised exactness, the one that is estimated to be fastest first."""
    reason: str
    """Why the first one is chosen, in a sentence or two."""

    @property
    def chosen(self) -> Way:
        """The way that `run` takes."""
        return self.ways[0]


def explain(image_shape: tuple[int, ...], dtype: npt.DTypeLike, kernel: Kernel, options: SlidingOptions) -> Explanation:
    """Say how a picture of this shape and dtype would be filtered, how else it could be, and why it is not.

    The estimates are the same on every machine, so that the same picture, kernel and options give the same numbers
    everywhere; measure ``run(..., method=way.method)`` for those of this one. Values of a floating point picture are
    taken to lie in an ordinary range.
    """
    windows = geometry(image_shape, kernel.shape, options)
    channels = _channels(image_shape)
    plans = plan.alternatives(Facts.of_dtype(np.dtype(dtype)), channels, kernel, windows, options)
    values = math.prod(windows.output_shape) * channels
    ways = tuple(Way(each.method, each.describe(windows), each.cost / values) for each in plans)
    reason = "The only way in which no sum overflows or vanishes."
    if len(ways) > 1:
        costs = "; ".join(f"{way.text}: {way.nanoseconds:.2g} ns" for way in ways)
        reason = f"The least work for an output value, as estimated for one processor: {costs}."
    if plans[0].rounds_back:
        reason += " The sums are whole numbers: what rounding leaves of a fraction is rounded away."
    return Explanation(ways, reason)


def _channels(image_shape: tuple[int, ...]) -> int:
    return image_shape[2] if len(image_shape) == 3 else 1
