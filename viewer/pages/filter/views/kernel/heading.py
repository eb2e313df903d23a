"""The heading of the kernel editor with the way back to the preset and the menu of files."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from viewer import theme
from viewer.widgets import SectionLabel, ToolButton


class Heading(QWidget):
    """KERNEL, at its right what is done with the kernel as a whole."""

    reset_requested = pyqtSignal()
    file_requested = pyqtSignal(str)  # "open", "save", "keep", "remove", "copy", "paste"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reset: str | None = None
        self._kept: str | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.reset_button = ToolButton(
            "resetKernelButton", self.tr("Back to the preset"), "", icon_name="corner-up-left", flat=True
        )
        self.reset_button.clicked.connect(self.reset_requested)
        self.menu_button = ToolButton(
            "kernelMenuButton", self.tr("Kernel files"), self.tr("Open, save and copy kernels"), icon_name="ellipsis",
            flat=True,
        )  # fmt: skip
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in (self.reset_button, self.menu_button):
            button.setProperty("bare", True)
        self.actions_by_name: dict[str, QAction] = {}
        self.menu_button.setMenu(self._menu())
        # At the top, so that the words stand level with the headings of the other panels.
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(SectionLabel(self.tr("Kernel")), 0, top)
        row.addStretch(1)
        row.addWidget(self.reset_button, 0, top)
        row.addWidget(self.menu_button, 0, top)
        theme.notifier().changed.connect(self._rescale)
        self._rescale()
        self.show_reset("")
        self.show_kept("")

    def show_reset(self, title: str) -> None:
        """Offer the way back to the kernel called `title`; an empty title takes it away."""
        if title == self._reset:
            return
        self._reset = title
        self.reset_button.setVisible(bool(title))
        tip = self.tr("Discard the edits and go back to {title}").format(title=title)
        self.reset_button.setToolTip(tip)
        self.reset_button.setAccessibleName(self.tr("Back to {title}").format(title=title))

    def show_kept(self, title: str) -> None:
        """Offer to remove the user's own kernel `title`; an empty title disables that."""
        if title == self._kept:
            return
        self._kept = title
        action = self.actions_by_name["remove"]
        action.setEnabled(bool(title))
        named = self.tr("Remove “{title}” from My kernels…").format(title=title)
        _text, tab, keys = action.text().partition("\t")
        action.setText(f"{named if title else self.tr('Remove from My kernels…')}{tab}{keys}")

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        for name, text in (
            ("open", self.tr("Open kernel…")),
            ("save", self.tr("Save kernel…")),
            ("", ""),
            ("keep", self.tr("Save to My kernels…")),
            ("remove", self.tr("Remove from My kernels…")),
            ("", ""),
            ("copy", self.tr("Copy as text")),
            ("paste", self.tr("Paste text")),
        ):
            action = menu.addAction(text) if name else menu.addSeparator()
            if action is not None and name:
                action.setObjectName(f"{name}KernelAction")
                action.triggered.connect(lambda checked=False, name=name: self.file_requested.emit(name))
                self.actions_by_name[name] = action
        return menu

    def _rescale(self) -> None:
        self.setFixedHeight(theme.px(24))
        for button in (self.reset_button, self.menu_button):
            button.setFixedSize(theme.px(28), theme.px(18))
