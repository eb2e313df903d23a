"""Where the output lies in the scene, which is the picture: pixel (y, x) covers [y, y + 1) x [x, x + 1)."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF

from kernels.filtering.geometry import Geometry

MOST_TAPS = 1024


def scene_rect(area: tuple[float, float, float, float]) -> QRectF:
    """The rectangle of an area of the picture: top, left, height, width."""
    top, left, height, width = area
    return QRectF(left, top, width, height)


def placed(geometry: Geometry) -> QRectF:
    """The scene rectangle of the output: each pixel as large as the stride, centred on its window's anchor."""
    return scene_rect(geometry.area())


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


def middle(y: int, x: int) -> QPointF:
    """The scene point in the middle of picture pixel (y, x)."""
    return QPointF(x + 0.5, y + 0.5)
