"""From the row of stages to the cards, the lists and the options, and back: every intent is one step of undo."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtWidgets import QMenu

from kernels.recipe import Recipe
from kernels.recipe.rows import ROWS, ready_made
from viewer.moment import Moment
from viewer.pages.layers import row as rows
from viewer.pages.layers.cards import Card, Entry
from viewer.pages.layers.queries import StageMaps, selected_place, stage_purpose, stage_query
from viewer.pages.layers.stages import KINDS, default_options, fields, with_option
from viewer.pages.layers.views.workspace import LayersWorkspace
from viewer.pages.layers.words import card_detail, card_facts, note_of
from viewer.shelf import open_result
from viewer.state import Document, RowStage, with_layers_view
from viewer.store import Store


class RowControl(QObject):
    """Shows the row and turns what the user does into the next one."""

    def __init__(self, view: LayersWorkspace, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._moment = Moment(store.state)
        self._error = ""
        strip, lists, options = view.strip, view.lists, view.options
        strip.selected.connect(lambda key: self._look(selected=key, map=0))
        strip.map_selected.connect(lambda key, number: self._look(selected=key, map=number))
        strip.switched.connect(lambda key, on: self._edit(lambda d: rows.switched(d, key, on), self.tr("Switch a stage")))
        strip.removed.connect(self.remove)
        strip.moved.connect(lambda key, place: self._edit(lambda d: rows.moved(d, key, place), self.tr("Move a stage")))
        strip.insert_requested.connect(self._offer_stages)
        strip.stage_dropped.connect(self.insert)
        strip.row_dropped.connect(self.take_row)
        lists.stage_chosen.connect(self.append)
        lists.row_chosen.connect(self.take_row)
        options.option_changed.connect(self._change_option)
        options.gesture_ended.connect(store.end_gesture)
        options.remove_requested.connect(lambda: self.remove(self._store.session.layers.selected))
        options.duplicate_requested.connect(self._duplicate)
        options.moved.connect(self._move_selected)
        lists.show_entries([_row_entry(name) for name in ROWS], [_stage_entry(kind) for kind in KINDS])

    # -- showing ---------------------------------------------------------------------------------------------------

    def render(self, old: Moment, new: Moment) -> None:
        """Show the cards, and the options of the selected stage."""
        self._moment = new
        document, layers = new.state.document, new.state.session.layers
        place = selected_place(new)
        cards = self._cards(new)
        name = ROWS[document.row_name].title if document.row_name in ROWS else self.tr("Row of stages")
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
        if place == 0:
            self._view.options.show_stage(self.tr("Picture"), (), "")
            return
        stage = document.row[place - 1]
        options = json.loads(stage.options)
        channels = self._channels_before(place)
        self._view.options.show_stage(KINDS[stage.kind].title, fields(stage.kind, options, channels), self._error)

    def _cards(self, moment: Moment) -> list[Card]:
        """A card for the picture and one for each stage, with the newest maps that there are."""
        picture, layers, row = open_result(moment), moment.state.session.layers, moment.state.document.row
        title = moment.state.document.picture.title if moment.state.document.picture is not None else ""
        cards = [self._card(moment, 0, Card(0, self.tr("Picture"), title), layers.selected == 0)]
        facts = card_facts(row, None if picture is None else picture.value.shape)
        failed = False
        for place, stage in enumerate(row, 1):
            failure = moment.failure(stage_purpose(place))
            bare = Card(
                key=stage.key,
                title=KINDS[stage.kind].title,
                detail=card_detail(stage),
                is_on=stage.is_on,
                glyph=KINDS[stage.kind].glyph,
                facts=facts[place - 1],
                error="" if failure is None or failed or failure.error is None else failure.sentence,
            )
            failed = failed or failure is not None
            cards.append(self._card(moment, place, bare, layers.selected == stage.key))
        return cards

    def _card(self, moment: Moment, place: int, bare: Card, is_selected: bool) -> Card:
        from dataclasses import replace

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

    def insert(self, kind: str, place: int) -> None:
        """A new stage at a place of the row."""
        if kind not in KINDS:
            return
        options = default_options(kind, self._channels_before(min(place, len(self._store.document.row)) + 1))
        self._edit(lambda d: rows.inserted(d, place, kind, options), self.tr("Add a stage"))
        self._look(selected=self._store.document.row[min(place, len(self._store.document.row) - 1)].key, map=0)

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
        if name not in ROWS:
            return
        picture = open_result(self._moment)
        channels = 1 if picture is None or picture.value.is_grey else 3
        recipe: Recipe = ready_made(name, channels)
        text = self.tr("Take {title}").format(title=ROWS[name].title)
        self._edit(lambda d: rows.with_row(d, name, recipe), text)
        self._look(selected=self._store.document.row[0].key if self._store.document.row else 0, map=0)

    def _duplicate(self) -> None:
        place = selected_place(self._moment)
        if place:
            stage = self._store.document.row[place - 1]
            self._edit(
                lambda d: rows.inserted(d, place, stage.kind, json.loads(stage.options)), self.tr("Duplicate a stage")
            )

    def _move_selected(self, step: int) -> None:
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
        self._edit(lambda d: rows.with_options(d, stage.key, options), self.tr("Change a stage"), ("stage", stage.key, name))
        self._show_options(self._store.document, place)

    def _offer_stages(self, place: int, where: QPoint) -> None:
        menu = QMenu(self._view)
        for kind, known in KINDS.items():
            action = menu.addAction(known.title)
            action.setToolTip(known.summary)
            action.triggered.connect(lambda _checked=False, kind=kind: self.insert(kind, place))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def _edit(self, update: Callable[[Document], Document], text: str, gesture: Any = None) -> None:
        self._store.edit(update, text, gesture)

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_layers_view(session, **changes))


def _row_entry(name: str) -> Entry:
    known = ROWS[name]
    count = len(ready_made(name, 1).to_dict()["stages"])
    return Entry(name, known.title, "", known.summary, str(count))


def _stage_entry(kind: str) -> Entry:
    known = KINDS[kind]
    return Entry(kind, known.title, known.group, known.summary)


def has_stage(row: tuple[RowStage, ...], key: int) -> bool:
    """Whether the row has that stage."""
    return rows.place_of(row, key) is not None
