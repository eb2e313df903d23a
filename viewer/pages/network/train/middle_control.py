"""From the curves, the film strip and the timeline to the runs and back: which run, which step."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QObject

from viewer.dialogs import Dialogs
from viewer.document import with_training
from viewer.moment import Moment
from viewer.pages.network.train.drawn import DrawnRun
from viewer.pages.network.train.queries import FILM, trained_on_query
from viewer.pages.network.train.runs import TrainingRuns
from viewer.pages.network.train.shown import RUNS, ShownRun, shown_checkpoint, shown_run, shown_step, unbranchable
from viewer.pages.network.train.views.middle import TrainMiddle
from viewer.pages.network.train.words import set_apart
from viewer.river import River
from viewer.session import with_view


class MiddleControl(QObject):
    """Keeps a ``TrainMiddle`` in step with the runs."""

    def __init__(
        self, view: TrainMiddle, runs: TrainingRuns, river: River, dialogs: Dialogs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._view, self._runs, self._river, self._store, self._dialogs = view, runs, river, river.store, dialogs
        view.step_chosen.connect(self.go_to)
        view.run_chosen.connect(self.choose_run)
        view.run_renamed.connect(runs.rename)
        view.remove_requested.connect(self.remove)
        view.branch_requested.connect(self.branch)
        view.weight_chosen.connect(self.choose_weight)

    # -- what the user does ----------------------------------------------------------------------------------------

    def go_to(self, step: int) -> None:
        """Look at the nearest earlier checkpoint; from the end on, follow the training."""
        run = shown_run(self._river.moment)
        if run is None or not run.checkpoints:
            return
        at = None if step >= run.steps and run.position >= run.steps else run.nearest(step)
        self._store.view(lambda session: with_view(session, "train", step=at))
        self._show_step(self._river.moment)  # also where it is the same as before, and a slider stands elsewhere

    def choose_run(self, key: str) -> None:
        """Look at a run, with its set-up, so that it can be gone on with; none trains that is not looked at."""
        found = self._river.moment.value(RUNS)
        run = None if found is None else found.run(key)
        if run is None or run is shown_run(self._river.moment):
            return
        self._runs.pause()
        self._store.view(lambda session: with_view(session, "train", run=key, step=None))
        text = self.tr("Take the set-up of run {name}").format(name=run.run.name)
        self._store.edit(lambda document: with_training(document, run.run.plan), text)

    def remove_shown(self) -> None:
        """Remove the run that is looked at."""
        run = shown_run(self._river.moment)
        if run is not None:
            self.remove(run.id)

    def remove(self, key: str) -> None:
        """Remove a run, once the user has said so."""
        found = self._river.moment.value(RUNS)
        run = None if found is None else found.run(key)
        if run is not None and self._dialogs.confirm(
            self.tr("Remove a run"),
            self.tr("Remove run {name} with all its checkpoints? It cannot be brought back.").format(name=run.run.name),
            self.tr("Remove"),
        ):
            self._runs.remove(run.id)

    def choose_weight(self, number: int, row: int, column: int) -> None:
        """Look at a weight of a filter of the first layer."""
        self._store.view(
            lambda session: with_view(session, "train", tab="weight", layer=0, output=number, weight=(row, column))
        )

    def branch(self) -> None:
        """Begin a run at the checkpoint that is shown, with the set-up as it stands."""
        checkpoint = shown_checkpoint(self._river.moment)
        if checkpoint is not None and not unbranchable(self._river.moment):
            self._runs.branch(checkpoint)

    # -- showing ---------------------------------------------------------------------------------------------------

    def paint(self, old: Moment, new: Moment) -> None:
        """Show how the runs have gone on, and the cursor."""
        look, before, run = new.state.session.train, shown_run(old), shown_run(new)
        is_other_run = (before and before.id) != (run and run.id)
        is_same = look == old.state.session.train and new.state.document.training == old.state.document.training
        runs_are_new = old is new or is_other_run or new.is_newer(old, RUNS)
        if runs_are_new:
            found = new.value(RUNS)
            drawn = [] if found is None else _drawn(found.runs)
            self._view.show_runs(drawn, None if run is None else run.id)
        if runs_are_new or not is_same:
            self._show_step(new)
            self._view.show_weight((look.output, look.weight) if look.layer == 0 and look.tab == "weight" else None)
        if is_other_run or new.is_newer(old, FILM):
            self._show_film(new)

    def _show_step(self, moment: Moment) -> None:
        run = shown_run(moment)
        self._show_branching(moment)
        if run is not None:
            self._view.show_step(shown_step(moment, run))
            self._view.show_heading(self._about(moment, run))

    def _show_branching(self, moment: Moment) -> None:
        run, problem = shown_run(moment), unbranchable(moment)
        reasons = {"same": self.tr("To branch, change a setting first")}
        if run is not None:
            reasons["data"] = self.tr("A branch keeps the data of run {name}").format(name=run.run.name)
        self._view.panel.show_branching(not problem, reasons.get(problem, ""))

    def _about(self, moment: Moment, run: ShownRun) -> str:
        plan = run.run.plan
        step, stop, learnt = shown_step(moment, run), plan.stop.steps, moment.answer(trained_on_query(moment, plan))
        if stop is None:
            said = self.tr("step {n} of {done} done").format(n=f"{step:,}", done=f"{run.steps:,}")
        else:
            said = self.tr("step {n} of {all}").format(n=f"{step:,}", all=f"{stop:,}")
        if learnt is None:
            return said
        count = len(learnt.value.collection.learn)
        epoch = step // (count // plan.pictures_a_step(count))
        return said + self.tr(" · epoch {n}").format(n=f"{epoch:,}")

    def _show_film(self, moment: Moment) -> None:
        run = shown_run(moment)
        found = None if run is None else moment.value_from(FILM, run.id)
        if found is None:
            self._view.show_film(None)
            return
        note = self.tr("from noise to edges, each with its likeness to the nearest named kernel")
        self._view.show_film(found.film, note if found.film.kind == "filter" else "")


def _drawn(runs: Sequence[ShownRun]) -> list[DrawnRun]:
    plans, drawn = {each.id: each.run.plan for each in runs}, list[DrawnRun]()
    before = runs[1].run.plan if len(runs) > 1 else None  # the first is told from the second
    for each in runs:
        run, parent = each.run, each.run.parent
        about = set_apart(run.plan, before if parent is None else plans.get(parent.run, before))
        before = run.plan
        drawn.append(
            DrawnRun(
                each.id,
                run.name,
                about,
                each.number,
                None if parent is None else (parent.run, parent.step),
                each.steps,
                each.curves,
                each.checkpoints,
                each.curves.best(),
                is_broken=each.state == "failed",
            )
        )
    return drawn
