"""Small networks in the shipped ones' places, so that every question is answered at once."""

from pathlib import Path

import pytest

from kernels import resources
from kernels.cnn import weights
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import DIGITS, OBJECTS
from kernels.cnn.layers import AveragePool, Convolution, Dense, Flatten, GlobalAveragePool, MaxPool, ReLU
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing

LENET5 = Architecture(
    "LeNet-5", (1, 32, 32),
    (Convolution(3, (5, 5)), ReLU(), AveragePool((4, 4)), Convolution(4, (3, 3)), ReLU(), Flatten(), Dense(10)),
)  # fmt: skip
MLP = Architecture("dense digit classifier", (1, 28, 28), (Flatten(), Dense(12), ReLU(), Dense(10)))
COLOURNET = Architecture(
    "ColourNet", (3, 32, 32),
    (Convolution(4, (7, 7), padding=(3, 3)), ReLU(), MaxPool((4, 4)), Convolution(5, (3, 3), padding=(1, 1)), ReLU(),
     GlobalAveragePool(), Flatten(), Dense(10)),
)  # fmt: skip


def make(name: str) -> Network:
    """One of the three, with random weights that are always the same."""
    if name == "colournet":
        return Network(COLOURNET, Preprocessing((120.0,) * 3, (60.0,) * 3), OBJECTS, seed=2)
    architecture, border = (LENET5, 2) if name == "lenet5" else (MLP, 0)
    return Network(architecture, Preprocessing((33.0,), (79.0,), border), DIGITS, seed=3)


@pytest.fixture
def tiny_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have them read in place of the shipped ones."""
    for name in ("lenet5", "mlp", "colournet"):
        weights.save(tmp_path / f"{name}.npz", make(name), data="CIFAR-10" if name == "colournet" else "MNIST")
    original = resources.asset

    def asset(*parts: str) -> Path:
        return tmp_path / parts[1] if (tmp_path / parts[-1]).exists() else original(*parts)

    monkeypatch.setattr(resources, "asset", asset)
