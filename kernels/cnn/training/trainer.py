"""Training: forward, loss, backward, step, over and over.

All chance is keyed by the plan's seed and the step, so that the state after a step is the same bytes however it was
reached: in one go, interrupted and taken up again, or taken back and played anew.
"""

from __future__ import annotations

from math import ceil
from time import perf_counter
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.evaluation import Score, evaluate
from kernels.cnn.training.augmentation import varied
from kernels.cnn.training.checkpoint import Checkpoint, State
from kernels.cnn.training.collections import Collection
from kernels.cnn.training.loss import cross_entropy
from kernels.cnn.training.networks import network_for
from kernels.cnn.training.optimisers import optimiser_for
from kernels.cnn.training.plan import Augmentation, TrainingPlan
from kernels.cnn.weights import Figures, header_of

LARGEST_PART = 512
"""Pictures that go through the network at once; more are cut into parts."""

LARGEST_LOSS = 1e6
"""Weights that give a larger one have exploded, and do not come back."""

# The third word of a chance's key, behind seed and step; that of an epoch's order has two words only.
_VIEWS, _LAYERS = 1, 2


class Diverged(ArithmeticError):
    """The weights have exploded: the loss is beyond `LARGEST_LOSS`, or a weight is not finite."""


class StepFigures(msgspec.Struct, frozen=True):
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
    batch : int
        Pictures of each step.
    epoch_steps : int
        Steps in which every picture is seen once, but for those that do not fill a batch.
    parts : int
        Into how many parts a minibatch is cut, to fit into memory; their gradients are summed. Batch normalisation
        measures each part by itself.

    Raises
    ------
    ValueError
        If network and pictures do not fit together.
    """

    def __init__(self, plan: TrainingPlan, data: Collection) -> None:
        self.plan, self.data = plan, data
        self.network = network_for(plan, data)
        self.optimiser = optimiser_for(plan, self.network.layers)
        count = len(data.learn)
        self.batch = plan.pictures_a_step(count)
        # What does not fill a batch waits for the next epoch, which is shuffled anew.
        self.epoch_steps = count // self.batch
        self.parts = ceil(self.batch / LARGEST_PART)
        self.step = 0
        self._order: tuple[int, NDArray[np.intp]] = (-1, np.empty(0, np.intp))
        self._maps: NDArray[np.float32] | None = None
        self._checked: tuple[int, float] | None = None

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self.step // self.epoch_steps

    def minibatch(self, step: int, part: int = 0) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.intp]]:
        """Return what a step looks at: a pure function of plan, data and step.

        Returns
        -------
        maps : (N, C, H, W) float32
            Pictures after augmentation and preprocessing.
        labels : (N,) uint8
        indices : (N,) intp
            Which pictures of `data.learn` they are.
        """
        indices = self._indices(step, part)
        pictures = self._views(step, part, indices)
        return self.network.preprocessing.batch(pictures), self.data.learn.labels[indices], indices

    def rate_at(self, step: int) -> float:
        """Return the learning rate of the step that follows `step` others."""
        return self.plan.rate_at(step, self.epoch_steps)

    def chance(self, step: int) -> np.random.Generator:
        """Return where the layers (dropout) draw from in a step; see `Network.draw_from`."""
        return np.random.default_rng((self.plan.seed, step, _LAYERS))

    def advance(self) -> StepFigures:
        """Do one step.

        Afterwards every layer's `gradients` are those that moved the weights, without weight decay.

        Raises
        ------
        Diverged
            The loss is too large to be one, or not a number; go on from an earlier `state`.
        """
        start = perf_counter()
        self.network.draw_from(self.chance(self.step))
        loss, right = 0.0, 0
        sums: list[dict[str, NDArray[Any]]] = []
        # Overflow on the way to infinity is noticed by the loss.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for part in range(self.parts):
                part_loss, hits = self._backpropagate(part)
                loss, right = loss + part_loss, right + hits
                if self.parts > 1:
                    sums = self._added(sums)
            for node, gradients in zip(self.network.layers, sums, strict=False):
                node.gradients = gradients
            self.optimiser.step(self.rate_at(self.step))
        self.step += 1
        return StepFigures(loss, right / self.batch, perf_counter() - start)

    def _backpropagate(self, part: int) -> tuple[float, int]:
        """Set the gradients of one part of the minibatch; return its share of the loss, and how many are right."""
        indices = self._indices(self.step, part)
        pictures = self._views(self.step, part, indices)
        out = self._maps if self._maps is not None and len(self._maps) == len(indices) else None
        self._maps = self.network.preprocessing.batch(pictures, out=out)
        *_, outputs = self.network.activations(self._maps, training=True)
        loss, gradient, right = cross_entropy(outputs, self.data.learn.labels[indices])
        if not loss < LARGEST_LOSS:
            raise self._diverged(f"the loss is {loss:.2g}")
        share = len(indices) / self.batch
        if share < 1.0:
            gradient *= gradient.dtype.type(share)
        self.network.backward(gradient)
        return loss * share, right

    def _added(self, sums: list[dict[str, NDArray[Any]]]) -> list[dict[str, NDArray[Any]]]:
        """Add every layer's gradients to what there is."""
        now = [node.gradients for node in self.network.layers]
        if not sums:
            return [{name: array.copy() for name, array in gradients.items()} for gradients in now]
        for total, gradients in zip(sums, now, strict=True):
            for name, array in gradients.items():
                total[name] += array
        return sums

    def check(self) -> Score:
        """Return the score on the pictures for checking.

        Raises
        ------
        Diverged
            If the loss is too large, or a weight is not finite.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            score = evaluate(self.network, self.data.check)
        if not score.loss < LARGEST_LOSS:
            raise self._diverged(f"the loss is {score.loss:.2g}")
        self.require_finite()
        self._checked = self.step, score.accuracy
        return score

    def require_finite(self) -> None:
        """Raise `Diverged` if a weight is not finite; no loss has told that of the last step's yet."""
        if not all(np.isfinite(array).all() for array in self.network.arrays().values()):
            raise self._diverged("a weight is not finite")

    def state(self) -> State:
        """Return a copy of all that the training needs to go on from here."""
        accuracy = self._checked[1] if self._checked is not None and self._checked[0] == self.step else None
        figures = Figures(
            weights=self.network.architecture.weight_count(),
            validation_accuracy=accuracy,
            epochs=self.epoch,
            seed=self.plan.seed,
        )
        header = Checkpoint(
            format="kernelscope-checkpoint",
            version=1,
            network=header_of(self.network, self.data.name, figures),
            step=self.step,
            optimiser=self.plan.optimiser,
            optimiser_steps=self.optimiser.steps,
        )
        arrays = {name: array.copy() for name, array in self.network.arrays().items()}
        return State(header, arrays, {name: array.copy() for name, array in self.optimiser.memory.items()})

    def restore(self, state: State) -> None:
        """Go on from a state, of this training or of one that this one branches off.

        The weights may belong to a network of other activations or with another dropout. What the optimiser remembers
        is forgotten where another optimiser takes over.

        Raises
        ------
        ValueError
            If the weights do not fit this network.
        """
        own = self.network.arrays()
        if _kinds(own) != _kinds(state.arrays):
            raise ValueError(
                f"the weights of {state.header.network.architecture.name} at step {state.step:,} do not fit"
                f" {self.network.name} as the training plan has it: a branch keeps the network's layers"
            )
        for array, kept in zip(own.values(), state.arrays.values(), strict=True):
            np.copyto(array, kept)
        goes_on = state.header.optimiser == self.plan.optimiser
        for memory in self.optimiser.memory.values():
            memory.fill(0)
        if goes_on:
            for memory, kept in zip(self.optimiser.memory.values(), state.memory.values(), strict=True):
                np.copyto(memory, kept)
        self.optimiser.steps = state.header.optimiser_steps if goes_on else 0
        self.step = state.step

    def _indices(self, step: int, part: int) -> NDArray[np.intp]:
        """Which pictures a step looks at; every epoch in an order of its own."""
        epoch, place = divmod(step, self.epoch_steps)
        if self._order[0] != epoch:
            count = len(self.data.learn)
            is_whole = self.batch == count
            order = np.arange(count) if is_whole else np.random.default_rng((self.plan.seed, epoch)).permutation(count)
            self._order = epoch, order
        chosen = self._order[1][place * self.batch : (place + 1) * self.batch]
        return np.array_split(chosen, self.parts)[part] if self.parts > 1 else chosen

    def _views(self, step: int, part: int, indices: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The pictures as this step sees them."""
        pictures = self.data.learn.images[indices]
        if self.plan.augmentation == Augmentation():
            return pictures
        return varied(pictures, self.plan.augmentation, np.random.default_rng((self.plan.seed, step, _VIEWS, part)))

    def _diverged(self, reason: str) -> Diverged:
        return Diverged(
            f"training went wrong at step {self.step:,} (epoch {self.epoch + 1}): {reason}."
            " A lower learning rate or another seed may help"
        )


def _kinds(arrays: dict[str, NDArray[Any]]) -> list[tuple[str, tuple[int, ...]]]:
    """Names without the number of the layer, and shapes."""
    return [(name.partition(".")[2], array.shape) for name, array in arrays.items()]
