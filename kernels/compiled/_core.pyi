"""What the C files define; `core.h` says what they ask of an array."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float32] | NDArray[np.float64]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.uint8] | NDArray[np.uint16] | Reals

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

def correlate(
    pixels: NDArray[Any],
    rows: NDArray[Any],
    beside: NDArray[Any],
    left: int,
    border_value: float,
    down: NDArray[Any],
    across: NDArray[Any] | None,
    runs_on: bool,
    stride: tuple[int, int],
    dilation: tuple[int, int],
    divisor: float,
    offset: float,
    rounds_back: bool,
    measures: bool,
    strip_rows: int,
    scratch: NDArray[Any],
    out: NDArray[Any],
    /,
) -> tuple[float, ...]:
    """Correlate lines of pixels, and return Σ|x| over those that each strip read if it `measures`.

    Parameters
    ----------
    pixels : ndarray, shape (h, w, C) or (h, w)
        uint8, uint16, float32 or float64, the channels of a pixel contiguous.
    rows : ndarray of int64
        Which row of the pixels each line under the windows is; -1: all of it has the border value.
    beside : ndarray of int64
        Which column each of those is that lie left and right of the pixels; -1: it has the border value.
    left : int
        How many lie left.
    down : ndarray, shape (1, kh, kw) or (1, kh, kw * C) or (terms, kh, 1)
        Weights, float32 or float64: what sums are kept in. With weights for each channel the output has one.
    across : ndarray, shape (terms, kw), or None
        The rows of a separable kernel, whose columns are then `down`.
    runs_on : bool
        Whether all weights are alike, so that sums may run on from line to line; in float64 and without stride or
        dilation only.
    divisor, offset : float
        Applied to the sums, which are rounded to whole numbers before if `rounds_back`.
    strip_rows : int
        Output rows of a strip; the last may have fewer. Threads share the strips.
    scratch : ndarray, shape (threads, lines, values), contiguous
        So many threads at most; each has 1 + 4 lines and, unless sums run on, for each term as many as the windows of
        four neighbouring output rows span, for a dilation those of four that share lines and all between; each with
        room for a line or a row of the output and 128 values. The lines hold no pixels that no tap meets. If sums run
        on, the lines have room for kw further pixels, 8 at least.
    out : ndarray, shape (H', W', C), (H', W', 1) or (H', W')
        float32 or float64.
    """

def filter_bank(
    planes: NDArray[np.float32],
    columns: NDArray[np.int32],
    weights: NDArray[np.float32],
    offsets: NDArray[np.float32],
    step: int,
    apart: int,
    into: NDArray[np.float32],
    threads: int,
) -> bool:
    """Write the sums of windows and an offset for each filter: (F, H', W'), from planes (C, h, w).

    Weights are (blocks, C · kh · kw, filters of a block, at most 8), filled up with others after the last filter.
    Window (i, j) begins at row ``i * step`` and column j; its rows are `apart`, its columns begin at `columns`, (kw,).
    Up to so many threads share the rows. Returns whether all sums are finite.
    """

def phases(planes: Numbers, into: NDArray[np.float32], threads: int) -> None:
    """Write every so many columns of planes (C, h, w, 1) side by side: (C, h, step, ⌈w / step⌉).

    Phase p holds columns p, p + step, …; where it has one fewer than others, the last place is left as it was.
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

def histogram(
    values: Numbers,
    edges: NDArray[np.float64],
    counts: NDArray[np.longlong],
    sizes: NDArray[np.longlong],
    sizes_per_unit: float,
    are_finite: bool,
) -> tuple[float, float]:
    """Add the finite values of pixels (N, C) to `counts` (n,), between `edges` (n + 1,), the last with both its ends.

    Those other than 0 also to `sizes` (4096,), by their size times `sizes_per_unit`. Return the sums of values and of
    sizes. With `are_finite` nobody looks for values that are not.
    """

def beyond(values: Numbers, low: float, high: float, absolute: bool) -> tuple[int, int, int]:
    """Return how many pixels (N, C) have a finite value, or absolute value, below `low`, above `high`, and either."""

def reduce(
    pixels: Numbers, cells: Reals, scratch: NDArray[np.float64], start: int, stop: int, is_maximum: bool
) -> None:
    """Write the rows from `start` to `stop` of cells (h, w, C), see `kernels.pictures.reduction.reduced`.

    `cells` are float64 of float64 pixels (H, W, C), else float32. `scratch` has room for 8 C (W + w) + 2 w numbers.
    """

def paint(
    values: Numbers,
    to: NDArray[np.uint8] | NDArray[np.uintc],
    colours: NDArray[np.uint8] | None,
    low: float,
    high: float,
    absolute: bool,
    in_double: bool,
) -> tuple[float, float] | None:
    """Write where values of pixels (N, C) stand between two levels, 0 to 255, see `kernels.pictures.display.render`.

    `to` is (N, C); with `colours` (256, 3) of one channel it is (N, 3); (N, 1) numbers 0xffRRGGBB are written from
    colours or of three channels. Returns the smallest and the largest value, as float32 unless `in_double`; None if not
    all are finite, and those that are not get any colour.
    """
