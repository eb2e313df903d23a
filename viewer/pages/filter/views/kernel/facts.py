"""What can be said about a kernel in two or three short sentences."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QPaintEvent

from kernels.kernel import Kernel
from viewer.widgets import Label, format_number

#: Longest factors that are written out.
MAX_WRITTEN = 7
#: Room for both factors, in characters.
MAX_FACTORS = 30


def _tr(text: str) -> str:
    return QCoreApplication.translate("KernelFacts", text)


class FactsLabel(Label):
    """Says the facts about the last kernel shown; they are found out when somebody looks, not at every edit."""

    def __init__(self) -> None:
        super().__init__("", "muted")
        self._kernel: Kernel | None = None

    def show_kernel(self, kernel: Kernel) -> None:
        """Speak of `kernel` from now on."""
        self._kernel = kernel
        self.update()

    def text(self) -> str:
        """The sentences, one a line."""
        if self._kernel is not None:
            kernel, self._kernel = self._kernel, None
            self.setText("\n".join(facts(kernel)))
        return super().text()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        self.text()
        super().paintEvent(event)


def facts(kernel: Kernel) -> tuple[str, ...]:
    """Sentences on the sum, on separability and rank, and on symmetry."""
    if not kernel.weights.any():
        return (_tr("All weights are 0, so every pixel becomes {value}.").format(value=_number(kernel.offset)),)
    return about_sum(kernel), about_rank(kernel), about_symmetry(kernel)


def about_sum(kernel: Kernel) -> str:
    """The sum of the weights and what it does to an area of one value."""
    total = 0.0 if kernel.has_zero_sum else kernel.sum
    gain = total / kernel.divisor
    shown = _number(total)
    if kernel.divisor != 1 and total:
        shown = f"{shown} ÷ {_number(kernel.divisor)}"
    if total == 0:
        return _tr("Sum {sum}, so flat areas become {value}.").format(sum=shown, value=_number(kernel.offset))
    offset = kernel.offset
    added = "" if not offset else f" {'+' if offset > 0 else '−'} {_number(abs(offset))}"
    if abs(gain - 1) <= 1e-9 and not added:
        equals = "" if kernel.divisor == 1 else " = 1"
        return _tr("Sum {sum}, so flat areas stay.").format(sum=shown + equals)
    return _tr("Sum {sum}: flat areas × {gain}{added}.").format(sum=shown, gain=_number(gain), added=added)


def about_rank(kernel: Kernel) -> str:
    """Separable with its factors, or its rank."""
    rows, columns = kernel.shape
    if kernel.channels is not None:
        if kernel.is_separable:
            return _tr("Separable in every channel.")
        return _tr("Rank up to {rank}, not separable.").format(rank=kernel.rank)
    if not kernel.is_separable:
        return _tr("Rank {rank}, not separable.").format(rank=kernel.rank)
    if rows == 1 or columns == 1:
        return _tr("A single row.") if rows == 1 else _tr("A single column.")
    factors = kernel.factors()
    if factors is not None and max(rows, columns) <= MAX_WRITTEN:
        column, row = factors
        written = f"{_vector(column)}ᵀ · {_vector(row)}"
        if len(written) <= MAX_FACTORS:
            return _tr("Separable: {factors}.").format(factors=written)
    return _tr("Separable: {rows} + {columns} products, not {all}.").format(
        rows=rows, columns=columns, all=rows * columns
    )


def about_symmetry(kernel: Kernel) -> str:
    """Whether correlation and convolution agree."""
    if kernel.is_symmetric:
        return _tr("Symmetric: correlation = convolution.")
    if np.array_equal(kernel.weights[::-1, ::-1], -kernel.weights):
        return _tr("Not symmetric: convolution flips the sign.")
    return _tr("Not symmetric: convolution differs.")


def _vector(values: np.ndarray) -> str:
    return "[" + " ".join(_number(float(value), 3) for value in values) + "]"


def _number(value: float, digits: int = 4) -> str:
    return format_number(value, digits)
