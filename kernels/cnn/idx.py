"""The idx format of MNIST: a magic number, the sizes, then one byte a pixel or label; plain or gzipped.

Reference: LeCun, Cortes, Burges (1998), The MNIST database of handwritten digits.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from math import prod
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.errors import shown
from kernels.pictures.formats.declared import DEFLATE_RATIO

_STEMS = {"train": "train", "test": "t10k"}
_UNSIGNED_BYTES = 0x08
LARGEST_LABEL = 61
"""EMNIST, the largest set in this format, has 62 classes (Cohen and others, 2017, EMNIST)."""
_LARGEST = 1 << 31
_CHUNK = 1 << 20


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
            raise ValueError(
                f"{shown(folder)} lacks the {what} of the {part} set: {stem}-{kind}-ubyte, or the same with .gz"
            )
        paths.append(path)
    images, labels = read_file(paths[0], 3), read_file(paths[1], 1)
    if labels.size and int(labels.max()) > LARGEST_LABEL:
        raise ValueError(f"{shown(paths[1])} holds a label {labels.max()}; labels go from 0 to {LARGEST_LABEL}")
    if len(images) != len(labels):
        raise ValueError(
            f"{shown(paths[0])} holds {len(images)} pictures, but {shown(paths[1].name)} {len(labels)} labels"
        )
    if not images.size:
        raise ValueError(f"{shown(paths[0])} holds no pictures: its sizes are {images.shape}")
    return images, labels


def read_file(path: Path, axes: int) -> NDArray[np.uint8]:
    """Read one idx file of unsigned bytes with so many axes; ValueError if it is anything else or not whole."""
    name = shown(path)
    there = path.stat().st_size
    packed = path.suffix == ".gz"
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            head = file.read(4 + 4 * axes)
            if len(head) < 4 + 4 * axes or head[:2] != b"\0\0" or head[2] != _UNSIGNED_BYTES or head[3] != axes:
                raise ValueError(f"{name} is not an idx file of bytes with {axes} axes")
            shape = struct.unpack(f">{axes}I", head[4:])
            size = prod(shape)
            sides = " x ".join(map(str, shape))
            if size > _LARGEST:
                raise ValueError(f"{name} claims {size:,} bytes, more than the {_LARGEST:,} that are read")
            if not packed and size > there - len(head):
                here = there - len(head)
                raise ValueError(f"{name} is cut short: {here:,} are there, but {sides} makes {size:,} bytes")
            if size > there * DEFLATE_RATIO:
                raise ValueError(f"{name} is cut short: {sides} makes {size:,} bytes, far more than it can hold")
            memory.require(size, f"Reading {name}")
            body: NDArray[np.uint8] = np.empty(size, np.uint8)
            found = _fill(file, body.data)
            longer = bool(file.read(1))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{name} is damaged or cut short: {shown(str(error))}") from None
    if found < size or longer:
        problem = "longer than it says: more are" if longer else f"cut short: {found:,} are"
        raise ValueError(f"{name} is {problem} there, but {sides} makes {size:,} bytes")
    return body.reshape(shape)


def _fill(file: IO[bytes] | gzip.GzipFile, space: memoryview) -> int:
    """Read until the space is full or the file at its end; return how much was read."""
    found = 0
    while found < len(space) and (chunk := file.read(min(_CHUNK, len(space) - found))):
        space[found : found + len(chunk)] = chunk
        found += len(chunk)
    return found


def _find(folder: Path, stem: str, kind: str) -> Path | None:
    """The file under any of the names it goes by."""
    for name in (f"{stem}-{kind}-ubyte", f"{stem}-{kind.replace('-', '.')}-ubyte"):
        for suffix in ("", ".gz"):
            if (path := folder / (name + suffix)).is_file():
                return path
    return None
