"""Activations: a function of each value on its own."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta

from kernels.cnn.layers.base import Array, Cancel, Layer, Node


class Activation(Layer, frozen=True):
    """Keeps the result of `_apply`, from which `_slope` tells the derivative."""

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        if not training:
            return self._apply(maps, np.empty_like(maps))
        node.seen = result = self._apply(maps, node.buffer_like("result", maps))
        return result

    def backward(self, node: Node, gradient: Array) -> Array:
        slope = self._slope(node, node.seen)
        return np.multiply(gradient, slope, out=node.buffer_like("by_input", node.seen))

    def _apply(self, maps: Array, out: Array) -> Array:
        raise NotImplementedError

    def _slope(self, node: Node, result: Array) -> Array:
        raise NotImplementedError


class ReLU(Activation, frozen=True, tag="relu"):
    """max(x, 0); its derivative at 0 counts as 0."""

    @property
    def title(self) -> str:
        return "ReLU"

    def _apply(self, maps: Array, out: Array) -> Array:
        return np.maximum(maps, 0, out=out)

    def backward(self, node: Node, gradient: Array) -> Array:
        by_input = super().backward(node, gradient)
        return np.maximum(by_input, 0, out=by_input) if node.is_guided else by_input

    def _slope(self, node: Node, result: Array) -> Array:
        return np.greater(result, 0, out=node.buffer_like("slope", result, np.bool_))


class LeakyReLU(Activation, frozen=True, tag="leaky-relu"):
    """x where positive, slope · x elsewhere."""

    slope: Annotated[float, Meta(ge=0.0)] = 0.01

    @property
    def title(self) -> str:
        return "leaky ReLU"

    def _apply(self, maps: Array, out: Array) -> Array:
        np.multiply(maps, maps.dtype.type(self.slope), out=out)
        np.copyto(out, maps, where=maps > 0)
        return out

    def _slope(self, node: Node, result: Array) -> Array:
        slope = node.buffer_like("slope", result)
        slope.fill(self.slope)
        np.copyto(slope, 1, where=result > 0)
        return slope


class Tanh(Activation, frozen=True, tag="tanh"):
    """Hyperbolic tangent."""

    def _apply(self, maps: Array, out: Array) -> Array:
        return np.tanh(maps, out=out)

    def _slope(self, node: Node, result: Array) -> Array:
        slope = node.buffer_like("slope", result)
        np.multiply(result, result, out=slope)
        np.subtract(1, slope, out=slope)
        return slope


class Sigmoid(Activation, frozen=True, tag="sigmoid"):
    """1 / (1 + exp(−x)), by way of tanh, which cannot overflow."""

    def _apply(self, maps: Array, out: Array) -> Array:
        half = maps.dtype.type(0.5)
        np.multiply(maps, half, out=out)
        np.tanh(out, out=out)
        np.multiply(out, half, out=out)
        np.add(out, half, out=out)
        return out

    def _slope(self, node: Node, result: Array) -> Array:
        slope = node.buffer_like("slope", result)
        np.subtract(1, result, out=slope)
        return np.multiply(slope, result, out=slope)
