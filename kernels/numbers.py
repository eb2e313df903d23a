"""Numbers and durations as they are read."""

from __future__ import annotations

import math

MINUS = "\u2212"


def format_number(value: float, digits: int | None = None, *, true_minus: bool = False) -> str:
    """Write a number without trailing zeros: 3 rather than 3.0.

    Parameters
    ----------
    value : float
        NaN and infinity are written ``NaN`` and ``∞``.
    digits : int, optional
        At most so many significant figures, except for whole numbers below 10^9, which are written out. Without it
        the shortest decimal that `kernels.kernel.text.parse_number` reads as the same number.
    true_minus : bool
        Write U+2212 rather than the hyphen of ASCII, before the number and before an exponent.
    """
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        text = "∞" if value > 0 else "-∞"
    elif value.is_integer() and abs(value) < (1e16 if digits is None else 1e9):
        text = str(int(value))
    else:
        text = repr(value) if digits is None else f"{value:.{digits}g}"
    return text.replace("-", MINUS) if true_minus else text


def format_seconds(seconds: float) -> str:
    """Write a duration: "3.4 ms", "230 ms", "1.2 s", "25 s", "2 min 05 s", "3 h 07 min"."""
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
