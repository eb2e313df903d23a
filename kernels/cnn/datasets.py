"""Labelled pictures from a folder: MNIST and its kin as idx files, CIFAR-10 as binary batches or PNG sheets."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from kernels import resources
from kernels.cnn import cifar, idx
from kernels.errors import shown, unknown_name

Part = Literal["train", "test"]

LARGEST_CHECK = 2000
"""Pictures that are held back from training, of a data set that has no pictures for that."""

SHIPPED_LEARNT = 1600
"""Of the digits that come with the program; the other 400 are for checking."""

_MOST_FOLDERS = 200
"""At each level that are looked into."""

DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt or top",
    "trousers",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "trainer",
    "bag",
    "ankle boot",
)
OBJECTS = ("aeroplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "lorry")

# MNIST and Fashion-MNIST use the same file names; their first labels tell them apart.
_FIRST_LABELS: dict[tuple[int, ...], tuple[str, tuple[str, ...]]] = {
    (5, 0, 4, 1, 9, 2, 1, 3, 1, 4): ("MNIST", DIGITS),
    (7, 2, 1, 0, 4, 1, 4, 9, 5, 9): ("MNIST", DIGITS),
    (9, 0, 0, 3, 0, 2, 7, 2, 5, 5): ("Fashion-MNIST", CLOTHES),
    (9, 2, 1, 1, 6, 1, 4, 6, 5, 7): ("Fashion-MNIST", CLOTHES),
}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures with their right classes.

    Attributes
    ----------
    images : (N, H, W) or (N, H, W, C) uint8
    labels : (N,) uint8
        Indices into `classes`.
    name : str
        Of the data set: "MNIST", "Fashion-MNIST", "CIFAR-10", or "idx".
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    classes: tuple[str, ...]
    name: str

    def __post_init__(self) -> None:
        if len(self.images) != len(self.labels):
            raise ValueError(f"{self.name} has {len(self.images)} pictures, but {len(self.labels)} labels")
        if not len(self.labels):
            raise ValueError(f"{self.name} holds no pictures")
        if int(self.labels.max()) >= len(self.classes):
            raise ValueError(f"{self.name} has a label {self.labels.max()}, but only {len(self.classes)} classes")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, start: int, stop: int) -> Dataset:
        """Return a run of the pictures; not a copy."""
        return Dataset(self.images[start:stop], self.labels[start:stop], self.classes, self.name)


@dataclass(frozen=True, eq=False)
class Split:
    """Labelled pictures in two: those that a network learns from, and those that only check it.

    Attributes
    ----------
    data : Dataset
        All of them.
    learnt : int
        So many, the first ones, are learnt from.
    """

    data: Dataset
    learnt: int

    def __post_init__(self) -> None:
        if not 0 < self.learnt < len(self.data):
            raise ValueError(
                f"{self.data.name} has {len(self.data)} pictures: too few to train on some and to check with others"
            )

    @property
    def learn(self) -> Dataset:
        """What is learnt from."""
        return self.data.take(0, self.learnt)

    @property
    def check(self) -> Dataset:
        """What is for checking alone."""
        return self.data.take(self.learnt, len(self.data))


def held_back(data: Dataset) -> Split:
    """Hold the last thirtieth of the pictures back for checking, at most 2,000."""
    return Split(data, len(data) - min(LARGEST_CHECK, max(1, len(data) // 30)))


def read(folder: str | Path, part: Part) -> Dataset:
    """Read the pictures to train on, or those to test with.

    Parameters
    ----------
    folder
        Holds the files itself, or up to four folders below it.
    part : "train" or "test"

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it holds no data set that is known, or a file of it is missing or damaged; or for another part.
    """
    if part not in get_args(Part):
        raise unknown_name("part", part, get_args(Part))
    folder = Path(folder)
    if not folder.exists():
        raise FileNotFoundError(f"there is no folder {shown(folder)}")
    if not folder.is_dir():
        raise ValueError(f"{shown(folder)} is a file, but the data are expected in a folder")
    for place in _below(folder):
        if idx.present(place):
            images, labels = idx.read(place, part)
            known = _FIRST_LABELS.get(tuple(map(int, labels[:10])))
            name, classes = known or ("idx", tuple(map(str, range(max(10, int(labels.max(initial=0)) + 1)))))
            return Dataset(images, labels, classes, name)
        if cifar.present(place):
            return Dataset(*cifar.read(place, part), OBJECTS, "CIFAR-10")
    raise ValueError(
        f"{shown(folder)} holds no data that can be read: neither MNIST's idx files (train-images-idx3-ubyte and so on,"
        " also .gz) nor CIFAR-10's batches (data_batch_1.bin or data_batch_1.png and so on)"
    )


def shipped_digits() -> Dataset:
    """Return the 2,000 digits that come with the program: every fifth of MNIST's test set, beginning with the first.

    Authors: Yann LeCun, Corinna Cortes, Christopher J. C. Burges; licence CC BY-SA 3.0.
    """
    with np.load(resources.asset("networks", "mnist-2000.npz"), allow_pickle=False) as file:
        return Dataset(file["images"], file["labels"], DIGITS, "MNIST")


def training_data(folder: str) -> Split:
    """Return what a training plan's `data` stands for: a folder's pictures to train on, or the shipped digits for "".

    Raises
    ------
    OSError, ValueError
        As `read`, or if there are too few.
    """
    return held_back(read(folder, "train")) if folder else Split(shipped_digits(), SHIPPED_LEARNT)


def _below(folder: Path) -> list[Path]:
    """The folder and those up to four levels below it, as packages unpack, nearest first."""
    levels = [[folder]]
    for _ in range(4):
        children = (child for parent in levels[-1] for child in _folders(parent))
        levels.append(list(islice(children, _MOST_FOLDERS)))
    return [place for level in levels for place in level]


def _folders(parent: Path) -> list[Path]:
    """The folders in a folder that may be looked into."""
    try:
        return sorted(child for child in parent.iterdir() if child.is_dir() and os.access(child, os.R_OK | os.X_OK))
    except OSError:
        return []
