"""Convolution as a matrix product: every window of a picture becomes one column of a matrix.

The arrays here are laid out (C, H, W, N): channels, rows, columns, pictures. With the pictures innermost, a window
row of a whole batch is one run of memory, and the filter response comes out in the same layout as the input.

Reference: Chellapilla, Puri, Simard (2006), High performance convolutional neural networks for document processing.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Real = TypeVar("Real", np.float32, np.float64)
Pair = tuple[int, int]


def windows(pictures: NDArray[Real], size: Pair, stride: Pair = (1, 1), dilation: Pair = (1, 1)) -> NDArray[Real]:
    """Show every window of a batch without copying it.

    Parameters
    ----------
    pictures : (C, H, W, N) array, already padded
    size, stride, dilation : (y, x)
        Taps of the window, steps between windows and steps between taps.

    Returns
    -------
    (C, kh, kw, H', W', N) read-only view
        Element ``[c, a, b, i, j, n]`` is the pixel under tap (a, b) of window (i, j).

    Raises
    ------
    ValueError
        If the spread-out window does not fit into the pictures.
    """
    channels, height, width, count = pictures.shape
    rows, columns = (
        (extent - spacing * (taps - 1) - 1) // step + 1
        for extent, taps, step, spacing in zip((height, width), size, stride, dilation, strict=True)
    )
    if rows < 1 or columns < 1:
        reach = tuple(spacing * (taps - 1) + 1 for taps, spacing in zip(size, dilation, strict=True))
        raise ValueError(f"a window of {reach[0]} x {reach[1]} does not fit into a picture of {height} x {width}")
    channel, row, column, picture = pictures.strides
    return as_strided(
        pictures,
        (channels, *size, rows, columns, count),
        (channel, row * dilation[0], column * dilation[1], row * stride[0], column * stride[1], picture),
        writeable=False,
    )


def im2col(pictures: NDArray[Real], size: Pair, stride: Pair = (1, 1), dilation: Pair = (1, 1)) -> NDArray[Real]:
    """Write every window of a batch as one column of a matrix.

    Parameters are those of `windows`. Filters as a (F, C·kh·kw) matrix times this one are the filters' responses.

    Returns
    -------
    (C·kh·kw, H'·W'·N) array
    """
    view = windows(pictures, size, stride, dilation)
    taps = view.shape[0] * view.shape[1] * view.shape[2]
    return np.ascontiguousarray(view).reshape(taps, -1)


def col2im(columns: NDArray[Real], pictures: NDArray[Real], stride: Pair = (1, 1), dilation: Pair = (1, 1)) -> None:
    """Add every element of a matrix of windows to the pixel that it came from: the adjoint of `im2col`.

    Parameters
    ----------
    columns : (C, kh, kw, H', W', N) array
    pictures : (C, H, W, N) array
        Is added to in place.
    stride, dilation : (y, x), as for `windows`
    """
    _, taps_y, taps_x, rows, cols, _ = columns.shape
    for a in range(taps_y):
        top = a * dilation[0]
        for b in range(taps_x):
            left = b * dilation[1]
            bottom, right = top + stride[0] * (rows - 1) + 1, left + stride[1] * (cols - 1) + 1
            target = pictures[:, top : bottom : stride[0], left : right : stride[1]]
            np.add(target, columns[:, a, b], out=target)
