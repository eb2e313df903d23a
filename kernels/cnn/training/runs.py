"""Runs: trainings as folders on disk, to be gone on with, looked through, branched, named and removed.

A run's folder holds `run.json`, `curves.bin` and, in `checkpoints`, the training's state after some of its steps. All
of it is read without trusting it. Checkpoints are thinned as a run grows; the first, the best, the newest, those that
a branch left from and those after 1, 2, 4, 8 … times `check_every` steps stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kernels.cnn.network import Network
from kernels.cnn.training.checkpoint import State
from kernels.cnn.training.curves import Curves
from kernels.cnn.training.plan import TrainingPlan
from kernels.cnn.weights import Header

MOST_CHECKPOINTS = 200
"""Of one run."""
LARGEST_RUNS = 500_000_000
"""Bytes of the checkpoints of all runs together; each has an equal share."""
MOST_RUNS = 1000

_LARGEST_HEADER = 1 << 21
_RUN, _CURVES, _CHECKPOINTS = "run.json", "curves.bin", "checkpoints"
_CHECKPOINT = re.compile(r"(\d{8,10})\.npz")
_IDENTITY = re.compile(r"[0-9a-z-]{1,40}")

Identity = Annotated[str, Meta(pattern=r"^[0-9a-z-]{1,40}$")]
Name = Annotated[str, Meta(min_length=1, max_length=80)]


class Parent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a branch left: a run by its id, and the step of one of its checkpoints."""

    run: Identity
    step: Annotated[int, Meta(ge=0)]


class RunHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `run.json` holds.

    Attributes
    ----------
    name : str
        "A", "B" and so on, or as the user called it.
    plan : TrainingPlan
    parent : Parent or None
    begun : float
        Seconds since 1970.
    """

    format: Literal["kernelscope-run"]
    version: Literal[1]
    name: Name
    plan: TrainingPlan
    parent: Parent | None
    begun: Annotated[float, Meta(ge=0.0)]


@dataclass(frozen=True)
class Run:
    """A training on disk.

    Attributes
    ----------
    folder : Path
    header : RunHeader
    """

    folder: Path
    header: RunHeader

    @property
    def id(self) -> str:
        """What the run is called among all runs, for good."""
        return self.folder.name

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.header.name

    @property
    def plan(self) -> TrainingPlan:
        """How it is trained."""
        return self.header.plan

    @property
    def parent(self) -> Parent | None:
        """Where it left another run."""
        return self.header.parent

    def checkpoints(self) -> tuple[int, ...]:
        """Return the steps whose state is kept, in order."""
        raise NotImplementedError

    def nearest(self, step: int) -> int:
        """Return the newest step at or before `step` whose state is kept, the first if there is none before.

        Raises
        ------
        ValueError
            If the run has no checkpoint yet.
        """
        raise NotImplementedError

    def state(self, step: int) -> State:
        """Read a checkpoint; OSError or ValueError, in one sentence, if it is not there or damaged."""
        raise NotImplementedError

    def network(self, step: int) -> tuple[Header, Network]:
        """Read the network of a checkpoint, as `kernels.cnn.weights.load_with_header` does; errors as `state`."""
        raise NotImplementedError

    def curves(self) -> Curves:
        """Read what was measured so far; a file that was cut off is read up to there."""
        raise NotImplementedError

    def best(self) -> int | None:
        """Return the step of the best validation, None before the first."""
        raise NotImplementedError

    def renamed(self, name: str) -> Run:
        """Give the run another name on disk, and return it."""
        raise NotImplementedError

    def remove(self) -> None:
        """Remove the run with everything in its folder that belongs to it."""
        raise NotImplementedError


def open_run(folder: Path) -> Run:
    """Read a run; OSError or ValueError, in one sentence, if there is none or its `run.json` is damaged."""
    raise NotImplementedError


class Runs:
    """All runs in a folder, which is made when the first one begins.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> tuple[Run, ...]:
        """Return the runs that can be read, the oldest first."""
        raise NotImplementedError

    def problems(self) -> tuple[str, ...]:
        """Return one sentence about each folder that cannot be read."""
        raise NotImplementedError

    def next_name(self) -> str:
        """Return the first of A, B, …, Z, AA, … that no run has."""
        raise NotImplementedError

    def begin(self, plan: TrainingPlan, name: str, parent: Parent | None = None) -> Run:
        """Make a new run; nothing is trained yet.

        Parameters
        ----------
        plan : TrainingPlan
        name : str
        parent : Parent, optional
            The checkpoint that it starts from, which is copied; it counts its steps on from there.

        Raises
        ------
        OSError, ValueError
            In one sentence: no room, no such checkpoint.
        """
        raise NotImplementedError
