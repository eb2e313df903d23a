"""The row of buttons that turn, mirror, negate and resize the kernel."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from viewer import theme
from viewer.widgets import ToolButton, filled


def _tr(text: str) -> str:
    return QCoreApplication.translate("TransformRow", text)


def _buttons() -> tuple[tuple[str, str, str, str], ...]:
    """Name of the transform, its icon (or its letter), what it is called, what it does."""
    # The icons are named after their axis, the transforms after the direction in which weights move.
    return (
        ("rotate", "rotate-cw", _tr("Rotate"), _tr("Rotate by 90° clockwise")),
        ("flipHorizontal", "flip-vertical-2", _tr("Flip left to right"), _tr("Flip left to right")),
        ("flipVertical", "flip-horizontal-2", _tr("Flip top to bottom"), _tr("Flip top to bottom")),
        ("transpose", "T", _tr("Transpose"), _tr("Transpose: exchange rows and columns")),
        ("negate", "diff", _tr("Negate"), _tr("Change the sign of every weight")),
        ("grow", "plus", _tr("Grow"), _tr("Grow by a ring of zeros, keeping the centre")),
        ("shrink", "minus", _tr("Shrink"), _tr("Cut off the outer ring, keeping the centre")),
    )


class TransformRow(QWidget):
    """Seven buttons of one width; what they do is an action each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = filled(QHBoxLayout(self))
        self.buttons: dict[str, ToolButton] = {}
        for name, icon, title, tip in _buttons():
            letter = icon if len(icon) == 1 else ""
            button = ToolButton(f"{name}Button", title, tip, text=letter, icon_name="" if letter else icon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.buttons[name] = button
            self._row.addWidget(button, 1)
        theme.follow(self._rescale)

    def _rescale(self) -> None:
        self._row.setSpacing(theme.px(4))
        for button in self.buttons.values():
            button.setFixedHeight(theme.px(28))
            button.setMinimumWidth(theme.px(28))
