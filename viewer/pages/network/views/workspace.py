"""The Network workspace: the picture at the left, what the network makes of it, and at the right what it says."""

from __future__ import annotations

from PyQt6.QtWidgets import QHBoxLayout, QWidget

from viewer.pages.network.views.answers import AnswersPanel
from viewer.pages.network.views.input_panel import InputPanel
from viewer.pages.network.views.middle import Middle
from viewer.pages.network.views.shift_maps import ShiftMapsView
from viewer.pages.network.views.side_column import SideColumn
from viewer.pages.network.views.why import WhyView
from viewer.widgets import SectionLabel, describe, filled


class WhyColumn(SideColumn):
    """The right column: the answers, and below them why."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("networkWhyPanel", "left", 248, parent)
        self.answers, self.shifts, self.why = AnswersPanel(), ShiftMapsView(), WhyView()
        self.fill(SectionLabel(self.tr("What they say, in %")), self.answers, self.shifts, self.why)


class NetworkWorkspace(QWidget):
    """Lays out the views; each is wired by its own control."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "network", self.tr("Network"), "")
        self.input, self.middle, self.why_column = InputPanel(side), Middle(), WhyColumn()
        filled(QHBoxLayout(self), self.input, self.middle, 1, self.why_column, spacing=0)

    def fold(self, folded: bool) -> None:
        """Hide or show the columns at the sides."""
        self.input.setVisible(not folded)
        self.why_column.setVisible(not folded)
