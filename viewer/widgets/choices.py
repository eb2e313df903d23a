"""Choices: a drop-down list and a row of segments, which answer alike to scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PyQt6.QtCore import QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygon
from PyQt6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from viewer import theme
from viewer.widgets.base import PlainToolTip, QuietWheel, blocked, describe
from viewer.widgets.labels import draw_elided
from viewer.widgets.numbers import is_window_key

Choice = tuple[Any, str, str]
"""Data, title, tool tip."""


class ComboBox(PlainToolTip, QuietWheel, QComboBox):
    """A drop-down list that the wheel changes only while it has the focus."""

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered: list[Choice] = []
        describe(self, object_name, accessible_name, tool_tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def offer(self, items: Iterable[Choice]) -> None:
        """Have these to choose from, without announcing it; where they are offered already, all stays."""
        offered = list(items)
        if offered == self._offered:
            return
        self._offered = offered
        with blocked(self):
            self.clear()
            for row, (data, title, tip) in enumerate(offered):
                self.addItem(title, data)
                self.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)

    def show_data(self, data: object) -> None:
        """Show the choice of `data` without announcing it."""
        with blocked(self):
            self.setCurrentIndex(self.findData(data))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if is_window_key(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(max(super().sizeHint().width(), theme.px(64)), theme.px(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(48), theme.px(28))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        paint_field(painter, self.rect(), self.currentText(), self)


def paint_field(painter: QPainter, rect: QRect, text: str, widget: QWidget) -> None:
    """Draw a drop-down field: ground, text, chevron; its frame shows the focus."""
    colours = theme.palette()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours.accent if widget.hasFocus() else colours.line, 1))
    painter.setBrush(colours.hover if widget.underMouse() and widget.isEnabled() else colours.field)
    frame = rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(frame, theme.px(6), theme.px(6))
    ink = colours.text if widget.isEnabled() else colours.faint
    painter.setPen(ink)
    draw_elided(painter, rect.adjusted(theme.px(9), 0, -theme.px(22), 0), text)
    painter.setPen(QPen(colours.muted if widget.isEnabled() else colours.faint, max(1.5, theme.px(1.5))))
    x, y, arm = rect.right() - theme.px(13), rect.center().y(), theme.px(3)
    painter.drawPolyline(QPolygon([QPoint(x - arm, y - 1), QPoint(x, y + arm - 1), QPoint(x + arm, y - 1)]))


class Segment(QPushButton):
    """One choice of a row, as wide as its text when it is chosen, which is bolder than the style's hint knows."""

    def sizeHint(self) -> QSize:
        chosen = self.font()
        chosen.setWeight(QFont.Weight.DemiBold)
        sizes = (QFontMetrics(font).size(Qt.TextFlag.TextShowMnemonic, self.text()) for font in (chosen, self.font()))
        more = next(sizes).width() - next(sizes).width()
        return super().sizeHint() + QSize(max(0, more), 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class SegmentedControl(PlainToolTip, QFrame):
    """A few choices side by side, of which one holds; the arrow keys move it. Answers like a ``QComboBox``."""

    currentIndexChanged = pyqtSignal(int)
    across = 1
    """How many choices an upright arrow key goes on: those of a line where they stand in several."""

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        tool_tip: str,
        *,
        tabs: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        describe(self, object_name, accessible_name, tool_tip)
        self.setProperty("segmented", True)
        self.setProperty("tabs", tabs)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(2, 2, 2, 2)
        self._row.setSpacing(2)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(self.setCurrentIndex)
        self._data: list[Any] = []
        self._index = -1
        self.setSizePolicy(QSizePolicy.Policy.Preferred if tabs else QSizePolicy.Policy.Expanding,
                           QSizePolicy.Policy.Fixed)  # fmt: skip

    def _make_button(self) -> QAbstractButton:
        button = Segment()
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return button

    def _place(self, button: QAbstractButton) -> None:
        self._row.addWidget(button)

    def offer(self, items: Iterable[Choice]) -> None:
        """Add these choices."""
        for data, title, tip in items:
            self.addItem(title, data, tip)

    def show_data(self, data: object) -> None:
        """Show the choice of `data` without announcing it."""
        with blocked(self):
            self.setCurrentIndex(self.findData(data))

    def addItem(self, text: str, data: Any = None, tool_tip: str = "") -> None:
        button = self._make_button()
        button.setText(text)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus if not self._data else Qt.FocusPolicy.NoFocus)
        describe(button, f"{self.objectName()}_{data}", text, tool_tip or self.toolTip())
        button.installEventFilter(self)
        self._group.addButton(button, len(self._data))
        self._place(button)
        self._data.append(data)
        if self._index < 0:
            self.setCurrentIndex(0)

    def count(self) -> int:
        return len(self._data)

    def findData(self, data: Any) -> int:
        return next((index for index, each in enumerate(self._data) if each == data), -1)

    def itemData(self, index: int) -> Any:
        return self._data[index] if 0 <= index < len(self._data) else None

    def itemText(self, index: int) -> str:
        button = self._group.button(index)
        return button.text() if button is not None else ""

    def currentIndex(self) -> int:
        return self._index

    def currentData(self) -> Any:
        return self.itemData(self._index)

    def currentText(self) -> str:
        return self.itemText(self._index)

    def setItemToolTip(self, index: int, tool_tip: str) -> None:
        button = self._group.button(index)
        if button is not None:
            button.setToolTip(tool_tip)

    def setCurrentIndex(self, index: int) -> None:
        button = self._group.button(index)
        if button is None:
            return
        button.setChecked(True)
        if any(other.hasFocus() for other in self._group.buttons()):
            button.setFocus()
        for other in self._group.buttons():
            other.setFocusPolicy(Qt.FocusPolicy.TabFocus if other is button else Qt.FocusPolicy.NoFocus)
        if index != self._index:
            self._index = index
            self.currentIndexChanged.emit(index)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            key = Qt.Key
            steps = {key.Key_Left: -1, key.Key_Right: 1, key.Key_Up: -self.across, key.Key_Down: self.across}
            step = steps.get(key(event.key()))
            if step is not None:
                self._move(step)
                return True
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        index = self._index + step
        while (button := self._group.button(index)) is not None and not button.isEnabled():
            index += step
        if button is not None:
            self.setCurrentIndex(index)
