"""A column beside the stages."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QLayout, QScrollArea, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import filled

EDGE, SPACING = 12, 5


class SideColumn(QScrollArea):
    """A panel of fixed width; it scrolls where there is no room for all of it. `edge` is its side at the stages."""

    def __init__(self, object_name: str, edge: str, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setProperty("panel", True)
        self.setProperty("edge", edge)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._width = width

    def fill(self, *parts: QWidget | QLayout | int) -> None:
        """Put `parts` below each other; a number is the stretch of the part before it."""
        body = QWidget()
        body.setProperty("panel", True)
        self._column = filled(QVBoxLayout(body), *parts)
        self._column.addStretch(0)
        self.setWidget(body)
        theme.follow(self._fit)

    def _fit(self) -> None:
        edge = theme.px(EDGE)
        self._column.setContentsMargins(edge, edge, edge, edge)
        self._column.setSpacing(theme.px(SPACING))
        self.setFixedWidth(theme.px(self._width))
