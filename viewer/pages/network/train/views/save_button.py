"""A small button whose menu says what can be saved."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QMenu

from viewer import theme
from viewer.widgets import ToolButton, describe


class SaveButton(ToolButton):
    """Offers (name, title) pairs; ``chosen(name)``."""

    chosen = pyqtSignal(str)

    def __init__(self, object_name: str, title: str, offered: Sequence[tuple[str, str]]) -> None:
        super().__init__(object_name, title, title, icon_name="save", flat=True)
        self.setProperty("small", True)
        self.setPopupMode(ToolButton.ToolButtonPopupMode.InstantPopup)
        menu = describe(QMenu(self), f"{object_name}Menu", title, "")
        for name, text in offered:
            menu.addAction(text).triggered.connect(lambda _checked, name=name: self.chosen.emit(name))
        self.setMenu(menu)
        theme.follow(self._rescale)

    def _rescale(self) -> None:
        self.setFixedSize(theme.px(28), theme.px(24))
