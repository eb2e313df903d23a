"""The Layers workspace of the real window, driven by its views and read by what it holds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from PyQt6.QtWidgets import QWidget

from kernels.pictures.picture import Origin, Picture
from kernels.recipe import Recipe
from viewer.document import RowStage
from viewer.pages.layers.cards import Card
from viewer.pages.layers.queries import MAP, StageMaps, stage_purpose
from viewer.session import with_view


def grey(rows: int = 24, columns: int = 30, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (rows, columns), np.uint8)


def colour(rows: int = 24, columns: int = 30, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (rows, columns, 3), np.uint8)


class LayersHand:
    """What a user does and sees."""

    def __init__(self, window: Any) -> None:
        self.window, self.view = window, window.layers.view

    def wait(self, timeout: float = 20.0) -> None:
        self.window.wait_until_idle(timeout)

    def enter(self) -> None:
        self.window.intents.call("showLayers")
        self.wait()

    def open(self, pixels: np.ndarray, name: str = "made", wait: bool = True) -> None:
        picture = Picture(pixels, origin=Origin("output", None, name))
        self.window.sources.open_made(lambda _work: picture, name)
        if wait:
            self.wait()
            assert self.window.sources.picture is picture

    def call(self, intent: str) -> None:
        self.window.intents.call(intent)
        self.wait()

    def control(self, name: str) -> QWidget:
        found = self.view.findChild(QWidget, name)
        assert found is not None, name
        return found

    @property
    def row(self) -> tuple[RowStage, ...]:
        return self.window.store.document.row

    @property
    def session(self) -> Any:
        return self.window.store.session.layers

    @property
    def moment(self) -> Any:
        return self.window.river.moment

    @property
    def picture(self) -> Picture:
        return self.window.sources.picture

    @property
    def cards(self) -> list[Card]:
        return [each.card for each in self.view.strip.row.cards]

    @property
    def errors(self) -> list[str]:
        return [card.error for card in self.cards]

    def maps(self, place: int) -> StageMaps:
        return self.moment.value(stage_purpose(place))

    def take(self, name: str) -> None:
        """A ready-made row, from the list."""
        self.view.lists.row_chosen.emit(name)
        self.wait()

    def make(self, *stages: tuple[str, dict[str, Any]]) -> None:
        """Exactly these stages."""
        for stage in self.row:
            self.view.strip.removed.emit(stage.key)
        for place, (kind, options) in enumerate(stages):
            self.window.layers.row.insert(kind, place)
            self.put(self.row[place].key, options)
        self.wait()

    def put(self, key: int, options: dict[str, Any]) -> None:
        from viewer.pages.layers import row as rows

        self.window.store.edit(lambda document: rows.with_options(document, key, options), "Change a stage")

    def add(self, kind: str) -> None:
        self.view.lists.stage_chosen.emit(kind)
        self.wait()

    def select(self, place: int, number: int = 0) -> None:
        key = self.row[place - 1].key if place else 0
        self.view.strip.map_selected.emit(key, number)
        self.wait()

    def set_option(self, name: str, value: Any) -> None:
        self.view.options.option_changed.emit(name, value)
        self.view.options.gesture_ended.emit()
        self.wait()

    def look(self, **changes: Any) -> None:
        self.window.store.view(lambda session: with_view(session, "layers", **changes))
        self.wait()

    def point(self, i: int, j: int) -> None:
        """Bring the pointer over a pixel of the selected map."""
        middle = self.view.maps.map.sheet.pixel_rect(i, j).center()
        self.view.maps.hovered.emit("map", middle.y(), middle.x())
        self.wait()

    def click(self, i: int, j: int) -> None:
        middle = self.view.maps.map.sheet.pixel_rect(i, j).center()
        self.view.maps.clicked.emit("map", middle.y(), middle.x())
        self.wait()

    def expected(self) -> list[np.ndarray | None]:
        """What the row gives by `Recipe.run`, one for each stage; None from where it does not fit together."""
        picture = self.picture
        data = [{stage.kind: json.loads(stage.options)} for stage in self.row if stage.is_on]
        try:
            made = iter(Recipe.from_dict({"stages": data}).run(picture.pixels, white=picture.white))
        except ValueError:
            return self._expected_one_by_one()
        whole: list[np.ndarray | None] = []
        for stage in self.row:
            whole.append(next(made) if stage.is_on else whole[-1] if whole else picture.pixels)
        return whole

    def _expected_one_by_one(self) -> list[np.ndarray | None]:
        found: list[np.ndarray | None] = []
        picture = self.picture
        last: np.ndarray = picture.pixels
        stages: list[dict[str, Any]] = []
        for stage in self.row:
            if stage.is_on and last is not None:
                stages.append({stage.kind: json.loads(stage.options)})
                try:
                    last = Recipe.from_dict({"stages": stages}).run(picture.pixels, white=picture.white)[-1]
                except ValueError:
                    last = None
            found.append(last)
        return found

    def check(self) -> None:
        """Every map is what `Recipe.run` gives; where the row breaks, one card says so, at its place."""
        expected = self.expected()
        for place, wanted in enumerate(expected, 1):
            if wanted is None:
                break
            np.testing.assert_array_equal(self.maps(place).array, wanted, err_msg=f"stage {place} of {self.row}")
        assert len(self.cards) == len(self.row) + 1
        said = [number for number, error in enumerate(self.errors) if error]
        broken = next((place for place, wanted in enumerate(expected, 1) if wanted is None), None)
        assert said == ([] if broken is None else [broken]), self.errors
        if broken is not None:
            assert "stages[" not in self.errors[broken]
        place = next((n for n, stage in enumerate(self.row, 1) if stage.key == self.session.selected), 0)
        if place and (broken is None or place < broken):
            shown = self.moment.value(MAP)
            np.testing.assert_array_equal(shown.painted.values, self.maps(place).map(self.session.map))
