"""How training runs are written."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication

from viewer.pages.network.train.shown import Checkpoint, ShownRun


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainWords", text)


def checkpoint_title(checkpoint: Checkpoint) -> str:
    """The network of a checkpoint."""
    return f"{run_title(checkpoint)}, {step_title(checkpoint)}"


def run_title(checkpoint: Checkpoint) -> str:
    """The run that it belongs to."""
    return run_name(checkpoint.shown)


def run_name(shown: ShownRun) -> str:
    """A run."""
    return _tr("Run {name}").format(name=shown.run.name)


def step_title(checkpoint: Checkpoint) -> str:
    """After how many steps it was kept."""
    return _tr("step {n}").format(n=f"{checkpoint.step:,}")
