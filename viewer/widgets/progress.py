"""How far something is that lasts, and a button that stops it."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from viewer import theme
from viewer.widgets.base import describe, filled
from viewer.widgets.tool_button import ToolButton

WIDEST, NARROWEST = 120, 40


class Progress(QWidget):
    """A bar of its own beside the window's, where what it is about is shown; ``cancel_requested`` stops it.

    The bar is called `name` + "Progress", the button "cancel" + `name` + "Button".
    """

    cancel_requested = pyqtSignal()

    def __init__(self, name: str, title: str, stop: str) -> None:
        super().__init__()
        self.bar = describe(QProgressBar(), f"{name}Progress", title, title)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        button = f"cancel{name[0].upper()}{name[1:]}Button"
        self.cancel = ToolButton(button, stop, stop, icon_name="x", flat=True)
        self.cancel.clicked.connect(self.cancel_requested)
        self._row = filled(QHBoxLayout(self), self.bar, self.cancel)
        theme.follow(self._rescale)

    def show_share(self, fraction: float) -> None:
        """So much is done, 0 to 1."""
        self.bar.setValue(round(1000 * fraction))

    def _rescale(self) -> None:
        self._row.setSpacing(theme.px(8))
        self.bar.setMaximumWidth(theme.px(WIDEST))
        self.bar.setMinimumWidth(theme.px(NARROWEST))
