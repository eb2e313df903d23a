"""One number of any stage, taken apart one stage back."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kernels.recipe.tracing import StageTrace
from viewer import theme
from viewer.pages.layers.views.arithmetic.formula_view import FormulaView
from viewer.pages.layers.views.arithmetic.formulas import formula_of
from viewer.pages.layers.views.arithmetic.names import Names
from viewer.pages.layers.views.arithmetic.weighted import WeightedView
from viewer.widgets import Label, describe, filled
from viewer.widgets.labels import ElidedLabel

WIDTH, HEIGHT, HEADER = 980, 320, 28
WEIGHTED = ("filter", "filter-bank", "depthwise", "pointwise", "gaussian-pool", "channel")
"""The stages whose weights are shown, where there are any."""


class StageArithmetic(QWidget):
    """Says what is taken apart, and shows how.

    ``channel_chosen`` carries the channel of the input whose window is shown; ``part_chosen`` the place of a stage
    inside, whose number is gone to.
    """

    channel_chosen = pyqtSignal(int)
    part_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "stageArithmetic", self.tr("Where the number comes from"), "")
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title, self._where = Label("", "title", name="stageArithmeticTitle"), ElidedLabel("muted")
        self._where.setObjectName("stageArithmeticWhere")
        self.message = Label("", "muted", name="stageArithmeticMessage", wraps=True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.weighted, self.formula = WeightedView(), FormulaView()
        self._stack = QStackedWidget()
        for view in (self.message, self.weighted, self.formula):
            self._stack.addWidget(view)
        self._header = filled(QHBoxLayout(), self._title, self._where, 1)
        filled(QVBoxLayout(self), self._header, self._stack, 1, spacing=0)
        self.weighted.channel_chosen.connect(self.channel_chosen)
        self.weighted.channel_chosen.connect(lambda _channel: self._tell())
        self.formula.place_chosen.connect(self.part_chosen)
        theme.follow(self._resize)

    def show_trace(self, trace: StageTrace | None, words: Mapping[str, str], reason: str) -> None:
        """Take a number apart, or say the `reason` why there is none.

        `words` tells what places are called: ``{"image": "camera", "stages[2]": "Max pool 2 × 2"}``.
        """
        self.message.setText(reason)
        if trace is None:
            self._title.setText("")
            self._where.setText("")
            self._stack.setCurrentWidget(self.message)
            self.setAccessibleDescription(reason)
            return
        names = Names(trace, words)
        self._title.setText(names.stage)
        self._where.setText(names.number)
        if trace.stage in WEIGHTED and trace.weights is not None:
            self._stack.setCurrentWidget(self.weighted)
            self.weighted.show_trace(trace, names)
        else:
            self._stack.setCurrentWidget(self.formula)
            self.formula.show_formula(formula_of(trace, names))
        self._tell()

    def text(self) -> str:
        """The arithmetic as text."""
        shown = self._stack.currentWidget()
        if shown is self.weighted:
            return self.weighted.text()
        if shown is self.formula and self.formula.formula is not None:
            return self.formula.formula.text()
        return ""

    def _tell(self) -> None:
        self.setAccessibleDescription(f"{self._title.text()}, {self._where.text()}: {self.text()}")

    def sizeHint(self) -> QSize:
        return QSize(theme.px(WIDTH), theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(480, 160)

    def _resize(self) -> None:
        self._header.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        self._header.setSpacing(theme.px(8))
        for label in (self._title, self._where):
            label.setFixedHeight(theme.px(HEADER))
