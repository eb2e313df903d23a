"""What stages, maps and parts are called."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QCoreApplication

from kernels.recipe.tracing import Part, StageTrace
from viewer.widgets import format_position

IMAGE = "image"


def _tr(text: str) -> str:
    return QCoreApplication.translate("StageArithmetic", text)


class Names:
    """The names of what a trace tells of; `words` holds those of places: ``{"stages[2]": "Max pool 2 × 2"}``."""

    def __init__(self, trace: StageTrace, words: Mapping[str, str]) -> None:
        self._trace, self._words = trace, words
        before = trace.fields[-1][0]
        self._is_colour = before == IMAGE and len(trace.channels) == 3
        self.source = words.get(before, _tr("the picture") if before == IMAGE else before)
        self.stage = words.get(trace.place, trace.stage)

    @property
    def number(self) -> str:
        """Which number it is: "map 3 · y 12, x 40"."""
        place = format_position(*self._trace.position)
        return _tr("map {n} · {place}").format(n=self._trace.channel, place=place)

    def short(self, channel: int) -> str:
        """A channel of the input where there is little room: "R", "3"."""
        return "RGB"[channel] if self._is_colour else str(channel)

    def channel(self, channel: int) -> str:
        """A channel of the input: "R", "map 3"."""
        return "RGB"[channel] if self._is_colour else _tr("map {n}").format(n=channel)

    def all_channels(self) -> str:
        """The heading of the sums of all of them."""
        if self._is_colour:
            return _tr("Sums of the channels of {picture}").format(picture=self.source)
        return _tr("Sums of the maps of {stage}").format(stage=self.source)

    def input(self, channel: int) -> str:
        """A channel and what it is of: "map 3 of ReLU"; a picture's only channel is the picture."""
        before = self._trace.fields[-1][0]
        if before == IMAGE and not self._is_colour:
            return self.source
        return _tr("{channel} of {stage}").format(channel=self.channel(channel), stage=self.source)

    def part(self, part: Part) -> str:
        """The last stage of a row; a row of no stages hands its input on."""
        trace = self._trace
        if part.place == f"{trace.place}.{trace.stage}":
            return self.input_of(part.channel)
        stage = self._words.get(part.place, part.place)
        return _tr("map {n} of {stage}").format(n=part.channel, stage=stage)

    def input_of(self, channel: int) -> str:
        """A map that a stage hands on unchanged."""
        return _tr("{input}, the input").format(input=self.input(channel))
