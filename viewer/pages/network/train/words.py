"""How training runs are written."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QCoreApplication

from viewer.pages.network.train.shown import Checkpoint


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainWords", text)


def checkpoint_title(checkpoint: Checkpoint) -> str:
    """The network of a checkpoint."""
    return f"{run_title(checkpoint)}, {step_title(checkpoint)}"


def run_title(checkpoint: Checkpoint) -> str:
    """The run that it belongs to."""
    return _tr("Run {name}").format(name=checkpoint.shown.run.name)


def step_title(checkpoint: Checkpoint) -> str:
    """After how many steps it was kept."""
    return _tr("step {n}").format(n=f"{checkpoint.step:,}")


def layer_titles(dimensions: Sequence[int]) -> tuple[str, ...]:
    """Layers with weights of so many dimensions each: four are a convolution's, two those of a dense one."""
    titles, counts = [], {2: 0, 4: 0}
    for each in dimensions:
        counts[each] = counts.get(each, 0) + 1
        title = _tr("conv {n}") if each == 4 else _tr("dense {n}")
        titles.append(title.format(n=counts[each]))
    return tuple(titles)
