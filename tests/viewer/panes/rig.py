"""The panes of the Filter workspace in a window of their own, with a hand that points at them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from msgspec.structs import replace
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel
from kernels.pictures.picture import Origin, Picture
from tests.viewer.pointer import move_to
from viewer.pages.filter.queries import FILTERED, Filtered
from viewer.panes import PanesView, PicturePane
from viewer.session import Probe

LEFT = Qt.MouseButton.LeftButton
BOX = Kernel(np.ones((3, 3)), divisor=9.0, name="Box")


@dataclass
class Rig:
    """Panes and what controls them, with everything computed on the spot."""

    qtbot: QtBot
    flow: Any
    view: PanesView
    window: QWidget
    field: QLineEdit
    said: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def store(self) -> Any:
        return self.flow.store

    @property
    def result(self) -> Filtered:
        found: Filtered = self.flow.moment.value(FILTERED)
        return found

    def show_picture(self, pixels: np.ndarray, alpha: np.ndarray | None = None) -> None:
        self.flow.open(Picture(pixels, alpha=alpha, origin=Origin("sample", None, "grid")))

    def filter(self, kernel: Kernel = BOX, **options: Any) -> None:
        self.store.edit(lambda document: replace(document, kernel=kernel, options=SlidingOptions(**options)), "test")

    @property
    def probe(self) -> Probe | None:
        return self.store.session.probe

    def hover(self, pane: PicturePane, y: float, x: float) -> None:
        move_to(pane, pane.position_of(y, x).toPoint())

    def click(self, pane: PicturePane, y: float, x: float) -> None:
        self.qtbot.mouseClick(pane, LEFT, pos=pane.position_of(y, x).toPoint())


def grey(height: int = 40, width: int = 50) -> np.ndarray:
    """A picture in which no two pixels are equal."""
    return np.arange(height * width, dtype=np.uint16).reshape(height, width)


class Paintings(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        self.count += event is not None and event.type() == QEvent.Type.Paint
        return False
