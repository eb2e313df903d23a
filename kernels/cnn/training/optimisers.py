"""How weights follow their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.layers import Node
from kernels.cnn.training.plan import OptimiserName, TrainingPlan


class Optimiser:
    """Keeps what it remembers of earlier gradients in `memory`, by array name, so that a training can be resumed.

    Parameters
    ----------
    layers : sequence of Node
        All layers of the network.
    decay : sequence of float
        Weight decay of each layer that has weights, in order; added to the gradient as decay · weight. Biases and
        scales are left alone: shrinking them regularises nothing.

    Attributes
    ----------
    kinds : tuple of str
        What is remembered of every array; the names in `memory` end in these.
    steps : int
        Steps made.
    """

    kinds: ClassVar[tuple[str, ...]] = ()

    def __init__(self, layers: Sequence[Node], decay: Sequence[float]) -> None:
        self.layers = layers
        trained = [index for index, layer in enumerate(layers) if layer.gradients]
        if len(decay) != len(trained):
            raise ValueError(f"weight decay is given for {len(decay)} layers, but {len(trained)} layers have weights")
        self._decay = dict(zip(trained, decay, strict=True))
        self.memory: dict[str, NDArray[Any]] = {}
        for index in trained:
            for name in layers[index].gradients:
                for kind in self.kinds:
                    self.memory[f"{index}.{name}.{kind}"] = np.zeros_like(layers[index].arrays[name])
        self.steps = 0

    def step(self, rate: float) -> None:
        """Move every weight once."""
        self.steps += 1
        for index, decay in self._decay.items():
            layer = self.layers[index]
            for name, gradient in layer.gradients.items():
                weights = layer.arrays[name]
                if decay and _is_decayed(name):
                    gradient = gradient + weights * weights.dtype.type(decay)
                self._move(f"{index}.{name}", weights, gradient, rate)

    def decay_of(self, array: str) -> float:
        """Return the weight decay of an array, named as `Network.arrays` does."""
        layer, _, name = array.partition(".")
        return self._decay.get(int(layer), 0.0) if _is_decayed(name) else 0.0

    def _move(self, name: str, weights: NDArray[Any], gradient: NDArray[Any], rate: float) -> None:
        raise NotImplementedError


def _is_decayed(name: str) -> bool:
    return name.rpartition(".")[2] == "weights"


class Descent(Optimiser):
    """Down the gradient: weights ← weights − rate · gradient, of all pictures or of a minibatch.

    Reference: Robbins, Monro (1951), A stochastic approximation method.
    """

    def _move(self, name: str, weights: NDArray[Any], gradient: NDArray[Any], rate: float) -> None:
        weights -= gradient * weights.dtype.type(rate)


class Momentum(Optimiser):
    """Descent with momentum: v ← m v + gradient, weights ← weights − rate · v.

    Reference: Polyak (1964), Some methods of speeding up the convergence of iteration methods.
    """

    kinds = ("velocity",)

    def __init__(self, layers: Sequence[Node], decay: Sequence[float], momentum: float = 0.9) -> None:
        super().__init__(layers, decay)
        self.momentum = momentum

    def _move(self, name: str, weights: NDArray[Any], gradient: NDArray[Any], rate: float) -> None:
        velocity = self.memory[f"{name}.velocity"]
        velocity *= weights.dtype.type(self.momentum)
        velocity += gradient
        weights -= velocity * weights.dtype.type(rate)


class Adam(Optimiser):
    """Steps of a size of their own for every weight.

    Reference: Kingma, Ba (2015), Adam: a method for stochastic optimization.
    """

    kinds = ("mean", "square")
    first, second, epsilon = 0.9, 0.999, 1e-8

    def _move(self, name: str, weights: NDArray[Any], gradient: NDArray[Any], rate: float) -> None:
        mean, square = self.memory[f"{name}.mean"], self.memory[f"{name}.square"]
        kind = weights.dtype.type
        mean += kind(1 - self.first) * (gradient - mean)
        square += kind(1 - self.second) * (gradient * gradient - square)
        # Both memories start at 0 and are too small at first.
        size = rate / (1 - self.first**self.steps)
        spread = np.sqrt(square / kind(1 - self.second**self.steps))
        weights -= kind(size) * mean / (spread + kind(self.epsilon))


OPTIMISERS: dict[OptimiserName, type[Optimiser]] = {
    "gradient-descent": Descent,
    "sgd": Descent,
    "momentum": Momentum,
    "adam": Adam,
}


def optimiser_for(plan: TrainingPlan, layers: Sequence[Node]) -> Optimiser:
    """Return the optimiser of a plan for the layers of a network."""
    trained = sum(bool(layer.gradients) for layer in layers)
    decay = [plan.first_decay, *[plan.decay] * (trained - 1)][:trained]
    if plan.optimiser == "momentum":
        return Momentum(layers, decay, plan.momentum)
    return OPTIMISERS[plan.optimiser](layers, decay)
