"""What the tests of the Gradient workspace share: its page on a river whose worker makes everything on the spot."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kernels.pictures.picture import Origin, Picture
from tests.viewer.pointer import move_to
from viewer.dialogs import Dialogs
from viewer.document import GradientOptions
from viewer.moment import Moment, Query
from viewer.pages.filter.input_queries import input_query
from viewer.pages.gradient import queries
from viewer.pages.gradient.actions import gradient_intents
from viewer.pages.gradient.page import GradientPage
from viewer.pages.gradient.queries import EDGES, NUMBERS, PANES, Edges, Numbers, Panes
from viewer.session import Session
from viewer.settings import Settings
from viewer.shelf import open_result
from viewer.state import State

LEFT = Qt.MouseButton.LeftButton


class Rig:
    """The page without the learned filters; the accuracy of the operators is left out unless it is asked for."""

    def __init__(self, qtbot: QtBot, make_flow: Any) -> None:
        self.qtbot = qtbot
        self.with_accuracy = False
        self.flow = make_flow(State(session=Session(workspace="gradient")), self.queries)
        self.flow.without = set()  # purposes that are cancelled
        self.store = self.flow.store
        self.page = GradientPage(self.flow, Settings(), Dialogs())
        self.view = self.page.view
        self.said: list[str] = []
        self.flow.join(self.page.paint, self.page.render, lambda _old, new: self.said.append(self.page.facts(new)))

    def queries(self, moment: Moment) -> list[Query[Any]]:
        picture = open_result(moment)
        wanted = [] if picture is None else [input_query(picture, None)]
        if moment.state.session.workspace != "gradient":
            return wanted
        found = queries.queries(moment)
        found = [each for each in found if self.with_accuracy or each.purpose.lane != "accuracy"]
        return [*wanted, *(each for each in found if each.purpose.name not in self.flow.without)]

    def open(self, pixels: np.ndarray, **more: Any) -> Picture:
        return self.flow.open(Picture(pixels, origin=Origin("sample", None, "made"), **more))

    def control(self, name: str) -> Any:
        found = self.view.findChild(QWidget, name)
        assert found is not None, name
        return found

    def choose(self, name: str, data: str) -> None:
        control = self.control(name)
        control.setCurrentIndex(control.findData(data))

    def set(self, name: str, value: float) -> None:
        self.control(name).setValue(value)

    def go(self, workspace: str) -> None:
        self.store.view(lambda session: replace(session, workspace=workspace))

    def call(self, name: str) -> None:
        """Call an intent of the page."""
        intent = next(each for each in gradient_intents(lambda: self.page) if each.name == name)
        assert intent.possible is None or intent.possible(self.flow.moment)
        intent.run()

    @property
    def options(self) -> GradientOptions:
        return self.store.document.gradient

    @property
    def panes(self) -> Panes:
        return self.flow.moment.value(PANES)

    @property
    def edges(self) -> Edges:
        return self.flow.moment.value(EDGES)

    @property
    def numbers(self) -> Numbers:
        return self.flow.moment.value(NUMBERS)

    def pane(self, name: str) -> Any:
        return self.view.panes.panes[name]

    def image(self, name: str) -> np.ndarray:
        return self.pane(name).sheet.whole.image

    def values(self, name: str) -> np.ndarray:
        sheet = self.pane(name).sheet
        assert sheet is not None
        return sheet.values[:, :] if name == "direction" else sheet.values

    def hover(self, name: str, y: float, x: float) -> None:
        pane = self.pane(name)
        # A pointer that is there already would not be announced.
        move_to(pane, QPoint(20, 5))
        move_to(pane, pane.position_of(y, x).toPoint())

    def click(self, name: str, y: float, x: float) -> None:
        pane = self.pane(name)
        self.qtbot.mouseClick(pane, LEFT, pos=pane.position_of(y, x).toPoint())


@pytest.fixture
def rig(qtbot: QtBot, make_flow: Any) -> Rig:
    made = Rig(qtbot, make_flow)
    qtbot.addWidget(made.view)
    made.view.resize(1366, 698)
    with qtbot.waitExposed(made.view):
        made.view.show()
    return made


@pytest.fixture
def noise() -> Callable[..., np.ndarray]:
    """A maker of colour pictures full of edges."""

    def make(height: int = 40, width: int = 60) -> np.ndarray:
        return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)

    return make
