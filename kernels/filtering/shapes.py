"""Sizes to learn from: the fifteen cases of Dumoulin and Visin, and a transposed convolution told as a direct one.

Reference: V. Dumoulin and F. Visin (2016), "A guide to convolution arithmetic for deep learning".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, effective_shape_of, geometry, pair_of
from kernels.filtering.transposed import transposed_shape


@dataclass(frozen=True)
class TransposedGeometry:
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
        return _each(lambda axis: self.stride[axis] - 1)

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
    output = transposed_shape(
        image_shape,
        kernel_shape,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    return TransposedGeometry(
        image_shape=(int(image_shape[0]), int(image_shape[1])),
        kernel_shape=(int(kernel_shape[0]), int(kernel_shape[1])),
        stride=pair_of("stride", stride, 1),
        padding=pair_of("padding", padding, 0),
        output_padding=pair_of("output_padding", output_padding, 0),
        dilation=pair_of("dilation", dilation, 1),
        output_shape=output,
    )


@dataclass(frozen=True)
class Case:
    """One case of Dumoulin and Visin: the same numbers along both axes, in pixels.

    Attributes
    ----------
    name : str
        As in the paper.
    figure : str
        Its figure there.
    input, kernel, stride, padding, output_padding, dilation, output : int
        Sizes and options; `output` as the paper gives it.
    transposes : str
        Of a transposed case the key of the direct one, in `CASES`, whose shapes it goes back along; else empty.
    """

    name: str
    figure: str
    input: int
    kernel: int
    output: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    dilation: int = 1
    transposes: str = ""

    @property
    def is_transposed(self) -> bool:
        """Whether `kernels.transposed` computes it, rather than `kernels.correlate`."""
        return bool(self.transposes)

    def direct(self) -> Geometry:
        """Return the windows of a direct case; of a transposed one those of the case that it transposes."""
        if self.is_transposed:
            return CASES[self.transposes].direct()
        options = SlidingOptions(padding=self.padding, stride=self.stride, dilation=self.dilation)
        return geometry((self.input,) * 2, (self.kernel,) * 2, options)

    def transposed(self) -> TransposedGeometry:
        """Return the sizes of a transposed case, with the parameters of the direct convolution that computes the same.

        Raises
        ------
        ValueError
            If the case is a direct one.
        """
        if not self.is_transposed:
            raise ValueError(f"The case {self.name!r} is a direct convolution; use direct().")
        return transposed_geometry(
            (self.input,) * 2,
            (self.kernel,) * 2,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation=self.dilation,
        )


_DIRECT = {
    "no-padding-no-strides": Case("No padding, no strides", "2.1", 4, 3, 2),
    "arbitrary-padding": Case("Arbitrary padding, no strides", "2.2", 5, 4, 6, padding=2),
    "half-padding": Case("Half (same) padding, no strides", "2.3", 5, 3, 5, padding=1),
    "full-padding": Case("Full padding, no strides", "2.4", 5, 3, 7, padding=2),
    "no-padding-strides": Case("No padding, strides", "2.5", 5, 3, 2, stride=2),
    "padding-strides": Case("Padding, strides", "2.6", 5, 3, 3, stride=2, padding=1),
    "padding-strides-odd": Case("Padding, strides (odd)", "2.7", 6, 3, 3, stride=2, padding=1),
}


def _turned(number: int, key: str) -> Case:
    """Return the transposed form of a direct case: back from its output to its input."""
    of = _DIRECT[key]
    # What the floor of the stride left over at the end.
    over = (of.input + 2 * of.padding - of.kernel) % of.stride
    return Case(
        f"{of.name}, transposed",
        f"4.{number}",
        of.output,
        of.kernel,
        of.input,
        stride=of.stride,
        padding=of.padding,
        output_padding=over,
        transposes=key,
    )


CASES: dict[str, Case] = {
    **_DIRECT,
    **{f"{key}-transposed": _turned(number, key) for number, key in enumerate(_DIRECT, 1)},
    "dilation": Case("Dilation, no padding, no strides", "5.1", 7, 3, 3, dilation=2),
}
"""The fifteen cases, in the paper's order: seven direct ones, their transposed forms, and the dilated one."""


def _each(value_of: Callable[[int], int]) -> Pair:
    return value_of(0), value_of(1)


def _signed(number: int) -> str:
    return f"+ {number}" if number >= 0 else f"− {-number}"
