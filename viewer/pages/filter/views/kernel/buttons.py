"""The buttons of the kernel editor: in its heading the way back and the files, below the table the transforms."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from viewer import theme
from viewer.widgets import SectionLabel, ToolButton, filled


class Heading(QWidget):
    """KERNEL, at its right what is done with the kernel as a whole: the way back, and a menu of actions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reset: str | None = None
        row = filled(QHBoxLayout(self), spacing=2)
        self.reset_button = ToolButton(
            "resetKernelButton", self.tr("Back to the preset"), "", icon_name="corner-up-left", flat=True
        )
        self.menu_button = ToolButton(
            "kernelMenuButton", self.tr("Kernel files"), self.tr("Open, save and copy kernels"), icon_name="ellipsis",
            flat=True,
        )  # fmt: skip
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in (self.reset_button, self.menu_button):
            button.setProperty("bare", True)
        self.menu = QMenu(self)
        self.menu_button.setMenu(self.menu)
        # At the top, so that the words stand level with the headings of the other panels.
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(SectionLabel(self.tr("Kernel")), 0, top)
        row.addStretch(1)
        row.addWidget(self.reset_button, 0, top)
        row.addWidget(self.menu_button, 0, top)
        theme.follow(self._rescale)
        self.show_reset("")

    def show_reset(self, title: str) -> None:
        """Offer the way back to the kernel called `title`; an empty title takes it away."""
        if title == self._reset:
            return
        self._reset = title
        self.reset_button.setVisible(bool(title))
        tip = self.tr("Discard the edits and go back to {title}").format(title=title)
        self.reset_button.setToolTip(tip)
        self.reset_button.setAccessibleName(self.tr("Back to {title}").format(title=title))

    def _rescale(self) -> None:
        self.setFixedHeight(theme.px(24))
        for button in (self.reset_button, self.menu_button):
            button.setFixedSize(theme.px(28), theme.px(18))


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
