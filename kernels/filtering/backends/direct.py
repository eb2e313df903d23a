"""Product by product, in OpenCV."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: filter2D goes over to a DFT from 50 taps, 130 on some processors; below it adds up product by product.
MOST_TAPS = 49
#: Interleaved channels that OpenCV filters in one pass.
MOST_CHANNELS = 4


def correlate(pixels: Array, weights: Array) -> Array:
    """Correlate where the whole kernel lies inside, at every pixel.

    Parameters
    ----------
    pixels : ndarray, shape (h, w) or (h, w, C), float32 or float64
        Finite values.
    weights : ndarray, shape (kh, kw) or (kh, kw, C)
        With a third axis, sums over the channels.

    Returns
    -------
    ndarray, shape (h - kh + 1, w - kw + 1) or (h - kh + 1, w - kw + 1, C), dtype of `pixels`
    """
    if weights.ndim == 3:
        total = _plane(np.ascontiguousarray(pixels[:, :, 0]), weights[:, :, 0])
        for channel in range(1, weights.shape[2]):
            total += _plane(np.ascontiguousarray(pixels[:, :, channel]), weights[:, :, channel])
        return total
    if pixels.ndim == 2:
        return _plane(pixels, weights)
    if 1 < pixels.shape[2] <= MOST_CHANNELS:
        return _plane(pixels, weights)
    planes = [_plane(np.ascontiguousarray(pixels[:, :, channel]), weights) for channel in range(pixels.shape[2])]
    return np.stack(planes, axis=2)


def _plane(pixels: Array, weights: Array) -> Array:
    """Correlate with a 2-D kernel, in blocks of few enough taps."""
    from kernels.opencv import cv2

    height, width = pixels.shape[0] - weights.shape[0] + 1, pixels.shape[1] - weights.shape[1] + 1
    total: Array | None = None
    for top, left, rows, columns in blocks(weights.shape[0], weights.shape[1]):
        block = np.ascontiguousarray(weights[top : top + rows, left : left + columns], dtype=pixels.dtype)
        under = pixels[top : top + height + rows - 1, left : left + width + columns - 1]
        part = np.asarray(cv2.filter2D(under, -1, block, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT))
        part = part[:height, :width]
        if total is None:
            total = part
        else:
            total += part
    assert total is not None
    return total


def blocks(height: int, width: int) -> list[tuple[int, int, int, int]]:
    """Divide a kernel into blocks (top, left, rows, columns) of at most `MOST_TAPS` taps."""
    columns = min(width, MOST_TAPS)
    rows = max(1, MOST_TAPS // columns)
    return [
        (top, left, min(rows, height - top), min(columns, width - left))
        for top in range(0, height, rows)
        for left in range(0, width, columns)
    ]
