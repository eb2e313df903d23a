"""One pane of the gradient: a picture pane that can be maximised, saved, and overlaid with arrows."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject, QPoint, QRectF, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.pages.gradient.views.arrows import ArrowField, paint_arrows
from viewer.panes import PaneLink, PicturePane
from viewer.widgets import ToolButton

BUTTON = (26, 20)


class TitleButtons(QObject):
    """The small buttons of a title row: `back` to all panes, and `more` that can be done with `tile`."""

    def __init__(self, tile: Any, prefix: str) -> None:
        super().__init__(tile)
        back, name = self.tr("Back to all panes (Esc or double click)"), tile.accessibleName()
        more = self.tr("Maximise or save: {name}").format(name=name)
        self.back = ToolButton(f"{prefix}Back", self.tr("All panes"), back, icon_name="grid-3x3", flat=True)
        self.more = ToolButton(f"{prefix}More", self.tr("More"), more, icon_name="ellipsis", flat=True)
        self.back.hide()
        self.back.clicked.connect(tile.maximise_requested)
        self.more.clicked.connect(
            lambda: tile.menu_requested.emit(self.more.mapToGlobal(QPoint(0, self.more.height())))
        )
        for button in (self.back, self.more):
            button.setProperty("bare", True)
            tile.title.layout().addWidget(button)
        theme.follow(self._rescale)

    def _rescale(self) -> None:
        for button in (self.back, self.more):
            button.setFixedSize(theme.px(BUTTON[0]), theme.px(BUTTON[1]))


class GradientPane(PicturePane):
    """Double click maximises it, `…` and the context menu save it."""

    maximise_requested = pyqtSignal()
    double_clicked = pyqtSignal()

    def __init__(
        self, object_name: str, accessible_name: str, tool_tip: str, link: PaneLink, parent: QWidget | None = None
    ) -> None:
        super().__init__(object_name, accessible_name, tool_tip, link, parent)
        self.buttons = TitleButtons(self, object_name.removesuffix("Pane"))
        self._field: ArrowField | None = None

    @property
    def arrows(self) -> ArrowField | None:
        """The gradient that is drawn over the magnified picture."""
        return self._field

    def set_arrows(self, field: ArrowField | None) -> None:
        """Draw this gradient over the picture once its pixels are large enough."""
        self._field = field
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        field = self._field
        if field is None or self.shown is None:
            return
        ratio, room = self.devicePixelRatioF(), self.viewport()
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        device = QRectF(room.left() * ratio, round(room.top() * ratio), room.width() * ratio, room.height() * ratio)
        paint_arrows(painter, field, self.view(), device, ratio)
        painter.end()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        # The click before it has pinned a pixel, which whoever listens takes back; the release must not pin again.
        self._pressed = None
        self.double_clicked.emit()
