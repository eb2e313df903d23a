"""The networks that have a name, and how each is trained."""

from __future__ import annotations

from dataclasses import dataclass

from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import AveragePool, Convolution, Dense, Flatten, GlobalAveragePool, MaxPool, ReLU
from kernels.cnn.optimisers import Rate
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

DENSE = Architecture(
    "dense digit classifier", (1, 28, 28), (Flatten(), Dense(200), ReLU(), Dense(60), ReLU(), Dense(10))
)
"""The lectures' network without convolutions, 784 → 200 → 60 → 10; 169,670 weights."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes
    ----------
    epochs, batch : int
    rate : Rate
    optimiser : "sgd" or "adam"
    decay, first_decay : float
        Weight decay, and that of the first layer that has weights.
    shift, flip
        Random shifts by up to so many pixels, random mirroring (see `augmentation.draw`).
    """

    epochs: int
    batch: int
    rate: Rate
    optimiser: str = "sgd"
    momentum: float = 0.9
    decay: float = 5e-4
    first_decay: float = 5e-4
    shift: int = 0
    flip: bool = False


@dataclass(frozen=True)
class Model:
    """A named network: the architecture, the black border around its pictures, and its recipe."""

    architecture: Architecture
    padding: int
    recipe: Recipe


MODELS: dict[str, Model] = {
    "lenet5": Model(LENET5, 2, Recipe(epochs=12, batch=64, rate=Rate(0.05))),
    "colournet": Model(
        COLOURNET, 0, Recipe(epochs=14, batch=128, rate=Rate(0.08), first_decay=2e-3, shift=3, flip=True)
    ),
    "dense": Model(DENSE, 0, Recipe(epochs=10, batch=64, rate=Rate(1e-3), optimiser="adam", decay=0, first_decay=0)),
}


def model(name: str) -> Model:
    """Look a network up by name; ValueError, with the near ones suggested, if there is none."""
    if name not in MODELS:
        raise unknown_name("network", name, MODELS)
    return MODELS[name]
