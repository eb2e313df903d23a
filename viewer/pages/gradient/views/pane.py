"""One pane of the gradient: a picture pane that can be maximised, saved, and overlaid with arrows."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRectF, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.pages.gradient.views.arrows import ArrowField, paint_arrows
from viewer.panes import PaneLink, PicturePane
from viewer.widgets import ToolButton

BUTTON = (26, 20)


def title_button(object_name: str, name: str, tool_tip: str, icon_name: str) -> ToolButton:
    """A small flat button for a title row."""
    button = ToolButton(object_name, name, tool_tip, icon_name=icon_name, flat=True)
    button.setProperty("bare", True)
    return button


class GradientPane(PicturePane):
    """Double click maximises it, `…` and the context menu save it."""

    maximise_requested = pyqtSignal()
    double_clicked = pyqtSignal()

    def __init__(
        self, object_name: str, accessible_name: str, tool_tip: str, link: PaneLink, parent: QWidget | None = None
    ) -> None:
        super().__init__(object_name, accessible_name, tool_tip, link, parent)
        prefix = object_name.removesuffix("Pane")
        self.back = title_button(
            f"{prefix}Back", self.tr("All panes"), self.tr("Back to all panes (Esc or double click)"), "grid-3x3"
        )
        self.more = title_button(
            f"{prefix}More",
            self.tr("More"),
            self.tr("Maximise or save: {name}").format(name=accessible_name),
            "ellipsis",
        )
        self.back.hide()
        for button in (self.back, self.more):
            self.title.add_control(button)
        self.back.clicked.connect(self.maximise_requested)
        self.more.clicked.connect(self._open_menu)
        self._field: ArrowField | None = None
        theme.follow(self._fit_buttons)

    @property
    def arrows(self) -> ArrowField | None:
        """The gradient that is drawn over the magnified picture."""
        return self._field

    def set_arrows(self, field: ArrowField | None) -> None:
        """Draw this gradient over the picture once its pixels are large enough."""
        self._field = field
        self.update()

    def set_maximised(self, maximised: bool) -> None:
        """Offer the way back while this is the only pane."""
        self.back.setVisible(maximised)

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

    def _open_menu(self) -> None:
        self.menu_requested.emit(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def _fit_buttons(self) -> None:
        for button in (self.back, self.more):
            button.setFixedSize(theme.px(BUTTON[0]), theme.px(BUTTON[1]))
