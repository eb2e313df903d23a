"""The pictures of one step, side by side, each with its loss."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.network.views.pointing import STEPS
from viewer.widgets import describe, format_number
from viewer.widgets.base import SpotToolTip

PICTURE, LEAST, GAP, BAR = 34, 18, 3, 12
"""Design pixels: a picture, and at least, between two, and the highest loss below it."""


class Minibatch(msgspec.Struct, frozen=True, eq=False):
    """What a step looks at.

    Attributes
    ----------
    pictures : tuple of uint8 arrays
        As they were varied; the first of very many.
    labels : tuple of str
        Their classes.
    losses : tuple of float
    chosen : int
        The one whose numbers are shown.
    """

    pictures: tuple[NDArray[np.uint8], ...]
    labels: tuple[str, ...]
    losses: tuple[float, ...]
    chosen: int


class MinibatchStrip(SpotToolTip, QWidget):
    """A click or the arrow keys choose a picture: ``chosen(number)``; below each a bar as high as its loss."""

    chosen = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        describe(
            self,
            "minibatchStrip",
            self.tr("Minibatch"),
            self.tr("A click or the arrow keys choose the picture whose numbers are shown"),
        )
        self._shown: Minibatch | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_minibatch(self, shown: Minibatch) -> None:
        """Show these pictures."""
        self._shown = shown
        self.setAccessibleDescription(self._words(shown.chosen))
        self.update()

    def _words(self, number: int) -> str:
        shown = self._shown
        assert shown is not None
        return self.tr("Picture {n} of {all}: {label}, loss {loss}").format(
            n=number + 1,
            all=len(shown.pictures),
            label=shown.labels[number],
            loss=format_number(shown.losses[number], 3),
        )

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        at = self._at(event.position().toPoint())
        if at is not None:
            self.chosen.emit(at)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key, shown = Qt.Key(event.key()), self._shown
        if key in STEPS and shown is not None:
            down, right = STEPS[key]
            self.chosen.emit(min(max(shown.chosen + right + down * self._across(), 0), len(shown.pictures) - 1))
        else:
            super().keyPressEvent(event)

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        at = self._at(spot)
        return None if at is None else (self._words(at), self.picture(at))

    # Where everything stands ---------------------------------------------------------------------------------

    def _side(self) -> int:
        count = max(1, len(self._shown.pictures)) if self._shown else 1
        return min(theme.px(PICTURE), max(theme.px(LEAST), (self.width() + theme.px(GAP)) // count - theme.px(GAP)))

    def _across(self) -> int:
        return max(1, (self.width() + theme.px(GAP)) // (self._side() + theme.px(GAP)))

    def picture(self, number: int) -> QRect:
        """Where one stands; what has no room in the line is not shown."""
        side = self._side()
        return QRect(number * (side + theme.px(GAP)), theme.px(PICTURE) - side, side, side)

    def _at(self, spot: QPoint) -> int | None:
        if self._shown is None:
            return None
        count = min(len(self._shown.pictures), self._across())
        return next((n for n in range(count) if self.picture(n).adjusted(0, 0, 1, theme.px(BAR)).contains(spot)), None)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(400), theme.px(PICTURE + BAR + 2))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._shown is None:
            return
        painter, colours, shown = QPainter(self), theme.palette(), self._shown
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        largest = max((each for each in shown.losses if each == each), default=0.0) or 1.0
        for number in range(min(len(shown.pictures), self._across())):
            room = self.picture(number)
            painter.drawImage(room, to_qimage(shown.pictures[number]))
            high = max(1.0, min(1.0, shown.losses[number] / largest) * theme.px(BAR - 3))
            painter.fillRect(QRectF(room.left(), room.bottom() + 3, room.width(), high), colours.positive)
            if number == shown.chosen:
                ink = colours.accent if self.hasFocus() else colours.crosshair
                painter.setPen(QPen(ink, theme.px(2), join=Qt.PenJoinStyle.MiterJoin))
                painter.drawRect(room.adjusted(1, 1, -1, -1))
