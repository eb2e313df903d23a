"""What moves along when the picture is shifted, and what forgives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.arguments import whole_number
from kernels.errors import stop_if
from kernels.filtering.geometry import Pair
from kernels.filtering.operands import as_image
from kernels.recipe.fields import Field, Reach, common, field_after, inside_after
from kernels.recipe.recipe import Recipe
from kernels.recipe.regions import Array, Region, Shape

#: Values that are compared at once.
_STRIP = 1 << 20
#: Roundings of the largest value that sums in another order may differ by.
_ROUNDINGS = 128


class ShiftResult(msgspec.Struct, frozen=True):
    """What a shift of the picture does to the maps of a stage.

    Attributes
    ----------
    place, name : str
        ``stages[2]`` and ``max-pool``.
    distance : (float, float) or None
        How far the maps should move, (y, x) in their own pixels: the shift over the jump between neighbours. None
        where there is no one jump, as after a global average.
    region : Region or None
        The part of the shifted picture's maps that was compared with the other maps moved by `distance`: neither there
        nor where it comes from does anything depend on what lies outside the picture. None if there is no such part,
        as where a mean over the picture comes in, or if `distance` is no whole number of pixels.
    moves_along : bool
        Whether the two are equal there, or differ by no more than sums in another order do. False without a region.
    is_exact : bool
        Whether they are equal to the last bit.
    largest_difference : float or None
        Between the two; infinite if only one of two values is finite. None without a region.
    in_place : Region
        The part of the maps in which values were compared with those at the same place before: as for `region`, or all
        of them if there is no such part.
    unchanged : float
        The share of them, 0 to 1, that is what it was, to the last bit.
    """

    place: str
    name: str
    distance: tuple[float, float] | None
    region: Region | None
    moves_along: bool
    is_exact: bool
    largest_difference: float | None
    in_place: Region
    unchanged: float


def shifted(
    recipe: Recipe,
    image: npt.ArrayLike,
    shift: Pair,
    *,
    white: float | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[ShiftResult]:
    """Shift the picture and tell, stage by stage, which maps move along and how many values stay what they were.

    A convolution of stride 1 moves along exactly; with a stride, or after pooling, maps do if the shift is a multiple
    of the jump between their pixels. Maximum pooling forgives: many of its values stay what they were.

    Parameters
    ----------
    recipe : Recipe
    image : array_like, shape (H, W) or (H, W, C)
        Not modified.
    shift : (int, int)
        Pixels down and to the right; less than the picture's size.
    white, cancelled
        As in `kernels.Recipe.run`.

    Returns
    -------
    list of ShiftResult
        One for each stage.

    Raises
    ------
    TypeError, ValueError, MemoryError, kernels.errors.Cancelled
        As `kernels.Recipe.run`, and ValueError if the shift is too large.

    References
    ----------
    K. Fukushima (1980), "Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition
    unaffected by shift in position".
    """
    pixels = as_image(image)
    down, across = _checked(shift, pixels.shape)
    recipe.shapes(pixels.shape)
    level = recipe.white_of(pixels) if white is None else white
    old, new = pixels, shift_picture(pixels, (down, across))
    field: Field = Reach(), Reach()
    real, arrived = Region.whole(pixels.shape), _arrived((down, across), pixels.shape)
    inside: tuple[Region | None, Region | None] = real, arrived
    found = []
    for number, stage in enumerate(recipe.chain):
        shape = old.shape
        field = field_after(stage, shape, field)
        inside = inside_after(stage, shape, inside[0]), inside_after(stage, shape, inside[1])
        old = recipe.run_stage(number, old, white=level, cancelled=cancelled)
        new = recipe.run_stage(number, new, white=level, cancelled=cancelled)
        jumps = field[0].jump, field[1].jump
        distance = None if jumps[0] is None or jumps[1] is None else (down / jumps[0], across / jumps[1])
        in_place = common(*inside) or Region.whole(old.shape)
        moved = _compared_moved(old, new, inside, distance, cancelled)
        unchanged = _compared(old, new, in_place, (0, 0), cancelled).share
        found.append(ShiftResult(stage.place, stage.name, distance, *moved, in_place, unchanged))
    return found


def shift_picture(image: npt.ArrayLike, shift: Pair) -> Array:
    """Return the picture moved down and to the right; what comes in is filled with the pixels of the edge.

    Raises
    ------
    TypeError, ValueError
        As `shifted`.
    """
    pixels = as_image(image)
    lines = [
        np.clip(np.arange(length) - distance, 0, length - 1)
        for length, distance in zip(pixels.shape, _checked(shift, pixels.shape), strict=False)
    ]
    moved: Array = pixels[lines[0]][:, lines[1]]
    return moved


def _checked(shift: object, shape: Shape) -> Pair:
    if not isinstance(shift, tuple | list | np.ndarray) or len(shift) != 2:
        raise ValueError(f"shift is {shift!r}, but must be a pair (y, x).")
    try:
        down, across = (whole_number("shift", each, 1 - length) for each, length in zip(shift, shape, strict=False))
    except ValueError:
        down, across = shape[:2]
    if down >= shape[0] or across >= shape[1]:
        raise ValueError(
            f"shift is {tuple(shift)}, but must be less than the picture of {shape[0]} × {shape[1]} (rows × columns)."
        )
    return down, across


def _arrived(shift: Pair, shape: Shape) -> Region:
    """Return where the shifted picture shows pixels of the picture."""
    (down, across), (height, width) = shift, shape[:2]
    return Region(max(down, 0), height + min(down, 0), max(across, 0), width + min(across, 0))


def _compared_moved(
    old: Array,
    new: Array,
    inside: tuple[Region | None, Region | None],
    distance: tuple[float, float] | None,
    cancelled: Callable[[], bool] | None,
) -> tuple[Region | None, bool, bool, float | None]:
    """Compare the new maps with the old ones moved; as in `ShiftResult`."""
    if distance is None or inside[0] is None or not (distance[0].is_integer() and distance[1].is_integer()):
        return None, False, False, None
    down, across = int(distance[0]), int(distance[1])
    start = inside[0]
    moved = Region(start.top + down, start.bottom + down, start.left + across, start.right + across)
    region = common(moved, inside[1])
    if region is None:
        return None, False, False, None
    found = _compared(old, new, region, (down, across), cancelled)
    rounding = _ROUNDINGS * float(np.finfo(new.dtype).eps) * found.scale
    return region, found.largest <= rounding, found.share == 1.0, found.largest


class _Comparison(msgspec.Struct, frozen=True):
    share: float
    """Of the values that are equal."""
    largest: float
    """The largest difference."""
    scale: float
    """The largest finite value."""


def _compared(old: Array, new: Array, region: Region, shift: Pair, cancelled: Callable[[], bool] | None) -> _Comparison:
    """Compare a region of the new maps with what lies, in the old ones, so far up and to the left."""
    count = equal = 0
    largest = scale = 0.0
    for part in _strips(region, new.shape):
        stop_if(cancelled)
        whole = Region.whole(new.shape)
        source = Region(part.top - shift[0], part.bottom - shift[0], part.left - shift[1], part.right - shift[1])
        a, b = source.cut(old, whole), part.cut(new, whole)
        with np.errstate(all="ignore"):
            is_equal = (a == b) | (np.isnan(a) & np.isnan(b))
            size = np.abs(b)
            scale = max(scale, float(size.max(initial=0.0, where=np.isfinite(size))))
            if not is_equal.all():
                apart = np.abs(a.astype(np.float64) - b)
                apart[np.isnan(apart)] = np.inf
                largest = max(largest, float(apart.max(initial=0.0, where=~is_equal)))
        count += is_equal.size
        equal += int(np.count_nonzero(is_equal))
    return _Comparison(equal / count, largest, scale)


def _strips(region: Region, shape: Shape) -> Iterator[Region]:
    rows = max(1, _STRIP // (region.shape[1] * (shape[2] if len(shape) == 3 else 1)))
    for top in range(region.top, region.bottom, rows):
        yield Region(top, min(top + rows, region.bottom), region.left, region.right)
