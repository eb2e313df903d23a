"""A line of arithmetic to test, what a hand does to it, and how it is read."""

from fractions import Fraction
from typing import Any

import numpy as np
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from kernels import Kernel, trace
from kernels.filtering.border import Border
from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.filtering.tracing import Arithmetic
from viewer.pages.stage.views.equation import Equation

LECTURE = np.array(
    [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]], dtype=np.uint8
)
LECTURE_KERNEL = Kernel([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
SOBEL = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
CAMERA = np.array([[97, 103, 111], [90, 91, 94], [67, 75, 73]], dtype=np.uint8)
SIZES = [(1366, 232), (1280, 215), (1920, 300), (1366, 348)]
Key = Qt.Key


def reading(pixels: np.ndarray, kernel: Kernel, position: tuple[int, int], **options: Any) -> Arithmetic:
    """What a control would hand over."""
    chosen = SlidingOptions(**options)
    has_choice = pixels.ndim == 3 and kernel.channels is None
    channels = range(pixels.shape[2]) if has_choice else (None,)
    traces = tuple(trace(pixels, kernel, position, channel=each, **options) for each in channels)
    anchor = geometry(pixels.shape[:2], kernel.shape, chosen).to_picture(*position)
    values = tuple(each.value for each in traces)
    return Arithmetic(traces, values, anchor, chosen.operation, Border(chosen.border), chosen.border_value)


class Bench:
    """An equation and how a test reads it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.view = Equation()
        qtbot.addWidget(self.view)
        self.view.resize(1366, 232)
        with qtbot.waitExposed(self.view):
            self.view.show()
        self.kernel = SOBEL

    def show(
        self,
        pixels: np.ndarray,
        kernel: Kernel,
        position: tuple[int, int],
        *,
        covered: bool = False,
        predicting: bool = False,
        judgement: str = "",
        **options: Any,
    ) -> Arithmetic:
        self.kernel = kernel
        content = reading(pixels, kernel, position, **options)
        self.view.show_reading(content, kernel, "Kernel", covered=covered, predicting=predicting, judgement=judgement)
        return content

    def camera(self, **more: Any) -> Arithmetic:
        """The picture of the design: Sobel x at one pixel of the camera man."""
        return self.show(CAMERA, SOBEL, (1, 1), **more)

    def child(self, name: str) -> Any:
        found = self.view.findChild(QWidget, name)
        assert found is not None, name
        return found

    @property
    def value(self) -> str:
        return self.view.result.value_text()

    @property
    def products(self) -> list[list[str]]:
        return self.view.products_grid.texts

    def at(self, grid: Any, cell: tuple[int, int]) -> QPoint:
        return grid.rect_of(cell).center().toPoint()

    def click(self, cell: tuple[int, int]) -> QLineEdit:
        grid = self.view.kernel_grid
        self.qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=self.at(grid, cell))
        return self.editor()

    def editor(self) -> QLineEdit:
        found = self.view.kernel_grid.editor
        assert found is not None
        return found

    def heard(self, signal: Any) -> list[Any]:
        """Everything that `signal` says from now on."""
        said: list[Any] = []
        signal.connect(lambda *values: said.append(values[0] if len(values) == 1 else values))
        return said


def number(text: str) -> Fraction:
    return Fraction(text.replace("−", "-").replace(",", ""))


def written_sum(text: str) -> tuple[Fraction, Fraction]:
    """Both sides of a sum as it is written: "188 + 111 − 97 + rest of 440 terms: 12 = 214"."""
    left, right = text.split(" = ")
    total, sign = Fraction(0), 1
    for word in left.replace(": ", " ").split(" "):
        if word in ("+", "−"):
            sign = 1 if word == "+" else -1
        elif word not in ("rest", "of", "terms", "R", "G", "B") and "~" not in word:
            total += sign * number(word)
    return total, number(right)


def sides(text: str) -> tuple[Fraction, Fraction]:
    """The same, without the count of the terms that are left out."""
    before, found, after = text.partition("rest of ")
    return written_sum(before + after.partition("terms: ")[2] if found else text)


def colours() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (6, 7, 3), dtype=np.uint8)
