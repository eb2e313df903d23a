"""Sizes to learn from: the fifteen cases of Dumoulin and Visin, and whatever comes of changing their numbers.

Reference: V. Dumoulin and F. Visin (2016), "A guide to convolution arithmetic for deep learning".
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from kernels.filtering.geometry import Geometry, SlidingOptions, geometry
from kernels.filtering.transposed import TransposedGeometry, transposed_geometry


class Case(msgspec.Struct, frozen=True):
    """A direct or a transposed convolution with the same numbers along both axes, in pixels.

    Attributes
    ----------
    name : str
        As in the paper.
    figure : str
        Its figure there.
    input, kernel, stride, padding, output_padding, dilation : int
        As `kernels.correlate` or, for a transposed case, `kernels.transposed` takes them.
    is_transposed : bool
        Whether `kernels.transposed` computes it, rather than `kernels.correlate`.
    """

    name: str
    figure: str
    input: int
    kernel: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    dilation: int = 1
    is_transposed: bool = False

    @property
    def output(self) -> int:
        """Side of the output.

        Raises
        ------
        ValueError
            If the numbers do not go together; the same for `direct`, `transposed` and `turned`.
        """
        found = self.transposed() if self.is_transposed else self.direct()
        return found.output_shape[0]

    def direct(self) -> Geometry:
        """Return the windows of a direct case; of a transposed one those of the case that it transposes."""
        if self.is_transposed:
            return self.turned().direct()
        options = SlidingOptions(padding=self.padding, stride=self.stride, dilation=self.dilation)
        return geometry((self.input,) * 2, (self.kernel,) * 2, options)

    def transposed(self) -> TransposedGeometry:
        """Return the sizes of a transposed case, with the parameters of the direct convolution that computes the same.

        Raises
        ------
        ValueError
            Also if the case is a direct one.
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

    def turned(self) -> Case:
        """Return the case that goes back from the output to the input: of a direct one its transposed form, and back.

        What the floor of the stride leaves over at the end becomes the transposed case's `output_padding`.
        """
        over = 0
        if not self.is_transposed:
            reach = self.dilation * (self.kernel - 1) + 1
            over = (self.input + 2 * self.padding - reach) % self.stride
        return Case(
            self.name, "", self.output, self.kernel, self.stride, self.padding, over, self.dilation,
            not self.is_transposed,
        )  # fmt: skip


_DIRECT = {
    "no-padding-no-strides": Case("No padding, no strides", "2.1", 4, 3),
    "arbitrary-padding": Case("Arbitrary padding, no strides", "2.2", 5, 4, padding=2),
    "half-padding": Case("Half (same) padding, no strides", "2.3", 5, 3, padding=1),
    "full-padding": Case("Full padding, no strides", "2.4", 5, 3, padding=2),
    "no-padding-strides": Case("No padding, strides", "2.5", 5, 3, stride=2),
    "padding-strides": Case("Padding, strides", "2.6", 5, 3, stride=2, padding=1),
    "padding-strides-odd": Case("Padding, strides (odd)", "2.7", 6, 3, stride=2, padding=1),
}
CASES: dict[str, Case] = {
    **_DIRECT,
    **{
        f"{key}-transposed": replace(case.turned(), figure=f"4.{number}")
        for number, (key, case) in enumerate(_DIRECT.items(), 1)
    },
    "dilation": Case("Dilation, no padding, no strides", "5.1", 7, 3, dilation=2),
}
"""The fifteen cases, in the paper's order: seven direct ones, their transposed forms, and the dilated one."""
