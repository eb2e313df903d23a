"""Optimisers and schedules against their formulas and against PyTorch, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from kernels.cnn.layers import Dense, Node
from kernels.cnn.network import Network
from kernels.cnn.training.collections import Collection
from kernels.cnn.training.optimisers import OPTIMISERS, Descent, Momentum, optimiser_for
from kernels.cnn.training.plan import UNBOUNDED_STEPS, Rate, Stop, TrainingPlan
from kernels.cnn.training.trainer import Trainer

NAMES = tuple(OPTIMISERS)


def _followed(kind: str, weights: np.ndarray, gradients: list[np.ndarray], rates: list[float], decay: float) -> Any:
    """The formulas as the papers have them, in float64."""
    w = weights.astype(np.float64)
    v, m, s = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for t, (gradient, rate) in enumerate(zip(gradients, rates, strict=True), 1):
        g = gradient + decay * w
        if kind == "momentum":
            v = 0.8 * v + g
            w = w - rate * v
        elif kind == "adam":
            m = 0.9 * m + 0.1 * g
            s = 0.999 * s + 0.001 * g**2
            w = w - rate * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        else:
            w = w - rate * g
    return w


@pytest.mark.parametrize("kind", NAMES)
def test_weights_follow_the_formulas(kind: str) -> None:
    random = np.random.default_rng(0)
    start = random.standard_normal((3, 4)).astype(np.float32)
    layer = Node(Dense(3), {"weights": start.copy(), "bias": np.zeros(3, np.float32)}, random)
    plan = TrainingPlan(optimiser=kind, momentum=0.8, decay=0.3, first_decay=0.01)
    optimiser = optimiser_for(plan, [layer])
    gradients = [random.standard_normal((3, 4)) for _ in range(20)]
    rates = [0.1 / step for step in range(1, 21)]
    for gradient, rate in zip(gradients, rates, strict=True):
        layer.gradients["weights"] = gradient.astype(np.float32)
        optimiser.step(rate)
    expected = _followed(kind, start, gradients, rates, 0.01)
    np.testing.assert_allclose(layer.arrays["weights"], expected, rtol=1e-4, atol=1e-6)
    assert optimiser.steps == 20


@pytest.mark.parametrize("kind", NAMES)
def test_a_training_agrees_with_pytorch_step_by_step(
    kind: str, torch: Any, torch_twin: Callable[[Network], Any], few_digits: Collection
) -> None:
    rate = 1e-3 if kind == "adam" else 0.02
    schedule = Rate(rate, "one-cycle", 10)
    plan = TrainingPlan(optimiser=kind, rate=schedule, batch=16, decay=0.01, first_decay=0.1, seed=3)
    trainer = Trainer(plan, few_digits)
    twin = torch_twin(trainer.network)
    weights = [each for each in twin.parameters() if each.ndim > 1]
    groups = [
        {"params": weights[:1], "weight_decay": 0.1},
        {"params": weights[1:], "weight_decay": 0.01},
        {"params": [each for each in twin.parameters() if each.ndim == 1], "weight_decay": 0.0},
    ]
    make = torch.optim.Adam if kind == "adam" else torch.optim.SGD
    theirs = make(groups, lr=rate, **({"momentum": 0.9} if kind == "momentum" else {}))
    for step in range(6):
        parts = [trainer.minibatch(step, part) for part in range(trainer.parts)]
        maps, labels = (np.concatenate([part[index] for part in parts]) for index in (0, 1))
        for group in theirs.param_groups:
            group["lr"] = schedule.at(step / 10)
        theirs.zero_grad()
        loss = torch.nn.functional.cross_entropy(twin(torch.from_numpy(maps)), torch.from_numpy(labels).long())
        loss.backward()
        theirs.step()
        assert trainer.advance().loss == pytest.approx(loss.item(), rel=1e-4)
        for mine, other in zip(trainer.network.parameters(), twin.parameters(), strict=True):
            np.testing.assert_allclose(mine, other.detach().numpy(), rtol=2e-3, atol=2e-5)


def test_schedules_agree_with_pytorch(torch: Any) -> None:
    weight, steps = torch.nn.Parameter(torch.zeros(1)), 3000
    optimiser = torch.optim.SGD([weight], 0.5)
    theirs = torch.optim.lr_scheduler.MultiStepLR(optimiser, [steps // 3, 2 * steps // 3], 0.1)
    plan = TrainingPlan(rate=Rate(0.5, "step"), stop=Stop(steps=steps))
    for step in range(steps):
        assert plan.rate_at(step, 100) == pytest.approx(theirs.get_last_lr()[0])
        optimiser.step()
        theirs.step()
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.5, total_steps=steps)
    plan = replace(plan, rate=Rate(0.5, "one-cycle"))
    for step in range(steps):
        # PyTorch's turn is one step earlier.
        assert plan.rate_at(step, 100) == pytest.approx(theirs.get_last_lr()[0], abs=1e-3)
        optimiser.step()
        theirs.step()


def test_rates() -> None:
    cycle = Rate(0.5, "one-cycle")
    assert cycle.at(0) == pytest.approx(0.02)
    assert cycle.at(0.3) == pytest.approx(0.5)
    assert cycle.at(0.65) == pytest.approx(0.25, rel=1e-4)
    assert cycle.at(1) == pytest.approx(2e-6)
    assert [Rate(0.9, "step").at(done) for done in (0, 0.34, 0.9, 1)] == pytest.approx([0.9, 0.09, 0.009, 0.009])
    assert Rate(0.7).at(0.99) == 0.7


def test_a_schedule_takes_its_own_steps_else_those_of_the_stop_rule() -> None:
    plan = TrainingPlan(rate=Rate(1.0, "step"))
    for steps, changed in (
        (UNBOUNDED_STEPS, plan),
        (300, replace(plan, stop=Stop(steps=300, no_gain=7))),
        (120, replace(plan, stop=Stop(steps=300, epochs=6))),
        (60, replace(plan, rate=Rate(1.0, "step", 60), stop=Stop(steps=300))),
    ):
        third = steps / 3
        assert changed.rate_at(int(third) - 1, 20) == 1.0
        assert changed.rate_at(int(third) + 1, 20) == pytest.approx(0.1)
        assert changed.rate_at(10 * steps, 20) == pytest.approx(0.01)


def test_decay_is_per_layer_and_spares_biases(small: Network) -> None:
    optimiser = Momentum(small.layers, [0.5, 0.25], 0.0)
    small.layers[0].arrays["bias"][:] = 1
    before = [array.copy() for array in small.parameters()]
    optimiser.step(0.1)
    for array, kept, factor in zip(small.parameters(), before, (0.95, 1, 0.975, 1), strict=True):
        np.testing.assert_allclose(array, kept * np.float32(factor), rtol=1e-5)
    assert [optimiser.decay_of(name) for name in small.arrays()] == [0.5, 0.0, 0.25, 0.0]
    with pytest.raises(ValueError, match="for 3 layers, but 2 layers have weights"):
        Descent(small.layers, [0.1, 0.1, 0.1])
