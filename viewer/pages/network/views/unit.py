"""One number taken apart: what it sees, the maps that come in with their weights, where it stands, and its sum."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.network.views.row import STALE
from viewer.widgets import describe
from viewer.widgets.base import SpotToolTip
from viewer.widgets.labels import draw_elided

Pixels = NDArray[np.uint8]
Key = Qt.Key
EDGE, TITLE, CAPTION, GAP, LINE, BELOW, LARGEST, SMALL, ARROW = 16, 24, 22, 6, 46, 10, 240, 96, 36
"""Design pixels: beside and above all, a heading, what stands below a picture, above the sum, the sum, below it; the
side of a large and of a small picture at most, and the room of an arrow."""
SIGN = 16
"""Design pixels of the sign between numbers and weights."""
SMALLER = 0.8
"""How small the type of the sum becomes before its first words give way."""
PITCH = 76
"""Design pixels between two of the maps that come in, below which their sums are written smaller."""
Align = Qt.AlignmentFlag


class Term(msgspec.Struct, frozen=True):
    """Part of a line of arithmetic, in an ink of the palette; a `size` above 0 is that of its type."""

    text: str
    ink: str = "text"
    size: float = 0.0
    weight: int = 500


class SlicePicture(msgspec.Struct, frozen=True, eq=False):
    """A map that comes in, under the taps: its name, its numbers and its weights, painted or written, and its sum."""

    name: str
    window: Pixels
    weights: Pixels | None
    value: str
    weight: str
    total: Term


class UnitPictures(msgspec.Struct, frozen=True, eq=False):
    """What is shown of one number; titles are (strong, muted) pairs."""

    seen: Pixels
    seen_title: tuple[str, str]
    seen_place: str
    slices: tuple[SlicePicture, ...]
    slices_title: tuple[str, str]
    map: Pixels
    map_title: tuple[str, str]
    map_text: str
    place: tuple[int, int]
    place_text: str
    line: tuple[Term, ...]
    result: tuple[Term, ...]

    @property
    def sentence(self) -> str:
        """The sum in words."""
        return " ".join(term.text for term in (*self.line, *self.result))


class UnitView(SpotToolTip, QWidget):
    """Paints it; the pointer or the arrow keys over the map choose the number: ``place_chosen(i, j)``."""

    place_chosen = pyqtSignal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "networkUnit", self.tr("One number taken apart"),
                 self.tr("Point at the map at the right, or use the arrow keys, to choose the number"))  # fmt: skip
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._shown: UnitPictures | None = None

    def show_unit(self, shown: UnitPictures | None) -> None:
        """Show a number; None for nothing."""
        self._shown = shown
        self.setAccessibleDescription("" if shown is None else f"{shown.place_text}: {shown.sentence}")
        self.update()

    @property
    def shown(self) -> UnitPictures | None:
        """What is shown."""
        return self._shown

    # What the user does --------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        self._choose(event.position())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self._choose(event.position())

    def _choose(self, point: QPointF) -> None:
        room = self.map_room()
        if self._shown is None or not room.contains(point):
            return
        rows, columns = self._shown.map.shape[:2]
        i = int((point.y() - room.top()) / room.height() * rows)
        j = int((point.x() - room.left()) / room.width() * columns)
        self._tell(i, j)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        steps = {Key.Key_Left: (0, -1), Key.Key_Right: (0, 1), Key.Key_Up: (-1, 0), Key.Key_Down: (1, 0)}
        step = steps.get(Key(event.key()))
        if step is None or self._shown is None:
            super().keyPressEvent(event)
            return
        self._tell(self._shown.place[0] + step[0], self._shown.place[1] + step[1])

    def _tell(self, i: int, j: int) -> None:
        assert self._shown is not None
        rows, columns = self._shown.map.shape[:2]
        place = min(max(i, 0), rows - 1), min(max(j, 0), columns - 1)
        if place != self._shown.place:
            self.place_chosen.emit(*place)

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        for each, (upper, lower) in zip(
            () if self._shown is None else self._shown.slices, self.slice_rooms(), strict=False
        ):
            room = upper.united(lower)
            if room.contains(QPointF(spot)):
                return f"{each.name}: {each.total.text}", room.toRect()
        return None

    # Where everything stands ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme.px(880), theme.px(290))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(360), theme.px(190))

    def _large(self) -> float:
        """The side of the large pictures."""
        room = self.height() - theme.px(EDGE + TITLE + CAPTION + GAP + BELOW) - self._line_height()
        return max(24.0, min(theme.px(LARGEST), room, self.width() * 0.2))

    def _line_height(self) -> float:
        return min(theme.px(LINE), self.height() / 5)

    def _top(self) -> float:
        return theme.px(EDGE + TITLE)

    def _seen_room(self) -> QRectF:
        return fitted(self._shown.seen, QRectF(theme.px(EDGE), self._top(), self._large(), self._large()))

    def map_room(self) -> QRectF:
        """Where the map stands."""
        side = self._large()
        room = QRectF(self.width() - theme.px(EDGE) - side, self._top(), side, side)
        return room if self._shown is None else fitted(self._shown.map, room)

    def _slices_room(self) -> QRectF:
        left = theme.px(EDGE + ARROW) + self._large()
        return QRectF(left, self._top(), max(1.0, self.width() - 2 * left), self._large())

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._shown is None:
            return
        painter, shown, colours = QPainter(self), self._shown, theme.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else STALE)
        gold = QPen(colours.crosshair, max(2.0, theme.px(2)))
        gold.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        seen, room = self._seen_room(), self._slices_room()
        arrow = theme.px(ARROW)
        self._title(painter, QRectF(seen.left(), 0, room.left() - seen.left() - theme.px(6), 0), shown.seen_title)
        if shown.seen.size:
            painter.drawImage(seen, to_qimage(shown.seen))
        painter.setPen(gold)
        painter.drawRect(seen)
        self._caption(
            painter, QRectF(seen.left(), seen.bottom(), room.left() - seen.left(), theme.px(CAPTION)), shown.seen_place
        )
        self._title(painter, QRectF(room.left(), 0, room.width() + arrow - theme.px(6), 0), shown.slices_title)
        self._paint_slices(painter, room)
        self._paint_map(painter, gold)
        for x in (room.left() - arrow / 2, room.right() + arrow / 2):
            self._arrow(painter, QPointF(x, room.center().y()))
        self._paint_line(painter)

    def _paint_map(self, painter: QPainter, gold: QPen) -> None:
        shown, room = self._shown, self.map_room()
        assert shown is not None
        self._title(painter, QRectF(room.left(), 0, self.width() - room.left(), 0), shown.map_title)
        self._cell(painter, room, shown.map, shown.map_text)
        rows, columns = shown.map.shape[:2]
        high, wide = room.height() / rows, room.width() / columns
        cell = QRectF(room.left() + shown.place[1] * wide, room.top() + shown.place[0] * high, wide, high)
        painter.setPen(gold)
        painter.drawRect(cell.adjusted(-1, -1, 1, 1))
        if self.hasFocus():
            painter.setPen(QPen(theme.palette().accent, 1))
            painter.drawRect(room.adjusted(-3, -3, 3, 3))
        self._caption(painter, QRectF(room.left(), room.bottom(), room.width(), theme.px(CAPTION)), shown.place_text)

    def slice_rooms(self) -> list[tuple[QRectF, QRectF]]:
        """Where the numbers and the weights of several maps that come in stand, above or beside each other."""
        room, count = self._slices_room(), 0 if self._shown is None else len(self._shown.slices)
        if count < 2:
            return []
        pitch, sign, most = min(room.width() / count, theme.px(SMALL + 24)), theme.px(SIGN), theme.px(SMALL)
        widest = pitch - theme.px(6)
        below, beside = min(most, widest, (room.height() - sign) / 2), min(most, (widest - sign) / 2, room.height())
        if beside > below:
            wide, side, step = beside, beside, QPointF(beside + sign, 0)
        else:
            # Numbers that are written take the room that there is.
            wide = min(most, widest) if self._shown.slices[0].value else below
            side, step = below, QPointF(0, below + sign)
        lefts = (room.left() + number * pitch + (pitch - wide - step.x()) / 2 for number in range(count))
        uppers = [QRectF(left, room.top(), wide, side) for left in lefts]
        return [(upper, upper.translated(step)) for upper in uppers]

    def _paint_slices(self, painter: QPainter, room: QRectF) -> None:
        """Numbers, weights, and below them what they add; a single pair stands side by side, and larger."""
        shown, caption, rooms = self._shown, theme.px(CAPTION), self.slice_rooms()
        assert shown is not None
        if not rooms:
            self._paint_pair(painter, room, shown.slices[0])
            return
        pitch, between = rooms[1][0].left() - rooms[0][0].left(), theme.px(SIGN)
        size = min(1.0, max(0.7, pitch / theme.px(PITCH)))
        for each, (upper, lower) in zip(shown.slices, rooms, strict=True):
            both = upper.united(lower)
            self._cell(painter, upper, each.window, each.value)
            if each.weights is not None:
                sign = QRectF(0, 0, between, between)
                sign.moveCenter(both.center())
                self._term(painter, sign, Term("×"))
                self._cell(painter, lower, each.weights, each.weight)
            self._term(painter, QRectF(both.left() - 20, both.bottom(), both.width() + 40, caption), each.total, size)

    def _paint_pair(self, painter: QPainter, room: QRectF, each: SlicePicture) -> None:
        sign = theme.px(28)
        side = min(room.height(), (room.width() - 2 * sign) / 2.6)
        first = QRectF(room.left(), room.top(), side, side)
        self._cell(painter, first, each.window, each.value)
        painter.setFont(theme.font(15))
        painter.setPen(theme.palette().text)
        if each.weights is not None:
            painter.drawText(QRectF(first.right(), room.top(), sign, side), Align.AlignCenter, "×")
            first = first.translated(side + sign, 0)
            self._cell(painter, first, each.weights, each.weight)
        result = QRectF(first.right(), room.top(), min(room.right() - first.right(), theme.px(140)), side)
        self._term(painter, result, Term(f"→  {each.total.text}", each.total.ink, 14, 600))

    @staticmethod
    def _cell(painter: QPainter, room: QRectF, picture: Pixels, text: str) -> None:
        """A picture, or of a single number its colour with the number."""
        image = to_qimage(picture)
        painter.drawImage(room if text else fitted(picture, room), image)
        if text:
            painter.setFont(theme.font(11 if room.width() < theme.px(LARGEST / 2) else 20, 600))
            painter.setPen(theme.ink_on(image.pixelColor(0, 0)))
            painter.drawText(room, Align.AlignCenter, text)

    def _paint_line(self, painter: QPainter) -> None:
        """The sum, as large as fits, and at the right what becomes of it."""
        shown, colours = self._shown, theme.palette()
        assert shown is not None
        edge, height = theme.px(EDGE), self._line_height()
        room = QRectF(edge, self.height() - height - theme.px(BELOW), self.width() - 2 * edge, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.field)
        painter.drawRoundedRect(room, theme.px(6), theme.px(6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inner = room.adjusted(theme.px(14), 0, -theme.px(14), 0)
        right = self._written(painter, shown.result, inner, 1.0, from_right=True)
        wide = inner.width() - right - theme.px(16)
        # Where there is little room the words before the sum give way first, then its type becomes smaller.
        terms = shown.line if self._width(painter, shown.line, SMALLER) <= wide else shown.line[1:] or shown.line
        self._written(painter, terms, inner, min(1.0, wide / max(1.0, self._width(painter, terms, 1.0))))

    @staticmethod
    def _width(painter: QPainter, terms: Sequence[Term], scale: float) -> float:
        total = 0.0
        for term in terms:
            painter.setFont(theme.font((term.size or 14) * scale, term.weight))
            total += painter.fontMetrics().horizontalAdvance(term.text) + theme.px(8) * scale
        return total

    def _written(
        self, painter: QPainter, terms: Sequence[Term], room: QRectF, scale: float, *, from_right: bool = False
    ) -> float:
        """Write the terms one behind the other; returns how wide they are."""
        wide = self._width(painter, terms, scale)
        left = room.right() - wide + theme.px(8) * scale if from_right else room.left()
        for term in terms:
            painter.setFont(theme.font((term.size or 14) * scale, term.weight))
            painter.setPen(getattr(theme.palette(), term.ink))
            painter.drawText(QRectF(left, room.top(), room.width(), room.height()), Align.AlignVCenter, term.text)
            left += painter.fontMetrics().horizontalAdvance(term.text) + theme.px(8) * scale
        return wide

    @staticmethod
    def _title(painter: QPainter, across: QRectF, title: tuple[str, str]) -> None:
        """Write a heading over what stands between the left and right of `across`."""
        colours, room = theme.palette(), QRectF(across.left(), theme.px(EDGE - 4), across.width(), theme.px(TITLE))
        for text, weight, ink in ((title[0], 600, colours.text), (title[1], 400, colours.muted)):
            painter.setFont(theme.font(12, weight))
            painter.setPen(ink)
            draw_elided(painter, room.toRect(), text)
            room.setLeft(room.left() + painter.fontMetrics().horizontalAdvance(text) + theme.px(5))
            if room.width() < theme.px(24):
                return

    @staticmethod
    def _caption(painter: QPainter, room: QRectF, text: str) -> None:
        painter.setFont(theme.font(12))
        painter.setPen(theme.palette().muted)
        draw_elided(painter, room.toRect(), text)

    @staticmethod
    def _term(painter: QPainter, room: QRectF, term: Term, scale: float = 1.0) -> None:
        painter.setFont(theme.font((term.size or 12) * scale, term.weight))
        painter.setPen(getattr(theme.palette(), term.ink))
        painter.drawText(room, Align.AlignCenter, term.text)

    @staticmethod
    def _arrow(painter: QPainter, middle: QPointF) -> None:
        arm, head = theme.px(6), theme.px(4)
        painter.setPen(QPen(theme.palette().muted, max(1.5, theme.px(1.5))))
        tip = QPointF(middle.x() + arm, middle.y())
        painter.drawLine(QPointF(middle.x() - arm, middle.y()), tip)
        painter.drawLine(QPointF(tip.x() - head, tip.y() - head), tip)
        painter.drawLine(QPointF(tip.x() - head, tip.y() + head), tip)


def fitted(picture: Pixels, room: QRectF) -> QRectF:
    """The largest rectangle of the picture's proportions at the top left of `room`."""
    rows, columns = (max(1, each) for each in picture.shape[:2])
    scale = min(room.width() / columns, room.height() / rows)
    return QRectF(room.left(), room.top(), columns * scale, rows * scale)
