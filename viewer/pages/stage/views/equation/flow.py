"""The sum in lines: pieces side by side, wrapped between them, coloured by sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen

from viewer import theme
from viewer.pages.stage.views.equation.plan import type_of
from viewer.pages.stage.views.equation.writing import Cell, Piece

SPACE = 0.28
"""Between signs and numbers, in heights of the type."""
MOST_TERMS = 25


class Placed(msgspec.Struct, frozen=True):
    """A piece and where it begins on its line."""

    piece: Piece
    left: float
    width: float


class Lines(msgspec.Struct, frozen=True):
    """Lines of pieces in type of one size."""

    size: float
    lines: tuple[tuple[Placed, ...], ...]

    def fit(self, most: int, width: float) -> bool:
        """Whether there are at most so many lines, none of them wider than `width`."""
        return len(self.lines) <= most and all(line[-1].left + line[-1].width <= width for line in self.lines)


def _weight(piece: Piece) -> int:
    return 600 if piece.strong else 400


Measured = list[tuple[Piece, float]]
"""Pieces and their widths, in heights of the type."""


def measured(pieces: Sequence[Piece]) -> Measured:
    """Return `pieces` with their widths."""
    fonts = {weight: QFontMetricsF(type_of(100, weight)) for weight in (400, 600)}
    widths = []
    for piece in pieces:
        width = fonts[_weight(piece)].horizontalAdvance(piece.text) / 100
        width += fonts[400].horizontalAdvance(piece.sign) / 100 + SPACE if piece.sign else 0.0
        widths.append((piece, width))
    return widths


def wrapped(pieces: Measured, size: float, width: float) -> Lines:
    """Break `pieces` into lines of at most `width` pixels; the sum at the end does not stand on a line by itself."""
    lines: list[list[Placed]] = [[]]
    at = 0.0
    for number, (piece, em) in enumerate(pieces):
        with_next = em
        if number == len(pieces) - 2 and pieces[-1][0].sign == "=":
            with_next += SPACE + pieces[-1][1]
            # Where both do not fit on a line of their own, nothing is gained.
            with_next = em if with_next * size > width else with_next
        if lines[-1] and at + with_next * size > width:
            lines.append([])
            at = 0.0
        lines[-1].append(Placed(piece, at, em * size))
        at += (em + SPACE) * size
    return Lines(size, tuple(tuple(line) for line in lines))


def fitted(
    make: Callable[[int], list[Piece]], count: int, sizes: tuple[float, float], width: float, most: int
) -> Lines:
    """Set what `make` gives for a number of terms in at most `most` lines: all `count` of them if they fit.

    `sizes` are the largest and the smallest type.
    """
    largest, least = sizes
    if count <= MOST_TERMS:
        pieces = measured(make(count))
        # Slightly smaller type before another line, and much smaller only on the last.
        for lines in range(1, most + 1):
            smallest = least if lines == most else max(least, 0.88 * largest)
            for size in np.arange(largest, smallest - 0.1, -0.5).tolist():
                found = wrapped(pieces, size, width)
                if found.fit(lines, width):
                    return found
    size = max(least, 0.88 * largest)
    # The most terms that fit; more of them are wider.
    low, high = 1, max(1, min(count - 1, MOST_TERMS))
    best = wrapped(measured(make(low)), size, width)
    while low < high:
        middle = (low + high + 1) // 2
        found = wrapped(measured(make(middle)), size, width)
        if found.fit(most, width):
            low, best = middle, found
        else:
            high = middle - 1
    return best if best.fit(most, width) else wrapped(measured(make(low)), least, width)


def paint_lines(painter: QPainter, found: Lines, left: float, middles: Sequence[float], marked: Cell | None) -> None:
    """Write each line on its middle; the term of the `marked` cell is underlined."""
    colours = theme.palette()
    signs = QFontMetricsF(type_of(found.size, 400))
    for line, middle in zip(found.lines, middles, strict=False):
        for placed in line:
            piece, x = placed.piece, left + placed.left
            box = QRectF(x, middle - found.size, placed.width + found.size, 2 * found.size)
            if piece.sign:
                painter.setFont(type_of(found.size, 400))
                painter.setPen(colours.muted)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, piece.sign)
                box.setLeft(x + signs.horizontalAdvance(piece.sign) + SPACE * found.size)
            painter.setFont(type_of(found.size, _weight(piece)))
            painter.setPen(getattr(colours, piece.ink))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, piece.text)
            if marked is not None and piece.cell == marked:
                y = middle + 0.62 * found.size
                painter.setPen(QPen(colours.accent, 2))
                painter.drawLine(QPointF(x, y), QPointF(x + placed.width, y))
