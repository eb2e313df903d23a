"""The numbers of a window, of which some were chosen."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from kernels.digits import format_number
from viewer import theme
from viewer.pages.filter.views.arithmetic.number_grid import heat_image
from viewer.pages.layers.views.arithmetic.content import Table
from viewer.pages.stage.views.equation.grids import CellGrid
from viewer.pages.stage.views.equation.writing import Cell

HEAD = 0.36
"""Length of the head of an arrow, in heights of a cell."""


class TableGrid(CellGrid):
    """A grid whose chosen cells are framed in gold, and an arrow in the middle."""

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(object_name, accessible_name, tool_tip, parent)
        self._table: Table | None = None
        self.tip = self._number

    def show_table(self, table: Table) -> None:
        """Show `table`."""
        self._table = table
        self.show_numbers(table.values, table.texts, table.outside)

    def area(self) -> QRectF:
        """Where all cells are painted."""
        rows, columns = self.values.shape
        return self.rect_of((0, 0)).united(self.rect_of((rows - 1, columns - 1)))

    def ink(self, cell: Cell) -> QColor:
        is_known = math.isfinite(self.values[cell]) or bool(self.outside[cell])
        return super().ink(cell) if is_known else theme.palette().warning

    def image(self) -> QImage:
        return heat_image(self.values, diverging=bool((self.values < 0).any()))

    def paint_frame(self, painter: QPainter) -> None:
        if self._table is None:
            return
        for cell in self._table.chosen:
            self.paint_ring(painter, cell, theme.palette().crosshair)
        if self._table.arrow is not None:
            self._paint_arrow(painter, np.array(self._table.arrow))

    def _paint_arrow(self, painter: QPainter, way: np.ndarray) -> None:
        """The head of an arrow at the edge of the cell in the middle."""
        length = float(np.abs(way).max())
        if not 0 < length < math.inf:
            return
        middle = self.rect_of((1, 1))
        x, y = way[0] / length * middle.width() / 2, way[1] / length * middle.height() / 2
        edge, head = middle.center() + QPointF(x, y), HEAD * middle.height()
        along = QPointF(x, y) / math.hypot(x, y)
        across = QPointF(-along.y(), along.x()) * 0.62 * head
        painter.setPen(QPen(theme.palette().panel, 2))
        painter.setBrush(theme.palette().crosshair)
        painter.drawPolygon(QPolygonF([edge + along * head, edge + across, edge - across]))

    def _number(self, cell: Cell) -> str:
        if self._table is None or self._table.is_reduced:
            return ""
        return format_number(float(self.values[cell]), 9)
