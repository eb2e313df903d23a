"""Random actions on the real window, each result against NumPy and the definition of correlation.

Run with ``python -m tests.random_actions --actions 1000 --seed 1``; it reports the first difference, with the actions
that led to it, and ends with status 1. After every action the window must show what its document says: output,
histogram, counts, range in the title, levels, painted pixels, and the arithmetic of the pixel that is read. Undo and
redo must bring back the document and the output that stood at that step. Nothing here imports what it checks against
from `viewer`.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QComboBox

from tests.random_checks import Difference, arrays, same
from tests.random_network import NetworkActions
from tests.random_stage import StageActions
from tests.random_training import TrainActions

NUMBERS_TYPED = ("0", "1", "-1", "2", "-3", "1/3", "0.5", "−2.25", "10", "1e-3", "17", "1/9")
SAMPLES = ("lecture-grid", "lecture-5x5")
STAGE_SHARE = 0.8
"""Of what is done there, actions of the Stage; as often it is left alone from elsewhere."""
NETWORK_SHARE = 0.85
"""The same of the Network workspace, which is entered less often."""
PATIENCE = 60.0
"""Seconds until an action that still computes counts as a failure."""
MANY = 1e6
"""Outputs beyond this are not made the next input again."""


def made_pictures(folder: Path) -> list[Path]:
    """Write small pictures of several kinds."""
    rng = np.random.default_rng(5)
    holes = rng.normal(0, 3, (19, 23)).astype(np.float32)
    holes[4, 5], holes[11, 3] = np.nan, np.inf
    arrays = {
        "grey": rng.integers(0, 256, (31, 43)).astype(np.uint8),
        "colour": rng.integers(0, 256, (29, 37, 3)).astype(np.uint8),
        "opaque": rng.integers(0, 256, (17, 21, 4)).astype(np.uint8),
        "deep": rng.integers(0, 65536, (27, 22)).astype(np.uint16),
        "double": rng.normal(0, 1, (24, 18)),
        "holes": holes,
        "row": rng.integers(0, 256, (1, 40)).astype(np.uint8),
    }
    paths = []
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        np.save(path, array)
        paths.append(path)
    return paths


class Hand(StageActions, TrainActions, NetworkActions):
    """Does one random thing after another, and looks at what comes of it."""

    def __init__(self, window: Any, seed: int, pictures: list[Path]) -> None:
        self.window, self.random, self.pictures = window, random.Random(seed), pictures
        self.log: list[str] = []
        self.steps: dict[int, tuple[Any, Any]] = {}
        self.failures = 0
        self._remember()

    # -- what is done ----------------------------------------------------------------------------------------------

    def act(self) -> None:
        """Do something, wait, and compare."""
        kinds = {
            self.cell: 14, self.preset: 8, self.option: 10, self.size: 5, self.number: 5, self.channel: 4,
            self.range: 6, self.level: 2, self.button: 5, self.undo: 10, self.redo: 7, self.picture: 4, self.read: 6,
            self.page: 1, self.adopt: 1, self.burst: 3,
        }  # fmt: skip
        if self.random.random() < (STAGE_SHARE if self.window.store.session.on_stage else 1 - STAGE_SHARE):
            kinds = self.stage_kinds()
        if self.random.random() < (NETWORK_SHARE if self.on_network else (1 - NETWORK_SHARE) / 3):
            kinds = self.train_kinds() if self.on_training else {**self.network_kinds(), self.change_side: 2}
        kind: Callable[[], str] = self.random.choices(list(kinds), list(kinds.values()))[0]
        before, commands, output = self.window.store.undo_stack.index(), self._commands(), self.window.output()
        self.log.append(kind.__name__)
        self.log[-1] = f"{kind.__name__} {kind()}"
        self.window.wait_until_idle(PATIENCE)
        if kind in (self.undo, self.redo):
            self._compare_with_step(output)
        else:
            self._forget(before, commands)
        self.check(output)
        self.check_network()
        self.check_training()
        self._remember()

    def cell(self) -> str:
        model = self.control("kernelTable").model()
        row, column = self.random.randrange(model.rowCount()), self.random.randrange(model.columnCount())
        text = self.random.choice(NUMBERS_TYPED)
        model.setData(model.index(row, column), text)
        return f"{row}, {column}: {text}"

    def _choose(self, name: str) -> str:
        box = self.control(name)
        row = self.random.randrange(box.count())
        if isinstance(box, QComboBox) and name == "channelCombo" and not box.model().item(row).isEnabled():
            return "disabled"
        box.setCurrentIndex(row)
        return f"{name} {box.currentData()}"

    def preset(self) -> str:
        return self._choose("presetCombo")

    def channel(self) -> str:
        return self._choose("channelCombo")

    def range(self) -> str:
        return self._choose("rangeCombo")

    def page(self) -> str:
        tabs = self.control("workspaceTabs")
        tabs.setCurrentIndex(tabs.findData("gradient"))
        self.window.wait_until_idle(30)
        tabs.setCurrentIndex(tabs.findData("filter"))
        return "gradient and back"

    def option(self) -> str:
        name = self.random.choice(("operationCombo", "paddingCombo", "borderCombo", "borderValue", "strideY", "strideX",
                                   "dilationY", "dilationX", "paddingY"))  # fmt: skip
        if name.endswith("Combo"):
            return self._choose(name)
        if name == "borderValue":
            return self._type(name)
        value = self.random.choice((1, 1, 1, 2, 3, 5))
        self.control(name).setValue(value)
        return f"{name} {value}"

    def size(self) -> str:
        name, value = self.random.choice(("kernelRows", "kernelColumns")), self.random.choice((1, 2, 3, 3, 4, 5, 7, 31))
        self.control(name).setValue(value)
        return f"{name} {value}"

    def _type(self, name: str) -> str:
        field, text = self.control(name), self.random.choice(NUMBERS_TYPED)
        field.setText(text)
        field.editingFinished.emit()
        return f"{name} {text}"

    def number(self) -> str:
        return self._type(self.random.choice(("divisorEdit", "offsetEdit")))

    def level(self) -> str:
        return self._type(self.random.choice(("levelLow", "levelHigh")))

    def button(self) -> str:
        name = self.random.choice(("rotateButton", "flipHorizontalButton", "flipVerticalButton", "transposeButton",
                                   "negateButton", "growButton", "shrinkButton", "normaliseButton",
                                   "resetKernelButton"))  # fmt: skip
        self.control(name).click()
        return name

    def _again(self, name: str) -> str:
        count = self.random.choice((1, 1, 1, 2, 5, 12))
        for _ in range(count):
            self.window.intents.call(name)
        return str(count)

    def undo(self) -> str:
        return self._again("undo")

    def redo(self) -> str:
        return self._again("redo")

    def picture(self) -> str:
        name = self.random.choice((*SAMPLES, *self.pictures))
        self.window.open(name)
        return Path(name).name

    def adopt(self) -> str:
        output = self.window.output()
        if not np.abs(output[np.isfinite(output)], dtype=np.float64).max(initial=0.0) < MANY or output.size > 10_000:
            return "not this one"
        self.window.intents.call("outputToInput")
        return ""

    def read(self) -> str:
        if self.window.store.session.on_stage:
            return self.stage_click()
        pane = self.control(self.random.choice(("inputPane", "outputPane")))
        x, y = self.random.randrange(pane.width()), self.random.randrange(40, pane.height())
        QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=pane.rect().topLeft() + type(pane.pos())(x, y))
        return f"{pane.objectName()} at {x}, {y}"

    def burst(self) -> str:
        """Several edits without waiting in between: the last one counts."""
        done = []
        for _ in range(self.random.randrange(2, 6)):
            done.append(self.random.choice((self.cell, self.preset, self.option, self.range))())
            if self.random.random() < 0.5:
                QApplication.processEvents()
        return "; ".join(done)

    # -- undo ------------------------------------------------------------------------------------------------------

    def _remember(self) -> None:
        self.steps[self.window.store.undo_stack.index()] = self.window.store.document, self.window.output()

    def _commands(self) -> list[Any]:
        stack = self.window.store.undo_stack
        return [stack.command(place) for place in range(stack.count())]

    def _forget(self, before: int, commands: list[Any]) -> None:
        """What could be done again is gone, and beyond the limit the oldest steps are."""
        left = self._commands()
        if left == commands:
            return
        gone = next((place for place, command in enumerate(commands) if command is left[0]), 0) if left else 0
        self.steps = {index - gone: held for index, held in self.steps.items() if gone <= index <= before}

    def _compare_with_step(self, before: Any) -> None:
        held = self.steps.get(self.window.store.undo_stack.index())
        if held is None:
            return
        document, output = held
        same(self.window.store.document, document, "the document of this step")
        if self.is_shown("outputMessage") or output is None:
            return  # it could not be computed then either
        if self.is_possible():
            # Both lie within the bound of the true values.
            arrays(self.window.output(), output, 2 * self.expected()[1], "the output of this step")


def run(window: Any, actions: int, seed: int, pictures: list[Path]) -> Hand:
    """Do so many random things, then undo to the bottom and come back.

    Raises
    ------
    Difference
        With the last actions.
    """
    hand = Hand(window, seed, pictures)
    try:
        for _ in range(actions):
            hand.act()
        stack = window.store.undo_stack
        for name, able in (("undo", stack.canUndo), ("redo", stack.canRedo)):
            while able():
                output = window.output()
                hand.log.append(name)
                for _ in range(hand.random.randrange(1, 9)):
                    window.intents.call(name)
                window.wait_until_idle()
                hand._compare_with_step(output)
                hand.check(output)
    except Exception as error:
        last = "\n  ".join(f"{len(hand.log) - 12 + n}: {line}" for n, line in enumerate(hand.log[-12:]))
        raise Difference(f"seed {seed}, action {len(hand.log)}: {type(error).__name__}: {error}\n  {last}") from error
    return hand


def main() -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actions", type=int, default=1000, help="how many, for each seed")
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kernelscope-random-") as folder:
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[variable] = str(Path(folder) / variable.lower())
        from viewer.app import build

        app = QApplication([sys.argv[0]])
        pictures = made_pictures(Path(folder))
        for seed in arguments.seed:
            start = time.monotonic()
            window = build("lecture-grid")
            window.resize(1366, 768)
            window.show()
            window.wait_until_idle()
            try:
                hand = run(window, arguments.actions, seed, pictures)
            except Difference as difference:
                print(difference)  # noqa: T201
                return 1
            finally:
                window.close()
                app.processEvents()
            print(  # noqa: T201
                f"seed {seed}: {arguments.actions} actions, {hand.failures} of them impossible and said so, "
                f"no difference, {time.monotonic() - start:.0f} s",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
