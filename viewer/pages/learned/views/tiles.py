"""The tiles of all filters: one list view, one model, one painter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from viewer import theme
from viewer.pages.learned.views.pictures import PictureCache, draw_frame, fitted
from viewer.widgets import blocked, describe
from viewer.widgets.tile_list import TileList

TILE_WIDTH, TILE_HEIGHT, GAP, FEWEST_COLUMNS = 84, 44, 4, 2
SCROLLED_HEIGHT = 53
"""Where not even the smallest tiles would all be in sight, they need not be that small."""
INSET, LABEL_HEIGHT = 4, 14
PICTURE_SHARE = 0.4
"""Of a tile's width, for the filter; its response has the rest."""
TILE_ROLE = Qt.ItemDataRole.UserRole


class Tile(msgspec.Struct, frozen=True, eq=False):
    """One filter as it is shown.

    Attributes
    ----------
    index : int
        Its number in the layer.
    picture : (h, w, 3) uint8
        The filter, a pixel a weight.
    response : (h, w[, 3]) uint8 or None
        Its response to the picture that is open; None until it is computed.
    label, short : str
        What it resembles, and the same abbreviated for narrow tiles.
    edited : bool
        Whether other weights than the trained ones stand in its place.
    """

    index: int
    picture: NDArray[np.uint8]
    response: NDArray[np.uint8] | None
    label: str
    edited: bool = False
    short: str = ""


class TileModel(QAbstractListModel):
    """The tiles in the order in which they stand."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tiles: tuple[Tile, ...] = ()

    def show(self, tiles: Sequence[Tile]) -> None:
        """Show these; the view keeps its place where the filters are the same."""
        same = [each.index for each in tiles] == [each.index for each in self.tiles]
        if same and tiles:
            self.tiles = tuple(tiles)
            self.dataChanged.emit(self.index(0), self.index(len(tiles) - 1))
            return
        self.beginResetModel()
        self.tiles = tuple(tiles)
        self.endResetModel()

    def row_of(self, index: int) -> int:
        """The place of filter `index`, -1 when it is not shown."""
        return next((row for row, each in enumerate(self.tiles) if each.index == index), -1)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.tiles)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.tiles):
            return None
        tile = self.tiles[index.row()]
        if role == TILE_ROLE:
            return tile
        if role == Qt.ItemDataRole.DisplayRole:
            return tile.label
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._sentence(tile)
        return None

    def _sentence(self, tile: Tile) -> str:
        text = self.tr("Filter {n}").format(n=tile.index)
        if tile.label:
            text += f": {tile.label}"
        return text + (self.tr(", edited") if tile.edited else "")


class TileDelegate(QStyledItemDelegate):
    """Paints a tile: the filter, its response, and below them what it is called."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures = PictureCache()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        view = self.parent()
        return view.gridSize() if isinstance(view, QListView) else QSize(theme.px(TILE_WIDTH), theme.px(TILE_HEIGHT))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        tile = index.data(TILE_ROLE)
        assert painter is not None
        gap = theme.px(GAP)
        rect = option.rect.adjusted(0, 0, -gap, -gap)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        focused = selected and bool(option.state & QStyle.StateFlag.State_HasFocus)
        draw_frame(painter, rect, width=3 if focused else 2 if selected else 1, hovered=hovered)
        inset, low = theme.px(INSET), theme.px(LABEL_HEIGHT)
        top, height = rect.y() + inset, rect.height() - inset - low
        box = QRect(rect.x() + inset, top, min(height, round(rect.width() * PICTURE_SHARE)), height)
        self._pictures.draw(painter, tile.picture, fitted(tile.picture, box))
        room = QRect(box.right() + inset, top, rect.right() - box.right() - 2 * inset + 1, height)
        if tile.response is not None:
            self._pictures.draw(painter, tile.response, fitted(tile.response, room))
        line = QRect(rect.x() + inset + 1, rect.bottom() - low, rect.width() - 2 * inset - 2, low - 1)
        self._write(painter, tile, line, selected=selected)
        painter.restore()

    def _write(self, painter: QPainter, tile: Tile, line: QRect, *, selected: bool) -> None:
        colours = theme.palette()
        painter.setFont(theme.font(10.5))
        metrics = painter.fontMetrics()
        place = Qt.AlignmentFlag.AlignVCenter
        number = f"• {tile.index}" if tile.edited else str(tile.index)
        room, gap = line.width() - metrics.horizontalAdvance(number), theme.px(3)
        room -= gap
        # At last without its first word: that an edge is one of colour can be seen beside it.
        names = (tile.label, tile.short, tile.short.partition(" ")[2] or tile.short)
        name = next((each for each in names if metrics.horizontalAdvance(each) <= room), names[-1])
        painter.setPen(colours.positive_text if tile.edited else colours.muted)
        painter.drawText(line, place | Qt.AlignmentFlag.AlignRight, number)
        painter.setPen(colours.text if selected else colours.muted)
        painter.drawText(
            line, place | Qt.AlignmentFlag.AlignLeft, metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        )


class TileView(TileList):
    """The tiles in rows; arrow keys, Home and End move the selection, ``chosen`` says where to."""

    chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("A network's filters, and what each answers to the picture")
        describe(self, "learnedFilters", self.tr("Learned filters"), tip)
        self.tiles = TileModel(self)
        self.setModel(self.tiles)
        self.setItemDelegate(TileDelegate(self))
        self._empty = ""
        self.selectionModel().currentChanged.connect(self._announce)
        theme.follow(self.rescale)

    def show_tiles(self, tiles: Sequence[Tile], selected: int, empty: str = "") -> None:
        """Show `tiles` with filter `selected` framed; `empty` is said where there is none."""
        self._empty = empty
        with blocked(self):
            self.tiles.show(tiles)
            self.rescale()
        self.show_selected(selected)
        self.viewport().update()

    def show_selected(self, index: int) -> None:
        """Frame filter `index` and bring it into sight."""
        self.select(self.tiles.row_of(index))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if not self.tiles.tiles and self._empty:
            painter = QPainter(self.viewport())
            painter.setPen(theme.palette().muted)
            painter.setFont(theme.font(12))
            room = self.viewport().rect().adjusted(0, theme.px(24), 0, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self._empty)

    def _announce(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self.announces(current):
            self.chosen.emit(self.tiles.tiles[current.row()].index)

    def tile(self, width: int) -> tuple[QSize, bool]:
        """As large as they may be for all of them to be in sight, else so that they scroll."""
        room, gap = QSize(width - 1, self.viewport().height()), theme.px(GAP)
        smallest = QSize(theme.px(TILE_WIDTH) + gap, theme.px(TILE_HEIGHT) + gap)
        return tile_size(room, len(self.tiles.tiles), smallest)


def tile_size(room: QSize, count: int, smallest: QSize) -> tuple[QSize, bool]:
    """The size of `count` tiles with their gaps, not below `smallest`, and whether all of them fit into `room`."""
    most = max(1, room.width() // smallest.width())
    for columns in range(min(FEWEST_COLUMNS, most), most + 1):
        across, rows = room.width() // columns, max(1, -(-count // columns))
        # High enough for the filter to be as large as its share of the width allows.
        high = round(across * PICTURE_SHARE) + theme.px(INSET + LABEL_HEIGHT + GAP)
        if rows * high <= room.height():
            return QSize(max(1, across), high), True
    if rows * smallest.height() <= room.height():
        return QSize(max(1, across), min(high, room.height() // rows)), True
    return QSize(max(1, across), min(high, theme.px(SCROLLED_HEIGHT + GAP))), False
