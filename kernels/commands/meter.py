"""Progress, as a line on the console."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernels.cnn.training.messages import Checked
    from kernels.cnn.training.recording import RecordedTraining
    from kernels.cnn.training.trainer import StepFigures


class Line:
    """Says where something stands: on a terminal one line that changes, otherwise a line now and then."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._pause = 0.5 if self._live else 15.0
        self._next = 0.0
        self._width = 0

    @property
    def is_due(self) -> bool:
        """Whether it is time to say something again."""
        return time.monotonic() >= self._next

    def show(self, text: str, *, stays: bool = False) -> None:
        """Print the line; one that stays is not changed any more."""
        self._next = time.monotonic() + self._pause
        if not self._live:
            print(text, flush=True)
            return
        print(f"\r{text:<{self._width}}", end="\n" if stays else "", flush=True)
        self._width = 0 if stays else len(text)

    def end(self) -> None:
        """Leave the line that changes."""
        if self._width:
            print()


class Meter(Line):
    """Prints the progress of a training, and a line that stays after every check.

    Loss and accuracy are means since the last check, on the pictures trained on.
    """

    def __init__(self, training: RecordedTraining) -> None:
        super().__init__()
        self._training = training
        self._seconds = 0.0
        self._figures: list[StepFigures] = []

    def step(self, figures: StepFigures) -> None:
        """Count a step, and print where the training stands if it is time to."""
        self._figures.append(figures)
        # The mean over about the last hundred steps; the first counts in full.
        self._seconds += (figures.seconds - self._seconds) * (0.01 if self._seconds else 1.0)
        if self.is_due:
            self.show(self._line())

    def checked(self, checked: Checked) -> None:
        """Print where the training stands, with the result on the pictures held back."""
        self.show(f"{self._line()}  held back: {100 * checked.accuracy:.2f} %", stays=True)
        self._figures.clear()

    def _line(self) -> str:
        trainer, stop, count = self._training.trainer, self._training.run.plan.stop, len(self._figures)
        done, last = trainer.step, stop.last_step(trainer.epoch_steps)
        if stop.epochs is None:
            place = f"step {done:,}" if last is None else f"step {done:,}/{last:,}"
        else:
            epoch, step = divmod(done - 1, trainer.epoch_steps)
            place = f"epoch {epoch + 1}/{stop.epochs}  step {step + 1}/{trainer.epoch_steps}"
        loss = sum(figures.loss for figures in self._figures) / count
        accuracy = sum(figures.accuracy for figures in self._figures) / count
        left = "" if last is None else f"  {duration((last - done) * self._seconds)} left"
        rate = trainer.batch / self._seconds
        return f"{place}  loss {loss:.4f}  accuracy {100 * accuracy:.1f} %  {rate:,.0f} pictures/s{left}"


def duration(seconds: float) -> str:
    """Return a time as text: "42 s", "3 min 05 s", "2 h 07 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
