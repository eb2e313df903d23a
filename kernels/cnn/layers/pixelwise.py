"""Layers that compute every pixel from the maps' pixels at its place: a bias, the length of the maps as a vector."""

from __future__ import annotations

import numpy as np

from kernels.cnn.layers.base import Array, Cancel, Layer, Node, Shape, maps_shape
from kernels.cnn.layers.normalisation import per_map


class Bias(Layer, frozen=True, tag="bias"):
    """A number added to each map; the bias is (C,)."""

    @property
    def trained(self) -> tuple[str, ...]:
        return ("bias",)

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"bias": (shape[0],)}

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        bias = per_map(node.arrays["bias"], maps)
        return np.add(maps, bias, out=node.buffer_like("result", maps) if training else None)

    def backward(self, node: Node, gradient: Array) -> Array:
        node.gradients["bias"] = gradient.sum(axis=(0, *range(2, gradient.ndim)))
        return gradient


class Magnitude(Layer, frozen=True, tag="magnitude"):
    """The length of the vector that the maps are at every pixel, one map; where it is 0 its derivative counts as 0."""

    def output_shape(self, shape: Shape) -> Shape:
        return (1, *maps_shape(self, shape)[1:])

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        result: Array = np.sqrt(np.square(maps).sum(axis=1, keepdims=True))
        if training:
            node.seen = maps, result
        return result

    def backward(self, node: Node, gradient: Array) -> Array:
        maps: Array = node.seen[0]
        lengths: Array = node.seen[1]
        share = np.divide(gradient, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        by_input = node.buffer_like("by_input", maps)
        return np.multiply(maps, share, out=by_input)
