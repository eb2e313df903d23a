"""A small grid of numbers; a heat map where there is no room to write them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from viewer import theme
from viewer.pages.filter.views.kernel.cells import heat_map
from viewer.widgets import describe, format_number

Cell = tuple[int, int]

CELL_WIDTH, CELL_HEIGHT, GAP = 42, 26, 2
LEAST_TEXT_WIDTH, LEAST_TEXT_HEIGHT = 26, 14
NON_FINITE = QColor(0xFF, 0x00, 0xC8)
# Fewer figures first, then smaller ones: (significant figures, size of the type).
_FITS = ((6, 12), (5, 12), (4, 12), (4, 11), (3, 11), (3, 10), (2, 10), (2, 9))


class NumberGrid(QWidget):
    """Paints a matrix. `signed` colours numbers by their sign, `hatched` cells lie outside the picture.

    ``hovered(cell)`` carries (row, column) under the pointer, None outside.
    """

    hovered = pyqtSignal(object)

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, object_name, accessible_name, tool_tip)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._values: NDArray[np.float64] = np.zeros((1, 1))
        self._hatched: NDArray[np.bool_] = np.zeros((1, 1), bool)
        self._signed = False
        self._diverging = False
        self._cell = (float(CELL_WIDTH), float(CELL_HEIGHT))
        self._gap = 0
        self._longest = 0
        self._marked: Cell | None = None
        self.tip: Callable[[Cell], str] = lambda cell: ""

    def show_values(
        self, values: NDArray[np.float64], hatched: NDArray[np.bool_], *, signed: bool, diverging: bool
    ) -> None:
        """Paint `values` (kh, kw); as a heat map they are grey, or `diverging` around 0."""
        self._values, self._hatched = values, hatched
        self._signed, self._diverging = signed, diverging
        self.update()

    def values(self) -> NDArray[np.float64]:
        """The numbers that are shown."""
        return self._values

    def fit(self, width: float, height: float) -> None:
        """Choose the cells so that the grid stays within `width` x `height` pixels."""
        rows, columns = self._values.shape
        gap = theme.px(GAP)
        room = ((width + gap) / columns - gap, (height + gap) / rows - gap)
        wanted = self._wanted_width()
        cell = (min(room[0], wanted), min(room[1], theme.px(CELL_HEIGHT)))
        if cell[0] < theme.px(LEAST_TEXT_WIDTH) or cell[1] < theme.px(LEAST_TEXT_HEIGHT):
            side = min(width / columns, height / rows, theme.px(CELL_HEIGHT))
            cell, gap = (side, side), 0
        else:
            cell = (math.floor(cell[0]), math.floor(cell[1]))
        self._cell, self._gap = cell, gap
        across, down = (count * side + (count - 1) * gap for count, side in zip((columns, rows), cell, strict=True))
        self.setFixedSize(max(1, math.ceil(across)), max(1, math.ceil(down)))
        self.update()

    @property
    def is_heat_map(self) -> bool:
        """Whether the cells are too small to write in."""
        return self._gap == 0

    def _wanted_width(self) -> float:
        """Return the width that shows the longest number with four figures.

        It grows in coarse steps and does not shrink again, so that the strip stays calm while the pointer moves.
        """
        longest = max(len(format_number(value, 4)) for value in self._values.flat[:64])
        self._longest = max(self._longest, longest)
        return theme.px(CELL_WIDTH + 14 * max(0, math.ceil((self._longest - 5) / 2)))

    def forget_width(self) -> None:
        """Begin with narrow cells again: another kernel has come."""
        self._longest = 0

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    # Cells ---------------------------------------------------------------------------------------------------

    def mark(self, cell: Cell | None) -> None:
        """Put a frame around `cell`."""
        if cell != self._marked:
            self._marked = cell
            self.update()

    def rect_of(self, cell: Cell) -> QRectF:
        """Return where `cell` is painted."""
        (width, height), gap = self._cell, self._gap
        return QRectF(cell[1] * (width + gap), cell[0] * (height + gap), width, height)

    def cell_at(self, point: QPoint) -> Cell | None:
        """Return the cell at `point`, None outside."""
        (width, height), gap = self._cell, self._gap
        row, column = math.floor(point.y() / (height + gap)), math.floor(point.x() / (width + gap))
        rows, columns = self._values.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hovered.emit(self.cell_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent | None) -> None:
        self.hovered.emit(None)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(event.pos())
            if cell is not None:
                QToolTip.showText(event.globalPos(), self.tip(cell), self)
                return True
        return super().event(event)

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        if self.is_heat_map:
            self._paint_heat(painter)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_numbers(painter)
        if self._marked is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.palette().accent, max(2, theme.px(2))))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect_of(self._marked).adjusted(1, 1, -1, -1), 3, 3)

    def _paint_numbers(self, painter: QPainter) -> None:
        colours = theme.palette()
        digits, size = self._fitting()
        upright, slanted = theme.font(size), theme.font(size)
        slanted.setItalic(True)
        for (row, column), value in np.ndenumerate(self._values):
            rect, outside = self.rect_of((row, column)), bool(self._hatched[row, column])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.field)
            painter.drawRoundedRect(rect, theme.px(4), theme.px(4))
            if outside:
                painter.setBrush(QBrush(theme.mixed(colours.field, colours.muted, 0.33), Qt.BrushStyle.BDiagPattern))
                painter.drawRoundedRect(rect, theme.px(4), theme.px(4))
            painter.setFont(slanted if outside else upright)
            painter.setPen(self._ink(value))
            text = painter.fontMetrics().elidedText(
                format_number(value, digits), Qt.TextElideMode.ElideRight, int(rect.width()) - 2
            )
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _ink(self, value: float) -> QColor:
        colours = theme.palette()
        if not math.isfinite(value):
            return colours.warning
        if not self._signed:
            return colours.text
        return colours.muted if value == 0 else colours.positive_text if value > 0 else colours.negative_text

    def _fitting(self) -> tuple[int, int]:
        """Return the figures and the size of type with which every number fits into its cell."""
        room = self._cell[0] - theme.px(6)
        tallest = self._cell[1] / theme.scale()
        for digits, size in _FITS:
            metrics = QFontMetricsF(theme.font(size))
            if size <= tallest - 2 and all(
                metrics.horizontalAdvance(format_number(value, digits)) <= room for value in self._values.flat
            ):
                return digits, size
        return _FITS[-1]

    def _paint_heat(self, painter: QPainter) -> None:
        (side, _), (rows, columns) = self._cell, self._values.shape
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(0, 0, columns * side, rows * side), self._heat_map())
        hatch = QBrush(theme.palette().muted, Qt.BrushStyle.BDiagPattern)
        for row in np.flatnonzero(self._hatched.any(axis=1)).tolist():
            for first, last in _runs(self._hatched[row]):
                painter.fillRect(QRectF(first * side, row * side, (last - first) * side, side), hatch)

    def _heat_map(self) -> QImage:
        """Return an image of one pixel a number."""
        known = np.isfinite(self._values)
        values = np.where(known, self._values, 0.0)
        finite = self._values[known] if known.any() else np.zeros(1)
        if self._diverging:
            image = heat_map(values / (float(np.abs(finite).max()) or 1.0))
        else:
            least, greatest = float(finite.min()), float(finite.max())
            share = (values - least) / (greatest - least) if greatest > least else np.full(values.shape, 0.5)
            grey = np.ascontiguousarray(np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8))
            rows, columns = grey.shape
            image = QImage(grey.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8)
            image = image.convertToFormat(QImage.Format.Format_RGB888)
        for row, column in np.argwhere(~known).tolist():
            image.setPixelColor(column, row, NON_FINITE)
        return image


def _runs(marks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and the one after the last place of each run of true `marks`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marks, [False])).astype(np.int8))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
