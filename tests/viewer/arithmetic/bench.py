"""A strip of arithmetic on a bench: pictures and kernels in, what it says out."""

import numpy as np
from msgspec.structs import replace
from PyQt6.QtWidgets import QLabel, QWidget

from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel
from viewer.pages.filter.arithmetic_control import ArithmeticControl
from viewer.pages.filter.queries import FILTERED, Filtered
from viewer.pages.filter.views.arithmetic import ArithmeticStrip
from viewer.session import Probe

LECTURE = np.array(
    [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]], dtype=np.uint8
)
LECTURE_KERNEL = Kernel([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
SOBEL = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def colours() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (6, 7, 3), dtype=np.uint8)


class Bench:
    """A strip and what controls it, with everything computed on the spot."""

    def __init__(self, qtbot, flow) -> None:
        self.qtbot, self.flow, self.store = qtbot, flow, flow.store
        self.strip = ArithmeticStrip()
        flow.join(ArithmeticControl(self.strip, self.strip).render)

    def child(self, name: str):
        found = self.strip.findChild(QWidget, name)
        assert found is not None, name
        return found

    def show(self, pixels: np.ndarray, kernel: Kernel, pixel: tuple[int, int], **options) -> Filtered:
        """Filter `pixels` and read an output pixel."""
        self.store.start_with(lambda document: replace(document, kernel=kernel, options=SlidingOptions(**options)))
        self.flow.open(pixels)
        self.read(*pixel)
        return self.flow.moment.value(FILTERED)

    def read(self, i: int, j: int) -> None:
        self.store.view(lambda session: replace(session, probe=Probe(i, j)))

    @property
    def value(self) -> str:
        return self.child("arithmeticValue").text()

    @property
    def equation(self) -> str:
        return self.child("arithmeticEquation").text()

    def grid(self, name: str) -> list:
        return self.child(f"{name}Grid").values().tolist()

    def titles(self) -> list[str]:
        return [label.text() for label in self.strip.findChildren(QLabel)]
