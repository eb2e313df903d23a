"""The Filter workspace: kernel and sliding at the left, two panes, the arithmetic below, the view at the right."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.filter.views.arithmetic import ArithmeticStrip
from viewer.pages.filter.views.kernel import KernelPanel
from viewer.pages.filter.views.sliding import SlidingPanel
from viewer.pages.filter.views.view_panel import ViewPanel
from viewer.panes import PanesView
from viewer.widgets import describe, filled

LEFT_WIDTH, RIGHT_WIDTH, PADDING = 272, 196, 12


class FilterWorkspace(QWidget):
    """Lays out the five views; each is wired by its own controller."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kernel, self.sliding = KernelPanel(), SlidingPanel()
        self.panes, self.arithmetic, self.view = PanesView(), ArithmeticStrip(), ViewPanel()
        self._left = SidePanel("filterLeftPanel", self.tr("Kernel and sliding"), "right", [self.kernel, self.sliding],
                               self.sliding.foot)  # fmt: skip
        self._right = SidePanel("filterRightPanel", self.tr("View"), "left", [self.view])
        middle = filled(QVBoxLayout(), self.panes, 1, self.arithmetic, spacing=0)
        filled(QHBoxLayout(self), self._left, middle, 1, self._right, spacing=0)
        theme.follow(self._resize)

    def fold(self, folded: bool) -> None:
        """Hide or show the side panels."""
        self._left.setVisible(not folded)
        self._right.setVisible(not folded)

    def _resize(self) -> None:
        self._left.setFixedWidth(theme.px(LEFT_WIDTH))
        self._right.setFixedWidth(theme.px(RIGHT_WIDTH))


class _Holder(QWidget):
    """Lets the scroll area shrink what can shrink before it scrolls; Qt asks for the preferred height only."""

    def heightForWidth(self, width: int) -> int:
        return self.layout().minimumHeightForWidth(width)


class SidePanel(QWidget):
    """Views below each other in a column that scrolls when the window is low; the foot stays in sight."""

    def __init__(self, object_name: str, accessible_name: str, edge: str, views: list[QWidget],
                 foot: QWidget | None = None) -> None:  # fmt: skip
        super().__init__()
        describe(self, object_name, accessible_name, "")
        self.setProperty("panel", True)
        self.setProperty("edge", edge)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        holder = _Holder()
        holder.setProperty("clear", True)
        self._line = 1 if edge == "right" else 0  # the edge is drawn inside the panel
        self._column, self._foot = QVBoxLayout(holder), foot
        column = self._column
        for view in views:
            column.addWidget(view)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(holder)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = filled(QVBoxLayout(self), scroll, 1, spacing=0)
        outer.setContentsMargins(0, 0, self._line, 0)
        if foot is not None:
            foot.setProperty("panel", True)
            foot.setProperty("edge", "top")
            foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            outer.addWidget(foot)
        theme.follow(self._rescale)

    def _rescale(self) -> None:
        padding, half = theme.px(PADDING), theme.px(PADDING / 2)
        self._column.setContentsMargins(padding, padding, padding - self._line, half)
        self._column.setSpacing(padding)
        if self._foot is not None:
            self._foot.layout().setContentsMargins(padding, half, padding - self._line, half)
