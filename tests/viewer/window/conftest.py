"""The real window, driven by the names of its controls."""

import threading
from functools import cache

import pytest
from PyQt6.QtWidgets import QWidget

from kernels.errors import Cancelled
from kernels.filtering import engine
from kernels.gradients import accuracy
from kernels.pictures.reading import open_sample
from tests.viewer.layers_hand import LayersHand, grey
from tests.viewer.stage_hand import StageHand


@cache
def _judged(name, operator):
    return accuracy.judged(name, operator)


@pytest.fixture(autouse=True)
def operators_are_judged_once(monkeypatch):
    """Each window would judge the same operators again, on the same pictures."""
    monkeypatch.setattr(
        "viewer.pages.gradient.accuracy.judged", lambda name, operator, _cancelled: _judged(name, operator)
    )


@pytest.fixture
def window(open_window):
    """The window, idle on its first sample."""
    return open_window()


@pytest.fixture
def all_pages(window):
    """The window once every workspace was shown."""
    for workspace in ("gradient", "layers", "network", "stage", "filter"):
        window.frame.go_to(workspace)
    window.wait_until_idle()
    return window


@pytest.fixture
def control(window):
    """Find a control by its object name."""

    def find(name):
        found = window.findChild(QWidget, name)
        assert found is not None, f"no control is called {name}"
        return found

    return find


@pytest.fixture
def choose(window, control):
    """Choose an item of a combo box or a segmented control by its data."""

    def run(name, data):
        box = control(name)
        index = box.findData(data)
        assert index >= 0, f"{name} has no {data!r}"
        box.setCurrentIndex(index)
        window.wait_until_idle()
        assert box.currentData() == data

    return run


@pytest.fixture
def commit(window, control):
    """Type a text into a field and leave it."""

    def run(name, text):
        edit = control(name)
        edit.setFocus()
        edit.setText(text)
        edit.editingFinished.emit()
        window.wait_until_idle()

    return run


@pytest.fixture
def grid(window):
    """The pixels of the lectures' grid, which is open: little to compute."""
    window.open("lecture-grid")
    window.wait_until_idle()
    return open_sample("lecture-grid").pixels


@pytest.fixture
def camera():
    """The pixels of the first sample."""
    return open_sample("camera").pixels.astype(float)


@pytest.fixture
def slow(monkeypatch):
    """Filtering that lasts until it is cancelled or let go."""
    let_go, running = threading.Event(), threading.Event()
    original = engine.run

    def run(*arguments, cancelled=None, **named):
        running.set()
        while not let_go.wait(0.005):
            if cancelled is not None and cancelled():
                raise Cancelled
        return original(*arguments, cancelled=cancelled, **named)

    monkeypatch.setattr(engine, "run", run)
    yield running, let_go
    let_go.set()


@pytest.fixture
def stage(open_window):
    """The Stage of a window of its own, idle on the lectures' grid, with Sobel x."""
    hand = StageHand(open_window("lecture-grid"))
    hand.enter()
    return hand


@pytest.fixture
def layers(open_window):
    """The Layers workspace of a window of its own, idle on a small grey picture."""
    hand = LayersHand(open_window("lecture-grid"))
    hand.open(grey())
    hand.enter()
    return hand
