"""The composition root: builds the window and runs it."""

from __future__ import annotations

import signal
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from viewer import theme
from viewer.controllers.files import DEFAULT_SAMPLE
from viewer.controllers.root import RootController, dress, remembered_session
from viewer.settings import Settings
from viewer.window.main_window import MainWindow


class KernelscopeWindow(MainWindow):
    """The program's window, with what scripts and tests need of it."""

    def __init__(self) -> None:
        super().__init__()
        self.controller = RootController(self)

    def open(self, path: str) -> None:
        """Begin to open a picture: a file, or a sample by its name."""
        self.controller.files.open(str(path))

    def output(self) -> NDArray[Any] | None:
        """The raw array that the output pane shows; None before the first."""
        return self.controller.output()

    def wait_until_idle(self, timeout: float = 10.0) -> None:
        """Run the event loop until nothing is being computed and every answer is on screen.

        Raises
        ------
        TimeoutError
            After `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        compute = self.controller.compute
        quiet = 0
        while quiet < 2:
            seen = compute.submissions
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            QApplication.sendPostedEvents()
            quiet = quiet + 1 if compute.is_idle and compute.submissions == seen else 0
            if time.monotonic() > deadline:
                raise TimeoutError(f"The window was still computing after {timeout:g} seconds.")
            if not compute.is_idle:
                time.sleep(0.001)


def build(picture: str = DEFAULT_SAMPLE) -> KernelscopeWindow:
    """Make the window and begin to open `picture`; a ``QApplication`` must exist, no event loop is entered."""
    theme.load_fonts()
    # Widgets that are made before the application has its fonts would keep the system's.
    dress(remembered_session(Settings()))
    window = KernelscopeWindow()
    window.open(picture)
    return window


def run(argv: Sequence[str]) -> int:
    """Open the window on the picture that `argv` names and run until it is closed; returns the exit status."""
    app = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(app, QApplication)
    app.setApplicationName("Kernelscope")
    app.setDesktopFileName("kernelscope")
    sys.excepthook = _report
    window = build(argv[0] if argv else DEFAULT_SAMPLE)
    window.controller.place_window()
    # Python sees Ctrl-C only while it runs: wake it now and then.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    ticker = QTimer()
    ticker.timeout.connect(lambda: None)
    ticker.start(250)
    return app.exec()


def _report(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """Write a fault to the console and go on: one failed slot must not take the session with it."""
    traceback.print_exception(kind, error, trace)
