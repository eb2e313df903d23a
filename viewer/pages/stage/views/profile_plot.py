"""The plot of a profile: values of input and output over the distance along a line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.stage.views.lower import TEXT
from viewer.widgets import describe, format_number

Values = NDArray[np.float64]

APART = 4.0
"""Beyond this ratio of their largest values, input and output have an axis each."""
HUGE = 1e290
"""Values beyond are drawn here: the span of two of them must still be a float."""
HEADROOM = 0.06
DOTS_BELOW = 80
"""With fewer values than this each of them has a dot."""
MOST, COLUMNS = 4000, 1500
"""Beyond so many values, what is drawn is the least and the largest of each of so many columns."""
CHANNELS = (("#ff7a7a", "#c4262e"), ("#57c97b", "#177a3a"), ("#7fb2ff", "#1a5cc0"))
"""Red, green and blue on the dark and on the light ground."""


def channel_colour(channel: int) -> QColor:
    """The colour of a channel's curve, readable on the panel."""
    return QColor(CHANNELS[channel % 3][0 if theme.palette().is_dark else 1])


def scale_of(values: Values) -> float:
    """The largest finite value, without its sign; 0 if there is none."""
    return float(np.abs(values, where=np.isfinite(values), out=np.zeros(values.shape)).max(initial=0.0))


def are_apart(first: Values, second: Values) -> bool:
    """Whether one of them would be nearly flat on the axis of the other."""
    low, high = sorted((scale_of(first), scale_of(second)))
    return low > 0 and high / low > APART


def reach(*parts: Values) -> tuple[float, float]:
    """The span of an axis that shows all finite values, with some room above and below."""
    held = np.concatenate([part[np.isfinite(part)] for part in parts])
    if held.size == 0:
        return 0.0, 1.0
    low, high = float(held.min()), float(held.max())
    if low == high:
        room = abs(low) / 2 or 1.0
        return low - room, high + room
    room = (high - low) * HEADROOM
    return low - room, high + room


def fewer(distances: Values, values: Values) -> tuple[Values, Values]:
    """What of a long profile is drawn: no peak is lost."""
    if len(values) <= MOST:
        return distances, values
    starts = np.arange(COLUMNS) * len(values) // COLUMNS
    ends = np.stack([np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)], axis=1)
    return np.repeat(distances[starts], 2), ends.ravel()


class ProfilePlot(QWidget):
    """Two profiles and a crosshair, which follows the pointer and the arrow keys.

    ``pointed`` carries the index of the nearest value of the input, or None.
    """

    pointed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("Values of input and output along the line. Point at it, or step with the arrow keys")
        describe(self, "profilePlot", self.tr("Profile"), tip)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._parts: tuple[Values, Values] = (np.zeros((0, 1)), np.zeros((0, 1)))
        self._at: tuple[Values, Values] = (np.zeros(0), np.zeros(0))
        self._marked: int | None = None
        self._curves: list[tuple[Any, Any]] = []
        self._ratio = self.devicePixelRatioF()
        self._make()
        theme.follow(self._dress)

    # Building ------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        view = self._view = pyqtgraph.PlotWidget()
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        view.setMenuEnabled(False)
        view.hideButtons()
        item: Any = view.getPlotItem()
        self._left = item.getViewBox()
        self._right: Any = pyqtgraph.ViewBox(enableMouse=False, enableMenu=False)
        item.showAxis("right")
        item.scene().addItem(self._right)
        item.getAxis("right").linkToView(self._right)
        self._left.sigResized.connect(self._overlay)
        self._axes: dict[str, Any] = {side: item.getAxis(side) for side in ("left", "right", "bottom")}
        for axis in self._axes.values():
            axis.enableAutoSIPrefix(False)
            axis.tickStrings = _tick_strings
        self._zero: Any = pyqtgraph.InfiniteLine(pos=0, angle=0)
        self._line: Any = pyqtgraph.InfiniteLine(pos=0, angle=90)
        for each in (self._zero, self._line):
            self._right.addItem(each, ignoreBounds=True)
        self._dots: tuple[Any, Any] = (
            pyqtgraph.ScatterPlotItem(antialias=True),
            pyqtgraph.ScatterPlotItem(antialias=True),
        )
        for box, dots in zip((self._left, self._right), self._dots, strict=True):
            dots.setZValue(5)
            box.addItem(dots, ignoreBounds=True)
        self._line.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(view)

    def _overlay(self) -> None:
        self._right.setGeometry(self._left.sceneBoundingRect())

    def _dress(self) -> None:
        colours = theme.palette()
        self._view.setBackground(colours.panel)
        for axis in self._axes.values():
            axis.setPen(colours.line)
            axis.setTextPen(colours.muted)
            axis.setStyle(tickFont=theme.font(TEXT), tickLength=-theme.px(4), maxTickLevel=0, autoExpandTextSpace=True)
            axis.setGrid(28 if colours.is_dark else 44)
        self._axes["right"].setGrid(False)
        self._axes["bottom"].setHeight(theme.px(26))
        self._zero.setPen(_pen(colours.muted, self._ratio, Qt.PenStyle.DashLine))
        self._line.setPen(_pen(colours.crosshair, theme.px(2) * self._ratio))
        self._draw()

    # Setters -------------------------------------------------------------------------------------------------

    def show_profile(self, at: tuple[Values, Values], parts: tuple[Values, Values]) -> None:
        """Draw input and output, (n, C) and (m, C), at these distances, (n,) and (m,)."""
        self._at, self._parts = at, (_bounded(parts[0]), _bounded(parts[1]))
        self._marked = None
        self._draw()

    def mark(self, index: int | None) -> None:
        """Put the crosshair at value `index` of the input."""
        valid = index is not None and 0 <= index < len(self._at[0])
        self._marked = index if valid else None
        self._show_mark()

    @property
    def marked(self) -> int | None:
        """Where the crosshair stands."""
        return self._marked

    @property
    def has_two_axes(self) -> bool:
        """Whether the output has an axis of its own, on the right."""
        return are_apart(*self._parts)

    def colour(self, part: int, channel: int) -> QColor:
        """The colour of a curve of the input (0) or of the output (1)."""
        colours = theme.palette()
        if self._parts[part].shape[1] > 1:
            return channel_colour(channel)
        return colours.accent if part else colours.text

    def pen(self, part: int, channel: int, ratio: float = 1.0) -> QPen:
        """How a curve is drawn with so many pixels for each of the screen; an input in colour has thin dashes."""
        is_thin = part == 0 and self._parts[0].shape[1] > 1
        style = Qt.PenStyle.DashLine if is_thin else Qt.PenStyle.SolidLine
        return _pen(self.colour(part, channel), ratio * theme.scale() * (1.6 if is_thin else 3 if part else 2.2), style)

    def channels(self, part: int) -> int:
        """How many curves the input (0) or the output (1) has."""
        return int(self._parts[part].shape[1])

    def output_index(self, index: int) -> int | None:
        """The value of the output that stands beside value `index` of the input; None where there is none."""
        if len(self._at[1]) == 0:
            return None
        distance = self._at[0][index]
        nearest = int(np.argmin(np.abs(self._at[1] - distance)))
        steps = [np.diff(each) for each in self._at if len(each) > 1]
        half = max((float(np.median(each)) for each in steps), default=1.0) / 2
        return nearest if abs(self._at[1][nearest] - distance) <= half * (1 + 1e-6) else None

    # Drawing -------------------------------------------------------------------------------------------------

    def set_sharpness(self, ratio: float) -> None:
        """Draw lines, whose widths are in pixels of the device, for so many of them to one of the screen."""
        self._ratio = ratio
        self._dress()

    def _draw(self) -> None:
        for box, item in self._curves:
            box.removeItem(item)
        self._curves = []
        for part, box in enumerate((self._left, self._right)):
            for channel, values in enumerate(self._parts[part].T):
                pen = self.pen(part, channel, self._ratio)
                x, y = fewer(self._at[part], values)
                curve = pyqtgraph.PlotCurveItem(x, y, pen=pen, connect="finite", antialias=True)
                # Qt takes a second for one thick smooth path of a thousand peaks, and some milliseconds for its pieces.
                curve.setSegmentedLineMode("on")
                if self._ratio == self.devicePixelRatioF():
                    # So that the crosshair moves over what is drawn already.
                    curve.setCacheMode(curve.CacheMode.DeviceCoordinateCache)
                self._add(box, curve)
                there = np.isfinite(y)
                if there.any() and len(values) < DOTS_BELOW:
                    dots = pyqtgraph.ScatterPlotItem(x[there], y[there], size=theme.px(8), pen=None, antialias=True)
                    dots.setBrush(pen.color())
                    self._add(box, dots)
        self._fit()
        self._show_mark()

    def _add(self, box: Any, item: Any) -> None:
        box.addItem(item, ignoreBounds=True)
        self._curves.append((box, item))

    def _fit(self) -> None:
        """Give both axes their span; a shared one is that of all values."""
        apart, parts = self.has_two_axes, self._parts
        spans = (reach(parts[0]), reach(parts[1])) if apart else (reach(*parts),) * 2
        ends = [each for each in self._at if each.size]
        low = min((float(each[0]) for each in ends), default=0.0)
        high = max((float(each[-1]) for each in ends), default=1.0)
        room = (high - low) * 0.01 or 0.5
        for box, span in zip((self._left, self._right), spans, strict=True):
            box.setRange(xRange=(low - room, high + room), yRange=span, padding=0, disableAutoRange=True)
        self._zero.setVisible(spans[1][0] < 0 < spans[1][1])
        colours = theme.palette()
        self._axes["right"].setVisible(apart)
        self._axes["right"].setTextPen(self.colour(1, 0) if parts[1].shape[1] == 1 else colours.muted)
        self._axes["left"].setTextPen(colours.text if apart else colours.muted)

    def _show_mark(self) -> None:
        index = self._marked
        self._line.setVisible(index is not None)
        if index is None:
            for dots in self._dots:
                dots.setData([])
            return
        self._line.setPos(float(self._at[0][index]))
        for part, (dots, at) in enumerate(zip(self._dots, (index, self.output_index(index)), strict=True)):
            values = self._parts[part]
            shown = [] if at is None else [c for c in range(values.shape[1]) if np.isfinite(values[at, c])]
            dots.setData(
                [float(self._at[part][at]) for _channel in shown],
                [float(values[at, channel]) for channel in shown],
                size=theme.px(13),
                pen=QPen(theme.palette().panel, theme.px(2)),
                brush=[self.colour(part, channel) for channel in shown],
            )

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.palette().panel)
        if self.hasFocus():
            painter.setPen(theme.palette().accent)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    # What the user does --------------------------------------------------------------------------------------

    def index_at(self, x: float) -> int | None:
        """The value of the input nearest to `x`, in pixels of this widget; None beside the curves."""
        room = self._left.sceneBoundingRect()
        if len(self._at[0]) == 0 or not room.left() - 1 <= x - self._view.x() <= room.right() + 1:
            return None
        distance = self._left.mapSceneToView(QPointF(x - self._view.x(), room.center().y())).x()
        return int(np.argmin(np.abs(self._at[0] - distance)))

    def x_of(self, index: int) -> float:
        """Where value `index` of the input stands, in pixels of this widget."""
        return float(self._left.mapViewToScene(QPointF(float(self._at[0][index]), 0)).x()) + self._view.x()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        self._point(self.index_at(event.position().x()))

    def leaveEvent(self, event: QEvent | None) -> None:
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        count, key = len(self._at[0]), Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: count - 1}
        if count == 0 or (step is None and key not in ends):
            super().keyPressEvent(event)
        elif step is None:
            self._point(ends[key])
        elif self._marked is None:
            self._point(0 if step > 0 else count - 1)
        else:
            step *= 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._point(min(max(self._marked + step, 0), count - 1))

    def _point(self, index: int | None) -> None:
        if index != self._marked:
            self.mark(index)
            self.pointed.emit(index)


def _pen(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A pen whose width is in pixels of the screen, whatever the axes."""
    pen = QPen(colour, width, style, Qt.PenCapStyle.RoundCap)
    pen.setCosmetic(True)
    return pen


def _bounded(values: Values) -> Values:
    """`values` as float64 (n, C), none beyond what can be drawn."""
    held = np.asarray(values, np.float64)
    held = held[:, np.newaxis] if held.ndim == 1 else held
    bounded = np.where(np.isnan(held), np.nan, np.clip(held, -HUGE, HUGE))
    return np.where(np.isinf(held), np.nan, bounded)


def _tick_strings(values: list[float], scale: float, _spacing: float) -> list[str]:
    return [format_number(value * scale) for value in values]
