"""Drawings of shared weights: copies of a kernel on the picture, and the wires of one row of pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.layers.locations import Locations, spread
from viewer.pages.layers.views.matrix_cells import paint_gold, paint_outline
from viewer.pages.learned.views.pictures import PictureCache, fitted
from viewer.painting import Bytes

Place = tuple[int, int]

ROW_COPIES, COLUMN_COPIES = 5, 4
COPY, CELL = 30, 9
"""Design pixels of the least side of a copy and of an output cell."""
WIRED, MOST_TAPS = 12, 5
"""Inputs of the drawn row, and the taps that it has at most."""
FAINT = 0.35
"""How strong the wires are that do not lead to the one output that stands out."""


class CopiesDrawing:
    """Paints the picture with copies of the kernel along a row and a column, joined to the output pixels they make."""

    def __init__(self) -> None:
        self._pictures = PictureCache(4)

    def paint(self, painter: QPainter, case: Locations, left: QRect, right: QRect) -> None:
        """Paint the picture into `left` and the output into `right`."""
        picture, output = fitted(case.picture, left), fitted(case.output, right)
        # Both begin at the top, so that the lines between rows of equal number do not lie on each other.
        picture.moveTopLeft(left.topLeft())
        output.moveTopLeft(right.topLeft())
        self._pictures.draw(painter, case.picture, picture)
        self._pictures.draw(painter, case.output, output)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        copies = [(at, copy_box(case, at, QRectF(picture)), cell_box(case, at, QRectF(output)))
                  for at in positions(case)]  # fmt: skip
        for at, box, cell in copies:
            if at != case.position:
                _join(painter, box, cell, theme.palette().muted, 1.0)
        for at, box, cell in copies:
            if at != case.position:
                _paint_copy(painter, case.kernel, box)
                paint_outline(painter, box, theme.palette().text, 1.0)
                paint_outline(painter, cell, theme.palette().text, 1.0)
        for at, box, cell in copies:
            if at == case.position:
                _join(painter, box, cell, theme.palette().crosshair, 1.5)
                _paint_copy(painter, case.kernel, box)
                paint_gold(painter, box)
                paint_gold(painter, cell)


def positions(case: Locations) -> list[Place]:
    """The output pixels whose windows carry a copy: some of the followed one's row, and some of its column."""
    (i, j), (rows, columns) = case.position, case.windows.output_shape
    across = [(i, each) for each in spread(j, columns, ROW_COPIES)]
    down = [(each, j) for each in spread(i, rows, COLUMN_COPIES) if each != i]
    return across + down


def copy_box(case: Locations, at: Place, picture: QRectF) -> QRectF:
    """Where the copy for an output pixel stands, about the middle of its window, never too small to be seen."""
    y, x = case.windows.centre(*at)
    (high, wide), (kh, kw) = case.windows.image_shape, case.windows.effective_shape
    scale = picture.width() / wide
    least = COPY * theme.scale() / max(kh, kw)
    side = max(scale, min(least, picture.width() / 8 / max(kh, kw)))
    middle = QPointF(picture.left() + (x + 0.5) * scale, picture.top() + (y + 0.5) * picture.height() / high)
    box = QRectF(middle.x() - kw * side / 2, middle.y() - kh * side / 2, kw * side, kh * side)
    left = min(max(box.left(), picture.left()), picture.right() - box.width())
    top = min(max(box.top(), picture.top()), picture.bottom() - box.height())
    box.moveTo(left, top)
    return box


def cell_box(case: Locations, at: Place, output: QRectF) -> QRectF:
    """Where an output pixel stands, never too small to be seen."""
    rows, columns = case.windows.output_shape
    high, wide = output.height() / rows, output.width() / columns
    middle = QPointF(output.left() + (at[1] + 0.5) * wide, output.top() + (at[0] + 0.5) * high)
    least = CELL * theme.scale()
    wide, high = max(wide, least), max(high, least)
    return QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)


def _paint_copy(painter: QPainter, kernel: Bytes, box: QRectF) -> None:
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(box, to_qimage(kernel))


def _join(painter: QPainter, box: QRectF, cell: QRectF, colour: QColor, width: float) -> None:
    start, end = QPointF(box.right(), box.center().y()), QPointF(cell.left(), cell.center().y())
    for ink, more in ((theme.palette().panel, 2.0), (colour, 0.0)):
        painter.setPen(QPen(ink, width * theme.scale() + more))
        painter.drawLine(start, end)


def paint_wires(painter: QPainter, room: QRectF, weights: NDArray[np.float64] | None, taps: int) -> None:
    """One row of inputs below, its outputs above, and the wires between them.

    With `weights` those of a convolution, coloured by sign and as thick as the weight is large, the same at every
    output; else those of a fully connected layer.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = 3.2 * theme.scale()
    step = (room.width() - 2 * radius) / (WIRED - 1)
    bottom, top = room.bottom() - radius, room.top() + radius
    inputs = [QPointF(room.left() + radius + n * step, bottom) for n in range(WIRED)]
    outputs = [QPointF(room.left() + radius + (n + (taps - 1) / 2) * step, top) for n in range(WIRED - taps + 1)]
    here = len(outputs) // 2
    for number in [*(n for n in range(len(outputs)) if n != here), here]:
        starts = inputs if weights is None else inputs[number : number + taps]
        _wires(painter, starts, outputs[number], weights, strength=1.0 if number == here else FAINT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.palette().text)
    for point in (*inputs, *outputs):
        painter.drawEllipse(point, radius, radius)
    painter.setBrush(theme.palette().crosshair)
    painter.drawEllipse(outputs[here], 1.3 * radius, 1.3 * radius)


def _wires(
    painter: QPainter,
    starts: Sequence[QPointF],
    end: QPointF,
    weights: NDArray[np.float64] | None,
    *,
    strength: float,
) -> None:
    """The wires into one output."""
    colours, unit = theme.palette(), theme.scale()
    shares = np.zeros(len(starts)) if weights is None else weights / (float(np.abs(weights).max()) or 1.0)
    for start, share in zip(starts, shares.tolist(), strict=True):
        ink = QColor(colours.muted if share == 0 else colours.positive_text if share > 0 else colours.negative_text)
        ink.setAlphaF(strength)
        painter.setPen(QPen(ink, (0.9 + 1.8 * abs(share)) * unit))
        painter.drawLine(start, end)


def wired_weights(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights of the drawn row: the middle of the kernel's middle row."""
    row = weights[(weights.shape[0] - 1) // 2]
    if len(row) <= MOST_TAPS:
        return row
    first = (len(row) - MOST_TAPS) // 2
    return row[first : first + MOST_TAPS]
