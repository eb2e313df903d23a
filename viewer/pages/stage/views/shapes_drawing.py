"""The drawing of shapes: the window on the padded input, and the output that it makes."""

from __future__ import annotations

from PyQt6.QtCore import QAbstractAnimation, QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.stage.views.lower import TEXT
from viewer.pages.stage.views.shapes_layout import Line, Shape
from viewer.pages.stage.views.shapes_scene import Part, Plan, Scene, cell_size, corners, moving, plan_of, scene_of
from viewer.widgets import describe

DURATION = 250
"""Milliseconds in which one shape moves into another."""
HEAD = 28
"""Room for the names above."""


class ShapesDrawing(QWidget):
    """Input, window and output of one shape; the pointer over the output and the arrow keys move the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("The window on the input, and the output. Point at an output pixel, or step with the arrow keys")
        describe(self, "shapesDrawing", self.tr("Drawing of the shapes"), tip)
        self._plan: Plan | None = None
        self._at = (0, 0)
        self._before: Scene = {}
        self._scene: Scene = {}
        self._is_animated = True
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(DURATION)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._animation.valueChanged.connect(lambda _value: self.update())
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.follow(self._place)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(440), theme.px(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(120))

    # Setters -------------------------------------------------------------------------------------------------

    def set_animated(self, animated: bool) -> None:
        """Whether one shape moves into the next, or takes its place at once."""
        self._is_animated = animated
        if not animated:
            self._animation.stop()

    def show_shape(self, shape: Shape | None) -> None:
        """Draw a shape; None leaves the drawing empty."""
        if shape is not None and self._plan is not None and shape == self._plan.shape:
            return
        self._plan = None if shape is None else plan_of(shape)
        self._move(self._at)

    def point_at(self, at: tuple[int, int]) -> None:
        """Put the window where it makes output pixel `at`, where that one is drawn."""
        if self._plan is not None and at != self._at:
            self._move(at)

    @property
    def at(self) -> tuple[int, int]:
        """The output pixel whose window is shown."""
        return self._at

    @property
    def scene(self) -> Scene:
        """What is drawn once nothing moves any more."""
        return self._scene

    @property
    def is_moving(self) -> bool:
        """Whether one shape is on its way into another."""
        return self._animation.state() == QAbstractAnimation.State.Running

    # Moving --------------------------------------------------------------------------------------------------

    def _room(self) -> QRectF:
        edge = theme.px(4)
        return QRectF(self.rect()).adjusted(edge, theme.px(HEAD), -edge, -edge)

    def _move(self, at: tuple[int, int]) -> None:
        """Move from what is on screen to the present plan, with the window of output pixel `at`."""
        painted = self._painted()
        if self._plan is None:
            self._at, self._scene = (0, 0), {}
        else:
            is_drawn = all(line.shows(index, 1) for line, index in zip(self._plan.outputs, at, strict=True))
            self._at = at if is_drawn else (0, 0)
            self._scene = scene_of(self._plan, self._at, self._room())
        self._animation.stop()
        self._before = painted
        if self._is_animated and painted and self._scene and self.isVisible():
            self._animation.start()
        self.update()

    def _place(self) -> None:
        """Draw for the present size at once."""
        self._animation.stop()
        if self._plan is not None:
            self._scene = scene_of(self._plan, self._at, self._room())
        self.update()

    def _share(self) -> float:
        return float(self._animation.currentValue()) if self.is_moving else 1.0

    def _painted(self) -> Scene:
        """What is on screen now, so that a change in between begins from there."""
        share = self._share()
        if share >= 1:
            return self._scene
        moved = moving({name: part for name, part in self._before.items() if name in self._scene}, self._scene, share)
        return {name: part for name, (part, _opacity) in zip(self._scene, moved, strict=True)}

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place()

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(theme.palette().accent)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        if self._plan is None:
            return
        parts = moving(self._before, self._scene, self._share())
        self._paint_rays(painter, parts)
        for part, opacity in parts:
            painter.setOpacity(opacity)
            PAINTERS[part.kind](painter, part)
        painter.setOpacity(1.0)
        self._paint_names(painter, self._plan)

    def _paint_rays(self, painter: QPainter, parts: list[tuple[Part, float]]) -> None:
        """Lines from the window to the output pixel that it makes."""
        found = {part.kind: part.rect for part, _opacity in parts if part.kind in ("window", "current")}
        window, current = found["window"], found["current"]
        painter.setPen(QPen(theme.palette().crosshair, max(1.0, theme.px(1))))
        painter.drawLine(window.topRight(), current.topLeft())
        painter.drawLine(window.bottomRight(), current.bottomLeft())

    def _paint_names(self, painter: QPainter, plan: Plan) -> None:
        colours = theme.palette()
        first, second = corners(plan, self._room())
        side = cell_size(plan, self._room())
        sizes = [(axis.pixels, axis.windows) for axis in plan.shape]
        for number, (name, corner, lines) in enumerate(
            ((self.tr("Input"), first, plan.inputs), (self.tr("Output"), second, plan.outputs))
        ):
            size = f"{sizes[1][number]} × {sizes[0][number]}"
            bold, plain = theme.font(TEXT, 600), theme.font(TEXT)
            painter.setFont(bold)
            wide = painter.fontMetrics().horizontalAdvance(name + " ") + theme.px(2)
            painter.setFont(plain)
            whole = wide + painter.fontMetrics().horizontalAdvance(size)
            # Over the middle of its grid, but inside the drawing.
            left = corner.x() + (lines[1].size * side - whole) / 2
            left = max(0.0, min(left, self.width() - whole))
            room = QRectF(left, 0, whole + 1, theme.px(HEAD - 6))
            painter.setPen(colours.muted)
            painter.drawText(room.adjusted(wide, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, size)
            painter.setFont(bold)
            painter.setPen(colours.text)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)

    # What the user does --------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        found = self.output_at(event.position())
        if found is not None:
            self.point_at(found)

    def output_at(self, point: QPointF) -> tuple[int, int] | None:
        """The output pixel drawn at a point of this widget."""
        if self._plan is None:
            return None
        corner, side = corners(self._plan, self._room())[1], cell_size(self._plan, self._room())
        place = (point - corner) / side
        rows, columns = (
            [slot.position for slot in line.slots if slot.at <= at < slot.at + 1]
            for line, at in zip(self._plan.outputs, (place.y(), place.x()), strict=True)
        )
        return (rows[0], columns[0]) if rows and columns else None

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key = Qt.Key
        step = {key.Key_Left: (0, -1), key.Key_Right: (0, 1), key.Key_Up: (-1, 0), key.Key_Down: (1, 0)}.get(
            Qt.Key(event.key())
        )
        if step is None or self._plan is None:
            super().keyPressEvent(event)
            return
        i, j = (_neighbour(line, index, by) for line, index, by in zip(self._plan.outputs, self._at, step, strict=True))
        self.point_at((i, j))


def _neighbour(line: Line, index: int, step: int) -> int:
    """The next drawn position, over a gap where there is one."""
    drawn = [slot.position for slot in line.slots]
    return drawn[min(max(drawn.index(index) + step, 0), len(drawn) - 1)]


# How each kind of part is painted --------------------------------------------------------------------------------


def pixel_colour() -> QColor:
    """The ground of a pixel of the input."""
    colours = theme.palette()
    return theme.mixed(colours.panel, colours.muted, 0.55 if colours.is_dark else 0.45)


def output_colour() -> QColor:
    """The ground of a pixel of the output."""
    colours = theme.palette()
    return theme.mixed(colours.panel, colours.text, 0.78 if colours.is_dark else 0.62)


def _cell(rect: QRectF) -> QRectF:
    gap = 0.5 if rect.width() < 10 else 1.0
    return rect.adjusted(gap, gap, -gap, -gap)


def _paint_pixel(painter: QPainter, part: Part) -> None:
    colour = output_colour() if part.kind == "output" else pixel_colour()
    painter.fillRect(_cell(part.rect), colour)
    if part.is_left_over:
        paint_hatching(painter, _cell(part.rect))


def _paint_virtual(painter: QPainter, part: Part) -> None:
    paint_virtual(painter, _cell(part.rect), part.kind)
    if part.is_left_over:
        paint_hatching(painter, _cell(part.rect))


def paint_virtual(painter: QPainter, rect: QRectF, kind: str) -> None:
    """A pixel of the padding, or a zero between two pixels."""
    colours = theme.palette()
    painter.setPen(QPen(theme.mixed(colours.panel, colours.muted, 0.7), 1))
    painter.setBrush(theme.mixed(colours.panel, colours.muted, 0.2 if kind == "zero" else 0.0))
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))


def paint_hatching(painter: QPainter, rect: QRectF) -> None:
    """Slanted lines over what no window reaches."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(theme.palette().text, max(1.0, theme.scale() * 1.4)))
    step = theme.px(6)
    first = int((rect.left() + rect.top()) // step)
    last = int((rect.right() + rect.bottom()) // step) + 1
    for number in range(first, last + 1):
        total = number * step
        painter.drawLine(QPointF(total - rect.top(), rect.top()), QPointF(total - rect.bottom(), rect.bottom()))
    painter.restore()


def _paint_gap(painter: QPainter, part: Part) -> None:
    """Three dots across what is left out, in the middle of either half."""
    is_column = part.kind == "gap x"
    rect = part.rect
    thick = rect.width() if is_column else rect.height()
    long = rect.height() if is_column else rect.width()
    radius = max(1.0, min(thick / 9, theme.px(2)))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.palette().muted)
    for share in (0.25, 0.75):
        for step in (-1, 0, 1):
            across, along = thick / 2 + step * 3.2 * radius, long * share
            x, y = (across, along) if is_column else (along, across)
            painter.drawEllipse(rect.topLeft() + QPointF(x, y), radius, radius)


def _paint_tap(painter: QPainter, part: Part) -> None:
    colour = QColor(theme.palette().crosshair)
    colour.setAlphaF(0.5)
    painter.fillRect(_cell(part.rect), colour)


def _paint_window(painter: QPainter, part: Part) -> None:
    colours = theme.palette()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((colours.panel, theme.px(6)), (colours.crosshair, theme.px(3))):
        pen = QPen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawRect(part.rect)


def _paint_anchor(painter: QPainter, part: Part) -> None:
    paint_dot(painter, part.rect.center(), max(1.5, min(part.rect.width() * 0.16, theme.px(4))), part.kind == "here")


def paint_dot(painter: QPainter, centre: QPointF, radius: float, is_here: bool) -> None:
    """The anchor of a window; of the one that is shown it stands out."""
    colours = theme.palette()
    painter.setPen(QPen(colours.panel, 1))
    painter.setBrush(colours.crosshair if is_here else colours.text)
    radius *= 1.5 if is_here else 1.0
    painter.drawEllipse(centre, radius, radius)


PAINTERS = {
    "pixel": _paint_pixel,
    "output": _paint_pixel,
    "padding": _paint_virtual,
    "zero": _paint_virtual,
    "gap x": _paint_gap,
    "gap y": _paint_gap,
    "tap": _paint_tap,
    "window": _paint_window,
    "anchor": _paint_anchor,
    "here": _paint_anchor,
    "current": _paint_window,
}
