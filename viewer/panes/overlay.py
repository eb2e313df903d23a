"""What is drawn over a picture, and where in the scene: crosshair, the window of the kernel, the pixel that is read.

So are output pixels that are not to be seen yet, and those that one input pixel touches.

The scene is the picture: its pixel (y, x) covers [y, y + 1) x [x, x + 1).
"""

from __future__ import annotations

import msgspec
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen

from kernels.filtering.geometry import Geometry
from viewer import theme
from viewer.panes.fields import paint_fields
from viewer.panes.link import Transform
from viewer.panes.marks import fill_covered, grown

MOST_TAPS = 1024
# Logical pixels.
SMALLEST_BOX = 10.0
GAP = 5.0
TICK = 10.0
TOUCHED = 3.0
"""Logical pixels of an output pixel from which each of those touched is drawn, rather than where they all are."""
WEAKEST, STRONGEST = 0.16, 0.8
NUMBERED = 38.0
"""Screen pixels a scene unit from which the arms shrink to ticks at the edge: there are numbers in their way."""


def scene_rect(area: tuple[float, float, float, float]) -> QRectF:
    """The rectangle of an area of the picture: top, left, height, width."""
    top, left, height, width = area
    return QRectF(left, top, width, height)


def placed(geometry: Geometry) -> QRectF:
    """The scene rectangle of the output: each pixel as large as the stride, centred on its window's anchor."""
    return scene_rect(geometry.area())


def extension_rect(geometry: Geometry) -> QRectF:
    """The scene rectangle of the picture with room for what the padding puts around it.

    Each side has a power of two: the picture is not to change its size with every step of a kernel that grows.
    """
    (above, left), (below, right) = (
        [1 << (n - 1).bit_length() if n else 0 for n in side] for side in (geometry.before, geometry.after)
    )
    height, width = geometry.image_shape
    return QRectF(-left, -above, left + width + right, above + height + below)


def pixel_mark(geometry: Geometry, i: int, j: int) -> QRectF:
    """The scene rectangle of output pixel (i, j)."""
    whole, (high, wide) = placed(geometry), geometry.stride
    return QRectF(whole.left() + j * wide, whole.top() + i * high, wide, high)


def window_marks(geometry: Geometry, i: int, j: int) -> tuple[QRectF, tuple[QRectF, ...]]:
    """The window of output pixel (i, j) in the scene and, where it has gaps, the pixels under its taps."""
    rows, columns = geometry.window(i, j)
    top, left = int(rows[0]), int(columns[0])
    box = QRectF(left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1)
    if geometry.dilation == (1, 1) or len(rows) * len(columns) > MOST_TAPS:
        return box, ()
    return box, tuple(QRectF(int(x), int(y), 1, 1) for y in rows for x in columns)


def middle(y: int, x: int) -> QPointF:
    """The scene point in the middle of picture pixel (y, x)."""
    return QPointF(x + 0.5, y + 0.5)


class Overlay(msgspec.Struct, frozen=True):
    """Marks on one pane, in scene coordinates.

    Attributes
    ----------
    point : (float, float) or None
        Where the arms of the crosshair cross, (y, x).
    box : QRectF
        The window of the kernel, or the pixel that is read; empty for none.
    taps : tuple of QRectF
        The pixels under the weights, where the window has gaps between them.
    picture : QRectF
        Where there are real pixels; the part of the box beyond it is hatched. Empty to hatch nothing.
    pinned : bool
        The crosshair stays when the pointer leaves.
    covered : tuple of QRectF
        What of the picture is not to be seen: hatched.
    trail : QRectF
        The part of a row that the window has passed, underlined; empty for none.
    touched : tuple of (QRectF, float)
        Output pixels that an input pixel contributes to, and how strongly, 0 to 1.
    line : QLineF
        Along which is measured; null for none.
    fields : tuple of (QRectF, str)
        Thin boxes with names: what the box depends on, in the stages between.
    """

    point: tuple[float, float] | None = None
    box: QRectF = msgspec.field(default_factory=QRectF)
    taps: tuple[QRectF, ...] = ()
    picture: QRectF = msgspec.field(default_factory=QRectF)
    pinned: bool = False
    covered: tuple[QRectF, ...] = ()
    trail: QRectF = msgspec.field(default_factory=QRectF)
    touched: tuple[tuple[QRectF, float], ...] = ()
    line: QLineF = msgspec.field(default_factory=QLineF)
    fields: tuple[tuple[QRectF, str], ...] = ()


def paint_overlay(painter: QPainter, overlay: Overlay, view: Transform, viewport: QRectF, ratio: float) -> None:
    """Draw `overlay`; the painter counts device pixels, `ratio` of them to a logical pixel."""
    painter.save()
    painter.setClipRect(viewport)
    for rect in overlay.covered:
        fill_covered(painter, view.rect(rect).intersected(viewport), ratio)
    if not overlay.trail.isEmpty():
        passed = view.rect(overlay.trail)
        painter.fillRect(
            QRectF(passed.left(), passed.bottom() - ratio, passed.width(), 2 * ratio), theme.palette().crosshair
        )
    if not overlay.line.isNull():
        ends = QLineF(view.to_device(overlay.line.p1()), view.to_device(overlay.line.p2()))
        for colour, width in ((QColor(0, 0, 0, 110), 4 * ratio), (theme.palette().accent, 2 * ratio)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(ends)
    if overlay.touched:
        _paint_touched(painter, overlay.touched, view, viewport, ratio)
    if overlay.fields:
        paint_fields(painter, overlay.fields, view, viewport, ratio)
    box = grown(view.rect(overlay.box), SMALLEST_BOX * ratio) if not overlay.box.isEmpty() else QRectF()
    if overlay.point is not None:
        middle = view.to_device(QPointF(overlay.point[1], overlay.point[0]))
        gap, length = GAP * ratio, TICK * ratio
        keep = QRectF(middle.x() - gap, middle.y() - gap, 2 * gap, 2 * gap)
        if view.scale >= NUMBERED * ratio:
            keep = viewport.adjusted(length, length, -length, -length)
        elif not box.isEmpty():
            keep = keep.united(box.adjusted(-gap, -gap, gap, gap))
        _paint_lines(painter, _arms(middle, keep, viewport), ratio, overlay.pinned)
    if not box.isEmpty():
        _paint_box(painter, overlay, box, view, ratio)
    painter.restore()


def _arms(middle: QPointF, keep: QRectF, viewport: QRectF) -> list[QLineF]:
    """Four lines from the edges towards the middle that leave a rectangle free."""
    x, y = int(middle.x()) + 0.5, int(middle.y()) + 0.5
    lines = [
        QLineF(viewport.left(), y, keep.left(), y),
        QLineF(keep.right(), y, viewport.right(), y),
        QLineF(x, viewport.top(), x, keep.top()),
        QLineF(x, keep.bottom(), x, viewport.bottom()),
    ]
    return [line for line in lines if line.dx() > 0 or line.dy() > 0]


def _paint_lines(painter: QPainter, lines: list[QLineF], ratio: float, pinned: bool) -> None:
    """A light line on a faint dark one, so that it shows on any picture."""
    under, over = QColor(0, 0, 0, 26 if pinned else 16), QColor(theme.palette().crosshair)
    over.setAlphaF(0.6 if pinned else 0.38)
    for colour, width in ((under, 3 * ratio), (over, ratio)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        for line in lines:
            painter.drawLine(line)


def _paint_box(painter: QPainter, overlay: Overlay, box: QRectF, view: Transform, ratio: float) -> None:
    colour = theme.palette().crosshair
    if not overlay.picture.isEmpty():
        _hatch_outside(painter, box, view.rect(overlay.picture), colour)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    cell = view.rect(overlay.taps[0]) if overlay.taps else QRectF()
    if cell.width() >= 5 * ratio and cell.height() >= 5 * ratio:
        painter.setPen(QPen(colour, ratio))
        for tap in overlay.taps:
            painter.drawRect(view.rect(tap).adjusted(ratio / 2, ratio / 2, -ratio / 2, -ratio / 2))
    _paint_ring(painter, box, ratio)


def _paint_touched(
    painter: QPainter, touched: tuple[tuple[QRectF, float], ...], view: Transform, viewport: QRectF, ratio: float
) -> None:
    """Each of the pixels, the more golden the stronger; where they are too small, a frame around them all."""
    colour = QColor(theme.palette().crosshair)
    first = view.rect(touched[0][0])
    if min(first.width(), first.height()) < TOUCHED * ratio:
        whole = QRectF()
        for rect, _strength in touched:
            whole = whole.united(rect)
        _paint_ring(painter, grown(view.rect(whole), SMALLEST_BOX * ratio), ratio)
        return
    edge = QColor(colour)
    for rect, strength in touched:
        drawn = view.rect(rect)
        if drawn.intersects(viewport):
            if drawn.width() < NUMBERED * ratio:  # else the number in it must stay readable
                colour.setAlphaF(WEAKEST + (STRONGEST - WEAKEST) * min(1.0, max(0.0, strength)))
                painter.fillRect(drawn, colour)
            if drawn.width() >= 2 * TOUCHED * ratio:
                painter.setPen(QPen(edge, ratio))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(drawn.adjusted(ratio / 2, ratio / 2, -ratio / 2, -ratio / 2))


def _paint_ring(painter: QPainter, box: QRectF, ratio: float) -> None:
    """A gold line on a faint dark one."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 60), 3 * ratio), (theme.palette().crosshair, 2 * ratio)):
        painter.setPen(QPen(colour, width, join=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(box)


def _hatch_outside(painter: QPainter, box: QRectF, picture: QRectF, colour: QColor) -> None:
    """Mark the part of the window where the border supplies the pixels."""
    if picture.contains(box):
        return
    tint = QColor(colour)
    tint.setAlphaF(0.55)
    for part in _difference(box, box.intersected(picture)):
        painter.fillRect(part, QBrush(tint, Qt.BrushStyle.BDiagPattern))


def _difference(whole: QRectF, part: QRectF) -> list[QRectF]:
    """`whole` without `part`, which lies inside it, as up to four rectangles."""
    if part.isEmpty():
        return [whole]
    pieces = [
        QRectF(whole.left(), whole.top(), whole.width(), part.top() - whole.top()),
        QRectF(whole.left(), part.bottom(), whole.width(), whole.bottom() - part.bottom()),
        QRectF(whole.left(), part.top(), part.left() - whole.left(), part.height()),
        QRectF(part.right(), part.top(), whole.right() - part.right(), part.height()),
    ]
    return [piece for piece in pieces if not piece.isEmpty()]
