"""CIFAR-10: the published binary batches, or PNG sheets with one picture a row and labels in JSON.

Reference: Krizhevsky (2009), Learning multiple layers of features from tiny images.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from kernels import memory
from kernels.errors import shown
from kernels.files import read_bytes

SIDE = 32
_PIXELS = SIDE * SIDE
_RECORD = 1 + 3 * _PIXELS
_STEMS = {"train": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)}
_LARGEST_ROWS = 100_000
_LARGEST_LABELS = 1 << 22

Labels = list[Annotated[int, Meta(ge=0, le=9)]]


def present(folder: Path) -> bool:
    """Whether a folder holds any batch of CIFAR-10."""
    return any(
        (folder / f"{stem}{suffix}").is_file()
        for stems in _STEMS.values()
        for stem in stems
        for suffix in (".bin", ".png")
    )


def read(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read pictures (N, 32, 32, 3) and labels (N,) of one part, "train" or "test"; ValueError if they do not add up."""
    stems = _STEMS[part]
    for suffix in (".bin", ".png"):
        paths = [folder / f"{stem}{suffix}" for stem in stems]
        if missing := [path.name for path in paths if not path.is_file()]:
            if len(missing) < len(paths):
                raise ValueError(f"{shown(folder)} lacks {', '.join(missing)} of CIFAR-10's {part} set")
        elif suffix == ".bin":
            return _read_binary(paths)
        else:
            return _read_sheets(folder, paths, part)
    raise ValueError(f"{shown(folder)} lacks CIFAR-10's {part} set: {stems[0]}.bin or {stems[0]}.png")


def _read_binary(paths: list[Path]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    sizes = [path.stat().st_size for path in paths]
    for path, size in zip(paths, sizes, strict=True):
        if size == 0 or size % _RECORD or size > _LARGEST_ROWS * _RECORD:
            raise ValueError(f"{shown(path)} has {size:,} bytes, but a batch is made of records of {_RECORD:,} bytes")
    # The records, and the pictures made of them.
    memory.require(2.0 * sum(sizes), f"Reading {shown(paths[0].parent)}")
    records = np.empty((sum(sizes) // _RECORD, _RECORD), np.uint8)
    start = 0
    for path, size in zip(paths, sizes, strict=True):
        part = records[start : start + size // _RECORD]
        with path.open("rb") as file:
            if file.readinto(part.data) < size:
                raise ValueError(f"{shown(path)} has become shorter while it was read")
        start += len(part)
    labels = records[:, 0].copy()
    if labels.max() > 9:
        raise ValueError(f"{shown(paths[0].parent)} holds a label {labels.max()}, but CIFAR-10's are 0 to 9")
    images = records[:, 1:].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), labels


def _read_sheets(folder: Path, paths: list[Path], part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    # The published sheets spell their labels' file so.
    names = (f"{part}_lables.json", f"{part}_labels.json")
    source = next((folder / name for name in names if (folder / name).is_file()), None)
    if source is None:
        raise ValueError(f"{shown(folder)} holds pictures without labels: {names[0]} is missing")
    try:
        content = read_bytes(source, _LARGEST_LABELS, "list of labels")
        labels = np.array(msgspec.json.decode(content, type=Labels), np.uint8)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f"{shown(source)} is not a list of labels 0 to 9: {shown(str(error))}") from None
    images = np.concatenate([_read_sheet(path) for path in paths])
    if len(images) != len(labels):
        raise ValueError(
            f"{shown(folder)} holds {len(images)} pictures of the {part} set, but {source.name} {len(labels)} labels"
        )
    return images, labels


def _read_sheet(path: Path) -> NDArray[np.uint8]:
    """Read one sheet: every row of 1,024 pixels is a picture."""
    from kernels.pictures.picture import PictureError
    from kernels.pictures.reading import read_picture

    try:
        sheet = read_picture(path)
    except PictureError as error:
        raise ValueError(f"{shown(path)} cannot be read as a PNG sheet: {error}") from None
    if sheet.width != _PIXELS or sheet.height > _LARGEST_ROWS or sheet.is_grey or sheet.pixels.dtype != np.uint8:
        raise ValueError(
            f"{shown(path)} is {sheet.width} x {sheet.height} ({sheet.bits}), but a sheet is {_PIXELS} pixels wide, in"
            " colour, with one picture a row"
        )
    return sheet.pixels.reshape(-1, SIDE, SIDE, 3)
