"""A layer as a product of matrices: windows times kernel, or the kernel as one sparse matrix times the picture."""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QWidget

from viewer import theme
from viewer.pages.layers.matrix_case import MatrixCase
from viewer.pages.layers.views.matrix_bar import EXAMPLE, MAP, MatrixBar
from viewer.pages.layers.views.matrix_drawing import MatrixDrawing
from viewer.pages.layers.views.matrix_facts import BROAD, NARROW, WIDTH, MatrixFacts
from viewer.widgets import Label, describe, filled

__all__ = ["EXAMPLE", "MAP", "MatrixView"]

TICK = 700
"""Milliseconds from one row to the next while it plays."""
WIDE, VERY_WIDE = 960, 1300
"""Widths from which the facts have more room."""


class MatrixView(QWidget):
    """Drawing and facts; ``bar`` holds the controls, to be put above, beside the tabs.

    ``row_chosen`` carries a row of the matrix from 0, ``kernel_chosen`` "example" or "map", ``map_chosen`` the number
    of a kernel of the layer.
    """

    row_chosen = pyqtSignal(int)
    kernel_chosen = pyqtSignal(str)
    map_chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "matrixView", self.tr("The layer as a product of matrices"), "")
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._case: MatrixCase | None = None
        self.bar = MatrixBar()
        self.drawing = MatrixDrawing()
        self.facts = MatrixFacts()
        self.empty = Label("", "muted", name="matrixHint", wraps=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body = QWidget()
        self._row = filled(QHBoxLayout(body), self.drawing, 1, self.facts)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(body)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._advance)
        self._join()
        self.show_case(None, "")
        theme.follow(self._resize)

    def _join(self) -> None:
        self.drawing.row_chosen.connect(self._follow)
        self.drawing.row_chosen.connect(self.row_chosen)
        self.drawing.map_chosen.connect(self.map_chosen)
        self.drawing.channel_shown.connect(lambda _channel: self._follow(self.drawing.row))
        self.drawing.play_requested.connect(lambda: self.set_playing(not self.is_playing))
        self.facts.mode_chosen.connect(self.show_mode)
        self.bar.kernel_chosen.connect(self.kernel_chosen)
        self.bar.mode_chosen.connect(self.show_mode)
        self.bar.stepped.connect(lambda step: self._go_to(self.drawing.row + step))
        self.bar.play_toggled.connect(self.set_playing)

    # Setters -------------------------------------------------------------------------------------------------

    def show_case(self, case: MatrixCase | None, reason: str) -> None:
        """Show a case, or say why there is none."""
        self._case = case
        if case is None:
            self.set_playing(False)
            self.empty.setText(reason)
        self.drawing.show_case(case)
        self.facts.show_case(case, self.drawing.mode)
        self._follow(self.drawing.row)
        self._pages.setCurrentIndex(0 if case is None else 1)

    def show_kernel(self, chosen: str, title: str) -> None:
        """Whether the example or the map's own kernel is shown, and what the map's own is called."""
        self.bar.show_kernel(chosen, title)

    def show_mode(self, mode: str) -> None:
        """Show the matrix of windows ("windows") or the sparse matrix ("sparse") large."""
        self.bar.show_mode(mode)
        self.drawing.show_mode(mode)
        self.facts.show_case(self._case, mode)

    def set_playing(self, playing: bool) -> None:
        """Walk through the rows, or stop."""
        playing = playing and self._case is not None
        if playing:
            self._timer.start()
        else:
            self._timer.stop()
        self.drawing.set_quiet(playing)
        self.bar.show_playing(playing)

    @property
    def is_playing(self) -> bool:
        """Whether the rows are walked by themselves."""
        return self._timer.isActive()

    @property
    def mode(self) -> str:
        """Which matrix is shown large."""
        return self.drawing.mode

    # What the user does --------------------------------------------------------------------------------------

    def _advance(self) -> None:
        count = 0 if self._case is None else self._case.block.count
        self._go_to((self.drawing.row + 1) % max(count, 1))

    def _go_to(self, row: int) -> None:
        if self._case is not None and 0 <= row < self._case.block.count:
            self.drawing.show_row(row)
            self._follow(row)
            self.row_chosen.emit(row)

    def _follow(self, row: int) -> None:
        self.bar.show_row(row, 0 if self._case is None else self._case.block.count)
        self.facts.show_place(row, self.drawing.channel)

    def _resize(self) -> None:
        self._row.setSpacing(theme.px(8))
        steps = (self.width() >= theme.px(WIDE)) + (self.width() >= theme.px(VERY_WIDE))
        self.facts.setFixedWidth(theme.px((NARROW, WIDTH, BROAD)[steps]))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._resize()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self.set_playing(False)
