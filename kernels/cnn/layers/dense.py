"""Flatten and dense layers: from maps to a row of numbers, and from that to another."""

from __future__ import annotations

from math import prod

import numpy as np

from kernels import compiled
from kernels.cnn.layers.base import Array, Cancel, Count, Layer, Node, Shape, to_inner, to_outer
from kernels.filtering.backends.workers import Scratch
from kernels.filtering.window_sums import WindowSums


class Flatten(Layer, frozen=True, tag="flatten"):
    """All maps as one row of numbers, map by map and row by row; no copy, unless they are cut out of larger ones."""

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        inner = maps if maps.ndim == 2 else to_inner(maps)
        if training:
            node.seen = inner.shape
        return maps if maps.ndim == 2 else inner.reshape(-1, inner.shape[-1]).T

    def backward(self, node: Node, gradient: Array) -> Array:
        return gradient if len(node.seen) == 2 else to_outer(gradient.T.reshape(node.seen))


class Dense(Layer, frozen=True, tag="dense"):
    """Every output is a weighted sum of every input, plus a bias; weights (outputs, inputs), bias (outputs,)."""

    outputs: Count

    @property
    def trained(self) -> tuple[str, ...]:
        return ("weights", "bias")

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(f"the dense layer needs a flat row of numbers, but gets shape {shape}: flatten it first")
        return (self.outputs,)

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"weights": (self.outputs, shape[0]), "bias": (self.outputs,)}

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        weights, bias = node.arrays["weights"], node.arrays["bias"]
        if not training and compiled.core is not None:
            return self._sums(weights, bias, maps)
        if not training:
            return np.add(np.matmul(weights, maps.T), bias[:, np.newaxis]).T
        result = node.buffer("result", (weights.shape[0], maps.shape[0]), maps.dtype)
        np.matmul(weights, maps.T, out=result)
        np.add(result, bias[:, np.newaxis], out=result)
        node.seen = maps
        return result.T

    def _sums(self, weights: Array, bias: Array, maps: Array) -> Array:
        """Sum as a convolution of maps of one pixel: the threads of a large product would stay in the way of others."""
        outputs = np.empty((len(weights), 1, 1, len(maps)), maps.dtype)
        sums = WindowSums(weights[:, :, np.newaxis, np.newaxis], bias)
        sums.fill(maps.T[:, np.newaxis, np.newaxis], outputs, Scratch())
        return outputs[:, 0, 0].T

    def backward_to_weights(self, node: Node, gradient: Array) -> None:
        np.matmul(gradient.T, node.seen, out=node.gradients["weights"])
        np.sum(gradient.T, axis=1, out=node.gradients["bias"])

    def backward(self, node: Node, gradient: Array) -> Array:
        self.backward_to_weights(node, gradient)
        weights = node.arrays["weights"]
        by_input = node.buffer("by_input", (weights.shape[1], len(gradient)), gradient.dtype)
        return np.matmul(weights.T, gradient.T, out=by_input).T
