"""Receptive fields inside each other: a thin box for each, with its name beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from viewer import theme
from viewer.panes.link import Transform
from viewer.panes.marks import grown

# Logical pixels.
SMALLEST, APART = 10.0, 4.0
TYPE, INSET, LEAD = 11, 4.0, 14.0
SHADE = QColor(0, 0, 0, 90)


def paint_fields(
    painter: QPainter, fields: Sequence[tuple[QRectF, str]], view: Transform, viewport: QRectF, ratio: float
) -> None:
    """Draw the boxes; their names stand in a column beside them all, or each in its corner where there is no room."""
    boxes = [(grown(view.rect(rect), SMALLEST * ratio), name) for rect, name in fields]
    # The names from the largest field down to the smallest, so that their lines do not cross.
    boxes.sort(key=lambda each: -each[0].width() * each[0].height())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((SHADE, 3 * ratio), (theme.palette().crosshair, ratio)):
        painter.setPen(QPen(ink, width, join=Qt.PenJoinStyle.MiterJoin))
        for box, _name in boxes:
            painter.drawRect(box)
    font = theme.font(TYPE, 500)
    font.setPixelSize(round(font.pixelSize() * ratio))
    painter.setFont(font)
    for box, chip, name in placed_names(boxes, QFontMetricsF(font), viewport, ratio):
        _paint_name(painter, box, chip, name, ratio)


def placed_names(
    boxes: list[tuple[QRectF, str]], metrics: QFontMetricsF, viewport: QRectF, ratio: float
) -> list[tuple[QRectF, QRectF, str]]:
    """Each box that is in sight, where its name stands, and the name."""
    boxes = [(box, name) for box, name in boxes if box.intersects(viewport)]
    if not boxes:
        return []
    height, apart, lead = metrics.height() + 2 * ratio, APART * ratio, LEAD * ratio
    widths = [metrics.horizontalAdvance(name) + 2 * INSET * ratio for _box, name in boxes]
    around = QRectF()
    for box, _name in boxes:
        around = around.united(box)
    step = height + apart
    top = max(min(around.center().y() - len(boxes) * step / 2, viewport.bottom() - len(boxes) * step), viewport.top())
    at_right = around.right() + lead + max(widths) <= viewport.right()
    at_left = around.left() - lead - max(widths) >= viewport.left()
    found: list[tuple[QRectF, QRectF, str]] = []
    for number, ((box, name), width) in enumerate(zip(boxes, widths, strict=True)):
        if at_right or at_left:
            left = around.right() + lead if at_right else around.left() - lead - width
            chip = QRectF(left, top + number * step, width, height)
        else:
            left = min(max(box.left() + apart, viewport.left() + apart), viewport.right() - width - apart)
            chip = QRectF(left, max(box.top(), viewport.top()) + apart, width, height)
            while any(chip.intersects(other) for _box, other, _name in found):
                chip.translate(0, step)
            chip.moveTop(min(chip.top(), viewport.bottom() - height))
        found.append((box, chip, name))
    return found


def _paint_name(painter: QPainter, box: QRectF, chip: QRectF, name: str, ratio: float) -> None:
    colours = theme.palette()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if chip.left() > box.right() or chip.right() < box.left():
        is_right = chip.left() > box.right()
        end = QPointF(chip.left() if is_right else chip.right(), chip.center().y())
        start = QPointF(box.right() if is_right else box.left(), min(max(end.y(), box.top()), box.bottom()))
        for ink, width in ((SHADE, 3 * ratio), (colours.crosshair, ratio)):
            painter.setPen(QPen(ink, width))
            painter.drawLine(start, end)
    painter.setPen(QPen(colours.crosshair, ratio))
    painter.setBrush(colours.panel)
    painter.drawRoundedRect(chip, 3 * ratio, 3 * ratio)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(colours.text)
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, name)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
