"""The progress of a training, as a line on the console."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernels.cnn.epochs import Progress


class Meter:
    """Prints progress: on a terminal one line that changes, otherwise a line now and then and after every epoch."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._pause = 0.5 if self._live else 15.0
        self._next = 0.0
        self._width = 0

    def show(self, progress: Progress) -> None:
        """Print where the training stands, if it is time to."""
        now = time.monotonic()
        if progress.validation is None and now < self._next:
            return
        self._next = now + self._pause
        line = (
            f"epoch {progress.epoch}/{progress.epochs}  step {progress.step}/{progress.steps}"
            f"  loss {progress.loss:.4f}  accuracy {100 * progress.accuracy:.1f} %"
            f"  {progress.rate:,.0f} pictures/s  {duration(progress.seconds_left)} left"
        )
        if progress.validation is not None:
            line += f"  held back: {100 * progress.validation.accuracy:.2f} %"
        if not self._live:
            print(line, flush=True)
            return
        print(f"\r{line:<{self._width}}", end="" if progress.validation is None else "\n", flush=True)
        self._width = len(line) if progress.validation is None else 0

    def end(self) -> None:
        """Leave the line that changes."""
        if self._live:
            print()


def duration(seconds: float) -> str:
    """Return a time as text: "42 s", "3 min 05 s", "2 h 07 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
