"""The Network workspace: the picture at the left, what the network makes of it, and at the right what it says.

Where networks learn, other views stand in their places, below the same switch.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.network.views.answers import AnswersPanel
from viewer.pages.network.views.input_panel import InputPanel
from viewer.pages.network.views.middle import Middle
from viewer.pages.network.views.shift_maps import ShiftMapsView
from viewer.pages.network.views.side_column import EDGE, SideColumn
from viewer.pages.network.views.why import WhyView
from viewer.widgets import SectionLabel, SegmentedControl, describe, filled

WIDTH = 232
"""Design pixels of the column at the left."""


class WhyColumn(SideColumn):
    """The right column: the answers, and below them why."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("networkWhyPanel", "left", 248, parent)
        self.answers, self.shifts, self.why = AnswersPanel(), ShiftMapsView(), WhyView()
        self.fill(SectionLabel(self.tr("What they say, in %")), self.answers, self.shifts, self.why)


class NetworkWorkspace(QWidget):
    """Lays out the views; each is wired by its own control. ``side_chosen(name)``: "look" or "train"."""

    side_chosen = pyqtSignal(str)

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        describe(self, "network", tr("Network"), "")
        self.input, self.middle, self.why_column = InputPanel(side), Middle(), WhyColumn()
        self.sides = SegmentedControl("lookOrTrain", tr("Look or train"),
                                      tr("Look into a network, or train one"))  # fmt: skip
        self.sides.offer((("look", tr("Look"), tr("See what a network makes of a picture")),
                          ("train", tr("Train"), tr("See how a network learns"))))  # fmt: skip
        self._make_left()
        self._rest = QStackedWidget()
        self._names: list[str] = []
        self._right: list[QWidget] = []
        self.add_side("look", self.input, self.middle, self.why_column)
        filled(QHBoxLayout(self), self._left, self._rest, 1, spacing=0)
        self.sides.currentIndexChanged.connect(lambda _row: self.side_chosen.emit(self.sides.currentData()))

    def _make_left(self) -> None:
        self._left, self._columns, head = QWidget(), QStackedWidget(), QWidget()
        head.setProperty("panel", True)
        head.setProperty("edge", "right")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._head = filled(QVBoxLayout(head), self.sides)
        filled(QVBoxLayout(self._left), head, self._columns, 1, spacing=0)
        theme.follow(self._rescale)

    def add_side(self, name: str, left: QWidget, middle: QWidget, right: QWidget) -> None:
        """Have these to show as the side `name`: a column at the left, the middle, a column at the right."""
        rest = QWidget()
        filled(QHBoxLayout(rest), middle, 1, right, spacing=0)
        self._columns.addWidget(left)
        self._rest.addWidget(rest)
        self._names.append(name)
        self._right.append(right)
        right.setVisible(not self._left.isHidden())

    def show_side(self, name: str) -> None:
        """Bring a side to the front."""
        self.sides.show_data(name)
        for stack in (self._columns, self._rest):
            stack.setCurrentIndex(self._names.index(name))

    def fold(self, folded: bool) -> None:
        """Hide or show the columns at the sides."""
        self._left.setVisible(not folded)
        for column in self._right:
            column.setVisible(not folded)

    def _rescale(self) -> None:
        edge = theme.px(EDGE)
        self._left.setFixedWidth(theme.px(WIDTH))
        self._head.setContentsMargins(edge, edge, edge, 0)
