"""Weights files, good and bad, and how many test pictures a network gets right."""

import pickle
import threading

import numpy as np
import pytest

from kernels.cnn import weights
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import Dataset
from kernels.cnn.layers import Dense, Flatten
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.errors import Cancelled
from kernels.kernel import Kernel
from viewer.pages.learned import queries
from viewer.pages.learned.accuracy_control import folder_setting
from viewer.state import FilterEdit, with_filter_edit, without_filter_edit


def open_file(bench, path) -> None:
    bench.dialogs.weights = str(path)
    bench.choose("networkCombo", "open")


def test_a_weights_file_joins_the_list(bench, tmp_path, make):
    path = tmp_path / "mine.npz"
    weights.save(path, make.digits(), data="bars")
    open_file(bench, path)
    assert bench.store.session.learned.network == str(path)
    assert bench.child("networkCombo").currentText() == "Bars · mine.npz"
    assert len(bench.tiles) == 2
    bench.choose("networkCombo", "colournet")
    assert len(bench.tiles) == 5


def test_no_file_chosen_changes_nothing(bench):
    open_file(bench, "")
    assert bench.store.session.learned.network == "colournet"
    assert bench.child("networkCombo").currentData() == "colournet"


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
    assert bench.child("networkCombo").currentData() == "colournet"
    assert len(bench.tiles) == 5
    bench.choose("networkCombo", "lenet5")
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
    bench.choose("networkCombo", "lenet5")
    spoil(bench)
    bench.idle()
    # Now every bar counts as upright.
    assert bench.text("accuracyLabel") == "50.00 % right, 100.00 % before (−50.00)"
    assert bench.text("accuracyNote").startswith("40 MNIST test digits · Y. LeCun")
    assert "CC BY-SA" in bench.text("accuracyNote")
    bench.child("restoreFilterButton").click()
    bench.idle()
    assert "right," not in bench.text("accuracyLabel")
    asked = bench.compute.submissions
    bench.store.undo_stack.undo()
    bench.idle()
    assert bench.text("accuracyLabel").startswith("50.00 %")
    assert bench.controller.accuracy._before  # counted once, kept
    assert bench.compute.submissions >= asked


def test_the_same_network_is_not_counted_twice(bench, monkeypatch):
    counted = []
    original = queries.evaluate
    monkeypatch.setattr(
        queries,
        "evaluate",
        lambda *given, **named: counted.append(1) or original(*given, **named),
    )
    bench.choose("networkCombo", "lenet5")
    spoil(bench)
    bench.idle()
    assert len(counted) == 2
    for change in (bench.store.undo_stack.undo, bench.store.undo_stack.redo):
        change()
        bench.idle()
    assert len(counted) == 2
    other = FilterEdit("lenet5", 0, 1, Kernel(np.zeros((3, 3, 1))))
    bench.store.edit(lambda document: with_filter_edit(without_filter_edit(document, "lenet5", 0, 0), other), "other")
    bench.idle()
    assert len(counted) == 3  # the trained network is not counted again


def test_counting_shows_its_progress_and_can_be_stopped(bench, monkeypatch):
    waiting = threading.Event()

    def slow(network, data, *, cancelled, progress):
        progress(0.5)
        while not cancelled():
            if waiting.wait(0.005):
                return original(network, data)
        raise Cancelled

    original = queries.evaluate
    monkeypatch.setattr(queries, "evaluate", slow)
    bench.choose("networkCombo", "lenet5")
    spoil(bench)
    bench.qtbot.waitUntil(lambda: bench.child("accuracyProgress").value() == 250)
    assert bench.child("accuracyProgress").isVisible()
    bench.child("cancelAccuracyButton").click()
    bench.idle()
    assert bench.text("accuracyLabel") == "Not counted."
    assert not bench.child("accuracyProgress").isVisible()
    waiting.set()
    bench.child("countAgainButton").click()
    bench.idle()
    assert bench.text("accuracyLabel").startswith("50.00 %")


def test_a_count_that_waits_behind_another_can_be_stopped_too(bench, monkeypatch):
    going = threading.Event()

    def slow(network, data, *, cancelled, progress):
        going.wait(5)
        if cancelled():
            raise Cancelled
        return original(network, data)

    original = queries.evaluate
    monkeypatch.setattr(queries, "evaluate", slow)
    bench.choose("networkCombo", "lenet5")
    spoil(bench)
    bench.store.undo_stack.undo()
    bench.store.undo_stack.redo()
    accuracy = bench.controller.accuracy
    accuracy._count_again()  # waits behind the one that is being stopped
    accuracy.stop()
    going.set()
    bench.idle()
    assert bench.text("accuracyLabel") == "Not counted."
    bench.child("countAgainButton").click()
    bench.idle()
    assert bench.text("accuracyLabel").startswith("50.00 %")


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
    bench.idle()
    assert bench.text("accuracyLabel") == "To count right answers, CIFAR-10 is needed."
    button = bench.child("dataFolderButton")
    assert button.isVisible()
    assert "test_batch" in button.toolTip()
    asked = bench.compute.submissions
    button.click()
    assert bench.compute.submissions == asked  # no folder chosen
    bench.dialogs.folder = str(tmp_path)
    button.click()
    bench.idle()
    assert "holds no data" in bench.text("accuracyNote")
    bench.dialogs.folder = str(cifar_folder(tmp_path))
    monkeypatch.setattr(
        "viewer.pages.learned.queries.datasets.read",
        lambda folder, part: Dataset(np.zeros((6, 12, 12, 3), np.uint8), np.zeros(6, np.uint8), tuple("abcdefghij"),
                                     "CIFAR-10"),
    )  # fmt: skip
    button.click()
    bench.idle()
    assert "before" in bench.text("accuracyLabel")
    assert bench.text("accuracyNote") == "6 test pictures of CIFAR-10"
    assert bench.settings.get(folder_setting("CIFAR-10")) == bench.dialogs.folder


def test_pictures_of_another_kind_are_refused(bench, tmp_path, monkeypatch, make):
    monkeypatch.setattr("viewer.pages.learned.queries.datasets.read", lambda folder, part: make.bars())
    bench.settings.set(folder_setting("CIFAR-10"), str(tmp_path))
    spoil(bench, "colournet", (5, 5, 3))
    bench.idle()
    assert "holds MNIST, but the network was trained on CIFAR-10" in bench.text("accuracyNote")
    assert bench.child("dataFolderButton").isVisible()


def test_the_network_list_says_what_is_known_of_the_network(bench):
    assert bench.child("networkCombo").toolTip().startswith("Tinted, ")
    assert bench.child("networkCombo").toolTip().endswith("trained on CIFAR-10")


def test_what_the_user_cancelled_is_asked_again_only_after_a_change(bench, monkeypatch):
    release = threading.Event()

    def slow(*given, cancelled, **named):
        while not cancelled() and not release.wait(0.005):
            pass
        if cancelled():
            raise Cancelled
        return original(*given, cancelled=cancelled, **named)

    original = queries.strips.thumbnails
    monkeypatch.setattr(queries.strips, "thumbnails", slow)
    pixels = np.zeros((20, 20, 3), np.uint8)
    with bench.qtbot.waitSignal(bench.compute.busy_changed):
        bench.controller.show_picture(*bench.picture(pixels))
    bench.controller.stop()
    bench.idle()
    asked = bench.compute.submissions
    assert all(tile.response is None for tile in bench.tiles)
    bench.panel.tiles.chosen.emit(1)
    bench.idle()
    assert bench.compute.submissions == asked + 1  # the response of the selected filter alone
    release.set()
    bench.open(pixels + 1)
    assert all(tile.response is not None for tile in bench.tiles)
