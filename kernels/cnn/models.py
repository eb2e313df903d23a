"""The networks that have a name, and how each is trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import AveragePool, Convolution, Dense, Flatten, GlobalAveragePool, MaxPool, ReLU
from kernels.cnn.training.plan import Rate
from kernels.errors import shown, unknown_name
from kernels.files import read_bytes

MOST_EPOCHS = 10_000
LARGEST_BATCH = 65_536
OptimiserName = Literal["sgd", "adam"]
USUAL_RATES: dict[OptimiserName, float] = {"sgd": 0.05, "adam": 1e-3}
"""The rate of an optimiser that is not the network's own."""

_LARGEST_PLAN = 1 << 16

LENET5 = Architecture(
    "LeNet-5",
    (1, 32, 32),
    (
        Convolution(6, (5, 5)),
        ReLU(),
        AveragePool(),
        Convolution(16, (5, 5)),
        ReLU(),
        AveragePool(),
        Convolution(120, (5, 5)),
        ReLU(),
        Flatten(),
        Dense(84),
        ReLU(),
        Dense(10),
    ),
)
"""The lectures' network for digits; 61,706 weights.

Reference: LeCun, Bottou, Bengio, Haffner (1998), Gradient-based learning applied to document recognition. As in the
lectures, every map of the second convolution sees all maps of the first, and ReLU stands for the sigmoid.
"""

COLOURNET = Architecture(
    "ColourNet",
    (3, 32, 32),
    (
        Convolution(32, (7, 7), padding=(3, 3)),
        ReLU(),
        MaxPool(),
        Convolution(48, (3, 3), padding=(1, 1)),
        ReLU(),
        MaxPool(),
        Convolution(64, (3, 3), padding=(1, 1)),
        ReLU(),
        GlobalAveragePool(),
        Flatten(),
        Dense(10),
    ),
)
"""A small network for colour pictures whose 7 x 7 filters are large enough to look at; 46,970 weights."""

MLP = Architecture("MLP", (1, 28, 28), (Flatten(), Dense(200), ReLU(), Dense(60), ReLU(), Dense(10)))
"""The lectures' network without convolutions, 784 → 200 → 60 → 10; 169,670 weights."""

LOGISTIC = Architecture("Logistic regression", (1, 28, 28), (Flatten(), Dense(10)))
"""The lectures' first classifier: a weight for every pixel and class; 7,850 weights.

Reference: Cox (1958), The regression analysis of binary sequences.
"""


class TrainingPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """How a network is trained.

    Attributes
    ----------
    epochs, batch : int
        How often every picture is seen, and how many are looked at before each step.
    rate : Rate
    optimiser : "sgd" or "adam"
    momentum : float
        Of stochastic gradient descent.
    decay, first_decay : float
        Weight decay, and that of the first layer that has weights.
    shift, flip
        Random shifts by up to so many pixels, random mirroring (see `augmentation.draw`).
    """

    epochs: Annotated[int, Meta(ge=1, le=MOST_EPOCHS)]
    batch: Annotated[int, Meta(ge=1, le=LARGEST_BATCH)]
    rate: Rate
    optimiser: OptimiserName = "sgd"
    momentum: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.9
    decay: Annotated[float, Meta(ge=0.0, le=1.0)] = 5e-4
    first_decay: Annotated[float, Meta(ge=0.0, le=1.0)] = 5e-4
    shift: Annotated[int, Meta(ge=0, le=64)] = 0
    flip: bool = False

    def __str__(self) -> str:
        epochs = f"{self.epochs} epoch{'s' if self.epochs > 1 else ''}"
        rate = f"{self.rate.peak:g} ({self.rate.schedule})"
        return f"{epochs} in batches of {self.batch}, {self.optimiser} at {rate}"


def read_plan(path: Path, plan: TrainingPlan) -> TrainingPlan:
    """Read a plan in JSON; what it leaves out is as in `plan`.

    Raises
    ------
    OSError
        If the file is not there or cannot be read.
    ValueError
        In one sentence that names the field.
    """
    try:
        given = msgspec.json.decode(read_bytes(path, _LARGEST_PLAN, "training plan"))
        if not isinstance(given, dict):
            raise ValueError('an object such as {"epochs": 5} is needed')
        return msgspec.convert({**msgspec.to_builtins(plan), **given}, TrainingPlan)
    except OSError:
        raise
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{shown(path)} is not a training plan: {shown(str(error))}") from None


@dataclass(frozen=True)
class Model:
    """A named network: the architecture, the black border around its pictures, and how it is trained."""

    architecture: Architecture
    padding: int
    plan: TrainingPlan


# One plan for both, so that what they do differently comes from their architectures.
_DIGITS = TrainingPlan(epochs=12, batch=64, rate=Rate(0.05))

MODELS: dict[str, Model] = {
    "lenet5": Model(LENET5, 2, _DIGITS),
    "colournet": Model(
        COLOURNET, 0, TrainingPlan(epochs=14, batch=128, rate=Rate(0.08), first_decay=2e-3, shift=3, flip=True)
    ),
    "mlp": Model(MLP, 0, _DIGITS),
    "logistic": Model(LOGISTIC, 0, _DIGITS),
}

CONVOLUTIONAL = tuple(
    name for name, each in MODELS.items() if any(isinstance(layer, Convolution) for layer in each.architecture.layers)
)
"""Names of the networks that have filters to look at."""


def model(name: str) -> Model:
    """Look a network up by name; ValueError, with the near ones suggested, if there is none."""
    if name not in MODELS:
        raise unknown_name("network", name, MODELS)
    return MODELS[name]
