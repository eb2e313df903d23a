"""Random actions where networks learn, and what is shown there compared with the runs on disk."""

from __future__ import annotations

import random
import time
from typing import Any

from msgspec import structs
from PyQt6.QtWidgets import QApplication

from kernels.cnn import datasets
from kernels.cnn.training.plan import NamedNetwork, Rate, Stop, TrainingPlan
from kernels.cnn.training.runs import Runs
from tests.random_checks import Checks, Difference, same
from viewer.pages.network.train.side import runs_folder

PLAN = TrainingPlan(NamedNetwork("logistic"), batch=8, check_every=5)
PATIENCE = 60.0


class TrainActions(Checks):
    """What a hand does on the Train side; each action leaves the training standing."""

    random: random.Random

    def train_kinds(self) -> dict[Any, int]:
        """The actions, and how often each is taken."""
        return {
            self.train: 5, self.one_step: 5, self.rewind: 3, self.scrub: 8, self.branch: 2, self.set_up: 4,
            self.change_side: 3,
        }  # fmt: skip

    @property
    def on_training(self) -> bool:
        """Whether the side is in front."""
        session = self.window.store.session
        return session.workspace == "network" and session.network.side == "train"

    @property
    def _run(self) -> Any:
        return self.window.network.train.runs.shown

    def change_side(self) -> str:
        """Change between Look and Train; what is trained first is small."""
        box = self.control("lookOrTrain")
        box.setCurrentIndex(1 - box.currentIndex())
        if self.on_training and self.window.store.document.training.network != PLAN.network:
            self.window.network.train.set_up.choose(PLAN)
        return str(box.currentData())

    def _wait(self, until: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not until():
            QApplication.processEvents()
            if time.monotonic() > end:
                raise Difference(f"the training does not come to stand: {self._run}")

    def _stands(self) -> bool:
        if self.window.network.train.runs._later.isActive() or self._is_beginning:
            return False
        return self._run is None or self._run.state in ("waiting", "failed")

    @property
    def _is_beginning(self) -> bool:
        return bool(self.window.network.train.runs._is_beginning)

    def _play(self, button: Any) -> str:
        before = self._run.position if self._run is not None else -1
        button.click()
        self._wait(lambda: self._run is not None and not self._is_beginning)
        self._wait(lambda: self._run.position != before or self._stands())
        if self._run.is_playing:
            self.control("trainButton").click()
        self._wait(self._stands)
        return f"to {self._run.position}"

    def train(self) -> str:
        """Play, and pause."""
        return self._play(self.control("trainButton"))

    def one_step(self) -> str:
        return self._play(self.control("oneStepButton"))

    def rewind(self) -> str:
        self.control("rewindButton").click()
        self._wait(self._stands)
        return str(self._run and self._run.position)

    def scrub(self) -> str:
        timeline = self.control("trainTimeline")
        timeline.setValue(self.random.randint(0, timeline.maximum()))
        return str(timeline.value())

    def branch(self) -> str:
        """Branch, where the set-up differs from the run's."""
        button = self.control("branchButton")
        return self._play(button) if button.isEnabled() else "not here"

    def set_up(self) -> str:
        """Change the set-up, as one step of undo."""
        set_up, chance = self.window.network.train.set_up, self.random
        change = chance.choice((
            {"seed": chance.randrange(5)}, {"rate": Rate(chance.choice((0.01, 0.1, 0.5)))},
            {"stop": chance.choice((Stop(), Stop(steps=chance.randrange(1, 40))))},
        ))  # fmt: skip
        set_up.choose(structs.replace(self.window.store.document.training, **change))
        return str(change)

    # -- what it must tell -----------------------------------------------------------------------------------------

    def trained_network(self) -> Any:
        """The network at the checkpoint that is looked at, as it is on disk."""
        run = next(each for each in Runs(runs_folder()).all() if each.id == self._run.id)
        step = max(each for each in run.checkpoints() if each <= self.control("trainTimeline").value())
        return run.network(step)[1]

    def check_training(self) -> None:
        """Timeline, buttons and mistakes, by what is on disk."""
        if not self.on_training:
            return
        on_disk = {each.id: each for each in Runs(runs_folder()).all()}
        same(sorted(each.id for each in self.window.network.train.runs._runs.values()), sorted(on_disk), "the runs")
        if self._run is None:
            return
        run, plan, timeline = on_disk[self._run.id], self.window.store.document.training, self.control("trainTimeline")
        kept = run.checkpoints()
        same(self._run.checkpoints, kept, "the checkpoints")
        same(timeline.maximum(), max(run.curves().done, *kept), "the steps that were done")
        differs = structs.replace(plan, stop=Stop()) != structs.replace(run.plan, stop=Stop())
        same(self.control("trainButton").text(), "New run" if differs else "Play", "what the button does next")
        _learn, data = datasets.bundled()
        wrong = int((self.trained_network().predict(data.images).argmax(axis=1) != data.labels).sum())
        same(self.control("wrongCount").text(), f"{wrong} of 400 wrong", f"the mistakes at step {timeline.value()}")
