"""TIFF by tifffile, which reads every kind of number; what is compressed beyond it, by Pillow or OpenCV.

tifffile alone decodes plain, deflate, PackBits and LZMA data. The others (LZW and JPEG above all) need the libtiff
inside Pillow, for 8 bits, and inside OpenCV, for more.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from kernels.pictures.formats import raster
from kernels.pictures.formats.common import Array, Decoded, Reading, upright_pair
from kernels.pictures.picture import describe_bits

if TYPE_CHECKING:
    from tifffile import TiffPage

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _SEPARATED = 0, 1, 2, 3, 5
_READABLE = (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _SEPARATED)
_ORIENTATION, LARGEST_SAMPLE = 274, 341
_OPACITY = (1, 2)
# Compressions that libtiff knows wherever it is built: none, LZW, JPEG, deflate, PackBits, deflate by its old number.
_COMMON = (1, 5, 7, 8, 32773, 32946)

# A damaged file makes tifffile log; without a handler Python would print that beside our own sentence.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


def decode(stream: BinaryIO, reading: Reading) -> Decoded:
    """Decode the first page."""
    import tifffile

    stream.seek(0)
    with tifffile.TiffFile(stream) as file:
        pages = len(file.pages)
        page: Any = file.pages.first
        height, width = _size(page, reading)
        note = f"page 1 of {pages}" if pages > 1 else ""
        reading.admit(height, width, max(1, page.samplesperpixel) * max(1, (page.bitspersample + 7) // 8))
        if any(
            start + count > reading.size for start, count in zip(page.dataoffsets, page.databytecounts, strict=False)
        ):
            raise reading.incomplete()
        reading.check()
        array = _plain(page)
        if array is None:
            return _by_libtiff(stream, page, note, reading)
        pixels, alpha, extra = _channels(array, page, reading)
        orientation = page.tags.get(_ORIENTATION)
        pixels, alpha = upright_pair(pixels, alpha, int(orientation.value) if orientation is not None else 1)
        note = ", ".join(filter(None, (note, extra)))
        return Decoded(pixels, alpha, _white(page, pixels), note, _bits(page, pixels, alpha is not None))


def _size(page: TiffPage, reading: Reading) -> tuple[int, int]:
    """Return height and width; volumes inside one page are refused."""
    if getattr(page, "imagedepth", 1) > 1:
        raise reading.unsupported("its first page is a volume, not a picture")
    return int(page.imagelength), int(page.imagewidth)


def _plain(page: TiffPage) -> Array | None:
    """Return the page as (H, W) or (H, W, samples), or None if tifffile cannot decode it."""
    if page.photometric not in _READABLE:
        return None
    try:
        array = np.asarray(page.asarray())
    except (ImportError, NotImplementedError):
        return None
    except ValueError as error:
        # Until 2026 tifffile names a compression that it cannot read without saying what would read it.
        if "imagecodecs" in str(error) or "not supported" in str(error):
            return None
        raise
    if "S" in page.axes:
        array = np.moveaxis(array, page.axes.index("S"), -1)
    array = array.reshape(page.imagelength, page.imagewidth, -1)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind == "b":
        array = array.astype(np.uint8) * np.uint8(255)
    elif array.dtype == np.float16:
        array = array.astype(np.float32)
    return array[:, :, 0] if array.shape[2] == 1 else array


def _channels(array: Array, page: Any, reading: Reading) -> tuple[Array, Array | None, str]:
    """Return grey or RGB pixels, the opacity, and what was left out."""
    if array.dtype.kind not in "uif":
        raise reading.unsupported(f"it holds {array.dtype} values, not real numbers")
    if page.photometric == _PALETTE:
        return _palette(array if array.ndim == 2 else array[:, :, 0], page), None, ""
    colours = {_RGB: 3, _SEPARATED: 4}.get(int(page.photometric), 1)
    samples = 1 if array.ndim == 2 else array.shape[2]
    if samples == 3 and colours == 1:
        # Three channels that nobody called red, green and blue are still best seen as these.
        colours = 3
    if samples < colours:
        raise reading.incomplete()
    alpha, note = None, ""
    if samples > colours:
        first_extra = int(page.extrasamples[0]) if page.extrasamples else 0
        if first_extra in _OPACITY:
            alpha = array[:, :, colours]
        left_out = samples - colours - (alpha is not None)
        note = "" if not left_out else f"{left_out} more channel{'s' if left_out > 1 else ''} left out"
    if colours == 1:
        grey = array if array.ndim == 2 else array[:, :, 0]
        return (_inverted(grey, page) if page.photometric == _WHITE_IS_ZERO else grey), alpha, note
    if colours == 4:
        return _from_inks(array[:, :, :4], reading), alpha, note
    return array[:, :, :3], alpha, note


def _inverted(grey: Array, page: Any) -> Array:
    """Return grey levels of a file in which 0 is white."""
    if grey.dtype.kind != "u":
        return grey
    top = 255 if page.bitspersample == 1 else 2 ** int(page.bitspersample) - 1
    inverted: Array = grey.dtype.type(top) - grey
    return inverted


def _palette(index: Array, page: Any) -> Array:
    """Look colours up; they are stored in 16 bits, of which the upper 8 count."""
    table = np.asarray(page.colormap)
    colours = (table >> 8 if table.max() > 255 else table).astype(np.uint8)
    return np.ascontiguousarray(colours[:, index].transpose(1, 2, 0))


def _from_inks(inks: Array, reading: Reading) -> Array:
    """Mix cyan, magenta, yellow and black without a profile: R = (1 − C)(1 − K)."""
    if inks.dtype not in (np.uint8, np.uint16):
        raise reading.unsupported(f"its inks are stored as {inks.dtype}, not in 8 or 16 bits")
    top = float(np.iinfo(inks.dtype).max)
    light = (top - inks.astype(np.float32)) / top
    rgb = light[:, :, :3] * light[:, :, 3:]
    return np.rint(rgb * top).astype(inks.dtype)


def _white(page: Any, pixels: Array) -> float | None:
    """Return the white level that the file states: its bit depth, or the tag in which we keep it for floats."""
    if pixels.dtype.kind == "u" and 8 < page.bitspersample < 16:
        return float(2**page.bitspersample - 1)
    tag = page.tags.get(LARGEST_SAMPLE)
    if pixels.dtype.kind == "f" and tag is not None:
        value = tag.value[0] if isinstance(tag.value, tuple) else tag.value
        if np.isfinite(value) and value > 0:
            return float(value)
    return None


def _bits(page: Any, pixels: Array, has_alpha: bool) -> str:
    """Return the description of depths that no NumPy type has, else an empty text."""
    depth = int(page.bitspersample)
    if depth in (1, 10, 12, 14):
        usual = describe_bits(pixels, has_alpha)
        return f"{depth}-bit{usual[usual.index(' ') :]}"
    return ""


def _by_libtiff(stream: BinaryIO, page: Any, note: str, reading: Reading) -> Decoded:
    """Decode what tifffile cannot; both libraries turn the picture upright themselves."""
    if page.bitspersample <= 8:
        image = raster.open_image(stream, "tiff")
        image.load()
        pixels, alpha = raster.planes(image)
        return Decoded(np.ascontiguousarray(pixels), alpha, note=note)
    if page.photometric not in (_BLACK_IS_ZERO, _RGB):
        raise reading.unsupported("this combination of compression and colours is not known")
    array = raster.decode_unchanged(stream)
    if array is None and int(page.compression) in _COMMON:
        raise reading.incomplete()
    if array is None or array.dtype.itemsize * 8 < page.bitspersample:
        raise reading.unsupported(f"its compression, {page.compression.name}, is not known")
    if array.dtype == np.uint16 and 8 < page.bitspersample < 16:
        array >>= 16 - page.bitspersample  # OpenCV moves 10, 12 and 14 bits to the upper end
    alpha = array[:, :, 3] if array.ndim == 3 and array.shape[2] == 4 else None
    pixels = array if array.ndim == 2 else np.ascontiguousarray(array[:, :, 2::-1])
    white, bits = _white(page, pixels), _bits(page, pixels, alpha is not None)
    return Decoded(pixels, alpha, white, note, bits)
