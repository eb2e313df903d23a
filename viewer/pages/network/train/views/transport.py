"""The foot of the set-up: the pace, and what begins, pauses, steps and takes back the training."""

from __future__ import annotations

import math

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, Message, ToolButton, blocked, filled, format_number
from viewer.widgets.slider import Slider

SLOWEST, FASTEST, PACES = 1.0, 200.0, 60
"""Steps a second at the ends of the slider, and how many places it has; behind the last is full pace."""
HEIGHT, SIDE = 44, 44


def pace_at(place: int) -> float | None:
    """Steps a second at a place of the slider; None for as fast as it goes."""
    return None if place > PACES else SLOWEST * (FASTEST / SLOWEST) ** (place / PACES)


def place_of(pace: float | None) -> int:
    """The place of the slider for so many steps a second."""
    if pace is None:
        return PACES + 1
    return round(PACES * math.log(max(pace, SLOWEST) / SLOWEST) / math.log(FASTEST / SLOWEST))


class TrainTransport(QWidget):
    """`trainButton` says what it will do: play, pause, or begin a new run.

    ``pace_chosen`` carries steps a second, None for full pace.
    """

    play_requested = pyqtSignal()
    rewind_requested = pyqtSignal()
    step_requested = pyqtSignal()
    pace_chosen = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        tr = self.tr
        self.message = Message("trainMessage")
        self.pace = Slider("paceSlider", tr("Pace"), tr("Steps a second; at the right end as fast as it goes"))
        self.pace.setRange(0, PACES + 1)
        self.pace.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.rate = Label("", "strong", name="paceLabel")
        self.rate.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.rewind = ToolButton("rewindButton", tr("Rewind"), tr("Back to step 0 of this run"), icon_name="step-back")
        self.play = ToolButton(
            "trainButton", tr("Play"), tr("Train"), text=tr("Play"), icon_name="play-window", primary=True
        )
        self.play.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.step = ToolButton(
            "oneStepButton", tr("One step"), tr("One step: a single minibatch"), icon_name="step-forward"
        )
        label = Label(tr("Pace"))
        label.setBuddy(self.pace)
        self._pace_row = filled(QHBoxLayout(), label, self.pace, 1, self.rate)
        self._buttons = filled(QHBoxLayout(), self.rewind, self.play, 1, self.step)
        self._column = filled(QVBoxLayout(self), self.message, self._pace_row, self._buttons)
        self.pace.valueChanged.connect(lambda place: self._choose(pace_at(place)))
        self.play.clicked.connect(lambda: self.play_requested.emit())
        self.rewind.clicked.connect(lambda: self.rewind_requested.emit())
        self.step.clicked.connect(lambda: self.step_requested.emit())
        self.show_pace(None)
        theme.follow(self._rescale)

    def show_pace(self, pace: float | None) -> None:
        """So many steps a second; None for full pace."""
        with blocked(self.pace):
            self.pace.setValue(place_of(pace))
        self.rate.setText(self.tr("full") if pace is None else self.tr("{n} / s").format(n=format_number(pace, 2)))

    def show_action(self, action: str, *, can_play: bool, can_rewind: bool, can_step: bool) -> None:
        """What `trainButton` does next, "play", "pause" or "new", and what is possible."""
        words = {
            "play": (self.tr("Play"), self.tr("Go on with this run"), "play-window"),
            "pause": (self.tr("Pause"), self.tr("Stop after this step"), "pause-window"),
            "new": (self.tr("New run"), self.tr("Begin a new run with this set-up"), "play-window"),
        }
        text, tip, picture = words[action]
        self.play.setText(text)
        self.play.setAccessibleName(text)
        self.play.setToolTip(tip)
        self.play.show_icon(picture)
        for button, can in ((self.play, can_play), (self.rewind, can_rewind), (self.step, can_step)):
            button.setEnabled(can)

    def _choose(self, pace: float | None) -> None:
        self.show_pace(pace)
        self.pace_chosen.emit(pace)

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(6))
        self._pace_row.setSpacing(theme.px(8))
        self._buttons.setSpacing(theme.px(8))
        self.rate.setFixedWidth(theme.px(50))
        for button in (self.rewind, self.step):
            button.setFixedSize(theme.px(SIDE), theme.px(HEIGHT))
        self.play.setFixedHeight(theme.px(HEIGHT))
        self.play.setFont(theme.font(15, 600))
