"""A thin line that moves while a picture is being computed."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QTimer
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from viewer import theme

DELAY = 150
"""Milliseconds before the line shows: what is quicker needs no sign."""
TICK = 40
LAP = 1200
SEGMENT = 0.25


class BusyLine(QWidget):
    """Hidden when nothing is computed; the share that is done when it is known, else a wandering segment."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._fraction: float | None = None
        self._elapsed = 0
        self._delay, self._tick = QTimer(self), QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(DELAY)
        self._delay.timeout.connect(self._appear)
        self._tick.setInterval(TICK)
        self._tick.timeout.connect(self._advance)
        self.setAccessibleName(self.tr("Computing"))
        self.hide()

    def set_busy(self, busy: bool) -> None:
        """Start or end the sign; it shows only if the work lasts."""
        if busy:
            if not self._delay.isActive() and not self.isVisible():
                self._fraction, self._elapsed = None, 0
                self._delay.start()
            return
        self._delay.stop()
        self._tick.stop()
        self.hide()

    def set_progress(self, fraction: float) -> None:
        """Show how much is done, 0 to 1."""
        self._fraction = fraction if 0.0 < fraction <= 1.0 else None
        self.update()

    def _appear(self) -> None:
        self._tick.start()
        self.show()
        self.raise_()

    def _advance(self) -> None:
        self._elapsed = (self._elapsed + TICK) % LAP
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        width, height = self.width(), self.height()
        if self._fraction is not None:
            start, length = 0.0, self._fraction * width
        else:
            length = SEGMENT * width
            start = self._elapsed / LAP * (width + length) - length
        QPainter(self).fillRect(QRectF(start, 0, length, height), theme.palette().accent)
