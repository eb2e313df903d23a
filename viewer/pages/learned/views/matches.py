"""What the selected filter resembles: named patterns, each drawn beside its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.learned.views.painting import PictureCache, fitted
from viewer.widgets import describe

ROW_HEIGHT, PICTURE_SIDE, MOST = 34, 28, 3


@dataclass(frozen=True, eq=False)
class MatchRow:
    """A pattern as a picture (h, w[, 3]), how similar it is, its name, and its parameters."""

    picture: NDArray[np.uint8]
    score: str
    title: str
    settings: str = ""

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return f"{self.score} {self.title}" + (f", {self.settings}" if self.settings else "")


class MatchList(QWidget):
    """Up to three patterns below each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(
            self,
            "learnedMatches",
            self.tr("Resembles"),
            self.tr(
                "The named patterns most like this filter, with the cosine of the two: 1 is the same but for scale"
            ),
        )
        self._rows: tuple[MatchRow, ...] = ()
        self._pictures = PictureCache(32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: Sequence[MatchRow]) -> None:
        """Show these patterns, the most similar first."""
        self._rows = tuple(rows)[:MOST]
        self.setAccessibleDescription("; ".join(row.sentence for row in self._rows))
        self.update()

    @property
    def sentences(self) -> list[str]:
        """What the rows say."""
        return [row.sentence for row in self._rows]

    def sizeHint(self) -> QSize:
        return QSize(theme.px(160), MOST * theme.px(ROW_HEIGHT))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        height, side, gap = theme.px(ROW_HEIGHT), theme.px(PICTURE_SIDE), theme.px(8)
        for number, row in enumerate(self._rows):
            top = number * height
            box = QRect(0, top + (height - side) // 2, side, side)
            self._pictures.draw(painter, row.picture, fitted(row.picture, box))
            room = QRect(side + gap, top, self.width() - side - gap, height)
            upper, lower = (
                room.adjusted(0, theme.px(2), 0, -height // 2),
                room.adjusted(0, height // 2, 0, -theme.px(2)),
            )
            if not row.settings:
                upper = room
            self._write(painter, upper, f"{row.score}  {row.title}", colours.text, 600 if number == 0 else 400)
            self._write(painter, lower, row.settings, colours.muted, 400)

    @staticmethod
    def _write(painter: QPainter, room: QRect, text: str, ink: QColor, weight: int) -> None:
        painter.setFont(theme.font(11.5, weight))
        painter.setPen(ink)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
