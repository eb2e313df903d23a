"""The colours between the two levels, as a bar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.widgets import describe


class ColourBar(QWidget):
    """Paints a table of 256 colours from left to right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(
            self,
            "colourBar",
            self.tr("Colours from the lower to the upper level"),
            self.tr("The colours of the output, from the lower level to the upper"),
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ramp = np.arange(256, dtype=np.uint8)
        self._table = np.ascontiguousarray(np.repeat(ramp[:, None], 3, axis=1))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(160), theme.px(10))

    def show_table(self, table: NDArray[np.uint8]) -> None:
        """Paint `table`, uint8 (256, 3) RGB."""
        if not np.array_equal(table, self._table):
            self._table = np.ascontiguousarray(table)
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        frame = self.rect().toRectF()
        path.addRoundedRect(frame, frame.height() / 2, frame.height() / 2)
        painter.setClipPath(path)
        image = QImage(self._table.tobytes(), len(self._table), 1, 3 * len(self._table), QImage.Format.Format_RGB888)
        painter.drawImage(self.rect(), image)
        # The frame keeps a white end visible on a white panel.
        painter.setClipping(False)
        painter.setPen(theme.palette().line)
        painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), frame.height() / 2, frame.height() / 2)
