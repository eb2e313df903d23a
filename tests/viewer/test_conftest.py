"""The leak check itself: it must see what it is there for, and stay quiet otherwise."""

from pathlib import Path

import pytest

CONFTEST = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8")
IMPORTS = """
import threading
from PyQt6.QtCore import QSettings, QThread, QTimer
from PyQt6.QtWidgets import QMainWindow, QWidget
kept = []
"""

pytest_plugins = ["pytester"]

LEAKS = {
    "a window": ("def test_it(qtbot):\n    window = QWidget(); window.show(); kept.append(window)\n", "window QWidget"),
    "a hidden main window": ("def test_it(qapp):\n    kept.append(QMainWindow())\n", "window QMainWindow"),
    "a timer": ("def test_it(qapp):\n    timer = QTimer(); timer.start(60_000); kept.append(timer)\n", "QTimer"),
    "a Qt thread": ("def test_it(qapp):\n    thread = QThread(qapp); thread.start(); kept.append(thread)\n", "QThread"),
    "a Python thread": (
        "def test_it():\n    threading.Thread(target=threading.Event().wait, name='lost', daemon=True).start()\n",
        "thread lost",
    ),
}

CLEAN = """
def test_it(qtbot, own_settings):
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    timer = QTimer(window)
    timer.start(60_000)
    thread = QThread()
    thread.start()
    thread.quit()
    worker = threading.Thread(target=str)
    worker.start()
    settings = QSettings("somebody", "something")
    settings.setValue("a", 1)
    settings.sync()
    assert str(own_settings) in settings.fileName()
"""


def run_inside(pytester: pytest.Pytester, test: str) -> pytest.RunResult:
    """Run `test` in a process of its own under this folder's conftest."""
    hurried = CONFTEST.replace("GRACE = 2.0", "GRACE = 0.05")
    assert hurried != CONFTEST
    pytester.makeconftest(hurried)
    pytester.makepyfile(IMPORTS + test)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider")


@pytest.mark.parametrize("name", LEAKS)
def test_what_is_left_behind_fails_the_test(pytester: pytest.Pytester, name: str) -> None:
    test, named = LEAKS[name]
    result = run_inside(pytester, test)
    result.stdout.fnmatch_lines([f"*left behind:*{named}*"])
    result.assert_outcomes(passed=1, errors=1)


def test_a_tidy_test_passes(pytester: pytest.Pytester) -> None:
    run_inside(pytester, CLEAN).assert_outcomes(passed=1)
