"""What the tests of the Gradient workspace share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from kernels.pictures.picture import Origin, Picture
from viewer.compute import Compute
from viewer.pages.gradient.control import GradientController
from viewer.pages.gradient.views.workspace import GradientWorkspace
from viewer.state import GradientOptions, PictureReference
from viewer.store import Store

LEFT = Qt.MouseButton.LeftButton


@dataclass
class Rig:
    """The workspace with its controller and a real worker."""

    qtbot: QtBot
    store: Store
    compute: Compute
    view: GradientWorkspace
    controller: GradientController
    said: list[str] = field(default_factory=list)

    def open(self, pixels: np.ndarray, **more: Any) -> Picture:
        picture = Picture(pixels, origin=Origin("sample", None, "made"), **more)
        self.controller.show_picture(PictureReference(1, picture.origin, "made"), picture)
        self.settle()
        return picture

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: self.compute.is_idle, timeout=10000)
        QApplication.processEvents()
        self.qtbot.waitUntil(lambda: self.compute.is_idle, timeout=10000)

    def control(self, name: str) -> Any:
        found = self.view.findChild(QWidget, name)
        assert found is not None, name
        return found

    def choose(self, name: str, data: str) -> None:
        control = self.control(name)
        control.setCurrentIndex(control.findData(data))
        self.settle()

    def set(self, name: str, value: float) -> None:
        self.control(name).setValue(value)
        self.settle()

    @property
    def options(self) -> GradientOptions:
        return self.store.document.gradient

    @property
    def pane(self) -> Callable[[str], Any]:
        return self.view.panes.panes.__getitem__

    def values(self, name: str) -> np.ndarray:
        sheet = self.pane(name).sheet
        assert sheet is not None
        assert sheet.values is not None
        return sheet.values

    def hover(self, name: str, y: float, x: float) -> None:
        pane = self.pane(name)
        # A pointer that is there already would not be announced.
        self.qtbot.mouseMove(pane, QPoint(20, 5))
        self.qtbot.mouseMove(pane, pane.position_of(y, x).toPoint())

    def click(self, name: str, y: float, x: float) -> None:
        pane = self.pane(name)
        self.qtbot.mouseClick(pane, LEFT, pos=pane.position_of(y, x).toPoint())


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    store, compute = Store(), Compute()
    store.view(lambda session: replace(session, workspace="gradient"))
    view = GradientWorkspace()
    controller = GradientController(view, store, compute, view)
    store.changed.connect(controller.update)
    controller.update(store.state, store.state)
    qtbot.addWidget(view)
    view.resize(1176, 698)
    with qtbot.waitExposed(view):
        view.show()
    made = Rig(qtbot, store, compute, view, controller)
    controller.readout_changed.connect(made.said.append)
    yield made
    compute.shutdown()


@pytest.fixture
def noise() -> Callable[..., np.ndarray]:
    """A maker of colour pictures full of edges."""

    def make(height: int = 40, width: int = 60) -> np.ndarray:
        return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)

    return make
