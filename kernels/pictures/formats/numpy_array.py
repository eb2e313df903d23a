"""NumPy's `.npy`: a result that was saved raw is a picture again. Pickled objects are never loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kernels.pictures.formats.common import Decoded, Reading
from kernels.pictures.picture import split_alpha


def decode(path: Path, reading: Reading) -> Decoded:
    """Decode ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)`` real numbers or booleans."""
    # Mapping reads only the header and compares the file's size with it.
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        if "object" in str(error):
            raise reading.unsupported("it holds Python objects, not real numbers") from error
        raise
    shape, dtype = array.shape, array.dtype
    if dtype.kind not in "buif":
        raise reading.unsupported(f"it holds {dtype} values, not real numbers")
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in (1, 3, 4)):
        raise reading.unsupported(f"an array of the shape {shape} is not a picture; (H, W) and (H, W, 3) are")
    channels = shape[2] if len(shape) == 3 else 1
    reading.admit(shape[0], shape[1], channels * dtype.itemsize)
    pixels = np.array(array, dtype=dtype.newbyteorder("="), order="C")
    white = 1.0 if dtype.kind == "b" else None
    if dtype.kind == "b":
        pixels = pixels.astype(np.uint8)
    elif pixels.dtype == np.float16:
        pixels = pixels.astype(np.float32)
    elif dtype.kind == "f" and dtype.itemsize > 8:
        pixels = pixels.astype(np.float64)
    return Decoded(*split_alpha(pixels), white=white)
