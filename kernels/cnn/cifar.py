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

SIDE = 32
_PIXELS = SIDE * SIDE
_RECORD = 1 + 3 * _PIXELS
_STEMS = {"train": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)}
_LARGEST_ROWS = 100_000

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
                raise ValueError(f"{folder} lacks {', '.join(missing)} of CIFAR-10's {part} set")
        elif suffix == ".bin":
            return _read_binary(paths)
        else:
            return _read_sheets(folder, paths, part)
    raise ValueError(f"{folder} lacks CIFAR-10's {part} set: {stems[0]}.bin or {stems[0]}.png")


def _read_binary(paths: list[Path]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    batches = []
    for path in paths:
        size = path.stat().st_size
        if size == 0 or size % _RECORD or size > _LARGEST_ROWS * _RECORD:
            raise ValueError(f"{path} has {size:,} bytes, but a batch is a number of records of {_RECORD:,} bytes each")
        batches.append(np.fromfile(path, np.uint8).reshape(-1, _RECORD))
    records = np.concatenate(batches)
    labels = records[:, 0].copy()
    if labels.max() > 9:
        raise ValueError(f"{paths[0].parent} holds a label {labels.max()}, but CIFAR-10's are 0 to 9")
    images = records[:, 1:].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), labels


def _read_sheets(folder: Path, paths: list[Path], part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    # The published sheets spell their labels' file so.
    names = (f"{part}_lables.json", f"{part}_labels.json")
    source = next((folder / name for name in names if (folder / name).is_file()), None)
    if source is None:
        raise ValueError(f"{folder} holds pictures without labels: {names[0]} is missing")
    try:
        labels = np.array(msgspec.json.decode(source.read_bytes(), type=Labels), np.uint8)
    except msgspec.DecodeError as error:
        raise ValueError(f"{source} is not a list of labels 0 to 9: {error}") from None
    images = np.concatenate([_read_sheet(path) for path in paths])
    if len(images) != len(labels):
        raise ValueError(
            f"{folder} holds {len(images)} pictures of the {part} set, but {source.name} {len(labels)} labels"
        )
    return images, labels


def _read_sheet(path: Path) -> NDArray[np.uint8]:
    """Read one sheet: every row of 1,024 pixels is a picture."""
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as sheet:
            if sheet.width != _PIXELS or not 1 <= sheet.height <= _LARGEST_ROWS or sheet.mode not in ("RGB", "RGBA"):
                raise ValueError(
                    f"{path} is {sheet.width} x {sheet.height} ({sheet.mode}), but a sheet is {_PIXELS} pixels wide, in"
                    " colour, with one picture a row"
                )
            pixels = np.asarray(sheet.convert("RGB"))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} cannot be read as a PNG sheet: {error}") from None
    return pixels.reshape(-1, SIDE, SIDE, 3)
