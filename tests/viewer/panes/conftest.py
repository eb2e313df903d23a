"""What tests of the panes share."""

from typing import Any

import pytest
from PyQt6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.viewer.panes.rig import Rig
from viewer.pages.filter.panes_control import PanesControl
from viewer.panes import PanesView


@pytest.fixture
def rig(qtbot: QtBot, make_flow: Any) -> Rig:
    flow, view, window, edit = make_flow(), PanesView(), QWidget(), QLineEdit()
    column = QVBoxLayout(window)
    column.addWidget(edit)
    column.addWidget(view, 1)
    control = PanesControl(view, flow.store, window)
    flow.join(control.render)
    qtbot.addWidget(window)
    window.resize(900, 560)
    with qtbot.waitExposed(window):
        window.show()
    made = Rig(qtbot, flow, view, window, edit)
    control.readout_changed.connect(lambda *said: made.said.append(said))
    return made
