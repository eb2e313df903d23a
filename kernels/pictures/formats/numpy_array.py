"""NumPy's `.npy`: a result that was saved raw is a picture again. Pickled objects are never loaded."""

from __future__ import annotations

import io
from typing import BinaryIO, Literal

import numpy as np

from kernels.npy import LONGEST_HEADER, NpyHeader, read_header
from kernels.pictures.formats.common import Array, Decoded, Reading
from kernels.pictures.picture import split_alpha

_STRIP = 1 << 18
"""Numbers that are copied at once, so that only so many pages of the mapped file are held."""


def read_checked_header(stream: BinaryIO, reading: Reading) -> NpyHeader:
    """Read what the file declares: an array that is a picture, and as many numbers as that has.

    Raises
    ------
    PictureError
    """
    stream.seek(0)
    try:
        header = read_header(stream.read(LONGEST_HEADER))
    except ValueError as error:
        raise reading.unsupported(str(error)) from error
    shape, dtype = header.shape, header.dtype
    if dtype.hasobject:
        raise reading.unsupported("it holds Python objects, not real numbers")
    if dtype.kind not in "buif":
        raise reading.unsupported(f"it holds {dtype} values, not real numbers")
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in (1, 3, 4)):
        raise reading.unsupported(f"an array of the shape {shape} is not a picture; (H, W) and (H, W, 3) are")
    return header


def decode(stream: BinaryIO, reading: Reading) -> Decoded:
    """Decode ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)`` real numbers or booleans."""
    header = read_checked_header(stream, reading)
    shape, dtype = header.shape, header.dtype
    channels = shape[2] if len(shape) == 3 else 1
    kept = kept_type(dtype)
    # The pages of the file, the copy, and for four channels the two that it is split into.
    reading.admit(shape[0], shape[1], channels * (dtype.itemsize + kept.itemsize * (2.0 if channels == 4 else 1.0)))
    if header.offset + header.size > reading.size:
        raise reading.incomplete()
    order: Literal["F", "C"] = "F" if header.is_fortran else "C"
    if isinstance(stream, io.BytesIO):
        array: Array = np.ndarray(shape, dtype, stream.getvalue(), header.offset, order=order)
    else:  # mapped, not read: of the file only the rows that are copied are held
        array = np.memmap(stream, dtype, "r", header.offset, shape, order)
    pixels: Array = np.empty(shape, kept)
    rows = max(1, _STRIP // (shape[1] * channels))
    for top in range(0, shape[0], rows):
        reading.check()
        pixels[top : top + rows] = array[top : top + rows]
    white = 1.0 if dtype.kind == "b" else None
    return Decoded(*split_alpha(pixels), white=white)


def kept_type(dtype: np.dtype[np.generic]) -> np.dtype[np.generic]:
    """Return the type in which pixels are kept: booleans as bytes, floats as single or double ones."""
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    if dtype.kind == "f":
        return np.dtype(np.float32 if dtype.itemsize <= 4 else np.float64)
    return dtype.newbyteorder("=")
