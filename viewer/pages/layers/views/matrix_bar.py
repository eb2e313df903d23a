"""The controls of the matrix view: which kernel, which matrix, and walking through the rows."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from viewer import theme
from viewer.pages.layers.views.matrix_painting import SPARSE, WINDOWS
from viewer.widgets import Label, SegmentedControl, ToolButton, blocked, describe, filled
from viewer.widgets.tool_button import icon

EXAMPLE, MAP = "example", "map"


class MatrixBar(QWidget):
    """Stands above the view, beside the tabs perhaps; only signals and setters."""

    kernel_chosen = pyqtSignal(str)
    mode_chosen = pyqtSignal(str)
    stepped = pyqtSignal(int)
    play_toggled = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        describe(self, "matrixBar", tr("Kernel, matrix and row"), "")
        self.kernel = SegmentedControl(
            "matrixKernel", tr("Kernel"), tr("The selected map’s own kernel, or a small example")
        )
        self.kernel.offer(
            [
                (EXAMPLE, tr("Sobel x 3 × 3"), tr("A small example: the Sobel kernel on the selected input")),
                (MAP, tr("Map"), tr("The kernel of the selected map")),
            ]
        )
        self.mode = SegmentedControl("matrixMode", tr("Matrix"), tr("Which of the two matrices is shown large"))
        self.mode.offer(
            [
                (WINDOWS, tr("im2col"), tr("Every window as a row, times the kernel as a column")),
                (SPARSE, tr("Sparse"), tr("The kernel as a sparse matrix, times the picture as a vector")),
            ]
        )
        self.back = ToolButton("matrixBack", tr("Row before"), tr("One row back"), text="‹")
        self.place = describe(Label(), "matrixPlace", tr("Row"), tr("The row that is followed"))
        self.forward = ToolButton("matrixForward", tr("Next row"), tr("One row on"), text="›")
        self.play = ToolButton("matrixPlay", tr("Play"), tr("Walk through the rows, or stop"), icon_name="play-window")
        self.play.setCheckable(True)
        self._row = filled(QHBoxLayout(self), self.mode, self.kernel, self.back, self.place, self.forward, self.play)
        self.kernel.currentIndexChanged.connect(lambda _index: self.kernel_chosen.emit(self.kernel.currentData()))
        self.mode.currentIndexChanged.connect(lambda _index: self.mode_chosen.emit(self.mode.currentData()))
        self.back.clicked.connect(lambda _checked: self.stepped.emit(-1))
        self.forward.clicked.connect(lambda _checked: self.stepped.emit(1))
        self.play.toggled.connect(self.play_toggled)
        theme.follow(self._resize)

    def show_kernel(self, chosen: str, title: str) -> None:
        """Which kernel is shown, and what the map's own is called: "Map 3, 5 × 5"."""
        self.kernel.show_data(chosen)
        button = self.kernel.findChild(QPushButton, f"{self.kernel.objectName()}_{MAP}")
        button.setText(title)
        button.setAccessibleName(title)

    def show_mode(self, mode: str) -> None:
        """Which matrix is shown large."""
        self.mode.show_data(mode)

    def show_row(self, row: int, count: int) -> None:
        """Row `row` of `count`, counted from 0; without any nothing can be stepped through."""
        self.place.setText(self.tr("Row {row} of {count}").format(row=row + 1, count=count) if count else "")
        for button, able in ((self.back, row > 0), (self.forward, row + 1 < count), (self.play, count > 1)):
            button.setEnabled(able)

    def show_playing(self, playing: bool) -> None:
        """Whether the rows are walked by themselves."""
        with blocked(self.play):
            self.play.setChecked(playing)
        self.play.setIcon(icon("pause-window" if playing else "play-window"))
        self.play.setAccessibleName(self.tr("Pause") if playing else self.tr("Play"))

    def _resize(self) -> None:
        self._row.setContentsMargins(0, 0, theme.px(12), 0)
        self._row.setSpacing(theme.px(8))
        for button in (self.back, self.forward, self.play):
            button.setFixedSize(theme.px(28), theme.px(28))
        self.place.setMinimumWidth(theme.px(84))
        self.place.setAlignment(Qt.AlignmentFlag.AlignCenter)
