"""The weights as an item model: numbers out, typed text in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QColor

from kernels.kernel import Kernel
from kernels.kernel.text import parse_number
from kernels.numbers import exact_number
from viewer import theme
from viewer.widgets import format_number

#: Larger kernels, from a file or a slider, are shown but not edited cell by cell.
MAX_EDITED_SIDE = 31

Role = Qt.ItemDataRole
_ROOT = QModelIndex()


def stepped(value: float, steps: int, step: str) -> float:
    """`value` plus `steps` times the decimal `step`, without the rounding of binary tenths."""
    return float(Decimal(repr(value)) + steps * Decimal(step))


class KernelTableModel(QAbstractTableModel):
    """One channel of a kernel.

    Text that is a number is announced as ``typed(row, column, value)`` and shows once the kernel that comes back
    holds it. Other text stays as a draft of its cell, announced by ``drafts_changed``.
    """

    typed = pyqtSignal(int, int, float)
    drafts_changed = pyqtSignal()

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._kernel = Kernel([[0.0]])
        self._channel = 0
        self._largest = 0.0
        self._drafts: dict[tuple[int, int], tuple[str, str]] = {}
        self._announcing = False

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """The channel in the table, (rows, columns)."""
        weights = self._kernel.weights
        return weights if weights.ndim == 2 else weights[:, :, self._channel]

    @property
    def channel(self) -> int:
        """Which channel of a kernel with channels stands in the table."""
        return self._channel

    @property
    def is_editable(self) -> bool:
        """Whether cells can be typed into."""
        return max(self._kernel.shape) <= MAX_EDITED_SIDE

    def set_kernel(self, kernel: Kernel, channel: int = 0) -> None:
        """Show `kernel`; drafts stay only while the user goes on typing elsewhere in the table."""
        reshaped = kernel.shape != self._kernel.shape
        if reshaped:
            self.beginResetModel()
        had_drafts = bool(self._drafts)
        if reshaped or not self._announcing or channel != self._channel:
            self._drafts.clear()
        self._kernel, self._channel = kernel, channel
        self._largest = float(np.abs(kernel.weights).max())
        if reshaped:
            self.endResetModel()
        else:
            self._refresh()
        if had_drafts and not self._drafts:
            self.drafts_changed.emit()

    def share(self, row: int, column: int) -> float:
        """The weight as a share of the largest absolute weight, -1 to 1."""
        return float(self.weights[row, column]) / self._largest if self._largest else 0.0

    def shares(self) -> npt.NDArray[np.float64]:
        """All weights as shares of the largest absolute weight."""
        return self.weights / self._largest if self._largest else np.zeros(self.weights.shape)

    def ground(self, row: int, column: int) -> QColor:
        """The colour of a cell."""
        return theme.diverging(self.share(row, column))

    def draft(self, row: int, column: int) -> str | None:
        """The text of a cell that could not be read, None for a cell in order."""
        found = self._drafts.get((row, column))
        return None if found is None else found[0]

    def has_drafts(self) -> bool:
        """Whether any cell holds text that could not be read."""
        return bool(self._drafts)

    def complaint(self) -> str:
        """What is wrong with the first unreadable cell, empty if there is none."""
        if not self._drafts:
            return ""
        row, column = min(self._drafts)
        sentence = self._drafts[row, column][1]
        return self.tr("Row {row}, column {column}: {sentence}").format(
            row=row + 1, column=column + 1, sentence=sentence
        )

    def discard_drafts(self) -> None:
        """Show the last good weights again."""
        if self._drafts:
            self._drafts.clear()
            self._refresh()
            self.drafts_changed.emit()

    def step(self, row: int, column: int, value: float) -> None:
        """Forget the draft of a cell that is about to get `value` by wheel or drag."""
        if self._drafts.pop((row, column), None) is not None:
            self._refresh()
            self.drafts_changed.emit()

    def announcing(self, announce: Any, *values: Any) -> None:
        """Emit a signal whose answer may be a new kernel, keeping the drafts of other cells."""
        self._announcing = True
        try:
            announce.emit(*values)
        finally:
            self._announcing = False

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else self._kernel.shape[0]

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else self._kernel.shape[1]

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.is_editable and index.isValid() else flags

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        draft = self.draft(row, column)
        value = float(self.weights[row, column])
        if role == Role.DisplayRole:
            return format_number(value) if draft is None else draft
        if role == Role.EditRole:
            return exact_number(value) if draft is None else draft
        if role == Role.BackgroundRole:
            return self.ground(row, column)
        if role == Role.ForegroundRole:
            return theme.ink_on(self.ground(row, column))
        if role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Role.AccessibleTextRole:
            return self.describe(row, column)
        return None

    def describe(self, row: int, column: int) -> str:
        """A cell in words: "row 1, column 2: −1"."""
        draft = self.draft(row, column)
        shown = format_number(float(self.weights[row, column])) if draft is None else f"“{draft}”"
        return self.tr("row {row}, column {column}: {value}").format(row=row + 1, column=column + 1, value=shown)

    def setData(self, index: QModelIndex, value: Any, role: int = Role.EditRole) -> bool:
        if role != Role.EditRole or not index.isValid() or not self.is_editable:
            return False
        row, column = index.row(), index.column()
        text = exact_number(value) if isinstance(value, float) else str(value)
        try:
            number = parse_number(text)
        except ValueError as error:
            self._drafts[row, column] = (text, str(error))
            self._refresh()
            self.drafts_changed.emit()
            return False
        self.step(row, column, number)
        self.announcing(self.typed, row, column, number)
        return True

    def _refresh(self) -> None:
        # The colours of all cells depend on the largest weight.
        rows, columns = self._kernel.shape
        self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, columns - 1))
