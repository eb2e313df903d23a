"""The legend of the directions: a disc of every colour in its place, and the gradient that is read as an arrow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.gradient.views.arrows import arrow
from viewer.widgets import describe

HEIGHT = 128
DIAMETER = 98
LABELS = ((0, "0°"), (90, "90°"), (180, "180°"), (-90, "−90°"))


class DirectionWheel(QWidget):
    """0° at the right, 90° at the bottom, as on the picture; the middle is magnitude 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("The colour of every direction: 0° is right, 90° is down; brightness is magnitude")
        describe(self, "gradientWheel", self.tr("Colours of the directions"), tip)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._disc: NDArray[np.uint8] | None = None
        self._image = QImage()
        self._mark: tuple[float, float] | None = None

    @property
    def mark(self) -> tuple[float, float] | None:
        """The arrow on the disc: degrees, and its length from 0 to 1."""
        return self._mark

    def set_disc(self, disc: NDArray[np.uint8]) -> None:
        """Show `disc`, uint8 (side, side, 4)."""
        if disc is self._disc:
            return
        self._disc = np.ascontiguousarray(disc)
        side = self._disc.shape[0]
        self._image = QImage(self._disc.data, side, side, 4 * side, QImage.Format.Format_RGBA8888)  # type: ignore[call-overload]
        self.update()

    def set_mark(self, angle: float | None, share: float = 0.0) -> None:
        """Point at `angle` degrees with `share` of the radius; None points nowhere."""
        mark = None if angle is None or not math.isfinite(angle) else (angle, min(max(share, 0.0), 1.0))
        if mark != self._mark:
            self._mark = mark
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(HEIGHT), theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        radius, middle = theme.px(DIAMETER) / 2, QPointF(self.width() / 2, self.height() / 2)
        if not self._image.isNull():
            painter.drawImage(QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius), self._image)
        paint_angles(painter, middle, radius + theme.px(3))
        if self._mark is not None:
            angle, share = math.radians(self._mark[0]), self._mark[1]
            tip = middle + QPointF(math.cos(angle), math.sin(angle)) * max(radius * share, theme.px(7))
            for colour, width in ((QColor(0, 0, 0, 150), theme.px(4)), (QColor("#ffffff"), theme.px(1.8))):
                painter.setPen(QPen(colour, width, cap=Qt.PenCapStyle.RoundCap, join=Qt.PenJoinStyle.RoundJoin))
                painter.drawLines(*arrow(middle, tip, theme.px(5)))


def paint_angles(painter: QPainter, middle: QPointF, away: float) -> None:
    """Write the four main directions around a disc, so far from its middle."""
    painter.setFont(theme.font(10.5))
    painter.setPen(theme.palette().muted)
    metrics = painter.fontMetrics()
    for degrees, text in LABELS:
        width, height, turn = metrics.horizontalAdvance(text) + 2, metrics.height(), math.radians(degrees)
        x = middle.x() + math.cos(turn) * (away + width / 2)
        y = middle.y() + math.sin(turn) * (away + height / 2)
        painter.drawText(QRectF(x - width / 2, y - height / 2, width, height), Qt.AlignmentFlag.AlignCenter, text)
