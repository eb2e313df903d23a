"""The extension that the padding puts around a picture: virtual pixels, hatched, with their numbers where these fit."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter

from viewer import theme
from viewer.panes.link import Transform
from viewer.panes.sheet import Sheet, SheetPainter
from viewer.panes.values import ValuePainter

THINNEST = 2.0
"""Device pixels below which a strip is not drawn: it would be taken for the frame of the picture."""


class ExtensionPainter:
    """Draws the strips around a picture; each keeps what it reduced for the screen."""

    def __init__(self) -> None:
        self._strips: list[tuple[Sheet, SheetPainter]] = []
        self._values = ValuePainter()

    def show(self, strips: Sequence[Sheet]) -> None:
        """Draw these from now on."""
        self._strips = [(strip, SheetPainter()) for strip in strips]

    @property
    def strips(self) -> tuple[Sheet, ...]:
        """What is drawn."""
        return tuple(strip for strip, _painter in self._strips)

    def paint(self, painter: QPainter, view: Transform, device: QRectF, room: QRectF, ratio: float) -> None:
        """Draw what is in sight; `device` is the room in device pixels, the painter counts logical ones."""
        for strip, sheets in self._strips:
            frame = view.rect(strip.rect)
            if min(strip.rect.width(), strip.rect.height()) * view.scale < THINNEST or not frame.intersects(device):
                continue
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            sheets.paint(painter, strip, view, device)
            hatch = QColor(theme.palette().muted)
            hatch.setAlphaF(0.5)
            painter.fillRect(frame.intersected(device), QBrush(hatch, Qt.BrushStyle.BDiagPattern))
            painter.restore()
            self._values.paint(painter, strip, QRectF(frame.topLeft() / ratio, frame.size() / ratio), room)
