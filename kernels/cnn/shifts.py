"""How far pictures may be moved until a network no longer recognises them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kernels.cnn.arguments import go_on, one_picture, whole
from kernels.cnn.datasets import Dataset
from kernels.cnn.evaluation import evaluate
from kernels.cnn.network import Network

REACH = 8
"""Pixels that pictures are moved by at most, unless told."""
FARTHEST = 32
"""The largest reach: as far as the largest picture is wide."""


def shift_map(
    network: Network,
    picture: NDArray[np.uint8],
    reach: int = REACH,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> NDArray[np.float32]:
    """Classify a picture at every shift by whole pixels; what comes in from outside is black.

    Parameters
    ----------
    network : Network
    picture : (H, W) or (H, W, C) uint8
        Of the network's `input_shape`.
    reach : int
        Of the farthest shifts, each way, at most 32.
    cancelled : callable, optional
        Asked between parts of the work.

    Returns
    -------
    (2·reach + 1, 2·reach + 1, classes) float32
        Probabilities; ``[reach + dy, reach + dx]`` are those of the picture moved `dy` down and `dx` to the right.

    Raises
    ------
    TypeError, ValueError
        If the picture is not 8-bit or not of the network's shape, or the reach is out of range.
    kernels.errors.Cancelled
    """
    shifted = _shifted(one_picture(network, picture), reach)[0]
    probabilities = network.predict(shifted.reshape(-1, *shifted.shape[2:]), cancelled=cancelled)
    return probabilities.reshape(*shifted.shape[:2], -1)


def accuracy_by_shift(
    network: Network,
    data: Dataset,
    reach: int = REACH,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> NDArray[np.float64]:
    """Count how many pictures a network still recognises once they are moved.

    There are 8 d shifts of distance d, whose larger component is d. At each distance every picture is moved by one of
    them, the first picture by the first one and so on, in turn, so that all directions count alike.

    Parameters
    ----------
    network : Network
    data : Dataset
        Its pictures must have the network's shape.
    reach : int
        The largest distance in pixels, at most 32.
    cancelled, progress : callable, optional
        Asked and told, with a share from 0 to 1, between distances.

    Returns
    -------
    (reach + 1,) float64
        Share of right answers, by distance from 0.

    Raises
    ------
    ValueError
        If shape or number of classes are not the network's, or the reach is out of range.
    kernels.errors.Cancelled
    """
    shifted = _shifted(data.images, reach)
    pictures = np.arange(len(data))
    result = np.empty(reach + 1)
    for distance in range(reach + 1):
        steps = np.arange(-distance, distance + 1)
        ring = [(dy, dx) for dy in steps for dx in steps if max(abs(dy), abs(dx)) == distance]
        dy, dx = np.array(ring)[pictures % len(ring)].T
        moved = Dataset(shifted[pictures, reach + dy, reach + dx], data.labels, data.classes, data.name)
        result[distance] = evaluate(network, moved, cancelled=cancelled).accuracy
        go_on((distance + 1) / (reach + 1), cancelled, progress)
    return result


def _shifted(pictures: NDArray[np.uint8], reach: int) -> NDArray[np.uint8]:
    """Show all shifts of (N, H, W[, C]) pictures as (N, 2·reach + 1, 2·reach + 1, H, W[, C]), without copying them."""
    around = ((whole("reach", reach, 0, FARTHEST),) * 2,) * 2
    channels = pictures.ndim - 3
    padded = np.pad(pictures, ((0, 0), *around, *((0, 0),) * channels))
    views = sliding_window_view(padded, pictures.shape[1:3], axis=(1, 2))[:, ::-1, ::-1]
    return np.moveaxis(views, 3, -1) if channels else views
