"""``kernelscope train``, in the same process, on a data folder of a few pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.models import MODELS, Model, TrainingPlan
from kernels.cnn.optimisers import Rate
from kernels.cnn.epochs import Training
from kernels.cnn.weights import load_with_header
from kernels.commands import cli


@pytest.fixture
def digits(tmp_path: Path, write_idx: Callable[..., None]) -> Path:
    folder = tmp_path / "digits"
    write_idx(folder, (5, 0, 4, 1, 9, 2, 1, 3, 1, 4), count=70)
    return folder


@pytest.fixture(autouse=True)
def short_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = MODELS["lenet5"]
    monkeypatch.setitem(MODELS, "lenet5", Model(chosen.architecture, chosen.padding, TrainingPlan(2, 16, Rate(0.01))))


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


def interrupt_after(monkeypatch: pytest.MonkeyPatch, epochs: int) -> None:
    """Press Ctrl-C in the step after so many epochs."""
    whole = Training._step

    def step(self: Training, maps: np.ndarray, labels: np.ndarray, done: int) -> tuple[float, int]:
        if done == epochs * self.steps + 1:
            raise KeyboardInterrupt
        return whole(self, maps, labels, done)

    monkeypatch.setattr(Training, "_step", step)


def test_ctrl_c_keeps_weights_and_resuming_gives_those_of_an_unbroken_training(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, broken = tmp_path / "whole.npz", tmp_path / "broken.npz"
    assert train(digits, whole, "--epochs", "3", "--seed", "5") == 0
    with monkeypatch.context() as patch:
        interrupt_after(patch, 1)
        assert train(digits, broken, "--epochs", "3", "--seed", "5") == 130
    message = capsys.readouterr().err
    assert "interrupted in epoch 2. The best weights so far are in" in message
    assert cnn.load(broken).name == "LeNet-5"
    assert (tmp_path / "broken.training.npz").is_file()
    assert train(digits, broken, "--resume") == 0
    for first, second in zip(cnn.load(whole).parameters(), cnn.load(broken).parameters(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert not (tmp_path / "broken.training.npz").exists()


def test_ctrl_c_in_the_first_epoch_keeps_weights_too(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(monkeypatch, 0)
    assert train(digits, tmp_path / "early.npz") == 130
    assert cnn.load(tmp_path / "early.npz").name == "LeNet-5"


def test_a_training_that_diverges_says_where_and_keeps_good_weights(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = MODELS["lenet5"]
    wild = TrainingPlan(2, 16, Rate(1e9, "constant"))
    monkeypatch.setitem(MODELS, "lenet5", Model(chosen.architecture, chosen.padding, wild))
    assert train(digits, tmp_path / "wild.npz") == 2
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
    assert train(digits, target, "--seed", "9") == 2
    assert "kept.npz" in capsys.readouterr().err
    assert target.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["lenet"], "Did you mean 'lenet5'"),
        (
            ["colournet"],
            "ColourNet takes pictures of 32 × 32 pixels in colour, but those of MNIST are 28 × 28 pixels in grey",
        ),
        (["lenet5", "--epochs", "0"], "--epochs is '0'"),
        (["lenet5", "--epochs", "two"], "--epochs is 'two'"),
        (["lenet5", "--seed", "-1"], "--seed is '-1'"),
        (["lenet5", "--resume"], "there is no training to resume"),
        (["lenet5", "--data", "nowhere"], "there is no folder nowhere"),
        (["lenet5", "-o", "weights.txt"], "ends in .npz"),
        (["lenet5", "-o", "nowhere/weights.npz"], "there is no folder nowhere"),
    ],
)
def test_wrong_usage(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: list[str], words: str
) -> None:
    name, *more = change
    target = tmp_path / "x.npz"
    assert cli.main(["train", name, "--data", str(digits), "-o", str(target), *more]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1
    assert not target.exists()


def test_resuming_another_networks_training_is_refused(
    digits: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    write_sheets: Callable[..., dict[str, np.ndarray]],
) -> None:
    target = tmp_path / "mine.npz"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 1)
        assert train(digits, target) == 130
    sheets = tmp_path / "sheets"
    write_sheets(sheets)
    capsys.readouterr()
    assert cli.main(["train", "colournet", "--data", str(sheets), "-o", str(target), "--resume"]) == 2
    assert "cannot be resumed: it is a training of LeNet-5" in capsys.readouterr().err


def test_rate_optimiser_and_batch_are_taken(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(digits, tmp_path / "a.npz", "--rate", "0.002", "--batch", "8", "--epochs", "1") == 0
    assert "1 epoch in batches of 8, sgd at 0.002 (one-cycle), seed 0" in capsys.readouterr().out
    assert train(digits, tmp_path / "b.npz", "--optimiser", "adam", "--epochs", "1") == 0
    assert "adam at 0.001 (one-cycle)" in capsys.readouterr().out
    plan = tmp_path / "plan.json"
    plan.write_text('{"epochs": 1, "batch": 4, "rate": {"peak": 0.003, "schedule": "step"}, "shift": 1}')
    assert train(digits, tmp_path / "c.npz", "--plan", str(plan), "--batch", "32") == 0
    printed = capsys.readouterr().out
    assert "1 epoch in batches of 32, sgd at 0.003 (step)" in printed
    assert "trained in" in printed


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not a training plan"),
        ("[1]", "an object"),
        ('{"epochs": 0}', "epochs"),
        ('{"epochs": "many"}', "epochs"),
        ('{"optimizer": "adam"}', "optimizer"),
        ('{"rate": {"peak": -1}}', "rate"),
        ('{"momentum": 1e400}', "is not a training plan"),
        ("[" * 100_000, "is not a training plan"),
    ],
)
def test_a_plan_that_makes_no_sense(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, words: str
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(content)
    assert train(digits, tmp_path / "x.npz", "--plan", str(plan)) == 2
    message = capsys.readouterr().err
    assert "plan.json is not a training plan" in message
    assert words in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--rate", "0"], "--rate is '0'"),
        (["--rate", "-1"], "--rate is '-1'"),
        (["--rate", "fast"], "--rate"),
        (["--batch", "0"], "--batch is '0'"),
        (["--optimiser", "adamw"], "valid are sgd and adam"),
        (["--resume", "--force"], "give one of them"),
        (["--plan", "nowhere.json"], "There is no file nowhere.json"),
    ],
)
def test_options_that_make_no_sense(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert train(digits, tmp_path / "x.npz", *options) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1


def test_weights_that_are_there_need_force_and_stay_until_an_epoch_is_done(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "mine.npz"
    assert train(digits, target) == 0
    before = target.read_bytes()
    assert train(digits, target) == 2
    assert "--force replaces it" in capsys.readouterr().err
    with monkeypatch.context() as patch:
        interrupt_after(patch, 0)
        assert train(digits, target, "--force", "--seed", "9") == 130
    assert "is as it was" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert train(digits, target, "--force", "--seed", "9") == 0
    assert target.read_bytes() != before


def test_a_fresh_training_leaves_no_state_of_an_older_one(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target, state = tmp_path / "mine.npz", tmp_path / "mine.training.npz"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 1)
        assert train(digits, target, "--seed", "1") == 130
    assert state.is_file()
    target.unlink()
    assert train(digits, target) == 2
    assert "--resume goes on with it, --force begins anew" in capsys.readouterr().err
    with monkeypatch.context() as patch:
        interrupt_after(patch, 0)
        assert train(digits, target, "--seed", "2", "--force") == 130
    assert not state.exists()
    assert train(digits, target, "--resume") == 2
    assert "there is no training to resume" in capsys.readouterr().err


def test_the_old_state_stays_where_nothing_was_begun(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine.npz"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 1)
        assert train(digits, target) == 130
    assert cli.main(["train", "lenet5", "--data", "nowhere", "-o", str(target), "--force"]) == 2
    assert train(digits, target, "--resume") == 0


def rewritten(digits: Path, name: str, array: np.ndarray, idx_bytes: Callable[[np.ndarray], bytes]) -> None:
    (digits / name).write_bytes(idx_bytes(array))


@pytest.mark.parametrize(("label", "words"), [(99, "holds a label 99; labels go from 0 to 61"), (40, "go up to 40")])
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
    rewritten(digits, "train-labels-idx1-ubyte", labels, idx_bytes)
    assert train(digits, tmp_path / "x.npz") == 2
    message = capsys.readouterr().err
    assert words in message
    assert "label" in message


def test_the_test_set_is_checked_before_the_first_epoch(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], idx_bytes: Callable[[np.ndarray], bytes]
) -> None:
    rewritten(digits, "t10k-images-idx3-ubyte", np.zeros((70, 20, 28), np.uint8), idx_bytes)
    assert train(digits, tmp_path / "x.npz") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "the test pictures of MNIST are 28 × 20 pixels in grey" in err
    rewritten(digits, "t10k-images-idx3-ubyte", np.zeros((70, 28, 28), np.uint8), idx_bytes)
    rewritten(digits, "t10k-labels-idx1-ubyte", np.full(70, 12, np.uint8), idx_bytes)
    assert train(digits, tmp_path / "x.npz") == 2
    assert "both must be of one data set" in capsys.readouterr().err
    assert not (tmp_path / "x.npz").exists()


def test_evaluate_prints_accuracy_and_confusion(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", "lenet5", "--data", str(digits)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "LeNet-5 on 70 test pictures of MNIST"
    assert lines[3].split() == ["is", "/", "taken", "for", *"0123456789", "right"]
    rows = [[0 if cell == "." else int(cell) for cell in line.split()[1:11]] for line in lines[4:]]
    assert np.array(rows).shape == (10, 10)
    assert np.array(rows).sum() == 70
    right = int(np.trace(np.array(rows)))
    assert lines[1].startswith(f"{100 * right / 70:.2f} % right ({right} of 70), mean cross-entropy ")


def test_evaluate_says_what_does_not_fit(digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, reason in (
        (["evaluate", "lenet", "--data", str(digits)], "Did you mean 'lenet5'"),
        (["evaluate", "colournet", "--data", str(digits)], "images must have the shape"),
        (["evaluate", "lenet5", "--data", "nowhere"], "there is no folder nowhere"),
    ):
        assert cli.main(words) == 2
        message = capsys.readouterr().err
        assert reason in message
        assert message.count("\n") == 1
