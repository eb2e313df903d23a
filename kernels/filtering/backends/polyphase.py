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


@dataclass(frozen=True)
class Place:
    """Where the windows stand on the pixels that a backend is given; every pair (y, x)."""

    output: Pair
    """Rows and columns to compute."""
    stride: Pair
    dilation: Pair

    @property
    def is_dense(self) -> bool:
        """Whether neither stride nor dilation leaves a pixel out."""
        return self.stride == self.dilation == (1, 1)

    def extent(self, kernel_shape: tuple[int, ...]) -> Pair:
        """Return the rows and columns of pixels that the windows cover."""
        height, width = (
            (self.output[axis] - 1) * self.stride[axis] + self.dilation[axis] * (kernel_shape[axis] - 1) + 1
            for axis in (0, 1)
        )
        return height, width


def correlate(pixels: Array, weights: Array, place: Place, core: Core) -> Array:
    """Correlate with stride and dilation by means of a `core` that knows neither.

    Parameters
    ----------
    pixels : ndarray, shape (h, w) or (h, w, C)
        Pixel 0 lies under tap 0 of output 0.
    weights : ndarray, shape (kh, kw) or (kh, kw, C)
    place : Place
        Outputs to compute, stride and dilation.
    core : callable
        ``core(pixels, weights)`` correlates at every pixel where the kernel lies inside.

    Returns
    -------
    ndarray, shape ``place.output``, with the channels of `pixels` behind it unless the kernel sums over them
    """
    height, width = place.extent(weights.shape)
    pixels = pixels[:height, :width]
    stride, dilation = place.stride, place.dilation
    if place.is_dense:
        return core(pixels, weights)
    down, across = (Axis.of(weights.shape[n], place.output[n], stride[n], dilation[n]) for n in (0, 1))
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
