"""TIFF by tifffile, which reads every kind of number; what is compressed beyond it, by Pillow or OpenCV.

Plain, deflate, PackBits and LZMA data are unpacked under a limit (`tiff_segments`) and taken apart by tifffile. The
others (LZW and JPEG above all) need the libtiff inside Pillow, for 8 bits, and inside OpenCV, for more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from kernels import memory
from kernels.pictures.formats import raster, tiff_directory, tiff_segments
from kernels.pictures.formats.common import Array, Decoded, Reading, upright_pair
from kernels.pictures.formats.declared import of_many
from kernels.pictures.formats.planes import planes
from kernels.pictures.formats.tiff_segments import Segments
from kernels.pictures.picture import PictureError, describe_bits

if TYPE_CHECKING:
    from tifffile import TiffPage

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _SEPARATED = 0, 1, 2, 3, 5
READABLE = (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _SEPARATED)
ORIENTATION, LARGEST_SAMPLE = 274, 341
_OPACITY = (1, 2)
# Compressions that libtiff knows wherever it is built: none, LZW, JPEG, deflate, PackBits, deflate by its old number.
_COMMON = (1, 5, 7, 8, 32773, 32946)
_STRIP = 1 << 16
"""Pixels that are converted at once."""

# A damaged file makes tifffile log; without a handler Python would print that beside our own sentence.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


def decode(stream: BinaryIO, reading: Reading) -> Decoded:
    """Decode the first page."""
    pages, held_by_tags = tiff_directory.scan(stream, reading)
    memory.require(held_by_tags, f"Opening {reading.name}")
    import tifffile

    stream.seek(0)
    with tifffile.TiffFile(stream) as file:
        page: Any = file.pages.first
        height, width = size_of(page, reading)
        segments = tiff_segments.Segments(page, reading)
        compression = int(page.compression)
        is_ours = compression in tiff_segments.UNPACKED_HERE and page.photometric in READABLE
        # Beside the picture: the tags, a strip or tile as it is packed, unpacked, and taken apart in two steps.
        packed = min(reading.size, max(page.databytecounts, default=0))
        beside = held_by_tags + packed + segments.size * _spread(page) if is_ours else 1.0 * reading.size
        if not is_ours:
            beside += held_by_tags + 4.0 * segments.rows * segments.columns * max(1, page.bitspersample // 8)
        reading.admit(height, width, _held(page, is_ours), beside)
        check_data(page, segments, compression, reading)
        note = of_many("page", pages)
        decoded = _by_tifffile(stream, page, segments, note, reading) if is_ours else None
        return decoded or _by_libtiff(stream, page, compression, note, reading)


def _held(page: Any, is_ours: bool) -> float:
    """Return the bytes per pixel of a page as it is decoded, made into pixels and opacity, and turned upright."""
    samples, item = max(1, int(page.samplesperpixel)), max(1, (int(page.bitspersample) + 7) // 8)
    if item == 3 or 4 < item < 8:
        item = 4 if item == 3 else 8
    kept = item * (2 if page.dtype == np.float16 else 1)
    made = float(kept * (3 if page.photometric in (_PALETTE, _SEPARATED) else min(samples, 4)))
    if not is_ours:
        return 9.0 if item == 1 else 2.2 * max(made, item * samples) + 1.0
    return max(item * samples + made, 2.0 * made) + 0.5


def _spread(page: Any) -> float:
    """Return how many times its unpacked size a strip or tile takes while it is taken apart."""
    bits = int(page.bitspersample)
    unpacked = 0.0 if page.compression == tiff_segments.NONE else 1.0
    if bits % 8:
        return unpacked + (16.0 / bits if bits < 8 else 4.0)
    return unpacked + (2.0 if page.predictor != 1 or page.fillorder == 2 else 1.0)


def check_data(page: Any, segments: Segments, compression: int, reading: Reading) -> None:
    """Refuse a page whose strips reach beyond the file, or hold far too little."""
    there = 0
    for start, count in zip(page.dataoffsets, page.databytecounts, strict=False):
        if start + count > reading.size:
            raise reading.incomplete()
        there += count
    if len(page.dataoffsets) < segments.count:
        raise reading.missing_rows()
    empty = sum(count == 0 for count in page.databytecounts[: segments.count])
    wanted = segments.all_bytes - empty * segments.size
    # Strips that are the same bytes of the file do not make it hold more.
    reading.expect(tiff_segments.least_bytes(compression, wanted), min(there, reading.size))


def size_of(page: TiffPage, reading: Reading) -> tuple[int, int]:
    """Return height and width; volumes inside one page are refused."""
    if getattr(page, "imagedepth", 1) > 1:
        raise reading.unsupported("its first page is a volume, not a picture")
    return int(page.imagelength), int(page.imagewidth)


def _by_tifffile(stream: BinaryIO, page: Any, segments: Segments, note: str, reading: Reading) -> Decoded | None:
    """Decode what is packed by a general method; None if tifffile cannot take the samples apart."""
    try:
        array, missing = tiff_segments.unpack_page(stream, page, segments, reading)
    except PictureError:
        raise
    except (ImportError, NotImplementedError, ValueError) as error:
        if lacks_codec(error):
            return None
        raise
    array = arranged(array, page)
    pixels, alpha, extra = channels_of(array, page, reading)
    orientation = page.tags.get(ORIENTATION)
    pixels, alpha = upright_pair(pixels, alpha, int(orientation.value) if orientation is not None else 1)
    left_out = f"{missing} of {segments.count} strips are not in the file and read as 0" if missing else ""
    note = ", ".join(filter(None, (note, extra, left_out)))
    return Decoded(pixels, alpha, white_of(page, pixels), note, _bits(page, pixels, alpha is not None))


def lacks_codec(error: Exception) -> bool:
    """Return whether tifffile failed for want of what unpacks or takes apart such samples."""
    # Until 2026 it names what it cannot read without saying what would read it.
    is_told = "imagecodecs" in str(error) or "not supported" in str(error)
    return isinstance(error, ImportError | NotImplementedError) or (isinstance(error, ValueError) and is_told)


def arranged(array: Array, page: Any) -> Array:
    """Return (samples apart, 1, H, W, samples together) as (H, W) or (H, W, samples), in types that are kept."""
    array = np.moveaxis(array[:, 0], 0, -1) if array.shape[0] > 1 else array[0, 0, :, :, :, np.newaxis]
    array = array.reshape(*array.shape[:2], -1)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind == "b":
        array = array.view(np.uint8)
        array *= 255
    elif array.dtype == np.float16:
        array = array.astype(np.float32)
    return array[:, :, 0] if array.shape[2] == 1 else array


def channels_of(array: Array, page: Any, reading: Reading) -> tuple[Array, Array | None, str]:
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
    np.subtract(grey.dtype.type(top), grey, out=grey)
    return grey


def _palette(index: Array, page: Any) -> Array:
    """Look colours up; they are stored in 16 bits, of which the upper 8 count."""
    table = np.asarray(page.colormap)
    colours = (table >> 8 if table.max() > 255 else table).astype(np.uint8).T
    result = np.empty((*index.shape, 3), np.uint8)
    for strip in _strips(index):
        result[strip] = colours[index[strip]]
    return result


def _from_inks(inks: Array, reading: Reading) -> Array:
    """Mix cyan, magenta, yellow and black without a profile: R = (1 − C)(1 − K)."""
    if inks.dtype not in (np.uint8, np.uint16):
        raise reading.unsupported(f"its inks are stored as {inks.dtype}, not in 8 or 16 bits")
    top = float(np.iinfo(inks.dtype).max)
    result = np.empty((*inks.shape[:2], 3), inks.dtype)
    for strip in _strips(inks):
        light = (top - inks[strip].astype(np.float32)) / top
        result[strip] = np.rint(light[:, :, :3] * light[:, :, 3:] * top)
    return result


def _strips(array: Array) -> Iterator[slice]:
    """Yield rows of a picture, some at a time."""
    rows = max(1, _STRIP // array.shape[1])
    for top in range(0, array.shape[0], rows):
        yield slice(top, top + rows)


def white_of(page: Any, pixels: Array) -> float | None:
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


def _by_libtiff(stream: BinaryIO, page: Any, compression: int, note: str, reading: Reading) -> Decoded:
    """Decode what tifffile cannot; both libraries turn the picture upright themselves."""
    if page.bitspersample <= 8:
        image = raster.open_image(stream, "tiff")
        raster.load(image)
        pixels, alpha = planes(image)
        return Decoded(pixels, alpha, note=note)
    if page.photometric not in (_BLACK_IS_ZERO, _RGB):
        raise reading.unsupported("this combination of compression and colours is not known")
    stream.seek(0)
    array = raster.decode_by_opencv(stream.read())
    if array is None and compression in _COMMON:
        raise reading.incomplete()
    if array is None or array.dtype.itemsize * 8 < page.bitspersample:
        raise reading.unsupported(f"its compression, {compression_name(compression)}, is not known")
    if array.dtype == np.uint16 and 8 < page.bitspersample < 16:
        array >>= 16 - page.bitspersample  # OpenCV moves 10, 12 and 14 bits to the upper end
    alpha = np.ascontiguousarray(array[:, :, 3]) if array.ndim == 3 and array.shape[2] == 4 else None
    pixels = array if array.ndim == 2 else np.ascontiguousarray(array[:, :, 2::-1])
    white, bits = white_of(page, pixels), _bits(page, pixels, alpha is not None)
    return Decoded(pixels, alpha, white, note, bits)


def compression_name(number: int) -> str:
    import tifffile

    try:
        return str(tifffile.COMPRESSION(number).name)
    except ValueError:
        return f"number {number}"
