"""The ready-made shapes to choose from: each case in a row, its transposed form beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from viewer import theme
from viewer.pages.stage.views.lower import TEXT
from viewer.widgets import blocked, describe
from viewer.widgets.choices import Choice

KEY = Qt.ItemDataRole.UserRole
ROW = 17
"""Design pixels of a row, at least: all of them are seen at once."""


class CasesTable(QTableWidget):
    """One cell a case, all in sight; ``chosen(key)`` when the pointer or the arrow keys go to another."""

    chosen = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(0, 2)
        tip = self.tr("The shapes of Dumoulin and Visin (2016), “A guide to convolution arithmetic for deep learning”")
        describe(self, "shapesCases", self.tr("Ready-made shapes"), tip)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        across, down = self.horizontalHeader(), self.verticalHeader()
        for header in (across, down):
            header.hide()
        across.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        across.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.currentCellChanged.connect(self._choose)
        theme.follow(self._scale)

    def offer(self, rows: Sequence[tuple[Choice, ...]]) -> None:
        """Have these to choose from, one or two in a row, as (key, title, tool tip)."""
        with blocked(self):
            self.setRowCount(len(rows))
            for row, choices in enumerate(rows):
                for column in (0, 1):
                    self.setItem(row, column, _cell(choices[column] if column < len(choices) else None))

    def show_chosen(self, key: str | None) -> None:
        """Mark the one that is shown, without announcing it; None for none of them."""
        places = ((row, column) for row in range(self.rowCount()) for column in (0, 1))
        found = next((at for at in places if key is not None and self.item(*at).data(KEY) == key), (-1, -1))
        with blocked(self):
            self.setCurrentCell(*found)

    def _choose(self, row: int, column: int) -> None:
        cell = self.item(row, column)
        if cell is not None:
            self.chosen.emit(cell.data(KEY))

    def _scale(self) -> None:
        colours = theme.palette()
        accent, ink = colours.accent.name(), colours.on_accent.name()
        self.setStyleSheet(f"QTableWidget::item:selected {{ background: {accent}; color: {ink}; }}")
        self.setFont(theme.font(TEXT))
        self.verticalHeader().setMinimumSectionSize(theme.px(ROW))


def _cell(choice: Choice | None) -> QTableWidgetItem:
    """A cell that can be chosen, or an empty one that cannot."""
    if choice is None:
        empty = QTableWidgetItem()
        empty.setFlags(Qt.ItemFlag.NoItemFlags)
        return empty
    key, title, tip = choice
    cell = QTableWidgetItem(title)
    cell.setData(KEY, key)
    cell.setToolTip(tip)
    cell.setData(Qt.ItemDataRole.AccessibleTextRole, tip)
    return cell
