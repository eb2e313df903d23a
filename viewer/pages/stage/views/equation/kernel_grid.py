"""The kernel in the equation: its weights in colour, changed in place."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PyQt6.QtWidgets import QWidget

from kernels.kernel.text import parse_number
from kernels.numbers import MINUS, exact_number
from viewer import theme
from viewer.pages.filter.views.kernel.cell_editor import CellEditor, way_on
from viewer.pages.stage.views.equation.grids import Grid, WeightsGrid
from viewer.pages.stage.views.equation.plan import type_of
from viewer.pages.stage.views.equation.writing import Cell, Texts
from viewer.theme import repolish

Key = Qt.Key
STEPS = {Key.Key_Left: (0, -1), Key.Key_Right: (0, 1), Key.Key_Up: (-1, 0), Key.Key_Down: (1, 0)}
OPENING = (Key.Key_F2, Key.Key_Return, Key.Key_Enter)
STARTS = frozenset("0123456789.+-\N{MINUS SIGN}")
EDITOR_WIDTH, EDITOR_HEIGHT = 150, 28


class KernelGrid(WeightsGrid):
    """Weights that are changed in place.

    ``edited(cell, value)`` carries a number that was typed, ``refused(sentence)`` why a text is none; an empty sentence
    takes that back.
    """

    edited = pyqtSignal(object, float)
    refused = pyqtSignal(str)

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(object_name, accessible_name, tool_tip, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.current: Cell = (0, 0)
        self.editor: CellEditor | None = None

    def show_weights(self, weights: Grid, texts: Texts) -> None:
        """Show these weights; the current cell stays where it is as far as it still exists."""
        if self.editor is not None and not np.array_equal(weights, self.values):
            self._close()
        super().show_weights(weights, texts)
        rows, columns = weights.shape
        self._go_to((min(self.current[0], rows - 1), min(self.current[1], columns - 1)))

    def paint_frame(self, painter: QPainter) -> None:
        if self.hasFocus():
            self.paint_ring(painter, self.current, theme.palette().accent)

    # Keys and pointer -----------------------------------------------------------------------------------------

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        """Whether a key is meant for the cells."""
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        key = Key(event.key())
        return key in STEPS or key in OPENING or (bool(event.text()) and event.text() in STARTS)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        if not self._takes(event):
            super().keyPressEvent(event)
        elif Key(event.key()) in STEPS:
            self._step(*STEPS[Key(event.key())])
            self.hovered.emit(self.current)
        elif Key(event.key()) in OPENING:
            self.edit(self.current)
        else:
            self.edit(self.current, event.text())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.edit(cell)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.hovered.emit(self.current)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        if self.editor is None:
            self.hovered.emit(None)
        self.update()

    def _step(self, down: int, right: int) -> None:
        rows, columns = self.values.shape
        self._go_to((min(max(self.current[0] + down, 0), rows - 1), min(max(self.current[1] + right, 0), columns - 1)))

    def _go_to(self, cell: Cell) -> None:
        self.current = cell
        text = self.tr("row {row}, column {column}: {weight}").format(
            row=cell[0] + 1, column=cell[1] + 1, weight=exact_number(self.values[cell], minus=MINUS)
        )
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
        self.update()

    # The line over a cell -------------------------------------------------------------------------------------

    def edit(self, cell: Cell, typed: str = "") -> None:
        """Open a line over `cell`, holding its weight or what was `typed`."""
        self._finish()
        self.refused.emit("")
        self._go_to(cell)
        self.hovered.emit(cell)
        # A narrow grid would cut it off.
        editor = self.editor = CellEditor(bool(typed), self.parentWidget() or self)
        editor.setFont(type_of(max(16, self.number), 600))
        editor.setText(typed or exact_number(self.values[cell], minus=MINUS))
        if not typed:
            editor.selectAll()
        editor.matrix_pasted.connect(
            lambda _text: self.refused.emit(self.tr("One number fits into a cell, not a whole kernel."))
        )
        editor.installEventFilter(self)
        editor.setGeometry(self._over(cell))
        editor.show()
        editor.setFocus()
        _application().installEventFilter(self)

    def _over(self, cell: Cell) -> QRect:
        """Over a small cell the line is larger than the cell, and stays inside what the grid stands in."""
        around = self.parentWidget() or self
        rect = self.rect_of(cell).translated(QPointF(self.mapTo(around, QPoint(0, 0))))
        width = min(max(rect.width(), EDITOR_WIDTH), around.width())
        height = min(max(rect.height(), EDITOR_HEIGHT * max(16, self.number) / 16), around.height())
        area = QRectF(0, 0, width, height)
        area.moveCenter(rect.center())
        area.moveLeft(min(max(area.left(), 0), around.width() - width))
        area.moveTop(min(max(area.top(), 0), around.height() - height))
        return QRect(QPoint(math.floor(area.left()), math.floor(area.top())), area.size().toSize())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.MouseButtonPress and self.editor is not None:
            # Not every place that is clicked takes the focus.
            if isinstance(watched, QWidget) and watched not in (self, self.editor):
                self._finish()
            return False
        if self.editor is None or watched is not self.editor or event is None:
            return super().eventFilter(watched, event)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            # Shortcuts of the window, such as Space, do not reach through a line that is being typed.
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key_in_editor(self.editor, event)
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            if event.reason() != Qt.FocusReason.PopupFocusReason:
                self._finish()
                self.hovered.emit(None)
            return False
        return super().eventFilter(watched, event)

    def _key_in_editor(self, editor: CellEditor, event: QKeyEvent) -> bool:
        if event.key() == Key.Key_Escape:
            self._close()
            self.refused.emit("")
            return True
        way = way_on(editor, event)
        if way is None:
            return False
        if self._take(editor):
            self._step(*way)
            self.hovered.emit(self.current)
        return True

    def _finish(self) -> None:
        """Take what was typed if it is a number; else the weight stays."""
        if self.editor is not None and not self._take(self.editor):
            self._close()

    def _take(self, editor: CellEditor) -> bool:
        """Announce the number that was typed; False, with the reason announced, if it is none."""
        cell, value = self.current, float(self.values[self.current])
        try:
            # What was not touched may be rounded.
            value = parse_number(editor.text()) if editor.isModified() or editor.quick else value
        except ValueError as error:
            editor.setProperty("invalid", True)
            editor.setToolTip(str(error))
            repolish(editor)
            self.refused.emit(str(error))
            return False
        self._close()
        self.refused.emit("")
        if value != self.values[cell]:
            self.edited.emit(cell, value)
        return True

    def _close(self) -> None:
        editor, self.editor = self.editor, None
        if editor is not None:
            _application().removeEventFilter(self)
            if editor.hasFocus():
                self.setFocus()
            editor.hide()
            editor.deleteLater()


def _application() -> QCoreApplication:
    """The program, which sees all clicks."""
    found = QCoreApplication.instance()
    assert found is not None
    return found
