"""One operation, ready to be computed strip by strip."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends import definition, nonfinite, plan, polyphase
from kernels.filtering.backends.cores import Box, Core, Direct, Frequency, Separable
from kernels.filtering.backends.facts import Facts
from kernels.filtering.backends.padding import picture_rows, window_pixels
from kernels.filtering.backends.plan import Plan
from kernels.filtering.backends.polyphase import Place
from kernels.filtering.backends.workers import Scratch
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry
from kernels.filtering.operands import as_image, as_kernel, output_dtype
from kernels.kernel import Kernel

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Job:
    """A checked picture and kernel, where the windows stand, and how they are computed.

    The strips are fixed once the plan is: the same strip gives the same numbers, bit for bit, however often and in
    whatever order it is computed.
    """

    image: Array
    kernel: Kernel
    options: SlidingOptions
    geometry: Geometry
    plan: Plan
    dtype: np.dtype[Any]
    """Of the output."""
    shape: tuple[int, ...]
    """Of the output."""
    method: str | None
    """The backend, where it was forced."""

    @classmethod
    def of(
        cls, image: npt.ArrayLike, kernel: Kernel | npt.ArrayLike, options: SlidingOptions, method: str | None = None
    ) -> Job:
        """Check the operands and make the plan; `method` forces a backend."""
        pixels = as_image(image)
        checked = as_kernel(kernel, pixels.shape)
        dtype = output_dtype(pixels)
        if pixels.dtype.kind == "f" and pixels.dtype.itemsize > 8:
            with np.errstate(over="ignore"):
                pixels = pixels.astype(np.float64)
        windows = geometry(pixels.shape, checked.shape, options)
        chosen = plan.choose(Facts.of(pixels), _channels(pixels), checked, windows, options, method)
        trailing = () if checked.channels is not None else pixels.shape[2:]
        return cls(pixels, checked, options, windows, chosen, dtype, (*windows.output_shape, *trailing), method)

    @property
    def weights(self) -> Array:
        """The weights as applied: rotated for convolution, without a channel axis for a grey picture."""
        weights = self.kernel.weights[::-1, ::-1] if self.options.is_convolution else self.kernel.weights
        return weights[:, :, 0] if weights.ndim == 3 and self.image.ndim == 2 else weights

    @property
    def strips(self) -> list[Pair]:
        """First output row and the one after the last, for each strip."""
        rows = self.plan.strip_rows
        return [(top, min(top + rows, self.shape[0])) for top in range(0, self.shape[0], rows)]

    def compute(self, top: int, bottom: int, out: Array, scratch: Scratch | None = None) -> None:
        """Write the output rows of one strip into `out`; `scratch` is for what is needed on the way."""
        scratch = Scratch() if scratch is None else scratch
        if self.plan.continued_dilation is not None:
            total = self._correlate_continued(top, bottom, self.plan.continued_dilation, scratch)
            if total is not None:
                self._finish(self.plan, total, out)
                return
        rows, windows = (top, bottom), self.geometry
        pixels, stride, dilation = window_pixels(self.image, windows, self.options, rows, self.plan.dtype, scratch)
        place = Place((bottom - top, windows.output_shape[1]), stride, dilation)
        if self.plan.is_ordinary(pixels):
            self._finish(self.plan, self._correlate(self.plan, pixels, place, scratch), out)
            return
        facts = replace(Facts.of_values(pixels), dtype=self.image.dtype)
        careful = plan.choose(facts, _channels(pixels), self.kernel, windows, self.options, self.method)
        self._finish(careful, self._correlate_with_care(careful, pixels.astype(careful.dtype), place), out)

    def _correlate_continued(self, top: int, bottom: int, dilation: Pair, scratch: Scratch) -> Array | None:
        """Correlate the bare rows of the picture, without padding around them; None where that cannot be done."""
        windows = self.geometry
        is_wrapped = self.options.border is Border.WRAP  # then nothing is padded: see the plan
        border = Border.CONSTANT if is_wrapped else cast(Border, self.options.border)
        before, after = windows.before, windows.after
        rows = picture_rows(self.image, windows, (top, bottom), self.plan.dtype)
        if rows is None:
            return None
        pixels, missing = rows
        is_dense = windows.stride[0] == dilation[0] == 1 and before[0] + after[0] < windows.effective_shape[0]
        if (missing != (0, 0) and not is_dense) or not self.plan.is_ordinary(pixels):
            return None
        (core,) = _cores(self.plan, self.kernel, self.options.is_convolution, _gaps(windows.dilation, dilation))
        if is_dense:
            same = core.continued(pixels, slice(None), before, border, scratch)
            total = same[before[0] - missing[0] :][: bottom - top]
        else:
            taps = core.shape[0]

            def apply(phase: Array, some: slice) -> Array:
                count = len(range(taps)[some])
                same = core.continued(phase, some, (count // 2, before[1]), border, scratch)
                return same[count // 2 :][: phase.shape[0] - count + 1]

            place = Place((bottom - top, windows.output_shape[1]), windows.stride, dilation)
            total = polyphase.down(pixels, taps, place, apply, scratch)
        return total[:, : (self.shape[1] - 1) * windows.stride[1] + 1 : windows.stride[1]]

    def _correlate(self, chosen: Plan, pixels: Array, place: Place, scratch: Scratch) -> Array:
        """Correlate ordinary pixels by the backend of a plan."""
        if chosen.method == "definition":
            return definition.correlate(pixels, self.weights, place)
        cores = _cores(chosen, self.kernel, self.options.is_convolution)
        return _sum_channels(pixels, cores, place, scratch)

    def _correlate_with_care(self, careful: Plan, pixels: Array, place: Place) -> Array:
        """Correlate pixels that are not finite, or so large or small that they asked for another plan."""
        if careful.method == "definition":
            return definition.correlate(pixels, self.weights, place)

        def count(marked: Array, by: Array) -> Array:
            planes = by[:, :, np.newaxis] if by.ndim == 2 else by
            cores = tuple(Direct(planes[:, :, channel]) for channel in range(planes.shape[2]))
            return _sum_channels(marked, cores, place, Scratch())

        return nonfinite.correlate(
            pixels,
            self.weights,
            finite=lambda finite: self._correlate(careful, finite, place, Scratch()),
            count=count,
        )

    def _finish(self, chosen: Plan, total: Array, out: Array) -> None:
        if chosen.rounds_back:
            total = np.rint(total)
            total += 0.0  # turns -0.0 into 0.0
        self.finish(total.reshape(out.shape), out)

    def finish(self, total: Array, out: Array) -> None:
        """Divide the sums, add the offset, and round once to the dtype of the output."""
        divisor, offset = self.kernel.divisor, self.kernel.offset
        with np.errstate(all="ignore"):
            if divisor == 1.0 and offset == 0.0:
                out[...] = total
            elif offset == 0.0 and total.dtype == out.dtype and float(total.dtype.type(divisor)) == divisor:
                np.divide(total, total.dtype.type(divisor), out=out)
            else:
                value = total.astype(np.float64)
                value /= divisor
                value += offset
                out[...] = value


def _channels(pixels: Array) -> int:
    return int(pixels.shape[2]) if pixels.ndim == 3 else 1


def _gaps(dilation: Pair, left: Pair) -> Pair:
    """Return the distance of taps within the weights, where only some dilation is `left` to be taken by phases."""
    return dilation[0] // left[0], dilation[1] // left[1]


@lru_cache(maxsize=8)
def _cores(chosen: Plan, kernel: Kernel, is_convolution: bool, gaps: Pair = (1, 1)) -> tuple[Core, ...]:
    """Return what correlates: one core, or one for each channel that the kernel sums over."""
    if chosen.terms is not None:
        return (Separable(chosen.terms.factors),)
    if chosen.method == "box":
        return (Box(kernel.shape, float(kernel.weights[0, 0])),)
    weights = kernel.weights[::-1, ::-1] if is_convolution else kernel.weights
    planes = weights[:, :, np.newaxis] if weights.ndim == 2 else weights
    spread = np.zeros((*(gap * (size - 1) + 1 for gap, size in zip(gaps, kernel.shape, strict=True)), planes.shape[2]))
    spread[:: gaps[0], :: gaps[1]] = planes
    make = Frequency if chosen.method == "frequency" else Direct
    return tuple(make(spread[:, :, channel]) for channel in range(planes.shape[2]))


def _sum_channels(pixels: Array, cores: tuple[Core, ...], place: Place, scratch: Scratch) -> Array:
    """Correlate every channel with the one core, or each with its own and add them up."""
    taps = cores[0].shape[0]
    if len(cores) == 1:
        return polyphase.correlate(pixels, taps, place, cores[0], scratch)
    total: Array | None = None
    for channel, core in enumerate(cores):
        part = polyphase.correlate(np.ascontiguousarray(pixels[:, :, channel]), taps, place, core, scratch)
        total = part.copy() if total is None else np.add(total, part, out=total)
    assert total is not None
    return total
