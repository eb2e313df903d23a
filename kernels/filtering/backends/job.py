"""One operation, ready to be computed strip by strip."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends import definition, direct, nonfinite, plan, polyphase, separable
from kernels.filtering.backends.frequency import Transform
from kernels.filtering.backends.padding import picture_rows, window_pixels
from kernels.filtering.backends.plan import Facts, Plan
from kernels.filtering.backends.polyphase import Place
from kernels.filtering.backends.workers import Scratch
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, SlidingOptions, geometry
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
    method: str | None = None
    """The backend, where it was forced."""
    transform: Transform = field(default_factory=Transform)

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
        return cls(pixels, checked, options, windows, chosen, dtype, method)

    @property
    def weights(self) -> Array:
        """The weights as applied: rotated for convolution, without a channel axis for a grey picture."""
        weights = self.kernel.weights[::-1, ::-1] if self.options.is_convolution else self.kernel.weights
        return weights[:, :, 0] if weights.ndim == 3 and self.image.ndim == 2 else weights

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the output."""
        trailing = () if self.kernel.channels is not None else self.image.shape[2:]
        return (*self.geometry.output_shape, *trailing)

    @property
    def strips(self) -> list[tuple[int, int]]:
        """First output row and the one after the last, for each strip."""
        rows = self.plan.strip_rows
        return [(top, min(top + rows, self.shape[0])) for top in range(0, self.shape[0], rows)]

    def compute(self, top: int, bottom: int, out: Array, scratch: Scratch | None = None) -> None:
        """Write the output rows of one strip into `out`; `scratch` is for what is needed on the way."""
        scratch = Scratch() if scratch is None else scratch
        if self.plan.is_continued and self._compute_continued(top, bottom, out, scratch):
            return
        pixels, stride, dilation = window_pixels(self.image, self.geometry, self.options, top, bottom, self.plan.dtype)
        place = Place((bottom - top, self.geometry.output_shape[1]), stride, dilation)
        if self.plan.is_ordinary(pixels):
            total = self._correlate(self.plan, pixels, place, scratch)
        else:
            total = self._correlate_with_care(pixels, place)
        self.finish(total.reshape(out.shape), out)

    def _compute_continued(self, top: int, bottom: int, out: Array, scratch: Scratch) -> bool:
        """Compute from the bare rows of the picture where that can be done."""
        rows = picture_rows(self.image, self.geometry, top, bottom, self.plan.dtype)
        if rows is None or not self.plan.is_ordinary(rows[0]):
            return False
        border = cast(Border, self.options.border)
        total = direct.correlate_continued(rows[0], self.weights, self.geometry.before, border, scratch)
        self.finish(total[top - rows[1] : bottom - rows[1], : out.shape[1]], out)
        return True

    def _correlate_with_care(self, pixels: Array, place: Place) -> Array:
        """Correlate pixels that are not finite, or so large or small that they ask for another plan."""
        facts = replace(Facts.of_values(pixels), dtype=self.image.dtype)
        careful = plan.choose(facts, _channels(pixels), self.kernel, self.geometry, self.options, self.method)
        pixels = pixels.astype(careful.dtype, copy=False)
        if careful.method == "definition":
            return definition.correlate(pixels, self.weights, place)
        return nonfinite.correlate(
            pixels,
            self.weights,
            finite=lambda finite: self._correlate(careful, finite, place, None),
            count=lambda marked, by: polyphase.correlate(marked, by, place, direct.correlate),
        )

    def _correlate(self, chosen: Plan, pixels: Array, place: Place, scratch: Scratch | None) -> Array:
        """Correlate ordinary pixels by the backend of a plan."""
        if chosen.method == "definition":
            return definition.correlate(pixels, self.weights, place)
        if chosen.factors is not None:
            return separable.correlate(pixels, *chosen.factors, place)
        if chosen.method == "direct":
            if place.is_dense:
                return direct.correlate(pixels, self.weights, scratch)
            return polyphase.correlate(pixels, self.weights, place, direct.correlate)
        total = polyphase.correlate(pixels, self.weights, place, self.transform.correlate)
        if chosen.rounds_back:
            np.rint(total, out=total)
            total += 0.0  # turns -0.0 into 0.0
        return total

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
