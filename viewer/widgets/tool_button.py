"""A button with an icon, a text or both, that follows the theme."""

from __future__ import annotations

from functools import cache, lru_cache

from PyQt6.QtCore import QByteArray, QRectF, QSize, Qt
from PyQt6.QtGui import QAction, QColor, QIcon, QKeySequence, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QToolButton, QWidget

from kernels import resources
from viewer import theme
from viewer.widgets.base import PlainToolTip, describe


def icon(name: str, *, size: int = 16, ink: str = "text") -> QIcon:
    """The icon `name` of assets/icons in a colour of the present theme, crisp at twice the size too."""
    colours = theme.palette()
    made = QIcon()
    for mode, colour in ((QIcon.Mode.Normal, getattr(colours, ink)), (QIcon.Mode.Disabled, colours.faint)):
        for ratio in (1.0, 2.0):
            made.addPixmap(pixmap(name, theme.px(size), colour.name(), ratio), mode)
    return made


@lru_cache(maxsize=256)
def pixmap(name: str, side: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """The icon `name` as a pixmap of `side` logical pixels."""
    source = _drawing(name).replace("currentColor", colour)
    made = QPixmap(round(side * ratio), round(side * ratio))
    made.fill(QColor(Qt.GlobalColor.transparent))
    painter = QPainter(made)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(made.rect()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


@cache
def _drawing(name: str) -> str:
    return resources.asset("icons", f"{name}.svg").read_text(encoding="utf-8")


class ToolButton(PlainToolTip, QToolButton):
    """`icon_name` from assets/icons and/or `text`; `flat` ones show their ground only under the pointer.

    The `primary` one of its surroundings stands on the accent.
    """

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        tool_tip: str,
        *,
        text: str = "",
        icon_name: str = "",
        flat: bool = False,
        primary: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("primary", primary)
        self._tip, self._keys, self._reason = "", "", ""
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
        """Show `tip`, with the shortcut behind it, and below it why the button is greyed."""
        self._tip = tip or ""
        shown = f"{self._tip} ({self._keys})" if self._tip and self._keys else self._tip
        (self.defaultAction() or super()).setToolTip("\n".join(each for each in (shown, self._reason) if each))

    def show_icon(self, name: str) -> None:
        """Show another icon of assets/icons."""
        if name != self._icon_name:
            self._icon_name = name
            self._refresh()

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

    def show_reason(self, reason: str) -> None:
        """Say why it is greyed, also to who does not see it; empty while it is not."""
        self._reason = reason
        self.setToolTip(self._tip)
        self.setAccessibleDescription(reason)

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
            (self.defaultAction() or self).setIcon(
                icon(self._icon_name, ink="on_accent" if self.property("primary") else "text")
            )
            self.setIconSize(QSize(theme.px(16), theme.px(16)))
