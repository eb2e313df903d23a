"""Why a network says what it says: against central differences, against the definition, and against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import map_coordinates
from scipy.stats import spearmanr

from kernels import cnn
from kernels.cnn.architecture import Architecture
from kernels.cnn.backpropagation import Backpropagation, class_gradient
from kernels.cnn.datasets import shipped_digits
from kernels.cnn.explanations import covered, guided_backpropagation
from kernels.cnn.layers import BatchNormalisation, Convolution, Dense, Dropout, Flatten, MaxPool, Tanh
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.randomisation import randomisation_test
from kernels.errors import Cancelled

NETWORKS = ["lenet5", "colournet", "mlp"]
Twin = Callable[[Network], Any]


def picture(net: Network, number: int = 3) -> np.ndarray:
    """A digit, or noise with a bright half for a network that sees colour."""
    if len(net.input_shape) == 2:
        return shipped_digits().images[number]
    noise = np.random.default_rng(number).integers(0, 200, net.input_shape, dtype=np.uint8)
    noise[:, 16:] += 50
    return noise


def prepared(net: Network, image: np.ndarray) -> np.ndarray:
    """A picture as the definition prepares it, (1, C, H, W) float64."""
    border = net.preprocessing.padding
    planes = np.pad(np.atleast_3d(image), ((border, border), (border, border), (0, 0))).astype(np.float64)
    return ((planes - net.preprocessing.mean) / net.preprocessing.deviation).transpose(2, 0, 1)[np.newaxis]


def strongest(net: Network, x: Any) -> np.ndarray:
    """The largest of the channels of PyTorch's gradient by the input, where the picture is."""
    border = net.preprocessing.padding
    height, width = net.input_shape[:2]
    return x.grad[0].abs().amax(dim=0).numpy()[border : border + height, border : border + width]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_gradient_agrees_with_central_differences(name: str) -> None:
    net = cnn.load(name)
    image = picture(net)
    x, border = prepared(net, image), net.preprocessing.padding
    found = cnn.saliency(net, image, 4)
    assert (found.shape, found.dtype) == (image.shape[:2], np.float32)
    random = np.random.default_rng(1)
    for y, column in random.integers(0, min(image.shape[:2]), (12, 2)):
        slopes = []
        for channel in range(x.shape[1]):
            moved = np.repeat(x, 2, axis=0)
            moved[:, channel, y + border, column + border] += [1e-4, -1e-4]
            above, below = net.forward(moved)[:, 4]
            slopes.append(abs(above - below) / 2e-4)
        assert found[y, column] == pytest.approx(max(slopes), rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("number", [0, 8])
def test_the_gradient_agrees_with_pytorch(torch: Any, torch_twin: Twin, name: str, number: int) -> None:
    net = cnn.load(name)
    image = picture(net, number)
    x = torch.from_numpy(prepared(net, image).astype(np.float32)).requires_grad_()
    outputs = torch_twin(net)(x)
    outputs[0, outputs.argmax()].backward()
    expected = strongest(net, x)
    np.testing.assert_allclose(cnn.saliency(net, image), expected, rtol=1e-3, atol=1e-5)


def test_a_trained_network_is_differentiated_as_it_works_and_is_left_alone() -> None:
    layers = (
        Convolution(4, (3, 3)), BatchNormalisation(), Tanh(), MaxPool(), Dropout(0.5),
        Flatten(), Dense(6), BatchNormalisation(), Dropout(0.3), Dense(2),
    )  # fmt: skip
    net = Network(Architecture("normalised", (2, 8, 8), layers), Preprocessing((0.0,) * 2, (1.0,) * 2), ("a", "b"))
    random = np.random.default_rng(2)
    for array in net.arrays().values():
        array[...] = np.abs(random.standard_normal(array.shape)) + 0.2
    kept = {name: array.copy() for name, array in net.arrays().items()}
    x = random.standard_normal((3, 2, 8, 8))
    found = class_gradient(net.layers, x, 1)
    assert found.shape == x.shape
    for place in zip(*(random.integers(0, extent, 15) for extent in x.shape), strict=True):
        moved = np.stack([x, x])
        moved[0][place] += 1e-6
        moved[1][place] -= 1e-6
        above, below = (net.forward(each)[place[0], 1] for each in moved)
        assert found[place] == pytest.approx((above - below) / 2e-6, rel=1e-5, abs=1e-8)
    for name, array in net.arrays().items():
        np.testing.assert_array_equal(array, kept[name])
    assert all(node.seen is None for node in net.layers)


def test_smoothgrad_is_the_gradient_without_noise_and_where_the_slope_is_the_same_everywhere() -> None:
    net = cnn.load("lenet5")
    image = picture(net)
    plain = cnn.saliency(net, image, 2)
    still = cnn.saliency(net, image, 2, method="smoothgrad", samples=3, sigma=0)
    np.testing.assert_allclose(still, plain, rtol=1e-4, atol=1e-6)
    flat = Network(Architecture("flat", (3, 4, 4), (Flatten(), Dense(2))), Preprocessing((9.0,) * 3, (2.0,) * 3), "ab")
    colours = np.full((4, 4, 3), 7, np.uint8)
    noisy = cnn.saliency(flat, colours, 1, method="smoothgrad", samples=300, sigma=0.5)
    np.testing.assert_allclose(noisy, np.abs(flat.parameters()[0][1].reshape(3, 4, 4)).max(axis=0), rtol=1e-4)


def test_smoothgrad_is_the_mean_gradient_of_noisy_copies() -> None:
    net = Network(
        Architecture("square", (1, 1, 1), (Flatten(), Dense(1), Tanh(), Dense(1))), Preprocessing((0.0,), (51.0,)), "a"
    )
    for node in (net.layers[1], net.layers[3]):
        node.arrays["weights"][...] = 1
    image = np.array([[51]], np.uint8)
    # The mean of 1 − tanh² about 1, over normal noise of 0.2 · 255 / 51, by quadrature.
    at, weight = np.polynomial.hermite_e.hermegauss(60)
    expected = np.sum(weight * (1 - np.tanh(1 + at) ** 2)) / weight.sum()
    found = cnn.saliency(net, image, method="smoothgrad", samples=20_000, sigma=0.2, seed=4)
    assert found[0, 0] == pytest.approx(expected, abs=0.01)
    again = cnn.saliency(net, image, method="smoothgrad", samples=20_000, sigma=0.2, seed=4)
    other = cnn.saliency(net, image, method="smoothgrad", samples=20_000, sigma=0.2, seed=5)
    assert found[0, 0] == again[0, 0] != other[0, 0]


@pytest.mark.parametrize(("name", "first", "step", "layers"), [("lenet5", 4.5, 2, 5), ("colournet", 1.5, 4, 8)])
def test_grad_cam_weighs_the_last_large_maps_and_stands_where_their_units_look(
    torch: Any, torch_twin: Twin, name: str, first: float, step: int, layers: int
) -> None:
    net = cnn.load(name)
    image, twin = picture(net, 7), torch_twin(net)
    maps = twin[:layers](torch.from_numpy(prepared(net, image).astype(np.float32))).detach().requires_grad_()
    twin[layers:](maps)[0, 6].backward()
    weighted = (maps.grad.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1)[0].clamp(min=0).detach().numpy()
    at = (np.indices(image.shape[:2]) - first) / step
    expected = map_coordinates(weighted, at, order=1, mode="nearest")
    assert expected.max() > 0.01
    np.testing.assert_allclose(cnn.saliency(net, image, 6, method="grad-cam"), expected, rtol=1e-3, atol=1e-5)


def test_grad_cam_needs_maps() -> None:
    with pytest.raises(ValueError, match="MLP has no convolution whose maps are larger than 1 x 1"):
        cnn.saliency(cnn.load("mlp"), np.zeros((28, 28), np.uint8), method="grad-cam")


@pytest.mark.parametrize(("name", "patch"), [("lenet5", 5), ("mlp", 4), ("colournet", 9)])
def test_occlusion_is_what_a_covered_place_costs(name: str, patch: int) -> None:
    net = cnn.load(name)
    image = picture(net, 1)
    shares: list[float] = []
    found = cnn.saliency(net, image, 3, method="occlusion", patch=patch, progress=shares.append)
    clear = net.predict(image[np.newaxis])[0, 3]
    for y, x in ((0, 0), (13, 14), (27, 5), (6, 27)):
        masked = image.copy()
        for row in range(y - patch // 2, y - patch // 2 + patch):
            for column in range(x - patch // 2, x - patch // 2 + patch):
                if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
                    masked.reshape(*image.shape[:2], -1)[row, column] = np.rint(net.preprocessing.mean)
        np.testing.assert_array_equal(covered(net, image, (y, x), patch), masked)
        assert found[y, x] == pytest.approx(clear - net.predict(masked[np.newaxis])[0, 3], abs=1e-6)
    assert shares[-1] == 1
    assert shares == sorted(shares)


@pytest.mark.parametrize("name", NETWORKS)
def test_guided_backpropagation_agrees_with_pytorch(torch: Any, torch_twin: Twin, name: str) -> None:
    net = cnn.load(name)
    image, twin = picture(net), torch_twin(net)
    for layer in twin:
        if isinstance(layer, torch.nn.ReLU):
            layer.register_full_backward_hook(lambda _layer, by_input, _by_output: (by_input[0].clamp(min=0),))
    x = torch.from_numpy(prepared(net, image).astype(np.float32)).requires_grad_()
    twin(x)[0, 5].backward()
    expected = strongest(net, x)
    found = guided_backpropagation(net, image, 5)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
    assert not np.allclose(found, cnn.saliency(net, image, 5))


def test_guided_backpropagation_depends_less_on_the_weights_than_the_gradient() -> None:
    net, digits = cnn.load("lenet5"), shipped_digits()
    tests = [randomisation_test(net, image, seed=seed) for seed, image in enumerate(digits.images[:12])]
    for test, image in zip(tests, digits.images, strict=False):
        for each, own in ((test.guided, guided_backpropagation(net, image)), (test.gradient, cnn.saliency(net, image))):
            np.testing.assert_array_equal(each.trained, own)
            expected = spearmanr(each.trained.ravel(), each.randomised.ravel()).statistic
            assert each.similarity == pytest.approx(expected, abs=1e-9)
    assert np.mean([test.guided.similarity - test.gradient.similarity for test in tests]) > 0.1


def test_the_same_memory_serves_batches_of_any_size() -> None:
    net = cnn.load("lenet5")
    digits = net.preprocessing.batch(shipped_digits().images[:3])
    pull = np.ones((3, 10), np.float32)
    used = Backpropagation(net.layers)
    for count in (1, 3, 2):
        used.forward(digits[:count])
        found = used.backward(pull[:count])
        fresh = Backpropagation(net.layers)
        fresh.forward(digits[:count])
        np.testing.assert_array_equal(found, fresh.backward(pull[:count]))


def test_work_stops_when_it_is_not_wanted_any_more() -> None:
    net = cnn.load("lenet5")
    for method in ("smoothgrad", "occlusion"):
        with pytest.raises(Cancelled):
            cnn.saliency(net, picture(net), method=method, cancelled=lambda: True)


@pytest.mark.parametrize(
    ("image", "target", "options", "error", "words"),
    [
        (np.zeros((28, 28)), None, {}, TypeError, "image must be 8-bit"),
        (np.zeros((32, 32), np.uint8), None, {}, ValueError, r"image must have the shape \(28, 28\) for LeNet-5"),
        (np.ma.masked_array(np.zeros((28, 28), np.uint8)), None, {}, TypeError, "masked"),
        (None, 10, {}, ValueError, "target must be 0 to 9, but is 10"),
        (None, "three", {}, TypeError, "target must be a whole number from 0 to 9, but is"),
        (None, True, {}, TypeError, "target must be a whole number from 0 to 9, but is"),
        (None, None, {"method": "smooth-grad"}, ValueError, "Did you mean 'smoothgrad'"),
        (None, None, {"method": "smoothgrad", "samples": 0}, ValueError, "samples must be 1 to 100000, but is 0"),
        (None, None, {"method": "smoothgrad", "sigma": np.nan}, ValueError, "sigma must be a finite number from 0"),
        (None, None, {"method": "smoothgrad", "sigma": -1}, ValueError, "sigma must be a finite number from 0"),
        (None, None, {"method": "occlusion", "patch": 29}, ValueError, "patch must be 1 to 28, but is 29"),
        (
            None,
            None,
            {"method": "occlusion", "patch": 2.5},
            TypeError,
            "patch must be a whole number from 1 to 28, but is 2.5",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    image: Any, target: Any, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    net = cnn.load("lenet5")
    with pytest.raises(error, match=words):
        cnn.saliency(net, picture(net) if image is None else image, target, **options)


def test_a_patch_stands_within_the_picture() -> None:
    net = cnn.load("lenet5")
    for place in ((28, 0), (0, -1), (3,)):
        with pytest.raises(ValueError, match="place is"):
            covered(net, picture(net), place)
