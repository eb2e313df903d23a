"""What failed, and why."""

from __future__ import annotations

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QStackedLayout, QTableView, QWidget

from viewer import theme
from viewer.widgets import Label, describe, plain

Failure = tuple[str, str]
"""A file, and a sentence."""


class FailuresModel(QAbstractTableModel):
    """Files and sentences, to read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._failures: tuple[Failure, ...] = ()

    def show(self, failures: tuple[Failure, ...]) -> None:
        """Show these; where they only go on from those before, what is selected and in sight stays."""
        held = self._failures
        if failures == held:
            return
        if failures[: len(held)] == held:
            self.beginInsertRows(QModelIndex(), len(held), len(failures) - 1)
            self._failures = failures
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._failures = failures
            self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._failures)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Failed"), self.tr("Why"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        text = self._failures[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return plain(text) if role == Qt.ItemDataRole.ToolTipRole else None


class Failures(QWidget):
    """A table, or a line in its place while there is nothing in it."""

    def __init__(self) -> None:
        super().__init__()
        self.model = FailuresModel(self)
        self.none = Label("", "muted", name="folderNoFailures", wraps=True)
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.table = describe(
            QTableView(), "folderFailures", self.tr("What failed"), self.tr("Files that failed, and why")
        )
        self.table.setModel(self.model)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        self._layers = QStackedLayout(self)
        self._layers.addWidget(self.none)
        self._layers.addWidget(self.table)
        theme.follow(self._rescale)

    def show_failures(self, failures: tuple[Failure, ...], nothing: str) -> None:
        """Show these, or `nothing`, a sentence, where there are none."""
        self.model.show(failures)
        self.none.setText(nothing)
        self._layers.setCurrentWidget(self.table if failures else self.none)

    def _rescale(self) -> None:
        self.setMinimumHeight(theme.px(72))
        self.table.setFont(theme.font(12))
        self.table.verticalHeader().setDefaultSectionSize(theme.px(24))
        self.table.horizontalHeader().resizeSection(0, theme.px(240))
