"""The gradient of one weight: message times input at one place, added up over all places and pictures."""

from __future__ import annotations

import msgspec
from PyQt6.QtCore import QRect, QRectF, QSize
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.network.train.views.update_card import write_terms
from viewer.pages.network.views.unit import Term
from viewer.widgets import describe
from viewer.widgets.labels import draw_elided

LINE, LEAST, TYPE = 18, 36, 12.5
"""Design pixels: a line, the bars at least, the type."""


class Gradient(msgspec.Struct, frozen=True):
    """How a gradient comes about.

    Attributes
    ----------
    lines : tuple of (words, terms)
        Message × input at one place; the sum over the places of one picture; the sum over the pictures.
    shares : tuple of float
        What each picture adds.
    chosen : int
        The picture that is looked at.
    """

    lines: tuple[tuple[str, tuple[Term, ...]], ...]
    shares: tuple[float, ...]
    chosen: int

    @property
    def sentence(self) -> str:
        """It in words."""
        return "; ".join(f"{words}: {''.join(term.text for term in terms)}" for words, terms in self.lines)


class GradientCard(QWidget):
    """Lines of arithmetic, and a bar for what each picture adds: orange above zero, blue below, gold the chosen one."""

    def __init__(self) -> None:
        super().__init__()
        describe(
            self,
            "stepGradient",
            self.tr("The gradient of one weight"),
            self.tr("Message times input, added up over all places and all pictures"),
        )
        self._shown: Gradient | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_gradient(self, shown: Gradient) -> None:
        """Show a gradient."""
        self._shown = shown
        self.setAccessibleDescription(shown.sentence)
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        lines = 0 if self._shown is None else len(self._shown.lines)
        return QSize(theme.px(200), lines * 2 * theme.px(LINE) + theme.px(LEAST))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._shown is None:
            return
        painter, colours, line = QPainter(self), theme.palette(), theme.px(LINE)
        room = QRect(0, 0, self.width(), line)
        for words, terms in self._shown.lines:
            painter.setFont(theme.font(TYPE - 0.5))
            painter.setPen(colours.muted)
            draw_elided(painter, room, words)
            write_terms(painter, room.translated(0, line), terms, TYPE + 0.5)
            room.translate(0, 2 * line + theme.px(4))
        self._paint_bars(painter, QRect(0, room.top(), self.width(), self.height() - room.top() - theme.px(2)))

    def _paint_bars(self, painter: QPainter, room: QRect) -> None:
        shown, colours = self._shown, theme.palette()
        assert shown is not None
        high, low = max(0.0, *shown.shares), min(0.0, *shown.shares)
        if room.height() < theme.px(16) or high == low:
            return
        wide = room.width() / len(shown.shares)
        zero = room.top() + room.height() * high / (high - low)
        for number, share in enumerate(shown.shares):
            ink = colours.crosshair if number == shown.chosen else colours.positive if share > 0 else colours.negative
            length = share / (high - low) * room.height()
            bar = QRectF(number * wide, zero - max(length, 0.0), max(1.0, wide - 2), max(abs(length), 1.0))
            painter.fillRect(bar, ink)
        painter.fillRect(QRectF(room.left(), zero, room.width(), 1), colours.muted)
