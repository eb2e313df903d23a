"""What the film strip shows: the weights of the first layer that learns, and what each filter resembles. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.layers import Node
from kernels.cnn.network import Network
from kernels.cnn.painting import filter_picture
from kernels.cnn.resemblance import Resemblance, classify
from viewer.pages.network.train.drawn import Film, FilmFrame, Likeness, RowKind

MOST_ROWS = 256
"""Of a layer with more filters or units the first ones are shown."""


@dataclass(frozen=True, eq=False, slots=True)
class FirstLayer:
    """The first layer of a network at one checkpoint.

    Attributes
    ----------
    step : int
    weights : (F, h, w, C) float32
        Its filters; of a dense layer what each unit gives to each pixel.
    kind : {"filter", "unit", "class"}
        What one of them is.
    classes : tuple of str
        What units of the last layer stand for.
    """

    step: int
    weights: NDArray[np.float32]
    kind: RowKind
    classes: tuple[str, ...] = ()


def first_layer(network: Network, step: int) -> FirstLayer:
    """The first layer that learns, copied; without rows where none does."""
    for node in network.layers:
        name = next((each for each in node.layer.trained if each.endswith("weights")), None)
        if name is not None:
            return _layer(network, node, node.arrays[name][:MOST_ROWS], step)
    return FirstLayer(step, np.zeros((0, 1, 1, 1), np.float32), "filter")


def _layer(network: Network, node: Node, weights: NDArray[np.float32], step: int) -> FirstLayer:
    shape = network.architecture.input
    if weights.ndim == 2 and weights.shape[1] == prod(shape):
        pictures = weights.reshape(-1, *shape).transpose(0, 2, 3, 1).copy()
        is_last = node is network.layers[-1]
        return FirstLayer(step, pictures, "class" if is_last else "unit", network.classes if is_last else ())
    # A filter of each channel's own has no axis of channels, a pointwise one no rows and columns.
    full = {4: lambda: weights, 3: lambda: weights[:, np.newaxis], 2: lambda: weights[:, :, np.newaxis, np.newaxis]}
    return FirstLayer(step, full[weights.ndim]().transpose(0, 2, 3, 1).copy(), "filter")


def film(layers: Sequence[FirstLayer]) -> Film:
    """The strip of these checkpoints, each row painted to one scale, so that weights are seen to grow."""
    if not layers:
        return Film((), "filter")
    ordered = sorted(layers, key=lambda each: each.step)
    reaches = np.max([np.abs(each.weights).max(axis=(1, 2, 3), initial=0.0) for each in ordered], axis=0)
    frames = tuple(_frame(each, reaches) for each in ordered)
    return Film(frames, ordered[0].kind, ordered[0].classes)


def _frame(layer: FirstLayer, reaches: NDArray[np.float32]) -> FilmFrame:
    pictures = tuple(
        filter_picture(one, float(reach) or 1.0) for one, reach in zip(layer.weights, reaches, strict=True)
    )
    is_named = layer.kind == "filter" and layer.weights.size > 0 and np.isfinite(layer.weights).all()
    found = classify(layer.weights) if is_named else ()
    return FilmFrame(layer.step, pictures, tuple(map(_likeness, found)))


def _likeness(found: Resemblance) -> Likeness:
    score = found.matches[0].score if found.matches else 0.0
    return Likeness(float(score), "" if found.kind == "nothing" else found.label)
