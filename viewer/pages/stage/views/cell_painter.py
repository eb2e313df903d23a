"""Paints pixels as large cells: colours, what is virtual, covered or not there, numbers, and what is followed."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from viewer import theme
from viewer.pages.stage.cells import Cells
from viewer.pages.stage.views.cell_numbers import NumberPainter
from viewer.pages.stage.views.drawing import Drawing, Grid, Place, drawing, image_of, packed
from viewer.pages.stage.views.lettering import READABLE
from viewer.pages.stage.views.origins import arrows, paint_arrows
from viewer.panes.marks import FRAME, fill_covered, hatch, paint_frame
from viewer.panes.values import DARK

RULED = 0.77
"""How bright the hairlines are beside their cells."""
FAINT = 0.35


class CellPainter:
    """Paints ``Cells`` on a ``Grid``."""

    def __init__(self) -> None:
        self._numbers = NumberPainter()

    def paint(self, painter: QPainter, cells: Cells, grid: Grid, pointed: Place | None, corner: float) -> None:
        """Paint all of it, with corners of the radius `corner`; the arrow from the cell `pointed` at stands out."""
        on = drawing(painter, cells, grid)
        painter.save()
        if corner:
            path = QPainterPath()
            path.addRoundedRect(grid.whole, corner, corner)
            painter.setClipPath(path)
        _paint_grounds(on)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_virtual(on)
        _paint_origins(on, pointed)
        self._numbers.paint(on)
        painter.restore()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_outline(on, corner)
        self._paint_followed(on)
        if pointed is not None:
            self._numbers.paint_enlarged(on, pointed)
        painter.restore()

    def _paint_followed(self, on: Drawing) -> None:
        """The frame around the window; the one pixel that is followed, a little larger."""
        row, column, height, width = on.box
        if height < 1 or width < 1:
            return
        box = on.grid.rect(row, column, height, width)
        if on.read.any():
            _rule_window(on)
        elif (height, width) == (1, 1) and 0 <= row < on.grid.rows and 0 <= column < on.grid.columns:
            box = box.adjusted(-on.grown, -on.grown, on.grown, on.grown)
            self._numbers.paint_alone(on, (row, column), box)
        paint_frame(on.painter, box, on.frame, on.frame / FRAME)


def _paint_grounds(on: Drawing) -> None:
    cells, grid, colours = on.cells, on.grid, theme.palette()
    on.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    on.painter.drawImage(grid.whole, _image(on.shown, max(1, round(grid.side))))
    for row, column in np.argwhere(cells.absent).tolist():
        on.painter.fillRect(grid.rect(row, column), colours.well)
    for row, column in np.argwhere(cells.covered & ~cells.absent).tolist():
        box = grid.rect(row, column)
        fill_covered(on.painter, box)
        on.painter.fillRect(QRectF(box.right() - 1, box.top(), 1, box.height()), colours.line)
        on.painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), colours.line)


def _image(colours: np.ndarray, side: int) -> QImage:
    """All cells, `side` pixels each, with hairlines between them in a darker shade of each: drawn at once."""
    plain, darker = packed(colours), packed(np.rint(colours * RULED))
    pixels = np.repeat(np.repeat(plain, side, axis=0), side, axis=1)
    pixels[side - 1 : -1 : side] = np.repeat(darker[:-1], side, axis=1)
    pixels[:, side - 1 : -1 : side] = np.repeat(darker[:, :-1], side, axis=0)
    return image_of(pixels)


def _paint_virtual(on: Drawing) -> None:
    """Hatch what the border supplies."""
    virtual = on.virtual
    if not virtual:
        return
    side = max(6.0, on.grid.side / 7)
    light, dark = (hatch(on.painter, QColor(shade, shade, shade, 52), side, side / 6) for shade in (255, 0))
    for at in virtual:
        on.painter.fillRect(on.grid.rect(*at), dark if on.dark[at] else light)


def _paint_origins(on: Drawing, pointed: Place | None) -> None:
    """Lead each virtual pixel to the real one that it is read from: those of the window before the others."""
    if on.grid.side < 3 * READABLE:
        return
    found = arrows(on.cells)
    is_one = any(start == pointed for start, _end in found)
    groups: dict[int, list[tuple[Place, Place]]] = {0: [], 1: [], 2: []}
    for start, end in found:
        groups[2 if start == pointed else int(bool(on.read[start]) and not is_one)].append((start, end))
    for rank, some in groups.items():
        colour = QColor(theme.palette().crosshair)
        if rank == 0:
            colour.setAlphaF(FAINT)
        halo = QColor(theme.palette().ground) if rank else None
        if halo is not None:
            halo.setAlphaF(0.7)
        ends = [(on.grid.rect(*start), on.grid.rect(*end)) for start, end in some]
        paint_arrows(on.painter, ends, colour, halo, wider=1.5 if rank == 2 else 1.0)


def _paint_outline(on: Drawing, corner: float) -> None:
    line = max(1.0, 1.5 * theme.scale())
    on.painter.setBrush(Qt.BrushStyle.NoBrush)
    on.painter.setPen(QPen(theme.palette().crosshair, line))
    half = line / 2
    on.painter.drawRoundedRect(on.grid.whole.adjusted(half, half, -half, -half), corner, corner)


def _rule_window(on: Drawing) -> None:
    """Lines between the taps; where there are gaps between them, a frame around each."""
    grid, (row, column, height, width) = on.grid, on.box
    inside = on.read[max(row, 0) : max(row + height, 0), max(column, 0) : max(column + width, 0)]
    if inside.all():
        on.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        whole = grid.rect(row, column, height, width)
        for i in range(1, height):
            on.painter.fillRect(QRectF(whole.left(), whole.top() + i * grid.side - 1, whole.width(), 1), DARK)
        for j in range(1, width):
            on.painter.fillRect(QRectF(whole.left() + j * grid.side - 1, whole.top(), 1, whole.height()), DARK)
        on.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        return
    line = max(1.0, min(theme.px(2), grid.side / 16))
    on.painter.setPen(QPen(theme.palette().crosshair, line, join=Qt.PenJoinStyle.MiterJoin))
    for at in np.argwhere(on.read).tolist():
        on.painter.drawRect(grid.rect(*at).adjusted(line / 2, line / 2, -line / 2, -line / 2))
