"""Numbers and pairs as arguments: checked, or one sentence that says what is wrong with them."""

from __future__ import annotations

import operator
from typing import Any, cast

import numpy as np

Pair = tuple[int, int]


def whole_number(argument: str, value: object, minimum: int) -> int:
    """Return `value` as an int of at least `minimum`, or say what is wrong with it."""
    if type(value) is int and value >= minimum:
        return value
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{argument} is {value!r}, but must be a whole number of at least {minimum}.")
    try:
        number = operator.index(cast(Any, value))
    except TypeError:
        raise TypeError(f"{argument} is {value!r}, but must be a whole number of at least {minimum}.") from None
    if number < minimum:
        raise ValueError(f"{argument} is {number}, but must be at least {minimum}.")
    return number


def pair_of(argument: str, value: object, minimum: int) -> Pair:
    """Return a number, or a pair of them in the order (y, x), as a pair."""
    if isinstance(value, tuple | list) or (isinstance(value, np.ndarray) and value.ndim > 0):
        if len(value) != 2:
            raise ValueError(f"{argument} is {value!r}, but must be one number or a pair (y, x).")
        return whole_number(argument, value[0], minimum), whole_number(argument, value[1], minimum)
    number = whole_number(argument, value, minimum)
    return number, number


def pair_inside(argument: str, value: object, letters: str, shape: tuple[int, ...], ground: str) -> Pair:
    """Return a pair of whole numbers that index `ground`, which has this shape, or say what is wrong with it."""
    if not isinstance(value, tuple | list | np.ndarray) or len(value) != 2:
        raise ValueError(f"{argument} is {value!r}, but must be a pair {letters}.")
    first, second = (whole_number(argument, at, 0) for at in value)
    if first >= shape[0] or second >= shape[1]:
        raise ValueError(
            f"{argument} is {(first, second)}, but must lie inside {ground} of {shape[0]} × {shape[1]} "
            f"(rows × columns)."
        )
    return first, second


def real_number(argument: str, value: object) -> float:
    """Return a real number, not finite perhaps, as a float."""
    if type(value) is float:
        return value
    if not isinstance(value, str | bytes):
        try:
            return float(cast(Any, value))
        except (TypeError, ValueError, OverflowError):
            pass
    raise TypeError(f"{argument} is {value!r}, but must be a number.")


def size_of(argument: str, value: object) -> Pair:
    """Return the first two entries of an array shape, each at least 1."""
    if not isinstance(value, tuple | list) or len(value) < 2:
        raise ValueError(f"{argument} is {value!r}, but must be a pair (height, width).")
    return whole_number(argument, value[0], 1), whole_number(argument, value[1], 1)
