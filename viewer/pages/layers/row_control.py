"""From the row of stages to the cards, the lists and the options, and back: every intent is one step of undo."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtWidgets import QMenu

from kernels.recipe import Recipe
from kernels.recipe.rows import ROWS, ReadyMade, ready_made
from viewer.moment import Moment
from viewer.pages.layers import row as rows
from viewer.pages.layers.cards import Card, Entry
from viewer.pages.layers.queries import StageMaps, selected_place, stage_purpose, stage_query
from viewer.pages.layers.stages import entries, fields, kind, taken, with_option
from viewer.pages.layers.views.workspace import LayersWorkspace
from viewer.pages.layers.words import card_detail, card_facts, note_of, row_facts, sections
from viewer.shelf import open_result
from viewer.state import Document, with_layers_view
from viewer.store import Store

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
        self._error, self._has_lists = "", False
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
        cards = self._cards(new)
        known = next((each for each in ROWS if each.name == document.row_name), None)
        name = self.tr("Row of stages") if known is None else known.title
        picture = document.picture
        summary = self.tr("{n} stages on {title} · {scale}").format(
            n=len(document.row),
            title="" if picture is None else picture.title,
            scale=self.tr("all maps on one scale") if layers.common_scale else self.tr("each map on its own scale"),
        )
        self._view.strip.show_cards(name, summary, cards, layers.selected if place else 0)
        self._view.lists.show_current(document.row_name)
        if old is new or (old.state.document.row, old.state.session.layers) != (document.row, layers):
            self._error = "" if old.state.document.row != document.row else self._error
            self._show_options(document, place)

    def _show_options(self, document: Document, place: int) -> None:
        options, picture = self._view.options, open_result(self._moment)
        if place == 0:
            options.show_no_stage(self.tr("Picture"), self.tr("Choose a stage of the row to see its options."))
            options.show_facts(())
            return
        stage = document.row[place - 1]
        shown = fields(stage.kind, json.loads(stage.options), self._channels_before(place))
        options.show_stage(kind(stage.kind).title, shown, self._error, key=stage.key)
        shape = None if picture is None else picture.value.shape
        options.show_facts(() if shape is None else sections(row_facts(document.row, shape)[place - 1]))

    def _cards(self, moment: Moment) -> list[Card]:
        """A card for the picture and one for each stage, with the newest maps that there are."""
        picture, layers, row = open_result(moment), moment.state.session.layers, moment.state.document.row
        title = moment.state.document.picture.title if moment.state.document.picture is not None else ""
        cards = [self._card(moment, 0, Card(0, self.tr("Picture"), title), layers.selected == 0)]
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
                error="" if failure is None or failed or failure.error is None else failure.sentence,
            )
            failed = failed or failure is not None
            cards.append(self._card(moment, place, bare, layers.selected == stage.key))
        return cards

    def _card(self, moment: Moment, place: int, bare: Card, is_selected: bool) -> Card:
        picture, layers = open_result(moment), moment.state.session.layers
        found: StageMaps | None = moment.value(stage_purpose(place))
        if found is None or picture is None:
            return replace(bare, is_behind=moment.is_busy(stage_purpose(place)))
        query = stage_query(picture, moment.state.document.row, place, layers.common_scale)
        number = min(layers.map, found.count - 1)
        return replace(
            bare,
            maps=found.thumbnails,
            numbers=found.numbers,
            count=found.count,
            selected=number if place and (is_selected or found.count > number) else None,
            kernels=found.kernels,
            note=note_of(found),
            is_behind=moment.answer(query) is None and not bare.error,
        )

    def _channels_before(self, place: int) -> int:
        found: StageMaps | None = self._moment.value(stage_purpose(place - 1))
        if found is None:
            return 1
        return 1 if found.array.ndim == 2 else found.array.shape[2]

    # -- what the user does ----------------------------------------------------------------------------------------

    def append(self, kind: str) -> None:
        """A new stage behind the selected one."""
        place = selected_place(self._moment)
        self.insert(kind, place if place else len(self._store.document.row))

    def insert(self, name: str, place: int) -> None:
        """A new stage at a place of the row, with what it cannot do without."""
        place = min(place, len(self._store.document.row))
        try:
            stages = taken(name, self._channels_before(place + 1))
        except KeyError:
            return
        first = rows.next_key(self._store.document.row)

        def update(document: Document) -> Document:
            for number, (each, options) in enumerate(stages):
                document = rows.inserted(document, place + number, each, options)
            return document

        self._edit(update, self.tr("Add {title}").format(title=kind(name).title))
        self._look(selected=first + len(stages) - 1, map=0)

    def remove(self, key: int) -> None:
        """Take a stage out of the row; the one before it is selected."""
        place = rows.place_of(self._store.document.row, key)
        if place is None:
            return
        self._edit(lambda d: rows.removed(d, key), self.tr("Remove a stage"))
        before = self._store.document.row[place - 1].key if place else 0
        self._look(selected=before, map=0)

    def take_row(self, name: str) -> None:
        """A ready-made row in the place of the present one."""
        known = next((each for each in ROWS if each.name == name), None)
        if known is None:
            return
        picture = open_result(self._moment)
        channels = 1 if picture is None or picture.value.is_grey else 3
        recipe: Recipe = ready_made(name, channels)
        self._edit(lambda d: rows.with_row(d, name, recipe), self.tr("Take {title}").format(title=known.title))
        self._look(selected=self._store.document.row[0].key if self._store.document.row else 0, map=0)

    def remove_selected(self) -> None:
        """Take the selected stage out of the row."""
        self.remove(self._store.session.layers.selected)

    def duplicate(self) -> None:
        """The selected stage once more, behind itself."""
        place = selected_place(self._moment)
        if place:
            stage = self._store.document.row[place - 1]
            self._edit(
                lambda d: rows.inserted(d, place, stage.kind, json.loads(stage.options)), self.tr("Duplicate a stage")
            )

    def move_selected(self, step: int) -> None:
        """The selected stage so many places on."""
        place = selected_place(self._moment)
        if place:
            key = self._store.document.row[place - 1].key
            self._edit(lambda d: rows.moved(d, key, place - 1 + step), self.tr("Move a stage"))

    def _change_option(self, name: str, value: Any) -> None:
        """Take an option, or say beside it why it cannot be."""
        place = selected_place(self._moment)
        if place == 0:
            return
        stage = self._store.document.row[place - 1]
        try:
            options = with_option(stage.kind, json.loads(stage.options), name, value)
            Recipe.from_dict({"stages": [{stage.kind: options}]})
        except (ValueError, TypeError) as error:
            self._error = str(error).replace("stages[0].", "")
            self._show_options(self._store.document, place)
            return
        self._error = ""
        gesture = "stage", stage.key, name
        self._edit(lambda d: rows.with_options(d, stage.key, options), self.tr("Change a stage"), gesture)
        self._show_options(self._store.document, place)

    def _offer_stages(self, place: int, where: QPoint) -> None:
        menu = QMenu(self._view)
        menu.setToolTipsVisible(True)
        for entry in entries():
            action = menu.addAction(entry.title)
            action.setToolTip(entry.summary)
            action.triggered.connect(lambda _checked=False, name=entry.name: self.insert(name, place))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def _switch(self, key: int, on: bool) -> None:
        self._edit(lambda document: rows.switched(document, key, on), self.tr("Switch a stage"))

    def _move(self, key: int, place: int) -> None:
        self._edit(lambda document: rows.moved(document, key, place), self.tr("Move a stage"))

    def _edit(self, update: Callable[[Document], Document], text: str, gesture: Any = None) -> None:
        self._store.edit(update, text, gesture)

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_layers_view(session, **changes))


def _row_entry(row: ReadyMade) -> Entry:
    count = len(ready_made(row.name).to_dict()["stages"])
    return Entry(row.name, row.title, "", row.summary, str(count))
