"""Training: forward, loss, backward, step, over and over; and which weights to keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.augmentation import draw
from kernels.cnn.datasets import Dataset
from kernels.cnn.evaluation import Score, evaluate
from kernels.cnn.loss import cross_entropy
from kernels.cnn.models import TrainingPlan
from kernels.cnn.network import Network
from kernels.cnn.optimisers import SGD, Adam, Optimiser
from kernels.errors import Cancelled

Weights = dict[str, NDArray[Any]]

SNAPSHOT_STEPS = 50
"""Every so many steps the weights are set aside, to return to if the loss is no number any more."""

LARGEST_VALIDATION = 2000


class Diverged(ArithmeticError):
    """The loss became infinite or not a number; the network has its last good weights again."""


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes
    ----------
    epoch, epochs : int
        Epoch under way, from 1.
    step, steps : int
        Steps done in this epoch.
    loss, accuracy : float
        Means over this epoch so far, on the pictures trained on.
    rate : float
        Pictures per second.
    seconds_left : float
        To the end of the whole training.
    validation : Score or None
        At the end of an epoch: the result on the pictures held back.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    rate: float
    seconds_left: float
    validation: Score | None = None


class Training:
    """Trains a network in place.

    The last thirtieth of the pictures, at most 2,000, is held back: by it the best epoch is chosen, so that the test
    set decides nothing. All chance comes from the seed and the epoch's number; a training that is resumed after an
    epoch goes on as if it had never stopped.

    Parameters
    ----------
    network : Network
        Holds the best weights so far, from the first epoch's end on, once `run` has ended, however it ended.
    data : Dataset
    plan : TrainingPlan
    seed : int

    Attributes
    ----------
    epoch : int
        Epochs done.
    best : dict of arrays
        The best weights so far; empty before the first.
    best_score : Score or None
    """

    def __init__(self, network: Network, data: Dataset, plan: TrainingPlan, *, seed: int = 0) -> None:
        held_back = min(LARGEST_VALIDATION, max(1, len(data) // 30))
        if len(data) - held_back < 1:
            raise ValueError(f"{data.name} has {len(data)} pictures: too few to train on some and to check with others")
        self.network, self.plan, self.seed = network, plan, seed
        self.data = data.take(0, len(data) - held_back)
        self.validation = data.take(len(data) - held_back, len(data))
        self.batch = min(plan.batch, len(self.data))
        # What does not fill a batch waits for the next epoch, which is shuffled anew.
        self.steps = len(self.data) // self.batch
        self.optimiser = _optimiser(network, plan)
        self.epoch = 0
        self.best: Weights = {}
        self.best_score: Score | None = None
        self._good: Weights = {}

    @property
    def total_steps(self) -> int:
        """Steps of the whole training."""
        return self.steps * self.plan.epochs

    def run(
        self,
        report: Callable[[Progress], None] | None = None,
        epoch_done: Callable[[Training], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """Train to the end of the last epoch.

        Parameters
        ----------
        report : callable, optional
            Told about every step, and with the validation's score about every epoch.
        epoch_done : callable, optional
            Called after every epoch, while the network has the weights to go on with; saves them.
        cancelled : callable, optional
            Asked before every step.

        Raises
        ------
        Diverged
            Says at which step.
        kernels.errors.Cancelled, KeyboardInterrupt
        """
        clock = _Clock(self.total_steps - self.epoch * self.steps, self.batch)
        try:
            while self.epoch < self.plan.epochs:
                loss, accuracy = self._run_epoch(clock, report, cancelled)
                self.epoch += 1
                score = self._validated()
                self._consider(self._weights(), score)
                if report is not None:
                    report(self._progress(self.steps, loss, accuracy, clock, score))
                if epoch_done is not None:
                    epoch_done(self)
        except (Cancelled, KeyboardInterrupt):
            self._consider(self._weights())
            raise
        except Diverged:
            self._consider(self._good)
            raise
        finally:
            self.network.release()
            self._put_back(self.best)

    def _run_epoch(
        self, clock: _Clock, report: Callable[[Progress], None] | None, cancelled: Callable[[], bool] | None
    ) -> tuple[float, float]:
        """Go through all pictures once; return the mean loss and accuracy."""
        random = np.random.default_rng((self.seed, self.epoch))
        for layer in self.network.layers:
            layer.random = random
        order = random.permutation(len(self.data))
        loss_sum, right, maps = 0.0, 0, None
        for step in range(self.steps):
            if cancelled is not None and cancelled():
                raise Cancelled
            chosen = order[step * self.batch : (step + 1) * self.batch]
            pictures = draw(self.data.images, chosen, random, self.plan.shift, self.plan.flip)
            maps = self.network.preprocessing.batch(pictures, out=maps)
            done = self.epoch * self.steps + step
            loss, hits = self._step(maps, self.data.labels[chosen], done)
            loss_sum, right = loss_sum + loss, right + hits
            clock.tick()
            if report is not None:
                seen = step + 1
                report(self._progress(seen, loss_sum / seen, right / (seen * self.batch), clock, None))
        return loss_sum / self.steps, right / (self.steps * self.batch)

    def _step(self, maps: NDArray[np.float32], labels: NDArray[np.uint8], done: int) -> tuple[float, int]:
        # Overflow on the way to infinity is noticed by the loss.
        with np.errstate(over="ignore", invalid="ignore"):
            *_, outputs = self.network.activations(maps, training=True)
            loss, gradient, hits = cross_entropy(outputs, labels)
            if not isfinite(loss):
                raise _diverged(done + 1, self.epoch + 1, f"the loss is {loss}")
            if done % SNAPSHOT_STEPS == 0:
                self._good = self._weights()
            self.network.backward(gradient)
            self.optimiser.step(self.plan.rate.at(done / self.total_steps))
        return loss, hits

    def _progress(self, step: int, loss: float, accuracy: float, clock: _Clock, score: Score | None) -> Progress:
        epoch = self.epoch + (score is None)
        return Progress(
            epoch, self.plan.epochs, step, self.steps, loss, accuracy, clock.rate, clock.seconds_left, score
        )

    def _validated(self) -> Score:
        """Return the score of the epoch that has ended; no loss comes after its last step that could tell a fault."""
        with np.errstate(over="ignore", invalid="ignore"):
            score = evaluate(self.network, self.validation)
        if not isfinite(score.loss):
            raise _diverged(self.epoch * self.steps, self.epoch, f"the loss is {score.loss}")
        if not _is_finite(self._weights()):
            raise _diverged(self.epoch * self.steps, self.epoch, "a weight is not finite")
        return score

    def _weights(self) -> Weights:
        return {name: array.copy() for name, array in self.network.arrays().items()}

    def _consider(self, weights: Weights, score: Score | None = None) -> None:
        """Keep weights if they are the best so far."""
        if not weights or not _is_finite(weights):
            return
        if score is None:
            self._put_back(weights)
            score = evaluate(self.network, self.validation)
        if isfinite(score.loss) and score.better_than(self.best_score):
            self.best, self.best_score = weights, score

    def _put_back(self, weights: Weights) -> None:
        for name, array in self.network.arrays().items():
            if name in weights:
                np.copyto(array, weights[name])


def _is_finite(weights: Weights) -> bool:
    return all(bool(np.isfinite(array).all()) for array in weights.values())


def _diverged(step: int, epoch: int, reason: str) -> Diverged:
    return Diverged(
        f"training went wrong at step {step:,} (epoch {epoch}): {reason}."
        " A lower learning rate or another seed may help"
    )


class _Clock:
    """Pictures per second, lately, and the time left."""

    def __init__(self, steps: int, batch: int) -> None:
        self._left, self._batch = steps, batch
        self._last = perf_counter()
        self._seconds = 0.0

    def tick(self) -> None:
        """Count one step."""
        now = perf_counter()
        seconds, self._last = now - self._last, now
        self._left -= 1
        # The mean over about the last hundred steps; the first counts in full.
        self._seconds += (seconds - self._seconds) * (0.01 if self._seconds else 1.0)

    @property
    def rate(self) -> float:
        return self._batch / self._seconds if self._seconds else 0.0

    @property
    def seconds_left(self) -> float:
        return self._left * self._seconds


def _optimiser(network: Network, plan: TrainingPlan) -> Optimiser:
    trained = sum(bool(layer.gradients) for layer in network.layers)
    decay = [plan.first_decay, *[plan.decay] * (trained - 1)]
    if plan.optimiser == "adam":
        return Adam(network.layers, decay)
    return SGD(network.layers, decay, plan.momentum)
