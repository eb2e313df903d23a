"""What the parts of a close-up share while it is painted: where its cells stand and how they look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QPainter

from viewer.pages.stage.cells import Cells
from viewer.panes.values import DARK, LIGHT, wants_dark_ink

DIMMED = 0.75
"""How bright pixels are that no weight multiplies, where some have weights."""

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Grid:
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


@dataclass(frozen=True, slots=True)
class Drawing:
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
    def virtual(self) -> list[Place]:
        """The cells outside the picture that have a value."""
        cells = self.cells
        return [(row, column) for row, column in np.argwhere(cells.outside & ~cells.absent & ~cells.covered).tolist()]


def drawing(painter: QPainter, cells: Cells, grid: Grid) -> Drawing:
    """Dim what no weight multiplies, and choose the inks."""
    read = np.isfinite(cells.weights) & ~cells.absent & ~cells.covered
    shown = cells.colours
    if read.any():
        shown = np.where(read[..., np.newaxis], shown, np.rint(shown * DIMMED)).astype(np.uint8)
    return Drawing(painter, cells, grid, shown, wants_dark_ink(shown), read)
