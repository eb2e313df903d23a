"""What the training process is told, and what it tells; they travel as `kernels.processes` has it.

The process answers `Begin` with `Ready` or `Failed`. It ends with `End`, and when nobody writes to it any more.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from kernels.cnn.training.plan import Stop

Count = Annotated[int, Meta(ge=0, le=1 << 40)]
StoppedBecause = Literal["paused", "steps", "epochs", "no-gain", "rewound"]


class Begin(Struct, frozen=True, tag="begin"):
    """Take up a run on disk, at its newest checkpoint or at the nearest one at or below `at`; it then waits.

    A training that is under way is put aside, its state kept as a checkpoint of its own run.
    """

    folder: str
    at: int | None = None


class Play(Struct, frozen=True, tag="play"):
    """Train on; while it trains, change pace and stop rule.

    Attributes
    ----------
    pace : float or None
        Steps a second at most; None: as fast as it goes.
    stop : Stop or None
        The stop rule in place of the plan's. It decides only when the training stops, never what it does: a schedule
        of the rate keeps to the plan's own.
    """

    pace: Annotated[float, Meta(gt=0.0)] | None = None
    stop: Stop | None = None


class Pause(Struct, frozen=True, tag="pause"):
    """Stop after the step under way."""


class OneStep(Struct, frozen=True, tag="one-step"):
    """Do one step and stop, whatever the stop rule says."""


class Rewind(Struct, frozen=True, tag="rewind"):
    """Go back to the first checkpoint of the same run, and wait; nothing on disk is lost."""


class End(Struct, frozen=True, tag="end"):
    """Keep the state, and end."""


Command = Begin | Play | Pause | OneStep | Rewind | End
"""What is sent to the process."""


class Ready(Struct, frozen=True, tag="ready"):
    """The run is taken up: so many steps lie behind."""

    step: int


class Stepped(Struct, frozen=True, tag="stepped"):
    """Steps that were done, collected for at most a thirtieth of a second.

    Attributes
    ----------
    done : int
        Steps that lie behind now.
    first : int
        Steps that lay behind before the first of these.
    losses, accuracies : tuple of float
        Number `i` was measured on the minibatch of step ``first + i · spacing``, before its update: it belongs to the
        weights that a checkpoint of that step holds.
    spacing : int
        1, or more in a long run, of which not every step is written down (see `curves.spacing`); the losses may then be
        empty.
    """

    done: Count
    first: Count
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    spacing: Annotated[int, Meta(ge=1, le=1 << 20)] = 1


class Checked(Struct, frozen=True, tag="checked"):
    """The result on the pictures for checking after `step` steps."""

    step: Count
    loss: float
    accuracy: float


class Gauged(Struct, frozen=True, tag="gauged"):
    """What went on inside the network in the step that followed `step` others.

    Attributes
    ----------
    step : int
    gradient_sizes : tuple of float
        Of every array of weights, in order; see `gauges.gradient_sizes`.
    silent : tuple of int
        Of every activation, in order; see `gauges.silent_units`.
    """

    step: Count
    gradient_sizes: tuple[float, ...]
    silent: tuple[int, ...]


class Kept(Struct, frozen=True, tag="kept"):
    """A checkpoint was written; `removed` ones made room for it."""

    step: int
    removed: tuple[int, ...] = ()


class Stopped(Struct, frozen=True, tag="stopped"):
    """The training stands still after `step` steps, and waits for commands."""

    step: int
    reason: StoppedBecause


class Failed(Struct, frozen=True, tag="failed"):
    """It cannot go on, as one sentence says; the last good checkpoint stays.

    The next `Play`, `OneStep` or `Rewind` takes the run up again from disk, and may succeed (a disk that has room
    again) or fail again (a rate that bursts the weights).
    """

    step: int
    sentence: str


Report = Ready | Stepped | Checked | Gauged | Kept | Stopped | Failed
"""What the process sends."""
