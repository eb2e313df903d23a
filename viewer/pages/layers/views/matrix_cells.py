"""Cells with their colours and numbers, and what marks them."""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.layers.views.matrix_layout import Place, Table
from viewer.pages.stage.views.lettering import READABLE, Lettering, fit
from viewer.painting import Bytes
from viewer.panes.marks import hatch
from viewer.panes.values import DARK, LIGHT, wants_dark_ink

Texts = list[list[str]]

SEPARATE = 3.0
"""Pixels of the smallest cells that are drawn one by one."""
TYPE = 0.68
"""The largest type, as a share of the cell's height."""
LARGEST = 20
"""Design pixels of the largest type."""
LEAST = 9
"""Pixels of the smallest, at any scale: a small number says more than none."""
ROOM = 0.88
CLOSE = 0.9
"""The share of a cell that the smallest type may take, where otherwise there would be no numbers."""
UPRIGHT = 12
"""Design pixels of the type of numbers that stand upright."""
HALF = QPointF(0.5, 0.5)
FADED = 0.22


class Filling(msgspec.Struct, frozen=True, eq=False):
    """What stands in a table's cells: uint8 colours, (rows, columns, 3), and numbers, none where they are too many."""

    colours: Bytes
    texts: Texts

    def columns(self, of: range) -> Filling:
        """Some of the columns."""
        return Filling(self.colours[:, of.start : of.stop], [row[of.start : of.stop] for row in self.texts])


def diverging(values: NDArray[np.float64], limit: float) -> Bytes:
    """Blue below 0, near-white at 0, orange above, full at `limit`: uint8 with a last axis of 3."""
    colours = theme.palette()
    share = np.nan_to_num(np.clip(values / (limit or 1.0), -1.0, 1.0))[..., np.newaxis]
    middle, low, high = (np.array(each.getRgb()[:3], float)
                         for each in (colours.neutral, colours.negative, colours.positive))  # fmt: skip
    mixed = middle + np.abs(share) * (np.where(share > 0, high, low) - middle)
    return np.asarray(np.rint(mixed), np.uint8)


class CellWriter:
    """Paints tables; keeps texts that it has laid out."""

    def __init__(self) -> None:
        self._letters = Lettering()

    def paint(
        self, painter: QPainter, table: Table, filling: Filling, *, weight: int = 400, lit: set[Place] | None = None
    ) -> None:
        """Paint colours and numbers; where some cells are lit, the others fade."""
        colours = filling.colours
        if lit is not None:
            ground = np.array(theme.palette().panel.getRgb()[:3], float)
            faded = np.rint(ground + FADED * (colours - ground)).astype(np.uint8)
            for at in lit:
                faded[at] = colours[at]
            colours = faded
        if table.narrowest < SEPARATE:
            _paint_picture(painter, table, colours)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corner = min(2.0 * theme.scale(), table.narrowest / 8)
        for row, line in enumerate(colours.tolist()):
            for column, (red, green, blue) in enumerate(line):
                painter.setBrush(QColor(red, green, blue))
                painter.drawRoundedRect(table.box(row, column).adjusted(0, 0, -1, -1), corner, corner)
        if filling.texts:
            self._write(painter, table, Filling(colours, filling.texts), weight, lit)

    def type_size(self, table: Table, filling: Filling, weight: int = 400) -> int:
        """The type in which the numbers of the widest columns fit; 0 for colours alone, rather than 2 for 1.6."""
        widest = max(length for _start, length in table.columns)
        high = min(length for _start, length in table.rows)
        largest = min(max(TYPE * high, min(LEAST, CLOSE * high)), theme.px(LARGEST))
        if not filling.texts or widest < LEAST or largest < LEAST - 0.5:
            return 0
        texts = {row[column] for row in filling.texts for column in _wide(table)}
        found = fit(texts, ROOM * widest, largest, LEAST, weight)
        return 0 if found.shortened else found.size

    def _write(self, painter: QPainter, table: Table, filling: Filling, weight: int, lit: set[Place] | None) -> None:
        """Numbers in the widest columns; all in one type."""
        size, dark = self.type_size(table, filling, weight), wants_dark_ink(filling.colours)
        for row in range(len(table.rows)) if size else ():
            for column in _wide(table):
                text = filling.texts[row][column]
                if text and (lit is None or (row, column) in lit):
                    ink = DARK if dark[row, column] else LIGHT
                    self._letters.write(painter, text, table.box(row, column).center() - HALF, size, weight, ink)

    def paint_upright(self, painter: QPainter, table: Table, filling: Filling, row: int) -> QRectF | None:
        """Paint a row again, so high that its numbers stand upright in it; None where that has no room either."""
        texts, whole = filling.texts[row] if filling.texts else [], table.whole
        size = math.floor(CLOSE * min(length for _start, length in table.columns))
        size = min(size, theme.px(UPRIGHT))
        high = max((self._letters.width(text, size, 400) for text in texts), default=0.0) + theme.px(8)
        if size < READABLE or not texts or high > whole.height() / 2:
            return None
        middle = table.box(row, 0).center().y()
        top = min(max(middle - high / 2, whole.top()), whole.bottom() - high)
        frame = QRectF(whole.left(), top, whole.width(), high)
        painter.fillRect(frame, theme.palette().panel)
        dark = wants_dark_ink(filling.colours)[row]
        for (left, wide), colour, is_light, text in zip(
            table.columns, filling.colours[row].tolist(), dark, texts, strict=True
        ):
            box = QRectF(left, top, wide - 1, high - 1)
            painter.fillRect(box, QColor(*colour))
            painter.save()
            painter.translate(box.center())
            painter.rotate(-90)
            self._letters.write(painter, text, QPointF(), size, 400, DARK if is_light else LIGHT)
            painter.restore()
        return frame


def _wide(table: Table) -> list[int]:
    """The columns that are about as wide as the widest."""
    widest = max(length for _start, length in table.columns)
    return [number for number, (_start, length) in enumerate(table.columns) if length > 0.7 * widest]


def _paint_picture(painter: QPainter, table: Table, colours: Bytes) -> None:
    """Cells too small to be told apart, as pictures of whole rows, or of columns where those are wide enough."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    rows, columns = len(table.rows), len(table.columns)
    if min(length for _start, length in table.columns) < SEPARATE:
        boxes = [(table.box(row, 0, 1, columns), colours[row : row + 1]) for row in range(rows)]
    else:
        boxes = [(table.box(0, column, rows), colours[:, column : column + 1]) for column in range(columns)]
    for box, part in boxes:
        painter.drawImage(box.adjusted(0, 0, -1, 0), to_qimage(np.ascontiguousarray(part)))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)


def paint_virtual(painter: QPainter, table: Table, filling: Filling, cells: list[Place]) -> None:
    """Hatch what the border supplies."""
    if not cells or table.narrowest < SEPARATE:
        return
    side = max(5.0, table.narrowest / 4)
    light, dark = (hatch(painter, QColor(shade, shade, shade, 64), side, side / 6) for shade in (255, 0))
    on_light = wants_dark_ink(filling.colours)
    for at in cells:
        painter.fillRect(table.box(*at).adjusted(0, 0, -1, -1), dark if on_light[at] else light)


def paint_gold(painter: QPainter, box: QRectF, width: float = 2.0) -> None:
    """The frame that means "here"."""
    paint_outline(painter, box, theme.palette().crosshair, width)


def paint_outline(painter: QPainter, box: QRectF, colour: QColor, width: float = 2.0) -> None:
    """A frame about some cells, between lines of the ground's colour."""
    line = width * theme.scale()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    around = box.adjusted(-line / 2 - 0.5, -line / 2 - 0.5, line / 2 - 0.5, line / 2 - 0.5)
    corner = 3.0 * theme.scale()
    painter.setPen(QPen(theme.palette().panel, line + 2.0))
    painter.drawRoundedRect(around, corner, corner)
    painter.setPen(QPen(colour, line))
    painter.drawRoundedRect(around, corner, corner)


def paint_joint(painter: QPainter, start: QPointF, end: QPointF, limit: float) -> None:
    """The thin gold line from the window in the crop, level until `limit`, to its row."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(start)
    path.lineTo(QPointF(max(limit, start.x()), start.y()))
    middle = (max(limit, start.x()) + end.x()) / 2
    path.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
    for colour, width in ((theme.palette().panel, 3.2), (theme.palette().crosshair, 1.25)):
        painter.setPen(QPen(colour, width * theme.scale()))
        painter.drawPath(path)
