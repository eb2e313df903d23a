"""Random actions on the Stage, and what it must tell of the output.

Nothing here imports what it checks against from `viewer`.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.random_checks import Checks, Difference, same
from tests.viewer.pointer import move_to
from tests.viewer.stage_hand import read_line

KEYS = {
    "Space": Qt.Key.Key_Space, "Escape": Qt.Key.Key_Escape, "Return": Qt.Key.Key_Return, "Left": Qt.Key.Key_Left,
    "Right": Qt.Key.Key_Right, "Up": Qt.Key.Key_Up, "Down": Qt.Key.Key_Down,
}  # fmt: skip
PANES = ("stageInputPane", "stageOutputPane", "closeUp", "outputCloseUp")
Pair = tuple[int, int]
READABLE = 38  # pixels of the screen: so large a cell of a pane carries its number
SCANS = ({"every": 1}, {"every": 4}, {"region": None}, {"region": (2, 5, 1, 6)}, {"loop": True}, {"loop": False})


class StageActions(Checks):
    """What a hand does on the Stage; each enters it first."""

    random: random.Random

    def stage_kinds(self) -> dict[Any, int]:
        """The actions, and how often each is taken."""
        return {
            self.stage: 3, self.jump: 8, self.step: 8, self.play: 4, self.stage_key: 10, self.predict: 4,
            self.reveal: 5, self.answer: 3, self.hover: 10, self.stage_click: 6, self.below: 6, self.line: 2,
            self.equation_weight: 6, self.hover_weight: 3, self.chip: 6, self.scan: 4, self.stage_channel: 2,
        }  # fmt: skip

    def _enter(self) -> Any:
        """The Stage's view, in front."""
        if not self.window.store.session.on_stage:
            self.window.intents.call("stage")
            self.window.wait_until_idle()
        return self.window.stage.view

    def stage(self) -> str:
        self.window.intents.call("stage")
        return self.window.store.session.workspace

    def jump(self) -> str:
        timeline = self._enter().transport.timeline
        place = self.random.choice((0, timeline.maximum(), self.random.randint(0, timeline.maximum())))
        timeline.setValue(place)
        return str(place)

    def step(self) -> str:
        self._enter()
        name, count = self.random.choice(("stepBackButton", "stepForwardButton")), self.random.choice((1, 1, 3))
        for _ in range(count):
            self.control(name).click()
        return f"{name} {count}"

    def play(self) -> str:
        """Let it slide for a moment; now and then it goes on."""
        view = self._enter()
        view.transport.speed.setValue(self.random.choice((50, 100)))
        self.control("playButton").click()
        QTest.qWait(self.random.choice((0, 20, 60)))
        if self.random.random() < 0.7:
            self.control("playButton").click()
            return "and stop"
        return ""

    def stage_key(self) -> str:
        self._enter()
        name, key = self.random.choice(PANES), self.random.choice(list(KEYS))
        shift = key in ("Left", "Right", "Up", "Down") and self.random.random() < 0.3
        widget = self.control(name)
        widget.setFocus()
        held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(widget, KEYS[key], held)
        return f"{'Shift ' * shift}{key} in {name}"

    def predict(self) -> str:
        self._enter()
        self.control("predictSwitch").click()
        return str(self.window.store.session.stage.predict)

    def reveal(self) -> str:
        self._enter()
        if self.control("revealButton").isVisible():
            self.control("revealButton").click()
        return ""

    def answer(self) -> str:
        self._enter()
        field, text = self.control("answerEdit"), self.random.choice(("0", "-90", "1/3", "seven"))
        if not field.isVisible():
            return "nothing is asked"
        field.setText(text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        return text

    def _somewhere(self, name: str) -> QPoint:
        widget = self.control(name)
        return QPoint(self.random.randrange(widget.width()), self.random.randrange(widget.height()))

    def hover(self) -> str:
        self._enter()
        name = self.random.choice((*PANES, "equation", "stageTransport"))
        place = self._somewhere(name)
        move_to(self.control(name), place)
        return f"{name} at {place.x()}, {place.y()}"

    def stage_click(self) -> str:
        self._enter()
        name = self.random.choice(PANES)
        place = self._somewhere(name)
        QTest.mouseClick(self.control(name), Qt.MouseButton.LeftButton, pos=place)
        return f"{name} at {place.x()}, {place.y()}"

    def below(self) -> str:
        self._enter()
        box = self.control("stageBelow")
        box.setCurrentIndex(self.random.randrange(box.count()))
        self.window.wait_until_idle()  # what is there for the first time is made then
        if box.currentData() == "borders":
            other = self.control("otherBorder")
            other.setCurrentIndex(self.random.randrange(other.count()))
        return str(box.currentData())

    def line(self) -> str:
        self._enter()
        box, name = self.control("stageBelow"), self.random.choice(("profileRow", "profileColumn", "profileClear"))
        box.setCurrentIndex(box.findData("profile"))
        self.window.wait_until_idle()
        self.control(name).click()
        return name

    def equation_weight(self) -> str:
        """Type a weight where it stands, in the channel that is shown."""
        view = self._enter()
        grid = view.equation.kernel_grid
        cell = tuple(self.random.randrange(side) for side in grid.values.shape)
        text = self.random.choice(("0", "1", "-2", "0.5", "1/3", "no"))
        grid.edit(cell, text)
        QTest.keyClick(grid.editor, self.random.choice((Qt.Key.Key_Return, Qt.Key.Key_Escape)))
        if grid.editor is not None:
            QTest.keyClick(grid.editor, Qt.Key.Key_Escape)
        view.panes.output.setFocus()
        return f"{cell}: {text}"

    def hover_weight(self) -> str:
        grid = self._enter().equation.kernel_grid
        move_to(grid, self._somewhere("equationKernel"))
        return ""

    def chip(self) -> str:
        self._enter()
        name = self.random.choice(("stageOperation", "stagePadding", "stageBorder", "stageStride", "stageDilation"))
        for _ in range(self.random.choice((1, 1, 2))):
            self.control(name).click()
        return f"{name} {self.control(name).text()}"

    def scan(self) -> str:
        self._enter()
        change = self.random.choice(SCANS)
        self.window.store.view(lambda session: replace(session, stage=replace(session.stage, **change)))
        return str(change)

    def stage_channel(self) -> str:
        box = self._enter().equation.channel
        box.setCurrentIndex(self.random.randrange(3))
        return str(box.currentData())

    # -- what it must tell -----------------------------------------------------------------------------------------

    def check_stage(self, output: Any) -> None:
        """The timeline, the line of arithmetic, and what is covered."""
        if not self.window.store.session.on_stage:
            return
        stage, shape = self.window.store.session.stage, output.shape[:2]
        timeline, view = self.control("timeline"), self.window.stage.view
        at = stage.at or (shape[0] // 2, shape[1] // 2)
        at = min(at[0], shape[0] - 1), min(at[1], shape[1] - 1)
        found = (timeline.value(), timeline.maximum())
        same(found, (at[0] * shape[1] + at[1], shape[0] * shape[1] - 1), "the timeline")
        is_asked = stage.predict and not stage.revealed
        pixel = self._pixel_read(at, shape, is_asked=is_asked)
        text = self.control("equation").accessibleDescription()
        channel = view.equation._shown()
        own = output[pixel] if output.ndim == 2 else output[(*pixel, channel)]
        if is_asked and pixel == at:
            same(text.endswith(" = ?"), True, f"whether {text!r} asks for {pixel}")
        else:
            self._check_line(text, float(own), pixel)
        if stage.tap is None:
            self._check_cover(at, shape, is_asked=is_asked)
        self._check_close_ups(pixel, at, output, channel, is_asked=is_asked)
        QApplication.processEvents()

    def _pixel_read(self, at: Pair, shape: Pair, *, is_asked: bool) -> Pair:
        """What the pointer is over or what is pinned, unless that is still to come; else where the window stands."""
        stage, probe = self.window.store.session.stage, self.window.store.session.probe
        if probe is None or probe.i >= shape[0] or probe.j >= shape[1]:
            return at
        pixel = probe.i, probe.j
        return at if stage.predict and self._is_covered(pixel, at, shape, is_asked=is_asked) else pixel

    def _is_covered(self, pixel: Pair, at: Pair, shape: tuple[int, ...], *, is_asked: bool) -> bool:
        """Whether the window has still to come there: behind it, in what is gone through."""
        if pixel == at:
            return is_asked
        region = self.window.store.session.stage.region
        if region is None:
            return pixel > at
        top, bottom, left, right = (min(end, shape[n // 2] - 1) for n, end in enumerate(region))
        return top <= pixel[0] <= bottom and left <= pixel[1] <= right and pixel > at

    def _check_line(self, text: str, own: float, pixel: Pair) -> None:
        line, document = read_line(text), self.window.store.document
        if not line.ends_in(own):
            raise Difference(f"the line of {pixel} says {text!r}, the output holds {own!r}")
        weights = document.kernel.weights
        if document.options.operation == "convolution":
            weights = weights[::-1, ::-1]
        if weights.size <= 25 and len(line.terms) == weights.size and weights.ndim == 2:
            written = np.array([weight for _value, weight in line.terms]).reshape(weights.shape)
            same(bool(np.allclose(written, weights, rtol=1e-8, atol=0)), True, f"the weights in {text!r}")
            values = np.array([value for value, _weight in line.terms])
            if np.isfinite(values).all() and np.isfinite(own):
                bound = self.expected()[1] + 1e-6 * float(np.abs(values * weights.ravel()).sum() / abs(line.divisor))
                if abs(line.result - own) > bound:
                    raise Difference(f"{text!r} comes to {line.result!r}")

    def _check_cover(self, at: Pair, shape: Pair, *, is_asked: bool) -> None:
        """So many output pixels are covered as are still to come."""
        high, wide = self.window.store.document.options.steps[0]
        areas = self.control("stageOutputPane").overlay.covered
        found = sum(area.width() * area.height() for area in areas) / (high * wide)
        covered = (self._is_covered(pixel, at, shape, is_asked=is_asked) for pixel in np.ndindex(*shape))
        same(round(found, 6), float(sum(covered)), "how many output pixels are covered")

    def _check_close_ups(self, pixel: Pair, at: Pair, output: Any, channel: int, *, is_asked: bool) -> None:
        """The output's close-up stands around the pixel that is read and tells nothing that is still to come."""
        cells = self.control("outputCloseUp").cells
        link, strides = self.window.stage.link, self.window.store.document.options.steps[0]
        is_readable = link.scale * min(strides) / self.control("stageOutputPane").devicePixelRatioF() >= READABLE
        is_adding = self.window.store.session.stage.tap is not None
        same(cells is None, is_readable or is_adding, "whether there is no close-up of the output")
        if cells is None:
            return
        same(cells.box[:2], pixel, "the middle of the output's close-up")
        for row, column in np.argwhere(~cells.absent).tolist():
            place = cells.top + row, cells.left + column  # the one that is read is told
            covered = self._is_covered(place, at, output.shape, is_asked=is_asked) and place != pixel
            if place == pixel == at and is_asked:
                same((cells.texts[row][column], bool(cells.covered[row, column])), (("?",), False), f"the cell {place}")
                continue
            same(bool(cells.covered[row, column]), covered, f"whether {place} is covered in the close-up")
