"""The composition root: builds the window and runs it."""

from __future__ import annotations

import gc
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from functools import partial
from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QEventLoop, Qt, QTimer
from PyQt6.QtGui import QGuiApplication, QShowEvent
from PyQt6.QtWidgets import QApplication

from viewer import settings as keys
from viewer import theme
from viewer.actions import window_intents
from viewer.compute import Compute
from viewer.dialogs import Dialogs
from viewer.frame import Frame, Page, dress
from viewer.intents import Intents
from viewer.menus import Menus
from viewer.moment import Moment
from viewer.pages.filter.page import FilterPage
from viewer.pages.filter.views.workspace import FilterWorkspace
from viewer.pages.gradient.page import GradientPage
from viewer.pages.layers.page import LayersPage
from viewer.pages.stage.page import StagePage
from viewer.queries import queries
from viewer.river import River
from viewer.saving import Saving
from viewer.session import GradientView, Session
from viewer.settings import Settings
from viewer.shelf import Shelf
from viewer.sources import DEFAULT_SAMPLE, Sources
from viewer.state import State
from viewer.store import Store
from viewer.window.main_window import MainWindow

SWITCH_SECONDS = 0.00002
"""How long one thread may keep the interpreter while another waits: a frame must not wait for the worker's Python."""

PATIENCE_MS = 16
"""How long controls wait to show an edit, so that the picture comes first."""

THUMBNAILS_MS = 1500
"""How long after the window has come up the samples' thumbnails are made."""


class KernelscopeWindow(MainWindow):
    """The program's window, with what scripts and tests need of it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.dialogs = Dialogs(self)
        self.shelf = Shelf()
        self.store = Store(State(session=remembered_session(settings)), self)
        self.compute = Compute(self)
        self.river = River(self.store, self.compute, partial(queries, shelf=self.shelf), self)
        self.sources = Sources(self.river, self.shelf, settings, self.status, self)
        self.saving = Saving(self.compute, settings, self.status, self)
        self.filter = FilterPage(FilterWorkspace(), self.store, settings, self.dialogs, self)
        self.gradient = GradientPage(self.river, settings, self.dialogs, self)
        self.stage = StagePage(self.river, self.filter, self.sources, self.saving, settings, self.dialogs, self)
        self.layers = LayersPage(self.river, self.sources, self.saving, settings, self.dialogs, self)
        self._pages: tuple[Page, ...] = (self.filter, self.gradient, self.layers, self.stage)
        self.add_page(self.filter.name, self.tr("Filter"), self.filter.widget)
        self.add_page(self.gradient.name, self.tr("Gradient"), self.gradient.widget)
        self.add_page(self.layers.name, self.tr("Layers"), self.layers.widget)
        self.add_page(self.stage.name, "", self.stage.widget)
        self.frame = Frame(self, self.river, self._pages, self.sources, self.saving, settings, self.dialogs)
        self.intents = Intents(self, self.frame.go_to)
        further = [*self.gradient.intents(), *self.layers.intents(), *self.stage.intents()]
        self.intents.add(window_intents(self, self.frame, self.sources, self.filter, further))
        self.list_actions = self.intents.listed
        self.menus = Menus(self.tool_bar, self.intents, self.sources, settings, self.compute, self)
        self._join()

    def _join(self) -> None:
        self._is_closed = False
        self._rendered: Moment | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setTimerType(Qt.TimerType.PreciseTimer)
        self._later.setInterval(PATIENCE_MS)
        self._later.timeout.connect(self._render_controls)
        self._thumbnails = QTimer(self)
        self._thumbnails.setSingleShot(True)
        self._thumbnails.setInterval(THUMBNAILS_MS)
        self._thumbnails.timeout.connect(self.menus.ask_thumbnails)
        self.sources.take_kernel_text = self.filter.kernel.take_text
        panes = self.filter.view.panes
        names = ("outputToInput", "saveShown", "zoomFit", "zoomActual")
        panes.menu.addActions([self.intents.action(name) for name in names])
        kernel_menu = self.filter.view.kernel.heading.menu
        for name in ("openKernel", "saveKernel", "", "keepKernel", "removeKernel", "", "copyKernel", "pasteKernel"):
            kernel_menu.addAction(self.intents.action(name)) if name else kernel_menu.addSeparator()
        panes.files_dropped.connect(self.sources.open_dropped)
        panes.image_dropped.connect(self.sources.open_image)
        self.gradient.join(self.frame.save, self.saving.copy, self.sources)
        self.stage.join(self.tool_bar.samples, self.intents)
        self.store.undo_stack.indexChanged.connect(self._show_what_is_possible)
        self.filter.kernel.own_kernels_changed.connect(self._show_what_is_possible)
        self.closing.connect(self.end)
        self.river.flowed.connect(self._render)
        for button, name in ((self.tool_bar.open, "openPicture"), (self.tool_bar.samples, "openSample"),
                             (self.tool_bar.save, "saveShown")):  # fmt: skip
            button.set_shortcut_text(self.intents.action(name).shortcut().toString())
        if self.settings.notes:
            self.status.show_notice(" ".join(self.settings.notes))
        hints = QGuiApplication.styleHints()
        if hints is not None:
            # A method, not a lambda: it is disconnected when this object goes, and does not keep it alive.
            hints.colorSchemeChanged.connect(self._follow_scheme)
        self._render(self.river.moment, self.river.moment)
        self.river.flow()
        self.gradient.focus()
        panes.input.setFocus()

    def _render(self, old: Moment, new: Moment) -> None:
        """The pictures first; controls and numbers wait a moment for a picture that is on its way."""
        front = self.frame.front
        for page in (front, *(each for each in self._pages if each is not front)):
            page.paint(old, new)
        if old is not new and old.state.document is not new.state.document and front.awaited.name in new.busy:
            if not self._later.isActive():
                self._later.start()
        elif not self._later.isActive() or front.awaited.name not in new.busy:
            self._render_controls()

    def _render_controls(self) -> None:
        """Show what is not a picture, since it was last shown."""
        self._later.stop()
        old, new = self._rendered or self.river.moment, self.river.moment
        self._rendered = new
        for page in self._pages:
            page.render(old, new)
        self.sources.render(old, new)
        self.frame.render(old, new)
        if old is new or any(
            getattr(old, part) != getattr(new, part) for part in ("state", "results", "failures", "busy")
        ):
            self.intents.render(new)

    def _show_what_is_possible(self) -> None:
        self.intents.render(self.river.moment)

    def _follow_scheme(self, _scheme: Qt.ColorScheme) -> None:
        if not self._is_closed:
            self.frame.follow_scheme()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        # The samples' menu has its thumbnails when it is opened for the first time.
        self._thumbnails.start()

    def open(self, path: str) -> None:
        """Begin to open a picture: a file, or a sample by its name."""
        self.sources.open(str(path))

    def output(self) -> NDArray[Any] | None:
        """The raw array that the output pane shows; None before the first."""
        result = self.filter.result()
        return None if result is None else result.array

    def wait_until_idle(self, timeout: float = 10.0) -> None:
        """Run the event loop until what is shown has its results.

        Raises
        ------
        TimeoutError
            After `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        quiet = 0
        while quiet < 2:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            QApplication.sendPostedEvents()
            idle = self.compute.is_idle and not self._later.isActive()
            quiet = quiet + 1 if idle else 0
            if time.monotonic() > deadline:
                raise TimeoutError(f"The window was still computing after {timeout:g} seconds.")
            if not idle:
                time.sleep(0.001)

    def end(self) -> None:
        """Remember the window, end the threads, remove temporary files."""
        if self._is_closed:
            return
        self._is_closed = True
        self.frame.remember_window()
        self.compute.shutdown()  # first: it may be writing to what the sources take away
        self.sources.close()
        # The stack clears itself while it is being destroyed; nobody may ask it anything then.
        self.store.undo_stack.indexChanged.disconnect()
        for timer in self.findChildren(QTimer):
            timer.stop()


def remembered_session(settings: Settings) -> Session:
    """The session as the last run left it."""
    directions = GradientView(direction_colours=settings.get(keys.DIRECTION_COLOURS))
    return Session(theme=settings.get(keys.THEME), large_type=settings.get(keys.LARGE_TYPE), gradient=directions)


def build(picture: str = DEFAULT_SAMPLE) -> KernelscopeWindow:
    """Make the window and begin to open `picture`; a ``QApplication`` must exist, no event loop is entered."""
    sys.setswitchinterval(SWITCH_SECONDS)
    settings = Settings()
    theme.load_fonts()
    # Widgets that are made before the application has its fonts would keep the system's.
    dress(remembered_session(settings))
    window = KernelscopeWindow(settings)
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
    window.frame.place_window()
    gc.freeze()  # what stands for good need not be looked through again, which stops all threads for some 40 ms
    # Python sees signals only while it runs: wake it now and then. All of them end as a closed window does.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: window.close())
    ticker = QTimer()
    ticker.timeout.connect(lambda: None)
    ticker.start(250)
    return app.exec()


def _report(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """Write a fault to the console and go on: one failed slot must not take the session with it."""
    traceback.print_exception(kind, error, trace)
