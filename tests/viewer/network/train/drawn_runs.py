"""Runs as the middle of the Train side draws them, and the view itself."""

from typing import Any

import numpy as np
import pytest

from kernels.cnn.training.curves import Curves
from viewer.pages.network.train.drawn import DrawnRun, Film, FilmFrame, Likeness
from viewer.pages.network.train.views.middle import TrainMiddle


def curves(steps: int, begin: int = 0) -> Curves:
    """A loss that falls and an accuracy that rises, checked every fifty steps."""
    at = np.arange(begin, steps)
    checks = np.arange(-(-begin // 50) * 50, steps + 1, 50)
    return Curves(steps, at, 2.3 * np.exp(-at / 300), at / 2000, checks, 2 * np.exp(-checks / 300), checks / 2000)


def drawn(name: str, steps: int = 1600, *, number: int = 0, parent: Any = None, **more: Any) -> DrawnRun:
    begin = 0 if parent is None else parent[1]
    kept = tuple(range(begin, steps + 1, 50))
    id_ = f"run-{name}"
    return DrawnRun(id_, name, "η 0.1", number, parent, steps, curves(steps, begin), kept, kept[-2:][0], **more)


def film(steps: tuple[int, ...] = (0, 400, 1600), count: int = 6) -> Film:
    """Filters of 5 x 5 weights; every second one resembles an edge."""
    pictures = tuple(np.full((5, 5, 3), 8 * row, np.uint8) for row in range(count))
    looks = tuple(Likeness(0.5 + row / 20, "" if row % 2 else f"edge {row}°") for row in range(count))
    return Film(tuple(FilmFrame(step, pictures, looks) for step in steps), "filter")


@pytest.fixture
def middle(qtbot):
    made = TrainMiddle()
    qtbot.addWidget(made)
    made.resize(862, 698)
    made.show()
    return made


@pytest.fixture
def pair(middle):
    """The view with a run and a branch of it; the run is shown, at step 800."""
    runs = (drawn("A"), drawn("B", 400, number=1, parent=("run-A", 200), is_broken=True))
    middle.show_runs(runs, "run-A")
    middle.show_film(film((0, 50, 100, 200, 400, 800, 1600)), "about it")
    middle.show_step(800)
    return middle
