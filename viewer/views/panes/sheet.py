"""A picture ready to paint, and how it gets to the screen at any scale without inventing detail."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap

from viewer import theme
from viewer.views.panes.link import Transform

Bytes = NDArray[np.uint8]

WHOLE = 4_000_000
"""Levels of up to that many pixels are brought to the screen's resolution whole, so that panning only copies."""
SQUARE = 8
"""Side of a square of the board behind transparent pixels."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """Area-averaged levels of one picture, largest first, and where it lies.

    Attributes
    ----------
    images : tuple of ndarray
        uint8, (h, w), (h, w, 3) or (h, w, 4) with straight opacity; each level half as large as the one before,
        rounded up.
    rect : QRectF
        What the first level covers in the scene.
    values : ndarray or None
        The raw values behind the first level, (h, w) or (h, w, C).
    """

    images: tuple[Bytes, ...]
    rect: QRectF
    values: NDArray[Any] | None
    pictures: tuple[QImage, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the first level."""
        return self.images[0].shape[0], self.images[0].shape[1]

    @property
    def step(self) -> tuple[float, float]:
        """Height and width of one pixel in the scene."""
        return self.rect.height() / self.shape[0], self.rect.width() / self.shape[1]

    @property
    def has_alpha(self) -> bool:
        """True when something may shine through."""
        return self.images[0].ndim == 3 and self.images[0].shape[2] == 4

    def pixel_rect(self, i: int, j: int) -> QRectF:
        """What pixel (i, j) covers in the scene."""
        height, width = self.step
        return QRectF(self.rect.left() + j * width, self.rect.top() + i * height, width, height)

    def pixel_at(self, y: float, x: float) -> tuple[int, int] | None:
        """The pixel that covers a point of the scene."""
        height, width = self.step
        i, j = math.floor((y - self.rect.top()) / height), math.floor((x - self.rect.left()) / width)
        return (i, j) if 0 <= i < self.shape[0] and 0 <= j < self.shape[1] else None


def make_sheet(images: tuple[Bytes, ...], rect: QRectF, values: NDArray[Any] | None = None) -> Sheet:
    """The sheet of `images`, whose memory is used as it stands: nothing is copied or converted.

    Raises
    ------
    ValueError
        If there is no image, or one is not uint8 of one of the shapes that can be painted.
    """
    if not images:
        raise ValueError("A sheet needs at least one image.")
    held = tuple(np.ascontiguousarray(each) for each in images)
    return Sheet(held, QRectF(rect), values, tuple(_wrapped(each) for each in held))


def _wrapped(image: Bytes) -> QImage:
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0:
        raise ValueError(f"An image to paint is uint8, (h, w) or (h, w, 3 or 4), not {image.dtype} {image.shape}.")
    formats = {1: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    channels = 1 if image.ndim == 2 else image.shape[2]
    if channels not in formats:
        raise ValueError(f"An image to paint has 1, 3 or 4 channels, not {channels}.")
    # memoryview(...).cast needs no copy; QImage takes the address and Sheet keeps the array alive.
    return QImage(image.data, image.shape[1], image.shape[0], image.strides[0], formats[channels])


def level_for(sheet: Sheet, scale: float) -> int:
    """The level to draw at `scale` device pixels a scene unit: the smallest that still has a pixel for each."""
    height, width = sheet.step
    size = scale * max(height, width)
    if size >= 1.0:
        return 0
    return min(math.floor(-math.log2(size) + 1e-9), len(sheet.images) - 1)


class SheetPainter:
    """Draws one sheet after another, and keeps the last reduced picture for the next time."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._sheet: Sheet | None = None
        self._reduced = QImage()

    def paint(self, painter: QPainter, sheet: Sheet, view: Transform, viewport: QRectF) -> None:
        """Draw `sheet`; the painter counts device pixels."""
        frame = view.rect(sheet.rect)
        seen = frame.intersected(viewport)
        if seen.isEmpty():
            return
        painter.save()
        painter.setClipRect(seen, Qt.ClipOperation.IntersectClip)
        if sheet.has_alpha:
            painter.setBrushOrigin(frame.topLeft())
            painter.fillRect(seen, _board())
        level = level_for(sheet, view.scale)
        height, width = (step * 2.0**level * view.scale for step in sheet.step)
        if height >= 1.0 and width >= 1.0:
            self._magnify(painter, sheet.pictures[level], frame.topLeft().toPoint(), (height, width), seen)
        else:
            self._reduce(painter, sheet, level, frame.topLeft().toPoint(), (height, width), seen)
        painter.restore()

    def _magnify(
        self, painter: QPainter, picture: QImage, corner: QPoint, pixel: tuple[float, float], seen: QRectF
    ) -> None:
        """Nearest neighbour, from the pixels in sight only."""
        source = _covered(picture.size(), corner, pixel, seen, margin=0)
        target = QRectF(
            corner.x() + source.x() * pixel[1],
            corner.y() + source.y() * pixel[0],
            source.width() * pixel[1],
            source.height() * pixel[0],
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(target, picture, QRectF(source))

    def _reduce(
        self, painter: QPainter, sheet: Sheet, level: int, corner: QPoint, pixel: tuple[float, float], seen: QRectF
    ) -> None:
        """Average over the area of each device pixel; Qt's smooth scaling does that for whole images."""
        picture = sheet.pictures[level]
        source = QRect(QPoint(0, 0), picture.size())
        if picture.width() * picture.height() > WHOLE:
            if self._holds(sheet, level, pixel, _covered(picture.size(), corner, pixel, seen, margin=0)):
                source = self._key[2]  # type: ignore[assignment]
            else:
                source = _covered(picture.size(), corner, pixel, seen, margin=128)
        if not self._holds(sheet, level, pixel, source):
            part = picture if source.size() == picture.size() else picture.copy(source)
            size = QSize(max(1, round(source.width() * pixel[1])), max(1, round(source.height() * pixel[0])))
            self._reduced = part.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self._key, self._sheet = (level, pixel, source), sheet
        at = QPoint(corner.x() + round(source.x() * pixel[1]), corner.y() + round(source.y() * pixel[0]))
        painter.drawImage(at, self._reduced)

    def _holds(self, sheet: Sheet, level: int, pixel: tuple[float, float], source: QRect) -> bool:
        """True when the reduced picture that is kept covers `source` at this size."""
        if self._sheet is not sheet or not self._key:
            return False
        held_level, held_pixel, held_source = self._key
        return held_level == level and held_pixel == pixel and held_source.contains(source)  # type: ignore[attr-defined]


def _covered(size: QSize, corner: QPoint, pixel: tuple[float, float], seen: QRectF, *, margin: int) -> QRect:
    """The pixels of an image of `size`, drawn from `corner`, that lie under `seen`."""
    left = math.floor((seen.left() - corner.x()) / pixel[1]) - margin
    top = math.floor((seen.top() - corner.y()) / pixel[0]) - margin
    right = math.ceil((seen.right() - corner.x()) / pixel[1]) + margin
    bottom = math.ceil((seen.bottom() - corner.y()) / pixel[0]) + margin
    return QRect(left, top, right - left, bottom - top).intersected(QRect(QPoint(0, 0), size))


def _board() -> QBrush:
    """The quiet checkerboard that shines through transparent pixels."""
    colours = theme.palette()
    first, second = (QColor("#2b2f37"), QColor("#353a44")) if colours.is_dark else (QColor("#ffffff"), QColor("#e6e9ee"))
    tile = QPixmap(2 * SQUARE, 2 * SQUARE)
    tile.fill(first)
    painter = QPainter(tile)
    for at in (0, SQUARE):
        painter.fillRect(at, at, SQUARE, SQUARE, second)
    painter.end()
    return QBrush(tile)
