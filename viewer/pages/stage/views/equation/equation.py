"""One output pixel as a line of arithmetic across the whole width."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QPushButton, QSizePolicy, QWidget

from kernels.filtering.tracing import Arithmetic
from kernels.kernel import Kernel
from viewer import theme
from viewer.pages.filter.views.arithmetic.content import origin_text, product_text
from viewer.pages.filter.views.kernel.number_field import FittedNumberEdit
from viewer.pages.stage.views.equation.enlarged import Enlarged
from viewer.pages.stage.views.equation.frame import paint_notes, paint_operators, paint_sign, paint_titles
from viewer.pages.stage.views.equation.grids import ProductsGrid, WindowGrid
from viewer.pages.stage.views.equation.kernel_grid import KernelGrid
from viewer.pages.stage.views.equation.lines import arithmetic_latex, arithmetic_line
from viewer.pages.stage.views.equation.plan import (
    HEIGHT,
    NOTE,
    TITLE,
    WIDTH,
    Needs,
    Plan,
    plan,
    type_of,
    widest,
)  # fmt: skip
from viewer.pages.stage.views.equation.refusal import Refusal
from viewer.pages.stage.views.equation.result import Result, outcome_of
from viewer.pages.stage.views.equation.window_range import range_text
from viewer.pages.stage.views.equation.writing import (
    FIGURES,
    MOST_IN_CELLS,
    Cell,
    Numbers,
    is_signed,
    largest_first,
    numbers,
)  # fmt: skip
from viewer.widgets import SegmentedControl, describe, format_position

REMEMBERED = 48
"""Readings whose widest numbers still count, so that the line stays calm while the window slides."""
READABLE = 24


class Equation(QWidget):
    """Window ⊙ kernel = products, their sum and the result; the weights are changed in place.

    ``weight_changed(row, column, channel, value)`` counts in the kernel as it is written. ``cell_hovered`` carries the
    (row, column) of a tap as it is applied, None when there is none. ``answered`` carries a typed answer;
    ``reveal_requested`` asks to uncover the result or, once it is shown, for the next one.
    """

    weight_changed = pyqtSignal(int, int, int, float)
    divisor_changed = pyqtSignal(float)
    offset_changed = pyqtSignal(float)
    cell_hovered = pyqtSignal(object)
    reveal_requested = pyqtSignal()
    answered = pyqtSignal(float)
    channel_chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "equation", self.tr("Where the output pixel comes from"), "")
        self.setProperty("panel", True)
        self.setProperty("edge", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._content: Arithmetic | None = None
        self._kernel, self._title = Kernel([[1.0]]), ""
        self._covered = self._predicting = False
        self._judgement = self._reason = self._range = ""
        self._colours: NDArray[np.uint8] | None = None
        self._value_colour: tuple[int, int, int] | None = None
        self._marked: Cell | None = None
        self._widths: dict[int, deque[tuple[float, ...]]] = {}
        self._plan: Plan | None = None
        self._numbers: Numbers | None = None
        self._make_grids()
        self._make_fields()
        theme.follow(self._refresh)

    def _make_grids(self) -> None:
        self.window_grid = WindowGrid("equationWindow", self.tr("Window"), self.tr("The pixels under the kernel"), self)
        tip = self.tr("The weights as they are applied; click one or press F2 to change it")
        self.kernel_grid = KernelGrid("equationKernel", self.tr("Weights of the kernel"), tip, self)
        self.products_grid = ProductsGrid("equationProducts", self.tr("Products"), self.tr("Value times weight"), self)
        self.enlarged = Enlarged(self)
        self.result = Result(self)
        self.grids = (self.window_grid, self.kernel_grid, self.products_grid)
        for grid in self.grids:
            grid.hovered.connect(self._point_at)
            grid.tip = self._tip
        self.kernel_grid.edited.connect(self._change_weight)
        self.result.answered.connect(self.answered)
        self.result.reveal_requested.connect(self.reveal_requested)

    def _make_fields(self) -> None:
        self.divisor_edit = FittedNumberEdit(
            "equationDivisorEdit", self.tr("Divisor"), self.tr("Divisor: the sum of products is divided by it"), self
        )
        self.offset_edit = FittedNumberEdit(
            "equationOffsetEdit", self.tr("Offset"), self.tr("Offset: added at the end"), self
        )
        for field in (self.divisor_edit, self.offset_edit):
            field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.refusal = Refusal(self)
        self.divisor_edit.committed.connect(self._change_divisor)
        self.offset_edit.committed.connect(self._change_offset)
        for source in (self.kernel_grid.refused, self.divisor_edit.rejected, self.offset_edit.rejected):
            source.connect(self.refusal.say)
        for field in (self.divisor_edit, self.offset_edit):
            field.restored.connect(lambda: self.refusal.say(""))
        tip = self.tr("Which channel the equation shows")
        self.channel = SegmentedControl("equationChannel", self.tr("Channel of the equation"), tip, parent=self)
        self.channel.offer((row, name, tip) for row, name in enumerate("RGB"))
        self.channel.currentIndexChanged.connect(self._choose_channel)
        for earlier, later in zip(
            (self.channel, self.kernel_grid, self.divisor_edit, self.offset_edit, self.result.answer),
            (self.kernel_grid, self.divisor_edit, self.offset_edit, self.result.answer, self.result.reveal),
            strict=True,
        ):
            QWidget.setTabOrder(earlier, later)

    # Setters --------------------------------------------------------------------------------------------------

    def show_reading(
        self,
        content: Arithmetic | None,
        kernel: Kernel,
        title: str,
        *,
        covered: bool,
        predicting: bool,
        judgement: str,
        window_colours: NDArray[np.uint8] | None = None,
        value_colour: tuple[int, int, int] | None = None,
        reason: str = "",
    ) -> None:
        """Take one output pixel apart, or show the kernel only while none is read, for this `reason`.

        `window_colours`, (kh, kw, 3), are the colours in which the picture shows the window, and `value_colour` that
        in which the output shows the result.
        """
        fits = content is not None and content.traces[0].weights.shape == kernel.weights.shape
        if kernel.weights.shape != self._kernel.weights.shape:
            self._widths.clear()
            self._marked = None
        self._content, self._kernel, self._title = content if fits else None, kernel, title
        self._covered, self._predicting, self._judgement = covered, predicting, judgement
        self._range = "" if self._content is None else range_text(self._content)
        self._colours = window_colours if fits else None
        self._value_colour, self._reason = value_colour, reason
        self.divisor_edit.set_value(kernel.divisor)
        self.offset_edit.set_value(kernel.offset)
        self._refresh()
        text = self.text()
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def set_marked(self, cell: Cell | None) -> None:
        """Point at a tap, (row, column) as it is applied."""
        if cell != self._marked:
            self._marked = cell
            self._show_marked()

    def text(self) -> str:
        """The line of arithmetic, ending in "= value" or "= ?"; empty while no pixel is read."""
        return "" if self._content is None else arithmetic_line(self._content, self._shown(), covered=self._covered)

    def latex(self) -> str:
        """The same as a formula of LaTeX."""
        return "" if self._content is None else arithmetic_latex(self._content, self._shown(), covered=self._covered)

    # What is shown --------------------------------------------------------------------------------------------

    def _has_choice(self) -> bool:
        return self._kernel.channels == 3 or (self._content is not None and len(self._content.channels) == 3)

    def _shown(self) -> int:
        """The channel that is shown."""
        return int(self.channel.currentIndex()) if self._has_choice() else 0

    def _is_turned(self) -> bool:
        return self._content is not None and self._content.operation == "convolution"

    def _weights(self) -> NDArray[np.float64]:
        """The weights of the channel as they are applied."""
        weights = self._kernel.weights
        weights = weights if weights.ndim == 2 else weights[:, :, self._shown()]
        return weights[::-1, ::-1] if self._is_turned() else weights

    def _refresh(self) -> None:
        self._fit()
        self._show_grids()
        self._show_outcome()
        self._place()
        self._show_marked()

    def _fit(self) -> None:
        """Choose the digits and the type: many figures in large type where there is room, else large type."""
        weights, best = self._weights(), None
        for figures in FIGURES:
            written = numbers(self._content, weights, self._shown(), figures)
            made = plan(self.width(), self.height(), self._needs(written, figures))
            if best is None or (written.agrees, made.number) > (best[0].agrees, best[1].number):
                best = written, made
            if made.number >= READABLE * made.scale or (figures < FIGURES[0] and best[1].number):
                break
            if weights.size > MOST_IN_CELLS:
                break
        assert best is not None
        self._numbers, self._plan = best

    def _needs(self, written: Numbers, figures: int) -> Needs:
        rows, columns = self._kernel.shape
        with_numbers = rows * columns <= MOST_IN_CELLS
        if with_numbers:
            seen = self._widths.setdefault(figures, deque(maxlen=REMEMBERED))
            seen.append(tuple(widest(texts) for texts in (written.window, written.weights, written.products)))
            across = tuple(max(each) for each in zip(*seen, strict=True))
        else:
            across = (0.0, 0.0, 0.0)
        note = QFontMetricsF(type_of(100)).horizontalAdvance(self._note()) / 100
        return Needs(rows, columns, across, note, with_numbers)

    def _note(self) -> str:
        """Which pixels the window covers."""
        return self._range

    def _show_grids(self) -> None:
        content, written, channel = self._content, self._numbers, self._shown()
        assert written is not None
        weights = self._weights()
        self.kernel_grid.show_weights(weights, written.weights)
        self.window_grid.show_colours(self._colours, is_read=content is not None)
        if content is None:
            empty = np.zeros(weights.shape)
            self.window_grid.show_numbers(empty, written.window)
            self.products_grid.show_numbers(empty, written.products)
            return
        window, _, products = content.grids(channel)
        self.window_grid.show_numbers(window, written.window, content.trace(channel).outside)
        self.products_grid.is_signed = is_signed(content, channel)
        self.products_grid.show_numbers(products, written.products)

    def _show_outcome(self) -> None:
        content, written, channel = self._content, self._numbers, self._shown()
        outcome = None
        if content is not None and written is not None and written.total is not None:
            outcome = outcome_of(content, channel, written.total, self._value_colour, covered=self._covered)
        self.result.show_outcome(
            outcome,
            self._reason or self.tr("Point at a pixel to see where its number comes from."),
            covered=self._covered,
            predicting=self._predicting,
            judgement=self._judgement,
        )

    def _show_marked(self) -> None:
        for grid in self.grids:
            grid.mark(self._marked)
        self.result.show_marked(self._marked)
        if self._plan is not None and not self._plan.number:
            self._show_enlarged()
        self.update()

    def _show_enlarged(self) -> None:
        content, channel = self._content, self._shown()
        if content is None:
            self.enlarged.hide()
            return
        window, weights, products = content.grids(channel)
        cell, title = self._marked, self.tr("Pointed at")
        if cell is None or cell[0] >= window.shape[0] or cell[1] >= window.shape[1]:
            cell, title = next(iter(largest_first(products)), (0, 0)), self.tr("Largest product")
        colours = theme.palette()
        values = [float(each[cell]) for each in (window, weights, products)]
        grounds = [self.window_grid.ground(cell), self.kernel_grid.ground(cell), colours.field]
        inks = [self.window_grid.ink(cell), theme.ink_on(grounds[1]), self.products_grid.ink(cell)]
        outside = bool(content.trace(channel).outside[cell])
        y, x = (int(at) for at in content.trace(channel).origins[cell])
        note = self.tr("border value") if y < 0 else format_position(y, x)
        self.enlarged.show_tap(title, note, list(zip(grounds, inks, values, strict=True)), outside=outside)
        self.enlarged.setToolTip(self._tip(cell))
        self.enlarged.show()

    def _tip(self, cell: Cell) -> str:
        if self._content is None:
            return ""
        channel = self._shown()
        return f"{product_text(self._content, channel, cell)}\n{origin_text(self._content, channel, cell)}"

    # Changes --------------------------------------------------------------------------------------------------

    def _point_at(self, cell: Cell | None) -> None:
        if cell != self._marked:
            self.set_marked(cell)
            self.cell_hovered.emit(cell)

    def _change_weight(self, cell: Cell, value: float) -> None:
        rows, columns = self._kernel.shape
        row, column = (rows - 1 - cell[0], columns - 1 - cell[1]) if self._is_turned() else cell
        self.weight_changed.emit(row, column, self._shown() if self._kernel.channels else 0, value)

    def _change_divisor(self, value: float) -> None:
        if value == 0:
            sentence = self.tr("The divisor is 0; it must be a number other than 0.")
            self.divisor_edit.refuse(self._kernel.divisor, sentence)
            self.refusal.say(sentence)
            return
        self.refusal.say("")
        self.divisor_changed.emit(value)

    def _change_offset(self, value: float) -> None:
        self.refusal.say("")
        self.offset_changed.emit(value)

    def _choose_channel(self, channel: int) -> None:
        self._widths.clear()
        self._refresh()
        self.setAccessibleDescription(self.text())
        self.channel_chosen.emit(channel)

    # Placing and painting -------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme.px(WIDTH), theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(640, 160)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._refresh()

    def _place(self) -> None:
        made = self._plan
        assert made is not None
        for grid, rect, cell in zip(self.grids, made.grids, made.cells, strict=True):
            grid.place(rect, cell, made.gap, made.number)
        self.result.place(made)
        self.enlarged.place(made)
        self._place_fields(made)
        self._place_channel(made)
        self.refusal.place(QRectF(made.grids[2].left(), made.top + made.note - made.at(20),
                                  self.width() - made.grids[2].left(), made.at(40)), made.least)  # fmt: skip
        self.update()

    def _place_fields(self, made: Plan) -> None:
        size = made.type_size(NOTE)
        sign, height = 1.25 * size, max(made.at(28), 28.0)
        left, room = made.grids[1].left(), made.room[1] - made.grids[1].left()
        wide = (room - 2 * sign - made.at(6)) / 2
        for field, at in ((self.divisor_edit, left + sign), (self.offset_edit, left + 2 * sign + made.at(6) + wide)):
            field.setFont(type_of(size, 600))
            field.setMinimumHeight(0)  # the style's least height is that of its own type
            field.setGeometry(round(at), round(made.top + made.note - height / 2), round(wide), round(height))

    def _place_channel(self, made: Plan) -> None:
        self.channel.setVisible(self._has_choice())
        size = made.type_size(NOTE) - 1
        for button in self.channel.findChildren(QPushButton):
            button.setFont(type_of(max(size, made.least), 600))
        left = made.grids[0].left() + QFontMetricsF(type_of(made.type_size(TITLE), 500)).horizontalAdvance(
            self.window_grid.accessibleName()
        )
        height = max(made.at(32), 30.0)
        self.channel.setGeometry(
            round(left + made.at(12)), round(made.top + 0.8 * made.title - height / 2), round(6.4 * size), round(height)
        )

    def paintEvent(self, event: QPaintEvent | None) -> None:
        made, content, marked = self._plan, self._content, ""
        if made is None:
            return
        if content is not None and self._marked is not None and made.number:
            marked = product_text(content, self._shown(), self._marked)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0, made.top)
        turned = self.tr("turned 180°") if self._is_turned() else ""
        names = self.window_grid.accessibleName(), self._title, self.products_grid.accessibleName()
        paint_titles(painter, made, names, turned)
        paint_notes(painter, made, self._note(), marked)
        for field, sign in ((self.divisor_edit, "÷"), (self.offset_edit, "+")):
            paint_sign(painter, made, field.x(), sign)
        paint_operators(painter, made)
