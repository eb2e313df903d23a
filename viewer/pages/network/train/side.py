"""Train: the side of the Network workspace where networks learn."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, QStandardPaths
from PyQt6.QtWidgets import QStackedWidget

from viewer.dialogs import Dialogs
from viewer.moment import Moment
from viewer.pages.network.train.actions import BRANCH, PLAY, REWIND, SEED, STEP
from viewer.pages.network.train.export_control import ExportControl
from viewer.pages.network.train.middle_control import MiddleControl
from viewer.pages.network.train.queries import JUDGED
from viewer.pages.network.train.runs import TrainingRuns
from viewer.pages.network.train.set_up_control import SetUpControl
from viewer.pages.network.train.shown import shown_checkpoint
from viewer.pages.network.train.transport_control import TransportControl
from viewer.pages.network.train.views.middle import TrainMiddle
from viewer.pages.network.train.views.set_up import SetUpColumn
from viewer.pages.network.train.views.step_apart import StepApartView
from viewer.pages.network.train.views.watch_column import WatchColumn
from viewer.pages.network.train.watch_control import WatchControl
from viewer.pages.network.views.workspace import NetworkWorkspace
from viewer.river import River
from viewer.saving import Saving
from viewer.settings import Settings
from viewer.sources import Messages, Sources
from viewer.widgets import format_number


class TrainSide(QObject):
    """Makes the views and joins their controls; what runs there are is read from disk."""

    def __init__(
        self,
        view: NetworkWorkspace,
        river: River,
        sources: Sources,
        saving: Saving,
        messages: Messages,
        settings: Settings,
        dialogs: Dialogs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        column, middle, watch = SetUpColumn(), TrainMiddle(), WatchColumn()
        self._middle = QStackedWidget()
        self._step = StepApartView()
        for each in (middle, self._step):
            self._middle.addWidget(each)
        view.add_side("train", column, self._middle, watch)
        self.runs = TrainingRuns(river, runs_folder(), messages, self)
        self.set_up = SetUpControl(column, self.runs, river, settings, dialogs, self)
        self.transport = TransportControl(column.transport, self.runs, self)
        self.middle = MiddleControl(middle, self.runs, river, dialogs, self)
        self.watch = WatchControl(watch, self._step, river, sources, self)
        self.exports = ExportControl(middle, river, saving, self)
        for button, keys in ((column.transport.play, PLAY), (column.transport.step, STEP),
                             (column.transport.rewind, REWIND), (middle.panel.branch, BRANCH),
                             (column.again, SEED)):  # fmt: skip
            button.set_shortcut_text(keys)
        self.runs.read()

    def show_progress(self, purpose: str, fraction: float) -> None:
        """The status row says it."""

    def paint(self, old: Moment, new: Moment) -> None:
        """Show how the runs have gone on, or the step that is taken apart."""
        self._middle.setCurrentIndex(int(new.state.session.train.apart))
        self.middle.paint(old, new)

    def render(self, old: Moment, new: Moment) -> None:
        """Show what else has changed."""
        for control in (self.set_up, self.transport, self.watch):
            control.render(old, new)

    def facts(self, moment: Moment) -> str:
        """Which checkpoint is shown, and how well it does on the pictures that check it."""
        checkpoint, judged = shown_checkpoint(moment), moment.value(JUDGED)
        if checkpoint is None:
            return ""
        said = [self.tr("checkpoint {n}").format(n=f"{checkpoint.step:,}")]
        if judged is not None and judged.checkpoint.name == checkpoint.name:
            score = judged.score
            said.append(self.tr("validation {percent} %, loss {loss}").format(
                percent=f"{100 * score.accuracy:.1f}", loss=format_number(score.loss, 3)))  # fmt: skip
        return "    ".join(said)

    def end(self) -> None:
        """End what trains."""
        self.runs.end()


def runs_folder() -> Path:
    """Where runs are kept; the folder need not exist."""
    location = QStandardPaths.StandardLocation.GenericDataLocation
    return Path(QStandardPaths.writableLocation(location)) / "Kernelscope" / "runs"
