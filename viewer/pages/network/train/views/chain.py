"""The row of stages read forward, and backward as the chain rule: the message from stage to stage."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.network.train.views.update_card import gold_text
from viewer.pages.network.views.unit import fitted
from viewer.widgets import describe
from viewer.widgets.base import SpotToolTip
from viewer.widgets.labels import draw_elided

HEAD, CAPTION, ARROW, LEAST, LARGEST, TITLE = 32, 16, 52, 48, 116, 22
"""Design pixels: name and size of a stage, a line below a picture, between two stages, a picture at least and at most,
and the heading of a row."""
TYPE = 11.5
Align = Qt.AlignmentFlag


class ChainStage(msgspec.Struct, frozen=True, eq=False):
    """A stage of one step.

    Attributes
    ----------
    name, size : str
        "Conv 1", "6 @ 28 × 28".
    forward : uint8 array
        What it gives for the picture that is looked at, all maps beside each other.
    message : uint8 array or None
        How the loss changes with each of these numbers; none where nothing needs it.
    message_size : str
        How large the messages of the whole minibatch are there: the root of their mean square.
    factor : str
        What the message was multiplied with on its way back out of the stage behind, and through this one's activation:
        "× Wᵀ", "· f′" below each other.
    layer : int or None
        Which of the layers with weights it is.
    """

    name: str
    size: str
    forward: NDArray[np.uint8]
    message: NDArray[np.uint8] | None
    message_size: str
    factor: str = ""
    layer: int | None = None


class ChainView(SpotToolTip, QWidget):
    """Paints it; a click on a stage with weights, or the arrow keys, choose that layer: ``layer_chosen(layer)``."""

    layer_chosen = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        describe(
            self,
            "stepChain",
            self.tr("The stages, forward and back"),
            self.tr("A click on a stage with weights, or the arrow keys, choose the layer"),
        )
        self._stages: tuple[ChainStage, ...] = ()
        self._layer = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_stages(self, stages: Sequence[ChainStage], layer: int) -> None:
        """Show the stages from the picture to the loss, of which that layer is looked at."""
        self._stages, self._layer = tuple(stages), layer
        self.setAccessibleDescription("; ".join(self._sentence(each) for each in self._stages))
        self.updateGeometry()
        self.update()

    def _sentence(self, each: ChainStage) -> str:
        said = f"{each.name}, {each.size}"
        return said + (self.tr(", size of the message {n}").format(n=each.message_size) if each.message_size else "")

    # What the user does --------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        for number, each in enumerate(self._stages):
            if each.layer is not None and self._column(number).contains(event.position().toPoint()):
                self.layer_chosen.emit(each.layer)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        elif any(each.layer == self._layer + way for each in self._stages):
            self.layer_chosen.emit(self._layer + way)

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        for number, each in enumerate(self._stages):
            if self._column(number).contains(spot):
                return self._sentence(each), self._column(number)
        return None

    # Where everything stands ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        count = max(1, len(self._stages))
        return QSize(count * theme.px(LEAST + ARROW), self._around() + 2 * theme.px(84))

    def minimumSizeHint(self) -> QSize:
        count = max(1, len(self._stages))
        return QSize(count * theme.px(LEAST + ARROW) - theme.px(ARROW), self._around() + 2 * theme.px(LEAST))

    @staticmethod
    def _around() -> int:
        """What is above, between and below the two rows of pictures."""
        return theme.px(2 * TITLE + HEAD + CAPTION + 10)

    def _widest(self, width: int) -> int:
        """The side of a picture where there is so much width, and height enough."""
        wide = (width + theme.px(ARROW)) // max(1, len(self._stages)) - theme.px(ARROW)
        return min(max(wide, theme.px(LEAST)), theme.px(LARGEST))

    def height_in(self, width: int) -> int:
        """The height that it can make use of."""
        return self._around() + 2 * self._widest(width)

    def _side(self) -> int:
        return max(theme.px(24), min(self._widest(self.width()), (self.height() - self._around()) // 2))

    def _left(self, number: int) -> int:
        count = max(2, len(self._stages))
        return round(number * (self.width() - self._side()) / (count - 1))

    def _column(self, number: int) -> QRect:
        return QRect(self._left(number), 0, self._side(), self.height())

    def _forward(self, number: int) -> QRectF:
        side = self._side()
        return QRectF(self._left(number), theme.px(TITLE + HEAD), side, side)

    def _back(self, number: int) -> QRectF:
        upper = self._forward(number)
        return upper.translated(0, upper.height() + theme.px(TITLE + 6))

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if not self._stages:
            return
        painter, colours = QPainter(self), theme.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for top, strong, weak in (
            (0, self.tr("Forward"), self.tr("what each stage gives for the picture in gold")),
            (
                int(self._back(0).top()) - theme.px(TITLE),
                self.tr("Back"),
                self.tr("the message: how the loss changes with each of these numbers"),
            ),
        ):
            self._paint_title(painter, top, strong, weak)
        for number, each in enumerate(self._stages):
            self._paint_stage(painter, number, each)
        for number in range(1, len(self._stages)):
            self._paint_arrows(painter, number, colours.muted)

    def _paint_title(self, painter: QPainter, top: int, strong: str, weak: str) -> None:
        line = QRect(0, top, self.width(), theme.px(TITLE))
        painter.setFont(theme.font(12, 600))
        painter.setPen(theme.palette().text)
        painter.drawText(line, Align.AlignVCenter, strong)
        wide = painter.fontMetrics().horizontalAdvance(strong) + theme.px(6)
        painter.setFont(theme.font(12))
        painter.setPen(theme.palette().muted)
        draw_elided(painter, line.adjusted(wide, 0, 0, 0), weak)

    def _paint_stage(self, painter: QPainter, number: int, each: ChainStage) -> None:
        colours, line = theme.palette(), theme.px(CAPTION)
        upper, lower = self._forward(number), self._back(number)
        is_here = each.layer is not None and each.layer == self._layer
        wide = round(upper.width()) + theme.px(ARROW - 4)
        head = QRect(round(upper.left()), theme.px(TITLE), wide, line)
        if number == len(self._stages) - 1:
            head.setWidth(round(upper.width()))
        painter.setFont(theme.font(TYPE, 600))
        painter.setPen(gold_text() if is_here else colours.text)
        draw_elided(painter, head, each.name)
        painter.setFont(theme.font(TYPE - 0.5))
        painter.setPen(colours.muted)
        draw_elided(painter, head.translated(0, line - 1), each.size)
        painter.drawImage(fitted(each.forward, upper), to_qimage(each.forward))
        if each.message is None:
            return
        place = fitted(each.message, lower)
        painter.drawImage(place, to_qimage(each.message))
        if is_here:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ink = colours.accent if self.hasFocus() else colours.crosshair
            painter.setPen(QPen(ink, theme.px(2), join=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(place.adjusted(-2, -2, 2, 2))
        below = QRect(head.left(), round(lower.bottom()) + theme.px(3), head.width(), line)
        painter.setPen(colours.muted)
        draw_elided(painter, below, self.tr("size {n}").format(n=each.message_size))

    def _paint_arrows(self, painter: QPainter, number: int, ink: QColor) -> None:
        """To this stage, and back from it, with what the message is multiplied with on the way."""
        before = self._forward(number - 1)
        start, end = before.right() + theme.px(5), self._forward(number).left() - theme.px(5)
        pen = QPen(ink, max(1.5, theme.px(1.5)))
        for y, backward in ((before.center().y(), False), (self._back(number).center().y(), True)):
            if backward and self._stages[number - 1].message is None:
                continue
            painter.setPen(pen)
            painter.drawLine(QPointF(start, y), QPointF(end, y))
            tip, back = (start, 4) if backward else (end, -4)
            for up in (-4, 4):
                painter.drawLine(QPointF(tip, y), QPointF(tip + theme.px(back), y + theme.px(up)))
            if backward and self._stages[number - 1].factor:
                painter.setFont(theme.font(TYPE - 0.5))
                painter.setPen(theme.palette().text)
                for up, part in enumerate(self._stages[number - 1].factor.split("\n")):
                    top = y + theme.px((-20, 4)[up])
                    painter.drawText(QRectF(start - 8, top, end - start + 16, theme.px(16)), Align.AlignCenter, part)
