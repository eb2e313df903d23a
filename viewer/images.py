"""Between Qt's pictures and arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from kernels.pictures.picture import Picture, from_array


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """A copy of uint8 pixels, (H, W), (H, W, 3) or with opacity (H, W, 4), as a ``QImage``."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    formats = {2: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    kind = formats[2 if pixels.ndim == 2 else pixels.shape[2]]
    return QImage(pixels.data, width, height, pixels.strides[0], kind).copy()  # type: ignore[call-overload]  # any buffer


def to_picture(image: QImage, name: str) -> Picture:
    """The pixels of `image` as a picture: grey stays grey, 16 bits stay 16 bits, opacity is kept apart."""
    kinds = QImage.Format
    deep = image.format() in (kinds.Format_Grayscale16, kinds.Format_RGBA64, kinds.Format_RGBX64,
                              kinds.Format_RGBA64_Premultiplied)  # fmt: skip
    if image.format() in (kinds.Format_Grayscale8, kinds.Format_Grayscale16):
        array = _array(image, 1, deep)[:, :, 0]
    else:
        image = image.convertToFormat(kinds.Format_RGBA64 if deep else kinds.Format_RGBA8888)
        array = _array(image, 4, deep)
        if (array[:, :, 3] == array.dtype.type(np.iinfo(array.dtype).max)).all():
            array = array[:, :, :3]
    return from_array(array, kind="clipboard", name=name)


def to_array(image: QImage) -> NDArray[np.uint8]:
    """A copy of a picture's RGB bytes, (H, W, 3)."""
    pixels: NDArray[np.uint8] = _array(image.convertToFormat(QImage.Format.Format_RGB888), 3, False)
    return pixels


def _array(image: QImage, channels: int, deep: bool) -> NDArray[Any]:
    bits = image.constBits()
    if bits is None:
        raise ValueError("The clipboard holds an empty picture.")
    dtype = np.dtype(np.uint16 if deep else np.uint8)
    bits.setsize(image.sizeInBytes())
    rows = np.frombuffer(bits.asstring(), np.uint8).reshape(image.height(), image.bytesPerLine())
    used = rows[:, : image.width() * channels * dtype.itemsize]
    return np.ascontiguousarray(used).view(dtype).reshape(image.height(), image.width(), channels)
