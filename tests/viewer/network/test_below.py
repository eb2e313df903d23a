"""Below the row, through the river: what a filter wants, what fools a network, accuracy by shift."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kernels.cnn import datasets, weights
from kernels.cnn.digits import moved
from kernels.cnn.patches import strongest_patches
from kernels.cnn.visualisation import visualise
from kernels.opencv import cv2
from tests.viewer.network.tiny import make
from viewer.dialogs import Dialogs
from viewer.document import with_network_input
from viewer.moment import Failure
from viewer.pages.network import below_queries
from viewer.pages.network import queries as network_queries
from viewer.pages.network.below_control import BelowControl
from viewer.pages.network.below_queries import FOOLED, MADE, PATCHES, chosen_filter, curve_purpose
from viewer.pages.network.views.middle import Middle
from viewer.session import Session, with_view
from viewer.settings import Settings
from viewer.state import State


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Forty digits, two sample photographs, two steps: what is tested is the way, not the work."""
    data = datasets.shipped_digits().take(0, 40)
    monkeypatch.setattr(datasets, "shipped_digits", lambda: data)
    monkeypatch.setattr(below_queries, "SAMPLES", [each for each in below_queries.SAMPLES if each.name == "chelsea"])
    monkeypatch.setattr(below_queries, "visualise", lambda *a, **more: visualise(*a, steps=2, **more))
    return data


class Folder(Dialogs):
    path = ""

    def ask_folder(self, title: str, folder: str) -> str:
        return self.path


class Below:
    """The tabs below the row, on a worker that makes everything on the spot."""

    def __init__(self, qtbot, make_flow) -> None:
        self.flow = make_flow(State(session=Session(workspace="network")), self.queries)
        self.store, self.dialogs = self.flow.store, Folder()
        self.stopped: list[str] = []
        self.flow.compute = SimpleNamespace(cancel=self.cancel)
        self.view = Middle()
        qtbot.addWidget(self.view)
        self.control = BelowControl(self.view, self.flow, Settings(), self.dialogs)
        self.flow.join(self.control.render)
        self.flow.flow()

    def cancel(self, chosen) -> None:
        purposes = (PATCHES, MADE, FOOLED, curve_purpose("lenet5"))
        self.stopped += [each.name for each in purposes if chosen(each)]

    @staticmethod
    def queries(moment):
        return [*network_queries.queries(moment), *below_queries.queries(moment)]

    def look(self, **changes) -> None:
        self.store.view(lambda session: with_view(session, "network", **changes))

    @property
    def moment(self):
        return self.flow.moment


@pytest.fixture
def below(qtbot, make_flow, tiny_networks):
    return Below(qtbot, make_flow)


# -- tabs --------------------------------------------------------------------------------------------------------------


def test_nothing_is_made_that_is_not_in_front(below) -> None:
    lasting = {each.name for each in (PATCHES, MADE, FOOLED, curve_purpose("lenet5"), curve_purpose("mlp"))}
    assert not lasting & set(below.flow.made)
    below.view.tabs.setCurrentIndex(below.view.tabs.findData("shift"))
    assert lasting & set(below.flow.made) == {"accuracy by shift of lenet5", "accuracy by shift of mlp"}
    assert below.view.body.currentWidget() is below.view.curves
    below.look(below="fooling")
    assert below.view.tabs.currentData() == "fooling"
    assert lasting & set(below.flow.made) == lasting - {PATCHES.name, MADE.name}


# -- what a filter wants -----------------------------------------------------------------------------------------------


def test_patches_and_the_input_are_those_of_the_selected_map(below, few) -> None:
    below.look(below="wants", stage=2, map=3, seed=5)
    network = make("lenet5")
    found = below.moment.value(PATCHES)
    expected = strongest_patches(network, 1, 3, few.images, count=below_queries.MOST_PATCHES)
    assert [each.value for each in found.patches] == pytest.approx([each.value for each in expected])
    assert [each.origin for each in below.view.wants.patches.patches] == [
        f"{each.picture}, {few.labels[each.picture]}" for each in expected
    ]
    assert np.array_equal(below.view.wants.picture.image, visualise(network, 1, 3, steps=2, seed=5))
    assert below.view.wants.seed.value() == 5


@pytest.mark.parametrize(
    ("network", "stage", "number", "place"),
    [("lenet5", 0, 2, (0, 2)), ("lenet5", 1, 2, (0, 2)), ("lenet5", 2, 99, (1, 3)), ("lenet5", 3, 0, None),
     ("colournet", 3, 4, (1, 4)), ("mlp", 0, 0, None)],
)  # fmt: skip
def test_a_pooled_map_belongs_to_the_filter_before_and_a_dense_unit_to_none(
    below, network, stage, number, place
) -> None:
    below.look(below="wants", network=network, stage=stage, map=number)
    found = chosen_filter(below.moment)
    assert (found and (found.layer, found.number)) == place
    said = below.view.wants.message.text()
    assert bool(said) == (place is None)
    assert ("no filters" in said) == (network == "mlp")


def test_another_seed_makes_another_input_and_looks_for_no_patches(below) -> None:
    below.look(below="wants", stage=0)
    first = below.view.wants.picture.image
    below.flow.made.clear()
    below.view.wants.seed.stepUp()
    assert below.store.session.network.seed == 1
    assert [name for name in below.flow.made if name in (PATCHES.name, MADE.name)] == [MADE.name]
    assert not np.array_equal(below.view.wants.picture.image, first)


def test_colournet_looks_at_photographs_or_at_a_folder(below, tmp_path: Path) -> None:
    below.look(below="wants", network="colournet", stage=0)
    assert below.view.wants.folder.isVisibleTo(below.view)
    assert {each.origin for each in below.view.wants.patches.patches} == {"Chelsea the cat"}
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "large.png"), np.random.default_rng(1).integers(0, 255, (600, 1200, 3), np.uint8))
    cv2.imwrite(str(folder / "grey.png"), np.zeros((40, 50), np.uint8))
    (folder / "broken.png").write_bytes(b"nothing")
    (folder / "notes.txt").write_text("nothing")
    below.dialogs.path = str(folder)
    below.view.wants.folder.click()
    assert below.view.wants.source.text() == "in pictures"
    assert {each.origin for each in below.view.wants.patches.patches} <= {"large.png", "grey.png"}
    searched = below.moment.value(below_queries.SEARCHED)
    assert [each.shape for each in searched.pictures] == [(40, 50, 3), (256, 512, 3)]
    empty = tmp_path / "empty"
    empty.mkdir()
    below.look(pictures=str(empty))
    assert "holds no picture" in below.view.wants.refusal.text()


def test_what_was_stopped_is_made_again_on_request(below) -> None:
    below.flow.is_held = True
    below.look(below="wants", stage=0)
    assert below.view.wants.making.isVisibleTo(below.view)
    assert not below.view.wants.again.isVisibleTo(below.view)
    below.view.wants.making.cancel.click()
    assert below.stopped == [PATCHES.name, MADE.name]
    wanted = {each.purpose.name: each for each in below.queries(below.moment)}
    for name in (PATCHES.name, MADE.name):
        below.flow.failures[name] = Failure(wanted[name].purpose, wanted[name].key, "")
    below.flow.flow()
    assert below.view.wants.sentence.text() == "Stopped."
    below.flow.is_held = False
    del below.flow.failures[MADE.name]  # only the search was stopped
    below.flow.flow()
    assert below.view.wants.picture.image is not None
    assert not below.view.wants.patches.patches
    below.view.wants.again.click()
    assert below.view.wants.picture.image is not None
    assert len(below.view.wants.patches.patches) > 0
    assert not below.view.wants.again.isVisibleTo(below.view)


# -- fooling -----------------------------------------------------------------------------------------------------------


def test_a_fooled_network_really_says_the_chosen_class(below) -> None:
    below.look(below="fooling")
    network, view = make("lenet5"), below.view.fooling
    answer = network.predict(datasets.shipped_digits().images[:1])[0]
    found = below.moment.value(FOOLED)
    assert found.target == np.argsort(-answer)[1]  # the next likely, where none was chosen
    target = next(number for number in range(10) if number not in (found.target, answer.argmax()))
    view.target.setCurrentIndex(view.target.findData(target))
    found = below.moment.value(FOOLED)
    assert found.target == target
    said = network.predict(view.result.image[np.newaxis])[0]
    assert (said.argmax() == target) == found.is_fooled
    assert view.changes.sentences[target].endswith(f"{100 * said[target]:.1f} %")
    assert f"than {np.abs(view.result.image.astype(int) - view.original.image).max()} of 255" in view.sentence.text()


@pytest.mark.parametrize("way", ["sign", "nothing"])
def test_the_way_of_fooling_can_be_chosen(below, way: str) -> None:
    below.look(below="fooling")
    view = below.view.fooling
    view.way.setCurrentIndex(view.way.findData(way))
    digit = datasets.shipped_digits().images[0]
    assert np.array_equal(view.original.image, digit) == (way == "sign")
    assert view.question.text().startswith("Have a picture" if way == "nothing" else "Have this")


def test_nobody_is_fooled_with_an_empty_pad(below) -> None:
    below.look(below="fooling")
    below.store.edit(lambda document: with_network_input(document, source="drawing", strokes=()), "clear")
    assert below.view.fooling.message.text() == "There is no picture yet to change."
    assert not below.view.fooling.target.isVisibleTo(below.view)


# -- accuracy against shift --------------------------------------------------------------------------------------------


def test_the_curve_begins_with_the_accuracy_of_what_is_not_shifted(below, few) -> None:
    below.look(below="shift")
    curves = {each.network: each.accuracy for each in below.view.curves.curves}
    assert list(curves) == ["LeNet-5", "MLP"]
    for name, title in (("lenet5", "LeNet-5"), ("mlp", "MLP")):
        right = make(name).predict(few.images).argmax(axis=1) == few.labels
        assert curves[title][0] == pytest.approx(right.mean())
        assert len(curves[title]) == 9
    ring = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
    shifted = np.stack([moved(each, *ring[n % 8][::-1]) for n, each in enumerate(few.images)])
    right = make("mlp").predict(shifted).argmax(axis=1) == few.labels
    assert curves["MLP"][1] == pytest.approx(right.mean())


def test_who_learnt_bundled_digits_is_counted_with_the_others_and_says_so(
    qtbot, make_flow, few, tiny_networks, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(datasets, "BUNDLED_LEARNT", 24)
    weights.save(tmp_path / "mlp.npz", make("mlp"), data=datasets.BUNDLED)
    below = Below(qtbot, make_flow)
    below.look(below="shift")
    curves = {each.network: each.accuracy for each in below.view.curves.curves}
    assert list(curves) == ["LeNet-5", "MLP (400 of them)"]
    right = make("mlp").predict(few.images[24:]).argmax(axis=1) == few.labels[24:]
    assert curves["MLP (400 of them)"][0] == pytest.approx(right.mean())


def test_colournet_knows_no_digits(below) -> None:
    below.look(below="shift", network="colournet")
    assert below.view.curves.message.text() == "The bundled digits mean nothing to ColourNet."
    below.look(network="mlp")
    assert not below.view.curves.message.isVisibleTo(below.view)
