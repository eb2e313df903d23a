"""What the middle of the Train side shows: runs with their curves, and filters through time. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.training.curves import Curves

Bytes = NDArray[np.uint8]
RowKind = Literal["filter", "unit", "class"]
MOST_OTHERS = 2
"""So many runs that have nothing to do with the one that is shown are drawn beside it."""


class DrawnRun(msgspec.Struct, frozen=True, eq=False):
    """A run as curves and timeline draw it.

    Attributes
    ----------
    id, name : str
    about : str
        What sets it apart, in a few signs, such as "η 0.4"; may be empty.
    number : int
        Chooses its colour, whatever is shown and removed.
    parent : (str, int) or None
        The run and the step that it left from.
    steps : int
        The most steps that it ever did.
    curves : Curves
        Its figures so far; those that were drawn before stay as they were.
    checkpoints : tuple of int
        The steps that can be gone back to, in order.
    best : int or None
        That of them with the best validation.
    is_broken : bool
        Whether it ended because its numbers were no longer finite.
    """

    id: str
    name: str
    about: str
    number: int
    parent: tuple[str, int] | None
    steps: int
    curves: Curves
    checkpoints: tuple[int, ...] = ()
    best: int | None = None
    is_broken: bool = False


class Likeness(msgspec.Struct, frozen=True):
    """What a filter resembles most: a short name, empty where it is no better than chance, and the cosine."""

    score: float
    name: str = ""

    @property
    def is_chance(self) -> bool:
        """Whether random weights would resemble something as much."""
        return not self.name


class FilmFrame(msgspec.Struct, frozen=True, eq=False):
    """The first layer at one checkpoint.

    Attributes
    ----------
    step : int
    pictures : tuple of (h, w, 3) uint8 arrays
        Its filters, or what units without filters give each pixel.
    likenesses : tuple of Likeness
        One for each picture; none where the pictures are no filters.
    """

    step: int
    pictures: tuple[Bytes, ...]
    likenesses: tuple[Likeness, ...] = ()


class Film(msgspec.Struct, frozen=True, eq=False):
    """The first layer through time.

    Attributes
    ----------
    frames : tuple of FilmFrame
        In the order of their steps.
    kind : {"filter", "unit", "class"}
        What a row is.
    classes : tuple of str
        The names of the rows, where they are classes.
    """

    frames: tuple[FilmFrame, ...]
    kind: RowKind
    classes: tuple[str, ...] = ()

    @property
    def is_compared(self) -> bool:
        """Whether it is told of the pictures what they resemble."""
        return any(each.likenesses for each in self.frames)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.frames[0].pictures) if self.frames else 0


def beside(runs: Sequence[DrawnRun], shown: str | None) -> tuple[DrawnRun, ...]:
    """The runs whose curves are drawn: the one that is shown, those that it comes from or that left it, two others."""
    held = {each.id: each for each in runs}
    kin, each = {shown}, held.get(shown or "")
    while each is not None and each.parent is not None:
        kin.add(each.parent[0])
        each = held.get(each.parent[0])
    kin |= {each.id for each in runs if each.parent is not None and each.parent[0] == shown}
    others = [each.id for each in runs if each.id not in kin][-MOST_OTHERS:]
    return tuple(each for each in runs if each.id in kin or each.id in others)
