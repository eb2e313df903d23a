"""The timeline with what stands below it: the button that begins a branch, and which checkpoint was best."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.network.train.drawn import DrawnRun
from viewer.pages.network.train.step_axis import StepAxis
from viewer.pages.network.train.views.run_lines import star
from viewer.pages.network.train.views.timeline import EDGE, LEFT, ROW, Timeline
from viewer.widgets import ToolButton, filled
from viewer.widgets.labels import draw_elided

SHARE, FEWEST_ROWS, FOOT = 0.17, 2, 34
"""The share of a height that rows may take, how many are in sight however low it is, and what stands below them."""


class BranchButton(ToolButton):
    """In gold, as it is about the step that is shown."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if self.isEnabled():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            width = 2.0 if self.hasFocus() else 1.2
            painter.setPen(QPen(theme.palette().crosshair, theme.px(width * 10) / 10))
            edge = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(edge, theme.px(6), theme.px(6))


class TimelinePanel(QWidget):
    """Scrolls the rows where there are many, and keeps the button near the cursor."""

    branch_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        tr = self.tr
        self.timeline = Timeline()
        self.rows_area = QScrollArea()
        self.rows_area.setObjectName("trainTimelineScroll")
        self.rows_area.setFrameShape(QFrame.Shape.NoFrame)
        self.rows_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows_area.setWidgetResizable(True)
        self.rows_area.setWidget(self.timeline)
        self.foot = Foot()
        self.branch = BranchButton(
            "branchButton", tr("Branch from here"), tr("Go on from the checkpoint that is shown with other settings"),
            text=tr("Branch from here"), icon_name="branch",
        )  # fmt: skip
        self.branch.setParent(self.foot)
        self.branch.clicked.connect(self.branch_requested)
        self._axis = StepAxis()
        self._rows, self._most = 1, FEWEST_ROWS
        filled(QVBoxLayout(self), self.rows_area, self.foot, spacing=0)
        theme.follow(self._rescale)

    def share_room(self, height: int) -> None:
        """Show as many rows at once as is fit where there is so much height for all."""
        self._most = max(FEWEST_ROWS, int(SHARE * height / theme.px(ROW)))
        self._rescale()

    def show_runs(self, runs: Sequence[DrawnRun], shown: str | None) -> None:
        """Draw these; `shown` is the one that is looked at."""
        row = self.timeline.shown_row
        self.timeline.show_runs(runs, shown)
        if len(runs) != self._rows:
            self._rows = max(1, len(runs))
            self._rescale()
        if self.timeline.shown_row != row:
            rect = self.timeline.row_rect(self.timeline.shown_row)
            self.rows_area.ensureVisible(0, rect.center().y(), 0, rect.height())
        run = next((each for each in runs if each.id == shown), None)
        best = None if run is None else run.best
        self.foot.show_text("" if best is None else self.tr("best so far: step {n}").format(n=f"{best:,}"))

    def show_axis(self, axis: StepAxis) -> None:
        """Put the steps where this axis has them."""
        self._axis = axis
        self.timeline.show_axis(axis)
        self._place()

    def show_step(self, step: int) -> None:
        """Put the cursor at a step."""
        self.timeline.show_value(step)
        self._place()

    def show_branching(self, possible: bool, reason: str = "") -> None:
        """Whether a branch can be begun at the step that is shown; if not, why."""
        self.branch.setEnabled(possible)
        text = reason or self.tr("Branch from here")
        if text != self.branch.text():
            self.branch.setText(text)
            self._place()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Put the button below the cursor."""
        size = self.branch.sizeHint()
        x = self._axis.x(self.timeline.value()) - size.width() / 2
        most = self.width() - size.width() - theme.px(LEFT)
        left = round(max(theme.px(LEFT), min(x, most)))
        self.branch.setGeometry(left, theme.px(2), size.width(), theme.px(26))
        self.foot.update()

    def _rescale(self) -> None:
        self.foot.setFixedHeight(theme.px(FOOT))
        self.rows_area.setFixedHeight(theme.px(min(self._rows, self._most) * ROW + 2 * EDGE))
        self._place()


class Foot(QWidget):
    """Says which checkpoint was best, where the button leaves room for it."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def show_text(self, text: str) -> None:
        """Say so behind a star."""
        self._text = text
        self.setAccessibleDescription(text)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.palette().ground)
        if not self._text:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(12))
        width = painter.fontMetrics().horizontalAdvance(self._text) + theme.px(20)
        taken = next((each.geometry() for each in self.findChildren(ToolButton)), QRect())
        left = theme.px(LEFT)
        if left + width > taken.left():
            left = max(taken.right() + theme.px(16), self.width() - theme.px(LEFT) - width)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.palette().text)
        middle = theme.px(15)
        painter.drawPolygon(star(QPointF(left + theme.px(6), middle), theme.px(6)))
        painter.setPen(theme.palette().muted)
        room = QRect(left + theme.px(16), 0, self.width() - left - theme.px(16), 2 * middle)
        draw_elided(painter, room, self._text)
