"""The switch of a card: whether its stage is on."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QWidget

from viewer import theme
from viewer.widgets import describe
from viewer.widgets.base import PlainToolTip, blocked


class CardSwitch(PlainToolTip, QAbstractButton):
    """Shows what it was told; a click only asks. The card has the focus, and its Space does the same."""

    def __init__(self, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(
            self,
            object_name,
            self.tr("On"),
            self.tr("Switch the stage on or off: one that is off hands on what it gets (Space)"),
        )
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._is_toned_down = False

    def show_state(self, is_on: bool, *, is_toned_down: bool) -> None:
        """Show whether the stage is on; toned down where the card is not the selected one."""
        if (is_on, is_toned_down) == (self.isChecked(), self._is_toned_down):
            return
        self._is_toned_down = is_toned_down
        with blocked(self):
            self.setChecked(is_on)
        self.update()

    def nextCheckState(self) -> None:
        """Stay as it is: whoever hears of the click says what becomes of it."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on = self.isChecked()
        track, knob = (colours.accent, colours.on_accent) if is_on else (colours.field, colours.muted)
        if is_on and self._is_toned_down:
            track, knob = theme.mixed(colours.accent, colours.panel, 0.6), colours.accent
        painter.setPen(QPen(colours.text if self.underMouse() else track if is_on else colours.muted, 1))
        painter.setBrush(track)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(body, body.height() / 2, body.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(knob)
        inset = theme.px(2.5)
        side = self.height() - 2 * inset
        left = self.width() - inset - side if is_on else inset
        painter.drawEllipse(QRectF(left, inset, side, side))
