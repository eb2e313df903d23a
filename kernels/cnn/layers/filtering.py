"""A kernel as a layer: it filters, and learns nothing."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from kernels.cnn.layers.base import Array, Cancel, Layer, Node, Shape, Step, maps_shape, to_inner, to_outer
from kernels.cnn.layers.margins import Padding, margins_of, repeats_pixels, stand, taps_of
from kernels.filtering.geometry import Geometry

Weights = tuple[tuple[tuple[float, ...], ...], ...]


class Filter(Layer, frozen=True, tag="filter"):
    """Correlation with a kernel that training leaves as it is: ``sum / divisor + offset``.

    The weights are (kh, kw, 1), which filter each map on its own, or (kh, kw, C), which sum over the maps. They are a
    setting of the layer, like its stride: a network with other weights everywhere else has them too.
    """

    weights: Annotated[Weights, Meta(min_length=1)]
    divisor: float = 1.0
    offset: float = 0.0
    padding: Padding = (0, 0)
    stride: tuple[Step, Step] = (1, 1)
    dilation: tuple[Step, Step] = (1, 1)

    @property
    def needs_whole(self) -> bool:
        return repeats_pixels(self.padding)

    def kernel(self) -> Array:
        """Return the weights over the divisor, (kh, kw, 1) or (kh, kw, C) float64; ValueError if they are no kernel."""
        try:
            weights = np.array(self.weights, np.float64)
        except ValueError:
            weights = np.empty(0)
        if weights.ndim != 3 or not weights.size:
            raise ValueError("the weights of a filter must be rows of taps, all of one length")
        with np.errstate(all="ignore"):
            weights = weights / self.divisor
        if not np.isfinite([*weights.ravel(), self.offset]).all():
            raise ValueError("the weights of a filter, its divisor and its offset must be finite, the divisor not 0")
        return weights

    def windows(self, shape: Shape) -> Geometry:
        rows, columns, _ = self.kernel().shape
        return stand("filter", maps_shape(self, shape)[1:], (rows, columns), self.stride, self.padding, self.dilation)

    def output_shape(self, shape: Shape) -> Shape:
        channels = self.kernel().shape[2]
        if channels not in (1, shape[0]):
            raise ValueError(f"a filter for {channels} maps cannot sum over {shape[0]}")
        return (shape[0] if channels == 1 else 1, *self.windows(shape).output_shape)

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        windows, weights = self.windows(maps.shape[1:]), self._taps(maps.dtype)
        padded = margins_of(self.padding).pad(node, to_inner(maps), training)
        shape = (*self.output_shape(maps.shape[1:]), len(maps))
        result = np.full(shape, self.offset, maps.dtype)
        for weight, tap in zip(weights, taps_of(padded, windows), strict=True):
            result += (tap * weight).sum(axis=0, keepdims=True) if len(weight) > 1 else tap * weight
        if training:
            node.seen = padded.shape, windows
        return to_outer(result)

    def backward(self, node: Node, gradient: Array) -> Array:
        padded_shape, windows = node.seen
        by_padded = np.zeros(padded_shape, gradient.dtype)
        for weight, tap in zip(self._taps(gradient.dtype), taps_of(by_padded, windows), strict=True):
            tap += to_inner(gradient) * weight
        return to_outer(margins_of(self.padding).fold(by_padded))

    def _taps(self, kind: Any) -> Array:
        """The weights of each tap, in row order, each (1, 1, 1, 1) or (C, 1, 1, 1)."""
        weights = self.kernel()
        return weights.reshape(-1, weights.shape[2], 1, 1, 1).astype(kind)
