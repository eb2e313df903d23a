"""A network: layers in a row, with what it takes to show it pictures and to say what it saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels import memory
from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import Array, Convolution, Node
from kernels.cnn.preprocessing import Preprocessing
from kernels.errors import refuse_mask

BATCH = 256
"""Pictures that are classified at once."""


class Network:
    """A trained network, or one to be trained.

    Parameters
    ----------
    architecture : Architecture
    preprocessing : Preprocessing
        One mean per input channel of the architecture.
    classes : sequence of str
        What the outputs stand for, in order.
    arrays : mapping, optional
        Weights by name as in `Architecture.array_shapes`; used, not copied. Random ones by default.
    seed : int
        Of the random weights, and of everything that layers draw while training.

    Raises
    ------
    ValueError
        If the parts do not fit together.
    """

    def __init__(
        self,
        architecture: Architecture,
        preprocessing: Preprocessing,
        classes: Sequence[str],
        arrays: Mapping[str, Array] | None = None,
        *,
        seed: int = 0,
    ) -> None:
        shapes = architecture.shapes()
        _check_fit(architecture, shapes[-1], preprocessing, classes)
        self.architecture = architecture
        self.preprocessing = preprocessing
        self.classes = tuple(classes)
        random = np.random.default_rng(seed)
        if arrays is None:
            arrays = architecture.initial_arrays(random)
        self.layers: list[Node] = []
        for index, layer in enumerate(architecture.layers):
            mine = {name: arrays[f"{index}.{name}"] for name in layer.array_shapes(shapes[index])}
            self.layers.append(Node(layer, mine, random))

    @property
    def name(self) -> str:
        """Name of the architecture."""
        return self.architecture.name

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one picture as `predict` takes it: (H, W), or (H, W, C) for colour."""
        channels, height, width = self.architecture.input
        border = 2 * self.preprocessing.padding
        size = (height - border, width - border)
        return size if channels == 1 else (*size, channels)

    @property
    def convolutions(self) -> tuple[Node, ...]:
        """The convolution layers, in order; those inside other layers do not count."""
        return tuple(node for node in self.layers if isinstance(node.layer, Convolution))

    def convolution(self, layer: int) -> Node:
        """Return a convolution layer, counted from 0 among them; TypeError or IndexError where there is none."""
        found = self.convolutions
        if isinstance(layer, bool) or not isinstance(layer, int | np.integer):
            raise TypeError(f"layer must be a whole number, but is {layer!r}")
        if not found:
            raise IndexError(f"{self.name} has no convolution layer")
        if not 0 <= layer < len(found):
            last = len(found) - 1
            raise IndexError(f"layer must be 0 to {last}, one of {self.name}'s convolution layers, but is {layer}")
        return found[layer]

    def summary(self) -> str:
        """The layers as a table of output shapes and weight counts."""
        return self.architecture.summary()

    def arrays(self) -> dict[str, Array]:
        """All arrays, running statistics included, by name; not copies."""
        return {f"{i}.{name}": array for i, node in enumerate(self.layers) for name, array in node.arrays.items()}

    def parameters(self) -> tuple[NDArray[np.float32], ...]:
        """What training adjusts, layer by layer, weights before biases; read-only, 61,706 numbers in LeNet-5."""
        result = []
        for node in self.layers:
            for name in node.layer.trained:
                view = node.arrays[name].view()
                view.flags.writeable = False
                result.append(view)
        return tuple(result)

    def activations(self, maps: Array, *, training: bool = False) -> tuple[Array, ...]:
        """Return what every layer makes of prepared pictures; the last one's are the outputs, before softmax.

        Parameters
        ----------
        maps : (N, C, H, W) array, as `Preprocessing` makes them
        training : bool
            Prepare for `backward`; what is returned is then valid until the next step.
        """
        kept: list[Array] = []
        for node in self.layers:
            maps = node.forward(maps, training=training)
            kept.append(maps)
        return tuple(kept)

    def backward(self, gradient: Array) -> None:
        """Set every layer's gradients from that of the loss by the outputs; follows `activations` while training."""
        first = next((index for index, node in enumerate(self.layers) if node.gradients), len(self.layers))
        for index in range(len(self.layers) - 1, first - 1, -1):
            gradient = self.layers[index].backward(gradient, inputs=index > first)

    def forward(self, x: ArrayLike) -> NDArray[Any]:
        """Compute the outputs for raw tensors; nothing is standardised, padded or turned into probabilities.

        Parameters
        ----------
        x : (N, C, H, W) array of real numbers
            Of the architecture's `input` each: (N, 1, 32, 32) for LeNet-5, (N, 3, 32, 32) for ColourNet.

        Returns
        -------
        (N, classes) array, before softmax
            float64 for float64, float32 for everything else.

        Raises
        ------
        TypeError, ValueError
            If the numbers are not real, not finite, or not of the network's shape.
        """
        refuse_mask("x", x)
        given = np.asarray(x)
        if given.dtype.kind not in "buif":
            raise TypeError(f"x must hold real numbers, but is of type {given.dtype}")
        if given.shape[1:] != self.architecture.input:
            wanted = ", ".join(map(str, self.architecture.input))
            raise ValueError(f"x must have the shape (N, {wanted}) for {self.name}, but has {given.shape}")
        with np.errstate(over="ignore"):
            maps = given.astype(np.float64 if given.dtype == np.float64 else np.float32)
        if not np.isfinite(maps).all():
            raise ValueError("x must hold finite numbers, as float32 too")
        result = np.empty((len(maps), len(self.classes)), maps.dtype)
        for start in range(0, len(maps), BATCH):
            result[start : start + BATCH] = self._outputs(maps[start : start + BATCH])
        return result

    def _outputs(self, maps: Array, cancelled: Callable[[], bool] | None = None) -> Array:
        """Return what the last layer gives, without keeping what the others give."""
        for node in self.layers:
            maps = node.forward(maps, cancelled=cancelled)
        return maps

    def predict(self, images: NDArray[Any], *, cancelled: Callable[[], bool] | None = None) -> NDArray[np.float32]:
        """Classify pictures.

        Parameters
        ----------
        images : (N, H, W) or (N, H, W, C) uint8
            Of `input_shape` each: (N, 28, 28) for LeNet-5, (N, 32, 32, 3) for ColourNet.

        Returns
        -------
        (N, classes) float32
            Probabilities.

        Raises
        ------
        TypeError, ValueError
            If the images are not 8-bit, or not of the network's shape.
        """
        images = self._checked(images)
        result = np.empty((len(images), len(self.classes)), np.float32)
        for start in range(0, len(images), BATCH):
            maps = self.preprocessing.batch(images[start : start + BATCH])
            result[start : start + BATCH] = softmax(self._outputs(maps, cancelled))
        return result

    def _checked(self, images: NDArray[Any]) -> NDArray[np.uint8]:
        refuse_mask("images", images)
        images = np.asarray(images)
        if images.dtype != np.uint8:
            raise TypeError(f"images must be 8-bit (uint8, 0..255), but are {images.dtype}")
        if images.shape[1:] != self.input_shape:
            wanted = ", ".join(map(str, self.input_shape))
            raise ValueError(f"images must have the shape (N, {wanted}) for {self.name}, but have {images.shape}")
        return images.astype(np.uint8, copy=False)

    def filters(self, layer: int = 0) -> NDArray[np.float32]:
        """Filters of a convolution layer as kernels for correlation.

        Parameters
        ----------
        layer : int
            Counts convolution layers only, from 0.

        Returns
        -------
        (F, kh, kw, C) float32
            A copy. C is the number of input maps that one filter sees.
        """
        weights: NDArray[np.float32] = self.convolution(layer).arrays["weights"]
        return weights.transpose(0, 2, 3, 1).copy()

    def with_filter(self, layer: int, index: int, weights: ArrayLike) -> Network:
        """Return a copy of the network in which one filter has other weights; its bias stays.

        Parameters
        ----------
        layer, index : int
            Which convolution layer, and which filter of it; both from 0.
        weights : (kh, kw, C) array, or (kh, kw) if the filter sees one map only
            As `filters` gives them.

        Raises
        ------
        IndexError, TypeError, ValueError
            If there is no such filter, the shape is another, or a weight is not a finite number.
        """
        old = self.convolution(layer).arrays["weights"]
        if not 0 <= index < len(old):
            raise IndexError(f"filter must be 0 to {len(old) - 1} in convolution layer {layer}, but is {index}")
        given = np.asarray(weights)
        if given.dtype.kind not in "biuf":
            raise TypeError(f"the filter's weights must be real numbers, but are {given.dtype}")
        with np.errstate(over="ignore"):
            new = given.astype(np.float32)
        if new.ndim == 2:
            new = new[:, :, np.newaxis]
        wanted = (*old.shape[2:], old.shape[1])
        if new.shape != wanted:
            raise ValueError(f"the filter's weights must have the shape {wanted}, but have {given.shape}")
        if not np.isfinite(new).all():
            raise ValueError("the filter's weights must be finite, as float32 too")
        copy = self.copy()
        copy.convolution(layer).arrays["weights"][index] = new.transpose(2, 0, 1)
        return copy

    def copy(self) -> Network:
        """Return a network with weights of its own."""
        arrays = {name: array.copy() for name, array in self.arrays().items()}
        return Network(self.architecture, self.preprocessing, self.classes, arrays)

    def responses(
        self,
        image: NDArray[Any],
        layer: int = 0,
        *,
        white: float | None = None,
        filters: Sequence[int] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> NDArray[np.float32]:
        """What the filters of a convolution layer answer to a picture of any size, before the activation.

        The picture is standardised as for training: white becomes 255, grey is repeated for a network that sees
        colour, colour becomes luma for one that sees grey. It is padded only as the layers themselves pad.

        Parameters
        ----------
        image : (H, W) or (H, W, C) array
        layer : int
            Counts convolution layers only, from 0. Deeper ones get what the layers before them make of the picture.
        white : float, optional
            Level that stands for white; by default `kernels.pictures.picture.usual_white`: 255 for uint8, 65535 for
            uint16, 1 for floats that stay near it.
        filters : sequence of int, optional
            Which filters to compute; all by default.
        cancelled : callable, optional
            Asked between strips; the work stops once it is true.

        Returns
        -------
        (F, H', W') float32

        Raises
        ------
        MemoryError
            If the result, or that of a layer before, would take more than half of the free memory.
        TypeError, ValueError, IndexError
            If the image is not a picture, is too small for the layers, or there is no such layer or filter.
        kernels.errors.Cancelled
        """
        target = self.convolution(layer)
        maps: Array = self.preprocessing.picture(image, white)
        before = islice(self.layers, self.layers.index(target))
        shape: tuple[int, ...] = maps.shape[1:]
        for step in before:
            shape = step.layer.output_shape(shape)
            memory.require(4.0 * prod(shape), f"What a layer makes of a picture of {image.shape[1]} × {image.shape[0]}")
            maps = step.forward(maps, cancelled=cancelled)
        convolution = target.layer
        assert isinstance(convolution, Convolution)
        count, height, width = convolution.output_shape(shape)
        count = count if filters is None else len(filters)
        memory.require(4.0 * count * height * width, f"{count} responses of {width} × {height}")
        return convolution.respond(target, maps, filters, cancelled)

    def draw_from(self, random: np.random.Generator) -> None:
        """Set where layers draw from while training."""
        for node in self.layers:
            node.random = random

    def release(self) -> None:
        """Give the memory that training worked in back."""
        for node in self.layers:
            node.release()


def softmax(outputs: Array) -> Array:
    """Turn outputs (N, classes) into probabilities."""
    shares: Array = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def _check_fit(
    architecture: Architecture, outputs: tuple[int, ...], preprocessing: Preprocessing, classes: Sequence[str]
) -> None:
    channels, height, width = architecture.input
    if not len(preprocessing.mean) == len(preprocessing.deviation) == channels:
        raise ValueError(
            f"{architecture.name} sees {channels} channels, but the preprocessing has {len(preprocessing.mean)} means"
            f" and {len(preprocessing.deviation)} deviations"
        )
    if 2 * preprocessing.padding >= min(height, width):
        raise ValueError(
            f"padding {preprocessing.padding} leaves nothing of {architecture.name}'s {height} x {width} input"
        )
    if outputs != (len(classes),):
        raise ValueError(f"{architecture.name} gives outputs of shape {outputs} for {len(classes)} classes")
