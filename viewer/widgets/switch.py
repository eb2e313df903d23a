"""What is on or off: a check box, and a large switch."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QAbstractButton, QCheckBox, QStyle, QStyleOptionButton, QWidget

from viewer import theme
from viewer.widgets.base import PlainToolTip, blocked, describe

TRACK, KNOB, TYPE = (40, 24), 18, 16
TICK = (0.24, 0.52), (0.43, 0.71), (0.77, 0.31)
"""The corners of a tick, as shares of its box."""


class CheckBox(PlainToolTip, QCheckBox):
    """A check box with its name; what is on has a tick, not a colour alone."""

    def __init__(self, object_name: str, name: str, tool_tip: str) -> None:
        super().__init__(name)
        describe(self, object_name, name, tool_tip)

    def show_checked(self, is_on: bool) -> None:
        """Be on or off, without announcing it."""
        with blocked(self):
            self.setChecked(is_on)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.palette().on_accent, 0.13 * box.width()))
        corners = (QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in TICK)
        painter.drawPolyline(QPolygonF(corners))


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
