"""The list of presets that opens under their field, and is searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PyQt6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QCursor,
    QFont,
    QHideEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from kernels.kernel import Kernel
from viewer import theme
from viewer.pages.filter.views.kernel.cells import thumbnail
from viewer.widgets import blocked, describe, plain

Key = Qt.Key
ITEM_ROLE = Qt.ItemDataRole.UserRole
WIDTH, HEIGHT = 440, 500
PICTURE_SIDE = 36


class PresetItem(msgspec.Struct, frozen=True, eq=False):
    """One kernel to choose.

    Attributes
    ----------
    key : str
        What scripts find it by: "sobel-x".
    title, group, summary : str
        What is shown: its name, its heading, one sentence.
    kernel : callable
        Makes the kernel for the small picture; called when the list is first opened.
    """

    key: str
    title: str
    group: str
    summary: str
    kernel: Callable[[], Kernel]


def matches(item: PresetItem, text: str) -> bool:
    """Whether every word of `text` occurs in what is known about `item`."""
    known = f"{item.title} {item.key} {item.group} {item.summary}".casefold()
    return all(word in known for word in text.casefold().split())


def rank(item: PresetItem, text: str) -> int:
    """How well `item` answers to `text`: 0 when its name begins so, 1 when it contains it, 2 otherwise."""
    title, wanted = item.title.casefold(), " ".join(text.casefold().split())
    return 0 if title.startswith(wanted) else 1 if wanted in title else 2


class _RowDelegate(QStyledItemDelegate):
    """Paints a heading, or a kernel's picture, name and sentence."""

    def __init__(self, parent: QObject, magnified: float) -> None:
        super().__init__(parent)
        self.current_key, self._magnified = "", magnified
        self._pictures: dict[tuple[PresetItem, int, float], QImage] = {}

    def _px(self, size: float) -> int:
        return theme.px(size * self._magnified)

    def _font(self, size: float, weight: int = 400) -> QFont:
        return theme.font(size * self._magnified, weight)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(self._px(100), self._px(62 if index.data(ITEM_ROLE) is not None else 28))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        assert painter is not None
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        item = index.data(ITEM_ROLE)
        if item is None:
            self._paint_heading(painter, option.rect, str(index.data()))
        else:
            view = self.parent()
            selected = isinstance(view, QListView) and view.currentIndex() == index
            self._paint_item(painter, option.rect, item, selected)
        painter.restore()

    def _paint_heading(self, painter: QPainter, area: QRect, text: str) -> None:
        painter.setFont(self._font(11, 600))
        painter.setPen(theme.palette().muted)
        room = area.adjusted(self._px(8), self._px(6), -self._px(8), 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _paint_item(self, painter: QPainter, area: QRect, item: PresetItem, selected: bool) -> None:
        colours = theme.palette()
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.hover)
            painter.drawRoundedRect(area.toRectF(), self._px(6), self._px(6))
        side = self._px(PICTURE_SIDE)
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        corner = QPoint(area.left() + self._px(8), area.top() + (area.height() - side) // 2)
        painter.drawImage(corner, self._picture(item, side, ratio))
        text = area.adjusted(side + self._px(18), self._px(6), -self._px(8), -self._px(6))
        middle = text.top() + self._px(17)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._font(13, 600 if item.key == self.current_key else 500))
        painter.setPen(colours.accent if item.key == self.current_key else colours.text)
        painter.drawText(QRect(text.topLeft(), QPoint(text.right(), middle)), flags, item.title)
        painter.setFont(self._font(11.5))
        painter.setPen(colours.muted)
        room = QRect(QPoint(text.left(), middle), text.bottomRight())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, item.summary)

    def _picture(self, item: PresetItem, side: int, ratio: float) -> QImage:
        key = (item, side, ratio)
        if key not in self._pictures:
            self._pictures[key] = thumbnail(item.kernel().weights, side, ratio)
        return self._pictures[key]


class PresetPopup(QFrame):
    """A search field above the list; Enter or a click chooses, Escape closes."""

    chosen = pyqtSignal(str)
    closed = pyqtSignal()

    def __init__(self, parent: QWidget, magnified: float) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._magnified = magnified
        describe(self, "presetPopup", self.tr("Presets"), "")
        # A window of its own: the application's sheet does not draw its ground.
        self.setStyleSheet(
            "QFrame#presetPopup { background: palette(alternate-base); border: 1px solid palette(mid);"
            " border-radius: 6px; }"
        )
        self._items: tuple[PresetItem, ...] = ()
        self._pressed: set[int] = set()
        self._pointer = QCursor.pos()
        self.search = describe(
            QLineEdit(self), "presetSearch", self.tr("Search presets"), self.tr("Type to filter the list of kernels")
        )
        self.search.setPlaceholderText(self.tr("Search kernels"))
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list = describe(QListView(self), "presetList", self.tr("Presets"), "")
        self._model = QStandardItemModel(self)
        self._delegate = _RowDelegate(self.list, magnified)
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setProperty("clear", True)
        self.list.entered.connect(self._point_at)
        self.list.clicked.connect(self._choose)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.search)
        self._column.addWidget(self.list)

    def set_items(self, items: Sequence[PresetItem]) -> None:
        """The kernels to choose from, those of a group together."""
        self._items = tuple(items)
        if self.isVisible():
            self._filter(self.search.text())

    def open(self, anchor: QWidget, current_key: str, text: str = "") -> None:
        """Show the list under `anchor` with `current_key` selected and `text` searched for."""
        self._delegate.current_key = current_key
        margin = theme.px(8)
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._column.setSpacing(theme.px(6))
        with blocked(self.search):
            self.search.setText(text)
        self._filter(text)
        self._pressed.clear()
        self._pointer = QCursor.pos()
        self._place(anchor)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)
        self.list.scrollTo(self.list.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)

    def titles(self) -> list[str]:
        """The names now listed."""
        rows = (self._model.index(row, 0).data(ITEM_ROLE) for row in range(self._model.rowCount()))
        return [item.title for item in rows if item is not None]

    def _place(self, anchor: QWidget) -> None:
        size = QSize(theme.px(WIDTH * self._magnified), theme.px(HEIGHT * self._magnified))
        below = anchor.mapToGlobal(QPoint(0, anchor.height() + theme.px(4)))
        screen = anchor.screen()
        if screen is not None:
            room = screen.availableGeometry()
            size = size.boundedTo(QSize(room.width(), max(theme.px(200), room.bottom() - below.y() - theme.px(8))))
            below.setX(max(room.left(), min(below.x(), room.right() - size.width())))
            below.setY(max(room.top(), min(below.y(), room.bottom() - size.height())))
        self.resize(size)
        self.move(below)

    def _filter(self, text: str) -> None:
        self._model.clear()
        found = [item for item in self._items if matches(item, text)]
        group = None
        for item in found:
            if item.group != group:
                group = item.group
                self._add_heading(group)
            row = QStandardItem(item.title)
            row.setData(item, ITEM_ROLE)
            row.setEditable(False)
            row.setToolTip(plain(item.summary))
            row.setAccessibleText(f"{item.title}. {item.summary}")
            self._model.appendRow(row)
        if not found:
            self._add_heading(self.tr("No kernel matches “{text}”").format(text=text))
        self._select_best(found, text)

    def _add_heading(self, text: str) -> None:
        row = QStandardItem(text)
        row.setFlags(Qt.ItemFlag.NoItemFlags)
        self._model.appendRow(row)

    def _select_best(self, found: list[PresetItem], text: str) -> None:
        if text.strip():
            best = min(found, key=lambda item: rank(item, text), default=None)
        else:
            best = next((item for item in found if item.key == self._delegate.current_key), None)
        row = next((r for r in range(self._model.rowCount()) if self._item(r) is (best or self._item(1))), 0)
        self.list.setCurrentIndex(self._model.index(row, 0))
        self.list.scrollTo(self.list.currentIndex())

    def _item(self, row: int) -> PresetItem | None:
        item = self._model.index(row, 0).data(ITEM_ROLE)
        return item if isinstance(item, PresetItem) else None

    def _point_at(self, index: QModelIndex) -> None:
        # A pointer that rests where the list opens, or scrolls to, chooses nothing.
        if self._item(index.row()) is not None and QCursor.pos() != self._pointer:
            self._pointer = QCursor.pos()
            self.list.setCurrentIndex(index)

    def _choose(self, index: QModelIndex) -> None:
        item = self._item(index.row())
        if item is not None:
            self.close()
            self.chosen.emit(item.key)

    def _move(self, step: int) -> None:
        rows = [row for row in range(self._model.rowCount()) if self._item(row) is not None]
        if not rows:
            return
        here = self.list.currentIndex().row()
        place = rows.index(here) if here in rows else 0
        index = self._model.index(rows[min(max(place + step, 0), len(rows) - 1)], 0)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Key.Key_Up: -1, Key.Key_Down: 1, Key.Key_PageUp: -8, Key.Key_PageDown: 8}
            key = Key(event.key())
            # A key that is held since before the list opened types nothing; pressed in it, its repetitions do.
            if not event.isAutoRepeat():
                self._pressed.add(event.key())
            elif event.key() not in self._pressed:
                return True
            if key in steps:
                self._move(steps[key])
                return True
            if key in (Key.Key_Return, Key.Key_Enter):
                self._choose(self.list.currentIndex())
                return True
            if key in (Key.Key_Escape, Key.Key_Tab, Key.Key_Backtab):
                self.close()
                return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self.closed.emit()
