"""All operators compared where the gradient is known exactly: a table, and the angular error on ever finer waves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer import theme
from viewer.pages.gradient.accuracy import FREQUENCIES, OperatorAccuracy
from viewer.widgets import Label, SegmentedControl, blocked, describe

# M. Okabe, K. Ito (2008), "Color Universal Design": hues that any colour vision tells apart; the two greys are ours.
HUES = ("#e69f00", "#56b4e9", "#009e73", "#0072b2", "#d55e00", "#cc79a7", "#8a8a8a", "#b8a200", "#9a6bff")
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
LEAST_ERROR = 1e-3
"""Degrees at the bottom of the plot: smaller errors do not matter to anybody."""
ROW_HEIGHT = 26


class AccuracyDialog(QDialog):
    """Stays open beside the window; the operator in use stands out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "accuracyDialog", self.tr("Accuracy of the gradient operators"), "")
        self.setWindowTitle(self.tr("Accuracy of the gradient operators"))
        self.setModal(False)
        self._operators: tuple[OperatorAccuracy, ...] = ()
        self._current = ""
        self._make_table()
        self._make_plot()
        self.refusal = describe(Label("", "warning", wraps=True), "accuracyRefusal", self.tr("What is left out"), "")
        self.refusal.hide()
        self._lay_out()
        theme.dress(self)
        self.resize(theme.px(760), theme.px(680))
        theme.follow(self._dress)

    def _make_table(self) -> None:
        tr = self.tr
        self.picture = SegmentedControl(
            "accuracyPicture", tr("Test picture"), tr("The picture whose gradient is known")
        )
        self.picture.currentIndexChanged.connect(lambda _row: self._fill())
        self.table = describe(
            QTableWidget(0, 5), "accuracyTable", tr("Errors of the operators"), tr("A click on a heading sorts")
        )
        self.table.setHorizontalHeaderLabels(
            [tr("Operator"), tr("Angle, mean"), tr("Angle, worst"), tr("Magnitude, mean"), tr("Magnitude, worst")]
        )
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.table.horizontalHeaderItem(0).setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)

    def _make_plot(self) -> None:
        # Half a second that the program's start need not wait for.
        import pyqtgraph

        self.plot = describe(
            pyqtgraph.PlotWidget(),
            "accuracyPlot",
            self.tr("Worst angular error on waves of growing frequency"),
            self.tr("The largest error of the direction, over all angles of a wave, by the wave's frequency"),
        )
        self.plot.setLogMode(x=False, y=True)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMinimumHeight(theme.px(220))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.picture)
        column.addWidget(self.table, 3)
        column.addWidget(self.refusal)
        self.caption = Label(self.tr("Worst error of the direction on a wave of any angle"), "title")
        self.caption.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.caption)
        column.addWidget(self.plot, 2)
        self.foot = Label(
            self.tr(
                "Scaled per pixel, judged at the windows' centres; borders, the apex of the cone and places with less "
                "than 1 % of the largest magnitude are left out. Where curves coincide, both dashes show."
            ),
            "muted",
            wraps=True,
        )
        column.addWidget(self.foot)

    def show_comparison(
        self, pictures: Sequence[tuple[str, str]], operators: Sequence[OperatorAccuracy], refusal: str
    ) -> None:
        """Show the errors on these pictures (name, title), and which kernel could not be judged."""
        self._operators = tuple(operators)
        if self.picture.count() == 0:
            with blocked(self.picture):
                self.picture.offer((number, title, tip) for number, (title, tip) in enumerate(pictures))
        self.refusal.setText(refusal)
        self.refusal.setVisible(bool(refusal))
        self._fill()
        self._draw()

    def show_current(self, name: str) -> None:
        """Let the operator `name` stand out."""
        if name != self._current:
            self._current = name
            self._fill()
            self._draw()

    def _fill(self) -> None:
        number = max(self.picture.currentIndex(), 0)
        self.table.setSortingEnabled(False)
        self.table.setRowCount(len(self._operators))
        for row, operator in enumerate(self._operators):
            strong = operator.name == self._current
            first = _Cell(operator.title, float(row), strong)
            first.setIcon(QIcon(_swatch(*_look(row, operator.name == self._current))))
            self.table.setItem(row, 0, first)
            errors = operator.rows[number]
            angles, shares = (errors.mean_angle, errors.max_angle), (errors.mean_magnitude, errors.max_magnitude)
            texts = [f"{angle:.3f}°" for angle in angles] + [f"{100 * share:.2f} %" for share in shares]
            for column, (text, value) in enumerate(zip(texts, (*angles, *shares), strict=True), 1):
                cell = _Cell(text, value, strong)
                cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, cell)
            self.table.setRowHeight(row, theme.px(ROW_HEIGHT))
        self.table.setSortingEnabled(True)

    def _draw(self) -> None:
        import pyqtgraph

        self.plot.clear()
        for number, operator in enumerate(self._operators):
            colour, style, width = _look(number, operator.name == self._current)
            pen = pyqtgraph.mkPen(colour, width=width, style=style)
            self.plot.plot(FREQUENCIES, np.maximum(operator.worst_angles, LEAST_ERROR), pen=pen)

    def _dress(self) -> None:
        colours = theme.palette()
        self.plot.setBackground(colours.panel)
        for side, text in (("bottom", self.tr("Frequency, cycles per pixel")), ("left", self.tr("Worst error"))):
            axis: Any = self.plot.getAxis(side)
            axis.setPen(colours.line)
            axis.setTextPen(colours.muted)
            axis.enableAutoSIPrefix(False)
            axis.setLabel(text, color=colours.muted.name())
            axis.setStyle(tickFont=theme.font(11))
        self.plot.getAxis("left").setTicks([[(power, f"{10.0**power:g}°") for power in range(-3, 3)]])
        self.table.setStyleSheet(f"QHeaderView::section, QTableView::item {{ padding-right: {theme.px(16)}px; }}")
        self.plot.showGrid(x=True, y=True, alpha=0.15)
        self.table.setIconSize(QSize(theme.px(28), theme.px(12)))
        if self._operators:
            self._fill()
            self._draw()


class _Cell(QTableWidgetItem):
    """A text that sorts by its number."""

    def __init__(self, text: str, value: float, strong: bool) -> None:
        super().__init__(text)
        self._value = value
        if strong:
            self.setFont(theme.font(weight=600))

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return self._value < other._value if isinstance(other, _Cell) else super().__lt__(other)


def _look(number: int, strong: bool) -> tuple[QColor, Qt.PenStyle, float]:
    """Colour, dashes and width of a curve; curves that coincide are told apart by their dashes."""
    return QColor(HUES[number % len(HUES)]), STYLES[number % len(STYLES)], 3.5 if strong else 1.8


def _swatch(colour: QColor, style: Qt.PenStyle, width: float) -> QPixmap:
    made = QPixmap(theme.px(28), theme.px(12))
    made.fill(QColor(0, 0, 0, 0))
    painter = QPainter(made)
    painter.setPen(QPen(colour, width, style))
    painter.drawLine(2, made.height() // 2, made.width() - 2, made.height() // 2)
    painter.end()
    return made
