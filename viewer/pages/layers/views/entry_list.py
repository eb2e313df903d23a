"""A list of rows or of stages: drawings, names, counts; what is in it can be taken and dragged."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QMimeData, QModelIndex, QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QDrag, QFocusEvent, QKeyEvent, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from viewer import theme
from viewer.pages.layers.cards import Entry
from viewer.widgets import describe, plain
from viewer.widgets.labels import draw_elided
from viewer.widgets.numbers import is_window_key
from viewer.widgets.tool_button import pixmap

ENTRY_ROLE, GAP_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
ROW_MIME, STAGE_MIME = "application/x-kernelscope-row", "application/x-kernelscope-stage"
ROW_HEIGHT, GAP, PADDING, INDENT, ICON = 28, 9, 12, 38, 16
TAKING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class EntryList(QListWidget):
    """Announces ``taken(name)`` on Enter and on a click; ``left(step)`` when an arrow leads out of it.

    Where what is taken is added, and cannot be taken by accident, it needs a double click (`adds`).
    """

    taken = pyqtSignal(str)
    left = pyqtSignal(int)

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, mime: str, *, adds: bool) -> None:
        super().__init__()
        describe(self, object_name, accessible_name, tool_tip)
        self._mime = mime
        self._delegate = _EntryDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setProperty("clear", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        (self.doubleClicked if adds else self.clicked).connect(self._take)
        theme.follow(self._rescale)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """List these, with a little room between one group and the next; the one under the cursor keeps it."""
        if [self._entry(row) for row in range(self.count())] == list(entries):
            return
        before = self.current()
        self.clear()
        group = entries[0].group if entries else ""
        for entry in entries:
            item = QListWidgetItem(entry.title)
            item.setData(ENTRY_ROLE, entry)
            item.setData(GAP_ROLE, entry.group != group)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title}. {entry.summary}")
            item.setToolTip(plain(f"{entry.title}\n{entry.summary}"))
            self.addItem(item)
            group = entry.group
        self.point_at(before)

    def mark(self, name: str) -> None:
        """Let the entry `name` stand out as the one in use; "" for none."""
        self._delegate.marked = name
        self.viewport().update()

    @property
    def is_target(self) -> bool:
        """Whether Enter takes what is under its cursor although the focus is elsewhere."""
        return self._delegate.is_target

    def aim(self, is_target: bool) -> None:
        """Be the target, and look as if it had the focus."""
        self._delegate.is_target = is_target
        self.viewport().update()

    def current(self) -> str:
        """The name under the cursor, "" for none."""
        entry = self._entry(self.currentRow())
        return entry.name if entry is not None else ""

    def names(self) -> list[str]:
        """What is listed now."""
        return [entry.name for row in range(self.count()) if (entry := self._entry(row)) is not None]

    def point_at(self, name: str) -> None:
        """Move the cursor to `name`; to nothing if it is not there."""
        names = self.names()
        self.setCurrentRow(names.index(name) if name in names else -1)

    def wanted_height(self) -> int:
        """The height at which nothing needs to be scrolled."""
        gaps = sum(bool(self.item(row).data(GAP_ROLE)) for row in range(self.count()))
        return theme.px(ROW_HEIGHT) * self.count() + theme.px(GAP) * gaps

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        entry = self._entry(self.currentRow())
        if entry is None:
            return
        data = QMimeData()
        data.setData(self._mime, entry.name.encode())
        data.setText(entry.name)
        drag = QDrag(self)
        drag.setMimeData(data)
        picture = self._chip(entry)
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(theme.px(PADDING), theme.px(ROW_HEIGHT) // 2))
        drag.exec(Qt.DropAction.CopyAction)

    def _chip(self, entry: Entry) -> QPixmap:
        """Return what hangs from the pointer while `entry` is dragged."""
        colours, ratio = theme.palette(), self.devicePixelRatioF()
        size = QSize(self.width() - theme.px(PADDING), theme.px(ROW_HEIGHT))
        made = QPixmap(size * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.accent, 1))
        painter.setBrush(colours.field)
        area = QRect(QPoint(), size)
        painter.drawRoundedRect(area.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))
        paint_entry(painter, area, area.right() - theme.px(PADDING), entry, False, ratio)
        painter.end()
        return made

    def _entry(self, row: int) -> Entry | None:
        item = self.item(row)
        return None if item is None else item.data(ENTRY_ROLE)

    def _take(self, index: QModelIndex) -> None:
        entry = self._entry(index.row())
        if entry is not None:
            self.taken.emit(entry.name)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key, 0)
        if key in TAKING:
            self._take(self.currentIndex())
        elif is_window_key(event):
            event.ignore()
        elif step and not 0 <= self.currentRow() + step < self.count():
            self.left.emit(step)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        # Not by a press: the list would scroll away under the pointer, and another entry be taken.
        if self.currentRow() < 0 and event.reason() != Qt.FocusReason.MouseFocusReason:
            self.setCurrentRow(0)

    def _rescale(self) -> None:
        self.scheduleDelayedItemsLayout()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(100), self.wanted_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(60), theme.px(2 * ROW_HEIGHT))


class _EntryDelegate(QStyledItemDelegate):
    """Paints a drawing, a name and a count; a line above the first of a group."""

    def __init__(self, view: EntryList) -> None:
        super().__init__(view)
        self._view = view
        self.marked = ""
        self.is_target = False

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(theme.px(60), theme.px(ROW_HEIGHT) + (theme.px(GAP) if index.data(GAP_ROLE) else 0))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        assert painter is not None
        colours, view = theme.palette(), self._view
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRect(option.rect)
        if index.data(GAP_ROLE):
            padding, middle = theme.px(PADDING), area.top() + theme.px(GAP) // 2
            painter.fillRect(QRect(area.left() + padding, middle, area.width() - 2 * padding, 1), colours.line)
            area.setTop(area.top() + theme.px(GAP))
        entry: Entry = index.data(ENTRY_ROLE)
        is_here = view.currentIndex() == index and (view.hasFocus() or self.is_target)
        is_under_pointer = bool(option.state & QStyle.StateFlag.State_MouseOver)
        frame = area.toRectF().adjusted(theme.px(4), 0.5, -theme.px(4), -0.5)
        if is_here or is_under_pointer or entry.name == self.marked:
            painter.setPen(QPen(colours.accent, 1) if is_here else Qt.PenStyle.NoPen)
            painter.setBrush(colours.hover if entry.name == self.marked else colours.field)
            painter.drawRoundedRect(frame, theme.px(6), theme.px(6))
        ratio = view.devicePixelRatioF()
        # Of the row, not of the list: a scroll bar takes some of its width.
        right = area.right() + 1 - theme.px(PADDING)
        paint_entry(painter, area, right, entry, entry.name == self.marked, ratio)
        painter.restore()


def paint_entry(painter: QPainter, area: QRect, right: int, entry: Entry, strong: bool, ratio: float) -> None:
    """Draw the contents of one line up to `right`."""
    colours = theme.palette()
    left = area.left() + theme.px(PADDING)
    if entry.icon:
        side = theme.px(ICON)
        drawing = pixmap(entry.icon, side, colours.text.name(), ratio)
        painter.drawPixmap(left, area.top() + (area.height() - side) // 2, drawing)
        left = area.left() + theme.px(INDENT)
    painter.setFont(theme.font(13))
    taken = painter.fontMetrics().horizontalAdvance(entry.detail)
    painter.setPen(colours.muted)
    room = QRect(right - taken - 1, area.top(), taken + 1, area.height())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, entry.detail)
    if taken:
        right -= taken + theme.px(8)
    painter.setFont(theme.font(13, 600 if strong else 400))
    painter.setPen(colours.text)
    draw_elided(painter, QRect(left, area.top(), right - left, area.height()), entry.title)
