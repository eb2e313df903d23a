"""One output pixel as a line of arithmetic across the whole width."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QPainter
from PyQt6.QtWidgets import QPushButton, QSizePolicy, QWidget

from kernels.digits import format_number
from kernels.filtering.tracing import Arithmetic
from kernels.kernel import Kernel
from viewer import theme
from viewer.pages.filter.views.kernel.number_field import FittedNumberEdit
from viewer.pages.stage.views.equation.frame import paint_sign
from viewer.pages.stage.views.equation.kernel_grid import KernelGrid
from viewer.pages.stage.views.equation.line import ArithmeticLine
from viewer.pages.stage.views.equation.lines import arithmetic_latex, arithmetic_line
from viewer.pages.stage.views.equation.outcome import outcome_of
from viewer.pages.stage.views.equation.plan import FIELDS, HEIGHT, NOTE, TITLE, WIDTH, Plan, type_of
from viewer.pages.stage.views.equation.refusal import Refusal
from viewer.pages.stage.views.equation.result import Result
from viewer.pages.stage.views.equation.writing import Cell
from viewer.widgets import SegmentedControl, describe


class Equation(ArithmeticLine):
    """Window ⊙ kernel = products, their sum and the result; the weights are changed in place.

    ``weight_changed(row, column, channel, value)`` counts in the kernel as it is written. ``answered`` carries a typed
    answer; ``reveal_requested`` asks to uncover the result or, once it is shown, for the next one.
    """

    weight_changed = pyqtSignal(int, int, int, float)
    divisor_changed = pyqtSignal(float)
    offset_changed = pyqtSignal(float)
    reveal_requested = pyqtSignal()
    answered = pyqtSignal(float)
    channel_chosen = pyqtSignal(int)
    fields_width = FIELDS
    kernel_grid: KernelGrid
    result: Result

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("equation", parent)
        describe(self, "equation", self.tr("Where the output pixel comes from"), "")
        self.setProperty("panel", True)
        self.setProperty("edge", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._kernel, self._title = Kernel([[1.0]]), ""
        self._covered = self._predicting = False
        self._judgement = self._reason = ""
        self._value_colour: tuple[int, int, int] | None = None
        self.kernel_grid.edited.connect(self._change_weight)
        self.result.answered.connect(self.answered)
        self.result.reveal_requested.connect(self.reveal_requested)
        self._make_fields()
        theme.follow(self._refresh)

    def _make_weights(self, name: str) -> KernelGrid:
        tip = self.tr("The weights as they are applied; click one or press F2 to change it")
        return KernelGrid(name, self.tr("Weights of the kernel"), tip, self)

    def _make_result(self, name: str) -> Result:
        return Result(name, self)

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
        value_range: tuple[float, float] | None = None,
        reason: str = "",
    ) -> None:
        """Take one output pixel apart, or show the kernel only while none is read, for this `reason`.

        `window_colours`, (kh, kw, 3), are the colours in which the picture shows the window, and `value_colour` that
        in which the output shows the result. `value_range`, the least and the largest value of the picture, say how
        much room the numbers need anywhere in it.
        """
        fits = content is not None and content.traces[0].weights.shape == kernel.weights.shape
        if not np.array_equal(kernel.weights, self._kernel.weights) or value_range != self._range:
            self._widths.clear()
        if kernel.weights.shape != self._kernel.weights.shape:
            self._marked = None
        self._range = value_range
        self._content, self._kernel, self._title = content if fits else None, kernel, title
        self._covered, self._predicting, self._judgement = covered, predicting, judgement
        self._colours = window_colours if fits else None
        self._value_colour, self._reason = value_colour, reason
        self.divisor_edit.set_value(kernel.divisor)
        self.offset_edit.set_value(kernel.offset)
        self._refresh()
        text = self.text()
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def show_colours(self, window: NDArray[np.uint8] | None, value: tuple[int, int, int] | None) -> None:
        """Colour the window and the result of what is read, as `show_reading` does."""
        self._colours = None if self._content is None else window
        self._value_colour = value
        self.window_grid.show_colours(self._colours, is_read=self._content is not None)
        self._show_outcome()
        self._show_marked()

    def text(self) -> str:
        """The line of arithmetic, ending in "= value" or "= ?"; empty while no pixel is read."""
        return "" if self._content is None else arithmetic_line(self._content, self._shown(), covered=self._covered)

    @property
    def is_asking(self) -> bool:
        """Whether an answer is asked for, where it can be typed."""
        return self.result.answer.isVisible()

    def begin_answer(self, text: str) -> None:
        """Go on typing an answer that begins with `text`."""
        self.result.begin_answer(text)

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

    def _titles(self) -> tuple[tuple[str, str, str], str]:
        turned = self.tr("turned 180°") if self._is_turned() else ""
        return (self.window_grid.accessibleName(), self._title, self.products_grid.accessibleName()), turned

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

    # Changes --------------------------------------------------------------------------------------------------

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

    def _place(self) -> None:
        super()._place()
        made = self._plan
        assert made is not None
        self._place_fields(made)
        self._place_channel(made)
        left = made.notes[1].left()
        self.refusal.place(
            QRectF(left, made.top + made.note - made.at(20), self.width() - left, made.at(40)), made.least
        )

    def _place_fields(self, made: Plan) -> None:
        size = made.type_size(NOTE)
        sign, height = 1.25 * size, max(made.at(28), 28.0)
        left, room = made.fields[0], made.fields[1] - made.fields[0]
        metrics = QFontMetricsF(type_of(size, 600))
        fields = (self.divisor_edit, self.offset_edit)
        # What one does not need for all of its figures, the other may.
        needs = [metrics.horizontalAdvance(format_number(field.value(), 7)) + made.at(24) for field in fields]
        half = (room - 2 * sign - made.at(6)) / 2
        widths = [half, half]
        for one, other in ((0, 1), (1, 0)):
            if needs[one] > half > needs[other]:
                widths[one] = min(needs[one], 2 * half - needs[other])
                widths[other] = 2 * half - widths[one]
        for field, wide in zip(fields, widths, strict=True):
            field.setFont(type_of(size, 600))
            field.setMinimumHeight(0)  # the style's least height is that of its own type
            field.setGeometry(round(left + sign), round(made.top + made.note - height / 2), round(wide), round(height))
            left += sign + wide + made.at(6)

    def _place_channel(self, made: Plan) -> None:
        self.channel.setVisible(self._has_choice())
        size = made.type_size(NOTE) - 1
        for button in self.channel.findChildren(QPushButton):
            button.setFont(type_of(max(size, made.least), 600))
        height = max(made.at(32), 30.0)
        place = made.channel
        if place is None:
            title = QFontMetricsF(type_of(made.type_size(TITLE), 500)).horizontalAdvance(
                self.window_grid.accessibleName()
            )
            place = QPointF(made.grids[0].left() + title + made.at(12), made.top + 0.8 * made.title)
        self.channel.setGeometry(round(place.x()), round(place.y() - height / 2), round(6.4 * size), round(height))

    def _paint_around(self, painter: QPainter, made: Plan) -> None:
        super()._paint_around(painter, made)
        for field, sign in ((self.divisor_edit, "÷"), (self.offset_edit, "+")):
            paint_sign(painter, made, field.x(), sign)
