"""The probabilities of several networks side by side: `predictionView`."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.network.answers import AnswerColumn
from viewer.widgets import Label, Message, describe, filled
from viewer.widgets.base import SpotToolTip
from viewer.widgets.labels import draw_elided

HEAD, TOP, WAS, ROW, GAP = 32, 28, 15, 16, 8
"""Design pixels: the two lines of the heading, the likeliest class, what it was, a class, between two columns."""
ROWS, INSET = 10, 3
"""How many classes have room; where the name of a class begins, in design pixels."""
WIDE = 1.28
"""How much wider a column is whose classes have names of their own."""
Align = Qt.AlignmentFlag


def share(probability: float) -> str:
    """A probability in percent with one decimal: "84.9"."""
    return f"{100 * probability:.1f}"


class AnswerColumns(SpotToolTip, QWidget):
    """Paints a column for each network: its name, the likeliest class, a bar for each class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "predictionView", self.tr("What the networks say"), "")
        self._columns: tuple[AnswerColumn, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_columns(self, columns: Sequence[AnswerColumn]) -> None:
        """Show what each network says."""
        columns = tuple(columns)
        if columns != self._columns:
            self._columns = columns
            self.setAccessibleDescription("\n".join(self._sentence(each) for each in columns))
            self.updateGeometry()
            self.update()

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        """What is shown."""
        return self._columns

    def _sentence(self, column: AnswerColumn) -> str:
        """All that a column says, in words."""
        if not column.probabilities:
            return self.tr("{network}: no answer").format(network=column.name)
        pairs = (f"{title} {share(value)} %" for title, value in zip(column.classes, column.probabilities, strict=True))
        said = self.tr("{network}, {size}: {top}; {all}").format(
            network=column.name, size=column.size, top=column.classes[column.top], all=", ".join(pairs)
        )
        if not column.before:
            return said
        return self.tr("{said}; {change}: {was} {before} % before").format(
            said=said,
            change=column.change,
            was=column.classes[column.top_before],
            before=share(column.before[column.top_before]),
        )

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        for column, room in zip(self._columns, self._rooms(), strict=False):
            if room.contains(spot):
                return self._sentence(column), room
        return None

    # Where everything stands ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(HEAD + TOP + WAS + ROWS * ROW + 6))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(160), self.sizeHint().height())

    def _rooms(self) -> list[QRect]:
        """The columns; one whose classes have long names is wider."""
        if not self._columns:
            return []
        gap = theme.px(GAP)
        shares = [WIDE if any(len(name) > 2 for name in each.classes) else 1.0 for each in self._columns]
        room = self.width() - gap * (len(shares) - 1)
        rooms, left = [], 0.0
        for each in shares:
            width = room * each / sum(shares)
            rooms.append(QRect(round(left), 0, round(width), self.height()))
            left += width + gap
        return rooms

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for column, room in zip(self._columns, self._rooms(), strict=True):
            self._paint_head(painter, room, column)
            if column.probabilities:
                self._paint_top(painter, room, column)
                self._paint_rows(painter, room, column)

    def _paint_head(self, painter: QPainter, room: QRect, column: AnswerColumn) -> None:
        colours, line = theme.palette(), theme.px(HEAD) // 2
        for number, (text, size, weight, ink) in enumerate((
            (column.name, 12, 600, colours.text), (column.kind, 10, 400, colours.muted),
        )):  # fmt: skip
            painter.setFont(theme.font(size, weight))
            painter.setPen(ink)
            draw_elided(painter, QRect(room.left(), room.top() + number * line, room.width(), line), text)

    def _paint_top(self, painter: QPainter, room: QRect, column: AnswerColumn) -> None:
        colours = theme.palette()
        top, before = column.top, column.top_before if column.before else None
        line = QRect(room.left(), theme.px(HEAD), room.width(), theme.px(TOP))
        name = column.classes[top]
        font = theme.font(22, 600)
        if QFontMetrics(font).horizontalAdvance(name) > line.width():
            font = theme.font(14, 600)
        painter.setFont(font)
        painter.setPen(colours.text)
        draw_elided(painter, line, name)
        if before is None:
            return
        painter.setFont(theme.font(11))
        painter.setPen(colours.accent if before == top else colours.positive_text)
        said = self.tr("as before") if before == top else self.tr("was {name}").format(name=column.classes[before])
        draw_elided(painter, QRect(room.left(), line.bottom(), room.width(), theme.px(WAS)), said)

    def _paint_rows(self, painter: QPainter, room: QRect, column: AnswerColumn) -> None:
        colours, height, top = theme.palette(), theme.px(ROW), theme.px(HEAD + TOP + WAS + 4)
        for number, value in enumerate(column.probabilities):
            line = QRect(room.left(), top + number * height, room.width(), height)
            self._paint_bar(painter, line, value, column.before[number] if column.before else None)
            is_top = number == column.top
            is_on_bar = value * line.width() > theme.px(INSET)
            painter.setFont(theme.font(10.5, 600 if is_top else 400))
            painter.setPen(colours.text if is_top or is_on_bar else colours.muted)  # muted does not read on a bar
            name = line.adjusted(theme.px(INSET), 0, -painter.fontMetrics().horizontalAdvance(share(value)), 0)
            draw_elided(painter, name, column.classes[number])
            painter.drawText(
                line.adjusted(0, 0, -theme.px(INSET), 0), Align.AlignRight | Align.AlignVCenter, share(value)
            )

    @staticmethod
    def _paint_bar(painter: QPainter, room: QRect, value: float, before: float | None) -> None:
        """A bar behind the name of its class, and below it a line as long as it was before."""
        colours = theme.palette()
        body, below = QRectF(room).adjusted(0, 1, 0, -3), QRectF(room.left(), room.bottom() - 1, room.width(), 1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.mixed(colours.panel, colours.accent, 0.45))
        painter.drawRoundedRect(QRectF(body.left(), body.top(), max(1.0, body.width() * value), body.height()), 2, 2)
        if before is not None:
            painter.setBrush(colours.muted)
            painter.drawRect(QRectF(below.left(), below.top(), below.width() * before, below.height()))


class AnswersPanel(QWidget):
    """The columns, what an edit did to them, and the sentence that says why there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = AnswerColumns()
        self.message = Message("answersMessage")
        self.effect = Label("", "muted", name="filterEffect", wraps=True)
        self.effect.hide()
        filled(QVBoxLayout(self), self.message, self.columns, self.effect, spacing=4)

    def show_message(self, sentence: str) -> None:
        """Say why there is no answer; an empty sentence takes it back."""
        self.message.show_error(sentence)

    def show_effect(self, text: str, tip: str) -> None:
        """Say what an edited filter does; an empty text takes it back."""
        self.effect.setText(text)
        self.effect.setToolTip(tip)
        self.effect.setVisible(bool(text))
