"""What all layers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.architecture import Description

Array = NDArray[Any]


def to_inner(maps: Array) -> Array:
    """(N, C, H, W) as a (C, H, W, N) view."""
    return maps.transpose(1, 2, 3, 0)


def to_outer(maps: Array) -> Array:
    """(C, H, W, N) as an (N, C, H, W) view."""
    return maps.transpose(3, 0, 1, 2)


class Layer:
    """One step of a network.

    Outside training a layer only reads its arrays and may be used from several threads. While training it works in
    buffers of its own, so that what `forward` and `backward` return is overwritten by their next call.

    Attributes
    ----------
    arrays, gradients : dict
        Weights and the loss's gradient by them, by name. `backward` replaces the gradients.
    """

    def __init__(self, description: Description, arrays: dict[str, Array], random: np.random.Generator) -> None:
        self.description = description
        self.arrays = arrays
        self.random = random
        self.gradients: dict[str, Array] = {name: np.zeros_like(arrays[name]) for name in description.trained}
        self._buffers: dict[str, Array] = {}

    def forward(self, maps: Array, *, training: bool = False, cancelled: Callable[[], bool] | None = None) -> Array:
        """Compute the layer's result.

        Parameters
        ----------
        maps : (N, C, H, W) or (N, K) array
        training : bool
            Keep what `backward` needs, and behave as the layer does while training.
        cancelled : callable, optional
            Asked between strips of a large picture; outside training only.

        Raises
        ------
        kernels.errors.Cancelled
        """
        raise NotImplementedError

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        """Turn the loss's gradient by the result into the one by the input, and set `gradients`.

        Follows one `forward` with ``training=True``, once.

        Parameters
        ----------
        gradient : array of the result's shape
        inputs : bool
            False if nobody needs the gradient by the input: an empty array is returned instead.
        """
        raise NotImplementedError

    def release(self) -> None:
        """Give the buffers of training back."""
        self._buffers.clear()

    def _buffer(self, name: str, shape: tuple[int, ...], kind: Any, fill: float | None = None) -> Array:
        """Return memory that is kept from step to step, filled only when it is new."""
        kept = self._buffers.get(name)
        if kept is None or kept.shape != shape or kept.dtype != kind:
            kept = np.empty(shape, kind) if fill is None else np.full(shape, fill, kind)
            self._buffers[name] = kept
        return kept

    def _buffer_like(self, name: str, maps: Array, kind: Any = None) -> Array:
        """Return kept memory of an array's shape and memory order."""
        order = sorted(range(maps.ndim), key=lambda axis: -abs(maps.strides[axis]))
        back = sorted(range(maps.ndim), key=order.__getitem__)
        shape = tuple(maps.shape[axis] for axis in order)
        return self._buffer(name, shape, maps.dtype if kind is None else kind).transpose(back)


NOTHING: Array = np.empty(0, np.float32)
