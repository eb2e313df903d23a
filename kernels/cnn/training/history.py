"""The first layer while it learns: its filters, and what each resembles, checkpoint by checkpoint."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.layers import Convolution, Dense
from kernels.cnn.network import Network
from kernels.cnn.resemblance import classify
from kernels.cnn.training.gauges import places

_LARGEST_SIDE = 11
"""Of a filter that is compared with named kernels: how near chance comes is known up to this size."""


class FilterLook(msgspec.Struct, frozen=True, eq=False):
    """A filter of the first layer, and what it looks like.

    Attributes
    ----------
    number : int
    weights : (kh, kw, C) read-only float32 array
        As a kernel for correlation.
    likeness : float or None
        Cosine between its pattern and the named kernel that is nearest, 0 to 1; None where it is compared with none.
    nearest : str
        That kernel's name on screen.
    is_chance : bool
        Whether noise comes as near to some named kernel.
    label : str
        What it is called, such as "edge 68°" (`kernels.cnn.resemblance.classify`); empty where it resembles nothing.
    """

    number: int
    weights: NDArray[np.float32]
    likeness: float | None = None
    nearest: str = ""
    is_chance: bool = False
    label: str = ""


def first_filters(network: Network, most: int = 64) -> tuple[FilterLook, ...]:
    """Return what the first layer looks for.

    Parameters
    ----------
    network : Network
        If it begins with a dense layer, the weights of each unit are laid out as the picture that it sees; they are
        as large as that, and not compared with named kernels.
    most : int
        Filters that are looked at.

    Returns
    -------
    tuple of FilterLook
        Empty if the first layer with weights is a dense one behind something that changes the picture's size.
    """
    filters = _weights(network)[:most]
    filters.setflags(write=False)
    if not len(filters) or max(filters.shape[1:3]) > _LARGEST_SIDE:
        return tuple(FilterLook(number, weights) for number, weights in enumerate(filters))
    looks = []
    for found, weights in zip(classify(filters), filters, strict=True):
        label = "" if found.kind == "nothing" else found.label
        nearest = found.matches[0] if found.matches else None
        if nearest is None:
            looks.append(FilterLook(found.index, weights, 0.0, "", True, label))
        else:
            looks.append(FilterLook(found.index, weights, nearest.score, nearest.title, nearest.is_chance, label))
    return tuple(looks)


def _weights(network: Network) -> NDArray[np.float32]:
    """The weights of the first layer that has some, (F, kh, kw, C); none if it does not see the picture."""
    for _, node in places(network.layers):
        if isinstance(node.layer, Convolution):
            return node.arrays["weights"].transpose(0, 2, 3, 1).copy()
        if isinstance(node.layer, Dense):
            channels, height, width = network.architecture.input
            weights = node.arrays["weights"]
            if weights.shape[1] != channels * height * width:
                break
            return weights.reshape(-1, channels, height, width).transpose(0, 2, 3, 1).copy()
    return np.empty((0, 1, 1, 1), np.float32)
