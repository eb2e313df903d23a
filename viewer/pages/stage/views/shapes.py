"""Shapes: a drawing of the geometry beside the formula, of the open picture or of a ready-made case."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.stage.views.lower import MARGIN, TEXT, LowerView
from viewer.pages.stage.views.shapes_cases import CasesTable
from viewer.pages.stage.views.shapes_drawing import ShapesDrawing
from viewer.pages.stage.views.shapes_layout import Shape
from viewer.pages.stage.views.shapes_legend import Legend, legend_rows
from viewer.pages.stage.views.shapes_numbers import NumbersTable
from viewer.widgets import Label, Message, describe, filled
from viewer.widgets.labels import FittingLabel

CASES, FACTS = (348, 230), (450, 430)
"""Widths, and those in a narrow window."""
LOW = 205
"""Design pixels of height below which the numbers of the formula have to do without the rule."""
LARGE, LEAST = 22, 16


class ShapesView(LowerView):
    """What there is to choose from, the drawing, and beside it the formula and the numbers, which can be changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "shapesView", self.tr("Shapes"), "")
        self.cases, self.drawing, self.numbers, self.legend = CasesTable(), ShapesDrawing(), NumbersTable(), Legend()
        self.rule = FittingLabel(TEXT, TEXT, 400)
        self.formulas = [FittingLabel(LARGE, LEAST, 600) for _line in range(2)]
        for label, number in zip(self.formulas, (1, 2), strict=True):
            label.setObjectName(f"shapesFormula{number}")
        self.message = Message("shapesMessage")
        self.error = Label(name="shapesError", wraps=True)
        self.error.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.numbers.rejected.connect(self.message.show_error)
        self._lay_out()
        theme.follow(self._scale)

    def _lay_out(self) -> None:
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.error)
        self._pages.addWidget(self.drawing)
        self.facts = QWidget()
        self._facts = filled(
            QVBoxLayout(self.facts), self.rule, *self.formulas, self.numbers, self.message, self.legend, 1
        )
        self._row = filled(QHBoxLayout(self), self.cases, body, 1, self.facts)

    def _scale(self) -> None:
        self.rescale()
        margin = theme.px(MARGIN)
        self._row.setContentsMargins(margin, theme.px(12), margin, theme.px(10))
        self._row.setSpacing(theme.px(20))
        self._facts.setSpacing(theme.px(2))
        self._share_width()

    def _share_width(self) -> None:
        narrow = self.is_narrow()
        self.cases.setFixedWidth(theme.px(CASES[narrow]))
        self.facts.setFixedWidth(theme.px(FACTS[narrow]))
        self.rule.setVisible(self.height() >= theme.px(LOW))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_width()

    # Setters -------------------------------------------------------------------------------------------------

    def set_animated(self, animated: bool) -> None:
        """Whether one drawing moves into the next."""
        self.drawing.set_animated(animated)

    def show_shape(self, shape: Shape, rule: str, formulas: Sequence[str]) -> None:
        """Draw a shape; write how the size of its output comes about, and one or two formulas with its numbers."""
        self._write(rule, formulas)
        self.drawing.show_shape(shape)
        self.legend.show_rows(legend_rows(shape))
        self.drawing.setAccessibleDescription(self.legend.accessibleDescription())
        self._pages.setCurrentIndex(1)

    def show_nothing(self, reason: str) -> None:
        """There is no such shape, for this `reason`."""
        self._write("", ())
        self.error.setText(reason)
        self.drawing.show_shape(None)
        self.legend.show_rows(())
        self._pages.setCurrentIndex(0)

    def _write(self, rule: str, formulas: Sequence[str]) -> None:
        self.message.clear()
        self.rule.show_text(rule, "muted")
        self.rule.setToolTip(rule)
        for number, label in enumerate(self.formulas):
            text = formulas[number] if number < len(formulas) else ""
            label.show_text(text)
            label.setToolTip(text)
            label.setVisible(bool(text))
