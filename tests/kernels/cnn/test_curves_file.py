"""Curves as a table."""

import csv

import numpy as np
import pytest

from kernels.cnn.training.curves import Curves
from kernels.cnn.training.curves_file import COLUMNS, write_curves
from kernels.pictures.picture import PictureError


def test_every_figure_reads_back_as_it_was(tmp_path):
    values = np.random.default_rng(1).random(5)
    a = Curves(5, np.arange(5), values, values / 3, np.array([2, 5]), np.array([0.1, 1 / 3]), np.array([0.5, 1.0]))
    b = Curves(2, np.array([2]), np.array([1e-9]), np.array([0.25]))
    write_curves(tmp_path / "curves.csv", {"A": a, "a name, with a comma": b, "none": Curves()})
    with open(tmp_path / "curves.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    mine = [row for row in rows if row["run"] == "A"]
    assert [int(row["step"]) for row in mine] == [0, 1, 2, 3, 4, 5]
    assert [float(row["training loss"]) for row in mine[:5]] == values.tolist()
    assert [row["validation loss"] for row in mine] == ["", "", "0.1", "", "", repr(1 / 3)]
    assert mine[5]["training loss"] == mine[5]["training accuracy"] == ""
    assert mine[2]["validation accuracy"] == "0.5"
    assert rows[-1] == {**dict.fromkeys(COLUMNS, ""), "run": "a name, with a comma", "step": "2",
                        "training loss": "1e-09", "training accuracy": "0.25"}  # fmt: skip


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(PictureError, match="csv"):
        write_curves(tmp_path / "curves.txt", {})
