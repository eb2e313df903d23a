"""Writing pictures: results in their own numbers, or as they are shown. A file is whole or not there."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.errors import quoted, refuse_mask, shown
from kernels.files import check_file_name, write_bytes, write_whole
from kernels.pictures.picture import PictureError
from kernels.pictures.suffixes import DEEP_SUFFIXES, RAW_SUFFIXES, SHOWN_SUFFIXES

Array = NDArray[Any]

_LONGEST_SIDE = {".jpg": 65500, ".jpeg": 65500, ".webp": 16383}
_JPEG = (".jpg", ".jpeg")
_PILLOW: dict[str, tuple[str, dict[str, Any]]] = {
    ".webp": ("WEBP", {"lossless": True}),
    ".bmp": ("BMP", {}),
}


class Fitted(msgspec.Struct, frozen=True):
    """What had to be changed to fit numbers into a file: counts of values below, above, and not finite."""

    below: int
    above: int
    non_finite: int


def check_target(path: str | os.PathLike[str], suffixes: tuple[str, ...], sources: Iterable[str | None] = ()) -> None:
    """Refuse a file to write before any work is done.

    Parameters
    ----------
    path : path
        The file to be written; it need not exist.
    suffixes : tuple of str
        Suffixes that are possible, such as `RAW_SUFFIXES`.
    sources : iterable of str or None
        Files that must not be overwritten: those the result was made from.

    Raises
    ------
    PictureError
    """
    try:
        check_file_name(path or ".")
    except (OSError, ValueError) as error:
        raise PictureError(str(error)) from None
    name = os.path.basename(path)
    if _suffix(path) not in suffixes:
        word = quoted(os.fspath(path)) if name in ("", ".") else shown(name)
        raise PictureError(f"{word} cannot be written: its name must end in {' or '.join(suffixes)}.")
    for source in sources:
        if source is not None:
            refuse_input(path, source)


def refuse_input(path: str | os.PathLike[str], source: str) -> None:
    """Refuse a file to write that is the one that the result is made from.

    Raises
    ------
    PictureError
    """
    try:
        is_same = os.access(path, os.F_OK) and os.path.samefile(path, source)
    except (OSError, ValueError):
        return
    if is_same:
        name = shown(os.path.basename(path))
        raise PictureError(f"{name} is the input itself; choose another name for the output.")


def write_raw(path: str | os.PathLike[str], array: Array, *, white: float | None = None) -> None:
    """Write numbers as they are; `read_picture` gives the same ones back.

    Parameters
    ----------
    path : path
        ``.tif``, ``.tiff`` or ``.npy``.
    array : ndarray
        ``(H, W)`` or ``(H, W, 3)``, any real dtype.
    white : float, optional
        The white level, kept in a TIFF of floats (tag 341, SMaxSampleValue); ``.npy`` has no place for it.

    Raises
    ------
    PictureError
        The suffix is another one, or the array is no picture.
    OSError
        The file cannot be written; one plain sentence.
    """
    check_target(path, RAW_SUFFIXES)
    array = _checked(array)
    if _suffix(path) == ".npy":
        _write(path, lambda file: np.save(file, array, allow_pickle=False))
    else:
        _write_tiff(path, array, white)


def write_16_bit(path: str | os.PathLike[str], array: Array, levels: tuple[float, float] | None = None) -> Fitted:
    """Write whole numbers 0..65535.

    Parameters
    ----------
    path : path
        ``.png``, ``.tif`` or ``.tiff``.
    array : ndarray
        ``(H, W)`` or ``(H, W, 3)``.
    levels : (float, float), optional
        Values that become 0 and 65535. By default numbers keep their value and are only rounded and clipped.

    Returns
    -------
    Fitted
        How many values were clipped, and how many that are not finite became 0.

    Raises
    ------
    PictureError, OSError
        As `write_raw`.
    """
    check_target(path, DEEP_SUFFIXES)
    array = _checked(array)
    low, high = levels if levels is not None else (0.0, 65535.0)
    if not low < high:
        raise PictureError(f"The level of black, {low:g}, must be below that of white, {high:g}.")
    deep, fitted = fit_16_bit(array, (low, high))
    if _suffix(path) == ".png":
        _write_png(path, deep)
    else:
        _write_tiff(path, deep, None)
    return fitted


def fit_16_bit(array: Array, levels: tuple[float, float]) -> tuple[NDArray[np.uint16], Fitted]:
    """Return numbers as 0..65535, the levels black and white, and how many had to be changed; as `write_16_bit`."""
    low, high = levels
    deep = np.empty(array.shape, np.uint16)
    below = above = lost = 0
    for row, line in enumerate(array):
        values = (line.astype(np.float64) - low) * (65535.0 / (high - low))
        bad = ~np.isfinite(values)
        values[bad] = 0.0
        values = np.rint(values)
        below += int(np.count_nonzero(values < 0))
        above += int(np.count_nonzero(values > 65535))
        lost += int(np.count_nonzero(bad))
        deep[row] = np.clip(values, 0, 65535)
    return deep, Fitted(below, above, lost)


def write_shown(path: str | os.PathLike[str], painted: NDArray[np.uint8]) -> memoryview | None:
    """Write what `kernels.pictures.display.render` painted.

    Parameters
    ----------
    path : path
        One of `SHOWN_SUFFIXES`; JPEG is written at quality 95, WebP without loss.
    painted : ndarray
        uint8, ``(H, W)`` or ``(H, W, 3)`` RGB.

    Returns
    -------
    memoryview or None
        All that is in the file, where it was made as a whole.

    Raises
    ------
    PictureError, OSError
        As `write_raw`; also when a side is too long for the format.
    """
    check_target(path, SHOWN_SUFFIXES)
    suffix = _suffix(path)
    painted = _checked(painted)
    if painted.dtype != np.uint8:
        raise PictureError(f"What is shown has 8 bits, not {painted.dtype}.")
    limit = _LONGEST_SIDE.get(suffix)
    if limit is not None and max(painted.shape[:2]) > limit:
        raise PictureError(
            f"{shown(os.path.basename(path))} cannot be written: {suffix[1:].upper()} allows {limit:,} pixels a side."
        )
    if suffix in RAW_SUFFIXES:
        write_raw(path, painted)
        return None
    if suffix == ".png":
        _write_png(path, painted)
        return None
    content = _jpeg(painted) if suffix in _JPEG else _by_pillow(painted, suffix)
    write_bytes(path, content)
    return content


def _checked(array: Array) -> Array:
    refuse_mask("array", array)
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3) or array.size == 0:
        raise PictureError(f"An array of the shape {array.shape} cannot be saved as a picture.")
    if array.dtype.kind not in "uif":
        raise PictureError(f"{array.dtype} values cannot be saved as a picture.")
    return np.ascontiguousarray(array)


def _write_tiff(path: str | os.PathLike[str], array: Array, white: float | None) -> None:
    from kernels.pictures.windows.targets import begin_tiff

    def write(file: BinaryIO) -> None:
        begin_tiff(file, array.shape, array.dtype, white).put(file.fileno(), 0, array)

    _write(path, write)


def _write_png(path: str | os.PathLike[str], array: NDArray[np.unsignedinteger[Any]]) -> None:
    from kernels.pictures.windows.targets import PngStream

    _write(path, lambda file: PngStream(file, array.shape, array.dtype, os.path.basename(path)).put(array))


def _jpeg(painted: NDArray[np.uint8]) -> memoryview:
    """Encode as JPEG of quality 95, every pixel with its own colour."""
    from kernels.opencv import cv2  # loaded when it is needed: others want the names of the formats

    blue_first = painted if painted.ndim == 2 else cv2.cvtColor(painted, cv2.COLOR_RGB2BGR)
    every_pixel = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
    return cv2.imencode(".jpg", blue_first, (cv2.IMWRITE_JPEG_QUALITY, 95, *every_pixel))[1].data


def _by_pillow(painted: NDArray[np.uint8], suffix: str) -> memoryview:
    from PIL import Image

    plugin, settings = _PILLOW[suffix]
    encoded = io.BytesIO()
    Image.fromarray(painted).save(encoded, plugin, **settings)
    return encoded.getbuffer()


def _write(path: str | os.PathLike[str], write: Callable[[BinaryIO], object]) -> None:
    """Write a whole file; a library that noticed only that fewer bytes were written means a full disk."""

    def checked(file: BinaryIO) -> None:
        try:
            write(file)
        except OSError as error:
            if error.errno is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise

    write_whole(path, checked)


def _suffix(path: str | os.PathLike[str]) -> str:
    return os.path.splitext(path)[1].lower()
