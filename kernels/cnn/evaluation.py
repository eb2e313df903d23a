"""How well a network does on labelled pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kernels.cnn.datasets import Dataset
from kernels.cnn.network import Network

_STEP = 1024


@dataclass(frozen=True)
class Score:
    """Result of an evaluation: share of right answers, mean cross-entropy, number of pictures."""

    accuracy: float
    loss: float
    pictures: int

    def better_than(self, other: Score | None) -> bool:
        """Whether more is right; of equals, whether the loss is smaller."""
        return other is None or (self.accuracy, -self.loss) > (other.accuracy, -other.loss)


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
    if len(data.classes) != len(network.classes):
        raise ValueError(
            f"{network.name} knows {len(network.classes)} classes, but {data.name} has {len(data.classes)}"
        )
    right, loss = 0, 0.0
    for start in range(0, len(data), _STEP):
        part = data.take(start, min(start + _STEP, len(data)))
        chances = network.predict(part.images, cancelled=cancelled)
        right += int(np.count_nonzero(chances.argmax(axis=1) == part.labels))
        true = chances[np.arange(len(part)), part.labels].astype(np.float64)
        loss -= float(np.log(np.maximum(true, np.finfo(np.float32).tiny)).sum())
        if progress is not None:
            progress((start + len(part)) / len(data))
    return Score(right / len(data), loss / len(data), len(data))
