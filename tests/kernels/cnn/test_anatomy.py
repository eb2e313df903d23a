"""A step taken apart: the training's own numbers, PyTorch's where it is installed, and central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.special import logsumexp

from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import Dataset
from kernels.cnn.layers import (
    AveragePool,
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    MaxPool,
    ReLU,
    Residual,
    Tanh,
)
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.training import trainer as training
from kernels.cnn.training.anatomy import StepApart, take_apart
from kernels.cnn.training.collections import Collection, split
from kernels.cnn.training.differences import central_difference
from kernels.cnn.training.plan import Augmentation, Rate, TrainingPlan
from kernels.cnn.training.trainer import Trainer

LAYERS = (
    Convolution(4, (3, 3), padding=(1, 1)),
    BatchNormalisation(),
    Tanh(),
    Convolution(8, (2, 3), stride=(2, 1), dilation=(1, 2), padding=(0, 1), groups=2),
    ReLU(),
    AveragePool((2, 2)),
    Residual((Convolution(8, (1, 1)), Tanh())),
    Flatten(),
    Dropout(0.3),
    Dense(9),
    BatchNormalisation(),
    Tanh(),
    Dense(3),
)
WEIGHTS = [
    ("0.weights", (2, 0, 0, 1)),
    ("0.bias", (1,)),
    ("1.gamma", (3,)),
    ("1.beta", (0,)),
    ("3.weights", (5, 1, 1, 2)),
    ("3.bias", (7,)),
    ("6.body.0.weights", (4, 6, 0, 0)),
    ("9.weights", (8, 11)),
    ("10.gamma", (2,)),
    ("12.weights", (1, 4)),
    ("12.bias", (2,)),
]
PLAN = TrainingPlan(
    rate=Rate(0.02), batch=24, decay=1e-3, first_decay=1e-2, momentum=0.8, seed=3, augmentation=Augmentation(shift=1)
)
OPTIMISERS = ["gradient-descent", "sgd", "momentum", "adam"]


@pytest.fixture
def train(bars: Dataset, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Trainer]:
    """Makes a training of a network for the bars that some steps lie behind."""

    def made(plan: TrainingPlan = PLAN, layers: tuple[Any, ...] = LAYERS, steps: int = 3) -> Trainer:
        def network_for(plan: TrainingPlan, data: Collection) -> Network:
            shape = Architecture("bars", (1, 8, 8), layers)
            return Network(shape, Preprocessing((40.0,), (60.0,), padding=1), data.classes, seed=plan.seed)

        monkeypatch.setattr(training, "network_for", network_for)
        result = Trainer(plan, split(bars))
        for _ in range(steps):
            result.advance()
        return result

    return made


def everything(trainer: Trainer) -> dict[str, bytes]:
    """All that a training goes on from, as bytes."""
    arrays = {**trainer.network.arrays(), **trainer.optimiser.memory}
    return {name: array.tobytes() for name, array in arrays.items()} | {"step": str(trainer.step).encode()}


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize(("array", "index"), WEIGHTS)
def test_a_weight_moves_as_in_the_training_bit_for_bit(
    train: Callable[..., Trainer], optimiser: Any, array: str, index: tuple[int, ...]
) -> None:
    plan = replace(PLAN, optimiser=optimiser)
    trainer, twin = train(plan), train(plan)
    before = everything(trainer)
    found = take_apart(trainer, array, index)
    assert everything(trainer) == before
    was = twin.network.arrays()[array][index]
    figures = twin.advance()
    number, _, inside = array.partition(".")
    gradient = twin.network.layers[int(number)].gradients[inside][index]
    assert (found.step, found.rate, found.loss.mean) == (3, 0.02, figures.loss)
    assert found.weight.gradient == gradient
    assert found.weight.update["w"] == was
    assert found.weight.update["w′"] == twin.network.arrays()[array][index]
    # The sum of products is the gradient, but for the order in which float32 adds it up.
    size = np.abs(found.weight.per_picture).sum()
    assert found.weight.total == pytest.approx(gradient, abs=1e-6 * size + 1e-9)
    # The training goes on as if nobody had looked.
    trainer.advance()
    assert everything(trainer) == everything(twin)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_numbers_on_the_way_follow_the_rules(train: Callable[..., Trainer], optimiser: Any) -> None:
    update = take_apart(train(replace(PLAN, optimiser=optimiser)), "9.weights", (8, 11)).weight.update
    q = {each.symbol: each.value for each in update.quantities}
    assert q["g′"] == pytest.approx(q["g"] + 1e-3 * q["w"], rel=1e-6)
    moved = q["g′"]
    if optimiser == "momentum":
        assert q["v′"] == pytest.approx(0.8 * q["v"] + q["g′"], rel=1e-6)
        moved = q["v′"]
    if optimiser == "adam":
        assert q["t"] == 4
        assert q["m′"] == pytest.approx(q["m"] + 0.1 * (q["g′"] - q["m"]), rel=1e-5)
        assert q["s′"] == pytest.approx(q["s"] + 0.001 * (q["g′"] ** 2 - q["s"]), rel=1e-5)
        assert q["m̂"] == pytest.approx(q["m′"] / (1 - 0.9**4))
        assert q["ŝ"] == pytest.approx(q["s′"] / (1 - 0.999**4))
        moved = q["m̂"] / (q["ŝ"] ** 0.5 + q["ε"])
    assert q["w′"] == pytest.approx(q["w"] - 0.02 * moved, rel=1e-6)
    with_rules = {each.symbol for each in update.quantities if each.rule}
    assert with_rules == {"g′", "w′"} | {"momentum": {"v′"}, "adam": {"m′", "s′", "m̂", "ŝ"}}.get(optimiser, set())


def test_a_weight_without_decay_has_no_line_about_it(train: Callable[..., Trainer]) -> None:
    bias = take_apart(train(), "9.bias", (1,)).weight.update
    assert [each.symbol for each in bias.quantities] == ["w", "g", "η", "w′"]
    first = take_apart(train(), "0.weights", (0, 0, 0, 0)).weight.update
    assert first["λ"] == 1e-2


@pytest.mark.parametrize(("array", "index"), WEIGHTS)
def test_central_differences_give_the_same_gradient(
    train: Callable[..., Trainer], array: str, index: tuple[int, ...]
) -> None:
    trainer = train()
    before = everything(trainer)
    found = central_difference(trainer, array, index)
    assert everything(trainer) == before
    assert found.changed == 0
    assert found.gradient == pytest.approx((found.above - found.below) / (2 * found.distance))
    gradient = take_apart(trainer, array, index).weight.gradient
    assert found.gradient == pytest.approx(gradient, rel=2e-5, abs=2e-7)


def test_units_that_change_over_are_counted(train: Callable[..., Trainer]) -> None:
    trainer = train(layers=(Flatten(), Dense(5), ReLU(), Dense(3)), steps=0)
    # All of a unit's inputs come to 0 but for its bias, which stands at the kink.
    trainer.network.layers[1].arrays["weights"][2] = 0
    found = central_difference(trainer, "1.bias", (2,))
    assert found.changed == 24
    assert central_difference(trainer, "3.bias", (0,)).changed == 0


def test_the_terms_are_message_times_input_and_add_up(train: Callable[..., Trainer]) -> None:
    found = take_apart(train(), "0.weights", (2, 0, 0, 1), picture=5).weight
    assert found.messages.shape == found.inputs.shape == (8, 8)
    np.testing.assert_array_equal(found.products, found.messages * found.inputs)
    assert found.per_picture[5] == pytest.approx(found.products.sum())
    assert found.total == pytest.approx(found.per_picture.sum())
    sizes = [abs(term.product) for term in found.terms]
    assert sizes == sorted(sizes, reverse=True)
    for term in found.terms:
        assert term.product == term.message * term.input
        if term.picture == 5:
            assert term.product == found.products[term.place]
    # Above the picture's first row there is the border of zeros.
    assert not found.inputs[0].any()


def test_the_loss_of_every_picture_is_that_of_scipy(train: Callable[..., Trainer]) -> None:
    trainer = train()
    loss = take_apart(trainer, "0.bias", (0,)).loss
    exact = loss.outputs.astype(np.float64)
    np.testing.assert_allclose(loss.log_sums, logsumexp(exact, axis=1), rtol=1e-12)
    places = np.arange(len(loss.labels))
    np.testing.assert_allclose(loss.losses, loss.log_sums - exact[places, loss.labels])
    assert loss.losses.mean() == pytest.approx(loss.mean, rel=1e-6)
    softmax = np.exp(exact - loss.log_sums[:, np.newaxis])
    softmax[places, loss.labels] -= 1
    np.testing.assert_allclose(loss.messages, softmax / 24, atol=1e-7)


def test_layers_and_messages_are_those_of_pytorch(
    train: Callable[..., Trainer], torch: Any, torch_layer: Callable[..., Any]
) -> None:
    layers = (*LAYERS[:6], MaxPool((2, 2)), Flatten(), Dense(9), BatchNormalisation(), ReLU(), Dense(3))
    trainer = train(layers=layers)
    maps, labels, indices = trainer.minibatch(3)
    found = take_apart(trainer, "3.weights", (5, 1, 1, 2), picture=7)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_array_equal(found.maps, maps[7])
    passed = torch.from_numpy(maps)
    results, modules = [], []
    for node, shape in zip(trainer.network.layers, trainer.network.architecture.shapes(), strict=False):
        modules.append(torch_layer(node, (1, *shape)).train())
        passed = modules[-1](passed)
        passed.retain_grad()
        results.append(passed)
    loss = torch.nn.functional.cross_entropy(passed, torch.from_numpy(labels.astype(np.int64)))
    loss.backward()
    assert float(loss.detach()) == pytest.approx(found.loss.mean, rel=1e-6)
    assert found.weight.gradient == pytest.approx(float(modules[3].weight.grad[5, 1, 1, 2]), rel=1e-4, abs=1e-7)
    for layer, result in zip(found.layers, results, strict=True):
        np.testing.assert_allclose(layer.result, result[7].detach().numpy(), atol=2e-5)
        np.testing.assert_allclose(layer.message, result.grad[7].numpy(), atol=1e-6)
        size = float(result.grad.double().square().mean().sqrt())
        assert layer.message_size == pytest.approx(size, rel=1e-4)


def test_layers_inside_others_are_shown_behind_them(train: Callable[..., Trainer]) -> None:
    found = take_apart(train(), "6.body.0.weights", (4, 6, 0, 0))
    assert [layer.place for layer in found.layers][5:10] == ["5", "6", "6.body.0", "6.body.1", "7"]
    whole, first, last = found.layers[6:9]
    assert (whole.title, first.title, last.title) == ("residual", "convolution 1 x 1", "tanh")
    np.testing.assert_allclose(whole.result, found.layers[5].result + last.result, rtol=1e-6)
    np.testing.assert_array_equal(whole.message, last.message)


def test_nobody_needs_messages_before_the_first_weights(train: Callable[..., Trainer]) -> None:
    found = take_apart(train(layers=(AveragePool((2, 2)), *LAYERS[7:])), "3.weights", (0, 0))
    assert [layer.message is None for layer in found.layers] == [True, True, True, False, False, False, False]
    assert [layer.message_size > 0 for layer in found.layers] == [False, False, False, True, True, True, True]


def test_a_minibatch_in_parts_is_one_step(train: Callable[..., Trainer], monkeypatch: pytest.MonkeyPatch) -> None:
    layers = (Convolution(4, (3, 3)), ReLU(), Flatten(), Dense(3))
    whole: list[StepApart] = []
    for largest in (512, 9):
        monkeypatch.setattr(training, "LARGEST_PART", largest)
        trainer = train(replace(PLAN, augmentation=Augmentation()), layers)
        assert trainer.parts == (1 if largest == 512 else 3)
        whole.append(take_apart(trainer, "0.weights", (2, 0, 0, 1), picture=20))
        assert central_difference(trainer, "0.weights", (2, 0, 0, 1)).gradient == pytest.approx(
            whole[-1].weight.gradient, rel=1e-3
        )
    one, parts = whole
    np.testing.assert_array_equal(one.indices, parts.indices)
    np.testing.assert_array_equal(one.maps, parts.maps)
    assert parts.loss.mean == pytest.approx(one.loss.mean, rel=1e-5)
    np.testing.assert_allclose(parts.weight.per_picture, one.weight.per_picture, atol=1e-6)
    assert [term.picture for term in parts.weight.terms] == [term.picture for term in one.weight.terms]
    np.testing.assert_allclose(parts.weight.products, one.weight.products, atol=1e-8)
    np.testing.assert_allclose(parts.layers[0].message, one.layers[0].message, atol=1e-6)
    assert parts.weight.gradient == pytest.approx(parts.weight.total, rel=1e-5)


@pytest.mark.parametrize(
    ("array", "index", "picture", "words"),
    [
        ("0.weight", (0, 0, 0, 0), 0, "array is '0.weight', but must be one of 0.weights, 0.bias, 1.gamma"),
        ("1.mean", (0,), 0, "array is '1.mean'"),
        ("0.weights", (4, 0, 0, 0), 0, r"index is \(4, 0, 0, 0\), but must lie in the 4 × 1 × 3 × 3 numbers"),
        ("0.weights", (0,), 0, "must lie in the 4 × 1 × 3 × 3 numbers of 0.weights"),
        ("0.weights", (0, 0, 0, 0), 24, "picture is 24, but must be 0 to 23"),
    ],
)
def test_what_is_not_there_is_refused(
    train: Callable[..., Trainer], array: str, index: tuple[int, ...], picture: int, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        take_apart(train(), array, index, picture)
