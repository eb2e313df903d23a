"""Flatten and dense layers: from maps to a row of numbers, and from that to another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kernels.cnn.layers.base import NOTHING, Array, Layer, to_inner, to_outer


class FlattenLayer(Layer):
    """`Flatten`; no copy, unless the maps are a cut-out of larger ones."""

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        inner = maps if maps.ndim == 2 else to_inner(maps)
        if training:
            self._shape = inner.shape
        if maps.ndim == 2:
            return maps
        return inner.reshape(-1, inner.shape[-1]).T

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        if not inputs or len(self._shape) == 2:
            return gradient
        return to_outer(gradient.T.reshape(self._shape))


class DenseLayer(Layer):
    """`Dense`, with weights (outputs, inputs) and bias (outputs,)."""

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        weights, bias = self.arrays["weights"], self.arrays["bias"]
        if not training:
            return np.add(np.matmul(weights, maps.T), bias[:, np.newaxis]).T
        result = self._buffer("result", (weights.shape[0], maps.shape[0]), maps.dtype)
        np.matmul(weights, maps.T, out=result)
        np.add(result, bias[:, np.newaxis], out=result)
        self._seen = maps
        return result.T

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        change = gradient.T
        np.matmul(change, self._seen, out=self.gradients["weights"])
        np.sum(change, axis=1, out=self.gradients["bias"])
        if not inputs:
            return NOTHING
        weights = self.arrays["weights"]
        by_input = self._buffer("by_input", (weights.shape[1], change.shape[1]), gradient.dtype)
        return np.matmul(weights.T, change, out=by_input).T
