"""Reduced copies of a picture for showing it small, averaged over areas; strips for going through a large one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_STRIP = 1 << 18


def strips(array: Array) -> Iterator[Array]:
    """Yield groups of rows with about 260,000 numbers each."""
    per_row = max(1, int(np.prod(array.shape[1:])))
    rows = max(1, _STRIP // per_row)
    for start in range(0, array.shape[0], rows):
        yield array[start : start + rows]


def pyramid(array: Array, smallest: int = 512) -> tuple[Array, ...]:
    """Return area-averaged copies of half, a quarter, ... of the size, until no side is longer than `smallest`.

    Every copy covers exactly the whole picture: an odd side of n pixels becomes (n + 1)/2 cells of n / ((n + 1)/2)
    pixels each, and cells that share a pixel take their share of it. The mean of the picture is that of every copy.
    A cell that touches a non-finite pixel is non-finite, so that a single one stays visible from afar.

    Returns
    -------
    tuple of ndarray
        float32 (float64 of a float64 array), the largest first; empty for a small picture.
    """
    copies: list[Array] = []
    current = np.asarray(array)
    while max(current.shape[:2]) > smallest:
        current = _halved(current)
        copies.append(current)
    return tuple(copies)


def _halved(array: Array) -> Array:
    dtype = np.float64 if array.dtype == np.float64 else np.float32
    height, width = array.shape[:2]
    narrow = np.empty((height, (width + 1) // 2, *array.shape[2:]), dtype)
    start = 0
    for strip in strips(array):
        stop = start + strip.shape[0]
        narrow[start:stop] = np.moveaxis(_halved_rows(np.moveaxis(strip.astype(dtype), 1, 0)), 0, 1)
        start = stop
    return np.ascontiguousarray(_halved_rows(narrow))


def _halved_rows(array: Array) -> Array:
    """Average pairs of rows; of 2h − 1 rows, cell i takes i/h of row 2i − 1, row 2i, 1 − (i + 1)/h of row 2i + 1."""
    first, second = array[0::2], array[1::2]
    out: Array = first.astype(array.dtype)
    cells = out.shape[0]
    with np.errstate(invalid="ignore", over="ignore"):
        if array.shape[0] % 2 == 0:
            out += second
            out *= 0.5
            return out
        share = (np.arange(1, cells) / cells).astype(array.dtype).reshape(-1, *[1] * (array.ndim - 1))
        out[1:] += share * second
        out[:-1] += (1 - share) * second
        out *= cells / array.shape[0]
    return out
