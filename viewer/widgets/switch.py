"""A switch with its name: on or off."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QWidget

from viewer import theme
from viewer.widgets.base import PlainToolTip, describe

TRACK, KNOB, TYPE = (40, 24), 18, 16


class Switch(PlainToolTip, QAbstractButton):
    """Paints its name and a track with a knob; Space and a click turn it."""

    def __init__(self, object_name: str, name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, object_name, name, tool_tip)
        self.setText(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        wide = QFontMetricsF(theme.font(TYPE, 600)).horizontalAdvance(self.text())
        return QSize(round(wide) + theme.px(TRACK[0] + 14), theme.px(36))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide, high = (theme.px(each) for each in TRACK)
        track = QRectF(self.width() - wide - theme.px(2), (self.height() - high) / 2, wide, high)
        painter.setFont(theme.font(TYPE, 600))
        painter.setPen(colours.text)
        room = self.rect().adjusted(theme.px(2), 0, -wide - theme.px(8), 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setPen(QPen(colours.text if self.hasFocus() else colours.muted, 2 if self.hasFocus() else 1))
        painter.setBrush(colours.accent if self.isChecked() else colours.field)
        painter.drawRoundedRect(track, high / 2, high / 2)
        side = theme.px(KNOB)
        left = track.right() - side - theme.px(3) if self.isChecked() else track.left() + theme.px(3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.on_accent if self.isChecked() else colours.muted)
        painter.drawEllipse(QRectF(left, track.center().y() - side / 2, side, side))
