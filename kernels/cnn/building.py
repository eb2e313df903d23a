"""From a training plan to the network that it trains: layers, and the weights that they begin with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import ceil

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import (
    Activation,
    AnyLayer,
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    LeakyReLU,
    MaxPool,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from kernels.cnn.models import MODELS
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import measure
from kernels.cnn.rows import Arrays, Started, composed, parts_of
from kernels.cnn.training.plan import ActivationName, LayersRow, NamedNetwork, NetworkChoice, Stack, TrainingPlan
from kernels.errors import shown
from kernels.recipe.recipe import Recipe

ACTIVATIONS: dict[ActivationName, AnyLayer] = {
    "relu": ReLU(),
    "leaky-relu": LeakyReLU(),
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
}


class Design(msgspec.Struct, frozen=True, eq=False):
    """A network as a plan asks for it, untrained.

    Attributes
    ----------
    architecture : Architecture
    padding : int
        The black border around its pictures.
    arrays : mapping
        Those of its arrays that do not begin at random, by name as in `Architecture.array_shapes`.
    """

    architecture: Architecture
    padding: int
    arrays: Arrays

    @property
    def given_weights(self) -> int:
        """How many of the numbers that training adjusts do not begin at random."""
        trained = self.architecture.trained
        return sum(array.size for name, array in self.arrays.items() if name in trained)


def design(plan: TrainingPlan, input_shape: tuple[int, ...], classes: int) -> Design:
    """Return the network that a plan asks for.

    Parameters
    ----------
    plan : TrainingPlan
        Its network, activation, normalisation and dropout are looked at.
    input_shape : tuple of int
        (H, W) of grey pictures, (H, W, C) of colour ones.
    classes : int

    Raises
    ------
    ValueError
        If the network cannot take such pictures, or a stage of a row cannot learn; the text then names its place, such
        as ``stages[2].median``.
    """
    channels = input_shape[2] if len(input_shape) == 3 else 1
    finish = partial(_finished, plan)
    choice, padding = plan.network, 0
    if isinstance(choice, NamedNetwork):
        model = MODELS[choice.name]
        name, padding = model.architecture.name, _border(model.architecture, model.padding, input_shape)
        *hidden, _ = model.architecture.layers
        parts = [*finish([Started(layer) for layer in hidden]), Started(Dense(classes))]
    elif isinstance(choice, Stack):
        name = f"{'Residual stack' if choice.residual else 'Stack'} of {choice.depth}"
        parts = [*finish(_stack(choice, finish)), *_head(classes)]
    else:
        name = "Row"
        stages = Recipe.from_dict({"stages": list(choice.stages)}).chain
        shape = (*input_shape[:2], channels) if channels > 1 else input_shape[:2]
        parts = [*parts_of(stages, shape, finish), *_head(classes)]
    parts = _with_dropout(parts, plan.dropout)
    height, width = (each + 2 * padding for each in input_shape[:2])
    architecture = _checked(Architecture(name, (channels, height, width), tuple(part.layer for part in parts)))
    arrays = {f"{number}.{key}": array for number, part in enumerate(parts) for key, array in part.arrays.items()}
    return Design(architecture, padding, arrays)


def new_network(plan: TrainingPlan, pictures: NDArray[np.uint8], classes: Sequence[str]) -> Network:
    """Return the network that a plan asks for with the weights that it begins with.

    Parameters
    ----------
    plan : TrainingPlan
    pictures : (N, H, W) or (N, H, W, C) uint8
        Those to learn from: by their mean and deviation the network standardises what it is shown.
    classes : sequence of str

    Raises
    ------
    ValueError
        As `design`; also if a channel of the pictures is the same everywhere.
    """
    made = design(plan, pictures.shape[1:], len(classes))
    drawn = made.architecture.initial_arrays(np.random.default_rng(plan.seed), plan.initialisation)
    preprocessing = measure(pictures, made.padding)
    # A copy: training changes the arrays in place.
    arrays = drawn | {name: array.copy() for name, array in made.arrays.items()}
    return Network(made.architecture, preprocessing, classes, arrays, seed=plan.seed)


def picture_shape(choice: NetworkChoice) -> tuple[int, ...]:
    """Return the shape that pictures of any size are best brought to for a network: (H, W), or (H, W, 3) for colour.

    A row that takes no colour gets grey pictures.
    """
    if isinstance(choice, NamedNetwork):
        model = MODELS[choice.name]
        channels, height, width = model.architecture.input
        size = (height - 2 * model.padding, width - 2 * model.padding)
        return size if channels == 1 else (*size, channels)
    if isinstance(choice, LayersRow):
        try:
            design(TrainingPlan(choice), (32, 32, 3), 2)
        except ValueError:
            return 32, 32
    return 32, 32, 3


def _border(architecture: Architecture, padding: int, input_shape: tuple[int, ...]) -> int:
    """Return the black border that brings pictures to the size that an architecture with a border is made for."""
    return max(0, ceil((architecture.input[1] - min(input_shape[:2])) / 2)) if padding else 0


def _stack(choice: Stack, finish: partial[list[Started]]) -> list[Started]:
    """Return the blocks of a stack: activation and convolution, in a residual one added to what comes in.

    In this order nothing stands between an input and the sums that it is added to.

    Reference: He, Zhang, Ren, Sun (2016), Identity mappings in deep residual networks.
    """

    def convolution() -> Started:
        return Started(Convolution(choice.width, (3, 3), padding=(1, 1)))

    pools = [round(choice.depth * share / 3) for share in (1, 2)]
    parts = [convolution()]
    for number in range(choice.depth + 1):
        parts += [Started(MaxPool())] * pools.count(number)
        if number < choice.depth:
            block = [Started(ReLU()), convolution()]
            parts += [composed(Residual, finish(block), ())] if choice.residual else block
    return [*parts, Started(ReLU())]


def _head(classes: int) -> list[Started]:
    return [Started(GlobalAveragePool()), Started(Flatten()), Started(Dense(classes))]


def _finished(plan: TrainingPlan, parts: Sequence[Started]) -> list[Started]:
    """Give the layers of a row, but for the last of a network, the plan's activation and normalisation."""
    found: list[Started] = []
    for part, after in zip(parts, (*parts[1:], None), strict=False):
        if plan.activation is not None and isinstance(part.layer, Activation):
            part = Started(ACTIVATIONS[plan.activation])
        found.append(part)
        is_normalised = after is not None and isinstance(after.layer, BatchNormalisation)
        if plan.batch_normalisation and isinstance(part.layer, Convolution | Dense) and not is_normalised:
            found.append(Started(BatchNormalisation()))
    return found


def _with_dropout(parts: Sequence[Started], share: float) -> list[Started]:
    """Let dense layers see a part of the numbers only while training, but for one that sees the picture itself."""
    found: list[Started] = []
    for part in parts:
        if share and isinstance(part.layer, Dense) and any(before.layer.trained for before in found):
            found.append(Started(Dropout(share)))
        found.append(part)
    return found


def _checked(architecture: Architecture) -> Architecture:
    """Refuse a network that a file could not hold."""
    architecture.shapes()
    try:
        return msgspec.convert(msgspec.to_builtins(architecture), Architecture)
    except msgspec.ValidationError as error:
        raise ValueError(f"the network cannot be kept in a file: {shown(str(error))}") from None
