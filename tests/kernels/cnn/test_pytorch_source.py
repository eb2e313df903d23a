"""Networks as PyTorch source: run with PyTorch, it gives the same outputs."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.architecture import Architecture
from kernels.cnn.building import design, new_network
from kernels.cnn.layers import (
    AnyLayer,
    AveragePool,
    BatchNormalisation,
    Bias,
    Convolution,
    Dense,
    Dropout,
    Filter,
    Flatten,
    GaussianPool,
    LeakyReLU,
    Magnitude,
    Margins,
    MaxPool,
)
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.pytorch.source import save_source, source_of
from kernels.cnn.training.plan import LayersRow, NamedNetwork, NetworkChoice, TrainingPlan
from kernels.cnn.weights import header_of
from kernels.filtering.border import Border
from tests.kernels.cnn.test_building import CHOICES, teachable
from tests.kernels.recipe.definition import Rows

Module = dict[str, Any]
NUMBERS = np.random.default_rng(8)


def network_of(layers: Sequence[AnyLayer], shape: tuple[int, int, int] = (2, 7, 6)) -> Network:
    """A network of some layers and a head, with statistics and biases that are not those of a new one."""
    before = Architecture("layers", shape, tuple(layers)).shapes()[-1]
    head: tuple[AnyLayer, ...] = (Dense(3),) if len(before) == 1 else (Flatten(), Dense(3))
    return shaken(Architecture("layers", shape, (*layers, *head)))


def shaken(architecture: Architecture, arrays: dict[str, np.ndarray] | None = None) -> Network:
    channels = architecture.input[0]
    outputs = architecture.shapes()[-1][0]
    preprocessing = Preprocessing((100.0, 90.0, 80.0)[:channels], (70.0, 60.0, 50.0)[:channels])
    network = Network(architecture, preprocessing, [f"class {number}" for number in range(outputs)], arrays)
    for name, array in network.arrays().items():
        if not name.endswith("weights"):
            array += NUMBERS.uniform(0.1, 0.5, array.shape)
    return network


def imported(path: Path, network: Network) -> Module:
    save_source(path, network, data="MNIST")
    return runpy.run_path(str(path))


def assert_same(torch: Any, path: Path, network: Network) -> None:
    """The outputs are the same, from random maps and from pictures, but for the rounding of float32."""
    module = imported(path, network)
    model = module["load"]()
    maps = NUMBERS.normal(size=(5, *network.architecture.input)).astype(np.float32)
    with torch.no_grad():
        found = model(torch.from_numpy(maps)).numpy()
    wanted = network.forward(maps.astype(np.float64))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=2e-5 * max(1.0, float(np.abs(wanted).max())))
    pictures = NUMBERS.integers(0, 256, (4, *network.input_shape)).astype(np.uint8)
    probabilities = module["predict"](model, torch.from_numpy(pictures)).numpy()
    np.testing.assert_allclose(probabilities, network.predict(pictures), atol=1e-4)
    assert module["CLASSES"] == network.classes


@pytest.mark.parametrize("name", ["lenet5", "colournet", "mlp"])
def test_shipped_networks_say_the_same(name: str, torch: Any, tmp_path: Path) -> None:
    assert_same(torch, tmp_path / "model.py", cnn.load(name))


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("normalised", [False, True])
def test_networks_of_plans_say_the_same(name: str, normalised: bool, torch: Any, tmp_path: Path) -> None:
    choice: NetworkChoice = CHOICES[name]
    is_colour = choice == NamedNetwork("colournet")
    plan = TrainingPlan(choice, batch_normalisation=normalised, dropout=0.25, activation="tanh" if normalised else None)
    pictures = NUMBERS.integers(0, 256, (6, 32, 32, 3) if is_colour else (6, 28, 28)).astype(np.uint8)
    network = new_network(plan, pictures, [str(number) for number in range(10)])
    assert_same(torch, tmp_path / "model.py", network)


@pytest.mark.parametrize("seed", range(25))
def test_rows_at_random_say_the_same(seed: int, torch: Any, tmp_path: Path) -> None:
    rows = Rows(seed)
    shape = (rows.whole(7, 11), rows.whole(7, 11), *([3] if rows.whole(0, 1) else []))
    stages = teachable(rows.row(shape, rows.whole(1, 4)))
    made = design(TrainingPlan(LayersRow(tuple(stages))), shape, 4)
    drawn = made.architecture.initial_arrays(np.random.default_rng(seed))
    assert_same(torch, tmp_path / "model.py", shaken(made.architecture, drawn | dict(made.arrays)))


KERNEL = (((1.0,), (2.0,), (0.5,)), ((0.0,), (-3.0,), (1.0,)))
"""Two rows of three taps, for each map on its own."""
SUMMED = (((1.0, -1.0), (2.0, 0.25)),)
"""One row of two taps, over two maps."""
LAYERS: dict[str, list[AnyLayer]] = {
    "strided": [Convolution(4, (3, 2), (2, 1), (1, 0), (1, 2), groups=2), LeakyReLU(0.3)],
    "constant": [Convolution(3, (3, 3), padding=Margins((1, 1), (1, 1), Border.CONSTANT, 0.75))],
    "zeros on one side": [Convolution(3, (2, 2), padding=Margins((0, 0), (1, 1)))],
    "fixed": [Filter(KERNEL, 2.0, 0.5, (1, 1), (2, 1), (1, 2))],
    "fixed sum": [Filter(SUMMED, offset=-1.0), Magnitude()],
    "pools": [MaxPool((3, 2), (2, 1), (1, 1), ceil=True), AveragePool((3, 3), (2, 2), (1, 1), ceil=True)],
    "uneven mean": [AveragePool((2, 3), padding=(1, 1))],
    "bell": [GaussianPool((4, 3), (3, 2), (1, 1), ceil=True, sigma=(0.8, 1.2))],
    "bell inside": [GaussianPool((2, 2))],
    "on numbers": [Flatten(), Dense(6), BatchNormalisation(0.2, 1e-3), Bias(), Dropout(0.4)],
}
for border in (Border.REPLICATE, Border.REFLECT, Border.REFLECT101, Border.WRAP):
    LAYERS[f"{border}"] = [Convolution(3, (3, 4), padding=Margins((1, 1), (1, 2), border)), Filter(KERNEL)]
    # Wider than the maps.
    LAYERS[f"wide {border}"] = [Filter(KERNEL, padding=Margins((16, 1), (0, 20), border))]


@pytest.mark.parametrize("name", LAYERS)
def test_layers_say_the_same(name: str, torch: Any, tmp_path: Path) -> None:
    assert_same(torch, tmp_path / "model.py", network_of(LAYERS[name]))


def test_the_state_has_the_names_and_shapes_of_the_weights_file(torch: Any, tmp_path: Path) -> None:
    network = new_network(
        TrainingPlan(CHOICES["row"], batch_normalisation=True),
        NUMBERS.integers(0, 256, (6, 28, 28)).astype(np.uint8),
        "ab",
    )
    module = imported(tmp_path / "model.py", network)
    weights = module["read_weights"](tmp_path / "model.safetensors")
    state = {name: value for name, value in module["build"]().state_dict().items() if "num_batches" not in name}
    assert {name: value.shape for name, value in state.items()} == {name: each.shape for name, each in weights.items()}


def test_what_pytorch_went_on_training_comes_back(torch: Any, tmp_path: Path) -> None:
    package = pytest.importorskip("safetensors.torch", reason="PyTorch writes the format through its package")
    opened = pytest.importorskip("safetensors").safe_open
    network = network_of([Convolution(3, (3, 3)), BatchNormalisation()])
    module = imported(tmp_path / "model.py", network)
    model, path = module["load"](), tmp_path / "model.safetensors"
    with torch.no_grad():
        model[0].weight += 1
    with opened(path, framework="pt") as file:
        about = file.metadata()
    package.save_file(model.state_dict(), path, metadata=about)
    np.testing.assert_array_equal(cnn.load(path).arrays()["0.weights"], network.arrays()["0.weights"] + np.float32(1))


def test_the_formats_own_package_reads_the_same_weights(torch: Any, tmp_path: Path) -> None:
    package = pytest.importorskip("safetensors.torch", reason="the format's own package is an oracle where it is")
    module = imported(tmp_path / "model.py", cnn.load("lenet5"))
    own, theirs = (
        module["read_weights"](tmp_path / "model.safetensors"),
        package.load_file(tmp_path / "model.safetensors"),
    )
    assert own.keys() == theirs.keys()
    assert all(torch.equal(own[name], theirs[name]) for name in own)


def test_foreign_text_stays_text(tmp_path: Path) -> None:
    bad = '"""\nraise SystemExit(1)\n# \\'
    network = network_of([Bias()])
    header = header_of(Network(network.architecture, network.preprocessing, [bad, "{x}", "\ud800é"]), data=bad * 3)
    source = source_of(header, f"{bad}.safetensors".replace("\n", ""))
    tree = ast.parse(source.encode())
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))
    (classes,) = (
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CLASSES"
    )
    assert ast.literal_eval(classes) == (bad, "{x}", "\ud800é")


def test_other_weights_of_that_name_are_never_replaced(tmp_path: Path) -> None:
    first, second = network_of([Bias()]), network_of([Bias()])
    save_source(tmp_path / "model.py", first, data="none")
    source = (tmp_path / "model.py").read_bytes()
    save_source(tmp_path / "model.py", first, data="none")
    with pytest.raises(FileExistsError, match="holds others"):
        save_source(tmp_path / "model.py", second, data="none")
    assert (tmp_path / "model.py").read_bytes() == source
    np.testing.assert_array_equal(cnn.load(tmp_path / "model.safetensors").arrays()["0.bias"], first.arrays()["0.bias"])


def test_a_source_ends_in_py(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.py"):
        save_source(tmp_path / "model.safetensors", network_of([Bias()]), data="none")
    assert not any(tmp_path.iterdir())
