"""What the parts of a close-up share while it is painted: where its cells stand and how they look."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QImage, QPainter

from viewer import theme
from viewer.pages.stage.cells import Cells
from viewer.panes.marks import FRAME, HALO
from viewer.panes.values import DARK, LIGHT, contrasts, wants_dark_ink

GROWN = 0.04
"""By how much of a cell the followed pixel sticks out on each side, where there are no weights."""
FRAMES = 14
"""Widths of the frame that a cell takes."""
READ, DOUBTFUL = 4.5, 3.6
"""The least contrast of a number; where both inks have so much, it is the same for all."""
DIMMED = 0.75
"""How bright pixels are that no weight multiplies, where some have weights."""
MOST_STEPS = 16

Place = tuple[int, int]


class Grid(msgspec.Struct, frozen=True):
    """Where the cells stand, in logical pixels."""

    left: float
    top: float
    side: float
    rows: int
    columns: int

    def rect(self, row: int, column: int, height: int = 1, width: int = 1) -> QRectF:
        """Some cells together."""
        side = self.side
        return QRectF(self.left + column * side, self.top + row * side, width * side, height * side)

    @property
    def whole(self) -> QRectF:
        """All of them."""
        return self.rect(0, 0, self.rows, self.columns)


class Drawing(msgspec.Struct, frozen=True):
    """One painting of some cells.

    Attributes
    ----------
    painter : QPainter
        Counts logical pixels of the widget.
    cells, grid
        What is painted, and where.
    shown : ndarray of uint8, (rows, columns, 3)
        The colours as they are painted.
    dark : ndarray of bool, (rows, columns)
        Where near-black reads better than white.
    read : ndarray of bool, (rows, columns)
        Where there is a weight.
    """

    painter: QPainter
    cells: Cells
    grid: Grid
    shown: NDArray[np.uint8]
    dark: NDArray[np.bool_]
    read: NDArray[np.bool_]

    def colour(self, at: Place) -> QColor:
        """The ground of a cell."""
        red, green, blue = self.shown[at].tolist()
        return QColor(red, green, blue)

    def ink(self, at: Place) -> QColor:
        """What is read on the ground of a cell."""
        return DARK if self.dark[at] else LIGHT

    @property
    def box(self) -> tuple[int, int, int, int]:
        """What is followed, counted in cells: row, column, height, width."""
        top, left, height, width = self.cells.box
        return top - self.cells.top, left - self.cells.left, height, width

    @property
    def frame(self) -> float:
        """How wide the frame of what is followed is."""
        return max(float(theme.px(3)), self.grid.side / FRAMES)

    @property
    def grown(self) -> float:
        """By how much the followed pixel is larger than its cell on each side."""
        is_one = self.box[2:] == (1, 1) and not self.read.any()
        return GROWN * self.grid.side if is_one else 0.0

    def beside(self) -> dict[Place, QRectF]:
        """The cells left and right of what is followed, as far as its frame leaves them free."""
        row, column, height, width = self.box
        reach, found = self.grown + self.frame * (1 + HALO / FRAME), {}
        for i in range(max(row, 0), min(row + height, self.grid.rows)):
            for j, left, right in ((column - 1, 0.0, reach), (column + width, reach, 0.0)):
                if 0 <= j < self.grid.columns and width > 0:
                    found[i, j] = self.grid.rect(i, j).adjusted(left, 0, -right, 0)
        return found

    @property
    def virtual(self) -> list[Place]:
        """The cells outside the picture that have a value."""
        cells = self.cells
        return [(row, column) for row, column in np.argwhere(cells.outside & ~cells.absent & ~cells.covered).tolist()]


def packed(colours: NDArray[np.generic]) -> NDArray[np.uint32]:
    """Colours, (…, 3), as one opaque number each, in the form that Qt paints fastest."""
    red, green, blue = np.moveaxis(colours.astype(np.uint32), -1, 0)
    return np.asarray(0xFF000000 | red << 16 | green << 8 | blue)


def image_of(pixels: NDArray[np.uint32], *, with_alpha: bool = False) -> QImage:
    """An image of packed colours, (height, width); 0 is transparent `with_alpha`."""
    height, width = pixels.shape
    form = QImage.Format.Format_ARGB32_Premultiplied if with_alpha else QImage.Format.Format_RGB32
    return QImage(pixels.tobytes(), width, height, 4 * width, form).copy()


def drawing(painter: QPainter, cells: Cells, grid: Grid) -> Drawing:
    """Dim what no weight multiplies, and choose the inks."""
    read = np.isfinite(cells.weights) & ~cells.absent & ~cells.covered
    shown = cells.colours
    if not read.any():
        return Drawing(painter, cells, grid, shown, wants_dark_ink(shown), read)
    shown = np.where(read[..., np.newaxis], shown, np.rint(shown * DIMMED)).astype(np.uint8)
    dark = _calm_inks(shown, read)
    return Drawing(painter, cells, grid, _readable(shown, dark, ~read), dark, read)


def _calm_inks(shown: NDArray[np.uint8], read: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where near-black is the ink; one for all mid greys beside the window, so that it does not alternate."""
    on_dark, on_light = contrasts(shown)
    doubtful = ~read & (np.minimum(on_dark, on_light) >= DOUBTFUL)
    dark = on_dark >= on_light
    if doubtful.any():
        dark[doubtful] = on_dark[doubtful].mean() >= on_light[doubtful].mean()
    return dark


def _readable(shown: NDArray[np.uint8], dark: NDArray[np.bool_], dimmed: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Make dimmed grounds a little darker or lighter, until their ink can be read on them."""
    for _ in range(MOST_STEPS):
        on_dark, on_light = contrasts(shown)
        faint = dimmed & (np.where(dark, on_dark, on_light) < READ)
        if not faint.any():
            break
        step = np.where(dark, 3, -3)[..., np.newaxis]
        shown = np.where(faint[..., np.newaxis], (shown + step).clip(0, 255), shown).astype(np.uint8)
    return shown
