"""One weight of a network, and the step that follows a checkpoint taken apart for it. No Qt."""

from __future__ import annotations

from math import isqrt, prod

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.training.anatomy import StepApart, take_apart
from kernels.cnn.training.differences import Difference, central_difference
from kernels.cnn.training.gauges import places
from kernels.cnn.training.trainer import Trainer
from viewer.page_views import TrainView
from viewer.pages.network.train.shown import Checkpoint
from viewer.pages.network.train.step import StepStage, step_stages
from viewer.painting import Bytes


class Weight(msgspec.Struct, frozen=True):
    """A weight: the array that holds it, as `Network.arrays` names it, and where it stands there."""

    array: str
    index: tuple[int, ...]


class Apart(msgspec.Struct, frozen=True, eq=False):
    """A step taken apart for one weight.

    Attributes
    ----------
    checkpoint : Checkpoint
        That it follows.
    network : Network
        As it was there.
    step : StepApart
    pictures : tuple of uint8 arrays
        The minibatch, as the network got it; this and what follows only where the whole step is shown.
    stages : tuple of StepStage
    difference : Difference or None
        The gradient by central differences, where it is wanted.
    """

    checkpoint: Checkpoint
    network: Network
    step: StepApart
    pictures: tuple[Bytes, ...] = ()
    stages: tuple[StepStage, ...] = ()
    difference: Difference | None = None

    @property
    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All weights that are looked at one by one, by the names of their arrays, in the order of the layers."""
        arrays = self.network.arrays()
        return {name: arrays[name] for name in weight_arrays(self.network)}


def weight_arrays(network: Network) -> tuple[str, ...]:
    """The names of the arrays of weights that are trained, in the order of the layers; those of a convolution for each
    channel on its own are not looked at one by one."""
    return tuple(
        f"{place}.weights"
        for place, node in places(network.layers)
        if not node.rows and "weights" in node.layer.trained and node.arrays["weights"].ndim in (2, 4)
    )


def seen_shape(network: Network, weights: NDArray[np.float32]) -> tuple[int, ...]:
    """The shape of the picture that a dense unit sees; empty where it sees none."""
    return network.architecture.input if weights.shape[-1] == prod(network.architecture.input) else ()


def find_weight(network: Network, look: TrainView) -> Weight | None:
    """The weight that is looked at; beyond the end of anything it is the last. None where nothing is trained."""
    names = weight_arrays(network)
    if not names:
        return None
    array = names[min(look.layer, len(names) - 1)]
    weights = network.arrays()[array]
    output = min(look.output, len(weights) - 1)
    if weights.ndim == 2:
        # Drawn as the picture that it sees, or in rows.
        seen = seen_shape(network, weights)[-2:] or (isqrt(weights.shape[1] - 1) + 1,) * 2
        row, column = look.weight or (seen[0] // 2, seen[1] // 2)
        return Weight(array, (output, min(row * seen[1] + column, weights.shape[1] - 1)))
    height, width = weights.shape[2:]
    wanted = output, look.given, *(look.weight or (height // 2, width // 2))
    return Weight(array, tuple(min(at, size - 1) for at, size in zip(wanted, weights.shape, strict=True)))


def take_step_apart(
    trainer: Trainer, checkpoint: Checkpoint, network: Network, weight: Weight, picture: int, *,
    whole: bool, differences: bool,
) -> Apart:  # fmt: skip
    """Take the next step of a training apart; it stands where it stood afterwards."""
    step = take_apart(trainer, weight.array, weight.index, picture)
    if not whole:
        return Apart(checkpoint, network, step)
    maps = np.concatenate([trainer.minibatch(trainer.step, part)[0] for part in range(trainer.parts)])
    pictures = tuple(_pixels(each, network.preprocessing) for each in maps)
    difference = central_difference(trainer, weight.array, weight.index) if differences else None
    return Apart(checkpoint, network, step, pictures, step_stages(step), difference)


def _pixels(maps: NDArray[np.float32], preprocessing: Preprocessing) -> Bytes:
    """A picture as it was before it was standardised, with the border that it was given."""
    mean, deviation = (
        np.array(each, np.float32)[:, None, None] for each in (preprocessing.mean, preprocessing.deviation)
    )
    pixels = np.clip(np.rint(maps * deviation + mean), 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return pixels[..., 0] if pixels.shape[2] == 1 else np.ascontiguousarray(pixels)
