"""A spin box that tells one turn of the wheel or one held key from single changes."""

from __future__ import annotations

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent

from viewer.widgets.numbers import SpinBox

# A wheel has no release: a pause this long ends its turn.
WHEEL_PAUSE_MILLISECONDS = 400


class SteppingSpinBox(SpinBox):
    """Steps by keys and wheel form gestures; ``stepped`` is true while one of them changes the value.

    A gesture ends, with ``gesture_ended``, on release of the key, on a pause of the wheel, on loss of focus.
    """

    gesture_ended = pyqtSignal()

    def __init__(self, *arguments, **named) -> None:
        super().__init__(*arguments, **named)
        self.stepped = False
        self._open = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(WHEEL_PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._end)

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
