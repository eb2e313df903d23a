"""The Network workspace: the picture at the left, what the network makes of it, and at the right what it says."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.network.views.answers import AnswersPanel
from viewer.pages.network.views.input_panel import InputPanel
from viewer.pages.network.views.middle import Middle
from viewer.pages.network.views.shift_maps import ShiftMapsView
from viewer.pages.network.views.why import WhyView
from viewer.widgets import SectionLabel, describe, filled

LEFT, RIGHT = 232, 248


class WhyColumn(QScrollArea):
    """The right column: the answers, and below them why; it scrolls where there is no room for all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("networkWhyPanel")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.answers = AnswersPanel()
        body = QWidget()
        body.setProperty("panel", True)
        self.shifts, self.why = ShiftMapsView(), WhyView()
        self._below = filled(QVBoxLayout(), self.shifts, self.why)
        self._column = filled(
            QVBoxLayout(body), SectionLabel(self.tr("What they say, in %")), self.answers, self._below
        )
        self._column.addStretch(1)
        self.setWidget(body)
        theme.follow(self._rescale)

    def _rescale(self) -> None:
        edge = theme.px(12)
        self._column.setContentsMargins(edge, edge, edge, edge)
        self._column.setSpacing(theme.px(6))
        self._below.setSpacing(theme.px(10))


class NetworkWorkspace(QWidget):
    """Lays out the views; each is wired by its own control."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "network", self.tr("Network"), "")
        self.input, self.why_column = InputPanel(side), WhyColumn()
        self.middle = Middle()
        filled(QHBoxLayout(self), self.input, self.middle, 1, self.why_column, spacing=0)
        for panel, edge in ((self.input, "right"), (self.why_column, "left")):
            panel.setProperty("panel", True)
            panel.setProperty("edge", edge)
        theme.follow(self._rescale)

    def fold(self, folded: bool) -> None:
        """Hide or show the columns at the sides."""
        self.input.setVisible(not folded)
        self.why_column.setVisible(not folded)

    def _rescale(self) -> None:
        self.input.setFixedWidth(theme.px(LEFT))
        self.why_column.setFixedWidth(theme.px(RIGHT))
