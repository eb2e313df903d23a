"""Below the row: a number taken apart, what a filter wants, what fools the network, accuracy against shift."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import SegmentedControl, blocked, describe, filled

BAR = 40


class LowerPart(QWidget):
    """Tabs, and the view of the one that is chosen; ``tab_chosen(name)``."""

    tab_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "networkBelow", self.tr("Below the row"), "")
        tip = self.tr("What is looked at below the row")
        self.tabs = SegmentedControl("networkTabs", self.tr("What is looked at"), tip)
        self.body = QStackedWidget()
        self.body.setMinimumHeight(1)  # rather than that of the view that asks for most, which may not be in front
        self._names: list[str] = []
        self._bar = QWidget()
        self._bar.setProperty("panel", True)
        self._bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = filled(QHBoxLayout(self._bar), self.tabs)
        self._row.addStretch(1)
        filled(QVBoxLayout(self), self._bar, self.body, 1, spacing=0)
        self.tabs.currentIndexChanged.connect(lambda _index: self.tab_chosen.emit(self.tabs.currentData()))
        theme.follow(self._resize)

    def add(self, name: str, title: str, tool_tip: str, view: QWidget) -> None:
        """Have `view` to choose."""
        self._names.append(name)
        self.body.addWidget(view)
        with blocked(self.tabs):
            self.tabs.addItem(title, name, tool_tip)

    def show_tab(self, name: str) -> None:
        """Look at that."""
        self.tabs.show_data(name)
        self.body.setCurrentIndex(self._names.index(name))

    def _resize(self) -> None:
        self._bar.setFixedHeight(theme.px(BAR))
        self._row.setContentsMargins(theme.px(12), theme.px(4), theme.px(12), theme.px(4))
