"""Weights files, good and bad, and how many test pictures a network gets right."""

import pickle
import threading
import time

import numpy as np
import pytest
from PyQt6.QtWidgets import QWidget

from kernels.cnn import datasets, weights
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import Dataset
from kernels.cnn.layers import Dense, Flatten
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.errors import Cancelled
from kernels.kernel import Kernel
from viewer.app import build
from viewer.dialogs import Dialogs
from viewer.document import FilterEdit, with_filter_edit, without_filter_edit
from viewer.pages.gradient.page import GradientPage
from viewer.pages.learned import evaluation, queries
from viewer.pages.learned.accuracy_control import folder_setting
from viewer.pages.learned.layer import LAYER
from viewer.settings import Settings


def open_file(bench, path) -> None:
    bench.dialogs.weights = str(path)
    bench.choose("learnedNetworkCombo", "open")


def test_a_weights_file_joins_the_list(bench, tmp_path, make):
    path = tmp_path / "mine.npz"
    weights.save(path, make.digits(), data="bars")
    open_file(bench, path)
    assert bench.store.session.learned.network == str(path)
    assert bench.child("learnedNetworkCombo").currentText() == "Bars · mine.npz"
    assert len(bench.tiles) == 2
    bench.choose("learnedNetworkCombo", "colournet")
    assert len(bench.tiles) == 5


def test_no_file_chosen_changes_nothing(bench):
    open_file(bench, "")
    assert bench.store.session.learned.network == "colournet"
    assert bench.child("learnedNetworkCombo").currentData() == "colournet"


def not_a_number(path, make) -> None:
    weights.save(path, make.colour(), data="CIFAR-10")
    content = path.read_bytes()
    number = make.colour().convolutions[0].arrays["weights"].ravel()[:4].astype("<f4").tobytes()
    assert number in content
    path.write_bytes(content.replace(number, np.full(4, np.nan, "<f4").tobytes()))


def pickled(path, make) -> None:
    path.write_bytes(pickle.dumps({"weights": np.ones(3)}))


def objects(path, make) -> None:
    np.savez(path, weights=np.array([{"a": 1}], dtype=object))


def without_convolution(path, make) -> None:
    network = Network(
        Architecture("Dense", (1, 8, 8), (Flatten(), Dense(2))), Preprocessing((0.0,), (1.0,)), ("a", "b")
    )
    weights.save(path, network, data="bars")


@pytest.mark.parametrize("write", [not_a_number, pickled, objects, without_convolution])
def test_a_bad_weights_file_is_a_sentence_and_the_last_network_stays(bench, tmp_path, make, write):
    path = tmp_path / "bad.npz"
    write(path, make)
    open_file(bench, path)
    message = bench.child("networkMessage")
    assert message.isVisible()
    assert message.text()[0].isupper() or message.text().startswith("/")
    assert message.text().endswith(".")
    assert bench.store.session.learned.network == "colournet"
    assert bench.child("learnedNetworkCombo").currentData() == "colournet"
    assert len(bench.tiles) == 5
    bench.choose("learnedNetworkCombo", "lenet5")
    assert not message.isVisible()


def test_a_file_is_read_again_when_it_is_opened_again(bench, tmp_path, make):
    path = tmp_path / "mine.npz"
    weights.save(path, make.digits(), data="bars")
    open_file(bench, path)
    assert len(bench.tiles) == 2
    weights.save(path, make.colour(), data="bars")
    open_file(bench, path)
    assert len(bench.tiles) == 5


def spoil(bench, network="lenet5", shape=(3, 3, 1)) -> None:
    """Put a filter that answers to any bar in the place of filter 0."""
    edit = FilterEdit(network, 0, 0, Kernel(np.full(shape, 3.0)))
    bench.store.edit(lambda document: with_filter_edit(document, edit), "spoil")


def test_accuracy_before_and_after(bench):
    bench.choose("learnedNetworkCombo", "lenet5")
    spoil(bench)
    # Now every bar counts as upright.
    assert bench.text("accuracyLabel") == "50.00 % right, 100.00 % before (−50.00)"
    assert bench.text("accuracyNote").startswith("40 MNIST test digits · Y. LeCun")
    assert "CC BY-SA" in bench.text("accuracyNote")
    bench.call("restoreFilter")
    assert "right," not in bench.text("accuracyLabel")
    bench.store.undo_stack.undo()
    assert bench.text("accuracyLabel").startswith("50.00 %")


def test_who_learnt_bundled_digits_is_counted_with_the_others(bench, tmp_path, make, monkeypatch):
    monkeypatch.setattr(datasets, "BUNDLED_LEARNT", 32)
    figures = weights.Figures(weights=1, accuracy=0.75, test_pictures=8)
    weights.save(tmp_path / "mine.npz", make.digits(), data=datasets.BUNDLED, figures=figures)
    open_file(bench, tmp_path / "mine.npz")
    combo = bench.child("learnedNetworkCombo")
    assert "75.00 % of the 400 bundled digits that it did not learn right" in combo.toolTip()
    spoil(bench, network=str(tmp_path / "mine.npz"))
    assert bench.text("accuracyNote").startswith("8 bundled digits, none of them learnt · Y. LeCun")


def test_the_same_network_is_not_counted_twice(bench, monkeypatch):
    counted = []
    original = evaluation.evaluate
    monkeypatch.setattr(
        evaluation,
        "evaluate",
        lambda *given, **named: counted.append(1) or original(*given, **named),
    )
    bench.choose("learnedNetworkCombo", "lenet5")
    spoil(bench)
    assert len(counted) == 2
    for change in (bench.store.undo_stack.undo, bench.store.undo_stack.redo):
        change()
    assert len(counted) == 2
    other = FilterEdit("lenet5", 0, 1, Kernel(np.zeros((3, 3, 1))))
    bench.store.edit(lambda document: with_filter_edit(without_filter_edit(document, "lenet5", 0, 0), other), "other")
    assert len(counted) == 3  # the trained network is not counted again


@pytest.fixture
def window(qtbot):
    made = build()
    qtbot.addWidget(made)
    made.show()
    made.frame.go_to("gradient")
    made.gradient.learned.choose_network("lenet5")
    made.wait_until_idle()
    yield made
    made.close()


def child(window, name):
    found = window.findChild(QWidget, name)
    assert found is not None, name
    return found


def put(window, index=0) -> None:
    """Put a filter that answers to any bar in the place of a filter."""
    edit = FilterEdit("lenet5", 0, index, Kernel(np.full((3, 3, 1), 3.0)))
    window.store.edit(lambda document: with_filter_edit(document, edit), "spoil")


def test_counting_shows_its_progress_and_can_be_stopped(window, qtbot, monkeypatch):
    waiting = threading.Event()

    def slow(network, data, *, cancelled, progress):
        progress(0.5)
        while not cancelled():
            if waiting.wait(0.005):
                return original(network, data)
            time.sleep(0.05)
            progress(0.5)
        raise Cancelled

    original = evaluation.evaluate
    monkeypatch.setattr(evaluation, "evaluate", slow)
    put(window)
    qtbot.waitUntil(lambda: child(window, "accuracyProgress").value() == 250)
    assert child(window, "accuracyProgress").isVisible()
    child(window, "cancelAccuracyButton").click()
    window.wait_until_idle()
    assert child(window, "accuracyLabel").text() == "Not counted."
    assert not child(window, "accuracyProgress").isVisible()
    waiting.set()
    child(window, "countAgainButton").click()
    window.wait_until_idle()
    assert child(window, "accuracyLabel").text().startswith("50.00 %")


def test_a_newer_count_takes_the_place_of_an_older_one_and_can_be_stopped_too(window, qtbot, monkeypatch):
    going = threading.Event()

    def slow(network, data, *, cancelled, progress):
        going.wait(5)
        if cancelled():
            raise Cancelled
        return original(network, data)

    original = evaluation.evaluate
    monkeypatch.setattr(evaluation, "evaluate", slow)
    put(window)
    qtbot.waitUntil(lambda: window.river.moment.is_busy(evaluation.EVALUATIONS))
    put(window, 1)  # waits behind the one that is being replaced
    qtbot.waitUntil(lambda: len(window.river.moment.value(LAYER).edits) == 2)
    window.gradient.learned.accuracy.stop()
    going.set()
    window.wait_until_idle()
    assert child(window, "accuracyLabel").text() == "Not counted."
    window.intents.call("countAccuracy")
    window.wait_until_idle()
    assert "right" in child(window, "accuracyLabel").text()
    assert not window.intents.action("countAccuracy").isEnabled()  # there is nothing more to count


def cifar_folder(tmp_path, count=20):
    folder = tmp_path / "cifar"
    folder.mkdir()
    record = np.zeros((count, 3073), np.uint8)
    record[:, 0] = np.arange(count) % 10
    record[:, 1:] = np.random.default_rng(3).integers(0, 256, (count, 3072))
    record.tofile(folder / "test_batch.bin")
    return folder


def test_colournet_needs_the_users_pictures(bench, tmp_path, monkeypatch):
    spoil(bench, "colournet", (5, 5, 3))
    needed = "Counting right answers needs the test pictures of CIFAR-10: choose their folder here."
    assert bench.text("accuracyLabel") == needed
    button = bench.child("dataFolderButton")
    assert button.isVisible()
    assert "test_batch" in button.toolTip()
    made = len(bench.flow.made)
    button.click()
    assert len(bench.flow.made) == made  # no folder chosen
    bench.dialogs.folder = str(tmp_path)
    button.click()
    assert "holds no data" in bench.text("accuracyNote")
    bench.dialogs.folder = str(cifar_folder(tmp_path))
    monkeypatch.setattr(
        evaluation.datasets,
        "read",
        lambda folder, part: Dataset(np.zeros((6, 12, 12, 3), np.uint8), np.zeros(6, np.uint8), tuple("abcdefghij"),
                                     "CIFAR-10"),
    )  # fmt: skip
    button.click()
    assert "before" in bench.text("accuracyLabel")
    assert bench.text("accuracyNote") == "6 test pictures of CIFAR-10"
    assert bench.settings.get(folder_setting("CIFAR-10")) == bench.dialogs.folder


def test_pictures_of_another_kind_are_refused(bench, tmp_path, monkeypatch, make):
    monkeypatch.setattr(evaluation.datasets, "find", lambda folder: folder)
    monkeypatch.setattr(evaluation.datasets, "read", lambda folder, part: make.bars())
    spoil(bench, "colournet", (5, 5, 3))
    bench.dialogs.folder = str(tmp_path)
    bench.child("dataFolderButton").click()
    assert "holds MNIST, but the network was trained on CIFAR-10" in bench.text("accuracyNote")
    assert bench.child("dataFolderButton").isVisible()


def test_the_folder_of_the_test_pictures_is_remembered(qtbot, make_flow, tmp_path):
    Settings().set(folder_setting("CIFAR-10"), str(tmp_path))
    page = GradientPage(make_flow(), Settings(), Dialogs())
    qtbot.addWidget(page.view)
    assert dict(page.learned._store.session.learned.folders) == {"CIFAR-10": str(tmp_path)}


def test_the_network_list_says_what_is_known_of_the_network(bench):
    assert bench.child("learnedNetworkCombo").toolTip().startswith("Tinted, ")
    assert bench.child("learnedNetworkCombo").toolTip().endswith("trained on CIFAR-10")


def test_what_the_user_cancelled_is_asked_again_only_after_a_change(window, qtbot, monkeypatch):
    release, running = threading.Event(), threading.Event()
    calls = []

    def slow(*given, cancelled, **named):
        calls.append(1)
        running.set()
        while not cancelled() and not release.wait(0.005):
            pass
        if cancelled():
            raise Cancelled
        return original(*given, cancelled=cancelled, **named)

    original = queries.strips.thumbnails
    monkeypatch.setattr(queries.strips, "thumbnails", slow)
    window.open("chelsea")
    qtbot.waitUntil(running.is_set)
    window.frame.cancel()
    window.wait_until_idle()
    assert len(calls) == 1
    tiles = window.gradient.learned.view.tiles
    assert all(tile.response is None for tile in tiles.tiles.tiles)
    tiles.chosen.emit(1)
    window.wait_until_idle()
    assert len(calls) == 1  # the response of the selected filter alone
    release.set()
    window.open("lecture-grid")
    window.wait_until_idle()
    assert all(tile.response is not None for tile in tiles.tiles.tiles)


def test_an_edited_tile_stays_where_it_is(bench):
    order = bench.order
    edit = FilterEdit("colournet", 0, 0, Kernel(np.random.default_rng(2).normal(size=(5, 5, 3))))
    bench.store.edit(lambda document: with_filter_edit(document, edit), "edit")
    assert bench.order == order
    assert bench.tiles[0].edited
    assert bench.tiles[0].label != "edge 0°"
    bench.choose("learnedKinds", "edges")
    assert bench.order == [0]
