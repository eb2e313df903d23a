"""The middle of the Train side: curves, the first layer through time and the timeline, on one axis of steps."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.network.train.drawn import DrawnRun, Film
from viewer.pages.network.train.step_axis import StepAxis
from viewer.pages.network.train.views.curves import CurvesView
from viewer.pages.network.train.views.film import FilmHeader, FilmView
from viewer.pages.network.train.views.run_header import RunHeader
from viewer.pages.network.train.views.timeline import TimelineView
from viewer.widgets import Label, describe, filled

LEFT, RIGHT = 116, 62
"""Design pixels beside the axis: for names on its left, for half of what stands below the last step on its right."""


class TrainMiddle(QWidget):
    """Lays them out below each other, and gives them their axis.

    ``step_chosen(step)`` is emitted while the user moves the cursor, wherever that is; any step may come, a checkpoint
    or not. ``gesture_ended`` says that the button or the key was released.
    ``weight_chosen(filter, row, column)`` names a weight of the first layer that was clicked.
    ``save_requested(what)`` is one of "curves-csv", "curves-picture", "film-picture" and "film-gif".
    """

    step_chosen = pyqtSignal(int)
    gesture_ended = pyqtSignal()
    run_chosen = pyqtSignal(str)
    run_renamed = pyqtSignal(str, str)
    remove_requested = pyqtSignal(str)
    branch_requested = pyqtSignal()
    weight_chosen = pyqtSignal(int, int, int)
    save_requested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "trainMiddle", self.tr("How the training goes"), "")
        self.header, self.curves = RunHeader(), CurvesView()
        self.film_header, self.film = FilmHeader(), FilmView()
        self.timeline = TimelineView()
        self.empty = Label("", "muted", name="trainEmpty", wraps=True)
        self._runs: tuple[DrawnRun, ...] = ()
        self._lay_out()
        self._connect()
        self.show_runs((), None)
        theme.follow(self._rescale)

    def show_heading(self, about: str) -> None:
        """Say beside the run's name where it stands, such as "step 800 of 1,600 · epoch 16"."""
        self.header.show_about(about)

    def show_runs(self, runs: Sequence[DrawnRun], shown: str | None) -> None:
        """Draw these runs, in the order in which they were begun; `shown` is the one that is looked at.

        To be called again whenever a run has gone on: of figures that were drawn before nothing is computed anew.
        """

    def show_step(self, step: int) -> None:
        """Put the cursor at a step of the shown run."""

    def show_film(self, film: Film | None, note: str = "") -> None:
        """Show the first layer through time, with a sentence about it; None where there is nothing yet."""

    def show_weight(self, at: tuple[int, int, int] | None) -> None:
        """Frame a weight of the first layer, (filter, row, column), in gold at the step that is shown."""

    def show_branching(self, possible: bool) -> None:
        """Whether a branch can be begun at the step that is shown."""
