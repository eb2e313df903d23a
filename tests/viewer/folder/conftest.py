"""The dialog of the real window, with somebody who does a batch's tasks in this process, when he is let."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtWidgets import QWidget

from kernels import memory
from kernels.batch.messages import Report
from kernels.batch.settings import BatchSettings
from tests.kernels.batch.conftest import Here
from tests.kernels.batch.conftest import tree as tree
from viewer.pages.folder.running import STANDING, Standing


class Crew:
    """Stands in for `kernels.batch.run.Pool`; ``permits`` says how many pictures may still be done."""

    def __init__(self) -> None:
        self.permits: threading.Semaphore | None = None
        self.made: list[Here] = []

    def hold(self, count: int = 0) -> None:
        """Do no more than so many pictures until ``let`` is called."""
        self.permits = threading.Semaphore(count)

    def let(self, count: int = 1000) -> None:
        """Do so many more."""
        assert self.permits is not None
        self.permits.release(count)

    def __call__(self, settings: BatchSettings, _workers: int) -> Here:
        crew = self

        class Held(Here):
            def reports(self, timeout: float) -> list[Report]:
                if self.given and crew.permits is not None and not crew.permits.acquire(timeout=0.02):
                    return []
                return super().reports(timeout)

        self.made.append(Held(settings))
        return self.made[-1]


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the tasks be done in this process, whose memory is not limited by that afterwards."""
    made = Crew()
    monkeypatch.setattr("kernels.batch.run.Pool", made)
    yield made
    memory.allow(float("inf"))


class Hand:
    """What a user does with the dialog, and sees there."""

    def __init__(self, window: Any, qtbot: Any) -> None:
        self.window, self.qtbot = window, qtbot
        window.intents.call("filterFolder")
        window.wait_until_idle()
        self.dialog = window.folder.view

    def control(self, name: str) -> Any:
        found = self.dialog.findChild(QWidget, name)
        assert found is not None, name
        return found

    def type(self, name: str, text: object) -> None:
        edit = self.control(name)
        edit.setText(str(text))
        edit.editingFinished.emit()
        self.window.wait_until_idle()

    def choose(self, name: str, data: object) -> None:
        box = self.control(name)
        assert box.findData(data) >= 0
        box.setCurrentIndex(box.findData(data))
        self.window.wait_until_idle()

    def places(self, source: Path) -> Path:
        """Choose a folder of pictures, and return that of results."""
        self.type("folderSource", source)
        return Path(self.control("folderTarget").text())

    def click(self, name: str) -> None:
        button = self.control(name)
        assert button.isEnabled(), name
        button.click()

    @property
    def standing(self) -> Standing | None:
        return self.window.river.moment.value(STANDING)

    def wait(self, condition: Callable[[Standing], bool]) -> Standing:
        self.qtbot.waitUntil(lambda: self.standing is not None and condition(self.standing), timeout=20_000)
        assert self.standing is not None
        return self.standing

    def run(self) -> Standing:
        """Filter all, and return how it ended."""
        before = self.standing
        self.click("folderStart")
        return self.wait(lambda standing: standing.is_over and standing is not before)

    @property
    def line(self) -> str:
        return self.control("folderStanding").text()

    @property
    def said(self) -> str:
        shown = (self.control(name) for name in ("folderMessage", "folderRunMessage"))
        return " ".join(each.text() for each in shown if not each.isHidden())

    @property
    def failures(self) -> list[tuple[str, str]]:
        model = self.control("folderFailures").model()
        cells = range(model.columnCount())
        return [tuple(model.index(row, cell).data() for cell in cells) for row in range(model.rowCount())]


@pytest.fixture
def threads_of_zarr() -> Any:
    """End the threads of zarr, which else last as long as the process."""
    sync = pytest.importorskip("zarr.core.sync")
    yield
    sync.cleanup_resources()


@pytest.fixture
def hand(open_window: Any, crew: Crew, qtbot: Any) -> Hand:
    """The dialog of a new window."""
    return Hand(open_window(), qtbot)
