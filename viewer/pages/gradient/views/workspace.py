"""The Gradient workspace: options at the left, panes in the middle, learned filters at the right."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from viewer import theme
from viewer.pages.filter.views.workspace import SidePanel
from viewer.pages.gradient.views.grid import PaneGrid
from viewer.pages.gradient.views.options import OptionsPanel
from viewer.widgets import filled

OPTIONS_WIDTH, LEARNED_WIDTH = 190, 472
NARROW, SHARE = 1366, 0.2
"""Of the width beyond this screen's, what goes to the learned filters; the panes have the rest."""


class GradientWorkspace(QWidget):
    """Lays out its views; `learned` stands at the right if there is one."""

    def __init__(self, learned: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gradientWorkspace")
        self.options, self.panes, self.learned = OptionsPanel(), PaneGrid(), learned
        self._left = SidePanel("gradientLeftPanel", self.tr("Gradient"), "right", [self.options])
        filled(QHBoxLayout(self), self._left, self.panes, 1, *([] if learned is None else [learned]), spacing=0)
        theme.follow(self._resize)

    def fold(self, folded: bool) -> None:
        """Hide or show the side panels."""
        self._left.setVisible(not folded)
        if self.learned is not None:
            self.learned.setVisible(not folded)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        # Escape brings all panes back from wherever the focus is.
        if event.key() == Qt.Key.Key_Escape and self.panes.maximised:
            self.panes.maximise_requested.emit("")
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._resize()

    def _resize(self) -> None:
        self._left.setFixedWidth(theme.px(OPTIONS_WIDTH))
        if self.learned is not None:
            spare = max(0, self.width() - theme.px(NARROW))
            self.learned.setFixedWidth(theme.px(LEARNED_WIDTH) + round(SHARE * spare))
