"""How training runs are written."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication

from viewer.pages.network.train.shown import Checkpoint


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainWords", text)


def checkpoint_title(checkpoint: Checkpoint) -> str:
    """The network of a checkpoint."""
    return _tr("Run {name}, step {n}").format(name=checkpoint.shown.run.name, n=f"{checkpoint.step:,}")
