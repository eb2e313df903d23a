"""The table of weights: typed, stepped by the wheel, scrubbed, pasted and copied."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHeaderView,
    QMenu,
    QSizePolicy,
    QTableView,
    QWidget,
)

from kernels.kernel import Kernel
from kernels.kernel.text import TEXT_STYLES
from viewer import theme
from viewer.pages.filter.views.kernel.cell_editor import CellDelegate, is_matrix
from viewer.pages.filter.views.kernel.cells import cell_layout, edge, heat_map, paint_heat_map
from viewer.pages.filter.views.kernel.table_model import KernelTableModel, stepped
from viewer.widgets import describe
from viewer.widgets.base import single_shot
from viewer.widgets.numbers import is_window_key
from viewer.widgets.stepping import PAUSE_MS

Key = Qt.Key
Standard = QKeySequence.StandardKey
#: Screen pixels of the design that a drag takes for one step.
SCRUB_PIXELS = 8


def step_size(modifiers: Qt.KeyboardModifier) -> str:
    """How far one notch of the wheel or of a drag goes: 1, with Shift 0.1, with Ctrl 10."""
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return "10"
    return "0.1" if modifiers & Qt.KeyboardModifier.ShiftModifier else "1"


class KernelTable(QTableView):
    """Shows a kernel as coloured cells or, when they get too small for numbers, as a heat map."""

    weight_changed = pyqtSignal(int, int, float, bool)  # row, column, value, part of a drag or of a run of the wheel
    gesture_finished = pyqtSignal()
    pasted = pyqtSignal(str)
    copied = pyqtSignal(str)  # the style
    pointed_at = pyqtSignal(object)  # (row, column) under the pointer, None when it leaves

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "kernelTable", self.tr("Weights of the kernel"), self._tip())
        self.kernel_model = KernelTableModel(self)
        self.opened_by_typing = False
        self._room = QSize(theme.px(248), theme.px(196))
        self.cell_layout = cell_layout(self.kernel_model.weights, self._room)
        self._press: tuple[QPoint, QModelIndex] | None = None
        self._scrub_start: float | None = None
        self._wheel_rest = 0
        self._wheel_pause = single_shot(self, PAUSE_MS, self.gesture_finished.emit)
        self._image = QImage()
        self._dress()
        self.setModel(self.kernel_model)
        self.setItemDelegate(CellDelegate(self))
        self.kernel_model.typed.connect(lambda row, column, value: self.weight_changed.emit(row, column, value, False))
        theme.follow(self._lay_out)

    def _tip(self) -> str:
        return self.tr(
            "Type a number or a fraction such as 1/9; arrow keys, Tab and Enter go on, Escape leaves.\n"
            "Drag, or click and turn the wheel, to change a weight by 1 (Shift: 0.1, Ctrl: 10).\n"
            "Ctrl+C and Ctrl+V copy and paste the whole kernel as text; Delete sets 0."
        )

    def _dress(self) -> None:
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.hide()
            header.setMinimumSectionSize(1)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("clear", True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.AnyKeyPressed | trigger.EditKeyPressed)
        self.setMouseTracking(True)

    # Showing ---------------------------------------------------------------------------------------------------

    def show_kernel(self, kernel: Kernel, channel: int = 0) -> None:
        """Show one channel of `kernel`; the current cell stays where it is as far as it still exists."""
        row, column = self.current_cell()
        self.kernel_model.set_kernel(kernel, channel)
        rows, columns = kernel.shape
        self.setCurrentIndex(self.kernel_model.index(min(row, rows - 1), min(column, columns - 1)))
        self._lay_out()

    def set_room(self, room: QSize) -> None:
        """Stay within so many pixels."""
        if room != self._room:
            self._room = room
            self._lay_out()

    def current_cell(self) -> tuple[int, int]:
        """Row and column of the current cell."""
        index = self.currentIndex()
        return max(index.row(), 0), max(index.column(), 0)

    def shows_current(self) -> bool:
        """Whether the current cell is marked: while keys and wheel go to it."""
        return self.hasFocus() and self.kernel_model.is_editable

    def _lay_out(self) -> None:
        weights = self.kernel_model.weights
        layout = self.cell_layout = cell_layout(weights, self._room)
        for header, size in ((self.horizontalHeader(), layout.width), (self.verticalHeader(), layout.height)):
            for place in range(header.count()):
                header.resizeSection(place, edge(place + 1, size) - edge(place, size))
        if layout.is_heat_map:
            self._image = heat_map(self.kernel_model.shares())
        if self.size() != self.sizeHint():
            self.setFixedSize(self.sizeHint())
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return self.cell_layout.size(*self.kernel_model.weights.shape)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        viewport = self.viewport()
        if self.cell_layout.is_heat_map:
            painter = QPainter(viewport)
            paint_heat_map(painter, viewport.rect(), self._image)
            painter.end()
        if self.kernel_model.is_editable:
            super().paintEvent(event)

    # Keys ------------------------------------------------------------------------------------------------------

    def edit(self, index: QModelIndex, *details: Any) -> Any:
        if details:
            self.opened_by_typing = details[0] == QAbstractItemView.EditTrigger.AnyKeyPressed
        return super().edit(index, *details)

    def go_on(self, down: int, right: int) -> bool:
        """Move the current cell, wrapping into the next row or column; false at the very end."""
        rows, columns = self.kernel_model.weights.shape
        row, column = self.current_cell()
        place = row * columns + column + right if right else column * rows + row + down
        if not 0 <= place < rows * columns:
            return False
        row, column = divmod(place, columns) if right else divmod(place, rows)[::-1]
        self.setCurrentIndex(self.kernel_model.index(row, column))
        return True

    def focusNextPrevChild(self, next: bool) -> bool:
        if self.kernel_model.is_editable and self.go_on(0, 1 if next else -1):
            return True
        return super().focusNextPrevChild(next)

    def event(self, event: QEvent | None) -> bool:
        # Copy and paste mean the kernel while the table has the focus, not the picture.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and (event.matches(Standard.Copy) or event.matches(Standard.Paste) or event.key() == Key.Key_Delete)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if is_window_key(event):
            event.ignore()
        elif event.matches(Standard.Copy):
            self.copied.emit("plain")
        elif event.matches(Standard.Paste):
            self.paste()
        elif Qt.Key(event.key()) in (Key.Key_Return, Key.Key_Enter):
            self.go_on(-1 if back else 1, 0)
        elif Qt.Key(event.key()) in (Key.Key_Delete, Key.Key_Backspace):
            self.kernel_model.setData(self.currentIndex(), "0")
        elif event.key() == Key.Key_Escape and self.kernel_model.has_drafts():
            self.kernel_model.discard_drafts()
        elif event.key() == Key.Key_Escape:
            super().focusNextPrevChild(True)
        else:
            super().keyPressEvent(event)

    def paste(self) -> None:
        """Take a matrix from the clipboard as the whole kernel, a single number into the current cell."""
        text = QGuiApplication.clipboard().text()
        if is_matrix(text) or not self.kernel_model.is_editable:
            self.pasted.emit(text)
        else:
            self.kernel_model.setData(self.currentIndex(), text)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        menu = self.copy_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def copy_menu(self) -> QMenu:
        """Copying in every style, and pasting."""
        menu = QMenu(self)
        for style, title in TEXT_STYLES:
            action = menu.addAction(self.tr("Copy as {style}").format(style=title))
            action.setObjectName(f"copy-{style}")
            action.triggered.connect(lambda checked=False, style=style: self.copied.emit(style))
        menu.addSeparator()
        paste = menu.addAction(self.tr("Paste"))
        if paste is not None:
            paste.triggered.connect(self.paste)
        return menu

    # Pointer ---------------------------------------------------------------------------------------------------

    def cell_at(self, position: QPoint) -> tuple[int, int] | None:
        """Row and column under a point of the viewport."""
        viewport = self.viewport()
        if not viewport.rect().contains(position):
            return None
        rows, columns = self.kernel_model.weights.shape
        row, column = (position.y() + 0.5) * rows / viewport.height(), (position.x() + 0.5) * columns / viewport.width()
        return int(row), int(column)

    def _change(self, row: int, column: int, value: float) -> None:
        self.kernel_model.step(row, column, value)
        self.kernel_model.announcing(self.weight_changed, row, column, value, True)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        cell = self.cell_at(event.position().toPoint())
        if not self.hasFocus() or not self.kernel_model.is_editable or cell is None:
            event.ignore()
            return
        # Some desktops turn a wheel with Shift or Alt held into a sideways one.
        self._wheel_rest += event.angleDelta().y() or event.angleDelta().x()
        steps, self._wheel_rest = int(self._wheel_rest / 120), self._wheel_rest - 120 * int(self._wheel_rest / 120)
        if steps:
            self.setCurrentIndex(self.kernel_model.index(*cell))
            value = float(self.kernel_model.weights[cell])
            self._change(*cell, stepped(value, steps, step_size(event.modifiers())))
            self._wheel_pause.start()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self._end_wheel()
        if event.button() == Qt.MouseButton.LeftButton:
            index = self.indexAt(event.position().toPoint())
            self._press = (event.globalPosition().toPoint(), index) if index.isValid() else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        cell = self.cell_at(event.position().toPoint())
        if event.buttons() & Qt.MouseButton.LeftButton:
            if self._press is not None and self.kernel_model.is_editable:
                self._scrub(event)
            return
        self.pointed_at.emit(cell)
        super().mouseMoveEvent(event)

    def _scrub(self, event: QMouseEvent | None) -> None:
        assert self._press is not None
        start, index = self._press
        way = event.globalPosition().toPoint() - start
        if self._scrub_start is None:
            if way.manhattanLength() < max(4, QApplication.startDragDistance() // 2):
                return
            self._scrub_start = float(self.kernel_model.weights[index.row(), index.column()])
            self.setCursor(Qt.CursorShape.SizeAllCursor)
        # To the right or upwards is more.
        steps = round((way.x() - way.y()) / theme.px(SCRUB_PIXELS))
        value = stepped(self._scrub_start, steps, step_size(event.modifiers()))
        if value != self.kernel_model.weights[index.row(), index.column()]:
            self._change(index.row(), index.column(), value)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        scrubbed = self._scrub_start is not None
        self._press = self._scrub_start = None
        if scrubbed:
            self.unsetCursor()
            self.gesture_finished.emit()
        super().mouseReleaseEvent(event)

    def leaveEvent(self, event: QEvent | None) -> None:
        self.pointed_at.emit(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        self._end_wheel()
        super().focusOutEvent(event)

    def _end_wheel(self) -> None:
        self._wheel_rest = 0
        if self._wheel_pause.isActive():
            self._wheel_pause.stop()
            self.gesture_finished.emit()
