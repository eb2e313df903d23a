"""The selected filter's weights as numbers, one channel at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PyQt6.QtWidgets import QHeaderView, QTableView, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import ComboBox, ToolButton, describe, filled, format_number
from viewer.widgets.numbers import MINUS

ROW_HEIGHT, COLUMN_WIDTH = 15, 46


class WeightsModel(QAbstractTableModel):
    """One channel of a filter, to read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._weights: NDArray[np.float64] = np.zeros((1, 1))
        self._decimals = 0

    def show(self, weights: NDArray[np.float64]) -> None:
        """Show `weights` (kh, kw)."""
        self.beginResetModel()
        self._weights = weights
        # Three figures of the largest weight, and as many places for the others: the points stand below each other.
        largest = float(np.abs(weights).max())
        self._decimals = min(max(2 - math.floor(math.log10(largest)), 0), 6) if largest > 0 else 0
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._weights.shape[0]

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._weights.shape[1]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        value = float(self._weights[index.row(), index.column()])
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{value:.{self._decimals}f}".replace("-", MINUS)
        if role == Qt.ItemDataRole.ToolTipRole:
            return format_number(value, 7)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            colours = theme.palette()
            return colours.negative_text if value < 0 else colours.positive_text if value > 0 else colours.muted
        return None


class WeightsTable(QWidget):
    """The numbers of one channel; `channels` chooses it and `copy` copies them, wherever the owner places the two."""

    copy_requested = pyqtSignal(int)  # the channel, -1 for all

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights: NDArray[np.float64] = np.zeros((1, 1, 1))
        self.has_choice = False  # between channels
        self.channels = ComboBox("weightsChannel", self.tr("Channel"), self.tr("Whose weights are written"))
        tip = self.tr("Copy this channel's weights as text that the kernel editor can paste")
        self.copy = ToolButton("copyWeightsButton", self.tr("Copy the weights"), tip, icon_name="copy", flat=True)
        self.model = WeightsModel(self)
        self.table = describe(
            QTableView(), "learnedWeights", self.tr("Weights"), self.tr("The weights of the filter as numbers")
        )
        self.table.setModel(self.model)
        self._dress_table()
        filled(QVBoxLayout(self), self.table)
        self.channels.currentIndexChanged.connect(self._show_channel)
        self.copy.clicked.connect(lambda: self.copy_requested.emit(self.channels.currentIndex()))
        theme.follow(self._rescale)

    def show_weights(self, weights: NDArray[np.float64], names: Sequence[str]) -> None:
        """Show a filter (kh, kw, C) whose channels are called `names`; the chosen channel stays."""
        self._weights = weights
        self.channels.offer((number, name, "") for number, name in enumerate(names))
        self.has_choice = len(names) > 1
        self._show_channel(self.channels.currentIndex())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit(self.channels.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _show_channel(self, channel: int) -> None:
        if 0 <= channel < self._weights.shape[2]:
            self.model.show(self._weights[:, :, channel])
            self._share_width()

    def _share_width(self) -> None:
        """Columns as wide as the room allows, but never too narrow for a number."""
        room = self.width() // max(1, self.model.columnCount())
        width = min(max(room, theme.px(COLUMN_WIDTH)), theme.px(64))
        self.table.horizontalHeader().setDefaultSectionSize(width)

    def _dress_table(self) -> None:
        for header in (self.table.horizontalHeader(), self.table.verticalHeader()):
            header.hide()
            header.setMinimumSectionSize(1)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setShowGrid(False)
        self.table.setFrameShape(QTableView.Shape.NoFrame)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.table.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.table.setProperty("clear", True)

    def _rescale(self) -> None:
        self.table.setFont(theme.font(11))
        self.channels.setFixedWidth(theme.px(104))
        self.table.verticalHeader().setDefaultSectionSize(theme.px(ROW_HEIGHT))
        self._share_width()
