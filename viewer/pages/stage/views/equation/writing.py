"""The numbers of the equation as they are written: in cells and in the sum below the result."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication

from kernels.digits import (
    Ending,
    WrittenSum,
    brief,
    comes_to,
    decimals,
    fixed,
    format_number,
    last_steps,
    number_of,
    written_sum,
)
from kernels.filtering.tracing import Arithmetic
from kernels.numbers import MINUS

Cell = tuple[int, int]
Grid = NDArray[np.float64]
Texts = list[list[str]]

MOST_IN_CELLS = 25
"""Kernels of up to so many weights have a number in every cell."""
FIGURES = (5, 4, 3)
"""Significant figures of the largest number of a grid, fewer where large type needs the room."""
WEIGHT_FIGURES = {9: 4, MOST_IN_CELLS: 3}
"""Significant figures of the largest weight of kernels of up to so many weights."""
MOST_CHARACTERS = 12
TINY = 1e-5


def _tr(text: str) -> str:
    return QCoreApplication.translate("Equation", text)


class Numbers(msgspec.Struct, frozen=True, eq=False):
    """What stands in the three grids, and the sum.

    Without a reading only the weights are written; those of a large kernel are too many.
    """

    window: Texts
    weights: Texts
    products: Texts
    total: WrittenSum | None = None

    @property
    def agrees(self) -> bool:
        """Whether the last step comes out as shown."""
        return self.total is None or self.total.last.agrees

    @property
    def relation(self) -> str:
        """Whether every value times its weight is its product as shown, "=", or is rounded, "≈"."""
        rows = zip(self.window, self.weights, self.products, strict=True)
        cells = (cell for row in rows for cell in zip(*row, strict=True) if all(cell))
        held = (comes_to(number_of(value) * number_of(weight), number_of(product)) for value, weight, product in cells)
        return "=" if all(held) else "≈"


def numbers(content: Arithmetic | None, weights: Grid, channel: int, figures: int) -> Numbers:
    """Write the grids of `channel` with so many significant figures."""
    total = None if content is None else _written_sum(content, channel, figures)
    if weights.size > MOST_IN_CELLS:
        return Numbers([], [], [], total)
    shown = weight_texts(weights)
    if content is None or total is None:
        empty = [[""] * weights.shape[1]] * weights.shape[0]
        return Numbers(empty, shown, empty)
    places = total.last.places
    if _is_extreme(total.products):
        products = grid_texts(total.products, figures)
    else:
        products = [[number_text(each, places) for each in row] for row in total.products.tolist()]
    return Numbers(grid_texts(content.grids(channel)[0], figures), shown, products, total)


def _written_sum(content: Arithmetic, channel: int, figures: int) -> WrittenSum:
    """The sum; where decimals would say nothing, it is left as it is and written in powers of ten."""
    products, trace = content.grids(channel)[2], content.trace(channel)
    if not _is_extreme(products):
        return written_sum(content, channel, figures)
    sums = content.channel_sums() if content.sums_channels else ()
    step, short = last_steps(format_number(trace.sum, 4), trace.divisor, trace.offset, 5)
    last = Ending(f"{step} ≈", format_number(content.value(channel), 4), 0, agrees=True, brief=f"{short} ≈")
    return WrittenSum(products, sums[channel] if sums else trace.sum, sums, last)


def grid_texts(values: Grid, figures: int) -> Texts:
    """Write `values` with equally many decimals; powers of ten where that would say nothing."""
    if _is_extreme(values):
        return [[format_number(each, min(figures, 4)) for each in row] for row in values.tolist()]
    places = decimals(values, figures)
    return [[number_text(each, places) for each in row] for row in values.tolist()]


def number_text(value: float, places: int) -> str:
    """`value` with so many decimals, or as a power of ten where it would be very long."""
    text = fixed(value, places)
    return text if len(text) <= MOST_CHARACTERS else format_number(value, 4)


def weight_texts(weights: Grid) -> Texts:
    """Write the weights of a kernel, the same wherever they are read.

    With a decimal or two more where one that counts would read as 0, and that one by itself if it still does.
    """
    figures = next((each for size, each in WEIGHT_FIGURES.items() if weights.size <= size), 3)
    for more in (0, 1, 2):
        texts = grid_texts(weights, figures + more)
        hidden = [(row, column) for row, column in np.argwhere(weights != 0).tolist() if reads_as_0(texts[row][column])]
        if not hidden:
            break
    for row, column in hidden:
        texts[row][column] = format_number(float(weights[row, column]), 2)
    return texts


def reads_as_0(text: str) -> bool:
    """Whether a number is written with nothing but zeros."""
    return bool(text) and set(text) <= set("0.")


def room_for(
    written: Numbers, content: Arithmetic, channel: int, limits: tuple[float, float], figures: int
) -> list[Texts]:
    """Return `written` and the widest that it can become anywhere in a picture with values between `limits`."""
    window, weights, _products = content.grids(channel)
    whole_window, whole_weights = (bool((np.floor(each) == each).all()) for each in (window, weights))
    products = [float(weight) * limit for weight in (weights.min(), weights.max()) for limit in limits]
    return [
        [*written.window, [_room(limit, figures, is_whole=whole_window) for limit in limits]],
        written.weights,
        [*written.products, [_room(each, figures, is_whole=whole_window and whole_weights) for each in products]],
    ]


def _room(value: float, figures: int, *, is_whole: bool) -> str:
    """The widest number of this sign that is at most as large as `value`, as all figures are equally wide."""
    before = len(str(int(abs(value)))) if abs(value) < 1e9 else figures
    digits = "0" * before if is_whole or before >= figures else f"0.{'0' * (figures - 1)}"
    return f"{MINUS if value < 0 else ''}{digits}"


def _is_extreme(values: Grid) -> bool:
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max(initial=0.0))
    return 0 < largest < TINY or largest >= 1e9


# The sum ------------------------------------------------------------------------------------------------------


class Piece(msgspec.Struct, frozen=True):
    """What stays together on a line of the sum: a sign and a number, of the `cell` that it comes from."""

    sign: str
    text: str
    ink: str
    cell: Cell | None = None
    strong: bool = True


def is_signed(content: Arithmetic, channel: int) -> bool:
    """Whether there are negative numbers, so that colour tells the signs apart."""
    _, weights, products = content.grids(channel)
    return bool((weights < 0).any() or (products < 0).any() or content.value(channel) < 0)


def ink_of(value: float, *, signed: bool) -> str:
    """The colour of the palette in which a number is written."""
    if not math.isfinite(value):
        return "warning"
    if value == 0:
        return "muted"
    if not signed:
        return "text"
    return "positive_text" if value > 0 else "negative_text"


def largest_first(products: Grid) -> NDArray[np.intp]:
    """The cells (row, column) whose products are not zero, (n, 2), those that contribute most first.

    What is not finite comes before all.
    """
    size = np.where(np.isfinite(products), np.abs(products), np.inf).ravel()
    order = np.argsort(-size, kind="stable")[: np.count_nonzero(size)]
    return np.stack(np.divmod(order, products.shape[1]), axis=1)


def cells_of(places: NDArray[np.intp]) -> list[Cell]:
    """`places`, (n, 2), as tuples."""
    return [(row, column) for row, column in places.tolist()]


class Sum:
    """The products of a channel added up, with all its terms or with the largest only."""

    def __init__(self, content: Arithmetic, channel: int, total: WrittenSum, *, covered: bool) -> None:
        self._total, self._covered = total, covered
        self._signed = is_signed(content, channel)
        self._cells = largest_first(content.grids(channel)[2])

    @property
    def count(self) -> int:
        """How many terms there are; products of 0 are left out."""
        return len(self._cells)

    def pieces(self, most: int) -> list[Piece]:
        """Write the sum; beyond `most` terms the largest, and the rest as one term."""
        places, cells = self._total.last.places, self._cells
        few = cells_of(cells[:most]) if len(cells) > most else sorted(cells_of(cells))
        shown = [(float(self._total.products[cell]), "", cell) for cell in few]
        pieces = _signed_pieces(shown, places, signed=self._signed)
        if len(cells) > most:
            pieces.append(self._rest(cells[most:], sum(value for value, _name, _cell in shown)))
        if not pieces:
            pieces = [Piece("", "0", "muted")]
        return [*pieces, _sum_at_the_end(self._total.total, places, covered=self._covered)]

    def _rest(self, cells: NDArray[np.intp], shown: float) -> Piece:
        places, total = self._total.last.places, self._total.total
        # The rest is what the sum still lacks, so that the line adds up as shown; a sum of NaN lacks nothing.
        value = total - shown if math.isfinite(total) else float(self._total.products[tuple(cells.T)].sum())
        value = round(value, places) if math.isfinite(value) and abs(value) >= TINY else value
        text = _tr("rest of {count} terms: {value}").format(count=f"{len(cells):,}", value=brief_text(value, places))
        return Piece("+", text, "muted", strong=False)


def channel_pieces(content: Arithmetic, total: WrittenSum) -> list[Piece]:
    """The sums of the channels added up."""
    places, signed = total.last.places, any(each < 0 for each in total.channel_sums)
    parts = zip(total.channel_sums, content.channels, strict=True)
    pieces = _signed_pieces([(value, name, None) for value, name in parts], places, signed=signed)
    return [*pieces, _sum_at_the_end(content.traces[0].sum, places, covered=False)]


def _signed_pieces(terms: Sequence[tuple[float, str, Cell | None]], places: int, *, signed: bool) -> list[Piece]:
    """Number, name and cell of each term, the sign of the first written with its number."""
    pieces: list[Piece] = []
    for value, name, cell in terms:
        text = brief_text(abs(value) if pieces and not name else value, places)
        sign = "" if not pieces else MINUS if value < 0 and not name else "+"
        pieces.append(Piece(sign, f"{name} {text}".strip(), ink_of(value, signed=signed), cell))
    return pieces


def _sum_at_the_end(value: float, places: int, *, covered: bool) -> Piece:
    return Piece("=", "?" if covered else brief_text(value, places), "crosshair" if covered else "text")


def brief_text(value: float, places: int) -> str:
    """`value` with so many decimals at most."""
    text = brief(value, places)
    if value != 0 and (len(text) > MOST_CHARACTERS or abs(value) < TINY):
        return format_number(value, 4)
    return text


def last_step(total: WrittenSum) -> str:
    """The sum, divided and offset: "28 ÷ 1 + 0 = 28"."""
    return f"{total.last.equation} {total.last.value}"
