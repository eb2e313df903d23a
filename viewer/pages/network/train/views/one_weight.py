"""One weight learns: message times input at one place, the gradient, and what the optimiser makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.network.views.pointing import PointedPicture
from viewer.pages.network.views.unit import Term
from viewer.widgets import ComboBox, Message, SpinBox, ToolButton, blocked, describe, filled
from viewer.widgets.labels import draw_elided

PICTURE, HEAD, LINE, EDGE, TYPE, LARGE = 72, 42, 18, 10, 12.5, 26
"""Design pixels: the filter, the product with its words, a line of the formula, inside its card, and two types."""
Align = Qt.AlignmentFlag


@dataclass(frozen=True, eq=False, slots=True)
class FilterPicture:
    """The weights of which one is looked at, painted, a pixel each, and where that one stands."""

    pixels: NDArray[np.uint8]
    place: tuple[int, int]
    name: str


@dataclass(frozen=True, eq=False, slots=True)
class Update:
    """What an optimiser does: pairs of a formula in letters and the same in numbers, and what comes out."""

    lines: tuple[tuple[str, tuple[Term, ...]], ...]
    result: str

    @property
    def sentence(self) -> str:
        """It in words."""
        numbers = "; ".join(" ".join(term.text for term in terms) for _formula, terms in self.lines)
        return f"{numbers} = {self.result}"


@dataclass(frozen=True, eq=False, slots=True)
class OneWeight:
    """How one weight learns.

    Attributes
    ----------
    picture : FilterPicture
    product : (message, input, relation, product)
        At the one place where it says most; the relation is "=" or "≈".
    accumulated : str
        Over how many places and pictures it is added up.
    gradient : str
    update : Update
    layers : tuple of str
        The layers that have weights.
    layer, output, input : int
        Where the weight belongs to.
    outputs, inputs : int
        How many there are of each.
    """

    picture: FilterPicture
    product: tuple[str, str, str, str]
    accumulated: str
    gradient: str
    update: Update
    layers: tuple[str, ...]
    layer: int
    output: int
    input: int
    outputs: int
    inputs: int


class FilterCells(PointedPicture):
    """The weights of a filter and one input; a click or the arrow keys choose one, which is gold."""

    def __init__(self) -> None:
        super().__init__("weightPicture", "", "", PICTURE)
        self.setAccessibleName(self.tr("The filter's weights"))
        self.setToolTip(self.tr("A click or the arrow keys choose the weight"))
        self._shown: FilterPicture | None = None

    def show_filter(self, shown: FilterPicture | None) -> None:
        """Show these weights."""
        self._shown = shown
        self.setEnabled(shown is not None)
        if shown is not None:
            self.show_at((shown.pixels.shape[0], shown.pixels.shape[1]), shown.place)
            self.setAccessibleDescription(shown.name)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter, colours = QPainter(self), theme.palette()
        if self._shown is None:
            painter.fillRect(self.rect(), colours.field)
            return
        painter.drawImage(self.place(), to_qimage(self._shown.pixels))
        here = self.cell(*self._at)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width, out in ((colours.ground, 4, 1), (colours.crosshair, 2, 1)):
            painter.setPen(QPen(ink, theme.px(width), join=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(here.adjusted(-out + 1, -out + 1, out - 2, out - 2))
        self.paint_focus(painter)


class ProductLine(QWidget):
    """Three numbers with what they are below them: message × input = at one place."""

    def __init__(self) -> None:
        super().__init__()
        describe(self, "weightProduct", self.tr("Message times input"),
                 self.tr("What the message says there, times what came in there"))  # fmt: skip
        self._shown: tuple[str, str, str, str] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_product(self, shown: tuple[str, str, str, str] | None) -> None:
        """Show message, input, "=" or "≈", and what comes out."""
        self._shown = shown
        message, given, relation, product = shown or ("",) * 4
        self.setAccessibleDescription(f"{message} × {given} {relation} {product}" if shown else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(HEAD))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._shown is None:
            return
        painter, colours = QPainter(self), theme.palette()
        message, given, relation, product = self._shown
        words = (self.tr("message"), "", self.tr("input"), "", self.tr("at one place"))
        numbers = (message, "×", given, relation, product)
        size, half = TYPE + 0.5, self.height() // 2
        while size > 8:
            strong, weak = QFontMetricsF(theme.font(size, 600)), QFontMetricsF(theme.font(TYPE - 0.5))
            wide = [
                max(strong.horizontalAdvance(number), weak.horizontalAdvance(word))
                for number, word in zip(numbers, words, strict=True)
            ]
            if sum(wide) <= self.width() - 4 * theme.px(4):
                break
            size -= 0.5
        gap, left = (self.width() - sum(wide)) / 4, 0.0
        for number, word, room in zip(numbers, words, wide, strict=True):
            painter.setFont(theme.font(size, 600 if word else 400))
            painter.setPen(colours.text if word else colours.muted)
            painter.drawText(QRectF(left, 0, room + 1, half), Align.AlignVCenter | Align.AlignLeft, number)
            painter.setFont(theme.font(TYPE - 0.5))
            painter.setPen(colours.muted)
            painter.drawText(QRectF(left, half, room + 1, half), Align.AlignVCenter | Align.AlignLeft, word)
            left += room + gap


class Accumulated(QWidget):
    """Over how many places the products are added up, and the gradient that they come to."""

    def __init__(self) -> None:
        super().__init__()
        describe(self, "weightGradient", self.tr("Gradient"), self.tr("The products of all places and pictures, added"))
        self._about = self._gradient = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_gradient(self, about: str, gradient: str) -> None:
        """Show what is added up, and what comes out."""
        self._about, self._gradient = about, gradient
        self.setAccessibleDescription(f"{about} {gradient}")
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(80), theme.px(56))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if not self._gradient:
            return
        painter, colours = QPainter(self), theme.palette()
        painter.setFont(theme.font(TYPE))
        painter.setPen(colours.muted)
        above = QRect(0, 0, self.width(), self.height() - theme.px(26))
        painter.drawText(above, Align.AlignTop | Align.AlignLeft | Qt.TextFlag.TextWordWrap, self._about)
        line = QRect(0, above.bottom(), self.width(), theme.px(26))
        before = self.tr("gradient g =") + " "
        painter.drawText(line, Align.AlignVCenter | Align.AlignLeft, before)
        wide = round(QFontMetricsF(painter.font()).horizontalAdvance(before))
        painter.setFont(theme.font(TYPE + 3.5, 600))
        is_negative = not self._gradient[0].isdigit()
        painter.setPen(colours.negative_text if is_negative else colours.positive_text)
        draw_elided(painter, line.adjusted(wide, 0, 0, 0), self._gradient)


class UpdateCard(QWidget):
    """What the optimiser does with the gradient: every formula in letters and in numbers, and the new w in gold."""

    def __init__(self) -> None:
        super().__init__()
        describe(self, "weightUpdate", self.tr("The new weight"), self.tr("What the optimiser makes of the gradient"))
        self._shown: Update | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_update(self, shown: Update | None) -> None:
        """Show what is computed."""
        self._shown = shown
        self.setAccessibleDescription("" if shown is None else shown.sentence)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        lines = 1 if self._shown is None else len(self._shown.lines)
        return QSize(theme.px(200), lines * 2 * theme.px(LINE) + theme.px(40) + 2 * theme.px(EDGE))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._shown is None:
            return
        painter, colours = QPainter(self), theme.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.line, 1))
        painter.setBrush(colours.field)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))
        edge, line = theme.px(EDGE), theme.px(LINE)
        room = QRect(edge, edge, self.width() - 2 * edge, line)
        for formula, terms in self._shown.lines:
            painter.setFont(theme.font(TYPE - 0.5))
            painter.setPen(colours.muted)
            draw_elided(painter, room, formula)
            room.translate(0, line)
            write_terms(painter, room, terms, TYPE + 0.5)
            room.translate(0, line)
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(room.left(), room.top() + theme.px(4), room.right(), room.top() + theme.px(4))
        last = QRect(room.left(), room.top() + theme.px(6), room.width(), theme.px(34))
        painter.setFont(theme.font(TYPE))
        painter.setPen(colours.muted)
        painter.drawText(last, Align.AlignVCenter | Align.AlignLeft, self.tr("new w"))
        painter.setFont(theme.font(LARGE, 700))
        painter.setPen(gold_text())
        painter.drawText(last, Align.AlignVCenter | Align.AlignRight, self._shown.result)


def gold_text():  # noqa: ANN201
    """Gold that can be read as text in both themes."""
    colours = theme.palette()
    return colours.crosshair if colours.is_dark else colours.warning


def write_terms(painter: QPainter, room: QRect, terms: Sequence[Term], size: float) -> float:
    """Write the terms of a line one behind the other, smaller where there is little room; return how wide they are."""
    while True:
        wide = [
            QFontMetricsF(theme.font(term.size or size, term.weight)).horizontalAdvance(term.text) for term in terms
        ]
        if sum(wide) <= room.width() or size <= 8:
            break
        size -= 0.5
    left = float(room.left())
    for term, each in zip(terms, wide, strict=True):
        painter.setFont(theme.font(term.size or size, term.weight))
        painter.setPen(getattr(theme.palette(), term.ink))
        painter.drawText(QRectF(left, room.top(), each + 2, room.height()), Align.AlignVCenter, term.text)
        left += each
    return sum(wide)


class OneWeightView(QWidget):
    """All of it below each other, with what chooses the weight.

    ``place_chosen(row, column)`` of the filter, ``layer_chosen``, ``output_chosen`` and ``input_chosen`` carry what
    the user chose; ``apart_requested`` asks for the whole step, large.
    """

    place_chosen = pyqtSignal(int, int)
    layer_chosen = pyqtSignal(int)
    output_chosen = pyqtSignal(int)
    input_chosen = pyqtSignal(int)
    apart_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        tr = self.tr
        self.message = Message("oneWeightMessage")
        self.layer = ComboBox("weightLayerCombo", tr("Layer"), tr("The layer that the weight belongs to"))
        self.output = SpinBox("weightOutput", tr("Filter"), tr("Which filter, or unit, of the layer"), prefix=tr("filter "))  # fmt: skip
        self.given = SpinBox("weightInput", tr("Input"), tr("Which of the maps, or units, that come in"), prefix=tr("of map "))  # fmt: skip
        self.product, self.filter = ProductLine(), FilterCells()
        self.gradient, self.update_card = Accumulated(), UpdateCard()
        self.apart = ToolButton("stepApartButton", tr("Take the step apart"),
                                tr("Show the whole step: forward, the loss, the messages back, every number"),
                                text=tr("Take the whole step apart"), icon_name="scan")  # fmt: skip
        self._choices = filled(QHBoxLayout(), self.layer, 3, self.output, 2, self.given, 2)
        self._middle = filled(QHBoxLayout(), self.filter, self.gradient, 1)
        self._column = filled(QVBoxLayout(self), self.message, self._choices, self.product, self._middle,
                              self.update_card, self.apart)  # fmt: skip
        self.apart.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.filter.pointed.connect(self.place_chosen)
        self.layer.currentIndexChanged.connect(self.layer_chosen)
        self.output.valueChanged.connect(self.output_chosen)
        self.given.valueChanged.connect(self.input_chosen)
        self.apart.clicked.connect(lambda: self.apart_requested.emit())
        theme.follow(self._rescale)
        self.show_weight(None, "")

    def show_weight(self, shown: OneWeight | None, reason: str = "") -> None:
        """Show a weight; None with the reason why there is none."""
        self.message.show_hint("" if shown is not None else reason)
        parts = (self.layer, self.output, self.given, self.product, self.filter, self.gradient, self.update_card)
        for part in (*parts, self.apart):
            part.setVisible(shown is not None)
        if shown is None:
            return
        self.layer.offer([(name, name, "") for name in shown.layers])
        with blocked(self.layer, self.output, self.given):
            self.layer.setCurrentIndex(shown.layer)
            for box, count, value in ((self.output, shown.outputs, shown.output), (self.given, shown.inputs, shown.input)):  # fmt: skip
                box.setRange(0, count - 1)
                box.setValue(value)
                box.setEnabled(count > 1)
        self.filter.show_filter(shown.picture)
        self.product.show_product(shown.product)
        self.gradient.show_gradient(shown.accumulated, shown.gradient)
        self.update_card.show_update(shown.update)

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(8))
        self._choices.setSpacing(theme.px(4))
        self._middle.setSpacing(theme.px(12))
        for box in (self.output, self.given):
            box.setFixedHeight(theme.px(28))
            box.setMinimumWidth(theme.px(48))
