"""From a learned filter to the kernel editor and back, and what that does to the network."""

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtGui import QFontMetrics, QGuiApplication

from kernels.cnn import load
from kernels.cnn.resemblance import classify
from kernels.kernel import Kernel
from viewer import theme
from viewer.document import FilterReference, with_kernel, with_preset
from viewer.pages.learned.views.card import FilterCard
from viewer.state import range_mode


def edit(bench, update) -> None:
    bench.store.edit(lambda document: with_kernel(document, update(document.kernel)), "edit")


def back(bench) -> None:
    bench.go("gradient")


def put_back(bench) -> None:
    button = bench.child("putBackButton")
    assert button.isEnabled(), button.toolTip()
    bench.call("putFilterBack")


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("all", lambda weights: weights),
        ("luma", lambda weights: weights @ [0.299, 0.587, 0.114]),
        ("1", lambda weights: weights[:, :, 1]),
    ],
)
def test_open_in_editor(bench, part, expected):
    bench.panel.tiles.chosen.emit(3)
    bench.open_in_editor(part)
    document = bench.store.document
    weights = load("colournet").filters(0)[3].astype(float)
    assert np.allclose(document.kernel.weights, expected(weights), atol=1e-7)
    assert document.source == FilterReference("colournet", 0, 3, part)
    assert document.preset is None
    assert bench.store.session.workspace == "filter"
    assert document.kernel.name.startswith("Filter 3")
    assert document.kernel.name.endswith("Tinted conv1")
    assert range_mode(bench.store.state) == "signed"
    bench.store.undo_stack.undo()
    assert bench.store.document.source is None


def test_what_can_be_opened(bench):
    parts = [action.data() for action in bench.panel.card.open_menu.actions()]
    assert parts == ["all", "luma", "0", "1", "2"]
    bench.choose("learnedNetworkCombo", "lenet5")
    assert [action.data() for action in bench.panel.card.open_menu.actions()] == ["all"]
    bench.choose("learnedNetworkCombo", "colournet")
    bench.choose("layerCombo", 1)
    assert [action.data() for action in bench.panel.card.open_menu.actions()] == ["0", "1", "2", "3", "4"]


def test_put_back_and_restore(bench, photo):
    bench.open(photo)
    before = bench.response.painted.values.copy()
    bench.open_in_editor()
    edit(bench, lambda kernel: kernel.replace(weights=kernel.weights * 3, divisor=-1.5))
    back(bench)
    put_back(bench)
    changed = bench.store.document.filter_edits
    assert [(each.network, each.layer, each.index) for each in changed] == [("colournet", 0, 0)]
    assert np.allclose(changed[0].kernel.weights, load("colournet").filters(0)[0] * -2, atol=1e-6)
    # Without its bias, which stays, the response is minus twice what it was.
    bias = float(load("colournet").convolutions[0].arrays["bias"][0])
    assert np.allclose(bench.response.painted.values - bias, -2 * (before - bias), atol=1e-3)
    assert bench.tiles[0].edited
    assert "edited" in bench.text("filterKind")
    bench.call("restoreFilter")
    assert bench.store.document.filter_edits == ()
    assert np.array_equal(bench.response.painted.values, before)
    bench.store.undo_stack.undo()
    assert len(bench.store.document.filter_edits) == 1
    bench.store.undo_stack.undo()
    assert np.array_equal(bench.response.painted.values, before)
    assert not bench.child("restoreFilterButton").isEnabled()


def test_one_channel_returns_to_where_it_came_from(bench):
    bench.panel.tiles.chosen.emit(2)
    bench.open_in_editor("2")
    edit(bench, lambda kernel: kernel.replace(weights=np.zeros((5, 5))))
    back(bench)
    put_back(bench)
    found = bench.store.document.filter_edits[0].kernel.weights
    trained = load("colournet").filters(0)[2]
    assert np.array_equal(found[:, :, :2], trained[:, :, :2])
    assert not found[:, :, 2].any()


def test_put_back_goes_to_the_filter_that_was_opened(bench):
    bench.panel.tiles.chosen.emit(1)
    bench.open_in_editor()
    edit(bench, Kernel.negate)
    back(bench)
    bench.panel.tiles.chosen.emit(4)
    assert bench.text("putBackButton") == "Put back into 1"
    put_back(bench)
    assert bench.store.document.filter_edits[0].index == 1
    assert bench.selected == 1


def test_put_back_says_what_is_missing(bench):
    button = bench.child("putBackButton")
    assert not button.isEnabled()
    assert "Open a filter" in button.toolTip()
    bench.open_in_editor()
    back(bench)
    assert not button.isEnabled()
    assert "edit it first" in button.toolTip()
    bench.choose("layerCombo", 1)
    assert not button.isEnabled()
    assert "Open a filter" in button.toolTip()


@pytest.mark.parametrize(
    ("update", "word"),
    [
        (lambda kernel: kernel.replace(offset=12.0), "offset 12"),
        (lambda kernel: kernel.resize(7, 7), "7 × 7"),
        (lambda kernel: Kernel(kernel.weights[:, :, 0]), "channels"),
    ],
)
def test_what_does_not_fit_is_refused_in_place(bench, update, word):
    bench.open_in_editor()
    edit(bench, update)
    back(bench)
    assert not bench.child("putBackButton").isEnabled()
    message = bench.child("filterMessage")
    assert message.isVisible()
    assert word in message.text()
    assert message.text().endswith(".")
    edit(bench, lambda kernel: Kernel(load("colournet").filters(0)[0]).negate())
    assert not message.isVisible()
    assert bench.child("putBackButton").isEnabled()


def test_another_preset_breaks_the_bridge(bench):
    bench.open_in_editor()
    bench.store.edit(lambda document: with_preset(document, "sobel-x"), "preset")
    back(bench)
    assert not bench.child("putBackButton").isEnabled()


def test_the_filter_most_like_the_kernel_in_the_editor(bench):
    bench.store.edit(lambda document: with_preset(document, "sobel-x"), "preset")
    bench.panel.tiles.chosen.emit(4)
    button = bench.child("similarButton")
    assert button.text() == "Like the editor's kernel: 0"
    assert button.toolTip().startswith("Most like the kernel in the editor: filter 0, 0.")
    bench.call("similarFilter")
    assert bench.selected == 0
    assert not button.isEnabled()
    bench.store.edit(lambda document: with_kernel(document, Kernel(np.zeros((3, 3)))), "zeros")
    assert button.text() == "Like the editor's kernel: none"
    assert "similar" in button.toolTip()


def test_the_card_shows_weights_as_numbers_and_copies_them(bench):
    bench.panel.tiles.chosen.emit(2)
    bench.child("filterNumbersButton").click()
    channels = bench.child("weightsChannel")
    channels.setCurrentIndex(channels.findData(1))
    model = bench.child("learnedWeights").model()
    assert (model.rowCount(), model.columnCount()) == (5, 5)
    assert model.data(model.index(2, 2)) == "1.00"
    bench.child("copyWeightsButton").click()
    copied = Kernel.parse(QGuiApplication.clipboard().text())
    assert np.allclose(copied.weights, load("colournet").filters(0)[2][:, :, 1], rtol=1e-6)


@pytest.mark.parametrize("name", ["colournet", "lenet5"])
def test_all_that_the_filters_resemble_is_written_in_full(qtbot, name):
    card = FilterCard()
    qtbot.addWidget(card)
    card.resize(448, 180)
    with qtbot.waitExposed(card):
        card.show()
    metrics = QFontMetrics(theme.font(11.5))
    found = [match for each in classify(load(name).filters(0)) for match in each.matches]
    assert any(len(match.details) > len(match.brief) + 4 for match in found)
    assert max(metrics.horizontalAdvance(match.brief) for match in found) <= card.matches.text_room()


def test_the_card_names_what_the_filter_resembles(bench):
    sentences = bench.panel.card.matches.accessibleDescription().split("; ")
    assert len(sentences) == 3
    assert sentences[0].startswith("1.00 Gaussian derivative, σ 1.2")
    scores = [float(text.split()[0]) for text in sentences]
    assert scores == sorted(scores, reverse=True)


def test_the_frequency_response_of_an_edge_is_dark_in_the_middle(bench):
    edges = bench.panel.card.spectrum.image.astype(int).sum(axis=2)
    assert edges[32, 32] == edges.min()
    assert edges[32].max() > 4 * edges[:, 32].max()  # it is an edge in x
    bench.panel.tiles.chosen.emit(2)
    blob = bench.panel.card.spectrum.image.astype(int).sum(axis=2)
    assert blob[32, 32] == blob.max()


def test_an_edit_of_a_network_that_changed_is_left_out(bench):
    bench.open_in_editor()
    edit(bench, Kernel.negate)
    back(bench)
    put_back(bench)
    odd = replace(bench.store.document.filter_edits[0], kernel=Kernel(np.ones((3, 3))))
    bench.store.edit(lambda document: replace(document, filter_edits=(odd,)), "odd")
    assert "shape" in bench.text("networkMessage")
    assert not any(tile.edited for tile in bench.tiles)
