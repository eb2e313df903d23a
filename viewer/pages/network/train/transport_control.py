"""What starts, pauses and takes back the training, and how fast it goes."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from kernels.cnn.training.plan import Stop
from viewer.moment import Moment
from viewer.pages.network.train.queries import is_refused
from viewer.pages.network.train.runs import TrainingRuns
from viewer.pages.network.train.shown import RUNS, ShownRun, asks_new_run, shown_run
from viewer.pages.network.train.views.transport import TrainTransport


class TransportControl(QObject):
    """Hands on what the buttons ask for, and shows what they will do next."""

    def __init__(self, view: TrainTransport, runs: TrainingRuns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        view.play_requested.connect(runs.switch_playing)
        view.rewind_requested.connect(runs.rewind)
        view.step_requested.connect(runs.one_step)
        view.pace_chosen.connect(runs.set_pace)

    def render(self, old: Moment, new: Moment) -> None:
        """Show what the buttons do next, and why a run does not go on."""
        run, found = shown_run(new), new.value(RUNS)
        plan = new.state.document.training
        if old is not new and not new.is_newer(old, RUNS) and old.state == new.state and old.failures == new.failures:
            return
        is_stuck = asks_new_run(plan, run) and is_refused(new)
        is_playing, is_beginning = run is not None and run.is_playing, found is None or found.is_beginning
        action = "pause" if is_playing else "new" if run is not None and asks_new_run(plan, run) else "play"
        self._view.show_action(
            action,
            can_play=not is_beginning and not is_stuck,
            can_rewind=run is not None and bool(run.checkpoints),
            can_step=not is_beginning and not is_playing and not is_stuck,
        )
        self._view.show_pace(new.state.session.train.pace)
        if run is not None and run.sentence:
            self._view.message.show_error(run.sentence)
        else:
            self._view.message.show_hint("" if run is None else self._why_stopped(run, plan.stop))

    def _why_stopped(self, run: ShownRun, stop: Stop) -> str:
        """What the training waits for that has come to its end, as long as the rule is the same."""
        reasons = {
            "steps": (stop.steps, self.tr("Run {name} has done its {n} steps.")),
            "epochs": (stop.epochs, self.tr("Run {name} has seen every picture {n} times.")),
            "no-gain": (stop.no_gain, self.tr("Run {name} has not become better for {n} steps.")),
        }
        count, said = reasons.get(run.stopped, (None, ""))
        if count is None:
            return ""
        rest = self.tr("To go on, change the stop rule.")
        return f"{said.format(name=run.run.name, n=f'{count:,}')} {rest}"
