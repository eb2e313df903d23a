"""The right end of the line: the result, large, and the sum written out."""

from __future__ import annotations

import msgspec
from PyQt6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from kernels.digits import WrittenSum, format_number
from kernels.filtering.tracing import Arithmetic
from viewer import theme
from viewer.pages.stage.views.equation.flow import Lines, fitted, paint_lines
from viewer.pages.stage.views.equation.plan import NOTE, SUM, TITLE, VALUE, Plan, type_of
from viewer.pages.stage.views.equation.writing import (
    Cell,
    Piece,
    Sum,
    channel_pieces,
    ink_of,
    is_signed,
    last_step,
)  # fmt: skip
from viewer.widgets import describe, format_position

#: By the number of lines of the sum: how far above the middle the result stands, the middle of the lines, their pitch.
LINES = {1: (10, 162, 23), 2: (10, 162, 23), 3: (22, 159, 23), 4: (32, 153, 21)}
ABOVE = 66
"""Where the highest result begins."""
FEW, MOST_DIGITS = 12, 14
ARROW, SWATCH, BETWEEN = 22, 40, 17


def _tr(text: str) -> str:
    return QCoreApplication.translate("Equation", text)


class Outcome(msgspec.Struct, frozen=True, eq=False):
    """What a reading comes to; `channels` are the sums of the channels, for a kernel that adds them up."""

    title: str
    sum: Sum
    channels: list[Piece]
    step: str
    value: str
    ink: str
    colour: tuple[int, int, int] | None


def outcome_of(
    content: Arithmetic, channel: int, total: WrittenSum, colour: tuple[int, int, int] | None, *, covered: bool
) -> Outcome:
    """What `channel` of a reading comes to; `colour` is that of the output pixel."""
    value = content.value(channel)
    name = content.channels[channel] if content.channels and not content.sums_channels else ""
    place = format_position(*content.trace(channel).position)
    return Outcome(
        title=_tr("Output pixel {place}").format(place=place) + (f" · {name}" if name else ""),
        sum=Sum(content, channel, total, covered=covered),
        channels=channel_pieces(content, total) if content.sums_channels and content.channels else [],
        step=last_step(total),
        value=shown_value(total.last.value, value),
        ink="text" if value == 0 else ink_of(value, signed=is_signed(content, channel)),
        colour=colour,
    )


def shown_value(written: str, value: float) -> str:
    """`value` as the last step has it, or shorter where that would be very long."""
    return written if len(written) <= MOST_DIGITS else format_number(value, 5)


class OutcomeView(QWidget):
    """A title, the number, the sum, and the last step below."""

    def __init__(self, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, object_name, self.tr("Output pixel"), "")
        self._plan: Plan | None = None
        self._outcome: Outcome | None = None
        self._reason = ""
        self._covered = False
        self._marked: Cell | None = None
        self._sum = self._channels = Lines(1.0, ())
        self._value_size = 1.0
        self._has_arrow = self._has_swatch = False

    # Setters --------------------------------------------------------------------------------------------------

    def show_result(self, outcome: Outcome | None, reason: str) -> None:
        """Show a result, or the `reason` why there is none; `place` arranges it."""
        self._outcome, self._reason = outcome, reason
        self.setAccessibleDescription(self.value_text())

    def show_marked(self, cell: Cell | None) -> None:
        """Underline the term of `cell`."""
        if cell != self._marked:
            self._marked = cell
            self.update()

    def place(self, plan: Plan) -> None:
        """Stand where `plan` says."""
        self._plan = plan
        self.setGeometry(plan.result.toAlignedRect())
        self._arrange()

    def value_text(self) -> str:
        """The result as it is written."""
        return "" if self._outcome is None else "?" if self._covered else self._outcome.value

    def sum_text(self) -> str:
        """The sum as it is written."""
        return _text(self._sum)

    def channel_text(self) -> str:
        """The sums of the channels as they are written."""
        return _text(self._channels)

    def step_text(self) -> str:
        """The last step as it is written; none while the result is covered."""
        return "" if self._outcome is None or self._covered else self._outcome.step

    # What stands there besides -------------------------------------------------------------------------------

    def _said(self) -> str:
        """What is said beside the title."""
        return ""

    def _said_ink(self) -> QColor:
        return theme.palette().text

    def _foot(self) -> str:
        """What stands at the bottom."""
        return self.step_text()

    def _room_at_right(self, plan: Plan, *, has_hint: bool) -> float:
        """What is taken from the line of the result."""
        return 0.0

    def _place_at_right(self, plan: Plan, *, has_hint: bool) -> None:
        """Arrange what stands there."""

    # Arranging ------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        plan, outcome = self._plan, self._outcome
        if plan is None or outcome is None:
            self.update()
            return
        sizes = plan.type_size(SUM), plan.least
        self._channels = Lines(sizes[1], ())
        if outcome.channels and not self._covered:
            self._channels = fitted(lambda _terms: outcome.channels, 0, sizes, self.width(), 2)
        # Few terms are all written out, on a third line if need be.
        most = 2 if self._channels.lines or outcome.sum.count > FEW else 3
        self._sum = fitted(outcome.sum.pieces, outcome.sum.count, sizes, self.width(), most)
        self._share_the_line(plan)
        self.update()

    def _share_the_line(self, plan: Plan) -> None:
        """Give room to the result: the arrow goes first, then the hint at the key, then the colour."""
        has_colour = self._outcome is not None and self._outcome.colour is not None and not self._covered
        metrics = QFontMetricsF(type_of(100, 700))
        em = metrics.horizontalAdvance(self.value_text()) / 100
        for arrow, hint, swatch in ((True,) * 3, (False, True, True), (False, False, True), (False, False, False)):
            room = self.width() - self._room_at_right(plan, has_hint=hint)
            if has_colour and swatch:
                room -= plan.at(SWATCH + BETWEEN) + (plan.at(ARROW + BETWEEN) if arrow else 0.0)
            if em * plan.at(VALUE) <= room:
                break
        self._has_arrow, self._has_swatch = has_colour and arrow, has_colour and swatch
        self._value_size = max(min(plan.at(VALUE), room / max(em, 0.1)), plan.least)
        self._place_at_right(plan, has_hint=hint)

    def _value_middle(self, plan: Plan) -> float:
        return plan.middle - plan.at(self._lines()[0])

    def _lines(self) -> tuple[int, int, int]:
        return LINES[min(max(len(self._sum.lines) + len(self._channels.lines), 1), max(LINES))]

    # Painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        plan, outcome, painter = self._plan, self._outcome, QPainter(self)
        if plan is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if outcome is None:
            painter.setFont(type_of(plan.type_size(TITLE)))
            painter.setPen(theme.palette().muted)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()), int(flags), self._reason)
            return
        self._paint_heading(painter, plan, outcome)
        self._paint_value(painter, plan, outcome)
        count = len(self._sum.lines) + len(self._channels.lines)
        _above, block, pitch = (plan.at(each) for each in self._lines())
        first = block - (count - 1) * pitch / 2
        middles = [first + line * pitch for line in range(count)]
        split = len(self._sum.lines)
        paint_lines(painter, self._sum, 0.0, middles[:split], self._marked)
        paint_lines(painter, self._channels, 0.0, middles[split:], None)
        painter.setPen(theme.palette().muted)
        painter.setFont(type_of(plan.type_size(NOTE)))
        foot = QRectF(0, plan.note - 20, self.width(), 40)
        shown = painter.fontMetrics().elidedText(self._foot(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_heading(self, painter: QPainter, plan: Plan, outcome: Outcome) -> None:
        colours = theme.palette()
        line = QRectF(0, plan.title - 20, self.width(), 40)
        said = self._said()
        plain, strong = (type_of(plan.type_size(TITLE), weight) for weight in (500, 600))
        taken = QFontMetricsF(plain).horizontalAdvance(outcome.title) + plan.at(12)
        if not said or taken + QFontMetricsF(strong).horizontalAdvance(said) <= self.width():
            painter.setFont(plain)
            painter.setPen(colours.muted)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, outcome.title)
            line.setLeft(taken)
        if said:
            painter.setPen(self._said_ink())
            box, size = self._box_of(plan, said, line)
            painter.setFont(type_of(size, 600))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap), said)

    def _box_of(self, plan: Plan, said: str, line: QRectF) -> tuple[QRectF, float]:
        """Where `said` is written and how large: on the `line` of the title, else in several above the result."""
        for size in (plan.type_size(TITLE), plan.least):
            metrics = QFontMetricsF(type_of(size, 600))
            if metrics.horizontalAdvance(said) <= line.width():
                return line, size
            height = metrics.boundingRect(QRectF(0, 0, self.width(), 1e4), Qt.TextFlag.TextWordWrap, said).height()
            if height < 2.5 * metrics.lineSpacing():
                break
        top = min(plan.title - metrics.lineSpacing() / 2, plan.at(ABOVE) - height)
        return QRectF(0, max(0.0, top), self.width(), height), size

    def _paint_value(self, painter: QPainter, plan: Plan, outcome: Outcome) -> None:
        colours, middle = theme.palette(), self._value_middle(plan)
        painter.setFont(type_of(self._value_size, 700))
        painter.setPen(colours.crosshair if self._covered else getattr(colours, outcome.ink))
        box = QRectF(0, middle - 60, self.width(), 120)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.value_text())
        x = QFontMetricsF(type_of(self._value_size, 700)).horizontalAdvance(self.value_text()) + plan.at(BETWEEN)
        if self._has_arrow:
            head = plan.at(7)
            end = QPointF(x + plan.at(ARROW), middle)
            painter.setPen(QPen(colours.muted, plan.at(2.2), cap=Qt.PenCapStyle.RoundCap))
            painter.drawLines(
                QLineF(QPointF(x, middle), end),
                QLineF(end - QPointF(head, head), end),
                QLineF(end - QPointF(head, -head), end),
            )
            x += plan.at(ARROW + BETWEEN)
        if self._has_swatch and outcome.colour is not None:
            side = plan.at(SWATCH)
            painter.setPen(QPen(colours.crosshair, plan.at(4), join=Qt.PenJoinStyle.MiterJoin))
            painter.setBrush(QColor(*outcome.colour))
            painter.drawRect(QRectF(x, middle - side / 2, side, side).adjusted(2, 2, -2, -2))


def _text(found: Lines) -> str:
    pieces = [placed.piece for line in found.lines for placed in line]
    return " ".join(f"{piece.sign} {piece.text}".strip() for piece in pieces)
