"""A kernel editor on its own, driven the way a user drives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QGuiApplication, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QLineEdit, QMainWindow, QTableView, QWidget
from pytestqt.qtbot import QtBot

from kernels.kernel import Kernel
from viewer import actions, theme
from viewer.document import with_kernel
from viewer.intents import Intents
from viewer.pages.filter.kernel_control import KernelControl
from viewer.pages.filter.views.kernel import KernelPanel
from viewer.settings import Settings

NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


class Answers:
    """Stands in for the dialogs: answers what the test wants and notes what was asked."""

    def __init__(self) -> None:
        self.path = self.name = ""
        self.agrees = True
        self.asked: list[str] = []

    def ask_open(self, title: str, folder: str, choices: str) -> str:
        self.asked.append("open")
        return self.path

    def ask_save(self, title: str, proposal: str, choices: str) -> str:
        self.asked.append(f"save {Path(proposal).name}")
        return self.path

    def ask_name(self, title: str, label: str, proposal: str) -> str:
        self.asked.append(f"name {proposal}")
        return self.name

    def confirm(self, title: str, question: str, action: str) -> bool:
        self.asked.append(action)
        return self.agrees


class Editor:
    """The kernel panel and what controls it; `folder` holds My kernels."""

    def __init__(self, bot: QtBot, folder: Path, flow: Any) -> None:
        self.bot, self.folder = bot, folder
        self.panel, self.window = KernelPanel(), QMainWindow()
        self.window.setCentralWidget(self.panel)
        bot.addWidget(self.window)
        self.flow, self.store = flow, flow.store
        self.answers = Answers()
        self.control = KernelControl(self.panel, self.store, Settings(), self.answers, self.panel, folder=folder)
        view = SimpleNamespace(kernel=self.panel)
        self.intents = Intents(self.window, lambda _page: None)
        self.intents.add(actions._kernel(SimpleNamespace(name="filter", kernel=self.control, view=view)))
        self.intents.join_buttons(self.window)
        flow.join(self.control.render, lambda _old, new: self.intents.render(new))
        self.control.own_kernels_changed.connect(lambda: self.intents.render(flow.moment))
        with bot.waitExposed(self.window):
            self.window.show()
        self.table = self.find(QTableView, "kernelTable")
        self.model = self.table.model()

    def find(self, kind: type, name: str) -> QWidget:
        found = self.panel.findChild(kind, name)
        assert found is not None, name
        return found

    def choose(self, key: str) -> None:
        """Choose a kernel in the list."""
        combo = self.panel.preset_combo
        combo.setCurrentIndex(combo.findData(key))

    @property
    def kernel(self) -> Kernel:
        return self.store.document.kernel

    @property
    def steps(self) -> int:
        return self.store.undo_stack.count()

    def take(self, kernel: Kernel) -> None:
        """Show `kernel` as if the program had started with it."""
        self.store.start_with(lambda document: with_kernel(document, kernel, keep_preset=False))

    def set(self, row: int, column: int, text: str) -> bool:
        return self.model.setData(self.model.index(row, column), text)

    # Pointer

    def centre(self, row: int, column: int) -> QPoint:
        return self.table.visualRect(self.model.index(row, column)).center()

    def click(self, row: int, column: int) -> None:
        self.bot.mouseClick(self.table.viewport(), LEFT, NONE, self.centre(row, column))
        assert self.table.hasFocus()

    def wheel(self, row: int, column: int, notches: int, modifier: Qt.KeyboardModifier = NONE) -> bool:
        """Turn the wheel over a cell; whether the table took it."""
        viewport, position = self.table.viewport(), self.centre(row, column)
        event = QWheelEvent(
            QPointF(position), QPointF(viewport.mapToGlobal(position)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        event.ignore()
        QApplication.sendEvent(viewport, event)
        return event.isAccepted()

    def drag(self, row: int, column: int, *ways: tuple[int, int], modifier: Qt.KeyboardModifier = NONE) -> None:
        """Press on a cell, move by each of `ways` (right, down) from there, release."""
        viewport, start = self.table.viewport(), self.centre(row, column)
        self.bot.mousePress(viewport, LEFT, modifier, start)
        for way in ways:
            self._move(start + QPoint(*way), LEFT, modifier)
        self.bot.mouseRelease(viewport, LEFT, modifier, start + QPoint(*ways[-1]))

    def point_at(self, row: int, column: int) -> None:
        self._move(self.centre(row, column), Qt.MouseButton.NoButton, NONE)

    def _move(self, position: QPoint, button: Qt.MouseButton, modifier: Qt.KeyboardModifier) -> None:
        viewport = self.table.viewport()
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(position), QPointF(viewport.mapToGlobal(position)),
            Qt.MouseButton.NoButton, button, modifier,
        )  # fmt: skip
        QApplication.sendEvent(viewport, event)

    # Keys

    def line(self) -> QLineEdit | None:
        """The line that is open over a cell."""
        lines = self.table.findChildren(QLineEdit, "cellEditor")
        return next((line for line in lines if line.isVisible()), None)

    def type(self, text: str) -> None:
        for character in text:
            self.bot.keyClicks(self.line() or self.table, character)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
        self.bot.keyClick(self.line() or self.table, key, modifier)


@pytest.fixture
def editor(qtbot: QtBot, tmp_path: Path, make_flow: Any) -> Iterator[Editor]:
    """The editor in the dark theme, with an empty folder of own kernels."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.load_fonts()
    theme.apply(app, "dark")
    yield Editor(qtbot, tmp_path / "kernels", make_flow(queries=lambda _moment: []))
    theme.apply(app, "dark")


@pytest.fixture
def clipboard(qapp: QApplication):
    """The clipboard, left empty."""
    board = QGuiApplication.clipboard()
    yield board
    board.clear()
