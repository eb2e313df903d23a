"""Which pixels the window covers, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication

from kernels.filtering.tracing import Arithmetic
from kernels.numbers import MINUS
from viewer.widgets import format_position


def range_text(content: Arithmetic) -> str:
    """Return the rows and columns of the window, virtual ones too: "y −1–1, x 4–6"."""
    trace = content.traces[0]
    return window_text(trace.origins, trace.outside, content.position)


def window_text(origins: NDArray[np.int64], outside: NDArray[np.bool_], position: tuple[int, int]) -> str:
    """Return the rows and columns of a window about `position`, which reads from `origins`, (kh, kw, 2)."""
    y = _range(origins[:, :, 0], outside)
    x = _range(origins[:, :, 1].T, outside.T)
    if y is None or x is None:
        place = format_position(*position)
        return QCoreApplication.translate("Equation", "around {place}").format(place=place)
    return f"y {y}, x {x}"


def _range(origins: NDArray[np.int64], outside: NDArray[np.bool_]) -> str | None:
    """From the first to the last row; None where too few of them lie in the picture to know where the others do."""
    count = len(origins)
    known = [(row, int(origins[row][~outside[row]][0])) for row in range(count) if not outside[row].all()]
    if not known or (len(known) == 1 and count > 1):
        return None
    (first, start), (last, end) = known[0], known[-1]
    step = (end - start) // (last - first) if last > first else 1
    top, bottom = start - first * step, start + (count - 1 - first) * step
    return span_text(top, bottom)


def span_text(top: int, bottom: int) -> str:
    """Return the first and the last of some rows or columns: "4–6", "−1 to 1"."""
    if top == bottom:
        return str(top).replace("-", MINUS)
    between = "–" if top >= 0 else QCoreApplication.translate("Equation", " to ")
    return f"{top}{between}{bottom}".replace("-", MINUS)
