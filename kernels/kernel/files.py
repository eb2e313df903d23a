"""Kernels in files: JSON, ImageJ text, CSV, NumPy's .npy and libvips' matrix.

========  =====================  ========  =======  ======  =========
suffix    holds                  channels  divisor  offset  name
========  =====================  ========  =======  ======  =========
.json     everything             yes       yes      yes     yes
.mat      libvips matrix         no        scale    yes     no
.npy      weights                yes       folded   no      no
.txt      ImageJ kernel          no        folded   no      no
.csv      weights                no        folded   no      no
========  =====================  ========  =======  ======  =========

"Folded" means that the weights are divided by the divisor as they are written, so that the kernel does the same as
before. An offset or channels that a format cannot hold are refused. A kernel read from a format without names is called
after its file. All numbers come back exactly as they were written. ImageJ itself takes only odd sizes.
"""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.errors import quoted, shown
from kernels.files import read_bytes, write_bytes
from kernels.kernel import Kernel
from kernels.kernel.text import (
    check_even,
    check_size,
    fold_divisor,
    join_rows,
    matrix_from_cells,
    parse_matrix,
    parse_number,
)
from kernels.npy import LONGEST_HEADER, read_array, read_header
from kernels.numbers import exact_number

FloatArray = npt.NDArray[np.float64]

#: The suffixes that are read and written, with what to call them on screen.
FORMATS: tuple[tuple[str, str], ...] = (
    (".json", "Kernelscope kernel"),
    (".txt", "ImageJ kernel"),
    (".csv", "Comma-separated values"),
    (".npy", "NumPy array"),
    (".mat", "libvips matrix"),
)
#: The largest kernel file that is read, in bytes.
MAX_FILE = 8_000_000
#: The same for those without channels: 250 characters for each of 63 × 63 weights.
MAX_TABLE = 1_000_000
MAX_NAME = 200


class _Content(msgspec.Struct, forbid_unknown_fields=True):
    """What a JSON kernel file holds."""

    weights: list[list[float | list[float]]]
    divisor: float = 1.0
    offset: float = 0.0
    name: str | None = None
    channels: int | None = None


def read_kernel(path: str | os.PathLike[str]) -> Kernel:
    """Read a kernel file; its suffix says which format.

    Parameters
    ----------
    path : path
        One of `FORMATS`, at most 8 MB, 63 rows and 63 columns. Nothing in the file is ever executed.

    Returns
    -------
    Kernel
        Named as the file says, else after the file.

    Raises
    ------
    OSError
        If the file cannot be read; the text is a plain sentence.
    ValueError
        If the content is not a kernel: one sentence that names the file, the place in it and what would be right.
    """
    place = Path(path)
    read = _READERS[_suffix(place)]
    limit = MAX_TABLE if place.suffix.lower() in (".txt", ".csv", ".mat") else MAX_FILE
    content = read_bytes(place, limit, "kernel file")
    if not content.strip():
        raise ValueError(f"{shown(place.name)} is empty; a kernel file has at least one number.")
    try:
        return read(content, place.stem)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{shown(place.name)}: {str(error).removesuffix('.')}.") from error


def write_kernel(path: str | os.PathLike[str], kernel: Kernel) -> None:
    """Write a kernel in the format that the suffix says; the table at the top says what each one holds.

    Raises
    ------
    OSError
        If the file cannot be written; the text is a plain sentence and no half file is left.
    ValueError
        If the format has no place for an offset or channels that the kernel has, or the kernel is too large to be read
        again.
    """
    place = Path(path)
    write = _WRITERS[_suffix(place)]
    if not isinstance(kernel, Kernel):
        raise TypeError(f"kernel is {kernel!r}; it must be a Kernel.")
    check_size(*kernel.shape, kernel.channels or 1)
    write_bytes(place, write(kernel))


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise ValueError(
            f"{shown(path.name or path)} does not end in {', '.join(known for known, _ in FORMATS)}; no other is known."
        )
    return suffix


def _refuse(kernel: Kernel, suffix: str, *, offset: bool = True, channels: bool = True) -> None:
    if offset and kernel.offset != 0.0:
        raise ValueError(
            f"A {suffix} file has no place for the offset {exact_number(kernel.offset)}; "
            "save as .json or .mat, or set the offset to 0."
        )
    if channels and kernel.channels is not None:
        raise ValueError(f"A {suffix} file has no place for {kernel.channels} channels; save as .json or .npy.")


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"  # what spreadsheets call Unicode text
    else:
        encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError("this is not a text file; open one with numbers in it.") from error
    if "\0" in text:
        raise ValueError("this is not a text file; open one with numbers in it.")
    return text


# JSON --------------------------------------------------------------------------------------------------------------


def _read_json(content: bytes, stem: str) -> Kernel:
    try:
        data = msgspec.json.decode(_text(content), type=_Content)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(_json_sentence(shown(str(error), 240))) from error
    check_even(data.weights)
    weights = np.array(data.weights, dtype=np.float64)
    found = weights.shape[2] if weights.ndim == 3 else None
    if data.channels is not None and data.channels != found:
        raise ValueError(f"channels is {data.channels}, but weights has {found or 'none'}; the two must agree.")
    name = stem if data.name is None else data.name
    if len(name) > MAX_NAME:
        raise ValueError(f"name has {len(name):,} characters; at most {MAX_NAME} are possible.")
    return Kernel(weights, divisor=data.divisor, offset=data.offset, name=name)


def _json_sentence(message: str) -> str:
    """Turn msgspec's path into a row and a column."""
    reason, _, path = message.partition(" - at `$")
    reason = reason.replace("`float | array`", "number").replace("`float`", "number").replace("`str`", "text")
    reason = re.sub("^[A-Z](?=[a-z])", lambda first: first[0].lower(), reason.replace("`", ""))
    indices = re.fullmatch(r"\.weights((?:\[\d+\])+)`", path)
    if indices:
        numbers = [int(number) + 1 for number in re.findall(r"\d+", indices[1])]
        axes = ("row", "column", "channel")
        place = ", ".join(f"{axis} {number}" for axis, number in zip(axes, numbers, strict=False))
        return f"weights, {place}: {reason}."
    if path:
        return f"{path.strip('.`')}: {reason}."
    return f"this is not a kernel in JSON: {reason}."


def _write_json(kernel: Kernel) -> bytes:
    if len(kernel.name) > MAX_NAME:
        raise ValueError(f"The name has {len(kernel.name):,} characters; at most {MAX_NAME} can be saved.")
    try:
        name = msgspec.json.encode(kernel.name).decode()
    except UnicodeEncodeError as error:
        name = quoted(kernel.name)
        raise ValueError(f"The name {name} holds half a character; change it to save the kernel.") from error
    fields = [
        ("name", name),
        ("divisor", exact_number(kernel.divisor)),
        ("offset", exact_number(kernel.offset)),
    ]
    if kernel.channels is not None:
        fields.append(("channels", str(kernel.channels)))
    fields.append(("weights", "[\n    " + ",\n    ".join(_json_row(row) for row in kernel.weights) + "\n  ]"))
    return ("{\n" + ",\n".join(f'  "{key}": {value}' for key, value in fields) + "\n}\n").encode()


def _json_row(row: FloatArray) -> str:
    if row.ndim == 1:
        return "[" + ", ".join(exact_number(value) for value in row) + "]"
    return "[" + ", ".join(_json_row(cell) for cell in row) + "]"


# Text --------------------------------------------------------------------------------------------------------------


def _read_imagej(content: bytes, stem: str) -> Kernel:
    weights, divisor = parse_matrix(_text(content))
    return Kernel(weights, divisor=divisor, name=stem)


def _write_imagej(kernel: Kernel) -> bytes:
    _refuse(kernel, ".txt")
    return kernel.format("imagej").encode()


def _read_csv(content: bytes, stem: str) -> Kernel:
    text = _text(content)
    european = ";" in text
    delimiter = ";" if european else "," if "," in text or "\t" not in text else "\t"
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise ValueError(f"this is not a CSV file: {error}.") from error
    if all(row[-1].strip() == "" and len(row) > 1 for row in rows):
        rows = [row[:-1] for row in rows]  # a separator after the last cell of every row
    if european:
        rows = [[_with_point(cell) for cell in row] for row in rows]
    return Kernel(matrix_from_cells(rows), name=stem)


def _with_point(cell: str) -> str:
    """Where semicolons separate the cells, a comma is the decimal sign."""
    return cell.replace(",", ".") if re.fullmatch(r"\s*[-+\u2212]?[0-9]*,[0-9]+(?:[eE][-+]?[0-9]+)?\s*", cell) else cell


def _write_csv(kernel: Kernel) -> bytes:
    _refuse(kernel, ".csv")
    return kernel.format("csv").encode()


# libvips matrix ----------------------------------------------------------------------------------------------------

_VIPS_SEPARATORS = re.compile(r'[ \t,;"]+')


def _read_vips(content: bytes, stem: str) -> Kernel:
    if content.startswith(b"MATLAB"):
        raise ValueError("this is a MATLAB workspace, not a libvips matrix; copy the matrix as text instead.")
    lines = [_vips_cells(line) for line in _text(content).splitlines()]
    header, *rows = lines or [[]]
    while rows and not rows[-1]:
        rows.pop()
    if not 2 <= len(header) <= 4 or not all(re.fullmatch("[0-9]{1,6}", cell) for cell in header[:2]):
        raise ValueError("line 1 must give width and height, then scale and offset if there are any: 3 3 9 0.")
    width, height = int(header[0]), int(header[1])
    check_size(height, width)
    scale, offset = [_vips_number(cell) for cell in header[2:]] + [1.0, 0.0][len(header) - 2 :]
    if scale == 0.0:
        raise ValueError("line 1: the scale is 0; it must be another number.")
    if len(rows) != height:
        raise ValueError(f"line 1 promises {height} rows but {len(rows)} follow; the two must agree.")
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise ValueError(f"row {number} has {len(row)} numbers but line 1 promises {width}; the two must agree.")
    return Kernel(matrix_from_cells(rows), divisor=scale, offset=offset, name=stem)


def _vips_cells(line: str) -> list[str]:
    return [cell for cell in _VIPS_SEPARATORS.split(line.strip()) if cell]


def _vips_number(cell: str) -> float:
    try:
        return parse_number(cell)
    except ValueError as error:
        raise ValueError(f"line 1: {error}") from error


def _write_vips(kernel: Kernel) -> bytes:
    _refuse(kernel, ".mat", offset=False)
    rows, columns = kernel.shape
    header = f"{columns} {rows}"
    if kernel.divisor != 1.0 or kernel.offset != 0.0:
        header += f" {exact_number(kernel.divisor)} {exact_number(kernel.offset)}"
    return "\n".join([header, *join_rows(kernel.weights, " "), ""]).encode()


# NumPy -------------------------------------------------------------------------------------------------------------


def _read_npy(content: bytes, stem: str) -> Kernel:
    try:
        header = read_header(content[:LONGEST_HEADER])
    except ValueError as error:
        raise ValueError("this is not an array that NumPy saved, of real numbers and without pickle.") from error
    shape, dtype = header.shape, header.dtype
    if dtype.hasobject or dtype.kind not in "biuf":
        raise ValueError(f"the array has the type {shown(str(dtype), 40)}; a kernel needs real numbers.")
    size = shown(str(shape), 60)
    if len(shape) not in (2, 3):
        raise ValueError(f"the array has the shape {size}; a kernel is (rows, columns) or (rows, columns, channels).")
    if 0 in shape:
        raise ValueError(f"the array has the shape {size}; a kernel needs at least one weight.")
    check_size(*shape)
    try:
        array = read_array(content, header)
    except ValueError as error:
        raise ValueError("the file ends before its array does; save it again.") from error
    return Kernel(array, name=stem)


def _write_npy(kernel: Kernel) -> bytes:
    _refuse(kernel, ".npy", channels=False)
    file = io.BytesIO()
    np.save(file, fold_divisor(kernel.weights, kernel.divisor), allow_pickle=False)
    return file.getvalue()


_READERS = {".json": _read_json, ".txt": _read_imagej, ".csv": _read_csv, ".npy": _read_npy, ".mat": _read_vips}
_WRITERS = {".json": _write_json, ".txt": _write_imagej, ".csv": _write_csv, ".npy": _write_npy, ".mat": _write_vips}
