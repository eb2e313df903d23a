"""The timeline: each run a line with its branches below it, the checkpoints to go back to, and the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QWheelEvent
from PyQt6.QtWidgets import QAbstractSlider, QSizePolicy

from viewer import theme
from viewer.pages.network.train.drawn import DrawnRun
from viewer.pages.network.train.step_axis import StepAxis, apart, landmarks
from viewer.pages.network.train.views.cursor import draw_cursor
from viewer.pages.network.train.views.run_lines import FEW, run_colour, run_pen, star
from viewer.widgets import blocked, describe
from viewer.widgets.base import PlainToolTip, SpotToolTip
from viewer.widgets.labels import draw_elided

ROW, EDGE, LEFT = 24, 6, 12
DOT, RING, RING_GAP, TICK_GAP = 6, 5, 44, 4
"""Design pixels: the cursor's dot, rings of checkpoints and how far apart they stand, and the ticks of all others."""
PAGE = 10
"""Checkpoints that the keys Page Up and Down pass."""
Key = Qt.Key


class Timeline(PlainToolTip, SpotToolTip, QAbstractSlider):
    """A slider from 0 to the steps that the shown run ever did; its value is the step that is shown.

    A click or a drag in the shown run's row sets the value; the arrow keys go from checkpoint to checkpoint. In the row
    of another run a click, and the keys up and down, choose that: ``run_chosen(id)``.
    """

    run_chosen = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        tip = self.tr("Drag to go back through the training; the arrow keys go from checkpoint to checkpoint")
        describe(self, "trainTimeline", self.tr("Steps of training"), tip)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._runs: tuple[DrawnRun, ...] = ()
        self._shown: DrawnRun | None = None
        self._axis = StepAxis()
        theme.follow(self._rescale)

    # Setters -------------------------------------------------------------------------------------------------

    def show_runs(self, runs: Sequence[DrawnRun], shown: str | None) -> None:
        """Draw these, branches below the run that they left."""
        self._runs = in_branches(runs)
        self._shown = next((each for each in runs if each.id == shown), None)
        with blocked(self):
            self.setRange(0, 0 if self._shown is None else self._shown.steps)
        self._rescale()

    def show_axis(self, axis: StepAxis) -> None:
        """Put the steps where this axis has them."""
        self._axis = axis
        self.update()

    def show_value(self, step: int) -> None:
        """Put the cursor at a step, without announcing it."""
        with blocked(self):
            self.setValue(step)
        self.update()

    def _rescale(self) -> None:
        self.setFixedHeight(theme.px(ROW * max(1, len(self._runs)) + 2 * EDGE))
        self.updateGeometry()
        self.update()

    # What is where -------------------------------------------------------------------------------------------

    def middle(self, row: int) -> float:
        """The height at which the line of a row stands."""
        return theme.px(EDGE) + theme.px(ROW) * (row + 0.5)

    @property
    def shown_row(self) -> int:
        """The row of the run that is shown."""
        return 0 if self._shown is None else self._runs.index(self._shown)

    def row_rect(self, row: int) -> QRect:
        """The whole row."""
        return QRect(0, theme.px(EDGE) + theme.px(ROW) * row, self.width(), theme.px(ROW))

    def _row_at(self, y: float) -> int:
        found = int((y - theme.px(EDGE)) // theme.px(ROW))
        return min(max(found, 0), max(0, len(self._runs) - 1))

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        if not self._runs:
            return None
        row = self._row_at(spot.y())
        return self._words(self._runs[row]), self.row_rect(row)

    def _words(self, run: DrawnRun) -> str:
        told = [self.tr("Run {name}").format(name=run.name), run.about]
        told.append(self.tr("{n} steps").format(n=f"{run.steps:,}"))
        if run.parent is not None:
            parent = next((each.name for each in self._runs if each.id == run.parent[0]), "")
            if parent:
                told.append(self.tr("left {name} at step {n}").format(name=parent, n=f"{run.parent[1]:,}"))
        if run.best is not None:
            told.append(self.tr("best at step {n}").format(n=f"{run.best:,}"))
        if run.is_broken:
            told.append(self.tr("broke off: its numbers were no longer finite"))
        return ", ".join(each for each in told if each)

    # What the user does --------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._shown is None:
            event.ignore()
            return
        run = self._runs[self._row_at(event.position().y())]
        if run is not self._shown:
            self.run_chosen.emit(run.id)
        elif event.position().x() > self._axis.left - theme.px(2 * DOT):
            self.setSliderDown(True)
            self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if self.isSliderDown():
            self.setValue(self._axis.step(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        event.ignore()  # it scrolls the rows

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key = Key(event.key())
        passed = {Key.Key_Left: -1, Key.Key_Right: 1, Key.Key_PageDown: -PAGE, Key.Key_PageUp: PAGE}
        if key in passed:
            self.setValue(self._checkpoint(passed[key]))
        elif key in (Key.Key_Home, Key.Key_End):
            self.setValue(0 if key == Key.Key_Home else self.maximum())
        elif key in (Key.Key_Up, Key.Key_Down) and self._shown is not None:
            row = self.shown_row + (1 if key == Key.Key_Down else -1)
            if 0 <= row < len(self._runs):
                self.run_chosen.emit(self._runs[row].id)
        else:
            event.ignore()

    def _checkpoint(self, passed: int) -> int:
        """The step so many checkpoints on, or back."""
        held = self._shown.checkpoints if self._shown is not None else ()
        if passed < 0:
            before = [each for each in held if each < self.value()]
            return before[max(passed, -len(before))] if before else 0
        after = [each for each in held if each > self.value()]
        return after[min(passed, len(after)) - 1] if after else self.maximum()

    # Painting ------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme.px(862), self.height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.palette().ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._shown is None:
            return
        for row, run in enumerate(self._runs):
            if run is not self._shown:
                self._paint_other(painter, row, run)
        self._paint_shown(painter, self._shown)
        for row, run in enumerate(self._runs):
            self._paint_name(painter, row, run)
        if self.hasFocus():
            painter.setPen(QPen(theme.palette().accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.row_rect(self.shown_row)).adjusted(2.5, 0.5, -2.5, -0.5), 4, 4)

    def _paint_name(self, painter: QPainter, row: int, run: DrawnRun) -> None:
        colours, is_shown = theme.palette(), run is self._shown
        rect = self.row_rect(row)
        room = QRect(theme.px(LEFT), rect.top(), round(self._axis.left) - theme.px(LEFT + 16), rect.height())
        painter.setFont(theme.font(12, 600))
        painter.setPen(colours.text if is_shown else run_colour(run.number))
        draw_elided(painter, room, run.name)
        used = painter.fontMetrics().horizontalAdvance(run.name) + theme.px(6)
        if run.about and used < room.width() - theme.px(16):
            painter.setFont(theme.font(12))
            painter.setPen(colours.muted)
            draw_elided(painter, room.adjusted(used, 0, 0, 0), run.about)

    def _paint_other(self, painter: QPainter, row: int, run: DrawnRun) -> None:
        y, end = self.middle(row), self._axis.x(run.steps)
        painter.setPen(run_pen(run.number, 2 if len(self._runs) <= FEW else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._way(row, run))
        self._paint_end(painter, QPointF(end, y), run, run_colour(run.number))

    def _way(self, row: int, run: DrawnRun) -> QPainterPath:
        """The line of a run, from where it left."""
        y, end = self.middle(row), self._axis.x(run.steps)
        parent = next((at for at, each in enumerate(self._runs) if run.parent is not None and each.id == run.parent[0]),
                      None)  # fmt: skip
        begin = self._axis.x(0 if run.parent is None else run.parent[1])
        if parent is None:
            path = QPainterPath(QPointF(begin, y))
        else:
            above, bend = self.middle(parent), min(theme.px(26), max(1.0, end - begin))
            path = QPainterPath(QPointF(begin, above))
            path.cubicTo(QPointF(begin + bend / 2, above), QPointF(begin + bend / 2, y), QPointF(begin + bend, y))
        path.lineTo(QPointF(end, y))
        return path

    @staticmethod
    def _paint_end(painter: QPainter, at: QPointF, run: DrawnRun, ink: QColor) -> None:
        """A cross where a run broke off, else a dot."""
        arm = theme.px(4)
        painter.setPen(QPen(ink, theme.px(2)))
        if run.is_broken:
            painter.drawLine(QLineF(at.x() - arm, at.y() - arm, at.x() + arm, at.y() + arm))
            painter.drawLine(QLineF(at.x() - arm, at.y() + arm, at.x() + arm, at.y() - arm))
        else:
            painter.setBrush(ink)
            painter.drawEllipse(at, arm / 2, arm / 2)

    def _paint_shown(self, painter: QPainter, run: DrawnRun) -> None:
        colours, axis, row = theme.palette(), self._axis, self.shown_row
        y, x = self.middle(row), axis.x(self.value())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.accent, theme.px(3), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPath(self._way(row, run))
        if run.is_broken:
            self._paint_end(painter, QPointF(axis.x(run.steps), y), run, colours.error)
        rings = apart(axis, landmarks(run.checkpoints), theme.px(RING_GAP))
        painter.setPen(QPen(colours.muted, 1))
        low = y + theme.px(RING + 1)
        for step in apart(axis, run.checkpoints, theme.px(TICK_GAP), rings):
            if step not in rings:
                painter.drawLine(QLineF(axis.x(step), low, axis.x(step), low + theme.px(4)))
        painter.setPen(QPen(colours.accent, theme.px(2)))
        painter.setBrush(colours.ground)
        for step in rings:
            painter.drawEllipse(QPointF(axis.x(step), y), theme.px(RING), theme.px(RING))
        if run.best is not None:
            painter.setPen(QPen(colours.ground, 1))
            painter.setBrush(colours.text)
            painter.drawPolygon(star(QPointF(axis.x(run.best), y), theme.px(8)))
        draw_cursor(painter, x, 0, y)
        painter.setPen(QPen(colours.ground, theme.px(2)))
        painter.setBrush(colours.crosshair)
        painter.drawEllipse(QPointF(x, y), theme.px(DOT) + 1, theme.px(DOT) + 1)


def in_branches(runs: Sequence[DrawnRun]) -> tuple[DrawnRun, ...]:
    """The runs such that each stands below the one that it left, before those begun on their own later."""
    names = {each.id for each in runs}
    ordered: list[DrawnRun] = []
    waiting = [each for each in reversed(runs) if each.parent is None or each.parent[0] not in names]
    while waiting:
        run = waiting.pop()
        ordered.append(run)
        waiting += [each for each in reversed(runs) if each.parent is not None and each.parent[0] == run.id]
    return tuple(ordered)
