"""Labelled pictures from a folder: MNIST and its kin as idx files, CIFAR-10 as binary batches or PNG sheets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels import resources
from kernels.cnn import cifar, idx
from kernels.errors import shown, unknown_name

Part = Literal["train", "test"]

BUNDLED = "MNIST 1,600"
"""What the bundled digits are called as training data: 1,600 to learn from; the other 400 are never learnt."""
BUNDLED_LEARNT = 1600

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


class Dataset(msgspec.Struct, frozen=True, eq=False):
    """Pictures with their right classes.

    Attributes
    ----------
    images : (N, H, W) or (N, H, W, C) uint8
    labels : (N,) uint8
        Indices into `classes`.
    name : str
        Of the data set: "MNIST", "Fashion-MNIST", "CIFAR-10", "idx", `BUNDLED`, or that of a folder of one's own.
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
    place = find(folder)
    if place is None:
        raise ValueError(
            f"{shown(folder)} holds no data that can be read: neither MNIST's idx files (train-images-idx3-ubyte and so"
            " on, also .gz) nor CIFAR-10's batches (data_batch_1.bin or data_batch_1.png and so on)"
        )
    if not idx.present(place):
        return Dataset(*cifar.read(place, part), OBJECTS, "CIFAR-10")
    images, labels = idx.read(place, part)
    known = _FIRST_LABELS.get(tuple(map(int, labels[:10])))
    name, classes = known or ("idx", tuple(map(str, range(max(10, int(labels.max(initial=0)) + 1)))))
    return Dataset(images, labels, classes, name)


def find(folder: str | Path) -> Path | None:
    """Return where the files of a data set are, the folder itself or one up to four below it; None if they are not.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such folder.
    """
    folder = Path(folder)
    if not folder.exists():
        raise FileNotFoundError(f"there is no folder {shown(folder)}")
    if not folder.is_dir():
        raise ValueError(f"{shown(folder)} is a file, but the data are expected in a folder")
    return next((place for place in _below(folder) if idx.present(place) or cifar.present(place)), None)


def shipped_digits() -> Dataset:
    """Return the 2,000 digits that come with the program: every fifth of MNIST's test set, beginning with the first.

    Authors: Yann LeCun, Corinna Cortes, Christopher J. C. Burges; licence CC BY-SA 3.0.
    """
    with np.load(resources.asset("networks", "mnist-2000.npz"), allow_pickle=False) as file:
        return Dataset(file["images"], file["labels"], DIGITS, "MNIST")


def bundled() -> tuple[Dataset, Dataset]:
    """Return the bundled digits as training data: the first 1,600 to learn from, and the other 400 to check with."""
    digits = replace(shipped_digits(), name=BUNDLED)
    return digits.take(0, BUNDLED_LEARNT), digits.take(BUNDLED_LEARNT, len(digits))


def unseen(test: Dataset, trained_on: str) -> Dataset:
    """Return the test pictures that a network is scored with: none that it learnt from.

    The bundled digits are a part of MNIST's test set; a network that learnt 1,600 of them is scored with the other 400.

    Parameters
    ----------
    test : Dataset
        A test set, or the bundled digits.
    trained_on : str
        Name of the data set that the network was trained on.
    """
    return bundled()[1] if trained_on == BUNDLED and test.name == "MNIST" else test


def _below(folder: Path) -> Iterator[Path]:
    """Yield the folder and those up to four levels below it, as packages unpack, nearest first."""
    level = [folder]
    for _ in range(4):
        yield from level
        level = list(islice((child for parent in level for child in _folders(parent)), _MOST_FOLDERS))
    yield from level


def _folders(parent: Path) -> list[Path]:
    """The folders in a folder that may be looked into."""
    try:
        return sorted(child for child in parent.iterdir() if child.is_dir() and os.access(child, os.R_OK | os.X_OK))
    except OSError:
        return []
