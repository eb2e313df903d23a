"""Options of stages as text that can be typed, and back. No Qt.

What cannot be read stays the text that it is: `kernels.Recipe.from_dict` then says what is wrong with it, and where.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeGuard

from kernels.kernel import Kernel
from kernels.kernel.text import parse_number
from kernels.numbers import MINUS, exact_number

LARGEST_BELOW = 99
SHORT = 7
"""Numbers longer than this are written as fractions, 1/3, if that says them exactly with a small denominator."""


def kernel_text(value: object) -> str:
    """Write a kernel on one line: its name, its rows, or all that is known about it as JSON."""
    if isinstance(value, Mapping):
        value = _kernel_as_text(value)
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    joined = (" " if "[" in text or "{" in text else "; ").join(lines)
    return joined.replace("-", MINUS) if _is_numeric(joined) else joined


def _kernel_as_text(value: Mapping[str, Any]) -> str:
    try:
        kernel = Kernel(value["weights"], divisor=value.get("divisor", 1.0), offset=value.get("offset", 0.0))
    except (KeyError, TypeError, ValueError):
        return json.dumps(dict(value), default=str)
    if kernel.offset:  # rows have no place for it
        return json.dumps(dict(value))
    return kernel.format("plain" if kernel.channels is None else "numpy")


def kernel_data(text: str) -> Any:
    """Read what `kernel_text` writes."""
    text = text.strip()
    if text.startswith("{"):
        return _json(text)
    return text.replace(MINUS, "-") if _is_numeric(text) else text


def _is_numeric(text: str) -> bool:
    return not re.search(r"[^\W\d_eE]", text) and "{" not in text


def kernels_text(values: object) -> str:
    """Write kernels, one a line."""
    return "\n".join(kernel_text(value) for value in values) if _is_list(values) else kernel_text(values)


def kernels_data(text: str, before: object) -> list[Any]:
    """Read one kernel a line; a line that says the same as one `before` stays what it was."""
    known = {kernel_text(value): value for value in before} if _is_list(before) else {}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [known[line] if line in known else kernel_data(line) for line in lines]


def numbers_text(value: object) -> str:
    """Write one number, or several with blanks between them; None is nothing."""
    if _is_list(value):
        return " ".join(map(_number_text, value))
    return "" if value is None else _number_text(value)


def numbers_data(text: str) -> Any:
    """Read one number, or a list of several; None where there is nothing."""
    words = re.split(r"[\s,;]+", text.strip().strip(",;[]"))
    try:
        numbers = [_whole_if_it_is(parse_number(word)) for word in words if word]
    except ValueError:
        return text.strip()
    return (numbers[0] if len(numbers) == 1 else numbers) if numbers else None


def rows_text(rows: object) -> str:
    """Write the rows of a matrix, one a line."""
    return "\n".join(map(numbers_text, rows)) if _is_list(rows) else numbers_text(rows)


def rows_data(text: str) -> list[Any]:
    """Read one row of numbers a line."""
    rows = [numbers_data(line) for line in text.splitlines() if line.strip()]
    return [[row] if isinstance(row, int | float) else row for row in rows]


def stages_text(values: object) -> str:
    """Write stages, or rows of stages, as JSON, one a line."""
    if not _is_list(values):
        return "" if values is None else json.dumps(values, ensure_ascii=False, default=str)
    return "\n".join(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str) for value in values
    )


def stages_data(text: str) -> list[Any]:
    """Read one stage, or one row of stages, a line."""
    return [_json(line.strip()) for line in text.splitlines() if line.strip()]


def _number_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    text = exact_number(value, minus=MINUS)
    if len(text) <= SHORT or not math.isfinite(value):
        return text
    near = Fraction(value).limit_denominator(LARGEST_BELOW)
    if float(near) == value:
        return f"{near.numerator}/{near.denominator}".replace("-", MINUS)
    return text


def _whole_if_it_is(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
