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
LEAST_TEXT_WIDTH, LEAST_TEXT_HEIGHT = 22, 14
NON_FINITE = QColor(0xFF, 0x00, 0xC8)
TYPE_SIZES = (12, 11, 10, 9)


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
        self._type_size = TYPE_SIZES[0]
        self._texts: list[list[str]] = [["0"]]
        self._longest = 0
        self._marked: Cell | None = None
        self.tip: Callable[[Cell], str] = lambda cell: ""

    def show_values(
        self,
        values: NDArray[np.float64],
        hatched: NDArray[np.bool_],
        *,
        signed: bool,
        diverging: bool,
        texts: list[list[str]] | None = None,
    ) -> None:
        """Paint `values` (kh, kw), written as `texts`; as a heat map they are grey, or `diverging` around 0."""
        self._values, self._hatched = values, hatched
        self._texts = texts or [[format_number(value) for value in row] for row in values.tolist()]
        self._longest = max(self._longest, max(len(text) for row in self._texts for text in row))
        self._signed, self._diverging = signed, diverging
        self.update()

    def values(self) -> NDArray[np.float64]:
        """The numbers that are shown."""
        return self._values

    def longest(self) -> int:
        """Characters of the longest number since ``forget_width``: the strip stays calm while the pointer moves."""
        return self._longest

    def forget_width(self) -> None:
        """Begin with narrow cells again: another kernel has come."""
        self._longest = 0

    def texts(self) -> list[list[str]]:
        """The numbers as they are written, row by row."""
        return self._texts

    def fit(self, width: float, height: float) -> bool:
        """Choose the cells so that the grid stays within `width` x `height` pixels; False if it cannot be written."""
        rows, columns = self._values.shape
        gap = theme.px(GAP)
        wanted = theme.px(CELL_WIDTH + 7 * max(0, self._longest - 4))
        cell = (
            math.floor(min((width + gap) / columns - gap, wanted)),
            math.floor(min((height + gap) / rows - gap, theme.px(CELL_HEIGHT))),
        )
        size = self._type_that_fits(*cell)
        if size is None:
            side = min(width / columns, height / rows, theme.px(CELL_HEIGHT))
            self._cell, self._gap = (side, side), 0
        else:
            self._cell, self._gap, self._type_size = cell, gap, size
        across, down = (
            count * side + (count - 1) * self._gap for count, side in zip((columns, rows), self._cell, strict=True)
        )
        wanted_size = QSize(max(1, math.ceil(across)), max(1, math.ceil(down)))
        if self.size() != wanted_size:
            self.setFixedSize(wanted_size)
        self.update()
        return size is not None

    def _type_that_fits(self, width: int, height: int) -> int | None:
        """The largest type in which every number fits into a cell, None where all are too large."""
        if width < theme.px(LEAST_TEXT_WIDTH) or height < theme.px(LEAST_TEXT_HEIGHT):
            return None
        longest = sorted({text for row in self._texts for text in row}, key=len)[-8:]
        for size in TYPE_SIZES:
            metrics = QFontMetricsF(theme.font(size))
            if size <= height / theme.scale() - 2 and all(
                metrics.horizontalAdvance(text) <= width - theme.px(4) for text in longest
            ):
                return size
        return None

    @property
    def is_heat_map(self) -> bool:
        """Whether the cells are too small to write in."""
        return self._gap == 0

    def sizeHint(self) -> QSize:
        return self.minimumSize()

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
        self.hovered.emit(self.cell_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent | None) -> None:
        self.hovered.emit(None)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(event.pos())
            if cell is not None:
                self._show_tip(cell)
                return True
        return super().event(event)

    def _show_tip(self, cell: Cell) -> None:
        """Say all of a number above the grid, where no part of the arithmetic stands."""
        text = self.tip(cell)
        lines = (text.count("\n") + 1) * self.fontMetrics().lineSpacing()
        above = self.mapToGlobal(QPoint(round(self.rect_of(cell).left()), 0))
        QToolTip.showText(above - QPoint(0, lines + theme.px(56)), text, self)

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
        upright, slanted = theme.font(self._type_size), theme.font(self._type_size)
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
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._texts[row][column])

    def _ink(self, value: float) -> QColor:
        colours = theme.palette()
        if not math.isfinite(value):
            return colours.warning
        if not self._signed:
            return colours.text
        return colours.muted if value == 0 else colours.positive_text if value > 0 else colours.negative_text

    def _paint_heat(self, painter: QPainter) -> None:
        (side, _), (rows, columns) = self._cell, self._values.shape
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        image = heat_image(self._values, diverging=self._diverging)
        painter.drawImage(QRectF(0, 0, columns * side, rows * side), image)
        paint_hatching(painter, self._hatched, side, side)
        # A white value at the edge would merge with a light panel.
        painter.setPen(QPen(theme.palette().faint, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))


def heat_image(values: NDArray[np.float64], *, diverging: bool) -> QImage:
    """Return an image of one pixel a number: grey from the least to the greatest, or `diverging` around 0."""
    known = np.isfinite(values)
    finite = values[known] if known.any() else np.zeros(1)
    values = np.where(known, values, 0.0)
    if diverging:
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


def paint_hatching(painter: QPainter, hatched: NDArray[np.bool_], width: float, height: float) -> None:
    """Hatch the marked cells of a heat map, each of `width` x `height` pixels."""
    hatch = QBrush(theme.palette().muted, Qt.BrushStyle.BDiagPattern)
    for row in np.flatnonzero(hatched.any(axis=1)).tolist():
        for first, last in _runs(hatched[row]):
            painter.fillRect(QRectF(first * width, row * height, (last - first) * width, height), hatch)


def _runs(marks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and the one after the last place of each run of true `marks`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marks, [False])).astype(np.int8))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
