"""A weighted sum over a window: window ⊙ weights = products for one channel, and the sums of all channels below."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication, QRectF, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QWidget

from kernels.digits import WrittenSum, brief, number_of
from kernels.numbers import MINUS
from kernels.recipe.tracing import StageTrace
from viewer.pages.filter.views.arithmetic.content import product_text
from viewer.pages.layers.views.arithmetic.channel_row import HEIGHT, ChannelRow, ChannelSums
from viewer.pages.layers.views.arithmetic.content import arithmetic_of
from viewer.pages.layers.views.arithmetic.names import Names
from viewer.pages.stage.views.equation.line import ArithmeticLine
from viewer.pages.stage.views.equation.outcome import Outcome, shown_value
from viewer.pages.stage.views.equation.writing import Cell, Sum, brief_text, ink_of
from viewer.widgets import describe, format_position

WIDTH = 980


def _tr(text: str) -> str:
    return QCoreApplication.translate("StageArithmetic", text)


class WeightedLine(ArithmeticLine):
    """The line of one channel; where there is only one, it ends in the number itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("stageArithmetic", parent)
        describe(self, "stageArithmeticLine", self.tr("Window, weights and products"), "")
        self._names: Names | None = None
        self._trace: StageTrace | None = None
        self._number = 0

    def show_channel(self, trace: StageTrace, names: Names, place: int) -> None:
        """Show the channel at this place of the trace's channels."""
        old = self._trace
        if old is None or old.window.shape[:2] != trace.window.shape[:2] or old.place != trace.place:
            self._widths.clear()
            self._marked = None
        self._trace, self._names, self._number = trace, names, place
        self._content = arithmetic_of(trace)
        self._refresh()

    @property
    def total(self) -> WrittenSum:
        """The sum as it is written."""
        assert self._numbers is not None
        assert self._numbers.total is not None
        return self._numbers.total

    @property
    def ink(self) -> str:
        """The colour in which the number itself is written."""
        assert self._trace is not None
        return self._ink(self._trace.value)

    def _ink(self, value: float) -> str:
        trace = self._trace
        assert trace is not None
        signed = any(each is not None and bool((each < 0).any()) for each in (trace.weights, trace.products))
        return "text" if value == 0 else ink_of(value, signed=signed or value < 0)

    def right_column(self) -> float:
        """Where the result begins."""
        assert self._plan is not None
        return self._plan.result.left()

    def _shown(self) -> int:
        return self._number

    def _weights(self) -> NDArray[np.float64]:
        return np.zeros((1, 1)) if self._content is None else self._content.grids(self._number)[1]

    def _titles(self) -> tuple[tuple[str, str, str], str]:
        if self._trace is None or self._names is None:
            return ("", "", ""), ""
        name = self._names.input(self._trace.channels[self._number])
        return (name, self.kernel_grid.accessibleName(), self.products_grid.accessibleName()), ""

    def _tip(self, cell: Cell) -> str:
        trace, content = self._trace, self._content
        if trace is None or content is None:
            return ""
        y, x = (int(at) for at in trace.origins[cell])
        if y < 0:
            where = self.tr("outside: padding")
        elif trace.outside[cell]:
            where = self.tr("outside: padding that repeats {place}").format(place=format_position(y, x))
        else:
            where = format_position(y, x)
        return f"{product_text(content, self._number, cell)}\n{where}"

    def _show_outcome(self) -> None:
        trace, names, content = self._trace, self._names, self._content
        if trace is None or names is None or content is None:
            return
        total = self.total
        if len(trace.channels) > 1:
            exact = total.total
            title = self.tr("Sum of {name}").format(name=names.channel(trace.channels[self._number]))
            text, step = brief_text(exact, total.last.places), ""
        else:
            exact, title = trace.value, self.tr("Sum of the products")
            text, step = shown_value(total.last.value, exact), step_of(trace, total)
        outcome = Outcome(
            title=title,
            sum=Sum(content, self._number, total, covered=False),
            channels=[],
            step=f"{step} {text}" if step else "",
            value=text,
            ink=self._ink(exact),
            colour=None,
        )
        self.result.show_result(outcome, "")


def step_of(trace: StageTrace, total: WrittenSum) -> str:
    """What is done with the sum at the end, "−12 ÷ 9 + 3 (bias) ="; empty where it is the value already."""
    is_done = trace.divisor == 1 and trace.offset == 0 and total.last.brief == f"{total.last.value} ="
    if is_done or trace.offset == 0:
        return "" if is_done else total.last.brief
    word = _tr("bias") if trace.stage in ("filter-bank", "pointwise") else _tr("offset")
    steps, relation = total.last.brief.rsplit(" ", 1)
    added = _added(trace, total)
    if added:
        steps, relation = f"{steps.split()[0]} {added}", "="
    return f"{steps} ({word}) {relation}"


def _added(trace: StageTrace, total: WrittenSum) -> str:
    """The offset with the decimals of the rest, rounded up or down so that it adds up; empty where that is not it."""
    last = total.last
    if trace.divisor != 1 or not math.isfinite(trace.value) or "e" in f"{last.brief}{last.value}":
        return ""
    places = max(last.places, len(last.value.partition(".")[2]))
    offset = round(number_of(last.value) - number_of(last.brief.split()[0]), places)
    if offset * trace.offset <= 0 or abs(offset - trace.offset) >= 10.0**-places:
        return ""
    return f"{MINUS if offset < 0 else '+'} {brief(abs(offset), places)}"


def _largest(trace: StageTrace) -> int:
    """The place of the channel whose products add up to most, whatever their sign."""
    assert trace.channel_sums is not None
    return int(np.argmax(np.nan_to_num(np.abs(trace.channel_sums), nan=np.inf)))


class WeightedView(QWidget):
    """The line and, where the channels are summed, the row of their sums.

    ``channel_chosen`` carries the number of the input's channel whose window is shown.
    """

    channel_chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "stageWeighted", self.tr("A weighted sum"), "")
        self.line, self.row = WeightedLine(self), ChannelRow(self)
        self.row.chosen.connect(self._choose)
        self._trace: StageTrace | None = None
        self._names: Names | None = None
        self._place = 0

    def show_trace(self, trace: StageTrace, names: Names) -> None:
        """Show the same channel of the same stage as before, else the one that contributes most."""
        old = self._trace
        channel = None if old is None or old.place != trace.place else old.channels[self._place]
        self._place = trace.channels.index(channel) if channel in trace.channels else _largest(trace)
        self._trace, self._names = trace, names
        self._refresh()

    @property
    def place(self) -> int:
        """The place of the channel that is shown among those of the trace."""
        return self._place

    def text(self) -> str:
        """What is shown as text."""
        sums = self.line.result.sum_text()
        return f"{sums}; {self.row.text() if not self.row.isHidden() else self.line.result.step_text()}".rstrip("; ")

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._refresh()

    def _choose(self, place: int) -> None:
        self._place = place
        self._refresh()
        assert self._trace is not None
        self.channel_chosen.emit(self._trace.channels[place])

    def _refresh(self) -> None:
        trace, names = self._trace, self._names
        if trace is None or names is None or self.width() < 40:
            return
        several = len(trace.channels) > 1
        self.row.setVisible(several)
        scale = min(1.35, self.width() / WIDTH, self.height() / 200)
        low = round(min(max(HEIGHT * scale, 0.34 * self.height()), 1.9 * HEIGHT * scale)) if several else 0
        self.line.setGeometry(0, 0, self.width(), self.height() - low)
        self.line.show_channel(trace, names, self._place)
        if several:
            total, left = self.line.total, self.line.window_grid.x() + 7.0
            places = total.last.places
            self.row.place(
                QRectF(0, self.height() - low, self.width(), low), left, self.line.right_column(), max(scale, 0.8)
            )
            self.row.show_sums(
                ChannelSums(
                    title=names.all_channels(),
                    names=tuple(names.short(channel) for channel in trace.channels),
                    long_names=tuple(names.channel(channel) for channel in trace.channels),
                    sums=total.channel_sums,
                    texts=tuple(brief_text(each, places) for each in total.channel_sums),
                    chosen=self._place,
                    step=step_of(trace, total),
                    value=shown_value(total.last.value, trace.value),
                    ink=self.line.ink,
                )
            )
