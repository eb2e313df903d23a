"""What the film strip shows: the first layer at some checkpoints, painted. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from kernels.cnn.network import Network
from kernels.cnn.painting import filter_picture
from kernels.cnn.training.history import FilterLook, first_filters
from viewer.pages.network.train.drawn import Film, FilmFrame, Likeness, RowKind

MOST_ROWS = 256
"""Of a layer with more filters or units the first ones are shown."""


class FirstLayer(msgspec.Struct, frozen=True, eq=False):
    """The first layer of a network at one checkpoint.

    Attributes
    ----------
    step : int
    looks : tuple of FilterLook
    kind : {"filter", "unit", "class"}
        What one of them is.
    classes : tuple of str
        What the outputs stand for, where the first layer is the last.
    """

    step: int
    looks: tuple[FilterLook, ...]
    kind: RowKind
    classes: tuple[str, ...] = ()


def first_layer(network: Network, step: int) -> FirstLayer:
    """The first layer of `network`, which was kept after `step` steps."""
    looks = first_filters(network, MOST_ROWS)
    if network.convolutions:
        return FirstLayer(step, looks, "filter")
    is_last = sum("weights" in node.arrays for node in network.layers) == 1
    return FirstLayer(step, looks, "class", network.classes) if is_last else FirstLayer(step, looks, "unit")


def film(layers: Sequence[FirstLayer]) -> Film:
    """The strip of these checkpoints, each picture painted to its own scale: weight decay makes weights fade."""
    if not layers:
        return Film((), "filter")
    ordered = sorted(layers, key=lambda each: each.step)
    return Film(tuple(map(_frame, ordered)), ordered[0].kind, ordered[0].classes)


def _frame(layer: FirstLayer) -> FilmFrame:
    pictures = (filter_picture(look.weights, float(np.abs(look.weights).max()) or 1.0) for look in layer.looks)
    likenesses = (Likeness(look.likeness, look.label) for look in layer.looks if look.likeness is not None)
    return FilmFrame(layer.step, tuple(pictures), tuple(likenesses))
