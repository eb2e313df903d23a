"""From the row of stages to the cards, the lists and the options, and back: every intent is one step of undo."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace
from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtWidgets import QMenu

from kernels.recipe import Recipe
from kernels.recipe.rows import ROWS, ReadyMade, ready_made
from viewer.document import Document
from viewer.moment import Failure, Moment, Query
from viewer.pages.layers import row as rows
from viewer.pages.layers.cards import Card, Entry
from viewer.pages.layers.queries import StageMaps, held_maps, selected_place, stage_purpose, stage_queries
from viewer.pages.layers.sentences import plain_sentence
from viewer.pages.layers.stages import entries, fields, kind, kinds, taken, with_option
from viewer.pages.layers.views.workspace import LayersWorkspace
from viewer.pages.layers.words import (
    card_detail,
    card_facts,
    note_of,
    picture_facts,
    row_facts,
    row_title,
    sections,
    stages_text,
)
from viewer.session import with_view
from viewer.shelf import open_result
from viewer.store import Store
from viewer.widgets import describe, icon

GLYPHS = {
    "relu": "relu",
    "leaky-relu": "leaky-relu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "max-pool": "pool",
    "average-pool": "pool",
    "gaussian-pool": "pool",
}


class RowControl(QObject):
    """Shows the row and turns what the user does into the next one."""

    def __init__(self, view: LayersWorkspace, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._moment = Moment(store.state)
        self._error, self._wrong, self._has_lists = "", "", False
        self._shown: tuple[object, ...] = ()  # what the cards were made of
        self._options: tuple[object, ...] = ()  # and the options
        strip, lists, options = view.strip, view.lists, view.options
        strip.selected.connect(lambda key: self._look(selected=key, map=0))
        strip.map_selected.connect(lambda key, number: self._look(selected=key, map=number))
        strip.switched.connect(self._switch)
        strip.removed.connect(self.remove)
        strip.moved.connect(self._move)
        strip.insert_requested.connect(self._offer_stages)
        strip.stage_dropped.connect(self.insert)
        strip.row_dropped.connect(self.take_row)
        lists.stage_chosen.connect(self.append)
        lists.row_chosen.connect(self.take_row)
        options.option_changed.connect(self._change_option)
        options.given_up.connect(self._forget_error)
        options.gesture_ended.connect(store.end_gesture)
        options.remove_requested.connect(self.remove_selected)
        options.duplicate_requested.connect(self.duplicate)
        options.moved.connect(self.move_selected)

    # -- showing ---------------------------------------------------------------------------------------------------

    def render(self, old: Moment, new: Moment) -> None:
        """Show the cards, and the options of the selected stage."""
        if not self._has_lists:
            self._has_lists = True  # not before they are seen: counting the stages reads a network
            self._view.lists.show_entries([_row_entry(each) for each in ROWS], entries())
        self._moment = new
        document, layers = new.state.document, new.state.session.layers
        place = selected_place(new)
        shown = _made_of(new)
        if old is new or shown != self._shown:
            self._shown = shown
            self._show_row(new, place)
        if (old.state.document.row, old.state.session.layers.selected) != (document.row, layers.selected):
            self._forget_error()
        options = document.row, place, self._error, open_result(new)
        if old is new or options != self._options:
            self._options = options
            self._show_options(document, place)

    def _show_row(self, new: Moment, place: int) -> None:
        document, layers = new.state.document, new.state.session.layers
        picture = document.picture
        summary = self.tr("{stages} on {title} · {scale}").format(
            stages=stages_text(len(document.row)),
            title="" if picture is None else picture.title,
            scale=self.tr("all maps on one scale") if layers.common_scale else self.tr("each map on its own scale"),
        )
        self._view.strip.show_cards(row_title(document), summary, self._cards(new), layers.selected if place else 0)
        failures = [new.failure(stage_purpose(number)) for number in range(1, len(document.row) + 1)]
        self._view.strip.offer_crop(any(isinstance(each.error, MemoryError) for each in failures if each is not None))
        self._view.lists.show_current("" if document.is_row_changed else document.row_name)

    def _show_options(self, document: Document, place: int) -> None:
        options, picture = self._view.options, open_result(self._moment)
        if place == 0:
            options.show_no_stage(self.tr("Picture"), self.tr("Choose a stage of the row to see its options."))
            options.show_facts(())
            return
        stage = document.row[place - 1]
        shown = fields(stage.kind, json.loads(stage.options), self._channels_before(document.row, place))
        options.show_stage(kind(stage.kind).title, shown, self._error, wrong=self._wrong, key=stage.key)
        shape = None if picture is None else picture.value.shape
        options.show_facts(() if shape is None else sections(row_facts(document.row, shape)[place - 1]))

    def _cards(self, moment: Moment) -> list[Card]:
        """A card for the picture and one for each stage, with the newest maps that there are."""
        picture, layers, row = open_result(moment), moment.state.session.layers, moment.state.document.row
        title = moment.state.document.picture.title if moment.state.document.picture is not None else ""
        queries = [] if picture is None else stage_queries(picture, row, layers.common_scale)
        cards = [self._card(moment, 0, Card(0, self.tr("Picture"), title), queries)]
        facts = (None,) * len(row) if picture is None else row_facts(row, picture.value.shape)
        failed = False
        for place, stage in enumerate(row, 1):
            failure = moment.failure(stage_purpose(place))
            bare = Card(
                key=stage.key,
                title=kind(stage.kind).title,
                detail=card_detail(stage),
                is_on=stage.is_on,
                glyph=GLYPHS.get(stage.kind, ""),
                facts=card_facts(facts[place - 1]),
                error="" if failure is None or failed or failure.error is None else self._sentence_of(failure),
                is_waiting=failed,
            )
            failed = failed or (failure is not None and failure.error is not None)
            cards.append(self._card(moment, place, bare, queries))
        return cards

    def _sentence_of(self, failure: Failure) -> str:
        """What went wrong; and the way out, where a smaller picture is one."""
        if not isinstance(failure.error, MemoryError):
            return plain_sentence(failure.sentence)
        return self.tr("{reason}; “Crop” above opens its middle.").format(reason=failure.sentence.rstrip("."))

    def _card(self, moment: Moment, place: int, bare: Card, queries: Sequence[Query[StageMaps]]) -> Card:
        layers = moment.state.session.layers
        found = held_maps(moment, place)
        is_behind = moment.is_busy(stage_purpose(place))
        if found is None or not queries:
            return replace(bare, is_behind=is_behind)
        is_selected, number = layers.selected == bare.key, min(layers.map, found.count - 1)
        return replace(
            bare,
            maps=found.thumbnails,
            numbers=found.numbers,
            values=found.single_values if place else (),
            count=found.count if place else 1,  # of a picture all channels are one
            facts=bare.facts if place else picture_facts(found),
            selected=number if place and (is_selected or found.count > number) else None,
            kernels=found.kernels,
            note=note_of(found),
            is_behind=is_behind and moment.answer(queries[place]) is None,
        )

    def _channels_before(self, row: rows.Row, place: int) -> int:
        """How many maps come into the stage at `place`; as many as in the picture, behind one that cannot be run."""
        picture = open_result(self._moment)
        if picture is None:
            return 1
        known = [each for each in row_facts(row[: place - 1], picture.value.shape) if each is not None]
        shape = known[-1].shape if known else picture.value.shape
        return shape[2] if len(shape) == 3 else 1

    def select_after(self, before: rows.Row, now: Moment) -> bool:
        """Whether another stage had to be selected, because the row `before` has become another."""
        row, selected, picture = now.state.document.row, now.state.session.layers.selected, open_result(now)
        if row == before:
            return False
        facts = (None,) * len(row) if picture is None else row_facts(row, picture.value.shape)
        counts = [math.prod(each.shape[2:]) if each is not None else 1 for each in facts]
        chosen = rows.selection_after(before, row, selected, counts)
        if chosen != selected:
            self._look(selected=chosen, map=0)
        return chosen != selected

    # -- what the user does ----------------------------------------------------------------------------------------

    def append(self, kind: str) -> None:
        """A new stage behind the selected one."""
        row = self._store.document.row
        place = rows.place_of(row, self._store.session.layers.selected)
        self.insert(kind, len(row) if place is None else place + 1)

    def insert(self, name: str, place: int) -> None:
        """A new stage at a place of the row, with what it cannot do without."""
        row = self._store.document.row
        if name not in [each.name for each in kinds()]:
            return
        place = min(place, len(row))
        stages = taken(name, self._channels_before(row, place + 1))

        def update(document: Document) -> Document:
            for number, (each, options) in enumerate(stages):
                document = rows.inserted(document, place + number, each, options)
            return document

        self._edit(update, self.tr("Add {title}").format(title=kind(name).title))

    def remove(self, key: int) -> None:
        """Take a stage out of the row."""
        self._edit(lambda d: rows.removed(d, key), self.tr("Remove a stage"))

    def take_row(self, name: str) -> None:
        """A ready-made row in the place of the present one."""
        known = next((each for each in ROWS if each.name == name), None)
        if known is None:
            return
        picture = open_result(self._moment)
        channels = 1 if picture is None or picture.value.is_grey else 3
        recipe: Recipe = ready_made(name, channels)
        self._edit(lambda d: rows.with_row(d, name, recipe), self.tr("Take {title}").format(title=known.title))

    def remove_selected(self) -> None:
        """Take the selected stage out of the row."""
        self.remove(self._store.session.layers.selected)

    def duplicate(self) -> None:
        """The selected stage once more, behind itself."""
        key = self._store.session.layers.selected
        self._edit(lambda d: rows.duplicated(d, key), self.tr("Duplicate a stage"))

    def move_selected(self, step: int) -> None:
        """The selected stage so many places on."""
        key = self._store.session.layers.selected
        place = rows.place_of(self._store.document.row, key)
        if place is not None:
            self._move(key, place + step)

    def _change_option(self, name: str, value: Any) -> None:
        """Take an option, or say beside it why it cannot be."""
        number = rows.place_of(self._store.document.row, self._store.session.layers.selected)
        if number is None:
            return
        place, stage = number + 1, self._store.document.row[number]
        try:
            options = with_option(stage.kind, json.loads(stage.options), name, value)
            Recipe.from_dict({"stages": [{stage.kind: options}]})
        except (ValueError, TypeError) as error:
            self._error, self._wrong = plain_sentence(str(error)), name
            self._show_options(self._store.document, place)
            return
        self._forget_error()
        gesture = "stage", stage.key, name
        self._edit(lambda d: rows.with_options(d, stage.key, options), self.tr("Change a stage"), gesture)
        self._show_options(self._store.document, place)

    def _forget_error(self) -> None:
        self._error = self._wrong = ""

    def _offer_stages(self, place: int, where: QPoint) -> None:
        menu = describe(QMenu(self._view), "insertMenu", self.tr("Insert a stage"), "")
        for group, some in itertools.groupby(entries(), key=lambda entry: entry.group):
            part = menu.addMenu(group)
            part.setToolTipsVisible(True)
            for entry in some:
                action = part.addAction(icon(entry.icon), entry.title)
                action.setToolTip(entry.summary)
                action.triggered.connect(lambda _checked=False, name=entry.name: self.insert(name, place))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def _switch(self, key: int, on: bool) -> None:
        self._edit(lambda document: rows.switched(document, key, on), self.tr("Switch a stage"))

    def _move(self, key: int, place: int) -> None:
        if key != self._store.session.layers.selected and rows.place_of(self._store.document.row, key) is not None:
            self._look(selected=key, map=0)  # what is in the hand
        self._edit(lambda document: rows.moved(document, key, place), self.tr("Move a stage"))

    def _edit(self, update: Callable[[Document], Document], text: str, gesture: Any = None) -> None:
        self._store.edit(update, text, gesture)

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_view(session, "layers", **changes))


def _made_of(moment: Moment) -> tuple[object, ...]:
    """All that the cards show: what is followed under the pointer is not among it."""
    document, layers = moment.state.document, moment.state.session.layers
    names = [stage_purpose(place).name for place in range(len(document.row) + 1)]
    said = [(moment.results.get(name), moment.failures.get(name), name in moment.busy) for name in names]
    looked_at = layers.selected, layers.map, layers.common_scale
    return document.row, document.row_name, document.first_row, document.picture, open_result(moment), looked_at, said


def _row_entry(row: ReadyMade) -> Entry:
    count = len(ready_made(row.name).chain.stages)
    return Entry(row.name, row.title, "", row.summary, str(count))
