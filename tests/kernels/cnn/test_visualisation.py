"""Inputs made to please a filter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.datasets import shipped_digits
from kernels.cnn.network import Network
from kernels.cnn.visualisation import _Canvas, _towards, _View
from kernels.errors import Cancelled


def answer(net: Network, layer: int, channel: int, pictures: np.ndarray) -> np.ndarray:
    """The strongest response of a filter to each picture."""
    border = net.preprocessing.padding
    padded = np.pad(pictures, ((0, 0), (border, border), (border, border), *((0, 0),) * (pictures.ndim - 3)))
    return np.array([net.responses(each, layer, white=255.0)[channel].max() for each in padded])


@pytest.mark.parametrize("channel", [7, 33])
def test_a_digit_detector_is_pleased_more_than_by_any_digit(channel: int) -> None:
    net = cnn.load("lenet5")
    made = cnn.visualise(net, 2, channel, steps=100)
    assert (made.shape, made.dtype) == ((28, 28), np.uint8)
    assert answer(net, 2, channel, made[np.newaxis])[0] > answer(net, 2, channel, shipped_digits().images[:100]).max()


@pytest.mark.parametrize(("layer", "channel"), [(0, 0), (1, 3), (2, 5)])
def test_colour_is_used_and_noise_is_beaten(layer: int, channel: int) -> None:
    net = cnn.load("colournet")
    made = cnn.visualise(net, layer, channel, steps=25)
    assert (made.shape, made.dtype) == ((32, 32, 3), np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (15, 32, 32, 3), dtype=np.uint8)
    assert answer(net, layer, channel, made[np.newaxis])[0] > 1.5 * answer(net, layer, channel, noise).max()
    assert (made.max(axis=2) > made.min(axis=2)).any()


def test_more_steps_please_more_and_the_seed_decides() -> None:
    net = cnn.load("lenet5")
    shares: list[float] = []
    first, again = cnn.visualise(net, 1, 3, steps=40, progress=shares.append), cnn.visualise(net, 1, 3, steps=40)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, cnn.visualise(net, 1, 3, steps=40, seed=1))
    few = cnn.visualise(net, 1, 3, steps=1)
    assert answer(net, 1, 3, first[np.newaxis]) > answer(net, 1, 3, few[np.newaxis])
    np.testing.assert_allclose(shares, np.arange(1, 41) / 40)


def test_the_start_is_smooth() -> None:
    start = cnn.visualise(cnn.load("lenet5"), 0, 0, steps=1).astype(float)
    neighbours = np.corrcoef(start[:, 1:].ravel(), start[:, :-1].ravel())[0, 1]
    assert neighbours > 0.5
    assert start.std() > 5


def test_a_view_and_the_weighing_of_frequencies_have_the_adjoints_that_climbing_uses() -> None:
    random = np.random.default_rng(5)
    one, other = random.standard_normal((2, 3, 32, 32))
    view, canvas = _View((32, 32), random), _Canvas(cnn.load("colournet"), random)
    assert np.sum(view.of(one) * other) == pytest.approx(np.sum(one * view.back(other)))
    assert np.sum(canvas._weighted(one) * other) == pytest.approx(np.sum(one * canvas._weighted(other)))
    np.testing.assert_allclose(view.of(np.ones((3, 32, 32))), 1)


def test_where_the_response_is_strong_counts_most() -> None:
    responses = np.random.default_rng(1).standard_normal((1, 4, 6, 6)).astype(np.float32)
    share = _towards(responses, 2)
    assert share[0, 2].sum() == pytest.approx(1, rel=1e-5)
    assert share[0, 2].argmax() == responses[0, 2].argmax()
    assert not share[0, [0, 1, 3]].any()


def test_a_view_of_a_single_pixel_is_that_pixel() -> None:
    view = _View((1, 1), np.random.default_rng(0))
    np.testing.assert_allclose(view.of(np.full((2, 1, 1), 3.0)), 3)
    np.testing.assert_allclose(view.back(np.full((2, 1, 1), 3.0)), 3)


@pytest.mark.parametrize(
    ("network", "layer", "channel", "steps", "error", "words"),
    [
        ("lenet5", 0, 6, 1, ValueError, "channel must be 0 to 5, but is 6"),
        ("lenet5", 0, -1, 1, ValueError, "channel must be 0 to 5, but is -1"),
        ("lenet5", 5, 0, 1, IndexError, "layer must be 0 to 2"),
        ("mlp", 0, 0, 1, IndexError, "MLP has no convolution layer"),
        ("lenet5", 0, 0, 0, ValueError, "steps must be 1 to"),
        ("lenet5", 0, 0, 2.5, TypeError, "steps must be a whole number from 1 to 100000, but is 2.5"),
    ],
)
def test_what_cannot_be_pleased_is_refused_in_a_sentence(
    network: str, layer: int, channel: int, steps: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        cnn.visualise(cnn.load(network), layer, channel, steps=steps)


def test_making_stops_when_it_is_not_wanted_any_more() -> None:
    with pytest.raises(Cancelled):
        cnn.visualise(cnn.load("lenet5"), 0, 0, cancelled=lambda: True)
