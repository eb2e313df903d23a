"""Window ⊙ weights = products and what they come to, as one line across the width."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QWidget

from kernels.digits import written_product
from kernels.filtering.tracing import Arithmetic
from viewer import theme
from viewer.pages.filter.views.arithmetic.content import origin_text, product_text
from viewer.pages.stage.views.equation.enlarged import Enlarged
from viewer.pages.stage.views.equation.frame import paint_notes, paint_operators, paint_titles
from viewer.pages.stage.views.equation.grids import ProductsGrid, WeightsGrid, WindowGrid
from viewer.pages.stage.views.equation.outcome import OutcomeView
from viewer.pages.stage.views.equation.plan import Needs, Plan, plan, type_of, widest
from viewer.pages.stage.views.equation.window_range import range_text
from viewer.pages.stage.views.equation.writing import (
    FIGURES,
    MOST_IN_CELLS,
    Cell,
    Numbers,
    cells_of,
    is_signed,
    largest_first,
    numbers,
    room_for,
)  # fmt: skip
from viewer.widgets import format_position

READABLE = 24


class ArithmeticLine(QWidget):
    """Three grids, one tap of a large kernel enlarged, and the result; `prefix` begins the object names.

    ``cell_hovered`` carries the (row, column) of a tap as it is applied, None when there is none. Who inherits says
    what is read in `_content`, which channel of it is shown, and what it comes to.
    """

    cell_hovered = pyqtSignal(object)
    fields_width = 0.0
    """What the fields below the weights need, in heights of the type."""

    def __init__(self, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content: Arithmetic | None = None
        self._noted: tuple[object, str] = (None, "")
        self._colours: NDArray[np.uint8] | None = None
        self._marked: Cell | None = None
        self._widths: dict[int, tuple[float, ...]] = {}
        self._range: tuple[float, float] | None = None
        self._plan: Plan | None = None
        self._numbers: Numbers | None = None
        self.window_grid = WindowGrid(
            f"{prefix}Window", self.tr("Window"), self.tr("The pixels under the kernel"), self
        )
        self.kernel_grid = self._make_weights(f"{prefix}Kernel")
        self.products_grid = ProductsGrid(f"{prefix}Products", self.tr("Products"), self.tr("Value times weight"), self)
        self.enlarged = Enlarged(f"{prefix}Enlarged", self)
        self.result = self._make_result(f"{prefix}Result")
        self.grids = (self.window_grid, self.kernel_grid, self.products_grid)
        for grid in self.grids:
            grid.hovered.connect(self._point_at)
        # What a weight is multiplied by and what comes out is said below the products.
        self.window_grid.tip = self.products_grid.tip = self._tip

    def set_marked(self, cell: Cell | None) -> None:
        """Point at a tap, (row, column) as it is applied."""
        if cell != self._marked:
            self._marked = cell
            self._show_marked()

    # What the lines differ in ---------------------------------------------------------------------------------

    def _make_weights(self, name: str) -> WeightsGrid:
        return WeightsGrid(name, self.tr("Weights"), self.tr("The weights as they are applied"), self)

    def _make_result(self, name: str) -> OutcomeView:
        return OutcomeView(name, self)

    def _shown(self) -> int:
        """The channel that is shown."""
        raise NotImplementedError

    def _weights(self) -> NDArray[np.float64]:
        """The weights of the channel as they are applied."""
        raise NotImplementedError

    def _titles(self) -> tuple[tuple[str, str, str], str]:
        """What the grids are called, and what was done to the kernel."""
        raise NotImplementedError

    def _show_outcome(self) -> None:
        """Hand the result what it shows."""
        raise NotImplementedError

    # What is shown --------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        self._fit()
        self._show_grids()
        for grid in self.grids:
            grid.hide_old_tip()
        self._show_outcome()
        self._place()
        self._show_marked()

    def _fit(self) -> None:
        """Choose the digits and the type: many figures in large type where there is room, else large type."""
        weights, best = self._weights(), None
        for figures in FIGURES:
            written = numbers(self._content, weights, self._shown(), figures)
            made = plan(self.width(), self.height(), self._needs(written, figures))
            if best is None or (written.agrees, made.number) > (best[0].agrees, best[1].number):
                best = written, made
            if made.number >= READABLE * made.scale or (figures < FIGURES[0] and best[1].number):
                break
            if weights.size > MOST_IN_CELLS:
                break
        assert best is not None
        self._numbers, self._plan = best

    def _needs(self, written: Numbers, figures: int) -> Needs:
        rows, columns = self._weights().shape
        with_numbers = rows * columns <= MOST_IN_CELLS
        if with_numbers:
            texts = [written.window, written.weights, written.products]
            if self._range is not None and self._content is not None:
                texts = room_for(written, self._content, self._shown(), self._range, figures)
            wanted = [widest(each) for each in texts]
        else:
            wanted = [0.0, 0.0, 0.0]
        wanted.append(QFontMetricsF(type_of(100)).horizontalAdvance(self._note()) / 100)
        # Widths only grow while the window slides, so that the line stays calm.
        seen = self._widths.get(figures, (0.0,) * 4)
        *across, note = self._widths[figures] = tuple(max(each) for each in zip(seen, wanted, strict=True))
        window, weights, products = across
        return Needs(rows, columns, (window, weights, products), note, with_numbers, self.fields_width)

    def _note(self) -> str:
        """Which pixels the window covers; told anew only of other content."""
        if self._noted[0] is not self._content:
            self._noted = self._content, "" if self._content is None else range_text(self._content)
        return self._noted[1]

    def _show_grids(self) -> None:
        content, written, channel = self._content, self._numbers, self._shown()
        assert written is not None
        weights = self._weights()
        self.kernel_grid.show_weights(weights, written.weights)
        self.window_grid.show_colours(self._colours, is_read=content is not None)
        if content is None:
            empty = np.zeros(weights.shape)
            self.window_grid.show_numbers(empty, written.window)
            self.products_grid.show_numbers(empty, written.products)
            return
        window, _, products = content.grids(channel)
        self.window_grid.show_numbers(window, written.window, content.trace(channel).outside)
        self.products_grid.is_signed = is_signed(content, channel)
        self.products_grid.show_numbers(products, written.products)

    def _show_marked(self) -> None:
        for grid in self.grids:
            grid.mark(self._marked)
        self.result.show_marked(self._marked)
        if self._plan is not None and not self._plan.number:
            self._show_enlarged()
        self.update()

    def _show_enlarged(self) -> None:
        content, channel = self._content, self._shown()
        if content is None:
            self.enlarged.hide()
            return
        window, weights, products = content.grids(channel)
        cell, title = self._marked, self.tr("Pointed at")
        if cell is None or cell[0] >= window.shape[0] or cell[1] >= window.shape[1]:
            cell, title = next(iter(cells_of(largest_first(products)[:1])), (0, 0)), self.tr("Largest product")
        colours = theme.palette()
        written = written_product(*(float(each[cell]) for each in (window, weights, products)))
        grounds = [self.window_grid.ground(cell), self.kernel_grid.ground(cell), colours.field]
        inks = [self.window_grid.ink(cell), theme.ink_on(grounds[1]), self.products_grid.ink(cell)]
        outside = bool(content.trace(channel).outside[cell])
        y, x = (int(at) for at in content.trace(channel).origins[cell])
        note = self.tr("border value") if y < 0 else format_position(y, x)
        self.enlarged.show_tap(title, note, written, list(zip(grounds, inks, strict=True)), outside=outside)
        self.enlarged.setToolTip(self._tip(cell))
        self.enlarged.show()

    def _tip(self, cell: Cell) -> str:
        if self._content is None:
            return ""
        rows, columns = self._content.grids(self._shown())[0].shape
        is_there = cell[0] < rows and cell[1] < columns
        return origin_text(self._content, self._shown(), cell) if is_there else ""

    def _point_at(self, cell: Cell | None) -> None:
        if cell != self._marked:
            self.set_marked(cell)
            self.cell_hovered.emit(cell)

    # Placing and painting -------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._refresh()

    def _place(self) -> None:
        made = self._plan
        assert made is not None
        for grid, rect, cell in zip(self.grids, made.grids, made.cells, strict=True):
            grid.place(rect, cell, made.gap, made.number)
        self.result.place(made)
        self.enlarged.place(made)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        made = self._plan
        if made is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0, made.top)
        self._paint_around(painter, made)

    def _paint_around(self, painter: QPainter, made: Plan) -> None:
        """Titles, notes and signs; the painter begins at the top of the line."""
        content, marked = self._content, ""
        if content is not None and self._marked is not None and made.number:
            marked = product_text(content, self._shown(), self._marked)
        paint_titles(painter, made, *self._titles())
        paint_notes(painter, made, self._note(), marked)
        paint_operators(painter, made, self._numbers.relation if self._numbers is not None and made.number else "=")
