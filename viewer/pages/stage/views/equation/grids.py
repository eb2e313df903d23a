"""The three grids of the equation: numbers in cells, or coloured cells where there are too many."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QFontMetrics, QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QToolTip, QWidget

from viewer import theme
from viewer.pages.filter.views.arithmetic.number_grid import heat_image, paint_hatching
from viewer.pages.stage.views.equation.plan import LEAST_TYPE, type_of
from viewer.pages.stage.views.equation.writing import Cell, Texts, ink_of, reads_as_0
from viewer.theme.sheet import TIP_PADDING
from viewer.widgets import describe

Grid = NDArray[np.float64]
TIP_DROP = 40
"""How far below the point that it is given Qt puts a tool tip, with the tip's own margins."""
FRAME = 7
"""Pixels around the cells, in which frames are drawn."""


def paint_cell(
    painter: QPainter,
    rect: QRectF,
    ground: QColor,
    ink: QColor,
    text: str,
    size: float,
    *,
    outside: bool = False,
) -> None:
    """One rounded cell with its number; that of a virtual pixel, `outside` the picture, is hatched and slanted."""
    radius = min(6.0, rect.height() / 5)
    near = theme.contrast(ground, theme.palette().panel) < 1.12
    painter.setPen(QPen(theme.palette().line, 1) if near else Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(rect, radius, radius)
    if outside:
        painter.setBrush(QBrush(theme.mixed(ground, ink, 0.3), Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(rect, radius, radius)
    font = type_of(size, 600)
    font.setItalic(outside)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class CellGrid(QWidget):
    """A grid of numbers.

    ``hovered(cell)`` carries (row, column) under the pointer, None outside.
    """

    hovered = pyqtSignal(object)

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, object_name, accessible_name, tool_tip)
        self.setMouseTracking(True)
        self.values: Grid = np.zeros((1, 1))
        self.texts: Texts = [["0"]]
        self.outside: NDArray[np.bool_] = np.zeros((1, 1), bool)
        self.number = 0
        self._cell = (1.0, 1.0)
        self._gap = 0.0
        self._marked: Cell | None = None
        self.tip: Callable[[Cell], str] = lambda cell: ""
        self._told: tuple[Cell, str] | None = None

    def show_numbers(self, values: Grid, texts: Texts, outside: NDArray[np.bool_] | None = None) -> None:
        """Show `values` (kh, kw), written as `texts`; cells `outside` the picture are hatched."""
        self.values, self.texts = values, texts
        self.outside = np.zeros(values.shape, bool) if outside is None else outside
        self.update()

    def place(self, rect: QRectF, cell: tuple[float, float], gap: float, number: int) -> None:
        """Stand with the cells in `rect`; without a size of type, `number`, they are only coloured."""
        self._cell, self._gap, self.number = cell, gap, number
        left, top = math.floor(rect.left()) - FRAME, math.floor(rect.top()) - FRAME
        self.setGeometry(left, top, math.ceil(rect.width()) + 2 * FRAME, math.ceil(rect.height()) + 2 * FRAME)
        self.update()

    @property
    def is_coloured(self) -> bool:
        """Whether there are colours instead of numbers."""
        return self.number == 0

    def mark(self, cell: Cell | None) -> None:
        """Put a ring around `cell`."""
        if cell != self._marked:
            self._marked = cell
            self.update()

    def rect_of(self, cell: Cell) -> QRectF:
        """Return where `cell` is painted."""
        (width, height), gap = self._cell, self._gap
        return QRectF(FRAME + cell[1] * (width + gap), FRAME + cell[0] * (height + gap), width, height)

    def cell_at(self, point: QPointF | QPoint) -> Cell | None:
        """Return the cell at `point`, None outside."""
        (width, height), gap = self._cell, self._gap
        row = math.floor((point.y() - FRAME) / (height + gap))
        column = math.floor((point.x() - FRAME) / (width + gap))
        rows, columns = self.values.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    # What the kinds of grid differ in.

    def ground(self, cell: Cell) -> QColor:
        """The colour behind a number."""
        return theme.palette().field

    def ink(self, cell: Cell) -> QColor:
        """The colour of a number."""
        return theme.palette().text

    def image(self) -> QImage:
        """One pixel a number, for cells that are only coloured."""
        return heat_image(self.values, diverging=True)

    # Events.

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        self.hovered.emit(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent | None) -> None:
        self.hovered.emit(None)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(event.pos())
            text = "" if cell is None else self.tip(cell)
            self._told = (cell, text) if cell is not None and text else None
            QToolTip.showText(self._above(event.pos().x(), text or self.toolTip()), text or self.toolTip(), self)
            return True
        return super().event(event)

    def _above(self, x: int, text: str) -> QPoint:
        """Where a tool tip of this `text` stands above the whole line, so that it covers none of its numbers."""
        line = self.parentWidget() or self
        lines = QFontMetrics(theme.font(LEAST_TYPE)).lineSpacing() * (text.count("\n") + 1)
        height = lines + 2 * theme.px(TIP_PADDING) + 2
        return QPoint(self.mapToGlobal(QPoint(x, 0)).x(), line.mapToGlobal(QPoint(0, 0)).y() - height - TIP_DROP)

    def hide_old_tip(self) -> None:
        """Take a tool tip away that says what is no longer so."""
        if self._told is not None and self.tip(self._told[0]) != self._told[1]:
            if QToolTip.text() == self._told[1]:
                QToolTip.hideText()
            self._told = None

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        if self.is_coloured:
            self._paint_colours(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.is_coloured:
            for row, line in enumerate(self.texts):
                for column, text in enumerate(line):
                    cell = (row, column)
                    rect, outside = self.rect_of(cell), bool(self.outside[cell])
                    paint_cell(painter, rect, self.ground(cell), self.ink(cell), text, self.number, outside=outside)
        if self._marked is not None:
            self.paint_ring(painter, self._marked, theme.palette().accent)
        self.paint_frame(painter)

    def _paint_colours(self, painter: QPainter) -> None:
        (width, height), (rows, columns) = self._cell, self.values.shape
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.translate(FRAME, FRAME)
        area = QRectF(0, 0, columns * width, rows * height)
        painter.drawImage(area, self.image())
        paint_hatching(painter, self.outside, width, height)
        painter.setPen(QPen(theme.palette().faint, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        painter.resetTransform()

    def paint_ring(self, painter: QPainter, cell: Cell, colour: QColor) -> None:
        """A ring around `cell`, over a dark and a light line, so that it stands out on any colour."""
        if cell[0] >= self.values.shape[0] or cell[1] >= self.values.shape[1]:
            return
        rect = self.rect_of(cell)
        grow = max(0.0, (9 - min(rect.width(), rect.height())) / 2) + (0.5 if self.is_coloured else 1.0)
        rect = rect.adjusted(-grow, -grow, grow, grow)
        radius = 2.0 if self.is_coloured else min(7.0, rect.height() / 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.palette().panel, 5))
        painter.drawRoundedRect(rect, radius, radius)
        painter.setPen(QPen(colour, 3))
        painter.drawRoundedRect(rect, radius, radius)

    def paint_frame(self, painter: QPainter) -> None:
        """What stands around all cells."""


class WindowGrid(CellGrid):
    """The pixels under the kernel, on the colours that the picture shows them in, framed as what is followed."""

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(object_name, accessible_name, tool_tip, parent)
        self._colours: NDArray[np.uint8] | None = None
        self._is_read = False

    def show_colours(self, colours: NDArray[np.uint8] | None, *, is_read: bool) -> None:
        """Lay these colours, (kh, kw, 3), behind the numbers; frame the window while a pixel is read."""
        self._colours, self._is_read = colours, is_read
        self.update()

    def ground(self, cell: Cell) -> QColor:
        colours = self._colours
        return super().ground(cell) if colours is None else QColor(*(int(part) for part in colours[cell]))

    def ink(self, cell: Cell) -> QColor:
        if not np.isfinite(self.values[cell]) and self._colours is None:
            return theme.palette().warning
        return super().ink(cell) if self._colours is None else theme.ink_on(self.ground(cell))

    def image(self) -> QImage:
        if self._colours is None:
            return heat_image(self.values, diverging=False)
        pixels = np.ascontiguousarray(self._colours)
        rows, columns = pixels.shape[:2]
        return QImage(pixels.tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()

    def paint_frame(self, painter: QPainter) -> None:
        if not self._is_read:
            return
        rows, columns = self.values.shape
        around = self.rect_of((0, 0)).united(self.rect_of((rows - 1, columns - 1))).adjusted(-5, -5, 5, 5)
        painter.setPen(QPen(theme.palette().crosshair, 3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(around, 8, 8)


class WeightsGrid(CellGrid):
    """Weights as they are applied, on the colours of their sign and size."""

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(object_name, accessible_name, tool_tip, parent)
        self._largest = 1.0

    def show_weights(self, weights: Grid, texts: Texts) -> None:
        """Show these weights, written as `texts`."""
        self._largest = float(np.abs(weights).max()) or 1.0
        self.show_numbers(weights, texts)

    def ground(self, cell: Cell) -> QColor:
        return theme.diverging(float(self.values[cell]) / self._largest)

    def ink(self, cell: Cell) -> QColor:
        ground = self.ground(cell)
        # A weight of 0 says that its pixel does not count; it is dim, but still to be read.
        dim = 0.36 if self.values[cell] == 0 else 0.0
        return theme.mixed(theme.ink_on(ground), ground, dim)


class ProductsGrid(CellGrid):
    """Value times weight, coloured by sign where there are negative numbers."""

    is_signed = False

    def ink(self, cell: Cell) -> QColor:
        hidden = bool(self.texts) and reads_as_0(self.texts[cell[0]][cell[1]])
        value = 0.0 if hidden else float(self.values[cell])
        colour: QColor = getattr(theme.palette(), ink_of(value, signed=self.is_signed))
        return colour
