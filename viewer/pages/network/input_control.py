"""From the pad, the test digits and the moves to the document and back: a stroke, a move is one step of undo."""

from __future__ import annotations

import random
from typing import Any

from msgspec.structs import replace
from PyQt6.QtCore import QObject

from kernels.cnn.digits import Stroke
from viewer.document import NetworkInput, with_network_input
from viewer.moment import Moment
from viewer.pages.network.queries import GIVEN, names
from viewer.pages.network.views.input_panel import InputPanel
from viewer.pages.network.words import network_title
from viewer.session import with_view
from viewer.shelf import open_result
from viewer.store import Store

MANY = 2000
"""Test digits that come with the program."""
WHOLE = ("dx", "dy")
"""The moves that are whole pixels."""


class InputControl(QObject):
    """Keeps an ``InputPanel`` in step with ``Document.network_input``."""

    def __init__(self, view: InputPanel, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._before: tuple[Stroke, ...] | None = None  # the drawing before the stroke that is being drawn
        view.network_chosen.connect(self.choose_network)
        view.pad.stroke_changed.connect(self._draw)
        view.pad.stroke_ended.connect(self._end_stroke)
        view.pad.cleared.connect(self.clear)
        view.undo.clicked.connect(store.undo_stack.undo)
        view.undo.setEnabled(store.undo_stack.canUndo())
        store.undo_stack.canUndoChanged.connect(view.undo.setEnabled)
        view.brush.valueChanged.connect(lambda width: self._look(brush=round(width)))
        view.given.centred_chosen.connect(self.choose_centred)
        view.moves.changed.connect(self._move)
        view.moves.gesture_ended.connect(store.end_gesture)

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_view(session, "network", **changes))

    def _give(self, text: str, gesture: str | None = None, **changes: Any) -> None:
        self._store.edit(lambda document: with_network_input(document, **changes), text, gesture)

    @property
    def _input(self) -> NetworkInput:
        return self._store.document.network_input

    # -- what the user does ----------------------------------------------------------------------------------------

    def choose_network(self, name: str) -> None:
        """Show the stages of the network `name`."""
        if name != self._store.session.network.network:
            self._look(network=name, stage=0, map=0)

    def _draw(self, points: tuple[tuple[float, float], ...]) -> None:
        if self._before is None:
            self._before = self._input.strokes if self._input.source == "drawing" else ()
        stroke = Stroke(points, self._store.session.network.brush)
        self._give(self.tr("Draw a stroke"), "stroke", source="drawing", strokes=(*self._before, stroke))

    def _end_stroke(self) -> None:
        self._before = None
        self._store.end_gesture()

    def clear(self) -> None:
        """Draw anew."""
        self._give(self.tr("Clear the pad"), source="drawing", strokes=())

    def random_digit(self) -> None:
        """Give another test digit, by chance."""
        self._take_digit(random.randrange(MANY))

    def step_digit(self, step: int) -> None:
        """Give the test digit that stands so many further on; coming from elsewhere, the last one again."""
        self._take_digit(self._input.digit + (step if self._input.source == "digit" else 0))

    def _take_digit(self, number: int) -> None:
        self._give(self.tr("Take a test digit"), source="digit", digit=number % MANY)

    def take_picture(self) -> None:
        """Give the picture that is open."""
        self._give(self.tr("Take the open picture"), source="picture")

    def choose_centred(self, centred: bool) -> None:
        """Centre the digit as MNIST's are, or take it as it stands."""
        text = self.tr("Centre the digit") if centred else self.tr("Take the digit as it stands")
        self._give(text, centred=centred)

    def switch_centred(self) -> None:
        """Centre it, or not."""
        self.choose_centred(not self._input.centred)

    def _move(self, field: str, value: float) -> None:
        changed = round(value) if field in WHOLE else value
        self._give(self.tr("Move the picture"), f"move {field}", **{field: changed})

    def move_back(self) -> None:
        """Undo all moves."""
        self._store.edit(
            lambda document: replace(document, network_input=document.network_input.unmoved),
            self.tr("Move the picture back"),
        )

    # -- showing ---------------------------------------------------------------------------------------------------

    def paint(self, old: Moment, new: Moment) -> None:
        """Show what is drawn, and what networks get of it."""
        before, after = old.state.document.network_input, new.state.document.network_input
        brush = new.state.session.network.brush
        if old is new or (before, old.state.session.network.brush) != (after, brush) or new.is_newer(old, GIVEN):
            self._show_pad(new, after, brush)

    def _show_pad(self, moment: Moment, chosen: NetworkInput, brush: int) -> None:
        found = moment.value(GIVEN)
        if chosen.source == "drawing":
            self._view.pad.show_strokes([(each.points, each.width) for each in chosen.strokes], brush)
        elif found is not None:
            self._view.pad.show_picture(found.shown, brush)
        nothing = moment.failure(GIVEN) is not None or found is None
        raw, centred = (None, None) if nothing else (found.as_drawn, found.centred)
        self._view.given.show_given(raw, centred, is_centred=chosen.centred)

    def render(self, old: Moment, new: Moment) -> None:
        """Show which network is looked at, and how far the picture is moved."""
        look, chosen = new.state.session.network, new.state.document.network_input
        self._view.network.offer((name, network_title(new, name), "") for name in names(new))
        self._view.network.show_data(look.network)
        self._view.brush.show_value(look.brush)
        values = {field: getattr(chosen, field) for field in self._view.moves.sliders}
        self._view.moves.show_values(values)

    def facts(self, moment: Moment) -> str:
        """What the networks get."""
        chosen, found = moment.state.document.network_input, moment.value(GIVEN)
        if chosen.source == "drawing":
            return self.tr("drawn digit")
        if chosen.source == "digit":
            label = "" if found is None else found.label
            return self.tr("test digit {n}, a {label}").format(n=chosen.digit, label=label)
        picture, reference = open_result(moment), moment.state.document.picture
        if picture is None or reference is None:
            return ""
        return self.tr("{name}, {width} × {height} pixels, whole").format(
            name=reference.title, width=f"{picture.value.width:,}", height=f"{picture.value.height:,}"
        )
