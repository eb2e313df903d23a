"""The header of a `.npy` file, read by a pattern.

NumPy reads it as a Python literal: whatever Python's parser meets in a damaged one - brackets that are not closed,
escapes that it warns of - would reach the user. Only plain numbers are known here, so nothing can be unpickled either.

Reference: R. Kern, 2007, NEP 1: a simple file format for NumPy arrays.
"""

from __future__ import annotations

import re
from math import prod
from typing import Any

import msgspec
import numpy as np

LONGEST_HEADER = 1 << 16

_MAGIC = b"\x93NUMPY"
_LENGTHS = {(1, 0): 2, (2, 0): 4, (3, 0): 4}
_ENTRY = (
    r"\s*['\"](?:descr['\"]\s*:\s*['\"](?P<descr{0}>[<>=|]?[?biufcSUVOMm]\d{{0,6}}(?:\[\w{{1,9}}\])?)['\"]"
    r"|fortran_order['\"]\s*:\s*(?P<fortran{0}>True|False)"
    r"|shape['\"]\s*:\s*\((?P<shape{0}>(?:\s*\d{{1,19}}L?\s*,)*(?:\s*\d{{1,19}}L?)?\s*)\))\s*"
)
# Compiled by its first use: most programs that can read such a file read none.
_HEADER = r"\{" + ",".join(_ENTRY.format(number) for number in range(3)) + r",?\s*\}\s*"


class NpyHeader(msgspec.Struct, frozen=True):
    """What stands in front of the numbers.

    Attributes
    ----------
    shape : tuple of int
    dtype : dtype
    is_fortran : bool
        Whether the first axis varies fastest.
    offset : int
        Where the numbers start, in bytes.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    is_fortran: bool
    offset: int

    @property
    def size(self) -> int:
        """Bytes of the numbers."""
        return prod(self.shape) * self.dtype.itemsize


def read_header(start: bytes) -> NpyHeader:
    """Read the header from the first bytes of a file, at best `LONGEST_HEADER` of them.

    Raises
    ------
    ValueError
        This is no array, or one of something else than single values; no message of NumPy's.
    """
    length_bytes = _LENGTHS.get(tuple(start[6:8]))  # type: ignore[arg-type]
    if start[:6] != _MAGIC or length_bytes is None:
        raise ValueError("this is not an array that NumPy saved")
    first = 8 + length_bytes
    offset = first + int.from_bytes(start[8:first], "little")
    found = re.fullmatch(_HEADER, start[first:offset].decode("latin-1")) if offset <= len(start) else None
    if found is None:
        raise ValueError("its header is not that of an array of numbers")
    values = {re.sub(r"\d", "", name): value for name, value in found.groupdict().items() if value is not None}
    if len(values) < 3:
        raise ValueError("its header is not that of an array of numbers")
    try:
        dtype = np.dtype(values["descr"])
    except TypeError as error:
        raise ValueError("its header names a type that is not known") from error
    shape = tuple(int(number) for number in re.findall(r"\d+", values["shape"]))
    return NpyHeader(shape, dtype, values["fortran"] == "True", offset)


def read_array(content: bytes, header: NpyHeader) -> np.ndarray[Any, np.dtype[Any]]:
    """Return the array of a whole file in memory, without a copy.

    Raises
    ------
    ValueError
        The content ends before the array does.
    """
    if header.dtype.hasobject:
        raise ValueError("it holds pickled objects, which are never loaded")
    if len(content) - header.offset < header.size:
        raise ValueError("it ends before its array does")
    flat = np.frombuffer(content, header.dtype, prod(header.shape), header.offset)
    return flat.reshape(header.shape, order="F" if header.is_fortran else "C")
