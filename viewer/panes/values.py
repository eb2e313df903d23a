"""The numbers written into magnified pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QStaticText

from viewer import theme
from viewer.painting import Bytes
from viewer.panes.sheet import Sheet
from viewer.widgets import format_number
from viewer.widgets.numbers import MINUS

SMALLEST_CELL = 38.0
"""Screen pixels from which a picture pixel carries its number."""
SMALLEST_TYPE, LARGEST_TYPE = 7, 17
MANY = 4000
DARK, LIGHT = QColor("#14161a"), QColor("#ffffff")
GRID = QColor(128, 128, 128, 70)


def value_text(value: Any, digits: int = 6) -> str:
    """One raw value as text: whole numbers in full, others to `digits` significant figures."""
    if isinstance(value, int):
        return str(value).replace("-", MINUS)
    return format_number(value, digits)


def pixel_text(values: NDArray[Any], i: int, j: int, digits: int = 6) -> tuple[str, ...]:
    """The raw value of pixel (i, j), one text a channel."""
    return _lines(values[i, j].tolist(), digits)


def _lines(value: Any, digits: int) -> tuple[str, ...]:
    channels = value if isinstance(value, list) else [value]
    return tuple(value_text(each, digits) for each in channels)


class ValuePainter:
    """Writes raw values into the cells in sight; keeps texts that it has laid out."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[QStaticText, float]] = {}
        self._size = 0
        self._font, self._line = QFont(), 0.0

    def paint(self, painter: QPainter, sheet: Sheet, frame: QRectF, viewport: QRectF) -> bool:
        """Write into the cells of `sheet`, drawn in `frame`, all in logical pixels; False if the cells are small."""
        rows, columns = sheet.shape
        height, width = frame.height() / rows, frame.width() / columns
        if sheet.is_ahead or min(height, width) < SMALLEST_CELL:
            return False
        seen = frame.intersected(viewport)
        if seen.isEmpty():
            return True
        first_i = max(0, math.floor((seen.top() - frame.top()) / height))
        first_j = max(0, math.floor((seen.left() - frame.left()) / width))
        last_i = min(rows, math.ceil((seen.bottom() - frame.top()) / height))
        last_j = min(columns, math.ceil((seen.right() - frame.left()) / width))
        block = sheet.values[first_i:last_i, first_j:last_j]
        digits = 4 if width < 1.6 * SMALLEST_CELL else 6
        # Plain numbers: there may be thousands of cells, and NumPy's scalars are slow one by one.
        texts = [[_lines(each, digits) for each in row] for row in block.tolist()]
        if not self._choose_size(texts, height, width):
            return True
        painter.save()
        painter.setClipRect(seen)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(self._font)
        dark = wants_dark_ink(sheet.ink((first_i, last_i), (first_j, last_j)))
        for i, row in enumerate(texts):
            for j, lines in enumerate(row):
                middle = QPointF(frame.left() + (first_j + j + 0.5) * width, frame.top() + (first_i + i + 0.5) * height)
                painter.setPen(DARK if dark[i, j] else LIGHT)
                self._write(painter, lines, middle)
        self._rule(painter, frame, seen, (height, width), (first_i, last_i), (first_j, last_j))
        painter.restore()
        return True

    def _choose_size(self, texts: list[list[tuple[str, ...]]], height: float, width: float) -> bool:
        """Take the largest type in which the longest text fits; False if that is too small to read."""
        lines = max((len(cell) for row in texts for cell in row), default=1)
        longest = max((text for row in texts for cell in row for text in cell), key=len, default="")
        size = min(theme.px(LARGEST_TYPE), 0.3 * height if lines == 1 else 0.78 * height / (1.25 * lines))
        room = QFontMetricsF(_font(LARGEST_TYPE)).horizontalAdvance(longest) / LARGEST_TYPE
        whole = math.floor(min(size, 0.88 * width / max(room, 0.1)))
        if whole < SMALLEST_TYPE:
            return False
        if whole != self._size:
            self._texts.clear()
            self._size, self._font = whole, _font(whole)
            self._line = QFontMetricsF(self._font).height()
        return True

    def _write(self, painter: QPainter, lines: tuple[str, ...], middle: QPointF) -> None:
        top = middle.y() - self._line * len(lines) / 2
        for number, text in enumerate(lines):
            laid, half = self._laid_out(text)
            painter.drawStaticText(QPointF(middle.x() - half, top + number * self._line), laid)

    def _laid_out(self, text: str) -> tuple[QStaticText, float]:
        found = self._texts.get(text)
        if found is None:
            if len(self._texts) > MANY:
                self._texts.clear()
            made = QStaticText(text)
            made.prepare(font=self._font)
            found = self._texts[text] = (made, made.size().width() / 2)
        return found

    def _rule(
        self,
        painter: QPainter,
        frame: QRectF,
        seen: QRectF,
        cell: tuple[float, float],
        rows: tuple[int, int],
        columns: tuple[int, int],
    ) -> None:
        """Hairlines between the cells, so that equal neighbours can be told apart."""
        painter.setPen(QPen(GRID, 0))
        ys = [frame.top() + i * cell[0] for i in range(rows[0], rows[1] + 1)]
        xs = [frame.left() + j * cell[1] for j in range(columns[0], columns[1] + 1)]
        painter.drawLines(*[QLineF(seen.left(), y, seen.right(), y) for y in ys])
        painter.drawLines(*[QLineF(x, seen.top(), x, seen.bottom()) for x in xs])


def wants_dark_ink(block: Bytes) -> NDArray[np.bool_]:
    """For each pixel of uint8 (h, w) or (h, w, C): does near-black read better on it than white?"""
    dark, light = contrasts(block)
    return np.asarray(dark >= light)


def contrasts(block: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The contrast of near-black and of white to each pixel of (h, w) or (h, w, C), 0 to 255."""
    share = block[..., :3] / 255.0 if block.ndim == 3 else block / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722]) if block.ndim == 3 else linear
    dark = (luminance + 0.05) / (theme.luminance(DARK) + 0.05)
    light = (theme.luminance(LIGHT) + 0.05) / (luminance + 0.05)
    return np.asarray(dark), np.asarray(light)


def _font(size: int) -> QFont:
    made = theme.font(weight=500)
    made.setPixelSize(size)
    return made
