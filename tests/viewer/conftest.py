"""Tests of the window: settings of their own, and nothing left behind.

A test that leaves a thread, an active timer or a window behind fails, because the next test would run in its company.
"""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QSettings, QThread, QThreadPool, QTimer
from PyQt6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from kernels.errors import Cancelled
from kernels.pictures.picture import Origin, Picture
from viewer import compute, theme
from viewer.document import PictureReference
from viewer.moment import Failure, Moment, Query, Result
from viewer.pages.filter.queries import queries as filter_queries
from viewer.shelf import PICTURE, picture_key
from viewer.state import State
from viewer.store import Store

GRACE = 2.0
"""Seconds that a thread has to end in after its test."""

_made: weakref.WeakSet[QObject] = weakref.WeakSet()


def _remember_instances(kind: type[QObject]) -> None:
    """Make `kind` put each new instance into `_made`."""
    original = kind.__init__

    def remembering(self: QObject, *arguments: object, **named: object) -> None:
        original(self, *arguments, **named)
        _made.add(self)

    kind.__init__ = remembering


_remember_instances(QTimer)
_remember_instances(QThread)


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's settings, data and cache out of the test: all of them stand in a temporary folder."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    folder = tmp_path / "settings"
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        for kind in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
            QSettings.setPath(kind, scope, str(folder / scope.name))
    return folder


@pytest.fixture(autouse=True, scope="session")
def short_quiet() -> None:
    """Let leisure begin at once: nobody looks, and thousands of tests would wait for it."""
    compute.QUIET_SECONDS = 0.001


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application, dressed as the program dresses it, whichever test comes first."""
    theme.apply(qapp, "dark")
    return qapp


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """Hold the widgets until they are closed: the collector could take one at work as soon as the test has returned."""
    held, add = [], qtbot.addWidget

    def hold(widget: QWidget, **named: Any) -> None:
        held.append(widget)
        add(widget, **named)

    monkeypatch.setattr(qtbot, "addWidget", hold)
    return qtbot


@pytest.fixture(autouse=True)
def usual_theme(nothing_left_behind: None) -> Iterator[None]:
    """Take back another theme or size of type, which the next test would meet."""
    yield
    app, notifier = QApplication.instance(), theme.notifier()
    if isinstance(app, QApplication) and (notifier.palette.name, notifier.scale) != ("dark", 1.0):
        theme.apply(app, "dark")


@pytest.fixture(autouse=True)
def nothing_left_behind(own_settings: Path) -> Iterator[None]:
    """Fail the test when a thread, an active timer or a window outlives it."""
    threads = set(threading.enumerate())
    objects = _active_objects()
    windows = _windows()
    yield
    leaks = _leaks(threads, objects, windows)
    if leaks:
        # A window in a reference cycle is no leak of the program: only the collector has not come by yet.
        gc.collect()
        leaks = _leaks(threads, objects, windows)
    for window in _windows() - windows:
        window.close()
        window.deleteLater()
    if leaks:
        pytest.fail("left behind: " + "; ".join(sorted(leaks)), pytrace=False)


def _leaks(threads: set[threading.Thread], objects: set[QObject], windows: set[QWidget]) -> list[str]:
    """Describe what is there now and was not before."""
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    _wait(lambda: not (_python_threads() - threads) and not _qt_threads(_active_objects() - objects))
    leaks = [f"thread {thread.name}" for thread in _python_threads() - threads]
    leaks += [f"{type(item).__name__} {item.objectName()!r}" for item in _active_objects() - objects]
    leaks += [f"window {type(item).__name__} {item.windowTitle()!r}" for item in _windows() - windows]
    if not QThreadPool.globalInstance().waitForDone(int(GRACE * 1000)):
        leaks.append("a job of the global thread pool")
    return leaks


def _python_threads() -> set[threading.Thread]:
    # Python makes a dummy for each foreign thread that runs its code and keeps it after that thread has ended.
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


def _active_objects() -> set[QObject]:
    """Return the running QThreads and active QTimers that Python code made."""
    return {
        item
        for item in _made
        if not sip.isdeleted(item) and (item.isRunning() if isinstance(item, QThread) else item.isActive())
    }


def _qt_threads(objects: set[QObject]) -> list[QObject]:
    return [item for item in objects if isinstance(item, QThread)]


def _windows() -> set[QWidget]:
    """Return the windows: main windows and dialogs, shown or not, and whatever else is visible but a tool tip."""
    if QApplication.instance() is None:
        return set()
    return {
        widget
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, QMainWindow | QDialog) or (widget.isVisible() and not widget.inherits("QTipLabel"))
    }


def _wait(condition: Callable[[], bool]) -> None:
    """Give threads the time to end; there is no signal to wait for, as any kind of thread is meant."""
    end = time.monotonic() + GRACE
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)


class Flow:
    """The river with a worker that makes everything on the spot, in the GUI thread, and what it made each thing for.

    Attributes
    ----------
    is_held : bool
        Nothing is made until ``flow`` is called without it: what is on screen is older than the state.
    made : list of str
        The purposes of what was made, in order.
    """

    def __init__(
        self, state: State | None = None, queries: Callable[[Moment], Sequence[Query[Any]]] = filter_queries
    ) -> None:
        self.store = Store(state)
        self.moment = Moment(self.store.state)
        self.results: dict[str, Result[Any]] = {}
        self.failures: dict[str, Failure] = {}
        self.is_held = False
        self.made: list[str] = []
        self._queries = queries
        self._renderers: list[Callable[[Moment, Moment], object]] = []
        self._is_flowing = self._is_dirty = False
        self._pictures = 0
        self.store.changed.connect(self.flow)

    def join(self, *renderers: Callable[[Moment, Moment], object]) -> None:
        """Let these render every moment, this one first."""
        self._renderers.extend(renderers)
        for render in renderers:
            render(self.moment, self.moment)

    def open(self, pixels: np.ndarray | Picture, **more: Any) -> Picture:
        """Put a picture into the results and into the document."""
        picture = (
            pixels if isinstance(pixels, Picture) else Picture(pixels, origin=Origin("sample", None, "grid"), **more)
        )
        self._pictures += 1
        reference = PictureReference(self._pictures, picture.origin, picture.origin.name)
        self.take(Query(PICTURE, (reference, 0), lambda _work: picture), picture)
        self.store.start_with(lambda document: replace(document, picture=reference))
        assert picture_key(self.store.state) == (reference, 0)
        return picture

    def flow(self) -> None:
        """Make and show whatever is wanted, until nothing is missing."""
        self._is_dirty = True
        if self._is_flowing:
            return
        self._is_flowing = True
        try:
            while self._is_dirty:
                self._is_dirty = False
                before, moment = self.moment, Moment(self.store.state, dict(self.results), dict(self.failures))
                wanted = self._queries(moment)
                for each in wanted:
                    if self.has(each) and self.failures.pop(each.purpose.name, None):
                        self._is_dirty = True
                missing = [each for each in wanted if not self._is_answered(each)]
                busy = frozenset(each.purpose.name for each in missing)
                self.moment = Moment(moment.state, moment.results, moment.failures, busy)
                for render in self._renderers:
                    render(before, self.moment)
                if missing and not self.is_held:
                    self._is_dirty = True
                    self._make(missing[0])
        finally:
            self._is_flowing = False

    def _is_answered(self, query: Query[Any]) -> bool:
        name = query.purpose.name
        found = (self.results.get(name), self.failures.get(name))
        return any(each is not None and each.key == query.key for each in found)

    def _make(self, query: Query[Any]) -> None:
        self.made.append(query.purpose.name)
        try:
            self.take(query, query.make(self))
        except (ValueError, OSError, MemoryError, Cancelled) as error:
            self.failures[query.purpose.name] = Failure(query.purpose, query.key, str(error), error)

    def take(self, query: Query[Any], value: Any) -> None:
        """Hold a result."""
        self.results[query.purpose.name] = Result(query.purpose, query.key, value)
        self.failures.pop(query.purpose.name, None)

    # What work may ask and tell.

    def cancelled(self) -> bool:
        return False

    def progress(self, fraction: float) -> None:
        pass

    def has(self, query: Query[Any]) -> bool:
        found = self.results.get(query.purpose.name)
        return found is not None and found.key == query.key

    def need(self, query: Query[Any]) -> Any:
        if not self.has(query):
            self.take(query, query.make(self))
        return self.results[query.purpose.name].value

    publish = take


@pytest.fixture
def make_flow(qapp: QApplication) -> type[Flow]:
    """How a test makes its ``Flow``."""
    return Flow


@pytest.fixture
def open_window(qtbot, own_settings):
    """Open a window and wait until it is idle; it is closed with the test."""

    def run(*picture):
        from viewer.app import build

        made = build(*picture)
        qtbot.addWidget(made)
        made.show()
        with qtbot.waitActive(made):  # keys go to the window in front, which a display makes it when it comes to that
            made.activateWindow()
        made.wait_until_idle()
        return made

    return run
