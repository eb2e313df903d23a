"""PNG, JPEG, WebP, BMP and GIF, by Pillow; PNG of 16 bits and several channels by OpenCV.

The plug-in of the format is called directly: `PIL.Image.open` would refuse pictures above its own limit of 179
megapixels and would try formats that the first bytes have already ruled out.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from kernels.opencv import cv2
from kernels.pictures.formats.common import Array, Decoded, Reading, upright_pair

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
_GREY, _RGB, _GREY_ALPHA = 0, 2, 4


def decode(stream: BinaryIO, kind: str, reading: Reading) -> Decoded:
    """Decode the first frame of a PNG, JPEG, WebP, BMP or GIF file."""
    image = open_image(stream, kind)
    depth = _png_depth(stream) if kind == "png" else 8
    deep = depth == 16
    reading.admit(image.height, image.width, 8.0 if deep else 4.0)
    note = _frames_note(image, kind)
    image.load()
    reading.check()
    orientation = _orientation(image)
    if deep and image.mode != "I;16":
        pixels, alpha = _deep_png(stream)
    else:
        key = image.info.get("transparency")
        if image.mode == "L" and depth < 8 and isinstance(key, int):
            # Pillow spreads the levels over 0..255, but leaves the transparent one as it is in the file.
            image.info["transparency"] = key * 255 // (2**depth - 1)
        pixels, alpha = planes(image)
    pixels, alpha = upright_pair(pixels, alpha, orientation)
    return Decoded(pixels, alpha, note=note)


def open_image(stream: BinaryIO, kind: str) -> ImageFile:
    """Read the header with Pillow's plug-in for one format."""
    module, name = _PLUGINS[kind]
    stream.seek(0)
    image: ImageFile = getattr(importlib.import_module(module), name)(stream)
    return image


def planes(image: ImageFile) -> tuple[Array, Array | None]:
    """Return the pixels, (H, W) or (H, W, 3), and the opacity of an image of any mode."""
    mode, transparency = image.mode, image.info.get("transparency")
    if mode in ("P", "PA"):
        return _palette_planes(image, mode == "PA" or transparency is not None)
    if mode in ("LA", "La"):
        both = np.asarray(image.convert("LA"))
        return both[:, :, 0], both[:, :, 1]
    if mode in ("RGBA", "RGBa"):
        four = np.asarray(image.convert("RGBA"))
        return four[:, :, :3], four[:, :, 3]
    if mode == "1":
        pixels = np.asarray(image.convert("L"))
        transparency = 255 * bool(transparency) if isinstance(transparency, int) else transparency
    elif mode in ("L", "RGB"):
        pixels = np.asarray(image)
    elif mode.startswith("I;16") or mode in ("I", "F"):
        pixels = np.asarray(image)
        pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    else:
        pixels = np.asarray(image.convert("RGB"))
        transparency = None
    return pixels, _keyed_alpha(pixels, transparency)


def _keyed_alpha(pixels: Array, key: Any) -> Array | None:
    """Return the opacity of a picture in which one grey level or colour is transparent."""
    if pixels.ndim == 2 and isinstance(key, int):
        clear = pixels == key
    elif pixels.ndim == 3 and isinstance(key, tuple) and len(key) == 3:
        clear = (pixels == np.array(key)).all(axis=2)
    else:
        return None
    full = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 255
    return np.where(clear, 0, full).astype(pixels.dtype if pixels.dtype.kind == "u" else np.uint8)


def _palette_planes(image: ImageFile, has_alpha: bool) -> tuple[Array, Array | None]:
    """Look the colours of a palette picture up; one whose colours are all grey is grey."""
    colours = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
    pixels, alpha = colours[:, :, :3], colours[:, :, 3] if has_alpha else None
    if (pixels[:, :, 0] == pixels[:, :, 1]).all() and (pixels[:, :, 0] == pixels[:, :, 2]).all():
        pixels = pixels[:, :, 0]
    return pixels, alpha


def _deep_png(stream: BinaryIO) -> tuple[Array, Array | None]:
    """Decode a 16-bit PNG of several channels; Pillow, which would drop 8 of the bits, has found it whole."""
    stream.seek(25)
    colour_type = stream.read(1)[0]
    array = decode_unchanged(stream)
    if array is None or array.dtype != np.uint16:
        raise ValueError("the PNG decoder did not return 16 bits")
    if array.ndim == 2:
        return array, None
    alpha = array[:, :, 3] if array.shape[2] == 4 else None
    if colour_type in (_GREY, _GREY_ALPHA):
        return array[:, :, 0], alpha
    return array[:, :, 2::-1], alpha


def decode_unchanged(stream: BinaryIO) -> Array | None:
    """Decode by OpenCV, in BGR order and with all bits; None if it cannot. Its own words on stderr are kept back."""
    stream.seek(0)
    data = np.frombuffer(stream.read(), np.uint8)
    # OpenCV 5 moved the functions of the log level; 0 is silence in both.
    log = getattr(cv2.utils, "logging", cv2)
    before = log.getLogLevel()
    log.setLogLevel(0)
    try:
        array: Array | None = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    finally:
        log.setLogLevel(before)
    return array


def _png_depth(stream: BinaryIO) -> int:
    """Return the bits per sample from the header chunk."""
    stream.seek(24)
    depth = stream.read(1)[0]
    stream.seek(0)
    return depth


def _orientation(image: ImageFile) -> int:
    """Return the EXIF orientation; damaged EXIF data means upright."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except MemoryError:
        raise
    except Exception:  # Pillow raises what its parser meets: struct.error, SyntaxError, KeyError, ...
        return 1


def _frames_note(image: ImageFile, kind: str) -> str:
    """Return "frame 1 of 12" for an animation."""
    if kind not in ("gif", "webp", "png"):
        return ""
    try:
        frames = int(getattr(image, "n_frames", 1))
        image.seek(0)
    except MemoryError:
        raise
    except Exception:
        # The later frames are damaged; the first may still be whole.
        return ""
    return f"frame 1 of {frames}" if frames > 1 else ""
