"""A learned filter as a kernel that can be edited, and back into its network."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kernels.colour import LUMA_WEIGHTS
from kernels.kernel import Kernel

Part = Literal["all", "luma"] | int
"""What of a filter is edited: all channels, their luma, or one channel by number."""


def as_kernel(weights: NDArray[Any], part: Part = "all", name: str = "") -> Kernel:
    """Take a filter, or a part of it, as a kernel for correlation.

    Parameters
    ----------
    weights : (kh, kw, C) array
        As `Network.filters` gives them.
    part : "all", "luma" or int
        All channels as a 3-D kernel (2-D if there is only one); the channels' luma (Rec. 601), for three channels;
        or one channel.
    name : str

    Raises
    ------
    ValueError
        If the filter has no such part.
    """
    _check_part(weights, part)
    if part == "luma":
        return Kernel(weights @ np.array(LUMA_WEIGHTS), name=name)
    if part == "all":
        return Kernel(weights if weights.shape[2] > 1 else weights[:, :, 0], name=name)
    return Kernel(weights[:, :, part], name=name)


def put_back(weights: NDArray[Any], kernel: Kernel, part: Part = "all") -> NDArray[np.float64]:
    """Return a filter in which an edited kernel stands where it came from.

    Its divisor is folded into the weights. A luma kernel changes the filter's luma and leaves its colours: what is new
    is added to all three channels alike.

    Parameters
    ----------
    weights : (kh, kw, C) array
        The filter as it was.
    kernel : Kernel
    part
        What was taken with `as_kernel`.

    Raises
    ------
    ValueError
        If size or channels are not the filter's, or the kernel has an offset, for which a filter has no place.
    """
    _check_part(weights, part)
    rows, columns, channels = weights.shape
    if kernel.offset:
        raise ValueError(f"a filter has no offset of its own, but the kernel's is {kernel.offset:g}: set it to 0 first")
    if kernel.shape != (rows, columns):
        raise ValueError(
            f"the filter is {columns} × {rows}, but the kernel {kernel.shape[1]} × {kernel.shape[0]}: they must agree"
        )
    wanted = channels if part == "all" and channels > 1 else None
    if kernel.channels not in (wanted, 1 if wanted is None else wanted):
        one = "one channel" if wanted is None else f"{wanted} channels"
        raise ValueError(f"{one} must be put back, but the kernel has {kernel.channels or 'only one'}")
    new = kernel.effective_weights
    result = np.array(weights, np.float64)
    if part == "luma":
        result += (new.reshape(rows, columns) - result @ np.array(LUMA_WEIGHTS))[:, :, np.newaxis]
    elif part == "all":
        result[...] = new.reshape(result.shape)
    else:
        result[:, :, part] = new.reshape(rows, columns)
    return result


def _check_part(weights: NDArray[Any], part: Part) -> None:
    channels = weights.shape[2]
    if part == "luma" and channels != 3:
        raise ValueError(f"only a filter on three channels has a luma, but this one has {channels}")
    if isinstance(part, int) and not 0 <= part < channels:
        raise ValueError(f"channel must be 0 to {channels - 1}, but is {part}")
    if isinstance(part, str) and part not in ("all", "luma"):
        raise ValueError(f"part is {part!r}; valid are all, luma, or the number of a channel")
