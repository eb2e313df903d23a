"""Numbers that have to fit: the largest type for all of them, or fewer figures; texts once laid out are kept."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

import msgspec
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText

from viewer import theme
from viewer.widgets import format_number
from viewer.widgets.numbers import MINUS

READABLE = 8
"""Pixels of the smallest type that is still written."""
MOST = 6000
_MEASURED = 64
_Style = tuple[int, int, bool]


class Fit(msgspec.Struct, frozen=True):
    """How some texts are written: the size of their type in pixels, 0 for not at all, and what is shortened to what."""

    size: int
    shortened: dict[str, str] = msgspec.field(default_factory=dict)

    def text(self, text: str) -> str:
        """`text` as it is written."""
        return self.shortened.get(text, text)


def fit(texts: Iterable[str], room: float, largest: float, least: float, weight: int = 500) -> Fit:
    """Write all of `texts` into `room` pixels each: in smaller type down to `least`, then with fewer figures."""
    shares = {text: _share(text, weight) for text in texts}
    widest = max(shares.values(), default=0.0)
    size = _size(room, largest, widest)
    if size < math.floor(least) and widest > 0.0:
        most = room / least
        shortened = {text: _fewer_figures(text, most, weight) for text, share in shares.items() if share > most}
        widest = max(_share(shortened.get(text, text), weight) for text in shares)
        size = _size(room, least, widest)
        return Fit(size if size >= READABLE else 0, shortened)
    return Fit(size if size >= READABLE else 0)


def _size(room: float, largest: float, widest: float) -> int:
    return math.floor(min(largest, room / widest) if widest > 0.0 else largest)


@lru_cache(maxsize=MOST)
def _fewer_figures(text: str, most: float, weight: int) -> str:
    """The number with as many figures as `most` ems hold, else with the fewest."""
    sign = "×" if text.startswith("×") else ""
    try:
        value = float(text.removeprefix(sign).replace(MINUS, "-"))
    except ValueError:
        return text
    tries = [text, *(sign + format_number(value, figures) for figures in (5, 4, 3, 2, 1))]
    return next((each for each in tries if _share(each, weight) <= most), min(tries, key=len))


@lru_cache(maxsize=MOST)
def _share(text: str, weight: int) -> float:
    """How wide `text` is, in ems."""
    return QFontMetricsF(_font((_MEASURED, weight, False))).horizontalAdvance(text) / _MEASURED


def _font(style: _Style) -> QFont:
    size, weight, italic = style
    made = theme.font(weight=weight)
    made.setPixelSize(size)
    made.setItalic(italic)
    return made


class Lettering:
    """Writes texts about a point; keeps fonts and texts that it has laid out."""

    def __init__(self) -> None:
        self._fonts: dict[_Style, tuple[QFont, float]] = {}
        self._texts: dict[tuple[str, _Style], tuple[QStaticText, float]] = {}

    def write(
        self,
        painter: QPainter,
        text: str,
        middle: QPointF,
        size: int,
        weight: int,
        ink: QColor,
        *,
        italic: bool = False,
    ) -> None:
        """Write `text` so that the middle of its figures is `middle`."""
        style = size, weight, italic
        font, drop = self._fonts.get(style) or self._make_font(style)
        laid, half = self._texts.get((text, style)) or self._lay_out(text, style, font)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawStaticText(QPointF(middle.x() - half, middle.y() - drop), laid)

    def width(self, text: str, size: int, weight: int) -> float:
        """How wide `text` comes out."""
        return _share(text, weight) * size

    def _make_font(self, style: _Style) -> tuple[QFont, float]:
        if len(self._fonts) > 64:
            self._fonts.clear()
        font = _font(style)
        metrics = QFontMetricsF(font)
        made = self._fonts[style] = (font, metrics.ascent() - metrics.capHeight() / 2)
        return made

    def _lay_out(self, text: str, style: _Style, font: QFont) -> tuple[QStaticText, float]:
        if len(self._texts) > MOST:
            self._texts.clear()
        laid = QStaticText(text)
        laid.prepare(font=font)
        made = self._texts[text, style] = (laid, laid.size().width() / 2)
        return made
