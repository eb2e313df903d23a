"""The networks that training plans ask for: rows of stages compute at first what the row does, and the options hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from kernels import cnn
from kernels.cnn import strips
from kernels.cnn.architecture import Architecture
from kernels.cnn.building import design, new_network, picture_shape
from kernels.cnn.layers import (
    Activation,
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Filter,
    LeakyReLU,
    Node,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from kernels.cnn.models import COLOURNET, LENET5, MLP
from kernels.cnn.network import Network
from kernels.cnn.patches import strongest_patches
from kernels.cnn.rows import parts_of
from kernels.cnn.training.plan import LayersRow, NamedNetwork, NetworkChoice, Stack, TrainingPlan
from kernels.cnn.visualisation import visualise
from kernels.recipe import Recipe
from kernels.recipe.rows import GREY, ready_made
from kernels.recipe.rows import names as row_names
from tests.kernels.recipe.definition import Rows, definition, planes

PICTURES = np.random.default_rng(3).integers(0, 256, (20, 28, 28)).astype(np.uint8)
DIGITS = [str(number) for number in range(10)]
CHOICES: dict[str, NetworkChoice] = {
    "lenet5": NamedNetwork("lenet5"),
    "colournet": NamedNetwork("colournet"),
    "mlp": NamedNetwork("mlp"),
    "logistic": NamedNetwork("logistic"),
    "plain": Stack(3, residual=False, width=5),
    "residual": Stack(4, residual=True, width=5),
    "row": LayersRow((
        {"filter": {"kernel": "gaussian(sigma=1.4)", "border": "reflect"}},
        {"filter-bank": {"kernels": ["sobel-x", "sobel-y", "binomial"], "stride": 2, "border": "wrap"}},
        {"batch-norm": {}},
        {"leaky-relu": {"slope": 0.2}},
        {"residual": {"stages": [{"pointwise": {"weights": np.eye(3).tolist()}}, {"bias": {"values": 1.0}}]}},
        {"branches": {"rows": [[{"max-pool": {"size": 3, "stride": 1, "padding": 1}}, {"relu": {}}], []]}},
        {"dense-block": {"stages": [{"depthwise": {"kernels": ["laplacian-8"] * 6}}]}},
        {"gaussian-pool": {"size": 4, "stride": 3, "ceil": True}},
    )),
}  # fmt: skip


def teachable(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same row with stages in the place of those that cannot learn, and no statistics left to be measured."""
    result = []
    for stage in stages:
        ((name, options),) = stage.items()
        if name == "median":
            name, options = "relu", {}
        elif name == "thin":
            name, options = "magnitude", {}
        elif name == "batch-norm":
            options = {"mean": 0.5, "variance": 2.0, **options}
        elif name == "branches":
            options = {"rows": [teachable(row) for row in options["rows"]]}
        elif name in ("residual", "dense-block"):
            options = {key: teachable(row) for key, row in options.items()}
        result.append({name: options})
    return result


def forward(stages: list[dict[str, Any]], maps: np.ndarray) -> np.ndarray:
    """What the layers of a row make of maps (H, W[, C]), in float64."""
    chain = Recipe.from_dict({"stages": stages}).chain
    parts = parts_of(chain, maps.shape, list)
    inner, shape = planes(maps).transpose(2, 0, 1)[np.newaxis], planes(maps).transpose(2, 0, 1).shape
    for part in parts:
        drawn = part.layer.initial_arrays(shape, np.random.default_rng(0))
        assert all(drawn[name].shape == array.shape for name, array in part.arrays.items())
        arrays = {name: array.astype(np.float64) for name, array in (drawn | dict(part.arrays)).items()}
        inner = Node(part.layer, arrays, np.random.default_rng(0)).forward(inner)
        shape = part.layer.output_shape(shape)
        assert inner.shape[1:] == shape
    return inner[0].transpose(1, 2, 0)


@pytest.mark.parametrize("seed", range(60))
def test_a_row_at_random_begins_as_itself(seed: int) -> None:
    rows = Rows(seed)
    shape = (rows.whole(7, 11), rows.whole(7, 11), rows.whole(1, 3))[: rows.whole(2, 3)]
    stages = teachable(rows.row(shape, rows.whole(1, 4)))
    maps = np.random.default_rng(seed).uniform(-5, 5, shape)
    wanted = [planes(each) for each in definition(maps, stages)]
    found = forward(stages, maps)
    # The weights are kept in float32, and every stage passes the rounding of those before it on.
    largest = max(float(np.abs(each).max()) for each in wanted)
    np.testing.assert_allclose(found, wanted[-1], rtol=1e-5, atol=2e-6 * max(largest, 1.0))


@pytest.mark.parametrize("name", [name for name in row_names() if name not in ("canny-first-half", "lenet5-front")])
def test_ready_made_rows_begin_as_themselves(name: str) -> None:
    stages = teachable(ready_made(name, GREY).to_dict()["stages"])
    maps = np.random.default_rng(1).uniform(0, 1, (20, 19))
    run = Recipe.from_dict({"stages": stages}).run(maps)
    np.testing.assert_allclose(forward(stages, maps), planes(run[-1]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("kernels", "options"),
    [
        (["1 1; 1 1", "1 2 3; 4 5 6; 7 8 9"], {"padding": "same"}),
        (["1 2 3 4", "1; 2; 3; 4; 5"], {"padding": "same", "operation": "convolution"}),
        (["1 2 3; 4 5 6; 7 8 9", "7"], {"padding": "same", "dilation": 2, "border": "reflect101", "stride": 2}),
        (["1 2", "3 4 5 6"], {"padding": "valid", "stride": 11}),
    ],
)
def test_kernels_of_several_sizes_share_a_window(kernels: list[str], options: dict[str, Any]) -> None:
    stages = [{"filter-bank": {"kernels": kernels, **options}}]
    maps = np.random.default_rng(2).uniform(-1, 1, (11, 12))
    np.testing.assert_allclose(
        forward(stages, maps), Recipe.from_dict({"stages": stages}).run(maps)[-1], rtol=1e-6, atol=1e-6
    )


def test_a_row_measures_while_it_learns_what_it_measures_on_its_own() -> None:
    stages = [{"filter-bank": {"kernels": ["sobel-x", "binomial"]}}, {"batch-norm": {"gamma": [2.0, 3.0]}}]
    maps = np.random.default_rng(2).uniform(-1, 1, (9, 8)).astype(np.float32)
    (bank, norm) = parts_of(Recipe.from_dict({"stages": stages}).chain, maps.shape, list)
    inner = maps[np.newaxis, np.newaxis]
    for part, shape in ((bank, (1, 9, 8)), (norm, (2, 9, 8))):
        arrays = part.layer.initial_arrays(shape, np.random.default_rng(0)) | dict(part.arrays)
        inner = Node(part.layer, arrays, np.random.default_rng(0)).forward(inner, training=True)
    run = Recipe.from_dict({"stages": stages}).run(maps)[-1]
    np.testing.assert_allclose(inner[0].transpose(1, 2, 0), run, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("stages", "sentence"),
    [
        ([{"relu": {}}, {"relu": {}}, {"median": {"size": 3}}], r"^stages\[2\]\.median: "),
        ([{"filter-bank": {"kernels": ["sobel-x", "sobel-y"]}}, {"thin": {}}], r"^stages\[1\]\.thin: "),
        ([{"preprocess": {"network": "lenet5"}}], r"^stages\[0\]\.preprocess: "),
        ([{"residual": {"stages": [{"median": {"size": 3}}]}}], r"^stages\[0\]\.residual\.stages\[0\]\.median: "),
        ([{"leaky-relu": {"slope": -1}}], r"^stages\[0\]\.leaky-relu\.slope is -1"),
        ([{"batch-norm": {"epsilon": 0}}], r"^stages\[0\]\.batch-norm\.epsilon is 0"),
        ([{"bias": {"values": 1e60}}], r"^stages\[0\]\.bias: .* too large"),
        ([{"filter-bank": {"kernels": ["1 1", "1 1 1"], "dilation": 2}}], r"^stages\[0\]\.filter-bank\.kernels have"),
        ([{"pointwise": {"weights": [[1, 2]]}}], r"^stages\[0\]\.pointwise\.weights has rows of 2"),
        ([{"nonsense": {}}], r"^stages\[0\]"),
    ],
)  # fmt: skip
def test_what_cannot_learn_is_refused_at_its_place(stages: list[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        design(TrainingPlan(LayersRow(tuple(stages))), (28, 28), 10)


def test_channels_of_colour_that_are_weighted_sums_stay_in_the_row() -> None:
    maps = np.random.default_rng(2).uniform(0, 1, (6, 5, 3))
    for channel in ("rgb", "luma", "r", "g", "b"):
        stages = [{"channel": channel}]
        np.testing.assert_allclose(forward(stages, maps), planes(Recipe.from_dict({"stages": stages}).run(maps)[0]))
    with pytest.raises(ValueError, match=r"^stages\[0\]\.channel: 'lab-a' passes no gradient"):
        design(TrainingPlan(LayersRow(({"channel": "lab-a"},))), (28, 28, 3), 10)


def test_named_networks_are_those_of_the_models() -> None:
    for name, shape, wanted in (
        ("lenet5", (28, 28), LENET5), ("colournet", (32, 32, 3), COLOURNET), ("mlp", (28, 28), MLP),
    ):  # fmt: skip
        assert design(TrainingPlan(NamedNetwork(name)), shape, 10).architecture == wanted
    assert design(TrainingPlan(), (28, 28), 10).padding == 2
    assert design(TrainingPlan(), (32, 32, 3), 10).padding == 0
    assert design(TrainingPlan(NamedNetwork("logistic")), (28, 28), 7).architecture.weight_count() == 7 * 785
    assert design(TrainingPlan(), (40, 48, 3), 4).architecture.shapes()[-1] == (4,)


def test_lenet_begins_with_the_weights_that_it_always_began_with() -> None:
    network = new_network(TrainingPlan(seed=5), PICTURES, DIGITS)
    other = Network(LENET5, network.preprocessing, DIGITS, seed=5)
    for name, array in other.arrays().items():
        assert network.arrays()[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("name", CHOICES)
def test_every_network_learns_all_its_weights_and_comes_back_from_a_file(name: str, tmp_path: Path) -> None:
    plan = TrainingPlan(CHOICES[name], activation="tanh", batch_normalisation=True, dropout=0.2)
    network = new_network(plan, PICTURES, DIGITS)
    maps = network.preprocessing.batch(PICTURES)
    *_, outputs = network.activations(maps, training=True)
    network.backward(np.random.default_rng(1).standard_normal(outputs.shape).astype(np.float32))
    gradients = {f"{i}.{key}": array for i, node in enumerate(network.layers) for key, array in node.gradients.items()}
    trained = {f"{i}.{key}" for i, layer in enumerate(network.architecture.layers) for key in layer.trained}
    assert gradients.keys() == trained
    for key, array in gradients.items():
        assert array.shape == network.arrays()[key].shape
        assert np.isfinite(array).all()
    assert sum(array.size for array in network.parameters()) == network.architecture.weight_count()
    cnn.save(tmp_path / "made.npz", network, data="noise")
    again = cnn.load(tmp_path / "made.npz")
    assert again.architecture == network.architecture
    np.testing.assert_array_equal(again.predict(PICTURES), network.predict(PICTURES))
    assert network.copy().arrays().keys() == network.arrays().keys()
    network.release()


@pytest.mark.parametrize("name", CHOICES)
def test_gradients_of_whole_networks_agree_with_finite_differences(name: str) -> None:
    plan = TrainingPlan(CHOICES[name], activation="sigmoid", batch_normalisation=True)
    made = design(plan, (28, 28), 4)
    drawn = made.architecture.initial_arrays(np.random.default_rng(0)) | dict(made.arrays)
    arrays = {key: array.astype(np.float64) for key, array in drawn.items()}
    network = Network(made.architecture, new_network(plan, PICTURES, DIGITS[:4]).preprocessing, DIGITS[:4], arrays)
    maps = np.random.default_rng(2).standard_normal((3, *made.architecture.input))
    *_, outputs = network.activations(maps, training=True)
    pull = np.random.default_rng(3).standard_normal(outputs.shape)
    network.backward(pull)
    random = np.random.default_rng(4)
    for index, node in enumerate(network.layers):
        for key, gradient in {key: array.copy() for key, array in node.gradients.items()}.items():
            array, step = node.arrays[key], 1e-5
            place = tuple(int(random.integers(extent)) for extent in array.shape)
            kept, values = array[place], []
            for sign in (1, -1):
                array[place] = kept + sign * step
                values.append(float(np.sum(pull * network.activations(maps, training=True)[-1])))
            array[place] = kept
            numeric = (values[0] - values[1]) / (2 * step)
            assert gradient[place] == pytest.approx(numeric, rel=1e-4, abs=1e-6), (index, key)


@pytest.mark.parametrize("name", ["residual", "row"])
def test_their_filters_can_be_looked_at(name: str) -> None:
    network = new_network(TrainingPlan(CHOICES[name]), PICTURES, DIGITS)
    photograph = np.random.default_rng(5).integers(0, 256, (70, 60, 3)).astype(np.uint8)
    filters = network.filters(0)
    assert filters.shape == (5 if name == "residual" else 3, 3, 3, 1)
    responses = network.responses(photograph)
    found = strips.thumbnails(network, photograph, activated=name == "row", longest=500)
    assert found.shape == responses.shape
    assert len(strongest_patches(network, 0, 1, PICTURES, count=3)) == 3
    assert len(strongest_patches(network, 0, 1, [photograph], count=2)) == 2
    assert visualise(network, 0, 1, steps=2, seed=1).shape == (28, 28)
    changed = network.with_filter(0, 1, 2 * filters[1])
    np.testing.assert_allclose(changed.responses(photograph)[1], 2 * responses[1], rtol=1e-4, atol=1e-3)


def test_a_bank_of_a_file_keeps_its_border_in_a_row(tmp_path: Path) -> None:
    picture = np.random.default_rng(5).uniform(0, 255, (12, 11))
    row: list[dict[str, Any]] = [{"filter-bank": {"kernels": ["1 2; 3 4", "4 3; 2 1"], "border": "reflect"}}]
    cnn.save(tmp_path / "row.npz", new_network(TrainingPlan(LayersRow(tuple(row))), PICTURES, DIGITS), data="none")
    again = Recipe.from_dict({"stages": [{"filter-bank": {"network": str(tmp_path / "row.npz"), "layer": 0}}]})
    np.testing.assert_allclose(again.run(picture)[0], Recipe.from_dict({"stages": row}).run(picture)[0], rtol=1e-6)
    row[0]["filter-bank"]["operation"] = "convolution"
    cnn.save(tmp_path / "row.npz", new_network(TrainingPlan(LayersRow(tuple(row))), PICTURES, DIGITS), data="none")
    with pytest.raises(ValueError, match=r"stages\[0\]\.filter-bank\.layer: margins of \(1, 1\) and \(0, 0\)"):
        Recipe.from_dict(again.to_dict())


def test_activation_normalisation_and_dropout_stand_where_they_belong() -> None:
    for choice in CHOICES.values():
        plan = TrainingPlan(choice, activation="leaky-relu", batch_normalisation=True, dropout=0.3)
        layers = design(plan, (28, 28), 10).architecture.layers
        assert isinstance(layers[-1], Dense)
        every = [*layers]
        for layer in every:
            every += [inner for row in layer.rows.values() for inner in row]
        assert {type(layer) for layer in every if isinstance(layer, Activation)} <= {LeakyReLU}
        for row in (layers, *(row for layer in every for row in layer.rows.values())):
            for number, layer in enumerate(row):
                if isinstance(layer, Convolution) or (isinstance(layer, Dense) and layer is not layers[-1]):
                    assert isinstance(row[number + 1], BatchNormalisation)
        dense = [number for number, layer in enumerate(layers) if isinstance(layer, Dense)]
        first = next(number for number, layer in enumerate(layers) if layer.trained)
        for number in dense:
            assert isinstance(layers[number - 1], Dropout) == (number != first)


def test_stacks_differ_in_nothing_but_the_sums() -> None:
    plain, residual = (design(TrainingPlan(Stack(7, each, 4)), (28, 28), 10).architecture for each in (False, True))
    assert plain.weight_count() == residual.weight_count()
    assert sum(isinstance(layer, Residual) for layer in residual.layers) == 7
    assert sum(isinstance(layer, Convolution) for layer in plain.layers) == 8
    assert plain.shapes()[-4] == (4, 7, 7)
    for depth in range(1, 21):
        for each in (False, True):
            architecture = design(TrainingPlan(Stack(depth, each), batch_normalisation=True), (28, 28), 10).architecture
            assert architecture.shapes()[-4] == (16, 7, 7)


def test_a_frozen_filter_has_no_weights_and_is_there_whatever_the_seed() -> None:
    plan = TrainingPlan(CHOICES["row"])
    one, other = (new_network(msgspec.structs.replace(plan, seed=seed), PICTURES, DIGITS) for seed in (1, 2))
    assert isinstance(one.architecture.layers[0], Filter)
    assert not one.layers[0].arrays
    np.testing.assert_array_equal(one.arrays()["1.weights"], other.arrays()["1.weights"])
    last = len(one.layers) - 1
    assert (one.arrays()[f"{last}.weights"] != other.arrays()[f"{last}.weights"]).any()
    assert one.arrays()["1.weights"] is not new_network(plan, PICTURES, DIGITS).arrays()["1.weights"]


def test_pictures_of_ones_own_are_brought_to_a_shape_that_the_network_takes() -> None:
    assert picture_shape(NamedNetwork("lenet5")) == (28, 28)
    assert picture_shape(NamedNetwork("colournet")) == (32, 32, 3)
    assert picture_shape(LayersRow(({"channel": "luma"},))) == (32, 32, 3)
    assert picture_shape(LayersRow(({"depthwise": {"kernels": ["sobel-x"]}},))) == (32, 32)
    for choice in CHOICES.values():
        design(TrainingPlan(choice), picture_shape(choice), 3)


def test_a_network_too_deep_or_too_large_is_refused() -> None:
    deep: Any = ()
    for _ in range(9):
        deep = (Residual(deep),)
    with pytest.raises(ValueError, match="at most 8 inside each other"):
        Architecture("deep", (1, 8, 8), (*deep, Dense(2))).shapes()
    with pytest.raises(ValueError, match="at most 200 layers"):
        Architecture("wide", (1, 8, 8), (Residual((ReLU(),) * 199), Tanh(), Sigmoid())).shapes()
    with pytest.raises(ValueError, match="cannot be kept in a file"):
        design(TrainingPlan(LayersRow(({"max-pool": {"size": 2, "stride": 2000}},))), (28, 28), 10)
