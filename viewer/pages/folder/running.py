"""A batch that runs beside the window, in a thread of its own: nothing that the window shows waits for it. No Qt."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from kernels.batch.run import BatchRun, Progress, Row
from kernels.batch.table import Table, check_table
from kernels.files import write_whole
from viewer.moment import Purpose

Phase = Literal["running", "paused", "cancelled", "ended", "failed"]


class Standing(msgspec.Struct, frozen=True):
    """Where a run stands.

    Attributes
    ----------
    phase : str
        "running", "paused", "cancelled", "ended", or "failed" as a whole.
    progress : Progress or None
        None until it has begun.
    failures : tuple of (str, str)
        The files that failed, and why.
    error : str
        Why nothing, or nothing more, could be done.
    """

    phase: Phase = "running"
    progress: Progress | None = None
    failures: tuple[tuple[str, str], ...] = ()
    error: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens."""
        return self.phase in ("cancelled", "ended", "failed")


STANDING: Purpose[Standing] = Purpose("folder run", "folder")


class FolderRun:
    """A batch in a thread; `tell` is called there with where it stands, several times a second.

    Parameters
    ----------
    prepare : callable
        Gives the batch; called in the thread, as it may have to look through many folders.
    tell : callable
    """

    def __init__(self, prepare: Callable[[], BatchRun], tell: Callable[[Standing], None]) -> None:
        self._prepare, self._tell = prepare, tell
        self._batch: BatchRun | None = None
        self.is_over = self._is_cancelled = False
        self._progress: Progress | None = None
        self._failures: list[tuple[str, str]] = []
        # The rows of all files, one a line, on the disk: there may be very many.
        self._rows = tempfile.TemporaryFile(prefix="kernelscope-")  # noqa: SIM115  # open as long as the run is looked at
        self._thread = threading.Thread(target=self._work, name="kernelscope-batch", daemon=True)
        self._thread.start()

    def switch_pause(self) -> None:
        """Begin no further file, or go on; before there is one there is nothing to pause."""
        if self._batch is not None:
            (self._batch.go_on if self._batch.is_paused else self._batch.pause)()

    def cancel(self) -> None:
        """Give up what is being done, and end."""
        self._is_cancelled = True
        if self._batch is not None:
            self._batch.cancel()

    def close(self) -> None:
        """End, and forget what became of the files."""
        self.cancel()
        self._thread.join()
        self._rows.close()

    def write_report(self, path: str) -> None:
        """Write what became of every file of a run that is over, as CSV or JSON.

        Raises
        ------
        ValueError, OSError
            In one sentence.
        """
        check_table(path)

        def write(file: BinaryIO) -> None:
            table = Table(file, Path(path).suffix)
            self._rows.seek(0)
            for line in self._rows:
                table.add(msgspec.json.decode(line, type=Row))
            table.end()

        write_whole(path, write)

    def _work(self) -> None:
        try:
            self._batch = batch = self._prepare()
            if self._is_cancelled:  # before there was a batch
                batch.cancel()
            for event in batch.events():
                if isinstance(event, Row):
                    self._note(event)
                else:
                    self._progress = event
                    self._tell(self._standing("paused" if batch.is_paused else "running"))
            self._progress = batch.progress
            last = self._standing("cancelled" if self._is_cancelled else "ended")
        except Exception as error:  # the window goes on, whatever it was
            last = self._standing("failed", str(error) or type(error).__name__)
        self.is_over = True
        self._tell(last)

    def _note(self, row: Row) -> None:
        self._rows.write(msgspec.json.encode(row) + b"\n")
        if row.error:
            self._failures.append((row.source, row.error))

    def _standing(self, phase: Phase, error: str = "") -> Standing:
        return Standing(phase, self._progress, tuple(self._failures), error)
