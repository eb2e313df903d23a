"""Drawing on a canvas: what pointer and keys do there in place of panning and pinning."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QCursor, QKeyEvent, QMouseEvent, QPainter, QPen, QPixmap, QPolygonF

from viewer import theme
from viewer.panes.link import Transform
from viewer.panes.pixel_edit import PixelEdit
from viewer.widgets.numbers import MINUS

if TYPE_CHECKING:
    from viewer.panes.canvas import Canvas

ARROWS = {
    Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
}  # fmt: skip
LONG_STEP = 10
FIRST_SIGNS = frozenset("0123456789.-" + MINUS)
"""What a number can begin with."""
PENCIL = ((2, 22), (4, 15), (15, 4), (20, 9), (9, 20))
"""Corners of the pointer's shape in a square of 24 pixels; it draws with the first."""

Pixel = tuple[int, int]


class Drawing(QObject):
    """Strokes of the pointer, and the pixel that keys paint: the one they went to, else the pinned or hovered one."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._is_on = self._is_down = self._by_keys = False
        self._pixel: Pixel | None = None
        self._field: PixelEdit | None = None
        canvas.link.changed.connect(self._place_field)

    @property
    def is_on(self) -> bool:
        """Whether the canvas is drawn on."""
        return self._is_on

    @property
    def _is_typing(self) -> bool:
        return self._field is not None and self._field.is_open

    def switch(self, on: bool) -> None:
        """Begin or end drawing."""
        if on == self._is_on:
            return
        if not on:
            self.end()
        self._is_on = on
        self._pixel, self._by_keys = None, False
        self.show_cursor()
        self._canvas.update()

    def show_cursor(self) -> None:
        """The pointer's shape while nothing is dragged."""
        self._canvas.setCursor(_pencil() if self._is_on else QCursor(Qt.CursorShape.CrossCursor))

    def end(self) -> None:
        """The stroke is over, and nothing more is typed."""
        if self._is_down:
            self._is_down = False
            self._canvas.stroke_ended.emit()
        if self._is_typing:
            self._field.close_field()

    # -- pointer ---------------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent | None) -> bool:
        """Begin a stroke; False if that is not what this button does."""
        inside = self._canvas.viewport().contains(event.position())
        if not self._is_on or event.button() != Qt.MouseButton.LeftButton or self._canvas.shown is None or not inside:
            return False
        self._is_down = True
        self._draw_at(event.position())
        return True

    def move(self, event: QMouseEvent | None) -> bool:
        """Go on with the stroke; False if there is none."""
        if self._is_down:
            self._draw_at(event.position())
        return self._is_down

    def release(self, event: QMouseEvent | None) -> bool:
        """End the stroke; False if there is none."""
        if not self._is_down or event.button() != Qt.MouseButton.LeftButton:
            return False
        self.end()
        return True

    def hover(self, pixel: Pixel | None) -> None:
        """The pointer is over a pixel, or over none."""
        if self._is_on and not self._is_typing:
            was_by_keys, self._by_keys = self._by_keys, False
            self._pixel = pixel
            if was_by_keys:
                self._canvas.update()

    def _draw_at(self, position: QPointF) -> None:
        point = self._canvas.scene_at(position)
        self._canvas.stroke.emit(point.y(), point.x())

    # -- keys ------------------------------------------------------------------------------------------------------

    def takes(self, event: QKeyEvent | None) -> bool:
        """Whether a key, alone or with Shift, does something here, whatever else it does in the window."""
        plain = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if not self._is_on or self._canvas.shown is None or plain != Qt.KeyboardModifier.NoModifier:
            return False
        return Qt.Key(event.key()) in (*ARROWS, Qt.Key.Key_Space) or event.text() in FIRST_SIGNS

    def act_on(self, event: QKeyEvent | None) -> bool:
        """Do what a key stands for; False if it stands for nothing here."""
        if not self.takes(event):
            return False
        key = Qt.Key(event.key())
        if key in ARROWS:
            length = LONG_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._step(*(length * each for each in ARROWS[key]))
        elif key == Qt.Key.Key_Space:
            self._paint()
        else:
            self._type(event.text())
        return True

    def _target(self) -> Pixel | None:
        """The pixel that keys paint."""
        sheet, overlay = self._canvas.shown, self._canvas.overlay
        if sheet is None:
            return None
        marked = None if overlay.point is None else sheet.pixel_at(*overlay.point)
        chosen = marked if overlay.pinned and not self._by_keys else self._pixel or marked
        return None if chosen is None else self._inside(*chosen)

    def _inside(self, i: int, j: int) -> Pixel:
        """The nearest pixel that there is."""
        rows, columns = self._canvas.shown.shape
        return min(max(i, 0), rows - 1), min(max(j, 0), columns - 1)

    def _middle(self, pixel: Pixel) -> QPointF:
        return self._canvas.shown.pixel_rect(*pixel).center()

    def _step(self, down: int, right: int) -> None:
        """Go on from the pixel; the first step shows it where there was none."""
        target, sheet, centre = self._target(), self._canvas.shown, self._canvas.link.centre
        if target is None:
            height, width = sheet.step
            down, right = 0, 0
            target = (
                math.floor((centre.y() - sheet.rect.top()) / height),
                math.floor((centre.x() - sheet.rect.left()) / width),
            )
        self._pixel, self._by_keys = self._inside(target[0] + down, target[1] + right), True
        middle = self._middle(self._pixel)
        self._canvas.link.reveal(middle)
        self._canvas.read_at(middle)
        self._canvas.update()

    def _paint(self) -> None:
        target = self._target()
        if target is not None:
            middle = self._middle(target)
            self._canvas.stroke.emit(middle.y(), middle.x())
            self._canvas.stroke_ended.emit()

    def paint(self, painter: QPainter, view: Transform, ratio: float) -> None:
        """Mark the pixel that the keys went to; the painter counts device pixels."""
        if self._pixel is None or not self._by_keys or self._canvas.shown is None:
            return
        box = view.rect(self._canvas.shown.pixel_rect(*self._inside(*self._pixel)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        accent = theme.palette().accent
        for colour, width in ((theme.ink_on(accent), 4 * ratio), (accent, 2 * ratio)):
            painter.setPen(QPen(colour, width, join=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(box)

    # -- a value that is typed -------------------------------------------------------------------------------------

    def refuse(self, sentence: str) -> None:
        """The value that was typed cannot be set."""
        if self._field is not None:
            self._field.refuse(sentence)

    def _type(self, text: str) -> None:
        target = self._target()
        if target is None:
            return
        if self._field is None:
            self._field = PixelEdit(self._canvas)
            self._field.committed.connect(self._commit)
            self._field.refused.connect(self._canvas.value_refused)
        self._pixel, self._by_keys = target, True
        self._place_field()
        self._field.open(text)
        self._canvas.update()

    def _commit(self, value: float, down: int, right: int) -> None:
        if self._pixel is None or self._canvas.shown is None:
            return
        middle = self._middle(self._inside(*self._pixel))
        self._canvas.value_typed.emit(middle.y(), middle.x(), value)
        if self._field is not None and not self._field.is_marked:
            self._field.close_field()
            if (down, right) != (0, 0):
                self._step(down, right)

    def _place_field(self) -> None:
        if self._field is None or self._pixel is None or self._canvas.shown is None:
            return
        rect = self._canvas.shown.pixel_rect(*self._pixel)
        corners = [self._canvas.position_of(each.y(), each.x()) for each in (rect.topLeft(), rect.bottomRight())]
        self._field.place(QRectF(*corners), self._canvas.viewport())


def _pencil() -> QCursor:
    """A small pencil that points down to the left, readable on any ground."""
    picture = QPixmap(24, 24)
    picture.fill(QColor(0, 0, 0, 0))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#14161a"), 1.5, join=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(QColor("#ffffff"))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in PENCIL]))
    painter.setBrush(QColor("#14161a"))
    painter.drawPolygon(QPolygonF([QPointF(2, 22), QPointF(3, 18), QPointF(6, 21)]))
    painter.end()
    return QCursor(picture, *PENCIL[0])
