"""What the C files define; `core.h` says what they ask of an array."""

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float32] | NDArray[np.float64]
Mask = NDArray[np.bool_]

SOURCES: int

def magnitude(gx: Reals, gy: Reals, norm: str, tolerance: float, out: Reals) -> None:
    """Write magnitudes, all (N,): 0 up to `tolerance`, NaN where a component is not finite; `norm`: l2, l1 or max."""

def direction(
    gx: NDArray[np.float32], gy: NDArray[np.float32], magnitude: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Write the angles in degrees, all (N,), from -180 to below 180; NaN where the magnitude is not above 0."""

def ridges(
    magnitude: Reals, gx: Reals, gy: Reals, top: int, stride: tuple[int, int], least: float, rows: Reals, out: Mask
) -> None:
    """Mark the ridges in some rows, see `kernels.gradients.edges.ridges`.

    `magnitude` (H, W) is whole; `gx`, `gy` and `out` are its rows from `top` on. `rows` has room for 3 (W + 2) numbers.
    """

def double_threshold(candidates: Mask, magnitude: Reals, low: float, high: float, waiting: Mask, found: Mask) -> None:
    """Tell candidates, all (N,), of at least `high`, which are found, from those of at least `low`, which wait."""

def connect(
    waiting: Mask, found: Mask, top: int, bottom: int, room: NDArray[np.uint8], stack: NDArray[np.intc]
) -> bool:
    """Find what waits and is connected, by sides or corners, to what was found, both (H, W).

    It begins with what waits in the rows from `top` to `bottom` beside something found, and goes on anywhere. False if
    it stopped before all was found, for others' sake or since `stack` (N, 2) was full: then it is to be called again
    for all rows. `room` has 2 W + 2 bytes.
    """

def filter_bank(
    planes: NDArray[np.float32],
    columns: NDArray[np.int32],
    weights: NDArray[np.float32],
    offsets: NDArray[np.float32],
    step: int,
    apart: int,
    into: NDArray[np.float32],
) -> None:
    """Write the sums of windows and an offset for each filter: (F, H', W'), from planes (C, h, w).

    Weights are (blocks, C · kh · kw, filters of a block, at most 8), filled up with others after the last filter.
    Window (i, j) begins at row ``i * step`` and column j; its rows are `apart`, its columns begin at `columns`, (kw,).
    """

def pool(
    maps: NDArray[np.float32],
    down: NDArray[np.float32],
    across: NDArray[np.float32],
    step_down: int,
    step_across: int,
    is_weighted: bool,
    lines: NDArray[np.float32],
    into: NDArray[np.float32],
) -> None:
    """Write what the windows of maps (F, h, w) give: (F, H', W').

    That is the largest value, or the sum with weights `down` (kh,) and `across` (kw,). `lines` has room for w numbers.
    """
