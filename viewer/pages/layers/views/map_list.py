"""All maps of a stage, small, to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from viewer import theme
from viewer.pages.layers.views.single_value import write_value
from viewer.pages.learned.views.pictures import PictureCache, fitted
from viewer.painting import Bytes
from viewer.widgets import blocked, describe
from viewer.widgets.tile_list import TileList

COLUMNS, GAP, LABEL, FRAME = 2, 6, 16, 3
TALLEST, FLATTEST = 1.4, 0.4
"""Height of a thumbnail over its width, whatever the proportions of the map."""
PICTURE_ROLE = Qt.ItemDataRole.UserRole
NUMBER_ROLE = Qt.ItemDataRole.UserRole + 1
VALUE_ROLE = Qt.ItemDataRole.UserRole + 2
KEPT = 1024
FADE = 28
"""How high the ends are at which the maps fade where there are more of them, in design pixels."""


class MapModel(QAbstractListModel):
    """The maps by their numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.maps: tuple[Bytes, ...] = ()
        self.numbers: tuple[int, ...] = ()
        self.values: tuple[float, ...] = ()

    def show(self, maps: Sequence[Bytes], numbers: Sequence[int], values: Sequence[float] = ()) -> None:
        """Show these; the view keeps its place where they have the same numbers."""
        self.values = tuple(values)
        if tuple(numbers) == self.numbers != ():
            self.maps = tuple(maps)
            self.dataChanged.emit(self.index(0), self.index(len(maps) - 1))
            return
        self.beginResetModel()
        self.maps, self.numbers = tuple(maps), tuple(numbers)
        self.endResetModel()

    def row_of(self, number: int | None) -> int:
        """The place of a map, -1 where it is not shown."""
        return self.numbers.index(number) if number in self.numbers else -1

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.maps)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.maps):
            return None
        if role == VALUE_ROLE:
            return self.values[index.row()] if index.row() < len(self.values) else None
        if role == PICTURE_ROLE:
            return self.maps[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.tr("Map {n}").format(n=self.numbers[index.row()])
        if role == NUMBER_ROLE:
            return self.numbers[index.row()]
        return None


class MapDelegate(QStyledItemDelegate):
    """Paints a map with its number; that of the selected one is framed in gold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = PictureCache(KEPT)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        view = self.parent()
        return view.gridSize() if isinstance(view, QListView) else QSize(theme.px(80), theme.px(96))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        assert painter is not None
        colours, gap = theme.palette(), theme.px(GAP)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        room = option.rect.adjusted(gap // 2, gap // 2, -gap // 2, -gap // 2 - theme.px(LABEL))
        image = index.data(PICTURE_ROLE)
        place = fitted(image, room)
        painter.save()
        self._pictures.draw(painter, image, place)
        value = index.data(VALUE_ROLE)
        if value is not None:
            write_value(painter, value, image, place)
        painter.setPen(QPen(colours.line, 1))
        painter.drawRect(place.adjusted(0, 0, -1, -1))
        if selected:
            width = theme.px(FRAME)
            painter.setPen(QPen(colours.crosshair, width, join=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(QRectF(place).adjusted(width / 2, width / 2, -width / 2, -width / 2))
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if focused or bool(option.state & QStyle.StateFlag.State_MouseOver):
            painter.setPen(QPen(colours.accent if focused else colours.faint, max(1, theme.px(1))))
            painter.drawRect(place.adjusted(-2, -2, 1, 1))
        painter.setFont(theme.font(11.5, 600 if selected else 400))
        painter.setPen(colours.text if selected else colours.muted)
        line = QRect(option.rect.left(), place.bottom() + 1, option.rect.width(), theme.px(LABEL))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, str(index.data(NUMBER_ROLE)))
        painter.restore()


class MapList(TileList):
    """The maps in rows of two; arrow keys, Home and End move the selection, ``chosen`` carries its number."""

    chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "mapList", self.tr("Maps of the stage"), self.tr("Which map stands beside the picture"))
        self.maps = MapModel(self)
        self.setModel(self.maps)
        self.setItemDelegate(MapDelegate(self))
        self.selectionModel().currentChanged.connect(self._announce)
        # Scrolling moves what is painted, and the faded ends with it.
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.viewport().update())
        theme.follow(self.rescale)

    def show_maps(
        self, maps: Sequence[Bytes], numbers: Sequence[int], selected: int | None, values: Sequence[float] = ()
    ) -> None:
        """Show `maps`, which have these numbers, with the one framed whose number is `selected`.

        `values` are written over maps that are single pixels.
        """
        with blocked(self):
            self.maps.show(maps, numbers, values)
            self.rescale()
        self.show_selected(selected)
        self.viewport().update()

    def show_selected(self, number: int | None) -> None:
        """Frame a map and bring it into sight."""
        self.select(self.maps.row_of(number))

    def selected(self) -> int | None:
        """The number of the map that is framed."""
        return self.currentIndex().data(NUMBER_ROLE) if self.selectionModel().hasSelection() else None

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        bar, room, high = self.verticalScrollBar(), self.viewport().rect(), theme.px(FADE)
        painter = QPainter(self.viewport())
        if bar.value() > bar.minimum():
            _fade(painter, QRect(room.left(), room.top(), room.width(), high), room.top(), room.top() + high)
        if bar.value() < bar.maximum():
            _fade(painter, QRect(room.left(), room.bottom() + 1 - high, room.width(), high),
                  room.bottom() + 1, room.bottom() + 1 - high)  # fmt: skip

    def _announce(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self.announces(current):
            self.chosen.emit(current.data(NUMBER_ROLE))

    def tile(self, width: int) -> tuple[QSize, bool]:
        """The size of a map with its number and the gaps around it."""
        across = max(theme.px(GAP) + 1, (width - 1) // COLUMNS)
        rows, columns = self.maps.maps[0].shape[:2] if self.maps.maps else (1, 1)
        share = min(max(rows / columns, FLATTEST), TALLEST)
        size = QSize(across, round((across - theme.px(GAP)) * share) + theme.px(GAP + LABEL))
        return size, -(-len(self.maps.maps) // COLUMNS) * size.height() <= self.viewport().height()


def _fade(painter: QPainter, room: QRect, end: int, inner: int) -> None:
    """Let what is painted go over into the ground towards `end`, where rows and their numbers would be cut."""
    ground = theme.palette().panel
    clear = QColor(ground)
    clear.setAlpha(0)
    gradient = QLinearGradient(0, end, 0, inner)
    gradient.setColorAt(0, ground)
    gradient.setColorAt(0.35, ground)
    gradient.setColorAt(1, clear)
    painter.fillRect(room, gradient)
