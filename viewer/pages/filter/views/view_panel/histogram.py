"""The histogram of the output with a handle on each level."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.widgets import describe, format_number

HEIGHT = 96
MARGIN = 6
# A level moved by keys goes so far of the width; with Shift ten times as far.
KEY_STEP = 1 / 200


class LevelHandle(QWidget):
    """A line that can be dragged, or moved with the arrow keys."""

    moved = pyqtSignal(float)  # along the axis, in pixels of the histogram
    stepped = pyqtSignal(int)
    released = pyqtSignal()

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, upper: bool, parent: QWidget) -> None:
        super().__init__(parent)
        describe(self, object_name, accessible_name, tool_tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self._upper = upper
        self._grip = 0.0
        self.held = False

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position().x() - self.width() / 2
            self.held = True

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self.x() + event.position().x() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if self.held:
            self.held = False
            self.released.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}.get(
            Qt.Key(event.key())
        )
        if step is None:
            super().keyPressEvent(event)
            return
        self.stepped.emit(step * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        colour = colours.positive_text if self._upper else colours.negative_text
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, thick = self.width() / 2, max(2, theme.px(2))
        painter.fillRect(QRectF(middle - thick / 2, 0, thick, self.height()), colour)
        side = theme.px(8)
        painter.setPen(QPen(colours.text, 1) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(middle - side / 2, self.height() - side - 1, side, side), 3, 3)


class Histogram(QWidget):
    """Counts over values, on a logarithmic scale, so that a spike at 0 does not hide all else.

    ``levelsMoved(low, high)`` while a handle is dragged or stepped.
    """

    levelsMoved = pyqtSignal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(
            self,
            "histogram",
            self.tr("Histogram of the output"),
            self.tr("How often each value occurs in the output, on a logarithmic scale"),
        )
        self._counts: NDArray[np.int64] = np.zeros(1, np.int64)
        self._edges: NDArray[np.float64] = np.array([0.0, 1.0])
        self._levels = (0.0, 1.0)
        self._span = (0.0, 1.0)
        self._outline: QPolygonF | None = None
        self.low = LevelHandle(
            "levelLowHandle", self.tr("Level of black"), self.tr("Drag: values up to here are black"), False, self
        )
        self.high = LevelHandle(
            "levelHighHandle", self.tr("Level of white"), self.tr("Drag: values from here on are white"), True, self
        )
        self.low.moved.connect(lambda x: self._move(x, upper=False))
        self.high.moved.connect(lambda x: self._move(x, upper=True))
        self.low.stepped.connect(lambda steps: self._step(steps, upper=False))
        self.high.stepped.connect(lambda steps: self._step(steps, upper=True))
        for handle in (self.low, self.high):
            handle.released.connect(self._refit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.notifier().changed.connect(self._rescale)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(160), theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(80), theme.px(HEIGHT))

    # Setters -------------------------------------------------------------------------------------------------

    def set_stale(self, stale: bool) -> None:
        pass

    def show_counts(self, counts: NDArray[np.int64], edges: NDArray[np.float64]) -> None:
        """Draw `counts` (n,) over bins with the n + 1 ascending `edges`."""
        self._counts, self._edges = counts, edges
        self._refit()

    def show_levels(self, low: float, high: float) -> None:
        """Put the handles at `low` and `high`."""
        self._levels = (low, high)
        self._refit()

    def levels(self) -> tuple[float, float]:
        """Where the handles stand."""
        return self._levels

    # Places --------------------------------------------------------------------------------------------------

    def x_of(self, value: float) -> float:
        """Return where `value` stands along the axis, in pixels."""
        low, high = self._span
        # Halved first: the span of two huge numbers may be more than a float holds.
        share = (value / 2 - low / 2) / ((high / 2 - low / 2) or 1.0)
        return MARGIN + share * (self.width() - 2 * MARGIN)

    def value_at(self, x: float) -> float:
        """Return the value at `x` pixels."""
        low, high = self._span
        share = (x - MARGIN) / max(1, self.width() - 2 * MARGIN)
        return low * (1 - share) + high * share

    def _refit(self) -> None:
        # While a handle is held, the axis stays: it would run away under the pointer.
        if not (self.low.held or self.high.held):
            low = min(float(self._edges[0]), self._levels[0])
            high = max(float(self._edges[-1]), self._levels[1])
            self._span = (low, high) if low < high else (low, low + 1.0)
        self._outline = None
        self._place()
        self.update()

    def _place(self) -> None:
        side = theme.px(11)
        for handle, level in ((self.low, self._levels[0]), (self.high, self._levels[1])):
            handle.setGeometry(round(self.x_of(level) - side / 2), 2, side, self.height() - 4)
            handle.setAccessibleDescription(format_number(level))

    def _rescale(self) -> None:
        self.updateGeometry()
        self._refit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._refit()

    # What the user does --------------------------------------------------------------------------------------

    def _move(self, x: float, *, upper: bool) -> None:
        low, high = self._span
        self._take(min(max(self.value_at(x), low), high), upper=upper)

    def _step(self, steps: int, *, upper: bool) -> None:
        low, high = self._span
        self._take(self._levels[1 if upper else 0] + steps * (KEY_STEP * high - KEY_STEP * low), upper=upper)

    def _take(self, value: float, *, upper: bool) -> None:
        """Move one level to `value`, at most up to just before the other."""
        low, high = self._levels
        gap = self._span[1] / 1000 - self._span[0] / 1000
        levels = (low, max(_rounded(value, gap), low + gap)) if upper else (min(_rounded(value, gap), high - gap), high)
        if levels != self._levels and levels[0] < levels[1]:
            self.show_levels(*levels)
            self.levelsMoved.emit(*levels)

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.line, 1))
        painter.setBrush(colours.field)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))
        if self._outline is None:
            self._outline = self._trace_outline()
        self._fill(painter, 110)
        left, right = self.x_of(self._levels[0]), self.x_of(self._levels[1])
        painter.save()
        painter.setClipRect(QRectF(left, 0, right - left, self.height()))
        self._fill(painter, 255)
        painter.restore()
        if self._span[0] < 0 < self._span[1]:
            painter.setPen(QPen(colours.muted, 1, Qt.PenStyle.DotLine))
            zero = self.x_of(0.0)
            painter.drawLine(QPointF(zero, theme.px(4)), QPointF(zero, self.height() - theme.px(4)))

    def _fill(self, painter: QPainter, alpha: int) -> None:
        colours = theme.palette()
        colour = theme.mixed(colours.field, colours.muted, alpha / 255 * 0.8)
        painter.setPen(QPen(colour, 1))  # a single bin stays visible
        painter.setBrush(colour)
        painter.drawPolygon(self._outline)

    def _trace_outline(self) -> QPolygonF:
        """Return the filled curve: for each column of the screen the highest count that falls into it."""
        width = max(1, self.width() - 2 * MARGIN)
        edges = self._edges
        size = self._counts.size
        step = float(edges[-1] / size - edges[0] / size)
        heights = np.zeros(width)
        scale = np.log1p(self._counts) / max(1.0, float(np.log1p(self._counts.max())))
        for column in range(width):
            left, right = self.value_at(MARGIN + column), self.value_at(MARGIN + column + 1)
            if right < edges[0] or left >= edges[-1] or not 0 < step < math.inf:
                continue
            first = math.floor(left / step - edges[0] / step)
            last = math.ceil(right / step - edges[0] / step)
            first = min(max(first, 0), size - 1)
            heights[column] = scale[first : max(last, first + 1)].max()
        floor, room = self.height() - theme.px(4), self.height() - theme.px(14)
        points = [QPointF(MARGIN, floor)]
        for column, height in enumerate(heights):
            top = floor - height * room
            points += [QPointF(MARGIN + column, top), QPointF(MARGIN + column + 1, top)]
        points.append(QPointF(MARGIN + width, floor))
        return QPolygonF(points)


def _rounded(value: float, gap: float) -> float:
    """Return `value` without digits that the hand did not choose: to a power of ten below `gap`."""
    if not gap > 0 or not math.isfinite(gap):
        return value
    return round(value, max(0, -math.floor(math.log10(gap)))) + 0.0
