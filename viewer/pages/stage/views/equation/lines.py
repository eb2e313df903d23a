"""The whole arithmetic as one line: to be heard, copied, or set with LaTeX."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np
from PyQt6.QtCore import QCoreApplication

from kernels.digits import decimals, ending, format_number
from kernels.filtering.tracing import Arithmetic
from kernels.numbers import MINUS
from viewer.pages.stage.views.equation.writing import MOST_IN_CELLS, TINY, cells_of, largest_first

FIGURES = 9
"""Significant figures of what can be looked at closely."""
LARGEST = 6
"""How many terms of a large kernel are written out."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Equation", text)


class _Style(msgspec.Struct, frozen=True):
    """How a number, a product, the rest of the terms, a channel and the whole are written."""

    number: Callable[[float], str]
    product: Callable[[float, float], str]
    rest: Callable[[int, float], str]
    channel: Callable[[str, str], str]
    whole: Callable[[str, float, str], str]


def arithmetic_line(content: Arithmetic, channel: int, *, covered: bool) -> str:
    """Return the arithmetic as text that ends in "= value", or in "= ?"."""
    return _line(content, channel, _PLAIN, covered=covered)


def arithmetic_latex(content: Arithmetic, channel: int, *, covered: bool) -> str:
    """Return the same as a formula of LaTeX, without the signs that begin and end it."""
    return _line(content, channel, _LATEX, covered=covered)


def _line(content: Arithmetic, channel: int, style: _Style, *, covered: bool) -> str:
    trace = content.trace(channel)
    if content.sums_channels and content.channels:
        parts = enumerate(content.channels)
        body = " + ".join(style.channel(name, _terms(content, each, style)) for each, name in parts)
    else:
        body = _terms(content, channel, style)
    sign = MINUS if trace.offset < 0 else "+"
    offset = f"{sign} {style.number(abs(trace.offset))}"
    line = f"{style.whole(body, trace.divisor, offset)} = {'?' if covered else _value(content, channel, style)}"
    line = line if style is _PLAIN else line.replace(MINUS, "-")
    return f"{content.channels[channel]}: {line}" if style is _PLAIN and len(content.traces) > 1 else line


def _terms(content: Arithmetic, channel: int, style: _Style) -> str:
    window, weights, products = content.grids(channel)
    written_out = products.size <= MOST_IN_CELLS
    largest = largest_first(products)
    if written_out or len(largest) <= LARGEST:
        cells = list(np.ndindex(products.shape)) if written_out else sorted(cells_of(largest))
        return " + ".join(style.product(float(window[cell]), float(weights[cell])) for cell in cells) or "0"
    terms = [style.product(float(window[cell]), float(weights[cell])) for cell in cells_of(largest[:LARGEST])]
    rest = float(products[tuple(largest[LARGEST:].T)].sum())
    return " + ".join([*terms, style.rest(len(largest) - LARGEST, rest)])


def _value(content: Arithmetic, channel: int, style: _Style) -> str:
    trace, value = content.trace(channel), content.value(channel)
    last = ending(trace.sum, trace.divisor, trace.offset, value, decimals([trace.sum], FIGURES))
    is_written = math.isfinite(value) and len(last.value) <= 15 and (value == 0 or abs(value) >= TINY)
    return last.value if is_written else style.number(value)


def _plain_number(value: float) -> str:
    return format_number(value, FIGURES)


def _plain_rest(count: int, value: float) -> str:
    return _tr("rest of {count} terms: {value}").format(count=f"{count:,}", value=_plain_number(value))


def _plain_whole(body: str, divisor: float, offset: str) -> str:
    written = _plain_number(divisor)
    return f"({body}) ÷ {f'({written})' if divisor < 0 else written} {offset}"


def _latex_number(value: float) -> str:
    if math.isnan(value):
        return r"\mathrm{NaN}"
    mantissa, _, exponent = _plain_number(value).partition("e")
    text = mantissa.replace("∞", r"\infty")
    power = int(exponent.replace(MINUS, "-") or 0)
    return rf"{text} \cdot 10^{{{power}}}" if exponent else text


def _latex_product(value: float, weight: float) -> str:
    written = _latex_number(weight)
    return rf"{_latex_number(value)} \cdot {f'({written})' if weight < 0 else written}"


def _latex_rest(count: int, value: float) -> str:
    note = _tr("rest of {count} terms").format(count=f"{count:,}")
    return rf"\underbrace{{{_latex_number(value)}}}_{{\text{{{note}}}}}"


_PLAIN = _Style(
    _plain_number,
    lambda value, weight: f"{_plain_number(value)} × {_plain_number(weight)}",
    _plain_rest,
    lambda name, body: f"{name} ({body})",
    _plain_whole,
)
_LATEX = _Style(
    _latex_number,
    _latex_product,
    _latex_rest,
    lambda name, body: rf"\underbrace{{{body}}}_{{\mathrm{{{name}}}}}",
    lambda body, divisor, offset: rf"\frac{{{body}}}{{{_latex_number(divisor)}}} {offset}",
)
