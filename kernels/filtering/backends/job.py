"""One operation, ready to be computed strip by strip."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends import definition, direct, nonfinite, plan, polyphase, separable
from kernels.filtering.backends.frequency import Transform
from kernels.filtering.backends.padding import window_pixels
from kernels.filtering.backends.plan import Facts, Plan
from kernels.filtering.backends.polyphase import Place
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
        channels = pixels.shape[2] if pixels.ndim == 3 else 1
        chosen = plan.choose(Facts.of(pixels), channels, checked, windows, options, method)
        return cls(pixels, checked, options, windows, chosen, dtype)

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

    def compute(self, top: int, bottom: int, out: Array) -> None:
        """Write the output rows of one strip into `out`."""
        pixels, stride, dilation = window_pixels(self.image, self.geometry, self.options, top, bottom, self.plan.dtype)
        place = Place((bottom - top, self.geometry.output_shape[1]), stride, dilation)
        if self.plan.method == "definition":
            total = definition.correlate(pixels, self.weights, place)
        else:
            total = nonfinite.correlate(
                pixels,
                self.weights,
                finite=lambda finite: self._finite(finite, place),
                count=lambda marked, by: polyphase.correlate(marked, by, place, direct.correlate),
            )
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

    def _finite(self, pixels: Array, place: Place) -> Array:
        """Correlate finite pixels by the backend of the plan."""
        if self.plan.factors is not None:
            return separable.correlate(pixels, *self.plan.factors, place)
        if self.plan.method == "direct":
            return polyphase.correlate(pixels, self.weights, place, direct.correlate)
        total = polyphase.correlate(pixels, self.weights, place, self.transform.correlate)
        if self.plan.rounds_back:
            np.rint(total, out=total)
            total += 0.0  # turns -0.0 into 0.0
        return total
