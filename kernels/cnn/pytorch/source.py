"""A network as PyTorch source: a file to read, run and change, whose model gives the same outputs."""

from __future__ import annotations

import os
from pathlib import Path
from pprint import pformat

from kernels.cnn.network import Network
from kernels.cnn.pytorch import safetensors
from kernels.cnn.pytorch.layers import sequential
from kernels.cnn.pytorch.modules import MODULES
from kernels.cnn.weights import Figures, Header, header_of, load, save
from kernels.errors import shown
from kernels.files import write_bytes
from kernels.pictures.writing import check_target

SOURCE_SUFFIXES = (".py",)

_WIDTH = 100

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
        The source, ``.py``; the weights get the same name with ``.safetensors`` at its end.
    network, data, figures
        As for `kernels.cnn.weights.save`.

    Returns
    -------
    Path
        Of the weights.

    Raises
    ------
    ValueError
        If a weight is not finite, or `path` ends otherwise.
    FileExistsError
        If there are other weights of that name already; nothing is written then.
    OSError
        If a file cannot be written.
    """
    path = Path(path)
    check_target(path, SOURCE_SUFFIXES)
    weights = path.with_suffix(safetensors.SUFFIX)
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
    network = "\n    ".join(sequential(architecture.layers, architecture.input))
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
