"""The one function that does a piece of a batch's work, here, in a worker or on another machine."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.batch.marks import mark_of, marked
from kernels.batch.messages import FileTask, Outcome, Report
from kernels.batch.painting import Found
from kernels.batch.settings import BatchSettings
from kernels.errors import shown
from kernels.pictures import colour, display, writing
from kernels.pictures.formats.common import Declared
from kernels.pictures.picture import MAXIMUM_PIXELS, Picture, PictureError, describe_bits
from kernels.pictures.reading import declared_size, open_picture, open_rows
from kernels.pictures.suffixes import is_zarr
from kernels.pictures.summary import Extent, extent_of
from kernels.pictures.windows.rows import HeldRows, NotByRows, RowsFile
from kernels.recipe import Recipe

if TYPE_CHECKING:
    from kernels.batch.bands import BandTask
    from kernels.batch.pool import Scheduler

_KERNELS_PLACE = "stages[0].filter: "
_RESULT_BYTES = 8.0
"""Of a number that is computed, and once more as it is written."""


def run_task(task: FileTask | BandTask, settings: BatchSettings, crew: Scheduler | None = None) -> Report:
    """Do a task. Whatever is wrong with its file becomes the report's sentence.

    A picture that opens only with a note fails: what would be written is not all that the file holds. `crew` is whoever
    computes the bands of a file that is filtered by parts, if others do.
    """
    start = time.perf_counter()
    outcome, error, lacks_memory = None, "", False
    source = target = None
    try:
        if isinstance(task, FileTask):
            if crew is None:
                memory.allow(task.share)
            folder = os.path.dirname(task.target)
            if not os.path.isdir(folder):
                os.makedirs(folder, exist_ok=True)
            writing.refuse_input(task.target, task.source)
            source, content = marked(task.source)
            outcome, written = _filter(task.source, task.target, settings, task.share, content, crew, task)
            target = mark_of(task.target, written)
        else:
            from kernels.batch.bands import run_band

            outcome = run_band(task, settings)
    except _ToSplit:
        return Report(task.number, is_to_split=True)
    except (ValueError, OSError, MemoryError) as problem:
        outcome, error = None, str(problem) or "There is not enough memory."
        lacks_memory = isinstance(problem, memory.Refused)
    except Exception as problem:  # a fault of the program fails one file, not the batch, which others wait for
        outcome, error = None, f"internal fault: {type(problem).__name__}: {problem}"
    return Report(task.number, outcome, error, time.perf_counter() - start, source, target, lacks_memory)


def filter_file(source: str, target: str, settings: BatchSettings, room: float) -> Outcome:
    """Run the recipe on a picture file: at once where there is room for picture and result, else band by band.

    Parameters
    ----------
    source, target : str
        The file, or the name of a sample, and the file to write.
    settings : BatchSettings
    room : float
        Bytes that may be used, beside what this process holds already.

    Raises
    ------
    ValueError, OSError, MemoryError
        In one sentence; there is no file then, or the older one.
    """
    writing.check_target(target, settings.suffixes, [source])
    return _filter(source, target, settings, room).outcome


class Written(NamedTuple):
    """A result that was written, and all that is in its file, where that was made as a whole."""

    outcome: Outcome
    content: memoryview | None = None


def _filter(
    source: str,
    target: str,
    settings: BatchSettings,
    room: float,
    content: bytes | None = None,
    crew: Scheduler | None = None,
    task: FileTask | None = None,
) -> Written:
    """Do what `filter_file` does, after its checks; as a task of a batch it refuses what opens only with a note."""
    is_folder = is_zarr(target) or (not content and os.path.isdir(source))
    if not is_folder:
        with contextlib.suppress(_TooLarge):
            check = partial(_check_size, settings=settings, room=room)
            picture = open_picture(source, content=content or None, declared=check)
            _check_note(picture.origin.name, picture.note, task)
            return filter_picture(picture, target, settings)
    from kernels.batch.bands import can_be_shared, filter_by_bands

    rows, held = _rows_of(source, room)
    with rows:
        _check_note(rows.name, rows.note, task)
        is_large = not is_folder or math.prod(rows.shape) * (rows.dtype.itemsize + _RESULT_BYTES) > room
        is_shared = is_large and can_be_shared(rows, target)
        if task is not None and task.may_split and is_shared and crew is None:
            raise _ToSplit
        return Written(filter_by_bands(rows, target, settings, room - held, crew if is_shared else None))


def _check_note(name: str, note: str, task: FileTask | None) -> None:
    if note and task is not None:
        raise ValueError(f"{name} opens only in part: {note}.")


class _ToSplit(Exception):
    """A file whose bands others are to help with."""


class _TooLarge(PictureError):
    """A picture that is to be filtered by parts."""


def _check_size(declared: Declared, settings: BatchSettings, room: float) -> None:
    """Raise `_TooLarge` unless there is room for a file's picture and the result together."""
    size = declared.height, declared.width
    is_grey = declared.channels == 1 or settings.channel != "rgb"
    values = _values(settings.stages, size)
    if not is_grey:
        values = max(values, _values(settings.stages, (*size, 3)))
    # A channel that is not all of them is a picture of its own; what is painted is held twice more while it is encoded.
    own = 0.0 if settings.channel == "rgb" else 8.0 * math.prod(size)
    each = declared.result_bytes + (0.0 if settings.range == "raw" else 3.5)
    if (
        declared.height * declared.width > MAXIMUM_PIXELS
        or max(declared.held, declared.kept + own + each * values) > room
    ):
        raise _TooLarge


def _rows_of(source: str, room: float) -> tuple[RowsFile, float]:
    """Return a file that gives its rows, or its picture if there is room for that, and the bytes that this holds."""
    if not os.path.exists(source):
        return HeldRows(open_picture(source)), 0.0
    try:
        return open_rows(source), 0.0
    except NotByRows as error:
        declared = declared_size(source)
        if declared.held <= room:
            return HeldRows(open_picture(source)), declared.kept
        pixels = declared.height * declared.width
        count = f"{pixels / 1e6:,.0f} megapixels" if pixels >= 1e6 else f"{pixels:,} pixels"
        raise memory.Refused(
            f"{shown(os.path.basename(source))} is {declared.width} × {declared.height}, {count}, and opening it "
            f"needs about {memory.readable(declared.held)} of memory, more than the "
            f"{memory.readable(max(0.0, room))} that are left of what is allowed. {error}"
        ) from None


def _values(recipe: Recipe, shape: tuple[int, ...]) -> int:
    """Return how many numbers a result has, 0 if the recipe cannot take such a picture."""
    try:
        return math.prod([shape, *recipe.shapes(shape)][-1])
    except ValueError:
        return 0


class Filtered(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A result before it is written.

    Attributes
    ----------
    array : ndarray
        (H, W) or (H, W, 3).
    file_range : (float, float)
        Black and white of what was filtered.
    range : str
        How numbers become levels, one of `kernels.batch.settings.RANGES`.
    tolerance : float
        The span up to which differences mean nothing.
    """

    array: NDArray[Any]
    file_range: display.Levels
    range: str
    tolerance: float

    @cached_property
    def extent(self) -> Extent:
        """How far the values reach."""
        return extent_of(self.array)

    @cached_property
    def levels(self) -> display.Levels | None:
        """The values that become black and white; None where the numbers are written as they are."""
        if self.range == "raw":
            return None
        known = display.file_levels(self.range, self.file_range)
        return known or display.levels(self.extent, self.range, self.file_range, tolerance=self.tolerance)


def filtered(picture: Picture, settings: BatchSettings, cancelled: Callable[[], bool] | None = None) -> Filtered:
    """Run the recipe on one channel of a picture, or all.

    Parameters
    ----------
    picture : Picture
    settings : BatchSettings
    cancelled : callable, optional
        Asked now and then; `kernels.errors.Cancelled` is raised once it is true.

    Raises
    ------
    ValueError, MemoryError
        In one sentence.
    """
    recipe = settings.stages
    file_range = colour.channel_range(picture, settings.channel)
    image = colour.extract(picture, settings.channel)
    result = _result(recipe, image, file_range[1], cancelled)
    tolerance = _tolerance(recipe, image) if settings.range in ("minmax", "signed") else 0.0
    return Filtered(result, file_range, settings.range, tolerance)


def filter_picture(picture: Picture, target: str, settings: BatchSettings) -> Written:
    """Run the recipe on one channel of a picture, or all, and write the result.

    Parameters
    ----------
    picture : Picture
    target : str
        The file to write; its suffix says how.
    settings : BatchSettings

    Returns
    -------
    Written

    Raises
    ------
    ValueError, OSError, MemoryError
        In one sentence; there is no file then, or the older one.
    """
    result = filtered(picture, settings)
    array, levels, content = result.array, result.levels, None
    if levels is None:
        writing.write_raw(target, array, white=result.file_range[1])
        bits, found = describe_bits(array), Found.of(array)
    else:
        bits, extent, content = _write_levels(target, result, levels, settings)
        found = Found.between(levels, settings.range, array, extent)
    height, width = array.shape[:2]
    extremes, bad, clipped = found.extremes, found.non_finite, found.clipped
    return Written(Outcome(width, height, bits, extremes, bad, levels, clipped, picture.note), content)


def written_shape(recipe: Recipe, image_shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of what is written, (H, W) or (H, W, 3); ValueError if no file can hold the result."""
    try:
        shape = [image_shape, *recipe.shapes(image_shape)][-1]
        if shape[2:] not in ((), (1,), (3,)):
            raise ValueError(
                f"the recipe gives {shape[2]} maps, but a file holds 1 or 3; add a stage that puts them together, such "
                f"as magnitude, or pointwise."
            )
    except ValueError as error:
        # Whoever gave a kernel knows nothing of stages.
        raise ValueError(str(error).removeprefix(_KERNELS_PLACE if recipe.only_filter else "")) from None
    return shape[:2] if shape[2:] == (1,) else shape


def _result(recipe: Recipe, image: NDArray[Any], white: float, cancelled: Callable[[], bool] | None) -> NDArray[Any]:
    """Run the recipe, having checked that a file can hold what it gives."""
    shape = written_shape(recipe, image.shape)
    # The result, its rendering, and room to encode it.
    memory.require(3.0 * math.prod(shape) * 4, f"A result of {shape[1]} × {shape[0]}")
    return recipe.output(image, white=white, cancelled=cancelled).reshape(shape)


def _tolerance(recipe: Recipe, image: NDArray[Any]) -> float:
    """Return the span up to which differences in the result mean nothing."""
    if recipe.only_filter is None:
        return 0.0
    kernel, options = recipe.only_filter
    return display.error_bound(image, kernel, options.border_reach)


def _write_levels(
    target: str, result: Filtered, levels: display.Levels, settings: BatchSettings
) -> tuple[str, Extent, memoryview | None]:
    """Write a result between two levels; return its bits, how far the values reach, and what was written."""
    array = result.array
    if settings.bits == 16:
        writing.write_16_bit(target, np.abs(array) if settings.range == "abs" else array, levels)
        return describe_bits(np.empty_like(array[:1, :1], np.uint16)), result.extent, None
    painted, extent = display.render_and_look(array, levels, settings.range)
    return describe_bits(painted), extent, writing.write_shown(target, painted)
