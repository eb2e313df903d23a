"""The five ways to continue a picture past its edge, and what other libraries call them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.errors import unknown_name


class Border(StrEnum):
    """Where a virtual pixel outside the picture gets its value from.

    For a row ``a b c d`` the pixels to its left and right are:

    ============  ===================
    constant      ``v v v | v v v``
    replicate     ``a a a | d d d``
    reflect       ``c b a | d c b``
    reflect101    ``d c b | c b a``
    wrap          ``b c d | a b c``
    ============  ===================
    """

    CONSTANT = "constant"
    REPLICATE = "replicate"
    REFLECT = "reflect"
    REFLECT101 = "reflect101"
    WRAP = "wrap"


class BorderNames(msgspec.Struct, frozen=True):
    """The names of one border mode elsewhere; None where a library has no such mode."""

    numpy: str
    """``mode`` of `numpy.pad`."""
    ndimage: str
    """``mode`` of the filters in `scipy.ndimage`."""
    signal: str | None
    """``boundary`` of `scipy.signal.correlate2d` and `convolve2d`."""
    opencv: str
    """Constant in `cv2`."""
    torch: str | None
    """``mode`` of `torch.nn.functional.pad`."""


NAMES: dict[Border, BorderNames] = {
    Border.CONSTANT: BorderNames("constant", "constant", "fill", "BORDER_CONSTANT", "constant"),
    Border.REPLICATE: BorderNames("edge", "nearest", None, "BORDER_REPLICATE", "replicate"),
    Border.REFLECT: BorderNames("symmetric", "reflect", "symm", "BORDER_REFLECT", None),
    Border.REFLECT101: BorderNames("reflect", "mirror", None, "BORDER_REFLECT_101", "reflect"),
    Border.WRAP: BorderNames("wrap", "wrap", "wrap", "BORDER_WRAP", "circular"),
}


def as_border(value: object) -> Border:
    """Return the border mode called `value`; ValueError with the near names when there is none."""
    try:
        return Border(value)  # type: ignore[arg-type]
    except ValueError:
        raise unknown_name("border", value, [border.value for border in Border]) from None


def source_index(positions: npt.ArrayLike, length: int, border: Border | str) -> npt.NDArray[np.int64]:
    """Return the index of the pixel that each position along one axis takes its value from.

    Parameters
    ----------
    positions : array_like of int
        Positions along the axis, at any distance outside the picture too.
    length : int
        Number of pixels along the axis, at least 1.
    border : Border or str
        The border mode.

    Returns
    -------
    ndarray of int64
        Indices in ``0 .. length - 1``, shaped like `positions`; -1 where the constant border value stands.

    Raises
    ------
    ValueError
        If `length` is not positive or `border` is unknown.
    """
    if length < 1:
        raise ValueError(f"length is {length}, but a picture has at least 1 pixel along an axis.")
    mode = as_border(border)
    at: npt.NDArray[np.int64] = np.asarray(positions, dtype=np.int64)
    index: npt.NDArray[Any]
    if mode is Border.CONSTANT:
        index = np.where((at >= 0) & (at < length), at, -1)
    elif mode is Border.REPLICATE:
        index = np.clip(at, 0, length - 1)
    elif mode is Border.WRAP:
        index = np.mod(at, length)
    elif mode is Border.REFLECT:
        folded = np.mod(at, 2 * length)
        index = np.minimum(folded, 2 * length - 1 - folded)
    else:
        period = max(1, 2 * length - 2)
        folded = np.mod(at, period)
        index = np.minimum(folded, period - folded)
    return np.asarray(index, dtype=np.int64)
