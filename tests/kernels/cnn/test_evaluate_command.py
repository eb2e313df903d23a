"""``kernelscope evaluate``: how well a network does on a test set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kernels.commands import cli
from tests.kernels.cnn.conftest import assert_refused


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
    assert_refused(capsys, "Did you mean 'lenet5'", "evaluate", "lenet", "--data", digits)
    assert_refused(capsys, "images must have the shape", "evaluate", "colournet", "--data", digits)
    assert_refused(capsys, "there is no folder nowhere", "evaluate", "lenet5", "--data", "nowhere")
    assert_refused(capsys, "--data is empty", "evaluate", "lenet5", "--data", "")
