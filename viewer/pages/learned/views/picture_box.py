"""A small picture with a caption, as the card shows the filter and its frequency response."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.learned.views.painting import PictureCache, fitted
from viewer.widgets import describe

SIDE, CAPTION = 84, 16


class PictureBox(QWidget):
    """A picture (h, w) or (h, w, 3), enlarged without smoothing, and below it what it is."""

    def __init__(
        self, object_name: str, accessible_name: str, tool_tip: str, caption: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        describe(self, object_name, accessible_name, tool_tip)
        self._image: NDArray[np.uint8] | None = None
        self._caption = caption
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
        return QSize(theme.px(SIDE), theme.px(SIDE + CAPTION))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        side = theme.px(SIDE)
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
