"""Training: that it learns, repeats itself, resumes, and stops in good order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from kernels.cnn import checkpoint
from kernels.cnn.datasets import Dataset
from kernels.cnn.evaluation import Score, evaluate
from kernels.cnn.layers import Dense, Node
from kernels.cnn.models import TrainingPlan
from kernels.cnn.network import Network
from kernels.cnn.optimisers import SGD, Adam, Rate
from kernels.cnn.epochs import Diverged, Progress, Training
from kernels.errors import Cancelled

PLAN = TrainingPlan(epochs=4, batch=16, rate=Rate(0.05), decay=1e-4, first_decay=1e-3, shift=1, flip=True)


def trained(network: Network, data: Dataset, plan: TrainingPlan = PLAN, seed: int = 1) -> Training:
    training = Training(network, data, plan, seed=seed)
    training.run()
    return training


def weights(network: Network) -> np.ndarray:
    return np.concatenate([array.ravel() for array in network.parameters()])


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_a_small_network_learns_bars(small: Network, bars: Dataset, optimiser: str) -> None:
    rate = Rate(0.05) if optimiser == "sgd" else Rate(0.01)
    trained(small, bars, replace(PLAN, optimiser=optimiser, rate=rate, epochs=8))
    assert evaluate(small, bars).accuracy > 0.97


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(small: Network, bars: Dataset) -> None:
    twin, other = small.copy(), small.copy()
    trained(small, bars)
    trained(twin, bars)
    trained(other, bars, seed=2)
    np.testing.assert_array_equal(weights(small), weights(twin))
    assert not np.array_equal(weights(small), weights(other))


def test_the_network_ends_with_the_best_weights(small: Network, bars: Dataset) -> None:
    training = Training(small, bars, replace(PLAN, rate=Rate(0.3, "constant")), seed=4)
    scores: list[Score] = []
    training.run(lambda progress: scores.append(progress.validation) if progress.validation else None)
    best = max(scores, key=lambda score: (score.accuracy, -score.loss))
    assert training.best_score == best
    assert evaluate(small, training.validation) == best


def test_progress_tells_epoch_step_loss_accuracy_speed_and_time(small: Network, bars: Dataset) -> None:
    told: list[Progress] = []
    training = Training(small, bars, PLAN)
    training.run(told.append)
    assert training.steps == 290 // 16
    assert len(told) == 4 * (18 + 1)
    assert [(progress.epoch, progress.step) for progress in told[17:20]] == [(1, 18), (1, 18), (2, 1)]
    assert told[18].validation is not None
    assert told[-1].loss < told[0].loss
    assert told[5].rate > 0
    assert told[-1].seconds_left == 0


def test_a_training_that_was_broken_off_goes_on_as_if_it_had_not(small: Network, bars: Dataset, tmp_path: Path) -> None:
    whole, first, second = small.copy(), small.copy(), small.copy()
    for network in (whole, first, second):
        assert np.array_equal(weights(network), weights(small))
    trained(whole, bars)
    path = tmp_path / "state.npz"

    def stop_after_two(training: Training) -> None:
        checkpoint.save(path, training, bars)
        if training.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Training(first, bars, PLAN, seed=1).run(epoch_done=stop_after_two)
    resumed = Training(second, bars, PLAN, seed=1)
    checkpoint.restore(resumed, *checkpoint.read(path), bars)
    assert resumed.epoch == 2
    resumed.run()
    np.testing.assert_array_equal(weights(second), weights(whole))


def test_what_was_best_before_a_break_stays_best_after_it(small: Network, bars: Dataset, tmp_path: Path) -> None:
    training = trained(small, bars)
    # As if an epoch had been better than any that is still to come.
    training.best_score = Score(1.0, 0.0, len(training.validation))
    training.best = {name: np.full_like(array, 0.125) for name, array in small.arrays().items()}
    training.epoch = 2
    checkpoint.save(tmp_path / "state.npz", training, bars)
    again = Training(small.copy(), bars, PLAN, seed=1)
    checkpoint.restore(again, *checkpoint.read(tmp_path / "state.npz"), bars)
    again.run()
    assert again.best_score == training.best_score
    assert (weights(again.network) == 0.125).all()


@pytest.mark.parametrize(
    ("change", "seed", "words"),
    [
        ({"epochs": 5}, 1, "was begun with epochs 4, not with epochs 5"),
        ({}, 2, "was begun with seed 1, not with seed 2"),
        ({"optimiser": "adam"}, 1, "begun with optimiser sgd, not with optimiser adam"),
    ],
)
def test_another_training_is_not_resumed(
    small: Network, bars: Dataset, tmp_path: Path, change: dict[str, object], seed: int, words: str
) -> None:
    path = tmp_path / "state.npz"
    training = trained(small, bars)
    checkpoint.save(path, training, bars)
    other = Training(small, bars, replace(PLAN, **change), seed=seed)
    with pytest.raises(ValueError, match=words):
        checkpoint.restore(other, *checkpoint.read(path), bars)


def test_a_loss_that_is_no_number_stops_the_training_and_good_weights_stay(small: Network, bars: Dataset) -> None:
    training = Training(small, bars, replace(PLAN, rate=Rate(1e12, "constant")), seed=1)
    with pytest.raises(Diverged, match=r"at step \d+ \(epoch 1\): the loss is (nan|inf)"):
        training.run()
    assert np.isfinite(weights(small)).all()
    assert training.best_score is not None
    assert evaluate(small, training.validation) == training.best_score


@pytest.mark.filterwarnings("error")
def test_weights_that_burst_in_the_last_step_of_an_epoch_are_noticed(small: Network, bars: Dataset) -> None:
    everything = replace(PLAN, rate=Rate(1e38, "constant"), batch=len(bars), epochs=2)
    training = Training(small, bars, everything, seed=1)
    assert training.steps == 1
    saved = []
    with pytest.raises(Diverged, match=r"at step 1 \(epoch 1\): "):
        training.run(epoch_done=saved.append)
    assert saved == []
    assert np.isfinite(weights(small)).all()


def test_interrupting_keeps_the_better_of_best_and_current(small: Network, bars: Dataset) -> None:
    training = Training(small, bars, replace(PLAN, epochs=50), seed=1)
    steps = []

    def cancelled() -> bool:
        steps.append(1)
        return len(steps) > 12

    with pytest.raises(Cancelled):
        training.run(cancelled=cancelled)
    assert training.best_score is not None
    assert evaluate(small, training.validation) == training.best_score


def test_too_few_pictures(small: Network, bars: Dataset) -> None:
    with pytest.raises(ValueError, match="too few"):
        Training(small, bars.take(0, 1), PLAN)
    few = Training(small, bars.take(0, 5), PLAN)
    assert (few.batch, few.steps, len(few.validation)) == (4, 1, 1)
    few.run()


def test_rates() -> None:
    cycle = Rate(0.5)
    assert cycle.at(0) == pytest.approx(0.02)
    assert cycle.at(0.3) == pytest.approx(0.5)
    assert cycle.at(0.65) == pytest.approx(0.25, rel=1e-4)
    assert cycle.at(1) == pytest.approx(2e-6)
    assert [Rate(0.9, "step").at(done) for done in (0, 0.34, 0.9, 1)] == pytest.approx([0.9, 0.09, 0.009, 0.009])
    assert Rate(0.7, "constant").at(0.99) == 0.7


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_optimisers_agree_with_pytorch(kind: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle where it is installed")
    random = np.random.default_rng(0)
    start = random.standard_normal((3, 4)).astype(np.float32)
    layer = Node(Dense(3), {"weights": start.copy(), "bias": np.zeros(3, np.float32)}, random)
    mine = SGD([layer], [0.01], 0.8) if kind == "sgd" else Adam([layer], [0.01])
    twin = torch.nn.Parameter(torch.from_numpy(start.copy()))
    theirs = (
        torch.optim.SGD([twin], 0.1, momentum=0.8, weight_decay=0.01)
        if kind == "sgd"
        else torch.optim.Adam([twin], 0.1, weight_decay=0.01)
    )
    for _ in range(5):
        gradient = random.standard_normal((3, 4)).astype(np.float32)
        layer.gradients["weights"] = gradient.copy()
        mine.step(0.1)
        twin.grad = torch.from_numpy(gradient.copy())
        theirs.step()
    np.testing.assert_allclose(layer.arrays["weights"], twin.detach().numpy(), rtol=1e-4, atol=1e-6)


def test_decay_is_per_layer_and_spares_biases(small: Network) -> None:
    optimiser = SGD(small.layers, [0.5, 0.25], 0.0)
    small.layers[0].arrays["bias"][:] = 1
    before = [array.copy() for array in small.parameters()]
    optimiser.step(0.1)
    for array, kept, factor in zip(small.parameters(), before, (0.95, 1, 0.975, 1), strict=True):
        np.testing.assert_allclose(array, kept * np.float32(factor), rtol=1e-5)
    with pytest.raises(ValueError, match="for 3 layers, but 2 layers have weights"):
        SGD(small.layers, [0.1, 0.1, 0.1])
