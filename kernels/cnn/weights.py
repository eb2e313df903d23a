"""Networks as files: .npz archives with a JSON header, or .safetensors with the same in their metadata; no pickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kernels import resources
from kernels.cnn import archive
from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import Shape
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.pytorch import safetensors
from kernels.errors import shown, unknown_name

SUFFIXES = (".npz", safetensors.SUFFIX)
"""Of weights files."""

SHIPPED = ("lenet5", "colournet", "mlp")
"""Names of the networks that come with the program."""

Name = Annotated[str, Meta(min_length=1, max_length=80)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Number = Annotated[int, Meta(ge=0)]


class Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a trained network achieved, and how it came about.

    Attributes
    ----------
    weights : int
    accuracy : float or None
        Share of the test set that it gets right, measured once, after the training.
    test_pictures : int
    validation_accuracy : float or None
        Share of the pictures held back from training, by which the best epoch was chosen.
    epochs, seed : int
    """

    weights: Number
    accuracy: Share | None = None
    test_pictures: Number = 0
    validation_accuracy: Share | None = None
    epochs: Number = 0
    seed: Number = 0


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The header of a weights file."""

    format: Literal["kernelscope-network"]
    version: Literal[1]
    architecture: Architecture
    preprocessing: Preprocessing
    classes: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=1000)]
    data: Annotated[str, Meta(max_length=200)]
    figures: Figures


def save(path: str | os.PathLike[str], network: Network, *, data: str, figures: Figures | None = None) -> None:
    """Write a network to a file, whole or not at all.

    Parameters
    ----------
    path
        One that ends in ``.safetensors`` is written in that format, under PyTorch's names, any other as .npz.
    network : Network
    data : str
        Name of the data set that it was trained on.
    figures : Figures, optional
        By default the number of weights alone.

    Raises
    ------
    ValueError
        If a weight is not finite.
    OSError
        If the file cannot be written; an older file of that name is left as it was.
    """
    path = Path(path)
    write = safetensors.write if _is_safetensors(path) else archive.write
    write(path, header_of(network, data, figures), network.arrays())


def header_of(network: Network, data: str, figures: Figures | None = None) -> Header:
    """Return the header of a network's file, as `save` writes it."""
    return Header(
        format="kernelscope-network",
        version=1,
        architecture=network.architecture,
        preprocessing=network.preprocessing,
        classes=network.classes,
        data=data,
        figures=figures or Figures(weights=network.architecture.weight_count()),
    )


def load(name: str | os.PathLike[str]) -> Network:
    """Load a network.

    Parameters
    ----------
    name
        A weights file, or ``"lenet5"``, ``"colournet"`` or ``"mlp"``, which come with the program; a file of that name
        wins.

    Raises
    ------
    FileNotFoundError, OSError
        If the file is not there or cannot be read.
    ValueError
        If it is no weights file, is damaged, or its parts do not fit together; or for a name that is not known.
    """
    return load_with_header(name)[1]


def load_with_header(name: str | os.PathLike[str]) -> tuple[Header, Network]:
    """Load a network with what its file says about data and figures; otherwise as `load`."""
    path = _locate(name)
    read = safetensors.read if _is_safetensors(path) else archive.read
    header, arrays = read(path, Header, _expected)
    return header, network_of(header, arrays, path)


def network_of(header: Header, arrays: archive.Arrays, path: Path) -> Network:
    """Put the network of a file together; ValueError in one sentence if its parts do not fit."""
    try:
        return Network(header.architecture, header.preprocessing, header.classes, arrays)
    except ValueError as error:
        raise ValueError(f"{shown(path)} is not a weights file of this program: {shown(str(error))}") from None


def _is_safetensors(path: Path) -> bool:
    return path.suffix.lower() == safetensors.SUFFIX


def _expected(header: Header) -> dict[str, Shape]:
    return header.architecture.array_shapes()


def _locate(name: str | os.PathLike[str]) -> Path:
    path = Path(name)
    if path.is_file():
        return path
    if isinstance(name, str) and name in SHIPPED:
        return resources.asset("networks", f"{name}.npz")
    if isinstance(name, str) and not path.suffix and path.name == name and not path.exists():
        raise unknown_name("network", name, SHIPPED)
    return path
