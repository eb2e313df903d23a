"""One operation, ready to be computed strip by strip."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from kernels.filtering.backends import definition, loops, nonfinite, plan, polyphase
from kernels.filtering.backends.cores import Box, Core, Direct, Frequency, Separable
from kernels.filtering.backends.facts import Facts
from kernels.filtering.backends.loops import Call, Lines
from kernels.filtering.backends.padding import is_together, window_pixels
from kernels.filtering.backends.plan import Plan
from kernels.filtering.backends.polyphase import Place
from kernels.filtering.backends.some_rows import SomeRows
from kernels.filtering.backends.workers import Scratch, compute_strips, pieces, threads
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry
from kernels.filtering.operands import applied_weights, as_image, as_kernel, output_dtype
from kernels.kernel import Kernel

Array = npt.NDArray[Any]
Stop = Callable[[], bool] | None


#: Calls of the core that are kept for the next picture of the same size.
_MOST_CALLS = 64
#: Nanoseconds, as estimated, after which a computation asks whether to go on, and bytes of the result, for which the
#: system may have to find memory first.
_STOPPED, _FRESH = 5e6, 1 << 23


class Design(msgspec.Struct, frozen=True, eq=False, dict=True):
    """All of an operation but the pixels: a filter may meet many pictures of one size."""

    kernel: Kernel
    options: SlidingOptions
    method: str | None
    """The backend, where it was forced."""
    geometry: Geometry
    plan: Plan
    shape: tuple[int, ...]
    """Of the output."""
    dtype: np.dtype[Any]
    """Of the output."""
    calls: dict[Pair, Call]
    """Calls of the compiled core that are ready, by their output rows."""

    @classmethod
    @lru_cache(maxsize=64)
    def of(
        cls, image_shape: tuple[int, ...], facts: Facts, kernel: Kernel, options: SlidingOptions, method: str | None
    ) -> Design:
        """Check that the kernel fits the picture, and make the plan."""
        checked = as_kernel(kernel, image_shape)
        windows = geometry(image_shape, checked.shape, options)
        channels = image_shape[2] if len(image_shape) == 3 else 1
        chosen = plan.choose(facts, channels, checked, windows, options, method)
        return cls(
            *(checked, options, method, windows, chosen),
            shape=(*windows.output_shape, *(() if checked.channels is not None else image_shape[2:])),
            dtype=output_dtype(facts),
            calls={},
        )

    @cached_property
    def strips(self) -> tuple[Pair, ...]:
        """First output row and the one after the last, for each strip; of an output that memory has room for."""
        height, rows = self.shape[0], self.plan.strip_rows
        return tuple((top, min(top + rows, height)) for top in range(0, height, rows))

    @cached_property
    def is_compiled(self) -> bool:
        """Whether the compiled core computes strips of it, the windows of which lie together."""
        return loops.is_there(self.plan) and is_together(self.geometry, self.strips[0])


class Job(msgspec.Struct, frozen=True, eq=False):
    """A checked picture, and how it is filtered.

    The strips are fixed once the plan is: the same strip gives the same numbers, bit for bit, however often and in
    whatever order it is computed.
    """

    image: Array | SomeRows
    design: Design

    @classmethod
    def of(
        cls,
        image: npt.ArrayLike | SomeRows,
        kernel: Kernel | npt.ArrayLike,
        options: SlidingOptions,
        method: str | None = None,
    ) -> Job:
        """Check the operands and make the plan; `method` forces a backend."""
        pixels = image if isinstance(image, SomeRows) else as_image(image)
        checked = kernel if isinstance(kernel, Kernel) else as_kernel(kernel, pixels.shape)
        facts = Facts.of(pixels)
        if not isinstance(pixels, SomeRows) and pixels.dtype.kind == "f" and pixels.dtype.itemsize > 8:
            with np.errstate(over="ignore"):
                pixels = pixels.astype(np.float64)
        return cls(pixels, Design.of(pixels.shape, facts, checked, options, method))

    @property
    def plan(self) -> Plan:
        """How it is computed."""
        return self.design.plan

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the output."""
        return self.design.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the output."""
        return self.design.dtype

    @property
    def strips(self) -> tuple[Pair, ...]:
        """First output row and the one after the last, for each strip."""
        return self.design.strips

    @property
    def weights(self) -> Array:
        """The weights as applied: rotated for convolution, without a channel axis for a grey picture."""
        weights = applied_weights(self.design.kernel, self.design.options)
        return weights[:, :, 0] if weights.ndim == 3 and self.image.ndim == 2 else weights

    @property
    def is_shared(self) -> bool:
        """Whether `compute` takes many strips at once, and shares them among threads by itself."""
        image = self.image
        return self.design.is_compiled and loops.reads(image.pixels if isinstance(image, SomeRows) else image)

    def spans(self, first: Pair | None = None, *, is_asked: bool = False) -> list[Pair]:
        """Return the rows that are to be computed by one call each: few strips, that it can be stopped soon.

        Where rows are wanted first, they are in spans of their own; where somebody may want to stop it in between
        (`is_asked`), they are shorter. Only for what `is_shared`.
        """
        strips, shared_by = self.strips, threads()
        at_once = max(shared_by, int(shared_by * _STOPPED * len(strips) / self.plan.cost))
        if is_asked:
            each = math.prod(self.shape) * self.dtype.itemsize // len(strips) + 1
            at_once = min(at_once, max(shared_by, _FRESH // each))
        if first is None and at_once >= len(strips):
            return [(0, self.shape[0])]
        start, end = first or (0, 0)
        wanted = [number for number, (top, bottom) in enumerate(strips) if top < end and start < bottom] or [0, -1]
        ends = [0, wanted[0], wanted[-1] + 1, len(strips)]
        return [
            (strips[number][0], strips[min(number + at_once, last) - 1][1])
            for begin, last in pairwise(ends)
            for number in range(begin, last, at_once)
        ]

    def compute(self, top: int, bottom: int, out: Array, scratch: Scratch | None = None) -> None:
        """Write the output rows of a strip or a span into `out`; `scratch` is for what is needed on the way.

        Of strips of a span whose pixels are not ordinary, and of tiles, each asks whether to go on.
        """
        scratch = Scratch() if scratch is None else scratch
        if loops.is_there(self.design.plan):
            self._compute_compiled(top, bottom, out, scratch)
        else:
            self._compute_padded(top, bottom, out, scratch)

    def _compute_compiled(self, top: int, bottom: int, out: Array, scratch: Scratch) -> None:
        """Compute rows by the compiled core, from the picture as it is where the core can read it."""
        rows, image, design, windows = (top, bottom), self.image, self.design, self.design.geometry
        pixels = image.pixels if isinstance(image, SomeRows) else image
        call = design.calls.get(rows) if pixels is image else None
        if not loops.reads(pixels) or not (call or is_together(windows, rows)):
            pixels, place = self._padded(rows, scratch)
            call = self._call(loops.bare_lines(pixels), place)
        elif call is None:
            place = Place((bottom - top, windows.output_shape[1]), windows.stride, windows.dilation)
            call = self._call(loops.picture_lines(image, windows, design.options, rows), place)
            if pixels is image and len(design.calls) < _MOST_CALLS:
                design.calls[rows] = call
        magnitudes = call.run(pixels, out, scratch)
        if design.plan.ordinary is None:
            return
        strips = zip(call.strips, magnitudes, strict=True)
        careful = [rows for (rows, seen), found in strips if not design.plan.is_ordinary_size(found, seen)]
        if not careful:
            return

        def compute(first: int, last: int, scratch: Scratch) -> None:
            self._compute_with_care(*self._padded((top + first, top + last), scratch), out[first:last])

        compute_strips(careful, compute, cancelled=scratch.cancelled)  # takes many times as long

    def _call(self, lines: Lines, place: Place) -> Call:
        design, channels = self.design, _channels(self.image)
        return Call.of(lines, design.plan, design.kernel, design.options.is_convolution, place, channels)

    def _padded(self, rows: Pair, scratch: Scratch) -> tuple[Array, Place]:
        design = self.design
        pixels, stride, dilation = window_pixels(
            self.image, design.geometry, design.options, rows, design.plan.dtype, scratch
        )
        return pixels, Place((rows[1] - rows[0], design.geometry.output_shape[1]), stride, dilation)

    def _compute_padded(self, top: int, bottom: int, out: Array, scratch: Scratch) -> None:
        """Compute rows from a copy of the pixels under their windows, with padding around them."""
        pixels, place = self._padded((top, bottom), scratch)
        if self.plan.is_ordinary(pixels):
            self._finish(self.plan, self._correlate(self.plan, pixels, place, scratch, out), out, scratch.cancelled)
        else:
            self._compute_with_care(pixels, place, out)

    def _compute_with_care(self, pixels: Array, place: Place, out: Array) -> None:
        """Compute rows from padded pixels that are not ordinary."""
        design = self.design
        facts = replace(Facts.of_values(pixels), dtype=self.image.dtype)
        careful = plan.choose(facts, _channels(pixels), design.kernel, design.geometry, design.options, design.method)
        self._finish(careful, self._correlate_with_care(careful, pixels.astype(careful.dtype), place), out)

    def _correlate(
        self, chosen: Plan, pixels: Array, place: Place, scratch: Scratch, out: Array | None = None
    ) -> Array:
        """Correlate ordinary pixels by the backend of a plan; the sums may be written to `out`."""
        if chosen.method == "definition":
            return definition.correlate(pixels, self.weights, place)
        cores = _cores(chosen, self.design.kernel, self.design.options.is_convolution)
        return _sum_channels(pixels, cores, place, scratch, _room(chosen, out))

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

    def _finish(self, chosen: Plan, total: Array, out: Array, cancelled: Stop = None) -> None:
        total = total.reshape(out.shape)
        for some in pieces(out, cancelled):
            sums = total[some]
            if chosen.rounds_back:
                sums = np.rint(sums)
                sums += 0.0  # turns -0.0 into 0.0
            self.finish(sums, out[some])

    def finish(self, total: Array, out: Array) -> None:
        """Divide the sums, add the offset, and round once to the dtype of the output."""
        divisor, offset = self.design.kernel.divisor, self.design.kernel.offset
        with np.errstate(all="ignore"):
            if divisor == 1.0 and offset == 0.0:
                if total is not out and not np.may_share_memory(total, out):
                    out[...] = total
            elif offset == 0.0 and total.dtype == out.dtype and float(total.dtype.type(divisor)) == divisor:
                np.divide(total, total.dtype.type(divisor), out=out)
            else:
                value = total.astype(np.float64)
                value /= divisor
                value += offset
                out[...] = value


def _channels(pixels: Array | SomeRows) -> int:
    return int(pixels.shape[2]) if pixels.ndim == 3 else 1


def _room(chosen: Plan, out: Array | None) -> Array | None:
    """Return the place for the result where the sums of a plan can stand there meanwhile."""
    return out if out is not None and out.dtype == chosen.dtype else None


@lru_cache(maxsize=8)
def _cores(chosen: Plan, kernel: Kernel, is_convolution: bool) -> tuple[Core, ...]:
    """Return what correlates: one core, or one for each channel that the kernel sums over."""
    if chosen.terms is not None:
        return (Separable(chosen.terms.factors),)
    if chosen.method == "box":
        return (Box(kernel.shape, float(kernel.weights[0, 0])),)
    weights = kernel.weights[::-1, ::-1] if is_convolution else kernel.weights
    planes = weights[:, :, np.newaxis] if weights.ndim == 2 else weights
    make = Frequency if chosen.method == "frequency" else Direct
    return tuple(make(planes[:, :, channel]) for channel in range(planes.shape[2]))


def _sum_channels(
    pixels: Array, cores: tuple[Core, ...], place: Place, scratch: Scratch, into: Array | None = None
) -> Array:
    """Correlate every channel with the one core, or each with its own and add them up."""
    taps = cores[0].shape[0]
    if len(cores) == 1:
        return polyphase.correlate(pixels, taps, place, cores[0], scratch, into)
    total: Array | None = None
    for channel, core in enumerate(cores):
        part = polyphase.correlate(np.ascontiguousarray(pixels[:, :, channel]), taps, place, core, scratch)
        total = part.copy() if total is None else np.add(total, part, out=total)
    assert total is not None
    return total
