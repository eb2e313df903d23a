"""The networks that have a name, and how each is trained."""

from __future__ import annotations

import msgspec
from msgspec import structs

from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import AveragePool, Convolution, Dense, Flatten, GlobalAveragePool, MaxPool, ReLU
from kernels.cnn.training.plan import Augmentation, NamedNetwork, Rate, Stop, TrainingPlan
from kernels.errors import unknown_name

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


class Model(msgspec.Struct, frozen=True):
    """A named network: the architecture, the black border around its pictures, and how it is trained."""

    architecture: Architecture
    padding: int
    plan: TrainingPlan


# One plan for both, so that what they do differently comes from their architectures.
_DIGITS = TrainingPlan(
    optimiser="momentum",
    rate=Rate(0.05, "one-cycle"),
    batch=64,
    decay=5e-4,
    first_decay=5e-4,
    stop=Stop(epochs=12),
)
_COLOURS = structs.replace(
    _DIGITS,
    network=NamedNetwork("colournet"),
    rate=Rate(0.08, "one-cycle"),
    batch=128,
    first_decay=2e-3,
    augmentation=Augmentation(shift=3, flip=True),
    stop=Stop(epochs=14),
)

MODELS: dict[str, Model] = {
    "lenet5": Model(LENET5, 2, _DIGITS),
    "colournet": Model(COLOURNET, 0, _COLOURS),
    "mlp": Model(MLP, 0, structs.replace(_DIGITS, network=NamedNetwork("mlp"))),
    "logistic": Model(LOGISTIC, 0, structs.replace(_DIGITS, network=NamedNetwork("logistic"))),
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
