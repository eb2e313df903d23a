"""Probabilities before and after, class by class."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.widgets import describe
from viewer.widgets.labels import draw_elided

ROW, LEAST_ROW, NUMBER, PERCENT, ARROW, GAP = 18, 12, 29, 46, 14, 8
LEAST_BAR = 40
"""Design pixels below which there is no room for bars."""


class Change(msgspec.Struct, frozen=True):
    """The probability of one class before and after, 0 to 1."""

    label: str
    before: float
    after: float

    @property
    def rose(self) -> bool:
        """Whether the class gained."""
        return self.after >= self.before

    @property
    def sentence(self) -> str:
        """Both in words."""
        return f"{self.label}: {percent(self.before)} → {percent(self.after)} %"


def percent(probability: float) -> str:
    """A probability as a number of per cent with one decimal; certainty without."""
    return f"{100 * probability:.1f}".replace("100.0", "100")


class ChangeList(QWidget):
    """A row for each class; what it gained is orange, what it lost blue."""

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str) -> None:
        super().__init__()
        describe(self, object_name, accessible_name, tool_tip)
        self._changes: tuple[Change, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_changes(self, changes: Sequence[Change]) -> None:
        """Show these, the first above."""
        self._changes = tuple(changes)
        self.setAccessibleDescription("; ".join(each.sentence for each in changes))
        self.updateGeometry()
        self.update()

    @property
    def sentences(self) -> list[str]:
        """What the rows say."""
        return [each.sentence for each in self._changes]

    def sizeHint(self) -> QSize:
        return QSize(theme.px(100), len(self._changes) * theme.px(ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(100), len(self._changes) * theme.px(LEAST_ROW))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if not self._changes:
            return
        painter = QPainter(self)
        high = min(theme.px(ROW), self.height() // len(self._changes))
        metrics = QFontMetricsF(theme.font(11.5, 600))
        wide = math.ceil(max(metrics.horizontalAdvance(each.label) for each in self._changes))
        for number, change in enumerate(self._changes):
            self._paint_row(painter, change, QRect(0, number * high, self.width(), high), wide)

    def _paint_row(self, painter: QPainter, change: Change, row: QRect, wide: int) -> None:
        colours = theme.palette()
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        after = QRect(row.right() + 1 - theme.px(PERCENT), row.top(), theme.px(PERCENT), row.height())
        numbers = after.left() - theme.px(NUMBER + ARROW)
        # Where a name would have no room, what was before gives way.
        is_whole = row.left() + wide < numbers
        numbers = numbers if is_whole else after.left()
        label = QRect(row.left(), row.top(), min(wide + 1, numbers - row.left()), row.height())
        painter.setFont(theme.font(11.5, 600))
        painter.setPen(colours.text)
        draw_elided(painter, label, change.label)
        bar = QRect(label.right() + theme.px(GAP), row.top(), numbers - label.right() - 2 * theme.px(GAP), row.height())
        if bar.width() >= theme.px(LEAST_BAR):
            self._paint_bar(painter, change, bar)
        if is_whole:
            painter.setFont(theme.font(11.5))
            painter.setPen(colours.muted)
            painter.drawText(QRect(numbers, row.top(), theme.px(NUMBER), row.height()), right, percent(change.before))
            arrow = QRect(numbers + theme.px(NUMBER), row.top(), theme.px(ARROW), row.height())
            painter.drawText(arrow, Qt.AlignmentFlag.AlignCenter, "→")
        painter.setFont(theme.font(11.5, 600))
        painter.setPen(self._ink(change))
        painter.drawText(after, right, f"{percent(change.after)} %")

    @staticmethod
    def _ink(change: Change) -> QColor:
        """Of the number after: what looks the same is not coloured."""
        colours = theme.palette()
        if percent(change.before) == percent(change.after):
            return colours.text
        return colours.positive_text if change.rose else colours.negative_text

    def _paint_bar(self, painter: QPainter, change: Change, room: QRect) -> None:
        """The probability after, and a tick where it was before."""
        colours = theme.palette()
        track = QRectF(room.left(), room.center().y() - theme.px(3), room.width(), theme.px(7))
        painter.fillRect(track, colours.field)
        after, before = (track.width() * each for each in (change.after, change.before))
        ink = colours.positive if change.rose else colours.negative
        painter.fillRect(QRectF(track.left(), track.top(), max(1.0, after), track.height()), ink)
        painter.fillRect(QRectF(track.left() + before - 1, track.top() - 2, 2, track.height() + 4), colours.muted)
