"""What speaks for an answer and what against it, painted over the picture that was given. No Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.pictures.colour_maps import BLUE, ORANGE
from viewer.painting import SIGNED_COVERAGE, Bytes

DIMMED = 0.6
"""Of the picture's brightness, so that the colours stand out."""


def heated(picture: Bytes, found: NDArray[np.floating]) -> Bytes:
    """Paint (H, W) numbers over a picture (H, W) or (H, W, 3): orange above zero, blue below, the clearer the larger.

    The strongest hundredth of the numbers is painted alike.
    """
    size = np.abs(found).astype(np.float64)
    reach = float(np.quantile(size, SIGNED_COVERAGE)) or float(size.max())
    share = np.minimum(size / reach, 1.0)[..., np.newaxis] if reach else np.zeros((*found.shape, 1))
    ground = DIMMED * (picture if picture.ndim == 3 else picture[..., np.newaxis])
    ink = np.where(found[..., np.newaxis] < 0, np.array(BLUE), np.array(ORANGE))
    painted: Bytes = np.rint(ground * (1.0 - share) + ink * share).astype(np.uint8)
    return painted
