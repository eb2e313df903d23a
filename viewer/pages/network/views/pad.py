"""The pad: drawn on with mouse, pen, finger or keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.widgets import describe
from viewer.widgets.base import single_shot

Points = tuple[tuple[float, float], ...]
Key = Qt.Key
MOVES = {Key.Key_Left: (0, -1), Key.Key_Right: (0, 1), Key.Key_Up: (-1, 0), Key.Key_Down: (1, 0)}
STEPS, COARSE = 28, 4
"""Steps of the keyboard's pen across the pad, and how many it makes at once with Shift."""
LEAST, MOST = 120, 208
INK = QColor("#ffffff")


class DrawPad(QWidget):
    """A square of `side` units a side; Qt makes mouse events of what pen and finger do.

    ``stroke_changed(points)`` carries the stroke that is being drawn, (y, x) pairs in units of the pad, once all moves
    that wait are taken in, and ``stroke_ended`` says that it is complete. Strokes stand on black unless a picture is
    shown behind them; where one is, the next stroke begins a drawing in its place.
    """

    stroke_changed = pyqtSignal(tuple)
    stroke_ended = pyqtSignal()
    cleared = pyqtSignal()

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(
            self,
            "drawPad",
            self.tr("Pad to draw a digit on"),
            self.tr(
                "Draw a digit with mouse, pen or finger; or move the pen with the arrow keys, set it down and lift it"
                " with Space, and clear the pad with Delete"
            ),
        )
        self._side, self._brush = side, 1
        self._strokes: tuple[tuple[Points, int], ...] = ()
        self._picture: NDArray[np.uint8] | None = None
        self._stroke: Points = ()  # that is being drawn
        self._grown = single_shot(self, 0, lambda: self.stroke_changed.emit(self._stroke))
        self._cursor = side / 2, side / 2
        self._is_down = False  # the pen that keys move
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.follow(self._rescale)

    # Setters -------------------------------------------------------------------------------------------------

    def show_strokes(self, strokes: Sequence[tuple[Points, int]], brush: int) -> None:
        """Show a drawing, each stroke with its width, and draw on with a pen of the width `brush`."""
        self._strokes, self._brush, self._picture = tuple(strokes), brush, None
        self._tell()

    def show_picture(self, picture: NDArray[np.uint8], brush: int) -> None:
        """Show a picture, (h, w) or (h, w, 3), in place of a drawing."""
        self._strokes, self._brush, self._picture = (), brush, picture
        self._tell()

    def _tell(self) -> None:
        count = len(self._strokes)
        drawn = self.tr("a picture") if self._picture is not None else self.tr("{n} strokes").format(n=count)
        pen = self.tr("pen down") if self._is_down else self.tr("pen up")
        y, x = (round(each / self._side * STEPS) for each in self._cursor)
        self.setAccessibleDescription(self.tr("{drawn}; {pen} at row {y}, column {x}").format(
            drawn=drawn, pen=pen, y=y, x=x))  # fmt: skip
        self.update()

    # Drawing -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._lift()
            self._take_every_move(True)
            self._draw_to(self._place(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._stroke:
            self._draw_to(self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._end()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key = Key(event.key())
        if key in MOVES:
            step = self._side / STEPS * (COARSE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            y, x = (
                min(max(at + step * way, 0.0), self._side) for at, way in zip(self._cursor, MOVES[key], strict=True)
            )
            self._cursor = y, x
            if self._is_down:
                self._draw_to(self._cursor)
        elif key == Key.Key_Space and not event.isAutoRepeat():
            if self._is_down:
                self._lift()
            else:
                self._is_down = True
                self._draw_to(self._cursor)
        elif key == Key.Key_Escape and self._is_down:
            self._lift()
        elif key in (Key.Key_Delete, Key.Key_Backspace):
            self._lift()
            self.cleared.emit()
        else:
            super().keyPressEvent(event)
            return
        self._tell()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self._lift()

    def _draw_to(self, place: tuple[float, float]) -> None:
        if self._stroke and place == self._stroke[-1]:
            return
        self._stroke = (*self._stroke, place)
        self._cursor = self._held(place[0]), self._held(place[1])
        self.update()
        self._grown.start()

    def _held(self, at: float) -> float:
        """A row or column inside the pad."""
        return min(max(at, 0.0), self._side)

    def _lift(self) -> None:
        self._is_down = False
        self._end()

    def _end(self) -> None:
        self._take_every_move(False)
        if self._grown.isActive():
            self._grown.stop()
            self.stroke_changed.emit(self._stroke)
        if self._stroke:
            self._stroke = ()
            self._tell()
            self.stroke_ended.emit()

    @staticmethod
    def _take_every_move(every: bool) -> None:
        """Let Qt hand over every move that waits, or only the last of them: a fast stroke is to keep its bends."""
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, not every)

    # Where everything stands ---------------------------------------------------------------------------------

    def _square(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _place(self, point: QPointF) -> tuple[float, float]:
        room = self._square()
        scale = self._side / max(1.0, room.width())
        return (point.y() - room.top()) * scale, (point.x() - room.left()) * scale

    def _rescale(self) -> None:
        self.setMaximumHeight(theme.px(MOST))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(MOST), theme.px(MOST))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(LEAST), theme.px(LEAST))

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room, colours = self._square(), theme.palette()
        painter.setClipRect(room)
        painter.fillRect(room, QColor("#000000"))
        if self._picture is not None and not self._stroke:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._picture.shape[0] > self._side // 2)
            painter.drawImage(room, to_qimage(self._picture))
        scale = room.width() / self._side
        painter.setPen(QPen(QColor(255, 255, 255, 36), 1))
        middle = room.center()
        painter.drawLine(QPointF(middle.x(), room.top()), QPointF(middle.x(), room.bottom()))
        painter.drawLine(QPointF(room.left(), middle.y()), QPointF(room.right(), middle.y()))
        painter.save()
        painter.translate(room.topLeft())
        painter.scale(scale, scale)
        for points, width in (*self._strokes, *self._coming()):
            cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
            painter.setPen(QPen(INK, width, Qt.PenStyle.SolidLine, cap, join))
            line = [QPointF(x, y) for y, x in points]
            painter.drawPolyline(QPolygonF(line)) if len(line) > 1 else painter.drawPoint(line[0])
        painter.restore()
        if self.hasFocus():
            self._paint_cursor(painter, room, scale)
        painter.setClipping(False)
        painter.setPen(QPen(colours.accent if self.hasFocus() else colours.line, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(room.adjusted(0.5, 0.5, -0.5, -0.5))

    def _coming(self) -> tuple[tuple[Points, int], ...]:
        """The stroke that is being drawn, where it is further on than the one that is shown."""
        is_shown = bool(self._strokes) and self._strokes[-1][0] == self._stroke
        return ((self._stroke, self._brush),) if self._stroke and not is_shown else ()

    def _paint_cursor(self, painter: QPainter, room: QRectF, scale: float) -> None:
        """Where the keyboard's pen stands: gold, filled while it is down."""
        gold = theme.palette().crosshair
        centre = QPointF(room.left() + self._cursor[1] * scale, room.top() + self._cursor[0] * scale)
        radius = max(3.0, self._brush * scale / 2)
        painter.setPen(QPen(gold, max(1.5, theme.px(1.5))))
        painter.setBrush(gold if self._is_down else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, radius, radius)
