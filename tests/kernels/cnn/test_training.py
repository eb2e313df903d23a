"""Training: that it learns, repeats itself byte by byte however it is reached, and says where it went wrong."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from kernels.cnn.datasets import Dataset
from kernels.cnn.evaluation import evaluate
from kernels.cnn.training import trainer as trainer_module
from kernels.cnn.training.checkpoint import State
from kernels.cnn.training.collections import Collection
from kernels.cnn.training.plan import Augmentation, NamedNetwork, Rate, Stack, TrainingPlan
from kernels.cnn.training.trainer import Diverged, Trainer

DENSE = TrainingPlan(NamedNetwork("mlp"), optimiser="momentum", rate=Rate(0.02), batch=16, seed=1)
RICH = replace(
    DENSE,
    network=Stack(2, residual=True, width=4),
    dropout=0.3,
    batch_normalisation=True,
    augmentation=Augmentation(shift=2, rotation=10.0, noise=5.0),
    decay=1e-3,
    rate=Rate(0.02, "one-cycle", 40),
)


def trained(plan: TrainingPlan, data: Collection, steps: int) -> Trainer:
    return advanced(Trainer(plan, data), steps)


def advanced(trainer: Trainer, steps: int) -> Trainer:
    for _ in range(steps):
        trainer.advance()
    return trainer


def assert_same(mine: State, other: State) -> None:
    assert mine.header == other.header
    for kind in ("arrays", "memory"):
        first, second = getattr(mine, kind), getattr(other, kind)
        assert list(first) == list(second)
        for name in first:
            assert first[name].tobytes() == second[name].tobytes(), name


@pytest.mark.parametrize(
    ("optimiser", "rate"), [("gradient-descent", 0.1), ("sgd", 0.1), ("momentum", 0.02), ("adam", 1e-3)]
)
def test_every_optimiser_learns_digits(few_digits: Collection, optimiser: str, rate: float) -> None:
    plan = replace(DENSE, optimiser=optimiser, rate=Rate(rate))
    trainer = trained(plan, few_digits, 60)
    assert evaluate(trainer.network, few_digits.learn).accuracy > 0.95
    assert trainer.check().accuracy > 0.6


def test_a_seed_gives_the_same_weights_and_another_seed_others(few_digits: Collection) -> None:
    mine, twin = trained(RICH, few_digits, 4), trained(RICH, few_digits, 4)
    assert_same(mine.state(), twin.state())
    other = trained(replace(RICH, seed=2), few_digits, 4).state()
    assert not np.array_equal(mine.state().arrays["0.weights"], other.arrays["0.weights"])


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam", "gradient-descent"])
def test_interrupted_and_rewound_trainings_have_the_same_bytes(few_digits: Collection, optimiser: str) -> None:
    plan = replace(RICH, optimiser=optimiser, rate=Rate(1e-3))
    whole = Trainer(plan, few_digits)
    start = whole.state()
    advanced(whole, 5)
    middle = whole.state()
    advanced(whole, 6)
    end = whole.state()
    resumed = Trainer(plan, few_digits)
    resumed.restore(middle)
    assert resumed.step == 5
    advanced(resumed, 6)
    assert_same(resumed.state(), end)
    whole.restore(start)
    advanced(whole, 11)
    assert_same(whole.state(), end)


def test_a_state_is_a_copy_and_checking_changes_nothing(few_digits: Collection) -> None:
    trainer = trained(RICH, few_digits, 1)
    before = trainer.state()
    kept = {name: array.copy() for name, array in before.arrays.items()}
    score = trainer.check()
    assert trainer.state().header.network.figures.validation_accuracy == score.accuracy
    trainer.advance()
    for name, array in kept.items():
        np.testing.assert_array_equal(before.arrays[name], array)
    assert not np.array_equal(trainer.network.arrays()["0.weights"], kept["0.weights"])


def test_minibatches_go_through_all_pictures_in_an_order_keyed_by_seed_and_epoch(few_digits: Collection) -> None:
    trainer = Trainer(DENSE, few_digits)
    assert (trainer.batch, trainer.epoch_steps, trainer.parts) == (16, 6, 1)
    for epoch in (2, 0):
        seen = np.concatenate([trainer.minibatch(6 * epoch + step)[2] for step in range(6)])
        np.testing.assert_array_equal(seen, np.random.default_rng((1, epoch)).permutation(96))
    maps, labels, indices = trainer.minibatch(3)
    np.testing.assert_array_equal(labels, few_digits.learn.labels[indices])
    np.testing.assert_array_equal(maps, trainer.network.preprocessing.batch(few_digits.learn.images[indices]))


def test_a_minibatch_does_not_depend_on_what_was_done_before(few_digits: Collection) -> None:
    fresh, used = Trainer(RICH, few_digits), trained(RICH, few_digits, 3)
    for step in (7, 2, 9):
        np.testing.assert_array_equal(fresh.minibatch(step)[0], used.minibatch(step)[0])
    assert not np.array_equal(fresh.minibatch(2)[0], fresh.minibatch(8)[0])


def test_figures_are_those_of_the_minibatch_before_the_update(few_digits: Collection) -> None:
    trainer = trained(DENSE, few_digits, 2)
    images, labels = few_digits.learn.images, few_digits.learn.labels
    indices = trainer.minibatch(2)[2]
    chances = trainer.network.predict(images[indices])[np.arange(16), labels[indices]].astype(float)
    right = trainer.network.predict(images[indices]).argmax(axis=1) == labels[indices]
    figures = trainer.advance()
    assert figures.loss == pytest.approx(-np.log(chances).mean(), rel=1e-4)
    assert figures.accuracy == right.mean()
    assert figures.seconds > 0


def test_gradient_descent_looks_at_everything_in_parts_or_at_once(
    few_digits: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(DENSE, optimiser="gradient-descent", rate=Rate(0.05))
    once = trained(plan, few_digits, 3)
    monkeypatch.setattr(trainer_module, "LARGEST_PART", 20)
    parts = Trainer(plan, few_digits)
    assert (parts.batch, parts.epoch_steps, parts.parts) == (96, 1, 5)
    assert [len(parts.minibatch(0, part)[2]) for part in range(5)] == [20, 19, 19, 19, 19]
    losses = [parts.advance().loss for _ in range(3)]
    assert losses[0] > losses[1] > losses[2]
    for name, array in once.network.arrays().items():
        np.testing.assert_allclose(parts.network.arrays()[name], array, rtol=1e-3, atol=1e-5)


def test_a_batch_larger_than_the_set_is_the_whole_set(few_digits: Collection) -> None:
    trainer = Trainer(replace(DENSE, batch=1000), few_digits)
    assert (trainer.batch, trainer.epoch_steps) == (96, 1)
    trainer.advance()
    assert trainer.epoch == 1


@pytest.mark.filterwarnings("error")
def test_weights_that_burst_are_noticed_where_they_are_looked_at(few_digits: Collection) -> None:
    trainer = Trainer(replace(DENSE, rate=Rate(1e30)), few_digits)
    trainer.advance()
    with pytest.raises(Diverged, match=r"at step 1 \(epoch 1\): .* A lower learning rate"):
        trainer.check()
    with pytest.raises(Diverged, match=r"at step \d \(epoch 1\): the loss is (nan|inf)"):
        advanced(trainer, 5)


def test_after_a_failure_an_earlier_state_is_good_again(few_digits: Collection) -> None:
    trainer = Trainer(replace(DENSE, rate=Rate(1e30)), few_digits)
    start = trainer.state()
    with pytest.raises(Diverged):
        advanced(trainer, 9)
    trainer.restore(start)
    assert_same(trainer.state(), start)
    assert np.isfinite(trainer.advance().loss)


def test_a_branch_keeps_the_weights_and_what_its_optimiser_remembers(few_digits: Collection) -> None:
    state = trained(replace(RICH, optimiser="adam", rate=Rate(1e-3)), few_digits, 4).state()
    branch = Trainer(replace(RICH, optimiser="adam", rate=Rate(0.01), batch=8, activation="tanh"), few_digits)
    branch.restore(state)
    assert (branch.step, branch.optimiser.steps) == (4, 4)
    for name, array in state.memory.items():
        np.testing.assert_array_equal(branch.optimiser.memory[name], array)
    branch.advance()
    other = Trainer(replace(RICH, optimiser="momentum"), few_digits)
    other.advance()
    other.restore(state)
    assert (other.step, other.optimiser.steps) == (4, 0)
    assert not any(array.any() for array in other.optimiser.memory.values())


def test_a_branch_may_drop_out_more_but_keeps_the_layers_that_learn(few_digits: Collection) -> None:
    state = trained(replace(DENSE, dropout=0.5), few_digits, 2).state()
    branch = Trainer(DENSE, few_digits)
    branch.restore(state)
    for mine, kept in zip(branch.network.parameters(), (each for each in state.arrays.values()), strict=True):
        np.testing.assert_array_equal(mine, kept)
    with pytest.raises(ValueError, match="do not fit Residual stack of 2 as the training plan has it"):
        Trainer(RICH, few_digits).restore(state)


def test_pictures_that_do_not_fit_together_are_refused(few_digits: Collection) -> None:
    learn, check = few_digits.learn, few_digits.check
    smaller = Dataset(check.images[:, :20], check.labels, check.classes, "MNIST")
    with pytest.raises(ValueError, match="28 × 28 pixels in grey, but those of MNIST to check with are 28 × 20"):
        Trainer(DENSE, Collection(learn, check, smaller))
    more = Dataset(check.images, check.labels, (*check.classes, "ten"), "MNIST")
    with pytest.raises(ValueError, match="both must be of one data set"):
        Trainer(DENSE, Collection(learn, more))
