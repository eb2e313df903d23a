"""Rank of a matrix of weights, and its split into a column and a row."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: Singular values below this share of the largest one are rounding, not structure.
RANK_TOLERANCE = 1e-10


def is_whole(weights: FloatArray) -> bool:
    """Whether all weights are whole numbers that float64 holds without gaps."""
    return bool((np.abs(weights) <= 2.0**53).all() and (weights == np.rint(weights)).all())


def matrix_rank(matrix: FloatArray) -> int:
    """The rank of a matrix: exact in the question whether whole numbers have rank 1, by singular values otherwise."""
    largest = float(np.abs(matrix).max())
    if largest == 0.0:
        return 0
    singular = np.linalg.svd(matrix / largest, compute_uv=False)
    rank = int((singular > RANK_TOLERANCE * singular[0]).sum())
    if not is_whole(matrix):
        return rank
    return 1 if _whole_factors(matrix) is not None else max(rank, 2)


def matrix_factors(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Split a matrix of rank 0 or 1 into a column and a row; see `Kernel.factors`."""
    rows, columns = matrix.shape
    largest = float(np.abs(matrix).max())
    if largest == 0.0:
        return np.zeros(rows), np.zeros(columns)
    whole = _whole_factors(matrix) if is_whole(matrix) else None
    if whole is not None:
        column, row = whole
    else:
        left, singular, right = np.linalg.svd(matrix / largest, full_matrices=False)
        scale = math.sqrt(float(singular[0])) * math.sqrt(largest)
        column, row = left[:, 0] * scale, right[0] * scale
    if float(column.sum() + row.sum()) < 0.0:
        column, row = -column, -row
    return column + 0.0, row + 0.0


def _whole_factors(matrix: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Split a matrix of whole numbers exactly; None if that cannot be done."""
    cells = [[int(value) for value in row] for row in matrix]
    pivot_row = next(row for row in cells if any(row))
    divisor = math.gcd(*pivot_row)
    row = [value // divisor for value in pivot_row]
    pivot = next(index for index, value in enumerate(row) if value)
    # The row has no common divisor, so the column of a separable whole-number matrix is whole (Gauss's lemma).
    column = [line[pivot] // row[pivot] for line in cells]
    if any(
        down * across != value
        for down, line in zip(column, cells, strict=True)
        for across, value in zip(row, line, strict=True)
    ):
        return None
    return np.array(column, dtype=np.float64), np.array(row, dtype=np.float64)
