"""The definition of correlation and convolution, written to be read.

Every other way to compute them is tested against these functions. They use neither the engine nor its geometry, and
keep float64 from beginning to end.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from kernels.filtering.border import NAMES, Border
from kernels.filtering.geometry import Pair, SlidingOptions
from kernels.filtering.operands import as_image, as_kernel
from kernels.kernel import Kernel

FloatArray = npt.NDArray[np.float64]


def correlate(
    image: npt.ArrayLike,
    kernel: Kernel,
    *,
    padding: str | int | Pair = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    border: Border | str = Border.CONSTANT,
    border_value: float = 0.0,
) -> FloatArray:
    """Correlate a picture with a kernel: out[i, j] = Σ w[a, b] x[i s + a d - before, ...] / divisor + offset.

    Parameters and errors are those of `kernels.correlate`; the result is always float64.
    """
    options = SlidingOptions("correlation", padding, stride, dilation, border, border_value)
    return _slide(as_image(image), kernel, options)


def convolve(
    image: npt.ArrayLike,
    kernel: Kernel,
    *,
    padding: str | int | Pair = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    border: Border | str = Border.CONSTANT,
    border_value: float = 0.0,
) -> FloatArray:
    """Convolve a picture with a kernel: correlation with the kernel rotated by 180 degrees.

    Parameters and errors are those of `kernels.convolve`; the result is always float64.
    """
    options = SlidingOptions("convolution", padding, stride, dilation, border, border_value)
    return _slide(as_image(image), kernel, options)


def _slide(image: npt.NDArray[Any], kernel: Kernel, options: SlidingOptions) -> FloatArray:
    kernel = as_kernel(kernel, image.shape)
    weights = kernel.weights[::-1, ::-1] if options.is_convolution else kernel.weights
    (stride_y, stride_x), (dilation_y, dilation_x) = options.steps
    size_y = dilation_y * (weights.shape[0] - 1) + 1
    size_x = dilation_x * (weights.shape[1] - 1) + 1

    padded = _pad(image, size_y, size_x, options)
    height = (padded.shape[0] - size_y) // stride_y + 1
    width = (padded.shape[1] - size_x) // stride_x + 1
    if padded.shape[0] < size_y or padded.shape[1] < size_x:
        raise ValueError(
            f"padding is {options.padding!r}, but the kernel reaches over {size_y} × {size_x} pixels and does not fit "
            f"into {padded.shape[0]} × {padded.shape[1]}; use 'same' or 'full', more pixels, or a smaller kernel."
        )

    sums_channels = weights.ndim == 3
    if sums_channels and padded.ndim == 2:
        padded = padded[:, :, np.newaxis]
    total = np.zeros((height, width) if sums_channels else (height, width, *padded.shape[2:]))
    with np.errstate(all="ignore"):
        for a in range(weights.shape[0]):
            for b in range(weights.shape[1]):
                top, left = a * dilation_y, b * dilation_x
                under_tap = padded[top:, left:][: (height - 1) * stride_y + 1, : (width - 1) * stride_x + 1]
                under_tap = under_tap[::stride_y, ::stride_x]
                if sums_channels:
                    for channel in range(weights.shape[2]):
                        total += weights[a, b, channel] * under_tap[:, :, channel]
                else:
                    total += weights[a, b] * under_tap
        return total / kernel.divisor + kernel.offset


def _pad(image: npt.NDArray[Any], size_y: int, size_x: int, options: SlidingOptions) -> FloatArray:
    """Return the picture in float64 with its padding around it."""
    if options.padding == "valid":
        margins = [(0, 0), (0, 0)]
    elif options.padding == "full":
        margins = [(size_y - 1, size_y - 1), (size_x - 1, size_x - 1)]
    elif options.padding == "same":
        margins = [((size - 1) // 2, size // 2) for size in (size_y, size_x)]
        if options.is_convolution:
            margins = [(after, before) for before, after in margins]
    else:
        margins = [(pixels, pixels) for pixels in cast(Pair, options.padding)]
    if image.ndim == 3:
        margins.append((0, 0))
    pixels = image.astype(np.float64)
    if options.border is Border.CONSTANT:
        return np.pad(pixels, margins, mode="constant", constant_values=options.border_value)
    mode = cast(Any, NAMES[cast(Border, options.border)].numpy)
    return np.asarray(np.pad(pixels, margins, mode=mode), dtype=np.float64)
