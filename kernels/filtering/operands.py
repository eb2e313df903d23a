"""What a picture and a kernel must be before they meet."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from kernels.errors import refuse_mask
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel


def as_image(image: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return the picture as an array, its data neither copied nor changed when it is one already.

    Parameters
    ----------
    image : array_like, shape (H, W) or (H, W, C)
        Real numbers or booleans.

    Raises
    ------
    TypeError
        If the values are complex or not numbers, or the array is masked.
    ValueError
        If the array is empty or has another number of axes.
    """
    refuse_mask("image", image)
    try:
        array = np.asarray(image)
    except ValueError as error:
        raise ValueError("image is ragged; every row must hold the same number of pixels.") from error
    if array.dtype.kind not in "biuf":
        kind = "complex" if array.dtype.kind == "c" else "not numeric"
        raise TypeError(f"image has dtype {array.dtype}, which is {kind}; it must hold real numbers or booleans.")
    if array.ndim not in (2, 3):
        raise ValueError(f"image has shape {array.shape}, but must be (height, width) or (height, width, channels).")
    if array.size == 0:
        raise ValueError(f"image has shape {array.shape} and is empty; it must hold at least one pixel.")
    return array


def as_kernel(kernel: Kernel | npt.ArrayLike, image_shape: tuple[int, ...]) -> Kernel:
    """Return the kernel, or an array of weights as one, once its channels are known to fit the picture's.

    A picture (H, W) counts as one channel for a kernel (kh, kw, 1).

    Raises
    ------
    TypeError
        If `kernel` is text or not an array of real numbers.
    ValueError
        If the weights are empty or not finite, or the channels differ.
    """
    if kernel is None or isinstance(kernel, str | bytes):
        raise TypeError(
            f"kernel is {kernel!r}, but must be a Kernel or an array of weights; "
            f"read text with Kernel.parse and names with library.get."
        )
    checked = kernel if isinstance(kernel, Kernel) else Kernel(kernel)
    channels = image_shape[2] if len(image_shape) == 3 else 1
    if checked.channels is not None and checked.channels != channels:
        raise ValueError(
            f"kernel has {checked.channels} channels, but image has {channels} (shape {image_shape}); "
            f"it must have {channels}, or none at all (kh, kw) to filter every channel."
        )
    return checked


def applied_weights(kernel: Kernel, options: SlidingOptions) -> npt.NDArray[np.float64]:
    """Return the weights as they are applied: rotated by 180 degrees for a convolution."""
    return kernel.weights[::-1, ::-1] if options.is_convolution else kernel.weights


class HasDtype(Protocol):
    """An array, or what stands for one."""

    @property
    def dtype(self) -> np.dtype[Any]: ...


def output_dtype(image: HasDtype) -> np.dtype[Any]:
    """Return float64 for a float64 picture of either byte order, float32 for any other."""
    is_double = image.dtype.kind == "f" and image.dtype.itemsize == 8
    return np.dtype(np.float64 if is_double else np.float32)


def run_over(pixels: npt.NDArray[Any], kernel: Kernel) -> npt.NDArray[Any]:
    """Return pixels as `kernel` wants them: a grey picture stands for each of the channels that it sums over.

    Raises
    ------
    ValueError
        For whoever chooses channels and sees no shapes of arrays.
    """
    count = 1 if pixels.ndim == 2 else pixels.shape[2]
    if kernel.channels is None or kernel.channels == count:
        return pixels
    if kernel.channels == 1:
        raise ValueError("The kernel has weights for one channel; choose the channel that it is to filter.")
    if count == 1 and kernel.channels == 3:
        return np.repeat(pixels[:, :, np.newaxis], 3, axis=2)
    shown = "is grey" if count == 1 else f"has {count}"
    raise ValueError(f"The kernel has weights for {kernel.channels} channels, but the picture {shown}.")
