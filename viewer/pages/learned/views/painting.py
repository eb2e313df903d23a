"""Small pictures on tiles and cards: enlarged without smoothing, reduced by averaging."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen, QPixmap

from viewer import theme
from viewer.images import to_qimage
from viewer.painting import fewer_pixels

Bytes = NDArray[np.uint8]


def fitted(image: Bytes, room: QRect) -> QRect:
    """The largest rectangle of the proportions of `image` inside `room`, in its middle."""
    rows, columns = image.shape[0], image.shape[1]
    scale = min(room.width() / columns, room.height() / rows)
    width, height = max(1, round(columns * scale)), max(1, round(rows * scale))
    return QRect(room.x() + (room.width() - width) // 2, room.y() + (room.height() - height) // 2, width, height)


class PictureCache:
    """Pictures at the sizes in which they were last drawn."""

    def __init__(self, limit: int = 512) -> None:
        self._limit = limit
        self._held: OrderedDict[tuple[int, int, int], tuple[Bytes, QPixmap]] = OrderedDict()

    def draw(self, painter: QPainter, image: Bytes, target: QRect) -> None:
        """Draw `image`, (h, w) or (h, w, 3), over `target`, sharp on any screen."""
        device = painter.device()
        ratio = device.devicePixelRatio() if device is not None else 1.0
        width, height = max(1, round(target.width() * ratio)), max(1, round(target.height() * ratio))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawPixmap(target, self._scaled(image, height, width))

    def _scaled(self, image: Bytes, height: int, width: int) -> QPixmap:
        key = (id(image), height, width)
        held = self._held.get(key)
        # The array is kept beside its picture, so that its address stands for it and for nothing else.
        if held is None:
            held = image, QPixmap.fromImage(to_qimage(_resized(image, height, width)))
            self._held[key] = held
            if len(self._held) > self._limit:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(key)
        return held[1]


def _resized(image: Bytes, height: int, width: int) -> Bytes:
    reduced = fewer_pixels(image, min(height, image.shape[0]), min(width, image.shape[1]))
    rows = np.arange(height) * reduced.shape[0] // height
    columns = np.arange(width) * reduced.shape[1] // width
    return np.ascontiguousarray(reduced[rows][:, columns])


def draw_frame(painter: QPainter, rect: QRect, *, width: int, hovered: bool) -> None:
    """The ground and frame of a tile; a frame wider than 1 is that of a selected one."""
    colours = theme.palette()
    line = theme.px(width) if width > 1 else 1
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours.accent if width > 1 else colours.line, line))
    painter.setBrush(colours.hover if hovered else colours.field)
    inset = line / 2
    painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), theme.px(5), theme.px(5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
