"""Typing into one cell: the line that opens over it and the keys that lead on from there."""

from __future__ import annotations

from typing import Any, Protocol

from PyQt6.QtCore import QEvent, QModelIndex, QObject, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PyQt6.QtWidgets import QAbstractItemDelegate, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from kernels.kernel.text import parse_matrix
from viewer import theme
from viewer.pages.filter.views.kernel.cells import CellLayout, paint_cell, paint_ring
from viewer.pages.filter.views.kernel.table_model import KernelTableModel
from viewer.widgets import describe

Key = Qt.Key
Hint = QAbstractItemDelegate.EndEditHint


def is_matrix(text: str) -> bool:
    """Whether `text` is a matrix of more than one number, so that pasting it means the whole kernel."""
    try:
        return parse_matrix(text)[0].size > 1
    except ValueError:
        # Text with several lines or cells was meant as a matrix even if it cannot be read as one.
        return any(mark in text.strip() for mark in ("\n", "\t", ";", "["))


class CellEditor(QLineEdit):
    """The line over a cell; `quick` when typing opened it, so that the arrow keys lead on to the next cell."""

    matrix_pasted = pyqtSignal(str)

    def __init__(self, quick: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quick = quick
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        tip = self.tr(
            "An integer, a decimal or a fraction such as 1/9; Enter or Tab goes on, Escape leaves it as it was"
        )
        describe(self, "cellEditor", self.tr("Weight"), tip)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            text = QGuiApplication.clipboard().text()
            if is_matrix(text):
                self.matrix_pasted.emit(text)
                return
        super().keyPressEvent(event)


def way_on(editor: CellEditor, event: QKeyEvent) -> tuple[int, int] | None:
    """Where a key leads after committing: rows down and cells to the right; None to go on typing."""
    back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    key = event.key()
    if key in (Key.Key_Return, Key.Key_Enter):
        return (-1, 0) if back else (1, 0)
    if key == Key.Key_Tab:
        return (0, 1)
    if key == Key.Key_Backtab:
        return (0, -1)
    if key in (Key.Key_Up, Key.Key_Down):
        return (-1, 0) if key == Key.Key_Up else (1, 0)
    if key in (Key.Key_Left, Key.Key_Right) and editor.quick:
        return (0, -1) if key == Key.Key_Left else (0, 1)
    return None


class CellTable(Protocol):
    """What the delegate needs of the table that it works for."""

    kernel_model: KernelTableModel
    cell_layout: CellLayout
    opened_by_typing: bool
    pasted: Any

    def currentIndex(self) -> QModelIndex: ...
    def viewport(self) -> QWidget | None: ...
    def setFocus(self) -> None: ...
    def shows_current(self) -> bool: ...
    def go_on(self, down: int, right: int) -> bool: ...


class CellDelegate(QStyledItemDelegate):
    """Paints cells and opens editors over them."""

    def __init__(self, table: CellTable) -> None:
        super().__init__(table)  # type: ignore[arg-type]
        self._table = table

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        assert painter is not None
        table = self._table
        row, column = index.row(), index.column()
        model, layout = table.kernel_model, table.cell_layout
        draft = model.draft(row, column)
        if not layout.is_heat_map or draft is not None:
            text = layout.text(float(model.weights[row, column])) if draft is None else draft
            paint_cell(painter, option.rect, layout, model.ground(row, column), text, bad=draft is not None)
        if index == table.currentIndex() and table.shows_current():
            paint_ring(painter, option.rect, layout, theme.palette().accent)

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        editor = CellEditor(self._table.opened_by_typing, parent)
        editor.matrix_pasted.connect(lambda text: self._paste(editor, text))
        return editor

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        if isinstance(editor, CellEditor):
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def setModelData(self, editor: QWidget | None, model: Any, index: QModelIndex) -> None:
        if isinstance(editor, CellEditor):
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        viewport = self._table.viewport()
        if editor is None or viewport is None:
            return
        # Over a small cell the line is larger than it, and stays inside the table.
        width = min(max(option.rect.width(), theme.px(64)), viewport.width())
        height = min(max(option.rect.height(), theme.px(28)), viewport.height())
        area = QRect(0, 0, width, height)
        area.moveCenter(option.rect.center())
        area.moveLeft(min(max(area.left(), 0), viewport.width() - width))
        area.moveTop(min(max(area.top(), 0), viewport.height() - height))
        editor.setMinimumHeight(0)
        editor.setGeometry(area)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(watched, CellEditor) and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                # Shortcuts of the window, such as undo, do not reach through a line that is being typed.
                event.accept()
                return False
            if event.type() == QEvent.Type.KeyPress:
                way = way_on(watched, event)
                if way is not None:
                    self.commitData.emit(watched)
                    self.closeEditor.emit(watched, Hint.NoHint)
                    self._table.setFocus()
                    self._table.go_on(*way)
                    return True
        return super().eventFilter(watched, event)

    def _paste(self, editor: CellEditor, text: str) -> None:
        self.closeEditor.emit(editor, Hint.RevertModelCache)
        self._table.setFocus()
        self._table.pasted.emit(text)
