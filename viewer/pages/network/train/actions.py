"""What can be done where networks learn, as named functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from viewer.intents import Intent
from viewer.moment import Moment
from viewer.pages.network.train.shown import shown_checkpoint, shown_run, unbranchable

if TYPE_CHECKING:
    from viewer.pages.network.train.side import TrainSide


PLAY, STEP, REWIND, BRANCH, SEED = "F7", "F8", "Shift+F7", "F9", "Shift+F8"
"""Keys, which the tool tips of their buttons name."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainSide", text)


def train_intents(side: Callable[[], TrainSide]) -> list[Intent]:
    """The intents of the Train side, which is asked for only when one of them is called."""
    group = _tr("Train")

    def is_here(moment: Moment) -> bool:
        return moment.state.session.workspace == "network" and moment.state.session.network.side == "train"

    def has_run(moment: Moment) -> bool:
        return is_here(moment) and shown_run(moment) is not None

    def has_checkpoint(moment: Moment) -> bool:
        return is_here(moment) and shown_checkpoint(moment) is not None

    def can_branch(moment: Moment) -> bool:
        return is_here(moment) and not unbranchable(moment)

    def stands(moment: Moment) -> bool:
        run = shown_run(moment)
        return is_here(moment) and (run is None or not run.is_playing)

    def export(what: str) -> None:
        side().exports.save(what)

    return [
        Intent("playTraining", _tr("Train on, or pause"), (PLAY,), group,
               lambda: side().runs.switch_playing(), is_here, keywords=_tr("play start stop run learn")),
        Intent("oneTrainingStep", _tr("Train for one step"), (STEP,), group, lambda: side().runs.one_step(),
               stands, keywords=_tr("minibatch next")),
        Intent("rewindTraining", _tr("Rewind the run to its beginning"), (REWIND,), group,
               lambda: side().runs.rewind(), has_checkpoint, keywords=_tr("back zero start")),
        Intent("branchTraining", _tr("Branch from the checkpoint that is shown"), (BRANCH,), group,
               lambda: side().middle.branch(), can_branch, keywords=_tr("fork compare rate")),
        Intent("newTrainingSeed", _tr("Take another seed for the next run"), (SEED,), group,
               lambda: side().set_up.new_seed(), is_here, keywords=_tr("random chance")),
        *(
            Intent(f"save{name}", text, (f"Ctrl+Alt+{number}",), group, partial(export, what), has_checkpoint,
                   keywords=_tr("export"))
            for number, (name, text, what) in enumerate((
                ("CurvesTable", _tr("Save the curves as a table…"), "curves-csv"),
                ("CurvesPicture", _tr("Save the curves as a picture…"), "curves-picture"),
                ("FilmPicture", _tr("Save the film strip as a picture…"), "film-picture"),
                ("FilmAnimation", _tr("Save the film strip as an animation…"), "film-gif"),
                ("TrainedWeights", _tr("Save the weights at the step that is shown…"), "weights"),
                ("PyTorchSource", _tr("Save the network at the step that is shown as PyTorch source…"), "pytorch"),
                ("TrainingPlan", _tr("Save the training plan, which repeats the run…"), "plan"),
            ), start=1)
        ),
        Intent("removeTrainingRun", _tr("Remove the run that is shown…"), ("Shift+F9",), group,
               lambda: side().middle.remove_shown(), has_run, keywords=_tr("delete")),
    ]  # fmt: skip
