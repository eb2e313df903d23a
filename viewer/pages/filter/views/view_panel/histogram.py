"""The histogram of the output with a handle on each level, and the colours between the two."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QGraphicsLineItem, QGraphicsRectItem, QSizePolicy, QVBoxLayout, QWidget

from kernels.digits import without_chance
from viewer import theme
from viewer.widgets import Label, describe, format_number

HEIGHT = 96
MARGIN = 6
# A level moved by keys goes so far of the width; with Shift ten times as far.
KEY_STEP = 1 / 200


class ColourBar(QWidget):
    """Paints a table of 256 colours from left to right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("The colours of the output, from the lower level to the upper")
        describe(self, "colourBar", self.tr("Colours from the lower to the upper level"), tip)
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
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position().x() - self.width() / 2
            self.held = True

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self.x() + event.position().x() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if self.held:
            self.held = False
            self.released.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
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


class _Curve(QWidget):
    """What pyqtgraph draws: the counts as steps, veiled outside the levels, and a dotted line at 0.

    Its axis runs from 0 to 1, whatever the values: the span of two huge numbers may be more than a float holds.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        # The program's start need not wait for it: the first counts come after the first picture.
        import pyqtgraph

        view = self._view = pyqtgraph.GraphicsView(self)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 2, MARGIN, 2)
        column.addWidget(view)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._box = pyqtgraph.ViewBox(enableMouse=False, enableMenu=False)
        view.setCentralItem(self._box)
        self._box.setRange(xRange=(0, 1), yRange=(0, 1.06), padding=0, disableAutoRange=True)
        self._steps: Any = pyqtgraph.PlotCurveItem([0, 1], [0], stepMode="center", fillLevel=0)
        self._veils = QGraphicsRectItem(), QGraphicsRectItem()
        self._zero = QGraphicsLineItem()
        for item in (self._steps, *self._veils, self._zero):
            self._box.addItem(item, ignoreBounds=True)
        self.dress()

    def dress(self) -> None:
        """Take the colours of the theme."""
        colours = theme.palette()
        self._view.setBackground(colours.field)
        colour = theme.mixed(colours.field, colours.muted, 0.8)
        self._steps.setPen(colour, width=1)
        self._steps.setBrush(colour)
        veil = QColor(colours.field)
        veil.setAlpha(140)
        for item in self._veils:
            item.setPen(QPen(Qt.PenStyle.NoPen))
            item.setBrush(veil)
        pen = QPen(colours.muted, 1, Qt.PenStyle.DotLine)
        pen.setCosmetic(True)
        self._zero.setPen(pen)

    def show_counts(self, shares: NDArray[np.float64], counts: NDArray[np.int64], zero: float) -> None:
        """Draw `counts` between `shares` of the axis."""
        heights = np.log1p(counts) / max(1.0, float(np.log1p(counts.max())))
        self._steps.setData(shares, heights)
        self._zero.setVisible(0 < zero < 1)
        self._zero.setLine(zero, 0, zero, 1.06)

    def show_levels(self, low: float, high: float) -> None:
        """Veil what lies outside."""
        for item, left, right in zip(self._veils, (0.0, high), (low, 1.0), strict=True):
            item.setRect(left, 0, max(0.0, right - left), 1.06)

    def set_faded(self, faded: bool) -> None:
        """Step back behind what is said."""
        self._steps.setOpacity(0.35 if faded else 1.0)


class Histogram(QWidget):
    """Counts over values, on a logarithmic scale, so that a spike at 0 does not hide all else.

    ``levels_moved(low, high)`` while a handle is dragged or stepped.
    """

    levels_moved = pyqtSignal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("How often each value occurs in the output, on a logarithmic scale")
        describe(self, "histogram", self.tr("Histogram of the output"), tip)
        self._counts: NDArray[np.int64] = np.zeros(1, np.int64)
        self._edges: NDArray[np.float64] = np.array([0.0, 1.0])
        self._levels = (0.0, 1.0)
        self._span = (0.0, 1.0)
        self._curve: _Curve | None = None
        self._drawn: NDArray[np.int64] | None = None
        self.stale = Label(self.tr("of an earlier result"), "muted", self)
        self.stale.setObjectName("histogramStale")
        self.stale.hide()
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

    def show_counts(self, counts: NDArray[np.int64], edges: NDArray[np.float64]) -> None:
        """Draw `counts` (n,) over bins with the n + 1 ascending `edges`."""
        self._counts, self._edges = counts, edges
        if self._curve is None:
            self._curve = _Curve(self)
            self._curve.setGeometry(self.rect())
            self._curve.lower()
            self._curve.show()
        self._refit()

    def show_levels(self, low: float, high: float) -> None:
        """Put the handles at `low` and `high`."""
        if (low, high) != self._levels:
            self._levels = (low, high)
            self._refit()

    def set_stale(self, stale: bool) -> None:
        """Fade the counts and say that they are those of an earlier result."""
        if stale != self.stale.isHidden():
            return
        self.stale.setVisible(stale)
        if self._curve is not None:
            self._curve.set_faded(stale)

    def levels(self) -> tuple[float, float]:
        """Where the handles stand."""
        return self._levels

    # Places --------------------------------------------------------------------------------------------------

    def x_of(self, value: float) -> float:
        """Return where `value` stands along the axis, in pixels."""
        return MARGIN + float(self._shares(value)) * (self.width() - 2 * MARGIN)

    def value_at(self, x: float) -> float:
        """Return the value at `x` pixels."""
        low, high = self._span
        share = (x - MARGIN) / max(1, self.width() - 2 * MARGIN)
        return low * (1 - share) + high * share

    def _shares(self, values: Any) -> Any:
        low, high = self._span
        # Halved first: the span of two huge numbers may be more than a float holds.
        return (np.asarray(values) / 2 - low / 2) / ((high / 2 - low / 2) or 1.0)

    def _refit(self) -> None:
        before = self._span
        # While a handle is held, the axis stays: it would run away under the pointer.
        if not (self.low.held or self.high.held):
            low = min(float(self._edges[0]), self._levels[0])
            high = max(float(self._edges[-1]), self._levels[1])
            self._span = (low, high) if low < high else (low, low + 1.0)
        if self._curve is not None:
            if before != self._span or self._drawn is not self._counts:
                self._curve.show_counts(self._shares(self._edges), self._counts, float(self._shares(0.0)))
                self._drawn = self._counts
            self._curve.show_levels(*(float(self._shares(level)) for level in self._levels))
        self._place()

    def _place(self) -> None:
        side = theme.px(11)
        for handle, level in ((self.low, self._levels[0]), (self.high, self._levels[1])):
            handle.setGeometry(round(self.x_of(level) - side / 2), 2, side, self.height() - 4)
            handle.setAccessibleDescription(format_number(level))
        hint = self.stale.sizeHint()
        self.stale.setGeometry((self.width() - hint.width()) // 2, theme.px(4), hint.width(), hint.height())

    def _rescale(self) -> None:
        self.updateGeometry()
        if self._curve is not None:
            self._curve.dress()
        self._refit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if self._curve is not None:
            self._curve.setGeometry(self.rect())
        self._refit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.line, 1))
        painter.setBrush(colours.field)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))

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
        levels = (
            (low, max(without_chance(value, gap), low + gap))
            if upper
            else (min(without_chance(value, gap), high - gap), high)
        )
        if levels != self._levels and levels[0] < levels[1]:
            self.show_levels(*levels)
            self.levels_moved.emit(*levels)
