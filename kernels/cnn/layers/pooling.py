"""Pooling: the maximum or mean under a window, map by map."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kernels.cnn.architecture import AveragePool, MaxPool
from kernels.cnn.layers.base import NOTHING, Array, Layer, to_inner, to_outer


class _Pool(Layer):
    """Walks over the few taps of the window; under each, every window of the batch is one strided view."""

    description: MaxPool | AveragePool
    _outside = 0.0

    def _padded(self, inner: Array, *, training: bool) -> Array:
        (top, left), (channels, height, width, count) = self.description.padding, inner.shape
        if not (top or left):
            return inner
        shape = (channels, height + 2 * top, width + 2 * left, count)
        if training:
            padded = self._buffer("padded", shape, inner.dtype, self._outside)
        else:
            padded = np.full(shape, self._outside, inner.dtype)
        padded[:, top : top + height, left : left + width] = inner
        return padded

    def _result_shape(self, maps: Array) -> tuple[int, ...]:
        """Shape of the result in memory order."""
        count, *shape = maps.shape
        return (*self.description.output_shape(tuple(shape)), count)

    def _taps(self, padded: Array, result_shape: tuple[int, ...]) -> Iterator[Array]:
        """Views of the pixels under each tap, for all windows."""
        _, rows, columns, _ = result_shape
        (size_y, size_x), (step_y, step_x) = self.description.size, self.description.step
        for a in range(size_y):
            for b in range(size_x):
                yield padded[:, a : a + step_y * (rows - 1) + 1 : step_y, b : b + step_x * (columns - 1) + 1 : step_x]

    def _by_input(self, padded_shape: tuple[int, ...], kind: Any) -> tuple[Array, bool]:
        """Return memory for the gradient by the padded input, and whether taps of different windows may meet in it.

        Where they cannot meet, every tap is written once and the pixels that no window reaches keep their first zero.
        """
        buffer = self._buffer("by_input", padded_shape, kind, 0.0)
        meet = any(step < taps for taps, step in zip(self.description.size, self.description.step, strict=True))
        if meet:
            buffer.fill(0.0)
        return buffer, meet

    def _inside(self, by_input: Array, shape: tuple[int, ...]) -> Array:
        (top, left), (_, _, height, width) = self.description.padding, shape
        return to_outer(by_input[:, top : top + height, left : left + width])


class AveragePoolLayer(_Pool):
    """`AveragePool`."""

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        shape = self._result_shape(maps)
        result = self._buffer("result", shape, maps.dtype) if training else np.empty(shape, maps.dtype)
        padded = self._padded(to_inner(maps), training=training)
        first, *rest = self._taps(padded, shape)
        np.copyto(result, first)
        for tap in rest:
            np.add(result, tap, out=result)
        np.divide(result, self.description.size[0] * self.description.size[1], out=result)
        if training:
            self._seen = (maps.shape, padded.shape, shape)
        return to_outer(result)

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        if not inputs:
            return NOTHING
        shape, padded_shape, result_shape = self._seen
        share = self._buffer("share", result_shape, gradient.dtype)
        np.divide(to_inner(gradient), self.description.size[0] * self.description.size[1], out=share)
        by_input, meet = self._by_input(padded_shape, gradient.dtype)
        for tap in self._taps(by_input, result_shape):
            if meet:
                np.add(tap, share, out=tap)
            else:
                np.copyto(tap, share)
        return self._inside(by_input, shape)


class MaxPoolLayer(_Pool):
    """`MaxPool`; of equal maxima the first in row order gets the gradient."""

    _outside = -np.inf

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        shape = self._result_shape(maps)
        result = self._buffer("result", shape, maps.dtype) if training else np.empty(shape, maps.dtype)
        padded = self._padded(to_inner(maps), training=training)
        first, *rest = self._taps(padded, shape)
        np.copyto(result, first)
        for tap in rest:
            np.maximum(result, tap, out=result)
        if training:
            self._seen = (maps.shape, padded, result)
        return to_outer(result)

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        if not inputs:
            return NOTHING
        shape, padded, result = self._seen
        left = self._buffer("left", result.shape, gradient.dtype)
        np.copyto(left, to_inner(gradient))
        largest = self._buffer("largest", result.shape, np.bool_)
        by_input, meet = self._by_input(padded.shape, gradient.dtype)
        share = self._buffer("share", result.shape, gradient.dtype)
        sources, targets = self._taps(padded, result.shape), self._taps(by_input, result.shape)
        for source, target in zip(sources, targets, strict=True):
            np.equal(source, result, out=largest)
            np.multiply(left, largest, out=share)
            # What one tap took is gone for the later ones.
            np.subtract(left, share, out=left)
            if meet:
                np.add(target, share, out=target)
            else:
                np.copyto(target, share)
        return self._inside(by_input, shape)


class GlobalAveragePoolLayer(Layer):
    """`GlobalAveragePool`."""

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        inner = to_inner(maps)
        channels, height, width, count = inner.shape
        if training:
            self._shape = inner.shape
        mean = inner.reshape(channels, height * width, count).mean(axis=1, dtype=maps.dtype)
        return to_outer(mean.reshape(channels, 1, 1, count))

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        if not inputs:
            return NOTHING
        by_input = self._buffer("by_input", self._shape, gradient.dtype)
        np.divide(to_inner(gradient), self._shape[1] * self._shape[2], out=by_input)
        return to_outer(by_input)
