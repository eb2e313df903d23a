"""What is said over a picture: one sentence, and that it is being computed."""

from __future__ import annotations

from PyQt6.QtCore import QRect, QRectF, Qt, QTimer
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QFrame, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, repolish
from viewer.widgets.base import single_shot

WIDEST = 420
EDGE = 16
DELAY = 150
"""Milliseconds before the line shows: what is quicker needs no sign."""
TICK = 40
LAP = 1200
SEGMENT = 0.25


class Notice(QFrame):
    """A hint in the middle of an empty pane, or a card at the foot of a picture that says what went wrong."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = Label()
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._said = ("", "")
        for each in (self, self.label):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.label)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence; empty while there is none."""
        return self.label.text()

    def say(self, text: str, kind: str) -> None:
        """Say `text`; `kind` is "hint", "warning" or "error"."""
        if (text, kind) == self._said:
            return
        if kind != self._said[1]:
            self.label.setProperty("role", {"hint": "muted"}.get(kind, kind))
            self.setProperty("card", kind != "hint")
            for each in (self, self.label):
                repolish(each)
        self._said = (text, kind)
        self.label.setText(text)
        self.label.setAccessibleName(text)
        self.setVisible(bool(text))

    def place(self, room: QRect, *, low: bool) -> None:
        """Stand in the middle of `room`, or at its foot."""
        margin = theme.px(8)
        self._column.setContentsMargins(theme.px(12), margin, theme.px(12), margin)
        width = max(40, min(theme.px(WIDEST), room.width() - 2 * theme.px(EDGE)))
        inner = width - 2 * theme.px(12) - 2
        needed = min(width, self.label.fontMetrics().horizontalAdvance(self.text) + 2 * theme.px(12) + 8)
        width = max(needed, min(width, theme.px(120)))
        height = max(self.label.heightForWidth(min(inner, width - 2 * theme.px(12))), 1) + 2 * margin + 2
        top = room.bottom() - theme.px(EDGE) - height if low else room.center().y() - height // 2
        self.setGeometry(room.center().x() - width // 2, top, width, height)


class BusyLine(QWidget):
    """Hidden when nothing is computed; the share that is done when it is known, else a wandering segment."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._fraction: float | None = None
        self._elapsed = 0
        self._delay, self._tick = single_shot(self, DELAY, self._appear), QTimer(self)
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
