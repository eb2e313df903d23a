"""The row at the top: files, undo, workspaces, appearance."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QWidget

from viewer import theme
from viewer.widgets import SegmentedControl, ToolButton, describe, filled
from viewer.widgets.base import give_way
from viewer.widgets.menu_button import MenuButton


class ToolBar(QWidget):
    """Buttons and the workspace tabs; what they do is wired by actions and controllers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "toolBarRow", self.tr("Tool bar"), "")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._make_buttons()
        self.tabs = SegmentedControl("workspaceTabs", self.tr("Workspace"), self.tr("Choose a workspace"), tabs=True)
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(8, 0, 8, 0)
        grid.setSpacing(0)
        left = [self.open, self.samples, self.paste, _rule(), self.undo, self.redo, _rule(), self.save, self.copy]
        right = [self.stage, self.fold, self.large_type, self.theme, self.help]
        grid.addWidget(self._row(left), 0, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.tabs, 0, 1, Qt.AlignmentFlag.AlignCenter)
        grid.addWidget(self._row(right), 0, 2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        theme.follow(self._resize)

    def _make_buttons(self) -> None:
        tr = self.tr
        self.open = MenuButton("openButton", tr("Open"), tr("Open a picture"), tr("Open"))
        self.samples = MenuButton("samplesButton", tr("Samples"), tr("Open a sample picture"), tr("Samples"))
        self.paste = ToolButton("pasteButton", tr("Paste"), tr("Paste a picture, a path or a kernel"),
                                text=tr("Paste"), flat=True)  # fmt: skip
        self.undo = ToolButton("undoButton", tr("Undo"), tr("Undo"), icon_name="undo-2", flat=True)
        self.redo = ToolButton("redoButton", tr("Redo"), tr("Redo"), icon_name="redo-2", flat=True)
        self.save = MenuButton("saveButton", tr("Save"), tr("Save the output"), tr("Save"))
        self.copy = ToolButton("copyButton", tr("Copy"), tr("Copy the output as shown"), text=tr("Copy"), flat=True)
        self.stage = ToolButton("stageButton", tr("Stage"), tr("The Stage: where a number comes from, for the class"),
                                text=tr("Stage"), icon_name="presentation", flat=True)  # fmt: skip
        self.fold = ToolButton("foldButton", tr("Panels"), tr("Fold or unfold the panels"), icon_name="panels",
                               flat=True)  # fmt: skip
        self.large_type = ToolButton("largeTypeButton", tr("Larger type"), tr("Larger type, for a projector"),
                                     icon_name="large-type", flat=True)  # fmt: skip
        self.theme = ToolButton("themeButton", tr("Theme"), tr("Switch between light and dark"),
                                icon_name="sun-moon", flat=True)  # fmt: skip
        self.help = ToolButton("helpButton", tr("Actions and shortcuts"), tr("All actions and shortcuts"),
                               icon_name="circle-question-mark", flat=True)  # fmt: skip

    def order_focus(self) -> None:
        """Let Tab go from left to right, after tabs have been added."""
        for first, second in itertools.pairwise([self.copy, *self.tabs.findChildren(QPushButton), self.stage]):
            QWidget.setTabOrder(first, second)

    @staticmethod
    def _row(widgets: Sequence[QWidget]) -> QWidget:
        holder = QWidget()
        filled(QHBoxLayout(holder), *widgets, spacing=4)
        return holder

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Where it is narrow, what has a key that everybody knows gives way."""
        give_way(self._grid, self.width(), (self.paste, self.copy, self.fold, self.undo, self.redo))

    def _resize(self) -> None:
        self.setFixedHeight(theme.px(44))
        self._share_room()


def _rule() -> QFrame:
    rule = QFrame()
    rule.setFrameShape(QFrame.Shape.NoFrame)
    rule.setFixedWidth(17)
    return rule
