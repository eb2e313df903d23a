"""The middle of the Train side: curves, the first layer through time and the timeline, on one axis of steps."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QPainter, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.network.train.drawn import DrawnRun, Film, beside
from viewer.pages.network.train.step_axis import StepAxis
from viewer.pages.network.train.views.curves import CurvesView
from viewer.pages.network.train.views.film import FilmView
from viewer.pages.network.train.views.film_header import FilmHeader
from viewer.pages.network.train.views.run_header import RunHeader
from viewer.pages.network.train.views.timeline_panel import TimelinePanel
from viewer.widgets import Label, describe, filled

EMPTY_WIDTH = 440
LEFT, RIGHT = 116, 62
"""Design pixels beside the axis: for names on its left, for half of what stands below the last step on its right."""
LEAST_CURVES, LOWEST_CURVES, CURVES_SHARE = 172, 136, 0.4
"""The least height of the curves in design pixels, that where the film strip would have room for very few rows, and
their largest share of what they and the film strip have."""
FINENESS = 6
"""Leading bits of its last step that the axis heeds: everything on it is painted anew when it grows."""
SHARPNESS = 2.0
"""Pixels of an exported picture for each on the screen."""


class TrainMiddle(QWidget):
    """Lays them out below each other, and gives them their axis.

    ``step_chosen(step)`` is emitted while the user moves the cursor, wherever that is; any step may come, a checkpoint
    or not. ``weight_chosen(row, y, x)`` names a weight of the film strip that was clicked. ``save_requested(what)`` is
    one of those that `ExportControl.save` knows.
    """

    step_chosen = pyqtSignal(int)
    run_chosen = pyqtSignal(str)
    run_renamed = pyqtSignal(str, str)
    remove_requested = pyqtSignal(str)
    branch_requested = pyqtSignal()
    weight_chosen = pyqtSignal(int, int, int)
    save_requested = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        describe(self, "trainMiddle", self.tr("How the training goes"), "")
        self.header, self.curves = RunHeader(), CurvesView()
        self.film_header, self.film, self.panel = FilmHeader(), FilmView(), TimelinePanel()
        self.timeline = self.panel.timeline
        text = self.tr(
            "Press Play, and a network begins to learn. Loss and accuracy are drawn here step by step, below them the "
            "first layer as noise turns into edges, and a timeline on which you can go back."
        )
        self.empty = Label(text, "muted", name="trainEmpty", wraps=True)
        self._runs: tuple[DrawnRun, ...] = ()
        self._lay_out()
        self._connect()
        self.show_runs((), None)
        theme.follow(self._rescale)

    def _lay_out(self) -> None:
        self.body = QStackedWidget()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        content, blank = QWidget(), QWidget()
        parts = self.header, self.curves, self.film_header, self.film, 1, self.panel
        filled(QVBoxLayout(content), *parts, spacing=0)
        filled(QHBoxLayout(blank), self.empty)
        self.body.addWidget(blank)
        self.body.addWidget(content)
        filled(QVBoxLayout(self), self.body)

    def _connect(self) -> None:
        for axis_part in (self.curves, self.film.rows):
            axis_part.step_chosen.connect(self.step_chosen)
        self.timeline.valueChanged.connect(self.step_chosen)
        for list_of_runs in (self.header, self.timeline):
            list_of_runs.run_chosen.connect(self.run_chosen)
        self.header.run_renamed.connect(self.run_renamed)
        self.header.remove_requested.connect(self.remove_requested)
        self.panel.branch_requested.connect(self.branch_requested)
        self.film.rows.weight_chosen.connect(self.weight_chosen)
        for heading in (self.header, self.film_header):
            heading.save_requested.connect(self.save_requested)

    # Setters -------------------------------------------------------------------------------------------------

    def show_heading(self, about: str) -> None:
        """Say beside the run's name where it stands, such as "step 800 of 1,600 · epoch 16"."""
        self.header.show_about(about)

    def show_runs(self, runs: Sequence[DrawnRun], shown: str | None) -> None:
        """Draw these runs, in the order in which they were begun; `shown` is the one that is looked at."""
        self._runs = tuple(runs)
        self.body.setCurrentIndex(1 if self._runs else 0)
        self.header.show_runs(self._runs, shown)
        drawn = beside(self._runs, shown)
        self.header.legend.show_runs([each for each in drawn if each.id != shown])
        self.curves.show_runs(drawn, shown)
        self.panel.show_runs(self._runs, shown)
        self._share_room()
        self._share_axis()

    def show_step(self, step: int) -> None:
        """Put the cursor at a step of the shown run."""
        self.panel.show_step(step)
        self.curves.show_cursor(step)
        self.film.rows.show_cursor(step)
        self._share_cursor()

    def show_film(self, film: Film | None, about: str = "") -> None:
        """Show the first layer through time, with a sentence about it; None where there is nothing yet."""
        self.film.show_film(film)
        self.film_header.show_about(about, is_there=film is not None)
        self._share_room()

    def show_weight(self, at: tuple[int, tuple[int, int] | None] | None) -> None:
        """Frame a weight of the film strip, (row, (y, x)) or the middle of the row, in gold at the step shown."""
        self.film.rows.show_weight(at)

    # The axis ------------------------------------------------------------------------------------------------

    @property
    def axis(self) -> StepAxis:
        """Where the steps stand, in pixels from the left edge; it grows some pixels at a time while a run goes on."""
        end = max((each.steps for each in self._runs), default=0)
        apart = 1 << max(0, end.bit_length() - FINENESS)
        return StepAxis(-(-end // apart) * apart, theme.px(LEFT), self.width() - theme.px(RIGHT))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_room()
        self._share_axis()

    def _share_room(self) -> None:
        """Give the curves what the film strip leaves them, within limits, and the strip the rest."""
        self.panel.share_room(self.height())
        bars = self.header.minimumHeight() + self.film_header.minimumHeight()
        room = self.height() - bars - self.panel.sizeHint().height()
        least = theme.px(LOWEST_CURVES if self.film.show_bare(room - theme.px(LEAST_CURVES)) else LEAST_CURVES)
        most = max(least, round(CURVES_SHARE * room))
        self.curves.setFixedHeight(min(max(room - self.film.least_height(), least), most))

    def _share_axis(self) -> None:
        axis = self.axis
        self.curves.show_axis(axis)
        self.film.rows.show_axis(axis)
        self.panel.show_axis(axis)
        self._share_cursor()

    def _share_cursor(self) -> None:
        self.film_header.show_cursor(self.axis.x(self.timeline.value()))

    def _rescale(self) -> None:
        self.empty.setMaximumWidth(theme.px(EMPTY_WIDTH))
        self._share_room()
        self._share_axis()

    # Pictures ------------------------------------------------------------------------------------------------

    def curves_picture(self) -> QImage:
        """The curves with their heading, as they are shown, twice as sharp."""
        head, edge, width = theme.px(32), theme.px(12), self.curves.width()
        image = QImage((QSizeF(width, self.curves.height() + head) * SHARPNESS).toSize(), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(SHARPNESS)
        image.fill(theme.palette().ground)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(edge, 0, width - 2 * edge, head)
        painter.setFont(theme.font(12))
        self.header.legend.draw(painter, room)
        painter.setFont(theme.font(13, 600))
        painter.setPen(theme.palette().text)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, f"{self.header.title}  {self.header.about.text()}")
        painter.translate(0, head)
        self.curves.draw(painter)
        painter.end()
        return image

    def film_picture(self) -> QImage | None:
        """The film strip, rows out of sight among them; None where there is none."""
        return self.film.rows.picture()
