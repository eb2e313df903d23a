"""A few pixels as large cells: what a close-up shows. No Qt."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

Text = tuple[str, ...]
"""The numbers of one cell, one a channel."""


class Cells(msgspec.Struct, frozen=True, eq=False):
    """A few neighbouring pixels, each as a cell with its number.

    Attributes
    ----------
    top, left : int
        Row and column of the first cell, in pixels of the picture or of the output; may lie outside.
    texts : tuple of tuple of tuple of str
        What is written in each cell, (rows, columns), one line a channel.
    colours : ndarray of uint8, (rows, columns, 3)
        As the pictures paint them.
    weights : ndarray of float64, (rows, columns)
        The weight that each pixel is multiplied by; NaN where there is no tap of the kernel.
    outside : ndarray of bool, (rows, columns)
        Virtual pixels, which the border supplies.
    origins : ndarray of int64, (rows, columns, 2)
        The pixel (y, x) that each is read from; (-1, -1) for the constant border value.
    absent : ndarray of bool, (rows, columns)
        Where there is nothing at all: beyond the extension, or beyond the output.
    covered : ndarray of bool, (rows, columns)
        Output pixels that the window has not reached, or that are still to be predicted.
    box : (int, int, int, int)
        What is followed: top, left, height and width in pixels, as `top` and `left` count them.
    """

    top: int
    left: int
    texts: tuple[tuple[Text, ...], ...]
    colours: NDArray[np.uint8]
    weights: NDArray[np.float64]
    outside: NDArray[np.bool_]
    origins: NDArray[np.int64]
    absent: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    box: tuple[int, int, int, int]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return self.outside.shape[0], self.outside.shape[1]
