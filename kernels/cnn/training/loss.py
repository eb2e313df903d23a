"""Softmax with cross-entropy: how wrong the outputs are, and which way is better."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def cross_entropy(outputs: NDArray[Any], labels: NDArray[np.integer[Any]]) -> tuple[float, NDArray[Any], int]:
    """Mean of −(z_y − log Σ exp z_j) over a batch.

    Parameters
    ----------
    outputs : (N, K) array
        What the last layer gave, z.
    labels : (N,) array of integers in 0..K−1
        The right classes, y.

    Returns
    -------
    loss : float
    gradient : (N, K) array
        Of the loss by the outputs: (softmax − 1 at the right class) / N.
    right : int
        Pictures whose largest output is the right one.
    """
    count = len(outputs)
    places = np.arange(count)
    right = int(np.count_nonzero(outputs.argmax(axis=1) == labels))
    # Classes before pictures in memory, as the layers have it.
    shifted = outputs.T - outputs.max(axis=1)
    chosen = shifted[labels, places]
    np.exp(shifted, out=shifted)
    total = shifted.sum(axis=0)
    loss = float(np.mean(np.log(total) - chosen, dtype=np.float64))
    np.divide(shifted, total, out=shifted)
    shifted[labels, places] -= 1
    np.divide(shifted, count, out=shifted)
    return loss, shifted.T, right
