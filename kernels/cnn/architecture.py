"""What a network is made of, as plain data: layers with their settings, sizes and weight counts, without any weights.

A description is what a weights file's header holds; `kernels.cnn.layers` turns it into something that computes.
Shapes leave out the number of pictures: ``(C, H, W)`` for maps, ``(K,)`` for a row of numbers.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

Shape = tuple[int, ...]
Count = Annotated[int, Meta(ge=1, le=65_536)]
Step = Annotated[int, Meta(ge=1, le=1024)]
Border = Annotated[int, Meta(ge=0, le=1024)]
Fraction = Annotated[float, Meta(ge=0.0, lt=1.0)]


class Description(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """One layer as data. `trained` names the arrays that training changes."""

    trained: ClassVar[tuple[str, ...]] = ()

    @property
    def title(self) -> str:
        """What the layer is called in a summary."""
        return str(self.__struct_config__.tag).replace("-", " ")

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of the result for one input of this shape; ValueError if the layer cannot take it."""
        return shape

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Names and shapes of the arrays that the layer needs for inputs of this shape."""
        return {}

    def weight_count(self, shape: Shape) -> int:
        """How many numbers training adjusts."""
        shapes = self.array_shapes(shape)
        return sum(prod(shapes[name]) for name in self.trained)


def _maps(layer: Description, shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise ValueError(f"the {layer.title} layer needs maps (channels, rows, columns), but gets shape {shape}")
    return shape[0], shape[1], shape[2]


def _slide(layer: Description, shape: Shape, size: Shape, stride: Shape, padding: Shape, dilation: Shape) -> Shape:
    """Rows and columns of the result of a sliding window."""
    _, height, width = _maps(layer, shape)
    result = []
    for extent, taps, step, border, spacing in zip((height, width), size, stride, padding, dilation, strict=True):
        reach = spacing * (taps - 1) + 1
        room = extent + 2 * border - reach
        if room < 0:
            raise ValueError(
                f"a {layer.title} window that spans {reach} pixels does not fit into {height} x {width} maps"
                f" padded by {border}"
            )
        result.append(room // step + 1)
    return tuple(result)


class Convolution(Description, frozen=True, tag="convolution"):
    """Correlation of all input maps with a bank of filters, plus a bias per filter.

    Groups split the input maps and the filters into parts that do not see each other; as many groups as input maps
    is a depthwise convolution.
    """

    filters: Count
    kernel: tuple[Step, Step]
    stride: tuple[Step, Step] = (1, 1)
    padding: tuple[Border, Border] = (0, 0)
    dilation: tuple[Step, Step] = (1, 1)
    groups: Count = 1
    trained: ClassVar[tuple[str, ...]] = ("weights", "bias")

    @property
    def title(self) -> str:
        return f"convolution {self.kernel[0]} x {self.kernel[1]}"

    def output_shape(self, shape: Shape) -> Shape:
        return (self.filters, *_slide(self, shape, self.kernel, self.stride, self.padding, self.dilation))

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        channels, _, _ = _maps(self, shape)
        if channels % self.groups or self.filters % self.groups:
            raise ValueError(f"{channels} maps and {self.filters} filters cannot be split into {self.groups} groups")
        return {"weights": (self.filters, channels // self.groups, *self.kernel), "bias": (self.filters,)}


class _Pool(Description, frozen=True):
    size: tuple[Step, Step] = (2, 2)
    stride: tuple[Step, Step] | None = None
    padding: tuple[Border, Border] = (0, 0)

    @property
    def step(self) -> tuple[int, int]:
        """Stride; the window's own size unless given."""
        return self.size if self.stride is None else self.stride

    def output_shape(self, shape: Shape) -> Shape:
        # A window that lies in the padding alone has no maximum.
        if any(2 * border > taps for border, taps in zip(self.padding, self.size, strict=True)):
            raise ValueError(f"padding {self.padding} of a pooling layer is more than half its window {self.size}")
        return (shape[0], *_slide(self, shape, self.size, self.step, self.padding, (1, 1)))


class MaxPool(_Pool, frozen=True, tag="max-pool"):
    """The largest value under the window, map by map."""


class AveragePool(_Pool, frozen=True, tag="average-pool"):
    """The mean under the window, map by map; padding counts as zeros."""


class GlobalAveragePool(Description, frozen=True, tag="global-average-pool"):
    """The mean of each whole map."""

    def output_shape(self, shape: Shape) -> Shape:
        return (_maps(self, shape)[0], 1, 1)


class ReLU(Description, frozen=True, tag="relu"):
    """max(x, 0)."""

    @property
    def title(self) -> str:
        return "ReLU"


class LeakyReLU(Description, frozen=True, tag="leaky-relu"):
    """x where positive, slope · x elsewhere."""

    slope: Fraction = 0.01

    @property
    def title(self) -> str:
        return "leaky ReLU"


class Tanh(Description, frozen=True, tag="tanh"):
    """Hyperbolic tangent."""


class Sigmoid(Description, frozen=True, tag="sigmoid"):
    """1 / (1 + exp(−x))."""


class BatchNormalisation(Description, frozen=True, tag="batch-normalisation"):
    """Each map to mean 0 and variance 1, then times γ plus β.

    Training uses the batch's own mean and variance and keeps running ones, with which the trained network works.

    Reference: Ioffe, Szegedy (2015), Batch normalization: accelerating deep network training.
    """

    momentum: Fraction = 0.1
    epsilon: Annotated[float, Meta(gt=0.0, le=1.0)] = 1e-5
    trained: ClassVar[tuple[str, ...]] = ("gamma", "beta")

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        return dict.fromkeys(("gamma", "beta", "mean", "variance"), (shape[0],))


class Dropout(Description, frozen=True, tag="dropout"):
    """While training, a random share of the values becomes 0 and the rest grows to make up for it.

    Reference: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), Dropout.
    """

    share: Fraction = 0.5


class Flatten(Description, frozen=True, tag="flatten"):
    """All maps as one row of numbers, map by map and row by row."""

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)


class Dense(Description, frozen=True, tag="dense"):
    """Every output is a weighted sum of every input, plus a bias."""

    outputs: Count
    trained: ClassVar[tuple[str, ...]] = ("weights", "bias")

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(f"the dense layer needs a flat row of numbers, but gets shape {shape}: flatten it first")
        return (self.outputs,)

    def array_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"weights": (self.outputs, shape[0]), "bias": (self.outputs,)}


AnyLayer = (
    Convolution
    | MaxPool
    | AveragePool
    | GlobalAveragePool
    | ReLU
    | LeakyReLU
    | Tanh
    | Sigmoid
    | BatchNormalisation
    | Dropout
    | Flatten
    | Dense
)


class Architecture(Struct, frozen=True, forbid_unknown_fields=True):
    """A network as data: its name, the shape of one input, and its layers in order.

    Raises
    ------
    ValueError
        From `shapes`, if a layer cannot take what the one before it gives.
    """

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    input: tuple[Count, Count, Count]
    layers: Annotated[tuple[AnyLayer, ...], Meta(min_length=1, max_length=200)]

    def shapes(self) -> tuple[Shape, ...]:
        """Shape before the first layer and after each one."""
        result: list[Shape] = [self.input]
        for index, layer in enumerate(self.layers):
            try:
                layer.array_shapes(result[-1])
                result.append(layer.output_shape(result[-1]))
            except ValueError as error:
                raise ValueError(f"layer {index}: {error}") from None
        return tuple(result)

    def array_shapes(self) -> dict[str, Shape]:
        """Every array of the network, named ``"<layer>.<array>"``, in order."""
        shapes = self.shapes()
        return {
            f"{index}.{name}": shape
            for index, layer in enumerate(self.layers)
            for name, shape in layer.array_shapes(shapes[index]).items()
        }

    def weight_count(self) -> int:
        """How many numbers training adjusts in the whole network."""
        return sum(layer.weight_count(shape) for layer, shape in zip(self.layers, self.shapes(), strict=False))

    def summary(self) -> str:
        """The network as a table: layer, output as rows x columns x maps, weights.

        A layer without weights of its own that leaves the shape as it is, or flattens it, stands beside the one
        that it follows.
        """
        shapes = self.shapes()
        rows: list[tuple[str, str, str]] = [("input", _as_text(shapes[0]), "")]
        for index, layer in enumerate(self.layers):
            count = layer.weight_count(shapes[index])
            follows = not layer.trained and (shapes[index + 1] == shapes[index] or isinstance(layer, Flatten))
            if follows and index:
                title, shape, weights = rows[-1]
                rows[-1] = (f"{title}, {layer.title}", shape, weights)
            else:
                title = layer.title
                if isinstance(layer, MaxPool | AveragePool):
                    title += f" {layer.size[0]} x {layer.size[1]}"
                rows.append((title, _as_text(shapes[index + 1]), f"{count:,}" if count else "0"))
        rows.append(("total", "", f"{self.weight_count():,}"))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        return "\n".join(
            f"{title:<{widths[0]}}  {shape:<{widths[1]}}  {count:>{widths[2]}}".rstrip() for title, shape, count in rows
        )


def _as_text(shape: Shape) -> str:
    return " x ".join(map(str, (*shape[1:], shape[0])))
