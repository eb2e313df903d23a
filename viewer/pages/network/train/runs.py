"""The training runs: those on disk, and the process that goes on with one of them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace
from PyQt6.QtCore import QCoreApplication, QObject

from kernels.cnn.training import serving
from kernels.cnn.training.curves import Record
from kernels.cnn.training.examples import EDGES
from kernels.cnn.training.messages import (
    Begin,
    Checked,
    Command,
    Failed,
    Gauged,
    Kept,
    OneStep,
    Pause,
    Play,
    Ready,
    Report,
    Rewind,
    Stepped,
    Stopped,
)
from kernels.cnn.training.plan import TrainingPlan
from kernels.cnn.training.runs import Parent, Run, Runs, remove_run
from viewer.moment import Failure, Moment, Purpose, Query, Work
from viewer.pages.learned.words import sentence
from viewer.pages.network.train.process import TrainingProcess
from viewer.pages.network.train.queries import is_refused
from viewer.pages.network.train.shown import RUNS, Checkpoint, RunsShown, ShownRun, asks_new_run, shown_run
from viewer.river import River
from viewer.session import with_view
from viewer.sources import Messages
from viewer.task import Outcome
from viewer.widgets.base import single_shot

T = TypeVar("T")

TELL_MS = 200
"""What the process says is shown at most so often: more would make the window less lively, and slow the training."""
CALM_SECONDS, LATEST_SECONDS = 0.15, 10.0
"""A newer checkpoint is shown so long after all was there that is made of the last one; or at the latest after that."""

FILES: Purpose[Any] = Purpose("run files", "training files")


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainingRuns", text)


class TrainingRuns(QObject):
    """Keeps the results' ``RunsShown`` up to date, and does with runs what the user wants.

    What is on disk is read and written by the worker. A run that is played has a process of its own (`serving`); one
    that is put aside keeps its state and ends.
    """

    def __init__(self, river: River, folder: Path, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._river, self._store, self._messages = river, river.store, messages
        self._disk = Runs(folder)
        self._runs: dict[str, ShownRun] = {}
        self._records: dict[str, list[Record]] = {}  # that were not shown yet
        self._processes: dict[str, TrainingProcess] = {}
        self._rewinding: set[str] = set()
        self._is_beginning = True  # nothing else is begun before it is known what there is
        self._told = itertools.count(1)
        self._followed = self._was_busy = 0.0  # when a checkpoint was followed last, and when anything was on its way
        river.flowed.connect(self._watch)
        self._later = single_shot(self, TELL_MS, self._tell)

    # -- what is on disk -------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read what runs there are; the set-up becomes that of the newest, so that it can be gone on with."""

        def make(_work: Work) -> tuple[list[ShownRun], list[str]]:
            found = list[ShownRun]()
            said = _tr("A run cannot be read: {reason}")
            problems = [said.format(reason=sentence(each)) for each in self._disk.problems()]
            for run in self._disk.all():
                try:
                    found.append(_read(run, len(found)))
                except (OSError, ValueError) as error:
                    said = _tr("Run {name} cannot be read: {reason}")
                    problems.append(said.format(name=run.name, reason=sentence(str(error))))
            return found, problems

        self._order(make, self._take_read)

    def _take_read(self, read: tuple[list[ShownRun], list[str]]) -> None:
        found, problems = read
        self._runs = {each.id: each for each in found}
        if found and self._store.document.training == EDGES:
            newest = found[-1]
            self._store.start_with(lambda document: replace(document, training=newest.run.plan))
            self._messages.show_notice(
                self.tr("Run {name} stands at step {n}: Play goes on with it.").format(
                    name=newest.run.name, n=f"{newest.position:,}"
                )
            )
        if problems:
            self._messages.show_error(" ".join(problems))
        self._tell()

    def _order(self, make: Callable[[Work], T], take: Callable[[T], object]) -> None:
        """Let the worker do something with the files; what goes wrong is said."""

        def then(outcome: Outcome) -> None:
            self._is_beginning = False
            if isinstance(outcome, Failure):
                self._messages.show_error(sentence(outcome.sentence))
                self._tell()
            else:
                take(outcome.value)

        self._river.compute.order(Query(FILES, None, make), then)

    # -- what the user does ----------------------------------------------------------------------------------------

    @property
    def shown(self) -> ShownRun | None:
        """The run that is looked at, as it stands now."""
        found = shown_run(self._river.moment)
        return None if found is None else self._runs.get(found.id)

    def switch_playing(self) -> None:
        """Train on or pause; with another set-up than the run's, begin a new one."""
        run = self.shown
        if run is not None and run.is_playing:
            self.pause()
        else:
            self._go_on(self._play())

    def _play(self) -> Play:
        return Play(self._store.session.train.pace, self._store.document.training.stop)

    def pause(self) -> None:
        """Have the run that is shown stop after the step under way, if it trains."""
        run = self.shown
        if run is not None and run.is_playing and run.id in self._processes:
            self._processes[run.id].tell(Pause())
            self._change(run.id, state="pausing")
            self._tell()

    def one_step(self) -> None:
        """Do one step, and stand."""
        self._go_on(OneStep())

    def _go_on(self, command: Play | OneStep) -> None:
        run, plan, moment = self.shown, self._store.document.training, self._river.moment
        if self._is_beginning or (asks_new_run(plan, run) and is_refused(moment)):
            return
        if run is None or asks_new_run(plan, run):
            self.begin(plan, None, command)
        else:
            self._follow(run.id)
            self._send(run, command)

    def rewind(self) -> None:
        """Go back to where the run began; nothing of it is lost."""
        run = self.shown
        if run is None or not run.checkpoints:
            return
        self._messages.clear_message()
        process = self._processes.get(run.id)
        if process is not None:
            self._rewinding.add(run.id)
            process.tell(Rewind())
        first, state = run.checkpoints[0], "waiting" if process is None else "pausing"
        self._change(run.id, position=first, followed=first, state=state, stopped="", sentence="")
        self._follow(run.id)
        self._tell()

    def branch(self, checkpoint: Checkpoint) -> None:
        """Begin a run there, with the set-up as it stands."""
        if not self._is_beginning:
            parent = Parent(checkpoint.shown.id, checkpoint.step)
            self.begin(self._store.document.training, parent, self._play())

    def begin(self, plan: TrainingPlan, parent: Parent | None, command: Play | OneStep) -> None:
        """Begin a run and tell its process something."""

        number = max((each.number for each in self._runs.values()), default=-1) + 1

        def make(_work: Work) -> ShownRun:
            return _read(self._disk.begin(plan, self._disk.next_name(), parent), number)

        def take(made: ShownRun) -> None:
            self._runs[made.id] = made
            self._follow(made.id)
            self._send(made, command)

        self._is_beginning = True
        self._order(make, take)
        self._tell()

    def set_pace(self, pace: float | None) -> None:
        """So many steps a second from now on; None for as many as can be."""
        self._store.view(lambda session: with_view(session, "train", pace=pace))
        self.play_as_set()

    def play_as_set(self) -> None:
        """Have what trains keep to the present pace and stop rule."""
        for key, process in self._processes.items():
            if self._runs[key].is_playing:
                process.tell(self._play())

    def rename(self, key: str, name: str) -> None:
        """Call a run something else."""
        run = self._runs[key].run

        def take(renamed: Run) -> None:
            self._change(key, run=renamed)
            self._tell()

        self._order(lambda _work: run.renamed(name), take)

    def remove(self, key: str) -> None:
        """Remove a run with all that is kept of it."""
        run = self._runs.pop(key).run
        self._records.pop(key, None)
        self._messages.clear_message()
        process = self._processes.pop(key, None)
        if process is not None:
            process.kill()
        self._order(lambda _work: remove_run(run.folder), lambda _nothing: self._tell())
        self._tell()

    def end(self) -> None:
        """Have all processes keep their states and end, and wait for it: the window closes."""
        processes = list(self._processes.values())
        for process in processes:
            process.end()
        for process in processes:
            process.wait()
        self._later.stop()

    # -- the process -----------------------------------------------------------------------------------------------

    def _send(self, run: ShownRun, command: Command) -> None:
        """Tell the run's process something, which is started where there is none; another run is put aside."""
        for key, process in list(self._processes.items()):
            if key != run.id:
                process.end()
                self._change(key, state="waiting")
        process = self._processes.get(run.id) or self._started(run)
        process.tell(command)
        self._messages.clear_message()
        state = "starting" if isinstance(command, Play) else "pausing"
        self._change(run.id, state=state, stopped="", sentence="")
        self._tell()

    def _started(self, run: ShownRun) -> TrainingProcess:
        begin = Begin(str(run.run.folder), run.position)
        made = TrainingProcess(serving.command(), serving.environment(run.run.plan), begin, self)
        made.reported.connect(partial(self._hear, run.id))
        made.ended.connect(partial(self._lose, run.id, made))
        self._processes[run.id] = made
        return made

    def _hear(self, key: str, report: Report) -> None:
        run = self._runs.get(key)
        if run is None:
            return
        if isinstance(report, Stepped | Checked | Gauged):
            self._records.setdefault(key, []).append(report)
        if isinstance(report, Kept):
            kept = set(run.checkpoints) - set(report.removed) | {report.step}
            self._change(key, checkpoints=tuple(sorted(kept)))
        elif isinstance(report, Failed):
            self._fail(run, report.sentence)
        elif isinstance(report, Stopped):
            self._stand(run, report)
        elif isinstance(report, Stepped) and run.state == "starting":
            self._change(key, state="playing")
        if isinstance(report, Ready | Stepped | Stopped) and key not in self._rewinding:
            self._change(key, position=report.done if isinstance(report, Stepped) else report.step)
        if not self._later.isActive():
            self._later.start()

    def _stand(self, run: ShownRun, report: Stopped) -> None:
        """It does not train any more; one that was played again since it was told to pause does."""
        if report.reason == "rewound":
            self._rewinding.discard(run.id)
        if report.reason not in ("paused", "rewound"):
            self._change(run.id, state="waiting", stopped=report.reason)
        elif run.state == "pausing":
            self._change(run.id, state="waiting")

    def _lose(self, key: str, process: TrainingProcess, reason: str) -> None:
        """A process is gone, and may not have been asked to go."""
        if self._processes.get(key) is process:
            del self._processes[key]
        process.deleteLater()
        self._rewinding.discard(key)
        run = self._runs.get(key)
        if reason and run is not None:
            self._fail(run, reason)
            self._tell()

    def _fail(self, run: ShownRun, reason: str) -> None:
        """Stand at the last good checkpoint, and say why; a run that could not begin leaves nothing."""
        if not run.run.checkpoints():
            self.remove(run.id)
            self._messages.show_error(
                self.tr("Run {name} could not begin: {reason}").format(name=run.run.name, reason=sentence(reason))
            )
            return
        position = run.nearest(run.position) if run.checkpoints else run.position
        said = self.tr("Run {name}: {reason} It stands at step {n}; Play goes on from there.").format(
            name=run.run.name, reason=sentence(reason), n=f"{position:,}"
        )
        self._change(run.id, state="failed", position=position, sentence=said)
        self._messages.show_error(said)

    # -- showing ---------------------------------------------------------------------------------------------------

    def _change(self, key: str, **changes: Any) -> None:
        self._runs[key] = replace(self._runs[key], **changes)

    def _follow(self, key: str) -> None:
        """Look at that run, where its training stands."""
        self._store.view(lambda session: with_view(session, "train", run=key, step=None))

    def _tell(self) -> None:
        """Put what is known into the results."""
        self._later.stop()
        for key, records in self._records.items():
            self._change(key, curves=self._runs[key].curves.extended(records))
        self._records.clear()
        for run in list(self._runs.values()):
            newest = run.nearest(run.position) if run.checkpoints else run.position
            if newest != run.followed and self._may_follow(run):
                self._change(run.id, followed=newest)
                self._followed = time.monotonic()
            elif newest != run.followed:
                self._later.start()
        shown = RunsShown(tuple(self._runs.values()), self._is_beginning)
        self._river.compute.put(Query(RUNS, next(self._told), lambda _work: shown), shown)
        self._river.flow()

    def _may_follow(self, run: ShownRun) -> bool:
        """Whether a newer checkpoint may be shown: what is made of the last one is there, unless that takes long."""
        now = time.monotonic()
        calm = not self._river.moment.busy and now - self._was_busy > CALM_SECONDS
        return not run.is_playing or calm or now - self._followed > LATEST_SECONDS

    def _watch(self, old: Moment, _new: Moment) -> None:
        if old.busy:
            self._was_busy = time.monotonic()


def _read(run: Run, number: int) -> ShownRun:
    """What is on disk of a run, up to the newest checkpoint that can be read; ValueError if none can."""
    checkpoints, newest = run.checkpoints(), run.nearest()
    if checkpoints and newest is None:
        raise ValueError(_tr("none of its checkpoints can be read"))
    position, said = newest or 0, ""
    if checkpoints[-1:] > (position,):
        said = _tr("Run {name}: the checkpoint of step {last} is damaged; it goes on from step {n}.").format(
            name=run.name, last=f"{checkpoints[-1]:,}", n=f"{position:,}"
        )
    whole = tuple(step for step in checkpoints if step <= position)
    return ShownRun(run, whole, run.curves(), position, position, number, sentence=said)
