"""How one weight moves, number by number."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from kernels.cnn.training.optimisers import Adam, Momentum, Optimiser


class Quantity(msgspec.Struct, frozen=True):
    """A number on the way to a new weight.

    Attributes
    ----------
    symbol : str
        Such as "w", "η" or "m′".
    name : str
        What it is: "weight", "rate", "mean of the gradients".
    value : float
    rule : str
        What it was computed from, in symbols, such as "g + λ · w"; empty for what is given.
    """

    symbol: str
    name: str
    value: float
    rule: str = ""


class Update(msgspec.Struct, frozen=True):
    """A weight before and after a step, and all numbers in between, in the order in which they are needed.

    The first quantity is the weight before, the last the weight after; both, the gradient, and all that the optimiser
    remembers are what the training itself had.
    """

    quantities: tuple[Quantity, ...]

    def __getitem__(self, symbol: str) -> float:
        """Return the value of the quantity with this symbol."""
        return next(each.value for each in self.quantities if each.symbol == symbol)


def explained(
    optimiser: Optimiser,
    decay: float,
    rate: float,
    weight: tuple[np.floating[Any], np.floating[Any]],
    gradient: np.floating[Any],
    memory: dict[str, tuple[np.floating[Any], np.floating[Any]]],
) -> Update:
    """Write down how an optimiser moved one weight.

    Parameters
    ----------
    optimiser : Optimiser
        After the step.
    decay : float
        Weight decay of this weight.
    rate : float
    weight : pair of numbers
        Before and after.
    gradient : number
        Of the loss, without weight decay.
    memory : dict of str to pair of numbers
        What the optimiser remembers of this weight, before and after, by kind.

    References
    ----------
    As for `kernels.cnn.training.optimisers`.
    """
    given = [Quantity("w", "weight", float(weight[0])), Quantity("g", "gradient", float(gradient))]
    used = "g"
    if decay:
        gradient = gradient + weight[0] * type(weight[0])(decay)
        used = "g′"
        given += [
            Quantity("λ", "weight decay", decay),
            Quantity("g′", "gradient with decay", float(gradient), "g + λ · w"),
        ]
    given.append(Quantity("η", "rate", rate))
    if isinstance(optimiser, Adam):
        given += _adam(optimiser, memory, used)
        rule = "w − η · m̂ / (√ŝ + ε)"
    elif isinstance(optimiser, Momentum):
        before, after = memory["velocity"]
        given += [
            Quantity("μ", "momentum", optimiser.momentum),
            Quantity("v", "velocity", float(before)),
            Quantity("v′", "new velocity", float(after), f"μ · v + {used}"),
        ]
        rule = "w − η · v′"
    else:
        rule = f"w − η · {used}"
    return Update((*given, Quantity("w′", "new weight", float(weight[1]), rule)))


def _adam(optimiser: Adam, memory: dict[str, tuple[np.floating[Any], np.floating[Any]]], used: str) -> list[Quantity]:
    """Adam's two moments, and what they are once their start at 0 is made up for."""
    (mean, new_mean), (square, new_square) = memory["mean"], memory["square"]
    steps = optimiser.steps
    corrections = 1 - optimiser.first**steps, 1 - optimiser.second**steps
    return [
        Quantity("m", "mean of the gradients", float(mean)),
        Quantity("m′", "new mean", float(new_mean), f"m + (1 − β₁) · ({used} − m)"),
        Quantity("s", "mean of their squares", float(square)),
        Quantity("s′", "new mean of the squares", float(new_square), f"s + (1 − β₂) · ({used}² − s)"),
        Quantity("β₁", "memory of the mean", optimiser.first),
        Quantity("β₂", "memory of the squares", optimiser.second),
        Quantity("t", "steps made", float(steps)),
        Quantity("m̂", "mean, corrected", float(new_mean) / corrections[0], "m′ / (1 − β₁ᵗ)"),
        Quantity("ŝ", "squares, corrected", float(new_square) / corrections[1], "s′ / (1 − β₂ᵗ)"),
        Quantity("ε", "against dividing by 0", optimiser.epsilon),
    ]
