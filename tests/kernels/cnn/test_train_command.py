"""``kernelscope train``, in the same process, on a data folder of a few pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from kernels import cnn
from kernels.cnn.models import MODELS
from kernels.cnn.training.networks import collection_for
from kernels.cnn.training.plan import NamedNetwork, Rate, Stop, TrainingPlan, encoded, repeating
from kernels.cnn.training.recording import RecordedTraining
from kernels.cnn.training.runs import begin_run, hold
from kernels.cnn.training.trainer import StepFigures, Trainer
from kernels.cnn.weights import load_with_header
from kernels.commands import cli
from kernels.opencv import cv2
from tests.kernels.cnn.conftest import assert_refused

SHORT = replace(MODELS["lenet5"].plan, rate=Rate(0.01, "one-cycle"), batch=16, stop=Stop(epochs=2))


@pytest.fixture(autouse=True)
def short_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "lenet5", msgspec.structs.replace(MODELS["lenet5"], plan=SHORT))


def train(digits: Path, target: Path, *more: str) -> int:
    return cli.main(["train", "lenet5", "--data", str(digits), "-o", str(target), *more])


def test_trains_and_says_how_well(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "mine.npz"
    assert train(digits, target, "--seed", "7") == 0
    header, network = load_with_header(target)
    assert (header.data, header.figures.seed, header.figures.epochs) == ("MNIST", 7, 2)
    assert header.figures.test_pictures == 70
    assert header.figures.accuracy is not None
    assert network.predict(np.zeros((1, 28, 28), np.uint8)).shape == (1, 10)
    printed = capsys.readouterr().out
    assert "61,706" in printed
    assert "epoch 2/2  step 4/4  loss" in printed
    assert "pictures/s" in printed
    assert f"{100 * header.figures.accuracy:.2f} % of 70 test pictures right" in printed
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mine.npz"]


def break_off(monkeypatch: pytest.MonkeyPatch, epochs: int, digits: Path, target: Path, *more: str) -> None:
    """Train, and press Ctrl-C in the step after so many epochs and one step."""
    whole = Trainer.advance

    def advance(self: Trainer) -> StepFigures:
        if self.step == epochs * self.epoch_steps + 1:
            # In the middle of a step.
            self.network.layers[0].arrays["weights"] += 1
            raise KeyboardInterrupt
        return whole(self)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", advance)
        assert train(digits, target, *more) == 130


def test_ctrl_c_keeps_weights_and_resuming_gives_those_of_an_unbroken_training(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, broken = tmp_path / "whole.npz", tmp_path / "broken.npz"
    assert train(digits, whole, "--epochs", "3", "--seed", "5") == 0
    break_off(monkeypatch, 1, digits, broken, "--epochs", "3", "--seed", "5")
    message = capsys.readouterr().err
    assert "interrupted in epoch 2. The best weights so far are in" in message
    assert cnn.load(broken).name == "LeNet-5"
    assert (tmp_path / "broken.training" / "run.json").is_file()
    assert train(digits, broken, "--resume") == 0
    for first, second in zip(cnn.load(whole).parameters(), cnn.load(broken).parameters(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert not (tmp_path / "broken.training").exists()
    assert whole.read_bytes() == broken.read_bytes()


def test_ctrl_c_in_the_first_epoch_keeps_weights_too(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_off(monkeypatch, 0, digits, tmp_path / "early.npz")
    assert cnn.load(tmp_path / "early.npz").name == "LeNet-5"


def test_a_training_that_diverges_says_where_and_keeps_good_weights(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(digits, tmp_path / "wild.npz", "--rate", "1e9") == 2
    message = capsys.readouterr().err
    assert "training went wrong at step" in message
    assert message.count("\n") == 1
    assert all(np.isfinite(array).all() for array in cnn.load(tmp_path / "wild.npz").parameters())


def test_a_full_disk_keeps_the_old_weights(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "kept.npz"
    assert train(digits, target) == 0
    before = target.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert train(digits, target, "--seed", "9", "--force") == 2
    assert "There is no room left for" in capsys.readouterr().err
    assert target.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["lenet"], "Did you mean 'lenet5'"),
        (["lenet5", "--epochs", "0"], "--epochs is '0'"),
        (["lenet5", "--epochs", "two"], "--epochs is 'two'"),
        (["lenet5", "--seed", "-1"], "--seed is '-1'"),
        (["lenet5", "--resume"], "there is no training to resume"),
        (["lenet5", "--data", "nowhere"], "there is no folder nowhere"),
        (["lenet5", "--data", ""], "--data is empty"),
        (["lenet5", "-o", "weights.txt"], "ends in .npz"),
        (["lenet5", "-o", "nowhere/weights.npz"], "there is no folder nowhere"),
        (["lenet5", "--rate", "0"], "--rate is '0'"),
        (["lenet5", "--rate", "-1"], "--rate is '-1'"),
        (["lenet5", "--rate", "fast"], "--rate"),
        (["lenet5", "--batch", "0"], "--batch is '0'"),
        (["lenet5", "--optimiser", "adamw"], "valid are gradient-descent, sgd, momentum, adam"),
        (["lenet5", "--resume", "--force"], "give one of them"),
        (["lenet5", "--plan", "nowhere.json"], "There is no file nowhere.json"),
    ],
)
def test_wrong_usage(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: list[str], words: str
) -> None:
    name, *more = change
    target = tmp_path / "x.npz"
    assert_refused(capsys, words, "train", name, "--data", digits, "-o", target, *more)
    assert not target.exists()


def test_resuming_another_networks_training_is_refused(
    digits: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    write_sheets: Callable[..., dict[str, np.ndarray]],
) -> None:
    target = tmp_path / "mine.npz"
    break_off(monkeypatch, 1, digits, target)
    sheets = tmp_path / "sheets"
    write_sheets(sheets)
    capsys.readouterr()
    assert cli.main(["train", "colournet", "--data", str(sheets), "-o", str(target), "--resume"]) == 2
    message = capsys.readouterr().err
    assert "cannot be resumed: it was begun with network.name lenet5" in message
    assert "not with network.name colournet" in message
    assert cli.main(["train", "--data", str(sheets), "-o", str(target), "--resume"]) == 2
    assert "was begun with other pictures of MNIST" in capsys.readouterr().err


def test_rate_optimiser_and_batch_are_taken(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(digits, tmp_path / "a.npz", "--rate", "0.002", "--batch", "8", "--epochs", "1") == 0
    assert "1 epoch in batches of 8, momentum at 0.002 (one-cycle), seed 0" in capsys.readouterr().out
    assert train(digits, tmp_path / "b.npz", "--optimiser", "adam", "--epochs", "1") == 0
    assert "adam at 0.001 (one-cycle)" in capsys.readouterr().out
    plan = tmp_path / "plan.json"
    plan.write_text(
        '{"stop": {"epochs": 1}, "batch": 4, "rate": {"peak": 0.003, "schedule": "step"}, "augmentation": {"shift": 1}}'
    )
    assert train(digits, tmp_path / "c.npz", "--plan", str(plan), "--batch", "32") == 0
    printed = capsys.readouterr().out
    assert "1 epoch in batches of 32, momentum at 0.003 (step)" in printed
    assert "trained in" in printed


def test_a_plan_file_repeats_a_run_on_the_bundled_digits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = TrainingPlan(NamedNetwork("logistic"), rate=Rate(0.02), seed=6, stop=Stop(steps=60))
    path = tmp_path / "plan.json"
    path.write_bytes(encoded(plan))
    for target in ("a.npz", "b.npz"):
        assert cli.main(["train", "--plan", str(path), "-o", str(tmp_path / target)]) == 0
    printed = capsys.readouterr().out
    assert "Logistic regression on 1,600 pictures of MNIST 1,600: 60 steps in batches of 32, sgd at 0.02" in printed
    assert "step 50/60  loss" in printed
    assert "of 400 test pictures right" in printed
    header, network = load_with_header(tmp_path / "a.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    trainer = Trainer(plan, collection_for(plan))
    best, best_step, weights = (-1.0, 0.0), -1, network.arrays()
    for step in range(61):
        if step % 50 == 0 or step == 60:
            score = trainer.check()
            if (score.accuracy, -score.loss) > best:
                best, best_step = (score.accuracy, -score.loss), step
                weights = {name: array.copy() for name, array in trainer.network.arrays().items()}
        trainer.advance()
    assert best_step > 0
    assert header.figures.validation_accuracy == best[0]
    assert (header.figures.accuracy, header.figures.test_pictures, header.figures.seed) == (best[0], 400, 6)
    for name, array in network.arrays().items():
        np.testing.assert_array_equal(array, weights[name])


@pytest.mark.parametrize("rate", [Rate(0.05, "one-cycle"), Rate(0.05, "step", 45)])
def test_the_plan_of_a_run_without_a_stop_rule_repeats_what_it_has_done(tmp_path: Path, rate: Rate) -> None:
    plan = TrainingPlan(NamedNetwork("logistic"), rate=rate, seed=9, dropout=0.2, check_every=20)
    run = begin_run(tmp_path / "run", plan, "A")
    training = RecordedTraining(run, collection_for(plan), lambda _report: None)
    for _ in range(60):
        training.advance()
    path = tmp_path / "plan.json"
    path.write_bytes(encoded(repeating(plan, training.step)))
    assert cli.main(["train", "--plan", str(path), "-o", str(tmp_path / "again.safetensors")]) == 0
    for name, array in run.network(training.best)[1].arrays().items():
        np.testing.assert_array_equal(cnn.load(tmp_path / "again.safetensors").arrays()[name], array)


def test_a_plan_with_a_stop_rule_is_repeated_as_it_is() -> None:
    plan = TrainingPlan(rate=Rate(0.1, "one-cycle"), stop=Stop(no_gain=30))
    assert repeating(plan, 500) is plan


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is not a training plan"),
        ("[1]", "is not a training plan.*an object"),
        ('{"stop": {"epochs": 0}}', "is not a training plan.*epochs"),
        ('{"stop": {"epochs": "many"}}', "is not a training plan.*epochs"),
        ('{"optimizer": "adam"}', "is not a training plan.*optimizer"),
        ('{"rate": {"peak": -1}}', "is not a training plan.*rate"),
        ('{"momentum": 1e400}', "is not a training plan"),
        ("[" * 100_000, "is not a training plan"),
        ('{"threads": "all", "data": ""}', "is not a training plan.*threads"),
        ('{"network": {"type": "named", "name": "vgg"}, "data": ""}', "vgg"),
        ("{}", "NETWORK is missing"),
        ('{"data": ""}', "NETWORK is missing"),
        ('{"network": {"type": "named", "name": "mlp"}}', "--data is missing"),
        ('{"data": "", "network": {"type": "named"}, "stop": {}}', "has no stop rule; give --epochs"),
        ('{"network": {"type": "row", "stages": [{"median": {"size": 3}}]}, "data": "", "stop": {"steps": 1}}', "med"),
    ],
)
def test_what_a_plan_file_must_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, reason: str
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    assert_refused(capsys, reason, "train", "--plan", path, "-o", tmp_path / "x.npz")
    assert [each.name for each in tmp_path.iterdir()] == ["plan.json"]


def test_weights_that_are_there_need_force_and_stay_until_an_epoch_is_done(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "mine.npz"
    assert train(digits, target) == 0
    before = target.read_bytes()
    assert train(digits, target) == 2
    assert "--force replaces it once there are better weights" in capsys.readouterr().err
    break_off(monkeypatch, 0, digits, target, "--force", "--seed", "9")
    assert "is as it was" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert train(digits, target, "--force", "--seed", "9") == 0
    assert target.read_bytes() != before


def test_a_fresh_training_leaves_no_state_of_an_older_one(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "mine.npz"
    break_off(monkeypatch, 1, digits, target, "--seed", "1")
    target.unlink()
    assert train(digits, target) == 2
    assert "--resume goes on with it, --force begins anew" in capsys.readouterr().err
    break_off(monkeypatch, 0, digits, target, "--seed", "2", "--force")
    assert train(digits, target, "--resume", "--seed", "1") == 2
    assert "it was begun with seed 2, not with seed 1" in capsys.readouterr().err
    assert train(digits, target, "--resume") == 0
    assert load_with_header(target)[0].figures.seed == 2


def test_the_old_state_stays_where_nothing_was_begun(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine.npz"
    break_off(monkeypatch, 1, digits, target)
    assert cli.main(["train", "lenet5", "--data", "nowhere", "-o", str(target), "--force"]) == 2
    assert train(digits, target, "--resume") == 0


def test_a_training_that_goes_on_is_left_alone(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "mine.npz"
    break_off(monkeypatch, 1, digits, target)
    with hold(tmp_path / "mine.training"):
        for option in ("--force", "--resume"):
            assert train(digits, target, option) == 2
            assert "trained by another process" in capsys.readouterr().err
    assert train(digits, target, "--resume") == 0


@pytest.mark.parametrize("content", [None, '{"format": "kernelscope-run", "version": 2}'])
def test_force_begins_anew_whatever_is_left_of_an_older_training(
    digits: Path, tmp_path: Path, content: str | None
) -> None:
    folder = tmp_path / "mine.training"
    (folder / "checkpoints").mkdir(parents=True)
    if content is not None:
        (folder / "run.json").write_text(content)
    assert train(digits, tmp_path / "mine.npz") == 2
    assert train(digits, tmp_path / "mine.npz", "--force") == 0
    assert not folder.exists()


@pytest.mark.parametrize(
    ("label", "words"), [(99, "holds a label 99; labels go from 0 to 61"), (40, "have 41 classes, but those of MNIST")]
)
def test_labels_beyond_the_classes_are_called_labels(
    digits: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    idx_bytes: Callable[[np.ndarray], bytes],
    label: int,
    words: str,
) -> None:
    labels = np.zeros(70, np.uint8)
    labels[5] = label
    (digits / "train-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    assert_refused(capsys, words, "train", "lenet5", "--data", digits, "-o", tmp_path / "x.npz")


def test_the_test_set_is_checked_before_the_first_epoch(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], idx_bytes: Callable[[np.ndarray], bytes]
) -> None:
    (digits / "t10k-images-idx3-ubyte").write_bytes(idx_bytes(np.zeros((70, 20, 28), np.uint8)))
    assert train(digits, tmp_path / "x.npz") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "those of MNIST to check with are 28 × 20 pixels in grey" in err
    (digits / "t10k-images-idx3-ubyte").write_bytes(idx_bytes(np.zeros((70, 28, 28), np.uint8)))
    (digits / "t10k-labels-idx1-ubyte").write_bytes(idx_bytes(np.full(70, 12, np.uint8)))
    assert train(digits, tmp_path / "x.npz") == 2
    assert "both must be of one data set" in capsys.readouterr().err
    assert not (tmp_path / "x.npz").exists()


def test_pictures_that_are_left_out_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "abcdefgh":
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(5 * (name in "ab")):
            cv2.imwrite(str(tmp_path / "own" / name / f"{number}.png"), np.full((9, 9), 20 * number, np.uint8))
    assert train(tmp_path / "own", tmp_path / "x.npz", "--epochs", "1") == 0
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("kernelscope train: c is left out. c holds too few pictures that can be read, 0: a class")
    assert told[5:] == ["kernelscope train: 6 are left out in all."]
