"""The curves of runs as a table for other programs."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from typing import Any

from numpy.typing import NDArray

from kernels.cnn.training.curves import Curves
from kernels.files import write_bytes
from kernels.pictures.writing import check_target

CURVES_SUFFIXES = (".csv",)
COLUMNS = ("run", "step", "training loss", "training accuracy", "validation loss", "validation accuracy")


def write_curves(path: str | os.PathLike[str], runs: Mapping[str, Curves]) -> None:
    """Write the curves of runs as a CSV file, whole or not at all.

    A row for each step of a run at which anything was measured, with the columns `COLUMNS`; what was not measured
    there is empty. Accuracies are shares from 0 to 1. Numbers are the shortest that read back as the same ones.

    Parameters
    ----------
    path : path
        ``.csv``.
    runs : mapping
        The curves by the name of their run, written one run after the other.

    Raises
    ------
    PictureError
        The suffix is another one.
    OSError
        The file cannot be written; one plain sentence.
    """
    check_target(path, CURVES_SUFFIXES)
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for name, curves in runs.items():
        table.writerows([name, *row] for row in _rows(curves))
    write_bytes(path, text.getvalue().encode())


def _rows(curves: Curves) -> Iterator[tuple[object, ...]]:
    """Yield steps in order, each with its four figures."""
    training = _by_step(curves.steps, curves.losses, curves.accuracies)
    validation = _by_step(curves.check_steps, curves.check_losses, curves.check_accuracies)
    nothing = ["", ""]
    for step in sorted(training.keys() | validation.keys()):
        yield step, *training.get(step, nothing), *validation.get(step, nothing)


def _by_step(*columns: NDArray[Any]) -> dict[int, list[Any]]:
    return {step: figures for step, *figures in zip(*(column.tolist() for column in columns), strict=True)}
