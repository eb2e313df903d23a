"""What a network takes the pictures of each class for, as a table of numbers."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy

from viewer import theme
from viewer.pages.network.views.pointing import PointedPicture
from viewer.widgets.labels import draw_elided

SIDE, LEAST, LABEL, LONGEST, GAP = 210, 130, 20, 64, 1
"""Design pixels: the table, and at least, the room of a digit beside it, of a name at most, between two cells."""
READABLE, TYPE, SMALL = 17, 12.5, 12
"""Design pixels of a cell below which its number is not written, and of the type, usual and at least."""
Align = Qt.AlignmentFlag


class Confusion(msgspec.Struct, frozen=True, eq=False):
    """How many pictures of each class were taken for which.

    Attributes
    ----------
    classes : tuple of str
    counts : (classes, classes) array of int
        Rows are what is true, columns what was seen.
    step : int
        At which they were counted.
    """

    classes: tuple[str, ...]
    counts: NDArray[np.integer]
    step: int = 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Confusion):
            return NotImplemented
        return self.classes == other.classes and np.array_equal(self.counts, other.counts)

    @property
    def wrong(self) -> int:
        """How many were taken for something else."""
        return int(self.counts.sum() - np.trace(self.counts))


class ConfusionTable(PointedPicture):
    """Rows are true, columns seen; blue is right, orange wrong, gold the cell that is looked at.

    ``pointed(true, seen)`` says which cell a click or the arrow keys chose.
    """

    left_alone = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("confusionTable", "", "", SIDE)
        self.setAccessibleName(self.tr("Confusion: rows true, columns seen"))
        self.setToolTip(
            self.tr("A click or the arrow keys choose a cell, whose pictures are shown below; Escape chooses none")
        )
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._shown: Confusion | None = None
        self._chosen: tuple[int, int] | None = None
        self._label = 0
        self._renew()
        theme.follow(self._measure)

    def show_confusion(self, shown: Confusion | None, chosen: tuple[int, int] | None = None) -> None:
        """Show a table, None for none yet, with the cell (true, seen) that is looked at."""
        if (shown, chosen) != (self._shown, self._chosen):
            self._shown, self._chosen = shown, chosen
            self._renew()

    def _renew(self) -> None:
        shown, chosen = self._shown, self._chosen
        count = 10 if shown is None else len(shown.classes)
        self.setEnabled(shown is not None)
        self.show_at((count, count), chosen or (min(self._at[0], count - 1), min(self._at[1], count - 1)))
        self.setAccessibleDescription(self.words(*chosen) if chosen else "")
        self._measure()

    def words(self, row: int, column: int) -> str:
        shown = self._shown
        if shown is None or not (0 <= row < len(shown.classes) and 0 <= column < len(shown.classes)):
            return ""
        count = int(shown.counts[row, column])
        of = int(shown.counts[row].sum())
        return self.tr("{true} taken for {seen}: {n} of {all}").format(
            true=shown.classes[row], seen=shown.classes[column], n=f"{count:,}", all=f"{of:,}"
        )

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.key() == Qt.Key.Key_Escape and self._chosen is not None:
            self.left_alone.emit()
        else:
            super().keyPressEvent(event)

    # Where everything stands ---------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Keep the room beside the table for the longest name: measuring text takes long."""
        metrics = QFontMetricsF(theme.font(TYPE))
        names = ("0",) if self._shown is None else self._shown.classes
        wide = max(metrics.horizontalAdvance(each) for each in names) + theme.px(8)
        self._label = round(min(max(wide, theme.px(LABEL)), theme.px(LONGEST)))
        self.updateGeometry()

    def place(self) -> QRect:
        below = max(theme.px(LABEL), self._label)
        room = min(self.width() - self._label - theme.px(2), self.height() - below, theme.px(SIDE))
        cell = max(1, room // self._grid[0])
        return QRect(self._label, 0, cell * self._grid[1], cell * self._grid[0])

    def sizeHint(self) -> QSize:
        return self._with_names(SIDE)

    def minimumSizeHint(self) -> QSize:
        return self._with_names(LEAST)

    def _with_names(self, side: int) -> QSize:
        """The size of a table of so many design pixels."""
        whole = theme.px(side) // self._grid[0] * self._grid[0]
        return QSize(whole + self._label + theme.px(2), whole + max(theme.px(LABEL), self._label))

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colours, place = theme.palette(), self.place()
        side = place.width() // self._grid[0]
        gap = theme.px(GAP) if side >= 4 * theme.px(GAP) else 0
        rows = np.maximum(self._shown.counts.sum(1, keepdims=True), 1) if self._shown is not None else None
        painter.setFont(theme.font(min(TYPE, max(SMALL, 0.56 * side / theme.scale())), 500))
        for row in range(self._grid[0]):
            for column in range(self._grid[1]):
                count = 0 if self._shown is None else int(self._shown.counts[row, column])
                share = count / int(rows[row, 0]) if rows is not None else 0.0
                self._paint_cell(
                    painter,
                    self.cell(row, column).adjusted(gap, gap, -gap, -gap),
                    count,
                    share,
                    is_right=row == column,
                    written=side >= theme.px(READABLE),
                )
        self._paint_names(painter, place, side)
        self.paint_focus(painter)
        if self._chosen is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.crosshair, theme.px(2), join=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(self.cell(*self._at).adjusted(0, 0, -1, -1))

    @staticmethod
    def _paint_cell(painter: QPainter, room: QRect, count: int, share: float, *, is_right: bool, written: bool) -> None:
        colours = theme.palette()
        ground = colours.field
        if count:
            # What was seen once is to be seen from afar; right answers differ less than wrong ones.
            strength = 0.25 + 0.6 * share if is_right else 0.4 + 0.6 * min(1.0, 4 * share)
            ground = theme.mixed(colours.field, colours.negative if is_right else colours.positive, strength)
        painter.fillRect(room, ground)
        if count and written:
            text = f"{count:,}"
            font = painter.font()
            wide = QFontMetricsF(font).horizontalAdvance(text)
            if wide > room.width() - 2:
                font.setPixelSize(max(1, int(font.pixelSize() * (room.width() - 2) / wide)))
            painter.save()
            painter.setFont(font)
            painter.setPen(theme.ink_on(ground))
            painter.drawText(room, Align.AlignCenter, text)
            painter.restore()

    def _paint_names(self, painter: QPainter, place: QRect, side: int) -> None:
        """Rows at the left, columns below: upright where the names are digits, else on their side."""
        if self._shown is None:
            return
        colours, label = theme.palette(), self._label
        # Of very many classes only so many names are written as can be read.
        step = max(1, -(-theme.px(READABLE) // max(1, side)))
        on_side = label > theme.px(LABEL)
        painter.setFont(theme.font(TYPE))
        for number in range(0, len(self._shown.classes), step):
            name = self._shown.classes[number]
            is_here = self._chosen is not None and number in self._at
            # A name may be taller than its cell: it has the room of those that are left out, half on each side.
            spare = (step - 1) * side // 2
            row = self.cell(number, 0).adjusted(0, -spare, 0, spare)
            row.moveTop(max(0, row.top()))
            column = self.cell(0, number).adjusted(-spare, 0, spare, 0)
            painter.setPen(colours.text if is_here and self._at[0] == number else colours.muted)
            draw_elided(painter, QRect(0, row.top(), label - theme.px(4), row.height()), name)
            painter.setPen(colours.text if is_here and self._at[1] == number else colours.muted)
            if on_side:
                room = QRectF(column.left(), place.bottom() + theme.px(3), column.width(), label)
                self._paint_upright(painter, room, name)
            else:
                painter.drawText(
                    QRect(column.left(), place.bottom() + theme.px(2), column.width(), theme.px(LABEL)),
                    Align.AlignHCenter | Align.AlignTop,
                    name,
                )

    @staticmethod
    def _paint_upright(painter: QPainter, room: QRectF, name: str) -> None:
        """Write a name from top to bottom."""
        painter.save()
        painter.translate(room.topRight())
        painter.rotate(90)
        draw_elided(painter, QRect(0, 0, round(room.height()), round(room.width())), name)
        painter.restore()
