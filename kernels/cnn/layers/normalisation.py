"""Layers that behave differently while training: batch normalisation and dropout."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kernels.cnn.architecture import BatchNormalisation, Dropout
from kernels.cnn.layers.base import NOTHING, Array, Layer


class BatchNormalisationLayer(Layer):
    """`BatchNormalisation`, with gamma, beta and the running mean and variance, (C,) each."""

    description: BatchNormalisation

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        if training:
            return self._forward_training(maps)
        scale = self.arrays["gamma"] / np.sqrt(self.arrays["variance"] + self.description.epsilon)
        shift = self.arrays["beta"] - self.arrays["mean"] * scale
        return maps * _per_map(scale, maps) + _per_map(shift, maps)

    def _forward_training(self, maps: Array) -> Array:
        axes = (0, *range(2, maps.ndim))
        count = maps.size // maps.shape[1]
        mean = maps.mean(axis=axes)
        normal = self._buffer_like("normal", maps)
        np.subtract(maps, _per_map(mean, maps), out=normal)
        result = self._buffer_like("result", maps)
        np.multiply(normal, normal, out=result)
        variance = result.mean(axis=axes)
        self._scale = 1.0 / np.sqrt(variance + maps.dtype.type(self.description.epsilon))
        np.multiply(normal, _per_map(self._scale, maps), out=normal)
        np.multiply(normal, _per_map(self.arrays["gamma"], maps), out=result)
        np.add(result, _per_map(self.arrays["beta"], maps), out=result)
        # The running variance is the unbiased estimate, as one picture more or less in a batch must not shift it.
        self._remember("mean", mean)
        self._remember("variance", variance * (count / max(count - 1, 1)))
        self._normal = normal
        return result

    def _remember(self, name: str, value: Array) -> None:
        self.arrays[name] += self.description.momentum * (value - self.arrays[name])

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        axes = (0, *range(2, gradient.ndim))
        normal = self._normal
        product = self._buffer_like("product", normal)
        np.multiply(gradient, normal, out=product)
        by_gamma, by_beta = product.sum(axis=axes), gradient.sum(axis=axes)
        self.gradients["gamma"], self.gradients["beta"] = by_gamma, by_beta
        if not inputs:
            return NOTHING
        count = gradient.size // gradient.shape[1]
        np.multiply(normal, _per_map(by_gamma / count, normal), out=product)
        np.subtract(gradient, product, out=product)
        np.subtract(product, _per_map(by_beta / count, normal), out=product)
        return np.multiply(product, _per_map(self.arrays["gamma"] * self._scale, normal), out=product)


class DropoutLayer(Layer):
    """`Dropout`; outside training it changes nothing."""

    description: Dropout

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        if not training:
            return maps
        mask = self._buffer_like("mask", maps)
        mask[...] = self.random.random(maps.shape, np.float32) >= self.description.share
        np.divide(mask, maps.dtype.type(1.0 - self.description.share), out=mask)
        self._mask = mask
        return np.multiply(maps, mask, out=self._buffer_like("result", maps))

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        if not inputs:
            return NOTHING
        return np.multiply(gradient, self._mask, out=self._buffer_like("by_input", self._mask))


def _per_map(values: Array, maps: Array) -> Array:
    """One value per map, shaped to meet (N, C, H, W) or (N, C)."""
    return values.reshape(-1, *(1,) * (maps.ndim - 2))
