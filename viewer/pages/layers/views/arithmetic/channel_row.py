"""The sums of all channels of a window side by side, and what they come to."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.pages.stage.views.equation.grids import paint_cell
from viewer.pages.stage.views.equation.plan import type_of
from viewer.widgets import describe
from viewer.widgets.base import SpotToolTip

#: Of the design at 980 x 96 pixels.
HEIGHT, NUMBER, LEAST, VALUE, NOTE, BETWEEN = 96, 20, 12, 38, 14, 12
CELL, CAPTION, SIGN, INSET, LEADING = 1.55, 0.7, 0.95, 0.45, 0.3
"""In heights of the type."""
NARROWEST, ONE_ROW = 5.0, 0.7
MOST_ROWS = 4


class ChannelSums(msgspec.Struct, frozen=True, eq=False):
    """What the row shows: of each channel its name, short and whole, its sum, and that as it is written."""

    title: str
    names: tuple[str, ...]
    long_names: tuple[str, ...]
    sums: tuple[float, ...]
    texts: tuple[str, ...]
    chosen: int
    step: str
    value: str
    ink: str


class ChannelRow(SpotToolTip, QWidget):
    """``chosen(place)`` carries the place of a channel in the row whose window is wanted."""

    chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("Each map's products added up; click one, or press an arrow key, to see its window")
        describe(self, "stageChannels", self.tr("Sums of the maps"), tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._content: ChannelSums | None = None
        self._left, self._split, self._scale = 0.0, 1.0, 1.0
        self._cells: list[QRectF] = []
        self._size = 0.0
        self._hovered: int | None = None

    def show_sums(self, content: ChannelSums) -> None:
        """Show these sums."""
        self._content = content
        self.setAccessibleDescription(self.text())
        self._arrange()

    def place(self, rect: QRectF, left: float, split: float, scale: float) -> None:
        """Stand in `rect`, the cells between `left` and `split`, and what they come to behind it."""
        self._left, self._split, self._scale = left, split, scale
        self.setGeometry(rect.toAlignedRect())
        self._arrange()

    def text(self) -> str:
        """The sums and what they come to, as text."""
        content = self._content
        if content is None:
            return ""
        parts = (f"{name}: {text}" for name, text in zip(content.long_names, content.texts, strict=True))
        return f"{content.title}: {', '.join(parts)}; {content.step} {content.value}".strip()

    def rect_of(self, place: int) -> QRectF:
        """Where a channel's cell is painted."""
        return QRectF(self._cells[place])

    @property
    def has_numbers(self) -> bool:
        """Whether there is room for numbers."""
        return self._size > 0

    # Arranging ------------------------------------------------------------------------------------------------

    def _at(self, length: float) -> float:
        return length * self._scale

    def _small(self) -> float:
        return max(LEAST, self._at(NOTE))

    def _arrange(self) -> None:
        if self._content is None:
            return
        wide, above = self._split - self._left - self._at(BETWEEN), 1.6 * self._small()
        room = QRectF(self._left, above, wide, self.height() - above - 0.1 * self._small())
        self._size = self._largest(self._content, room)
        self._cells = self._with_numbers(room) if self._size else self._coloured(room)
        self.update()

    def _cell_width(self, texts: Sequence[str], size: float) -> float:
        metrics = QFontMetricsF(type_of(100, 600))
        return max(max(metrics.horizontalAdvance(text) for text in texts) / 100 + 2 * INSET, 1.7) * size

    def _largest(self, content: ChannelSums, room: QRectF) -> float:
        """The largest type in which all sums have room, 0 where they do not."""
        largest, count = self._at(NUMBER), len(content.texts)
        sizes = [largest - 0.5 * step for step in range(max(1, int(2 * (largest - LEAST)) + 3))]
        for size in sizes:
            # Somewhat smaller type before another row.
            if size >= ONE_ROW * largest and self._columns(content, room, size) >= count:
                return size
        for size in sizes:
            columns = self._columns(content, room, size)
            if columns and self._height(math.ceil(count / columns), size) <= room.height():
                return size
        return 0.0

    def _columns(self, content: ChannelSums, room: QRectF, size: float) -> int:
        return int(room.width() // (self._cell_width(content.texts, size) + SIGN * size))

    def _height(self, rows: int, size: float) -> float:
        return rows * (CELL * size + 1.3 * max(LEAST - 1, CAPTION * size)) + (rows - 1) * LEADING * size

    def _with_numbers(self, room: QRectF) -> list[QRectF]:
        assert self._content is not None
        size, count = self._size, len(self._content.texts)
        columns = self._columns(self._content, room, size)
        # As many in each row, as far as it goes.
        columns = math.ceil(count / math.ceil(count / columns))
        wide, step = self._cell_width(self._content.texts, size), self._height(2, size) - self._height(1, size)
        return [
            QRectF(
                room.left() + (at % columns) * (wide + SIGN * size),
                room.top() + (at // columns) * step,
                wide,
                CELL * size,
            )
            for at in range(count)
        ]

    def _coloured(self, room: QRectF) -> list[QRectF]:
        assert self._content is not None
        count = len(self._content.texts)
        for rows in range(1, MOST_ROWS + 1):
            columns = math.ceil(count / rows)
            wide = min(room.width() / columns, self._at(28))
            if wide >= 2 * NARROWEST or rows == MOST_ROWS:
                break
        tall = min(room.height() / rows, self._at(28))
        return [
            QRectF(room.left() + (at % columns) * wide, room.top() + (at // columns) * tall, wide, tall)
            for at in range(count)
        ]

    # Painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        content = self._content
        if content is None or not self._cells:
            return
        painter, colours = QPainter(self), theme.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(type_of(self._small(), 500))
        painter.setPen(colours.muted)
        painter.drawText(QPointF(self._left, self._small()), content.title)
        if self.has_numbers:
            self._paint_numbers(painter, content)
        else:
            self._paint_colours(painter, content)
        if self._hovered is not None and self._hovered != content.chosen:
            self._paint_ring(painter, self._hovered, colours.faint)
        self._paint_ring(painter, content.chosen, colours.accent if self.hasFocus() else colours.crosshair)
        self._paint_total(painter, content)

    def _paint_numbers(self, painter: QPainter, content: ChannelSums) -> None:
        largest = max((abs(each) for each in content.sums if math.isfinite(each)), default=0.0) or 1.0
        small = max(LEAST - 1.0, CAPTION * self._size)
        for at, (box, text) in enumerate(zip(self._cells, content.texts, strict=True)):
            ground = theme.diverging(content.sums[at] / largest)
            paint_cell(painter, box, ground, theme.ink_on(ground), text, self._size)
            painter.setPen(theme.palette().muted)
            painter.setFont(type_of(small))
            line = QRectF(box.left(), box.bottom() + 1, box.width(), 1.3 * small)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, content.names[at])
            painter.setFont(type_of(self._size, 500))
            behind = QRectF(box.right(), box.top(), SIGN * self._size, box.height())
            painter.drawText(behind, Qt.AlignmentFlag.AlignCenter, "+" if at + 1 < len(self._cells) else "=")

    def _paint_colours(self, painter: QPainter, content: ChannelSums) -> None:
        largest = max((abs(each) for each in content.sums if math.isfinite(each)), default=0.0) or 1.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for box, each in zip(self._cells, content.sums, strict=True):
            painter.fillRect(box.toAlignedRect(), theme.diverging(each / largest))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_ring(self, painter: QPainter, place: int, colour: QColor) -> None:
        grow = 1.0 if self.has_numbers else max(1.0, (9 - self._cells[place].width()) / 2)
        box = self._cells[place].adjusted(-grow, -grow, grow, grow)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((theme.palette().panel, 5.0), (colour, 3.0)):
            painter.setPen(QPen(ink, width))
            painter.drawRoundedRect(box, 4, 4)

    def _paint_total(self, painter: QPainter, content: ChannelSums) -> None:
        """The value, large, and above it the last step."""
        colours, room = theme.palette(), self.width() - self._split - self._at(12)
        wide = QFontMetricsF(type_of(100, 700)).horizontalAdvance(content.value) / 100
        size = min(self._at(VALUE), room / max(wide, 0.1))
        painter.setFont(type_of(self._small(), 400))
        painter.setPen(colours.muted)
        step = content.step or self.tr("Total")
        shown = painter.fontMetrics().elidedText(step, Qt.TextElideMode.ElideLeft, math.floor(room))
        painter.drawText(QPointF(self._split, self._small()), shown)
        painter.setFont(type_of(size, 700))
        painter.setPen(getattr(colours, content.ink))
        box = QRectF(self._split, 1.6 * self._small(), room, 1.25 * size)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, content.value)

    # Choosing -------------------------------------------------------------------------------------------------

    def _at_point(self, point: QPointF) -> int | None:
        return next((at for at, box in enumerate(self._cells) if box.contains(point)), None)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        self._hovered = self._at_point(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if self._hovered is None else Qt.CursorShape.PointingHandCursor)
        self.update()

    def leaveEvent(self, event: QEvent | None) -> None:
        self._hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        place = self._at_point(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(place)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        content, key = self._content, Qt.Key(event.key())
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        if content is None or key not in (*steps, Qt.Key.Key_Home, Qt.Key.Key_End):
            super().keyPressEvent(event)
            return
        last = len(content.sums) - 1
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        place = ends[key] if key in ends else min(max(content.chosen + steps[key], 0), last)
        if place != content.chosen:
            self.chosen.emit(place)

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        """Which channel it is, and its sum."""
        content, place = self._content, self._at_point(QPointF(spot))
        if content is None or place is None:
            return None
        return f"{content.long_names[place]}: {content.texts[place]}", self.rect_of(place).toAlignedRect()
