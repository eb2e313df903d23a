"""A few pixels as large cells with their numbers: the loupe on the input, and the one on the output."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.pages.stage.cells import Cells
from viewer.pages.stage.views.cell_painter import CellPainter
from viewer.pages.stage.views.drawing import Grid, Place
from viewer.pages.stage.views.origins import origin
from viewer.panes.canvas import KEYBOARD
from viewer.panes.drawing import ARROWS, LONG_STEP
from viewer.widgets import describe, format_number, format_position
from viewer.widgets.base import SpotToolTip

LARGEST_CELL = 56
CORNER = 6
EDGE = 8
"""Room around cells that float, for the frame around one at the edge."""
MOST_READ_OUT = 25


class CloseUp(SpotToolTip, QWidget):
    """Shows ``Cells``; positions in its signals are pixels (y, x).

    One that `floats` stands on another picture: it paints nothing beside its cells, whose corners are round.
    """

    hovered = pyqtSignal(object)  # (y, x), None outside
    clicked = pyqtSignal(int, int)
    nudged = pyqtSignal(int, int)  # down, right

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        tool_tip: str,
        parent: QWidget | None = None,
        *,
        floats: bool = False,
    ) -> None:
        super().__init__(parent)
        describe(self, object_name, accessible_name, tool_tip)
        self._floats = floats
        self._cells: Cells | None = None
        self._painter = CellPainter()
        self._pointed: Place | None = None
        self._marked: Place | None = None
        self._said: Place | None = None
        self._pressed: Place | None = None
        self._ring = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        theme.follow(self.update)

    def show_cells(self, cells: Cells | None) -> None:
        """Show these; None for nothing."""
        self._cells = cells
        self.setAccessibleDescription("" if cells is None else self._followed_text(cells))
        self.update()

    def mark(self, place: Place | None) -> None:
        """Frame pixel (y, x), which is pointed at elsewhere."""
        if place != self._marked:
            self._marked = place
            self.update()

    @property
    def cells(self) -> Cells | None:
        """What is shown."""
        return self._cells

    # -- where things are ------------------------------------------------------------------------------------------

    def grid(self) -> Grid:
        """Where the cells stand: square, as large as the room allows, in the middle."""
        rows, columns = (0, 0) if self._cells is None else self._cells.shape
        if not rows or not columns:
            return Grid(self.width() / 2, self.height() / 2, 0.0, 0, 0)
        edge = theme.px(EDGE) if self._floats else 0
        side = max(1, math.floor(min((self.width() - 2 * edge) / columns, (self.height() - 2 * edge) / rows)))
        return Grid((self.width() - columns * side) // 2, (self.height() - rows * side) // 2, side, rows, columns)

    def grid_rect(self) -> QRectF:
        """What the cells cover together, in logical pixels of this widget."""
        return self.grid().whole

    def cell_rect(self, y: int, x: int) -> QRectF:
        """Where pixel (y, x) is painted; empty if it is not shown."""
        cells, grid = self._cells, self.grid()
        if cells is None or not (0 <= y - cells.top < grid.rows and 0 <= x - cells.left < grid.columns):
            return QRectF()
        return grid.rect(y - cells.top, x - cells.left)

    def pixel_at(self, position: QPointF) -> Place | None:
        """The pixel (y, x) under a position of this widget; None where there is none."""
        cells, at = self._cells, self._cell_at(position)
        return None if cells is None or at is None else (cells.top + at[0], cells.left + at[1])

    def _cell_at(self, position: QPointF) -> Place | None:
        cells, grid = self._cells, self.grid()
        if cells is None or not grid.rows or not grid.whole.contains(position):
            return None
        row = min(math.floor((position.y() - grid.top) / grid.side), grid.rows - 1)
        column = min(math.floor((position.x() - grid.left) / grid.side), grid.columns - 1)
        return None if cells.absent[row, column] else (row, column)

    def sizeHint(self) -> QSize:
        rows, columns = (7, 9) if self._cells is None else self._cells.shape
        edge = 2 * theme.px(EDGE) * self._floats
        return QSize(columns * theme.px(LARGEST_CELL) + edge, rows * theme.px(LARGEST_CELL) + edge)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(96), theme.px(72))

    # -- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        if not self._floats:
            painter.fillRect(self.rect(), theme.palette().well)
        grid = self.grid()
        if self._cells is not None and grid.rows:
            corner = theme.px(CORNER) if self._floats else 0
            self._painter.paint(painter, self._cells, grid, self._pointed, corner)
            if self._marked is not None and not (rect := self.cell_rect(*self._marked)).isEmpty():
                painter.setPen(QPen(theme.palette().accent, theme.px(3)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(rect.adjusted(2, 2, -2, -2))
        if self._ring and self.hasFocus():
            painter.setPen(QPen(theme.palette().accent, 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    # -- in words --------------------------------------------------------------------------------------------------

    def _followed_text(self, cells: Cells) -> str:
        """The pixel that is followed, or the window with its values and weights."""
        top, left, height, width = cells.box
        rows, columns = cells.shape
        if height < 1 or width < 1:
            return ""
        if (height, width) == (1, 1):
            at = top - cells.top, left - cells.left
            is_shown = 0 <= at[0] < rows and 0 <= at[1] < columns
            return f"{format_position(top, left)}: {self._value(cells, at)}" if is_shown else format_position(top, left)
        text = self.tr("window from {first} to {last}").format(
            first=format_position(top, left), last=format_position(top + height - 1, left + width - 1)
        )
        taps = np.isfinite(cells.weights)
        if not 0 < np.count_nonzero(taps) <= MOST_READ_OUT:
            return text
        places = ((row, column) for row, column in np.argwhere(taps).tolist())
        read = (f"{self._value(cells, at)} × {format_number(float(cells.weights[at]))}" for at in places)
        return f"{text}: {'; '.join(read)}"

    def _value(self, cells: Cells, at: Place) -> str:
        if cells.covered[at]:
            return self.tr("covered")
        return ", ".join(cells.texts[at[0]][at[1]])

    def cell_text(self, y: int, x: int) -> str:
        """Value, position, weight and origin of a pixel that is shown."""
        cells = self._cells
        if cells is None or self.cell_rect(y, x).isEmpty():
            return ""
        at = y - cells.top, x - cells.left
        value = self._value(cells, at)
        lines = [value, format_position(y, x)]
        if cells.covered[at]:
            return "\n".join(lines)
        weight = float(cells.weights[at])
        if math.isfinite(weight):
            lines.append(self.tr("weight {weight}").format(weight=format_number(weight)))
        if cells.outside[at]:
            place = origin(cells, *at)
            if place is None:
                lines.append(self.tr("outside the picture: the border value"))
            else:
                where = format_position(*place)
                lines.append(self.tr("outside the picture: read from {place}").format(place=where))
        return "\n".join(lines)

    # -- pointer ---------------------------------------------------------------------------------------------------

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        """All that is known of a pixel."""
        pixel = self.pixel_at(QPointF(spot))
        return None if pixel is None else (self.cell_text(*pixel), self.cell_rect(*pixel).toRect())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        self._point_at(event.position())

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self._point_at(None)

    def _point_at(self, position: QPointF | None) -> None:
        at = None if position is None else self._cell_at(position)
        if at != self._pointed:
            self._pointed = at
            self.update()
        # Another pixel may have come under a pointer that rests.
        pixel = None if position is None else self.pixel_at(position)
        if pixel != self._said:
            self._said = pixel
            self.hovered.emit(pixel)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._ring = self.pixel_at(event.position()), False

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        pressed, self._pressed = self._pressed, None
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_left and pressed is not None and pressed == self.pixel_at(event.position()):
            self.clicked.emit(*pressed)

    # -- keys ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        way = ARROWS.get(Qt.Key(event.key()))
        if way is None or modifiers & ~Qt.KeyboardModifier.ShiftModifier != Qt.KeyboardModifier.NoModifier:
            event.ignore()
            return
        length = LONG_STEP if modifiers & Qt.KeyboardModifier.ShiftModifier else 1
        self._ring = True
        self.nudged.emit(way[0] * length, way[1] * length)
        self.update()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self._ring = event.reason() in KEYBOARD
        super().focusInEvent(event)  # which updates it

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.update()
