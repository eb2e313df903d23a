"""The range in which a gradient is painted, and thresholds for its edges, chosen from its values."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.gradients.result import Gradient

BRIGHT_SHARE = 0.99
"""Of the non-zero magnitudes lie below white; the few beyond it are painted white too."""
HIGH_SHARE, LOW_PART = 0.94, 0.4
"""The chosen thresholds: so many of the non-zero magnitudes lie below `high`; `low` is that part of it."""
SAMPLE = 1 << 14

Array = NDArray[Any]
Thresholds = tuple[float, float]


class Scale(msgspec.Struct, frozen=True, eq=False):
    """What painting and thresholds need to know of a gradient.

    Attributes
    ----------
    signed, white : float
        Gx and Gy are painted from minus to plus `signed`, the magnitude from 0 to `white`.
    chosen : (float, float)
        The low and the high threshold that suit the picture.
    """

    signed: float
    white: float
    chosen: Thresholds


def scale_of(gradient: Gradient) -> Scale:
    """Return the scale of a gradient, from a sample of about 32,000 of its values."""
    step = max(1, math.isqrt(max(1, gradient.gx.size // SAMPLE)))
    gx, gy, size = (each[::step, ::step] for each in gradient.components)
    sizes = np.sort(_positive(size, gradient.tolerance))
    if sizes.size == 0 and step > 1:  # a little may have been missed
        gx, gy, size = gradient.components
        sizes = np.sort(_positive(size, gradient.tolerance))
    if sizes.size == 0:
        return Scale(1.0, 1.0, (0.0, 0.0))
    white, high = _at(sizes, BRIGHT_SHARE), _at(sizes, HIGH_SHARE)
    parts = [np.sort(_positive(np.abs(each), gradient.tolerance)) for each in (gx, gy)]
    signed = max((_at(each, BRIGHT_SHARE) for each in parts if each.size), default=white)
    high = min(_rounded(high), float(sizes[-1]))
    return Scale(signed, white, (min(_rounded(LOW_PART * high), high), high))


def _at(ascending: Array, share: float) -> float:
    return float(ascending[round(share * (ascending.size - 1))])


def _positive(array: Array, tolerance: float) -> Array:
    kept: Array = array[np.isfinite(array) & (array > tolerance)]
    return kept


def _rounded(value: float) -> float:
    """Return `value` with two significant figures: a threshold that nobody chose should not look precise."""
    return value if value == 0 or not math.isfinite(value) else float(f"{value:.2g}")
