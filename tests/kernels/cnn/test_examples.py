"""The ready-made plans show what they say they show."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from kernels.cnn.building import new_network
from kernels.cnn.datasets import shipped_digits
from kernels.cnn.network import Network
from kernels.cnn.training.examples import EXAMPLES
from kernels.cnn.training.loss import cross_entropy
from kernels.cnn.training.plan import TrainingPlan, encoded


def first_gradients(network: Network) -> list[float]:
    """The root mean square of the gradient by the weights of each layer that has any, for the first digits."""
    digits = shipped_digits()
    *_, outputs = network.activations(network.preprocessing.batch(digits.images[:32]), training=True)
    network.backward(cross_entropy(outputs, digits.labels[:32])[1])
    found = []
    for node in network.layers:
        weights = [array.ravel() for name, array in node.gradients.items() if name.endswith("weights")]
        if weights:
            found.append(float(np.sqrt(np.mean(np.concatenate(weights) ** 2))))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_plans_come_back_from_their_file(name: str) -> None:
    plan = EXAMPLES[name].plan
    assert msgspec.json.decode(encoded(plan), type=TrainingPlan) == plan


def test_gradients_vanish_and_come_back() -> None:
    digits = shipped_digits().take(0, 1600)
    sizes = {
        name: first_gradients(new_network(example.plan, digits.images, digits.classes))
        for name, example in EXAMPLES.items()
        if name.startswith("vanishing")
    }
    assert [len(each) for each in sizes.values()] == [10, 10, 10]
    last = {name: each[-1] for name, each in sizes.items()}
    # From the last layer back to the first, each is smaller than the one behind it, a million times in all.
    assert all(before < behind for before, behind in zip(sizes["vanishing"], sizes["vanishing"][1:], strict=False))
    assert sizes["vanishing"][0] < 1e-5 * last["vanishing"]
    for name in ("vanishing-normalised", "vanishing-residual"):
        assert min(sizes[name]) > 5e-3 * last[name]
        assert sizes[name][0] > 1e4 * sizes["vanishing"][0]
