"""Small networks and data sets that are quick to train."""

from __future__ import annotations

import gzip
import json
import re
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import Dataset, shipped_digits
from kernels.cnn.layers import (
    AveragePool,
    BatchNormalisation,
    Bias,
    Branches,
    Convolution,
    Dense,
    DenseBlock,
    Dropout,
    Filter,
    Flatten,
    GaussianPool,
    GlobalAveragePool,
    LeakyReLU,
    Magnitude,
    Margins,
    MaxPool,
    Node,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from kernels.cnn.models import COLOURNET, LENET5
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.training.collections import Collection
from kernels.commands import cli
from kernels.filtering.border import NAMES, Border

SMALL = Architecture("small", (1, 8, 8), (Convolution(4, (3, 3)), ReLU(), AveragePool(), Flatten(), Dense(3)))
CLASSES = ("upright", "level", "blank")


@pytest.fixture
def small() -> Network:
    """An untrained network for grey pictures of 6 x 6."""
    return Network(SMALL, Preprocessing((40.0,), (60.0,), padding=1), CLASSES, seed=3)


@pytest.fixture(scope="session")
def bars() -> Dataset:
    """Upright bars, level bars, and noise alone: 300 pictures of 6 x 6."""
    random = np.random.default_rng(11)
    images = random.integers(0, 60, (300, 6, 6)).astype(np.uint8)
    labels = random.integers(0, 3, 300).astype(np.uint8)
    places = random.integers(1, 5, 300)
    for image, label, place in zip(images, labels, places, strict=True):
        if label == 0:
            image[:, place] = 220
        elif label == 1:
            image[place] = 220
    return Dataset(images, labels, CLASSES, "bars")


@pytest.fixture(scope="session")
def few_digits() -> Collection:
    """The first 96 of the bundled digits to learn from, the next 40 for checking."""
    data = shipped_digits()
    return Collection(data.take(0, 96), data.take(96, 136))


_RANDOM = np.random.default_rng(21)


def _idx_bytes(array: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def _write_idx(folder: Path, first: tuple[int, ...] = (), count: int = 20, packed: bool = False) -> None:
    """Both parts of a data set in the idx format."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem in ("train", "t10k"):
        images = _RANDOM.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = _RANDOM.integers(0, 10, count).astype(np.uint8)
        labels[: len(first)] = first
        for name, array in ((f"{stem}-images-idx3-ubyte", images), (f"{stem}-labels-idx1-ubyte", labels)):
            if packed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(_idx_bytes(array)))
            else:
                (folder / name).write_bytes(_idx_bytes(array))


def _write_sheets(folder: Path, rows: int = 4) -> dict[str, np.ndarray]:
    """CIFAR-10 as PNG sheets; returns the pictures of each."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for stem in (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"):
        made[stem] = _RANDOM.integers(0, 256, (rows, 32, 32, 3), dtype=np.uint8)
        Image.fromarray(made[stem].reshape(rows, 1024, 3)).save(folder / f"{stem}.png")
    (folder / "train_lables.json").write_text(json.dumps([k % 10 for k in range(5 * rows)]))
    (folder / "test_lables.json").write_text(json.dumps([9] * rows))
    return made


@pytest.fixture
def idx_bytes() -> Callable[[np.ndarray], bytes]:
    """An array as the content of an idx file."""
    return _idx_bytes


@pytest.fixture
def write_idx() -> Callable[..., None]:
    """Writes both parts of a data set in the idx format."""
    return _write_idx


@pytest.fixture
def write_sheets() -> Callable[..., dict[str, np.ndarray]]:
    """Writes CIFAR-10 as PNG sheets; returns the pictures of each."""
    return _write_sheets


@pytest.fixture(scope="session")
def torch() -> Any:
    """PyTorch."""
    return pytest.importorskip("torch", reason="PyTorch is an oracle where it is installed")


def _padded(torch: Any, maps: Any, margins: Margins) -> Any:
    """Maps with their margins; along each axis every place is read from where NumPy says."""
    for axis, (before, after) in enumerate(zip(margins.before, margins.after, strict=True), 2):
        if margins.border == Border.CONSTANT:
            sides = (0, 0, before, after) if axis == 2 else (before, after)
            maps = torch.nn.functional.pad(maps, sides, value=margins.value)
        else:
            places = np.pad(np.arange(maps.shape[axis]), (before, after), NAMES[margins.border].numpy)
            maps = maps.index_select(axis, torch.from_numpy(places))
    return maps


def _module(torch: Any, forward: Callable[[Any], Any], *parts: Any) -> Any:
    """A module of modules, or of parameters, that computes what a function says."""

    class Module(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for number, part in enumerate(parts):
                setattr(self, f"part{number}", part)

        def forward(self, maps: Any) -> Any:
            return forward(maps)

    return Module()


def _torch_composite(torch: Any, node: Node, shape: tuple[int, ...]) -> Any:
    rows = []
    for row in node.rows.values():
        twins, before = [], shape[1:]
        for each in row:
            twins.append(_torch_layer(torch, each, (shape[0], *before)))
            before = each.layer.output_shape(before)
        rows.append(torch.nn.Sequential(*twins))

    def forward(maps: Any) -> Any:
        results = [row(maps) for row in rows]
        return sum(results) if isinstance(node.layer, Residual) else torch.cat(results, 1)

    return _module(torch, forward, *rows)


def _torch_layer(torch: Any, node: Node, shape: tuple[int, ...]) -> Any:
    nn, layer = torch.nn, node.layer
    match layer:
        case Residual() | Branches() | DenseBlock():
            return _torch_composite(torch, node, shape)
        case Convolution():
            around = isinstance(layer.padding, Margins)
            sliding = layer.kernel, layer.stride, 0 if around else layer.padding, layer.dilation, layer.groups
            twin = nn.Conv2d(shape[1], layer.filters, *sliding)
            if around:
                inner = twin
                twin = _module(torch, lambda maps: inner(_padded(torch, maps, layer.padding)), inner)
                twin.weight, twin.bias = inner.weight, inner.bias
        case Filter():
            weights = torch.tensor(np.array(layer.weights) / layer.divisor, dtype=torch.float32).permute(2, 0, 1)
            groups = shape[1] if len(weights) == 1 else 1
            bank = weights[None].repeat(groups, 1, 1, 1)
            offset = torch.full((len(bank),), layer.offset)
            return _module(
                torch,
                lambda maps: nn.functional.conv2d(
                    _padded(torch, maps, layer.padding), bank, offset, layer.stride, 0, layer.dilation, groups
                ),
            )
        case GaussianPool():
            channels, sizes = shape[1], zip(layer.size, layer.sigma, strict=True)
            bells = [np.exp(-(((np.arange(n) - (n - 1) / 2) / sigma) ** 2) / 2) for n, sigma in sizes]
            weights = np.multiply.outer(*bells)
            bank = torch.tensor(weights / weights.sum(), dtype=torch.float32).repeat(channels, 1, 1, 1)
            room = layer.windows(shape[1:])
            ones = torch.ones((1, channels, *(n + 2 * p for n, p in zip(shape[2:], layer.padding, strict=True))))
            past = [after - p for after, p in zip(room.after, layer.padding, strict=True)]

            def mean(maps: Any) -> Any:
                beyond = _padded(torch, ones, Margins((0, 0), tuple(past)))
                share = nn.functional.conv2d(beyond, bank, None, layer.step, groups=channels)
                inside = _padded(torch, maps, Margins(room.before, room.after))
                return nn.functional.conv2d(inside, bank, None, layer.step, groups=channels) / share

            return _module(torch, mean)
        case Magnitude():
            return _module(torch, lambda maps: maps.square().sum(1, keepdim=True).sqrt())
        case Bias():
            bias = nn.Parameter(torch.from_numpy(node.arrays["bias"].copy()))
            return _module(torch, lambda maps: maps + bias[:, None, None], bias)
        case MaxPool():
            return nn.MaxPool2d(layer.size, layer.step, layer.padding, ceil_mode=layer.ceil is True)
        case AveragePool():
            return nn.AvgPool2d(layer.size, layer.step, layer.padding, ceil_mode=layer.ceil is True)
        case GlobalAveragePool():
            return nn.AdaptiveAvgPool2d(1)
        case ReLU():
            return nn.ReLU()
        case LeakyReLU():
            return nn.LeakyReLU(layer.slope)
        case Tanh():
            return nn.Tanh()
        case Sigmoid():
            return nn.Sigmoid()
        case Flatten():
            return nn.Flatten()
        case Dropout():
            return nn.Dropout(layer.share)
        case Dense():
            twin = nn.Linear(shape[1], layer.outputs)
        case BatchNormalisation():
            twin = (nn.BatchNorm2d if len(shape) == 4 else nn.BatchNorm1d)(shape[1])
            twin.running_mean.copy_(torch.from_numpy(node.arrays["mean"]))
            twin.running_var.copy_(torch.from_numpy(node.arrays["variance"]))
        case _:
            raise AssertionError(layer)
    with torch.no_grad():
        first, second = layer.trained
        twin.weight.copy_(torch.from_numpy(node.arrays[first]))
        twin.bias.copy_(torch.from_numpy(node.arrays[second]))
    return twin


@pytest.fixture
def torch_layer(torch: Any) -> Callable[[Node, tuple[int, ...]], Any]:
    """A layer of PyTorch with a node's weights, for inputs of a shape that begins with the number of pictures."""
    return partial(_torch_layer, torch)


@pytest.fixture
def torch_twin(torch: Any) -> Callable[[Network], Any]:
    """A network of PyTorch with a network's weights, as it is once trained."""

    def twin(network: Network) -> Any:
        pairs = zip(network.layers, network.architecture.shapes(), strict=False)
        return torch.nn.Sequential(*(_torch_layer(torch, node, (1, *shape)) for node, shape in pairs)).eval()

    return twin


@pytest.fixture
def colour() -> Network:
    return Network(COLOURNET, Preprocessing((120.0, 110.0, 100.0), (60.0, 61.0, 62.0)), [str(i) for i in range(10)])


@pytest.fixture
def lenet() -> Network:
    return Network(LENET5, Preprocessing((33.0,), (78.0,), padding=2), [str(i) for i in range(10)], seed=1)


@pytest.fixture
def digits(tmp_path: Path, write_idx: Callable[..., None]) -> Path:
    """Return a folder with 70 digits as MNIST has them."""
    folder = tmp_path / "digits"
    write_idx(folder, (5, 0, 4, 1, 9, 2, 1, 3, 1, 4), count=70)
    return folder


def assert_refused(capsys: pytest.CaptureFixture[str], reason: str, *words: object) -> None:
    """Have the command line refuse these words with one line that says why."""
    assert cli.main([str(word) for word in words]) == 2
    message = capsys.readouterr().err
    assert re.search(reason, message)
    assert message.count("\n") == 1
