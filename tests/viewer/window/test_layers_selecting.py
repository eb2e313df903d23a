"""What is selected in the Layers workspace while the row changes, and what is shown of it meanwhile."""

import threading

import pytest
from PyQt6.QtCore import QPoint

from kernels.recipe import Recipe
from tests.viewer.layers_hand import colour
from viewer.pages.layers.queries import MAP
from viewer.pages.layers.stage_maps import values_purpose
from viewer.pages.layers.stages import kinds

PAIR = {"kernels": ["sobel-x", "sobel-y"], "padding": "same", "border": "reflect"}


@pytest.fixture
def let_go(monkeypatch):
    """Stages are not run before this is set."""
    gate, run = threading.Event(), Recipe.run

    def waiting(self, *given, **named):
        assert gate.wait(20)
        return run(self, *given, **named)

    monkeypatch.setattr(Recipe, "run", waiting)
    yield gate
    gate.set()


def title_of(layers):
    return layers.view.maps.map.title.text()


def test_the_result_of_the_row_is_selected_at_first(layers):
    assert layers.row[-1].key == layers.session.selected
    assert title_of(layers).startswith("Magnitude")


def test_undo_and_redo_of_adding_select_what_is_there(layers):
    first, second, third = (stage.key for stage in layers.row)
    layers.select(2, 1)
    layers.add("relu")
    added = layers.row[2].key
    assert layers.session.selected == added
    layers.call("undo")
    assert (layers.session.selected, [each.key for each in layers.row]) == (second, [first, second, third])
    assert title_of(layers).startswith("Map 0 of Filter bank")
    layers.call("redo")
    assert layers.session.selected == added
    layers.check()


def test_what_was_carried_to_another_place_is_selected(layers):
    first = layers.row[0].key
    layers.view.strip.moved.emit(first, 1)
    layers.wait()
    assert layers.row[1].key == first == layers.session.selected
    layers.call("undo")
    assert layers.session.selected == first


def test_of_another_row_the_first_stage_with_several_maps_is_selected(layers):
    layers.take("lenet5-front")
    assert [each.kind for each in layers.row[:2]] == ["preprocess", "filter-bank"]
    assert layers.session.selected == layers.row[1].key


def test_an_older_map_keeps_its_name_while_the_newer_is_made(layers, let_go, qtbot):
    rect, title = layers.view.maps.map.sheet.rect, title_of(layers)
    layers.view.lists.stage_chosen.emit("global-average")
    assert layers.session.selected == layers.row[-1].key
    assert title_of(layers) == title
    assert layers.view.maps.map.sheet.rect == rect
    qtbot.waitUntil(layers.view.maps.map.busy.isVisible)
    let_go.set()
    layers.wait()
    assert title_of(layers).startswith("Global average 1 × 1")
    assert not layers.view.maps.map.busy.isVisible()


def test_the_map_of_a_stage_that_cannot_be_run_says_that_it_is_older(layers):
    layers.make(("filter-bank", PAIR), ("relu", {}))
    layers.select(2)
    layers.put(layers.row[0].key, {"kernels": ["1 2; 3 4"], "padding": "valid", "stride": [99, 99]})
    layers.wait()
    layers.put(layers.row[1].key, {})
    layers.add("max-pool")
    assert layers.errors[-1]
    assert "as it was before" in title_of(layers)
    assert title_of(layers).startswith("ReLU")
    layers.call("undo")
    assert "before" not in title_of(layers)


def test_the_pointer_over_a_map_makes_no_card_anew(layers, monkeypatch):
    layers.select(2)
    layers.point(3, 4)
    shown = []
    monkeypatch.setattr(layers.view.strip, "show_cards", lambda *given: shown.append(given))
    cards = layers.cards
    for at in range(5):
        layers.point(at, at)
    layers.click(2, 2)
    assert shown == []
    assert layers.cards == cards
    layers.select(2, 1)
    layers.add("relu")
    assert len(shown) >= 2


def test_a_row_with_nothing_selected_is_never_shown_on_the_way(layers, monkeypatch):
    shown, show = [], layers.view.strip.show_cards

    def noted(*given):
        shown.append(given[-1])
        show(*given)

    monkeypatch.setattr(layers.view.strip, "show_cards", noted)
    for step in ("removeStage", "undo", "redo", "removeStage", "undo", "undo"):
        layers.call(step)
    layers.take("vgg-block")
    assert 0 not in shown
    assert shown[-1] == layers.session.selected


def test_maps_beyond_the_end_of_the_row_are_let_go(layers):
    layers.take("vgg-block")
    assert layers.moment.value(values_purpose(5)) is not None
    layers.take("edge-detector")
    assert [layers.moment.value(values_purpose(place)) is None for place in (3, 4, 5)] == [False, True, True]
    assert [layers.maps(place) is None for place in (3, 4, 5)] == [False, True, True]
    layers.call("undo")
    layers.check()
    assert layers.moment.value(MAP) is not None


def test_the_selected_card_stays_in_sight_while_the_others_grow(layers, let_go):
    layers.view.resize(1000, 600)
    layers.view.lists.row_chosen.emit("vgg-block")
    last = layers.row[-1].key
    layers.view.strip.selected.emit(last)
    area, card = layers.view.strip.area, layers.view.strip.row.card_of(last)
    assert area.shows(card)
    width = layers.view.strip.row.width()
    let_go.set()
    layers.wait()
    assert layers.view.strip.row.width() > width
    assert area.shows(card)


def test_the_zoom_is_told_only_beside_pictures(layers):
    zoom = layers.window.status.zoom
    assert zoom.text().endswith("%")
    layers.look(tab="matrix")
    assert zoom.text() == ""
    layers.look(tab="maps")
    assert zoom.text().endswith("%")
    layers.look(tab="locations")
    layers.call("showFilter")
    assert zoom.text().endswith("%")


def test_the_picture_is_one_map_with_a_shape_and_a_range(layers):
    layers.open(colour(40, 50))
    card = layers.cards[0]
    assert card.count == 1
    low, high = layers.picture.pixels.min(), layers.picture.pixels.max()
    assert card.facts == (("Shape", "3 × 50 × 40"), ("Range", f"{low} … {high}"))


def test_the_menu_of_a_plus_offers_every_kind_in_its_group(layers):
    layers.view.strip.insert_requested.emit(1, QPoint(50, 50))
    menu = layers.control("insertMenu")
    groups = {part.text(): [each.text() for each in part.menu().actions()] for part in menu.actions()}
    assert list(groups) == list(dict.fromkeys(each.group for each in kinds()))
    assert [title for group in groups.values() for title in group] == [each.title for each in kinds()]
    pooling = next(part.menu() for part in menu.actions() if part.text() == "Pooling")
    action = next(each for each in pooling.actions() if each.text() == "Median")
    assert action.toolTip()
    action.trigger()
    menu.close()
    layers.wait()
    assert [each.kind for each in layers.row] == ["filter", "median", "filter-bank", "magnitude"]
    assert layers.session.selected == layers.row[1].key
