"""The sliding window as the frames of an animation: picture and output side by side, the number below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from kernels.digits import format_number
from kernels.filtering.geometry import Geometry
from viewer import theme
from viewer.images import to_array, to_qimage
from viewer.page_views import StageView
from viewer.pages.stage.scan import covered_areas
from viewer.painting import Painted, fewer_pixels
from viewer.panes.overlay import pixel_mark, placed, window_marks
from viewer.theme import Palette
from viewer.widgets import format_position

MARGIN, CAPTION = 12, 56
"""Pixels around the pictures, and below them for the number."""
SMALLEST_MARK = 8.0


class Animation(msgspec.Struct, frozen=True, eq=False):
    """What the frames are made of; `positions` are the output pixels that they show."""

    source: Painted
    output: Painted
    values: NDArray[Any]
    geometry: Geometry
    stage: StageView
    positions: tuple[tuple[int, int], ...]
    title: str
    width: int
    palette: Palette

    @property
    def scene(self) -> QRectF:
        """What both pictures show: the input, and the output where it reaches beyond."""
        height, width = self.geometry.image_shape
        return QRectF(0, 0, width, height).united(placed(self.geometry))

    @property
    def scale(self) -> float:
        """Pixels of the animation for one of the picture."""
        return (self.width - 3 * MARGIN) / 2 / self.scene.width()

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a frame, both even, as most players want them."""
        height = round(self.scene.height() * self.scale) + 2 * MARGIN + CAPTION
        return height + height % 2, self.width + self.width % 2

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """The frames in turn, uint8 (h, w, 3)."""
        ground = self._ground()
        for position in self.positions:
            yield self._frame(ground, position)

    def frame_pair(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """A frame and the one after it."""
        ground, last = self._ground(), len(self.positions) - 1
        first, second = (self._frame(ground, self.positions[min(at, last)]) for at in (number, number + 1))
        return first, second

    def sample(self) -> NDArray[np.uint8]:
        """A picture that holds all that the frames show: half of the output is there."""
        middle = self.geometry.output_shape[0] // 2, self.geometry.output_shape[1] - 1
        return self._frame(self._ground(), middle)

    def _frame(self, ground: QImage, position: tuple[int, int]) -> NDArray[np.uint8]:
        frame = ground.copy()
        painter = QPainter(frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, position)
        painter.end()
        return to_array(frame)

    def _ground(self) -> QImage:
        """Both pictures, whole."""
        height, width = self.size
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(self.palette.ground)
        painter = QPainter(image)
        rect = QRectF(0, 0, self.geometry.image_shape[1], self.geometry.image_shape[0])
        for number, (painted, where) in enumerate(((self.source, rect), (self.output, placed(self.geometry)))):
            target = self._rect(where, number)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(target, to_qimage(_fitting(painted.image[..., :3] if painted.image.ndim == 3 else
                                                         painted.image, target)))  # fmt: skip
        painter.end()
        return image

    def _rect(self, scene: QRectF, number: int) -> QRectF:
        """Where a part of the scene lies in the picture (0) or in the output (1)."""
        left = MARGIN + number * (MARGIN + self.scene.width() * self.scale)
        whole, scale = self.scene, self.scale
        return QRectF(left + (scene.left() - whole.left()) * scale, MARGIN + (scene.top() - whole.top()) * scale,
                      scene.width() * scale, scene.height() * scale)  # fmt: skip

    def _paint(self, painter: QPainter, position: tuple[int, int]) -> None:
        stage = StageView(at=position, region=self.stage.region, every=self.stage.every)
        rect, (high, wide) = placed(self.geometry), self.geometry.stride
        for top, left, rows, columns in covered_areas(stage, self.geometry.output_shape):
            area = self._rect(
                QRectF(rect.left() + left * wide, rect.top() + top * high, columns * wide, rows * high), 1
            )
            painter.fillRect(area, self.palette.well)
            painter.fillRect(area, QBrush(self.palette.line, Qt.BrushStyle.BDiagPattern))
        window, _taps = window_marks(self.geometry, *position)
        self._mark(painter, self._rect(window, 0))
        self._mark(painter, self._rect(pixel_mark(self.geometry, *position), 1))
        self._write(painter, position)

    def _mark(self, painter: QPainter, box: QRectF) -> None:
        grown = max(0.0, SMALLEST_MARK - min(box.width(), box.height())) / 2
        box = box.adjusted(-grown, -grown, grown, grown)
        for colour, line in ((QColor(0, 0, 0, 160), 5), (self.palette.crosshair, 3)):
            painter.setPen(QPen(colour, line))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)

    def _write(self, painter: QPainter, position: tuple[int, int]) -> None:
        i, j = position
        number = ", ".join(format_number(each) for each in np.atleast_1d(self.values[i, j]).tolist())
        height, width = self.size
        room = QRectF(MARGIN, height - CAPTION - MARGIN / 2, width - 2 * MARGIN, CAPTION)
        painter.setPen(self.palette.muted)
        painter.setFont(theme.font(16))
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, flags | Qt.AlignmentFlag.AlignLeft, f"{self.title}    {format_position(i, j)}")
        painter.setPen(self.palette.text)
        painter.setFont(theme.font(32, 700))
        painter.drawText(room, flags | Qt.AlignmentFlag.AlignRight, number)


def _fitting(image: NDArray[np.uint8], target: QRectF) -> NDArray[np.uint8]:
    """The image with no more pixels than `target` shows, so that what is fine becomes grey and not stripes."""
    rows, columns = (max(1, round(each)) for each in (target.height(), target.width()))
    if rows <= image.shape[0] and columns <= image.shape[1]:
        return np.ascontiguousarray(fewer_pixels(image, rows, columns))
    return np.ascontiguousarray(image)
