"""Every layer's gradients against finite differences, and its results and gradients against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from kernels.cnn.layers import (
    AveragePool,
    BatchNormalisation,
    Bias,
    Branches,
    Composite,
    Convolution,
    Dense,
    DenseBlock,
    Dropout,
    Filter,
    Flatten,
    GaussianPool,
    GlobalAveragePool,
    Layer,
    LeakyReLU,
    Magnitude,
    Margins,
    MaxPool,
    Node,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from kernels.cnn.training.loss import cross_entropy
from kernels.filtering.border import Border

MAPS = (3, 4, 9, 8)
KERNEL = np.random.default_rng(9).standard_normal((2, 3, 4)).round(2)
CASES: list[tuple[Layer, tuple[int, ...]]] = [
    (Convolution(5, (3, 3)), MAPS),
    (Convolution(5, (3, 2), stride=(2, 1), padding=(2, 1)), MAPS),
    (Convolution(6, (3, 3), dilation=(2, 3), padding=(1, 3)), MAPS),
    (Convolution(6, (2, 3), groups=2, padding=(1, 0)), MAPS),
    (Convolution(8, (3, 3), groups=4, stride=(1, 2)), MAPS),
    (Convolution(7, (1, 1)), MAPS),
    (MaxPool(), MAPS),
    (MaxPool((3, 2), stride=(2, 1), padding=(1, 1)), MAPS),
    (MaxPool((2, 2), stride=(3, 3)), MAPS),
    (AveragePool(), MAPS),
    (AveragePool((3, 3), stride=(1, 2), padding=(1, 0)), MAPS),
    (GlobalAveragePool(), MAPS),
    (ReLU(), MAPS),
    (LeakyReLU(0.2), MAPS),
    (Tanh(), MAPS),
    (Sigmoid(), MAPS),
    (BatchNormalisation(), MAPS),
    (BatchNormalisation(), (7, 5)),
    (Flatten(), MAPS),
    (Dense(6), (4, 11)),
    (LeakyReLU(1.5), MAPS),
    (MaxPool((3, 2), (2, 3), (1, 1), ceil=True), MAPS),
    (MaxPool((2, 3), (3, 2), ceil=True), MAPS),
    (AveragePool((3, 2), (2, 3), (1, 1), ceil=True), MAPS),
    (AveragePool((2, 3), (3, 2), ceil=True), MAPS),
    (GaussianPool((4, 3), (2, 1), (2, 1), sigma=(0.8, 1.7)), MAPS),
    (GaussianPool((3, 4), (4, 3), ceil=True, sigma=(1.2, 0.3)), MAPS),
    (Magnitude(), MAPS),
    (Bias(), MAPS),
    *(
        (Convolution(4, (3, 2), (1, 2), Margins((2, 1), (1, 3), border, 0.5), (2, 1), groups), MAPS)
        for border, groups in zip(Border, (1, 2, 1, 4, 1), strict=True)
    ),
    *(
        (Filter(KERNEL[:, :, :1].tolist(), 3.0, -0.25, Margins((2, 4), (10, 3), border, 0.5), (2, 1), (1, 2)), MAPS)
        for border in Border
    ),
    *((Filter(KERNEL.tolist(), -0.5, 1.5, Margins((1, 0), (0, 2), border)), MAPS) for border in Border),
    (Residual((ReLU(), Convolution(4, (3, 3), padding=(1, 1)))), MAPS),
    (Residual((Convolution(6, (3, 3), (2, 2), (1, 1)), Tanh()), (Convolution(6, (1, 1), (2, 2)),)), MAPS),
    (Residual((Sigmoid(), Dense(11)), (Dense(11), Tanh())), (4, 11)),
    (Residual((), ()), MAPS),
    (Branches(((Convolution(3, (1, 1)), Sigmoid()), (AveragePool((3, 3), (1, 1), (1, 1)),), ())), MAPS),
    (Branches(((MaxPool((3, 3), (1, 1), (1, 1)),),)), MAPS),
    (DenseBlock((Tanh(), Convolution(2, (3, 3), padding=(1, 1)), Bias())), MAPS),
    (
        DenseBlock((BatchNormalisation(), Residual((DenseBlock((Convolution(3, (1, 1)),)), Convolution(4, (1, 1)))))),
        MAPS,
    ),
    (Branches(((Dense(3),), (Tanh(), Dense(2)))), (4, 11)),
]
NAMES = [f"{case[0].title} {index}" for index, case in enumerate(CASES)]


def build(layer: Layer, shape: tuple[int, ...], kind: type = np.float64) -> Node:
    """A layer with random weights everywhere, biases and scales included."""
    random = np.random.default_rng(5)
    arrays = {
        name: (random.standard_normal(size) * 0.5 + name.endswith(("gamma", "variance"))).astype(kind)
        for name, size in layer.array_shapes(shape[1:]).items()
    }
    for name in arrays:
        if name.endswith("variance"):
            arrays[name] = np.abs(arrays[name]) + kind(0.1)
    return Node(layer, arrays, random)


def measures(layer: Layer) -> bool:
    """Whether the layer, or one inside it, measures the batch while training."""
    inner = (each for row in layer.rows.values() for each in row)
    return isinstance(layer, BatchNormalisation) or any(map(measures, inner))


def maps_of(shape: tuple[int, ...], kind: type = np.float64) -> np.ndarray:
    """Values without ties and away from 0, so that maxima and ReLU have derivatives."""
    random = np.random.default_rng(6)
    values = np.linspace(-2.0, 2.0, int(np.prod(shape))) + 1e-3
    return random.permutation(values).reshape(shape).astype(kind)


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=NAMES)
def test_gradients_agree_with_finite_differences(layer: Layer, shape: tuple[int, ...]) -> None:
    node, maps = build(layer, shape), maps_of(shape)
    pull = np.random.default_rng(7).standard_normal(node.forward(maps, training=True).shape)
    by_input = node.backward(pull.copy()).copy()
    analytic = {"input": by_input, **{name: value.copy() for name, value in node.gradients.items()}}
    targets = {"input": maps, **{name: node.arrays[name] for name in node.gradients}}
    for name, array in targets.items():
        assert analytic[name].shape == array.shape
        random = np.random.default_rng(8)
        for _ in range(12):
            place = tuple(int(random.integers(extent)) for extent in array.shape)
            kept, step = array[place], 1e-5
            values = []
            for sign in (1, -1):
                array[place] = kept + sign * step
                values.append(float(np.sum(pull * node.forward(maps, training=True))))
            array[place] = kept
            numeric = (values[0] - values[1]) / (2 * step)
            assert analytic[name][place] == pytest.approx(numeric, rel=1e-5, abs=1e-7), name


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=NAMES)
def test_output_shape_is_the_described_one_and_training_changes_no_result(layer: Layer, shape: tuple[int, ...]) -> None:
    node, maps = build(layer, shape, np.float32), maps_of(shape, np.float32)
    before = maps.copy()
    result = node.forward(maps)
    assert result.shape == (shape[0], *layer.output_shape(shape[1:]))
    assert result.dtype == np.float32
    if not measures(layer):
        np.testing.assert_allclose(node.forward(maps, training=True), result, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(maps, before)


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=NAMES)
def test_a_second_batch_of_another_size_is_not_disturbed_by_the_first(layer: Layer, shape: tuple[int, ...]) -> None:
    used, fresh = build(layer, shape), build(layer, shape)
    for count in (shape[0], 2, shape[0]):
        maps = maps_of((count, *shape[1:]))
        if measures(layer):
            fresh = build(layer, shape)
        results = []
        for node in (used, fresh):
            result = node.forward(maps, training=True).copy()
            gradient = node.backward(np.cos(np.arange(result.size, dtype=float)).reshape(result.shape))
            results.append((result, gradient.copy(), *(array.copy() for array in node.gradients.values())))
        for first, second in zip(*results, strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-12)
        fresh = build(layer, shape)


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=NAMES)
def test_agrees_with_pytorch(torch: Any, torch_layer: Callable[..., Any], layer: Layer, shape: tuple[int, ...]) -> None:
    node, maps = build(layer, shape, np.float32), maps_of(shape, np.float32)
    twin = torch_layer(node, shape)
    given = torch.from_numpy(maps.copy()).requires_grad_()
    expected = twin(given)
    result = node.forward(maps, training=True)
    np.testing.assert_allclose(result, expected.detach().numpy(), rtol=1e-4, atol=1e-5)
    pull = np.random.default_rng(3).standard_normal(result.shape).astype(np.float32)
    expected.backward(torch.from_numpy(pull))
    np.testing.assert_allclose(node.backward(pull.copy()), given.grad.numpy(), rtol=1e-3, atol=1e-4)
    for name, parameter in zip(layer.trained, twin.parameters(), strict=True):
        np.testing.assert_allclose(node.gradients[name], parameter.grad.numpy(), rtol=1e-3, atol=1e-4)
    if isinstance(layer, BatchNormalisation):
        np.testing.assert_allclose(node.arrays["mean"], twin.running_mean.numpy(), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(node.arrays["variance"], twin.running_var.numpy(), rtol=1e-5, atol=1e-6)
        twin.eval()
        np.testing.assert_allclose(node.forward(maps), twin(given).detach().numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=NAMES)
def test_windows_hold_all_that_a_number_depends_on(layer: Layer, shape: tuple[int, ...]) -> None:
    """What changes when one pixel does lies where `windows` says that it is seen."""
    found = layer.windows(shape[1:])
    if found is None or layer.needs_whole:
        return
    node, maps = build(layer, shape), maps_of(shape)
    before = node.forward(maps).copy()
    for y, x in ((0, 0), (4, 3), (8, 7)):
        moved = maps.copy()
        moved[:, :, y, x] += 10
        changed = (node.forward(moved) != before).any(axis=(0, 1))
        for i, j in np.argwhere(changed):
            rows, columns = found.window(int(i), int(j))
            assert y in rows
            assert x in columns


def test_layers_inside_others_draw_and_forget_with_them() -> None:
    layer = Residual((Branches(((Dropout(0.5),),)),))
    node, maps = build(layer, MAPS), np.ones(MAPS)
    results = []
    for seed in (4, 4, 5):
        node.random = np.random.default_rng(seed)
        results.append(node.forward(maps, training=True).copy())
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()
    node.release()
    assert node.rows["body"][0].rows["branches.0"][0].seen is None


def test_weights_inside_a_layer_are_its_own() -> None:
    node = build(Residual((Convolution(4, (1, 1)),)), MAPS)
    before = node.forward(maps_of(MAPS)).copy()
    node.arrays["body.0.weights"] *= 2
    assert (node.forward(maps_of(MAPS)) != before).any()
    assert isinstance(node.layer, Composite)
    assert node.layer.trained == ("body.0.weights", "body.0.bias") == tuple(node.gradients)


def test_of_equal_maxima_one_gets_the_gradient() -> None:
    node = build(MaxPool(), (1, 1, 2, 2))
    node.forward(np.ones((1, 1, 2, 2)), training=True)
    np.testing.assert_array_equal(node.backward(np.full((1, 1, 1, 1), 3.0)), [[[[3, 0], [0, 0]]]])


def test_dropout_keeps_the_mean_and_passes_the_same_places_back() -> None:
    node = build(Dropout(0.25), (8, 4, 30, 30))
    maps = np.ones((8, 4, 30, 30))
    result = node.forward(maps, training=True).copy()
    dropped = result == 0
    assert dropped.mean() == pytest.approx(0.25, abs=0.01)
    np.testing.assert_allclose(result[~dropped], 4 / 3)
    np.testing.assert_allclose(node.backward(maps), result)
    assert node.forward(maps) is maps


def test_cross_entropy_and_its_gradient() -> None:
    outputs = np.random.default_rng(2).standard_normal((5, 4)) * 3
    labels = np.array([0, 3, 2, 2, 1])
    loss, gradient, right = cross_entropy(outputs, labels)
    expected = -(outputs[np.arange(5), labels] - np.log(np.exp(outputs).sum(axis=1)))
    assert loss == pytest.approx(expected.mean(), rel=1e-12)
    assert right == np.sum(outputs.argmax(axis=1) == labels)
    for i, j in [(0, 0), (1, 2), (4, 1), (4, 3)]:
        nearby = []
        for step in (1e-6, -1e-6):
            moved = outputs.copy()
            moved[i, j] += step
            nearby.append(cross_entropy(moved, labels)[0])
        assert gradient[i, j] == pytest.approx((nearby[0] - nearby[1]) / 2e-6, rel=1e-5)


def test_cross_entropy_of_huge_outputs_is_finite() -> None:
    loss, gradient, _ = cross_entropy(np.array([[1e4, 0.0]], np.float32), np.array([1]))
    assert loss == pytest.approx(1e4)
    assert np.isfinite(gradient).all()


def test_shapes_that_cannot_be_are_explained() -> None:
    with pytest.raises(ValueError, match="5 x 5 does not fit into 4 x 4"):
        Convolution(2, (5, 5)).output_shape((1, 4, 4))
    with pytest.raises(ValueError, match="cannot be split into 3 groups"):
        Convolution(6, (3, 3), groups=3).array_shapes((4, 8, 8))
    with pytest.raises(ValueError, match="flatten it first"):
        Dense(3).output_shape((1, 2, 2))
    with pytest.raises(ValueError, match="more than half"):
        MaxPool((2, 2), padding=(2, 2)).output_shape((1, 4, 4))
    with pytest.raises(ValueError, match="needs maps"):
        MaxPool().output_shape((4,))


def test_rows_that_do_not_fit_together_are_explained() -> None:
    with pytest.raises(ValueError, match=r"body gives \(5, 9, 8\) and the shortcut \(4, 9, 8\)"):
        Residual((Convolution(5, (1, 1)),)).output_shape((4, 9, 8))
    with pytest.raises(ValueError, match="only maps of equal size can be stacked"):
        Branches(((MaxPool(),), ())).output_shape((4, 9, 8))
    with pytest.raises(ValueError, match=r"body\.1: .*5 x 5 does not fit"):
        DenseBlock((ReLU(), Convolution(2, (5, 5)))).output_shape((4, 4, 4))
    with pytest.raises(ValueError, match="for 4 maps cannot sum over 3"):
        Filter(KERNEL.tolist()).output_shape((3, 9, 8))
    with pytest.raises(ValueError, match="all of one length"):
        Filter((((1.0,), (1.0,)), ((1.0,),))).output_shape((3, 9, 8))
    with pytest.raises(ValueError, match="the divisor not 0"):
        Filter((((1.0,),),), divisor=0.0).output_shape((3, 9, 8))


@pytest.mark.parametrize(
    ("initialisation", "variance"), [("he", 2 / 300), ("lecun", 1 / 300), ("glorot", 2 / 700), ("uniform", 1 / 900)]
)
def test_every_initialisation_has_its_variance(initialisation: Any, variance: float) -> None:
    weights = Dense(400).initial_arrays((300,), np.random.default_rng(1), initialisation)["weights"]
    assert weights.var() == pytest.approx(variance, rel=0.02)
    assert abs(weights.mean()) < 0.02 * weights.std()
    if initialisation in ("glorot", "uniform"):
        assert np.abs(weights).max() <= np.sqrt(3 * variance) * (1 + 1e-6)


def test_zeros_begin_at_zero() -> None:
    arrays = Residual((Convolution(4, (3, 3), padding=(1, 1)),)).initial_arrays(
        (4, 9, 8), np.random.default_rng(1), "zeros"
    )
    assert not any(array.any() for array in arrays.values())


def test_initial_weights_keep_the_spread_of_their_inputs() -> None:
    arrays = Dense(400).initial_arrays((300,), np.random.default_rng(0))
    assert arrays["weights"].std() == pytest.approx(np.sqrt(2 / 300), rel=0.02)
    assert not arrays["bias"].any()
    normal = BatchNormalisation().initial_arrays((3, 4, 4), np.random.default_rng(0))
    assert [float(normal[name][0]) for name in ("gamma", "beta", "mean", "variance")] == [1, 0, 0, 1]
    assert len({array.dtype for array in (*arrays.values(), *normal.values())}) == 1


def test_steps_between_layers_copy_nothing() -> None:
    """The response of one layer is the memory the next one reads."""
    maps = maps_of(MAPS)
    steps = [build(layer, MAPS) for layer in (ReLU(), Flatten())]
    results = [maps.transpose(1, 2, 3, 0).copy().transpose(3, 0, 1, 2)]
    for step in steps:
        results.append(step.forward(results[-1]))
    for _, after in list(pairwise(results))[1:]:
        assert np.shares_memory(results[1], after)
