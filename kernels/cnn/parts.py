"""Parts of a learned filter as kernels for the editor, and the way back."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.kernel import Kernel
from kernels.pictures.colour import LUMA_WEIGHTS

Part = int | Literal["all", "luma"]
"""A channel's number from 0, the luma of three channels, or all of the filter."""

_COLOURS = ("red", "green", "blue")


def filter_as_kernel(filters: ArrayLike, index: int, part: Part = "all") -> Kernel:
    """Return a part of a learned filter as a correlation kernel.

    The luma of a filter is that of the filter seen as a colour picture: 0.299 R + 0.587 G + 0.114 B of every weight,
    by Rec. 601. (The sum of the channels, which answers to a grey picture, is another kernel.) A filter on one channel
    is its own luma.

    Parameters
    ----------
    filters : (F, kh, kw, C) array
    index : int
        Which filter, from 0.
    part : int, "all" or "luma"

    Returns
    -------
    Kernel
        (kh, kw, C) for all of several channels, else (kh, kw); named for example "Filter 14, red".

    Raises
    ------
    IndexError
        If there is no such filter.
    ValueError
        If the filter has no such part.
    """
    weights = np.asarray(filters)
    if weights.ndim != 4:
        raise ValueError(f"filters must have the shape (F, kh, kw, C), but have {weights.shape}")
    if not 0 <= index < len(weights):
        raise IndexError(f"filter must be 0 to {len(weights) - 1}, but is {index}")
    one = weights[index]
    channels = one.shape[2]
    _check_part(part, channels)
    name = f"Filter {index}"
    if part == "luma":
        return Kernel(_luma(one), name=f"{name}, luma")
    if part != "all":
        which = _COLOURS[part] if channels == 3 else f"channel {part}"
        return Kernel(one[:, :, part], name=f"{name}, {which}" if channels > 1 else name)
    return Kernel(one if channels > 1 else one[:, :, 0], name=name)


def put_back(original: NDArray[Any], kernel: Kernel, part: Part = "all") -> NDArray[Any]:
    """Return a filter's weights with a part of it replaced by an edited kernel.

    A channel returns to where it came from. After a change of the luma the filter's luma is the kernel: the same
    difference is added to all three channels, so that the colour differences between them stay. What has not been
    edited comes back exactly.

    Parameters
    ----------
    original : (kh, kw, C) array
        The filter that the kernel was taken from; not modified.
    kernel : Kernel
        The part in its new form; the divisor is folded into the weights.
    part : int, "all" or "luma"
        What `filter_as_kernel` was asked for.

    Returns
    -------
    (kh, kw, C) array
        Of the type of the original.

    Raises
    ------
    ValueError
        If the kernel has another size, an offset or other channels than the part, or its weights do not fit into
        the original's type.
    """
    if original.ndim != 3:
        raise ValueError(f"original must have the shape (kh, kw, C), but has {original.shape}")
    channels = original.shape[2]
    _check_part(part, channels)
    _check_kernel(kernel, original.shape, part)
    weights = kernel.effective_weights
    new = original.astype(np.float64)
    if part == "all":
        new[...] = weights.reshape(original.shape)
    elif part == "luma":
        new += (weights - _luma(original))[:, :, np.newaxis]
    else:
        new[:, :, part] = weights if weights.ndim == 2 else weights[:, :, 0]
    kind = original.dtype if original.dtype.kind == "f" else np.dtype(np.float64)
    with np.errstate(over="ignore"):
        result = new.astype(kind)
    if not np.isfinite(result).all():
        raise ValueError("The kernel's weights divided by its divisor are too large for a filter of the network.")
    return result


def _luma(weights: NDArray[Any]) -> NDArray[np.float64]:
    values = weights.astype(np.float64)
    if values.shape[2] == 1:
        return np.asarray(values[:, :, 0])
    red, green, blue = LUMA_WEIGHTS
    return np.asarray(red * values[:, :, 0] + green * values[:, :, 1] + blue * values[:, :, 2])


def _check_part(part: Part, channels: int) -> None:
    if part == "all" or (part == "luma" and channels in (1, 3)):
        return
    if part == "luma":
        raise ValueError(
            f"The filter has {channels} channels that are not colours, so it has no luma; choose a channel."
        )
    if isinstance(part, bool) or not isinstance(part, int | np.integer):
        raise ValueError(f"part is {part!r}; it must be “all”, “luma” or a channel's number")
    if not 0 <= part < channels:
        raise ValueError(f"The filter has no channel {part}; its channels are 0 to {channels - 1}.")


def _check_kernel(kernel: Kernel, shape: tuple[int, ...], part: Part) -> None:
    rows, columns, channels = shape
    if kernel.shape != (rows, columns):
        raise ValueError(
            f"The kernel is {kernel.shape[1]} × {kernel.shape[0]}, but the filter is {columns} × {rows}; bring the "
            f"kernel back to that size to put it back."
        )
    if kernel.offset != 0.0:
        raise ValueError(
            f"The kernel has the offset {kernel.offset:g}, but a filter's weights have no place for one; set it to 0."
        )
    wanted = channels if part == "all" else 1
    if (kernel.channels or 1) != wanted:
        have = f"{kernel.channels} channels" if kernel.channels else "no channels"
        need = f"{wanted} channels" if wanted > 1 else "one channel only"
        raise ValueError(f"The kernel has {have}, but it came from a part with {need}; it cannot be put back there.")
