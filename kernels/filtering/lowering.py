"""Convolution as a matrix product: every window of a picture becomes one column of a matrix.

The arrays here are laid out (C, H, W, N): channels, rows, columns, pictures. With the pictures innermost, a window
row of a whole batch is one run of memory, and the filter response comes out in the same layout as the input.

Reference: Chellapilla, Puri, Simard (2006), High performance convolutional neural networks for document processing.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kernels.filtering.geometry import Pair, effective_shape_of

Real = TypeVar("Real", np.float32, np.float64)


def windows(
    pictures: NDArray[Real], kernel_shape: Pair, stride: Pair = (1, 1), dilation: Pair = (1, 1)
) -> NDArray[Real]:
    """Show every window of a batch without copying it.

    Parameters
    ----------
    pictures : (C, H, W, N) array, already padded
    kernel_shape : (kh, kw)
    stride, dilation : (y, x)

    Returns
    -------
    (C, kh, kw, H', W', N) read-only view
        Element ``[c, a, b, i, j, n]`` is the pixel under tap (a, b) of window (i, j).
    """
    (step_y, step_x), (tap_y, tap_x) = stride, dilation
    # (C, H', W', N, rows of the window, columns of the window) at every pixel.
    view = sliding_window_view(pictures, effective_shape_of(kernel_shape, dilation), axis=(1, 2))
    return view[:, ::step_y, ::step_x, :, ::tap_y, ::tap_x].transpose(0, 4, 5, 1, 2, 3)


def col2im(columns: NDArray[Real], pictures: NDArray[Real], stride: Pair = (1, 1), dilation: Pair = (1, 1)) -> None:
    """Add every element of a matrix of windows to the pixel that it came from: the adjoint of `windows`.

    Parameters
    ----------
    columns : (C, kh, kw, H', W', N) array
    pictures : (C, H, W, N) array
        Is added to in place.
    stride, dilation : (y, x)
        Of the windows.
    """
    _, taps_y, taps_x, rows, cols, _ = columns.shape
    for a in range(taps_y):
        top = a * dilation[0]
        for b in range(taps_x):
            left = b * dilation[1]
            bottom, right = top + stride[0] * (rows - 1) + 1, left + stride[1] * (cols - 1) + 1
            target = pictures[:, top : bottom : stride[0], left : right : stride[1]]
            np.add(target, columns[:, a, b], out=target)
