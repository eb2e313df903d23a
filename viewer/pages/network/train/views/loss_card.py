"""The loss of one picture: outputs, what they are as probabilities, and log-sum-exp in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.network.train.views.update_card import write_terms
from viewer.pages.network.views.unit import Term
from viewer.widgets import describe
from viewer.widgets.labels import draw_elided

ROW, LEAST_ROW, HEAD, LINE, TYPE = 17, 12, 18, 20, 11.5
"""Design pixels: a class, and at least, the titles of the columns, a line of arithmetic, the type."""
GAP = 8
"""Between two columns; the first, of the names, takes what the others leave."""
Align = Qt.AlignmentFlag


class LossRow(msgspec.Struct, frozen=True):
    """A class: its output z, exp z, its probability p, and the message p − y; y is 1 for what is true, else 0."""

    name: str
    output: str
    exponential: str
    probability: str
    message: str
    is_true: bool = False


class PictureLoss(msgspec.Struct, frozen=True):
    """Of one picture: at most ten classes, lines of arithmetic below them, and what the message is called."""

    rows: tuple[LossRow, ...]
    lines: tuple[tuple[Term, ...], ...]
    message_title: str = "p − y"

    @property
    def sentence(self) -> str:
        """The arithmetic in words."""
        return "; ".join("".join(term.text for term in line) for line in self.lines)


class LossCard(QWidget):
    """Paints it as a table; what is true is gold."""

    def __init__(self) -> None:
        super().__init__()
        describe(
            self,
            "stepLoss",
            self.tr("The loss of this picture"),
            self.tr("Outputs z, exp z, probabilities p, and the message p − y that goes back"),
        )
        self._shown: PictureLoss | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_loss(self, shown: PictureLoss) -> None:
        """Show the loss of a picture."""
        self._shown = shown
        self.setAccessibleDescription(shown.sentence)
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        rows, lines = (0, 0) if self._shown is None else (len(self._shown.rows), len(self._shown.lines))
        return QSize(theme.px(220), theme.px(HEAD + rows * LEAST_ROW + lines * LINE + 4))

    def sizeHint(self) -> QSize:
        rows, lines = (0, 0) if self._shown is None else (len(self._shown.rows), len(self._shown.lines))
        return QSize(theme.px(280), theme.px(HEAD + rows * ROW + lines * LINE + 4))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._shown is None:
            return
        painter, colours, shown = QPainter(self), theme.palette(), self._shown
        room = self.height() - theme.px(HEAD + len(shown.lines) * LINE + 4)
        high = min(theme.px(ROW), room // max(1, len(shown.rows)))
        painter.setFont(theme.font(TYPE))
        painter.setPen(colours.muted)
        titles = (self.tr("class"), "z", "exp z", "p", shown.message_title)
        size = min(TYPE + 0.5, 0.9 * high / theme.scale())
        metrics = QFontMetricsF(theme.font(max(TYPE, size), 600))
        rows = [(each.name, each.output, each.exponential, each.probability, each.message) for each in shown.rows]
        widths = [
            max(metrics.horizontalAdvance(text) for text in texts) + theme.px(GAP)
            for texts in list(zip(titles, *rows, strict=True))[1:]
        ]
        self._paint_row(painter, QRect(0, 0, self.width(), theme.px(HEAD)), titles, widths)
        for number, each in enumerate(shown.rows):
            line = QRect(0, theme.px(HEAD) + number * high, self.width(), high)
            if each.is_true:
                painter.fillRect(line, colours.field)
            painter.setFont(theme.font(size, 600 if each.is_true else 400))
            painter.setPen(colours.text)
            self._paint_row(painter, line, rows[number], widths, signed=True)
            if each.is_true:
                painter.fillRect(QRect(0, line.top(), theme.px(3), line.height()), colours.crosshair)
        top = theme.px(HEAD + 4) + len(shown.rows) * high
        for number, terms in enumerate(shown.lines):
            line = QRect(0, top + number * theme.px(LINE), self.width(), theme.px(LINE))
            write_terms(painter, line, terms, TYPE + 1)

    @staticmethod
    def _paint_row(
        painter: QPainter, line: QRect, texts: tuple[str, ...], widths: Sequence[float], *, signed: bool = False
    ) -> None:
        """The name at the left, numbers ending below each other; a message is blue below 0, orange above."""
        left = line.width() - sum(widths) - theme.px(GAP)
        name = QRect(theme.px(GAP), line.top(), round(left) - theme.px(GAP), line.height())
        draw_elided(painter, name, texts[0])
        for number, (text, width) in enumerate(zip(texts[1:], widths, strict=True)):
            room = QRectF(left, line.top(), width, line.height())
            left += width
            if signed and number == len(widths) - 1:
                below = not text[:1].isdigit()
                painter.setPen(theme.palette().negative_text if below else theme.palette().positive_text)
            painter.drawText(room, Align.AlignVCenter | Align.AlignRight, text)
