"""Product by product, in OpenCV."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends.workers import Scratch
from kernels.filtering.border import NAMES, Border
from kernels.filtering.geometry import Geometry, Pair

Array = npt.NDArray[Any]

#: Interleaved channels that OpenCV filters in one pass; OpenCV 5 holds up to 128.
MOST_CHANNELS = 64


def correlate(pixels: Array, weights: Array, scratch: Scratch | None = None) -> Array:
    """Correlate where the whole kernel lies inside, at every pixel.

    Parameters
    ----------
    pixels : ndarray, shape (h, w) or (h, w, C), float32 or float64
        Finite values.
    weights : ndarray, shape (kh, kw) or (kh, kw, C)
        With a third axis, sums over the channels.
    scratch : Scratch, optional
        Holds the result, until it is used again.

    Returns
    -------
    ndarray, shape (h - kh + 1, w - kw + 1) or (h - kh + 1, w - kw + 1, C), dtype of `pixels`
    """
    if weights.ndim == 3:
        total = _plane(np.ascontiguousarray(pixels[:, :, 0]), weights[:, :, 0], scratch)
        for channel in range(1, weights.shape[2]):
            total += _plane(np.ascontiguousarray(pixels[:, :, channel]), weights[:, :, channel])
        return total
    if pixels.ndim == 2 or 1 < pixels.shape[2] <= MOST_CHANNELS:
        return _plane(pixels, weights, scratch)
    planes = [_plane(np.ascontiguousarray(pixels[:, :, channel]), weights) for channel in range(pixels.shape[2])]
    return np.stack(planes, axis=2)


def _plane(pixels: Array, weights: Array, scratch: Scratch | None = None) -> Array:
    """Correlate with a 2-D kernel, in blocks of few enough taps."""
    height, width = pixels.shape[0] - weights.shape[0] + 1, pixels.shape[1] - weights.shape[1] + 1
    total: Array | None = None
    for top, left, rows, columns in blocks(weights.shape[0], weights.shape[1], most_taps(pixels.dtype)):
        under = pixels[top : top + height + rows - 1, left : left + width + columns - 1]
        block = weights[top : top + rows, left : left + columns]
        buffer = "total" if total is None else "part"
        part = _filter(under, block, (0, 0), Border.CONSTANT, scratch, buffer)[:height, :width]
        if total is None:
            total = part
        else:
            total += part
    assert total is not None
    return total


def continues_picture(windows: Geometry, border: Border, channels: int, dtype: np.dtype[Any]) -> bool:
    """Whether filter2D can correlate the bare picture: as many outputs as pixels or fewer, a border that it knows."""
    (height, width), before, after = windows.kernel_shape, windows.before, windows.after
    return (
        windows.stride == windows.dilation == (1, 1)
        and before[0] + after[0] < height
        and before[1] + after[1] < width
        and height * width <= most_taps(dtype)
        and channels <= MOST_CHANNELS
        and border is not Border.WRAP
    )


def correlate_continued(pixels: Array, weights: Array, before: Pair, border: Border, scratch: Scratch) -> Array:
    """Correlate a picture as filter2D continues it, the constant border being 0.

    `before` is where in the window the pixel stands that an output has its place from. The result has the shape of
    `pixels` and is overwritten by the next one of the same `scratch`.
    """
    return _filter(pixels, weights, (before[1], before[0]), border, scratch, "total")


def _filter(pixels: Array, weights: Array, anchor: Pair, border: Border, scratch: Scratch | None, buffer: str) -> Array:
    from kernels.opencv import cv2

    block = np.ascontiguousarray(weights, dtype=pixels.dtype)
    mode = getattr(cv2, NAMES[border].opencv)
    into = None if scratch is None else scratch.array(buffer, pixels.shape, pixels.dtype)
    result = np.asarray(cv2.filter2D(pixels, -1, block, dst=into, anchor=anchor, borderType=mode))
    return result.reshape(pixels.shape)


@cache
def most_taps(dtype: np.dtype[Any]) -> int:
    """Return the size up to which filter2D adds up product by product; above, it goes over to a DFT."""
    if dtype != np.float32:
        return 49
    from kernels.opencv import cv2

    # On processors without SSE3 it is 49 too. A DFT leaves rounding errors of a bright pixel all over the picture.
    picture = np.zeros((64, 256), np.float32)
    picture[60, 200] = 1e9
    filtered = cv2.filter2D(picture, -1, np.full((1, 129), 0.1, np.float32))
    return 49 if np.asarray(filtered)[:30].any() else 129


def blocks(height: int, width: int, most: int) -> list[tuple[int, int, int, int]]:
    """Divide a kernel into blocks (top, left, rows, columns) of at most `most` taps, as alike as can be."""
    columns = min(width, most)
    rows = max(1, most // columns)
    return [
        (top, left, min(rows, height - top), min(columns, width - left))
        for top in range(0, height, rows)
        for left in range(0, width, columns)
    ]
