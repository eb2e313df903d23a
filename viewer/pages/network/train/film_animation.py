"""The frames of the film strip as an animation: all filters at one checkpoint after the other."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication, QRect, QRectF, Qt
from PyQt6.QtGui import QFont, QImage, QPainter

from viewer.images import to_array
from viewer.pages.learned.views.pictures import PictureCache, fitted
from viewer.pages.learned.words import short_label
from viewer.pages.network.train.drawn import Film, FilmFrame, Likeness
from viewer.theme import Palette

CELL, NARROW, CAPTION, EDGE, HEAD = 128, 48, 26, 16, 44
"""Pixels: across a filter with what it resembles below it and across a unit, below a picture, around all, above all."""
SQUARE = 1.5
"""How much wider than high the whole is."""
Align = Qt.AlignmentFlag


def _tr(text: str) -> str:
    return QCoreApplication.translate("FilmAnimation", text)


class FilmAnimation(msgspec.Struct, frozen=True, eq=False):
    """A film of every checkpoint, as pictures of one size in the colours of a theme.

    Attributes
    ----------
    film : Film
        With one frame at least.
    title : str
        Above the pictures, before the step.
    palette : Palette
    font : QFont
        As ``theme.font()`` gives it.
    """

    film: Film
    title: str
    palette: Palette
    font: QFont

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self.film.frames)

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """The frames, (h, w, 3), each made when it is asked for."""
        return map(self._frame, self.film.frames)

    def sample(self) -> NDArray[np.uint8]:
        """The last frame, with the colours of all."""
        return self._frame(self.film.frames[-1])

    @property
    def _cell(self) -> tuple[int, int]:
        """Width and height of what one picture takes with its caption."""
        return (CELL, CELL) if self.film.is_compared else (NARROW, NARROW)

    @property
    def _across(self) -> int:
        width, height = self._cell
        return min(self.film.count, max(1, ceil(sqrt(SQUARE * self.film.count * height / width))))

    def _frame(self, frame: FilmFrame) -> NDArray[np.uint8]:
        (width, height), across = self._cell, self._across
        down = ceil(self.film.count / across)
        image = QImage(across * width + 2 * EDGE, down * height + HEAD + EDGE, QImage.Format.Format_RGB32)
        image.fill(self.palette.ground)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._write(painter, QRectF(EDGE, 0, image.width() - 2 * EDGE, HEAD),
                    _tr("{title}step {n}").format(title=f"{self.title}  " if self.title else "", n=f"{frame.step:,}"),
                    strong=True)  # fmt: skip
        pictures, low = PictureCache(), CAPTION if self.film.is_compared else 0
        for row, picture in enumerate(frame.pictures):
            left, top = EDGE + row % across * width, HEAD + row // across * height
            side = min(width, height - low) - 8
            pictures.draw(painter, picture, fitted(picture, QRect(left + (width - side) // 2, top, side, side)))
            if row < len(frame.likenesses):
                below = QRectF(left, top + side, width, CAPTION)
                self._write(painter, below, _caption(frame.likenesses[row]), strong=False, middle=True)
        painter.end()
        return to_array(image)

    def _write(self, painter: QPainter, room: QRectF, text: str, *, strong: bool, middle: bool = False) -> None:
        font = QFont(self.font)
        font.setPixelSize(16 if strong else 13)
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(self.palette.text)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, Align.AlignVCenter | (Align.AlignHCenter if middle else Align.AlignLeft), shown)


def _caption(likeness: Likeness) -> str:
    return f"{likeness.score:.2f} {short_label(likeness.name)}".rstrip()
