"""What the matrix view writes: numbers and colours of its cells, the sum of a row, and the facts beside it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication

from kernels.digits import adding_up, decimals, ending, format_number
from kernels.numbers import MINUS, format_seconds
from viewer import theme
from viewer.pages.layers.matrix_case import Check, MatrixCase
from viewer.pages.layers.views.matrix_cells import Filling, diverging
from viewer.pages.stage.views.equation.writing import Piece, brief_text, grid_texts, ink_of
from viewer.painting import Bytes

Grid = NDArray[np.float64]

MOST_WRITTEN = 6000
"""Numbers of a table; of larger ones the colours are shown."""
FIGURES = 5
ALL_TERMS = 9
"""Up to so many terms are all written, those of 0 too."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("MatrixView", text)


# Cells ----------------------------------------------------------------------------------------------------------------


def crop_filling(case: MatrixCase, channel: int) -> Filling:
    """The pixels of one channel of the crop."""
    return _filled(case.colours[:, :, channel], case.crop[:, :, channel].astype(np.float64), 4)


def vector_filling(case: MatrixCase, channel: int) -> Filling:
    """The same as a column."""
    whole = crop_filling(case, channel)
    return Filling(whole.colours.reshape(-1, 1, 3), [[text] for row in whole.texts for text in row])


def matrix_filling(case: MatrixCase) -> Filling:
    """The windows as rows, in the colours of the pixels."""
    colours = case.colours[case.sources[..., 0], case.sources[..., 1]].reshape(*case.matrix.shape, 3)
    return _filled(colours, case.matrix.astype(np.float64), 4)


def weights_filling(case: MatrixCase) -> Filling:
    """The kernels as columns, each coloured by its own largest weight."""
    largest = np.abs(case.weights).max(axis=0)
    return _filled(diverging(case.weights / np.where(largest > 0, largest, 1.0), 1.0), case.weights, 3)


def kernel_filling(case: MatrixCase, channel: int) -> Filling:
    """The selected kernel as it lies on the picture, for one channel."""
    column = case.weights[:, case.selected]
    plane = column.reshape(*case.kernel_shape, -1)[:, :, channel]
    return _filled(diverging(plane, float(np.abs(column).max())), plane, 3)


def result_filling(case: MatrixCase) -> Filling:
    """What comes out, of every kernel."""
    return _filled(diverging(case.values, _largest(case.values)), case.values, 4)


def output_filling(case: MatrixCase) -> Filling:
    """What comes out of the selected kernel, as pixels."""
    plane = case.values[:, case.selected].reshape(case.block.rows, case.block.columns)
    return Filling(diverging(plane, _largest(case.values)), [])


def band_filling(case: MatrixCase, channel: int) -> Filling:
    """One block of the sparse matrix; what is 0 is empty."""
    band = case.band(channel)
    colours = diverging(band, float(np.abs(case.toeplitz.data).max(initial=0.0)))
    colours[band == 0] = empty_colour()
    texts = grid_texts(band, 3) if band.size <= MOST_WRITTEN else []
    return Filling(colours, [[text if value else "" for text, value in zip(line, values, strict=True)]
                             for line, values in zip(texts, band.tolist(), strict=False)])  # fmt: skip


def empty_colour() -> tuple[int, int, int]:
    """The ground of an entry that is 0."""
    colours = theme.palette()
    red, green, blue, _alpha = theme.mixed(colours.panel, colours.muted, 0.22).getRgb()
    return int(red or 0), int(green or 0), int(blue or 0)


def _filled(colours: Bytes, values: Grid, figures: int) -> Filling:
    return Filling(colours, grid_texts(values, figures) if values.size <= MOST_WRITTEN else [])


def _largest(values: Grid) -> float:
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


# The sum --------------------------------------------------------------------------------------------------------------


class RowSum:
    """The products of one row and the selected kernel, added up."""

    def __init__(self, case: MatrixCase, row: int) -> None:
        at = case.selected
        with np.errstate(all="ignore"):
            products = case.matrix[row].astype(np.float64) * case.weights[:, at]
        self._total, self._value = float(case.sums[row, at]), float(case.values[row, at])
        self._divisor, self._offset = float(case.divisors[at]), float(case.offsets[at])
        self._places = decimals([*products, self._total], FIGURES)
        self._products = adding_up(products, self._total, self._places)
        size = np.where(np.isfinite(products), np.abs(products), np.inf)
        order = np.argsort(-size, kind="stable")
        self._order = order[: np.count_nonzero(size)] if products.size > ALL_TERMS else order

    @property
    def count(self) -> int:
        """How many terms there are."""
        return len(self._order)

    def pieces(self, most: int) -> list[Piece]:
        """At most so many terms, the largest where there are more, and what they come to."""
        some = self._order[:most] if len(self._order) > most else np.sort(self._order)
        pieces: list[Piece] = []
        for at in some.tolist():
            value = float(self._products[at])
            text = brief_text(abs(value) if pieces else value, self._places)
            sign = "" if not pieces else MINUS if value < 0 else "+"
            pieces.append(Piece(sign, text, ink_of(value, signed=True), (0, at), strong=False))
        if len(self._order) > most:
            pieces.append(self._rest(some))
        pieces = pieces or [Piece("", "0", "muted", strong=False)]
        return [*pieces, *self._end()]

    def _rest(self, some: NDArray[np.intp]) -> Piece:
        shown = float(self._products[some].sum())
        rest = round(self._total - shown, self._places) if math.isfinite(self._total) else math.nan
        count = f"{len(self._order) - len(some):,}"
        text = _tr("rest of {count} terms: {value}").format(count=count, value=brief_text(rest, self._places))
        return Piece("+", text, "muted", strong=False)

    def _end(self) -> list[Piece]:
        total = brief_text(self._total, self._places)
        if self._divisor == 1 and self._offset == 0:
            return [Piece("=", total, "text")]
        last = ending(self._total, self._divisor, self._offset, self._value, self._places)
        pieces = [Piece("=", total, "muted", strong=False)]
        if self._divisor != 1:
            pieces.append(Piece("÷", format_number(self._divisor, FIGURES), "muted", strong=False))
        if self._offset != 0:
            sign = MINUS if self._offset < 0 else "+"
            pieces.append(Piece(sign, format_number(abs(self._offset), FIGURES), "muted", strong=False))
        return [*pieces, Piece(last.equation[-1], last.value, "text")]

    def text(self) -> str:
        """All of it as one line."""
        return " ".join(f"{piece.sign} {piece.text}".strip() for piece in self.pieces(max(self.count, 1)))


def product_text(case: MatrixCase, row: int, column: int) -> str:
    """One entry of the matrix times its weight: "214 × 1 = 214"."""
    value, weight = float(case.matrix[row, column]), float(case.weights[column, case.selected])
    first, second, product = (format_number(each, FIGURES - 1) for each in (value, weight, value * weight))
    second = f"({second})" if weight < 0 else second
    return f"{first} × {second} = {product}"


# Facts ----------------------------------------------------------------------------------------------------------------


def bytes_text(size: float) -> str:
    """A number of bytes: "576 bytes", "25.8 MB"."""
    units = ("kB", "MB", "GB", "TB", "PB")
    if size < 1000:
        return _tr("{count} bytes").format(count=round(size))
    step = min(int(math.log10(size) / 3) - 1, len(units) - 1)
    return f"{size / 1000 ** (step + 1):,.1f} {units[step]}"


def seconds_text(seconds: float) -> str:
    """A duration, in microseconds where it is short."""
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else format_seconds(seconds)


def _times(own: float, engine: float) -> str:
    return _tr("{own}, engine {engine}").format(own=seconds_text(own), engine=seconds_text(engine))


def check_text(check: Check) -> str:
    """Whether a product is what the engine gives."""
    if check.is_exact:
        return _tr("✓ exactly")
    difference = format_number(check.largest, 2)
    return (_tr("✓ to {difference}") if check.agrees else _tr("off by {difference}")).format(difference=difference)


Fact = tuple[str, str]


def crop_facts(case: MatrixCase) -> list[Fact]:
    """What is told about the matrix of windows of the crop."""
    rows, columns = case.matrix.shape
    return [
        (_tr("Matrix"), f"{rows:,} × {columns:,}, {bytes_text(case.matrix.nbytes)}"),
        (_tr("Each output"), _tr("{count} multiplications").format(count=f"{columns:,}")),
        (_tr("Time"), _times(case.seconds.windows, case.seconds.engine)),
        (_tr("Equal to the engine"), check_text(case.check)),
    ]


def whole_facts(case: MatrixCase) -> list[Fact]:
    """What the matrices of the whole picture would be."""
    whole = case.whole
    wide = _tr("{columns} wide, {memory}").format(columns=f"{whole.pixels:,}", memory=bytes_text(whole.sparse_size))
    return [
        (_tr("Matrix"), f"{whole.rows:,} × {whole.columns:,}, {bytes_text(whole.size)}"),
        (_tr("Sparse"), wide),
    ]


def whole_note(case: MatrixCase) -> str:
    """Why a crop is shown."""
    if case.whole.is_too_large:
        return _tr("More than half of the free memory, so a crop is computed.")
    if case.whole.rows > case.block.count:
        return _tr("Too long to read, so a crop is shown.")
    return _tr("Short enough to be shown as a whole.")


def sparse_facts(case: MatrixCase) -> list[Fact]:
    """What is told about the sparse matrix of the crop."""
    rows, columns = case.toeplitz.shape
    return [
        (_tr("Matrix"), f"{rows:,} × {columns:,}, {bytes_text(case.sparse_size)}"),
        (_tr("Not 0"), _tr("{some} of {all} entries").format(some=f"{case.non_zeros:,}", all=f"{rows * columns:,}")),
        (_tr("Time"), _times(case.seconds.sparse, case.seconds.engine)),
        (_tr("Equal to the engine"), check_text(case.sparse_check)),
    ]


def windows_note(case: MatrixCase) -> str:
    """The matrix of windows in a sentence."""
    rows, columns = case.matrix.shape
    return _tr("{rows} × {columns}: every row is one window; a pixel is written once for each window it is in.").format(
        rows=f"{rows:,}", columns=f"{columns:,}"
    )


def sparse_note(case: MatrixCase) -> str:
    """The sparse matrix in a sentence or two."""
    rows, columns = case.toeplitz.shape
    text = _tr("{rows} × {columns}: the kernel moves along, row by row. {some} of {all} entries are not 0.")
    return text.format(rows=f"{rows:,}", columns=f"{columns:,}", some=f"{case.non_zeros:,}", all=f"{rows * columns:,}")
