"""Transposed convolution: every pixel lays down a copy of the kernel, and what overlaps is added up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels import memory
from kernels.arguments import pair_of, size_of
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.geometry import Pair, effective_shape_of
from kernels.filtering.operands import as_image, as_kernel, output_dtype
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

#: Values of the output that are added up together.
_STRIP = 1 << 18


def transposed(
    image: npt.ArrayLike,
    kernel: Kernel,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    output_padding: int | Pair = 0,
    dilation: int | Pair = 1,
    cancelled: Callable[[], bool] | None = None,
) -> Array:
    """Turn a correlation around: pixel (i, j) adds ``x[i, j] * weights`` to the output at ``(i, j) * stride``.

    It goes from the shape of a correlation's output back to the shape of its input, and is the gradient of that
    correlation by its input; as a matrix it is the transposed one of `kernels.toeplitz`. It does not undo the
    correlation.

    Parameters
    ----------
    image : array_like, shape (H, W) or (H, W, C)
        Real numbers or booleans, in any range. It is not modified.
    kernel : Kernel
        (kh, kw); it is applied to every channel on its own, as it is written, neither rotated nor mirrored.
    stride : int or (int, int)
        Pixels of the output from one copy of the kernel to the next, (y, x).
    padding : int or (int, int)
        Pixels that are cut off the output on each side, those that padding had added to the correlation's input.
    output_padding : int or (int, int)
        Rows and columns that the output has more at the bottom and at the right; below the stride or the dilation.
        A correlation with a stride gives the same size for several sizes of its input; this says which one is meant.
    dilation : int or (int, int)
        Pixels from tap to tap, (y, x).
    cancelled : callable, optional
        Asked before each strip of rows; True stops.

    Returns
    -------
    ndarray, shape (H', W') or (H', W', C)
        ``sum / divisor + offset``, with ``H' = (H - 1) * stride + k' + output_padding - 2 * padding`` and
        ``k' = dilation * (k - 1) + 1``. float64 for a float64 picture, else float32, rounded once from sums in
        float64. As `torch.nn.functional.conv_transpose2d` gives it.

    Raises
    ------
    TypeError
        If the picture or an option has the wrong type.
    ValueError
        If the picture is empty, the kernel has channels, an option is out of range, or nothing is left of the output.
    MemoryError
        If the result would take more than half of the free memory.
    kernels.errors.Cancelled
        If `cancelled` returned True.

    References
    ----------
    V. Dumoulin and F. Visin (2016), "A guide to convolution arithmetic for deep learning", chapter 4.
    M. D. Zeiler, D. Krishnan, G. W. Taylor and R. Fergus (2010), "Deconvolutional networks".

    Examples
    --------
    >>> transposed([[1.0, 2.0]], Kernel([[1.0, 1.0, 1.0]]), stride=2)
    array([[1., 1., 3., 2., 2.]])
    """
    pixels = as_image(image)
    if (kernel.weights if isinstance(kernel, Kernel) else np.asarray(kernel)).ndim == 3:
        raise ValueError(
            "kernel has channels, but a transposed convolution takes weights (kh, kw), which every channel is laid "
            "down with; use one channel of the kernel."
        )
    checked = as_kernel(kernel, pixels.shape)
    sizes = transposed_geometry(
        pixels.shape,
        checked.shape,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    (height, width), step, cut, spread = sizes.output_shape, sizes.stride, sizes.padding, sizes.dilation
    dtype, shape = output_dtype(pixels), (height, width, *pixels.shape[2:])
    memory.require(float(math.prod(shape)) * dtype.itemsize, f"A result of {' × '.join(map(str, shape))} values")
    output = np.empty(shape, dtype)

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        total = scratch.array("total", (bottom - top, *shape[1:]), np.dtype(np.float64))
        total[...] = 0.0
        for a, row in enumerate(checked.weights):
            # Where this row of the kernel falls, counted in rows of the strip.
            i, below = _copies(a * spread[0] - cut[0] - top, step[0], pixels.shape[0], bottom - top)
            lines = pixels[i].astype(np.float64)
            for b, weight in enumerate(row):
                j, beside = _copies(b * spread[1] - cut[1], step[1], pixels.shape[1], width)
                total[below, beside] += weight * lines[:, j]
        total /= checked.divisor
        total += checked.offset
        output[top:bottom] = total

    def quietly(top: int, bottom: int, scratch: Scratch) -> None:
        with np.errstate(all="ignore"):
            compute(top, bottom, scratch)

    rows = max(1, _STRIP // math.prod(shape[1:]))
    strips = [(top, min(top + rows, height)) for top in range(0, height, rows)]
    compute_strips(strips, quietly, cancelled=cancelled)
    return output


def _copies(start: int, step: int, count: int, length: int) -> tuple[slice, slice]:
    """Return which of `count` pixels, the first laid down at `start`, fall into 0 .. length - 1, and where."""
    first = min(max(0, -(start // step)), count)
    last = max(first, min(count, (length - 1 - start) // step + 1))
    begin = max(0, start + first * step)
    return slice(first, last), slice(begin, begin + (last - first - 1) * step + 1 if last > first else begin, step)


class TransposedGeometry(msgspec.Struct, frozen=True):
    """A transposed convolution, and the direct one that computes the same; every pair is (y, x), in pixels.

    The direct one puts zeros between the pixels of the input, pads what comes of it, and slides the kernel, rotated by
    180 degrees, over it with stride 1: `kernels.convolve` with padding "valid" and the same dilation. Made by
    `transposed_geometry`.
    """

    image_shape: Pair
    kernel_shape: Pair
    stride: Pair
    padding: Pair
    output_padding: Pair
    dilation: Pair
    output_shape: Pair

    @property
    def effective_shape(self) -> Pair:
        """Size of the kernel with its gaps, ``k' = dilation * (k - 1) + 1``."""
        return effective_shape_of(self.kernel_shape, self.dilation)

    @property
    def zeros_between(self) -> Pair:
        """Zeros from one pixel of the input to the next, ``stride - 1``."""
        return self.stride[0] - 1, self.stride[1] - 1

    @property
    def stretched_shape(self) -> Pair:
        """Size of the input with the zeros in it, ``(n - 1) * stride + 1``."""
        return _each(lambda axis: (self.image_shape[axis] - 1) * self.stride[axis] + 1)

    @property
    def before(self) -> Pair:
        """Zeros above and to the left of that, ``k' - 1 - padding``; so many pixels are cut off where negative."""
        return _each(lambda axis: self.effective_shape[axis] - 1 - self.padding[axis])

    @property
    def after(self) -> Pair:
        """Zeros below and to the right, ``k' - 1 - padding + output_padding``; cut off where negative."""
        return _each(lambda axis: self.before[axis] + self.output_padding[axis])

    def formula(self, axis: int) -> str:
        """Return the output size along an axis as the formula with its numbers.

        For example ``(3 − 1)·2 + 3 + 1 − 2·1 = 6``: input, stride, effective size, output_padding and padding.
        """
        left = f"({self.image_shape[axis]} − 1)·{self.stride[axis]} + {self.effective_shape[axis]}"
        extra, cut = self.output_padding[axis], self.padding[axis]
        return f"{left} + {extra} − 2·{cut} = {self.output_shape[axis]}"

    def direct_formula(self, axis: int) -> str:
        """Return the same size as the formula of the direct convolution.

        For example ``(5 + 1 + 2 − 3)/1 + 1 = 6``: the stretched input, zeros before and after, the effective size.
        """
        terms = f"{self.stretched_shape[axis]} {_signed(self.before[axis])} {_signed(self.after[axis])}"
        return f"({terms} − {self.effective_shape[axis]})/1 + 1 = {self.output_shape[axis]}"


def transposed_geometry(
    image_shape: tuple[int, ...],
    kernel_shape: tuple[int, ...],
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    output_padding: int | Pair = 0,
    dilation: int | Pair = 1,
) -> TransposedGeometry:
    """Return the sizes of a transposed convolution and of the direct one that computes the same.

    Parameters
    ----------
    image_shape, kernel_shape : tuple of int
        (H, W) and (kh, kw); what follows, such as channels, is ignored.
    stride, padding, output_padding, dilation
        As in `kernels.transposed`.

    Raises
    ------
    ValueError, TypeError
        For bad options, or when nothing is left of the output.

    References
    ----------
    V. Dumoulin and F. Visin (2016), "A guide to convolution arithmetic for deep learning", relationships 8 to 14.
    """
    image, kernel = size_of("image_shape", image_shape), size_of("kernel_shape", kernel_shape)
    step, border = pair_of("stride", stride, 1), pair_of("padding", padding, 0)
    extra, spread = pair_of("output_padding", output_padding, 0), pair_of("dilation", dilation, 1)
    for axis in (0, 1):
        if extra[axis] >= max(step[axis], spread[axis]):
            raise ValueError(
                f"output_padding is {output_padding!r}, but must be below the stride ({stride!r}) or the dilation "
                f"({dilation!r})."
            )
    effective = effective_shape_of(kernel, spread)
    height, width = (
        (image[axis] - 1) * step[axis] + effective[axis] + extra[axis] - 2 * border[axis] for axis in (0, 1)
    )
    if height < 1 or width < 1:
        raise ValueError(
            f"padding is {padding!r}, but it leaves nothing of the output, {height} × {width} (rows × columns); "
            f"use fewer pixels of padding."
        )
    return TransposedGeometry(image, kernel, step, border, extra, spread, (height, width))


def _each(value_of: Callable[[int], int]) -> Pair:
    return value_of(0), value_of(1)


def _signed(number: int) -> str:
    return f"+ {number}" if number >= 0 else f"− {-number}"
