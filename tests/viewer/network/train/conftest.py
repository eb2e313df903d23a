"""The Train side in a real window, with a network that learns in no time."""

import pytest
from msgspec.structs import replace
from PyQt6.QtWidgets import QWidget

from kernels.cnn.training.plan import NamedNetwork, TrainingPlan
from tests.viewer.network.train.drawn_runs import middle, pair  # noqa: F401  # fixtures

PLAN = TrainingPlan(network=NamedNetwork("mlp"), batch=8, check_every=5)
PATIENCE_MS = 30_000


class TrainBench:
    """A window with the Train side in front."""

    def __init__(self, window, qtbot):
        self.window, self.qtbot, self.store = window, qtbot, window.store
        self.store.start_with(lambda document: replace(document, training=PLAN))
        window.frame.go_to("network")
        self.choose("lookOrTrain", "train")
        window.wait_until_idle()

    def child(self, name):
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    def choose(self, name, data):
        box = self.child(name)
        assert box.findData(data) >= 0, (name, data)
        box.setCurrentIndex(box.findData(data))

    def wait(self, condition):
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    @property
    def play(self):
        return self.child("trainButton")

    @property
    def timeline(self):
        return self.child("trainTimeline")

    @property
    def runs(self):
        return self.window.network.train.runs

    @property
    def run(self):
        """The run that is shown."""
        return self.runs.shown

    def train(self, steps):
        """Train until the shown run has done so many steps, and pause."""
        self.play.click()
        self.wait(lambda: self.run is not None and self.run.is_playing and self.run.curves.done >= steps)
        self.play.click()
        self.wait(self.stands)

    def stands(self):
        """Whether the shown run stands still, with a checkpoint where it does."""
        return self.run.state == "waiting" and self.run.position == self.run.checkpoints[-1] == self.run.curves.done


@pytest.fixture
def bench(open_window, qtbot):
    return TrainBench(open_window("coffee"), qtbot)
