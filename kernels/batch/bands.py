"""Pictures larger than the memory: band by band of whole rows, read where they stand and written where they belong.

The numbers are those of the whole picture, bit for bit, see `kernels.recipe.strips`: what depends on all of it is found
first and travels with every band.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.batch.messages import Outcome
from kernels.batch.painting import Found, Painting
from kernels.batch.settings import BatchSettings
from kernels.batch.tasks import written_shape
from kernels.errors import shown
from kernels.files import write_whole
from kernels.filtering.backends.facts import needs_values
from kernels.pictures import display
from kernels.pictures.picture import PictureError, describe_bits
from kernels.pictures.reading import open_rows
from kernels.pictures.suffixes import ZARR, is_zarr
from kernels.pictures.summary import finite_range
from kernels.pictures.windows import targets
from kernels.pictures.windows.rows import Channel, HeldRows, RowsFile, white_of
from kernels.pictures.windows.targets import Layout
from kernels.pictures.windows.zarr import ZarrPart, write_zarr
from kernels.recipe.course import Course, decide

if TYPE_CHECKING:
    from kernels.batch.pool import Scheduler

Array = NDArray[Any]
Put = Callable[[int, Array], None]
"""Takes a row's number and the rows from there on to where they belong."""

_IN_PLACE = (".npy", ".tif", ".tiff", ZARR)
_BY_ROWS = (".png", *_IN_PLACE)
_BAND = 1 << 26
"""Bytes of a band, its part of the picture and of the result, where there is room for it."""
_TICK = 0.1
"""Seconds from one look at what workers report to the next."""
_AT_ONCE = 6
"""Bands' worth of memory that are in use: one is read and one is written while one is computed."""


class BandTask(msgspec.Struct, frozen=True, tag="band"):
    """Some rows of a result: run the recipe on the rows of a file that they look at, write them there.

    Attributes
    ----------
    number : int
        Which of the tasks this is.
    source, target : str
        Absolute paths; the target is the part file or folder that is being written, empty where the rows are only
        looked at.
    share : float
        Bytes that it may take at once.
    white : float
        Of the picture.
    course : Course
    painting : Painting
    layout : Layout or None
        None of an OME-Zarr, which knows it itself.
    top, bottom : int
        The rows of the result.
    """

    number: int
    source: str
    target: str
    share: float
    white: float
    course: Course
    painting: Painting
    layout: Layout | None
    top: int
    bottom: int


class Bands:
    """A file's picture and the recipe that runs over it, band by band.

    Parameters
    ----------
    settings : BatchSettings
    channel : Channel
    course : Course
    room : float
        Bytes that may be used.
    """

    def __init__(self, settings: BatchSettings, channel: Channel, course: Course, room: float) -> None:
        self.channel, self.course = channel, course
        self.recipe = settings.stages
        self.shape = written_shape(self.recipe, channel.shape)
        self.strips = course.strips(self.recipe)
        # Of a filter that is alone the buffers are small; other stages hold what they give each other.
        self._work = 0.0 if self.strips.method else self.strips.held
        self.room, self.step = room, self._step(room)

    def ends(self, top: int = 0, bottom: int | None = None) -> Iterator[tuple[int, int]]:
        """Yield the bands of some rows of the result, or of all."""
        return _ends(top, self.strips.shape[0] if bottom is None else bottom, self.step)

    def shared_ends(self, multiple: int) -> Iterator[tuple[int, int]]:
        """Yield the rows of the result that each of several works on, a multiple of so many."""
        return _ends(0, self.strips.shape[0], max(multiple, self.step // multiple * multiple))

    def computed(self, ends: Iterator[tuple[int, int]]) -> Iterator[tuple[int, Array]]:
        """Yield the first row of each band, and its rows; the next band is read meanwhile."""
        from concurrent.futures import Future, ThreadPoolExecutor  # loaded when it is needed: most files are small

        with ThreadPoolExecutor(1) as reader:
            coming: Future[Any] | None = None
            waiting: tuple[int, int] | None = None
            for band in (*ends, None):
                following = None if band is None else reader.submit(self._source, *band)
                if waiting is not None and coming is not None:
                    yield waiting[0], self._result(coming.result(), *waiting)
                waiting, coming = band, following

    def found(self, ends: Iterator[tuple[int, int]]) -> Found:
        """Return what bands hold; nothing is written."""
        found = Found()
        for _, rows in self.computed(ends):
            found = found.joined(Found.of(rows))
        return found

    def write(self, painting: Painting, put: Put, ends: Iterator[tuple[int, int]]) -> Found:
        """Compute bands and write them; one is written while the next is computed."""
        from concurrent.futures import Future, ThreadPoolExecutor

        found = Found()

        def finish(top: int, rows: Array) -> Found:
            painted, part = painting(rows)
            put(top, painted)
            return part

        with ThreadPoolExecutor(1) as writer:
            going: Future[Found] | None = None
            for top, rows in self.computed(ends):
                if going is not None:
                    found = found.joined(going.result())
                going = writer.submit(finish, top, rows)
            assert going is not None
            return found.joined(going.result())

    def outcome(self, painting: Painting, found: Found, height: int) -> Outcome:
        """Return what is said about so many rows that were written."""
        shape, dtype = painting.kind(self.shape, self.strips.dtype)
        bits, note = describe_bits(np.empty((0,) * len(shape), dtype)), self.channel.file.note
        ends, bad = found.extremes, found.non_finite
        return Outcome(shape[1], height, bits, ends, bad, painting.levels, found.clipped, note, self.course)

    def _source(self, top: int, bottom: int) -> Any:
        return self.channel.some(self.strips.lines(top, bottom))

    def _result(self, source: Any, top: int, bottom: int) -> Array:
        rows = np.empty((bottom - top, *self.strips.shape[1:]), self.strips.dtype)
        self.strips.compute(source, top, bottom, rows)
        return rows.reshape(bottom - top, *self.shape[1:])

    def _step(self, room: float) -> int:
        """Return how many rows a band has; those of a strip at least."""
        height, least = self.strips.shape[0], min(self.strips.rows, self.strips.shape[0])
        needed = self._cost(least) * _AT_ONCE + self._work
        if needed > room:
            raise memory.Refused(
                f"A strip of {self.channel.file.name} needs about {memory.readable(needed)} of memory, more than the "
                f"{memory.readable(max(0.0, room))} that are left of what is allowed."
            )
        rows, most = height, min(_BAND, (room - self._work) / _AT_ONCE)
        while rows > least and self._cost(rows) > most:
            rows = (rows + 1) // 2
        return max(least, rows // least * least)

    def _cost(self, rows: int) -> float:
        """Return the bytes of a band: what it is made from, as read and as extracted, and its result.

        A band in the middle looks at most rows, unless a border continues the picture with its other end.
        """
        last = self.strips.shape[0] - rows
        lines = max(len(self.strips.lines(top, top + rows)) for top in (0, last // 2, last))
        file, made = self.channel.file, int(np.prod(self.strips.shape[1:])) * (self.strips.dtype.itemsize + 3)
        read = int(np.prod(file.shape[1:])) * file.dtype.itemsize
        own = int(np.prod(self.channel.shape[1:])) * self.channel.dtype.itemsize
        return float(lines * (read + own) + rows * made)


def _ends(top: int, bottom: int, step: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + step, bottom)) for first in range(top, bottom, step))


def filter_by_bands(
    file: RowsFile, target: str, settings: BatchSettings, room: float, crew: Scheduler | None = None
) -> Outcome:
    """Run the recipe on a picture file band by band, and write the result, which is whole or not there.

    Parameters
    ----------
    file : RowsFile
    target : str
    settings : BatchSettings
    room : float
        Bytes that may be used, by each of those that work on it.
    crew : Scheduler, optional
        Whoever computes the bands, several at a time, where these `can_be_shared`; otherwise this process does.

    Raises
    ------
    ValueError, OSError, MemoryError
        In one sentence.
    """
    suffix = Path(target).suffix.lower()
    if suffix not in _BY_ROWS:
        raise PictureError(
            f"{file.name} is filtered by parts for want of memory, and {suffix[1:].upper()} can only be written as a "
            f"whole; {shown(Path(target).stem)}.tif, .png or .npy can be written by parts."
        )
    channel, course = decided(file, settings)
    bands = Bands(settings, channel, course, room)
    painting = _painting(bands, settings, crew)
    found = _write(bands, target, painting, crew)
    if painting.levels is not None and painting.bits == 8 and found.non_finite and len(bands.shape) == 2:
        painting = msgspec.structs.replace(painting, has_colours=True)
        found = _write(bands, target, painting, crew)
    return bands.outcome(painting, found, bands.shape[0])


def can_be_shared(file: RowsFile, target: str) -> bool:
    """Return whether others can compute bands of a file and write them where they belong."""
    return not isinstance(file, HeldRows) and Path(target).suffix.lower() in _IN_PLACE


def decided(file: RowsFile, settings: BatchSettings) -> tuple[Channel, Course]:
    """Decide how the recipe runs over a channel of a file, whoever computes which rows: passes over it, if need be."""
    recipe = settings.stages
    channel = Channel(file, settings.channel, white_of(file))
    written_shape(recipe, channel.shape)
    is_levelled = settings.range in ("minmax", "signed") and recipe.only_filter is not None
    if needs_values(channel.dtype) or is_levelled:
        ends = [end for part in channel.passes() for end in finite_range(part) or ()]
        channel.largest = max(map(abs, ends), default=0.0)
    return channel, decide(recipe, channel, white=channel.range[1], largest=channel.largest)


def run_band(task: BandTask, settings: BatchSettings) -> Outcome:
    """Compute and write the rows of a task, in any order and beside others."""
    with open_rows(task.source) as file:
        channel = Channel(file, settings.channel, task.white, task.course.largest)
        bands = Bands(settings, channel, task.course, task.share)
        ends, height = bands.ends(task.top, task.bottom), task.bottom - task.top
        if not task.target:
            return bands.outcome(task.painting, bands.found(ends), height)
        with _opened(task.target, task.layout) as put:
            found = bands.write(task.painting, put, ends)
        return bands.outcome(task.painting, found, height)


def _painting(bands: Bands, settings: BatchSettings, crew: Scheduler | None) -> Painting:
    """Return how the result is written; the levels of ``minmax`` and ``signed`` take a pass."""
    found, tolerance, mode = Found(), 0.0, settings.range
    plain = Painting(mode, settings.bits, None, False)
    if mode == "raw":
        return plain
    if mode in ("minmax", "signed"):
        found = bands.found(bands.ends()) if crew is None else _together(bands, crew, plain)
        if bands.recipe.only_filter is not None:
            kernel, options = bands.recipe.only_filter
            probe = np.empty((0, 0), bands.channel.dtype)
            tolerance = display.error_bound(probe, kernel, options.border_reach, largest=bands.channel.largest)
    levels = display.levels(found, mode, bands.channel.range, tolerance=tolerance)
    is_grey = len(bands.shape) == 2
    return Painting(mode, settings.bits, levels, settings.bits == 8 and is_grey and found.non_finite > 0)


def _together(
    bands: Bands,
    crew: Scheduler,
    painting: Painting,
    part: str = "",
    layout: Layout | None = None,
    multiple: int = 1,
) -> Found:
    """Have others compute the bands, and write them into the same file if there is one."""
    channel, found = bands.channel, Found()
    same = channel.file.path, part, bands.room, channel.white, bands.course, painting, layout
    tasks = (BandTask(number, *same, *ends) for number, ends in enumerate(bands.shared_ends(multiple)))
    waiting, pending = next(tasks, None), 0
    while waiting is not None or pending:
        while waiting is not None and crew.room > 0:
            crew.submit(waiting)
            waiting, pending = next(tasks, None), pending + 1
        for report in crew.reports(_TICK):
            if report.outcome is None:
                raise PictureError(report.error)
            made, pending = report.outcome, pending - 1
            found = found.joined(Found(made.extremes, made.non_finite, made.clipped))
    return found


@contextmanager
def _opened(part: str, layout: Layout | None) -> Iterator[Put]:
    """Open what is being written, others meanwhile, to put rows where they stand in it."""
    if layout is None:
        yield ZarrPart(part)
    else:
        with open(part, "r+b", buffering=0) as file:
            yield partial(layout.put, file.fileno())


def _write(bands: Bands, target: str, painting: Painting, crew: Scheduler | None) -> Found:
    """Write all of the result into a file."""
    shape, dtype = painting.kind(bands.shape, bands.strips.dtype)
    suffix = Path(target).suffix.lower()
    found: list[Found] = []

    def fill(part: str, multiple: int, layout: Layout | None = None) -> None:
        if crew is not None:
            found.append(_together(bands, crew, painting, os.path.abspath(part), layout, multiple))
            return
        with _opened(part, layout) as put:
            found.append(bands.write(painting, put, bands.ends()))

    def write(file: BinaryIO) -> None:
        if suffix == ".png":
            stream = targets.PngStream(file, shape, dtype, Path(target).name)
            found.append(bands.write(painting, lambda top, rows: stream.put(rows), bands.ends()))
            return
        white = bands.channel.range[1] if painting.levels is None else None
        is_npy = suffix == ".npy"
        layout = targets.begin_npy(file, shape, dtype) if is_npy else targets.begin_tiff(file, shape, dtype, white)
        fill(file.name, 1 if layout.tile is None else layout.tile[0], layout)

    if is_zarr(target):
        write_zarr(target, shape, dtype, fill)
    else:
        write_whole(target, write, by_name=True)
    return found[0]
