"""Why a network answered so, through the river: every number compared with the network's own."""

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from kernels.cnn import datasets
from kernels.cnn.shifts import REACH
from tests.viewer.network.tiny import make
from viewer.document import with_network_input
from viewer.pages.network import queries as network_queries
from viewer.pages.network import why_queries
from viewer.pages.network.heat import heated
from viewer.pages.network.views.changes import percent
from viewer.pages.network.views.shift_maps import ShiftMapsView
from viewer.pages.network.views.why import WhyView
from viewer.pages.network.why_control import WhyControl
from viewer.pages.network.why_queries import COVERED, TESTED, reason_purpose, shifts_purpose
from viewer.session import Session, with_view
from viewer.state import State

SEVEN = 0
"""The number of the first test digit."""


class Asking:
    """The column that says why, on a worker that makes everything on the spot."""

    def __init__(self, qtbot, make_flow) -> None:
        self.flow = make_flow(State(session=Session(workspace="network")), self.queries)
        self.store = self.flow.store
        self.why, self.shifts = WhyView(), ShiftMapsView()
        for view in (self.why, self.shifts):
            qtbot.addWidget(view)
        self.control = WhyControl(self.why, self.shifts, self.store)
        self.flow.join(self.control.paint, self.control.render)
        self.flow.flow()

    @staticmethod
    def queries(moment):
        return [*network_queries.queries(moment), *why_queries.queries(moment)]

    def give(self, **changes) -> None:
        self.store.edit(lambda document: with_network_input(document, **changes), "give")

    def look(self, **changes) -> None:
        self.store.view(lambda session: with_view(session, "network", **changes))

    def method(self, name: str) -> QWidget:
        found = self.why.findChild(QWidget, f"whyMethod_{name}")
        assert found is not None
        return found


@pytest.fixture
def asking(qtbot, make_flow, tiny_networks):
    return Asking(qtbot, make_flow)


def seven() -> np.ndarray:
    return datasets.shipped_digits().images[SEVEN]


# -- what is asked -----------------------------------------------------------------------------------------------------


def test_every_way_of_asking_is_answered_for_the_network_that_is_looked_at(asking) -> None:
    likeliest = make("lenet5").predict(seven()[np.newaxis])[0].argmax()
    assert asking.why.heading.accessibleName().removeprefix("Why a").lstrip("n ") == f"{likeliest}?"
    answer = why_queries.asked(asking.flow.moment)
    for method in why_queries.METHODS:
        of, picture = asking.flow.moment.value(reason_purpose(method))
        assert of is answer
        assert picture.shape == (28, 28, 3)
    assert asking.method("grad-cam").isEnabled()
    asking.look(network="mlp")
    assert not asking.method("grad-cam").isEnabled()
    assert "Grad-CAM has nothing to show" in asking.method("grad-cam").toolTip()
    asking.look(why="grad-cam")
    assert "Grad-CAM has nothing to show" in asking.why.text.text()
    asking.look(network="colournet")
    assert asking.flow.moment.value(reason_purpose("grad-cam"))[1].shape == (32, 32, 3)


def test_the_chosen_way_is_asked_first(asking) -> None:
    asking.look(why="smoothgrad")
    asking.flow.made.clear()
    asking.give(digit=3)
    made = [name for name in asking.flow.made if name.startswith("why by")]
    assert made[0] == "why by smoothgrad"
    assert len(made) == 4
    assert "covered picture" not in asking.flow.made


def test_nothing_is_asked_of_an_empty_pad_or_behind_a_folded_column(asking) -> None:
    asking.flow.made.clear()
    asking.give(source="drawing", strokes=())
    assert not any(name.startswith(("why by", "shifts of")) for name in asking.flow.made)
    assert asking.why.message.text() == "There is no answer yet to ask about."
    assert asking.shifts.message.text() == "There is nothing yet to move."
    asking.store.view(lambda session: replace(session, folded=True))
    asking.flow.made.clear()
    asking.give(source="digit", digit=4)
    assert "network answers" in asking.flow.made
    assert not any(name.startswith(("why by", "shifts of", "covered")) for name in asking.flow.made)


# -- the patch ---------------------------------------------------------------------------------------------------------


def test_the_patch_changes_the_probabilities_as_the_network_says(asking, qtbot) -> None:
    asking.why.patch_moved.emit(10, 18)
    picture = seven().copy()
    network = make("lenet5")
    picture[8:13, 16:21] = round(network.preprocessing.mean[0])
    before, after = network.predict(np.stack([seven(), picture]))
    label = before.argmax()
    found = asking.flow.moment.value(COVERED)
    assert found.place == (10, 18)
    assert np.allclose(found.probabilities, after, atol=1e-6)
    assert asking.why.changes.sentences[0] == f"{label}: {percent(before[label])} → {percent(after[label])} %"
    others = [each for each in range(10) if each != label]
    changed = max(others, key=lambda each: abs(after[each] - before[each]))
    assert asking.why.changes.sentences[1] == f"{changed}: {percent(before[changed])} → {percent(after[changed])} %"


def test_the_patch_moves_by_the_keys_and_stays_where_it_is_for_another_digit(asking, qtbot) -> None:
    qtbot.keyClick(asking.why.picture, Qt.Key.Key_Right)
    qtbot.keyClick(asking.why.picture, Qt.Key.Key_Up)
    assert asking.store.session.network.patch == (13, 15)
    asking.give(digit=2)
    assert asking.flow.moment.value(COVERED).place == (13, 15)
    assert not asking.store.undo_stack.undoText().startswith("Move")


# -- its test ----------------------------------------------------------------------------------------------------------


def test_guided_backpropagation_comes_with_both_pictures_and_a_verdict(asking) -> None:
    asking.look(why="guided")
    found = asking.flow.moment.value(TESTED)
    assert asking.why.own.image is found.trained
    assert asking.why.randomised.image is found.randomised
    assert f"{found.guided:.2f}" in asking.why.verdict.text()
    assert asking.why.verdict.text().startswith("Not much alike" if found.guided < 0.5 else "Much alike")


# -- how far may it move? ----------------------------------------------------------------------------------------------


def _moved(picture: np.ndarray, down: int, right: int) -> np.ndarray:
    room = np.zeros((28 + 2 * REACH, 28 + 2 * REACH), np.uint8)
    room[REACH : REACH + 28, REACH : REACH + 28] = picture
    return room[REACH - down : REACH - down + 28, REACH - right : REACH - right + 28]


@pytest.mark.parametrize("name", ["lenet5", "mlp"])
def test_the_map_is_what_the_network_says_to_every_shift(asking, name: str) -> None:
    found = asking.flow.moment.value(shifts_purpose(name))
    network, steps = make(name), range(-REACH, REACH + 1)
    said = network.predict(np.stack([_moved(seven(), down, right) for down in steps for right in steps]))
    said = said.reshape(17, 17, 10)
    assert np.allclose(found.probabilities, said, atol=1e-6)
    label = said[REACH, REACH].argmax()
    shown = asking.shifts.pictures[("lenet5", "mlp").index(name)]
    assert shown.summary == f"{(said.argmax(axis=-1) == label).sum()} of 289 stay {label}"


def test_moving_by_the_map_is_an_edit_and_leaves_the_maps_alone(asking) -> None:
    asking.flow.made.clear()
    asking.shifts.pictures[0].moved.emit(-3, 4)
    assert (asking.store.document.network_input.dy, asking.store.document.network_input.dx) == (-3, 4)
    assert "network answers" in asking.flow.made
    assert not any(name.startswith("shifts of") for name in asking.flow.made)
    assert "4 right, 3 up" in asking.shifts.pictures[0].accessibleDescription()
    asking.store.undo_stack.undo()
    assert asking.store.document.network_input.dx == 0


def test_a_drag_over_the_map_is_one_step_of_undo(asking) -> None:
    for place in ((0, 1), (0, 2), (1, 2)):
        asking.shifts.pictures[0].moved.emit(*place)
    asking.shifts.pictures[0].gesture_ended.emit()
    asking.shifts.pictures[1].moved.emit(5, 5)
    asking.store.undo_stack.undo()
    assert (asking.store.document.network_input.dy, asking.store.document.network_input.dx) == (1, 2)
    asking.store.undo_stack.undo()
    assert not asking.store.undo_stack.canUndo()


def test_networks_of_the_same_classes_are_compared(asking) -> None:
    assert [each.isVisibleTo(asking.shifts) for each in asking.shifts.pictures] == [True, True, False]
    asking.look(network="colournet")
    assert [each.isVisibleTo(asking.shifts) for each in asking.shifts.pictures] == [True, False, False]


# -- painting ----------------------------------------------------------------------------------------------------------


def test_orange_speaks_for_and_blue_against() -> None:
    found = np.zeros((10, 10), np.float32)
    found[0, 0], found[0, 1] = 2.0, -2.0
    painted = heated(np.full((10, 10), 100, np.uint8), found).astype(int)
    assert painted[0, 0, 0] > painted[0, 0, 2] + 100
    assert painted[0, 1, 2] > painted[0, 1, 0] + 100
    assert painted[5, 5].tolist() == [60, 60, 60]
    colour = np.dstack([np.full((10, 10), each, np.uint8) for each in (50, 100, 200)])
    assert heated(colour, np.zeros((10, 10), np.float32))[5, 5].tolist() == [30, 60, 120]
