"""Runs: trainings as folders on disk, to be gone on with, looked through, branched, named and removed.

A run's folder holds `run.json`, `curves.bin` and, in `checkpoints`, the training's state after some of its steps. All
of it is read without trusting it. Checkpoints are thinned as a run grows; the first, the best, the newest, those that
a branch left from, those of `curves.early_checks` and those after 1, 2, 4, 8 … times `check_every` steps stay.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from collections.abc import Collection, Iterator
from io import FileIO
from itertools import islice
from pathlib import Path
from string import ascii_uppercase
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, structs
from msgspec.structs import replace

from kernels.cnn import archive
from kernels.cnn.network import Network
from kernels.cnn.training import checkpoint
from kernels.cnn.training.checkpoint import State
from kernels.cnn.training.curves import Curves, early_checks, read_curves
from kernels.cnn.training.plan import TrainingPlan
from kernels.cnn.weights import Header, network_of
from kernels.errors import shown
from kernels.files import read_bytes, write_bytes
from kernels.part_files import lock_alone

MOST_CHECKPOINTS = 200
"""Of one run."""
LARGEST_RUNS = 500_000_000
"""Bytes of the checkpoints of all runs together; each has an equal share."""
MOST_RUNS = 1000

_LARGEST_HEADER = 1 << 21
_RUN, _CURVES, _CHECKPOINTS, _LOCK = "run.json", "curves.bin", "checkpoints", "lock"
_CHECKPOINT = re.compile(r"(\d{8,10})\.npz")
_NAME = re.compile(r"([A-Z])(\d{0,4})", re.ASCII)

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


class Run(msgspec.Struct, frozen=True):
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
        names = (_CHECKPOINT.fullmatch(path.name) for path in _entries(self.folder / _CHECKPOINTS))
        return tuple(sorted(int(name[1]) for name in names if name))

    def nearest(self, step: int | None = None) -> int | None:
        """Return the newest step at or before `step`, the newest of all by default, whose state can be read.

        It is a later one if there is none before, and None if no state can be read.
        """
        kept = self.checkpoints()
        before = [each for each in kept if step is None or each <= step]
        return next(filter(self.is_whole, (*reversed(before), *kept[len(before) :])), None)

    def is_whole(self, step: int) -> bool:
        """Return whether there is a checkpoint of a step, and can be read."""
        try:
            self.state(step)
        except (OSError, ValueError):
            return False
        return True

    def path(self, step: int) -> Path:
        """Return where the checkpoint of a step is kept."""
        return self.folder / _CHECKPOINTS / f"{step:08}.npz"

    def state(self, step: int) -> State:
        """Read a checkpoint; OSError or ValueError, in one sentence, if it is not there or damaged."""
        path = self.path(step)
        try:
            return checkpoint.read(path)
        except ValueError:
            raise ValueError(f"the checkpoint of step {step:,} is damaged ({path.name})") from None

    def network(self, step: int) -> tuple[Header, Network]:
        """Read the network of a checkpoint, as `kernels.cnn.weights.load_with_header` does; errors as `state`."""
        state = self.state(step)
        header = state.header.network
        return header, network_of(header, state.arrays, self.path(step))

    def curves(self) -> Curves:
        """Read what was measured so far; OSError or ValueError, in one sentence, if the file is damaged."""
        return read_curves(self.curves_path)

    @property
    def curves_path(self) -> Path:
        """The file of what was measured."""
        return self.folder / _CURVES

    def keep(self, state: State) -> None:
        """Write a checkpoint; errors as `checkpoint.write`."""
        checkpoint.write(self.path(state.step), state)

    def renamed(self, name: str) -> Run:
        """Give the run another name on disk, and return it; OSError in one sentence if that is not possible."""
        run = replace(self, header=structs.replace(self.header, name=name))
        run.write_header()
        return run

    def write_header(self) -> None:
        """Write `run.json`."""
        write_bytes(self.folder / _RUN, msgspec.json.format(msgspec.json.encode(self.header), indent=1))

    def thin(self, most_bytes: int, staying: Collection[int] = ()) -> tuple[int, ...]:
        """Make room if there are more than 200 checkpoints, or more than `most_bytes` of them; return what went.

        Those go that lie closest to their neighbours, the older ones first, down to three quarters of the limits: what
        is left lies evenly along the run. The first, the newest, those of `curves.early_checks`, those after 1, 2, 4,
        8 … times `check_every` steps and those in `staying` stay in any case.
        """
        sizes = {step: _size(self.path(step)) for step in self.checkpoints()}
        if len(sizes) <= MOST_CHECKPOINTS and sum(sizes.values()) <= most_bytes:
            return ()
        doubled = {self.plan.check_every << power for power in range(30)}
        kept = {*staying, *doubled, *early_checks(self.plan.check_every), min(sizes), max(sizes)}
        steps, gone = list(sizes), []
        while 4 * len(steps) > 3 * MOST_CHECKPOINTS or 4 * sum(map(sizes.__getitem__, steps)) > 3 * most_bytes:
            loose = [place for place, step in enumerate(steps) if step not in kept]
            if not loose:
                break
            gone.append(steps.pop(min(loose, key=lambda place: steps[place + 1] - steps[place - 1])))
        for step in gone:
            self.path(step).unlink(missing_ok=True)
        return tuple(sorted(gone))


def open_run(folder: Path) -> Run:
    """Read a run; OSError or ValueError, in one sentence, if there is none or its `run.json` is damaged."""
    path = folder / _RUN
    content = read_bytes(path, _LARGEST_HEADER, "run of a training")
    try:
        return Run(folder, msgspec.json.decode(content, type=RunHeader))
    except (ValueError, RecursionError) as error:
        name = shown(f"{folder.name}/{_RUN}")
        raise ValueError(f"{name} is not a run of a training: {shown(str(error))}") from None


def begin_run(folder: Path, plan: TrainingPlan, name: str, parent: Parent | None = None) -> Run:
    """Make a run in a folder of its own, which must not be there yet; see `Runs.begin`."""
    run = Run(folder, RunHeader("kernelscope-run", 1, name, plan, parent, time.time()))
    start = (
        None
        if parent is None
        else read_bytes(replace(run, folder=folder.parent / parent.run).path(parent.step), archive.LARGEST_FILE)
    )
    try:
        (folder / _CHECKPOINTS).mkdir(parents=True)
    except OSError as error:
        raise type(error)(f"the run's folder {shown(folder)} cannot be made: {error.strerror}") from None
    try:
        if start is not None and parent is not None:
            write_bytes(run.path(parent.step), start)
        run.write_header()
    except OSError:
        with contextlib.suppress(OSError):
            remove_run(folder)
        raise
    return run


def hold(folder: Path) -> FileIO:
    """Keep other processes from training the run in a folder, until the file that is returned is closed.

    Raises
    ------
    OSError
        If the folder is not there or cannot be written.
    ValueError
        If another process trains it.
    """
    try:
        file = FileIO(folder / _LOCK, "a")
    except OSError as error:
        raise type(error)(f"the run's folder {shown(folder)} cannot be written: {error.strerror}") from None
    if lock_alone(file):
        return file
    file.close()
    raise ValueError("this run is being trained by another process; end that, or begin a run of your own")


def remove_run(folder: Path) -> None:
    """Remove everything that belongs to a run, whole or damaged, and its folder unless something else is in it.

    Raises
    ------
    OSError
        In one sentence.
    """
    kept = folder / _CHECKPOINTS
    try:
        for path in _entries(kept):
            if _CHECKPOINT.fullmatch(path.name):
                path.unlink(missing_ok=True)
        # The header goes last: what was begun to be removed can be removed again.
        for name in (_CURVES, _LOCK, _RUN):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise type(error)(f"the run's folder {shown(folder)} cannot be removed: {error.strerror}") from None
    with contextlib.suppress(OSError):
        kept.rmdir()
        folder.rmdir()


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
        found = (each for each in self._read() if isinstance(each, Run))
        return tuple(sorted(found, key=lambda run: (run.header.begun, run.id)))

    def problems(self) -> tuple[str, ...]:
        """Return one sentence about each run that cannot be read."""
        return tuple(each for each in self._read() if isinstance(each, str))

    def next_name(self) -> str:
        """Return that of A, B, …, Z, A2, B2, … which follows the last one that a run has."""
        found = (_NAME.fullmatch(run.name) for run in self.all())
        taken = (26 * int(name[2] or 1) + ascii_uppercase.index(name[1]) for name in found if name)
        number, letter = divmod(max(taken, default=25) + 1, 26)
        return f"{ascii_uppercase[letter]}{number if number > 1 else ''}"

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
        identity = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"
        run = begin_run(self.folder / identity, plan, name, parent)
        for each in self.all():
            # Damaged curves are said where they are to be shown.
            with contextlib.suppress(OSError, ValueError):
                self.thin(each, each.curves().best())
        return run

    def thin(self, run: Run, best: int | None) -> tuple[int, ...]:
        """Bring a run to its share of the room that all runs have, and return the steps that went; see `Run.thin`.

        Its best checkpoint stays, and those that a branch left from.
        """
        others = self.all()
        branched = [each.parent.step for each in others if each.parent is not None and each.parent.run == run.id]
        return run.thin(LARGEST_RUNS // max(1, len(others)), [*branched, *([] if best is None else [best])])

    def _read(self) -> Iterator[Run | str]:
        for folder in _entries(self.folder, MOST_RUNS):
            if (folder / _RUN).exists():
                try:
                    yield open_run(folder)
                except (OSError, ValueError) as error:
                    yield str(error)


def _entries(folder: Path, most: int = 100_000) -> list[Path]:
    """What is in a folder, nothing if it cannot be read."""
    try:
        return list(islice(folder.iterdir(), most))
    except OSError:
        return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
