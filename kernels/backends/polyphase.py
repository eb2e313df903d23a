"""Stride and dilation without a wasted product.

A dilated kernel touches every `dilation`-th pixel: outputs that far apart share a phase of the picture, and each phase
is filtered on its own with the kernel as it is. A stride keeps every `stride`-th output: the taps are sorted by the
phase of the pixels they meet, and each phase adds its part. Nothing is computed and then thrown away, and no zeros
are inserted (Vaidyanathan 1990, "Multirate digital filters, filter banks, polyphase networks, and applications").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[int, int]
Core = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Axis:
    """How the taps and outputs along one axis fall into phases."""

    outputs: int
    tap_step: int
    """Taps this far apart meet the same phase of the picture."""
    tap_phases: int
    output_step: int
    """Outputs this far apart meet the same pixels of a phase: also the distance of two taps within it."""
    output_phases: int

    @classmethod
    def of(cls, taps: int, outputs: int, stride: int, dilation: int) -> Axis:
        """Return the phases for a number of taps and outputs."""
        common = gcd(stride, dilation)
        tap_step = stride // common
        output_step = dilation // common if taps > tap_step else 1  # a lone tap needs no neighbours
        return cls(outputs, tap_step, min(tap_step, taps), output_step, min(output_step, outputs))


def correlate(pixels: Array, weights: Array, output: Pair, stride: Pair, dilation: Pair, core: Core) -> Array:
    """Correlate with stride and dilation by means of a `core` that knows neither.

    Parameters
    ----------
    pixels : ndarray, shape (h, w) or (h, w, C)
        Pixel 0 lies under tap 0 of output 0.
    weights : ndarray, shape (kh, kw) or (kh, kw, C)
    output : (int, int)
        Rows and columns to compute.
    stride, dilation : (int, int)
        Steps (y, x).
    core : callable
        ``core(pixels, weights)`` correlates at every pixel where the kernel lies inside.

    Returns
    -------
    ndarray, shape `output`, with the channels of `pixels` behind it unless the kernel sums over them
    """
    height, width = (
        (output[axis] - 1) * stride[axis] + dilation[axis] * (weights.shape[axis] - 1) + 1 for axis in (0, 1)
    )
    pixels = pixels[:height, :width]
    if stride == (1, 1) and dilation == (1, 1):
        return core(pixels, weights)
    down, across = (Axis.of(weights.shape[axis], output[axis], stride[axis], dilation[axis]) for axis in (0, 1))
    total: Array | None = None
    for first_y in range(down.tap_phases):
        for first_x in range(across.tap_phases):
            taps = weights[first_y :: down.tap_step, first_x :: across.tap_step]
            phase = pixels[first_y * dilation[0] :: stride[0], first_x * dilation[1] :: stride[1]]
            total = _add_phase(total, phase, taps, (down, across), core)
    assert total is not None
    return total


def _add_phase(total: Array | None, phase: Array, taps: Array, axes: tuple[Axis, Axis], core: Core) -> Array:
    """Add what one phase of the picture contributes, one phase of the outputs after the other."""
    down, across = axes
    is_first = total is None
    for start_y in range(down.output_phases):
        for start_x in range(across.output_phases):
            one = (slice(start_y, down.outputs, down.output_step), slice(start_x, across.outputs, across.output_step))
            rows = len(range(start_y, down.outputs, down.output_step)) + taps.shape[0] - 1
            columns = len(range(start_x, across.outputs, across.output_step)) + taps.shape[1] - 1
            under = phase[start_y :: down.output_step, start_x :: across.output_step][:rows, :columns]
            part = core(np.ascontiguousarray(under), taps)
            if total is None:
                total = np.empty((down.outputs, across.outputs, *part.shape[2:]), dtype=part.dtype)
            if is_first:
                total[one] = part
            else:
                total[one] += part
    assert total is not None
    return total
