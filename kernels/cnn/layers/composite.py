"""Layers that hold rows of layers: residual connections, branches, dense blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
from msgspec import Meta

from kernels.cnn.layers.activation import LeakyReLU, ReLU, Sigmoid, Tanh
from kernels.cnn.layers.base import Array, Cancel, Layer, Node, Shape, shapes_along, to_inner, to_outer
from kernels.cnn.layers.convolution import Convolution
from kernels.cnn.layers.dense import Dense, Flatten
from kernels.cnn.layers.filtering import Filter
from kernels.cnn.layers.normalisation import BatchNormalisation, Dropout
from kernels.cnn.layers.pixelwise import Bias, Magnitude
from kernels.cnn.layers.pooling import AveragePool, GaussianPool, GlobalAveragePool, MaxPool
from kernels.cnn.training.plan import InitialisationName
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry

Row = Annotated[tuple["AnyLayer", ...], Meta(max_length=200)]


class Composite(Layer, frozen=True):
    """Rows of layers that all begin with the same input, and whose outputs are put together.

    Arrays and gradients of the layers inside are its own, named ``"<row>.<layer>.<array>"``.
    """

    @property
    def trained(self) -> tuple[str, ...]:
        return tuple(f"{place}.{name}" for place, layer in self._inner() for name in layer.trained)

    @property
    def needs_whole(self) -> bool:
        return any(layer.needs_whole for _, layer in self._inner())

    def _inner(self) -> Iterator[tuple[str, Layer]]:
        for row, layers in self.rows.items():
            for number, layer in enumerate(layers):
                yield f"{row}.{number}", layer

    def row_shapes(self, shape: Shape) -> dict[str, list[Shape]]:
        """Return, for each row, the shape before its first layer and after each one."""
        return {row: shapes_along(layers, shape, f"{row}.") for row, layers in self.rows.items()}

    def parts(self, shape: Shape, channel: int) -> list[tuple[str, int]]:
        """Return the rows, each with the map of its output, whose sum a map of the output is."""
        raise NotImplementedError

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        shapes = self._each_shape(shape)
        return {
            f"{place}.{name}": size
            for (place, layer), before in zip(self._inner(), shapes, strict=True)
            for name, size in layer.array_shapes(before).items()
        }

    def initial_arrays(
        self, shape: Shape, random: np.random.Generator, initialisation: InitialisationName = "he"
    ) -> dict[str, Array]:
        shapes = self._each_shape(shape)
        return {
            f"{place}.{name}": array
            for (place, layer), before in zip(self._inner(), shapes, strict=True)
            for name, array in layer.initial_arrays(before, random, initialisation).items()
        }

    def _each_shape(self, shape: Shape) -> list[Shape]:
        """Return the shape before each layer inside, in order."""
        return [each for shapes in self.row_shapes(shape).values() for each in shapes[:-1]]

    def windows(self, shape: Shape) -> Geometry | None:
        """The smallest windows that hold all that a number depends on."""
        if len(shape) != 3:
            return None
        size, found = (shape[1], shape[2]), []
        for row, shapes in self.row_shapes(shape).items():
            if len(shapes[-1]) != 3:
                return geometry(size, size, SlidingOptions(padding=0))
            whole = geometry(size, (1, 1), SlidingOptions(padding=0))
            for layer, before in zip(self.rows[row], shapes, strict=False):
                after = layer.windows(before)
                whole = whole if after is None else _behind(whole, after)
            found.append(whole)
        return _around(found)

    def forward(self, node: Node, maps: Array, training: bool, cancelled: Cancel | None) -> Array:
        results = []
        for row in node.rows.values():
            result = maps
            for each in row:
                result = each.forward(result, training=training, cancelled=cancelled)
            results.append(result)
        if training:
            node.seen = [result.shape[1] for result in results]
        return self._combined(node, results, training)

    def backward(self, node: Node, gradient: Array) -> Array:
        passed = []
        for row, own in zip(node.rows.values(), self._split(node, gradient), strict=True):
            for each in reversed(row):
                own = each.backward(own)
            passed.append(own)
        node.gradients = {
            f"{name}.{number}.{key}": value
            for name, row in node.rows.items()
            for number, each in enumerate(row)
            for key, value in each.gradients.items()
        }
        first, *others = passed
        if not others:
            return first
        total = node.buffer_like("by_input", first)
        np.copyto(total, first)
        for other in others:
            total += other
        return total

    def _combined(self, node: Node, results: Sequence[Array], training: bool) -> Array:
        """Put what the rows give together."""
        raise NotImplementedError

    def _split(self, node: Node, gradient: Array) -> Sequence[Array]:
        """Return the gradient by what each row gave."""
        raise NotImplementedError


class Residual(Composite, frozen=True, tag="residual"):
    """What the body makes of the input, added to the input, or to what the shortcut makes of it.

    Reference: He, Zhang, Ren, Sun (2016), Deep residual learning for image recognition.
    """

    body: Row
    shortcut: Row = ()

    @property
    def rows(self) -> dict[str, tuple[Layer, ...]]:
        return {"body": self.body, "shortcut": self.shortcut}

    def output_shape(self, shape: Shape) -> Shape:
        body, shortcut = (shapes[-1] for shapes in self.row_shapes(shape).values())
        if body != shortcut:
            raise ValueError(f"the body gives {body} and the shortcut {shortcut}, but only equal shapes can be added")
        return body

    def parts(self, shape: Shape, channel: int) -> list[tuple[str, int]]:
        return [("body", channel), ("shortcut", channel)]

    def _combined(self, node: Node, results: Sequence[Array], training: bool) -> Array:
        body, shortcut = results
        return np.add(body, shortcut, out=node.buffer_like("result", body) if training else None)

    def _split(self, node: Node, gradient: Array) -> Sequence[Array]:
        return gradient, gradient


class Stacked(Composite, frozen=True):
    """The outputs of the rows, stacked on the maps."""

    def output_shape(self, shape: Shape) -> Shape:
        first, *others = (shapes[-1] for shapes in self.row_shapes(shape).values())
        for other in others:
            if other[1:] != first[1:]:
                raise ValueError(f"the rows give {first} and {other}, but only maps of equal size can be stacked")
        return (first[0] + sum(other[0] for other in others), *first[1:])

    def parts(self, shape: Shape, channel: int) -> list[tuple[str, int]]:
        for row, shapes in self.row_shapes(shape).items():
            if channel < shapes[-1][0]:
                return [(row, channel)]
            channel -= shapes[-1][0]
        raise IndexError(f"there is no map {channel}")

    def _combined(self, node: Node, results: Sequence[Array], training: bool) -> Array:
        inner = [to_inner(result) for result in results]
        shape, kind = (sum(map(len, inner)), *inner[0].shape[1:]), inner[0].dtype
        stack = node.buffer("result", shape, kind) if training else np.empty(shape, kind)
        return to_outer(np.concatenate(inner, out=stack))

    def _split(self, node: Node, gradient: Array) -> Sequence[Array]:
        ends = np.cumsum(node.seen)[:-1]
        return np.split(gradient, ends, axis=1)


class Branches(Stacked, frozen=True, tag="branches"):
    """Rows side by side.

    Reference: Szegedy and others (2015), Going deeper with convolutions.
    """

    branches: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=200)]

    @property
    def rows(self) -> dict[str, tuple[Layer, ...]]:
        return {f"branches.{number}": row for number, row in enumerate(self.branches)}


class DenseBlock(Stacked, frozen=True, tag="dense-block"):
    """The input with the body's output stacked behind it.

    Reference: Huang, Liu, van der Maaten, Weinberger (2017), Densely connected convolutional networks.
    """

    body: Row

    @property
    def rows(self) -> dict[str, tuple[Layer, ...]]:
        return {"input": (), "body": self.body}


AnyLayer = (
    Convolution
    | MaxPool
    | AveragePool
    | GaussianPool
    | GlobalAveragePool
    | ReLU
    | LeakyReLU
    | Tanh
    | Sigmoid
    | BatchNormalisation
    | Dropout
    | Flatten
    | Dense
    | Filter
    | Bias
    | Magnitude
    | Residual
    | Branches
    | DenseBlock
)
"""Every layer that a file may hold."""


def _behind(first: Geometry, second: Geometry) -> Geometry:
    """Return windows on the first one's maps that hold what windows on its results see."""
    sizes, before, strides = [], [], []
    for axis in (0, 1):
        stride = first.stride[axis]
        sizes.append((second.effective_shape[axis] - 1) * stride + first.effective_shape[axis])
        before.append(second.before[axis] * stride + first.before[axis])
        strides.append(second.stride[axis] * stride)
    return _spanning(first.image_shape, sizes, before, strides, second.output_shape)


def _around(found: Sequence[Geometry]) -> Geometry:
    """Return windows that hold what all of these see, which give results of one size."""
    sizes, before, strides = [], [], []
    for axis in (0, 1):
        last = found[0].output_shape[axis] - 1
        stride = max(each.stride[axis] for each in found)
        # Where strides differ, the difference is largest at one of the ends.
        starts = [at * (each.stride[axis] - stride) - each.before[axis] for each in found for at in (0, last)]
        stops = [
            at * (each.stride[axis] - stride) - each.before[axis] + each.effective_shape[axis]
            for each in found
            for at in (0, last)
        ]
        sizes.append(max(stops) - min(starts))
        before.append(-min(starts))
        strides.append(stride)
    return _spanning(found[0].image_shape, sizes, before, strides, found[0].output_shape)


def _spanning(
    image: Pair, sizes: Sequence[int], before: Sequence[int], strides: Sequence[int], output: Pair
) -> Geometry:
    after = [max(0, (output[axis] - 1) * strides[axis] + sizes[axis] - before[axis] - image[axis]) for axis in (0, 1)]
    return Geometry(
        image_shape=image,
        kernel_shape=(sizes[0], sizes[1]),
        before=(before[0], before[1]),
        after=(after[0], after[1]),
        stride=(strides[0], strides[1]),
        dilation=(1, 1),
        output_shape=output,
        anchor=(before[0], before[1]),
    )
