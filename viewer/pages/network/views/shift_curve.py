"""How many digits each network still gets right when all of them are shifted: a curve for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, Message, ToolButton, describe, filled
from viewer.widgets.progress import Progress

STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)


class ShiftCurve(msgspec.Struct, frozen=True):
    """The share of pictures that a network gets right, 0 to 1, shifted by 0, 1, 2… pixels."""

    network: str
    accuracy: tuple[float, ...]


class ShiftCurvesView(QWidget):
    """The plot; gold is by how much the picture lies shifted now."""

    cancel_requested = pyqtSignal()
    again_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "shiftCurves", self.tr("Accuracy against shift"), "")
        self.title = Label(self.tr("Right answers against shift"), "title")
        self.note, self.message = Label("", "muted", name="shiftCurvesNote"), Message("shiftCurvesMessage")
        self.progress = Progress("shiftCurves", self.tr("Shifts counted"), self.tr("Stop counting"))
        tip = self.tr("Count what was stopped again")
        self.again = ToolButton("shiftCurvesAgainButton", self.tr("Again"), tip, text=self.tr("Again"))
        self.curves: tuple[ShiftCurve, ...] = ()
        self._shift = 0.0
        self._plot: Any = None
        self._head = filled(QHBoxLayout(), self.title, self.note)
        self._head.addStretch(1)
        filled(self._head, self.progress, self.again)
        self.progress.cancel_requested.connect(self.cancel_requested)
        self.again.clicked.connect(self.again_requested)
        self._column = filled(QVBoxLayout(self), self._head, self.message)
        theme.follow(self._dress)

    def show_curves(
        self,
        curves: Sequence[ShiftCurve],
        note: str,
        refusal: str = "",
        *,
        shift: float,
        is_busy: bool = False,
        is_whole: bool = True,
    ) -> None:
        """Show these, what they were counted on, and the shift of the picture in pixels; or say why there are none."""
        self.message.show_error(refusal)
        self.progress.setVisible(is_busy)
        self.again.setVisible(not is_busy and not is_whole)
        self.note.setText(note)
        self.curves, self._shift = tuple(curves), shift
        if self._plot is None and curves:
            self._make_plot()
        if self._plot is not None:
            self._plot.setVisible(bool(curves))
            self._plot.setAccessibleDescription("; ".join(self.sentences))
            self._draw()

    def show_reason(self, sentence: str) -> None:
        """Say why there is nothing to count."""
        self.show_curves((), "", shift=0.0)
        self.message.show_hint(sentence)

    @property
    def sentences(self) -> list[str]:
        """The curves in words."""
        made = []
        for each in self.curves:
            shares = (f"{number} px {100 * share:.1f} %" for number, share in enumerate(each.accuracy))
            made.append(f"{each.network}: {', '.join(shares)}")
        return made

    def _make_plot(self) -> None:
        # Half a second that the program's start need not wait for.
        import pyqtgraph

        tip = self.tr("Share of the digits that are taken for what they are, by how far all of them are shifted")
        self._plot = describe(pyqtgraph.PlotWidget(), "shiftCurvesPlot", self.tr("Accuracy against shift"), tip)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys go to the plot as a whole
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self._column.addWidget(self._plot, 1)
        self._dress()

    def _draw(self) -> None:
        import pyqtgraph

        colours = theme.palette()
        self._plot.clear()
        for number, curve in enumerate(self.curves):
            colour, steps = self._ink(number), range(len(curve.accuracy))
            pen = pyqtgraph.mkPen(colour, width=2.5, style=STYLES[number % len(STYLES)])
            shares = [100 * each for each in curve.accuracy]
            self._plot.plot(list(steps), shares, pen=pen, symbol="o", symbolSize=6, symbolBrush=colour, symbolPen=None)
        self._label_curves()
        if self.curves:
            pen = pyqtgraph.mkPen(colours.crosshair, width=2)
            self._plot.addItem(pyqtgraph.InfiniteLine(self._shift, pen=pen))
        reach = max((len(each.accuracy) for each in self.curves), default=1) - 1
        self._plot.setXRange(0, reach, padding=0.02)
        self._plot.setYRange(0, 100, padding=0.04)

    def _label_curves(self) -> None:
        """Write their names where they lie farthest apart: above the highest, below the others."""
        import pyqtgraph

        if not self.curves:
            return
        shares = list(zip(*(each.accuracy for each in self.curves), strict=False))
        at = max(range(len(shares)), key=lambda step: max(shares[step]) - min(shares[step]))
        for number, curve in enumerate(self.curves):
            is_highest = curve.accuracy[at] == max(shares[at])
            text = pyqtgraph.TextItem(curve.network, color=self._ink(number), anchor=(0, 1) if is_highest else (1, 0))
            text.setFont(theme.font(12, 600))
            text.setPos(at, 100 * curve.accuracy[at])
            self._plot.addItem(text)

    def _ink(self, number: int) -> QColor:
        colours = theme.palette()
        return (colours.accent, colours.positive_text, colours.text)[number % 3]

    def _dress(self) -> None:
        edge = theme.px(16)
        self._column.setContentsMargins(edge, theme.px(12), edge, theme.px(8))
        self._column.setSpacing(theme.px(8))
        self._head.setSpacing(theme.px(8))
        if self._plot is None:
            return
        colours = theme.palette()
        self._plot.setBackground(colours.ground)
        for side, text in (("bottom", self.tr("Shift, pixels")), ("left", self.tr("Right, %"))):
            axis = self._plot.getAxis(side)
            axis.setPen(colours.line)
            axis.setTextPen(colours.muted)
            axis.enableAutoSIPrefix(False)
            axis.setLabel(text, color=colours.muted.name())
            axis.setStyle(tickFont=theme.font(11))
        self._plot.showGrid(x=True, y=True, alpha=0.15)
        self._draw()
