"""The step that follows a checkpoint, taken apart, and how what passes through it is painted. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.painting import filter_picture
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.training.anatomy import Difference, LayerApart, StepApart, central_difference, take_apart
from kernels.cnn.training.gauges import gradient_sizes
from kernels.cnn.training.trainer import Trainer
from viewer.pages.network.train.shown import Checkpoint
from viewer.pages.network.train.weight import Weight

Bytes = NDArray[np.uint8]
MOST_PICTURES = 64
"""Of the minibatch that are shown."""


@dataclass(frozen=True, eq=False, slots=True)
class Painted:
    """A layer of a step: what it gave and the message that came back to it, all maps beside each other."""

    layer: LayerApart
    forward: Bytes
    message: Bytes | None


@dataclass(frozen=True, eq=False, slots=True)
class Apart:
    """A step taken apart for one weight.

    Attributes
    ----------
    checkpoint : Checkpoint
        That it follows.
    weight : Weight
    step : StepApart
    gradients : dict of str to float
        How large those of every array of weights are.
    classes : tuple of str
    pictures : tuple of uint8 arrays
        The first of the minibatch, as the network got them.
    painted : tuple of Painted
        Only where the whole step is shown.
    difference : Difference or None
        The gradient by central differences, where it is wanted.
    """

    checkpoint: Checkpoint
    weight: Weight
    step: StepApart
    gradients: dict[str, float]
    classes: tuple[str, ...]
    pictures: tuple[Bytes, ...] = ()
    painted: tuple[Painted, ...] = ()
    difference: Difference | None = None


def take_step_apart(
    trainer: Trainer, checkpoint: Checkpoint, weight: Weight, picture: int, *, whole: bool, differences: bool
) -> Apart:
    """Take the next step of a training apart; it stands where it stood afterwards."""
    step = take_apart(trainer, weight.array, weight.index, picture)
    sizes, classes = gradient_sizes(trainer.network), trainer.network.classes
    if not whole:
        return Apart(checkpoint, weight, step, sizes, classes)
    maps, _labels, _indices = trainer.minibatch(trainer.step)
    pictures = tuple(_pixels(each, trainer.network.preprocessing) for each in maps[:MOST_PICTURES])
    difference = central_difference(trainer, weight.array, weight.index) if differences else None
    painted = tuple(_painted(each) for each in step.layers)
    return Apart(checkpoint, weight, step, sizes, classes, pictures, painted, difference)


def _painted(layer: LayerApart) -> Painted:
    return Painted(layer, _maps(layer.result), None if layer.message is None else _maps(layer.message))


def _maps(values: NDArray[np.float32]) -> Bytes:
    """All maps, or all units, beside each other, from blue through near-white to orange."""
    return filter_picture(np.nan_to_num(values.reshape(len(values), *(values.shape[1:] or (1, 1)))).transpose(1, 2, 0))


def _pixels(maps: NDArray[np.float32], preprocessing: Preprocessing) -> Bytes:
    """A picture as it was before it was standardised, with the border that it was given."""
    mean, deviation = (
        np.array(each, np.float32)[:, None, None] for each in (preprocessing.mean, preprocessing.deviation)
    )
    pixels = np.clip(np.rint(maps * deviation + mean), 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return pixels[..., 0] if pixels.shape[2] == 1 else np.ascontiguousarray(pixels)
