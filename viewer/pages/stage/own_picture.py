"""From the bar and the drawing in a pane to the picture that is open: drawn on, made anew, with noise."""

from __future__ import annotations

import math
from collections.abc import Callable

from PyQt6.QtCore import QObject

from kernels.digits import nice_step
from kernels.pictures.edits import LARGEST_SIDE, filled, is_small, new_picture, with_pixel, with_stroke
from kernels.pictures.noise import noise_title
from kernels.pictures.picture import Picture
from viewer.moment import Moment
from viewer.pages.stage.views.edit_bar import EditBar
from viewer.pages.stage.views.popover import Popover
from viewer.panes import PicturePane
from viewer.shelf import open_result
from viewer.sources import Sources
from viewer.store import Store

CHANNELS = {"r": 0, "g": 1, "b": 2}
PROPOSED = {"gaussian": 0.08, "uniform": 0.2}
"""Amounts of noise, as shares of white."""
PROPOSED_SHARE = 0.05


class OwnPicture(QObject):
    """Keeps an ``EditBar`` and the drawing in a pane in step with the picture that is open.

    What is not possible is said over the pane, or in the popover where it was asked for.
    """

    def __init__(
        self, bar: EditBar, pane: PicturePane, sources: Sources, store: Store, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bar, self._pane, self._sources, self._store = bar, pane, sources, store
        self._value, self._brush = 0.0, 1
        self._white = 0.0  # that amounts of noise were proposed for
        self._last: tuple[int, int] | None = None  # where the stroke has come to
        self._has_spoken = False
        self._join()

    def _join(self) -> None:
        bar, pane = self._bar, self._pane
        bar.editing_switched.connect(self._switch)
        bar.value_chosen.connect(self._choose_value)
        bar.value_rejected.connect(self._say)
        bar.size_chosen.connect(self._choose_brush)
        bar.new_picture.asked.connect(self._make)
        bar.new_picture.fill_asked.connect(self._fill)
        bar.add_noise.asked.connect(self._add_noise)
        pane.stroke.connect(self._draw)
        pane.stroke_ended.connect(self._end_stroke)
        pane.value_typed.connect(self._set_pixel)
        pane.value_refused.connect(self._say)

    def render(self, old: Moment, new: Moment) -> None:
        """Show whether the open picture can be drawn on, and propose what suits it."""
        found, before = open_result(new), open_result(old)
        if found is None or (found is before and old is not new):
            return
        picture = found.value
        is_other = picture.white != self._white
        if is_other:
            self._white = picture.white
            amounts = {kind: nice_step(share * picture.white) for kind, share in PROPOSED.items()}
            self._bar.add_noise.show_amounts({**amounts, "salt-and-pepper": PROPOSED_SHARE})
        self._bar.show_possible(self._reason(picture))
        if not is_small(picture):
            self._switch(False)
        elif is_other or _refusal(picture, self._value):
            self._value = picture.white
            self._bar.show_value(self._value)

    def _reason(self, picture: Picture) -> str:
        """Why the picture cannot be drawn on; empty when it can."""
        if is_small(picture):
            return ""
        sentence = self.tr(
            "Pictures of up to {n} × {n} pixels can be drawn on, and this one has {width} × {height}; "
            "make a new one, or open a small sample."
        )
        return sentence.format(n=LARGEST_SIDE, width=picture.width, height=picture.height)

    def _say(self, sentence: str) -> None:
        """Say over the pane what is not possible; with an empty sentence, take it back."""
        if sentence or self._has_spoken:
            self._has_spoken = bool(sentence)
            self._pane.set_message(sentence, "error")

    # -- the brush -------------------------------------------------------------------------------------------------

    def _switch(self, on: bool) -> None:
        picture = self._sources.picture
        on = on and picture is not None and is_small(picture)
        self._pane.set_drawing(on)
        self._bar.show_editing(on)
        self._say("")

    def stop(self) -> bool:
        """Draw no more; False if nothing was being drawn."""
        was_drawing = self._pane.is_drawing
        if was_drawing:
            self._switch(False)
        return was_drawing

    def _choose_value(self, value: float) -> None:
        picture = self._sources.picture
        sentence = "" if picture is None else _refusal(picture, value)
        self._bar.refuse_value(sentence)
        self._say(sentence)
        if not sentence:
            self._value = value

    def _choose_brush(self, size: int) -> None:
        self._brush = size

    # -- changes ---------------------------------------------------------------------------------------------------

    def _channel(self) -> int | None:
        """Of a colour picture the channel that is filtered is drawn on, where it is one of its own; else all."""
        picture = self._sources.picture
        return None if picture is None or picture.is_grey else CHANNELS.get(self._store.document.channel)

    def _change(self, change: Callable[[Picture], Picture], text: str, gesture: str | None = None) -> str:
        """Change the open picture as a step of undo; returns the sentence that says why it cannot be."""
        picture = self._sources.picture
        if picture is None:  # undo is still fetching it
            return ""
        sentence = self._reason(picture)
        if not sentence:
            try:
                self._sources.replace(change(picture), text, gesture)
            except ValueError as error:
                sentence = str(error)
        return sentence

    def _draw(self, y: float, x: float) -> None:
        here = math.floor(y), math.floor(x)
        start, self._last = self._last or here, here
        value, size, channel = self._value, self._brush, self._channel()
        self._say(
            self._change(
                lambda picture: with_stroke(picture, start, here, value, size=size, channel=channel),
                self.tr("Paint"),
                "paint",
            )
        )

    def _end_stroke(self) -> None:
        self._last = None
        self._store.end_gesture()

    def _set_pixel(self, y: float, x: float, value: float) -> None:
        i, j, channel = math.floor(y), math.floor(x), self._channel()
        sentence = self._change(lambda picture: with_pixel(picture, i, j, value, channel), self.tr("Set a pixel"))
        if sentence:
            self._pane.refuse_value(sentence)
        self._say(sentence)

    def _fill(self, value: float) -> None:
        channel = self._channel()
        sentence = self._change(lambda picture: filled(picture, value, channel), self.tr("Fill the picture"))
        self._answer(self._bar.new_picture, sentence)

    def _make(self, height: float, width: float, value: float, bits: int) -> None:
        sentence = ""
        try:
            # Sizes come as they were typed; what is no whole number has a sentence of its own.
            made = new_picture(height, width, value, bits)  # type: ignore[arg-type]
        except ValueError as error:
            sentence = str(error)
        else:
            self._sources.replace(made, self.tr("New picture"))
        self._answer(self._bar.new_picture, sentence)

    def _add_noise(self, kind: str, amount: float, seed: int) -> None:
        sentence = ""
        try:
            noise_title("", kind, amount, seed)  # checks them
        except (TypeError, ValueError) as error:
            sentence = str(error)
        else:
            self._sources.add_noise(kind, amount, seed)
        self._answer(self._bar.add_noise, sentence)

    def _answer(self, popover: Popover, sentence: str) -> None:
        """Close what was asked in, or say there why it is not possible."""
        if sentence:
            popover.show_error(sentence)
        else:
            popover.close()
            self._say("")


def _refusal(picture: Picture, value: float) -> str:
    """Why no pixel of the picture can have this value; empty when it can."""
    try:
        with_pixel(picture, 0, 0, value)
    except ValueError as error:
        return str(error)
    return ""
