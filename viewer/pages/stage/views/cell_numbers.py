"""The numbers of a close-up: values, weights in the corners, and where virtual pixels are read from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath

from viewer import theme
from viewer.pages.filter.views.kernel.cells import heat_colours
from viewer.pages.stage.cells import Text
from viewer.pages.stage.views.drawing import Drawing, Place, image_of, packed
from viewer.pages.stage.views.equation.writing import MOST_IN_CELLS, weight_texts
from viewer.pages.stage.views.lettering import READABLE, Fit, Lettering, fit
from viewer.pages.stage.views.origins import words
from viewer.panes.marks import paint_frame
from viewer.panes.values import LIGHT
from viewer.widgets import format_number

# Shares of the side of a cell: the type at its largest, and at the least before figures are left out.
STRONG_TYPE, TYPE = (0.43, 0.3), (0.33, 0.285)
SQUEEZED_TYPE = (0.325, 0.22)
WEIGHT_TYPE = 0.285
ORIGIN_TYPE = (0.25, 0.15)
CHIP, LOW_CHIP = 0.375, 0.3
"""How high a weight's ground is, below one number and below those of three channels."""
ROOM, CHIP_ROOM, CHIP_TYPE = 0.92, 0.94, 0.96
"""Of a cell what a number takes at most, of a cell what a weight takes in width, and of its ground in height."""
FAR = 16
"""Design pixels of type that is read from far: weights that would be smaller are left out."""
ENLARGED, ENLARGED_LINE = 24, 34
FAINTEST = 0.01
"""The least share of the largest weight whose colour alone is still painted."""
PITCH = 1.1
"""From line to line, in ems."""
CAPITAL = 0.73
"""How high figures are, in ems."""
NUMBER, STRONG = 500, 700
SOFT = 0.28


class NumberPainter:
    """Writes into the cells; keeps what it has laid out."""

    def __init__(self) -> None:
        self._letters = Lettering()
        self._smallest: dict[bool, int] = {}  # the type of the cells with weights, and of those without

    def paint(self, on: Drawing) -> None:
        """Write all that is known of each cell."""
        self._smallest = {}
        if STRONG_TYPE[0] * on.grid.side < READABLE:
            _paint_weights(on)
            return
        told = ~on.cells.absent & ~on.cells.covered
        taps, others = (_places(told & of) for of in (on.read, ~on.read))
        lines = max((len(text) for row in on.cells.texts for text in row), default=1)
        chip = CHIP if lines == 1 else LOW_CHIP
        has_weights = bool(taps)
        origins = words(on.cells)
        place_type = self._fit_places(on, origins)
        weight = NUMBER if has_weights else 600
        plain = self._fit(on, others, lines, TYPE, 1.0 - chip * has_weights, weight)
        beside = {at: rect for at, rect in on.beside().items() if at in others}
        narrow = min((rect.width() for rect in beside.values()), default=0.0) / on.grid.side
        squeezed = self._fit(on, list(beside), lines, SQUEEZED_TYPE, 1.0 - chip * has_weights, weight, narrow * ROOM)
        for at in others:
            parts = origins.get(at, ()) if place_type.size else ()
            ink = self._soft(on, at) if has_weights else on.ink(at)
            is_wide = at not in beside or squeezed.size >= plain.size
            rect = on.grid.rect(*at) if at not in beside else beside[at]
            self._write_cell(on, at, rect, plain if is_wide else squeezed, weight, ink, parts, place_type.size)
        self._smallest[False] = plain.size
        if not has_weights:
            return
        strong = self._fit(on, taps, lines, STRONG_TYPE, 1.0 - chip, STRONG)
        largest = float(np.abs(on.cells.weights[on.read]).max()) or 1.0
        marks = {at: float(on.cells.weights[at]) for at in taps}
        texts = _weight_texts(marks)
        sign, weights = self._fit_weights(on, texts.values(), chip)
        self._smallest[True] = min(strong.size, weights.size)
        for at in taps:
            parts = origins.get(at, ()) if place_type.size else ()
            height = chip if weights.size else 0.0
            rect = on.grid.rect(*at)
            self._write_cell(on, at, rect, strong, STRONG, on.ink(at), parts, place_type.size, height)
            text = weights.text(sign + texts[at])
            self._write_weight(on, on.grid.rect(*at), marks[at] / largest, text, weights.size, chip)

    def paint_alone(self, on: Drawing, at: Place, box: QRectF) -> None:
        """One cell, as large as `box`, with its number in bold; a question mark while it is covered."""
        colours, side = theme.palette(), box.height()
        if on.cells.covered[at] or on.cells.absent[at]:
            on.painter.fillRect(box, colours.well)
            size = math.floor(0.5 * side)
            if on.cells.covered[at] and size >= READABLE:
                self._letters.write(on.painter, "?", box.center(), size, STRONG, colours.crosshair)
            return
        on.painter.fillRect(box, on.colour(at))
        texts = on.cells.texts[at[0]][at[1]]
        of = self._fit(on, [at], len(texts), STRONG_TYPE, 1.0, STRONG)
        self._write_lines(on.painter, texts, of, of.size, STRONG, box.center(), on.ink(at))

    def paint_enlarged(self, on: Drawing, at: Place) -> None:
        """Above a cell the same one, so large that its value and its weight are read from far where they are not."""
        cells, side, size = on.cells, on.grid.side, theme.px(ENLARGED)
        if cells.absent[at] or cells.covered[at] or self._smallest.get(bool(on.read[at]), 0) >= theme.px(FAR):
            return
        lines = list(cells.texts[at[0]][at[1]])
        weight = float(cells.weights[at]) if on.read[at] else None
        product = "" if weight is None else f"× {format_number(weight)}"
        wide = max(self._letters.width(text, size, STRONG) for text in (*lines, product)) + size
        high = theme.px(ENLARGED_LINE)
        box = QRectF(0, 0, max(wide, side), max(high * (len(lines) + bool(product)), side))
        cell, whole = on.grid.rect(*at), on.grid.whole
        box.moveCenter(QPointF(cell.center().x(), cell.top() - box.height() / 2))  # the tool tip stands below
        box.moveLeft(max(whole.left(), min(box.left(), whole.right() - box.width())))
        box.moveTop(max(whole.top(), min(box.top(), whole.bottom() - box.height())))
        on.painter.fillRect(box, on.colour(at))
        foot = QRectF(box.left(), box.bottom() - high, box.width(), high) if product else QRectF()
        middle = QPointF(box.center().x(), (box.top() + box.bottom() - foot.height()) / 2)
        self._write_lines(on.painter, tuple(lines), Fit(size), size, STRONG, middle, on.ink(at))
        if weight is not None:
            largest = float(np.abs(cells.weights[on.read]).max()) or 1.0
            ground, ink = _chip_colours(theme.palette().name, weight / largest)
            on.painter.fillRect(foot, ground)
            self._letters.write(on.painter, product, foot.center(), size, STRONG, ink)
        paint_frame(on.painter, box, theme.px(2))

    # -- which type ------------------------------------------------------------------------------------------------

    def _fit(
        self,
        on: Drawing,
        places: Sequence[Place],
        lines: int,
        types: tuple[float, float],
        height: float,
        weight: int,
        room: float = ROOM,
    ) -> Fit:
        """One type for the numbers of all `places`, in so much of the height and of the width, `room`, of a cell."""
        side = on.grid.side
        texts = {text for row, column in places for text in on.cells.texts[row][column]}
        largest, least = (min(share, 0.95 * height / (PITCH * max(lines, 1))) * side for share in types)
        return fit(texts, room * side, largest, least, weight)

    def _fit_weights(self, on: Drawing, texts: Iterable[str], chip: float) -> tuple[str, Fit]:
        """One type for all weights, with the sign of multiplication if there is room; none if they cannot be read."""
        side, least, written = on.grid.side, theme.px(FAR), list(texts)
        if least <= CHIP_TYPE * chip * side:
            for sign in ("×", ""):
                largest = max(least, WEIGHT_TYPE * side)
                found = fit([sign + text for text in written], CHIP_ROOM * side, largest, least, STRONG)
                if not found.shortened:
                    return sign, found
        return "", Fit(0)

    def _fit_places(self, on: Drawing, origins: dict[Place, tuple[str, ...]]) -> Fit:
        largest, least = (share * on.grid.side for share in ORIGIN_TYPE)
        return fit({part for parts in origins.values() for part in parts}, 0.9 * on.grid.side, largest, least, NUMBER)

    # -- writing ---------------------------------------------------------------------------------------------------

    def _soft(self, on: Drawing, at: Place) -> QColor:
        """White a little dimmed on dark grounds, where it would shine brighter than what is read."""
        if on.dark[at]:
            return on.ink(at)
        share = SOFT * (1.0 - min(1.0, int(on.shown[at].max()) / 110))
        return theme.mixed(LIGHT, on.colour(at), share)

    def _write_cell(
        self,
        on: Drawing,
        at: Place,
        rect: QRectF,
        of: Fit,
        weight: int,
        ink: QColor,
        parts: Sequence[str],
        place_size: int,
        chip: float = 0.0,
    ) -> None:
        """The numbers of one pixel in `rect` and, below them, words for its origin; above a weight, `chip` high."""
        if not of.size:
            return
        side, texts = on.grid.side, on.cells.texts[at[0]][at[1]]
        if chip and len(parts) > 1:
            parts = (", ".join(part[2:] for part in parts),)
            place_size = math.floor(min(place_size, 0.94 * side / max(self._letters.width(parts[0], 1, NUMBER), 0.1)))
        if place_size < READABLE:
            parts = ()
        size = math.floor(min(of.size, 0.31 * side)) if parts else of.size
        small = math.floor(min(place_size, 0.22 * side)) if chip else place_size
        heights = [_height(len(texts), size), _height(len(parts), small) if parts else 0.0]
        gap = ((1.0 - chip) * side - sum(heights)) / (3 if parts else 2)
        middle = QPointF(rect.center().x(), rect.top() + gap + heights[0] / 2)
        self._write_lines(on.painter, texts, of, size, weight, middle, ink, italic=bool(on.cells.outside[at]))
        first = rect.top() + 2 * gap + heights[0] + CAPITAL * small / 2
        for number, part in enumerate(parts):
            point = QPointF(rect.center().x(), first + number * PITCH * small)
            self._letters.write(on.painter, part, point, small, NUMBER, ink)

    def _write_lines(
        self,
        painter: QPainter,
        texts: Text,
        of: Fit,
        size: int,
        weight: int,
        middle: QPointF,
        ink: QColor,
        *,
        italic: bool = False,
    ) -> None:
        """One line a channel, about `middle`."""
        if size < READABLE:
            return
        for number, text in enumerate(texts):
            y = middle.y() + (number - (len(texts) - 1) / 2) * PITCH * size
            self._letters.write(painter, of.text(text), QPointF(middle.x(), y), size, weight, ink, italic=italic)

    def _write_weight(self, on: Drawing, rect: QRectF, share: float, text: str, size: int, chip: float) -> None:
        """The weight in the lower right corner, on its colour."""
        side, height = rect.height(), chip * rect.height()
        if not size:
            _paint_share(on.painter, QRectF(rect.right() - height, rect.bottom() - height, height, height), share)
            return
        ground, ink = _chip_colours(theme.palette().name, share)
        width = min(self._letters.width(text, size, STRONG) + 0.18 * side, side)
        box = QRectF(rect.right() - width, rect.bottom() - height, width, height)
        if width < side:
            on.painter.setPen(Qt.PenStyle.NoPen)
            on.painter.setBrush(ground)
            on.painter.drawPath(_round_chip(width, height).translated(box.topLeft()))
        else:
            on.painter.fillRect(box, ground)
        self._letters.write(on.painter, text, box.center(), size, STRONG, ink)


def _weight_texts(marks: dict[Place, float]) -> dict[Place, str]:
    """The weights as the line of arithmetic writes them, as far as it writes all of them."""
    if len(marks) > MOST_IN_CELLS:
        return {at: format_number(weight) for at, weight in marks.items()}
    (texts,) = weight_texts(np.array([list(marks.values())]))
    return dict(zip(marks, texts, strict=True))


def _paint_share(painter: QPainter, box: QRectF, share: float) -> None:
    """Only the colour, where there is no room for a number: the fainter the less the weight counts."""
    if abs(share) < FAINTEST:
        return
    colour = QColor(theme.diverging(math.copysign(1.0, share)))
    colour.setAlphaF(min(1.0, abs(share)))
    painter.fillRect(box, colour)


def _paint_weights(on: Drawing) -> None:
    """In cells too small for numbers, the colours of all weights at once in their lower right corners."""
    if not on.read.any():
        return
    grid, weights = on.grid, np.where(on.read, on.cells.weights, 0.0)
    side = max(1, round(grid.side))
    free = side - max(1, round(CHIP * side))
    colours = packed(heat_colours(weights / (float(np.abs(weights).max()) or 1.0)))
    pixels = np.zeros((grid.rows, side, grid.columns, side), dtype=np.uint32)
    pixels[:, free:, :, free:] = np.where(on.read, colours, 0)[:, np.newaxis, :, np.newaxis]
    image = image_of(pixels.reshape(grid.rows * side, grid.columns * side), with_alpha=True)
    on.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    on.painter.drawImage(grid.whole, image)


def _height(lines: int, size: float) -> float:
    """From the top of the figures of the first line to the foot of the last."""
    return ((lines - 1) * PITCH + CAPITAL) * size


def _places(marks: np.ndarray) -> list[Place]:
    return [(row, column) for row, column in np.argwhere(marks).tolist()]


@lru_cache(maxsize=2048)
def _chip_colours(_palette: str, share: float) -> tuple[QColor, QColor]:
    """The ground of a weight, a share of the largest one, and what is read on it, in the palette of that name."""
    ground = theme.diverging(share)
    return ground, theme.ink_on(ground)


@lru_cache(maxsize=256)
def _round_chip(width: float, height: float) -> QPainterPath:
    """A rectangle at the origin with its upper left corner rounded."""
    corner = 0.28 * height
    path = QPainterPath(QPointF(0, height))
    path.lineTo(0, corner)
    path.quadTo(0, 0, corner, 0)
    path.lineTo(width, 0)
    path.lineTo(width, height)
    path.closeSubpath()
    return path
