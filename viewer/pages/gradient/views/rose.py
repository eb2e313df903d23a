"""The orientation histogram as a rose: how much gradient points where."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.pages.gradient.views.pane import TitleButtons
from viewer.pages.gradient.views.wheel import paint_angles
from viewer.panes.title_row import HEIGHT, TitleRow
from viewer.widgets import describe, format_number

MARGIN = 24
LARGEST = 340
RINGS = (0.25, 0.5, 0.75, 1.0)
LABEL_ROOM = 34
TEXT_WIDTH = 170
ARC_STEPS = 4
SEPARATED = 90.0


class RosePane(QWidget):
    """A petal for each sector, its area the share of all magnitudes that point there, its colour the direction's."""

    maximise_requested = pyqtSignal()
    menu_requested = pyqtSignal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("How much gradient points where: each petal's area is the sum of the magnitudes in its direction")
        describe(self, "gradientRosePane", self.tr("Orientations"), tip)
        self.title = TitleRow(self)
        self.title.setObjectName("gradientRoseTitle")
        self.title.set_title(self.tr("Orientations"), self.tr("weighted by magnitude"), "", "")
        self.buttons = TitleButtons(self, "gradientRose")
        self._weights: NDArray[np.float64] = np.zeros(0)
        self._sectors: NDArray[np.float64] = np.zeros(0)
        self._colours: NDArray[np.uint8] = np.zeros((0, 3), np.uint8)
        self._lines: tuple[str, ...] = ()
        self._under: int | None = None
        self._angle: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        theme.follow(self._arrange)

    @property
    def weights(self) -> NDArray[np.float64]:
        """The sum of magnitudes in each sector."""
        return self._weights

    def set_rose(
        self,
        weights: NDArray[np.float64],
        sectors: NDArray[np.float64],
        colours: NDArray[np.uint8],
        lines: tuple[str, ...],
    ) -> None:
        """Show the sectors with these middles in degrees, and beside them, where there is room, some sentences."""
        self._weights, self._sectors, self._colours, self._lines = weights, sectors, colours, lines
        self.setAccessibleDescription(" ".join(lines))
        self.update()

    def clear(self) -> None:
        """Show no petals."""
        self._mark_sector(None)
        self.set_rose(np.zeros(0), np.zeros(0), np.zeros((0, 3), np.uint8), ())

    def set_angle(self, angle: float | None) -> None:
        """Mark the direction that is read."""
        angle = None if angle is None or not math.isfinite(angle) else angle
        if angle != self._angle:
            self._angle = angle
            self.update()

    def share_text(self, sector: int) -> str:
        """How much of all magnitudes points into a sector."""
        total = float(self._weights.sum())
        share = 100.0 * float(self._weights[sector]) / total if total > 0 else 0.0
        return self.tr("{angle}°: {share} % of all magnitudes").format(
            angle=format_number(round(float(self._sectors[sector]), 1)), share=f"{share:.1f}"
        )

    def picture(self, side: int = 1200) -> QImage:
        """The rose alone, in the colours of the theme."""
        image = QImage(side, side, QImage.Format.Format_RGB888)
        image.fill(theme.palette().well)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = side / 300
        painter.scale(scale, scale)
        self._paint_rose(painter, QPointF(150, 150), 150.0 - MARGIN)
        painter.end()
        return image

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.palette().well)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, radius = self._disc()
        if radius > 8:
            self._paint_rose(painter, middle, radius)
        if self._text_beside():
            self._paint_lines(painter, middle.x() + radius + theme.px(LABEL_ROOM))

    def _room(self) -> QRectF:
        top = theme.px(HEIGHT)
        return QRectF(0, top, self.width(), max(0, self.height() - top))

    def _text_beside(self) -> bool:
        room = self._room()
        most = min(room.height(), 2.0 * theme.px(LARGEST)) + 2 * (theme.px(LABEL_ROOM) - theme.px(MARGIN))
        return bool(self._lines) and room.width() >= most + theme.px(TEXT_WIDTH)

    def _disc(self) -> tuple[QPointF, float]:
        room = self._room()
        radius = min(room.width() / 2 - theme.px(LABEL_ROOM), room.height() / 2 - theme.px(MARGIN), theme.px(LARGEST))
        if not self._text_beside():
            return room.center(), radius
        whole = 2 * (radius + theme.px(LABEL_ROOM)) + theme.px(TEXT_WIDTH)
        return QPointF(room.center().x() - whole / 2 + theme.px(LABEL_ROOM) + radius, room.center().y()), radius

    def _paint_rose(self, painter: QPainter, middle: QPointF, radius: float) -> None:
        colours = theme.palette()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.line, 1))
        for ring in RINGS:
            painter.drawEllipse(middle, radius * ring, radius * ring)
        painter.drawLine(middle - QPointF(radius, 0), middle + QPointF(radius, 0))
        painter.drawLine(middle - QPointF(0, radius), middle + QPointF(0, radius))
        most = float(self._weights.max()) if self._weights.size else 0.0
        if most > 0:
            self._paint_petals(painter, middle, radius, most)
        if self._angle is not None:
            turn = math.radians(self._angle)
            painter.setPen(QPen(colours.crosshair, max(1.5, theme.px(1.5))))
            painter.drawLine(middle, middle + QPointF(math.cos(turn), math.sin(turn)) * radius)
        paint_angles(painter, middle, radius + theme.px(4))

    def _paint_petals(self, painter: QPainter, middle: QPointF, radius: float, most: float) -> None:
        half = math.pi / len(self._weights)
        for number, (weight, sector) in enumerate(zip(self._weights, self._sectors, strict=True)):
            # The area of a petal grows with the square of its length.
            length = radius * math.sqrt(weight / most)
            if length < 0.5:
                continue
            turn = math.radians(float(sector))
            angles = np.linspace(turn - half, turn + half, ARC_STEPS + 1)
            rim = [middle + QPointF(math.cos(a), math.sin(a)) * length for a in angles]
            colour = QColor(*(int(part) for part in self._colours[number]))
            painter.setBrush(colour.lighter(125) if number == self._under else colour)
            if number == self._under:
                painter.setPen(QPen(theme.palette().text, 1.5))
            else:
                # A hairline of the ground tells neighbours apart where there is room for it.
                painter.setPen(QPen(theme.palette().well, 0.6) if radius > SEPARATED else QPen(colour, 0.4))
            painter.drawPolygon(QPolygonF([middle, *rim]))

    def _paint_lines(self, painter: QPainter, left: float) -> None:
        painter.setFont(theme.font(12))
        painter.setPen(theme.palette().muted)
        room = self._room()
        where = QRectF(left, room.top(), room.right() - left - theme.px(8), room.height())
        flags = Qt.AlignmentFlag.AlignVCenter.value | Qt.AlignmentFlag.AlignLeft.value | Qt.TextFlag.TextWordWrap.value
        painter.drawText(where, flags, "\n".join(self._lines))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        self._point_at(event.position())

    def leaveEvent(self, event: object) -> None:
        self._mark_sector(None)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        super().enterEvent(event)
        self._point_at(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        self.maximise_requested.emit()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        self.menu_requested.emit(event.globalPos())

    def _point_at(self, position: QPointF) -> None:
        middle, radius = self._disc()
        way = position - middle
        if not self._weights.size or math.hypot(way.x(), way.y()) > radius:
            self._mark_sector(None)
            return
        away = np.abs((self._sectors - math.degrees(math.atan2(way.y(), way.x())) + 180.0) % 360.0 - 180.0)
        self._mark_sector(int(away.argmin()))

    def _mark_sector(self, sector: int | None) -> None:
        if sector == self._under:
            return
        self._under = sector
        facts = self.tr("weighted by magnitude") if sector is None else self.share_text(sector)
        self.title.set_title(self.tr("Orientations"), facts, "", "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(230), theme.px(230))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        self.title.setGeometry(0, 0, self.width(), theme.px(HEIGHT))
        self.update()
