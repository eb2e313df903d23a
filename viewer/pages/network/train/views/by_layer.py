"""How large the gradient is in every layer, and how many units never fire."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from kernels.digits import raised
from viewer import theme
from viewer.widgets import describe
from viewer.widgets.base import SpotToolTip
from viewer.widgets.labels import draw_elided
from viewer.widgets.numbers import MINUS

ROW, LEAST_ROW, NAME, SILENT, GAP, AXIS, TYPE = 18, 9, 62, 58, 8, 18, 11.5
"""Design pixels: a layer, a layer where there are many, its name, its units, between, the scale, the type."""
LOW, HIGH = -9, 0
"""The powers of ten that the scale covers at least: the same for all runs, so that they can be compared."""
Align = Qt.AlignmentFlag


class LayerGauge(msgspec.Struct, frozen=True):
    """A layer at one step.

    Attributes
    ----------
    name : str
    gradient : float
        How large the gradient of its weights is, the root of the mean square; NaN where nothing is known.
    silent, units : int
        How many of its units never fire, and of how many; 0 of 0 where that has no meaning.
    """

    name: str
    gradient: float
    silent: int = 0
    units: int = 0


def scale_of(gauges: Sequence[LayerGauge]) -> tuple[int, int]:
    """The powers of ten at which the scale begins and ends."""
    sizes = [math.log10(each.gradient) for each in gauges if each.gradient > 0 and math.isfinite(each.gradient)]
    return math.floor(min([LOW, *sizes])), math.ceil(max([HIGH, *sizes]))


class LayerGauges(SpotToolTip, QWidget):
    """A row for each layer, the first above: a bar on a logarithmic scale, and the units that never fire."""

    def __init__(self) -> None:
        super().__init__()
        describe(
            self,
            "layerGauges",
            self.tr("Gradients by layer"),
            self.tr(
                "How large the gradients of a layer's weights are, on a logarithmic scale,"
                " and how many of its units never fire"
            ),
        )
        self._shown: tuple[LayerGauge, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_gauges(self, shown: Sequence[LayerGauge]) -> None:
        """Show these, the layer at the picture first."""
        self._shown = tuple(shown)
        self.setAccessibleDescription("; ".join(self._sentence(each) for each in self._shown))
        self.updateGeometry()
        self.update()

    def _sentence(self, each: LayerGauge) -> str:
        said = self.tr("{layer}: gradient {size}").format(layer=each.name, size=size_text(each.gradient))
        if not each.units:
            return said
        return said + self.tr(", {n} of {all} units never fire").format(n=each.silent, all=each.units)

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        for number, each in enumerate(self._shown):
            if self._row(number).contains(spot):
                return self._sentence(each), self._row(number)
        return None

    # Where everything stands ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme.px(200), max(1, len(self._shown)) * theme.px(ROW) + 2 * theme.px(AXIS))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(160), max(1, len(self._shown)) * theme.px(LEAST_ROW) + 2 * theme.px(AXIS))

    def _row(self, number: int) -> QRect:
        room = self.height() - 2 * theme.px(AXIS)
        high = min(theme.px(ROW), room // max(1, len(self._shown)))
        return QRect(0, theme.px(AXIS) + number * high, self.width(), high)

    def _bars(self) -> QRect:
        """Where the bars stand."""
        wide = self.width() - theme.px(NAME + SILENT + 2 * GAP)
        rows = self._row(0).united(self._row(max(0, len(self._shown) - 1)))
        return QRect(theme.px(NAME + GAP), rows.top(), wide, rows.height())

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if not self._shown:
            return
        painter, low, high = QPainter(self), *scale_of(self._shown)
        self._paint_scale(painter, low, high)
        for number, each in enumerate(self._shown):
            self._paint_row(painter, self._row(number), each, low, high)

    def _paint_scale(self, painter: QPainter, low: int, high: int) -> None:
        """A line at every power of ten, a number at as many as there is room for, and the titles above."""
        colours, bars, axis = theme.palette(), self._bars(), theme.px(AXIS)
        painter.setFont(theme.font(TYPE))
        painter.setPen(colours.muted)
        titles = QRect(0, 0, self.width(), axis)
        painter.drawText(titles.adjusted(bars.left(), 0, 0, 0), Align.AlignVCenter, self.tr("gradient"))
        painter.drawText(titles, Align.AlignVCenter | Align.AlignRight, self.tr("never fire"))
        step = math.ceil((high - low) * theme.px(36) / max(1, bars.width()))
        for power in range(low, high + 1):
            x = bars.left() + bars.width() * (power - low) / (high - low)
            painter.fillRect(QRectF(x, bars.top(), 1, bars.height()), colours.line)
            if (high - power) % max(1, step) == 0:
                room = QRectF(x - theme.px(30), bars.bottom() + 1, theme.px(60), axis)
                painter.drawText(room, Align.AlignCenter, power_text(power))

    def _paint_row(self, painter: QPainter, row: QRect, each: LayerGauge, low: int, high: int) -> None:
        colours, bars = theme.palette(), self._bars()
        size = min(TYPE, 0.9 * row.height() / theme.scale())
        painter.setFont(theme.font(size))
        painter.setPen(colours.text)
        draw_elided(painter, QRect(0, row.top(), theme.px(NAME), row.height()), each.name)
        if each.gradient > 0 and math.isfinite(each.gradient):
            share = (math.log10(each.gradient) - low) / (high - low)
            thick = max(2.0, min(theme.px(8), row.height() - 2))
            bar = QRectF(bars.left(), row.center().y() - thick / 2 + 0.5, max(1.0, bars.width() * share), thick)
            painter.fillRect(bar, colours.accent)
        elif each.gradient == 0:
            painter.setPen(colours.positive_text)
            painter.drawText(QRect(bars.left() + 3, row.top(), bars.width(), row.height()), Align.AlignVCenter, "0")
        if each.units:
            painter.setFont(theme.font(size, 600 if each.silent else 400))
            painter.setPen(colours.positive_text if each.silent else colours.muted)
            text = self.tr("{n} of {all}").format(n=each.silent, all=each.units)
            painter.drawText(row, Align.AlignVCenter | Align.AlignRight, text)


def power_text(power: int) -> str:
    """A power of ten: "10⁻³"; those that are read at once are written out."""
    if -2 <= power <= 2:
        return f"{10.0**power:g}"
    return raised(f"1e{power}")


def size_text(value: float) -> str:
    """A size with two significant figures."""
    return raised(f"{value:.2g}".replace("-", MINUS)) if math.isfinite(value) else "?"
