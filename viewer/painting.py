"""From values to pictures ready to paint, at the size that the screen shows. No Qt.

A picture of up to `WHOLE` pixels is painted whole; of a larger one a reduced copy, and of what is in sight a patch in
which every pixel is exact. What is reduced is averaged over the area of each pixel, values first, colours after.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels import compiled
from kernels.opencv import cv2
from kernels.pictures import display
from kernels.pictures.picture import is_held
from kernels.pictures.reduction import reduced
from kernels.pictures.summary import Summary, estimate
from viewer.page_views import Sight

Array = NDArray[Any]
Bytes = NDArray[np.uint8]
Levels = tuple[float, float]

DIVERGING = "blue-orange"
SIGNED_COVERAGE = 0.99
"""The strongest hundredth of the values may lie beyond the levels, so that the others are not pale."""
WHOLE = 1_500_000
NEEDS_VALUES = ("signed", "minmax", "raw")
"""The ranges whose levels depend on the values."""


class Look(msgspec.Struct, frozen=True):
    """How values become colours; `levels` of None are estimated from the values."""

    mode: str
    colour_map: str = "grey"
    levels: Levels | None = None


class Painted(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A picture ready to paint.

    Attributes
    ----------
    values : ndarray
        The raw values, (H, W) or (H, W, C).
    look : Look
        As it is painted, levels included.
    small, alpha : ndarray
        What is painted, which covers everything: the values and their opacity, reduced where there are many.
    on_screen : ndarray or None
        The picture with as many pixels as the screen showed when it was asked for: uint8 as `image`, or a number
        0xffRRGGBB a pixel, which the screen takes as it is.
    shown : ndarray or None
        The values of these.
    how : {"mean", "maximum"}
        How many pixels become one: thin lines would fade in a mean.
    """

    values: Array
    look: Look
    small: Array
    alpha: Array | None = None
    on_screen: Array | None = None
    how: str = "mean"
    shown: Array | None = None

    @cached_property
    def image(self) -> Bytes:
        """uint8, (h, w), (h, w, 3) or, with opacity, (h, w, 4); made when it is first asked for."""
        return _rendered(self.small, self.look, self.alpha)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the image."""
        return self.small.shape[0], self.small.shape[1]

    @property
    def levels(self) -> Levels:
        """The values that are painted darkest and brightest."""
        assert self.look.levels is not None
        return self.look.levels


class Patch(msgspec.Struct, frozen=True, eq=False):
    """Part of a picture ready to paint: rows and columns of values of the shape `whole`, reduced less than these."""

    image: Bytes
    rows: tuple[int, int]
    columns: tuple[int, int]
    how: str = "mean"
    on_screen: Array | None = None
    whole: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the image."""
        return self.image.shape[0], self.image.shape[1]


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
    values: Array,
    look: Look,
    *,
    alpha: Array | None = None,
    halved: int | None = None,
    how: str = "mean",
    size: tuple[int, int] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Painted:
    """Paint `values` with the levels of `look`, halved `halved` times, by default as often as the size asks for.

    `size` is the number of rows and columns that the screen shows.
    """
    if is_held(values):
        small, opacity = halve(values, alpha, halvings(values.shape) if halved is None else halved, how)
    else:
        small, opacity = overview(values, cancelled), None
    assert look.levels is not None
    shown: Array | None = None
    on_screen: Array | None = None
    if size is not None and size != small.shape[:2] and all(a <= b for a, b in zip(size, small.shape, strict=False)):
        shown = fewer_pixels(small, *size, how=how)
        if opacity is None:
            on_screen = display.render_packed(shown, look.levels, look.mode, look.colour_map)
        else:
            on_screen = _rendered(shown, look, fewer_pixels(opacity, *size))
    painted = Painted(values, look, small, opacity, on_screen, how, shown)
    if on_screen is None:
        painted.image  # noqa: B018  # made here rather than in the GUI thread
    return painted


def paint_patch(
    values: Array,
    look: Look,
    region: Region,
    *,
    alpha: Array | None = None,
    how: str = "mean",
    cancelled: Callable[[], bool] | None = None,
) -> Patch:
    """Paint part of `values` with more pixels."""
    windows: Any = values
    if not is_held(values):
        small = windows.part(region.rows, region.columns, region.halvings, cancelled)
        return Patch(_rendered(small, look, None), region.rows, region.columns, how, whole=values.shape[:2])
    rows, columns = slice(*region.rows), slice(*region.columns)
    part = None if alpha is None else alpha[rows, columns]
    small, opacity = halve(values[rows, columns], part, region.halvings, how)
    return Patch(_rendered(small, look, opacity), region.rows, region.columns, how, whole=values.shape[:2])


def overview(values: Array, cancelled: Callable[[], bool] | None = None) -> Array:
    """`values` as they are, or, of what is only looked at by windows, all of it from afar."""
    windows: Any = values
    return values if is_held(values) else windows.overview(halvings(values.shape), cancelled)


def halve(values: Array, alpha: Array | None, count: int, how: str = "mean") -> tuple[Array, Array | None]:
    """Values and opacity with half the rows and columns, and half of these, `count` times."""
    if count == 0:
        return values, alpha
    size = tuple(-(-side // 2**count) for side in values.shape[:2])
    if how == "mean" and values.dtype.kind == "f" and not any(side % 2**count for side in values.shape[:2]):
        small = fewer_pixels(values, *size)  # whole pixels, without a remainder to share out
    else:
        small = reduced(values, *size, how="maximum" if how == "maximum" else "mean")
    if alpha is None:
        return small, None
    # In the range of its type, so that it is known what is opaque.
    return small, reduced(alpha, *size).astype(alpha.dtype)


def _rendered(values: Array, look: Look, alpha: Array | None) -> Bytes:
    assert look.levels is not None
    image = display.render(values, look.levels, look.mode, look.colour_map)
    return image if alpha is None else with_opacity(image, alpha)


def fewer_pixels(array: Array, rows: int, columns: int, *, how: str = "mean") -> Array:
    """`array` in `rows` x `columns` pixels, neither more than it has, quick enough to be done while painting.

    Qt's smooth scaling interpolates between two pixels down to half the size, which turns fine stripes into coarse.
    """
    if how == "maximum":
        return reduced(array, rows, columns, how="maximum").astype(array.dtype)
    if compiled.core is not None and array.dtype in (np.float32, np.float64):
        return reduced(array, rows, columns)
    if array.dtype not in (np.uint8, np.uint16, np.float32, np.float64):
        array = array.astype(np.float64 if array.dtype.itemsize > 4 else np.float32)
    factor = min(array.shape[0] // rows, array.shape[1] // columns)
    if factor > 1 and array.shape[0] % factor == 0 and array.shape[1] % factor == 0:
        # Whole pixels first, which is much faster.
        size = array.shape[1] // factor, array.shape[0] // factor
        array = cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    if array.shape[:2] == (rows, columns):
        return array
    return np.asarray(cv2.resize(array, (columns, rows), interpolation=cv2.INTER_AREA))


def with_opacity(image: Bytes, alpha: Array) -> Bytes:
    """`image`, (h, w) or (h, w, 3), with `alpha` as its fourth channel, of which the largest value hides all behind."""
    opaque = 1.0 if alpha.dtype.kind == "f" else float(np.iinfo(alpha.dtype).max)
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


class Region(msgspec.Struct, frozen=True):
    """Rows and columns of a picture, and how many times they are halved to be painted."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    halvings: int


def screen_size(sight: Sight | None, rect: tuple[float, float, float, float]) -> tuple[int, int] | None:
    """Rows and columns that the screen shows of `rect`, (top, left, height, width) in the scene; None if magnified."""
    if sight is None or sight.scale is None:
        return None
    top, left, height, width = (each * sight.scale for each in rect)
    return max(1, round(top + height) - round(top)), max(1, round(left + width) - round(left))


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
