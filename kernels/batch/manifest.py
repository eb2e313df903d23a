"""What a batch has done, as lines of JSON that are only ever added to: it may end at any moment, and go on later.

A line says with which settings the batch began, which file it is about to do, or what became of one. The last line
about a file counts; one that was cut short or damaged is passed over.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from kernels import __version__, compiled
from kernels.batch.folders import Found
from kernels.batch.marks import Mark, marked
from kernels.batch.messages import Outcome, Report
from kernels.batch.settings import BatchSettings
from kernels.errors import shown
from kernels.part_files import lock_alone

NAME = ".kernelscope-batch.jsonl"
"""The file in the target folder."""

_VERSION = 1


def program() -> str:
    """Return what this program is known by: two that differ in it may differ in the last bits of their results."""
    return __version__ + ("" if compiled.core is not None else " without its compiled core")


class Begun(msgspec.Struct, frozen=True, tag="begun"):
    """A file whose turn has come; whatever its target holds from now on is the batch's own."""

    source: str
    target: str


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """What became of a file: paths below the two folders, what was read, and what the target holds."""

    source: str
    target: str
    status: Literal["done", "failed"]
    read: Mark | None
    written: Mark | None
    outcome: Outcome | None
    error: str
    seconds: float


class Header(msgspec.Struct, frozen=True, tag="batch"):
    """With what a batch began."""

    version: int
    program: str
    source: str
    settings: BatchSettings

    def difference(self, other: Header) -> str:
        """Return what another header has that this one has not, in words; empty if the results are the same."""
        if self.version != other.version:
            return f"version {other.version} of the manifest"
        if self.program != other.program:
            return f"Kernelscope {other.program}"
        if self.source != other.source:
            return f"the source {shown(other.source)}"
        for name in ("recipe", "channel", "range", "format"):
            mine, others = getattr(self.settings, name), getattr(other.settings, name)
            if mine != others:
                return "another recipe" if name == "recipe" else f"the {name} {others or 'of each file'}"
        return ""


_Line = Header | Begun | Ended
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Line)


class Manifest:
    """The manifest of a target folder, open for adding to; nobody else writes there meanwhile.

    Parameters
    ----------
    folder : Path
        The target.
    source : Path
    settings : BatchSettings
    force : bool
        Whether to begin although the folder holds the results of other settings.

    Raises
    ------
    ValueError
        The folder holds the results of other settings, or another batch is writing into it.
    OSError
    """

    def __init__(self, folder: Path, source: Path, settings: BatchSettings, force: bool = False) -> None:
        self._folder = str(folder)
        self._force = force
        path = folder / NAME
        # Unbuffered: what did not fit on the disk must not be tried again behind our back.
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115  # both stay open as long as the batch
        self._reader = open(path, "rb")  # noqa: SIM115
        try:
            if not lock_alone(self._file):
                raise ValueError(f"Another batch is writing to {shown(folder)}; wait for it, or choose another target.")
            # The last line about each target that counts, by its place in the file.
            self._lines: dict[str, int] = {}
            self._begin = 0
            last = self._read()
            header = Header(_VERSION, program(), str(source), settings)
            if last is None and self._end and not force:
                raise ValueError(f"{shown(path)} does not say with what it began; --force begins anew.")
            if last is not None and not force and (other := header.difference(last)):
                raise ValueError(f"{shown(folder)} holds results of {other}; --force or another target begins anew.")
            if last is None or header.difference(last):
                self._begin = self._end
                self._add([header])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Bring everything to the disk, and let others write."""
        with self._reader, self._file, contextlib.suppress(OSError):
            os.fsync(self._file.fileno())

    def kept(self, source: str, target: str, path: str) -> Ended | None:
        """Return what was done for a file whose input and result are both as they were then; None if it is to be done.

        Raises
        ------
        ValueError
            The target is there and is not the batch's own.
        OSError
        """
        place = self._lines.get(target)
        line = None if place is None else self._line_at(place)
        result = os.path.join(self._folder, target)
        if not os.path.lexists(result):
            return None
        written = line.written if isinstance(line, Ended) else None
        if written is not None and written.size > 0 and os.lstat(result).st_size == 0:
            return None  # the power was cut before the result reached the disk
        is_ours = isinstance(line, Begun) or (written is not None and written.is_of(result))
        if not is_ours and not self._force:
            since = "was there before" if written is None else "has been changed since it was written"
            raise ValueError(f"{shown(target)} {since}; --force replaces it.")
        if isinstance(line, Ended) and is_ours and place is not None and place >= self._begin:
            is_same = line.source == source and line.read is not None and line.read.is_of(path)
            return line if is_same and line.status == "done" else None
        return None

    def begin(self, files: Sequence[Found]) -> None:
        """Note that the turn of files has come.

        Raises
        ------
        OSError
            Nothing was noted.
        """
        self._add([Begun(found.source, found.target) for found in files])

    def end(self, reports: Sequence[tuple[Found, Report]]) -> None:
        """Note what became of files.

        Raises
        ------
        OSError
            Nothing was noted.
        """
        self._add([self._ended(found, report) for found, report in reports])

    def _ended(self, found: Found, report: Report) -> Ended:
        written = report.target
        if written is None:
            # An older result, or one whose writer did not live to tell.
            written, _ = marked(os.path.join(self._folder, found.target))
        status: Literal["done", "failed"] = "failed" if report.error else "done"
        outcome, error, seconds = report.outcome, report.error, report.seconds
        return Ended(found.source, found.target, status, report.source, written, outcome, error, seconds)

    def _read(self) -> Header | None:
        """Read all lines and return the last header."""
        header, place, content = None, 0, b"\n"
        for content in self._reader:
            line = _decoded(content)
            if isinstance(line, Header):
                header, self._begin = line, place
            elif line is not None:
                self._lines[line.target] = place
            place += len(content)
        self._end, self._is_torn = place, not content.endswith(b"\n")
        return header

    def _line_at(self, place: int) -> _Line | None:
        self._reader.seek(place)
        return _decoded(self._reader.readline())

    def _add(self, lines: Sequence[_Line]) -> None:
        """Write lines, all at once; after a failure the file is as it was."""
        if not lines:
            return
        # A line that was cut short by the end of an older process is ended first.
        written = [b"\n" * self._is_torn, *(_ENCODER.encode(line) + b"\n" for line in lines)]
        content = b"".join(written)
        try:
            if self._file.write(content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            os.ftruncate(self._file.fileno(), self._end)
            raise OSError(f"There is no room left for the batch's own list ({error.strerror}).") from error
        place = self._end + self._is_torn
        for line, text in zip(lines, written[1:], strict=True):
            if not isinstance(line, Header):
                self._lines[line.target] = place
            place += len(text)
        self._end, self._is_torn = place, False


def _decoded(content: bytes) -> _Line | None:
    try:
        line: _Line = _DECODER.decode(content)
    except (ValueError, RecursionError):
        return None
    return line
