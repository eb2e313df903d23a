"""Layers that behave differently while training: batch normalisation and dropout."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta

from kernels.cnn.layers.base import Array, Cancel, Fraction, Layer, Node, Shape


class BatchNormalisation(Layer, frozen=True, tag="batch-normalisation"):
    """Each map to mean 0 and variance 1, then times γ plus β; γ, β and the running mean and variance are (C,) each.

    Training uses the batch's own mean and variance and keeps running ones, with which the trained network works.

    Reference: Ioffe, Szegedy (2015), Batch normalization: accelerating deep network training.
    """

    momentum: Fraction = 0.1
    epsilon: Annotated[float, Meta(gt=0.0, le=1.0)] = 1e-5

    @property
    def trained(self) -> tuple[str, ...]:
        return ("gamma", "beta")

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        return dict.fromkeys(("gamma", "beta", "mean", "variance"), (shape[0],))

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        arrays = node.arrays
        if node.is_trained or not training:
            scale = self._scale(node)
            shift = arrays["beta"] - arrays["mean"] * scale
            return maps * per_map(scale, maps) + per_map(shift, maps)
        axes = (0, *range(2, maps.ndim))
        count = maps.size // maps.shape[1]
        mean = maps.mean(axis=axes)
        normal = node.buffer_like("normal", maps)
        np.subtract(maps, per_map(mean, maps), out=normal)
        result = node.buffer_like("result", maps)
        np.multiply(normal, normal, out=result)
        variance = result.mean(axis=axes)
        scale = 1.0 / np.sqrt(variance + maps.dtype.type(self.epsilon))
        np.multiply(normal, per_map(scale, maps), out=normal)
        np.multiply(normal, per_map(arrays["gamma"], maps), out=result)
        np.add(result, per_map(arrays["beta"], maps), out=result)
        # The running variance is the unbiased estimate, as one picture more or less in a batch must not shift it.
        unbiased = variance * (count / max(count - 1, 1))
        for name, value in (("mean", mean), ("variance", unbiased)):
            arrays[name] += self.momentum * (value - arrays[name])
        node.seen = normal, scale
        return result

    def backward_to_weights(self, node: Node, gradient: Array) -> None:
        axes = (0, *range(2, gradient.ndim))
        normal, _ = node.seen
        product = np.multiply(gradient, normal, out=node.buffer_like("product", normal))
        node.gradients["gamma"], node.gradients["beta"] = product.sum(axis=axes), gradient.sum(axis=axes)

    def backward(self, node: Node, gradient: Array) -> Array:
        if node.is_trained:
            return gradient * per_map(self._scale(node), gradient)
        self.backward_to_weights(node, gradient)
        normal, scale = node.seen
        product = node.buffer_like("product", normal)
        count = gradient.size // gradient.shape[1]
        np.multiply(normal, per_map(node.gradients["gamma"] / count, normal), out=product)
        np.subtract(gradient, product, out=product)
        np.subtract(product, per_map(node.gradients["beta"] / count, normal), out=product)
        return np.multiply(product, per_map(node.arrays["gamma"] * scale, normal), out=product)

    def _scale(self, node: Node) -> Array:
        """What the trained layer multiplies each map by."""
        scale: Array = node.arrays["gamma"] / np.sqrt(node.arrays["variance"] + self.epsilon)
        return scale


class Dropout(Layer, frozen=True, tag="dropout"):
    """While training, a random share of the values becomes 0 and the rest grows to make up for it.

    Reference: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), Dropout.
    """

    share: Fraction = 0.5

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        if node.is_trained or not training:
            return maps
        node.seen = mask = node.buffer_like("mask", maps)
        mask[...] = node.random.random(maps.shape, np.float32) >= self.share
        np.divide(mask, maps.dtype.type(1.0 - self.share), out=mask)
        return np.multiply(maps, mask, out=node.buffer_like("result", maps))

    def backward(self, node: Node, gradient: Array) -> Array:
        if node.is_trained:
            return gradient
        mask: Array = node.seen
        return np.multiply(gradient, mask, out=node.buffer_like("by_input", mask))


def per_map(values: Array, maps: Array) -> Array:
    """One value per map, shaped to meet (N, C, H, W) or (N, C)."""
    return values.reshape(-1, *(1,) * (maps.ndim - 2))
