"""What the views of the lower region have in common: the panel's ground, and type that the last row can read."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.widgets import Label, ToolButton

TEXT, LARGE = 16, 28
"""Design pixels of the smallest type, and of the numbers that matter."""
MARGIN, GAP = 16, 8
BUTTON = 36


class LowerView(QWidget):
    """One of the views below the pictures; labels and buttons in it have the type of the Stage."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setProperty("edge", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def rescale(self) -> None:
        """Give the type and the buttons the present scale."""
        for label in self.findChildren(Label):
            label.setFont(theme.font(TEXT, 600 if isinstance(label, Heading) else 400))
        for button in self.findChildren(ToolButton):
            button.setFont(theme.font(TEXT))
            button.setFixedHeight(theme.px(BUTTON))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(1366), theme.px(232))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(640), theme.px(168))


class Heading(Label):
    """What stands below it, in a word or two."""

    def __init__(self, text: str = "", *, name: str = "", wraps: bool = False) -> None:
        super().__init__(text, "strong", name=name, wraps=wraps)
