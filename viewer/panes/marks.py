"""What every picture is marked with: the gold frame that means "here", and the hatch of what is still covered."""

from __future__ import annotations

from functools import lru_cache

from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform

from viewer import theme

# Logical pixels of the design.
HATCH, HATCH_LINE = 12, 2.2
FRAME, HALO, ROUND = 4, 2, 5


def hatch(painter: QPainter, colour: QColor, side: float, line: float) -> QBrush:
    """Slanted lines `line` wide, `side` apart across and down, sharp at every resolution of the painter's device."""
    device = painter.device()
    scale = painter.worldTransform().m11() * (1.0 if device is None else device.devicePixelRatioF())
    brush = QBrush(_tile(colour.rgba(), max(3, round(side * scale)), line * scale))
    brush.setTransform(QTransform.fromScale(1 / scale, 1 / scale))
    return brush


def fill_covered(painter: QPainter, rect: QRectF, unit: float = 1.0) -> None:
    """Paint `rect` as a place that nothing is told of yet; the painter counts `unit` to a logical pixel."""
    colours = theme.palette()
    painter.fillRect(rect, colours.well)
    line = theme.mixed(colours.well, colours.line, 0.85)
    painter.fillRect(rect, hatch(painter, line, theme.px(HATCH) * unit, HATCH_LINE * theme.scale() * unit))


def paint_frame(painter: QPainter, box: QRectF, width: float, unit: float = 1.0) -> None:
    """A gold frame around `box`, which stays free, between lines of the ground's colour: it shows on any picture."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    colours, inner, outer = theme.palette(), unit, HALO * unit
    for colour, near, far in ((colours.ground, -inner, width + outer), (colours.crosshair, 0.0, width)):
        out = (near + far) / 2
        painter.setPen(QPen(colour, far - near))
        painter.drawRoundedRect(box.adjusted(-out, -out, out, out), ROUND * unit, ROUND * unit)
    painter.restore()


def grown(rect: QRectF, side: float) -> QRectF:
    """`rect`, grown about its centre until neither side is shorter than `side`."""
    x, y = max(0.0, side - rect.width()) / 2, max(0.0, side - rect.height()) / 2
    return rect.adjusted(-x, -y, x, y)


@lru_cache(maxsize=32)
def _tile(colour: int, side: int, line: float) -> QImage:
    """One period of the hatch."""
    tile = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # Across the main diagonal the lines of three neighbouring tiles meet.
    painter.setPen(QPen(QColor.fromRgba(colour), line))
    for shift in (-side, 0, side):
        painter.drawLine(QLineF(shift - side, 2 * side, shift + 2 * side, -side))
    painter.end()
    return tile
