"""Training: forward, loss, backward, step, over and over.

All chance is keyed by the plan's seed and the step, so that the state after a step is the same bytes however it was
reached: in one go, interrupted and taken up again, or taken back and played anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.evaluation import Score
from kernels.cnn.training.checkpoint import State
from kernels.cnn.training.collections import Collection
from kernels.cnn.training.plan import TrainingPlan


class Diverged(ArithmeticError):
    """The loss or a weight became infinite or not a number."""


@dataclass(frozen=True)
class StepFigures:
    """What one step measured on its minibatch, before the update; and how long it took."""

    loss: float
    accuracy: float
    seconds: float


class Trainer:
    """Trains a network by a plan.

    Parameters
    ----------
    plan : TrainingPlan
    data : Collection

    Attributes
    ----------
    step : int
        Steps done.
    network : Network
    optimiser : Optimiser
    epoch_steps : int
        Steps in which every picture is seen once, but for those that do not fill a batch.
    parts : int
        Into how many parts a minibatch is cut, to fit into memory; their gradients are summed.

    Raises
    ------
    ValueError
        If network and pictures do not fit together.
    """

    def __init__(self, plan: TrainingPlan, data: Collection) -> None:
        raise NotImplementedError

    def minibatch(self, step: int, part: int = 0) -> tuple[NDArray[np.float32], NDArray[Any], NDArray[np.intp]]:
        """Return what a step looks at: a pure function of plan, data and step.

        Returns
        -------
        maps : (N, C, H, W) float32
            Pictures after augmentation and preprocessing.
        labels : (N,) uint8
        indices : (N,) intp
            Which pictures of `data.learn` they are.
        """
        raise NotImplementedError

    def chance(self, step: int) -> np.random.Generator:
        """Return where the layers (dropout) draw from in a step; `Network.draw_from` hands it to them."""
        raise NotImplementedError

    def advance(self) -> StepFigures:
        """Do one step.

        Afterwards every layer's `gradients` are those that moved the weights.

        Raises
        ------
        Diverged
            The loss is infinite or not a number; go on from an earlier `state`.
        """
        raise NotImplementedError

    def check(self) -> Score:
        """Return the score on the pictures for checking.

        Raises
        ------
        Diverged
            If the loss or a weight is not finite.
        """
        raise NotImplementedError

    def state(self) -> State:
        """Return a copy of all that the training needs to go on from here."""
        raise NotImplementedError

    def restore(self, state: State) -> None:
        """Go on from a state, of this training or of one that this one branches off.

        Raises
        ------
        ValueError
            If the weights do not fit this network.
        """
        raise NotImplementedError
