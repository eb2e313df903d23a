"""PNG, JPEG, WebP, BMP and GIF, by Pillow; JPEG of a single scan and the usual PNG by OpenCV, and PNG of deep colours.

The plug-in of the format is called directly: `PIL.Image.open` would refuse pictures above its own limit of 179
megapixels and would try formats that the first bytes have already ruled out.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from kernels.opencv import cv2
from kernels.pictures.formats import declared, jpeg_end
from kernels.pictures.formats.common import Array, Decoded, Reading, upright_pair
from kernels.pictures.formats.planes import empty, last_row_is_zero, planes
from kernels.pictures.formats.quiet import quiet

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_PLUGINS = {
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
}
_ORIENTATION = 274
_GREY_OR_COLOUR = {1: "L", 3: "RGB"}
#: How OpenCV decodes what Pillow calls so; EXIF orientation is applied here.
_OPENCV = {
    "L": cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION,
    "RGB": cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION,
}
_GREY, _GREY_ALPHA = 0, 4

# Bytes per pixel of Pillow's own image, and of the arrays that are made of it, by mode.
_IMAGE_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}
_ARRAY_BYTES = {"1": 2, "L": 2, "P": 4, "PA": 4, "LA": 2, "RGB": 4, "I;16": 4, "I;16B": 4}
#: What a decoder holds beside that image: a JPEG what OpenCV takes, a progressive one its coefficients, WebP two
#: canvases and a frame.
_DECODER_BYTES = {"webp": 16.0, "progressive": 6.5, "jpeg": 1.0, "gif": 1.0, "bmp": 1.0}


def decode(stream: BinaryIO, kind: str, reading: Reading) -> Decoded:
    """Decode the first frame of a PNG, JPEG, WebP, BMP or GIF file."""
    if kind == "png":
        return _decode_png(stream, reading)
    if kind == "jpeg":
        return _decode_jpeg(stream, reading)
    if kind == "webp":
        reading.admit(*declared.read_webp(stream, reading), _DECODER_BYTES["webp"])
    image = open_image(stream, kind)
    own = _DECODER_BYTES[kind]
    reading.admit(image.height, image.width, held(image.mode) + own, 2.0 * reading.size * (kind in ("webp", "gif")))
    note = ""
    if kind == "bmp":
        declared.check_bmp(image.height, image.width, reading)
    elif kind == "gif":
        note = declared.read_gif(stream, reading)
    elif kind == "webp":
        note = declared.of_many("frame", int(getattr(image, "n_frames", 1)))
    orientation = _orientation(image)
    load(image)
    pixels, alpha = planes(image)
    reading.check()
    return Decoded(*upright_pair(pixels, alpha, orientation), note=note)


def _decode_jpeg(stream: BinaryIO, reading: Reading) -> Decoded:
    """Decode a JPEG, of one scan by OpenCV: the numbers are Pillow's, which is not asked about what is plain."""
    header = declared.read_jpeg(stream, reading)
    image = None if header.is_plain else open_image(stream, "jpeg")
    mode, width, height = _GREY_OR_COLOUR.get(header.channels, ""), header.width, header.height
    if image is not None:
        mode, (width, height) = image.mode, image.size
    own = _DECODER_BYTES["progressive" if header.is_progressive else "jpeg"]
    reading.admit(height, width, held(mode) + own, 2.0 * reading.size)
    reading.expect(header.least)
    orientation = 1 if image is None else _orientation(image)
    stream.seek(0)
    data = stream.read()
    pixels, alpha = None, None
    if mode in _OPENCV and jpeg_end.is_single_scan(data, header):
        pixels = decode_by_opencv(data, _OPENCV[mode])
    if pixels is None or pixels.shape[:2] != (height, width):
        image = image or open_image(stream, "jpeg")
        if (image.mode, *image.size) != (mode, width, height):
            raise reading.incomplete()
        load(image)
        pixels, alpha = planes(image)
    if jpeg_end.last_block_is_flat(pixels) and not jpeg_end.is_whole(data):
        raise reading.missing_rows()
    reading.check()
    return Decoded(*upright_pair(pixels, alpha, orientation))


def _decode_png(stream: BinaryIO, reading: Reading) -> Decoded:
    header = declared.read_png(stream, reading)
    if header.is_plain:
        pixels = _plain_png(stream, header, reading)
        if pixels is not None:
            return Decoded(pixels)
    image = open_image(stream, "png")
    deep = header.depth == 16 and image.mode != "I;16"
    # OpenCV holds the file, its own array of three or four channels, a copy in between, and the two made of it.
    unpacked = 3 if header.channels == 3 else 4
    each = 2.0 * (unpacked + header.channels) + 6.5 if deep else 0.0
    reading.admit(image.height, image.width, max(held(image.mode), each), 1.0 * reading.size * deep)
    reading.expect(header.least, header.packed)
    note = declared.of_many("frame", int(getattr(image, "n_frames", 1)))
    load(image)
    if (header.is_interlaced or last_row_is_zero(image)) and not declared.png_is_whole(stream, header):
        raise reading.missing_rows()
    reading.check()
    orientation = _orientation(image)
    if deep:
        empty(image)
        stream.seek(0)
        pixels, alpha = _deep_png(stream.read(), header.colour_type)
    else:
        key = image.info.get("transparency")
        if image.mode == "L" and header.depth < 8 and isinstance(key, int):
            # Pillow spreads the levels over 0..255, but leaves the transparent one as it is in the file.
            image.info["transparency"] = key * 255 // (2**header.depth - 1)
        pixels, alpha = planes(image)
    return Decoded(*upright_pair(pixels, alpha, orientation), note=note)


def _plain_png(stream: BinaryIO, header: declared.PngHeader, reading: Reading) -> Array | None:
    """Decode a PNG without transparency, turning and frames; None if anything is wrong with it."""
    mode = _GREY_OR_COLOUR[header.channels]
    reading.admit(header.height, header.width, held(mode), 1.0 * reading.size)
    reading.expect(header.least, header.packed)
    stream.seek(0)
    pixels = decode_by_opencv(stream.read(), _OPENCV[mode])
    reading.check()
    return pixels


def open_image(stream: BinaryIO, kind: str) -> ImageFile:
    """Read the header with Pillow's plug-in for one format."""
    module, name = _PLUGINS[kind]
    stream.seek(0)
    with quiet():
        image: ImageFile = getattr(importlib.import_module(module), name)(stream)
    return image


def load(image: ImageFile) -> None:
    """Decode the first frame; what the libraries print is kept back."""
    with quiet():
        image.load()


def held(mode: str) -> float:
    """Return the bytes per pixel while an image of this mode is decoded, made into arrays and turned upright."""
    made = _ARRAY_BYTES.get(mode, 4)
    return max(_IMAGE_BYTES.get(mode, 4) + made, 2.0 * made) + 1.0


def _deep_png(data: bytes, colour_type: int) -> tuple[Array, Array | None]:
    """Decode a 16-bit PNG of several channels; Pillow, which would drop 8 of the bits, has found it whole."""
    array = decode_by_opencv(data)
    if array is None or array.dtype != np.uint16:
        raise ValueError("the PNG decoder did not return 16 bits")
    if array.ndim == 2:
        return array, None
    alpha = np.ascontiguousarray(array[:, :, 3]) if array.shape[2] == 4 else None
    if colour_type in (_GREY, _GREY_ALPHA):
        return np.ascontiguousarray(array[:, :, 0]), alpha
    return np.ascontiguousarray(array[:, :, 2::-1]), alpha


def decode_by_opencv(data: bytes, flags: int = cv2.IMREAD_UNCHANGED) -> Array | None:
    """Decode a file's content, by default in BGR order and with all bits; None if OpenCV cannot.

    Its own words on stderr are kept back.
    """
    try:
        with quiet():
            array: Array | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    return array


def _orientation(image: ImageFile) -> int:
    """Return the EXIF orientation; damaged EXIF data means upright."""
    try:
        with quiet():
            return int(image.getexif().get(_ORIENTATION, 1))
    except MemoryError:
        raise
    except Exception:  # Pillow raises what its parser meets: struct.error, SyntaxError, KeyError, ...
        return 1
