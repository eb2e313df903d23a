"""The row of kinds: which filters the tiles show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from viewer import theme
from viewer.widgets import describe, filled

HEIGHT, PADDING = 20, 9
ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class Chip(QAbstractButton):
    """A rounded word that can be switched on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.follow(self._rescale)

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + 2 * theme.px(PADDING), theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        ground = colours.accent if on else colours.hover if self.underMouse() and self.isEnabled() else colours.field
        rim = colours.text if on and self.hasFocus() else colours.accent if on or self.hasFocus() else colours.line
        width = 2.0 if self.hasFocus() else 1.0
        frame = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.setPen(QPen(rim, width))
        painter.setBrush(ground)
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
        painter.setPen(colours.on_accent if on else colours.text if self.isEnabled() else colours.faint)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        # The row moves its choice with the arrow keys; a button by itself would only move the focus.
        if Qt.Key(event.key()) in ARROWS:
            event.ignore()
            return
        super().keyPressEvent(event)

    def _rescale(self) -> None:
        self.setFont(theme.font(11, 500))
        self.updateGeometry()
        self.update()


class KindChips(QWidget):
    """Kinds with their counts, of which one holds; arrow keys move it. Answers like a ``QComboBox``."""

    currentIndexChanged = pyqtSignal(int)

    def __init__(self, kinds: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "learnedKinds", self.tr("Kind of filter"), self.tr("Show filters of one kind only"))
        self._kinds = tuple(kinds)  # data, title, tool tip
        self._index = 0
        self._row = filled(QHBoxLayout(self))
        self._group = QButtonGroup(self)
        for number, (data, title, tip) in enumerate(self._kinds):
            chip = describe(Chip(), f"learnedKinds_{data}", title, tip)
            chip.setText(title)
            self._group.addButton(chip, number)
            self._row.addWidget(chip)
        self._row.addStretch(1)
        self._group.idClicked.connect(self.setCurrentIndex)
        self._hold(0)
        theme.follow(self._rescale)

    def show_counts(self, counts: dict[str, int]) -> None:
        """Write the number of filters of each kind beside its name; a kind without any cannot be chosen."""
        for number, (data, title, _tip) in enumerate(self._kinds):
            chip = self._group.button(number)
            if chip is None:
                continue
            count = counts.get(data)
            chip.setText(title if count is None else f"{title} {count}")
            chip.setAccessibleName(chip.text())
            chip.setEnabled(bool(count) or data == "all" or number == self._index)
            chip.updateGeometry()

    def count(self) -> int:
        return len(self._kinds)

    def findData(self, data: Any) -> int:
        return next((number for number, each in enumerate(self._kinds) if each[0] == data), -1)

    def itemData(self, index: int) -> str | None:
        return self._kinds[index][0] if 0 <= index < len(self._kinds) else None

    def currentIndex(self) -> int:
        return self._index

    def currentData(self) -> str | None:
        return self.itemData(self._index)

    def setCurrentIndex(self, index: int) -> None:
        if not 0 <= index < len(self._kinds):
            return
        changed = index != self._index
        self._hold(index)
        if changed:
            self.currentIndexChanged.emit(index)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        step = ARROWS.get(Qt.Key(event.key())) if event is not None else None
        if step is None:
            super().keyPressEvent(event)
            return
        index = self._index + step
        while 0 <= index < len(self._kinds):
            chip = self._group.button(index)
            if chip is not None and chip.isEnabled():
                self.setCurrentIndex(index)
                chip.setFocus()
                return
            index += step

    def _hold(self, index: int) -> None:
        self._index = index
        for number, chip in enumerate(self._group.buttons()):
            chip.setChecked(number == index)
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus if number == index else Qt.FocusPolicy.NoFocus)

    def _rescale(self) -> None:
        self._row.setSpacing(theme.px(6))
