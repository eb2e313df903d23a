"""How training runs are written."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication

from kernels.cnn.training.plan import LayersRow, NamedNetwork, NetworkChoice, TrainingPlan
from viewer.pages.network.train.shown import Checkpoint, ShownRun
from viewer.widgets import format_number


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


def network_name(network: NetworkChoice) -> str:
    """A network that is trained, in short."""
    if isinstance(network, NamedNetwork):
        return {"lenet5": "LeNet-5", "mlp": _tr("dense"), "colournet": "ColourNet", "logistic": _tr("logistic")}[
            network.name
        ]
    if isinstance(network, LayersRow):
        return _tr("row")
    return (_tr("residual {n}") if network.residual else _tr("plain {n}")).format(n=network.depth)


def set_apart(plan: TrainingPlan, base: TrainingPlan | None) -> str:
    """What sets a training apart from the one that it came from, or that was begun before it; else its rate."""
    rate = f"η {format_number(plan.rate.peak, 3)}"
    told = {
        "network": network_name(plan.network),
        "data": plan.data.rstrip("/\\").rpartition("/")[2],
        "batch_normalisation": _tr("normalised") if plan.batch_normalisation else "",
        "activation": plan.activation or "",
        "optimiser": plan.optimiser,
        "rate": rate,
        "batch": _tr("batch {n}").format(n=plan.batch),
        "dropout": _tr("dropout {n}").format(n=format_number(plan.dropout, 2)),
        "seed": _tr("seed {n}").format(n=plan.seed),
    }
    differing = [] if base is None else [field for field in told if getattr(plan, field) != getattr(base, field)]
    return next((told[field] for field in differing if told[field]), rate)
