"""Progress, as a line on the console."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernels.cnn.training import Progress


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

    def show(self, text: str, stays: bool = False) -> None:
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
    """Prints the progress of a training, and a line that stays after every epoch."""

    def tell(self, progress: Progress) -> None:
        """Print where the training stands, if it is time to."""
        if progress.validation is None and not self.is_due:
            return
        line = (
            f"epoch {progress.epoch}/{progress.epochs}  step {progress.step}/{progress.steps}"
            f"  loss {progress.loss:.4f}  accuracy {100 * progress.accuracy:.1f} %"
            f"  {progress.rate:,.0f} pictures/s  {duration(progress.seconds_left)} left"
        )
        if progress.validation is not None:
            line += f"  held back: {100 * progress.validation.accuracy:.2f} %"
        self.show(line, stays=progress.validation is not None)


def duration(seconds: float) -> str:
    """Return a time as text: "42 s", "3 min 05 s", "2 h 07 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
