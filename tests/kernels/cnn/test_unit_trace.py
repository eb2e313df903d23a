"""Any number of any layer taken apart, and what every stage makes of a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import shipped_digits
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
    LeakyReLU,
    Magnitude,
    Margins,
    MaxPool,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.stages import forward_pass
from kernels.cnn.tracing import trace
from kernels.filtering.border import Border
from kernels.recipe.regions import Region

_LAYERS: dict[str, tuple[Any, ...]] = {
    "groups": (
        Convolution(4, (3, 2), padding=(1, 0)), LeakyReLU(0.1), MaxPool((3, 3), (2, 2), (1, 1)),
        Convolution(6, (2, 3), groups=2, dilation=(2, 1)), BatchNormalisation(), Tanh(), Flatten(),
        Dense(7), BatchNormalisation(), Sigmoid(), Dropout(0.3), Dense(3),
    ),
    "strides": (
        BatchNormalisation(), Convolution(5, (4, 4), stride=(2, 1), padding=(2, 3)), ReLU(),
        AveragePool((2, 3), (1, 2), (1, 1)), Convolution(8, (1, 1)), Flatten(), ReLU(), Dense(3),
    ),
    "depthwise": (
        Convolution(4, (1, 1)), Convolution(4, (5, 5), padding=(2, 2), groups=4), Dropout(0.2), ReLU(),
        AveragePool((3, 2)), Convolution(3, (2, 2)), GlobalAveragePool(), Flatten(),
    ),
    "rows": (Flatten(), Dense(9), Tanh(), Dense(3)),
    "composites": (
        Convolution(4, (3, 3), padding=(1, 1)), ReLU(),
        Residual((BatchNormalisation(), Tanh(), Convolution(4, (3, 3), padding=(1, 1)))), ReLU(),
        Branches(((Convolution(2, (1, 1)), ReLU()), (MaxPool((5, 3), (1, 1), (2, 1)),))),
        DenseBlock((Dropout(0.2), AveragePool((3, 3), (1, 1), (1, 1)), Convolution(3, (3, 1), padding=(1, 0)))),
        Residual((Convolution(5, (3, 3), (2, 2), (1, 1)),), (Convolution(5, (1, 1), (2, 2)),)), Sigmoid(),
        Branches(((GlobalAveragePool(),), (AveragePool((7, 6)),))), Flatten(),
        Dense(6), Residual((Tanh(), Dense(6))), Dense(3),
    ),
    "borders": (
        Filter((((1.0,), (2.0,)), ((-1.0,), (0.5,))), 3.0, 0.25, Margins((0, 1), (2, 0), Border.REFLECT)), Bias(),
        Convolution(3, (3, 2), (2, 1), Margins((1, 0), (1, 1), value=0.5)), LeakyReLU(1.5),
        Convolution(4, (3, 3), padding=Margins((1, 1), (1, 1), Border.REPLICATE)), Magnitude(),
        MaxPool((3, 3), (2, 2), ceil=True), GaussianPool((2, 3), (1, 2), (0, 1), ceil=True), Flatten(), Dense(3),
    ),
}  # fmt: skip


def _random_network(name: str, channels: int = 2) -> Network:
    """A network with random weights, and statistics as if it had been trained."""
    architecture = Architecture(name, (channels, 13, 11), _LAYERS[name])
    random = np.random.default_rng(5)
    arrays = {
        key: (random.uniform(0.3, 2.0, shape) if key.endswith("variance") else random.normal(0, 0.7, shape)).astype(
            "f4"
        )
        for key, shape in architecture.array_shapes().items()
    }
    return Network(architecture, Preprocessing((90.0,) * channels, (70.0,) * channels, padding=2), "abc", arrays)


def _network(name: str) -> Network:
    return _random_network(name) if name in _LAYERS else cnn.load(name)


def _picture(network: Network) -> np.ndarray:
    return np.random.default_rng(8).integers(0, 256, network.input_shape, dtype=np.uint8)


def _places(shape: tuple[int, ...], count: int = 12) -> list[tuple[int, ...]]:
    """The first and the last number, and some between."""
    chosen = {0, int(np.prod(shape)) - 1, *np.random.default_rng(2).integers(0, np.prod(shape), count).tolist()}
    return [tuple(int(at) for at in np.unravel_index(flat, shape)) for flat in sorted(chosen)]


@pytest.mark.parametrize("name", [*_LAYERS, "lenet5", "mlp", "colournet"])
def test_the_arithmetic_of_every_layer_gives_what_forward_gives(name: str) -> None:
    network = _network(name)
    picture = _picture(network)
    passed = forward_pass(network, picture)
    np.testing.assert_array_equal(network.forward(passed.maps[0][np.newaxis])[0], passed.maps[-1])
    for layer, node in enumerate(network.layers):
        for place in _places(passed.maps[layer + 1].shape):
            unit = trace(passed, layer, place)
            found, value = unit.trace, passed.maps[layer + 1][place]
            assert found.value == value
            if found.weights is None:
                continue
            np.testing.assert_allclose(found.products, found.window * found.weights)
            assert found.sum == pytest.approx(found.products.sum(), abs=1e-9)
            rounding = 1e-5 * (np.abs(found.products).sum() / found.divisor + abs(found.offset)) + 1e-6
            assert found.sum / found.divisor + found.offset == pytest.approx(value, abs=rounding)
            assert not isinstance(node.layer, MaxPool | ReLU | LeakyReLU | Tanh | Sigmoid | Magnitude | Composite)


@pytest.mark.parametrize("name", [*_LAYERS, "lenet5", "mlp", "colournet"])
def test_windows_hold_what_the_layer_before_gave(name: str) -> None:
    network = _network(name)
    passed = forward_pass(network, _picture(network))
    for layer in range(len(network.layers)):
        before = passed.maps[layer]
        planes = before if before.ndim == 3 else before[:, np.newaxis, np.newaxis]
        for place in _places(passed.maps[layer + 1].shape, 4):
            found = trace(passed, layer, place).trace
            kind = network.layers[layer].layer
            outside = -np.inf if isinstance(kind, MaxPool) else getattr(getattr(kind, "padding", 0), "value", 0.0)
            for at, channel in enumerate(found.channels):
                for tap in np.ndindex(found.outside.shape):
                    read = tuple(found.origins[tap])
                    assert found.outside[tap] or read != (-1, -1)
                    expected = outside if read == (-1, -1) else planes[(channel, *read)]
                    assert found.window[(*tap, at)] == expected


@pytest.mark.parametrize(
    "name", ["groups", "strides", "depthwise", "composites", "borders", "lenet5", "mlp", "colournet"]
)
def test_every_layers_numbers_are_pytorchs(name: str, torch: Any, torch_layer: Callable[..., Any]) -> None:
    network = _network(name)
    passed = forward_pass(network, _picture(network))
    maps = torch.from_numpy(passed.maps[0][np.newaxis].copy())
    for layer, node in enumerate(network.layers):
        if not isinstance(node.layer, Dropout):
            maps = torch_layer(node, tuple(maps.shape)).eval()(maps).detach()
        for place in _places(passed.maps[layer + 1].shape):
            assert trace(passed, layer, place).trace.value == pytest.approx(
                float(maps[(0, *place)]), rel=1e-4, abs=1e-4
            )


@pytest.mark.parametrize("name", [*_LAYERS, "lenet5", "mlp"])
def test_receptive_fields_are_the_pixels_that_make_a_difference(name: str) -> None:
    network = _network(name)
    border, (height, width) = network.preprocessing.padding, network.input_shape[:2]
    passed = forward_pass(network, _picture(network))
    # One picture for each pixel, which is not a number: what depends on it is not a number either.
    maps = np.zeros((height * width, *network.architecture.input), np.float32)
    for at, (y, x) in enumerate(np.ndindex(height, width)):
        maps[at, :, y + border, x + border] = np.nan
    for layer, given in enumerate(network.activations(maps)):
        for place in _places(given.shape[1:], 8):
            seen = np.argwhere(np.isnan(given[(slice(None), *place)]).reshape(height, width))
            field = trace(passed, layer, place).sees
            if not len(seen):
                assert 0 in field.shape
                continue
            (top, left), (bottom, right) = seen.min(axis=0), seen.max(axis=0) + 1
            exact = Region(top, bottom, left, right)
            # Of rows side by side all that they see together is told.
            stacked = any(isinstance(each, Branches | DenseBlock) for each in network.architecture.layers[: layer + 1])
            assert field == (field.joined(exact) if stacked else exact)


def test_regions_on_the_way_lead_back_to_the_picture() -> None:
    passed = forward_pass(cnn.load("lenet5"), shipped_digits().images[0])
    unit = trace(passed, 3, (12, 2, 7))
    # The worked example: a number of the second convolution sees 14 x 14 pixels.
    assert unit.sees == Region(2, 16, 12, 26)
    assert unit.trace.fields == (
        ("image", Region(2, 16, 12, 26)),
        ("layers[0]", Region(4, 14, 14, 24)),
        ("layers[1]", Region(4, 14, 14, 24)),
        ("layers[2]", Region(2, 7, 7, 12)),
    )
    assert unit.trace.channels == tuple(range(6))
    assert unit.trace.place == "layers[3]"


def test_a_trace_goes_on_to_the_activation() -> None:
    passed = forward_pass(cnn.load("lenet5"), shipped_digits().images[0])
    before, after = passed.maps[1], passed.maps[2]
    for place in _places(before.shape, 30):
        unit = trace(passed, 0, place)
        assert unit.then == (("ReLU", after[place]),)
        assert unit.result == max(0.0, before[place])
    last = trace(passed, 11, (3,))
    assert last.then == ()
    assert last.result == last.trace.value == passed.maps[-1][3]
    # Through the flattening, which moves no number.
    network = _random_network("strides")
    passed = forward_pass(network, _picture(network))
    assert trace(passed, 4, (5, 1, 2)).result == max(0.0, passed.maps[5][5, 1, 2])


def test_pools_tell_what_was_chosen_or_averaged() -> None:
    network = _random_network("groups")
    passed = forward_pass(network, _picture(network))
    corner = trace(passed, 2, (1, 0, 0))
    assert corner.trace.outside.sum() == 5
    assert corner.chosen is not None
    assert corner.trace.window[(*corner.chosen, 0)] == corner.trace.value
    mean = trace(forward_pass(_random_network("strides"), _picture(network)), 3, (2, 0, 0))
    assert mean.chosen is None
    # Padding counts as zeros.
    assert (mean.trace.sum, mean.trace.divisor) == (mean.trace.window.sum(), 6.0)


def test_a_number_of_rows_put_together_names_what_it_is_made_of() -> None:
    network = _random_network("composites")
    passed = forward_pass(network, _picture(network))
    for layer, names in (
        (2, ("layers[2].body[2]", "layers[2].shortcut")),
        (6, ("layers[6].body[0]", "layers[6].shortcut[0]")),
        (11, ("layers[11].body[1]", "layers[11].shortcut")),
    ):
        for place in _places(passed.maps[layer + 1].shape):
            found = trace(passed, layer, place).trace
            assert tuple(part.place for part in found.parts) == names
            assert sum(part.value for part in found.parts) == pytest.approx(found.value, rel=1e-5, abs=1e-6)
    stacked = [trace(passed, 4, (number, 3, 2)).trace for number in range(6)]
    assert [(each.parts[0].place, each.parts[0].channel) for each in stacked] == [
        ("layers[4].branches.0[1]", 0),
        ("layers[4].branches.0[1]", 1),
        *(("layers[4].branches.1[0]", number) for number in range(4)),
    ]
    assert all(each.parts[0].value == each.value for each in stacked)
    assert trace(passed, 5, (0, 3, 2)).trace.parts[0].place == "layers[5].input"


def test_normalisation_and_slopes_name_their_numbers() -> None:
    network = _random_network("groups")
    passed = forward_pass(network, _picture(network))
    numbers = dict(trace(passed, 4, (3, 0, 0)).trace.numbers)
    expected = {name: float(array[3]) for name, array in network.layers[4].arrays.items()}
    assert numbers == {**expected, "epsilon": 1e-5}
    assert dict(trace(passed, 1, (0, 0, 0)).trace.numbers) == {"slope": 0.1}


@pytest.mark.parametrize(
    ("layer", "place", "message"),
    [
        (12, (0,), "layer is 12, but must be 0 to 11, one of LeNet-5's layers"),
        (-1, (0,), "layer is -1"),
        (0, (0, 28, 0), r"place is \(0, 28, 0\), but must be \(map, y, x\) in the 6 × 28 × 28 numbers of layer 0"),
        (0, (3,), r"must be \(map, y, x\)"),
        (11, (10,), r"must be \(unit,\) in the 10 numbers of layer 11 \(dense\)"),
        (11, (-1,), "place is -1"),
    ],
)
def test_what_is_not_in_the_network_is_refused(layer: int, place: tuple[int, ...], message: str) -> None:
    network = cnn.load("lenet5")
    with pytest.raises(ValueError, match=message):
        trace(forward_pass(network, _picture(network)), layer, place)


def test_the_row_of_lenet5() -> None:
    passed = forward_pass(cnn.load("lenet5"), shipped_digits().images[0])
    told = [(stage.name, stage.activation, stage.weights, stage.shape) for stage in passed.stages]
    assert told == [
        ("Convolution 1", "ReLU", 156, (6, 28, 28)),
        ("Average pool", "", 0, (6, 14, 14)),
        ("Convolution 2", "ReLU", 2_416, (16, 10, 10)),
        ("Average pool", "", 0, (16, 5, 5)),
        ("Convolution 3", "ReLU", 48_120, (120, 1, 1)),
        ("Dense 84", "ReLU", 10_164, (84,)),
        ("Dense 10", "", 850, (10,)),
    ]
    assert passed.maps[0].shape == (1, 32, 32)
    for stage in passed.stages:
        np.testing.assert_array_equal(stage.after, np.maximum(stage.before, 0) if stage.activation else stage.before)
        assert stage.after[(0,) * stage.after.ndim] == trace(passed, stage.layer, (0,) * stage.after.ndim).result
        assert not stage.after.flags.writeable


def test_the_rows_of_other_networks() -> None:
    picture = shipped_digits().images[0]
    assert [stage.name for stage in forward_pass(cnn.load("mlp"), picture).stages] == [
        "Dense 200",
        "Dense 60",
        "Dense 10",
    ]
    network = _random_network("groups")
    passed = forward_pass(network, _picture(network))
    assert [(stage.name, stage.layer, stage.activation) for stage in passed.stages] == [
        ("Convolution 1", 0, "leaky ReLU"),
        ("Max pool", 2, ""),
        ("Convolution 2", 3, ""),
        ("Batch normalisation", 4, "tanh"),
        ("Dense 7", 7, ""),
        ("Batch normalisation", 8, "sigmoid"),
        ("Dense 3", 11, ""),
    ]
    assert passed.stages[3].after.shape == passed.stages[3].before.shape == passed.maps[5].shape
    network = _random_network("composites")
    assert [
        (stage.name, stage.layer, stage.activation) for stage in forward_pass(network, _picture(network)).stages
    ] == [
        ("Convolution 1", 0, "ReLU"),
        ("Residual 1", 2, "ReLU"),
        ("Branches 1", 4, ""),
        ("Dense block 1", 5, ""),
        ("Residual 2", 6, "sigmoid"),
        ("Branches 2", 8, ""),
        ("Dense 6", 10, ""),
        ("Residual 3", 11, ""),
        ("Dense 3", 12, ""),
    ]
    with pytest.raises(ValueError, match="image must have the shape"):
        forward_pass(network, picture)
    with pytest.raises(TypeError, match="8-bit"):
        forward_pass(network, _picture(network) / 255)
