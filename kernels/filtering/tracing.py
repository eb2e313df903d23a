"""One output pixel taken apart: which pixels, which weights, which products, which sum."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.arguments import pair_inside, whole_number
from kernels.filtering.backends.job import Job
from kernels.filtering.border import Border
from kernels.filtering.geometry import Pair, SlidingOptions, geometry
from kernels.filtering.operands import applied_weights, as_image, as_kernel
from kernels.filtering.provenance import window_at
from kernels.kernel import Kernel

FloatArray = npt.NDArray[np.float64]


class Trace(msgspec.Struct, frozen=True, eq=False):
    """How one output value came about; the arrays are read-only."""

    position: Pair
    """The output pixel (i, j)."""
    channel: int | None
    """The channel it belongs to; None for a grey picture or a kernel that sums over channels."""
    window: FloatArray
    """Pixel values under the taps, virtual ones too, (kh, kw); (kh, kw, C) for a kernel with channels."""
    weights: FloatArray
    """The weights they are multiplied by, shaped like `window`: rotated by 180 degrees for a convolution."""
    origins: npt.NDArray[np.int64]
    """Picture position (y, x) that each value was read from, (kh, kw, 2); (-1, -1) for the constant border value."""
    outside: npt.NDArray[np.bool_]
    """Which taps, (kh, kw), lie outside the picture."""
    products: FloatArray
    """``window * weights``."""
    sum: float
    """The products added up in float64."""
    divisor: float
    offset: float
    value: float
    """The number in the output array, ``sum / divisor + offset`` as the output's dtype holds it."""


class Arithmetic(msgspec.Struct, frozen=True, eq=False):
    """An output pixel of all channels: a trace of each, and the numbers that the output array holds."""

    traces: tuple[Trace, ...]
    values: tuple[float, ...]
    position: Pair
    """Picture pixel (y, x) under the window's anchor."""
    operation: str
    border: Border
    border_value: float

    @property
    def sums_channels(self) -> bool:
        """Whether the kernel has weights for each channel and adds their products up."""
        return self.traces[0].window.ndim == 3

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels to choose from; empty when there is no choice."""
        count = self.traces[0].window.shape[2] if self.sums_channels else len(self.traces)
        if count == 1:
            return ()
        return ("R", "G", "B") if count == 3 else tuple(str(number + 1) for number in range(count))

    def trace(self, channel: int) -> Trace:
        """Return the trace that holds `channel`."""
        return self.traces[0 if self.sums_channels else channel]

    def value(self, channel: int) -> float:
        """Return the output array's number."""
        return self.values[0 if self.sums_channels else channel]

    def grids(self, channel: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return window, weights and products of `channel`, each (kh, kw)."""
        trace = self.trace(channel)
        found = (trace.window, trace.weights, trace.products)
        if not self.sums_channels:
            return found
        window, weights, products = (each[:, :, channel] for each in found)
        return window, weights, products

    def channel_sums(self) -> tuple[float, ...]:
        """Return the sum of products of each channel, in the order of `channels`."""
        with np.errstate(all="ignore"):
            return tuple(float(each) for each in self.traces[0].products.sum(axis=(0, 1)))


def trace(
    image: npt.ArrayLike,
    kernel: Kernel,
    position: Pair,
    *,
    operation: str = "correlation",
    padding: str | int | Pair = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    border: Border | str = Border.CONSTANT,
    border_value: float = 0.0,
    channel: int | None = None,
) -> Trace:
    """Take one output pixel of a correlation or convolution apart.

    Parameters
    ----------
    image, kernel, padding, stride, dilation, border, border_value
        As in `kernels.correlate`.
    position : (int, int)
        The output pixel (i, j).
    operation : {"correlation", "convolution"}
        Which of the two.
    channel : int, optional
        The channel to look at when a kernel (kh, kw) filters a picture (H, W, C); required then.

    Returns
    -------
    Trace
        Its `value` is the number at `position` in the array that `kernels.correlate` or `kernels.convolve` returns,
        bit for bit.

    Raises
    ------
    ValueError, TypeError
        As `kernels.correlate`, and for a position or channel that is not in the output.

    Notes
    -----
    Sums of whole numbers are the same in any order, so their value follows from the sum here. Other sums depend in
    their last digits on the order of addition, so that their value is taken from the strip of the output that holds
    the pixel, computed once more; it can then differ from the sum here by the rounding that `correlate` allows.
    """
    options = SlidingOptions(operation, padding, stride, dilation, border, border_value)
    return take_apart(image, kernel, position, options, channel)


def take_apart(
    image: npt.ArrayLike,
    kernel: Kernel,
    position: Pair,
    options: SlidingOptions,
    channel: int | None = None,
    output: npt.NDArray[Any] | None = None,
) -> Trace:
    """Take one output pixel apart as `trace` does, which tells more; quickly, where the output is at hand.

    Parameters
    ----------
    image, kernel, position, channel
        As in `trace`.
    options : SlidingOptions
        The operation and its options.
    output : ndarray, shape (H', W') or (H', W', C), optional
        What `kernels.filtering.engine.run` returned for them: the value is read from it, and nothing is computed
        that depends on the size of the picture.

    Raises
    ------
    ValueError, TypeError
        As `trace`, and for an output of another shape.
    """
    pixels = as_image(image)
    checked = as_kernel(kernel, pixels.shape)
    windows = geometry(pixels.shape, checked.shape, options)
    i, j = pair_inside("position", position, "(i, j)", windows.output_shape, "the output")
    channel = _channel(channel, pixels, checked)
    planes = pixels if channel is None else pixels[:, :, channel]
    window, origins, outside = window_at(planes, windows, (i, j), cast(Border, options.border), options.border_value)
    window = window.reshape(checked.weights.shape)
    weights = applied_weights(checked, options).copy()
    with np.errstate(all="ignore"):
        products = window * weights
        total = 0.0
        for product in products.ravel().tolist():
            total += product
    for array in (window, weights, origins, outside, products):
        array.setflags(write=False)
    if output is None:
        value = _value(Job.of(pixels, checked, options), i, j, channel, total)
    else:
        trailing = () if checked.channels is not None else pixels.shape[2:]
        if output.shape != (*windows.output_shape, *trailing):
            raise ValueError(f"output has shape {output.shape}, but must have {(*windows.output_shape, *trailing)}.")
        value = float(output[i, j] if channel is None else output[i, j, channel])
    return Trace(
        position=(i, j),
        channel=channel,
        window=window,
        weights=weights,
        origins=origins,
        outside=outside,
        products=products,
        sum=total,
        divisor=checked.divisor,
        offset=checked.offset,
        value=value,
    )


def _channel(channel: int | None, pixels: npt.NDArray[Any], kernel: Kernel) -> int | None:
    """Return the channel to look at, None where there is no choice."""
    is_choice = pixels.ndim == 3 and kernel.channels is None
    count = pixels.shape[2] if is_choice else 1
    if channel is None:
        if count > 1:
            raise ValueError(f"channel is None, but must be 0 to {count - 1} for a picture of {count} channels.")
        return 0 if is_choice else None
    number = whole_number("channel", channel, 0)
    if kernel.channels is not None:
        raise ValueError(f"channel is {number}, but must be None for a kernel that sums over the channels.")
    if number >= count:
        raise ValueError(f"channel is {number}, but must be less than {count}, the channels of the picture.")
    return number if is_choice else None


def _value(job: Job, i: int, j: int, channel: int | None, total: float) -> float:
    """Return the output's own number at a pixel whose products add up to `total`."""
    if job.plan.is_exact:
        value = np.empty((), dtype=job.dtype)
        job.finish(np.asarray(total, dtype=job.plan.dtype), value)
        return float(value)
    top, bottom = next(strip for strip in job.strips if strip[0] <= i < strip[1])
    strip = np.empty((bottom - top, *job.shape[1:]), dtype=job.dtype)
    job.compute(top, bottom, strip)
    return float(strip[i - top, j] if channel is None else strip[i - top, j, channel])
