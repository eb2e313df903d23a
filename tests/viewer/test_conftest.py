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
    "window": ("def {name}(qtbot):\n    window = QWidget(); window.show(); kept.append(window)\n", "window QWidget"),
    "main_window": ("def {name}(qapp):\n    kept.append(QMainWindow())\n", "window QMainWindow"),
    "timer": ("def {name}(qapp):\n    timer = QTimer(); timer.start(60_000); kept.append(timer)\n", "QTimer"),
    "python_thread": (
        "def {name}():\n    threading.Thread(target=threading.Event().wait, name='lost', daemon=True).start()\n",
        "thread lost",
    ),
    "qt_thread": ("def {name}(qapp):\n    thread = QThread(qapp); thread.start(); kept.append(thread)\n", "QThread"),
}

CLEAN = """
def test_tidy(qtbot, own_settings):
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


def test_what_is_left_behind_fails_the_test_and_nothing_else_does(pytester: pytest.Pytester) -> None:
    """In a process of its own under this folder's conftest."""
    hurried = CONFTEST.replace("GRACE = 2.0", "GRACE = 0.05")
    assert hurried != CONFTEST
    pytester.makeconftest(hurried)
    pytester.makepyfile(
        IMPORTS + "".join(test.format(name=f"test_{name}") for name, (test, _) in LEAKS.items()) + CLEAN
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    for name, (_, named) in LEAKS.items():
        result.stdout.fnmatch_lines([f"*ERROR at teardown of test_{name} *", f"left behind: {named}*"])
    result.assert_outcomes(passed=len(LEAKS) + 1, errors=len(LEAKS))
