"""A gradient without backpropagation: move one weight a little each way, and see what the loss does."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.layers import Array, LeakyReLU, Node, ReLU
from kernels.cnn.network import Network
from kernels.cnn.training.anatomy import weight_at
from kernels.cnn.training.gauges import places
from kernels.cnn.training.loss import cross_entropy
from kernels.cnn.training.trainer import Trainer

_DISTANCE = 1e-6
"""So near that few units change over, so far that float64's rounding costs some 1e-9 only."""


class Difference(msgspec.Struct, frozen=True):
    """A gradient by central differences: how much the loss changes with a weight, in float64.

    Attributes
    ----------
    distance : float
        How far the weight is moved each way, h.
    below, above : float
        The loss of the minibatch with the weight moved down, and up.
    gradient : float
        (above − below) / 2 h.
    changed : int
        Numbers of all pictures at which a ReLU lets through on one side of the weight only. There the loss has a kink,
        and its gradient is not quite what the differences say.
    """

    distance: float
    below: float
    above: float
    gradient: float
    changed: int


def central_difference(trainer: Trainer, array: str, index: tuple[int, ...]) -> Difference:
    """Return the gradient of the next step by one weight.

    Parameters
    ----------
    trainer : Trainer
        It stays as it is.
    array, index
        As for `kernels.cnn.training.anatomy.take_apart`.

    Raises
    ------
    ValueError
        If there is no such weight.
    """
    own = trainer.network
    weight_at(own, array, index)
    arrays = {name: each.astype(np.float64) for name, each in own.arrays().items()}
    middle = float(arrays[array][index])
    distance = _DISTANCE * max(1.0, abs(middle))
    losses, signs = [], []
    for way in (-1.0, 1.0):
        moved = {name: each.copy() for name, each in arrays.items()}
        moved[array][index] = middle + way * distance
        network = Network(own.architecture, own.preprocessing, own.classes, moved)
        seen = _Signs(network)
        losses.append(_loss(trainer, network))
        signs.append(seen.kept)
    changed = sum(int(np.count_nonzero(one != other)) for one, other in zip(*signs, strict=True))
    below, above = losses
    return Difference(distance, below, above, (above - below) / (2 * distance), changed)


def _loss(trainer: Trainer, network: Network) -> float:
    """The loss of the next step's minibatch with the weights of a network."""
    network.draw_from(trainer.chance(trainer.step))
    total, count = 0.0, 0
    for part in range(trainer.parts):
        maps, labels, _ = trainer.minibatch(trainer.step, part)
        *_, outputs = network.activations(maps.astype(np.float64), training=True)
        total += cross_entropy(outputs, labels)[0] * len(labels)
        count += len(labels)
    return total / count


class _Signs:
    """Keeps where the ReLUs of a network let through."""

    def __init__(self, network: Network) -> None:
        self.kept: list[NDArray[Any]] = []
        for _, node in places(network.layers):
            if isinstance(node.layer, ReLU | LeakyReLU):
                node.watcher = self

    def forward(self, node: Node, maps: Array, result: Array) -> None:
        self.kept.append(maps > 0)

    def backward(self, node: Node, gradient: Array) -> None:
        """Nothing goes back."""
