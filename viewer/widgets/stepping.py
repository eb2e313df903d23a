"""What tells one turn of the wheel, one held key or one drag from single changes."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent

from viewer.widgets.base import single_shot
from viewer.widgets.numbers import LabelledSlider, SpinBox

PAUSE_MS = 500
"""Neither a wheel nor a key that is tapped has a release: a pause this long ends what belongs together."""


class Gesture(QObject):
    """Changes by sliders that are one step of undo: one drag, or steps without a pause between them."""

    ended = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._dragging = False
        self._pause = single_shot(self, PAUSE_MS, self.ended.emit)

    def follow(self, slider: LabelledSlider) -> None:
        """Belong to `slider` too."""
        slider.valueChanged.connect(self._step)
        slider.pressed.connect(lambda: self._drag(True))
        slider.released.connect(lambda: self._drag(False))

    def _step(self) -> None:
        if not self._dragging:
            self._pause.start()

    def _drag(self, dragging: bool) -> None:
        self._pause.stop()
        self._dragging = dragging
        self.ended.emit()


class SteppingSpinBox(SpinBox):
    """Steps by keys and wheel form gestures; ``stepped`` is true while one of them changes the value.

    A gesture ends, with ``gesture_ended``, on release of the key, on a pause of the wheel, on loss of focus.
    """

    gesture_ended = pyqtSignal()

    def __init__(self, *arguments, **named) -> None:
        super().__init__(*arguments, **named)
        self.stepped = False
        self._open = False
        self._pause = single_shot(self, PAUSE_MS, self._end)

    def stepBy(self, steps: int) -> None:
        self.stepped = self._open = True
        try:
            super().stepBy(steps)
        finally:
            self.stepped = False

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        super().wheelEvent(event)
        if self._open:
            self._pause.start()

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat():
            self._end()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self._end()

    def _end(self) -> None:
        self._pause.stop()
        if self._open:
            self._open = False
            self.gesture_ended.emit()
