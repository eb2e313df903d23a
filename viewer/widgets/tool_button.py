"""A button with an icon, a text or both, that follows the theme."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QToolButton, QWidget

from viewer import theme
from viewer.widgets.base import PlainToolTip, describe
from viewer.widgets.icons import icon


class ToolButton(PlainToolTip, QToolButton):
    """`icon_name` from assets/icons and/or `text`; `flat` ones show their ground only under the pointer."""

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        tool_tip: str,
        *,
        text: str = "",
        icon_name: str = "",
        flat: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tip, self._keys = "", ""
        describe(self, object_name, accessible_name, tool_tip)
        self._icon_name = icon_name
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("flat", flat)
        style = Qt.ToolButtonStyle
        both = style.ToolButtonTextBesideIcon if text else style.ToolButtonIconOnly
        self.setToolButtonStyle(both if icon_name else style.ToolButtonTextOnly)
        theme.follow(self._refresh)

    def setToolTip(self, tip: str | None) -> None:
        """Show `tip`, with the shortcut behind it."""
        self._tip = tip or ""
        shown = f"{self._tip} ({self._keys})" if self._tip and self._keys else self._tip
        (self.defaultAction() or super()).setToolTip(shown)

    def setText(self, text: str | None) -> None:
        """Show `text`, also where an action is followed."""
        action = self.defaultAction()
        if action is None:
            super().setText(text)
        else:
            action.setIconText(text)

    def setEnabled(self, able: bool) -> None:
        """Allow it, and the action that is followed."""
        (self.defaultAction() or super()).setEnabled(able)

    def set_shortcut_text(self, keys: str) -> None:
        """Say in the tool tip which keys do the same; the keys themselves belong to an action."""
        self._keys = keys
        self.setToolTip(self._tip)

    def follow(self, action: QAction) -> None:
        """Do what `action` does, while it can be done; the button's own words and icon stay."""
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setIconText(self.text())
        action.setIcon(self.icon())
        action.setToolTip(self.toolTip())
        self.setDefaultAction(action)
        self.set_shortcut_text(keys)

    def _refresh(self) -> None:
        if self._icon_name:
            (self.defaultAction() or self).setIcon(icon(self._icon_name))
            self.setIconSize(QSize(theme.px(16), theme.px(16)))
