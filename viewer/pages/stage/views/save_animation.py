"""How the animation is to be saved: how many frames, how large, and what comes of that."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from viewer.pages.stage.views.popover import Popover
from viewer.widgets import Label, NumberEdit, SegmentedControl, ToolButton

WIDTHS = (480, 720, 1080)


class AnimationPopover(Popover):
    """``changed(frames, width)`` asks for an estimate, ``asked(frames, width)`` for the file."""

    changed = pyqtSignal(int, int)
    asked = pyqtSignal(int, int)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__("animation", anchor)
        tr = self.tr
        self.frames = NumberEdit("animationFrames", tr("Frames"), tr("How many frames, evenly spread over the way"))
        self.width_choice = SegmentedControl("animationWidth", tr("Width"), tr("Width of the animation in pixels"))
        self.width_choice.offer([(each, str(each), tr("{n} pixels wide").format(n=each)) for each in WIDTHS])
        self.facts = Label("", "muted", name="animationFacts", wraps=True)
        save = ToolButton("animationSave", tr("Save the animation"), tr("Choose a file and write it"), text=tr("Save…"))
        self._add_row(tr("Frames"), self._watch(self.frames))
        self._add_row(tr("Width"), self.width_choice)
        self._grid.addWidget(self.facts, self._grid.rowCount(), 0, 1, 2)
        self._add_button(save, lambda: self._tell(self.asked), main=True)
        self.frames.committed.connect(lambda _value: self._tell(self.changed))
        self.width_choice.currentIndexChanged.connect(lambda _index: self._tell(self.changed))

    def propose(self, frames: int) -> None:
        """Show so many frames."""
        self.frames.set_value(float(frames))
        self._tell(self.changed)

    def show_facts(self, text: str) -> None:
        """What the animation will be like."""
        self.facts.setText(text)
        self._fit()

    def _tell(self, signal: object) -> None:
        if signal is self.changed or self._is_readable():
            signal.emit(round(self.frames.value()), self.width_choice.currentData())  # type: ignore[attr-defined]
