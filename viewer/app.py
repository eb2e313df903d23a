"""The composition root: builds the window and runs it."""

from __future__ import annotations

import gc
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from functools import cached_property, partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from PyQt6.QtCore import QEventLoop, Qt, QTimer
from PyQt6.QtGui import QGuiApplication, QShowEvent
from PyQt6.QtWidgets import QApplication

from kernels import spare_memory
from viewer import settings as keys
from viewer import theme
from viewer.actions import window_intents
from viewer.compute import Compute
from viewer.dialogs import Dialogs
from viewer.frame import Frame, P, dress
from viewer.intents import Intents
from viewer.menus import Menus
from viewer.moment import Moment, Purpose, Query
from viewer.page_views import GradientView
from viewer.pages.filter.input_queries import INPUT
from viewer.pages.filter.page import FilterPage
from viewer.pages.filter.views.workspace import FilterWorkspace
from viewer.pages.gradient.actions import gradient_intents
from viewer.pages.layers.actions import layers_intents
from viewer.pages.network.actions import network_intents
from viewer.pages.network.train.actions import train_intents
from viewer.pages.stage.actions import stage_intents
from viewer.queries import queries
from viewer.river import SOON_SECONDS, River, undisturbed
from viewer.saving import Saving
from viewer.session import Session
from viewer.settings import Settings
from viewer.shelf import Shelf
from viewer.sources import DEFAULT_SAMPLE, Sources
from viewer.state import State
from viewer.store import Store
from viewer.widgets.base import single_shot
from viewer.window.main_window import MainWindow

if TYPE_CHECKING:
    from viewer.pages.folder.control import FolderControl
    from viewer.pages.gradient.page import GradientPage
    from viewer.pages.layers.page import LayersPage
    from viewer.pages.network.page import NetworkPage
    from viewer.pages.stage.page import StagePage

PATIENCE_MS = 16
"""How long controls wait to show an edit, so that the picture comes first."""

SPARE_BYTES = 450_000_000
"""Memory kept for the next results: three outputs of 12 megapixels in colour, as many as a drag lets go at a time."""

AHEAD_MS = 1500
"""How long after the window has come up things are made that the first look at them would wait for."""

SPARE_MS = 300
"""How often it is looked whether there is time to make a page."""

MODULES: Purpose[ModuleType] = Purpose("modules", "modules")


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
        self.saving = Saving(self.compute, settings, self.status, self.dialogs, self)
        self.filter = FilterPage(FilterWorkspace(), self.store, settings, self.dialogs, self)
        for name, title in (("filter", self.tr("Filter")), ("gradient", self.tr("Gradient")),
                            ("layers", self.tr("Layers")), ("network", self.tr("Network"))):  # fmt: skip
            self.add_tab(name, title)
        page = partial(getattr, self)  # a page is an attribute, called by the name of its workspace
        self.frame = Frame(self, self.river, page, self.sources, self.saving, settings, self.dialogs)
        self.frame.add(self.filter)
        self.intents = Intents(self, self.frame.go_to)
        further = [
            *gradient_intents(lambda: self.gradient),
            *layers_intents(lambda: self.layers),
            *network_intents(lambda: self.network),
            *train_intents(lambda: self.network.train),
            *stage_intents(lambda: self.stage),
        ]
        self.intents.add(
            window_intents(self, self.frame, self.sources, self.filter, lambda: self.folder.open(), further)
        )
        self.intents.join_buttons(self)
        self.list_actions = self.intents.listed
        self.menus = Menus(self.tool_bar, self.intents, self.sources, settings, self.compute, self)
        self._join()

    # The other pages, and the modules that they stand on, come when they are first shown, or while nobody waits.

    @cached_property
    def gradient(self) -> GradientPage:
        """The Gradient workspace."""
        from viewer.pages.gradient.page import GradientPage

        page = self._added(GradientPage(self.river, self.settings, self.dialogs, self))
        page.join(self.frame.save, self.saving.copy, self.sources)
        return page

    @cached_property
    def layers(self) -> LayersPage:
        """The Layers workspace."""
        from viewer.pages.layers.page import LayersPage

        return self._added(LayersPage(self.river, self.sources, self.saving, self.settings, self.dialogs, self))

    @cached_property
    def network(self) -> NetworkPage:
        """The Network workspace."""
        from viewer.pages.network.page import NetworkPage

        return self._added(
            NetworkPage(self.river, self.sources, self.saving, self.status, self.settings, self.dialogs, self)
        )

    @cached_property
    def stage(self) -> StagePage:
        """The Stage."""
        from viewer.pages.stage.page import StagePage

        page = StagePage(self.river, self.filter, self.sources, self.saving, self)
        page.join(self.tool_bar.samples, self.intents)
        return self._added(page)

    @cached_property
    def folder(self) -> FolderControl:
        """What filters whole folders."""
        from viewer.pages.folder.control import FolderControl

        return FolderControl(
            self.river,
            self.saving,
            self.settings,
            self.dialogs,
            self.status,
            lambda document: self.filter.kernel.choice_shown(document)[1],
            self,
        )

    def _added(self, page: P) -> P:
        self.intents.join_buttons(page.widget)
        return self.frame.add(page)

    def _join(self) -> None:
        self._is_closed = False
        self._rendered: Moment | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setTimerType(Qt.TimerType.PreciseTimer)
        self._later.setInterval(PATIENCE_MS)
        self._later.timeout.connect(self._render_controls)
        self._ahead = single_shot(self, AHEAD_MS, self._get_ahead)
        self._spare = single_shot(self, SPARE_MS, self._make_gradient)
        self.sources.take_kernel_text = self.filter.kernel.take_text
        panes = self.filter.view.panes
        names = ("outputToInput", "saveShown", "zoomFit", "zoomActual")
        panes.menu.addActions([self.intents.action(name) for name in names])
        kernel_menu = self.filter.view.kernel.heading.menu
        for name in ("openKernel", "saveKernel", "", "keepKernel", "removeKernel", "", "copyKernel", "pasteKernel"):
            kernel_menu.addAction(self.intents.action(name)) if name else kernel_menu.addSeparator()
        panes.files_dropped.connect(self.sources.open_dropped)
        panes.image_dropped.connect(self.sources.open_image)
        stack = self.store.undo_stack
        stack.canUndoChanged.connect(self.intents.action("undo").setEnabled)
        stack.canRedoChanged.connect(self.intents.action("redo").setEnabled)
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
        panes.input.setFocus()

    def _render(self, old: Moment, new: Moment) -> None:
        """The pictures first; controls and numbers wait a moment for a picture that is on its way."""
        front = self.frame.front
        for page in (front, *(each for each in self.frame.pages if each is not front)):
            page.paint(old, new)
        self.status.hold_notice(not new.busy.isdisjoint((front.awaited.name, INPUT.name)))
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
        with undisturbed():
            for page in self.frame.pages:
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
        self._ahead.start()

    def _get_ahead(self) -> None:
        """Have the thumbnails of the samples, the modules of the other pages and the largest of them ready."""
        self.menus.ask_thumbnails()
        for workspace in ("gradient", "layers", "network", "stage"):
            self.compute.order(modules_query(workspace), lambda _outcome: None)
        self._spare.start()

    def _make_gradient(self) -> None:
        """Make the page of the Gradient workspace, which takes longer than a switch should, while nobody waits."""
        waits = (
            not self.compute.is_idle
            or self._later.isActive()
            or QApplication.mouseButtons() != Qt.MouseButton.NoButton
            or QApplication.activePopupWidget() is not None
        )
        if waits:
            self._spare.start()
        else:
            self.gradient  # noqa: B018  # is made when it is first asked for

    def open(self, path: str) -> None:
        """Begin to open a picture: a file, or a sample by its name."""
        self.sources.open(str(path))

    def output(self) -> NDArray[Any] | None:
        """The raw array that the output pane shows; None before the first, and of a picture only read by windows."""
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
        """Remember the window, end threads and processes, remove temporary files; a window that closes does it too."""
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
        for name in ("network", "folder"):  # what goes on beside the window, where there is any
            if name in self.__dict__:
                getattr(self, name).end()


def modules_query(workspace: str) -> Query[ModuleType]:
    """The modules of the page `workspace`."""
    name = f"viewer.pages.{workspace}.page"
    return Query(MODULES, name, lambda _work: import_module(name))


def remembered_session(settings: Settings) -> Session:
    """The session as the last run left it."""
    directions = GradientView(direction_colours=settings.get(keys.DIRECTION_COLOURS))
    return Session(theme=settings.get(keys.THEME), large_type=settings.get(keys.LARGE_TYPE), gradient=directions)


def build(picture: str = DEFAULT_SAMPLE) -> KernelscopeWindow:
    """Make the window and begin to open `picture`; a ``QApplication`` must exist, no event loop is entered."""
    sys.setswitchinterval(SOON_SECONDS)
    spare_memory.keep(SPARE_BYTES)
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
    gc.enable()
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
