"""A picture of cells, one of which is pointed at."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.widgets import PlainToolTip, describe
from viewer.widgets.base import SpotToolTip

STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class PointedPicture(PlainToolTip, SpotToolTip, QWidget):
    """A square of `side` design pixels; a click, a drag or the arrow keys point at a cell, Home at the middle one.

    ``pointed(row, column)`` says where to, ``gesture_ended`` that the drag or the held key is over. What is painted is
    up to those that inherit.
    """

    pointed = pyqtSignal(int, int)
    gesture_ended = pyqtSignal()

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, side: int) -> None:
        super().__init__()
        describe(self, object_name, accessible_name, tool_tip)
        self._side = side
        self._grid, self._at = (1, 1), (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_at(self, grid: tuple[int, int], at: tuple[int, int]) -> None:
        """There are so many rows and columns of cells, and that one is pointed at."""
        self._grid, self._at = grid, at
        self.update()

    def place(self) -> QRect:
        """Where the cells are painted: a whole number of pixels each."""
        rows, columns = self._grid
        cell = max(1, theme.px(self._side) // max(rows, columns))
        return QRect(0, 0, cell * columns, cell * rows)

    def cell(self, row: int, column: int, rows: int = 1, columns: int = 1) -> QRect:
        """Where some cells are painted."""
        place = self.place()
        side = place.width() // self._grid[1]
        return QRect(place.left() + column * side, place.top() + row * side, columns * side, rows * side)

    def words(self, row: int, column: int) -> str:
        """What there is to say about a cell."""
        return ""

    def paint_focus(self, painter: QPainter) -> None:
        """Frame the cells while the keys go here."""
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.palette().accent, theme.px(2)))
            painter.drawRect(self.place().adjusted(1, 1, -1, -1))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(self._side), theme.px(self._side))

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        words = self.words(*self._cell_at(spot)) if self.place().contains(spot) else ""
        return (words, QRect(spot, QSize(1, 1))) if words else None

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._point(*self._cell_at(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._point(*self._cell_at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.gesture_ended.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key = Qt.Key(event.key())
        if key in STEPS:
            self._point(self._at[0] + STEPS[key][0], self._at[1] + STEPS[key][1])
        elif key == Qt.Key.Key_Home:
            self._point(self._grid[0] // 2, self._grid[1] // 2)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat():
            self.gesture_ended.emit()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.gesture_ended.emit()
        self.update()

    def _cell_at(self, position: QPoint) -> tuple[int, int]:
        place = self.place()
        side, spot = place.width() // self._grid[1], position - place.topLeft()
        return spot.y() // side, spot.x() // side

    def _point(self, row: int, column: int) -> None:
        """Point at the cell, or at the nearest one that there is."""
        rows, columns = self._grid
        at = min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
        if at != self._at:
            self._at = at
            self.update()
            self.pointed.emit(*at)
