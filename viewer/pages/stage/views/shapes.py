"""Shapes: a drawing of the geometry beside the formula, of the open picture or of a ready-made case."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from kernels.filtering.geometry import Geometry
from viewer import theme
from viewer.pages.stage.views.lower import MARGIN, TEXT, Heading, LowerView
from viewer.pages.stage.views.shapes_drawing import ShapesDrawing
from viewer.pages.stage.views.shapes_layout import Case, Shape, formula_of, shape_of, shape_of_case
from viewer.pages.stage.views.shapes_legend import Legend, legend_rows
from viewer.widgets import Label, ToolButton, blocked, describe, filled
from viewer.widgets.labels import FittingLabel

__all__ = ["Case", "ShapesView"]

LIST, FACTS = (264, 196), (340, 300)
"""Widths, and those where the window is narrower than `NARROW`, which also leaves out the legend."""
NARROW = 1200
ROW = 28
LARGE, LEAST = 22, 16


class ShapesView(LowerView):
    """Input, padding, window, strides and output as a drawing; `case_chosen` carries the name of a case."""

    case_chosen = pyqtSignal(str)
    picture_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "shapesView", self.tr("Shapes"), "")
        self._cases: tuple[Case, ...] = ()
        self._chosen = ""
        self._make_list()
        self.drawing = ShapesDrawing()
        self.legend = Legend()
        self._make_facts()
        self._lay_out()
        theme.follow(self._scale)

    # Building ------------------------------------------------------------------------------------------------

    def _make_list(self) -> None:
        tr = self.tr
        self.picture_button = ToolButton(
            "shapesThisPicture",
            tr("This picture"),
            tr("Draw the shapes of the open picture and its kernel"),
            text=tr("This picture"),
        )
        self.picture_button.setCheckable(True)
        self.picture_button.setProperty("flat", True)
        self.picture_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.picture_button.clicked.connect(self._ask_for_picture)
        tip = tr("The shapes of Dumoulin and Visin (2016), “A guide to convolution arithmetic for deep learning”")
        self.list = describe(QListWidget(), "shapesCases", tr("Ready-made shapes"), tip)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setUniformItemSizes(True)
        self.list.currentRowChanged.connect(self._choose)

    def _make_facts(self) -> None:
        self.title = Heading(self.tr("Size of the output"), name="shapesTitle")
        self.names = [FittingLabel(TEXT, TEXT, 400) for _axis in "YX"]
        self.formulas = [FittingLabel(LARGE, LEAST, 600) for _axis in "YX"]
        for label, axis in zip(self.formulas, "YX", strict=True):
            label.setObjectName(f"shapesFormula{axis}")
        self.rule = FittingLabel(TEXT, TEXT, 400)
        self.headings = [Heading(self.tr("Direct")), Heading(self.tr("Transposed"))]
        self.parameters = [Label(name="shapesDirect"), Label(name="shapesTransposed")]
        self.error = Label(name="shapesError", wraps=True)
        self.error.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        self.choices = QWidget()
        self._choices = filled(QVBoxLayout(self.choices), self.picture_button, self.list, 1)
        self.facts = QWidget()
        self._facts = filled(QVBoxLayout(self.facts), self.title, self.rule)
        for name, formula in zip(self.names, self.formulas, strict=True):
            self._facts.addWidget(name)
            self._facts.addWidget(formula)
        self._pair = QHBoxLayout()
        for heading, text in zip(self.headings, self.parameters, strict=True):
            column = filled(QVBoxLayout(), heading, text, spacing=2)
            column.addStretch(1)
            self._pair.addLayout(column, 1)
        self._facts.addLayout(self._pair)
        self._facts.addStretch(1)
        shown = QWidget()
        self._shown = filled(QHBoxLayout(shown), self.drawing, 1, self.legend, self.facts)
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.error)
        self._pages.addWidget(shown)
        self._row = filled(QHBoxLayout(self), self.choices, body, 1)

    def _scale(self) -> None:
        self.rescale()
        margin = theme.px(MARGIN)
        self._row.setContentsMargins(margin, theme.px(12), margin, theme.px(10))
        for layout in (self._row, self._shown):
            layout.setSpacing(theme.px(20))
        self._choices.setSpacing(theme.px(6))
        self._facts.setSpacing(theme.px(3))
        self._pair.setSpacing(theme.px(16))
        self._share_width()
        self.list.setFont(theme.font(TEXT))
        self.offer_cases(self._cases)

    def _share_width(self) -> None:
        narrow = self.width() < theme.px(NARROW)
        self.choices.setFixedWidth(theme.px(LIST[narrow]))
        self.facts.setFixedWidth(theme.px(FACTS[narrow]))
        self.legend.setVisible(not narrow)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_width()

    # Setters -------------------------------------------------------------------------------------------------

    def set_animated(self, animated: bool) -> None:
        """Whether one drawing moves into the next."""
        self.drawing.set_animated(animated)

    def offer_cases(self, cases: Sequence[Case]) -> None:
        """Have these ready-made shapes in the list."""
        self._cases = tuple(cases)
        with blocked(self.list):
            self.list.clear()
            for before, case in pairwise((None, *self._cases)):
                if case.is_transposed and not (before and before.is_transposed):
                    self._add_item(self.tr("Transposed"), "")
                elif before and before.is_transposed and not case.is_transposed:
                    self._add_item(self.tr("Direct"), "")
                self._add_item(case.title, case.name)
        self._select(self._chosen)

    def _add_item(self, text: str, name: str) -> None:
        """Add a row of the list: a case, or without a name a heading, which cannot be chosen."""
        item = QListWidgetItem(text)
        item.setSizeHint(QSize(0, theme.px(ROW)))
        item.setData(Qt.ItemDataRole.UserRole, name)
        if name:
            item.setToolTip(text)
        else:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setFont(theme.font(TEXT, 600))
            item.setForeground(theme.palette().muted)
        self.list.addItem(item)

    def show_geometry(self, geometry: Geometry | None, error: str = "") -> None:
        """Show the shapes of the open picture, or the sentence that says why there are none."""
        self._select("")
        if geometry is None:
            self.error.setText(error)
            self.drawing.show_shape(None)
            self._pages.setCurrentIndex(0)
            return
        self.title.setVisible(True)
        self.rule.show_text(self.tr("(n + before + after − k′)/s + 1, rounded down"), "muted")
        self._write_formulas(geometry.formula(0), geometry.formula(1))
        self._write_parameters("", "")
        self._show(shape_of(geometry))

    def show_case(self, case: Case) -> None:
        """Show a ready-made shape, and its parameters beside those of its transposed form."""
        self._select(case.name)
        rules = self.tr("Output: (i + 2p − k′)/s + 1, rounded down"), self.tr("Output: (i − 1)·s + k′ + a − 2p")
        self.title.setVisible(False)
        self.rule.show_text(rules[case.is_transposed], "muted")
        self._write_formulas(formula_of(case))
        self._write_parameters(case.direct, case.transposed)
        self._show(shape_of_case(case))

    # Showing -------------------------------------------------------------------------------------------------

    def _show(self, shape: Shape) -> None:
        self.drawing.show_shape(shape)
        self.legend.show_rows(legend_rows(shape))
        self.drawing.setAccessibleDescription(self.legend.accessibleDescription())
        self._pages.setCurrentIndex(1)

    def _select(self, name: str) -> None:
        """Mark where the shapes come from: a case, or with "" the picture."""
        self._chosen = name
        row = next((row for row, found in enumerate(self._names()) if found and found == name), -1)
        with blocked(self.list, self.picture_button):
            self.list.setCurrentRow(row)
            if row >= 0:
                self.list.scrollToItem(self.list.item(row))
            self.picture_button.setChecked(not name)

    def _write_formulas(self, *formulas: str) -> None:
        """Write one for each axis, or one alone, which needs no name."""
        names: dict[int, str] = {}
        if len(formulas) == 2:
            same = formulas[0] == formulas[1]
            names = {0: self.tr("Height and width") if same else self.tr("Height"), 1: "" if same else self.tr("Width")}
            formulas = formulas[:1] if same else formulas
        for number, (name, formula) in enumerate(zip(self.names, self.formulas, strict=True)):
            text = formulas[number] if number < len(formulas) else ""
            name.show_text(names.get(number, ""), "muted")
            formula.show_text(text)
            formula.setToolTip(text)
            name.setVisible(bool(names.get(number)))
            formula.setVisible(bool(text))

    def _write_parameters(self, direct: str, transposed: str) -> None:
        for heading, label, text in zip(self.headings, self.parameters, (direct, transposed), strict=True):
            label.setText(text)
            for each in (heading, label):
                each.setVisible(bool(text))

    # What the user does --------------------------------------------------------------------------------------

    def _names(self) -> list[str]:
        """The name of the case in each row; "" for a heading."""
        return [self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count())]

    def _choose(self, row: int) -> None:
        if row >= 0:
            self.case_chosen.emit(self._names()[row])

    def _ask_for_picture(self) -> None:
        # It stays pressed until another is shown.
        self.picture_button.setChecked(True)
        self.picture_requested.emit()
