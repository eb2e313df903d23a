"""Tap by tap, in float64 and in the order of the definition.

For numbers so large or so small that another order would overflow or vanish elsewhere, and for windows spread so far
apart that every phase of the picture holds only a few pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends.polyphase import Place

Array = npt.NDArray[Any]


def correlate(pixels: Array, weights: Array, place: Place) -> Array:
    """Correlate with stride and dilation; parameters and result as in `kernels.filtering.backends.polyphase.correlate`.

    Values need not be finite; the result is float64.
    """
    output, stride, dilation = place.output, place.stride, place.dilation
    last_y, last_x = ((output[axis] - 1) * stride[axis] + 1 for axis in (0, 1))
    sums_channels = weights.ndim == 3
    total = np.zeros(output if sums_channels else (*output, *pixels.shape[2:]))
    product = np.empty_like(total)
    with np.errstate(all="ignore"):
        for a, b in np.ndindex(weights.shape[0], weights.shape[1]):
            top, left = a * dilation[0], b * dilation[1]
            under = pixels[top : top + last_y : stride[0], left : left + last_x : stride[1]]
            if not sums_channels:
                total += np.multiply(under, weights[a, b], out=product)
                continue
            for channel in range(weights.shape[2]):
                total += np.multiply(under[:, :, channel], weights[a, b, channel], out=product)
    return total
