"""A picture ready to paint, and how it gets to the screen at any scale without inventing detail."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap

from viewer import theme
from viewer.painting import Bytes, Painted, Patch, fewer_pixels
from viewer.panes.link import Transform

WHOLE = 1_500_000
"""Images of up to that many pixels are brought to the screen's resolution whole, so that panning only copies."""
MARGIN = 128
"""Pixels beyond the edge that a larger image is reduced with, for the next steps of a drag."""
SQUARE = 8
"""Side of a square of the board behind transparent pixels."""


class Layer(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A painted picture, or a part of one, and what it covers in the scene; its memory is used as it stands."""

    source: Painted | Patch
    rect: QRectF

    @property
    def image(self) -> Bytes:
        """uint8, (h, w), (h, w, 3) or (h, w, 4) with straight opacity."""
        return self.source.image

    @cached_property
    def picture(self) -> QImage:
        """The image for Qt."""
        return _wrapped(self.image)

    @cached_property
    def on_screen(self) -> QImage | None:
        """The image as the screen showed it when it was asked for."""
        return None if self.source.on_screen is None else _wrapped(self.source.on_screen)

    @property
    def has_alpha(self) -> bool:
        """True when something may shine through."""
        return isinstance(self.source, Painted) and self.source.alpha is not None

    def pixel_size(self, scale: float) -> tuple[float, float]:
        """Height and width in device pixels of a pixel, drawn at `scale` device pixels a scene unit."""
        rows, columns = self.source.shape
        return self.rect.height() * scale / rows, self.rect.width() * scale / columns


class Sheet(msgspec.Struct, frozen=True, eq=False):
    """One picture: its values, the image of the whole and, over it, that of a part with more pixels.

    Attributes
    ----------
    whole : Layer
    values : ndarray
        The raw values, (h, w) or (h, w, C), of which the image may be a reduced copy.
    patch : Layer or None
    is_ahead : bool
        The patch is newer than the values.
    """

    whole: Layer
    values: NDArray[Any]
    patch: Layer | None = None
    is_ahead: bool = False

    @property
    def rect(self) -> QRectF:
        """What the picture covers in the scene."""
        return self.whole.rect

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.values.shape[0], self.values.shape[1]

    @property
    def step(self) -> tuple[float, float]:
        """Height and width of one pixel in the scene."""
        return self.rect.height() / self.shape[0], self.rect.width() / self.shape[1]

    def with_patch(self, patch: Patch, *, is_ahead: bool = False) -> Sheet:
        """The sheet with a part in more pixels."""
        height, width = self.step
        (top, bottom), (left, right) = patch.rows, patch.columns
        rect = QRectF(
            self.rect.left() + left * width,
            self.rect.top() + top * height,
            (right - left) * width,
            (bottom - top) * height,
        )
        return replace(self, patch=Layer(patch, rect), is_ahead=is_ahead)

    def ink(self, rows: tuple[int, int], columns: tuple[int, int]) -> Bytes:
        """The colours of some pixels, as they are painted, one a pixel."""
        height, width = self.step
        layer = self.patch if self.patch is not None else self.whole
        (high, wide), (top, left) = layer.pixel_size(1.0), (layer.rect.top(), layer.rect.left())
        places = []
        for (first, last), start, step, corner, size, count in (
            (rows, self.rect.top(), height, top, high, layer.image.shape[0]),
            (columns, self.rect.left(), width, left, wide, layer.image.shape[1]),
        ):
            middles = start + (np.arange(first, last) + 0.5) * step
            places.append(np.clip(np.floor((middles - corner) / size).astype(np.int64), 0, count - 1))
        return layer.image[np.ix_(*places)]

    def pixel_rect(self, i: int, j: int) -> QRectF:
        """What pixel (i, j) covers in the scene."""
        height, width = self.step
        return QRectF(self.rect.left() + j * width, self.rect.top() + i * height, width, height)

    def pixel_at(self, y: float, x: float) -> tuple[int, int] | None:
        """The pixel that covers a point of the scene."""
        height, width = self.step
        i, j = math.floor((y - self.rect.top()) / height), math.floor((x - self.rect.left()) / width)
        return (i, j) if 0 <= i < self.shape[0] and 0 <= j < self.shape[1] else None


def make_sheet(painted: Painted, rect: QRectF, patch: Patch | None = None) -> Sheet:
    """The sheet of a painted picture that covers `rect` of the scene, with a patch; nothing is copied or converted."""
    made = Sheet(Layer(painted, QRectF(rect)), painted.values)
    return made if patch is None else made.with_patch(patch)


def _wrapped(image: NDArray[Any]) -> QImage:
    """The image for Qt, which takes the address only: whoever asks keeps the array alive.

    Raises
    ------
    ValueError
        If it is neither uint8 of one of the shapes that can be painted nor a number 0xffRRGGBB a pixel.
    """
    if image.dtype == np.uint32 and image.ndim == 2 and image.size:
        return _at(image, QImage.Format.Format_RGB32)
    formats = {1: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    channels = 1 if image.ndim == 2 else image.shape[-1]
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0 or channels not in formats:
        raise ValueError(f"An image to paint is uint8, (h, w) or (h, w, 3 or 4), not {image.dtype} {image.shape}.")
    return _at(image, formats[channels])


def _at(image: NDArray[Any], form: QImage.Format) -> QImage:
    assert image.flags.c_contiguous
    data: Any = image.data  # Qt reads a buffer as it reads bytes
    return QImage(data, image.shape[1], image.shape[0], image.strides[0], form)


class _Reduced(msgspec.Struct, frozen=True, eq=False):
    """Part of a layer at the screen's resolution."""

    layer: Layer
    pixel: tuple[float, float]
    source: QRect
    image: Bytes
    picture: QImage

    def serves(self, layer: Layer, pixel: tuple[float, float], source: QRect) -> bool:
        return self.layer is layer and self.pixel == pixel and self.source.contains(source)


class SheetPainter:
    """Draws one sheet after another, and keeps the reduced images of the last for the next time."""

    def __init__(self) -> None:
        self._reduced: list[_Reduced] = []

    def paint(self, painter: QPainter, sheet: Sheet, view: Transform, viewport: QRectF) -> None:
        """Draw `sheet`; the painter counts device pixels."""
        # What was reduced from an earlier one would keep all of its values.
        self._reduced = [each for each in self._reduced if each.layer in (sheet.whole, sheet.patch)]
        seen = view.rect(sheet.rect).intersected(viewport)
        if seen.isEmpty():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setClipRect(seen, Qt.ClipOperation.IntersectClip)
        if sheet.whole.has_alpha:
            painter.setBrushOrigin(view.rect(sheet.rect).topLeft())
            painter.fillRect(seen, _board())
        patch = sheet.patch
        if patch is not None and min(sheet.whole.pixel_size(view.scale)) <= 1.0:
            patch = None  # the whole has as many pixels as the screen
        if patch is None or not view.rect(patch.rect).contains(seen):
            self._paint(painter, sheet.whole, view, seen)
        if patch is not None:
            self._paint(painter, patch, view, seen)
        painter.restore()

    def _paint(self, painter: QPainter, layer: Layer, view: Transform, viewport: QRectF) -> None:
        frame = view.rect(layer.rect)
        seen = frame.intersected(viewport)
        if seen.isEmpty():
            return
        pixel = layer.pixel_size(view.scale)
        if min(pixel) >= 1.0:
            _magnify(painter, layer.picture, frame.topLeft().toPoint(), pixel, seen)
        else:
            self._reduce(painter, layer, frame.topLeft().toPoint(), pixel, seen)

    def _reduce(
        self, painter: QPainter, layer: Layer, corner: QPoint, pixel: tuple[float, float], seen: QRectF
    ) -> None:
        """Average over the area of each device pixel."""
        rows, columns = layer.source.shape
        ready, whole = layer.on_screen, _placed(QRect(0, 0, columns, rows), corner, pixel)
        if ready is not None and ready.size() == whole.size():
            painter.drawImage(whole, ready)
            return
        picture = layer.picture
        large = picture.width() * picture.height() > WHOLE
        source = _covered(picture.size(), corner, pixel, seen) if large else picture.rect()
        held = next((each for each in self._reduced if each.layer is layer), None)
        if held is None or not held.serves(layer, pixel, source):
            if large:
                source = source.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN).intersected(picture.rect())
            target = _placed(source, corner, pixel)
            # With strides that differ, one axis may be magnified: that one stays in pixels here.
            size = min(source.height(), target.height()), min(source.width(), target.width())
            part = layer.image[source.top() : source.bottom() + 1, source.left() : source.right() + 1]
            image = fewer_pixels(part, *size, how=layer.source.how)
            held = _Reduced(layer, pixel, source, image, _wrapped(image))
            self._reduced = [held, *(each for each in self._reduced if each.layer is not layer)]
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
