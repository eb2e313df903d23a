"""The training process: trains a run on disk, told what to do and telling how it goes through pipes.

It is the program itself, ``kernelscope train --serve``, started by whoever watches the training with the words of
`command` and the environment of `environment`. The messages are those of `kernels.cnn.training.messages`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import time
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

from kernels import processes
from kernels.cnn.training.messages import (
    Begin,
    Command,
    End,
    Failed,
    OneStep,
    Pause,
    Play,
    Ready,
    Report,
    Rewind,
    Stopped,
    StoppedBecause,
)
from kernels.cnn.training.networks import collection_for
from kernels.cnn.training.plan import Stop, TrainingPlan
from kernels.cnn.training.recording import RecordedTraining
from kernels.cnn.training.runs import hold, open_run
from kernels.cnn.training.trainer import Diverged
from kernels.errors import shown

REPORTS_A_SECOND = 30
"""How often steps are reported at most."""

STILL_SECONDS = 1.0
"""So long after a check there is another one, wherever the training is: whoever watches a slow one sees it learn."""

LARGEST_SHARE = 0.2
"""Of the time, that goes into such checks."""


def command() -> list[str]:
    """Return the words that start the training process; OSError if nobody knows which Python runs this program."""
    return processes.command("train", "--serve")


def environment(plan: TrainingPlan) -> dict[str, str]:
    """Return the environment to start the process in: this one's, with as many BLAS threads as the plan says."""
    return {**os.environ, **processes.blas_threads(plan.threads)}


def serve() -> int:
    """Be the training process, until the pipe it is told things through ends; return the exit status."""
    processes.lower_priority()
    incoming, outgoing = processes.take_pipes()
    # Ctrl-C in a terminal is meant for whoever started this, and reaches all.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    commands: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(incoming, commands), daemon=True).start()
    _Server(outgoing, commands).run()
    return 0


def _listen(incoming: BinaryIO, commands: queue.SimpleQueue[Any]) -> None:
    # What follows something that is no message is none either.
    with contextlib.suppress(OSError, ValueError):
        for each in processes.received(incoming, Command):
            commands.put(each)
    commands.put(End())


class _Server:
    """Does what it is told, one command or one step at a time."""

    def __init__(self, outgoing: BinaryIO, commands: queue.SimpleQueue[Any]) -> None:
        self._outgoing, self._commands = outgoing, commands
        self._folder: Path | None = None
        self._training: RecordedTraining | None = None
        self._held: FileIO | None = None
        self._is_playing = False
        self._pace: float | None = None
        self._stop: Stop | None = None
        self._next_step = self._next_report = self._next_check = 0.0
        self._step = 0

    def run(self) -> None:
        """Go on until told to end."""
        while not isinstance(told := self._told(), End):
            try:
                if told is None:
                    self._play_on()
                else:
                    self._obey(told)
            except Exception as error:  # whoever watches is told whatever it is, and may go on from disk
                self._fail(error)
        self._put_aside()

    def _told(self) -> Any:
        """Return the next command; None if it is time for the next step before there is one."""
        if not self._is_playing:
            return self._commands.get()
        try:
            wait = self._next_step - time.monotonic() if self._pace else 0.0
            return self._commands.get(timeout=wait) if wait > 0 else self._commands.get_nowait()
        except queue.Empty:
            return None

    def _obey(self, told: Begin | Play | Pause | OneStep | Rewind) -> None:
        if isinstance(told, Begin):
            self._put_aside()
            self._folder = Path(told.folder)
            self._tell(Ready(self._begun(told.at).step))
        elif isinstance(told, Play):
            self._pace, self._stop = told.pace, told.stop
            self._begun()
            self._next_step = time.monotonic()
            self._next_check = self._next_step + STILL_SECONDS
            self._is_playing = True
            self._stop_where_due()
        elif isinstance(told, OneStep):
            training = self._begun()
            training.advance()
            training.end_here()
            self._stand_still("paused")
        elif isinstance(told, Rewind):
            training = self._begun()
            training.return_to(training.run.checkpoints()[0])
            self._stand_still("rewound")
        elif self._training is not None:
            self._training.end_here()
            self._stand_still("paused")

    def _begun(self, at: int | None = None) -> RecordedTraining:
        """Return the training; it is taken up from disk if it is not at work."""
        if self._folder is None:
            raise ValueError("no run was begun")
        if self._training is None:
            run = open_run(self._folder)
            self._held = self._held or hold(self._folder)
            self._training = RecordedTraining(run, collection_for(run.plan), self._tell, at=at, is_watched=True)
        return self._training

    def _play_on(self) -> None:
        """Do one step, and report from time to time."""
        training = self._begun()
        training.advance()
        now = time.monotonic()
        if self._pace:
            # What was late is not made up for in a rush.
            self._next_step = max(self._next_step + 1 / self._pace, now)
        if now >= self._next_report or self._next_step - now > 1 / REPORTS_A_SECOND:
            training.flush()
            self._next_report = now + 1 / REPORTS_A_SECOND
        self._check_where_still(training, now)
        self._stop_where_due()

    def _check_where_still(self, training: RecordedTraining, now: float) -> None:
        if now >= self._next_check:
            training.end_here()
        if training.checked == training.step:
            done = time.monotonic()
            self._next_check = done + max(STILL_SECONDS, (done - now) / LARGEST_SHARE)

    def _stop_where_due(self) -> None:
        training = self._begun()
        reason = training.stop_reason(self._stop)
        if reason is not None:
            training.end_here()
            self._stand_still(reason)

    def _stand_still(self, reason: StoppedBecause) -> None:
        self._is_playing = False
        self._tell(Stopped(self._begun().step, reason))

    def _put_aside(self) -> None:
        """Keep the state of the training at work, as far as that is possible, and let go of it."""
        training, self._training, self._is_playing = self._training, None, False
        if training is not None:
            try:
                training.keep()
            except (Diverged, OSError, ValueError) as error:
                self._tell(Failed(training.step, _sentence(error)))
        if self._held is not None:
            self._held.close()
            self._held = None

    def _fail(self, error: Exception) -> None:
        """Say why it does not go on; what is taken up next begins from what is on disk."""
        training, self._training, self._is_playing = self._training, None, False
        if training is not None:
            self._step = training.step
            # The disk that is full is what the sentence is about.
            with contextlib.suppress(OSError):
                training.flush()
        self._tell(Failed(self._step, _sentence(error)))

    def _tell(self, report: Report) -> None:
        # Whoever listened may be gone; the end of the commands follows, and the state is still to be kept.
        with contextlib.suppress(OSError):
            processes.send(self._outgoing, report)


def _sentence(error: Exception) -> str:
    """Return what an error says in one line."""
    if isinstance(error, MemoryError):
        text = str(error) or "there is not enough memory for this training"
    elif isinstance(error, Diverged | ValueError | OSError):
        text = str(error)
    else:
        text = f"internal fault: {type(error).__name__}: {error}"
    return shown(" ".join(text.split()), 900)
