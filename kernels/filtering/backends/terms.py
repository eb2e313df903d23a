"""A kernel as a sum of few outer products of a column and a row."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from kernels.kernel import Kernel

Array = npt.NDArray[Any]

#: More terms than these are not tried: they would seldom be of use.
_MOST_TERMS = 6
#: The share of Σ|w| by which outer products may miss the weights: nothing that a sum in float64 would show, and what
#: rounding the weights to float32 would do.
_TOLERANCES = (1e-12, 2e-7)


class Terms(msgspec.Struct, frozen=True, eq=False):
    """Columns and rows whose outer products add up to a kernel, in the order in which they are applied."""

    factors: tuple[tuple[Array, Array], ...]
    is_whole: bool
    """Whether all are whole numbers, so that whole pixels keep whole sums."""
    growth: float
    """Σ|column|·|row| over all terms, as a share of Σ|w|."""
    missing: float
    """Σ|w − Σ column·row|, as a share of Σ|w|."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing that a sum in float64 would show."""
        return self.missing <= _TOLERANCES[0]


def separable_terms(kernel: Kernel, is_convolution: bool) -> list[Terms]:
    """Return the fewest terms that give the kernel, and fewer ones that give it to the precision of float32.

    None for a single row or column, for a kernel with channels, and where it takes too many.
    """
    weights, total = kernel.weights, kernel.absolute_sum
    if weights.ndim == 3 or min(weights.shape) == 1 or not 1e-250 < total < 1e250:
        return []
    factors = kernel.factors()
    if factors is not None and all(bool((part == np.rint(part)).all()) for part in factors):
        found = [Terms((factors,), True, *_quality((factors,), weights, total))]
    else:
        largest = float(np.abs(weights).max())
        left, singular, right = np.linalg.svd(weights / largest, full_matrices=False)
        roots = np.sqrt(singular * largest)
        terms = range(min(_MOST_TERMS, roots.size))
        pairs = tuple((_even(left[:, n] * roots[n]), _even(right[n] * roots[n])) for n in terms)
        sums = [Terms(pairs[: n + 1], False, *_quality(pairs[: n + 1], weights, total)) for n in terms]
        fewest = (next((some for some in sums if some.missing <= most), None) for most in _TOLERANCES)
        found = list(dict.fromkeys(some for some in fewest if some is not None))
    step = -1 if is_convolution else 1
    return [
        replace(some, factors=tuple((column[::step], row[::step]) for column, row in some.factors)) for some in found
    ]


def _quality(pairs: tuple[tuple[Array, Array], ...], weights: Array, total: float) -> tuple[float, float]:
    """Return the growth and what is missing."""
    products = [np.outer(column, row) for column, row in pairs]
    growth = sum(float(np.abs(product).sum()) for product in products) / total
    return growth, float(np.abs(weights - sum(products)).sum()) / total


def _even(values: Array) -> Array:
    """Return values that are symmetric but for rounding as symmetric ones, which OpenCV filters faster."""
    slack = 1e-14 * float(np.abs(values).max()) * values.size
    for sign in (1.0, -1.0):
        turned = sign * values[::-1]
        if (np.abs(values - turned) <= slack).all():
            return np.asarray((values + turned) / 2)
    return values
