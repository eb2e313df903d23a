"""Arrays from Pillow's images, a few rows at a time: a conversion of the whole would hold it several times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kernels.pictures.formats.common import Array

if TYPE_CHECKING:
    from PIL.Image import Image

_STRIP = 1 << 16
"""Pixels that are converted at once."""


def planes(image: Image) -> tuple[Array, Array | None]:
    """Return the pixels, (H, W) or (H, W, 3), and the opacity of a loaded image of any mode.

    The image is emptied: nothing can be read from it afterwards.
    """
    width, height = image.size
    rows = max(1, _STRIP // width)
    pixels = alpha = None
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        part, opacity = _strip(image.crop((0, top, width, bottom)), image.mode, image.info.get("transparency"))
        if pixels is None:
            pixels = np.empty((height, *part.shape[1:]), part.dtype)
            alpha = None if opacity is None else np.empty((height, width), opacity.dtype)
        pixels[top:bottom] = part
        if alpha is not None:
            alpha[top:bottom] = opacity
    assert pixels is not None
    was_palette = image.mode in ("P", "PA")
    empty(image)
    if was_palette and _is_grey(pixels, rows):
        pixels = np.ascontiguousarray(pixels[:, :, 0])
    return pixels, alpha


def empty(image: Image) -> None:
    """Give an image's memory back at once; Pillow would keep it as long as the object."""
    image.im = None  # type: ignore[assignment]


def last_row_is_zero(image: Image) -> bool:
    """Return whether the last row of a loaded image holds only zeros, as one does that was never decoded."""
    width, height = image.size
    return not np.asarray(image.crop((0, height - 1, width, height))).any()


def _strip(image: Image, mode: str, transparency: Any) -> tuple[Array, Array | None]:
    if mode in ("P", "PA"):
        has_alpha = mode == "PA" or transparency is not None
        colours = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
        return colours[:, :, :3], colours[:, :, 3] if has_alpha else None
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
    kind = pixels.dtype if pixels.dtype.kind == "u" else np.dtype(np.uint8)
    return np.where(clear, kind.type(0), kind.type(np.iinfo(kind).max))


def _is_grey(pixels: Array, rows: int) -> bool:
    """Return whether all three channels are alike; a palette whose used colours are grey makes a grey picture."""
    for top in range(0, len(pixels), rows):
        strip = pixels[top : top + rows]
        if not ((strip[:, :, 0] == strip[:, :, 1]).all() and (strip[:, :, 0] == strip[:, :, 2]).all()):
            return False
    return True
