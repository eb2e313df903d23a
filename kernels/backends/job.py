"""One operation, ready to be computed strip by strip."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from kernels.backends import definition, direct, nonfinite, plan, polyphase
from kernels.backends.frequency import Transform
from kernels.backends.plan import Facts, Plan
from kernels.border import Border, source_index
from kernels.geometry import Geometry, SlidingOptions, geometry
from kernels.kernel import Kernel
from kernels.operands import as_image, as_kernel, output_dtype

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
        pixels = self._padded_rows(top, bottom)
        output = (bottom - top, self.geometry.output_shape[1])
        weights = self.weights
        if self.plan.method == "definition":
            total = definition.correlate(pixels, weights, output, self.geometry.stride, self.geometry.dilation)
        else:
            total = nonfinite.correlate(
                pixels,
                weights,
                finite=lambda finite: self._finite(finite, output),
                count=lambda marked, by: self._slide(marked, by, output, direct.correlate),
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

    def _finite(self, pixels: Array, output: tuple[int, int]) -> Array:
        """Correlate finite pixels by the backend of the plan."""
        if self.plan.method == "separable":
            return self._separable(pixels, output)
        if self.plan.method == "direct":
            return self._slide(pixels, self.weights, output, direct.correlate)
        total = self._slide(pixels, self.weights, output, self.transform.correlate)
        if self.plan.rounds_back:
            np.rint(total, out=total)
            total += 0.0  # turns -0.0 into 0.0
        return total

    def _slide(self, pixels: Array, weights: Array, output: tuple[int, int], core: polyphase.Core) -> Array:
        return polyphase.correlate(pixels, weights, output, self.geometry.stride, self.geometry.dilation, core)

    def _separable(self, pixels: Array, output: tuple[int, int]) -> Array:
        """Correlate with the row of a separable kernel, then with its column."""
        column, row = cast(tuple[Array, Array], self.plan.factors)
        (stride_y, stride_x), (dilation_y, dilation_x) = self.geometry.stride, self.geometry.dilation
        rows = (output[0] - 1) * stride_y + self.geometry.effective_shape[0]
        across = polyphase.correlate(
            pixels, row[np.newaxis, :], (rows, output[1]), (1, stride_x), (1, dilation_x), direct.correlate
        )
        return polyphase.correlate(
            across, column[:, np.newaxis], output, (stride_y, 1), (dilation_y, 1), direct.correlate
        )

    def _padded_rows(self, top: int, bottom: int) -> Array:
        """Return the rows under the windows of a strip, padded, in the dtype of the plan."""
        windows, image = self.geometry, self.image
        height, width = windows.image_shape
        first = top * windows.stride[0] - windows.before[0]
        count = (bottom - 1 - top) * windows.stride[0] + windows.effective_shape[0]
        left = windows.before[1]
        # The whole width of the picture, though a stride may leave its last columns out: the border takes from them.
        columns = max(left + width, (windows.output_shape[1] - 1) * windows.stride[1] + windows.effective_shape[1])
        border = cast(Border, self.options.border)
        padded = np.empty((count, columns, *image.shape[2:]), dtype=self.plan.dtype)

        inside = slice(left, left + width)
        begin, end = min(max(0, -first), count), max(0, min(height - first, count))
        padded[begin:end, inside] = image[first + begin : first + end]
        beyond = [*range(begin), *range(max(begin, end), count)]
        sources = source_index(np.asarray(beyond, dtype=np.int64) + first, height, border)
        for row, source in zip(beyond, sources.tolist(), strict=True):
            padded[row, inside] = self.options.border_value if source < 0 else image[source]

        sides = np.asarray([*range(left), *range(left + width, columns)], dtype=np.int64)
        if sides.size and border is Border.CONSTANT:
            padded[:, sides] = self.options.border_value
        elif sides.size:
            padded[:, sides] = padded[:, source_index(sides - left, width, border) + left]
        return padded
