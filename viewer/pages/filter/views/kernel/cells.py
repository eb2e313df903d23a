"""How the cells of a kernel are laid out and painted."""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec
import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from viewer import theme
from viewer.pages.filter.views.kernel.table_model import MAX_EDITED_SIDE
from viewer.widgets import format_number
from viewer.widgets.numbers import MINUS

#: Widths and heights of the design: the largest cell, and the smallest that a number is written into.
MAX_CELL_WIDTH, MAX_CELL_HEIGHT = 62, 46
MIN_TEXT_WIDTH, MIN_TEXT_HEIGHT = 22, 18
#: Type sizes and ways to write, tried in this order until every weight fits into its cell: significant figures,
#: or decimals without the zero before the point.
TEXT_TRIALS = ((13, "4"), (12, "4"), (12, "3"), (11, "3"), (11, ".3"), (10, "3"), (10, ".3"), (10, ".2"), (9, ".2"))


class CellLayout(msgspec.Struct, frozen=True):
    """Size of a cell in pixels, its gap included, and how its number is written; no form means a heat map.

    The cells of a heat map need not be whole pixels: together they fill its frame, however many they are.
    """

    width: float
    height: float
    gap: int
    font_size: int = 0
    form: str = ""

    @property
    def is_heat_map(self) -> bool:
        """Whether the cells are too small for numbers."""
        return not self.form

    def size(self, rows: int, columns: int) -> QSize:
        """Pixels of so many cells together."""
        return QSize(max(1, edge(columns, self.width)), max(1, edge(rows, self.height)))

    def font(self) -> QFont:
        """The type of the numbers."""
        return theme.font(self.font_size, 600)

    def text(self, value: float) -> str:
        """`value` as it stands in a cell."""
        return written(value, self.form)


def edge(cells: int, size: float) -> int:
    """The whole pixel at which so many cells of `size` end: they hold every pixel whose middle lies in them."""
    return math.ceil(cells * size - 0.5)


def cell_layout(weights: npt.NDArray[np.float64], room: QSize) -> CellLayout:
    """The layout in which `weights` read best within the `room` in pixels."""
    rows, columns = weights.shape
    longest = max(rows, columns)
    if longest <= MAX_EDITED_SIDE:
        gap = theme.px(4 if longest <= 5 else 3 if longest <= 7 else 2)
        width = min(theme.px(MAX_CELL_WIDTH) + gap, room.width() // columns)
        tallest = max(theme.px(28), round(0.8 * width))
        height = min(theme.px(MAX_CELL_HEIGHT) + gap, room.height() // rows, tallest)
        if width - gap >= theme.px(MIN_TEXT_WIDTH) and height - gap >= theme.px(MIN_TEXT_HEIGHT):
            numbers = tuple(sorted({float(value) for value in weights.flat}))
            inside = width - gap - max(theme.px(4), width // 8)
            for size, form in TEXT_TRIALS:
                if _widest(numbers, size, form, theme.scale()) <= inside:
                    return CellLayout(width, height, gap, size, form)
    wide, high = room.width() / columns, room.height() / rows
    if min(rows, columns) > 3:
        wide = high = min(wide, high)
    return CellLayout(min(wide, theme.px(MAX_CELL_WIDTH)), min(high, theme.px(MAX_CELL_HEIGHT)), 0)


@lru_cache(maxsize=64)
def _widest(numbers: tuple[float, ...], size: int, form: str, scale: float) -> float:
    metrics = QFontMetricsF(theme.font(size, 600))
    return max(metrics.horizontalAdvance(written(value, form)) for value in numbers)


def written(value: float, form: str) -> str:
    """`value` with "3" significant figures, or with ".3" decimals and no zero before the point."""
    if not form.startswith(".") or value == int(value):
        return format_number(value, int(form.lstrip(".")))
    text = f"{abs(value):{form}f}"
    text = text[1:] if text.startswith("0") else text
    return f"{MINUS}{text}" if value < 0 else text


def paint_cell(painter: QPainter, area: QRect, layout: CellLayout, ground: QColor, text: str, *, bad: bool) -> None:
    """One rounded cell with its number; a bad one shows what was typed in an error frame."""
    colours = theme.palette()
    half = layout.gap / 2
    cell = QRectF(area).adjusted(half, half, -half, -half)
    radius = min(theme.px(6), cell.height() / 4)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if bad:
        painter.setPen(QPen(colours.error, theme.px(2)))
        cell = cell.adjusted(1, 1, -1, -1)
    elif theme.contrast(ground, colours.panel) < 1.3:
        painter.setPen(QPen(colours.line, 1))
        cell = cell.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setBrush(colours.field if bad else ground)
    painter.drawRoundedRect(cell, radius, radius)
    if not layout.is_heat_map:
        painter.setFont(layout.font())
        painter.setPen(colours.error if bad else theme.ink_on(ground))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(cell.width()) - theme.px(2))
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, shown)
    painter.restore()


def paint_ring(painter: QPainter, area: QRect, layout: CellLayout, colour: QColor) -> None:
    """The mark around the current cell, in the gap beside it or, on a heat map, just inside its edge."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if layout.is_heat_map:
        # Two lines, light and dark, so that one of them stands out on any colour.
        painter.setPen(QPen(QColor("#14161a"), 1))
        painter.drawRect(QRectF(area).adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.setPen(QPen(QColor("#ffffff"), 1))
        painter.drawRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5))
    else:
        width = max(2.0, layout.gap / 2)
        painter.setPen(QPen(colour, width))
        radius = min(theme.px(6), area.height() / 4) + 1
        inset = width / 2
        painter.drawRoundedRect(QRectF(area).adjusted(inset, inset, -inset, -inset), radius, radius)
    painter.restore()


@lru_cache(maxsize=2)
def _shades(theme_name: str) -> npt.NDArray[np.uint8]:
    """The colours of the shares -255/255 to 255/255, (511, 3)."""
    return np.array([theme.diverging(level / 255).getRgb()[:3] for level in range(-255, 256)], dtype=np.uint8)


def heat_colours(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """The diverging map's colours of weights, as shares of the largest."""
    levels = np.clip(np.rint(shares * 255), -255, 255).astype(int) + 255
    return _shades(theme.palette().name)[levels]


def heat_map(shares: npt.NDArray[np.float64]) -> QImage:
    """An image of one pixel a weight, coloured by the diverging map."""
    pixels = heat_colours(shares)
    rows, columns = shares.shape
    return QImage(pixels.tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()


def paint_heat_map(painter: QPainter, area: QRect, image: QImage) -> None:
    """The whole kernel at once, every weight a sharp block."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(area, image)
    painter.setPen(QPen(theme.palette().line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(area).adjusted(0, 0, -1, -1))
    painter.restore()


def thumbnail(weights: npt.NDArray[np.float64], side: int, ratio: float) -> QImage:
    """A small square picture of a kernel, for lists."""
    flat = weights if weights.ndim == 2 else weights[:, :, 0]
    largest = float(np.abs(flat).max())
    image = heat_map(flat / largest if largest else np.zeros(flat.shape))
    rows, columns = flat.shape
    # Whole pixels a weight while there is room for them, so that all weights look the same size.
    fit = side * ratio / max(rows, columns)
    unit = int(fit) if fit >= 2 else fit
    width, height = max(1.0, unit * columns), max(1.0, unit * rows)
    made = QImage(round(side * ratio), round(side * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.drawImage(QRectF((made.width() - width) // 2, (made.height() - height) // 2, width, height), image)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made
