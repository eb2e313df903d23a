"""The thin lines that join a small box in a whole picture with its close-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen, QPolygonF, QRegion
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.panes.marks import FRAME, grown, paint_frame

SMALLEST_BOX = 18
LINE = 1.25
Side = Literal["right", "left", "below", "above"]
Joint = tuple[QRectF, QRectF, Side]
"""The small box, the large one, and where the large one lies."""
_CORNERS: dict[Side, tuple[tuple[int, int], ...]] = {
    "right": ((1, 0), (1, 1), (0, 0), (0, 1)),
    "left": ((0, 0), (0, 1), (1, 0), (1, 1)),
    "below": ((0, 1), (1, 1), (0, 0), (1, 0)),
    "above": ((0, 0), (1, 0), (0, 1), (1, 1)),
}
"""The corners that are joined, as shares of width and height: two of the small box, then two of the large one."""


class Lines(QWidget):
    """Lies over its parent, as large as that, and lets the pointer through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("closeUpLines")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._joints: tuple[Joint, ...] = ()
        parent.installEventFilter(self)
        self.setGeometry(parent.rect())
        theme.follow(self.update)

    def show_lines(self, joints: Sequence[Joint]) -> None:
        """Draw these, in logical pixels of this widget; a small box that is hardly seen is drawn larger."""
        joints = tuple(joints)
        if joints != self._joints:
            before, self._joints = self._joints, joints
            self.raise_()
            self.update(self._region(before).united(self._region(joints)))

    def _region(self, joints: Sequence[Joint]) -> QRegion:
        """Where `joints` are drawn; what lies below the rest need not be painted anew."""
        region, reach = QRegion(), theme.px(SMALLEST_BOX)
        for small, large, side in joints:
            box = grown(small, reach).adjusted(-reach, -reach, reach, reach)
            _first, _second, third, fourth = corners(box, large, side)
            touched = box.united(QRectF(third, fourth).normalized().adjusted(-reach, -reach, reach, reach))
            inside = large.adjusted(reach, reach, -reach, -reach).toAlignedRect()
            region += QRegion(touched.toAlignedRect()).subtracted(QRegion(inside))
        return region

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.parent() and event is not None and event.type() == QEvent.Type.Resize:
            self.setGeometry(self.parentWidget().rect())
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        gold = theme.palette().crosshair
        dark = QColor(0, 0, 0, 40)
        frame = theme.px(FRAME)
        for small, large, side in self._joints:
            box = grown(small, theme.px(SMALLEST_BOX))
            first, second, third, fourth = corners(box.adjusted(-frame, -frame, frame, frame), large, side)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_tint(box.center(), (third + fourth) / 2))
            painter.drawPolygon(QPolygonF([first, second, fourth, third]))
            for colour, width in ((dark, 2.4 * LINE), (gold, LINE)):
                painter.setPen(QPen(colour, width * theme.scale()))
                painter.drawLine(first, third)
                painter.drawLine(second, fourth)
        for small, _large, _side in self._joints:
            paint_frame(painter, grown(small, theme.px(SMALLEST_BOX)), frame)


def _tint(start: QPointF, end: QPointF) -> QLinearGradient:
    """A breath of gold that leaves the picture about the small box as it is."""
    made = QLinearGradient(start, end)
    for at, strength in ((0.0, 0.0), (1.0, 0.1)):
        colour = QColor(theme.palette().crosshair)
        colour.setAlphaF(strength)
        made.setColorAt(at, colour)
    return made


def corners(small: QRectF, large: QRectF, side: Side) -> tuple[QPointF, QPointF, QPointF, QPointF]:
    """Where the two lines begin and where they end."""
    first, second, third, fourth = _CORNERS[side]
    return _corner(small, *first), _corner(small, *second), _corner(large, *third), _corner(large, *fourth)


def _corner(rect: QRectF, across: int, down: int) -> QPointF:
    return QPointF(rect.left() + across * rect.width(), rect.top() + down * rect.height())
