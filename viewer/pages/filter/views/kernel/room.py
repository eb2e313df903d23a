"""The room that parameters and table share: as high whatever the kernel, so that what stands below never moves."""

from __future__ import annotations

from PyQt6.QtCore import QRect, QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QWidget

from viewer import theme
from viewer.pages.filter.views.kernel.parameters import ParameterArea
from viewer.pages.filter.views.kernel.table import KernelTable

LEAST_HEIGHT, HEIGHT = 138, 232
READING_HEIGHT, ROW_HEIGHT, BESIDE_WIDTH = 16, 28, 124


class Room(QWidget):
    """Parameters and the choice of a channel take what they need; the table shrinks its cells to what is left.

    A few parameters stand above the table, many beside it.
    """

    def __init__(self, parameters: ParameterArea, channel: QWidget, table: KernelTable, reading: QLabel) -> None:
        super().__init__()
        self._parameters, self._channel, self._table, self._reading = parameters, channel, table, reading
        for widget in (parameters, channel, table, reading):
            widget.setParent(self)
        theme.notifier().changed.connect(self.share)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(100), theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, theme.px(LEAST_HEIGHT))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.share()

    def share(self) -> None:
        """Place all of them."""
        gap, row = theme.px(4), theme.px(ROW_HEIGHT)
        reading = theme.px(READING_HEIGHT) * (2 if self._parameters.stands_beside else 1)
        room = self.rect().adjusted(0, 0, 0, -reading)
        if not self._channel.isHidden():
            self._channel.setGeometry(0, 0, room.width(), row)
            room.setTop(row + gap)
        rows = self._parameters.rows
        if self._parameters.stands_beside:
            beside = theme.px(BESIDE_WIDTH)
            height = min(rows * (row + gap), self.height() - room.top())
            self._parameters.setGeometry(room.right() + 1 - beside, room.top(), beside, height)
            room.setRight(room.right() - beside - theme.px(8))
        elif rows:
            self._parameters.setGeometry(0, room.top(), room.width(), rows * (row + gap) - gap)
            room.setTop(room.top() + rows * (row + gap))
        self._reading.setGeometry(room.left(), room.bottom() + 1, room.width(), reading)
        room.setBottom(room.bottom() - gap)
        self._table.set_room(room.size())
        placed = QRect(room.topLeft(), self._table.sizeHint())
        placed.moveCenter(room.center())
        if placed != self._table.geometry():
            self._table.setGeometry(placed)
