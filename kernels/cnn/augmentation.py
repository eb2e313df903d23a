"""Other views of the pictures trained on: shifted and mirrored at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw(
    pictures: NDArray[np.uint8], chosen: NDArray[np.intp], random: np.random.Generator, shift: int, flip: bool
) -> NDArray[np.uint8]:
    """Take pictures out of a set, each moved by up to `shift` pixels each way and mirrored left to right half the time.

    What a shift uncovers is filled by reflection about the edge pixel.

    Parameters
    ----------
    pictures : (N, H, W) or (N, H, W, C) uint8
    chosen : (n,) indices into them
    """
    if not shift and not flip:
        return pictures[chosen]
    count, (height, width) = len(chosen), pictures.shape[1:3]
    moves = random.integers(-shift, shift + 1, (2, count, 1))
    rows = _reflected(np.arange(height) + moves[0], height)
    columns = _reflected(np.arange(width) + moves[1], width)
    if flip:
        mirrored = random.random(count) < 0.5
        columns[mirrored] = columns[mirrored, ::-1]
    return pictures[chosen[:, np.newaxis, np.newaxis], rows[:, :, np.newaxis], columns[:, np.newaxis, :]]


def _reflected(positions: NDArray[np.intp], extent: int) -> NDArray[np.intp]:
    """Fold positions back into 0..extent−1 about the first and last one."""
    period = max(2 * (extent - 1), 1)
    folded = np.abs(positions) % period
    return np.minimum(folded, period - folded) if extent > 1 else np.zeros_like(positions)
