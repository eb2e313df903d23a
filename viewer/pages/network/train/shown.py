"""What training runs there are, and which of them, at which step, is looked at. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import structs

from kernels.cnn.training.plan import Stop, TrainingPlan
from viewer.moment import Moment, Purpose
from viewer.page_views import TRAINED

if TYPE_CHECKING:  # what a run holds is loaded with the workspace
    from kernels.cnn.training.curves import Curves
    from kernels.cnn.training.messages import StoppedBecause
    from kernels.cnn.training.runs import Run

RunState = Literal["waiting", "starting", "playing", "pausing", "failed"]
"""`waiting`: can be played, whether a process stands by or not; `pausing`: so it will once a step is done."""


class ShownRun(msgspec.Struct, frozen=True, eq=False):
    """A training run as it stands.

    Attributes
    ----------
    run : Run
        On disk.
    checkpoints : tuple of int
        In order.
    curves : Curves
        Those of an earlier one are the beginning of a later one's.
    position : int
        The step that training stands at, or is to go on from.
    followed : int
        The checkpoint that is shown while the training is followed.
    number : int
        Chooses its colour; it stays when other runs are removed.
    state : str
    stopped : str
        Why it stopped by itself last; empty where it did not.
    sentence : str
        Why it cannot go on, or from where; empty where it goes on as one would think.
    """

    run: Run
    checkpoints: tuple[int, ...]
    curves: Curves
    position: int
    followed: int
    number: int = 0
    state: RunState = "waiting"
    stopped: StoppedBecause | Literal[""] = ""
    sentence: str = ""

    @property
    def id(self) -> str:
        """By which the state calls it."""
        return self.run.id

    @property
    def steps(self) -> int:
        """The most steps that were ever done."""
        return max(self.curves.done, self.position, *self.checkpoints[-1:])

    @property
    def is_playing(self) -> bool:
        """Whether it trains, or is about to."""
        return self.state in ("starting", "playing")

    def nearest(self, step: int) -> int:
        """The newest checkpoint at or before `step`; the first where there is none."""
        return max((each for each in self.checkpoints if each <= step), default=self.checkpoints[0])


class Checkpoint(msgspec.Struct, frozen=True, eq=False):
    """A network as it was after `step` steps of a run."""

    shown: ShownRun
    step: int

    @property
    def name(self) -> str:
        """What it is made from, for keys and edits: that of another run or step is another one."""
        return f"{TRAINED} {self.shown.id} {self.step}"


class RunsShown(msgspec.Struct, frozen=True, eq=False):
    """All runs, in the order in which they were begun; `is_beginning` while a new one is being prepared."""

    runs: tuple[ShownRun, ...] = ()
    is_beginning: bool = False

    def run(self, key: str) -> ShownRun | None:
        """The run of that id; the newest where there is none of it."""
        newest = self.runs[-1] if self.runs else None
        return next((each for each in self.runs if each.id == key), newest)


RUNS: Purpose[RunsShown] = Purpose("runs", "training")


def shown_run(moment: Moment) -> ShownRun | None:
    """The run that is looked at."""
    found = moment.value(RUNS)
    return None if found is None else found.run(moment.state.session.train.run)


def lineage(moment: Moment, run: ShownRun) -> dict[int, ShownRun]:
    """The steps that a run can be looked at, each with the run that kept it: of a branch also how it came to be."""
    found, where, end = moment.value(RUNS), dict[int, ShownRun](), run.steps
    held = {} if found is None else {each.id: each for each in found.runs}
    each: ShownRun | None = run
    while each is not None:
        where |= {step: each for step in each.checkpoints if step <= end and step not in where}
        parent = each.run.parent
        each, end = (held.get(parent.run), parent.step) if parent is not None else (None, 0)
    return dict(sorted(where.items()))


def unbranchable(moment: Moment) -> Literal["", "nothing", "same", "data"]:
    """Why no branch can be begun at what is shown: no checkpoint, a set-up like the run's, or with other pictures."""
    checkpoint, plan = shown_checkpoint(moment), moment.state.document.training
    if checkpoint is None:
        return "nothing"
    if checkpoint.shown.run.plan.data != plan.data:
        return "data"
    return "" if asks_new_run(plan, checkpoint.shown) else "same"


def shown_step(moment: Moment, run: ShownRun) -> int:
    """The step that is looked at, checkpoint or not: while training is followed, the one that it has reached."""
    step = moment.state.session.train.step
    return run.position if step is None else min(step, run.steps)


def shown_checkpoint(moment: Moment) -> Checkpoint | None:
    """The checkpoint whose network is looked at; None where there is none."""
    run = shown_run(moment)
    if run is None or not run.checkpoints:
        return None
    step = moment.state.session.train.step
    return Checkpoint(run, run.nearest(run.followed if step is None else step))


def asks_new_run(plan: TrainingPlan, run: ShownRun | None) -> bool:
    """Whether `plan` differs from that of the run in more than when it stops, so that it makes a run of its own."""
    return run is None or _unstopped(plan) != _unstopped(run.run.plan)


def _unstopped(plan: TrainingPlan) -> TrainingPlan:
    return structs.replace(plan, stop=Stop())
