"""From values to pictures ready to paint, at the size that the screen shows. No Qt.

A picture of up to `WHOLE` pixels is painted whole; of a larger one a reduced copy, and of what is in sight a patch in
which every pixel is exact. What is reduced is averaged over the area of each pixel, values first, colours after.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.pictures import display
from kernels.pictures.reduction import reduced
from kernels.pictures.summary import Summary, estimate
from viewer.state import Sight

Array = NDArray[Any]
Bytes = NDArray[np.uint8]
Levels = tuple[float, float]

DIVERGING = "blue-orange"
SIGNED_COVERAGE = 0.99
"""The strongest hundredth of the values may lie beyond the levels, so that the others are not pale."""
WHOLE = 1_500_000
NEEDS_VALUES = ("signed", "minmax", "raw")
"""The ranges whose levels depend on the values."""


@dataclass(frozen=True, slots=True)
class Look:
    """How values become colours; `levels` of None are estimated from the values."""

    mode: str
    colour_map: str = "grey"
    levels: Levels | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Painted:
    """A picture ready to paint.

    Attributes
    ----------
    image : ndarray of uint8
        (h, w), (h, w, 3) or, with opacity, (h, w, 4); covers everything, reduced where that has many pixels.
    values : ndarray
        The raw values, (H, W) or (H, W, C).
    look : Look
        As it was painted, levels included.
    how : {"mean", "maximum"}
        How many pixels become one: thin lines would fade in a mean.
    """

    image: Bytes
    values: Array
    look: Look
    how: str = "mean"

    @property
    def levels(self) -> Levels:
        """The values that are painted darkest and brightest."""
        assert self.look.levels is not None
        return self.look.levels


@dataclass(frozen=True, eq=False, slots=True)
class Patch:
    """Part of a picture ready to paint: rows and columns of the values, reduced less than the whole."""

    image: Bytes
    rows: tuple[int, int]
    columns: tuple[int, int]


def halvings(shape: tuple[int, ...]) -> int:
    """How many times a picture of this shape is halved before it is painted as a whole."""
    return max(0, math.ceil(math.log(max(1.0, shape[0] * shape[1] / WHOLE), 4)))


def is_reduced(shape: tuple[int, ...]) -> bool:
    """Whether the whole is painted with fewer pixels than it has."""
    return halvings(shape) > 0


def chosen_levels(
    mode: str,
    file_range: Levels,
    summary: Summary,
    *,
    manual: Levels | None = None,
    tolerance: float = 0.0,
) -> Levels:
    """The levels of a range, of which "signed" leaves the strongest values beyond."""
    return display.levels(summary, mode, file_range, manual, tolerance=tolerance, coverage=SIGNED_COVERAGE)


def paint(
    values: Array, look: Look, *, alpha: Array | None = None, halved: int | None = None, how: str = "mean"
) -> Painted:
    """Paint `values` with the levels of `look`, halved `halved` times, by default as often as the size asks for."""
    count = halvings(values.shape) if halved is None else halved
    return Painted(_image(values, look, alpha, count, how), values, look, how)


def paint_patch(values: Array, look: Look, region: Region, *, alpha: Array | None = None, how: str = "mean") -> Patch:
    """Paint part of `values` with more pixels."""
    rows, columns = slice(*region.rows), slice(*region.columns)
    part = None if alpha is None else alpha[rows, columns]
    return Patch(_image(values[rows, columns], look, part, region.halvings, how), region.rows, region.columns)


def _image(values: Array, look: Look, alpha: Array | None, count: int, how: str) -> Bytes:
    assert look.levels is not None
    size = tuple(-(-side // 2**count) for side in values.shape[:2])
    small = values if count == 0 else reduced(values, *size, how=how)
    image = display.render(small, look.levels, look.mode, look.colour_map)
    if alpha is None:
        return image
    return with_opacity(image, alpha if count == 0 else reduced(alpha, *size), _opaque(alpha))


def _opaque(alpha: Array) -> float:
    return 1.0 if alpha.dtype.kind == "f" else float(np.iinfo(alpha.dtype).max)


def fewer_pixels(image: Bytes, rows: int, columns: int, *, how: str = "mean") -> Bytes:
    """`image` in `rows` x `columns` pixels, none more than it has, quick enough to be done while painting.

    Qt's smooth scaling interpolates between two pixels down to half the size, which turns fine stripes into coarse ones.
    """
    return np.rint(reduced(image, rows, columns, how=how)).astype(np.uint8)


def with_opacity(image: Bytes, alpha: Array, opaque: float) -> Bytes:
    """`image`, (h, w) or (h, w, 3), with `alpha` as its fourth channel; the value `opaque` hides what is behind."""
    out = np.empty((*image.shape[:2], 4), np.uint8)
    out[..., :3] = image if image.ndim == 3 else image[..., np.newaxis]
    out[..., 3] = display.render(np.nan_to_num(alpha), (0.0, opaque))
    return out


def automatic_look(values: Array, file_range: Levels) -> Look:
    """Signed for values around 0, else the file's own range."""
    if values.dtype.kind in "ub" or not (found := estimate(values)).is_around_zero:
        return Look("clip", "grey", file_range)
    colours = DIVERGING if values.ndim == 2 else "grey"
    return Look("signed", colours, chosen_levels("signed", file_range, found))


@dataclass(frozen=True, slots=True)
class Region:
    """Rows and columns of a picture, and how many times they are halved to be painted."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    halvings: int


def region_in_sight(
    sight: Sight | None,
    shape: tuple[int, ...],
    corner: tuple[float, float] = (0.0, 0.0),
    stride: tuple[int, int] = (1, 1),
) -> Region | None:
    """What of an array to paint as a patch; None where the whole has enough pixels for the screen.

    `corner` is where the array begins in the scene, (y, x), and `stride` how many units of it one of its pixels takes.
    """
    if sight is None or not is_reduced(shape):
        return None
    count = max(0, sight.halvings - math.ceil(math.log2(max(stride))))
    if count >= halvings(shape):
        return None
    (top, bottom), (left, right) = (
        (max(0, math.floor((low - start) / step)), min(side, math.ceil((high - start) / step)))
        for (low, high), start, step, side in zip((sight.rows, sight.columns), corner, stride, shape[:2], strict=True)
    )
    return Region((top, bottom), (left, right), count) if top < bottom and left < right else None
