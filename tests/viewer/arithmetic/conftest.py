"""The strip of arithmetic, with everything computed on the spot."""

import pytest

from tests.viewer.arithmetic.bench import Bench


@pytest.fixture
def bench(qtbot, make_flow):
    made = Bench(qtbot, make_flow())
    qtbot.addWidget(made.strip)
    made.strip.resize(898, 128)
    with qtbot.waitExposed(made.strip):
        made.strip.show()
    return made
