"""The first picture, before and after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.widgets import Label, SectionLabel, describe, filled
from viewer.widgets.labels import ElidedLabel

WIDE, HIGH = 264, 224

Shown = tuple[NDArray[np.uint8], str]
"""Pixels, and a line about them."""


class PreviewPicture(QWidget):
    """A picture as large as there is room for, with a title above and a line below."""

    def __init__(self, object_name: str, title: str, tool_tip: str) -> None:
        super().__init__()
        describe(self, object_name, title, tool_tip)
        self.ground = _Ground()
        self.line: Label = ElidedLabel("muted", middle=True)
        self._column = filled(QVBoxLayout(self), SectionLabel(title), self.ground, 1, self.line)
        theme.follow(self._rescale)

    def show_picture(self, pixels: NDArray[np.uint8] | None, line: str) -> None:
        """Show uint8 pixels, (H, W) or (H, W, 3), or nothing, and say something about them."""
        self.ground.image = None if pixels is None else to_qimage(pixels)
        self.ground.update()
        self.line.setText(line)
        self.line.setToolTip(line)
        self.setAccessibleDescription(line)

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(6))


class _Ground(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(WIDE), theme.px(HIGH))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(90))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.palette()
        painter.setPen(colours.line)
        painter.setBrush(colours.field)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))
        if self.image is None:
            return
        room = self.rect().toRectF().adjusted(1, 1, -1, -1)
        size = self.image.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        is_smaller = size.width() < self.image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smaller)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(room.center())
        painter.drawImage(place, self.image)
