"""The Stage of the real window, driven by the names of its controls and read by what it tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from kernels.kernel import Kernel
from kernels.pictures.picture import Origin, Picture
from tests.viewer.pointer import move_to
from viewer.document import with_kernel, with_options
from viewer.page_views import StageView

PANES = {"input": "stageInputPane", "output": "stageOutputPane"}
BESIDE = QPoint(6, 6)
"""A place in the title row of a pane, where no pixel is."""


def number(text: str) -> float:
    """Read a number as the window writes it."""
    return float(text.strip().strip("()").replace("−", "-").replace("∞", "inf").replace(",", ""))


@dataclass(frozen=True)
class Line:
    """A line of arithmetic taken apart; `terms` are (value, weight) in raster order, and `rest` what is left out."""

    terms: tuple[tuple[float, float], ...]
    rest: float
    divisor: float
    offset: float
    written: str
    """The result as it stands there."""

    @property
    def value(self) -> float:
        return number(self.written)

    @property
    def result(self) -> float:
        """What the line comes to."""
        return (sum(value * weight for value, weight in self.terms) + self.rest) / self.divisor + self.offset

    def ends_in(self, value: float) -> bool:
        """Whether the result is `value`: to the last decimal that is written, of whole numbers to six figures.

        Zeros behind the point are left out, so that a whole number may be one rounded to six figures or seven.
        """
        if not np.isfinite(value):
            return bool(np.isclose(self.value, value, equal_nan=True))
        off, decimals = abs(self.value - value), len(self.written.partition(".")[2])
        if "e" in self.written:
            return off <= 1e-8 * abs(value)
        return off <= (0.5001 * 10.0**-decimals if decimals else 5e-6 * abs(value)) or off <= 5e-7 * abs(value)


def read_line(text: str) -> Line:
    """Take apart a line of arithmetic such as ``(90 × −1 + 0 × 2) ÷ 1 + 0 = −90``."""
    body, written = text.rsplit(" = ", 1)
    body = re.sub(r"^[RGB]: ", "", body)
    head, tail = body.rsplit(" ÷ ", 1)
    divisor, sign, offset = tail.rsplit(" ", 2)
    products = re.findall(r"([^\s()]+) × ([^\s()]+)", head)
    rest = sum(number(each) for each in re.findall(r"terms: ([^\s()]+)", head))
    return Line(
        tuple((number(value), number(weight)) for value, weight in products),
        rest,
        number(divisor),
        number(offset) * (-1 if sign == "−" else 1),
        written,
    )


class StageHand:
    """Does with the Stage what a user does. Waits until what is shown has its results."""

    def __init__(self, window: Any) -> None:
        self.window = window

    # -- what is there ---------------------------------------------------------------------------------------------

    def control(self, name: str) -> Any:
        found = self.window.findChild(QWidget, name)
        assert found is not None, f"no control is called {name}"
        return found

    def pane(self, name: str) -> Any:
        """The pane "input" or "output"."""
        return self.control(PANES[name])

    @property
    def view(self) -> StageView:
        """How the Stage is looked at."""
        found: StageView = self.window.store.session.stage
        return found

    @property
    def output(self) -> Any:
        return self.window.output()

    @property
    def text(self) -> str:
        """The line of arithmetic, as it is heard."""
        found: str = self.control("equation").accessibleDescription()
        return found

    @property
    def line(self) -> Line:
        return read_line(self.text)

    @property
    def place(self) -> tuple[int, int]:
        """The output pixel that the timeline says."""
        i, j = divmod(self.control("timeline").value(), self.output.shape[1])
        return i, j

    # -- what is done ----------------------------------------------------------------------------------------------

    def wait(self, timeout: float = 10.0) -> None:
        self.window.wait_until_idle(timeout)

    def enter(self) -> None:
        self.control("stageButton").click()
        self.wait()

    def open(self, pixels: Any, **more: Any) -> None:
        """Open an array as a picture."""
        self.window.sources.replace(self.picture(pixels, **more), "Open an array")
        self.wait()

    @staticmethod
    def picture(pixels: Any, **more: Any) -> Picture:
        return Picture(np.asarray(pixels), origin=Origin("clipboard", None, "array"), **more)

    def change(self, kernel: Any = None, **options: Any) -> None:
        """Take another kernel, weights or a ``Kernel``, and other options."""
        if kernel is not None:
            made = kernel if isinstance(kernel, Kernel) else Kernel(np.array(kernel, float))
            self.window.store.edit(lambda document: with_kernel(document, made, keep_preset=False), "Change")
        if options:
            self.window.store.edit(lambda document: with_options(document, **options), "Change")
        self.wait()

    def look(self, **changes: Any) -> None:
        """Change how the Stage is looked at, without a control."""
        self.window.store.view(lambda session: replace(session, stage=replace(session.stage, **changes)))
        self.wait()

    def go_to(self, i: int, j: int) -> None:
        """Take the window to output pixel (i, j), by the timeline."""
        self.control("timeline").setValue(i * self.output.shape[1] + j)
        self.wait()

    def choose(self, name: str, data: object) -> None:
        """Choose an item of a combo box or a segmented control by its data."""
        box = self.control(name)
        box.setCurrentIndex(box.findData(data))
        self.wait()

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier, where: str = "stageOutputPane") -> None:
        """Press a key where the focus is set first."""
        target = self.control(where)
        target.setFocus()
        held = Qt.KeyboardModifier.NoModifier
        for each in modifiers:
            held |= each
        QTest.keyClick(QApplication.focusWidget() or target, key, held)
        self.wait()

    def click(self, name: str) -> None:
        """Click a button."""
        self.control(name).click()
        self.wait()

    def spot(self, pane: str, y: float, x: float) -> QPoint:
        """Where a pane shows a point of the scene."""
        at: QPointF = self.pane(pane).position_of(y, x)
        return at.toPoint()

    def output_spot(self, i: int, j: int) -> QPoint:
        """Where the output pane shows the middle of output pixel (i, j)."""
        pane = self.pane("output")
        middle = pane.sheet.pixel_rect(i, j).center()
        at: QPointF = pane.position_of(middle.y(), middle.x())
        return at.toPoint()

    def hover(self, pane: str, place: QPoint) -> None:
        """Bring the pointer there, from beside the picture."""
        self.leave(pane)
        move_to(self.pane(pane), place)
        self.wait()

    def hover_output(self, i: int, j: int) -> None:
        self.hover("output", self.output_spot(i, j))

    def hover_input(self, y: int, x: int) -> None:
        self.hover("input", self.spot("input", y + 0.5, x + 0.5))

    def leave(self, pane: str = "output") -> None:
        """Bring the pointer to the title row of a pane."""
        move_to(self.pane(pane), BESIDE)
        self.wait()

    def click_output(self, i: int, j: int) -> None:
        QTest.mouseClick(self.pane("output"), Qt.MouseButton.LeftButton, pos=self.output_spot(i, j))
        self.wait()

    def click_input(self, y: int, x: int) -> None:
        QTest.mouseClick(self.pane("input"), Qt.MouseButton.LeftButton, pos=self.spot("input", y + 0.5, x + 0.5))
        self.wait()
