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
from viewer.panes.link import Transform
from viewer.resampling import area_average

Bytes = NDArray[np.uint8]

WHOLE = 1_500_000
"""Levels of up to that many pixels are brought to the screen's resolution whole, so that panning only copies."""
MARGIN = 128
"""Pixels beyond the edge that a larger level is reduced with, for the next steps of a drag."""
SQUARE = 8
"""Side of a square of the board behind transparent pixels."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """Area-averaged levels of one picture, largest first, and where it lies.

    Attributes
    ----------
    images : tuple of ndarray
        uint8, (h, w), (h, w, 3) or (h, w, 4) with straight opacity; each level half as large as the one before.
    rect : QRectF
        What every level covers in the scene.
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
    # QImage takes the address only; the sheet keeps the array alive. It reads a buffer as it reads bytes.
    data: Any = image.data
    return QImage(data, image.shape[1], image.shape[0], image.strides[0], formats[channels])


def pixel_size(sheet: Sheet, level: int, scale: float) -> tuple[float, float]:
    """Height and width in device pixels of a pixel of `level`, drawn at `scale` device pixels a scene unit."""
    rows, columns = sheet.images[level].shape[:2]
    return sheet.rect.height() * scale / rows, sheet.rect.width() * scale / columns


def level_for(sheet: Sheet, scale: float) -> int:
    """The level to draw at `scale`: the smallest that still has a pixel for every device pixel."""
    fine = [k for k in range(1, len(sheet.images)) if max(pixel_size(sheet, k, scale)) <= 1.0 + 1e-9]
    return fine[-1] if fine else 0


@dataclass(frozen=True, eq=False)
class _Reduced:
    """Part of one level at the screen's resolution."""

    sheet: Sheet
    level: int
    pixel: tuple[float, float]
    source: QRect
    image: Bytes
    picture: QImage

    def serves(self, sheet: Sheet, level: int, pixel: tuple[float, float], source: QRect) -> bool:
        same = self.sheet is sheet and self.level == level and self.pixel == pixel
        return same and self.source.contains(source)


class SheetPainter:
    """Draws one sheet after another, and keeps the last reduced picture for the next time."""

    def __init__(self) -> None:
        self._reduced: _Reduced | None = None

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
        pixel = pixel_size(sheet, level, view.scale)
        if min(pixel) >= 1.0:
            _magnify(painter, sheet.pictures[level], frame.topLeft().toPoint(), pixel, seen)
        else:
            self._reduce(painter, sheet, level, frame.topLeft().toPoint(), pixel, seen)
        painter.restore()

    def _reduce(
        self, painter: QPainter, sheet: Sheet, level: int, corner: QPoint, pixel: tuple[float, float], seen: QRectF
    ) -> None:
        """Average over the area of each device pixel."""
        picture = sheet.pictures[level]
        large = picture.width() * picture.height() > WHOLE
        source = _covered(picture.size(), corner, pixel, seen) if large else picture.rect()
        held = self._reduced
        if held is None or not held.serves(sheet, level, pixel, source):
            if large:
                source = source.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN).intersected(picture.rect())
            target = _placed(source, corner, pixel)
            # With strides that differ, one axis may be magnified: that one stays in pixels here.
            size = min(source.height(), target.height()), min(source.width(), target.width())
            rows = slice(source.top(), source.top() + source.height())
            columns = slice(source.left(), source.left() + source.width())
            image = area_average(sheet.images[level][rows, columns], *size)
            held = self._reduced = _Reduced(sheet, level, pixel, source, image, _wrapped(image))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(_placed(held.source, corner, pixel), held.picture)


def _placed(source: QRect, corner: QPoint, pixel: tuple[float, float]) -> QRect:
    """Where part of a level is drawn, on whole device pixels."""
    left, right = (corner.x() + round(x * pixel[1]) for x in (source.left(), source.left() + source.width()))
    top, bottom = (corner.y() + round(y * pixel[0]) for y in (source.top(), source.top() + source.height()))
    return QRect(left, top, max(1, right - left), max(1, bottom - top))


def _magnify(painter: QPainter, picture: QImage, corner: QPoint, pixel: tuple[float, float], seen: QRectF) -> None:
    """Nearest neighbour, from the pixels in sight only."""
    source = _covered(picture.size(), corner, pixel, seen)
    target = QRectF(
        corner.x() + source.x() * pixel[1],
        corner.y() + source.y() * pixel[0],
        source.width() * pixel[1],
        source.height() * pixel[0],
    )
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(target, picture, QRectF(source))


def _covered(size: QSize, corner: QPoint, pixel: tuple[float, float], seen: QRectF) -> QRect:
    """The pixels of an image of `size`, drawn from `corner`, that lie under `seen`."""
    left = math.floor((seen.left() - corner.x()) / pixel[1])
    top = math.floor((seen.top() - corner.y()) / pixel[0])
    right = math.ceil((seen.right() - corner.x()) / pixel[1])
    bottom = math.ceil((seen.bottom() - corner.y()) / pixel[0])
    return QRect(left, top, right - left, bottom - top).intersected(QRect(QPoint(0, 0), size))


def _board() -> QBrush:
    """The quiet checkerboard that shines through transparent pixels."""
    colours = theme.palette()
    names = ("#2b2f37", "#353a44") if colours.is_dark else ("#ffffff", "#e6e9ee")
    first, second = (QColor(name) for name in names)
    tile = QPixmap(2 * SQUARE, 2 * SQUARE)
    tile.fill(first)
    painter = QPainter(tile)
    for at in (0, SQUARE):
        painter.fillRect(at, at, SQUARE, SQUARE, second)
    painter.end()
    return QBrush(tile)
