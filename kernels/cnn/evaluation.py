"""How well a network does on labelled pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.datasets import Dataset
from kernels.cnn.network import Network

_STEP = 1024


@dataclass(frozen=True)
class Score:
    """Result of an evaluation.

    Attributes
    ----------
    accuracy : float
        Share of right answers.
    loss : float
        Mean cross-entropy.
    pictures : int
    confusion : (classes, classes) read-only int64 array, or None
        How many pictures of each class (row) were taken for each class (column); None for a score that was read from
        a file.
    """

    accuracy: float
    loss: float
    pictures: int
    confusion: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)


def evaluate(
    network: Network,
    data: Dataset,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Score:
    """Classify a data set and count.

    Parameters
    ----------
    network : Network
    data : Dataset
        Its pictures must have the network's shape.
    cancelled, progress : callable, optional
        Asked and told, with a share from 0 to 1, between batches.

    Raises
    ------
    ValueError
        If shape or number of classes are not the network's.
    kernels.errors.Cancelled
    """
    return score(answers(network, data, cancelled=cancelled, progress=progress), data.labels)


def answers(
    network: Network,
    data: Dataset,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> NDArray[np.float32]:
    """Return what a network takes every picture for, probabilities (N, classes); otherwise as `evaluate`."""
    if len(data.classes) != len(network.classes):
        raise ValueError(
            f"{network.name} knows {len(network.classes)} classes, but {data.name} has {len(data.classes)}"
        )
    result = np.empty((len(data), len(network.classes)), np.float32)
    for start in range(0, len(data), _STEP):
        part = data.images[start : start + _STEP]
        result[start : start + _STEP] = network.predict(part, cancelled=cancelled)
        if progress is not None:
            progress((start + len(part)) / len(data))
    return result


def score(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Score:
    """Count right answers among probabilities (N, classes), given the right classes (N,)."""
    count, classes = probabilities.shape
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (labels, probabilities.argmax(axis=1)), 1)
    confusion.setflags(write=False)
    true = probabilities[np.arange(count), labels].astype(np.float64)
    loss = -float(np.log(np.maximum(true, np.finfo(np.float32).tiny)).mean())
    return Score(int(np.trace(confusion)) / count, loss, count, confusion)
