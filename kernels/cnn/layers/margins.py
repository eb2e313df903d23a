"""What surrounds maps while windows slide over them: how it is put there, and how its gradient goes back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from kernels.cnn.layers.base import Array, Border, Node
from kernels.filtering.border import Border as Beyond
from kernels.filtering.border import source_index
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry


class Margins(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows and columns before and after the maps, and where their numbers come from; see `kernels.filtering.border`.

    Attributes
    ----------
    before, after : (y, x)
    border : str
    value : float
        What a constant border holds.
    """

    before: tuple[Border, Border]
    after: tuple[Border, Border]
    border: Beyond = Beyond.CONSTANT
    value: float = 0.0

    def pad(self, node: Node, inner: Array, training: bool) -> Array:
        """Return (C, H, W, N) maps with their margins, uncopied where there are none."""
        if not any((*self.before, *self.after)):
            return inner
        channels, height, width, count = inner.shape
        (top, left), (bottom, right) = self.before, self.after
        shape = (channels, top + height + bottom, left + width + right, count)
        # A kept buffer's constant border stays as it is: only its inside is ever written.
        whole = (
            node.buffer("padded", shape, inner.dtype, self.value)
            if training
            else np.full(shape, self.value, inner.dtype)
        )
        inside = self._inside(whole)
        inside[...] = inner
        if self.border != Beyond.CONSTANT:
            for at, source in self._copies(0, height):
                whole[:, at, left : left + width] = inside[:, source]
            for at, source in self._copies(1, width):
                whole[:, :, at] = whole[:, :, left + source]
        return whole

    def fold(self, by_whole: Array) -> Array:
        """Turn the gradient by padded maps into the one by the maps, a view: the adjoint of `pad`.

        The argument is written over: what a copied pixel gets goes to the one that it was copied from.
        """
        inside = self._inside(by_whole)
        if self.border != Beyond.CONSTANT:
            for at, source in self._copies(1, inside.shape[2]):
                by_whole[:, :, self.before[1] + source] += by_whole[:, :, at]
            for at, source in self._copies(0, inside.shape[1]):
                inside[:, source] += by_whole[:, at, self.before[1] : self.before[1] + inside.shape[2]]
        return inside

    def _inside(self, whole: Array) -> Array:
        (top, left), (bottom, right) = self.before, self.after
        _, height, width, _ = whole.shape
        return whole[:, top : height - bottom, left : width - right]

    def _copies(self, axis: int, length: int) -> list[tuple[int, int]]:
        """Return the lines of the margins along an axis, counted with them, each with the line that it repeats."""
        before, after = self.before[axis], self.after[axis]
        beyond = [*range(-before, 0), *range(length, length + after)]
        sources = source_index(beyond, length, self.border).tolist()
        return [(at + before, source) for at, source in zip(beyond, sources, strict=True)]


Padding = tuple[Border, Border] | Margins
"""Zeros on both sides of each axis (y, x), or margins of another kind."""


def margins_of(padding: Padding) -> Margins:
    """Return padding as margins."""
    return padding if isinstance(padding, Margins) else Margins(padding, padding)


def repeats_pixels(padding: Padding) -> bool:
    """Whether pixels of the maps stand in their margins again, so that a part of the maps has other margins."""
    return isinstance(padding, Margins) and padding.border != Beyond.CONSTANT


@lru_cache(maxsize=1024)
def stand(title: str, size: Pair, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair = (1, 1)) -> Geometry:
    """Return where the windows of a layer stand on maps of `size`; ValueError where not one fits."""
    margins = margins_of(padding)
    height, width = (sum(each) for each in zip(size, margins.before, margins.after, strict=True))
    options = SlidingOptions(padding=0, stride=stride, dilation=dilation)
    try:
        inside = geometry((height, width), kernel, options)
    except ValueError:
        gaps = "" if dilation == (1, 1) else f" with dilation {dilation}"
        around = f"{margins.before}" if margins.before == margins.after else f"{margins.before} and {margins.after}"
        raise ValueError(
            f"a {title} window of {kernel[0]} x {kernel[1]}{gaps} does not fit into {size[0]} x {size[1]} maps"
            f" padded by {around}"
        ) from None
    return replace(inside, image_shape=size, before=margins.before, after=margins.after)


def taps_of(padded: Array, windows: Geometry) -> Iterator[Array]:
    """Yield, tap by tap in row order, the pixels of padded maps (C, H, W, N) under it for all windows, views."""
    (step_y, step_x), (rows, columns) = windows.stride, windows.output_shape
    for a in range(0, windows.effective_shape[0], windows.dilation[0]):
        for b in range(0, windows.effective_shape[1], windows.dilation[1]):
            yield padded[:, a : a + step_y * (rows - 1) + 1 : step_y, b : b + step_x * (columns - 1) + 1 : step_x]
