"""A network's filters, and their responses to pictures of any size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import correlate2d

from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import (
    Convolution,
    Dense,
    Flatten,
    GlobalAveragePool,
)
from kernels.cnn.models import LENET5
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.errors import Cancelled


def test_filters_are_correlation_kernels_and_responses_use_the_layers_padding(colour: Network) -> None:
    image = np.random.default_rng(2).integers(0, 256, (17, 23, 3), dtype=np.uint8)
    filters, responses = colour.filters(), colour.responses(image)
    assert filters.shape == (32, 7, 7, 3)
    assert responses.shape == (32, 17, 23)
    standard = (image - np.array([120.0, 110.0, 100.0])) / np.array([60.0, 61.0, 62.0])
    bias = colour.parameters()[1]
    for index in (0, 31):
        expected = bias[index] + sum(
            correlate2d(standard[:, :, k], filters[index, :, :, k].astype(np.float64), "same") for k in range(3)
        )
        np.testing.assert_allclose(responses[index], expected, atol=2e-5)


def test_responses_of_deeper_layers_are_those_of_the_forward_pass(colour: Network) -> None:
    image = np.random.default_rng(3).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    kept = colour.activations(colour.preprocessing.batch(image[np.newaxis]))
    for layer, place in enumerate((0, 3, 6)):
        np.testing.assert_allclose(colour.responses(image, layer), kept[place][0], rtol=1e-4, atol=1e-5)


def test_responses_of_some_filters(colour: Network) -> None:
    image = np.random.default_rng(4).integers(0, 256, (40, 30), dtype=np.uint8)
    everything = colour.responses(image, 1)
    np.testing.assert_allclose(colour.responses(image, 1, filters=[7, 0]), everything[[7, 0]], rtol=1e-5, atol=1e-6)
    with pytest.raises(IndexError, match="filters must be 0 to 47"):
        colour.responses(image, 1, filters=[48])


def test_responses_of_some_filters_in_groups() -> None:
    architecture = Architecture(
        "grouped", (4, 6, 6), (Convolution(6, (3, 3), groups=2), GlobalAveragePool(), Flatten())
    )
    network = Network(architecture, Preprocessing((0.0,) * 4, (1.0,) * 4), tuple("abcdef"))
    maps = np.random.default_rng(5).standard_normal((1, 4, 6, 6)).astype(np.float32)
    node = network.convolutions[0]
    some, every = node.layer.respond(node, maps, [5, 1, 3]), node.layer.respond(node, maps)
    np.testing.assert_allclose(some, every[[5, 1, 3]], rtol=1e-5, atol=1e-6)


def test_white_level_grey_and_colour_make_no_difference_where_they_should_not(lenet: Network, colour: Network) -> None:
    grey = np.random.default_rng(6).integers(0, 256, (20, 22), dtype=np.uint8)
    for network in (lenet, colour):
        expected = network.responses(grey)
        for same in (
            grey.astype(np.uint16) * 257,
            (grey / 255).astype(np.float32),
            grey[:, :, np.newaxis],
            np.repeat(grey[:, :, np.newaxis], 3, axis=2),
        ):
            np.testing.assert_allclose(network.responses(same), expected, atol=2e-4)
        np.testing.assert_allclose(
            network.responses(grey * 1.0, white=510.0)[0], network.responses(grey // 2)[0], atol=0.05
        )


@pytest.mark.filterwarnings("error")
def test_pixels_that_are_not_finite_spoil_the_windows_that_hold_them_and_nothing_else(lenet: Network) -> None:
    grey = np.random.default_rng(6).random((20, 22))
    expected = lenet.responses(grey)[0]
    grey[4, 7], grey[4, 8], grey[15, 3] = np.inf, -np.inf, np.nan
    found = lenet.responses(grey, white=1.0)[0]
    spoilt = np.zeros(expected.shape, bool)
    for y, x in ((4, 7), (4, 8), (15, 3)):
        spoilt[max(0, y - 4) : y + 1, max(0, x - 4) : x + 1] = True
    np.testing.assert_array_equal(np.isfinite(found), ~spoilt)
    np.testing.assert_allclose(found[~spoilt], expected[~spoilt], atol=1e-5)


def test_colour_is_seen_as_luma_by_a_network_for_grey(lenet: Network) -> None:
    image = np.random.default_rng(7).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    luma = image @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(lenet.responses(image), lenet.responses(luma, white=255), atol=1e-5)


def test_strips_do_not_show(lenet: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.random.default_rng(8).integers(0, 256, (61, 33, 3), dtype=np.uint8)
    expected = lenet.responses(image, 1)
    monkeypatch.setattr("kernels.cnn.layers.convolution.STRIP_PRODUCTS", 2_000)
    monkeypatch.setattr("kernels.cnn.preprocessing._STRIP", 200)
    np.testing.assert_allclose(lenet.responses(image, 1), expected, rtol=1e-5, atol=1e-6)


def test_responses_stop_when_cancelled(lenet: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernels.cnn.layers.convolution.STRIP_PRODUCTS", 1)
    monkeypatch.setattr("kernels.filtering.backends.workers._most", 1)  # the others do not ask
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        lenet.responses(np.zeros((40, 40), np.uint8), cancelled=cancelled)
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("image", "layer", "error", "words"),
    [
        (np.zeros((3, 9), np.uint8), 0, ValueError, "does not fit into 3 x 9"),
        (np.zeros((9, 9), np.uint8), 1, ValueError, "does not fit into 2 x 2"),
        (np.zeros((9, 9, 2), np.uint8), 0, ValueError, "image must be"),
        (np.zeros((0, 9), np.uint8), 0, ValueError, "not empty"),
        (np.zeros((9, 9), complex), 0, TypeError, "real numbers"),
        ([[1, 2], [3, 4]], 0, TypeError, "must be an array"),
        (np.zeros((99, 99), np.uint8), 3, IndexError, "layer must be 0 to 2"),
    ],
)
def test_responses_refuse_what_cannot_be(
    lenet: Network, image: np.ndarray, layer: int, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        lenet.responses(image, layer)


def test_filters_are_a_copy_whatever_their_shape() -> None:
    for description, channels in (
        (Convolution(3, (5, 5)), 1),
        (Convolution(3, (1, 1)), 4),
        (Convolution(3, (3, 3)), 3),
    ):
        network = Network(
            Architecture("one", (channels, 5, 5), (description, Flatten(), Dense(2))),
            Preprocessing((0.0,) * channels, (1.0,) * channels),
            ("a", "b"),
        )
        before = network.filters()
        network.filters()[:] = 0
        np.testing.assert_array_equal(network.filters(), before)


@pytest.mark.parametrize("white", [0, -1, float("nan"), float("inf")])
def test_a_white_level_that_cannot_be_is_refused(lenet: Network, white: float) -> None:
    with pytest.raises(ValueError, match="white is"):
        lenet.responses(np.zeros((9, 9)), white=white)


@pytest.mark.parametrize("layer", ["0", None, 1.0, True])
def test_a_layer_is_a_whole_number(lenet: Network, layer: object) -> None:
    with pytest.raises(TypeError, match="layer must be a whole number"):
        lenet.filters(layer)  # type: ignore[arg-type]
    np.testing.assert_array_equal(lenet.filters(np.int64(1)), lenet.filters(1))


def test_layers_before_the_one_asked_for_need_memory_too(lenet: Network, leave_free: Callable[[int], None]) -> None:
    leave_free(40_000)
    assert lenet.responses(np.zeros((32, 32), np.uint8), 2).shape == (120, 1, 1)
    with pytest.raises(MemoryError, match="60 × 32"):
        lenet.responses(np.zeros((32, 60), np.uint8), 2)


def test_a_filter_is_replaced_in_a_copy(colour: Network) -> None:
    new = np.arange(147, dtype=np.float64).reshape(7, 7, 3)
    changed = colour.with_filter(0, 4, new)
    np.testing.assert_array_equal(changed.filters()[4], new)
    np.testing.assert_array_equal(np.delete(changed.filters(), 4, axis=0), np.delete(colour.filters(), 4, axis=0))
    assert not np.array_equal(colour.filters()[4], new)
    for before, after in zip(colour.parameters(), changed.parameters(), strict=True):
        assert not np.shares_memory(before, after)
    grey = Network(LENET5, Preprocessing((0.0,), (1.0,), padding=2), tuple("0123456789"))
    assert grey.with_filter(0, 5, np.eye(5)).filters()[5, 2, 2, 0] == 1


@pytest.mark.parametrize(
    ("layer", "index", "weights", "error"),
    [
        (0, 32, np.zeros((7, 7, 3)), IndexError),
        (3, 0, np.zeros((7, 7, 3)), IndexError),
        (0, 0, np.zeros((7, 7)), ValueError),
        (0, 0, np.zeros((5, 5, 3)), ValueError),
        (0, 0, np.full((7, 7, 3), np.nan), ValueError),
        (0, 0, np.full((7, 7, 3), 1e300), ValueError),
        (0, 0, np.full((7, 7, 3), 1j), TypeError),
    ],
)
def test_a_filter_that_does_not_fit_is_refused(
    colour: Network, layer: int, index: int, weights: np.ndarray, error: type[Exception]
) -> None:
    with pytest.raises(error):
        colour.with_filter(layer, index, weights)
