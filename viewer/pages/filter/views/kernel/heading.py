"""The heading of the kernel editor with the way back to the preset and the menu of files."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

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
