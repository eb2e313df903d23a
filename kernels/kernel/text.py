"""Kernels and numbers written as text: reading every common notation, writing six."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt

from kernels.errors import shortened
from kernels.numbers import exact_number

if TYPE_CHECKING:
    from kernels.kernel.text_layout import CellTree

FloatArray = npt.NDArray[np.float64]
TextStyle = Literal["plain", "numpy", "matlab", "csv", "spreadsheet", "imagej"]

#: The styles that `format_matrix` writes, with what to call them on screen.
TEXT_STYLES: tuple[tuple[TextStyle, str], ...] = (
    ("plain", "Plain text"),
    ("numpy", "NumPy"),
    ("matlab", "MATLAB"),
    ("csv", "CSV"),
    ("spreadsheet", "Spreadsheet"),
    ("imagej", "ImageJ"),
)
#: The largest number of rows, and of columns, that is read from text and files.
MAX_SIDE = 63
#: The largest number of weights that is read, all channels together.
MAX_CELLS = MAX_SIDE * MAX_SIDE * 64
#: The longest text that is looked at, in characters.
MAX_TEXT = 8_000_000

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TABBED_COMMAS = re.compile(r"\s*[+-]?[0-9]*(?:,[0-9]+)?(?:[eE][+-]?[0-9]+|/[0-9]+(?:,[0-9]+)?)?\s*")
_DECIMAL_COMMA = re.compile(r"([+-]?[0-9]+),([0-9]+)")
_MINUS_SIGNS = str.maketrans({"\u2212": "-", "\u2012": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-"})


def parse_number(text: str) -> float:
    """Read one number: an integer, a decimal with a point, or a fraction such as 1/9.

    Parameters
    ----------
    text : str
        The number, with a hyphen or U+2212 as its minus; blanks around it and around the fraction's slash are allowed.

    Returns
    -------
    float
        The nearest double.

    Raises
    ------
    ValueError
        One sentence that says what is wrong with the text and what would be right.
    """
    if not isinstance(text, str):
        raise TypeError(f"text is {text!r}; it must be text")
    written = text.strip().translate(_MINUS_SIGNS)
    if not written:
        raise ValueError("The number is missing; write one, for example 0.")
    numerator, slash, denominator = (part.strip() for part in written.partition("/"))
    if not slash:
        return _decimal(numerator, written)
    if not numerator or not denominator:
        raise ValueError(f"“{shortened(written)}” is half a fraction; write for example 1/9, without spaces.")
    below = _decimal(denominator, written)
    if below == 0.0:
        raise ValueError(f"“{shortened(written)}” divides by zero; the number below the line must not be 0.")
    value = _decimal(numerator, written) / below
    if not math.isfinite(value):
        raise ValueError(f"“{shortened(written)}” is too large; at most about 1.8e308 is possible.")
    return value + 0.0


def _decimal(text: str, whole: str) -> float:
    if _DECIMAL.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(f"“{shortened(whole)}” is too large; at most about 1.8e308 is possible.")
        return value + 0.0
    comma = _DECIMAL_COMMA.fullmatch(text)
    if comma:
        point = f"{comma[1]}.{comma[2]}"
        raise ValueError(f"“{shortened(whole)}” has a decimal comma; write {shortened(point)} with a point.")
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity", "∞"):
        raise ValueError(f"“{shortened(whole)}” is not a finite number; write an ordinary one, for example 0.")
    raise ValueError(
        f"“{shortened(whole)}” is not a number; write an integer, a decimal such as 0.5 or a fraction such as 1/9."
    )


def parse_matrix(text: str) -> tuple[FloatArray, float]:
    """Read a matrix and its divisor from text; the notations are those of `Kernel.parse`.

    Returns
    -------
    weights : ndarray, float64, (kh, kw), or (kh, kw, C) from three nested brackets
    divisor : float
        1 unless the text has one.

    Raises
    ------
    ValueError
        One sentence that names the row and column, and what would be right there.
    """
    if not isinstance(text, str):
        raise TypeError(f"text is {text!r}; it must be text")
    if len(text) > MAX_TEXT:
        raise ValueError(f"The text has {len(text):,} characters; a kernel has at most {MAX_TEXT:,}.")
    from kernels.kernel.text_layout import layout  # loaded when it is needed: few kernels come as text

    tree, divisors = layout(_with_points(text.translate(_MINUS_SIGNS)))
    divisor = 1.0
    for written in divisors:
        divisor *= _divisor(written)
    if divisor == 0.0 or not math.isfinite(divisor):
        raise ValueError(f"The divisor comes to {divisor}; it must be a finite number other than 0.")
    return matrix_from_cells(tree), divisor


def _with_points(text: str) -> str:
    """Read the commas of a sheet's cells as decimal ones: where tabs part the cells they can be nothing else."""
    cells = [cell for line in text.splitlines() for cell in line.split("\t")]
    if "\t" in text and "," in text and all(_TABBED_COMMAS.fullmatch(cell) for cell in cells):
        return text.replace(",", ".")
    return text


def _divisor(written: str) -> float:
    if not written:
        raise ValueError("The divisor after “/” is missing; write for example “/ 9”, or leave the slash out.")
    try:
        value = parse_number(written)
    except ValueError as error:
        raise ValueError(f"Divisor: {error}") from error
    if value == 0.0:
        raise ValueError("The divisor is 0; it must be another number.")
    return value


def matrix_from_cells(cells: CellTree) -> FloatArray:
    """Turn rows of written cells into weights.

    Parameters
    ----------
    cells : list of rows, each a list of texts, or of lists of texts (one per channel)

    Raises
    ------
    ValueError
        If the rows are ragged, there are too many, or a cell is empty or not a number.
    """
    check_even(cells)
    values = []
    for row_number, row in enumerate(cells, start=1):
        line: list[float | list[float]] = []
        for column_number, cell in enumerate(row, start=1):
            place = f"Row {row_number}, column {column_number}"
            if isinstance(cell, str):
                line.append(_cell_value(cell, place))
            else:
                line.append([_cell_value(part, f"{place}, channel {index}") for index, part in enumerate(cell, 1)])
        values.append(line)
    return np.array(values, dtype=np.float64)


def _cell_value(cell: str, place: str) -> float:
    if not cell.strip():
        raise ValueError(f"{place} is empty; write a number there, 0 if nothing is meant.")
    if cell == "/":
        raise ValueError(
            f"{place}: “/” stands alone; write a fraction without spaces (1/9), and a divisor at the end (/ 9)."
        )
    try:
        return parse_number(cell)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def check_even(cells: Sequence[Sequence[object]]) -> None:
    """Refuse what is empty, too large or ragged, before any number is read; a list as cell holds its channels.

    Raises
    ------
    ValueError
        One sentence that names the row.
    """
    if not cells:
        raise ValueError("There are no numbers here; write rows such as “1 0 -1; 2 0 -2; 1 0 -1”.")
    check_size(len(cells), max(len(row) for row in cells))
    for number, row in enumerate(cells, start=1):
        if not row:
            raise ValueError(f"Row {number} is empty; write its numbers, or leave its separator out.")
    for number, row in enumerate(cells, start=1):
        if len(row) != len(cells[0]):
            raise ValueError(
                f"Row {number} has {_count(len(row), 'cell')} but row 1 has {len(cells[0])}; "
                "every row needs the same number."
            )
    depths = {len(cell) if isinstance(cell, list) else None for row in cells for cell in row}
    if len(depths) > 1:
        raise ValueError("The cells have different numbers of channels; every cell needs the same number.")
    depth = depths.pop()
    if depth == 0:
        raise ValueError("Row 1, column 1 is empty; write a number there, 0 if nothing is meant.")
    check_size(len(cells), len(cells[0]), depth)


def check_size(rows: int, columns: int, channels: int | None = None) -> None:
    """Refuse a kernel from text or a file that is larger than any that this program makes.

    Raises
    ------
    ValueError
        If there are more than 63 rows or columns, or more than 64 · 63² weights in all channels.
    """
    if rows > MAX_SIDE or columns > MAX_SIDE:
        raise ValueError(
            f"The kernel has {_count(rows, 'row')} and {_count(columns, 'column')} ({rows * columns:,} cells); "
            f"at most {MAX_SIDE} of each can be read."
        )
    if channels is not None and rows * columns * channels > MAX_CELLS:
        raise ValueError(f"The kernel has {rows * columns * channels:,} weights; at most {MAX_CELLS:,} can be read.")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def fold_divisor(weights: FloatArray, divisor: float) -> FloatArray:
    """Divide the weights by the divisor, for a notation that has no place for one.

    Raises
    ------
    ValueError
        If a quotient is too large for a number.
    """
    with np.errstate(over="ignore"):
        folded = weights / divisor + 0.0
    if not np.isfinite(folded).all():
        raise ValueError(f"The weights divided by {exact_number(divisor)} are too large for this notation.")
    return folded


def format_matrix(weights: FloatArray, divisor: float, style: TextStyle) -> str:
    """Write a matrix as text; see `Kernel.format` for the styles.

    Parameters
    ----------
    weights : ndarray, float64, (kh, kw), or (kh, kw, C) for style "numpy" only
    divisor : float
    style : one of `TEXT_STYLES`
    """
    if style not in get_args(TextStyle):
        raise ValueError(f"style is {style!r}; it must be one of {', '.join(get_args(TextStyle))}")
    if weights.ndim == 3 and style != "numpy":
        raise ValueError(
            f"The style {style} has no place for the {weights.shape[2]} channels of this kernel; use numpy instead."
        )
    suffix = "" if divisor == 1.0 else f" / {exact_number(divisor)}"
    if style == "numpy":
        return f"np.array({_nested(weights, 10)}){suffix}"
    if style in ("plain", "matlab"):
        rows = "; ".join(join_rows(weights, " "))
        return f"[{rows}]{suffix}" if style == "matlab" else rows + suffix
    separator = {"csv": ",", "spreadsheet": "\t", "imagej": " "}[style]
    return "\n".join(join_rows(fold_divisor(weights, divisor), separator)) + "\n"


def join_rows(weights: FloatArray, separator: str) -> list[str]:
    """Write each row of a two-dimensional array as one line."""
    return [separator.join(exact_number(value) for value in row) for row in weights]


def _nested(values: FloatArray, indent: int) -> str:
    if values.ndim == 1:
        return "[" + ", ".join(exact_number(value) for value in values) + "]"
    between = ",\n" + " " * indent
    return "[" + between.join(_nested(part, indent + 1) for part in values) + "]"
