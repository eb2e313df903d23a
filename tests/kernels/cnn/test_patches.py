"""The strongest patches of a filter, against a search by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import shipped_digits
from kernels.cnn.layers import Convolution, Dense, Flatten, GlobalAveragePool
from kernels.cnn.network import Network
from kernels.cnn.patches import strongest_patches
from kernels.cnn.preprocessing import Preprocessing
from kernels.errors import Cancelled
from kernels.recipe.regions import Region


def sees(weights: np.ndarray, size: int = 12, stride: int = 1, padding: int = 0) -> Network:
    """A network of one filter, (kh, kw), that leaves pixels as they are."""
    taps = Convolution(1, weights.shape, stride=(stride, stride), padding=(padding, padding))
    layers = (taps, GlobalAveragePool(), Flatten(), Dense(1))
    net = Network(Architecture("one", (1, size, size), layers), Preprocessing((0.0,), (1.0,)), "a")
    net.layers[0].arrays["weights"][0, 0] = weights
    return net


def test_the_strongest_come_first_and_do_not_overlap() -> None:
    pictures = [np.random.default_rng(at).integers(0, 256, (9 + at, 14), dtype=np.uint8) for at in range(3)]
    weights = np.random.default_rng(9).standard_normal((2, 3)).astype(np.float32)
    found = strongest_patches(sees(weights), 0, 0, pictures, count=8)
    left = {
        (number, y, x): float((weights * picture[y : y + 2, x : x + 3]).sum())
        for number, picture in enumerate(pictures)
        for y in range(picture.shape[0] - 1)
        for x in range(picture.shape[1] - 2)
    }
    for patch in found:
        number, y, x = max(left, key=left.__getitem__)
        assert (patch.picture, patch.region) == (number, Region(y, y + 2, x, x + 3))
        assert patch.value == pytest.approx(left[number, y, x], rel=1e-4)
        np.testing.assert_array_equal(patch.pixels, pictures[number][y : y + 2, x : x + 3])
        left = {
            (other, i, j): value
            for (other, i, j), value in left.items()
            if other != number or abs(i - y) >= 2 or abs(j - x) >= 3
        }
    assert len(found) == 8


def test_windows_that_reach_over_the_edge_show_black_there() -> None:
    picture = np.zeros((6, 6), np.uint8)
    picture[0, 5] = 200
    weights = np.zeros((3, 3), np.float32)
    weights[1, 2] = 1
    (patch, *_) = strongest_patches(sees(weights, stride=2, padding=1), 0, 0, [picture])
    assert patch.value == pytest.approx(200)
    assert patch.region == Region(-1, 2, 3, 6)
    np.testing.assert_array_equal(patch.pixels, [[0, 0, 0], [0, 0, 200], [0, 0, 0]])


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_digits_stand_in_the_networks_border_as_for_predict(layer: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernels.cnn.patches.BATCH", 7)
    net, digits = cnn.load("lenet5"), shipped_digits().images[:30]
    shares: list[float] = []
    found = strongest_patches(net, layer, 4, digits, count=3, progress=shares.append)
    padded = np.pad(digits, ((0, 0), (2, 2), (2, 2)))
    responses = np.stack([net.responses(each, layer, white=255.0)[4] for each in padded])
    number, y, x = np.unravel_index(responses.argmax(), responses.shape)
    pitch, side = ((1, 5), (2, 14), (1, 32))[layer]
    top, left = pitch * y - 2, pitch * x - 2
    assert (found[0].picture, found[0].region) == (number, Region(top, top + side, left, left + side))
    assert found[0].value == pytest.approx(float(responses.max()), rel=1e-4)
    np.testing.assert_array_equal(found[0].pixels, padded[number, top + 2 : top + 2 + side, left + 2 : left + 2 + side])
    assert [each.value for each in found] == sorted((each.value for each in found), reverse=True)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_photographs_of_any_size_and_kind() -> None:
    net = cnn.load("colournet")
    random = np.random.default_rng(3)
    pictures: list[np.ndarray] = [
        random.integers(0, 256, (50, 40, 3), dtype=np.uint8), random.integers(0, 65536, (33, 60), dtype=np.uint16)
    ]  # fmt: skip
    found = strongest_patches(net, 2, 5, pictures, count=20)
    assert {each.picture for each in found} == {0, 1}
    for each in found:
        assert each.pixels.dtype == pictures[each.picture].dtype
        assert each.pixels.shape == (22, 22, *pictures[each.picture].shape[2:])
    best = max(float(net.responses(each, 2)[5].max()) for each in pictures)
    assert found[0].value == pytest.approx(best, rel=1e-4)


def test_what_is_not_finite_is_passed_over() -> None:
    picture = np.arange(36.0).reshape(6, 6)
    picture[5, 5] = np.nan
    (patch, *_) = strongest_patches(sees(np.ones((2, 2), np.float32)), 0, 0, [picture / 36], count=4)
    assert np.isfinite(patch.pixels).all()
    assert strongest_patches(sees(np.ones((2, 2), np.float32)), 0, 0, [np.full((6, 6), np.nan)]) == ()


@pytest.mark.parametrize(
    ("network", "layer", "channel", "pictures", "error", "words"),
    [
        ("lenet5", 0, 6, [np.zeros((9, 9), np.uint8)], ValueError, "channel must be 0 to 5, but is 6"),
        ("lenet5", 3, 0, [np.zeros((9, 9), np.uint8)], IndexError, "layer must be 0 to 2"),
        ("mlp", 0, 0, [np.zeros((9, 9), np.uint8)], IndexError, "MLP has no convolution layer"),
        ("lenet5", 0, 0, [], ValueError, "pictures must hold at least one picture"),
        ("lenet5", 1, 0, [np.zeros((9, 9), np.uint8)], ValueError, "need at least 14 × 14"),
        ("lenet5", 1, 0, ["a.png"], TypeError, "image must be an array"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_sentence(
    network: str, layer: int, channel: int, pictures: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        strongest_patches(cnn.load(network), layer, channel, pictures)


def test_the_search_stops_when_it_is_not_wanted_any_more() -> None:
    with pytest.raises(Cancelled):
        strongest_patches(cnn.load("lenet5"), 0, 0, shipped_digits().images, cancelled=lambda: True)
