"""How loss and accuracy are drawn: where the plots stand, their scales, the lines, and what is read at a step."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from PyQt6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from viewer import theme
from viewer.pages.network.train.drawn import DrawnRun
from viewer.pages.network.train.step_axis import StepAxis
from viewer.pages.network.train.traces import Floats, Pair, Trace, accuracies, highest_loss, losses
from viewer.pages.network.train.views.run_lines import FEW, polygon, run_colour, run_pen
from viewer.widgets import format_number

TOP, GAP, FOOT, LEFT = 8, 14, 28, 12
TICK_GAP = 62
MOST_READ = 8
"""Other runs that are read at a step."""
Align = Qt.AlignmentFlag


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainCurves", text)


class Read(msgspec.Struct, frozen=True):
    """What one line says at a step."""

    name: str
    colour: QColor
    loss: str
    accuracy: str


class Reading(msgspec.Struct, frozen=True):
    """What the lines say at a step."""

    step: int
    lines: tuple[Read, ...]

    @property
    def sentence(self) -> str:
        """All of it in words."""
        told = (
            _tr("{name}: loss {loss}, accuracy {accuracy}").format(
                name=each.name, loss=each.loss, accuracy=each.accuracy
            )
            for each in self.lines
        )
        return _tr("Step {n}. ").format(n=f"{self.step:,}") + "; ".join(told)


class Plot(msgspec.Struct, frozen=True, eq=False):
    """One of the two: where it stands, and what its upper end means."""

    title: str
    top: float
    bottom: float
    high: float
    ticks: tuple[float, ...]
    pairs: tuple[Pair, ...]
    is_share: bool

    def y(self, values: Floats | float) -> Floats:
        """Where values stand; what lies far beyond is drawn just beyond."""
        share = np.clip(np.asarray(values, np.float64) / self.high, -0.2, 1.2)
        return np.asarray(self.bottom - share * (self.bottom - self.top))

    def text(self, value: float | None) -> str:
        """A value as it is read."""
        if value is None:
            return "–"
        return f"{100 * value:.1f} %" if self.is_share else format_number(value, 3)


class CurvesDrawing:
    """The plots of some runs on an axis, in a room of so many pixels in height."""

    def __init__(self, runs: Sequence[DrawnRun], shown: str | None, axis: StepAxis, height: int) -> None:
        self._runs, self._axis = tuple(runs), axis
        self._at = next((at for at, each in enumerate(self._runs) if each.id == shown), None)
        self.top = float(theme.px(TOP))
        self.bottom = float(height - theme.px(FOOT))
        gap = theme.px(GAP)
        middle = (self.top + self.bottom) / 2
        loss, accuracy = (tuple(make(each.curves) for each in self._runs) for make in (losses, accuracies))
        high = max((highest_loss(each) for each in loss), default=0.0) * 1.04 or 1.0
        self.plots = (
            Plot(_tr("Loss"), self.top, middle - gap / 2, high, _round_values(high), loss, False),
            Plot(_tr("Accuracy"), middle + gap / 2, self.bottom, 1.0, (0.0, 0.5, 1.0), accuracy, True),
        )

    # What is read --------------------------------------------------------------------------------------------

    def reading(self, step: int) -> Reading | None:
        """What the lines say at a step; None where no run is shown."""
        if self._at is None:
            return None
        colours, (loss, accuracy) = theme.palette(), self.plots
        mine = loss.pairs[self._at], accuracy.pairs[self._at]
        smooth = (plot.text(pair.training.mean_at(step)) for plot, pair in zip(self.plots, mine, strict=True))
        checked = (plot.text(pair.validation.at(step)) for plot, pair in zip(self.plots, mine, strict=True))
        lines = [Read(_tr("training"), colours.muted, *smooth), Read(_tr("validation"), colours.accent, *checked)]
        for at, run in enumerate(self._runs):
            value = loss.pairs[at].validation.at(step) if step <= run.steps else None
            if at != self._at and value is not None and len(lines) < MOST_READ + 2:
                share = accuracy.pairs[at].validation.at(step)
                lines.append(Read(run.name, run_colour(run.number), loss.text(value), accuracy.text(share)))
        return Reading(step, tuple(lines))

    # What stays while the cursor moves -----------------------------------------------------------------------

    def draw(self, painter: QPainter, width: int) -> None:
        """Draw the grids and the lines."""
        colours = theme.palette()
        painter.fillRect(QRectF(0, 0, width, self.bottom + theme.px(FOOT)), colours.ground)
        self._draw_grid(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for plot in self.plots:
            self._draw_scale(painter, plot)
            painter.save()
            slack = theme.px(2)
            painter.setClipRect(
                QRectF(
                    self._axis.left - slack,
                    plot.top - slack,
                    self._axis.right - self._axis.left + 2 * slack,
                    plot.bottom - plot.top + 2 * slack,
                )
            )
            for at in range(len(self._runs)):
                if at != self._at:
                    self._draw_other(painter, plot, at)
            if self._at is not None:
                self._draw_shown(painter, plot, plot.pairs[self._at])
            painter.restore()

    def _draw_grid(self, painter: QPainter) -> None:
        colours, axis = theme.palette(), self._axis
        painter.setPen(QPen(theme.mixed(colours.ground, colours.line, 0.6), 1))
        for step in axis.ticks(theme.px(TICK_GAP)):
            x = int(axis.x(step)) + 0.5
            for plot in self.plots:
                painter.drawLine(QLineF(x, plot.top, x, plot.bottom))
        painter.setFont(theme.font(12))
        painter.setPen(colours.muted)
        left = QRectF(theme.px(LEFT), self.bottom, axis.left, theme.px(FOOT))
        painter.drawText(left, Align.AlignLeft | Align.AlignVCenter, _tr("Step"))

    def _draw_scale(self, painter: QPainter, plot: Plot) -> None:
        colours, axis = theme.palette(), self._axis
        high = theme.px(16)
        painter.setFont(theme.font(12, 600))
        painter.setPen(colours.text)
        title = QRectF(theme.px(LEFT), plot.top - high / 2, axis.left, high)
        painter.drawText(title.translated(0, high / 2), Align.AlignLeft | Align.AlignVCenter, plot.title)
        painter.setFont(theme.font(12))
        for value in plot.ticks:
            y = int(float(plot.y(value))) + 0.5
            painter.setPen(QPen(colours.line, 1))
            painter.drawLine(QLineF(axis.left, y, axis.right, y))
            painter.setPen(colours.muted)
            text = f"{100 * value:.0f} %" if plot.is_share else format_number(value, 3)
            room = QRectF(0, y - high / 2, axis.left - theme.px(8), high)
            painter.drawText(room, Align.AlignRight | Align.AlignVCenter, text)

    def _draw_other(self, painter: QPainter, plot: Plot, at: int) -> None:
        """The validation of another run, from where it left."""
        run = self._runs[at]
        band = plot.pairs[at].validation.band(self._axis, 2.0)
        x, y = band.x, plot.y((band.low + band.high) / 2)
        start = self._start(plot, run)
        if start is not None:
            x, y = np.append(start.x(), x), np.append(start.y(), y)
        painter.setPen(run_pen(run.number, 1.5 if len(self._runs) <= FEW else 1))
        painter.drawPolyline(polygon(x, y))

    def _start(self, plot: Plot, run: DrawnRun) -> QPointF | None:
        """Where a branch left the line of the run that it came from."""
        if run.parent is None:
            return None
        name, step = run.parent
        value = next(
            (pair.validation.at(step) for each, pair in zip(self._runs, plot.pairs, strict=True) if each.id == name),
            None,
        )
        return None if value is None else QPointF(self._axis.x(step), float(plot.y(value)))

    def _draw_shown(self, painter: QPainter, plot: Plot, pair: Pair) -> None:
        colours = theme.palette()
        faint = QColor(colours.muted)
        faint.setAlphaF(0.32 if colours.is_dark else 0.38)
        self._draw_band(painter, plot, pair.training, QPen(faint, 1), 1.0)
        x, means = pair.training.mean(self._axis)
        painter.setPen(QPen(colours.muted, 1))  # wider ones take ten times as long
        painter.drawPolyline(polygon(x, plot.y(means)))
        pen = QPen(colours.accent, theme.px(2))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        band = pair.validation.band(self._axis, 2.0)
        if (band.low < band.high).any():
            self._draw_band(painter, plot, pair.validation, QPen(colours.accent, 1), 1.0)
        line = polygon(band.x, plot.y((band.low + band.high) / 2))
        painter.setPen(pen)
        painter.drawPolyline(line)
        if len(line) == 1:
            painter.drawEllipse(line[0], theme.px(2), theme.px(2))

    def _draw_band(self, painter: QPainter, plot: Plot, trace: Trace, pen: QPen, width: float) -> None:
        """Every value of it, to the pixel: down one column and up the next."""
        band = trace.band(self._axis, width)
        ends = np.stack((plot.y(band.low), plot.y(band.high)), axis=1)
        ends[1::2] = ends[1::2, ::-1]
        painter.setPen(pen)
        painter.drawPolyline(polygon(band.x.repeat(2), ends.ravel()))

    # What moves with the cursor ------------------------------------------------------------------------------

    def draw_values(self, painter: QPainter, step: int) -> None:
        """Mark what the shown run's validation was at a step, and write the step below the plots."""
        colours = theme.palette()
        self._draw_steps(painter, step)
        for plot in self.plots:
            found = None if self._at is None else plot.pairs[self._at].validation.latest(step)
            if found is None:
                continue
            x, y, value = self._axis.x(found[0]), float(plot.y(found[1])), found[1]
            painter.setPen(QPen(colours.crosshair, theme.px(15) / 10))
            painter.setBrush(colours.accent)
            painter.drawEllipse(QPointF(x, y), theme.px(4), theme.px(4))
            self._write_value(painter, plot, QPointF(x, y), plot.text(value))

    def _draw_steps(self, painter: QPainter, shown: int) -> None:
        """The round steps, as far as the one at the cursor leaves room for them."""
        colours, axis = theme.palette(), self._axis
        row = QRectF(0, self.bottom, 0, theme.px(FOOT))
        for step in (shown, *axis.ticks(theme.px(TICK_GAP))):
            x, is_shown = axis.x(step), step == shown
            if is_shown or abs(x - axis.x(shown)) >= theme.px(TICK_GAP - 14):
                painter.setFont(theme.font(12, 600 if is_shown else 400))
                painter.setPen(colours.crosshair if is_shown else colours.text)
                painter.drawText(_around(row, x), Align.AlignHCenter | Align.AlignVCenter, f"{step:,}")

    def _write_value(self, painter: QPainter, plot: Plot, at: QPointF, text: str) -> None:
        """Beside the cursor, above the line where there is room."""
        painter.setFont(theme.font(13, 600))
        high, gap = theme.px(20), theme.px(8)
        width = painter.fontMetrics().horizontalAdvance(text) + theme.px(6)
        is_right = at.x() + gap + width <= self._axis.right + theme.px(LEFT * 4)
        left = at.x() + gap if is_right else at.x() - gap - width
        top = at.y() - high - theme.px(3)
        if top < plot.top - theme.px(4):
            top = at.y() + theme.px(4)
        self._write(painter, QRectF(left, top, width, high), text, theme.palette().text)

    @staticmethod
    def _write(painter: QPainter, room: QRectF, text: str, ink: QColor) -> None:
        """Write in the middle of `room`, over whatever is there."""
        ground = QColor(theme.palette().ground)
        ground.setAlphaF(0.85)
        width = painter.fontMetrics().horizontalAdvance(text) + theme.px(6)
        behind = QRectF(room.center().x() - width / 2, room.center().y() - theme.px(9), width, theme.px(18))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(behind, theme.px(3), theme.px(3))
        painter.setPen(ink)
        painter.drawText(room, Align.AlignCenter, text)

    def draw_reading(self, painter: QPainter, step: int, room: QRectF) -> None:
        """A small table beside the pointer."""
        found = self.reading(step)
        if found is None:
            return
        colours, line, edge = theme.palette(), theme.px(17), theme.px(8)
        x = self._axis.x(step)
        painter.setPen(QPen(colours.faint, 1))
        painter.drawLine(QLineF(int(x) + 0.5, self.top, int(x) + 0.5, self.bottom))
        painter.setFont(theme.font(12))
        metrics = painter.fontMetrics()
        head = (_tr("step {n}").format(n=f"{found.step:,}"), _tr("loss"), _tr("accuracy"))
        widths = [
            min(max(metrics.horizontalAdvance(text) for text in texts), theme.px(150)) + theme.px(12)
            for texts in (
                [head[0], *(each.name for each in found.lines)],
                [head[1], *(each.loss for each in found.lines)],
                [head[2], *(each.accuracy for each in found.lines)],
            )
        ]
        box = QRectF(0, self.top, sum(widths) + 2 * edge, line * (len(found.lines) + 1) + edge)
        box.moveLeft(x + edge if x + edge + box.width() <= room.right() else x - edge - box.width())
        painter.setBrush(colours.panel)
        painter.setPen(QPen(colours.line, 1))
        painter.drawRoundedRect(box, theme.px(6), theme.px(6))
        rows = [(head, colours.muted), *(((each.name, each.loss, each.accuracy), each.colour) for each in found.lines)]
        for number, (cells, colour) in enumerate(rows):
            left = box.left() + edge
            for column, (text, width) in enumerate(zip(cells, widths, strict=True)):
                at = QRectF(left, box.top() + edge / 2 + number * line, width, line)
                painter.setPen(colour if column == 0 or number == 0 else colours.text)
                shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, round(width))
                painter.drawText(at, (Align.AlignRight if column else Align.AlignLeft) | Align.AlignVCenter, shown)
                left += width


def _around(row: QRectF, x: float) -> QRectF:
    """The room of a label of which `x` is the middle."""
    half = theme.px(40)
    return QRectF(x - half, row.top(), 2 * half, row.height())


def _round_values(high: float) -> tuple[float, ...]:
    """0 and round values up to `high`, two to four of them."""
    size = 10.0 ** math.floor(math.log10(high))
    step = next(factor * size for factor in (0.2, 0.5, 1.0, 2.0, 5.0) if high / (factor * size) < 4)
    return tuple(step * number for number in range(int(high / step) + 1))
