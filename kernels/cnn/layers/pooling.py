"""Pooling: the maximum or mean under a window, map by map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kernels.cnn.layers.base import (
    Array,
    Border,
    Cancel,
    Layer,
    Node,
    Shape,
    Step,
    maps_shape,
    stand,
    to_inner,
    to_outer,
    without_border,
)  # fmt: skip
from kernels.filtering.geometry import Geometry


class Pool(Layer, frozen=True):
    """Walks over the few taps of the window; under each, every window of the batch is one strided view."""

    size: tuple[Step, Step] = (2, 2)
    stride: tuple[Step, Step] | None = None
    padding: tuple[Border, Border] = (0, 0)

    @property
    def step(self) -> tuple[int, int]:
        """Stride; the window's own size unless given."""
        return self.size if self.stride is None else self.stride

    def windows(self, shape: Shape) -> Geometry:
        # A window that lies in the padding alone has no maximum.
        if any(2 * border > taps for border, taps in zip(self.padding, self.size, strict=True)):
            raise ValueError(f"padding {self.padding} of a pooling layer is more than half its window {self.size}")
        return stand(self.title, maps_shape(self, shape)[1:], self.size, self.step, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *self.windows(shape).output_shape)

    def _pooled(
        self, node: Node, maps: Array, training: bool, outside: float, combine: np.ufunc
    ) -> tuple[Array, Array]:
        """Return the taps of each window combined, and the padded maps, both in memory order."""
        shape = (*self.output_shape(maps.shape[1:]), maps.shape[0])
        result = node.buffer("result", shape, maps.dtype) if training else np.empty(shape, maps.dtype)
        padded = node.padded(to_inner(maps), self.padding, outside, training)
        first, *rest = self._taps(padded, shape)
        np.copyto(result, first)
        for tap in rest:
            combine(result, tap, out=result)
        return result, padded

    def _taps(self, padded: Array, result_shape: tuple[int, ...]) -> Iterator[Array]:
        """Views of the pixels under each tap, for all windows."""
        _, rows, columns, _ = result_shape
        (size_y, size_x), (step_y, step_x) = self.size, self.step
        for a in range(size_y):
            for b in range(size_x):
                yield padded[:, a : a + step_y * (rows - 1) + 1 : step_y, b : b + step_x * (columns - 1) + 1 : step_x]

    def _by_input(self, node: Node, padded_shape: tuple[int, ...], kind: Any) -> tuple[Array, bool]:
        """Return memory for the gradient by the padded input, and whether taps of different windows may meet in it.

        Where they cannot meet, every tap is written once and the pixels that no window reaches keep their first zero.
        """
        buffer = node.buffer("by_input", padded_shape, kind, 0.0)
        meet = any(step < taps for taps, step in zip(self.size, self.step, strict=True))
        if meet:
            buffer.fill(0.0)
        return buffer, meet


class AveragePool(Pool, frozen=True, tag="average-pool"):
    """The mean under the window, map by map; padding counts as zeros."""

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        result, padded = self._pooled(node, maps, training, 0.0, np.add)
        np.divide(result, self.size[0] * self.size[1], out=result)
        if training:
            node.seen = padded.shape, result.shape
        return to_outer(result)

    def backward(self, node: Node, gradient: Array) -> Array:
        padded_shape, result_shape = node.seen
        share = node.buffer("share", result_shape, gradient.dtype)
        np.divide(to_inner(gradient), self.size[0] * self.size[1], out=share)
        by_input, meet = self._by_input(node, padded_shape, gradient.dtype)
        for tap in self._taps(by_input, result_shape):
            _give(share, tap, meet)
        return to_outer(without_border(by_input, self.padding))


class MaxPool(Pool, frozen=True, tag="max-pool"):
    """The largest value under the window, map by map; of equal ones the first in row order gets the gradient."""

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        result, padded = self._pooled(node, maps, training, -np.inf, np.maximum)
        if training:
            node.seen = padded, result
        return to_outer(result)

    def backward(self, node: Node, gradient: Array) -> Array:
        padded, result = node.seen
        left = node.buffer("left", result.shape, gradient.dtype)
        np.copyto(left, to_inner(gradient))
        largest = node.buffer("largest", result.shape, np.bool_)
        by_input, meet = self._by_input(node, padded.shape, gradient.dtype)
        share = node.buffer("share", result.shape, gradient.dtype)
        for source, target in zip(self._taps(padded, result.shape), self._taps(by_input, result.shape), strict=True):
            np.equal(source, result, out=largest)
            np.multiply(left, largest, out=share)
            # What one tap took is gone for the later ones.
            np.subtract(left, share, out=left)
            _give(share, target, meet)
        return to_outer(without_border(by_input, self.padding))


class GlobalAveragePool(Layer, frozen=True, tag="global-average-pool"):
    """The mean of each whole map."""

    def output_shape(self, shape: Shape) -> Shape:
        return (maps_shape(self, shape)[0], 1, 1)

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        inner = to_inner(maps)
        channels, height, width, count = inner.shape
        if training:
            node.seen = inner.shape
        mean = inner.reshape(channels, height * width, count).mean(axis=1, dtype=maps.dtype)
        return to_outer(mean.reshape(channels, 1, 1, count))

    def backward(self, node: Node, gradient: Array) -> Array:
        by_input = node.buffer("by_input", node.seen, gradient.dtype)
        np.divide(to_inner(gradient), node.seen[1] * node.seen[2], out=by_input)
        return to_outer(by_input)


def _give(share: Array, tap: Array, meet: bool) -> None:
    if meet:
        np.add(tap, share, out=tap)
    else:
        np.copyto(tap, share)
