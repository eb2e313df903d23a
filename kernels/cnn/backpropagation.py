"""What a change of the input does to what a trained network says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kernels.cnn.layers import Array, Node


class Backpropagation:
    """Layers of a trained network at work, so that what they give can be differentiated by what they were given.

    The weights are the network's own; the memory is not, so that the network may be used meanwhile.

    Parameters
    ----------
    layers : sequence of Node
        A run of the network's layers.
    guided : bool
        Let only what is positive pass back through every ReLU.

        Reference: Springenberg, Dosovitskiy, Brox, Riedmiller (2015), Striving for simplicity: the all convolutional
        net.
    """

    def __init__(self, layers: Sequence[Node], *, guided: bool = False) -> None:
        self._layers = [
            Node(each.layer, each.arrays, each.random, is_trained=True, is_guided=guided) for each in layers
        ]

    def forward(self, maps: Array) -> Array:
        """Return what the last of the layers gives; valid until the next call."""
        for node in self._layers:
            maps = node.forward(maps, training=True)
        return maps

    def backward(self, gradient: Array) -> Array:
        """Turn a gradient by the result of `forward` into the one by its input; valid until the next call.

        Parameters
        ----------
        gradient : array of the result's shape
        """
        for node in reversed(self._layers):
            gradient = node.backward(gradient)
        return gradient


def class_gradient(layers: Sequence[Node], maps: Array, target: int, *, guided: bool = False) -> Array:
    """Return the gradient of one class's output, before softmax, by what the layers are given.

    Parameters
    ----------
    layers : sequence of Node
        Of a network, to its end.
    maps : array
        Given to the first of them.
    target : int
    guided
        As for `Backpropagation`.

    Returns
    -------
    array of the shape of `maps`
    """
    network = Backpropagation(layers, guided=guided)
    chosen = np.zeros_like(network.forward(maps))
    chosen[:, target] = 1
    return network.backward(chosen)
