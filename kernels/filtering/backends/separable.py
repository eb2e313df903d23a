"""A row and then a column: kh + kw products for each pixel instead of kh · kw."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.filtering.backends import direct, polyphase
from kernels.filtering.backends.polyphase import Place

Array = npt.NDArray[Any]


def correlate(pixels: Array, column: Array, row: Array, place: Place) -> Array:
    """Correlate with ``np.outer(column, row)``; otherwise as `kernels.filtering.backends.polyphase.correlate`.

    The stride across is taken by the row, the stride down by the column.
    """
    rows = place.extent((column.size, row.size))[0]
    (stride_y, stride_x), (dilation_y, dilation_x) = place.stride, place.dilation
    first = Place((rows, place.output[1]), (1, stride_x), (1, dilation_x))
    second = Place(place.output, (stride_y, 1), (dilation_y, 1))
    across = polyphase.correlate(pixels, row[np.newaxis, :], first, direct.correlate)
    return polyphase.correlate(across, column[:, np.newaxis], second, direct.correlate)
