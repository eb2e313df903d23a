"""One weight of a network: which it is, where it stands among its like, and how those are painted. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.network import Network
from kernels.cnn.painting import filter_picture
from kernels.cnn.training.gauges import places
from viewer.session import TrainView


@dataclass(frozen=True, eq=False, slots=True)
class Weight:
    """A weight that is looked at.

    Attributes
    ----------
    array : str
        The array that holds it, as `Network.arrays` names it.
    index : tuple of int
        Where it stands there.
    layers : tuple of int
        Dimensions of each array of weights that is trained: 4 of a convolution, 2 of a dense layer.
    layer : int
        Which of them it is.
    outputs, inputs : int
        How many filters, or units, the layer has, and how many maps each of them sees.
    output, given : int
        Which of them it belongs to.
    pixels : (h, w, 3) uint8 array
        It and those around it, painted, a pixel each.
    place : (int, int)
        Where it stands among them.
    """

    array: str
    index: tuple[int, ...]
    layers: tuple[int, ...]
    layer: int
    outputs: int
    inputs: int
    output: int
    given: int
    pixels: NDArray[np.uint8]
    place: tuple[int, int]


def weight_arrays(network: Network) -> tuple[str, ...]:
    """The names of the arrays of weights that are trained, in the order of the layers."""
    return tuple(
        f"{place}.weights"
        for place, node in places(network.layers)
        if not node.rows and "weights" in node.layer.trained
    )


def find_weight(network: Network, look: TrainView) -> Weight | None:
    """The weight that is looked at; beyond the end of anything it is the last. None where nothing is trained."""
    layers = weight_arrays(network)
    if not layers:
        return None
    arrays, layer = network.arrays(), min(look.layer, len(layers) - 1)
    array = layers[layer]
    weights = arrays[array]
    output = min(look.output, len(weights) - 1)
    if weights.ndim == 4:
        inputs = weights.shape[1]
        given = min(look.given, inputs - 1)
        grid = weights[output, given]
    else:
        inputs, given = 1, 0
        grid = _as_square(network, weights[output])
    row, column = (min(at, size - 1) for at, size in zip(look.weight, grid.shape, strict=True))
    place = (row, column)
    if weights.ndim == 4:
        index: tuple[int, ...] = (output, given, row, column)
    else:
        at = min(row * grid.shape[1] + column, weights.shape[1] - 1)
        index, place = (output, at), divmod(at, grid.shape[1])
    pixels, dimensions = filter_picture(grid[..., np.newaxis]), tuple(arrays[each].ndim for each in layers)
    return Weight(array, index, dimensions, layer, len(weights), inputs, output, given, pixels, place)


def _as_square(network: Network, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weights of a unit: as the picture that it sees, if it sees one of a single channel, else in rows."""
    channels, height, width = network.architecture.input
    if channels == 1 and weights.size == height * width:
        return weights.reshape(height, width)
    across = math.ceil(math.sqrt(weights.size))
    filled = np.zeros(math.ceil(weights.size / across) * across, np.float32)
    filled[: weights.size] = weights
    return filled.reshape(-1, across)
