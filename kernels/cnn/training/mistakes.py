"""What a network gets most wrong."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray


class Mistake(msgspec.Struct, frozen=True):
    """A picture that is taken for something else.

    Attributes
    ----------
    picture : int
        Its number in the data set.
    truth, answer : int
        The right class, and the one that it is taken for.
    probability : float
        That the network gives to its answer.
    """

    picture: int
    truth: int
    answer: int
    probability: float


def mistakes(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> tuple[Mistake, ...]:
    """Return all mistakes, those first of which a network is most certain.

    Parameters
    ----------
    probabilities : (N, classes) float32
        As `evaluation.answers` gives them.
    labels : (N,) uint8
        The right classes.
    """
    taken_for = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(taken_for != labels)
    certainty = probabilities[wrong, taken_for[wrong]]
    return tuple(
        Mistake(int(at), int(labels[at]), int(taken_for[at]), float(probabilities[at, taken_for[at]]))
        for at in wrong[np.argsort(-certainty, kind="stable")]
    )
