"""What a formula consists of: numbers and signs in lines, tables of numbers beside them, a curve."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.digits import format_number
from kernels.filtering.border import Border
from kernels.filtering.tracing import Arithmetic, Trace
from kernels.recipe.tracing import StageTrace
from viewer.pages.stage.views.equation.writing import Cell, Texts, ink_of

Grid = NDArray[np.float64]
FIGURES = 6
"""Significant figures of a number that is rounded."""


class Token(msgspec.Struct, frozen=True):
    """A sign, or a number in a cell, or the value at the end.

    Attributes
    ----------
    text : str
    kind : {"sign", "number", "value"}
    caption : str
        Stands below a number: what it is.
    ink : str
        A colour of the palette.
    is_here : bool
        The number that was chosen among others, framed in gold.
    place : str
        Where the number comes from; it can then be gone to.
    """

    text: str
    kind: str = "sign"
    caption: str = ""
    ink: str = "muted"
    is_here: bool = False
    place: str = ""


class Table(msgspec.Struct, frozen=True, eq=False):
    """Numbers in rows and columns; `sign` stands behind them, and `arrow` is a direction (x, y) from the middle.

    One that `is_reduced` holds means of the numbers; without `texts` it is only coloured.
    """

    title: str
    values: Grid
    texts: Texts
    outside: NDArray[np.bool_]
    chosen: tuple[Cell, ...] = ()
    note: str = ""
    sign: str = ""
    arrow: tuple[float, float] | None = None
    is_reduced: bool = False


class Curve(msgspec.Struct, frozen=True, eq=False):
    """A function, and the point of it that is the number."""

    function: Callable[[Grid], Grid]
    x: float
    y: float


class Formula(msgspec.Struct, frozen=True, eq=False):
    """What is shown of a number that is no weighted sum; the last token of the last line is its value."""

    lines: tuple[tuple[Token, ...], ...]
    tables: tuple[Table, ...] = ()
    note: str = ""
    curve: Curve | None = None

    def text(self) -> str:
        """All lines as text."""
        lines = (" ".join(token.text for token in line) for line in self.lines)
        return "; ".join(line.replace("( ", "(").replace(" )", ")").replace(" ,", ",") for line in lines)


def sign(text: str) -> Token:
    """A sign or a word."""
    return Token(text)


def number(text: str, caption: str = "", *, is_here: bool = False, place: str = "") -> Token:
    """A number in a cell."""
    return Token(text, "number", caption, "text", is_here, place)


def value(text: str, trace: StageTrace) -> Token:
    """The number that is taken apart; where there are negative numbers, coloured by its sign."""
    signed = bool((trace.window[~trace.outside] < 0).any()) or trace.value < 0
    return Token(text, "value", "", "text" if trace.value == 0 else ink_of(trace.value, signed=signed))


def written(exact: float) -> tuple[str, float]:
    """A number as it is written, and the number that is then read."""
    if not math.isfinite(exact) or (exact.is_integer() and abs(exact) < 1e9):
        return format_number(exact, FIGURES), exact
    return format_number(exact, FIGURES), float(f"{exact:.{FIGURES}g}")


def arithmetic_of(trace: StageTrace) -> Arithmetic:
    """A weighted sum as the Stage has it: summed over the channels where there are several."""
    assert trace.weights is not None
    assert trace.products is not None
    assert trace.sum is not None
    several = len(trace.channels) > 1
    window, weights, products = (
        each if several else each[:, :, 0] for each in (trace.window, trace.weights, trace.products)
    )
    held = Trace(
        position=trace.position,
        channel=None,
        window=window,
        weights=weights,
        origins=trace.origins,
        outside=trace.outside,
        products=products,
        sum=trace.sum,
        divisor=trace.divisor,
        offset=trace.offset,
        value=trace.value,
    )
    return Arithmetic((held,), (trace.value,), trace.position, "correlation", Border.CONSTANT, 0.0)
