"""Training plans: everything that a training's outcome depends on, as plain data.

The same plan on the same pictures gives the same weights, on the same machine byte by byte. A plan is checked when it
is made and when it is read. Nothing here loads NumPy, so that the number of BLAS threads can be set before it is.
"""

from __future__ import annotations

from math import cos, pi
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, structs

from kernels.errors import shown
from kernels.files import read_bytes

LARGEST_RATE = 1e38
"""A larger one is no float32 any more."""
MOST_STEPS = 10**9
MOST_EPOCHS = 10_000
LARGEST_BATCH = 65_536
LARGEST_SEED = 2**32 - 1
UNBOUNDED_STEPS = 1000
"""How many steps a schedule takes if neither it nor the stop rule says."""

_LARGEST_PLAN = 1 << 20

NetworkName = Literal["lenet5", "colournet", "mlp", "logistic"]
OptimiserName = Literal["gradient-descent", "sgd", "momentum", "adam"]
Schedule = Literal["constant", "step", "one-cycle"]
ActivationName = Literal["relu", "leaky-relu", "sigmoid", "tanh"]
InitialisationName = Literal["he", "glorot", "lecun", "uniform", "zeros"]
StopReason = Literal["steps", "epochs", "no-gain"]

USUAL_RATES: dict[OptimiserName, float] = {"gradient-descent": 0.1, "sgd": 0.1, "momentum": 0.05, "adam": 1e-3}
"""A rate that an optimiser usually gets on with."""

Steps = Annotated[int, Meta(ge=1, le=MOST_STEPS)]
Share = Annotated[float, Meta(ge=0.0, lt=1.0)]
Decay = Annotated[float, Meta(ge=0.0, le=1.0)]


class NamedNetwork(Struct, frozen=True, forbid_unknown_fields=True, tag="named"):
    """A network of `kernels.cnn.models`, with new weights."""

    name: NetworkName = "lenet5"


class Stack(Struct, frozen=True, forbid_unknown_fields=True, tag="stack"):
    """Blocks of 3 × 3 convolutions, pooled twice, then a global average and a dense layer.

    Attributes
    ----------
    depth : int
        Blocks, 1 to 20.
    residual : bool
        Whether a block's input is added to what it gives (He, Zhang, Ren, Sun 2016, Deep residual learning for image
        recognition).
    width : int
        Maps of every convolution.
    """

    depth: Annotated[int, Meta(ge=1, le=20)] = 4
    residual: bool = False
    width: Annotated[int, Meta(ge=1, le=256)] = 16


class LayersRow(Struct, frozen=True, forbid_unknown_fields=True, tag="row"):
    """A row from the workspace Layers, as ``Recipe.to_dict()["stages"]`` has it; a head for the classes is added."""

    stages: Annotated[tuple[dict[str, Any], ...], Meta(max_length=200)]


NetworkChoice = NamedNetwork | Stack | LayersRow


class Rate(Struct, frozen=True, forbid_unknown_fields=True):
    """Learning rate over a training.

    `constant` stays at `peak`. `step` divides it by ten after each third. `one-cycle` rises from peak / 25 during the
    first 30 % and falls to peak / 250,000 by the end, both along half a cosine.

    Reference: Smith, Topin (2018), Super-convergence: very fast training of neural networks using large rates.

    Attributes
    ----------
    peak : float
    schedule : "constant", "step" or "one-cycle"
    steps : int or None
        How many steps the schedule takes; behind its end the rate stays. None: as many as the stop rule allows, or
        `UNBOUNDED_STEPS` if that sets no end.
    """

    peak: Annotated[float, Meta(gt=0.0, le=LARGEST_RATE)]
    schedule: Schedule = "constant"
    steps: Steps | None = None

    def at(self, done: float) -> float:
        """Rate when a share `done`, 0 to 1, of the schedule lies behind."""
        if self.schedule == "constant":
            return self.peak
        if self.schedule == "step":
            return float(self.peak * 0.1 ** min(int(3 * done), 2))
        rise = 0.3
        if done < rise:
            return _between(self.peak / 25, self.peak, done / rise)
        return _between(self.peak, self.peak / 250_000, min((done - rise) / (1 - rise), 1.0))


def _between(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + cos(pi * done)) / 2


class Augmentation(Struct, frozen=True, forbid_unknown_fields=True):
    """By how much at most each picture is changed, at random, each time it is seen.

    Attributes
    ----------
    shift : int
        Pixels each way.
    rotation : float
        Degrees each way.
    scale : float
        Share by which it grows or shrinks: 0.1 is from 90 % to 110 %.
    shear : float
        Degrees each way.
    flip : bool
        Left to right, half the time.
    noise : float
        Standard deviation in grey levels of 0..255.
    """

    shift: Annotated[int, Meta(ge=0, le=64)] = 0
    rotation: Annotated[float, Meta(ge=0.0, le=180.0)] = 0.0
    scale: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.0
    shear: Annotated[float, Meta(ge=0.0, le=45.0)] = 0.0
    flip: bool = False
    noise: Annotated[float, Meta(ge=0.0, le=255.0)] = 0.0


class Stop(Struct, frozen=True, forbid_unknown_fields=True):
    """When a training stops by itself: whichever comes first; with nothing set, never.

    Attributes
    ----------
    steps, epochs : int or None
        Steps done, or how often every picture was seen.
    no_gain : int or None
        Steps since the best validation.
    """

    steps: Steps | None = None
    epochs: Annotated[int, Meta(ge=1, le=MOST_EPOCHS)] | None = None
    no_gain: Steps | None = None

    def reason(self, step: int, epoch_steps: int, best_step: int) -> StopReason | None:
        """Return why a training that has done `step` steps stops, None if it goes on.

        Parameters
        ----------
        step : int
        epoch_steps : int
            Steps of an epoch.
        best_step : int
            Where the best validation was.
        """
        if self.steps is not None and step >= self.steps:
            return "steps"
        if self.epochs is not None and step >= self.epochs * epoch_steps:
            return "epochs"
        if self.no_gain is not None and step - best_step >= self.no_gain:
            return "no-gain"
        return None

    def last_step(self, epoch_steps: int) -> int | None:
        """Return the step that no training goes beyond, None if there is no such step."""
        ends = [self.steps, None if self.epochs is None else self.epochs * epoch_steps]
        return min((end for end in ends if end is not None), default=None)


class TrainingPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """How a network is trained.

    Attributes
    ----------
    network : NamedNetwork, Stack or LayersRow
    data : str
        A folder of labelled pictures. "" stands for the 2,000 digits that come with the program: whatever the seed, the
        first 1,600 are learnt from and the last 400 are for checking.
    seed : int
        Of all chance: first weights, order, augmentation, dropout.
    optimiser : "gradient-descent", "sgd", "momentum" or "adam"
        Gradient descent looks at all pictures before each step, the others at a batch.
    rate : Rate
    momentum : float
        Of the optimiser "momentum".
    batch : int
        Pictures of each step.
    decay, first_decay : float
        Weight decay, and that of the first layer that has weights.
    dropout : float
        Share of the numbers that every dense layer behind the first weights does not get to see while training.
    batch_normalisation : bool
        Behind every convolution and every dense layer but the last.
    activation
        None: the network's own.
    initialisation
        How the first weights are drawn.
    augmentation : Augmentation
    stop : Stop
    check_every : int
        Steps from one validation, and one checkpoint of a run, to the next.
    threads : int
        Of BLAS; another number may round otherwise.
    """

    network: NetworkChoice = NamedNetwork()
    data: Annotated[str, Meta(max_length=4096)] = ""
    seed: Annotated[int, Meta(ge=0, le=LARGEST_SEED)] = 0
    optimiser: OptimiserName = "sgd"
    rate: Rate = Rate(0.1)
    momentum: Share = 0.9
    batch: Annotated[int, Meta(ge=1, le=LARGEST_BATCH)] = 32
    decay: Decay = 0.0
    first_decay: Decay = 0.0
    dropout: Share = 0.0
    batch_normalisation: bool = False
    activation: ActivationName | None = None
    initialisation: InitialisationName = "he"
    augmentation: Augmentation = Augmentation()
    stop: Stop = Stop()
    check_every: Annotated[int, Meta(ge=1, le=100_000)] = 50
    threads: Annotated[int, Meta(ge=1, le=64)] = 1

    def __str__(self) -> str:
        parts = []
        if self.stop.epochs is not None:
            parts.append(f"{self.stop.epochs} epoch{'s' if self.stop.epochs > 1 else ''}")
        if self.stop.steps is not None:
            parts.append(f"{self.stop.steps:,} step{'s' if self.stop.steps > 1 else ''}")
        whole = self.optimiser == "gradient-descent"
        parts.append("all pictures at once" if whole else f"batches of {self.batch}")
        rate = f"{self.rate.peak:g} ({self.rate.schedule})"
        return f"{' in '.join(parts)}, {self.optimiser} at {rate}, seed {self.seed}"

    def pictures_a_step(self, count: int) -> int:
        """Return how many of `count` pictures each step looks at."""
        return count if self.optimiser == "gradient-descent" else min(self.batch, count)

    def rate_at(self, step: int, epoch_steps: int) -> float:
        """Return the learning rate of the step that follows `step` others, where an epoch has `epoch_steps`."""
        steps = self.rate.steps or self.stop.last_step(epoch_steps) or UNBOUNDED_STEPS
        return self.rate.at(min(step / steps, 1.0))


def repeating(plan: TrainingPlan, steps: int) -> TrainingPlan:
    """Return the plan that does again what a training by `plan` has done so far.

    One with a stop rule is that itself. One without gets the `steps` done as its end, and keeps its learning rates.
    """
    if plan.stop != Stop():
        return plan
    rate = structs.replace(plan.rate, steps=plan.rate.steps or UNBOUNDED_STEPS)
    return structs.replace(plan, rate=rate, stop=Stop(steps=max(1, steps)))


def encoded(plan: TrainingPlan) -> bytes:
    """Return a plan as the JSON text of a plan file; equal plans give equal bytes."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n"


def read_plan(path: Path, base: TrainingPlan) -> TrainingPlan:
    """Read a plan in JSON; what it leaves out is as in `base`.

    Raises
    ------
    OSError
        If the file is not there or cannot be read.
    ValueError
        In one sentence that names the field.
    """
    given = read_fields(path)
    try:
        return msgspec.convert({**msgspec.to_builtins(base), **given}, TrainingPlan)
    except (ValueError, RecursionError) as error:
        raise _no_plan(path, error) from None


def read_fields(path: Path) -> dict[str, Any]:
    """Read which fields a plan file gives, unchecked; otherwise as `read_plan`."""
    content = read_bytes(path, _LARGEST_PLAN, "training plan")
    try:
        given = msgspec.json.decode(content)
        if not isinstance(given, dict):
            raise ValueError('an object such as {"batch": 16} is needed')
    except (ValueError, RecursionError) as error:
        raise _no_plan(path, error) from None
    return given


def _no_plan(path: Path, error: Exception) -> ValueError:
    return ValueError(f"{shown(path)} is not a training plan: {shown(str(error))}")
