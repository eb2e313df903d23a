"""What a network is to learn from, and what it is checked with: data sets, and one's own pictures in folders."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from itertools import islice
from math import prod
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.cnn import datasets
from kernels.cnn.arguments import go_on
from kernels.cnn.datasets import Dataset
from kernels.cnn.digits import as_drawn
from kernels.errors import shown
from kernels.pictures.picture import PictureError
from kernels.pictures.reading import read_picture

LARGEST_CHECK = 2000
"""Pictures of a data set that are held back at most."""
EVERY = 5
"""Of one's own pictures every so many-th of a class is held back; a class needs as many."""
MOST_CLASSES = 100
MOST_PICTURES = 1000
"""Of one's own that are read of each class."""

_MOST_ENTRIES = 10_000
_LONGEST_NAME = 80


class Skipped(msgspec.Struct, frozen=True):
    """A file or folder that was left out: where it is in the folder that was read, and why, as a sentence."""

    path: str
    reason: str


class Collection(msgspec.Struct, frozen=True, eq=False):
    """Labelled pictures for a training.

    Attributes
    ----------
    learn, check : Dataset
        What the weights are changed by, and what is held back to see how well they do; no picture is in both.
    test : Dataset or None
        What a trained network is scored with: where there is one, a third part, by which nothing is chosen. Of the
        bundled digits it is those held back, as there are no others; one's own pictures have none.
    skipped : tuple of Skipped
        What was found and is in none of them.
    """

    learn: Dataset
    check: Dataset
    test: Dataset | None = None
    skipped: tuple[Skipped, ...] = ()

    @property
    def name(self) -> str:
        """Name of the data set, which a weights file repeats."""
        return self.learn.name

    @property
    def classes(self) -> tuple[str, ...]:
        """What the labels stand for."""
        return self.learn.classes


def read_collection(
    folder: str | Path,
    shape: tuple[int, ...],
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Collection:
    """Read what a network is to learn from.

    - Nothing, ``""``: the bundled digits, always the same 1,600 and 400.
    - The folder of a data set that `datasets.read` knows: the last thirtieth of its training set, at most 2,000, is
      held back, and its test set is the third part.
    - A folder with a folder of pictures for each class, of any format that the program reads: every fifth picture of a
      class is held back. Classes and pictures are in the natural order of their names, in which 2 comes before 10.

    Parameters
    ----------
    folder : str or Path
    shape : tuple of int
        What one's own pictures are brought to, a network's `input_shape`: (h, w) for grey, (h, w, 3) for colour; by
        area averaging, with their aspect kept (`digits.as_drawn`). Pictures of a data set stay as they are.
    cancelled, progress : callable, optional
        Asked and told, with a share from 0 to 1, between one's own pictures.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it holds nothing that can be learnt, or a file of its data set is missing or damaged.
    MemoryError
        If the pictures would take more than half of the free memory.
    kernels.errors.Cancelled
    """
    if folder == "":
        learn, check = datasets.bundled()
        return Collection(learn, check, check)
    place = datasets.find(folder)
    if place is None:
        return _own(Path(folder), shape, cancelled, progress)
    return split(datasets.read(place, "train"), datasets.read(place, "test"))


def split(data: Dataset, test: Dataset | None = None) -> Collection:
    """Hold the last thirtieth of a data set back, at most 2,000 pictures."""
    held_back = min(LARGEST_CHECK, max(1, len(data) // 30))
    if len(data) <= held_back:
        raise ValueError(f"{data.name} has {len(data)} pictures: too few to train on some and to check with others")
    return Collection(data.take(0, len(data) - held_back), data.take(len(data) - held_back, len(data)), test)


def read_test(
    folder: str | Path,
    shape: tuple[int, ...],
    trained_on: str,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> Dataset:
    """Read the pictures of a folder that a network is scored with.

    Parameters
    ----------
    folder, shape, cancelled
        As for `read_collection`; of one's own pictures it is those that were held back.
    trained_on : str
        Name of the data set that the network was trained on; see `datasets.unseen`.

    Raises
    ------
    FileNotFoundError, ValueError, MemoryError, kernels.errors.Cancelled
        As `read_collection`.
    """
    place = datasets.find(folder)
    if place is None:
        return _own(Path(folder), shape, cancelled).check
    return datasets.unseen(datasets.read(place, "test"), trained_on)


def preview(data: Dataset, count: int) -> Dataset:
    """Return a few of the pictures: the first of every class, then the second of every class, and so on."""
    order = np.argsort(data.labels, kind="stable")
    starts = np.searchsorted(data.labels[order], data.labels[order])
    turn = np.empty(len(data), np.intp)
    turn[order] = np.arange(len(data)) - starts
    chosen = np.lexsort((data.labels, turn))[:count]
    return Dataset(data.images[chosen], data.labels[chosen], data.classes, data.name)


def _own(
    folder: Path,
    shape: tuple[int, ...],
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Collection:
    """Read a folder of folders of pictures."""
    skipped: list[Skipped] = []
    files = {place: _files(place, skipped) for place in _folders(folder, skipped)}
    total = sum(map(len, files.values()))
    memory.require(2.0 * total * prod(shape), f"Reading {shown(folder)}")
    classes: list[str] = []
    parts: tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]] = [], []
    labels: tuple[list[int], list[int]] = [], []
    done = 0
    for place, paths in files.items():
        found: list[NDArray[np.uint8]] = []
        for path in paths:
            go_on(done / total, cancelled, progress)
            found += _picture(path, shape, skipped, cancelled)
            done += 1
        if len(found) < EVERY:
            reason = f"{_name(place)} holds too few pictures that can be read, {len(found)}: a class needs {EVERY}."
            skipped.append(Skipped(place.name, reason))
            continue
        for number, picture in enumerate(found):
            held_back = number % EVERY == EVERY - 1
            parts[held_back].append(picture)
            labels[held_back].append(len(classes))
        classes.append(_name(place))
    if len(classes) < 2:
        raise ValueError(_nothing(folder, classes))
    learn, check = (
        Dataset(np.stack(part), np.array(which, np.uint8), tuple(classes), _name(folder.absolute()))
        for part, which in zip(parts, labels, strict=True)
    )
    return Collection(learn, check, None, tuple(skipped))


def _folders(folder: Path, skipped: list[Skipped]) -> list[Path]:
    """The folders of the classes, in their order."""
    found: list[Path] = []
    for entry in _entries(folder):
        if not os.path.isdir(entry):
            skipped.append(Skipped(entry.name, f"{_name(entry)} is in no folder of a class."))
        elif len(found) == MOST_CLASSES:
            skipped.append(Skipped(entry.name, f"{_name(entry)} is beyond the first {MOST_CLASSES} classes."))
        else:
            found.append(entry)
    return found


def _files(place: Path, skipped: list[Skipped]) -> list[Path]:
    """What is in the folder of a class, in its order."""
    try:
        entries = _entries(place)
    except ValueError as error:
        skipped.append(Skipped(place.name, f"{error}."))
        return []
    if len(entries) > MOST_PICTURES:
        reason = f"Only the first {MOST_PICTURES:,} of the {len(entries):,} files in {_name(place)} are read."
        skipped.append(Skipped(place.name, reason))
    return entries[:MOST_PICTURES]


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, in natural order, without what is hidden; ValueError if it cannot be read."""
    try:
        entries = list(islice((each for each in folder.iterdir() if each.name[0] != "."), _MOST_ENTRIES + 1))
    except OSError as error:
        raise ValueError(f"the folder {shown(folder)} cannot be read: {error.strerror}") from None
    if len(entries) > _MOST_ENTRIES:
        raise ValueError(
            f"the folder {shown(folder)} holds more than {_MOST_ENTRIES:,} files, too many to be looked at"
        )
    return sorted(entries, key=lambda each: (natural(each.name), each.name))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return what names are sorted by so that 2 comes before 10, whatever their capitals."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return tuple((0, int(each), "") if each.isdecimal() else (1, 0, each.casefold()) for each in parts)


def _picture(
    path: Path, shape: tuple[int, ...], skipped: list[Skipped], cancelled: Callable[[], bool] | None
) -> Iterator[NDArray[np.uint8]]:
    """Yield a picture as a network takes it, or note why there is none."""
    try:
        picture = read_picture(path, cancelled=cancelled)
        yield as_drawn(picture.pixels, shape, white=picture.white)
    except (PictureError, TypeError, ValueError, MemoryError) as error:
        skipped.append(Skipped(f"{path.parent.name}/{path.name}", str(error)))


def _name(path: Path) -> str:
    return shown(path.name, _LONGEST_NAME)


def _nothing(folder: Path, classes: list[str]) -> str:
    there = f"only one, {classes[0]}" if classes else "none"
    return (
        f"{shown(folder)} holds no data set that is known, and of folders with at least {EVERY} pictures that can be"
        f" read {there}: two classes or more are needed"
    )
