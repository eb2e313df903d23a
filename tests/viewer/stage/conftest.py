"""What the tests of the Stage's views begin with."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.viewer.stage.equation_bench import Bench
from tests.viewer.stage.picture_rig import Rig


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


@pytest.fixture
def rig(qtbot: QtBot, own_settings: Any) -> Iterator[Rig]:
    made = Rig(qtbot)
    yield made
    made.window.close()
    made.compute.shutdown()
    made.sources.close()


@pytest.fixture
def grid(rig: Rig) -> np.ndarray:
    """A small grey picture that is drawn on."""
    return rig.open(np.arange(80, dtype=np.uint8).reshape(8, 10))
