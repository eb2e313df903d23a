"""Responses strip by strip: the same numbers as at once, whatever the layers in between."""

import numpy as np
import pytest

from kernels.cnn import strips
from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import (
    AveragePool,
    BatchNormalisation,
    Branches,
    Convolution,
    Dense,
    Filter,
    Flatten,
    GlobalAveragePool,
    LeakyReLU,
    Margins,
    MaxPool,
    ReLU,
    Residual,
)
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.errors import Cancelled
from kernels.opencv import cv2

LAYERS = (
    Convolution(4, (5, 3), padding=(2, 1), stride=(1, 2)),
    BatchNormalisation(),
    ReLU(),
    MaxPool((3, 3), (2, 2), (1, 1)),
    Convolution(6, (3, 3), dilation=(2, 1), groups=2),
    LeakyReLU(0.1),
    AveragePool(),
    Convolution(3, (3, 3), padding=(1, 1), stride=(2, 1)),
    GlobalAveragePool(),
    Flatten(),
    Dense(2),
)


@pytest.fixture(scope="module")
def network() -> Network:
    made = Network(
        Architecture("odd", (3, 48, 48), LAYERS), Preprocessing((90.0, 100.0, 110.0), (50.0,) * 3), ("a", "b"), seed=4
    )
    random = np.random.default_rng(8)
    for name, array in made.arrays().items():
        if name.endswith(("bias", "gamma", "beta")):
            array[...] = random.normal(size=array.shape)
    return made


@pytest.fixture(scope="module")
def others() -> Network:
    """Rows of layers between the convolutions, of unlike windows and strides, and borders of other kinds."""
    halves = (Convolution(4, (3, 3), (2, 2), (1, 1)),), (AveragePool((2, 2), (2, 2), ceil=True), Convolution(4, (1, 1)))
    layers = (
        Filter((((1.0,), (2.0,), (-1.0,)),), padding=(1, 1)),
        Convolution(4, (3, 3), padding=Margins((1, 1), (2, 1))),
        Residual((ReLU(), Convolution(4, (5, 3), padding=(2, 1)))),
        Convolution(5, (3, 3)),
        Residual(*halves),
        Branches(((MaxPool((3, 3), (1, 1), (1, 1)),), ())),
        Convolution(3, (3, 3), padding=Margins((1, 1), (1, 1), "wrap")),
        GlobalAveragePool(),
        Flatten(),
        Dense(2),
    )
    preprocessing = Preprocessing((90.0, 100.0, 110.0), (50.0,) * 3)
    return Network(Architecture("others", (3, 48, 48), layers), preprocessing, ("a", "b"), seed=4)


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("rows", [1, 4, 100])
def test_strips_make_up_the_whole_behind_rows_of_layers(others, image, layer, rows):
    whole = others.responses(image, layer)
    found = list(strips.in_strips(others, image, layer, cuts=range(0, whole.shape[1], rows)))
    np.testing.assert_allclose(np.concatenate([block for _, block in found], axis=1), whole, rtol=1e-4, atol=1e-4)
    assert strips.response_shape(others, layer, image.shape[:2]) == whole.shape
    pitch = 2 if layer == 2 else 1
    assert strips.area(others, layer, image.shape[:2])[2:] == (whole.shape[1] * pitch, whole.shape[2] * pitch)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_what_is_seen_behind_rows_of_layers_makes_the_difference(others, image, layer):
    seen = strips.seen(others, layer, image.shape[:2], (10, 9))
    changed = 255 - image
    inside = slice(max(seen.top, 0), seen.bottom), slice(max(seen.left, 0), seen.right)
    changed[inside] = image[inside]
    before, after = (others.responses(each, layer)[:, 10, 9] for each in (image, changed))
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-3)
    assert max(seen.shape) < 40


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (71, 53, 3), dtype=np.uint8)


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("rows", [1, 2, 5, 100])
def test_strips_make_up_the_whole(network, image, layer, rows):
    whole = network.responses(image, layer)
    found = list(strips.in_strips(network, image, layer, cuts=range(0, whole.shape[1], rows)))
    assert [first for first, _ in found] == list(range(0, whole.shape[1], rows))
    assert np.allclose(np.concatenate([block for _, block in found], axis=1), whole, atol=1e-4)


def test_a_strip_is_as_high_as_the_memory_allows(network, image, monkeypatch):
    monkeypatch.setattr(strips, "STRIP_BYTES", 1 << 14)
    found = list(strips.in_strips(network, image))
    assert len(found) > 5
    assert np.allclose(np.concatenate([block for _, block in found], axis=1), network.responses(image), atol=1e-4)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_one_response(network, image, layer):
    told = []
    found = strips.response(network, image, layer, 2, progress=told.append)
    assert np.allclose(found, network.responses(image, layer)[2], atol=1e-4)
    assert told[-1] == 1.0


def test_after_the_activation(network, image):
    maps = network.responses(image)[np.newaxis]
    for layer in network.layers[1:3]:
        maps = layer.forward(maps)
    assert np.allclose(strips.response(network, image, 0, 3, activated=True), maps[0, 3], atol=1e-4)
    raw = network.responses(image, 1)
    leaky = strips.response(network, image, 1, 3, activated=True)
    assert np.allclose(leaky, np.where(raw[3] > 0, raw[3], 0.1 * raw[3]), atol=1e-4)
    assert [strips.activation(network, layer) for layer in range(3)] == ["ReLU", "leaky ReLU", ""]


def test_thumbnails_are_means_of_the_responses(network, image):
    whole = network.responses(image)
    small = strips.thumbnails(network, image, longest=200)
    assert np.allclose(small, whole, atol=1e-4)
    tiny = strips.thumbnails(network, image, longest=9)
    assert tiny.shape == (4, 9, 3)
    assert np.allclose(tiny.mean(axis=2).mean(axis=1), whole.mean(axis=(1, 2)), atol=0.05)
    flat = strips.thumbnails(network, np.full_like(image, 100), longest=9)
    assert np.ptp(flat[:, 2:-2, 1]) <= np.ptp(flat) + 1e-6


def test_thumbnails_of_even_parts_are_exact(image):
    plain = Network(
        Architecture("plain", (1, 8, 8), (Convolution(2, (1, 1)), Flatten(), Dense(2))),
        Preprocessing((0.0,), (1.0,)),
        ("a", "b"),
    )
    grey = np.random.default_rng(1).integers(0, 256, (64, 48), dtype=np.uint8)
    found = strips.thumbnails(plain, grey, longest=16)
    expected = [one.reshape(16, 4, 12, 4).mean(axis=(1, 3)) for one in plain.responses(grey)]
    assert np.allclose(found, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    "convolution",
    [
        Convolution(3, (5, 5)),
        Convolution(3, (4, 3), padding=(2, 1)),
        Convolution(3, (3, 2), dilation=(2, 3), padding=(4, 3)),
    ],
    ids=str,
)
@pytest.mark.parametrize("longest", [60, 37, 8, 1])
@pytest.mark.parametrize("channels", [1, 3])
def test_thumbnails_of_a_first_layer_are_its_responses_averaged(convolution, longest, channels, monkeypatch):
    made = Network(
        Architecture("first", (channels, 24, 24), (convolution, GlobalAveragePool(), Flatten(), Dense(2))),
        Preprocessing((90.0,) * channels, (50.0,) * channels),
        ("a", "b"),
        seed=3,
    )
    made.convolutions[0].arrays["bias"][...] = 2.0
    random = np.random.default_rng(11)
    for picture in (
        random.integers(0, 256, (71, 53, channels), dtype=np.uint8),
        random.integers(0, 65536, (40, 66), dtype=np.uint16),
    ):
        whole = made.responses(picture)
        for strip in (strips.STRIP_BYTES, 1 << 14):
            monkeypatch.setattr(strips, "STRIP_BYTES", strip)
            found = strips.thumbnails(made, picture, longest=longest)
            size = found.shape[2], found.shape[1]
            expected = [cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in whole]
            assert np.allclose(found, expected, atol=1e-4)


def test_thumbnails_of_windows_in_the_border_alone(image):
    made = Network(
        Architecture("border", (3, 24, 24), (Convolution(2, (3, 3), padding=(8, 4)), Flatten(), Dense(2))),
        Preprocessing((100.0,) * 3, (50.0,) * 3),
        ("a", "b"),
    )
    made.convolutions[0].arrays["bias"][...] = 2.0
    found = strips.thumbnails(made, image, longest=30)
    assert np.allclose(found[:, 0], 2.0, atol=1e-6)
    assert np.allclose(found.mean(axis=(1, 2)), made.responses(image).mean(axis=(1, 2)), atol=0.02)


def test_thumbnails_say_how_far_they_are_and_spoil_only_what_is_not_finite(image):
    plain = Network(
        Architecture("plain", (1, 8, 8), (Convolution(2, (3, 3), padding=(1, 1)), Flatten(), Dense(2))),
        Preprocessing((0.0,), (1.0,)),
        ("a", "b"),
    )
    told = []
    strips.thumbnails(plain, image, longest=20, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    broken = np.random.default_rng(1).random((64, 64))
    broken[10, 10] = np.nan
    found = np.isnan(strips.thumbnails(plain, broken, longest=16))
    assert [tuple(place) for place in np.argwhere(found)] == [(0, 2, 2), (1, 2, 2)]


def test_where_responses_lie(network):
    # 5 x 3 windows, padded to keep the middle: each response is centred on its own pixel, one column in two.
    assert strips.area(network, 0, (71, 53)) == (0.0, -0.5, 71.0, 54.0)
    top, left, height, width = strips.area(network, 1, (71, 53))
    _, rows, columns = strips.response_shape(network, 1, (71, 53))
    assert (height, width) == (2 * rows, 4 * columns)
    # A dilated 3-row window without padding begins two maps further in.
    assert top == pytest.approx(0.5 + 2 * 2 - 1)
    assert left == pytest.approx(0.5 + 1 * 4 - 2)


def test_the_response_to_a_dot_lies_on_the_dot():
    layers = (Convolution(1, (3, 3)), MaxPool(), Convolution(1, (3, 3), padding=(1, 1)), Flatten(), Dense(2))
    made = Network(Architecture("dots", (1, 12, 12), layers), Preprocessing((0.0,), (1.0,)), ("a", "b"))
    for each in made.convolutions:
        each.arrays["weights"][...] = 0
        each.arrays["weights"][0, 0, 1, 1] = 1
    image = np.zeros((24, 30), np.uint8)
    image[13, 8] = 255
    values = made.responses(image, 1)[0]
    i, j = np.unravel_index(values.argmax(), values.shape)
    top, left, height, width = strips.area(made, 1, image.shape)
    assert abs(top + (i + 0.5) * height / values.shape[0] - 13.5) <= 1
    assert abs(left + (j + 0.5) * width / values.shape[1] - 8.5) <= 1


def test_work_stops_when_it_is_not_wanted(network, image):
    with pytest.raises(Cancelled):
        strips.thumbnails(network, image, cancelled=lambda: True)
    with pytest.raises(Cancelled):
        strips.response(network, image, 2, 0, cancelled=lambda: True)


def test_errors(network, image):
    with pytest.raises(IndexError, match="layer must be 0 to 2"):
        strips.thumbnails(network, image, 3)
    with pytest.raises(ValueError, match="does not fit"):
        strips.thumbnails(network, image[:3, :3], 2)
