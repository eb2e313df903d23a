"""A training that is written down while it goes on: curves, and checkpoints to return to."""

from __future__ import annotations

from collections.abc import Callable

from kernels.cnn.training.collections import Collection
from kernels.cnn.training.curves import CurveFile, early_checks, is_check_written, spacing
from kernels.cnn.training.gauges import gradient_sizes, silent_units
from kernels.cnn.training.messages import Checked, Gauged, Kept, Report, Stepped
from kernels.cnn.training.plan import Stop, StopReason
from kernels.cnn.training.runs import Run, Runs
from kernels.cnn.training.trainer import StepFigures, Trainer
from kernels.cnn.weights import Header
from kernels.errors import shown

GAUGED_PICTURES = 400
"""Of those for checking, in which units that never fire are counted."""


class RecordedTraining:
    """Trains by a run's plan and writes into its folder; what is there already stays as it is.

    Parameters
    ----------
    run : Run
    data : Collection
        What the plan's `data` stands for.
    report : callable
        Told what was measured and kept.
    at : int, optional
        Goes on from the nearest checkpoint at or before that step; from the newest by default. One that is damaged is
        passed over, and written anew when the training comes by.
    by_epochs : bool
        Check and keep after every epoch rather than every `check_every` steps.
    is_watched : bool
        Check and keep also after the first few steps, as `curves.early_checks` has it. Neither that nor `end_here`
        changes anything of the training.

    Raises
    ------
    OSError, ValueError
        If the run is damaged or cannot be written, or its plan does not fit the data.
    Diverged
    """

    def __init__(
        self,
        run: Run,
        data: Collection,
        report: Callable[[Report], None],
        *,
        at: int | None = None,
        by_epochs: bool = False,
        is_watched: bool = False,
    ) -> None:
        self.run, self.trainer = run, Trainer(run.plan, data)
        self._runs, self._report = Runs(run.folder.parent), report
        self._every = self.trainer.epoch_steps if by_epochs else run.plan.check_every
        self._early = early_checks(self._every) if is_watched else ()
        self.checked = -1
        """The step that was checked last; -1 for none yet."""
        self._file = CurveFile(run.curves_path)
        self._curves = self._file.curves
        self._losses: list[float] = []
        self._accuracies: list[float] = []
        self._first = self._told = 0
        start = run.nearest(at)
        if start is not None:
            self.return_to(start)
        elif run.checkpoints():
            raise ValueError(f"run {shown(run.name)} has no checkpoint that can be read")
        if not self._curves.check_steps.size:
            self._check()
            self.keep()

    @property
    def step(self) -> int:
        """Steps done."""
        return self.trainer.step

    def advance(self) -> StepFigures:
        """Do one step, and check and keep where it is time to.

        Raises
        ------
        Diverged, OSError
        """
        step = self.step
        is_gauged = self._is_due or step == self.checked
        silent = self._silent() if is_gauged else ()
        figures = self.trainer.advance()
        if self._losses and spacing(step) != spacing(self._first):
            self.flush()
        if step % spacing(step) == 0:
            if not self._losses:
                self._first = step
            self._losses.append(figures.loss)
            self._accuracies.append(figures.accuracy)
        if is_gauged:
            self._gauge(step, silent)
        if self._is_due:
            self._check()
            self.keep()
        return figures

    @property
    def _is_due(self) -> bool:
        return self.step % self._every == 0 or self.step in self._early

    def flush(self) -> None:
        """Hand over what the last steps measured; OSError if there is no room for it on disk."""
        if self.step != self._told:
            losses, accuracies = tuple(self._losses), tuple(self._accuracies)
            stepped = Stepped(self.step, self._first, losses, accuracies, spacing(self._first))
            self._losses, self._accuracies, self._told = [], [], self.step
            self._report(stepped)
            self._file.add([stepped])

    def keep(self) -> None:
        """Write a checkpoint of the state as it is, unless there is a whole one; Diverged if a weight is not finite."""
        self.flush()
        if self.run.is_whole(self.step):
            return
        self.trainer.require_finite()
        self.run.keep(self.trainer.state())
        self._report(Kept(self.step, self._runs.thin(self.run, self._curves.best())))

    def return_to(self, step: int) -> None:
        """Go back, or on, to a checkpoint; OSError or ValueError if it cannot be read, or does not fit the pictures."""
        self.flush()
        state = self.run.state(step)
        if self.run.parent is None or step > self.run.parent.step:
            # Only the first checkpoint of a branch may be of other pictures.
            self._check_pictures(state.header.network)
        self.trainer.restore(state)
        self._told = self.step

    def stop_reason(self, stop: Stop | None = None) -> StopReason | None:
        """Return why the training stops here, by a stop rule or by the plan's own; None if it goes on."""
        rule = self.run.plan.stop if stop is None else stop
        # How fast it went, which decides where else it was checked, must not decide where it stops.
        best = self._curves.best(self.step, self._every)
        return rule.reason(self.step, self.trainer.epoch_steps, self.step if best is None else best)

    @property
    def best(self) -> int:
        """The step of the best validation so far; that of the beginning has one."""
        best = self._curves.best(self.step)
        return self.step if best is None else best

    def end_here(self) -> None:
        """Check and keep the state as it is, wherever that is."""
        if self.step not in self._curves.check_steps:
            self._check()
        self.keep()

    def _check_pictures(self, header: Header) -> None:
        network = self.trainer.network
        if (header.data, header.preprocessing) != (self.trainer.data.name, network.preprocessing):
            raise ValueError(
                f"run {shown(self.run.name)} was begun with other pictures of {shown(header.data)} than those that"
                f" are there now, of {shown(self.trainer.data.name)}"
            )

    def _check(self) -> None:
        self.flush()
        score = self.trainer.check()
        checked = Checked(self.step, score.loss, score.accuracy)
        curves = self._curves.extended([checked])
        if self.step in (curves.best(), curves.best(every=self._every)) or is_check_written(self.step, self._every):
            self._curves = curves
            self._file.add([checked])
        self.checked = self.step
        self._report(checked)

    def _silent(self) -> tuple[int, ...]:
        network, pictures = self.trainer.network, self.trainer.data.check.images[:GAUGED_PICTURES]
        return tuple(silent_units(network, pictures).values())

    def _gauge(self, step: int, silent: tuple[int, ...]) -> None:
        gauged = Gauged(step, tuple(gradient_sizes(self.trainer.network).values()), silent)
        if is_check_written(step, self._every):
            self._file.add([gauged])
        self._report(gauged)
