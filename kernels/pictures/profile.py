"""Values along a line: which pixels it passes, and what they hold."""

from __future__ import annotations

import csv
import io
import math
import os
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.arguments import pair_inside
from kernels.errors import refuse_mask
from kernels.files import write_bytes
from kernels.filtering.geometry import Geometry, Pair
from kernels.pictures.writing import check_target

Array = NDArray[Any]

PROFILE_SUFFIXES = (".csv",)


class Profile(msgspec.Struct, frozen=True, eq=False):
    """The pixels under a line, in the order in which it passes them; the arrays are read-only.

    Attributes
    ----------
    positions : ndarray of int64, (n, 2)
        (y, x) in the array that the values are from.
    distances : ndarray of float64, (n,)
        Pixels from the start of the line to the place of each on it.
    values : ndarray, (n,) or (n, C)
        As the array holds them, in its dtype.
    """

    positions: NDArray[np.int64]
    distances: NDArray[np.float64]
    values: Array

    def __post_init__(self) -> None:
        for each in (self.positions, self.distances, self.values):
            each.setflags(write=False)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels; empty when there is one only."""
        if self.values.ndim == 1 or self.values.shape[1] == 1:
            return ()
        count = self.values.shape[1]
        return ("R", "G", "B") if count == 3 else tuple(str(number + 1) for number in range(count))


def profile(array: Array, start: Pair, end: Pair) -> Profile:
    """Return the values along a line from one pixel to another, both included.

    One pixel for each step along the line's longer axis, the one nearest to the line; halfway between two, the one
    farther from the start. Nothing is interpolated: every value is one of the array.

    Parameters
    ----------
    array : ndarray, (H, W) or (H, W, C)
        Any real dtype; it is not modified.
    start, end : (int, int)
        (y, x), inside the array.

    Returns
    -------
    Profile

    Raises
    ------
    TypeError, ValueError
        If the array is none of the two, or a position is not a pixel of it.

    References
    ----------
    J. E. Bresenham (1965), "Algorithm for computer control of a digital plotter".

    Examples
    --------
    >>> profile(np.array([[1, 2, 3], [4, 5, 6]]), (0, 0), (1, 2)).values
    array([1, 5, 6])
    """
    refuse_mask("array", array)
    if array.ndim not in (2, 3) or array.size == 0:
        raise ValueError(
            f"array has the shape {array.shape}, but must be (height, width) or (height, width, channels)."
        )
    ends = (("start", start), ("end", end))
    first, last = (pair_inside(name, place, "(y, x)", array.shape, "the array") for name, place in ends)
    positions, distances = _line(first, last)
    return Profile(positions, distances, array[positions[:, 0], positions[:, 1]])


def output_profile(line: Profile, output: Array, windows: Geometry) -> Profile:
    """Return what a filter made along a line on its picture, as far as there is output.

    Parameters
    ----------
    line : Profile
        Of the picture.
    output : ndarray, (H', W') or (H', W', C)
        The filter's output.
    windows : Geometry
        Where the filter's windows stand.

    Returns
    -------
    Profile
        For each position of `line` the output pixel whose window's anchor is nearest to it, with the distance of that
        position; positions past the edge of the output are left out. With a stride several in a row have one output
        pixel, as they have one on screen.

    Raises
    ------
    ValueError
        If the output has not the size that the windows give.
    """
    if output.shape[:2] != windows.output_shape:
        raise ValueError(f"output has the shape {output.shape}, but its windows give {windows.output_shape}.")
    found = [windows.to_output(int(y), int(x)) for y, x in line.positions]
    here = np.array([place is not None for place in found])
    positions = np.array([place for place in found if place is not None], np.int64).reshape(-1, 2)
    return Profile(positions, line.distances[here], output[positions[:, 0], positions[:, 1]])


def write_profile(path: str | os.PathLike[str], source: Profile, result: Profile | None = None) -> None:
    """Write a profile as a CSV file, whole or not at all.

    A row for each position of the line, with the columns ``distance``, ``y``, ``x``, ``input`` and ``output``; with
    channels ``input R``, ``input G`` and so on. Numbers are the shortest that read back as the same ones in the
    array's dtype, ``nan`` and ``inf`` where they are not finite; an output is empty where there is none.

    Parameters
    ----------
    path : path
        ``.csv``.
    source : Profile
        Of the picture; positions and distances are its own.
    result : Profile, optional
        Of the output, as `output_profile` gives it.

    Raises
    ------
    PictureError
        The suffix is another one.
    OSError
        The file cannot be written; one plain sentence.
    """
    check_target(path, PROFILE_SUFFIXES)
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    parts = {"input": source} if result is None else {"input": source, "output": result}
    table.writerow(["distance", "y", "x", *(name for part, each in parts.items() for name in _columns(part, each))])
    cells = [dict(zip(each.distances.tolist(), _rows(each), strict=True)) for each in parts.values()]
    empty = [[""] * len(_columns("", each)) for each in parts.values()]
    for distance, (y, x) in zip(source.distances.tolist(), source.positions.tolist(), strict=True):
        values = [cell for rows, none in zip(cells, empty, strict=True) for cell in rows.get(distance, none)]
        table.writerow([distance, y, x, *values])
    write_bytes(path, text.getvalue().encode("ascii"))


def _line(start: Pair, end: Pair) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the pixels (n, 2) that stand nearest to a line, and their distances along it."""
    across = [end[axis] - start[axis] for axis in (0, 1)]
    steps = max(abs(across[0]), abs(across[1]))
    step = np.arange(steps + 1, dtype=np.int64)
    if steps == 0:
        return np.array([start], np.int64), np.zeros(1)
    # Rounded halves away from the start, in whole numbers.
    moved = [np.sign(way) * ((2 * abs(way) * step + steps) // (2 * steps)) for way in across]
    positions = np.stack([start[axis] + moved[axis] for axis in (0, 1)], axis=1)
    return positions.astype(np.int64), np.asarray(step * (math.hypot(*across) / steps), np.float64)


def _columns(part: str, of: Profile) -> list[str]:
    return [f"{part} {channel}" for channel in of.channels] or [part]


def _rows(of: Profile) -> list[list[str]]:
    """Return the numbers of each row as text."""
    values = of.values.reshape(len(of.values), -1)
    # NumPy's own text of a number is the shortest that its dtype reads back.
    return [[str(value) for value in row] for row in values]
