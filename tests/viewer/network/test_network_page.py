"""From the pad to the answers: what is drawn, taken, centred and moved, and what the networks say to it."""

import re

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import Qt

from kernels.cnn import datasets, load
from kernels.cnn.digits import draw
from kernels.kernel import Kernel
from viewer.document import FilterEdit, with_filter_edit
from viewer.pages.network.queries import ANSWERS, GIVEN, PASSED, UNIT
from viewer.pages.network.views.unit import UnitView

ONE = ((0.2, 0.5), (0.5, 0.5), (0.8, 0.5))


@pytest.fixture
def digits():
    return datasets.shipped_digits()


def probabilities(bench, name):
    return bench.moment.value(ANSWERS)[name].probabilities


def test_every_network_says_what_it_says_to_the_test_digit(bench, digits):
    assert list(bench.columns) == ["LeNet-5", "MLP", "ColourNet"]
    assert bench.columns["LeNet-5"].classes[bench.columns["LeNet-5"].top] == str(digits.labels[0])
    bench.choose("centredCombo", False)
    for name in ("lenet5", "mlp"):
        assert np.allclose(probabilities(bench, name), load(name).predict(digits.images[:1])[0], atol=1e-6)


def test_strokes_are_drawn_and_undone_one_by_one(bench):
    bench.draw(*ONE)
    assert bench.store.document.network_input.source == "drawing"
    assert bench.columns["LeNet-5"].classes[bench.columns["LeNet-5"].top] == "1"
    shown = bench.moment.value(GIVEN).shown
    assert np.array_equal(shown, draw(bench.store.document.network_input.strokes))
    assert shown[140, 140] == 255
    assert shown[140, 40] == 0
    bench.draw((0.5, 0.2), (0.5, 0.8))
    assert len(bench.store.document.network_input.strokes) == 2
    bench.child("undoStrokeButton").click()
    assert len(bench.store.document.network_input.strokes) == 1
    bench.child("undoStrokeButton").click()
    assert bench.store.document.network_input.source == "digit"


def test_the_pad_is_drawn_on_by_keys(bench):
    pad = bench.child("drawPad")
    pad.setFocus()
    bench.qtbot.keyClicks(pad, " ")
    for _ in range(3):
        bench.qtbot.keyClick(pad, Qt.Key.Key_Down)
    bench.qtbot.keyClicks(pad, " ")
    bench.qtbot.keyClick(pad, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    (stroke,) = bench.store.document.network_input.strokes
    assert stroke.points == ((140.0, 140.0), (150.0, 140.0), (160.0, 140.0), (170.0, 140.0))
    assert "pen up at row 17, column 18" in pad.accessibleDescription()
    bench.store.undo_stack.undo()
    assert bench.store.document.network_input.strokes == ()
    bench.qtbot.keyClick(pad, Qt.Key.Key_Delete)
    assert bench.store.document.network_input.source == "drawing"


def test_an_empty_pad_says_one_sentence_and_nothing_else_is_lost(bench):
    bench.call("clearPad")
    assert bench.text("answersMessage") == "Nothing is drawn yet: draw a digit, or take a test digit."
    assert not bench.columns["LeNet-5"].probabilities
    assert not bench.child("networkStages").isEnabled()
    bench.draw(*ONE)
    assert bench.child("networkStages").isEnabled()
    assert bench.child("answersMessage").isHidden()
    assert bench.columns["LeNet-5"].probabilities


def test_what_is_moved_is_compared_with_what_was_not(bench, digits):
    before = probabilities(bench, "mlp")
    slider = bench.child("moveRight")
    for dx in (2, 5, 7):
        slider.setValue(dx)
    assert bench.store.document.network_input.dx == 7
    column = bench.columns["MLP"]
    assert np.allclose(column.before, before)
    assert column.probabilities[column.top] < 1.0
    moved, plain = (bench.moment.value(GIVEN).to(load("mlp"), moved=each) for each in (True, False))
    assert np.array_equal(moved[:, 7:], plain[:, :-7])
    assert not moved[:, :7].any()
    bench.call("movePictureBack")
    assert not bench.columns["MLP"].before
    assert slider.value() == 0


def test_a_photograph_is_given_in_colour_and_a_white_one_refused(bench):
    random = np.random.default_rng(3)
    bench.open(random.integers(0, 255, (90, 120, 3), dtype=np.uint8))
    bench.call("takePicture")
    given = bench.moment.value(GIVEN)
    assert given.to(load("colournet")).shape == (32, 32, 3)
    assert np.ptp(given.to(load("colournet")).astype(int), axis=2).max() > 10
    assert bench.columns["ColourNet"].probabilities
    # Also where the pad beside it stays black, and where the channels differ.
    for same in (
        np.full((50, 50), 255, np.uint8),
        np.full((50, 90), 255, np.uint8),
        np.full((1, 1, 3), (9, 8, 7), np.uint8),
    ):
        bench.open(random.integers(0, 255, (9, 9), dtype=np.uint8))
        assert bench.child("answersMessage").isHidden()
        bench.open(same)
        assert bench.text("answersMessage").startswith("The picture is the same everywhere")
    bench.call("nextDigit")
    assert bench.columns["ColourNet"].probabilities


def test_test_digits_follow_each_other(bench, digits):
    bench.call("nextDigit")
    bench.call("nextDigit")
    assert np.array_equal(bench.moment.value(GIVEN).as_drawn, digits.images[2])
    for _ in range(3):
        bench.call("previousDigit")
    assert np.array_equal(bench.moment.value(GIVEN).as_drawn, digits.images[-1])
    bench.call("randomDigit")
    assert bench.store.document.network_input.digit in range(len(digits))


def test_a_damaged_network_costs_only_its_own_answer(bench, make_flow, monkeypatch, tmp_path, qtbot):
    from tests.viewer.network.conftest import Bench
    from viewer.pages.network import queries

    def damaged(name, *more):
        if name == "mlp":
            raise ValueError("mlp.npz is damaged")
        return original(name, *more)

    original = queries.load
    monkeypatch.setattr(queries, "load", damaged)
    other = Bench(qtbot, make_flow)
    qtbot.addWidget(other.view)
    assert other.text("answersMessage") == "mlp.npz is damaged."
    assert other.columns["LeNet-5"].probabilities
    assert not other.columns["MLP"].probabilities
    # Chosen, it shows no other network's stages as its own, and each tab says why it is empty.
    other.choose("networkCombo", "mlp")
    assert not other.child("networkStages").isEnabled()
    assert other.text("stagesMessage") == "mlp.npz is damaged."
    for tab, message in (("wants", other.view.middle.wants), ("fooling", other.view.middle.fooling),
                         ("shift", other.view.middle.curves)):  # fmt: skip
        other.choose("networkTabs", tab)
        assert message.message.text() == "mlp.npz is damaged."
    other.choose("networkCombo", "lenet5")
    assert other.child("networkStages").isEnabled()
    assert other.child("stagesMessage").isHidden()


@pytest.mark.parametrize(("width", "height"), [(886, 281), (646, 245), (1280, 150), (1480, 440)])
@pytest.mark.parametrize(("stage", "number"), [(2, 12), (5, 7)])
def test_numbers_and_weights_stand_in_the_room_and_apart_and_large_enough(bench, stage, number, width, height):
    bench.view.middle.row.map_chosen.emit(stage, number)
    view = UnitView()
    bench.qtbot.addWidget(view)
    view.show_unit(bench.child("networkUnit").shown)
    view.resize(width, height)
    rooms = [each for pair in view.slice_rooms() for each in pair]
    assert len(rooms) == 12
    for at, room in enumerate(rooms):
        assert view.rect().toRectF().contains(room)
        assert min(room.width(), room.height()) >= 40
        assert not any(room.intersects(other) for other in [view.map_room(), *rooms[at + 1 :]])


def test_the_number_under_the_pointer_is_what_forward_gives(bench):
    bench.choose("networkCombo", "lenet5")
    cases = [(0, 3, (5, 9)), (1, 2, (3, 3)), (2, 11, (4, 7)), (4, 60, (0, 0)), (5, 8, None), (6, 7, None)]
    said = {}
    for stage, number, place in cases:
        bench.view.middle.row.map_chosen.emit(stage, number)
        if place is not None:
            bench.view.middle.unit.place_chosen.emit(*place)
        passed, unit = bench.moment.value(UNIT)
        values = passed.run.stages[stage].after
        expected = values[(number, *place)] if place is not None else values[number]
        assert unit.trace.result == pytest.approx(float(expected), abs=1e-5)
        assert (unit.stage, unit.number) == (stage, number)
        said[stage] = bench.child("networkUnit").accessibleDescription()
    assert re.match(r"y 3, x 3: The mean of( [\d.]+){4} [\d.]+$", said[1])
    assert re.match(r"y 4, x 7: Sum of the slices .* bias = .* ReLU [\d.]+$", said[2])
    outputs = load("lenet5").forward(
        load("lenet5").preprocessing.batch(bench.moment.value(PASSED).picture[np.newaxis])
    )[0]
    assert np.allclose(bench.moment.value(PASSED).run.maps[-1], outputs, atol=1e-5)


def test_before_the_activation_there_are_negative_numbers(bench):
    bench.choose("stageActivationCombo", False)
    passed, unit = bench.moment.value(UNIT)
    assert passed.run.stages[unit.stage].before[unit.number].max() == pytest.approx(unit.largest)
    bench.child("networkScale").setChecked(True)
    assert bench.store.session.network.common_scale


def test_a_filter_put_back_changes_answer_and_accuracy(bench):
    weights = np.zeros((5, 5, 6))
    bench.store.edit(
        lambda document: with_filter_edit(document, FilterEdit("lenet5", 1, 3, Kernel(weights))), "Put back"
    )
    trained, edited = load("lenet5"), load("lenet5").with_filter(1, 3, weights)
    picture = bench.moment.value(GIVEN).to(trained)[np.newaxis]
    column = bench.columns["LeNet-5"]
    assert np.allclose(column.before, trained.predict(picture)[0], atol=1e-6)
    assert np.allclose(column.probabilities, edited.predict(picture)[0], atol=1e-6)
    digits = datasets.shipped_digits()
    right = [np.mean(each.predict(digits.images).argmax(1) == digits.labels) for each in (edited, trained)]
    assert f"{100 * right[0]:.2f} % right, {100 * right[1]:.2f} % before" in bench.text("filterEffect")
    bench.store.edit(lambda document: replace(document, filter_edits=()), "Restore")
    assert bench.child("filterEffect").isHidden()


def test_what_cannot_be_counted_is_said(bench):
    edit = FilterEdit("colournet", 0, 3, Kernel(np.zeros((7, 7, 3))))
    bench.store.edit(lambda document: with_filter_edit(document, edit), "Put back")
    assert "ColourNet, edited: bird" in bench.text("filterEffect")
    assert "choose the folder of CIFAR-10 under Gradient" in bench.text("filterEffect")
