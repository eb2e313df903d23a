"""Numbers as the Layers workspace writes them, without powers of ten as far as words and commas go."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication

from kernels.digits import format_number
from kernels.numbers import MINUS

LARGE = 1_000_000
FIGURES = 3
"""Significant figures of measured values where there is little room."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("layers", text)


def count_text(count: int, full_below: int = LARGE) -> str:
    """A number in full, or from `full_below` on in words: "156", "4.82 million", "1.65 trillion"."""
    if count < full_below:
        return f"{count:,}"
    names = (_tr("million"), _tr("billion"), _tr("trillion"), _tr("quadrillion"))
    for power, name in enumerate(names, 2):
        shown = float(f"{count / 1000**power:.3g}")
        # Rounded, 999.9 million are a billion.
        if shown < 1000 or name == names[-1]:
            return f"{shown:,g} {name}"
    return f"{count:,}"


def value_text(value: float, figures: int) -> str:
    """A measured value with so many figures: "−2.91", "−3,150", from a million on "1.23e+06"; a whole one in full."""
    shown = float(f"{value:.{figures}g}") if value % 1 else value
    if 1000 <= abs(shown) < LARGE:
        return f"{shown:,.0f}".replace("-", MINUS)
    return format_number(value, figures)
