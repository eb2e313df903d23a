"""A slider that a click anywhere takes along."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QSlider

from viewer import theme
from viewer.widgets.base import PlainToolTip, QuietWheel, describe

HANDLE = 14
"""Width of the handle, as the style sheet has it, in design pixels."""


class Slider(QuietWheel, PlainToolTip, QSlider):
    """Lies flat; ``sliderPressed`` comes before a press beside the handle makes it jump, which belongs to the drag."""

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        describe(self, object_name, accessible_name, tool_tip)
        self._off = 0.0  # how far beside the middle of the handle it was taken

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        handle, room = self._handle_and_room()
        share = (self.value() - self.minimum()) / max(1, self.maximum() - self.minimum())
        off = event.position().x() - handle / 2 - share * room
        self._off = off if abs(off) <= handle / 2 else 0.0
        self.setSliderDown(True)
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if not self.isSliderDown():
            event.ignore()
            return
        handle, room = self._handle_and_room()
        share = min(max((event.position().x() - self._off - handle / 2) / room, 0.0), 1.0)
        self.setValue(round(self.minimum() + share * (self.maximum() - self.minimum())))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
        else:
            event.ignore()

    def _handle_and_room(self) -> tuple[int, int]:
        """The width of the handle, and how far its middle goes."""
        handle = theme.px(HANDLE)
        return handle, max(1, self.width() - handle)
