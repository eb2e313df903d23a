"""Reading picture files: what a file is, whether it may be opened, and what to say when it may not.

A file is known by its first bytes, whatever its name ends in. Size and frames are read before anything is decoded.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from kernels import memory, resources
from kernels.errors import Cancelled, quoted, shown
from kernels.files import check_working_folder
from kernels.pictures.formats.common import Declared, Decoded, Reading
from kernels.pictures.picture import Origin, Picture, PictureError, usual_white
from kernels.pictures.suffixes import FORMATS, is_zarr

if TYPE_CHECKING:
    from kernels.pictures.windows.rows import RowsFile

_SIGNATURES = (
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("gif", 0, b"GIF87a"),
    ("gif", 0, b"GIF89a"),
    ("tiff", 0, b"II*\0"),
    ("tiff", 0, b"MM\0*"),
    ("tiff", 0, b"II+\0"),
    ("tiff", 0, b"MM\0+"),
    ("webp", 8, b"WEBP"),
    ("npy", 0, b"\x93NUMPY"),
    ("bmp", 0, b"BM"),
)
_OTHERS = (
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"8BPS", "a Photoshop document"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyphei", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIC picture"),
    (4, b"ftyp", "a video"),
    (0, b"<svg", "an SVG drawing"),
    (0, b"P7\n", "a PAM picture"),
    (0, b"Pf\n", "a PFM picture"),
    (0, b"PF\n", "a PFM picture"),
)


def read_picture(
    path: str | os.PathLike[str],
    *,
    content: bytes | None = None,
    cancelled: Callable[[], bool] | None = None,
    declared: Callable[[Declared], None] | None = None,
) -> Picture:
    """Read a picture file.

    PNG, JPEG, TIFF, WebP, BMP, GIF, PBM, PGM, PPM and ``.npy``, known by their content. The numbers are those of the
    file; a palette is looked up, opacity is kept apart, EXIF orientation is applied. Of several pages or frames the
    first is read and `Picture.note` says so.

    Parameters
    ----------
    path : str or path
    content : bytes, optional
        Of the file, if it has been read already and is not empty.
    cancelled : callable, optional
        Asked between the steps; True ends the reading.
    declared : callable, optional
        Told how large the picture is before it is decoded; what it raises ends the reading.

    Returns
    -------
    Picture

    Raises
    ------
    PictureError
        The file cannot be read or is no picture; one sentence with its name.
    MemoryError
        Decoding would take more than half of the free memory.
    kernels.errors.Cancelled
        `cancelled` returned True.
    """
    with _opened(path, content, cancelled, declared) as (file, reading, stream), stream:
        decoded = _decode(stream, reading)
    name = reading.name
    white = usual_white(decoded.pixels) if decoded.white is None else decoded.white
    origin = Origin("file", file, name)
    try:
        return Picture(decoded.pixels, white, decoded.alpha, origin, decoded.note, decoded.bits)
    except PictureError as error:
        raise PictureError(f"{name} cannot be opened. {error}") from error


def open_rows(path: str | os.PathLike[str]) -> RowsFile:
    """Open a picture file to read it some rows at a time.

    Raises
    ------
    kernels.pictures.windows.rows.NotByRows
        It can only be read as a whole; the sentence has a command that converts it.
    PictureError
        As `read_picture`.
    """
    if os.path.isdir(path) and is_zarr(path):
        from kernels.pictures.windows.zarr import ZarrRows

        return ZarrRows(path)
    with _opened(path) as (file, reading, stream):
        try:
            found = _rows_of(stream, reading)
        except BaseException:
            stream.close()
            raise
    found.path = file
    return found


def _rows_of(stream: BinaryIO, reading: Reading) -> RowsFile:
    kind = _kind(stream.read(64), reading)
    try:
        if kind == "tiff":
            from kernels.pictures.windows.tiff import TiffRows

            return TiffRows(stream, reading)
        if kind == "npy":
            from kernels.pictures.windows.npy import NpyRows

            return NpyRows(stream, reading)
    except (PictureError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise reading.incomplete() from error
    from kernels.pictures.windows.rows import NotByRows

    raise NotByRows(
        f"{reading.name} can only be read as a whole; vips copy {reading.name} OUT.tif[tile,bigtiff] makes a file that "
        "can be read by parts."
    )


class _Size(PictureError):
    """How large a picture is."""


def declared_size(path: str | os.PathLike[str]) -> Declared:
    """Return how large the picture in a file is, and what reading and filtering it takes at most.

    Raises
    ------
    PictureError
        The file cannot be read or is no picture.
    """

    def tell(declared: Declared) -> NoReturn:
        raise _Size(declared)

    try:
        read_picture(path, declared=tell)
    except _Size as found:
        size: Declared = found.args[0]
        return size
    raise AssertionError("every decoder asks before it decodes")


@contextmanager
def _opened(
    path: str | os.PathLike[str],
    content: bytes | None = None,
    cancelled: Callable[[], bool] | None = None,
    declared: Callable[[Declared], None] | None = None,
) -> Iterator[tuple[str, Reading, BinaryIO]]:
    """Open a regular file, or its content; what goes wrong with it becomes one sentence."""
    text = os.fspath(path)
    is_absolute = os.path.isabs(text) and os.path.normpath(text) == text
    name = shown(os.path.basename(text if is_absolute else Path(text)) or text)
    try:
        check_working_folder(text)
        file = text if is_absolute else str(Path(text).absolute())
        if content is None:
            reading = Reading(name, _checked_size(file, name), cancelled, declared)
            yield file, reading, _Bounded(io.FileIO(file), reading.size)
        else:
            yield file, Reading(name, len(content), cancelled, declared), io.BytesIO(content)
    except OSError as error:
        raise PictureError(_reason(error, name)) from error
    except (PictureError, memory.Refused, Cancelled):
        raise
    except MemoryError as error:
        raise MemoryError(f"There is not enough memory to open {name}.") from error
    except ValueError as error:
        # A path with a null character never reaches the file system.
        raise PictureError(f"{quoted(text)} is not a valid file name.") from error


def open_sample(name: str) -> Picture:
    """Open a picture that comes with the program.

    Raises
    ------
    PictureError
        No sample has this name (near ones are suggested).
    """
    try:
        sample = resources.sample(name)
    except ValueError as error:
        raise PictureError(str(error)) from None
    if sample.file is not None:
        picture = read_picture(resources.asset("images", sample.file))
        origin = Origin("sample", picture.origin.path, name)
        return Picture(picture.pixels, picture.white, picture.alpha, origin, picture.note, picture.bits)
    from kernels.pictures import synthetic

    white = synthetic.WHITE_LEVELS.get(name, 255.0)
    return Picture(synthetic.MAKERS[name](), white, origin=Origin("sample", None, name))


def open_picture(
    name: str | os.PathLike[str],
    *,
    content: bytes | None = None,
    cancelled: Callable[[], bool] | None = None,
    declared: Callable[[Declared], None] | None = None,
) -> Picture:
    """Open a file, or a sample by its name; a file of that name wins.

    Parameters
    ----------
    name : str or path
    content : bytes, optional
        As in `read_picture`.
    cancelled : callable, optional
        Asked between the steps of reading; True ends it with `kernels.errors.Cancelled`.
    declared : callable, optional
        As in `read_picture`; nobody asks about samples.

    Raises
    ------
    PictureError
        Neither a readable picture nor a sample.
    MemoryError
        It would take more than half of the free memory.
    """
    text = os.fspath(name)
    if content is None:
        known = resources.sample_names()
        if text in known and not Path(text).is_file():
            return open_sample(text)
        is_word = bool(text) and os.path.basename(text) == text and "." not in text and "\0" not in text
        if isinstance(name, str) and is_word and not os.path.lexists(text):
            near = resources.suggestion(text, known)
            raise PictureError(f"There is no file and no sample called {quoted(text)}.{near}")
    return read_picture(name, content=content, cancelled=cancelled, declared=declared)


_AT_ONCE = 1 << 20
"""Bytes of a file up to which it is read at once: Pillow asks for it in small pieces."""


class _Bounded(io.BufferedReader):
    """A file that is never asked for more than it has.

    Libraries pass on lengths that stand in the file, and Python makes room for all of it before it reads.
    """

    def __init__(self, raw: io.FileIO, size: int) -> None:
        super().__init__(raw)
        self._length = size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes, or all that are left."""
        if size is None or size < 0:
            return super().read(size)
        return super().read(min(size, max(0, self._length - self.tell())))


def _checked_size(file: str, name: str) -> int:
    """Return the size of a regular file that is not empty."""
    status = os.stat(file)
    if stat.S_ISDIR(status.st_mode):
        raise PictureError(f"{name} is a folder, not a picture.")
    if not stat.S_ISREG(status.st_mode):
        raise PictureError(f"{name} is not a regular file.")
    if status.st_size == 0:
        raise PictureError(f"{name} is empty.")
    return status.st_size


def _decode(stream: BinaryIO, reading: Reading) -> Decoded:
    """Decode by content; whatever a library says about bad data becomes one sentence."""
    kind = _kind(stream.read(64), reading)
    reading.check()
    try:
        if kind == "tiff":
            from kernels.pictures.formats import tiff

            return tiff.decode(stream, reading)
        if kind == "npy":
            from kernels.pictures.formats import numpy_array

            return numpy_array.decode(stream, reading)
        if kind == "netpbm":
            from kernels.pictures.formats import netpbm

            return netpbm.decode(stream, reading)
        from kernels.pictures.formats import raster

        if reading.size <= _AT_ONCE and not isinstance(stream, io.BytesIO):
            stream.seek(0)
            stream = io.BytesIO(stream.read())
        return raster.decode(stream, kind, reading)
    except (PictureError, MemoryError, Cancelled):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise reading.incomplete() from error


def _kind(head: bytes, reading: Reading) -> str:
    """Return the format that the first bytes of a file announce."""
    for kind, start, signature in _SIGNATURES:
        if head[start : start + len(signature)] == signature:
            return kind
    if len(head) > 2 and head[:1] == b"P" and head[1:2] in b"123456" and (head[2:3].isspace() or head[2:3] == b"#"):
        return "netpbm"
    for start, signature, what in _OTHERS:
        if head[start : start + len(signature)] == signature:
            raise PictureError(f"{reading.name} is {what}, which cannot be opened as a picture; save it as PNG first.")
    if _is_text(head):
        raise PictureError(f"{reading.name} holds text, not a picture.")
    known = ", ".join(title for title, _ in FORMATS)
    raise PictureError(f"{reading.name} is not a picture in a known format ({known}).")


def _is_text(head: bytes) -> bool:
    """Return whether the bytes read as text, a character cut in two at their end allowed."""
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="ignore")
    lost = len(head) - len(text.encode("utf-8"))
    return lost <= 6 and all(character.isprintable() or character in "\t\r\n\f" for character in text)


def _reason(error: OSError, name: str) -> str:
    """Return why a file cannot be read, in one sentence."""
    if error.strerror is None:
        return str(error)
    if isinstance(error, FileNotFoundError):
        return f"There is no file {name}."
    if isinstance(error, PermissionError):
        return f"{name} may not be read: permission denied."
    if isinstance(error, IsADirectoryError):
        return f"{name} is a folder, not a picture."
    return f"{name} cannot be read: {(error.strerror or str(error)).rstrip('.')}."
