"""What an optimiser makes of a gradient, in letters and in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.network.views.unit import Term
from viewer.widgets import describe
from viewer.widgets.labels import draw_elided
from viewer.widgets.numbers import MINUS

LINE, EDGE, TYPE, LARGE, LEAST = 18, 10, 12.5, 26, 12
"""Design pixels: a line of the formula, inside the card, and the types: usual, of the new weight, the smallest."""
Align = Qt.AlignmentFlag


class UpdateLine(msgspec.Struct, frozen=True):
    """A formula in letters, the same in numbers, and what comes out: "≈ 0.2596", and in short: "0.26"."""

    formula: str
    numbers: str
    outcome: str
    short: str


class Update(msgspec.Struct, frozen=True):
    """What an optimiser does, line by line, the last of which gives the new weight."""

    lines: tuple[UpdateLine, ...]
    result: str

    @property
    def sentence(self) -> str:
        """It in words."""
        return "; ".join(f"{line.formula} = {line.numbers} {line.outcome}" for line in self.lines)


class UpdateCard(QWidget):
    """Every formula in letters and in numbers, and the new w in gold; a `brief` one has numbers for the last only."""

    def __init__(self, *, brief: bool = False) -> None:
        super().__init__()
        describe(
            self,
            "briefUpdate" if brief else "stepUpdate",
            self.tr("The new weight"),
            self.tr("What the optimiser makes of the gradient"),
        )
        self._is_brief = brief
        self._shown: Update | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_update(self, shown: Update | None) -> None:
        """Show what is computed."""
        self._shown = shown
        self.setAccessibleDescription("" if shown is None else shown.sentence)
        self.updateGeometry()
        self.update()

    def _has_numbers(self, number: int) -> bool:
        return self._shown is not None and (not self._is_brief or number == len(self._shown.lines) - 1)

    def _numbers(self, number: int) -> list[str]:
        """The numbers of a line, in as many lines as they take."""
        if not self._has_numbers(number):
            return []
        return wrapped(self._shown.lines[number].numbers, self.width() - 2 * theme.px(EDGE), theme.font(TYPE))

    def sizeHint(self) -> QSize:
        lines = [] if self._shown is None else range(len(self._shown.lines))
        high = sum(1 + len(self._numbers(number)) for number in lines) * theme.px(LINE)
        return QSize(theme.px(200), high + theme.px(40) + 2 * theme.px(EDGE))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._shown is None:
            return
        painter, colours = QPainter(self), theme.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.line, 1))
        painter.setBrush(colours.field)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))
        edge, line = theme.px(EDGE), theme.px(LINE)
        room = QRect(edge, edge, self.width() - 2 * edge, line)
        for number, each in enumerate(self._shown.lines):
            is_last = number == len(self._shown.lines) - 1
            outcome = each.short if self._is_brief else each.outcome
            self._paint_formula(painter, room, each.formula, "" if is_last else outcome)
            room.translate(0, line)
            for part in self._numbers(number):
                write_terms(painter, room, (Term(part),), TYPE)
                room.translate(0, line)
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(room.left(), room.top() + theme.px(4), room.right(), room.top() + theme.px(4))
        last = QRect(room.left(), room.top() + theme.px(6), room.width(), theme.px(34))
        painter.setFont(theme.font(TYPE))
        painter.setPen(colours.muted)
        name = self.tr("new w")
        painter.drawText(last, Align.AlignVCenter | Align.AlignLeft, name)
        left = last.width() - painter.fontMetrics().horizontalAdvance(name) - theme.px(8)
        wide = QFontMetricsF(theme.font(LARGE, 700)).horizontalAdvance(self._shown.result)
        painter.setFont(theme.font(max(LEAST, LARGE * min(1.0, left / max(wide, 1.0))), 700))
        painter.setPen(gold_text())
        painter.drawText(last, Align.AlignVCenter | Align.AlignRight, self._shown.result)

    @staticmethod
    def _paint_formula(painter: QPainter, room: QRect, formula: str, outcome: str) -> None:
        colours = theme.palette()
        painter.setFont(theme.font(TYPE, 600))
        painter.setPen(colours.text)
        painter.drawText(room, Align.AlignVCenter | Align.AlignRight, outcome)
        wide = painter.fontMetrics().horizontalAdvance(outcome) + (theme.px(6) if outcome else 0)
        painter.setFont(theme.font(TYPE - 0.5))
        painter.setPen(colours.muted)
        draw_elided(painter, room.adjusted(0, 0, -wide, 0), formula)


def wrapped(text: str, width: int, font: QFont) -> list[str]:
    """`text` in lines that are no wider, each cut before one of its operators."""
    metrics, lines = QFontMetricsF(font), [""]
    for word in (
        text.replace(" + ", "\n+ ")
        .replace(f" {MINUS} ", f"\n{MINUS} ")
        .replace(" / ", "\n/ ")
        .replace(" · ", "\n· ")
        .split("\n")
    ):
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and metrics.horizontalAdvance(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def gold_text() -> QColor:
    """Gold that can be read as text in both themes."""
    colours = theme.palette()
    return colours.crosshair if colours.is_dark else colours.warning


def write_terms(painter: QPainter, room: QRect, terms: Sequence[Term], size: float) -> float:
    """Write the terms of a line one behind the other, smaller where there is little room; return how wide they are."""
    while True:
        wide = [
            QFontMetricsF(theme.font(term.size or size, term.weight)).horizontalAdvance(term.text) for term in terms
        ]
        if sum(wide) <= room.width() or size <= LEAST:
            break
        size -= 0.5
    left = float(room.left())
    for term, each in zip(terms, wide, strict=True):
        painter.setFont(theme.font(term.size or size, term.weight))
        painter.setPen(getattr(theme.palette(), term.ink))
        painter.drawText(QRectF(left, room.top(), each + 2, room.height()), Align.AlignVCenter, term.text)
        left += each
    return sum(wide)
