"""Cells to show in a close-up, and what can be seen of them."""

from collections.abc import Callable

import numpy as np
from msgspec.structs import replace
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from viewer.pages.stage.cells import Cells
from viewer.pages.stage.views.close_up import CloseUp

LEFT = Qt.MouseButton.LeftButton
SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))


def make(
    rows: int = 7, columns: int = 9, *, top: int = 10, left: int = 20, grey: int = 120, text: str = "120"
) -> Cells:
    """Cells of one grey that all say the same, without weights; the middle one is followed."""
    return Cells(
        top,
        left,
        tuple(tuple((text,) for _ in range(columns)) for _ in range(rows)),
        np.full((rows, columns, 3), grey, np.uint8),
        np.full((rows, columns), np.nan),
        np.zeros((rows, columns), bool),
        np.full((rows, columns, 2), -1, np.int64),
        np.zeros((rows, columns), bool),
        np.zeros((rows, columns), bool),
        (top + rows // 2, left + columns // 2, 1, 1),
    )


def with_window(cells: Cells, dilation: int = 1) -> Cells:
    """The same with Sobel's weights about the middle."""
    weights = cells.weights.copy()
    row, column = cells.shape[0] // 2 - dilation, cells.shape[1] // 2 - dilation
    for i, line in enumerate(SOBEL):
        for j, weight in enumerate(line):
            weights[row + i * dilation, column + j * dilation] = weight
    side = 2 * dilation + 1
    return replace(cells, weights=weights, box=(cells.top + row, cells.left + column, side, side))


def at_corner(cells: Cells, source: Callable[[int], int]) -> Cells:
    """The same at the corner of a picture: what lies outside is read from the pixels that `source` tells."""
    cells = replace(cells, top=-2, left=-2)
    rows, columns = cells.shape
    y, x = np.arange(rows) - 2, np.arange(columns) - 2
    outside = (y < 0)[:, np.newaxis] | (x < 0)
    origins = np.stack(np.meshgrid([source(int(at)) for at in y], [source(int(at)) for at in x], indexing="ij"), 2)
    return with_window(replace(cells, outside=outside, origins=origins))


def make_close_up(qtbot: QtBot) -> CloseUp:
    made = CloseUp("closeUp", "Close-up", "Pixels as large cells")
    qtbot.addWidget(made)
    made.resize(582, 392)
    with qtbot.waitExposed(made):
        made.show()
    return made


def painted(view: QWidget) -> QImage:
    return view.grab().toImage()


def colours_in(image: QImage, rect: QRectF) -> set[str]:
    """The colours of the pixels that lie well inside `rect`."""
    box = rect.adjusted(3, 3, -4, -4).toRect()
    return {
        image.pixelColor(x, y).name()
        for y in range(box.top(), box.bottom() + 1)
        for x in range(box.left(), box.right() + 1)
    }


def part(rect: QRectF, left: float, top: float, right: float, bottom: float) -> QRectF:
    """Part of `rect`, in shares of its sides."""
    return QRectF(
        QPointF(rect.left() + left * rect.width(), rect.top() + top * rect.height()),
        QPointF(rect.left() + right * rect.width(), rect.top() + bottom * rect.height()),
    )


def inked(image: QImage, rect: QRectF, ink: str) -> int:
    """How many pixels of `rect` have the colour `ink`."""
    box = rect.toRect()
    return sum(
        image.pixelColor(x, y).name() == ink
        for y in range(box.top(), box.bottom() + 1)
        for x in range(box.left(), box.right() + 1)
    )
