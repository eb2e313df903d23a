"""Pictures that fool the networks that come with the program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.datasets import shipped_digits
from kernels.cnn.fooling import Fooling, fool, from_nothing
from kernels.cnn.network import Network
from kernels.errors import Cancelled


def threes(count: int) -> np.ndarray:
    """Some of the digits that are a 3."""
    digits = shipped_digits()
    return digits.images[digits.labels == 3][:count]


def check(net: Network, found: Fooling) -> None:
    """The record is that of the pictures."""
    pair = net.predict(np.stack([found.original, found.picture]))
    np.testing.assert_allclose(found.probabilities[[0, -1]], pair, atol=1e-5)
    np.testing.assert_array_equal(found.original + found.change, found.picture)
    assert found.largest == np.abs(found.picture.astype(int) - found.original).max()
    assert found.is_fooled == (pair[1].argmax() == found.target)


@pytest.mark.parametrize("name", ["lenet5", "mlp"])
def test_a_three_becomes_an_eight_for_the_network(name: str) -> None:
    net = cnn.load(name)
    for image in threes(3):
        found = fool(net, image, 8, steps=10)
        check(net, found)
        assert net.predict(image[np.newaxis]).argmax() == 3
        assert net.predict(found.picture[np.newaxis]).argmax() == 8
        assert 0 < found.largest < 80
        # It is fooled by the last step and by none before.
        assert (found.probabilities.argmax(axis=1) == 8).tolist() == [False] * (len(found.probabilities) - 1) + [True]


def test_one_step_goes_along_the_sign_of_the_slope_and_no_further_than_it_must() -> None:
    net, image = cnn.load("mlp"), threes(1)[0]
    found = fool(net, image, 8, method="sign")
    check(net, found)
    assert found.is_fooled
    assert len(found.probabilities) == found.largest + 1
    assert (found.probabilities[:-1].argmax(axis=1) != 8).all()
    x = (image.astype(float) - net.preprocessing.mean) / net.preprocessing.deviation
    inside = np.argwhere((image > found.largest) & (image < 255 - found.largest))
    assert len(inside) > 10
    for y, column in inside:
        moved = np.stack([x, x])[:, np.newaxis]
        moved[:, 0, y, column] += [1e-5, -1e-5]
        above, below = (row - np.log(np.exp(row).sum()) for row in net.forward(moved))
        assert found.change[y, column] == found.largest * np.sign(above[8] - below[8])


def test_many_steps_need_no_larger_change_than_one() -> None:
    net = cnn.load("lenet5")
    for image in threes(2):
        one = fool(net, image, 8, method="sign")
        assert one.is_fooled
        assert fool(net, image, 8, steps=20).largest <= one.largest


def test_a_network_that_cannot_be_fooled_is_told_from_one_that_is() -> None:
    net = cnn.load("mlp").copy()
    for node in net.layers:
        for array in node.arrays.values():
            array[...] = 0
    net.layers[-1].arrays["bias"][...] = np.arange(10)
    for method in ("sign", "iterated"):
        found = fool(net, threes(1)[0], 2, method=method, steps=3)
        check(net, found)
        assert not found.is_fooled
        assert found.largest == 0


def test_a_picture_of_the_class_already_is_left_as_it_is() -> None:
    net, image = cnn.load("lenet5"), threes(1)[0]
    for method in ("sign", "iterated"):
        found = fool(net, image, 3, method=method)
        check(net, found)
        assert found.largest == 0
        assert found.is_fooled
        assert (found.amplified()[0] == 128).all()


def test_the_change_is_amplified_about_a_middle_grey() -> None:
    original = np.array([[10, 20, 255]], np.uint8)
    found = Fooling(original, np.array([[12, 16, 255]], np.uint8), 0, np.ones((1, 1), np.float32))
    np.testing.assert_array_equal(found.change, [[2, -4, 0]])
    picture, factor = found.amplified()
    assert factor == pytest.approx(127 / 4)
    np.testing.assert_array_equal(picture, [[192, 1, 128]])


@pytest.mark.parametrize("name", ["lenet5", "colournet", "mlp"])
def test_noise_becomes_anything(name: str) -> None:
    net = cnn.load(name)
    for target in (0, 9):
        found = from_nothing(net, target, seed=target)
        check(net, found)
        assert net.predict(found.picture[np.newaxis])[0, target] >= 0.98
        assert found.probabilities[-1, target] >= 0.99 > found.probabilities[-2, target]
        # What comes out is still noise.
        assert np.corrcoef(found.original.ravel(), found.picture.ravel())[0, 1] > 0.8
    again = from_nothing(net, 9, seed=9)
    np.testing.assert_array_equal(again.picture, found.picture)
    assert not np.array_equal(from_nothing(net, 9, seed=8).picture, found.picture)


def test_colour_pictures_are_fooled_too() -> None:
    net = cnn.load("colournet")
    image = np.random.default_rng(0).integers(90, 160, (32, 32, 3), dtype=np.uint8)
    found = fool(net, image, 3, steps=5)
    check(net, found)
    assert found.is_fooled
    assert found.change.shape == (32, 32, 3)


def test_looking_stops_when_it_is_not_wanted_any_more() -> None:
    net, shares = cnn.load("mlp"), []
    with pytest.raises(Cancelled):
        fool(net, threes(1)[0], 8, cancelled=lambda: True)
    with pytest.raises(Cancelled):
        from_nothing(net, 8, cancelled=lambda: True)
    fool(net, threes(1)[0], 8, steps=5, progress=shares.append)
    from_nothing(net, 8, progress=shares.append)
    assert all(0 < share <= 1 for share in shares)


@pytest.mark.parametrize(
    ("image", "target", "options", "error", "words"),
    [
        (np.zeros((28, 28)), 8, {}, TypeError, "image must be 8-bit"),
        (np.zeros((1, 28, 28), np.uint8), 8, {}, ValueError, "image must have the shape"),
        (np.zeros((28, 28), np.uint8), 10, {}, ValueError, "target must be 0 to 9"),
        (np.zeros((28, 28), np.uint8), 8, {"method": "iterate"}, ValueError, "Did you mean 'iterated'"),
        (np.zeros((28, 28), np.uint8), 8, {"steps": 0}, ValueError, "steps must be 1 to"),
    ],
)
def test_what_cannot_be_changed_is_refused_in_a_sentence(
    image: np.ndarray, target: int, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        fool(cnn.load("mlp"), image, target, **options)


@pytest.mark.parametrize("confidence", [0, 1, np.nan, -1])
def test_a_confidence_that_cannot_be_reached_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence must be above 0 and below 1"):
        from_nothing(cnn.load("mlp"), 1, confidence=confidence)
