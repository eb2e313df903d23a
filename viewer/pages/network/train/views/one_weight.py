"""One weight learns: message times input at one place, the gradient, and what the optimiser makes of it."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.network.train.views.update_card import LEAST, Update, UpdateCard, write_terms
from viewer.pages.network.views.pointing import PointedPicture
from viewer.pages.network.views.unit import Term
from viewer.widgets import ComboBox, Message, SpinBox, blocked, describe, filled

PICTURE, HEAD, TYPE = 66, 38, 12.5
"""Design pixels: the filter, the product with its words, and the type."""
Align = Qt.AlignmentFlag


class FilterPicture(msgspec.Struct, frozen=True, eq=False):
    """The weights of which one is looked at, painted, a pixel each, and where that one stands."""

    pixels: NDArray[np.uint8]
    place: tuple[int, int]
    name: str


class OneWeight(msgspec.Struct, frozen=True, eq=False):
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
    has_filters : bool
        Whether its outputs are maps rather than units.
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
    has_filters: bool = True


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
        describe(
            self,
            "weightProduct",
            self.tr("Message times input"),
            self.tr("What the message says there, times what came in there"),
        )
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
        while size > LEAST:
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
        ink = "positive_text" if self._gradient[0].isdigit() else "negative_text"
        write_terms(painter, line.adjusted(wide, 0, 0, 0), (Term(self._gradient, ink, 0, 600),), TYPE + 3.5)


class OneWeightView(QWidget):
    """All of it below each other, with what chooses the weight.

    ``place_chosen(row, column)`` of the filter, ``layer_chosen``, ``output_chosen`` and ``input_chosen`` carry what
    the user chose.
    """

    place_chosen = pyqtSignal(int, int)
    layer_chosen = pyqtSignal(int)
    output_chosen = pyqtSignal(int)
    input_chosen = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        tr = self.tr
        self.message = Message("oneWeightMessage")
        self.layer = ComboBox("weightLayerCombo", tr("Layer"), tr("The layer that the weight belongs to"))
        self.output = SpinBox(
            "weightOutput", tr("Filter"), tr("Which filter, or unit, of the layer"), prefix=tr("filter ")
        )
        self.given = SpinBox(
            "weightInput", tr("Input"), tr("Which of the maps, or units, that come in"), prefix=tr("map ")
        )
        self.product, self.filter = ProductLine(), FilterCells()
        self.gradient, self.update_card = Accumulated(), UpdateCard(brief=True)
        self._choices = filled(QHBoxLayout(), self.layer, 1, self.output, self.given)
        self._middle = filled(QHBoxLayout(), self.filter, self.gradient, 1)
        self._column = filled(
            QVBoxLayout(self), self.message, self._choices, self.product, self._middle, self.update_card
        )
        self._column.addStretch(1)
        self.filter.pointed.connect(self.place_chosen)
        self.layer.currentIndexChanged.connect(self.layer_chosen)
        self.output.valueChanged.connect(self.output_chosen)
        self.given.valueChanged.connect(self.input_chosen)
        theme.follow(self._rescale)
        self.show_weight(None, "")

    def show_weight(self, shown: OneWeight | None, reason: str = "") -> None:
        """Show a weight; None with the reason why there is none."""
        self.message.show_hint("" if shown is not None else reason)
        parts = (self.layer, self.output, self.given, self.product, self.filter, self.gradient, self.update_card)
        for part in parts:
            part.setVisible(shown is not None)
        if shown is None:
            return
        self.layer.offer([(name, name, "") for name in shown.layers])
        with blocked(self.layer, self.output, self.given):
            self.output.setPrefix(self.tr("filter ") if shown.has_filters else self.tr("unit "))
            self.layer.setCurrentIndex(shown.layer)
            for box, count, value in (
                (self.output, shown.outputs, shown.output),
                (self.given, shown.inputs, shown.input),
            ):
                box.setRange(0, count - 1)
                box.setValue(value)
                box.setVisible(count > 1)
        self.filter.show_filter(shown.picture)
        self.product.show_product(shown.product)
        self.gradient.show_gradient(shown.accumulated, shown.gradient)
        self.update_card.show_update(shown.update)

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(6))
        self._choices.setSpacing(theme.px(4))
        self._middle.setSpacing(theme.px(12))
        for box in (self.output, self.given):
            box.setFixedHeight(theme.px(28))
            box.setFixedWidth(theme.px(70))
