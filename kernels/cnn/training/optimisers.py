"""How weights follow their gradients, and at which rate."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from kernels.cnn.layers import Node

LARGEST_RATE = 1e38
"""A larger one is no float32 any more."""

Schedule = Literal["constant", "step", "one-cycle"]


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Learning rate over a training.

    `constant` stays at `peak`. `step` divides it by ten after each third. `one-cycle` rises from peak / 25 during the
    first 30 % and falls to peak / 250,000 by the end, both along half a cosine.

    Reference: Smith, Topin (2018), Super-convergence: very fast training of neural networks using large rates.
    """

    peak: Annotated[float, Meta(gt=0.0, le=LARGEST_RATE)]
    schedule: Schedule = "one-cycle"

    def at(self, done: float) -> float:
        """Rate when a share `done`, 0 to 1, of the training lies behind."""
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


class Optimiser:
    """Keeps what it remembers of earlier gradients in `memory`, by array name, so that a training can be resumed.

    Parameters
    ----------
    layers : sequence of Node
        All layers of the network.
    decay : sequence of float
        Weight decay of each layer that has weights, in order; added to the gradient as decay · weight. Biases and
        scales are left alone: shrinking them regularises nothing.
    """

    def __init__(self, layers: Sequence[Node], decay: Sequence[float]) -> None:
        self.layers = layers
        trained = [index for index, layer in enumerate(layers) if layer.gradients]
        if len(decay) != len(trained):
            raise ValueError(f"weight decay is given for {len(decay)} layers, but {len(trained)} layers have weights")
        self._decay = dict(zip(trained, decay, strict=True))
        self.memory: dict[str, NDArray[Any]] = {}
        for index in trained:
            for name in layers[index].gradients:
                for kind in self._kinds():
                    self.memory[f"{index}.{name}.{kind}"] = np.zeros_like(layers[index].arrays[name])
        self.steps = 0

    def step(self, rate: float) -> None:
        """Move every weight once."""
        self.steps += 1
        for index, decay in self._decay.items():
            layer = self.layers[index]
            for name, gradient in layer.gradients.items():
                weights = layer.arrays[name]
                if decay and name == "weights":
                    gradient = gradient + weights * weights.dtype.type(decay)
                self._move(f"{index}.{name}", weights, gradient, rate)

    def _kinds(self) -> tuple[str, ...]:
        raise NotImplementedError

    def _move(self, name: str, weights: NDArray[Any], gradient: NDArray[Any], rate: float) -> None:
        raise NotImplementedError


class SGD(Optimiser):
    """Stochastic gradient descent with momentum: v ← m v + gradient, weights ← weights − rate · v.

    Reference: Polyak (1964), Some methods of speeding up the convergence of iteration methods.
    """

    def __init__(self, layers: Sequence[Node], decay: Sequence[float], momentum: float = 0.9) -> None:
        super().__init__(layers, decay)
        self.momentum = momentum

    def _kinds(self) -> tuple[str, ...]:
        return ("velocity",)

    def _move(self, name: str, weights: NDArray[Any], gradient: NDArray[Any], rate: float) -> None:
        velocity = self.memory[f"{name}.velocity"]
        velocity *= weights.dtype.type(self.momentum)
        velocity += gradient
        weights -= velocity * weights.dtype.type(rate)


class Adam(Optimiser):
    """Steps of a size of their own for every weight.

    Reference: Kingma, Ba (2015), Adam: a method for stochastic optimization.
    """

    first, second, epsilon = 0.9, 0.999, 1e-8

    def _kinds(self) -> tuple[str, ...]:
        return ("mean", "square")

    def _move(self, name: str, weights: NDArray[Any], gradient: NDArray[Any], rate: float) -> None:
        mean, square = self.memory[f"{name}.mean"], self.memory[f"{name}.square"]
        kind = weights.dtype.type
        mean += kind(1 - self.first) * (gradient - mean)
        square += kind(1 - self.second) * (gradient * gradient - square)
        # Both memories start at 0 and are too small at first.
        size = rate / (1 - self.first**self.steps)
        spread = np.sqrt(square / kind(1 - self.second**self.steps))
        weights -= kind(size) * mean / (spread + kind(self.epsilon))
