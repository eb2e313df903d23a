"""The Layers workspace in the window: rows, what is computed for them, and what cannot be."""

import itertools
import json

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from kernels.recipe import Recipe
from kernels.recipe.rows import ROWS
from tests.viewer.layers_hand import LayersHand, colour, grey
from viewer.pages.layers.queries import MAP, stage_purpose
from viewer.pages.layers.stages import kinds

SAME = {"padding": "same", "border": "reflect"}
PAIR = {"kernels": ["sobel-x", "sobel-y"], **SAME}


@pytest.fixture
def made(monkeypatch):
    """The kinds of the stages that are computed, in order."""
    found = []
    run = Recipe.run

    def counted(self, *given, **named):
        found.append(next(iter(self.to_dict()["stages"][0])))
        return run(self, *given, **named)

    monkeypatch.setattr(Recipe, "run", counted)
    return found


def test_alt_3_goes_there_and_the_output_stays(window, qtbot, control):
    output = window.output()
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    window.wait_until_idle()
    assert window.store.session.workspace == "layers"
    assert control("layers").isVisible()
    assert window.output() is output
    tabs = control("workspaceTabs")
    assert [tabs.findData(name) >= 0 for name in ("filter", "gradient", "layers")] == [True] * 3
    assert tabs.currentData() == "layers"
    hand = LayersHand(window)
    hand.check()
    tabs.setCurrentIndex(tabs.findData("filter"))
    window.wait_until_idle()
    assert window.output() is output


def test_nothing_is_computed_while_another_workspace_is_in_front(layers, made):
    layers.window.intents.call("showGradient")
    layers.wait()
    held = layers.maps(1)
    del made[:]
    layers.open(grey(20, 20, 5))
    layers.window.layers.row.insert("relu", 1)
    layers.window.intents.call("showFilter")
    layers.wait()
    assert made == []
    assert layers.maps(1) is held
    layers.enter()
    assert made[:2] == ["filter", "relu"]
    layers.check()


@pytest.mark.parametrize("pixels", [grey(40, 44), colour(40, 44)], ids=["grey", "colour"])
def test_every_ready_made_row(layers, pixels):
    layers.open(pixels)
    for row in ROWS:
        layers.take(row.name)
        assert layers.window.store.document.row_name == row.name
        layers.check()
        assert layers.errors == [""] * len(layers.cards), row.name
        assert layers.control("layerStripTitle").text() == row.title


def test_only_what_changed_is_computed_again(layers, made):
    layers.make(("filter", {"kernel": "gaussian"}), ("filter-bank", PAIR), ("relu", {}), ("max-pool", {"size": 2}))
    shown = [layers.maps(place) for place in range(5)]
    layers.look(tab="arithmetic")
    del made[:]
    layers.select(3)
    layers.set_option("slope", 1)
    layers.put(layers.row[2].key, {})
    layers.wait()
    assert made == []
    layers.put(layers.row[3].key, {"size": 3})
    layers.wait()
    assert made == ["max-pool"]
    assert [layers.maps(place) is shown[place] for place in range(5)] == [True] * 4 + [False]
    del made[:]
    layers.view.strip.switched.emit(layers.row[1].key, False)
    layers.wait()
    assert made == ["relu", "max-pool"]
    layers.check()


def test_another_scale_computes_nothing_again(layers, made):
    layers.make(("filter-bank", {"kernels": ["sobel-x", "gaussian"], **SAME}))
    layers.select(1, 0)
    own = layers.maps(1).levels
    del made[:]
    layers.view.maps.scale.setCurrentIndex(layers.view.maps.scale.findData("common"))
    layers.wait()
    assert layers.session.common_scale
    assert made == []
    common = layers.maps(1).levels
    assert own[0] != own[1]
    assert common[0] == common[1]
    reach = np.abs(layers.maps(1).array).max()
    assert layers.moment.value(MAP).painted.levels == pytest.approx((-reach, reach))
    layers.check()


@pytest.mark.parametrize("common", [False, True])
def test_thumbnails_and_the_large_map_have_the_same_colours(layers, common):
    """Sharpening makes -800 of a dark pixel and 400 of its neighbours; nothing negative is left in the thumbnail."""
    pixels = np.full((288, 288), 200, np.uint8)
    pixels[100, 100] = 0
    layers.open(pixels)
    layers.make(("filter", {"kernel": "sharpen", **SAME}), ("relu", {}))
    layers.look(common_scale=common)
    for place, levels in ((1, (-800, 800)), (2, (-400, 400))):
        layers.select(place, 0)
        assert layers.maps(place).levels[0] == pytest.approx(levels)
        assert layers.maps(place).thumbnails[0].ndim == 3
        assert layers.moment.value(MAP).painted.levels == pytest.approx(levels)


def test_lengths_are_grey_though_there_were_signs_before(layers):
    layers.open(grey(40, 44))
    layers.make(("filter-bank", PAIR), ("magnitude", {}))
    assert [layers.maps(place).thumbnails[0].ndim for place in (1, 2)] == [3, 2]


def test_maps_of_one_pixel_carry_their_numbers(layers):
    layers.open(grey(20, 24))
    layers.make(("filter-bank", PAIR), ("global-average", {}))
    layers.select(2, 1)
    means = layers.maps(1).array.mean(axis=(0, 1))
    assert layers.cards[1].values == ()
    assert layers.cards[2].values == pytest.approx(means, rel=1e-5)
    assert layers.view.maps.list.maps.values == pytest.approx(means, rel=1e-5)


def test_the_seconds_are_those_of_the_stages(layers):
    layers.open(grey(40, 44))
    layers.take("lenet5-front")
    seconds = [layers.maps(place).values.seconds for place in range(1, 10)]
    assert all(each > 0 for each in seconds)
    assert layers.window.status.facts.text().count("9 stages in") == 1


def test_add_remove_reorder_duplicate_switch_and_undo_to_the_bottom_and_back(layers):
    store = layers.window.store
    store.undo_stack.clear()
    seen = [store.document]

    def step(does, *given):
        does(*given)
        layers.wait()
        layers.check()
        assert store.document != seen[-1]
        seen.append(store.document)

    step(layers.add, "relu")
    assert [each.kind for each in layers.row] == ["filter", "filter-bank", "magnitude", "relu"]
    assert layers.session.selected == layers.row[3].key
    step(layers.call, "duplicateStage")
    assert [each.kind for each in layers.row][3:] == ["relu", "relu"]
    assert layers.session.selected == layers.row[4].key
    step(layers.call, "stageLeft")
    step(layers.view.strip.switched.emit, layers.row[2].key, False)
    layers.select(3)
    step(layers.call, "duplicateStage")
    assert [each.is_on for each in layers.row] == [True, True, False, False, True, True]
    step(layers.view.strip.moved.emit, layers.row[0].key, 4)
    step(layers.view.strip.removed.emit, layers.row[1].key)
    step(layers.view.strip.stage_dropped.emit, "sigmoid", 0)
    assert layers.row[0].kind == "sigmoid"
    step(layers.view.strip.row_dropped.emit, "lenet5-front")
    for document in reversed(seen[:-1]):
        layers.call("undo")
        assert store.document == document
        layers.check()
    assert not store.undo_stack.canUndo()
    for document in seen[1:]:
        layers.call("redo")
        assert store.document == document
        layers.check()


def test_what_no_list_offers_changes_nothing(layers):
    before = layers.window.store.document
    layers.view.strip.stage_dropped.emit("no-such-stage", 0)
    layers.view.strip.row_dropped.emit("no-such-row")
    layers.view.strip.removed.emit(999)
    layers.view.strip.moved.emit(999, 0)
    layers.wait()
    assert layers.window.store.document == before


@pytest.mark.parametrize("pixels", [grey(), colour()], ids=["grey", "colour"])
def test_each_kind_begins_with_options_that_fit(layers, pixels):
    layers.open(pixels)
    layers.make()
    tabs = itertools.cycle(("arithmetic", "matrix", "locations"))
    for kind in kinds():
        if kind.name in ("channel", "preprocess") and pixels.ndim == 2:
            continue  # of a grey picture there are no colours to take, and this one is too small for the network
        layers.select(0)
        layers.add(kind.name)
        layers.check()
        assert layers.errors == [""] * len(layers.cards), (kind.name, layers.errors)
        assert layers.row[-1].kind == kind.name
        layers.look(tab=next(tabs), pixel=(0, 0))
        layers.view.strip.removed.emit(layers.row[-1].key)
        if layers.row:
            layers.make()


def test_a_row_that_does_not_fit_says_so_once_and_keeps_the_last_good_maps(layers):
    layers.make(("filter-bank", PAIR), ("thin", {}), ("relu", {}))
    layers.select(2)
    held, shown = [layers.maps(place) for place in (2, 3)], layers.moment.value(MAP)
    layers.put(layers.row[0].key, {"kernels": ["sobel-x", "sobel-y", "outline"], **SAME})
    layers.wait()
    layers.check()
    assert layers.errors[2] == "3 maps come in, but 2 are needed: Gx and Gy."
    assert [layers.maps(place) for place in (2, 3)] == held
    assert layers.moment.value(MAP) is shown
    assert len(layers.cards[2].maps) == len(layers.cards[3].maps) == 1
    assert [card.is_waiting for card in layers.cards] == [False, False, False, True]
    assert not any(card.is_behind for card in layers.cards)
    layers.call("undo")
    layers.check()
    assert layers.errors == [""] * 4


def test_the_place_counts_the_stages_that_are_off_too(layers):
    layers.make(("relu", {}), ("relu", {}), ("max-pool", {"size": 2}), ("max-pool", {"size": 2}), ("tanh", {}))
    layers.view.strip.switched.emit(layers.row[0].key, False)
    layers.put(layers.row[2].key, {"size": 99})
    layers.wait()
    layers.check()
    assert layers.errors[3].startswith("A window of 99 × 99 does not fit into ")
    np.testing.assert_array_equal(layers.maps(2).array, np.maximum(layers.picture.pixels, 0))
    layers.call("undo")
    layers.check()


def test_an_option_is_changed_in_the_panel(layers):
    layers.make(("filter-bank", PAIR), ("max-pool", {"size": 2}))
    layers.select(2)
    layers.set_option("size", (3, 2))
    assert json.loads(layers.row[1].options)["size"] == [3, 2]
    layers.check()
    assert layers.cards[2].detail == "2 × 3"
    layers.select(1)
    layers.set_option("kernels", "outline\n1 0 −1; 2 0 −2")
    layers.check()
    assert json.loads(layers.row[0].options)["kernels"][0] == "outline"
    assert layers.maps(1).array[3, 4, 1] == np.sum(
        np.array([[1, 0, -1], [2, 0, -2]]) * layers.picture.pixels[3:5, 3:6].astype(float)
    )
    layers.set_option("stride", (2, 2))
    assert layers.maps(1).array.shape == (12, 15, 2)
    layers.check()


def test_an_invalid_option_says_so_and_the_last_stays(layers):
    layers.make(("filter", {"kernel": "gaussian"}), ("relu", {}))
    layers.select(1)
    before = layers.window.store.document
    layers.set_option("kernel", "no-such-kernel")
    message = layers.control("layer_kernelMessage")
    assert layers.window.store.document == before
    assert "no-such-kernel" in message.text()
    assert "stages[0]" not in message.text()
    layers.point(2, 2)
    assert "no-such-kernel" in message.text()
    layers.select(2)
    assert message.text() == ""
    layers.select(1)
    layers.set_option("kernel", "sobel-x")
    assert message.text() == ""
    layers.check()


def test_of_two_quick_changes_the_last_is_shown(layers):
    layers.make(("filter", {"kernel": "gaussian"}), ("relu", {}))
    for kernel in ("sobel-x", "outline", "sobel-y"):
        layers.put(layers.row[0].key, {"kernel": kernel})
    layers.view.strip.switched.emit(layers.row[1].key, False)
    layers.open(grey(9, 11, 3), wait=False)
    layers.wait()
    assert layers.maps(2).array.shape == (9, 11)
    layers.check()


def test_the_stage_before_is_selected_when_the_selected_one_goes(layers):
    layers.select(2, 1)
    keys = [each.key for each in layers.row]
    layers.view.strip.removed.emit(keys[2])
    layers.wait()
    assert (layers.session.selected, layers.session.map) == (keys[1], 1)
    layers.call("removeStage")
    assert layers.session.selected == keys[0]
    layers.call("removeStage")
    assert layers.session.selected == 0
    layers.check()
    assert layers.row == ()
    layers.call("removeStage")
    layers.view.options.option_changed.emit("size", (2, 2))
    layers.call("undo")
    layers.check()


def test_a_network_of_one_channel_meets_a_colour_picture(layers):
    layers.make(("filter-bank", {"network": "lenet5", "layer": 0}), ("relu", {}), ("max-pool", {"size": 2}))
    held = layers.maps(3)
    layers.select(3)
    layers.open(colour())
    layers.check()
    assert layers.errors[1] == "Kernel 1 is made for 1 map, but 3 maps come in."
    assert layers.maps(3) is held
    layers.window.layers.row.insert("channel", 0)
    layers.wait()
    layers.check()
    assert layers.errors == [""] * 5


def test_the_options_follow_another_picture(layers):
    layers.make(("filter-bank", {"kernels": ["sobel-x"], **SAME}))
    layers.select(1)
    before = layers.view.options.facts.sections()
    layers.open(colour(40, 50))
    assert layers.view.options.facts.sections() != before
    assert "50" in str(layers.view.options.facts.sections())


def test_a_stage_behind_another_row_begins_with_the_maps_that_come_in(layers):
    layers.take("vgg-block")
    layers.window.layers.row.insert("depthwise", len(layers.row))
    layers.window.layers.row.take_row("lenet5-front")
    layers.window.layers.row.insert("pointwise", 2)  # before anything of the new row is there
    layers.window.layers.row.insert("depthwise", 2)
    layers.wait()
    layers.check()
    assert layers.errors[:4] == [""] * 4
    assert len(json.loads(layers.row[2].options)["kernels"]) == layers.maps(2).count > 1


def test_a_failure_is_over_once_the_stage_behind_is_gone(layers):
    layers.make(("relu", {}), ("max-pool", {"size": 99}))
    assert layers.errors[1] == ""
    layers.check()
    layers.view.strip.removed.emit(layers.row[1].key)
    layers.wait()
    layers.check()
    assert layers.errors == [""] * 2
    assert layers.moment.failure(stage_purpose(1)) is None


def test_tab_goes_from_the_lists_to_the_row_its_selected_card_and_on_to_the_tabs(layers, qtbot):
    layers.take("canny-first-half")
    layers.select(2)
    layers.view.lists.stages.setFocus()
    seen = []
    for _ in range(4):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    header = layers.view.strip.header
    assert seen[:3] == [header.open, header.save, layers.view.strip.row.card_of(layers.row[1].key)]
    assert layers.view.tabs.isAncestorOf(seen[3]) or layers.view.tabs is seen[3]
