"""A network as PyTorch source: a file to read, run and change, whose model gives the same outputs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from pprint import pformat
from typing import Any

from kernels.cnn.layers import (
    AnyLayer,
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
    MaxPool,
    Pool,
    ReLU,
    Residual,
    Shape,
    Sigmoid,
    Tanh,
)
from kernels.cnn.layers.base import Pair
from kernels.cnn.layers.margins import Padding, margins_of
from kernels.cnn.network import Network
from kernels.cnn.pytorch import safetensors
from kernels.cnn.pytorch.modules import MODULES
from kernels.cnn.weights import Figures, Header, header_of, load, save
from kernels.errors import shown
from kernels.files import write_bytes
from kernels.filtering.border import Border

_WIDTH = 100
_INDENT = "    "
_BORDERS = {Border.REPLICATE: "ReplicationPad2d", Border.REFLECT101: "ReflectionPad2d", Border.WRAP: "CircularPad2d"}

_FILE = '''\
"""{title}

The weights are in {weights_in_words} beside this file.

    model = load()
    probabilities = predict(model, pictures)  # pictures: uint8, {pictures}
"""

import json
import math
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

WEIGHTS = Path(__file__).with_name({weights!r})
CLASSES = {classes}
MEAN = {mean}
DEVIATION = {deviation}
PADDING = {padding}
{modules}

def build() -> nn.Sequential:
    """Return the network, untrained: from (N, {inputs}) to (N, {outputs}), before softmax."""
    return {network}


def prepare(pictures: torch.Tensor) -> torch.Tensor:
    """Turn uint8 pictures, {pictures}, into what the network sees: framed in black, standardised."""
    maps = pictures.reshape(-1, {height}, {width}, len(MEAN)).permute(0, 3, 1, 2).float()
    maps = F.pad(maps, [PADDING] * 4)
    mean, deviation = (torch.tensor(each, device=maps.device).view(-1, 1, 1) for each in (MEAN, DEVIATION))
    return (maps - mean) / deviation


@torch.no_grad()
def predict(model: nn.Module, pictures: torch.Tensor) -> torch.Tensor:
    """Return the probabilities of CLASSES for each picture."""
    return model(prepare(pictures)).softmax(dim=1)


def load(path: Path = WEIGHTS) -> nn.Sequential:
    """Return the trained network."""
    model = build()
    model.load_state_dict(read_weights(path))
    return model.eval()


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read a .safetensors file of float32 numbers, as safetensors.torch.load_file does."""
    content = bytearray(Path(path).read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    return {{
        name: torch.frombuffer(
            content,
            dtype=torch.float32,
            count=math.prod(about["shape"]),
            offset=start + about["data_offsets"][0],
        ).reshape(about["shape"])
        for name, about in header.items()
        if about.get("dtype") == "F32"
    }}
'''


def save_source(path: str | os.PathLike[str], network: Network, *, data: str, figures: Figures | None = None) -> Path:
    """Write a network as PyTorch source, and its weights beside it.

    Parameters
    ----------
    path
        The source; the weights get the same name, but for ``.safetensors`` at its end.
    network, data, figures
        As for `kernels.cnn.weights.save`.

    Returns
    -------
    Path
        Of the weights.

    Raises
    ------
    ValueError
        If a weight is not finite, or `path` is itself that of the weights.
    FileExistsError
        If there are other weights of that name already; nothing is written then.
    OSError
        If a file cannot be written.
    """
    path = Path(path)
    weights = path.with_suffix(safetensors.SUFFIX)
    if weights == path:
        raise ValueError(f"{shown(path)} is to hold source, but ends in {safetensors.SUFFIX}; a source ends in .py.")
    header = header_of(network, data, figures)
    if not weights.exists():
        save(weights, network, data=data, figures=figures)
    elif not _holds(weights, network):
        raise FileExistsError(
            f"{shown(weights)}, where the weights of {shown(path.name)} belong, is there already and holds others;"
            " save the source under another name."
        )
    write_bytes(path, source_of(header, weights.name).encode())
    return weights


def _holds(path: Path, network: Network) -> bool:
    try:
        there = load(path)
    except (OSError, ValueError):
        return False
    arrays = there.arrays()
    return there.architecture == network.architecture and all(
        arrays[name].tobytes() == array.tobytes() for name, array in network.arrays().items()
    )


def source_of(header: Header, weights: str) -> str:
    """Return a network as PyTorch source.

    The names in the module's state are those of `safetensors.torch_name`.

    Parameters
    ----------
    header : Header
        Of the network's weights file.
    weights : str
        Name of the .safetensors file that the source reads, beside it.
    """
    architecture, preprocessing = header.architecture, header.preprocessing
    channels, height, width = architecture.input
    height, width = height - 2 * preprocessing.padding, width - 2 * preprocessing.padding
    network = "\n    ".join(_sequential(architecture.layers, architecture.input))
    used = [text for name, text in MODULES.items() if f"{name}(" in network]
    return _FILE.format(
        title=_title(header),
        weights=weights,
        weights_in_words=_in_words(weights),
        pictures=f"(N, {height}, {width}{f', {channels}' if channels > 1 else ''})",
        classes=pformat(header.classes, width=_WIDTH, compact=True),
        mean=preprocessing.mean,
        deviation=preprocessing.deviation,
        padding=preprocessing.padding,
        modules="".join(f"\n\n{text}" for text in used),
        inputs=", ".join(map(str, architecture.input)),
        outputs=len(header.classes),
        network=network,
        height=height,
        width=width,
    )


def _title(header: Header) -> str:
    """Return the first line of the source."""
    figures = header.figures
    text = f"{header.architecture.name}, {header.architecture.weight_count():,} weights, trained on {header.data}"
    if figures.accuracy is not None:
        text += f": {100 * figures.accuracy:.2f} % of {figures.test_pictures:,} test pictures right"
    return f"{_in_words(text)}."


def _in_words(text: str) -> str:
    """Return foreign text so that it can stand in the source's docstring."""
    return shown(text, 300).replace("\\", "/").replace('"', "'")


def _sequential(layers: Sequence[AnyLayer], shape: Shape) -> list[str]:
    """Return a row of layers as lines of source, each with the shape of what it gives."""
    if not layers:
        return ["nn.Sequential()"]
    lines = []
    for layer in layers:
        own = _module(layer, shape)
        shape = layer.output_shape(shape)
        lines += [*own[:-1], f"{own[-1]},  # {' x '.join(map(str, shape))}"]
    return ["nn.Sequential(", *_indented(lines), ")"]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"{_INDENT}{line}" for line in lines]


def _module(layer: AnyLayer, shape: Shape) -> list[str]:
    """Return a layer as lines of source."""
    match layer:
        case Residual():
            return _holding("Residual", [layer.body, layer.shortcut], shape)
        case Branches():
            return _holding("Branches", layer.branches, shape)
        case DenseBlock():
            return _holding("DenseBlock", [layer.body], shape)
        case Convolution():
            return _convolution(layer, shape)
        case Filter():
            return _filter(layer, shape)
    return [_plain(layer, shape)]


def _plain(layer: AnyLayer, shape: Shape) -> str:
    """Return a layer that takes one line."""
    match layer:
        case ReLU():
            return "nn.ReLU()"
        case LeakyReLU():
            return _call("nn.LeakyReLU", layer.slope)
        case Sigmoid():
            return "nn.Sigmoid()"
        case Tanh():
            return "nn.Tanh()"
        case Flatten():
            return "nn.Flatten()"
        case Dense():
            return _call("nn.Linear", shape[0], layer.outputs)
        case Dropout():
            return _call("nn.Dropout", layer.share)
        case BatchNormalisation():
            name = f"nn.BatchNorm{2 if len(shape) == 3 else 1}d"
            return _call(name, shape[0], **_but(eps=(layer.epsilon, 1e-5), momentum=(layer.momentum, 0.1)))
        case Bias():
            return _call("Bias", shape[0])
        case Magnitude():
            return "Magnitude()"
        case GlobalAveragePool():
            return "nn.AdaptiveAvgPool2d(1)"
        case MaxPool():
            return _pool("nn.MaxPool2d", layer)
        case AveragePool():
            return _pool("nn.AvgPool2d", layer)
        case GaussianPool():
            return _gaussian_pool(layer, shape)
    raise TypeError(f"{layer.title} has no PyTorch source")


def _holding(name: str, rows: Sequence[Sequence[AnyLayer]], shape: Shape) -> list[str]:
    """Return a layer that holds rows of layers."""
    lines = []
    for row in rows:
        own = _sequential(row, shape)
        lines += [*own[:-1], f"{own[-1]},"]
    return [f"{name}(", *_indented(lines), ")"]


def _convolution(layer: Convolution, shape: Shape) -> list[str]:
    padding, border = _border(layer.padding, shape)
    positional = (shape[0], layer.filters, _short(layer.kernel))
    named = _but(
        stride=(_short(layer.stride), 1),
        padding=(padding, 0),
        dilation=(_short(layer.dilation), 1),
        groups=(layer.groups, 1),
    )
    if border is None:
        return [_call("nn.Conv2d", *positional, **named)]
    rest = _call("", *positional, **named)[1:-1]
    return ["BorderedConv2d(", *_indented([f"{border},", f"{rest},"]), ")"]


def _filter(layer: Filter, shape: Shape) -> list[str]:
    padding, border = _border(layer.padding, shape)
    named = _but(
        divisor=(layer.divisor, 1.0),
        offset=(layer.offset, 0.0),
        stride=(_short(layer.stride), 1),
        padding=(padding, 0),
        dilation=(_short(layer.dilation), 1),
    )
    weights = [f"{row!r}," for row in layer.weights]
    lines = [f"{name}={value!r}," for name, value in named.items()]
    kernel = ["FixedFilter(", *_indented(["(", *_indented(weights), "),", *lines]), ")"]
    if border is None:
        return kernel
    return ["nn.Sequential(", *_indented([f"{border},", *kernel[:-1], "),"]), ")"]


def _pool(name: str, layer: Pool) -> str:
    named = _but(
        stride=(_short(layer.step), _short(layer.size)),
        padding=(_short(layer.padding), 0),
        ceil_mode=(layer.ceil is True, False),
    )
    return _call(name, _short(layer.size), **named)


def _gaussian_pool(layer: GaussianPool, shape: Shape) -> str:
    down, across = (tuple(weights.tolist()) for weights in layer.weights())
    after = layer.windows(shape).after
    beyond = tuple(after[axis] - layer.padding[axis] for axis in (0, 1))
    named = _but(padding=(layer.padding, (0, 0)), beyond=(beyond, (0, 0)))
    return _call("GaussianPool2d", down, across, stride=layer.step, **named)


def _border(padding: Padding, shape: Shape) -> tuple[int | Pair, str | None]:
    """Return the padding that a module of PyTorch's does itself, and the module that does any other before it."""
    margins = margins_of(padding)
    (top, left), (bottom, right) = margins.before, margins.after
    around = (left, right, top, bottom)
    if not any(around):
        return 0, None
    if margins.border == Border.CONSTANT:
        if margins.value == 0.0:
            return (_short(margins.before), None) if margins.before == margins.after else (0, f"nn.ZeroPad2d({around})")
        return 0, f"nn.ConstantPad2d({around}, {margins.value!r})"
    _, height, width = shape
    # How far PyTorch's modules reach.
    reach = {Border.REPLICATE: (max(around), max(around)), Border.REFLECT101: (width - 1, height - 1)}
    most = reach.get(margins.border, (width, height))
    if margins.border in _BORDERS and max(left, right) <= most[0] and max(top, bottom) <= most[1]:
        return 0, f"nn.{_BORDERS[margins.border]}({around})"
    return 0, f'Border({around}, "{margins.border}")'


def _call(name: str, *positional: Any, **named: Any) -> str:
    return f"{name}({', '.join([*map(repr, positional), *(f'{key}={value!r}' for key, value in named.items())])})"


def _but(**given: tuple[Any, Any]) -> dict[str, Any]:
    """Return the values that differ from PyTorch's own, which follow each."""
    return {name: value for name, (value, usual) in given.items() if value != usual}


def _short(pair: Pair) -> int | Pair:
    return pair[0] if pair[0] == pair[1] else pair
