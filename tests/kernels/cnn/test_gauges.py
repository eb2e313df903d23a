"""Gradient sizes, units that never fire, the worst mistakes, and what the first layer looks like."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kernels.cnn import load
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import Dataset, shipped_digits
from kernels.cnn.evaluation import answers, evaluate, score
from kernels.cnn.layers import (
    AveragePool,
    BatchNormalisation,
    Convolution,
    Dense,
    Flatten,
    Layer,
    LeakyReLU,
    ReLU,
    Residual,
)
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.training.gauges import counted_units, gradient_sizes, places, silent_units
from kernels.cnn.training.history import first_filters
from kernels.cnn.training.loss import cross_entropy
from kernels.cnn.training.mistakes import Mistake, mistakes


@pytest.fixture
def make() -> Callable[..., Network]:
    """Makes a network for grey pictures of 6 × 6."""

    def made(*layers: Layer) -> Network:
        return Network(Architecture("small", (1, 6, 6), layers), Preprocessing((40.0,), (60.0,)), ("a", "b", "c"))

    return made


def test_places_are_what_the_names_of_arrays_begin_with(make: Callable[..., Network]) -> None:
    inner = Residual((Convolution(1, (1, 1)), ReLU()))
    network = make(inner, Flatten(), Dense(3))
    found = dict(places(network.layers))
    assert list(found) == ["0", "0.body.0", "0.body.1", "1", "2"]
    assert found["0.body.0"].arrays["weights"] is network.arrays()["0.body.0.weights"]


def test_a_gradient_is_as_large_as_its_root_mean_square(make: Callable[..., Network], bars: Dataset) -> None:
    network = make(
        Convolution(2, (3, 3)), BatchNormalisation(), Residual((Convolution(2, (1, 1)),)), Flatten(), Dense(3)
    )
    *_, outputs = network.activations(network.preprocessing.batch(bars.images[:20]), training=True)
    network.backward(cross_entropy(outputs, bars.labels[:20])[1])
    found = gradient_sizes(network)
    assert list(found) == ["0.weights", "2.body.0.weights", "4.weights"]
    exact = network.layers[4].gradients["weights"].astype(float)
    assert found["4.weights"] == pytest.approx(np.sqrt((exact**2).mean()), rel=1e-6)
    assert found["2.body.0.weights"] > 0


def test_units_that_give_nothing_for_any_picture_are_counted(make: Callable[..., Network], bars: Dataset) -> None:
    network = make(Convolution(5, (3, 3)), ReLU(), Residual((Convolution(5, (1, 1)), ReLU())), Flatten(), Dense(7),
                   ReLU(), Dense(3), LeakyReLU())  # fmt: skip
    assert silent_units(network, bars.images)["1"] == 0
    network.layers[0].arrays["bias"][[1, 3]] = -1e4
    network.layers[2].arrays["body.0.bias"][:4] = -1e4
    network.layers[4].arrays["bias"][:6] = -1e5
    # The last unit fires for the last picture only.
    network.layers[4].arrays["weights"][6] = 0
    network.layers[4].arrays["bias"][6] = 1.0
    assert silent_units(network, bars.images) == {"1": 2, "2.body.1": 4, "5": 6, "7": 0}
    assert all(node.watcher is None for _, node in places(network.layers))


def test_a_unit_that_fires_for_one_late_picture_is_not_silent(make: Callable[..., Network]) -> None:
    network = make(Flatten(), Dense(3), ReLU())
    network.layers[1].arrays["weights"][...] = 1.0
    pictures = np.zeros((600, 6, 6), np.uint8)
    assert silent_units(network, pictures) == {"2": 3}
    pictures[599] = 255
    assert silent_units(network, pictures) == {"2": 0}


def test_answers_are_scored_as_evaluate_does(small: Network, bars: Dataset) -> None:
    probabilities = answers(small, bars)
    np.testing.assert_array_equal(probabilities, small.predict(bars.images))
    found = score(probabilities, bars.labels)
    assert found == evaluate(small, bars)
    true = probabilities[np.arange(len(bars)), bars.labels].astype(float)
    assert found.loss == pytest.approx(-np.log(true).mean())


def test_the_worst_mistakes_come_first() -> None:
    probabilities = np.array([[0.9, 0.1, 0], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4], [0.05, 0.95, 0]], np.float32)
    found = mistakes(probabilities, np.array([0, 2, 0, 2], np.uint8))
    certain = [float(np.float32(each)) for each in (0.95, 0.7, 0.4)]
    assert found == (Mistake(3, 2, 1, certain[0]), Mistake(1, 2, 1, certain[1]), Mistake(2, 0, 2, certain[2]))


def test_mistakes_are_as_many_as_the_confusion_matrix_says() -> None:
    network, digits = load("mlp"), shipped_digits()
    found = mistakes(answers(network, digits), digits.labels)
    confusion = evaluate(network, digits).confusion
    assert confusion is not None
    assert 0 < len(found) == confusion.sum() - np.trace(confusion)
    assert all(confusion[each.truth, each.answer] for each in found)


def test_learned_filters_are_named_and_random_ones_are_chance() -> None:
    learned = first_filters(load("lenet5"))
    assert [each.number for each in learned] == list(range(6))
    assert any(each.label.startswith("edge") and not each.is_chance for each in learned)
    np.testing.assert_array_equal(learned[2].weights, load("lenet5").filters(0)[2])
    lenet = load("lenet5").architecture
    new = first_filters(Network(lenet, Preprocessing((33.0,), (78.0,), padding=2), tuple("0123456789"), seed=1))
    assert [(each.label, each.is_chance) for each in new] == [("", True)] * 6
    assert all(each.likeness is not None and 0 < each.likeness < 1 for each in new)


def test_units_of_a_dense_first_layer_are_laid_out_as_the_picture(make: Callable[..., Network]) -> None:
    network = load("mlp")
    found = first_filters(network, most=5)
    assert len(found) == 5
    assert found[3].weights.shape == (28, 28, 1)
    np.testing.assert_array_equal(found[3].weights.ravel(), network.arrays()["1.weights"][3])
    assert (found[3].likeness, found[3].label) == (None, "")
    assert first_filters(make(AveragePool((2, 2)), Flatten(), Dense(3))) == ()


def test_the_first_filters_may_stand_inside_another_layer(make: Callable[..., Network]) -> None:
    network = make(Residual((Convolution(1, (3, 3), padding=(1, 1)),)), Flatten(), Dense(3))
    (found,) = first_filters(network)
    np.testing.assert_array_equal(found.weights[..., 0], network.arrays()["0.body.0.weights"][0, 0])


def test_units_are_counted_at_the_activation_behind_their_weights(make: Callable[..., Network]) -> None:
    network = make(
        Convolution(2, (3, 3)), BatchNormalisation(), ReLU(), Residual((Convolution(2, (1, 1)), LeakyReLU())),
        Flatten(), Dense(3), ReLU(), Dense(3),
    )  # fmt: skip
    assert counted_units(network) == {"0.weights": (0, 2), "3.body.0.weights": (1, 2), "5.weights": (2, 3)}
