"""Weights as a .safetensors file under PyTorch's names, read without trusting it.

Such a file is eight bytes that say how long its header is, the header in JSON, and the numbers one array after the
other; nothing in it is run. The format is Hugging Face's, https://huggingface.co/docs/safetensors. Its own package is
not needed for so little, and would take lengths as the file says them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from kernels.cnn.archive import (
    LARGEST_FILE,
    LARGEST_HEADER,
    Arrays,
    Header,
    check_names,
    check_size,
    refuse_infinite,
)  # fmt: skip
from kernels.cnn.layers import Shape
from kernels.errors import shown
from kernels.files import read_bytes, write_whole

SUFFIX = ".safetensors"

_METADATA, _OURS = "__metadata__", "kernelscope"
_NUMBERS = np.dtype("<f4")
_TORCH_NAMES = {
    "weights": "weight",
    "gamma": "weight",
    "beta": "bias",
    "mean": "running_mean",
    "variance": "running_var",
}
_COUNTER = "num_batches_tracked"
"""Of a normalisation in PyTorch, which uses it only where it is not told a momentum."""

Number = Annotated[int, Meta(ge=0, le=LARGEST_FILE)]
Kind = TypeVar("Kind")


class _Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an array of a file is."""

    dtype: Annotated[str, Meta(max_length=20)]
    shape: Annotated[tuple[Number, ...], Meta(max_length=8)]
    data_offsets: tuple[Number, Number]


def torch_name(name: str) -> str:
    """Return what PyTorch calls an array: ``"2.body.1.gamma"`` is ``"2.body.1.weight"``."""
    place, _, last = name.rpartition(".")
    return f"{place}.{_TORCH_NAMES.get(last, last)}"


def write(path: Path, header: msgspec.Struct, arrays: Arrays) -> None:
    """Write weights, whole or not at all; the same content gives the same bytes.

    Names and shapes are those of the state of the module that `kernels.cnn.pytorch.source` writes. The header stands
    in the file's metadata, so that `read` needs nothing else.

    Raises
    ------
    ValueError
        If a number is not finite.
    OSError
        If the disk is full or the place forbidden; an older file is left as it was.
    """
    refuse_infinite(path, arrays)
    about: dict[str, object] = {_METADATA: {_OURS: msgspec.json.encode(header).decode()}}
    end = 0
    for name, array in arrays.items():
        begin, end = end, end + array.size * _NUMBERS.itemsize
        about[torch_name(name)] = _Place("F32", array.shape, (begin, end))
    text = msgspec.json.encode(about)
    # Spaces, so that the numbers begin at a multiple of eight bytes.
    text += b" " * (-len(text) % 8)

    def fill(file: BinaryIO) -> None:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array, _NUMBERS).tobytes())

    write_whole(path, fill)


def read(
    path: Path, kind: type[Header], expected: Callable[[Header], Mapping[str, Shape]]
) -> tuple[Header, dict[str, NDArray[np.float32]]]:
    """Read weights; parameters, results and errors as of `kernels.cnn.archive.read`.

    Files that PyTorch wrote are read too, if they have the metadata of one that `write` made.
    """
    content = read_bytes(path, LARGEST_FILE, "weights file")
    try:
        places, start = _places(content)
        header = _header(places, kind)
        shapes = expected(header)
        check_size(shapes)
        found = [name for name in places if name != _METADATA and not name.endswith(f".{_COUNTER}")]
        check_names(found, [torch_name(name) for name in shapes])
        return header, {
            name: _array(memoryview(content)[start:], torch_name(name), places, shape) for name, shape in shapes.items()
        }
    except ValueError as error:
        raise ValueError(f"{shown(path)} is not a weights file of this program: {shown(str(error), 300)}") from None


def _places(content: bytes) -> tuple[dict[str, msgspec.Raw], int]:
    """Return what the header says, by name, and where the numbers begin."""
    length = int.from_bytes(content[:8], "little")
    start = 8 + length
    if len(content) < 8 or length > 2 * LARGEST_HEADER or len(content) < start:
        raise ValueError("it does not begin with the length of a header, or is cut short")
    return _decoded(content[8:start], dict[str, msgspec.Raw], "its header"), start


def _header(places: dict[str, msgspec.Raw], kind: type[Header]) -> Header:
    metadata = _decoded(places.get(_METADATA, b"{}"), dict[str, str], "its metadata")
    if _OURS not in metadata:
        raise ValueError(f'its metadata has no "{_OURS}", which says what network the weights are of')
    return _decoded(metadata[_OURS], kind, f'"{_OURS}" in its metadata')


def _array(numbers: memoryview, name: str, places: dict[str, msgspec.Raw], shape: Shape) -> NDArray[np.float32]:
    place = _decoded(places[name], _Place, f"what its header says about {name}")
    if place.dtype != "F32" or place.shape != shape:
        found = f"{place.dtype} {place.shape}"
        raise ValueError(f"{name} must be F32 of the shape {shape}, but is {shown(found, 60)}")
    begin, end = place.data_offsets
    if end - begin != prod(shape) * _NUMBERS.itemsize or end > len(numbers):
        raise ValueError(f"{name} is cut short or too long")
    array = np.frombuffer(numbers[begin:end], _NUMBERS).astype(np.float32).reshape(shape)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    return array


def _decoded(text: bytes | str | msgspec.Raw, kind: type[Kind], what: str) -> Kind:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f"{what} is wrong: {shown(str(error))}") from None
