"""Where windows stand: padding, stride and dilation turned into positions and sizes."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.arguments import Pair as Pair
from kernels.arguments import pair_of, real_number, size_of
from kernels.errors import unknown_name
from kernels.filtering.border import Border, as_border

OPERATIONS = ("correlation", "convolution")
PADDINGS = ("valid", "same", "full")


def _padding(value: object) -> str | Pair:
    if isinstance(value, str):
        if value not in PADDINGS:
            raise unknown_name("padding", value, (*PADDINGS, "pixels p", "(py, px)"))
        return value
    return pair_of("padding", value, 0)


class SlidingOptions(msgspec.Struct, frozen=True):
    """How a kernel slides over a picture; normalised and checked when made.

    Parameters
    ----------
    operation : {"correlation", "convolution"}
        Convolution is correlation with the kernel rotated by 180 degrees.
    padding : {"valid", "same", "full"}, int or (int, int)
        Pixels added on each side; a number or a pair (y, x) counts them.
    stride, dilation : int or (int, int)
        Step between windows and between the taps of one window, in pixels; kept as a pair (y, x).
    border : Border or str
        Where virtual pixels come from.
    border_value : float
        Their value when the border is constant, in the picture's range.

    Raises
    ------
    ValueError, TypeError
        Naming the argument, its value, and what would be valid.
    """

    operation: str = "correlation"
    padding: str | int | Pair = "same"
    stride: int | Pair = (1, 1)
    dilation: int | Pair = (1, 1)
    border: Border | str = Border.CONSTANT
    border_value: float = 0.0

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise unknown_name("operation", self.operation, OPERATIONS)
        border_value = real_number("border_value", self.border_value)
        for name, value in (
            ("padding", _padding(self.padding)),
            ("stride", pair_of("stride", self.stride, 1)),
            ("dilation", pair_of("dilation", self.dilation, 1)),
            ("border", as_border(self.border)),
            ("border_value", border_value),
        ):
            msgspec.structs.force_setattr(self, name, value)

    @property
    def border_reach(self) -> float:
        """Absolute value of the border where one is in force; 0 where no window sees it, or where it is not finite."""
        in_force = self.border == Border.CONSTANT and self.padding != "valid" and math.isfinite(self.border_value)
        return abs(self.border_value) if in_force else 0.0

    @property
    def is_convolution(self) -> bool:
        """Whether the kernel is rotated by 180 degrees before it slides."""
        return self.operation == "convolution"

    @property
    def steps(self) -> tuple[Pair, Pair]:
        """Stride and dilation, each as a pair (y, x)."""
        return cast(Pair, self.stride), cast(Pair, self.dilation)


class Geometry(msgspec.Struct, frozen=True):
    """The windows of one operation: sizes and positions in pixels, every pair (y, x).

    Made by `geometry`. The window of output pixel ``i`` starts at the picture position ``i * stride - before`` and
    has its taps `dilation` apart.
    """

    image_shape: Pair
    kernel_shape: Pair
    before: Pair
    after: Pair
    stride: Pair
    dilation: Pair
    output_shape: Pair
    anchor: Pair
    """The tap, counted in picture pixels from the window's start, that stays in place under "same"."""

    @property
    def effective_shape(self) -> Pair:
        """Size of the window with its gaps, ``dilation * (k - 1) + 1`` per axis."""
        return effective_shape_of(self.kernel_shape, self.dilation)

    def window(self, i: int, j: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the picture rows and columns under the taps of output pixel (i, j); they may lie outside."""
        rows, columns = (
            np.arange(self.kernel_shape[axis], dtype=np.int64) * self.dilation[axis]
            + (at * self.stride[axis] - self.before[axis])
            for axis, at in enumerate((i, j))
        )
        return rows, columns

    def to_picture(self, i: int, j: int) -> Pair:
        """Return the picture position (y, x) under the anchor of output pixel (i, j); it may lie outside."""
        y, x = (at * self.stride[axis] - self.before[axis] + self.anchor[axis] for axis, at in enumerate((i, j)))
        return y, x

    def to_output(self, y: float, x: float) -> Pair | None:
        """Return the output pixel whose anchor is nearest to picture position (y, x).

        None where that would be past the edge of the output. Halfway, the one before.
        """
        i, j = (
            math.ceil((at + self.before[axis] - self.anchor[axis]) / self.stride[axis] - 0.5)
            for axis, at in enumerate((y, x))
        )
        inside = 0 <= i < self.output_shape[0] and 0 <= j < self.output_shape[1]
        return (i, j) if inside else None

    def nearest_output(self, y: int, x: int) -> Pair:
        """Return the same output pixel, past the edge of the output the one at the edge."""
        i, j = (
            min(max(math.ceil((at + before - anchor) / step - 0.5), 0), length - 1)
            for at, before, anchor, step, length in zip(
                (y, x), self.before, self.anchor, self.stride, self.output_shape, strict=True
            )
        )
        return i, j

    def centre(self, i: float, j: float) -> tuple[float, float]:
        """Return the picture position (y, x) of the window's centre, between two pixels for an even size."""
        y, x = (
            at * self.stride[axis] - self.before[axis] + (self.effective_shape[axis] - 1) / 2
            for axis, at in enumerate((i, j))
        )
        return y, x

    def area(self, *, centred: bool = False) -> tuple[float, float, float, float]:
        """Return what the output covers in the picture: top, left, height, width, in picture pixels.

        Each of its pixels is as large as the stride; its middle is that of its window's anchor or, `centred`, of its
        window. Picture pixel (y, x) covers [y, y + 1) x [x, x + 1).
        """
        y, x = self.centre(0, 0) if centred else self.to_picture(0, 0)
        (high, wide), (rows, columns) = self.stride, self.output_shape
        return y + 0.5 - high / 2, x + 0.5 - wide / 2, rows * high, columns * wide

    def formula(self, axis: int) -> str:
        """Return the output size along an axis as the formula with its numbers.

        For example ``(512 + 1 + 1 − 3)/2 + 1 = 256.5 → 256``; the last number subtracted is the effective size.
        """
        length, before, after = self.image_shape[axis], self.before[axis], self.after[axis]
        size, stride, result = self.effective_shape[axis], self.stride[axis], self.output_shape[axis]
        left = f"({length} + {before} + {after} − {size})/{stride} + 1"
        span = length + before + after - size
        if span % stride == 0:
            return f"{left} = {result}"
        exact = span / stride + 1
        sign = "=" if (span * 100) % stride == 0 else "≈"
        return f"{left} {sign} {exact:.2f}".rstrip("0") + f" → {result}"

    def unreached(self) -> Pair:
        """Return how many rows and how many columns of the picture lie under no tap of any window."""
        rows, columns = (self.image_shape[axis] - len(self.reached(axis)) for axis in (0, 1))
        return rows, columns

    def reached(self, axis: int) -> npt.NDArray[np.int64]:
        """Return the picture rows (axis 0) or columns (axis 1) under some tap of some window, in order."""
        hit = np.zeros(self.image_shape[axis], dtype=bool)
        starts = np.arange(self.output_shape[axis], dtype=np.int64) * self.stride[axis] - self.before[axis]
        for tap in range(self.kernel_shape[axis]):
            at = starts + tap * self.dilation[axis]
            hit[at[(at >= 0) & (at < self.image_shape[axis])]] = True
        return np.flatnonzero(hit).astype(np.int64)


def effective_shape_of(kernel_shape: Pair, dilation: Pair) -> Pair:
    """Return the size of a window with its gaps, ``dilation * (k - 1) + 1`` per axis."""
    return dilation[0] * (kernel_shape[0] - 1) + 1, dilation[1] * (kernel_shape[1] - 1) + 1


def _margins(size: int, padding: str | Pair, axis: int, is_convolution: bool) -> Pair:
    """Return the pixels added before and after along one axis for a window of effective `size`."""
    if padding == "valid":
        return 0, 0
    if padding == "full":
        return size - 1, size - 1
    if padding == "same":
        small, large = (size - 1) // 2, size // 2
        return (large, small) if is_convolution else (small, large)
    pixels = cast(Pair, padding)[axis]
    return pixels, pixels


def geometry(image_shape: tuple[int, ...], kernel_shape: tuple[int, ...], options: SlidingOptions) -> Geometry:
    """Return where the windows stand when a kernel slides over a picture.

    Parameters
    ----------
    image_shape, kernel_shape : tuple of int
        (H, W) and (kh, kw); what follows, such as channels, is ignored.
    options : SlidingOptions
        Operation, padding, stride and dilation.

    Raises
    ------
    ValueError
        If the window does not fit into the padded picture.
    """
    return _geometry(size_of("image_shape", image_shape), size_of("kernel_shape", kernel_shape), options)


@lru_cache(maxsize=64)
def _geometry(image: Pair, kernel: Pair, options: SlidingOptions) -> Geometry:
    """Return the same; a window that slides asks for one geometry again and again."""
    stride, dilation = options.steps
    effective = effective_shape_of(kernel, dilation)
    margins = [_margins(effective[axis], cast(Any, options.padding), axis, options.is_convolution) for axis in (0, 1)]
    padded = [image[axis] + sum(margins[axis]) for axis in (0, 1)]
    if effective[0] > padded[0] or effective[1] > padded[1]:
        raise ValueError(_does_not_fit(image, kernel, effective, (padded[0], padded[1]), options))
    output = [(padded[axis] - effective[axis]) // stride[axis] + 1 for axis in (0, 1)]
    anchor = [_margins(effective[axis], "same", axis, options.is_convolution)[0] for axis in (0, 1)]
    return Geometry(
        image_shape=image,
        kernel_shape=kernel,
        before=(margins[0][0], margins[1][0]),
        after=(margins[0][1], margins[1][1]),
        stride=stride,
        dilation=dilation,
        output_shape=(output[0], output[1]),
        anchor=(anchor[0], anchor[1]),
    )


def padding_in_pixels(kernel_shape: Pair, options: SlidingOptions) -> Pair:
    """Return how many pixels (y, x) the padding adds on its wider side."""
    # The margins do not depend on the picture: one that is as large as the kernel's reach always fits.
    reach = effective_shape_of(kernel_shape, options.steps[1])
    placed = geometry(reach, kernel_shape, options)
    wider = [max(pair) for pair in zip(placed.before, placed.after, strict=True)]
    return wider[0], wider[1]


def _does_not_fit(image: Pair, kernel: Pair, effective: Pair, padded: Pair, options: SlidingOptions) -> str:
    """Return the sentence for a window larger than the padded picture; sizes are rows × columns."""
    reach = f"the kernel of {kernel[0]} × {kernel[1]}"
    if effective != kernel:
        reach += f", which reaches over {effective[0]} × {effective[1]} with dilation {options.dilation},"
    ground = f"the picture of {image[0]} × {image[1]}"
    if padded != image:
        ground += f" padded to {padded[0]} × {padded[1]}"
    return (
        f"padding is {options.padding!r}, but {reach} does not fit into {ground} (rows × columns); "
        f"use padding 'same' or 'full', more pixels of padding, or a smaller kernel."
    )


def output_shape(
    image_shape: tuple[int, ...],
    kernel_shape: tuple[int, ...],
    *,
    padding: str | int | Pair = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
) -> Pair:
    """Return the size (H', W') of the output, ``floor((n + before + after - k') / stride) + 1`` per axis.

    Parameters
    ----------
    image_shape, kernel_shape : tuple of int
        (H, W) and (kh, kw).
    padding, stride, dilation
        As in `kernels.correlate`. ``k' = dilation * (k - 1) + 1``.

    Raises
    ------
    ValueError, TypeError
        For bad options, or when the kernel does not fit.
    """
    options = SlidingOptions(padding=padding, stride=stride, dilation=dilation)
    return geometry(image_shape, kernel_shape, options).output_shape


@lru_cache(maxsize=1024)
def pooling_geometry(
    image_shape: tuple[int, ...], size: Pair, *, stride: Pair, padding: Pair, ceil: bool = False
) -> Geometry:
    """Return where the windows of a pooling layer stand.

    Parameters
    ----------
    image_shape : tuple of int
        (H, W); what follows is ignored.
    size, stride, padding : (int, int)
        (y, x).
    ceil : bool
        Round the number of windows up: the last one may reach past the padding (`Geometry.after` then counts the
        pixels that it needs), but begins on the picture or in the padding before it. As PyTorch's ``ceil_mode``.

    Raises
    ------
    ValueError
        If no window fits.
    """
    options = SlidingOptions(padding=padding, stride=stride)
    if not ceil:
        return geometry(image_shape, size, options)
    image = size_of("image_shape", image_shape)
    output, after = [], []
    for axis in (0, 1):
        span = image[axis] + 2 * padding[axis] - size[axis]
        count = -(-span // stride[axis]) + 1
        if (count - 1) * stride[axis] >= image[axis] + padding[axis]:
            count -= 1
        if count < 1:
            raise ValueError(_does_not_fit(image, size, size, (image[0], image[1]), options))
        output.append(count)
        after.append(max(padding[axis], (count - 1) * stride[axis] + size[axis] - padding[axis] - image[axis]))
    return Geometry(
        image_shape=image,
        kernel_shape=size,
        before=padding,
        after=(after[0], after[1]),
        stride=stride,
        dilation=(1, 1),
        output_shape=(output[0], output[1]),
        anchor=((size[0] - 1) // 2, (size[1] - 1) // 2),
    )
