"""A button that opens a menu."""

from __future__ import annotations

from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QMenu, QToolButton

from viewer import theme
from viewer.widgets.base import describe
from viewer.widgets.tool_button import ToolButton, pixmap

CHEVRON = 14


class MenuButton(ToolButton):
    """A button that opens a menu below itself; its chevron stands behind the text."""

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, text: str, *, flat: bool = True) -> None:
        super().__init__(object_name, accessible_name, tool_tip, text=text, flat=flat)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = describe(QMenu(self), f"{object_name}Menu", accessible_name, "")
        menu.setToolTipsVisible(True)
        self.setMenu(menu)
        self.setProperty("chevron", True)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        side = theme.px(CHEVRON)
        colour = theme.palette().text if self.isEnabled() else theme.palette().faint
        chevron = pixmap("chevron-down", side, colour.name(), self.devicePixelRatioF())
        QPainter(self).drawPixmap(self.width() - side - theme.px(6), (self.height() - side) // 2, chevron)
