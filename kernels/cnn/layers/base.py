"""What all layers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Annotated, Any, Protocol

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from kernels.cnn.initialisation import spread
from kernels.cnn.training.plan import InitialisationName
from kernels.filtering.geometry import Geometry

Array = NDArray[Any]
Shape = tuple[int, ...]
Cancel = Callable[[], bool]

Count = Annotated[int, Meta(ge=1, le=65_536)]
Step = Annotated[int, Meta(ge=1, le=1024)]
Border = Annotated[int, Meta(ge=0, le=1024)]
Fraction = Annotated[float, Meta(ge=0.0, lt=1.0)]


class Layer(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """One step of a network: its settings, which are what a file holds, and how it computes.

    Its weights, and what training keeps from one step to the next, are held by a `Node`. Shapes leave out the number of
    pictures: ``(C, H, W)`` for feature maps, ``(K,)`` for a row of numbers.
    """

    @property
    def trained(self) -> tuple[str, ...]:
        """Names of the arrays that training changes."""
        return ()

    @property
    def rows(self) -> dict[str, tuple[Layer, ...]]:
        """The rows of layers inside this one, by name; all of them begin with its input."""
        return {}

    @property
    def needs_whole(self) -> bool:
        """Whether it takes more of its input than what lies under its `windows` to compute a part of the result."""
        return False

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

    def initial_arrays(
        self, shape: Shape, random: np.random.Generator, initialisation: InitialisationName = "he"
    ) -> dict[str, Array]:
        """Arrays to start training with: weights as `kernels.cnn.initialisation` draws them, biases 0, scales 1."""
        result: dict[str, Array] = {}
        for name, size in self.array_shapes(shape).items():
            if name == "weights":
                result[name] = spread(initialisation, size, random)
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
        self.backward(node, gradient)


class Watcher(Protocol):
    """Is told what passes through a layer; what it is given is valid until the layer's next call."""

    def forward(self, node: Node, maps: Array, result: Array) -> None:
        """Look at what a layer made of its input."""

    def backward(self, node: Node, gradient: Array) -> None:
        """Look at the loss's gradient by a layer's result."""


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
    is_guided : bool
        Let only what is positive pass back through a ReLU; see `kernels.cnn.backpropagation`.

    Attributes
    ----------
    gradients : dict
        The loss's gradient by the trained arrays, by name; `backward` replaces them.
    seen : object
        What `Layer.forward` leaves for `Layer.backward`.
    rows : mapping of str to tuple of Node
        The layers inside this one at work; their arrays are this node's own, named ``"<row>.<layer>.<array>"``.
    watcher : Watcher or None
    """

    def __init__(
        self,
        layer: Layer,
        arrays: dict[str, Array],
        random: np.random.Generator,
        *,
        is_trained: bool = False,
        is_guided: bool = False,
    ) -> None:
        self.layer = layer
        self.arrays = arrays
        self.is_trained = is_trained
        self.is_guided = is_guided

        def inner(each: Layer, place: str) -> Node:
            mine = {name.removeprefix(place): array for name, array in arrays.items() if name.startswith(place)}
            return Node(each, mine, random, is_trained=is_trained, is_guided=is_guided)

        self.rows = {
            row: tuple(inner(each, f"{row}.{number}.") for number, each in enumerate(layers))
            for row, layers in layer.rows.items()
        }
        self.random = random
        self.gradients: dict[str, Array] = {name: np.zeros_like(arrays[name]) for name in layer.trained}
        self.seen: Any = None
        self.watcher: Watcher | None = None
        self._buffers: dict[str, Array] = {}

    @property
    def random(self) -> np.random.Generator:
        """Where it, and the layers inside it, draw from."""
        return self._random

    @random.setter
    def random(self, random: np.random.Generator) -> None:
        self._random = random
        for node in self._inner():
            node.random = random

    def _inner(self) -> Iterator[Node]:
        for row in self.rows.values():
            yield from row

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
        result = self.layer.forward(self, maps, training, cancelled)
        if self.watcher is not None:
            self.watcher.forward(self, maps, result)
        return result

    def backward(self, gradient: Array, *, inputs: bool = True) -> Array:
        """Turn the loss's gradient by the result into the one by the input, and set `gradients`.

        Follows one `forward` with ``training=True``, once.

        Parameters
        ----------
        gradient : array of the result's shape
        inputs : bool
            False if nobody needs the gradient by the input: an empty array is returned instead.
        """
        if self.watcher is not None:
            self.watcher.backward(self, gradient)
        if inputs:
            return self.layer.backward(self, gradient)
        self.layer.backward_to_weights(self, gradient)
        return np.empty(0, np.float32)

    def release(self) -> None:
        """Give the memory of training back."""
        self._buffers.clear()
        self.seen = None
        for node in self._inner():
            node.release()

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


def shapes_along(layers: Sequence[Layer], shape: Shape, place: str) -> list[Shape]:
    """Return the shape before the first of some layers and after each one.

    Raises
    ------
    ValueError
        If a layer cannot take what the one before it gives; the text begins with `place` and the layer's number.
    """
    shapes = [shape]
    for number, layer in enumerate(layers):
        try:
            layer.array_shapes(shapes[-1])
            shapes.append(layer.output_shape(shapes[-1]))
        except ValueError as error:
            raise ValueError(f"{place}{number}: {error}") from None
    return shapes


def to_inner(maps: Array) -> Array:
    """(N, C, H, W) as a (C, H, W, N) view; (N, K) as (K, N)."""
    return maps.transpose(*range(1, maps.ndim), 0)


def to_outer(maps: Array) -> Array:
    """(C, H, W, N) as an (N, C, H, W) view; (K, N) as (N, K)."""
    return maps.transpose(-1, *range(maps.ndim - 1))


def maps_shape(layer: Layer, shape: Shape) -> tuple[int, int, int]:
    """Return a shape as that of maps, or say that the layer needs some."""
    if len(shape) != 3:
        raise ValueError(f"the {layer.title} layer needs maps (channels, rows, columns), but gets shape {shape}")
    return shape[0], shape[1], shape[2]
