"""The matrix of windows against loops, and its adjoint."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.filtering.lowering import col2im, windows

Pair = tuple[int, int]


@pytest.mark.parametrize(("stride", "dilation"), [((1, 1), (1, 1)), ((2, 3), (1, 1)), ((1, 2), (3, 2))])
def test_every_window_is_there(stride: Pair, dilation: Pair) -> None:
    pictures = np.random.default_rng(0).standard_normal((2, 9, 8, 3))
    view = windows(pictures, (3, 2), stride, dilation)
    rows, columns = (9 - 2 * dilation[0] - 1) // stride[0] + 1, (8 - dilation[1] - 1) // stride[1] + 1
    assert view.shape == (2, 3, 2, rows, columns, 3)
    for c, a, b, i, j, n in np.ndindex(*view.shape):
        expected = pictures[c, i * stride[0] + a * dilation[0], j * stride[1] + b * dilation[1], n]
        assert view[c, a, b, i, j, n] == expected


def test_col2im_is_the_adjoint_of_windows() -> None:
    random = np.random.default_rng(1)
    pictures = random.standard_normal((2, 7, 9, 2))
    view = windows(pictures, (3, 2), (2, 1), (1, 3))
    columns = random.standard_normal(view.shape)
    back = np.zeros_like(pictures)
    col2im(columns, back, (2, 1), (1, 3))
    assert np.sum(columns * view) == pytest.approx(np.sum(back * pictures), rel=1e-12)


def test_windows_are_a_read_only_view() -> None:
    pictures = np.zeros((1, 4, 4, 1))
    view = windows(pictures, (2, 2))
    assert np.shares_memory(view, pictures)
    with pytest.raises(ValueError, match="read-only"):
        view[...] = 1.0
