"""Where the output lies in the scene, which is the picture: pixel (y, x) covers [y, y + 1) x [x, x + 1)."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QRectF

from kernels.filtering.geometry import Geometry

MOST_TAPS = 1024


def placed(geometry: Geometry) -> QRectF:
    """The scene rectangle of the output: each pixel as large as the stride, centred on its window's anchor."""
    (top, left), (high, wide) = geometry.to_picture(0, 0), geometry.stride
    rows, columns = geometry.output_shape
    return QRectF(left + 0.5 - wide / 2, top + 0.5 - high / 2, columns * wide, rows * high)


def pixel_mark(geometry: Geometry, i: int, j: int) -> QRectF:
    """The scene rectangle of output pixel (i, j)."""
    whole, (high, wide) = placed(geometry), geometry.stride
    return QRectF(whole.left() + j * wide, whole.top() + i * high, wide, high)


def window_marks(geometry: Geometry, i: int, j: int) -> tuple[QRectF, tuple[QRectF, ...]]:
    """The window of output pixel (i, j) in the scene and, where it has gaps, the pixels under its taps."""
    rows, columns = geometry.window(i, j)
    top, left = int(rows[0]), int(columns[0])
    box = QRectF(left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1)
    if geometry.dilation == (1, 1) or len(rows) * len(columns) > MOST_TAPS:
        return box, ()
    return box, tuple(QRectF(int(x), int(y), 1, 1) for y in rows for x in columns)


def nearest(geometry: Geometry, y: int, x: int) -> tuple[int, int]:
    """The output pixel whose anchor is nearest to picture pixel (y, x), at the edge where there is none beyond."""
    i, j = (
        min(max(math.ceil((at + before - anchor) / step - 0.5), 0), length - 1)
        for at, before, anchor, step, length in zip(
            (y, x), geometry.before, geometry.anchor, geometry.stride, geometry.output_shape, strict=True
        )
    )
    return i, j


def middle(y: int, x: int) -> QPointF:
    """The scene point in the middle of picture pixel (y, x)."""
    return QPointF(x + 0.5, y + 0.5)
