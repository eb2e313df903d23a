"""What may go wrong in the Layers workspace: too little memory, second thoughts, anything in any order."""

import time

import numpy as np
import pytest

from kernels import memory
from kernels.recipe.rows import ROWS
from tests.viewer.layers_hand import colour, grey
from viewer.pages.layers.queries import stage_purpose
from viewer.pages.layers.stages import kinds

LONGEST = 10


def test_maps_that_do_not_fit_into_memory_are_refused_and_the_middle_is_offered(layers, monkeypatch):
    crop = layers.control("cropButton")
    assert not crop.isVisible()
    layers.take("vgg-block")
    monkeypatch.setattr(memory, "available", lambda: 200_000_000)
    layers.open(np.broadcast_to(grey(1, 4000), (3000, 4000)), "huge")
    errors = [error for error in layers.errors if error]
    assert len(errors) == 1
    assert layers.errors[1] == errors[0]
    assert "200 MB" in errors[0]
    assert "Crop" in errors[0]
    assert errors[0].count(". ") == 0
    assert crop.isVisible()
    assert crop.toolTip()
    held = layers.picture
    crop.click()
    layers.wait()
    assert layers.errors == [""] * len(layers.cards)
    assert not crop.isVisible()
    rows, columns = layers.picture.shape
    assert 64 < rows <= columns <= 1024
    top, left = (3000 - rows) // 2, (4000 - columns) // 2
    np.testing.assert_array_equal(layers.picture.pixels, held.pixels[top : top + rows, left : left + columns])
    assert "Middle of huge" in layers.window.store.document.picture.title
    for place in range(1, len(layers.row) + 1):
        assert layers.maps(place).array.shape[0] <= rows
    layers.call("undo")
    assert layers.picture is held
    assert sum(bool(error) for error in layers.errors) == 1


def test_a_smaller_row_is_tried_again_after_one_was_refused(layers, monkeypatch):
    layers.make(("relu", {}), ("pointwise", {"weights": [[1.0]] * 12}))
    monkeypatch.setattr(memory, "available", lambda: 250_000_000)
    layers.open(grey(1600, 2000), "large")
    assert [bool(error) for error in layers.errors] == [False, False, True]
    layers.view.strip.removed.emit(layers.row[1].key)
    layers.wait()
    layers.check()
    assert layers.errors == ["", ""]


def test_the_middle_of_a_picture_is_opened_by_name(layers):
    layers.open(colour(200, 1500), "wide")
    held = layers.picture
    layers.call("cropPicture")
    np.testing.assert_array_equal(layers.picture.pixels, held.pixels[:, 238 : 238 + 1024])
    layers.check()
    layers.open(grey(20, 20))
    assert not layers.window.intents.action("cropPicture").isEnabled()


def test_cancelling_ends_the_row_at_once_and_the_next_change_goes_on(layers, qtbot):
    layers.take("vgg-block")
    held = layers.maps(len(layers.row))
    spent = [cancelled(layers, qtbot, seed) for seed in range(4)]
    assert min(spent) < 1, spent  # the whole bank takes seconds; how long exactly, a benchmark measures
    assert layers.maps(len(layers.row)) is held
    assert layers.errors == [""] * len(layers.cards)
    assert not any(card.is_behind for card in layers.cards[1:])
    layers.open(grey())
    layers.check()


def cancelled(layers, qtbot, seed):
    """How long it takes until nothing runs any more once the row is cancelled."""
    lanes = layers.window.compute._lanes
    layers.open(grey(2000, 2500, seed), "large", wait=False)

    def running():
        tasks = [lane.running for name, lane in lanes.items() if name.startswith("layers")]
        return [task.purpose.name for task in tasks if task is not None]

    qtbot.waitUntil(lambda: stage_purpose(1).name in running(), timeout=20000)
    begun = time.perf_counter()
    layers.window.intents.call("cancelWork")
    while running():
        assert time.perf_counter() - begun < 5
        time.sleep(0.001)
    spent = time.perf_counter() - begun
    layers.wait()
    return spent


class Hand:
    """Does anything at all, from a seed."""

    def __init__(self, layers, seed):
        self.layers, self.random = layers, np.random.default_rng(seed)
        self.kinds = [each.name for each in kinds()]

    def pick(self, some):
        return some[int(self.random.integers(len(some)))]

    def act(self):
        layers, strip, row = self.layers, self.layers.view.strip, self.layers.row
        place = int(self.random.integers(0, len(row) + 1))
        key = self.pick(row).key if row else 0
        actions = [
            lambda: strip.removed.emit(key),
            lambda: strip.moved.emit(key, place),
            lambda: strip.switched.emit(key, bool(self.random.integers(2))),
            lambda: strip.map_selected.emit(key, int(self.random.integers(4))),
            lambda: strip.selected.emit(self.pick([0, key])),
            lambda: layers.window.intents.call(self.pick(["undo", "redo", "stageLeft", "stageRight", "removeStage"])),
            self.change_an_option,
            lambda: layers.view.tab_chosen.emit(self.pick(["maps", "arithmetic", "matrix", "locations"])),
            lambda: layers.view.maps.scale_chosen.emit(self.pick(["common", "own"])),
            self.point,
            lambda: layers.view.options.shift_chosen.emit(int(self.random.integers(1, 9))),
            lambda: layers.open(self.pick([grey(17, 21), colour(16, 18), grey(33, 36)]), wait=False),
            lambda: layers.view.matrix.row_chosen.emit(0),
            lambda: layers.view.matrix.kernel_chosen.emit(self.pick(["map", "example"])),
        ]
        if len(row) < LONGEST:
            actions += [lambda: strip.stage_dropped.emit(self.pick(self.kinds), place)] * 5
            actions += [lambda: layers.window.intents.call("duplicateStage")]
            actions += [lambda: layers.view.lists.row_chosen.emit(self.pick(ROWS[:2]).name)]
        self.pick(actions)()

    def change_an_option(self):
        layers = self.layers
        names = ["size", "stride", "padding", "kernel", "groups", "border", "values", "slope", "ceil", "network"]
        values = [(2, 2), (3, 1), "valid", "same", "full", "sobel-x", "1 2; 3 4", "5", 0.5, 2, True, "lenet5", "", "x"]
        layers.view.options.option_changed.emit(self.pick(names), self.pick(values))

    def point(self):
        sheet = self.layers.view.maps.map.sheet
        if sheet is not None:
            i, j = (int(self.random.integers(side)) for side in sheet.shape)
            at = sheet.pixel_rect(i, j).center()
            self.pick([self.layers.view.maps.hovered, self.layers.view.maps.clicked]).emit("map", at.y(), at.x())


@pytest.mark.parametrize("seed", [1, 2])
def test_any_actions_in_any_order_leave_maps_that_are_the_rows(layers, seed):
    hand = Hand(layers, seed)
    for number in range(100):
        hand.act()
        if number % 3 == 0:
            layers.wait()
            layers.check()
    layers.wait()
    layers.check()
