"""Going through an array in strips that stay in the processor's cache, in C where there is a loop for it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

STRIP = 1 << 17


def strips(array: Array, size: int = STRIP) -> Iterator[Array]:
    """Yield groups of rows with about `size` numbers each."""
    rows = max(1, size // max(1, math.prod(array.shape[1:])))
    for start in range(0, array.shape[0], rows):
        yield array[start : start + rows]


def bad_pixels(strip: Array) -> NDArray[np.bool_] | None:
    """Return the mask of the pixels that are not finite in any channel, or None when there is none."""
    if strip.dtype.kind != "f":
        return None
    finite: NDArray[np.bool_] = np.isfinite(strip)
    if finite.all():
        return None
    return ~finite if strip.ndim == 2 else np.any(~finite, axis=2)


def pixels_of(strip: Array) -> Array:
    """Return its pixels one after the other, (n, C), as the compiled core wants them."""
    return np.ascontiguousarray(strip).reshape(-1, math.prod(strip.shape[2:]))
