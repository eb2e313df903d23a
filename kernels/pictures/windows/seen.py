"""Pictures that are only looked at by windows: a file larger than the memory, and what a kernel makes of it."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from kernels import memory
from kernels.errors import stop_if
from kernels.filtering.border import Border, source_index
from kernels.filtering.geometry import Pair, SlidingOptions, geometry
from kernels.filtering.operands import HasDtype, output_dtype, run_over
from kernels.filtering.provenance import pixels_at
from kernels.filtering.tracing import Trace, take_apart
from kernels.kernel import Kernel
from kernels.pictures.picture import MAXIMUM_PIXELS, Origin, Picture, PictureError
from kernels.pictures.reading import declared_size, open_picture, open_rows
from kernels.pictures.reduction import reduced
from kernels.pictures.windows.rows import Channel, NotByRows, RowsFile, white_of
from kernels.recipe import Recipe

Array = npt.NDArray[Any]

_PIECE = 1 << 24
"""Bytes of a picture that are looked at together."""


class Windowed:
    """An array of which only windows are ever there: some pixels at a time, or many of them averaged to few.

    Attributes
    ----------
    shape : tuple of int
        (H, W) or (H, W, C).
    dtype : dtype
    name : str
        What to call it.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    name: str
    _overview: tuple[int, Array] | None = None

    @property
    def ndim(self) -> int:
        """Axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise self._refusal()

    def __len__(self) -> int:
        raise self._refusal()  # who asks goes through all rows

    def _refusal(self) -> PictureError:
        return PictureError(
            f"{self.name} is larger than the memory takes: it is shown by parts, and this needs all of it. “Filter a "
            "folder” and the command line filter it as a whole; “Open the middle of the picture” opens a part."
        )

    def __getitem__(self, key: Any) -> Any:
        """Return pixels as an array would: rows and columns are numbers or slices without steps."""
        keys = key if isinstance(key, tuple) else (key,)
        ranges = [_range(each, side) for each, side in zip((*keys, slice(None)), self.shape[:2], strict=False)]
        window = self.window(ranges[0], ranges[1])
        return window[tuple(0 if isinstance(each, int | np.integer) else slice(None) for each in keys[:2])]

    @property
    def nbytes(self) -> int:
        """Bytes that are held."""
        return 0 if self._overview is None else self._overview[1].nbytes

    def overview(self, halvings: int, cancelled: Callable[[], bool] | None = None) -> Array:
        """Return all of it as `part` does, and keep that."""
        if self._overview is None or self._overview[0] != halvings:
            height, width = self.shape[:2]
            self._overview = halvings, self.part((0, height), (0, width), halvings, cancelled)
        return self._overview[1]

    def window(self, rows: Pair, columns: Pair) -> Array:
        """Return the pixels from the first to before the last row and column."""
        raise NotImplementedError

    def part(self, rows: Pair, columns: Pair, halvings: int, cancelled: Callable[[], bool] | None = None) -> Array:
        """Return a window with half its rows and columns, and half of these, `halvings` times.

        Raises
        ------
        kernels.errors.Cancelled
        """
        raise NotImplementedError


class SharedRows(RowsFile):
    """A file of rows that several threads may read."""

    def __init__(self, file: RowsFile, lock: threading.Lock) -> None:
        self.path, self.name, self.note = file.path, file.name, file.note
        self.shape, self.dtype, self.white = file.shape, file.dtype, file.white
        self._file, self._lock = file, lock

    def read(self, top: int, bottom: int) -> Array:
        with self._lock:
            return self._file.read(top, bottom)


class FileWindows(Windowed):
    """The pixels of a file; levels are smaller copies that it holds, the largest first, itself included."""

    def __init__(self, levels: list[RowsFile]) -> None:
        self._opened = levels[0]
        lock = threading.Lock()  # they may be parts of one file
        self.levels: list[RowsFile] = [SharedRows(file, lock) for file in levels]
        self.file = self.levels[0]
        self.shape, self.dtype, self.name = self.file.shape, self.file.dtype, self.file.name

    def __del__(self) -> None:
        self._opened.close()

    def window(self, rows: Pair, columns: Pair) -> Array:
        (top, bottom), (begin, end) = rows, columns
        found: Array = np.empty((bottom - top, end - begin, *self.shape[2:]), self.dtype)
        together = max(1, _PIECE // _row_bytes(self.file))
        for first in range(top, bottom, together):
            last = min(first + together, bottom)
            found[first - top : last - top] = self.file.read(first, last)[:, begin:end]
        return found

    def part(self, rows: Pair, columns: Pair, halvings: int, cancelled: Callable[[], bool] | None = None) -> Array:
        if halvings == 0:
            return self.window(rows, columns)
        file, left = self._level(halvings)
        step = 2 ** (halvings - left)
        (top, bottom), (begin, end) = (
            (first // step, min(-(-last // step), side))
            for (first, last), side in zip((rows, columns), file.shape[:2], strict=True)
        )
        cell = 2**left
        together = max(1, _PIECE // (_row_bytes(file) * cell)) * cell
        pieces = []
        for first in range(top, bottom, together):
            stop_if(cancelled)
            piece = file.read(first, min(first + together, bottom))[:, begin:end]
            size = tuple(-(-side // cell) for side in piece.shape[:2])
            pieces.append(reduced(piece, *size) if left else piece)
        return np.concatenate(pieces)

    def _level(self, halvings: int) -> tuple[RowsFile, int]:
        """Return the smallest copy that has enough pixels, and how many times it is still to be halved."""
        for file in reversed(self.levels):
            done = round(math.log2(self.shape[1] / file.shape[1]))
            if done <= halvings:
                return file, halvings - done
        return self.file, halvings


class FilteredWindows(Windowed):
    """What a kernel makes of a file; of what is looked at from afar, one window in so many is computed.

    Parameters
    ----------
    picture : Picture
        Whose pixels are `FileWindows`.
    channel : str
    kernel : Kernel
    options : SlidingOptions
    """

    def __init__(self, picture: Picture, channel: str, kernel: Kernel, options: SlidingOptions) -> None:
        self._file = source = cast(FileWindows, picture.pixels)  # which closes its file when it goes
        self._source = Channel(source.file, channel, picture.white)
        self._kernel, self._options = kernel, options
        self.geometry = geometry(source.shape[:2], kernel.shape, options)
        self.file_range = self._source.range
        probe = run_over(np.zeros((1, 1, *self._source.shape[2:]), self._source.dtype), kernel)
        colours = probe.shape[2:] if kernel.channels is None else ()
        self.shape = (*self.geometry.output_shape, *colours)
        self.dtype, self.name = output_dtype(cast(HasDtype, self._source)), source.name

    def window(self, rows: Pair, columns: Pair) -> Array:
        return self._computed(rows, columns, 1, None)

    def part(self, rows: Pair, columns: Pair, halvings: int, cancelled: Callable[[], bool] | None = None) -> Array:
        return self._computed(rows, columns, 2**halvings, cancelled)

    def traces(self, position: Pair) -> tuple[Trace, ...]:
        """Take one output pixel apart, as `kernels.filtering.tracing.take_apart` does: a trace for each channel."""
        rows, columns = self.geometry.window(*position)
        pixels, origins = self._pixels(rows, columns)
        block = run_over(pixels, self._kernel)
        here = replace(self._options, padding="valid", stride=1, dilation=1)
        shape = self._source.shape[:2]
        outside = [(taps < 0) | (taps >= side) for taps, side in zip((rows, columns), shape, strict=True)]
        beyond = outside[0][:, np.newaxis] | outside[1]
        return tuple(
            replace(take_apart(block, self._kernel, (0, 0), here, channel), position=position, origins=origins,
                    outside=beyond)
            for channel in (range(block.shape[2]) if len(self.shape) == 3 else (None,))
        )  # fmt: skip

    def _computed(self, rows: Pair, columns: Pair, step: int, cancelled: Callable[[], bool] | None) -> Array:
        """Return every `step`-th output, some rows of them at a time."""
        lines, spacing = self._taps(0, rows, step)
        places, across = self._taps(1, columns, step)
        options = replace(self._options, padding="valid", stride=(spacing[0], across[0]),
                          dilation=(spacing[1], across[1]))  # fmt: skip
        recipe, high = Recipe.of_filter(self._kernel, options), self._kernel.shape[0]
        count = -(-(rows[1] - rows[0]) // step)
        width = 8 * math.prod(self._source.shape[1:])
        together = max(1, _PIECE // (width * spacing[0]))
        found = []
        for first in range(0, count, together):
            stop_if(cancelled)
            last = min(first + together, count)
            seen = lines[first * spacing[0] : (last - 1) * spacing[0] + spacing[1] * (high - 1) + 1]
            found.append(recipe.output(run_over(self._pixels(seen, places)[0], self._kernel)))
        return np.concatenate(found)

    def _taps(self, axis: int, wanted: Pair, step: int) -> tuple[npt.NDArray[np.int64], Pair]:
        """Return the lines of the picture under the windows of every `step`-th output, with stride and dilation there.

        Where windows lie apart, only the lines under their taps are taken, one window after the other.
        """
        windows, size = self.geometry, self._kernel.shape[axis]
        stride, dilation, before = windows.stride[axis], windows.dilation[axis], windows.before[axis]
        starts = np.arange(wanted[0], wanted[1], step, dtype=np.int64) * stride - before
        if stride * step >= size:
            taps = starts[:, np.newaxis] + np.arange(size) * dilation
            return taps.reshape(-1), (size, 1)
        end = int(starts[-1]) + dilation * (size - 1) + 1
        return np.arange(int(starts[0]), end, dtype=np.int64), (stride * step, dilation)

    def _pixels(
        self, lines: npt.NDArray[np.int64], places: npt.NDArray[np.int64]
    ) -> tuple[Array, npt.NDArray[np.int64]]:
        """Return the pixels where lines and places cross, virtual ones too, and where each was read."""
        border = cast(Border, self._options.border)
        real = np.unique(source_index(lines, self._source.shape[0], border))
        held = self._source.some(real[real >= 0] if (real >= 0).any() else np.zeros(1, np.int64))
        values, origins = pixels_at(cast(Array, held), lines, places, border, self._options.border_value)
        return values.astype(self.dtype), origins


def _row_bytes(file: RowsFile) -> int:
    return max(1, math.prod(file.shape[1:]) * file.dtype.itemsize)


def _range(key: Any, side: int) -> Pair:
    if isinstance(key, slice):
        start, stop, _step = key.indices(side)
        return start, stop
    return int(key), int(key) + 1


def open_for_view(path: str | os.PathLike[str], *, cancelled: Callable[[], bool] | None = None) -> Picture:
    """Open a picture file: as a whole where it fits into the memory, else to be looked at by windows.

    Parameters
    ----------
    path : str or path
    cancelled : callable, optional
        As in `open_picture`.

    Returns
    -------
    Picture
        Whose pixels are an array, or `FileWindows`.

    Raises
    ------
    PictureError, MemoryError
        As `open_picture`; a file that neither fits nor can be read by windows is refused as too large.
    """
    if not os.path.isdir(path) and not _is_too_large(path):
        return open_picture(path, cancelled=cancelled)
    try:
        file = open_rows(path)
    except NotByRows as error:
        declared = declared_size(path)
        raise NotByRows(
            f"{os.path.basename(path)} is {declared.width} × {declared.height}, too large to be opened. {error}"
        ) from None
    windows = FileWindows([file, *file.smaller()])
    origin = Origin("file", os.path.abspath(path), file.name)
    return Picture(cast(Array, windows), white_of(windows.file, cancelled), origin=origin, note=file.note)


def _is_too_large(path: str | os.PathLike[str]) -> bool:
    declared = declared_size(path)
    free = memory.available() * memory.LARGEST_SHARE
    return declared.height * declared.width > MAXIMUM_PIXELS or declared.held > free
