"""Convolution layer: every window a column, all filters in one matrix product."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kernels.cnn.architecture import Convolution
from kernels.cnn.layers.base import NOTHING, Array, Layer, to_inner, to_outer
from kernels.cnn.lowering import col2im, windows
from kernels.errors import Cancelled

STRIP_ELEMENTS = 1 << 20
"""Elements of the matrix of windows that are held at once outside training."""


class ConvolutionLayer(Layer):
    """`Convolution`, with weights (F, C / groups, kh, kw) and bias (F,).

    The bias is the weight of one more input that is always 1, so that it costs no pass of its own.
    """

    description: Convolution

    def _matrix(self) -> Array:
        """Filters and biases as (groups, F / groups, taps + 1)."""
        weights, groups = self.arrays["weights"], self.description.groups
        rows = weights.reshape(groups, weights.shape[0] // groups, -1)
        return np.concatenate((rows, self.arrays["bias"].reshape(groups, -1, 1)), axis=2)

    def _padded(self, inner: Array, *, training: bool) -> Array:
        """Return the maps with the layer's border of zeros, uncopied where it has none."""
        (top, left), (channels, height, width, count) = self.description.padding, inner.shape
        if not (top or left):
            return inner
        shape = (channels, height + 2 * top, width + 2 * left, count)
        # A kept buffer's border stays zero: only its inside is ever written.
        padded = self._buffer("padded", shape, inner.dtype, 0.0) if training else np.zeros(shape, inner.dtype)
        padded[:, top : top + height, left : left + width] = inner
        return padded

    def _windows(self, padded: Array) -> Array:
        layer = self.description
        view: Array = windows(padded, layer.kernel, layer.stride, layer.dilation)
        return view

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        padded = self._padded(to_inner(maps), training=training)
        view = self._windows(padded)
        if not training:
            return to_outer(_in_strips(view, self._matrix(), cancelled))
        groups = self.description.groups
        taps, places = view[..., 0, 0, 0].size // groups, view[0, 0, 0].size
        columns = self._buffer("columns", (groups, taps + 1, places), view.dtype, 1.0)
        np.copyto(columns[:, :-1].reshape(groups, -1, *view.shape[1:]), view.reshape(groups, -1, *view.shape[1:]))
        filters = self.arrays["weights"].shape[0]
        result = self._buffer("result", (groups, filters // groups, places), view.dtype)
        np.matmul(self._matrix(), columns, out=result)
        self._seen = (maps.shape, padded.shape, view.shape)
        return to_outer(result.reshape(filters, *view.shape[3:]))

    def respond(
        self, maps: Array, filters: Sequence[int] | None = None, cancelled: Callable[[], bool] | None = None
    ) -> Array:
        """Responses of some filters to the maps of one picture.

        Parameters
        ----------
        maps : (1, C, H, W) array
        filters : sequence of int, optional
            All by default.

        Returns
        -------
        (F, H', W') array
        """
        view = self._windows(self._padded(to_inner(maps), training=False))
        matrix = self._matrix()
        if filters is None:
            return _in_strips(view, matrix, cancelled)[..., 0]
        count, (groups, size, _) = self.arrays["weights"].shape[0], matrix.shape
        if outside := [index for index in filters if not 0 <= index < count]:
            raise IndexError(f"filters must be 0 to {count - 1}, but {outside[0]} was asked for")
        taps = view.shape[0] // groups
        result = np.empty((len(filters), *view.shape[3:5]), view.dtype)
        for group in range(groups):
            wanted = [place for place, index in enumerate(filters) if index // size == group]
            if wanted:
                rows = matrix[group : group + 1, [filters[place] % size for place in wanted]]
                part = view[group * taps : (group + 1) * taps]
                result[wanted] = _in_strips(part, rows, cancelled)[..., 0]
        return result

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        shape, padded_shape, view_shape = self._seen
        groups, columns = self.description.groups, self._buffers["columns"]
        change = to_inner(gradient).reshape(groups, -1, columns.shape[2])
        combined = np.matmul(change, columns.transpose(0, 2, 1))
        weights = self.arrays["weights"]
        self.gradients["weights"] = combined[:, :, :-1].reshape(weights.shape)
        self.gradients["bias"] = combined[:, :, -1].reshape(-1)
        if not inputs:
            return NOTHING
        rows = weights.reshape(groups, weights.shape[0] // groups, -1)
        # The windows have served: their memory takes the gradient by them.
        for group in range(groups):
            np.matmul(rows[group].T, change[group], out=columns[group, :-1])
        by_input = self._buffer("by_input", padded_shape, gradient.dtype)
        by_input.fill(0.0)
        channels = view_shape[0] // groups
        for group in range(groups):
            part = columns[group, :-1].reshape(channels, *view_shape[1:])
            target = by_input[group * channels : (group + 1) * channels]
            col2im(part, target, self.description.stride, self.description.dilation)
        (top, left), (_, _, height, width) = self.description.padding, shape
        return to_outer(by_input[:, top : top + height, left : left + width])


def _in_strips(view: Array, matrix: Array, cancelled: Callable[[], bool] | None) -> Array:
    """Filter a few rows at a time: as fast, and a large picture's matrix of windows would not fit anywhere.

    Parameters
    ----------
    view : (C, kh, kw, H', W', N) array of windows
    matrix : (groups, F / groups, taps + 1) array of filters and biases

    Returns
    -------
    (F, H', W', N) array
    """
    groups, size, inputs = matrix.shape
    rows, width, count = view.shape[3:]
    result = np.empty((groups * size, rows, width, count), view.dtype)
    height = min(max(1, STRIP_ELEMENTS // (groups * inputs * width * count)), rows)
    memory = np.ones((groups, inputs, height * width * count), view.dtype)
    for top in range(0, rows, height):
        if cancelled is not None and cancelled():
            raise Cancelled
        strip = view[:, :, :, top : top + height]
        columns = memory[:, :, : strip[0, 0, 0].size]
        target = columns[:, :-1].reshape(groups, -1, *strip.shape[1:])
        np.copyto(target, strip.reshape(groups, -1, *strip.shape[1:]))
        # Of a picture that is not finite everywhere neither are the windows that hold such a pixel.
        with np.errstate(invalid="ignore", over="ignore"):
            result[:, top : top + height] = np.matmul(matrix, columns).reshape(groups * size, *strip.shape[3:])
    return result
