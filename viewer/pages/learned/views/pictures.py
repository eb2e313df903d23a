"""Small pictures on tiles and cards: a filter, its frequencies, and the patterns that it resembles."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.painting import fewer_pixels
from viewer.widgets import describe
from viewer.widgets.labels import draw_elided

Bytes = NDArray[np.uint8]

SIDE, CAPTION = 84, 16
ROW_HEIGHT, PICTURE_SIDE, MOST = 34, 28, 3


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
    if reduced.shape[:2] == (height, width):
        return reduced
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


class PictureBox(QWidget):
    """A picture (h, w) or (h, w, 3), enlarged without smoothing, and below it what it is."""

    def __init__(
        self, object_name: str, accessible_name: str, tool_tip: str, caption: str, *, side: int = SIDE
    ) -> None:
        super().__init__()
        describe(self, object_name, accessible_name, tool_tip)
        self._image: NDArray[np.uint8] | None = None
        self._caption, self._side, self._room = caption, side, 0
        self._pictures = PictureCache(4)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_picture(self, image: NDArray[np.uint8] | None) -> None:
        """Show `image`; None leaves the box empty."""
        self._image = image
        self.update()

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """What is shown."""
        return self._image

    def sizeHint(self) -> QSize:
        return QSize(self._pixels, self._pixels + theme.px(CAPTION))

    def show_caption(self, text: str) -> None:
        """Say below what it is."""
        self._caption = text
        self.update()

    def resize_to(self, room: int) -> None:
        """Take so many pixels of the screen for the picture, whatever its usual size."""
        if room != self._room:
            self._room = room
            self.updateGeometry()

    @property
    def _pixels(self) -> int:
        return self._room or theme.px(self._side)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        side = self._pixels
        room = QRect(0, 0, side, side)
        if self._image is None:
            painter.setPen(QPen(colours.line, 1))
            painter.drawRect(room.adjusted(0, 0, -1, -1))
        else:
            self._pictures.draw(painter, self._image, fitted(self._image, room))
        painter.setFont(theme.font(10.5))
        painter.setPen(colours.muted)
        line = QRect(0, side, side, theme.px(CAPTION))
        painter.drawText(line, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, self._caption)


class MatchRow(msgspec.Struct, frozen=True, eq=False):
    """A pattern as a picture (h, w[, 3]), how similar it is, its name, and its parameters, also for a short line."""

    picture: NDArray[np.uint8]
    score: str
    title: str
    settings: str = ""
    brief: str = ""

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return f"{self.score} {self.title}" + (f", {self.settings}" if self.settings else "")


class MatchList(QWidget):
    """Up to three patterns below each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._meaning = self.tr(
            "The named patterns most like this filter, with the cosine of the two: 1 is the same but for scale"
        )
        describe(self, "learnedMatches", self.tr("Resembles"), self._meaning)
        self._rows: tuple[MatchRow, ...] = ()
        self._pictures = PictureCache(32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: Sequence[MatchRow]) -> None:
        """Show these patterns, the most similar first."""
        self._rows = tuple(rows)[:MOST]
        sentences = [row.sentence for row in self._rows]
        self.setAccessibleDescription("; ".join(sentences))
        self.setToolTip("\n".join([self._meaning, *sentences]))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(160), MOST * theme.px(ROW_HEIGHT))

    def text_room(self) -> int:
        """How wide a line may be."""
        return self.width() - theme.px(PICTURE_SIDE) - theme.px(8)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        height, side = theme.px(ROW_HEIGHT), theme.px(PICTURE_SIDE)
        for number, row in enumerate(self._rows):
            top = number * height
            box = QRect(0, top + (height - side) // 2, side, side)
            self._pictures.draw(painter, row.picture, fitted(row.picture, box))
            wide = self.text_room()
            room = QRect(self.width() - wide, top, wide, height)
            upper, lower = (
                room.adjusted(0, theme.px(2), 0, -height // 2),
                room.adjusted(0, height // 2, 0, -theme.px(2)),
            )
            if not row.settings:
                upper = room
            self._write(painter, upper, f"{row.score}  {row.title}", colours.text, 600 if number == 0 else 400)
            painter.setFont(theme.font(11.5))
            fits = painter.fontMetrics().horizontalAdvance(row.settings) <= room.width()
            self._write(painter, lower, row.settings if fits else row.brief, colours.muted, 400)

    @staticmethod
    def _write(painter: QPainter, room: QRect, text: str, ink: QColor, weight: int) -> None:
        painter.setFont(theme.font(11.5, weight))
        painter.setPen(ink)
        draw_elided(painter, room, text)
