"""The surface of a pane: paints a sheet through the shared view, and turns pointer and keys into intents."""

from __future__ import annotations

import time

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QApplication, QGestureEvent, QPinchGesture, QWidget

from viewer import theme
from viewer.panes.cover import paint_cover
from viewer.panes.drawing import ARROWS, LONG_STEP, Drawing
from viewer.panes.extension import ExtensionPainter
from viewer.panes.link import PaneLink, Transform, wheel_factor
from viewer.panes.overlay import Overlay, paint_overlay
from viewer.panes.sheet import Sheet, SheetPainter
from viewer.panes.values import ValuePainter

KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
PAN_SHARE = 8


class Canvas(QWidget):
    """Shows one sheet at the centre and scale of a ``PaneLink``; positions in its signals are scene points (y, x).

    While it is drawn on, the left button gives ``stroke`` after ``stroke`` and then ``stroke_ended``, and Space does so
    at one pixel; arrow keys go from pixel to pixel. A number typed there ends as ``value_typed``, what is none as
    ``value_refused`` with the sentence that says why.
    """

    hovered = pyqtSignal(float, float)
    left = pyqtSignal()
    clicked = pyqtSignal(float, float)
    nudged = pyqtSignal(int, int)
    pin_requested = pyqtSignal()
    freed = pyqtSignal()
    menu_requested = pyqtSignal(QPoint)
    ruled = pyqtSignal(float, float, float, float)  # from (y, x) to (y, x), while the right button draws a line
    stroke = pyqtSignal(float, float)
    stroke_ended = pyqtSignal()
    value_typed = pyqtSignal(float, float, float)  # y, x, value
    value_refused = pyqtSignal(str)

    def __init__(self, link: PaneLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.link = link
        self._sheet: Sheet | None = None
        self._stand_in: Sheet | None = None
        self._overlay = Overlay()
        self._cover: str | None = None
        self.paint_seconds = 0.0  # that the last painting took
        self._sheets, self._values, self._extension = SheetPainter(), ValuePainter(), ExtensionPainter()
        self.ruling = Qt.MouseButton.NoButton  # the buttons that draw lines
        self._ruled_from: QPointF | None = None
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._dragging = self._inside = self._ring = self._drop_target = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._drawing = Drawing(self)
        self._drawing.show_cursor()
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        link.changed.connect(self._refresh)
        theme.notifier().changed.connect(self.update)

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def sheet(self) -> Sheet | None:
        """The picture of this pane."""
        return self._sheet

    @property
    def shown(self) -> Sheet | None:
        """What is painted: the picture, or what stands in its place; nothing while it is covered."""
        return None if self.is_covered else self._stand_in or self._sheet

    @property
    def overlay(self) -> Overlay:
        """The marks on the picture."""
        return self._overlay

    def set_sheet(self, sheet: Sheet | None) -> None:
        """Show `sheet`."""
        if sheet is not self._sheet:
            self._sheet = sheet
            self._refresh()

    def set_stand_in(self, sheet: Sheet | None) -> None:
        """Show `sheet` in the place of the pane's own; None brings that back."""
        if sheet is not self._stand_in:
            self._stand_in = sheet
            self._refresh()

    def set_extension(self, strips: tuple[Sheet, ...]) -> None:
        """Show these virtual pixels around the picture."""
        if strips != self._extension.strips:
            self._extension.show(strips)
            self._refresh()

    @property
    def is_covered(self) -> bool:
        """True while the picture is not to be seen."""
        return self._cover is not None

    def cover(self, sentence: str | None) -> None:
        """Hide the picture behind a question mark and this sentence; None shows it again."""
        if sentence != self._cover:
            self._cover = sentence
            self._leave()
            self._refresh()

    def set_overlay(self, overlay: Overlay) -> None:
        """Draw these marks over the picture."""
        if overlay != self._overlay:
            self._overlay = overlay
            self._refresh()

    @property
    def is_drawing(self) -> bool:
        """Whether pointer and keys draw."""
        return self._drawing.is_on

    def set_drawing(self, on: bool) -> None:
        """Let the left button and the keys draw, rather than pan and pin."""
        self._drawing.switch(on)

    def refuse_value(self, sentence: str) -> None:
        """The value that ``value_typed`` carried cannot be set: keep what was typed, marked."""
        self._drawing.refuse(sentence)

    def show_now(self) -> None:
        """Paint the picture at once, and with it what else of the window waits to be painted."""
        self.repaint(self.viewport().toAlignedRect())

    def _refresh(self) -> None:
        """The picture has changed, and nothing around it."""
        self.update(self.viewport().toAlignedRect())

    # -- where things are ------------------------------------------------------------------------------------------

    def header_height(self) -> int:
        """Logical pixels at the top that are not for the picture."""
        return 0

    def viewport(self) -> QRectF:
        """The room for the picture, in logical pixels of this widget."""
        top = self.header_height()
        return QRectF(0, top, self.width(), max(0, self.height() - top))

    def view(self) -> Transform:
        """From scene points to device pixels, counted from the corner of this widget."""
        ratio, room = self.devicePixelRatioF(), self.viewport()
        base = self.link.transform(room.width() * ratio, room.height() * ratio)
        return Transform(base.scale, base.left, base.top + round(room.top() * ratio))

    def scene_at(self, position: QPointF) -> QPointF:
        """The scene point under a position of this widget."""
        return self.view().to_scene(position * self.devicePixelRatioF())

    def position_of(self, y: float, x: float) -> QPointF:
        """The position of this widget where the scene point (y, x) is drawn."""
        return self.view().to_device(QPointF(x, y)) / self.devicePixelRatioF()

    # -- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        start = time.perf_counter()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.palette().well)
        ratio, room, view = self.devicePixelRatioF(), self.viewport(), self.view()
        device = QRectF(room.left() * ratio, round(room.top() * ratio), room.width() * ratio, room.height() * ratio)
        sheet = self.shown
        painter.setClipRect(room)
        if sheet is not None:
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            frame = view.rect(sheet.rect)
            self._sheets.paint(painter, sheet, view, device)
            painter.setPen(QPen(theme.palette().line, ratio))
            painter.drawRect(frame.adjusted(-ratio / 2, -ratio / 2, ratio / 2, ratio / 2))
            painter.restore()
            logical = QRectF(frame.topLeft() / ratio, frame.size() / ratio)
            self._values.paint(painter, sheet, logical, room)
            self._extension.paint(painter, view, device, room, ratio)
        if self._cover is not None and self._sheet is not None:
            frame = view.rect(self._sheet.rect)
            paint_cover(painter, QRectF(frame.topLeft() / ratio, frame.size() / ratio), room, self._cover)
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        paint_overlay(painter, self._overlay, view, device, ratio)
        self._drawing.paint(painter, view, ratio)
        painter.restore()
        if self._drop_target or (self._ring and self.hasFocus()):
            painter.setPen(QPen(theme.palette().accent, 2))
            painter.drawRect(room.adjusted(1, 1, -1, -1))
        painter.end()
        self.paint_seconds = time.perf_counter() - start

    # -- size and focus --------------------------------------------------------------------------------------------

    def _announce(self) -> None:
        ratio, room = self.devicePixelRatioF(), self.viewport()
        if self.isVisible():
            self.link.set_viewport(self, room.width() * ratio, room.height() * ratio)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._announce()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._drawing.end()
        self.link.forget(self)
        self._leave()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self._ring = event.reason() in KEYBOARD
        super().focusInEvent(event)  # which updates it

    # -- pointer ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() & self.ruling:
            self._ruled_from = self.scene_at(event.position())
            return
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        self._ring = False
        if self._drawing.press(event):
            return
        self._pressed = self._last = event.position()
        self._dragging = False

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if self._ruled_from is not None and event.buttons() & self.ruling:
            start, end = self._ruled_from, self.scene_at(event.position())
            self.ruled.emit(start.y(), start.x(), end.y(), end.x())
            return
        if self._drawing.move(event):
            self._hover(event.position())
        elif self._pressed is not None and event.buttons() != Qt.MouseButton.NoButton:
            way = event.position() - self._pressed
            if not self._dragging and way.manhattanLength() >= QApplication.startDragDistance():
                self._dragging = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
            if self._dragging:
                step = (event.position() - self._last) * self.devicePixelRatioF()
                self._last = event.position()
                self.link.pan_by(step.x(), step.y())
        else:
            self._hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._ruled_from = None
        if self._drawing.release(event) or self._pressed is None:
            return
        if self._dragging:
            self._drawing.show_cursor()
        elif event.button() == Qt.MouseButton.LeftButton and self._is_on_picture(event.position()):
            point = self.scene_at(event.position())
            self.clicked.emit(point.y(), point.x())
        self._pressed, self._dragging = None, False

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self._leave()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if self._sheet is None and self._stand_in is None:
            return
        delta = event.angleDelta().y() or event.pixelDelta().y()
        if delta:
            self.link.zoom_by(wheel_factor(delta), self.scene_at(event.position()))
            self._hover(event.position())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if not self.ruling & Qt.MouseButton.RightButton or event.reason() != QContextMenuEvent.Reason.Mouse:
            self.menu_requested.emit(event.globalPos())

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._drawing.takes(event):
            event.accept()
            return True
        if isinstance(event, QNativeGestureEvent) and self._native_gesture(event):
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = self.mapFromGlobal(pinch.hotSpot())
                self.link.zoom_by(pinch.scaleFactor(), self.scene_at(at))
                return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._announce()
        return super().event(event)

    def _native_gesture(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.link.zoom_by(max(0.1, 1.0 + event.value()), self.scene_at(event.position()))
            return True
        if event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
            self.link.fit()
            return True
        return False

    def _is_on_picture(self, position: QPointF) -> bool:
        sheet = self.shown
        if sheet is None or not self.viewport().contains(position):
            return False
        point = self.scene_at(position)
        return sheet.pixel_at(point.y(), point.x()) is not None

    def _hover(self, position: QPointF) -> None:
        if self._is_on_picture(position):
            point = self.scene_at(position)
            self._drawing.hover(self.shown.pixel_at(point.y(), point.x()))
            self.read_at(point)
        else:
            self._leave()

    def read_at(self, point: QPointF) -> None:
        """Say that the pixel at a scene point is read, under the pointer or by keys."""
        self._inside = True
        self.hovered.emit(point.y(), point.x())

    def _leave(self) -> None:
        if self._inside:
            self._inside = False
            self._drawing.hover(None)
            self.left.emit()

    # -- keys ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        plain = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        is_ours = plain == Qt.KeyboardModifier.NoModifier and (
            self._drawing.act_on(event) or self._act_on(Qt.Key(event.key()), event.modifiers())
        )
        if not is_ours:
            event.ignore()
            return
        self._ring = True
        self.update()

    def _act_on(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what `key` stands for; False if it stands for nothing here."""
        if key in ARROWS:
            self._arrow(*ARROWS[key], long=bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_F, Qt.Key.Key_0):
            self.link.fit()
        elif key == Qt.Key.Key_1:
            self.link.zoom_to(1.0, self._zoom_anchor())
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.link.zoom_step(1, self._zoom_anchor())
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.link.zoom_step(-1, self._zoom_anchor())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pin_requested.emit()
        elif key == Qt.Key.Key_Escape and self._overlay.pinned:
            self.freed.emit()
        else:
            return False
        return True

    def _arrow(self, down: int, right: int, *, long: bool) -> None:
        if self._overlay.pinned:
            length = LONG_STEP if long else 1
            self.nudged.emit(down * length, right * length)
            return
        room, ratio = self.viewport(), self.devicePixelRatioF()
        share = PAN_SHARE / 4 if long else PAN_SHARE
        self.link.pan_by(-right * room.width() * ratio / share, -down * room.height() * ratio / share)

    def _zoom_anchor(self) -> QPointF | None:
        """Keys zoom about the pinned pixel while it is in sight, else about the middle."""
        point = self._overlay.point
        if not self._overlay.pinned or point is None or not self.viewport().contains(self.position_of(*point)):
            return None
        return QPointF(point[1], point[0])
