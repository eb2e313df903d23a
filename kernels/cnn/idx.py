"""The idx format of MNIST: a magic number, the sizes, then one byte a pixel or label; plain or gzipped.

Reference: LeCun, Cortes, Burges (1998), The MNIST database of handwritten digits.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_STEMS = {"train": "train", "test": "t10k"}
_UNSIGNED_BYTES = 0x08
_LARGEST = 1 << 31


def present(folder: Path) -> bool:
    """Whether a folder holds any idx file of this family."""
    return any(_find(folder, stem, kind) for stem in _STEMS.values() for kind in ("images-idx3", "labels-idx1"))


def read(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read pictures (N, H, W) and labels (N,) of one part, "train" or "test"; ValueError if files do not add up."""
    stem = _STEMS[part]
    paths = []
    for kind, what in (("images-idx3", "pictures"), ("labels-idx1", "labels")):
        path = _find(folder, stem, kind)
        if path is None:
            raise ValueError(f"{folder} lacks the {what} of the {part} set: {stem}-{kind}-ubyte, or the same with .gz")
        paths.append(path)
    images, labels = read_file(paths[0], 3), read_file(paths[1], 1)
    if len(images) != len(labels):
        raise ValueError(f"{paths[0]} holds {len(images)} pictures, but {paths[1].name} {len(labels)} labels")
    if not images.size:
        raise ValueError(f"{paths[0]} holds no pictures: its sizes are {images.shape}")
    return images, labels


def read_file(path: Path, axes: int) -> NDArray[np.uint8]:
    """Read one idx file of unsigned bytes with so many axes; ValueError if it is anything else or not whole."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4 + 4 * axes)
            if len(head) < 4 + 4 * axes or head[:2] != b"\0\0" or head[2] != _UNSIGNED_BYTES or head[3] != axes:
                raise ValueError(f"{path} is not an idx file of bytes with {axes} axes")
            shape = struct.unpack(f">{axes}I", head[4:])
            size = prod(shape)
            if size > _LARGEST:
                raise ValueError(f"{path} claims {size:,} bytes, more than the {_LARGEST:,} that are read")
            body = file.read(size + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged or cut short: {error}") from None
    if len(body) != size:
        problem = f"cut short: {len(body):,} are" if len(body) < size else "longer than it says: more are"
        sides = " x ".join(map(str, shape))
        raise ValueError(f"{path} is {problem} there, but {sides} makes {size:,} bytes")
    return np.frombuffer(body, np.uint8).reshape(shape)


def _find(folder: Path, stem: str, kind: str) -> Path | None:
    """The file under any of the names it goes by."""
    for name in (f"{stem}-{kind}-ubyte", f"{stem}-{kind.replace('-', '.')}-ubyte"):
        for suffix in ("", ".gz"):
            if (path := folder / (name + suffix)).is_file():
                return path
    return None
