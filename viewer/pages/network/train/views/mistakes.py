"""The pictures that a network is most sure about and wrong."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.network.views.pointing import STEPS
from viewer.widgets import describe
from viewer.widgets.base import SpotToolTip
from viewer.widgets.labels import draw_elided

ACROSS, DOWN, PICTURE, ROW, LINE, TYPE = 3, 2, 37, 44, 14, 12.5
"""How many stand side by side and below each other; design pixels: a picture, a row, a line of text, the type."""
Align = Qt.AlignmentFlag


class Mistake(msgspec.Struct, frozen=True, eq=False):
    """A picture that was taken for something else.

    Attributes
    ----------
    index : int
        Which of the pictures that are checked with.
    picture : uint8 array, (h, w) or (h, w, 3)
    true, seen : str
        The classes.
    sureness : str
        How sure the network was: "99 %".
    is_here : bool
        Belongs to the cell that is looked at in the confusion.
    """

    index: int
    picture: NDArray[np.uint8]
    true: str
    seen: str
    sureness: str
    is_here: bool = False

    @property
    def sentence(self) -> str:
        """It in words."""
        return f"{self.true}→{self.seen} {self.sureness}"


class MistakeTiles(SpotToolTip, QWidget):
    """Shows up to six; a click, or Enter on the one that the arrow keys chose, says ``chosen(index)``."""

    chosen = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        describe(
            self,
            "worstMistakes",
            self.tr("Worst mistakes"),
            self.tr("A click, or the arrow keys and Enter, open a picture under Look"),
        )
        self._shown: tuple[Mistake, ...] = ()
        self._hint, self._at = "", 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_mistakes(self, shown: Sequence[Mistake], hint: str = "") -> None:
        """Show these, the worst first; without any the `hint`, which says what will stand here."""
        self._shown, self._hint = tuple(shown[: ACROSS * DOWN]), hint
        self._at = min(self._at, max(0, len(self._shown) - 1))
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._shown else Qt.CursorShape.ArrowCursor)
        self._tell()

    def _tell(self) -> None:
        at = f"{self._shown[self._at].sentence}; " if self._shown and self.hasFocus() else ""
        self.setAccessibleDescription(at + (", ".join(each.sentence for each in self._shown) or self._hint))
        self.update()

    # What the user does --------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if (
            event.button() == Qt.MouseButton.LeftButton
            and (at := self._tile_at(event.position().toPoint())) is not None
        ):
            self._at = at
            self._tell()
            self.chosen.emit(self._shown[at].index)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key = Qt.Key(event.key())
        if key in STEPS and self._shown:
            down, right = STEPS[key]
            at = self._at + down * self._across + right
            self._at = at if 0 <= at < self._count else self._at
            self._tell()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._shown:
            self.chosen.emit(self._shown[self._at].index)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self._tell()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self._tell()

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        at = self._tile_at(spot)
        if at is None:
            return None
        tip = self.tr("{true}, taken for {seen} with {sureness}; a click opens it under Look")
        each = self._shown[at]
        return tip.format(true=each.true, seen=each.seen, sureness=each.sureness), self.tile(at)

    # Where everything stands ---------------------------------------------------------------------------------

    @property
    def _is_narrow(self) -> bool:
        """Whether the names of the classes are too long for three beside each other."""
        metrics = QFontMetricsF(theme.font(TYPE, 600))
        room = self.width() / ACROSS - theme.px(PICTURE + 5)
        return any(metrics.horizontalAdvance(f"{each.true}→{each.seen}") > room for each in self._shown)

    @property
    def _across(self) -> int:
        return ACROSS - self._is_narrow

    def tile(self, number: int) -> QRect:
        """Where one stands."""
        wide = self.width() // self._across
        down, right = divmod(number, self._across)
        return QRect(right * wide, down * theme.px(ROW), wide, theme.px(ROW))

    def _tile_at(self, spot: QPoint) -> int | None:
        return next((number for number in range(self._count) if self.tile(number).contains(spot)), None)

    @property
    def _count(self) -> int:
        return min(len(self._shown), self._across * DOWN)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), DOWN * theme.px(ROW))

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        if not self._shown:
            painter.setFont(theme.font(12))
            painter.setPen(theme.palette().muted)
            painter.drawText(self.rect(), Align.AlignLeft | Align.AlignTop | Qt.TextFlag.TextWordWrap, self._hint)
        for number, each in enumerate(self._shown[: self._count]):
            self._paint_tile(painter, self.tile(number), each, has_focus=self.hasFocus() and number == self._at)

    def _paint_tile(self, painter: QPainter, room: QRect, each: Mistake, *, has_focus: bool) -> None:
        colours, side = theme.palette(), theme.px(PICTURE)
        picture = QRect(room.left() + theme.px(2), room.top() + (room.height() - side) // 2, side, side)
        painter.drawImage(picture, to_qimage(each.picture))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if each.is_here or has_focus:
            ink = colours.accent if has_focus else colours.crosshair
            painter.setPen(QPen(ink, theme.px(2), join=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(picture.adjusted(-1, -1, 0, 0))
        left, high = picture.right() + theme.px(5), theme.px(LINE)
        line = QRect(left, room.center().y() - high, room.right() - left, high)
        painter.setFont(theme.font(TYPE, 600))
        painter.setPen(colours.text)
        if self._is_narrow:
            line.translate(0, -high // 2)
            draw_elided(painter, line, each.true)
            line.translate(0, high)
            before = "→"
        else:
            before = f"{each.true}→"
            painter.drawText(line, Align.AlignVCenter | Align.AlignLeft, before)
        wide = round(QFontMetricsF(painter.font()).horizontalAdvance(before))
        painter.setPen(colours.positive_text)
        if self._is_narrow:
            draw_elided(painter, line, f"{before}{each.seen}")
        else:
            painter.drawText(line.adjusted(wide, 0, 0, 0), Align.AlignVCenter | Align.AlignLeft, each.seen)
        painter.setFont(theme.font(TYPE))
        painter.setPen(colours.muted)
        draw_elided(painter, line.translated(0, high), each.sureness)
