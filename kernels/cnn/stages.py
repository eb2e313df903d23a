"""What every layer of a network makes of one picture, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.arguments import one_picture
from kernels.cnn.layers import Activation, Array, Composite, Convolution, Dense, Flatten, Layer, Shape
from kernels.cnn.network import Network


class NetworkStage(msgspec.Struct, frozen=True, eq=False):
    """What one stage of a network makes of a picture: a layer with those that belong to it.

    Attributes
    ----------
    name : str
        ``"Convolution 2"``, ``"Residual 1"``, ``"Average pool"``, ``"Dense 84"``.
    layer : int
        The number of its first layer among all layers of the network.
    activation : str
        ``"ReLU"``; empty if it has none.
    weights : int
        How many numbers training adjusts.
    before, after : (C, H, W) or (K,) arrays
        What it gives before and after its activation, the same array if it has none; read-only.
    """

    name: str
    layer: int
    activation: str
    weights: int
    before: Array
    after: Array

    @property
    def shape(self) -> Shape:
        """Of what it gives: maps, rows, columns; or numbers."""
        return self.after.shape


class ForwardPass(msgspec.Struct, frozen=True, eq=False, dict=True):
    """One picture on its way through a network.

    Attributes
    ----------
    network : Network
    maps : tuple of (C, H, W) or (K,) arrays
        The prepared picture, with the border that the network adds, then what each layer gives; read-only.
    """

    network: Network
    maps: tuple[Array, ...]

    @cached_property
    def stages(self) -> tuple[NetworkStage, ...]:
        """The row of the network, in order; see `Architecture.stages`. Flattening the picture is none."""
        architecture = self.network.architecture
        layers, shapes = architecture.layers, architecture.shapes()
        found = []
        for numbers in architecture.stages():
            shown = [number for number in numbers if not isinstance(layers[number], Flatten)]
            if not shown:
                continue
            activation = next((number for number in shown if isinstance(layers[number], Activation)), None)
            after = self.maps[shown[-1] + 1]
            found.append(
                NetworkStage(
                    name=_name(layers, shown[0]),
                    layer=shown[0],
                    activation="" if activation is None else layers[activation].title,
                    weights=layers[shown[0]].weight_count(shapes[shown[0]]),
                    before=after if activation is None else self.maps[activation],
                    after=after,
                )
            )
        return tuple(found)


def forward_pass(network: Network, picture: NDArray[np.uint8]) -> ForwardPass:
    """Show a network one picture and keep what each of its layers gives.

    Parameters
    ----------
    network : Network
    picture : (H, W) or (H, W, C) uint8
        Of the network's `input_shape`.

    Raises
    ------
    TypeError, ValueError
        If the picture is not 8-bit, or not of the network's shape.
    """
    prepared = network.preprocessing.batch(one_picture(network, picture))
    return ForwardPass(network, tuple(_frozen(each[0]) for each in (prepared, *network.activations(prepared))))


def _name(layers: Sequence[Layer], number: int) -> str:
    layer = layers[number]
    if isinstance(layer, Dense):
        return f"Dense {layer.outputs}"
    title = "Convolution" if isinstance(layer, Convolution) else layer.title[:1].upper() + layer.title[1:]
    if isinstance(layer, Convolution | Composite):
        return f"{title} {sum(isinstance(each, type(layer)) for each in layers[: number + 1])}"
    return title


def _frozen(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view
