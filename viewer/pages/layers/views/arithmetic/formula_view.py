"""A formula with its tables and its curve."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.pages.layers.views.arithmetic.content import Formula, Table, Token
from viewer.pages.layers.views.arithmetic.curve import paint_curve
from viewer.pages.layers.views.arithmetic.layout import VALUE, Layout, PlacedToken, lay_out
from viewer.pages.layers.views.arithmetic.table import TableGrid
from viewer.pages.stage.views.equation.grids import paint_cell
from viewer.pages.stage.views.equation.plan import least_type, type_of, widest
from viewer.widgets import describe
from viewer.widgets.base import SpotToolTip

#: Of the design at 980 x 290 pixels.
WIDTH, HEIGHT = 980, 290
MARGIN, BETWEEN, LARGEST, NUMBER, NOTE = 20, 40, 32, 26, 14
MOST_TABLES = 3
SHARES = {1: 0.42, 3: 0.6}
"""What the tables take of the width at most, by their number."""
CELL, INSET, GAP = 1.7, 0.5, 3
CURVE = 1.35
"""Width of a curve over its height."""


class FormulaView(SpotToolTip, QWidget):
    """``place_chosen`` carries the place of a number that is gone to: it is clicked, or chosen by keys."""

    place_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "stageFormula", self.tr("How the number comes about"), "")
        self.setMouseTracking(True)
        self.formula: Formula | None = None
        self._layout: Layout | None = None
        self._current = 0
        self._scale = 1.0
        self._curve = QRectF()
        self.tables = tuple(
            TableGrid(f"stageTable{at}", self.tr("Numbers"), self.tr("The numbers that it is made of"), self)
            for at in range(MOST_TABLES)
        )
        for grid in self.tables:
            grid.hide()
        theme.notifier().changed.connect(self._arrange)

    def show_formula(self, formula: Formula) -> None:
        """Show `formula`."""
        self.formula, self._current = formula, 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self._links() else Qt.FocusPolicy.NoFocus)
        for at, grid in enumerate(self.tables):
            grid.setVisible(at < len(formula.tables))
            if at < len(formula.tables):
                grid.show_table(formula.tables[at])
        self._arrange()

    def placed(self) -> tuple[PlacedToken, ...]:
        """The tokens and where they stand."""
        return () if self._layout is None else self._layout.tokens

    # Arranging ------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _at(self, length: float) -> float:
        return length * self._scale

    def _arrange(self) -> None:
        formula = self.formula
        if formula is None or self.width() < 40 or self.height() < 40:
            return
        self._scale = min(self.width() / WIDTH, self.height() / HEIGHT)
        left, size = self._at(MARGIN), self._table_size(formula.tables)
        for at, table in enumerate(formula.tables):
            left = self._place_table(at, table, left, size)
        right = self.width() - self._at(MARGIN)
        self._curve = QRectF()
        if formula.curve is not None:
            tall = self.height() - 2 * self._at(MARGIN)
            wide = min(CURVE * tall, 0.36 * self.width())
            self._curve = QRectF(right - wide, (self.height() - wide / CURVE) / 2, wide, wide / CURVE)
            right -= wide + self._at(BETWEEN)
        foot = self._at(2.4 * NOTE) if formula.note else 0.0
        room = QRectF(left, self._at(8), right - left, self.height() - self._at(16) - foot)
        least = least_type(self.width(), self.height())
        self._layout = lay_out(formula.lines, room, self._at(LARGEST), least)
        self.update()

    def _place_table(self, at: int, table: Table, left: float, size: int) -> float:
        """Put a table with numbers of this size at `left`; return where the next thing stands."""
        rows, columns = table.values.shape
        gap = self._at(GAP)
        if size:
            cell = self._cell_width(table) * size, CELL * size
        else:
            wide, room = self._table_room(len(self.formula.tables))
            gap, side = 0.0, min(wide / columns, room / rows, self._at(44))
            cell = side, side
        across, down = columns * (cell[0] + gap) - gap, rows * (cell[1] + gap) - gap
        area = QRectF(left, (self.height() - down) / 2, across, down)
        self.tables[at].place(area, cell, gap, size)
        self.tables[at].setAccessibleName(table.title)
        return max(area.right(), left + self._title_width(table)) + self._at(BETWEEN)

    def _table_room(self, count: int) -> tuple[float, float]:
        """Width and height for each of so many tables."""
        return SHARES.get(count, 0.5) * self.width() / count - self._at(BETWEEN), self.height() - self._at(5 * NOTE)

    def _cell_width(self, table: Table) -> float:
        """In heights of the type."""
        return max(widest(table.texts) + INSET, CELL)

    def _table_size(self, tables: tuple[Table, ...]) -> int:
        """The largest type in which all tables have room; 0 where they do not, or are not written."""
        if not tables or not all(table.texts for table in tables):
            return 0
        (wide, room), gap = self._table_room(len(tables)), self._at(GAP)
        least = math.ceil(least_type(self.width(), self.height())) - 1
        for size in range(math.floor(self._at(NUMBER)), least - 1, -1):
            sizes = [(table.values.shape, self._cell_width(table) * size + gap) for table in tables]
            if all(rows * (CELL * size + gap) <= room and columns * cell <= wide for (rows, columns), cell in sizes):
                return size
        return 0

    def _title_width(self, table: Table) -> float:
        small = self._small()
        return max(
            min(QFontMetricsF(type_of(small, 500)).horizontalAdvance(table.title), self._at(220)),
            QFontMetricsF(type_of(small)).horizontalAdvance(table.note),
        )

    def _small(self) -> float:
        return max(least_type(self.width(), self.height()), self._at(NOTE))

    # Painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        formula, layout = self.formula, self._layout
        if formula is None or layout is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for at, table in enumerate(formula.tables):
            self._paint_around(painter, at, table)
        for placed in layout.tokens:
            self._paint_token(painter, placed, layout)
        if formula.curve is not None:
            paint_curve(painter, formula.curve, self._curve, max(1.0, self._scale))
        if formula.note:
            self._paint_note(painter, formula.note, layout)

    def _paint_note(self, painter: QPainter, note: str, layout: Layout) -> None:
        left = min(each.box.left() for each in layout.tokens)
        right = self._curve.left() - self._at(12) if not self._curve.isEmpty() else self.width()
        painter.setFont(type_of(self._small()))
        painter.setPen(theme.palette().muted)
        room = QRectF(left, layout.bottom + self._at(10), right - left, 3 * self._small())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap), note)

    def _paint_around(self, painter: QPainter, at: int, table: Table) -> None:
        colours, small, grid = theme.palette(), self._small(), self.tables[at]
        area = grid.area().translated(QPointF(grid.pos()))
        painter.setPen(colours.muted)
        painter.setFont(type_of(small, 500))
        room = math.ceil(max(self._title_width(table), area.width()))
        title = painter.fontMetrics().elidedText(table.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(area.left(), area.top() - 0.8 * small), title)
        painter.setFont(type_of(small))
        painter.drawText(QPointF(area.left(), area.bottom() + 1.7 * small), table.note)
        if table.sign:
            painter.setFont(type_of(self._at(NUMBER), 500))
            middle = QRectF(area.right(), area.top(), self._at(BETWEEN), area.height())
            painter.drawText(middle, Qt.AlignmentFlag.AlignCenter, table.sign)

    def _paint_token(self, painter: QPainter, placed: PlacedToken, layout: Layout) -> None:
        colours, token, box = theme.palette(), placed.token, placed.box
        if token.kind == "number":
            ground = colours.hover if token.place and token is self._link() and self._is_lit() else colours.field
            paint_cell(painter, box, ground, colours.text, token.text, layout.size)
            if token.is_here:
                self._paint_ring(painter, box, theme.palette().crosshair)
            if token.place and self.hasFocus() and token is self._link():
                self._paint_ring(painter, box, theme.palette().accent)
        else:
            is_value = token.kind == "value"
            painter.setFont(type_of((VALUE if is_value else 1.0) * layout.size, 700 if is_value else 500))
            painter.setPen(getattr(colours, token.ink))
            painter.drawText(box.adjusted(-2, -20, 2, 20), Qt.AlignmentFlag.AlignCenter, token.text)
        if token.caption:
            font = type_of(layout.small)
            font.setUnderline(bool(token.place))
            painter.setFont(font)
            painter.setPen(colours.accent if token.place else colours.muted)
            shown = painter.fontMetrics().elidedText(
                token.caption, Qt.TextElideMode.ElideRight, math.ceil(placed.caption.width()) + 2
            )
            painter.drawText(placed.caption.adjusted(-2, 0, 2, 0), Qt.AlignmentFlag.AlignHCenter, shown)

    def _paint_ring(self, painter: QPainter, box: QRectF, colour: QColor) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, max(2.0, self._at(3))))
        radius = min(6.0, box.height() / 5)
        painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), radius, radius)

    # Going to where a number comes from ------------------------------------------------------------------------

    def _links(self) -> list[Token]:
        return [] if self.formula is None else [token for line in self.formula.lines for token in line if token.place]

    def _link(self) -> Token | None:
        links = self._links()
        return links[self._current] if links else None

    def _is_lit(self) -> bool:
        return self.hasFocus() or self.underMouse()

    def _placed_at(self, point: QPointF) -> PlacedToken | None:
        return next((each for each in self.placed() if each.box.united(each.caption).contains(point)), None)

    def _token_at(self, point: QPointF) -> Token | None:
        placed = self._placed_at(point)
        return None if placed is None else placed.token

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        token = self._token_at(event.position())
        links = self._links()
        if token is not None and token.place:
            self._current = next(at for at, each in enumerate(links) if each is token)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        token = self._token_at(event.position())
        if token is not None and token.place and event.button() == Qt.MouseButton.LeftButton:
            self.place_chosen.emit(token.place)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        links, key = self._links(), event.key()
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key), 0)
        if links and step:
            self._current = min(max(self._current + step, 0), len(links) - 1)
            self.update()
        elif links and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.place_chosen.emit(links[self._current].place)
        else:
            super().keyPressEvent(event)

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        """All of what may be cut below a number."""
        placed = self._placed_at(QPointF(spot))
        if placed is None or not placed.token.caption:
            return None
        return f"{placed.token.caption}: {placed.token.text}", placed.box.united(placed.caption).toAlignedRect()
