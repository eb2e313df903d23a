"""Stride and dilation without zeros put in and without rows thrown away.

Down, a dilated kernel touches every `dilation`-th row: outputs that far apart share a phase of the picture, and each
phase is filtered on its own with the kernel as it is. A stride keeps every `stride`-th output: the kernel's rows are
sorted by the phase of the rows that they meet, and each phase adds its part. A phase is a view; nothing is copied
(Vaidyanathan 1990, "Multirate digital filters, filter banks, polyphase networks, and applications").

Across, the pixels of `dilation` neighbouring columns are taken for the channels of one, which are filtered each on its
own. Of a stride across every output is computed, since OpenCV computes neighbours together.
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.filtering.backends.cores import MOST_CHANNELS, Core
from kernels.filtering.backends.workers import Scratch, pieces

Array = npt.NDArray[Any]
Pair = tuple[int, int]


class Axis(msgspec.Struct, frozen=True):
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


class Place(msgspec.Struct, frozen=True):
    """Where the windows stand on the pixels that a backend is given; every pair (y, x)."""

    output: Pair
    """Rows and columns to compute."""
    stride: Pair
    dilation: Pair

    @property
    def columns(self) -> slice:
        """The columns to keep where there is a result at each."""
        return slice(0, (self.output[1] - 1) * self.stride[1] + 1, self.stride[1])


def correlate(pixels: Array, taps: int, place: Place, core: Core, scratch: Scratch, into: Array | None = None) -> Array:
    """Correlate with stride and dilation by means of a `core` that knows neither.

    Parameters
    ----------
    pixels : ndarray, shape (h, w) or (h, w, C), contiguous
        Pixel 0 lies under tap 0 of output 0; the width is a multiple of the dilation.
    taps : int
        Rows of the kernel.
    place : Place
        Outputs to compute, stride and dilation.
    core : Core
        Correlates with the kernel.
    into : ndarray, optional
        Of the size and dtype of the result, which is written there.

    Returns
    -------
    ndarray, shape ``place.output``, with the channels of `pixels` behind it
        It holds until `scratch` is used again.
    """
    step = place.dilation[1]
    channels = pixels.shape[2:]
    if step > 1:
        pixels = pixels.reshape(pixels.shape[0], pixels.shape[1] // step, -1)

    def apply(phase: Array, rows: slice, scratch: Scratch) -> Array:
        if phase.ndim == 2 or phase.shape[2] <= MOST_CHANNELS:
            total = core.valid(phase, rows, scratch)
        else:
            parts = []
            for first in range(0, phase.shape[2], MOST_CHANNELS):
                some = np.ascontiguousarray(phase[:, :, first : first + MOST_CHANNELS])
                part = core.valid(some, rows, scratch)
                parts.append(part.reshape(*part.shape[:2], some.shape[2]).copy())
            total = np.concatenate(parts, axis=2)
        return total.reshape(total.shape[0], -1, *channels) if step > 1 else total

    return _down(pixels, taps, place, apply, scratch, into)


def _down(
    pixels: Array,
    taps: int,
    place: Place,
    apply: Callable[[Array, slice, Scratch], Array],
    scratch: Scratch,
    into: Array | None = None,
) -> Array:
    """Correlate with the stride and dilation down, and leave out what the stride across does.

    ``apply(phase, rows, scratch)`` correlates neighbouring rows with some rows of the kernel where these lie inside.
    """
    axis = Axis.of(taps, place.output[0], place.stride[0], place.dilation[0])
    apart = place.stride[0] * axis.output_step
    total: Array | None = None
    for number in range(axis.tap_phases):
        first = (taps - 1 - number) % axis.tap_step  # begins with the last tap: it meets a pixel in every window
        rows = slice(first, None, axis.tap_step)
        count = len(range(taps)[rows])
        for start in range(axis.output_phases):
            outputs = len(range(start, axis.outputs, axis.output_step))
            begin = first * place.dilation[0] + start * place.stride[0]
            under = pixels[begin::apart][: outputs + count - 1]
            part = apply(under, rows, scratch if total is None else scratch.beside)
            if axis.output_phases > 1:
                part = part[:, place.columns]
            if total is None and axis.output_phases == 1:
                total = part
                continue
            if total is None:
                shape = axis.outputs, *part.shape[1:]
                total = scratch.array("phases", shape, part.dtype) if into is None else into.reshape(shape)
            target = total[start :: axis.output_step]
            if number == 0:
                target[...] = part
            else:
                np.add(target, part, out=target)
    assert total is not None
    if axis.output_phases > 1:
        return total
    kept = total[:, place.columns]
    if into is None:
        return kept
    into = into.reshape(kept.shape)
    for some in pieces(into, scratch.cancelled):
        into[some] = kept[some]
    return into
