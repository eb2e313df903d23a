"""Activations: a function of each value on its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kernels.cnn.architecture import LeakyReLU
from kernels.cnn.layers.base import NOTHING, Array, Layer


class _Activation(Layer):
    """Keeps the result of `_apply`, from which `_slope` tells the derivative."""

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        if not training:
            return self._apply(maps, np.empty_like(maps))
        self._result = self._apply(maps, self._buffer_like("result", maps))
        return self._result

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        if not inputs:
            return NOTHING
        slope = self._slope(self._result)
        return np.multiply(gradient, slope, out=self._buffer_like("by_input", self._result))

    def _apply(self, maps: Array, out: Array) -> Array:
        raise NotImplementedError

    def _slope(self, result: Array) -> Array:
        raise NotImplementedError


class ReLULayer(_Activation):
    """`ReLU`; its derivative at 0 counts as 0."""

    def _apply(self, maps: Array, out: Array) -> Array:
        return np.maximum(maps, 0, out=out)

    def _slope(self, result: Array) -> Array:
        return np.greater(result, 0, out=self._buffer_like("slope", result, np.bool_))


class LeakyReLULayer(_Activation):
    """`LeakyReLU`."""

    description: LeakyReLU

    def _apply(self, maps: Array, out: Array) -> Array:
        np.multiply(maps, maps.dtype.type(self.description.slope), out=out)
        np.maximum(maps, out, out=out)
        return out

    def _slope(self, result: Array) -> Array:
        slope = self._buffer_like("slope", result)
        np.greater(result, 0, out=slope, casting="unsafe")
        np.maximum(slope, result.dtype.type(self.description.slope), out=slope)
        return slope


class TanhLayer(_Activation):
    """`Tanh`."""

    def _apply(self, maps: Array, out: Array) -> Array:
        return np.tanh(maps, out=out)

    def _slope(self, result: Array) -> Array:
        slope = self._buffer_like("slope", result)
        np.multiply(result, result, out=slope)
        np.subtract(1, slope, out=slope)
        return slope


class SigmoidLayer(_Activation):
    """`Sigmoid`, by way of tanh, which cannot overflow."""

    def _apply(self, maps: Array, out: Array) -> Array:
        half = maps.dtype.type(0.5)
        np.multiply(maps, half, out=out)
        np.tanh(out, out=out)
        np.multiply(out, half, out=out)
        np.add(out, half, out=out)
        return out

    def _slope(self, result: Array) -> Array:
        slope = self._buffer_like("slope", result)
        np.subtract(1, result, out=slope)
        return np.multiply(slope, result, out=slope)
