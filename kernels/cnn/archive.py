"""A zip archive of a JSON header and float32 arrays: what `numpy.load` calls .npz, read without trusting it.

Nothing in such a file is run, and nothing is read beyond what its header justifies: the header is checked before any
array is, and an array's shape before its numbers are read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.layers import Shape
from kernels.errors import shown
from kernels.files import read_bytes, write_whole
from kernels.npy import read_array, read_header

HEADER = "header.json"
LARGEST_HEADER = 1 << 20
LARGEST_ARRAYS = 1 << 28
"""Bytes of all arrays together; far more than a network that NumPy can run."""
LARGEST_FILE = LARGEST_ARRAYS + (1 << 24)

LARGEST_DIRECTORY = 1 << 20
"""Bytes of the list of members at the archive's end; that of a network with 300 arrays has 20,000."""

_PREAMBLE = 4096
_LONGEST_END = 22 + (1 << 16)
_NUMBERS = np.dtype("<f4")

Header = TypeVar("Header", bound=msgspec.Struct)
Arrays = Mapping[str, NDArray[np.float32]]


def write(path: Path, header: msgspec.Struct, arrays: Arrays) -> None:
    """Write an archive, whole or not at all; the same content gives the same bytes.

    Raises
    ------
    ValueError
        If a number is not finite.
    OSError
        If the disk is full or the place forbidden; an older file is left as it was.
    """
    refuse_infinite(path, arrays)

    def fill(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            # A ZipInfo by itself has a fixed date.
            archive.writestr(zipfile.ZipInfo(HEADER), msgspec.json.format(msgspec.json.encode(header), indent=1))
            for name, array in arrays.items():
                content = io.BytesIO()
                np.lib.format.write_array(content, np.ascontiguousarray(array, _NUMBERS), allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue())

    write_whole(path, fill)


def read(
    path: Path, kind: type[Header], expected: Callable[[Header], Mapping[str, Shape]]
) -> tuple[Header, dict[str, NDArray[np.float32]]]:
    """Read an archive.

    Parameters
    ----------
    kind : msgspec Struct
        What the header must be.
    expected : callable
        Names and shapes of the arrays that belong to a header; ValueError if it makes no sense.

    Raises
    ------
    OSError
        If the file is not there or cannot be read.
    ValueError
        In one sentence: no archive, no or a wrong header, or arrays that are missing, surplus, of another shape or
        type, or not finite.
    """
    content = read_bytes(path, LARGEST_FILE, "weights file")
    try:
        _check_directory(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            header = _read_header(archive, kind)
            shapes = expected(header)
            check_size(shapes)
            check_names(archive.namelist(), [HEADER, *(f"{name}.npy" for name in shapes)])
            return header, {name: _read_array(archive, name, shape) for name, shape in shapes.items()}
    except ValueError as error:
        raise ValueError(f"{shown(path)} is not a weights file of this program: {shown(str(error), 300)}") from None
    except MemoryError:
        raise
    except Exception as error:
        # Whatever zipfile meets in damaged data, an encrypted member, or a field that makes no sense.
        reason = shown(str(error)) or type(error).__name__
        raise ValueError(f"{shown(path)} is not a weights file: no .npz archive, or a damaged one ({reason})") from None


def _check_directory(content: bytes) -> None:
    """Refuse a directory of more members than any network has, before an object is made of each."""
    end = content.rfind(b"PK\5\6", max(0, len(content) - _LONGEST_END))
    if end < 0:
        raise zipfile.BadZipFile("it has no directory")
    size = int.from_bytes(content[end + 12 : end + 16], "little")
    if size > LARGEST_DIRECTORY or content[max(0, end - 20) : end].startswith(b"PK\6\7"):
        raise ValueError("it has many times more members than a network has arrays")


def _read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # The other methods take memory as the file says; NumPy writes neither.
        raise ValueError(f"{name} is packed by a method other than deflate")
    with archive.open(name) as member:
        content = member.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"{name} is longer than it may be ({limit:,} bytes)")
    return content


def _read_header(archive: zipfile.ZipFile, kind: type[Header]) -> Header:
    if HEADER not in archive.namelist():
        raise ValueError(f"{HEADER} is missing")
    try:
        return msgspec.json.decode(_read_member(archive, HEADER, LARGEST_HEADER), type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f"{HEADER} is wrong: {shown(str(error))}") from None


def check_size(shapes: Mapping[str, Shape]) -> None:
    """Refuse a header that asks for more than a network has; ValueError."""
    if 4 * sum(map(prod, shapes.values())) > LARGEST_ARRAYS:
        raise ValueError(f"its header asks for more than {LARGEST_ARRAYS:,} bytes of weights")


def check_names(found: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse arrays that are missing, surplus or there twice; ValueError."""
    if missing := sorted(set(wanted) - set(found)):
        raise ValueError(f"{_few(missing)} missing")
    if surplus := sorted(set(found) - set(wanted)):
        raise ValueError(f"{_few(surplus)} in it, which its header does not know")
    if len(found) != len(wanted):
        raise ValueError("a part is in it twice")


def refuse_infinite(path: Path, arrays: Arrays) -> None:
    """Refuse to write numbers that are not finite; ValueError."""
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{shown(path)} is not written: the weights {name} are not finite")


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(shown(name, 40) for name in names[:3])}{more} {'is' if len(names) == 1 else 'are'}"


def _read_array(archive: zipfile.ZipFile, name: str, shape: Shape) -> NDArray[np.float32]:
    size = prod(shape)
    content = _read_member(archive, f"{name}.npy", 4 * size + _PREAMBLE)
    try:
        header = read_header(content)
    except ValueError as error:
        raise ValueError(f"{name} is no array of numbers: {error}") from None
    kind = header.dtype
    if kind.hasobject:
        raise ValueError(f"{name} holds pickled objects, which are never loaded")
    if kind != _NUMBERS or header.is_fortran:
        order = " in column order" if header.is_fortran else ""
        raise ValueError(f"{name} must be float32 in row order, but is {shown(str(kind), 40)}{order}")
    if header.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, but has {shown(str(header.shape), 60)}")
    if len(content) - header.offset != 4 * size:
        raise ValueError(f"{name} is cut short or too long")
    array = read_array(content, header).astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    return array
