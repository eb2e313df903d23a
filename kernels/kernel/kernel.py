"""The kernel: a small grid of weights with a divisor, an offset and a name."""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import Literal, NoReturn

import numpy as np
import numpy.typing as npt

from kernels.errors import refuse_mask
from kernels.kernel.separation import is_whole, matrix_factors, matrix_rank
from kernels.kernel.text import TextStyle, format_matrix, parse_matrix

FloatArray = npt.NDArray[np.float64]

#: A sum counts as zero up to this share of the sum of absolute weights.
ZERO_SUM_TOLERANCE = 1e-9


class Kernel:
    """A correlation or convolution kernel; immutable, comparable and hashable.

    The filtered value is ``sum(weights * window) / divisor + offset``.

    Parameters
    ----------
    weights : array_like, shape (kh, kw) or (kh, kw, C)
        Real, finite numbers, at least one. A two-dimensional kernel filters every channel of a picture; one with a
        third axis sums over its C channels. They are copied to a read-only float64 array.
    divisor : float
        What the sum of products is divided by; finite and not zero.
    offset : float
        What is added at the end; finite.
    name : str
        What to call the kernel on screen; may be empty.

    Raises
    ------
    TypeError
        If the weights are complex or not numbers, or divisor, offset or name have the wrong type.
    ValueError
        If the weights are empty, ragged, not finite or not of two or three dimensions, or divisor or offset are
        not usable.
    """

    weights: FloatArray
    divisor: float
    offset: float
    name: str

    def __init__(self, weights: npt.ArrayLike, *, divisor: float = 1.0, offset: float = 0.0, name: str = "") -> None:
        if not isinstance(name, str):
            raise TypeError(f"name is {name!r}; it must be text")
        values = {
            "weights": _checked_weights(weights),
            "divisor": _checked_number(divisor, "divisor"),
            "offset": _checked_number(offset, "offset"),
            "name": name,
        }
        if values["divisor"] == 0.0:
            raise ValueError("divisor is 0; it must be a number other than 0")
        self.__dict__.update(values)

    def __setattr__(self, attribute: str, value: object) -> NoReturn:
        raise AttributeError(f"a kernel cannot be changed; use replace({attribute}=...) to get another one")

    def __delattr__(self, attribute: str) -> NoReturn:
        raise AttributeError("a kernel cannot be changed")

    def __reduce__(self) -> tuple[Callable[..., Kernel], tuple[object, ...]]:
        # Copies and other processes get a kernel that passed the same checks and is read-only again.
        return _rebuild, (self.weights, self.divisor, self.offset, self.name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Kernel):
            return NotImplemented
        return (
            self.divisor == other.divisor
            and self.offset == other.offset
            and self.name == other.name
            and self.weights.shape == other.weights.shape
            and self.weights.tobytes() == other.weights.tobytes()
        )

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.weights.shape, self.weights.tobytes(), self.divisor, self.offset, self.name))

    def __repr__(self) -> str:
        if self.weights.size <= 49:
            weights = repr(self.weights.tolist())
        else:
            weights = "<" + " × ".join(str(length) for length in self.weights.shape) + ">"
        return f"Kernel({weights}, divisor={self.divisor!r}, offset={self.offset!r}, name={self.name!r})"

    # Facts -----------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.weights.shape[0], self.weights.shape[1]

    @property
    def channels(self) -> int | None:
        """The length of the third axis, None for a two-dimensional kernel."""
        return self.weights.shape[2] if self.weights.ndim == 3 else None

    @cached_property
    def sum(self) -> float:
        """The sum of the weights, divisor left aside, rounded once."""
        return _exact_sum(self.weights)

    @cached_property
    def absolute_sum(self) -> float:
        """The sum of the absolute weights, divisor left aside, rounded once."""
        return _exact_sum(np.abs(self.weights))

    @cached_property
    def effective_weights(self) -> FloatArray:
        """The weights with the divisor folded in; read-only, float64."""
        with np.errstate(over="ignore"):
            effective = self.weights / self.divisor
        effective.setflags(write=False)
        return effective

    @property
    def has_zero_sum(self) -> bool:
        """Whether the weights add up to nothing but rounding: |sum| ≤ 1e-9 Σ|w|."""
        return abs(self.sum) <= ZERO_SUM_TOLERANCE * self.absolute_sum

    @cached_property
    def rank(self) -> int:
        """The rank of the weights as a matrix; for a kernel with channels the largest rank of a channel."""
        if self.weights.ndim == 2:
            return matrix_rank(self.weights)
        return max(matrix_rank(self.weights[:, :, channel]) for channel in range(self.weights.shape[2]))

    @property
    def is_separable(self) -> bool:
        """Whether (every channel of) the kernel is the product of a column and a row."""
        return self.rank <= 1

    def factors(self) -> tuple[FloatArray, FloatArray] | None:
        """Split a separable kernel into a column and a row.

        Returns
        -------
        (column, row) : arrays of shape (kh,) and (kw,), float64
            ``numpy.outer(column, row)`` gives the weights: exactly, in whole numbers, if the weights are whole, and to
            rounding otherwise. Of the two possible signs the one with the larger sums is taken, so that Sobel's
            smoothing factor is 1 2 1. None if the kernel is not separable or has channels.
        """
        if self.weights.ndim == 3 or not self.is_separable:
            return None
        return matrix_factors(self.weights)

    @property
    def is_symmetric(self) -> bool:
        """Whether a turn by 180° leaves the kernel as it is, so that correlation and convolution agree.

        Whole-number weights are compared exactly, others to 1e-9 of the largest weight.
        """
        turned = self.weights[::-1, ::-1]
        if np.array_equal(turned, self.weights):
            return True
        if is_whole(self.weights):
            return False
        largest = float(np.abs(self.weights).max())
        return bool(np.abs(turned / largest - self.weights / largest).max() <= ZERO_SUM_TOLERANCE)

    # Other kernels from this one -------------------------------------------------------------------------------

    def replace(
        self,
        *,
        weights: npt.ArrayLike | None = None,
        divisor: float | None = None,
        offset: float | None = None,
        name: str | None = None,
    ) -> Kernel:
        """Return a kernel that differs in what is given; the checks are the constructor's."""
        return Kernel(
            self.weights if weights is None else weights,
            divisor=self.divisor if divisor is None else divisor,
            offset=self.offset if offset is None else offset,
            name=self.name if name is None else name,
        )

    def rotate_90(self, turns: int = 1) -> Kernel:
        """Turn the weights counterclockwise by a quarter, `turns` times (negative: clockwise)."""
        return self.replace(weights=np.rot90(self.weights, turns))

    def rotate_180(self) -> Kernel:
        """Turn the weights upside down: what makes a correlation kernel a convolution kernel."""
        return self.replace(weights=self.weights[::-1, ::-1])

    def flip_horizontal(self) -> Kernel:
        """Mirror the weights left to right."""
        return self.replace(weights=self.weights[:, ::-1])

    def flip_vertical(self) -> Kernel:
        """Mirror the weights top to bottom."""
        return self.replace(weights=self.weights[::-1])

    def transpose(self) -> Kernel:
        """Exchange rows and columns; channels stay where they are."""
        return self.replace(weights=np.swapaxes(self.weights, 0, 1))

    def negate(self) -> Kernel:
        """Change the sign of every weight; divisor and offset stay."""
        return self.replace(weights=-self.weights)

    def resize(self, rows: int, columns: int) -> Kernel:
        """Grow with zeros or cut, keeping the centre.

        The centre is the weight at ((kh - 1) // 2, (kw - 1) // 2), the one over the output pixel in a correlation with
        padding "same"; it stays the centre, so growing never changes the result there, and growing then shrinking
        back returns the same kernel.

        Raises
        ------
        TypeError
            If rows or columns is not a whole number.
        ValueError
            If rows or columns is less than 1.
        """
        for length, axis in ((rows, "rows"), (columns, "columns")):
            if operator.index(length) < 1:
                raise ValueError(f"{axis} is {length}; a kernel needs at least 1")
        resized = np.zeros((int(rows), int(columns), *self.weights.shape[2:]))
        target, source = zip(
            _overlap(self.weights.shape[0], int(rows)), _overlap(self.weights.shape[1], int(columns)), strict=True
        )
        resized[target] = self.weights[source]
        return self.replace(weights=resized)

    def normalised(self) -> Kernel:
        """Set the divisor to the absolute value of the sum of the weights, so that flat areas keep their brightness.

        A kernel with a negative sum keeps its sign: a flat area of 90 becomes -90.

        Raises
        ------
        ValueError
            If the weights add up to zero (|sum| ≤ 1e-9 Σ|w|): no divisor can make their sum 1.
        """
        if self.has_zero_sum:
            raise ValueError("The weights add up to 0, so no divisor can make their sum 1; the divisor stays as it is.")
        if not math.isfinite(self.sum):
            raise ValueError("The sum of the weights is too large for a number; the divisor stays as it is.")
        return self.replace(divisor=abs(self.sum))

    # Text ------------------------------------------------------------------------------------------------------

    @classmethod
    def parse(cls, text: str) -> Kernel:
        """Read a kernel written as text.

        Rows are separated by semicolons or line ends, cells by spaces, commas or tabs; brackets, NumPy's ``array(...)``
        and MATLAB's ``name = [...]`` are understood; U+2212 is a minus. "1/9" without spaces is a fraction, " / 9" or
        "] / 9" at the end is the divisor.

        Parameters
        ----------
        text : str
            For example ``"1 0 -1; 2 0 -2; 1 0 -1"``; at most 63 rows and 63 columns.

        Raises
        ------
        ValueError
            One sentence that names the row and column, and what would be right there.
        """
        weights, divisor = parse_matrix(text)
        return cls(weights, divisor=divisor)

    def format(self, style: TextStyle = "plain") -> str:
        """Write the kernel as text that `parse` reads back to the same numbers.

        Parameters
        ----------
        style : {"plain", "numpy", "matlab", "csv", "spreadsheet", "imagej"}
            The first three write the divisor after the weights; the others have no place for it and write the
            effective weights instead. The offset and the name are not part of the text.

        Raises
        ------
        ValueError
            If the style is unknown, or cannot hold a kernel with channels (only "numpy" can).
        """
        return format_matrix(self.weights, self.divisor, style)


def default_range(kernel: Kernel) -> Literal["signed", "clip"]:
    """Choose how a result is first displayed: signed for zero-sum kernels with negative weights, else clipped."""
    return "signed" if kernel.has_zero_sum and bool((kernel.weights < 0).any()) else "clip"


def _rebuild(weights: FloatArray, divisor: float, offset: float, name: str) -> Kernel:
    return Kernel(weights, divisor=divisor, offset=offset, name=name)


def _checked_weights(weights: npt.ArrayLike) -> FloatArray:
    refuse_mask("weights", weights)
    try:
        array = np.asarray(weights)
    except ValueError as error:
        raise ValueError("weights is ragged; every row needs the same number of weights") from error
    if array.dtype.kind == "c":
        raise TypeError(f"weights is complex ({array.dtype}); a kernel needs real numbers")
    if array.dtype.kind == "O" and not all(isinstance(cell, (numbers.Real, Decimal)) for cell in array.flat):
        raise TypeError("weights holds something that is not a number; a kernel needs real numbers")
    if array.dtype.kind not in "biufO":
        raise TypeError(f"weights has the type {array.dtype}; a kernel needs real numbers")
    if array.size == 0:
        raise ValueError(f"weights is empty (shape {array.shape}); a kernel needs at least one weight")
    if array.ndim not in (2, 3):
        raise ValueError(
            f"weights has the shape {array.shape}; it must be (rows, columns) or (rows, columns, channels)"
        )
    try:
        with np.errstate(over="ignore"):
            copied = np.array(array, dtype=np.float64, order="C")
    except OverflowError as error:
        raise ValueError("weights holds a number that is too large; at most about 1.8e308 is possible") from error
    if not np.isfinite(copied).all():
        place = ", ".join(str(index) for index in np.argwhere(~np.isfinite(copied))[0])
        raise ValueError(f"weights[{place}] is not finite; every weight must be an ordinary number")
    copied += 0.0  # -0 becomes 0, so that equal kernels have equal bytes
    # Over bytes, unlike over memory of its own, an array cannot be made writeable again.
    return np.frombuffer(copied.tobytes()).reshape(copied.shape)


def _checked_number(value: object, name: str) -> float:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if not isinstance(value, (numbers.Real, Decimal)):
        raise TypeError(f"{name} is {value!r}; it must be a real number")
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError(f"{name} is too large; at most about 1.8e308 is possible") from error
    if not math.isfinite(number):
        raise ValueError(f"{name} is {number}; it must be finite")
    return number + 0.0


def _exact_sum(values: FloatArray) -> float:
    try:
        return math.fsum(values.flat)
    except OverflowError:
        return float(np.sign(values).sum()) * math.inf


def _overlap(old: int, new: int) -> tuple[slice, slice]:
    """Where an axis of `old` weights lands in one of `new`, and which of its weights that is."""
    start = (new - 1) // 2 - (old - 1) // 2
    first, last = max(start, 0), min(start + old, new)
    return slice(first, last), slice(first - start, last - start)
