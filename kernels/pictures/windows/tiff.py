"""Rows of a TIFF or BigTIFF: from its tiles or strips, or from the bare rows of one that is not compressed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from kernels.pictures.formats import tiff, tiff_directory, tiff_segments
from kernels.pictures.formats.common import Array, Reading
from kernels.pictures.formats.declared import of_many
from kernels.pictures.windows.rows import LARGEST_PIECE, NotByRows, Pieces, RowsFile

_REDUCED = 1
"""The bit of NewSubfileType that says that a page is a smaller copy of another one."""


class TiffRows(RowsFile):
    """The first page of a TIFF, or a smaller copy of that, `page`, in the same file."""

    def __init__(self, stream: BinaryIO, reading: Reading, page: Any = None) -> None:
        import tifffile

        self.name, self._stream, self._reading = reading.name, stream, reading
        pages, _ = tiff_directory.scan(stream, reading)
        stream.seek(0)
        self._file = tifffile.TiffFile(stream) if page is None else page.parent
        self._page: Any = page or self._file.pages.first
        self._height, self._width = tiff.size_of(self._page, reading)
        self._segments = tiff_segments.Segments(self._page, reading)
        tiff.check_data(self._page, self._segments, int(self._page.compression), reading)
        self._compression = int(self._page.compression)
        self._unpack = tiff_segments.unpacker_of(self._page)
        self._is_bare = self._rows_are_bare()
        self._check()
        self._pieces = Pieces(self._unpacked)
        probe, extra = self._pixels(self._raw(0, 1))
        self.shape, self.dtype = (self._height, *probe.shape[1:]), probe.dtype
        self.white = tiff.white_of(self._page, probe)
        self.note = ", ".join(filter(None, (of_many("page", pages), extra)))

    def read(self, top: int, bottom: int) -> Array:
        return np.ascontiguousarray(self._pixels(self._raw(top, bottom))[0])

    def _copies(self) -> Iterator[RowsFile]:
        others = (page for page in self._file.pages[1:] if page.aspage().subfiletype & _REDUCED)
        for page in (*(self._page.pages or ()), *others):
            copy = TiffRows(self._stream, self._reading, page.aspage())
            copy.path = self.path
            yield copy

    def close(self) -> None:
        self._file.close()
        self._stream.close()

    def _rows_are_bare(self) -> bool:
        """Whether the rows of a strip stand in the file as they are in memory."""
        page, is_plain = self._page, self._compression == tiff_segments.NONE and not self._segments.is_tiled
        return is_plain and page.predictor == 1 and page.fillorder == 1 and page.bitspersample in (8, 16, 32, 64)

    def _check(self) -> None:
        page, name = self._page, self.name
        orientation = page.tags.get(tiff.ORIENTATION)
        if orientation is not None and int(orientation.value) != 1:
            raise NotByRows(
                f"{name} is stored turned or mirrored; vips autorot IN OUT.tif[tile,bigtiff] sets it upright."
            )
        if page.photometric not in tiff.READABLE:
            raise NotByRows(
                f"{name} keeps its colours in another form than rows can be taken from; {_convert(name)} converts it."
            )
        size = self._segments.size * -(-self._width // self._segments.columns)
        size *= max(1, int(page.shaped[0]))
        if not self._is_bare and size > LARGEST_PIECE:
            raise NotByRows(
                f"{name} is compressed in pieces of {size / 1e6:,.0f} MB, too large to be read one by one; "
                f"{_convert(name)} makes tiles of it."
            )

    def _pixels(self, array: Array) -> tuple[Array, str]:
        pixels, _, note = tiff.channels_of(tiff.arranged(array, self._page), self._page, self._reading)
        return pixels, note

    def _raw(self, top: int, bottom: int) -> Array:
        """Return rows as tifffile shapes them: (samples apart, 1, rows, W, samples together)."""
        apart, _, _, width, together = self._page.shaped
        result: Array = np.zeros((apart, 1, bottom - top, width, together), self._page._dtype)
        step = self._segments.rows
        for number in range(top // step, -(-bottom // step)):
            first, last = max(top, number * step), min(bottom, (number + 1) * step)
            if self._is_bare:
                self._read_bare(number, first, last, result[:, 0, first - top : last - top])
            else:
                rows = self._pieces(number)
                result[:, :, first - top : last - top] = rows[:, :, first - number * step : last - number * step]
        return result

    def _read_bare(self, number: int, first: int, last: int, into: Array) -> None:
        page, size = self._page, self._segments.bytes_of(1)
        stored = into.dtype.newbyteorder(page.parent.byteorder)
        for apart in range(len(into)):
            index = apart * self._segments.down + number
            if page.databytecounts[index] == 0 or page.dataoffsets[index] == 0:
                continue
            self._stream.seek(page.dataoffsets[index] + (first - number * self._segments.rows) * size)
            data = self._stream.read((last - first) * size)
            if len(data) < (last - first) * size:
                raise self._reading.missing_rows()
            into[apart] = np.frombuffer(data, stored).reshape(into.shape[1:])

    def _unpacked(self, number: int) -> Array:
        """Return a whole row of tiles, or a strip."""
        segments, page = self._segments, self._page
        apart, _, _, width, together = page.shaped
        rows: Array = np.zeros((apart, 1, segments.rows, width, together), page._dtype)
        for plane in range(apart):
            for column in range(segments.across):
                index = (plane * segments.down + number) * segments.across + column
                if page.databytecounts[index] == 0 or page.dataoffsets[index] == 0:
                    continue
                decoded, left, shape = self._decoded(index)
                target = rows[plane, :, : shape[1], left : left + shape[2]]
                target[...] = decoded[: target.shape[0], : target.shape[1], : target.shape[2]]
        return rows

    def _decoded(self, index: int) -> tuple[Array, int, tuple[int, ...]]:
        page = self._page
        if self._unpack is not None:
            decoded, place, shape = tiff_segments.decoded_segment(
                self._stream, page, self._segments, index, self._unpack, self._reading
            )
            return decoded, place[3], shape
        self._stream.seek(page.dataoffsets[index])
        data = self._stream.read(page.databytecounts[index])
        try:
            decoded, place, shape = page.decode(data, index, jpegtables=page.jpegtables, jpegheader=page.jpegheader)
        except MemoryError:
            raise
        except Exception as error:  # each codec has errors of its own
            if not tiff.lacks_codec(error):
                raise self._reading.incomplete() from error
            method = tiff.compression_name(self._compression)
            raise NotByRows(
                f"{self.name} is compressed by a method that is not known here ({method}); the package imagecodecs "
                f"knows more, or {_convert(self.name)} converts it."
            ) from error
        return decoded, place[3], shape


def _convert(name: str) -> str:
    return f"vips copy {name} OUT.tif[tile,bigtiff]"
