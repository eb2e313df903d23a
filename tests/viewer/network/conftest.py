"""The Network workspace with the shipped networks, on a worker that makes everything on the spot."""

from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget

from kernels.pictures.picture import from_array
from tests.viewer.network.tiny import tiny_networks  # noqa: F401  # a fixture
from viewer.dialogs import Dialogs
from viewer.moment import Moment
from viewer.pages.network import queries
from viewer.pages.network.actions import network_intents
from viewer.pages.network.page import NetworkPage
from viewer.session import Session
from viewer.settings import Settings
from viewer.state import State


class Bench:
    """The page without a window around it."""

    def __init__(self, qtbot: Any, make_flow: Any) -> None:
        self.qtbot = qtbot
        self.flow = make_flow(State(session=Session(workspace="network")), queries.queries)
        self.store = self.flow.store
        self.page = NetworkPage(self.flow, None, None, None, Settings(), Dialogs())
        self.view = self.page.view
        self.flow.join(self.page.paint, self.page.render)
        self.flow.flow()

    def child(self, name: str) -> Any:
        found = self.view.findChild(QWidget, name)
        assert found is not None, name
        return found

    def call(self, name: str) -> None:
        """Call an intent of the page."""
        intent = next(each for each in network_intents(lambda: self.page) if each.name == name)
        assert intent.possible is None or intent.possible(self.moment)
        intent.run()

    def choose(self, name: str, data: Any) -> None:
        box = self.child(name)
        box.setCurrentIndex(box.findData(data))

    def open(self, pixels: np.ndarray) -> None:
        self.flow.open(from_array(pixels, kind="clipboard", name="test"))

    def draw(self, *points: tuple[float, float]) -> None:
        """Draw a stroke with the mouse, through (y, x) shares of the pad."""
        pad = self.child("drawPad")
        side = min(pad.width(), pad.height())
        left, top = (pad.width() - side) / 2, (pad.height() - side) / 2
        places = [QPoint(round(left + x * side), round(top + y * side)) for y, x in points]
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(pad, place)
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=places[-1])

    @property
    def moment(self) -> Moment:
        return self.flow.moment

    @property
    def columns(self) -> dict[str, Any]:
        """What the networks say, by their names."""
        return {each.name: each for each in self.child("predictionView").columns}

    def text(self, name: str) -> str:
        return self.child(name).text()


@pytest.fixture
def bench(qtbot, make_flow):
    made = Bench(qtbot, make_flow)
    qtbot.addWidget(made.view)
    made.view.resize(1366, 698)
    with qtbot.waitExposed(made.view):
        made.view.show()
    return made
