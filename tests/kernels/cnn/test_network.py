"""The network as other programs call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.signal import correlate2d

from kernels import cnn
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import Dataset
from kernels.cnn.evaluation import evaluate
from kernels.cnn.layers import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    MaxPool,
    ReLU,
)
from kernels.cnn.models import COLOURNET, LENET5, MLP, MODELS, model
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing, measure
from kernels.cnn.training.loss import cross_entropy
from kernels.cnn.training.plan import Augmentation, NamedNetwork, Rate, Stop, TrainingPlan
from kernels.errors import Cancelled


def test_the_lectures_weight_counts() -> None:
    shapes = LENET5.shapes()
    counts = [layer.weight_count(shape) for layer, shape in zip(LENET5.layers, shapes, strict=False) if layer.trained]
    assert counts == [156, 2_416, 48_120, 10_164, 850]
    assert LENET5.weight_count() == 61_706
    assert [shape for shape in shapes if len(shape) == 3][::3] == [(1, 32, 32), (6, 14, 14), (16, 5, 5)]
    shapes = MLP.shapes()
    assert [layer.weight_count(shape) for layer, shape in zip(MLP.layers, shapes, strict=False) if layer.trained] == [
        157_000,
        12_060,
        610,
    ]
    assert MLP.weight_count() == 169_670
    assert COLOURNET.weight_count() == 46_970


def test_the_summary_is_the_lectures_table() -> None:
    rows = [line.split("  ") for line in LENET5.summary().splitlines()]
    table = {" ".join(cells[0].split()): [cell.strip() for cell in cells[1:] if cell.strip()] for cells in rows}
    assert table["average pool 2 x 2"] == ["5 x 5 x 16", "0"]
    assert table["convolution 5 x 5, ReLU, flatten"] == ["1 x 1 x 120", "48,120"]
    assert table["dense, ReLU"] == ["84", "10,164"]
    assert table["total"] == ["61,706"]
    assert "28 x 28 x 6" in LENET5.summary()
    assert "10 x 10 x 16" in LENET5.summary()


def test_parameters_are_all_weights_read_only(lenet: Network) -> None:
    parameters = lenet.parameters()
    assert sum(array.size for array in parameters) == 61_706
    assert parameters[0].shape == (6, 1, 5, 5)
    with pytest.raises(ValueError, match="read-only"):
        parameters[0][...] = 0


def test_predict_gives_probabilities_whatever_the_number_of_pictures(lenet: Network) -> None:
    images = np.random.default_rng(0).integers(0, 256, (300, 28, 28), dtype=np.uint8)
    chances = lenet.predict(images)
    assert chances.shape == (300, 10)
    assert chances.dtype == np.float32
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(lenet.predict(images[257:258])[0], chances[257], rtol=1e-4)
    assert lenet.predict(images[:0]).shape == (0, 10)


def test_predict_pads_with_black_and_standardises(lenet: Network) -> None:
    image = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)
    maps = (np.pad(image, 2).astype(np.float64) - 33) / 78
    outputs = lenet.forward(maps.astype(np.float32)[np.newaxis, np.newaxis])
    expected = np.exp(outputs) / np.exp(outputs).sum()
    np.testing.assert_allclose(lenet.predict(image[np.newaxis]), expected, rtol=1e-4)


def _definition(name: str, x: np.ndarray) -> np.ndarray:
    """The shipped networks written out with SciPy, in float64, for one input."""
    arrays = [array.astype(np.float64) for array in cnn.load(name).parameters()]
    layers = list(zip(arrays[::2], arrays[1::2], strict=True))
    maps = x[0].astype(np.float64)
    for weights, bias in layers:
        if weights.ndim == 2:
            maps = weights @ maps.reshape(-1) + bias
        else:
            mode = "same" if name == "colournet" else "valid"
            maps = np.stack([
                offset + sum(correlate2d(plane, taps, mode) for plane, taps in zip(maps, each, strict=True))
                for each, offset in zip(weights, bias, strict=True)
            ])  # fmt: skip
        if weights is not layers[-1][0]:
            maps = np.maximum(maps, 0)
        if maps.ndim == 3 and maps.shape[1] > 8:
            blocks = maps.reshape(len(maps), maps.shape[1] // 2, 2, -1, 2)
            maps = blocks.max(axis=(2, 4)) if name == "colournet" else blocks.mean(axis=(2, 4))
        elif name == "colournet" and maps.ndim == 3:
            maps = maps.mean(axis=(1, 2))
    return maps


@pytest.mark.parametrize("name", ["lenet5", "colournet", "mlp"])
def test_forward_takes_raw_tensors(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernels.cnn.network.BATCH", 2)
    network = cnn.load(name)
    x = np.random.default_rng(5).standard_normal((3, *network.architecture.input))
    kept = x.copy()
    exact, rounded = network.forward(x), network.forward(x.astype(np.float32))
    assert (exact.dtype, rounded.dtype) == (np.float64, np.float32)
    for index in range(3):
        np.testing.assert_allclose(exact[index], _definition(name, x[index : index + 1]), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(rounded, exact, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(x, kept)
    assert network.forward(x[:0]).shape == (0, 10)
    np.testing.assert_array_equal(
        network.forward(np.ones(x.shape, bool)), network.forward(np.ones(x.shape, np.float32))
    )


@pytest.mark.parametrize("name", ["lenet5", "colournet", "mlp"])
def test_forward_agrees_with_pytorch(torch: Any, torch_twin: Callable[[Network], Any], name: str) -> None:
    network = cnn.load(name)
    x = np.random.default_rng(6).standard_normal((4, *network.architecture.input)).astype(np.float32)
    expected = torch_twin(network)(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(network.forward(x), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (np.zeros((2, 1, 28, 28)), ValueError, r"x must have the shape \(N, 1, 32, 32\) for LeNet-5"),
        (np.zeros((1, 32, 32)), ValueError, "x must have the shape"),
        (np.zeros((2, 1, 32, 32), complex), TypeError, "x must hold real numbers"),
        (np.full((2, 1, 32, 32), np.nan), ValueError, "x must hold finite numbers"),
        (np.ma.masked_array(np.zeros((2, 1, 32, 32))), TypeError, "masked"),
    ],
)
def test_forward_refuses_other_tensors(lenet: Network, x: np.ndarray, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        lenet.forward(x)


@pytest.mark.parametrize(
    ("images", "error"),
    [
        (np.zeros((2, 28, 28)), TypeError),
        (np.zeros((2, 32, 32), np.uint8), ValueError),
        (np.zeros((28, 28), np.uint8), ValueError),
        (np.zeros((2, 28, 28, 3), np.uint8), ValueError),
    ],
)
def test_predict_refuses_other_pictures(lenet: Network, images: np.ndarray, error: type[Exception]) -> None:
    with pytest.raises(error, match="images must"):
        lenet.predict(images)


def test_a_whole_step_agrees_with_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle where it is installed")
    nn = torch.nn
    architecture = Architecture(
        "mixed",
        (2, 10, 10),
        (
            Convolution(4, (3, 3), padding=(1, 1)),
            BatchNormalisation(),
            ReLU(),
            MaxPool(),
            Convolution(6, (3, 3), groups=2),
            ReLU(),
            GlobalAveragePool(),
            Flatten(),
            Dense(3),
        ),
    )
    network = Network(architecture, Preprocessing((0.0, 0.0), (1.0, 1.0)), tuple("abc"), seed=2)
    twin = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3, groups=2),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 3),
    )
    with torch.no_grad():
        for mine, other in zip(network.parameters(), twin.parameters(), strict=True):
            other.copy_(torch.from_numpy(mine.copy()))
    random = np.random.default_rng(9)
    maps, labels = random.standard_normal((5, 2, 10, 10)).astype(np.float32), np.array([0, 1, 2, 2, 0])
    *_, outputs = network.activations(maps, training=True)
    loss, gradient, _ = cross_entropy(outputs, labels)
    network.backward(gradient)
    other_loss = nn.functional.cross_entropy(twin(torch.from_numpy(maps)), torch.from_numpy(labels))
    other_loss.backward()
    assert loss == pytest.approx(other_loss.item(), rel=1e-5)
    gradients = [layer.gradients[name] for layer in network.layers for name in layer.layer.trained]
    for mine, other in zip(gradients, twin.parameters(), strict=True):
        np.testing.assert_allclose(mine, other.grad.numpy(), rtol=1e-3, atol=1e-5)


def test_evaluate_counts(small: Network, bars: Dataset) -> None:
    chances = small.predict(bars.images)
    told: list[float] = []
    score = evaluate(small, bars, progress=told.append)
    assert score.accuracy == np.mean(chances.argmax(axis=1) == bars.labels)
    assert score.loss == pytest.approx(-np.log(chances[np.arange(300), bars.labels]).mean(), rel=1e-5)
    assert told == [1.0]
    with pytest.raises(Cancelled):
        evaluate(small, bars, cancelled=lambda: True)
    with pytest.raises(ValueError, match="knows 3 classes"):
        evaluate(small, Dataset(bars.images, bars.labels, tuple("abcd"), "others"))


def test_parts_that_do_not_fit_are_refused() -> None:
    good = Preprocessing((0.0,), (1.0,), padding=2)
    with pytest.raises(ValueError, match="for 9 classes"):
        Network(LENET5, good, tuple("012345678"))
    with pytest.raises(ValueError, match="sees 1 channels"):
        Network(LENET5, Preprocessing((0.0, 1.0), (1.0, 1.0)), tuple("0123456789"))
    with pytest.raises(ValueError, match="leaves nothing"):
        Network(LENET5, Preprocessing((0.0,), (1.0,), padding=16), tuple("0123456789"))
    broken = Architecture("broken", (1, 8, 8), (Convolution(4, (3, 3)), Dense(3)))
    with pytest.raises(ValueError, match=r"layer 1: .* flatten it first"):
        Network(broken, Preprocessing((0.0,), (1.0,)), tuple("abc"))


def test_dropout_only_while_training() -> None:
    architecture = Architecture("dropping", (1, 4, 4), (Dropout(0.5), Flatten(), Dense(2)))
    network = Network(architecture, Preprocessing((0.0,), (1.0,)), tuple("ab"))
    maps = np.ones((1, 1, 4, 4), np.float32)
    first, second = network.forward(maps), network.forward(maps)
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(network.activations(maps, training=True)[-1], first)


def test_measured_preprocessing() -> None:
    images = np.random.default_rng(10).integers(0, 256, (20, 6, 7, 3), dtype=np.uint8)
    found = measure(images)
    np.testing.assert_allclose(found.mean, images.mean(axis=(0, 1, 2)), atol=1e-4)
    np.testing.assert_allclose(found.deviation, images.std(axis=(0, 1, 2)), atol=1e-4)
    with pytest.raises(ValueError, match="same everywhere"):
        measure(np.full((3, 4, 4), 7, np.uint8))


def test_the_plans_of_the_shipped_networks() -> None:
    lenet, colournet, mlp = (MODELS[name].plan for name in ("lenet5", "colournet", "mlp"))
    assert lenet == TrainingPlan(
        NamedNetwork("lenet5"),
        optimiser="momentum",
        rate=Rate(0.05, "one-cycle"),
        batch=64,
        decay=5e-4,
        first_decay=5e-4,
        stop=Stop(epochs=12),
    )
    assert mlp == replace(lenet, network=NamedNetwork("mlp"))
    assert colournet == TrainingPlan(
        NamedNetwork("colournet"),
        optimiser="momentum",
        rate=Rate(0.08, "one-cycle"),
        batch=128,
        decay=5e-4,
        first_decay=2e-3,
        augmentation=Augmentation(shift=3, flip=True),
        stop=Stop(epochs=14),
    )
    assert [MODELS[name].padding for name in ("lenet5", "colournet", "mlp")] == [2, 0, 0]


def test_model_names() -> None:
    assert set(MODELS) == {"lenet5", "colournet", "mlp", "logistic"}
    with pytest.raises(ValueError, match="Did you mean 'lenet5'"):
        model("lenet-5")
