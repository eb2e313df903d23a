"""The process that trains one run: what it is told, and what it says."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QObject, QProcess, QProcessEnvironment, pyqtSignal

from kernels.cnn.training.messages import Begin, Command, End, Report
from kernels.processes import Receiver, send

LAST_MS = 1000
"""So long a process may take to keep its state when the window closes."""


class TrainingProcess(QObject):
    """Takes up the run in `folder`, at the checkpoint nearest to `at`, and waits for commands.

    ``reported(report)`` for each thing that it says; ``ended(reason)`` once, when it is gone: the reason is empty where
    it was asked to end.
    """

    reported = pyqtSignal(object)
    ended = pyqtSignal(str)

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], begin: Begin, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._is_asked_to_end = self._is_over = False
        self._receiver: Receiver[Report] = Receiver(Report)
        self._process = QProcess(self)
        surroundings = QProcessEnvironment.systemEnvironment()
        for name, value in environment.items():
            surroundings.insert(name, value)
        self._process.setProcessEnvironment(surroundings)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.errorOccurred.connect(self._fail)
        self._process.finished.connect(self._finish)
        program, *arguments = command
        self._process.start(program, arguments)
        self.tell(begin)

    @property
    def pid(self) -> int:
        """The number of the process; 0 before it runs."""
        return self._process.processId()

    def tell(self, command: Command) -> None:
        """Send a command; one that is gone hears nothing."""
        if self._process.state() != QProcess.ProcessState.NotRunning:
            message = io.BytesIO()
            send(message, command)
            self._process.write(message.getvalue())

    def end(self) -> None:
        """Have it keep its state and end."""
        self.tell(End())
        self._is_asked_to_end = True
        self._process.closeWriteChannel()

    def wait(self) -> None:
        """Wait for the end, for a moment; then kill it. What it had kept stays."""
        if self._process.state() != QProcess.ProcessState.NotRunning and not self._process.waitForFinished(LAST_MS):
            self._process.kill()
            self._process.waitForFinished(LAST_MS)

    def kill(self) -> None:
        """End it at once; what it had kept stays."""
        self._is_asked_to_end = True
        self._process.kill()

    def _read(self) -> None:
        try:
            for report in self._receiver.feed(self._process.readAllStandardOutput().data()):
                self.reported.emit(report)
        except ValueError as error:
            self._over(str(error))
            self._process.kill()

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._over(self.tr("the process that trains could not be started: {reason}").format(
                reason=self._process.errorString()))  # fmt: skip

    def _finish(self, _status: int) -> None:
        self._read()
        self._over("" if self._is_asked_to_end else self.tr("the process that trains was ended from outside"))

    def _over(self, reason: str) -> None:
        if not self._is_over:
            self._is_over = True
            self.ended.emit(reason)
