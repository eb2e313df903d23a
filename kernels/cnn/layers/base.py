"""What all layers share."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Annotated, Any, ClassVar

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from kernels.filtering.geometry import Geometry, SlidingOptions, geometry

Array = NDArray[Any]
Shape = tuple[int, ...]
Pair = tuple[int, int]
Cancel = Callable[[], bool]

Count = Annotated[int, Meta(ge=1, le=65_536)]
Step = Annotated[int, Meta(ge=1, le=1024)]
Border = Annotated[int, Meta(ge=0, le=1024)]
Fraction = Annotated[float, Meta(ge=0.0, lt=1.0)]


class Layer(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """One step of a network: its settings, which are what a file holds, and how it computes.

    Its weights, and what training keeps from one step to the next, are held by a `Node`. `trained` names the arrays
    that training changes. Shapes leave out the number of pictures: ``(C, H, W)`` for feature maps, ``(K,)`` for
    a row of numbers.
    """

    trained: ClassVar[tuple[str, ...]] = ()

    @property
    def title(self) -> str:
        """What the layer is called in a summary."""
        return str(self.__struct_config__.tag).replace("-", " ")

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of the result for one input of this shape; ValueError if the layer cannot take it."""
        return shape

    def windows(self, shape: Shape) -> Geometry | None:
        """Where the layer's windows stand on maps of this shape; None for a layer that has none."""
        return None

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Names and shapes of the arrays that the layer needs for inputs of this shape."""
        return {}

    def weight_count(self, shape: Shape) -> int:
        """How many numbers training adjusts."""
        shapes = self.array_shapes(shape)
        return sum(prod(shapes[name]) for name in self.trained)

    def initial_arrays(self, shape: Shape, random: np.random.Generator) -> dict[str, Array]:
        """Weights to start training with: normal, of variance 2 / inputs of one output; biases 0, scales 1.

        Reference: He, Zhang, Ren, Sun (2015), Delving deep into rectifiers.
        """
        result: dict[str, Array] = {}
        for name, size in self.array_shapes(shape).items():
            if name == "weights":
                spread = np.sqrt(2.0 / np.prod(size[1:]))
                result[name] = (random.standard_normal(size) * spread).astype(np.float32)
            else:
                result[name] = np.full(size, 1.0 if name in ("gamma", "variance") else 0.0, np.float32)
        return result

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        """Compute the result; see `Node.forward`."""
        raise NotImplementedError

    def backward(self, node: Node, gradient: Array) -> Array:
        """Return the loss's gradient by the input and set the node's `gradients`; see `Node.backward`."""
        raise NotImplementedError

    def backward_to_weights(self, node: Node, gradient: Array) -> None:
        """Set the node's `gradients` only."""


class Node:
    """A layer at work in a network: its arrays, and what training keeps.

    Outside training a layer only reads its arrays and may be used from several threads. While training it works in
    buffers of its own, so that what `forward` and `backward` return is overwritten by their next call.

    Parameters
    ----------
    layer : Layer
    arrays : dict
        Its weights by name, as `Layer.array_shapes` lists them; used, not copied.
    random : numpy.random.Generator
        Where a layer that draws while training (dropout) draws from.
    is_trained : bool
        Whether training is over: what is kept for `backward` is then kept of the trained layer at work, which neither
        measures its batch nor drops anything.

    Attributes
    ----------
    gradients : dict
        The loss's gradient by the trained arrays, by name; `backward` replaces them.
    seen : object
        What `Layer.forward` leaves for `Layer.backward`.
    """

    def __init__(
        self, layer: Layer, arrays: dict[str, Array], random: np.random.Generator, *, is_trained: bool = False
    ) -> None:
        self.layer = layer
        self.arrays = arrays
        self.random = random
        self.is_trained = is_trained
        self.gradients: dict[str, Array] = {name: np.zeros_like(arrays[name]) for name in layer.trained}
        self.seen: Any = None
        self._buffers: dict[str, Array] = {}

    def forward(self, maps: Array, *, training: bool = False, cancelled: Cancel | None = None) -> Array:
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
        return self.layer.forward(self, maps, training, cancelled)

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        """Turn the loss's gradient by the result into the one by the input, and set `gradients`.

        Follows one `forward` with ``training=True``, once.

        Parameters
        ----------
        gradient : array of the result's shape
        inputs : bool
            False if nobody needs the gradient by the input: an empty array is returned instead.
        """
        if inputs:
            return self.layer.backward(self, gradient)
        self.layer.backward_to_weights(self, gradient)
        return np.empty(0, np.float32)

    def release(self) -> None:
        """Give the memory of training back."""
        self._buffers.clear()
        self.seen = None

    def buffer(self, name: str, shape: tuple[int, ...], kind: Any, fill: float | None = None) -> Array:
        """Return memory that is kept from step to step, filled only when it is new."""
        kept = self._buffers.get(name)
        if kept is None or kept.shape != shape or kept.dtype != kind:
            kept = np.empty(shape, kind) if fill is None else np.full(shape, fill, kind)
            self._buffers[name] = kept
        return kept

    def buffer_like(self, name: str, maps: Array, kind: Any = None) -> Array:
        """Return kept memory of an array's shape and memory order."""
        order = sorted(range(maps.ndim), key=lambda axis: -abs(maps.strides[axis]))
        back = sorted(range(maps.ndim), key=order.__getitem__)
        shape = tuple(maps.shape[axis] for axis in order)
        return self.buffer(name, shape, maps.dtype if kind is None else kind).transpose(back)

    def padded(self, inner: Array, border: Pair, outside: float, training: bool) -> Array:
        """Return (C, H, W, N) maps with a border of one value, uncopied where it has no width."""
        (top, left), (channels, height, width, count) = border, inner.shape
        if not (top or left):
            return inner
        shape = (channels, height + 2 * top, width + 2 * left, count)
        # A kept buffer's border stays as it is: only its inside is ever written.
        whole = self.buffer("padded", shape, inner.dtype, outside) if training else np.full(shape, outside, inner.dtype)
        without_border(whole, border)[...] = inner
        return whole


def without_border(maps: Array, border: Pair) -> Array:
    """Return the inside of (C, H, W, N) maps, a view."""
    (top, left), (_, height, width, _) = border, maps.shape
    return maps[:, top : height - top, left : width - left]


def to_inner(maps: Array) -> Array:
    """(N, C, H, W) as a (C, H, W, N) view."""
    return maps.transpose(1, 2, 3, 0)


def to_outer(maps: Array) -> Array:
    """(C, H, W, N) as an (N, C, H, W) view."""
    return maps.transpose(3, 0, 1, 2)


def maps_shape(layer: Layer, shape: Shape) -> tuple[int, int, int]:
    """Return a shape as that of maps, or say that the layer needs some."""
    if len(shape) != 3:
        raise ValueError(f"the {layer.title} layer needs maps (channels, rows, columns), but gets shape {shape}")
    return shape[0], shape[1], shape[2]


@lru_cache(maxsize=1024)
def stand(title: str, size: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = (1, 1)) -> Geometry:
    """Return where the windows of a layer stand on maps of `size`; ValueError where not one fits."""
    try:
        return geometry(size, kernel, SlidingOptions(padding=padding, stride=stride, dilation=dilation))
    except ValueError:
        spread = "" if dilation == (1, 1) else f" with dilation {dilation}"
        raise ValueError(
            f"a {title} window of {kernel[0]} x {kernel[1]}{spread} does not fit into {size[0]} x {size[1]} maps"
            f" padded by {padding}"
        ) from None
