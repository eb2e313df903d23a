"""How far the picture may move before the answer changes: a small map for each network."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.network.views.pointing import PointedPicture
from viewer.widgets import Label, Message, SectionLabel, describe, filled
from viewer.widgets.labels import draw_elided

SIDE, NARROW, LINE, SMALL = 102, 68, 16, 11
MOST, WIDE = 3, 2
"""So many maps stand side by side at most, and at their full size."""


class ShiftMap(msgspec.Struct, frozen=True, eq=False):
    """What a network makes of a picture that is shifted.

    Attributes
    ----------
    network : str
        What it is called.
    answer : str
        The class that it takes the picture for where that lies unmoved.
    probabilities : (2·reach + 1, 2·reach + 1) array or None
        Of this class, by the shift down and to the right; None until they are computed.
    stays : array of bool, of the same shape, or None
        Where this class is still the most probable one.
    """

    network: str
    answer: str
    probabilities: NDArray[np.floating] | None = None
    stays: NDArray[np.bool_] | None = None

    @property
    def reach(self) -> int:
        """Pixels of the largest shift that was tried."""
        return 0 if self.probabilities is None else self.probabilities.shape[0] // 2


class ShiftPicture(PointedPicture):
    """One map: the brighter, the more probable the answer; gold is where the picture lies now."""

    moved = pyqtSignal(int, int)  # down, to the right

    def __init__(self, object_name: str) -> None:
        tip = self.tr("A click or the arrow keys move the picture there, Home moves it back to 0, 0")
        super().__init__(object_name, self.tr("Probability of the answer by shift"), tip, SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._map = ShiftMap("", "")
        self._shift = (0, 0)
        self.pointed.connect(lambda row, column: self.moved.emit(row - self._map.reach, column - self._map.reach))

    def show_map(self, shown: ShiftMap, shift: tuple[int, int], side: int) -> None:
        """Show a map with the picture at `shift`, on so many design pixels."""
        self._map, self._shift, self._side = shown, shift, side
        reach = shown.reach
        self.show_at((2 * reach + 1, 2 * reach + 1), (reach + shift[0], reach + shift[1]))
        self.setEnabled(shown.probabilities is not None)
        self.setAccessibleName(self.tr("{network}: probability of the answer by shift").format(network=shown.network))
        self.setAccessibleDescription(f"{self.summary}; {self.words(*self._at)}")
        self.updateGeometry()

    @property
    def summary(self) -> str:
        """How many shifts the answer survives."""
        if self._map.stays is None:
            return ""
        return self.tr("{n} of {all} stay {answer}").format(
            n=int(self._map.stays.sum()), all=self._map.stays.size, answer=self._map.answer
        )

    def words(self, row: int, column: int) -> str:
        found, reach = self._map.probabilities, self._map.reach
        if found is None or not (0 <= row < found.shape[0] and 0 <= column < found.shape[1]):
            return ""
        return self.tr("{shift}: {answer} with {percent} %").format(
            shift=self._shift_text(row - reach, column - reach),
            answer=self._map.answer,
            percent=f"{100 * found[row, column]:.1f}",
        )

    def _shift_text(self, down: int, right: int) -> str:
        across = self.tr("{n} right").format(n=right) if right >= 0 else self.tr("{n} left").format(n=-right)
        along = self.tr("{n} down").format(n=down) if down > 0 else self.tr("{n} up").format(n=-down)
        return f"{across}, {along}"

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(self._side), theme.px(self._side) + 2 * theme.px(LINE))

    def sizeHint(self) -> QSize:
        line = QFontMetrics(theme.font(SMALL)).horizontalAdvance(self.summary) + 1
        return self.minimumSizeHint().expandedTo(QSize(line, 0))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        if self._map.probabilities is None:
            painter.fillRect(QRect(0, 0, theme.px(self._side), theme.px(self._side)), theme.palette().well)
        else:
            self._paint_cells(painter, self._map.probabilities)
            self._paint_marks(painter)
        self._paint_caption(painter)

    def _paint_cells(self, painter: QPainter, found: NDArray[np.floating]) -> None:
        """As one picture, of a pixel a cell: it is painted again with every stroke."""
        colours = theme.palette()
        well, accent = (np.array(each.getRgb()[:3]) for each in (colours.well, colours.accent))
        cells = well + found[..., np.newaxis] * (accent - well)
        painter.drawImage(self.place(), to_qimage(np.rint(cells).astype(np.uint8)))

    def _paint_marks(self, painter: QPainter) -> None:
        colours, reach = theme.palette(), self._map.reach
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.cell(reach, reach)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.text)
        painter.drawEllipse(QPointF(middle.center()) + QPointF(0.5, 0.5), theme.px(1.5), theme.px(1.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.paint_focus(painter)
        row, column = self._shift[0] + reach, self._shift[1] + reach
        if 0 <= row <= 2 * reach and 0 <= column <= 2 * reach:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.crosshair, theme.px(2), join=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(self.cell(row, column).adjusted(-1, -1, 1, 1))

    def _paint_caption(self, painter: QPainter) -> None:
        colours, high = theme.palette(), theme.px(LINE)
        line = QRect(0, theme.px(self._side) + theme.px(2), self.width(), high)
        painter.setFont(theme.font(11.5, 600))
        painter.setPen(colours.text)
        draw_elided(painter, line, self._map.network)
        painter.setFont(theme.font(SMALL))
        painter.setPen(colours.muted)
        draw_elided(painter, line.translated(0, high - theme.px(2)), self.summary)


class ShiftMapsView(QWidget):
    """The maps of all networks side by side; ``moved(down, right)`` says where the picture is to be moved to.

    Until ``gesture_ended`` it is one move.
    """

    moved = pyqtSignal(int, int)
    gesture_ended = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "shiftMaps", self.tr("How far may it move?"), "")
        self.heading, self.range = SectionLabel(self.tr("How far may it move?")), Label("", "muted", name="shiftRange")
        self.message = Message("shiftMessage")
        self.pictures = [ShiftPicture(f"shiftMap{number}") for number in range(MOST)]
        self._head = filled(QHBoxLayout(), self.heading, 1, self.range)
        self._maps = filled(QHBoxLayout())
        for picture in self.pictures:
            self._maps.addWidget(picture, 1, Qt.AlignmentFlag.AlignLeft)
            picture.moved.connect(self.moved)
            picture.gesture_ended.connect(self.gesture_ended)
        self._column = filled(QVBoxLayout(self), self._head, self.message, self._maps)
        theme.follow(self._resize)

    def show_maps(self, maps: Sequence[ShiftMap], shift: tuple[int, int]) -> None:
        """Show a map for each network, and where the picture lies now, (down, to the right)."""
        self.message.clear()
        side = SIDE if len(maps) <= WIDE else NARROW
        for number, picture in enumerate(self.pictures):
            picture.setVisible(number < len(maps))
            if number < len(maps):
                picture.show_map(maps[number], shift, side)
        reach = max((each.reach for each in maps), default=0)
        self.range.setText(self.tr("±{n} px").format(n=reach) if reach else "")

    def show_reason(self, sentence: str) -> None:
        """Say why there is no map."""
        for picture in self.pictures:
            picture.hide()
        self.range.setText("")
        self.message.show_hint(sentence)

    def _resize(self) -> None:
        self._column.setSpacing(theme.px(6))
        self._maps.setSpacing(theme.px(8))
