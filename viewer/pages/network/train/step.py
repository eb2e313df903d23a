"""One step of a training, painted: what each stage gives, and the message that comes back to it. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt, prod
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.training.anatomy import LayerApart, StepApart
from kernels.pictures.display import render
from viewer.painting import DIVERGING, SIGNED_COVERAGE, Bytes, with_opacity

FOLDED = ("ReLU", "leaky ReLU", "sigmoid", "tanh", "batch normalisation", "dropout", "flatten", "bias")
"""Layers that are shown with the one before."""
MOST_MAPS = 256
"""So many maps of a stage are shown."""


class StepStage(msgspec.Struct, frozen=True, eq=False):
    """A layer with what is shown together with it, such as its activation.

    Attributes
    ----------
    layers : tuple of LayerApart
        The first of them computes, the last gives what the next stage gets.
    forward, message : (h, w, 4) uint8 arrays, or None
        All maps side by side, painted; see `LayerApart`.
    """

    layers: tuple[LayerApart, ...]
    forward: Bytes
    message: Bytes | None

    @property
    def is_activated(self) -> bool:
        """Whether what is shown with it bends what it gives."""
        return len(self.layers) > 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Of what it gives."""
        return self.layers[0].result.shape


def step_stages(apart: StepApart) -> tuple[StepStage, ...]:
    """Return the stages of a step behind the picture, in order; what is inside of another layer belongs to that."""
    groups: list[list[LayerApart]] = []
    for layer in apart.layers:
        if "." in layer.place or (not groups and layer.title == "flatten"):
            continue
        if groups and layer.title in FOLDED:
            groups[-1].append(layer)
        else:
            groups.append([layer])
    return tuple(
        StepStage(
            tuple(group), mosaic(group[-1].result), None if group[0].message is None else mosaic(group[0].message)
        )
        for group in groups
    )


def mosaic(values: NDArray[Any]) -> Bytes:
    """Paint maps (C, h, w) or numbers (K,) side by side: from black to the largest, or blue and orange about 0."""
    maps = (values if values.ndim == 3 else values.reshape(-1, 1, 1))[:MOST_MAPS]
    reach = float(np.quantile(np.abs(maps), SIGNED_COVERAGE)) or float(np.abs(maps).max()) or 1.0
    count, height, width = maps.shape
    across = max(1, isqrt(count - 1) + 1 if height == width else round((count * height / width) ** 0.5))
    gap = 0 if height == width == 1 else max(1, height // 14)
    down = -(-count // across)
    held = np.zeros((down * (height + gap) - gap, across * (width + gap) - gap))
    there = np.zeros(held.shape, np.uint8)
    for number, each in enumerate(maps):
        row, column = divmod(number, across)
        place = np.s_[row * (height + gap) :, column * (width + gap) :]
        held[place][:height, :width] = each
        there[place][:height, :width] = 255
    if maps.min() < 0:
        return with_opacity(render(held, (-reach, reach), "signed", DIVERGING), there)
    return with_opacity(np.repeat(render(held, (0.0, reach))[..., np.newaxis], 3, axis=2), there)


def filter_picture(
    weights: NDArray[Any], index: Sequence[int], shape: tuple[int, ...]
) -> tuple[Bytes, tuple[int, int]]:
    """Paint the weights that a weight stands among, and return where it stands.

    Parameters
    ----------
    weights : (F, C, kh, kw) or (K, N) array
    index : sequence of int
        Of the weight.
    shape : tuple of int
        Of what comes in: the weights of a dense unit are laid out as the map that they see.
    """
    if weights.ndim == 4:
        shown, place = weights[index[0], index[1]], (index[2], index[3])
    else:
        height, width = shape[1:] if len(shape) == 3 and prod(shape) == weights.shape[1] else _wrapped(weights.shape[1])
        each, inside = divmod(index[1], height * width)
        row = np.zeros(-(-weights.shape[1] // (height * width)) * height * width)
        row[: weights.shape[1]] = weights[index[0]]
        shown, place = row.reshape(-1, height, width)[each], divmod(inside, width)
    reach = float(np.abs(shown).max()) or 1.0
    return render(shown, (-reach, reach), "signed", DIVERGING), (int(place[0]), int(place[1]))


def _wrapped(count: int) -> tuple[int, int]:
    """Rows and columns that hold so many numbers, about as many of each."""
    across = isqrt(count - 1) + 1
    return -(-count // across), across
