"""The bar below the Stage: play, step, the timeline, the speed, and what stands above it."""

from __future__ import annotations

import math

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, SegmentedControl, ToolButton, blocked, describe, filled, format_number
from viewer.widgets.base import give_way
from viewer.widgets.slider import Slider

HEIGHT = 56
FASTEST = 60.0
SPEEDS = 100
"""Steps of the speed slider, evenly apart in their logarithm."""


def speed_at(place: int) -> float:
    """Positions a second at a place of the slider: 1 at 0, `FASTEST` at `SPEEDS`."""
    return FASTEST ** (place / SPEEDS)


def place_of(speed: float) -> int:
    """The place of the slider for so many positions a second."""
    return round(SPEEDS * math.log(max(speed, 1.0)) / math.log(FASTEST))


class Transport(QWidget):
    """Buttons and sliders; ``moved(index)`` and ``speed_chosen(positions a second)`` carry what the user set."""

    moved = pyqtSignal(int)
    speed_chosen = pyqtSignal(float)
    below_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        describe(self, "stageTransport", tr("The way of the window"), "")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.back = ToolButton("stepBackButton", tr("Step back"), tr("One position back"), icon_name="step-back")
        self.play = ToolButton("playButton", tr("Play"), tr("Let the window slide, or stop it"),
                               icon_name="play-window", primary=True)  # fmt: skip
        self.forward = ToolButton("stepForwardButton", tr("Step forward"), tr("One position on"),
                                  icon_name="step-forward")  # fmt: skip
        self.place = describe(Label(role="strong"), "stagePlace", tr("Output pixel"), "")
        self.timeline = Slider("timeline", tr("Timeline"), tr("Which output pixel the window has reached"))
        self.count, self.share = Label(role="muted"), Label(role="muted")
        self.speed = Slider("speedSlider", tr("Speed"), tr("Positions a second"))
        self.speed.setRange(0, SPEEDS)
        self.rate = Label(role="strong")
        self.loop = ToolButton("loopButton", tr("Loop"), tr("Begin again at the end"), icon_name="loop")
        self.loop.setCheckable(True)
        self.scan = ToolButton("scanButton", tr("What is gone through"), tr("Every row or every n-th, all or a part"),
                               icon_name="scan")  # fmt: skip
        self.scan.setPopupMode(ToolButton.ToolButtonPopupMode.InstantPopup)
        self.scan.setMenu(describe(QMenu(self.scan), "scanMenu", tr("What is gone through"), ""))
        self.save = ToolButton("saveAnimationButton", tr("Save the animation"), tr("Save the animation as GIF"),
                               icon_name="film")  # fmt: skip
        self.below = SegmentedControl("stageBelow", tr("Below the pictures"), tr("What stands below the pictures"))
        self._lay_out()
        self.timeline.valueChanged.connect(self.moved)
        self.speed.valueChanged.connect(lambda place: self.speed_chosen.emit(speed_at(place)))
        self.below.currentIndexChanged.connect(lambda _index: self.below_chosen.emit(self.below.currentData()))

    def _lay_out(self) -> None:
        counts = filled(QHBoxLayout(), self.count, spacing=8)
        counts.addStretch(1)
        counts.addWidget(self.share)
        self._line = filled(QVBoxLayout(), self.timeline, counts, spacing=0)
        self._row = filled(QHBoxLayout(self), self.back, self.play, self.forward, self.place)
        self._row.addLayout(self._line, 1)
        filled(self._row, self.speed, self.rate, self.loop, self.scan, self.save, self.below)
        theme.follow(self._resize)

    def offer_below(self, items: list[tuple[str, str, str]]) -> None:
        """What may stand below the pictures, as (name, title, tool tip)."""
        with blocked(self.below):
            self.below.offer(items)

    def show_place(self, text: str, index: int, count: int) -> None:
        """The window stands at output pixel `index` of `count`, which `text` says in rows and columns."""
        self.place.setText(text)
        with blocked(self.timeline):
            self.timeline.setRange(0, max(0, count - 1))
            self.timeline.setValue(index)
        self.count.setText(self.tr("pixel {n} of {count}").format(n=f"{index + 1:,}", count=f"{count:,}"))
        self.share.setText(f"{100 * (index + 1) / max(count, 1):.0f} %")

    def show_page_step(self, step: int) -> None:
        """How far the keys Page Up and Down go: a row."""
        self.timeline.setPageStep(step)

    def show_playing(self, playing: bool) -> None:
        """Whether the window slides."""
        self.play.show_icon("pause-window" if playing else "play-window")
        self.play.setAccessibleName(self.tr("Pause") if playing else self.tr("Play"))

    def show_speed(self, speed: float) -> None:
        """So many positions a second."""
        with blocked(self.speed):
            if abs(speed_at(self.speed.value()) - speed) > 0.01 * speed:
                self.speed.setValue(place_of(speed))
        text = self.tr("{n} per s").format(n=format_number(speed, 2))
        if text != self.rate.text():
            self.rate.setText(text)
            self._share_room()

    def show_below(self, name: str) -> None:
        """What stands below the pictures."""
        self.below.show_data(name)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Where it is narrow, words give way first, and then what has a key."""
        words, keyed = (self.share, self.rate, self.count), (self.loop, self.save, self.scan)
        give_way(self._row, self.width(), (*words, *keyed, self.place))  # the place stands above the result too

    def _resize(self) -> None:
        self.setFixedHeight(theme.px(HEIGHT))
        self._row.setContentsMargins(theme.px(12), theme.px(6), theme.px(12), theme.px(6))
        self._row.setSpacing(theme.px(6))
        for button in (self.back, self.forward, self.loop, self.scan, self.save):
            button.setFixedSize(theme.px(38), theme.px(38))
        self.play.setFixedSize(theme.px(54), theme.px(38))
        self.place.setMinimumWidth(theme.px(132))
        self.speed.setFixedWidth(theme.px(96))
        self.rate.setMinimumWidth(theme.px(66))
        self.timeline.setMinimumWidth(theme.px(96))
        self._share_room()
