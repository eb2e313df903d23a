"""Numbers and durations as they are read."""

from __future__ import annotations

import math

MINUS = "\u2212"


def exact_number(value: float, *, minus: str = "-") -> str:
    """Write a number so that nothing of it is lost: the shortest that `kernels.kernel.text.parse_number` reads as it.

    NaN and infinity are written ``NaN`` and ``∞``, whole numbers below 10^16 without an exponent. `minus` may be
    `MINUS`, where it is not for a file or a terminal.
    """
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        text = "∞" if value > 0 else "-∞"
    else:
        text = str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    return text.replace("-", minus)


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
