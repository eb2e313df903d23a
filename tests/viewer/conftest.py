"""Tests of the window: settings of their own, and nothing left behind.

A test that leaves a thread, an active timer or a window behind fails, because the next test would run in its company.
"""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QSettings, QThread, QThreadPool, QTimer
from PyQt6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

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
