"""A piece of a batch's work, and the one function that does it, here, in a worker or on another machine."""

from __future__ import annotations

import hashlib
import os
import time
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.batch.settings import BatchSettings
from kernels.pictures import colour, display, writing
from kernels.pictures.picture import Picture, describe_bits
from kernels.pictures.reading import open_picture
from kernels.pictures.summary import Extent, extent_of
from kernels.recipe import Recipe

_KERNELS_PLACE = "stages[0].filter: "


class FileTask(msgspec.Struct, frozen=True, tag="file"):
    """A whole file: run the recipe on it, write the result there.

    Attributes
    ----------
    number : int
        Which of the batch's tasks this is.
    source, target : str
        Absolute paths.
    share : float
        Bytes that it may take at once.
    """

    number: int
    source: str
    target: str
    share: float


class Outcome(msgspec.Struct, frozen=True):
    """A result that was written.

    Attributes
    ----------
    width, height : int
    bits : str
        What was written, such as ``"8-bit grey"``.
    extremes : (float, float) or None
        The smallest and the largest finite value of the result.
    non_finite : int
        Pixels that are NaN or infinite.
    levels : (float, float) or None
        The values that became black and white; None where the numbers were written as they are.
    clipped : int
        Pixels beyond the levels.
    note : str
        What was left out of the file that was read, see `kernels.pictures.picture.Picture`.
    """

    width: int
    height: int
    bits: str
    extremes: tuple[float, float] | None
    non_finite: int
    levels: tuple[float, float] | None
    clipped: int
    note: str


class Mark(msgspec.Struct, frozen=True):
    """What a file is known by: its size in bytes, its time stamp in nanoseconds, and its SHA-256."""

    size: int
    modified: int
    hash: str

    def is_of(self, path: str | os.PathLike[str]) -> bool:
        """Return whether the file is there as it was; it is read only if its time stamp alone is another.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        try:
            now = os.stat(path)
        except FileNotFoundError:
            return False
        if now.st_size != self.size:
            return False
        return now.st_mtime_ns == self.modified or mark_of(path).hash == self.hash


def mark_of(path: str | os.PathLike[str]) -> Mark:
    """Return the mark of a file.

    Raises
    ------
    OSError
    """
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        return Mark(status.st_size, status.st_mtime_ns, hashlib.file_digest(file, "sha256").hexdigest())


class Report(msgspec.Struct, frozen=True, tag="report"):
    """What became of a task.

    Attributes
    ----------
    number : int
        The task's.
    outcome : Outcome or None
        None if it failed.
    error : str
        Why it failed, in one sentence; else empty.
    seconds : float
    source, target : Mark or None
        What was read and what was written.
    lacks_memory : bool
        It needs more than its share.
    """

    number: int
    outcome: Outcome | None = None
    error: str = ""
    seconds: float = 0.0
    source: Mark | None = None
    target: Mark | None = None
    lacks_memory: bool = False


def run_task(task: FileTask, settings: BatchSettings) -> Report:
    """Do a task. Whatever is wrong with its file becomes the report's sentence.

    A picture that opens only with a note fails: what would be written is not all that the file holds.
    """
    start = time.perf_counter()
    outcome, error, lacks_memory = None, "", False
    marks: list[Mark] = []
    memory.allow(task.share)
    try:
        picture = open_picture(task.source)
        if picture.note:
            raise ValueError(f"{picture.origin.name} opens only in part: {picture.note}.")
        marks.append(mark_of(task.source))
        os.makedirs(os.path.dirname(task.target), exist_ok=True)
        limit = None if settings.memory is None else task.share
        outcome = filter_picture(picture, task.target, settings, limit)
        marks.append(mark_of(task.target))
    except (ValueError, OSError, MemoryError) as problem:
        outcome, error = None, str(problem) or "There is not enough memory."
        lacks_memory = isinstance(problem, memory.Refused)
    except Exception as problem:
        outcome, error = None, f"internal fault: {type(problem).__name__}: {problem}"
    source, target = (*marks, None, None)[:2]
    return Report(task.number, outcome, error, time.perf_counter() - start, source, target, lacks_memory)


def filter_picture(picture: Picture, target: str, settings: BatchSettings, limit: float | None = None) -> Outcome:
    """Run the recipe on one channel of a picture, or all, and write the result.

    Parameters
    ----------
    picture : Picture
    target : str
        The file to write; its suffix says how.
    settings : BatchSettings
    limit : float, optional
        Bytes that result and stages may take.

    Raises
    ------
    ValueError, OSError, MemoryError
        In one sentence; there is no file then, or the older one.
    """
    mode = settings.range
    writing.check_target(target, settings.suffixes, [picture.origin.path])
    recipe = _recipe(msgspec.msgpack.encode(settings.recipe))
    file_range = colour.channel_range(picture, settings.channel)
    image = colour.extract(picture, settings.channel)
    result = _result(recipe, image, file_range[1], limit)
    extent = extent_of(result)
    levels, clipped = None, 0
    if mode == "raw":
        writing.write_raw(target, result, white=file_range[1])
        bits = describe_bits(result)
    else:
        levels = display.levels(extent, mode, file_range, tolerance=_tolerance(recipe, image))
        clipped = 0 if _lies_within(extent, levels) else sum(display.clipped(result, levels, mode))
        bits = _write_levels(target, result, levels, settings)
    height, width = result.shape[:2]
    return Outcome(width, height, bits, extent.extremes, extent.non_finite, levels, clipped, picture.note)


@lru_cache(maxsize=1)
def _recipe(data: bytes) -> Recipe:
    """Return the recipe, which is read once for all tasks of a batch."""
    return Recipe.from_dict(msgspec.msgpack.decode(data))


def _result(recipe: Recipe, image: NDArray[Any], white: float, limit: float | None) -> NDArray[Any]:
    """Run the recipe, having checked that a file can hold what it gives."""
    try:
        height, width, *maps = [image.shape, *recipe.shapes(image.shape)][-1]
        if maps and maps[0] not in (1, 3):
            raise ValueError(
                f"the recipe gives {maps[0]} maps, but a file holds 1 or 3; add a stage that puts them together, such "
                f"as magnitude, or pointwise."
            )
        # The result, its rendering, and room to encode it.
        memory.require(3.0 * height * width * (maps[0] if maps else 1) * 4, f"A result of {width} × {height}")
        result = recipe.output(image, white=white, memory_limit=limit)
    except ValueError as error:
        # Whoever gave a kernel knows nothing of stages.
        raise ValueError(str(error).removeprefix(_KERNELS_PLACE if recipe.only_filter else "")) from None
    return result[:, :, 0] if result.ndim == 3 and result.shape[2] == 1 else result


def _tolerance(recipe: Recipe, image: NDArray[Any]) -> float:
    """Return the span up to which differences in the result mean nothing."""
    if recipe.only_filter is None:
        return 0.0
    kernel, options = recipe.only_filter
    return display.error_bound(image, kernel, options.border_reach)


def _lies_within(extent: Extent, levels: tuple[float, float]) -> bool:
    """Return whether there is nothing to clip, so that nothing need be counted."""
    return extent.extremes is None or (levels[0] <= extent.extremes[0] and extent.extremes[1] <= levels[1])


def _write_levels(target: str, result: NDArray[Any], levels: tuple[float, float], settings: BatchSettings) -> str:
    """Write the result between two levels, and return the bits of what was written."""
    if settings.bits == 16:
        writing.write_16_bit(target, np.abs(result) if settings.range == "abs" else result, levels)
        return describe_bits(np.empty_like(result[:1, :1], np.uint16))
    painted = display.render(result, levels, settings.range)
    writing.write_shown(target, painted)
    return describe_bits(painted)
