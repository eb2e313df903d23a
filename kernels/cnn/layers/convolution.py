"""Convolution layer: while training every window a column, all filters in one matrix product."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from msgspec.structs import replace

from kernels.cnn.layers.base import (
    Array,
    Cancel,
    Count,
    Layer,
    Node,
    Shape,
    Step,
    maps_shape,
    to_inner,
    to_outer,
)  # fmt: skip
from kernels.cnn.layers.margins import Padding, margins_of, repeats_pixels, stand
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.geometry import Geometry, SlidingOptions, effective_shape_of, geometry
from kernels.filtering.lowering import col2im, windows
from kernels.filtering.window_sums import WindowSums

STRIP_PRODUCTS = 1 << 24
"""Products of two numbers that a thread computes at once outside training."""


class Convolution(Layer, frozen=True, tag="convolution"):
    """Correlation of all input maps with a bank of filters, plus a bias per filter.

    Groups split the input maps and the filters into sets that do not see each other; as many groups as input maps
    is a depthwise convolution. Weights are (F, C / groups, kh, kw), the bias (F,): while training it is the weight of
    one more input that is always 1, so that it costs no pass of its own.
    """

    filters: Count
    kernel: tuple[Step, Step]
    stride: tuple[Step, Step] = (1, 1)
    padding: Padding = (0, 0)
    dilation: tuple[Step, Step] = (1, 1)
    groups: Count = 1

    @property
    def trained(self) -> tuple[str, ...]:
        return ("weights", "bias")

    @property
    def needs_whole(self) -> bool:
        return repeats_pixels(self.padding)

    @property
    def title(self) -> str:
        return f"convolution {self.kernel[0]} x {self.kernel[1]}"

    def windows(self, shape: Shape) -> Geometry:
        size = maps_shape(self, shape)[1:]
        return stand("convolution", size, self.kernel, self.stride, self.padding, self.dilation)

    def sliding(self) -> SlidingOptions:
        """Return how the filters slide, as `kernels.correlate` takes it; ValueError if it has no word for the margins.

        Margins of unequal width are those of "same" for an even window.
        """
        around = margins_of(self.padding)
        same = SlidingOptions("correlation", "same", self.stride, self.dilation, around.border, around.value)
        if around.before == around.after:
            return replace(same, padding=around.before)
        found = geometry(effective_shape_of(self.kernel, self.dilation), self.kernel, same)
        if (found.before, found.after) != (around.before, around.after):
            raise ValueError(f"margins of {around.before} and {around.after} cannot be asked for in a row")
        return same

    def output_shape(self, shape: Shape) -> Shape:
        return (self.filters, *self.windows(shape).output_shape)

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        channels, _, _ = maps_shape(self, shape)
        if channels % self.groups or self.filters % self.groups:
            raise ValueError(f"{channels} maps and {self.filters} filters cannot be split into {self.groups} groups")
        return {"weights": (self.filters, channels // self.groups, *self.kernel), "bias": (self.filters,)}

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        if not training:
            return to_outer(self._respond(node, maps, range(self.filters), cancelled))
        padded: Array = margins_of(self.padding).pad(node, to_inner(maps), training)
        view = windows(padded, self.kernel, self.stride, self.dilation)
        taps, count = view[..., 0, 0, 0].size // self.groups, view[0, 0, 0].size
        columns = node.buffer("columns", (self.groups, taps + 1, count), view.dtype, 1.0)
        by_group = (self.groups, -1, *view.shape[1:])
        np.copyto(columns[:, :-1].reshape(by_group), view.reshape(by_group))
        result = node.buffer("result", (self.groups, self.filters // self.groups, count), view.dtype)
        np.matmul(self._matrix(node), columns, out=result)
        node.seen = padded.shape, view.shape, columns
        return to_outer(result.reshape(self.filters, *view.shape[3:]))

    def respond(
        self, node: Node, maps: Array, filters: Sequence[int] | None = None, cancelled: Cancel | None = None
    ) -> Array:
        """Responses of some filters to the maps of one picture.

        Parameters
        ----------
        node : Node
        maps : (1, C, H, W) array
        filters : sequence of int, optional
            All by default.

        Returns
        -------
        (F, H', W') array
        """
        wanted = range(self.filters) if filters is None else filters
        if outside := [index for index in wanted if not 0 <= index < self.filters]:
            raise IndexError(f"filters must be 0 to {self.filters - 1}, but {outside[0]} was asked for")
        return self._respond(node, maps, wanted, cancelled)[..., 0]

    def _respond(self, node: Node, maps: Array, filters: Sequence[int], cancelled: Cancel | None) -> Array:
        """Return the responses (F, H', W', N) of some filters, computed in strips of rows."""
        height, width = self.windows(maps.shape[1:]).output_shape
        padded: Array = margins_of(self.padding).pad(node, to_inner(maps), training=False)
        channels, size = len(padded) // self.groups, self.filters // self.groups
        ordered = sorted(filters, key=lambda index: index // size)
        result = np.empty((len(ordered), height, width, len(maps)), padded.dtype)
        parts, first = [], 0
        for group, members in groupby(ordered, key=lambda index: index // size):
            chosen = list(members)
            weights, bias = node.arrays["weights"][chosen], node.arrays["bias"][chosen]
            sums = WindowSums(weights, bias, self.stride, self.dilation)
            seen = padded[group * channels : (group + 1) * channels]
            parts.append((sums, seen, result[first : first + len(chosen)]))
            first += len(chosen)

        def strip(top: int, bottom: int, scratch: Scratch) -> None:
            reach = effective_shape_of(self.kernel, self.dilation)[0]
            lines = slice(top * self.stride[0], (bottom - 1) * self.stride[0] + reach)
            # Of a picture that is not finite everywhere neither are the windows that hold such a pixel.
            with np.errstate(invalid="ignore", over="ignore"):
                for sums, planes, into in parts:
                    sums.fill(planes[:, lines], into[:, top:bottom], scratch)

        taps = channels * self.kernel[0] * self.kernel[1]
        rows = max(1, STRIP_PRODUCTS // max(1, len(filters) * taps * width * len(maps)))
        compute_strips([(top, min(top + rows, height)) for top in range(0, height, rows)], strip, cancelled=cancelled)
        if ordered == list(filters):
            return result
        places = sorted(range(len(filters)), key=lambda at: filters[at] // size)
        return result[np.argsort(places)]

    def backward_to_weights(self, node: Node, gradient: Array) -> None:
        _, _, columns = node.seen
        combined = np.matmul(self._change(gradient, columns), columns.transpose(0, 2, 1))
        node.gradients["weights"] = combined[:, :, :-1].reshape(node.arrays["weights"].shape)
        node.gradients["bias"] = combined[:, :, -1].reshape(-1)

    def backward(self, node: Node, gradient: Array) -> Array:
        self.backward_to_weights(node, gradient)
        padded_shape, view_shape, columns = node.seen
        change = self._change(gradient, columns)
        # The windows have served: their memory takes the gradient by them.
        for group, rows in enumerate(self._rows(node)):
            np.matmul(rows.T, change[group], out=columns[group, :-1])
        by_input = node.buffer("by_input", padded_shape, gradient.dtype)
        by_input.fill(0.0)
        channels = view_shape[0] // self.groups
        for group in range(self.groups):
            own = columns[group, :-1].reshape(channels, *view_shape[1:])
            col2im(own, by_input[group * channels : (group + 1) * channels], self.stride, self.dilation)
        return to_outer(margins_of(self.padding).fold(by_input))

    def _change(self, gradient: Array, columns: Array) -> Array:
        return to_inner(gradient).reshape(self.groups, -1, columns.shape[2])

    def _rows(self, node: Node) -> Array:
        """Filters as (groups, F / groups, taps)."""
        return node.arrays["weights"].reshape(self.groups, self.filters // self.groups, -1)

    def _matrix(self, node: Node) -> Array:
        """Filters and biases as (groups, F / groups, taps + 1)."""
        return np.concatenate((self._rows(node), node.arrays["bias"].reshape(self.groups, -1, 1)), axis=2)
