"""Pictures with NaN or infinity in them.

A window that holds one such pixel has no finite sum, whatever else it holds: 0 · NaN, 0 · ∞ and ∞ − ∞ are NaN, and any
other weight leaves an infinity. So the finite pixels are filtered by any backend, with zeros in place of the others,
and what the others make of the sums follows from counting them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def correlate(
    pixels: Array, weights: Array, finite: Callable[[Array], Array], count: Callable[[Array, Array], Array]
) -> Array:
    """Correlate pixels that need not be finite.

    Parameters
    ----------
    pixels : ndarray
        Floating point.
    weights : ndarray
        Finite, in float64.
    finite : callable
        Correlates finite pixels with the weights.
    count : callable
        Correlates counts (float32 pixels and weights of 0 and 1) with the same window.
    """
    is_finite = np.isfinite(pixels)
    if is_finite.all():
        return finite(pixels)
    total = finite(np.where(is_finite, pixels, pixels.dtype.type(0)))

    def touched(marked: Array, by: Array) -> Array:
        if not marked.any() or not by.any():
            return np.zeros(total.shape, dtype=bool)
        return count(marked.astype(np.float32), by.astype(np.float32)) > 0

    above, below = pixels == np.inf, pixels == -np.inf
    gains = touched(above, weights > 0) | touched(below, weights < 0)
    loses = touched(above, weights < 0) | touched(below, weights > 0)
    undefined = touched(np.isnan(pixels), np.ones_like(weights)) | touched(above | below, weights == 0)
    total[gains] = np.inf
    total[loses] = -np.inf
    total[undefined | (gains & loses)] = np.nan
    return total
