"""The left column: which network, the pad, what the network gets, and how it is moved."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from viewer import theme
from viewer.pages.network.views.given import GivenView
from viewer.pages.network.views.moves import Moves
from viewer.pages.network.views.pad import DrawPad
from viewer.pages.network.views.side_column import SideColumn
from viewer.widgets import ComboBox, LabelledSlider, SectionLabel, ToolButton, filled

THINNEST, THICKEST = 8, 48


class InputPanel(SideColumn):
    """``network_chosen(name)``; the pad gives way where there is little room."""

    network_chosen = pyqtSignal(str)

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__("networkInputPanel", "right", 232, parent)
        tr = self.tr
        self.network = ComboBox("networkCombo", tr("Network"), tr("The network whose stages are shown"))
        self.pad = DrawPad(side)
        self.brush = LabelledSlider("brushWidth", tr("Width of the brush"),
                                    tr("Width of the brush, in pixels of a pad of 280"), symbol=tr("brush"),
                                    minimum=THINNEST, maximum=THICKEST, step=1, integer=True)  # fmt: skip
        self._make_buttons()
        self.given, self.moves = GivenView(), Moves()
        self.network.currentIndexChanged.connect(lambda row: self.network_chosen.emit(self.network.itemData(row)))
        heading = filled(QHBoxLayout(), SectionLabel(tr("Draw")), 1, self.brush, spacing=0)
        buttons = filled(QHBoxLayout(), self.clear, self.undo, self.picture, 1, spacing=4)
        more = filled(QHBoxLayout(), self.previous, self.digit, 1, self.next, spacing=4)
        for button in (self.clear, self.undo, self.picture, self.previous, self.digit, self.next):
            button.setProperty("narrow", True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.fill(self.network, heading, self.pad, 1, buttons, more, self.given, self.moves)
        theme.follow(self._rescale)

    def _make_buttons(self) -> None:
        tr = self.tr
        self.clear = ToolButton("clearPadButton", tr("Clear the pad"), tr("Clear the pad and draw"), text=tr("Clear"))
        self.undo = ToolButton("undoStrokeButton", tr("Undo the last step"), tr("Undo the last step"), text=tr("Undo"))
        self.digit = ToolButton("randomDigitButton", tr("Random test digit"),
                                tr("One of 2,000 of MNIST's test digits, by chance"),
                                text=tr("Random digit"))  # fmt: skip
        self.previous = ToolButton("previousDigitButton", tr("Previous test digit"), tr("Previous test digit"),
                                   icon_name="step-back")  # fmt: skip
        self.next = ToolButton("nextDigitButton", tr("Next test digit"), tr("Next test digit"),
                               icon_name="step-forward")  # fmt: skip
        self.picture = ToolButton("openPictureButton", tr("The open picture"),
                                  tr("Give the networks the picture that is open; Open and Samples change it"),
                                  text=tr("Picture"))  # fmt: skip

    def _rescale(self) -> None:
        self.brush.edit.setFixedWidth(theme.px(36))
        self.brush.setFixedWidth(theme.px(156))
