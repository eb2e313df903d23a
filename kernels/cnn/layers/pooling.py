"""Pooling: the maximum or mean under a window, map by map."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from msgspec import UNSET, Meta, UnsetType

from kernels.cnn.layers.base import (
    Array,
    Border,
    Cancel,
    Layer,
    Node,
    Shape,
    Step,
    maps_shape,
    to_inner,
    to_outer,
)  # fmt: skip
from kernels.cnn.layers.margins import Margins, stand, taps_of
from kernels.filtering.geometry import Geometry, SlidingOptions, geometry, pooling_geometry
from kernels.recipe.pooling import bell

Spread = Annotated[float, Meta(gt=0.0)]


class Pool(Layer, frozen=True):
    """Walks over the few taps of the window; under each, every window of the batch is one strided view.

    With `ceil` the last window may reach past the padding, as PyTorch's ``ceil_mode``; what lies past it does not
    count. Without, it is left out of a file, as it was before there was such an option.
    """

    size: tuple[Step, Step] = (2, 2)
    stride: tuple[Step, Step] | None = None
    padding: tuple[Border, Border] = (0, 0)
    ceil: Literal[True] | UnsetType = UNSET

    @property
    def step(self) -> tuple[int, int]:
        """Stride; the window's own size unless given."""
        return self.size if self.stride is None else self.stride

    def windows(self, shape: Shape) -> Geometry:
        # A window that lies in the padding alone has no maximum.
        if any(2 * border > taps for border, taps in zip(self.padding, self.size, strict=True)):
            raise ValueError(f"padding {self.padding} of a pooling layer is more than half its window {self.size}")
        size = maps_shape(self, shape)[1:]
        found = stand(self.title, size, self.size, self.step, self.padding)
        if self.ceil is UNSET:
            return found
        return pooling_geometry(size, self.size, stride=self.step, padding=self.padding, ceil=True)

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *self.windows(shape).output_shape)

    def _pooled(
        self, node: Node, maps: Array, training: bool, outside: float, combine: np.ufunc
    ) -> tuple[Array, Array]:
        """Return the taps of each window combined, and the padded maps, both in memory order."""
        result, padded = self._ready(node, maps, training, outside)
        first, *rest = taps_of(padded, self.windows(maps.shape[1:]))
        np.copyto(result, first)
        for tap in rest:
            combine(result, tap, out=result)
        return result, padded

    def _ready(self, node: Node, maps: Array, training: bool, outside: float) -> tuple[Array, Array]:
        """Return memory for the result, and the padded maps, both in memory order."""
        windows = self.windows(maps.shape[1:])
        shape = (maps.shape[1], *windows.output_shape, maps.shape[0])
        result = node.buffer("result", shape, maps.dtype) if training else np.empty(shape, maps.dtype)
        return result, _margins(windows, outside).pad(node, to_inner(maps), training)

    def _by_input(self, node: Node, padded_shape: tuple[int, ...], kind: Any) -> tuple[Array, bool]:
        """Return memory for the gradient by the padded input, and whether taps of different windows may meet in it.

        Where they cannot meet, every tap is written once and the pixels that no window reaches keep their first zero.
        """
        buffer = node.buffer("by_input", padded_shape, kind, 0.0)
        meet = any(step < taps for taps, step in zip(self.size, self.step, strict=True))
        if meet:
            buffer.fill(0.0)
        return buffer, meet


class WeightedPool(Pool, frozen=True):
    """A mean with fixed weights; padding counts as zeros, what lies past it does not count."""

    def weights(self) -> tuple[Array, Array]:
        """Return the weights down and across."""
        raise NotImplementedError

    def shares(self, windows: Geometry) -> Array:
        """Return the sum of the weights under each window, (H', W'), by which the weighted sum is divided."""
        sums = []
        for axis, weights in enumerate(self.weights()):
            at = np.arange(windows.output_shape[axis])[:, np.newaxis] * self.step[axis] + np.arange(self.size[axis])
            sums.append((at < windows.image_shape[axis] + 2 * self.padding[axis]) @ weights)
        found: Array = np.multiply.outer(*sums)
        return found

    def _divisor(self, windows: Geometry, kind: Any) -> Array | float:
        """The same to divide maps (C, H', W', N) by, one number where the windows are alike."""
        down, across = self.weights()
        if self.ceil is UNSET:
            return float(down.sum() * across.sum())
        return self.shares(windows)[:, :, np.newaxis].astype(kind)


class AveragePool(WeightedPool, frozen=True, tag="average-pool"):
    """The mean under the window, map by map; padding counts as zeros."""

    def weights(self) -> tuple[Array, Array]:
        return np.ones(self.size[0]), np.ones(self.size[1])

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        result, padded = self._pooled(node, maps, training, 0.0, np.add)
        windows = self.windows(maps.shape[1:])
        np.divide(result, self._divisor(windows, maps.dtype), out=result)
        if training:
            node.seen = padded.shape, result.shape, windows
        return to_outer(result)

    def backward(self, node: Node, gradient: Array) -> Array:
        padded_shape, result_shape, windows = node.seen
        share = node.buffer("share", result_shape, gradient.dtype)
        np.divide(to_inner(gradient), self._divisor(windows, gradient.dtype), out=share)
        by_input, meet = self._by_input(node, padded_shape, gradient.dtype)
        for tap in taps_of(by_input, windows):
            _give(share, tap, meet)
        return to_outer(_margins(windows).fold(by_input))


class GaussianPool(WeightedPool, frozen=True, tag="gaussian-pool"):
    """The mean under the window, weighted by a Gaussian about its centre; map by map, padding counts as zeros."""

    sigma: tuple[Spread, Spread] = (0.5, 0.5)

    def weights(self) -> tuple[Array, Array]:
        down, across = (bell(size, sigma) for size, sigma in zip(self.size, self.sigma, strict=True))
        return down, across

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        result, padded = self._ready(node, maps, training, 0.0)
        windows = self.windows(maps.shape[1:])
        result.fill(0.0)
        for weight, tap in zip(self._products(result.dtype), taps_of(padded, windows), strict=True):
            result += tap * weight
        np.divide(result, self._divisor(windows, maps.dtype), out=result)
        if training:
            node.seen = padded.shape, windows
        return to_outer(result)

    def backward(self, node: Node, gradient: Array) -> Array:
        padded_shape, windows = node.seen
        share = to_inner(gradient) / self._divisor(windows, gradient.dtype)
        by_input, meet = self._by_input(node, padded_shape, gradient.dtype)
        for weight, tap in zip(self._products(gradient.dtype), taps_of(by_input, windows), strict=True):
            _give(share * weight, tap, meet)
        return to_outer(_margins(windows).fold(by_input))

    def _products(self, kind: Any) -> Array:
        """The weight of each tap, in row order."""
        products: Array = np.multiply.outer(*self.weights()).ravel().astype(kind)
        return products


class MaxPool(Pool, frozen=True, tag="max-pool"):
    """The largest value under the window, map by map; of equal ones the first in row order gets the gradient."""

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        result, padded = self._pooled(node, maps, training, -np.inf, np.maximum)
        if training:
            node.seen = padded, result, self.windows(maps.shape[1:])
        return to_outer(result)

    def backward(self, node: Node, gradient: Array) -> Array:
        padded, result, windows = node.seen
        left = node.buffer("left", result.shape, gradient.dtype)
        np.copyto(left, to_inner(gradient))
        largest = node.buffer("largest", result.shape, np.bool_)
        by_input, meet = self._by_input(node, padded.shape, gradient.dtype)
        share = node.buffer("share", result.shape, gradient.dtype)
        for source, target in zip(taps_of(padded, windows), taps_of(by_input, windows), strict=True):
            np.equal(source, result, out=largest)
            np.multiply(left, largest, out=share)
            # What one tap took is gone for the later ones.
            np.subtract(left, share, out=left)
            _give(share, target, meet)
        return to_outer(_margins(windows).fold(by_input))


class GlobalAveragePool(Layer, frozen=True, tag="global-average-pool"):
    """The mean of each whole map."""

    @property
    def needs_whole(self) -> bool:
        return True

    def windows(self, shape: Shape) -> Geometry:
        size = maps_shape(self, shape)[1:]
        return geometry(size, size, SlidingOptions(padding=0))

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


def _margins(windows: Geometry, outside: float = 0.0) -> Margins:
    return Margins(windows.before, windows.after, value=outside)


def _give(share: Array, tap: Array, meet: bool) -> None:
    if meet:
        np.add(tap, share, out=tap)
    else:
        np.copyto(tap, share)
