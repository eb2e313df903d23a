"""Correlation and convolution as products of matrices: the windows as rows, or the kernel as a matrix."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kernels import memory
from kernels.arguments import whole_number
from kernels.filtering.border import Border
from kernels.filtering.geometry import Pair, SlidingOptions, geometry
from kernels.filtering.operands import as_image, as_kernel, output_dtype
from kernels.filtering.provenance import tap_sources
from kernels.kernel import Kernel

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

#: Bytes that one entry takes while the sparse matrix is built: row, column and value, before and after sorting.
_ENTRY = 48


def im2col(
    image: npt.ArrayLike,
    kernel_shape: tuple[int, ...],
    *,
    operation: str = "correlation",
    padding: str | int | Pair = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    border: Border | str = Border.CONSTANT,
    border_value: float = 0.0,
) -> Array:
    """Write the window of every output pixel as one row of a matrix.

    The matrix times the weights as a column is the correlation, one number per output pixel; several kernels side by
    side as columns are a whole layer in one product.

    Parameters
    ----------
    image : array_like, shape (H, W) or (H, W, C)
        Real numbers or booleans, in any range. It is not modified.
    kernel_shape : (int, int) or (int, int, int)
        (kh, kw); channels may follow, as many as the picture has.
    operation : {"correlation", "convolution"}
        Decides on which side "same" pads more for an even size.
    padding, stride, dilation, border, border_value
        As in `kernels.correlate`.

    Returns
    -------
    ndarray, shape (H' * W', kh * kw) or (H' * W', kh * kw * C)
        Output pixels row by row, taps row by row, the channels of a tap together. The taps stand as they lie in the
        picture, so that for a convolution the weights to multiply by are those of the rotated kernel. float64 for a
        float64 picture, else float32.

    Raises
    ------
    TypeError, ValueError
        As `kernels.correlate`.
    MemoryError
        If the matrix would take more than half of the free memory.

    References
    ----------
    K. Chellapilla, S. Puri and P. Simard (2006), "High performance convolutional neural networks for document
    processing".

    Examples
    --------
    >>> im2col([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], (2, 2), padding="valid")
    array([[1., 2., 4., 5.],
           [2., 3., 5., 6.]])
    """
    pixels = as_image(image)
    options = SlidingOptions(operation, padding, stride, dilation, border, border_value)
    windows = geometry(pixels.shape, _plane(kernel_shape, pixels), options)
    (height, width), (kh, kw) = windows.output_shape, windows.kernel_shape
    trailing, dtype = pixels.shape[2:], output_dtype(pixels)
    size = height * width * kh * kw * math.prod(trailing)
    memory.require(
        float(size) * dtype.itemsize,
        f"A matrix of {height * width} × {kh * kw * math.prod(trailing)} values",
    )
    matrix = np.empty((height, width, kh, kw, *trailing), dtype)
    rows = [tap_sources(windows, 0, a, options.border) for a in range(kh)]
    columns = [tap_sources(windows, 1, b, options.border) for b in range(kw)]
    with np.errstate(over="ignore"):
        for a, from_rows in enumerate(rows):
            for b, from_columns in enumerate(columns):
                tap = matrix[:, :, a, b]
                tap[...] = pixels[np.ix_(from_rows, from_columns)]
                tap[from_rows < 0] = options.border_value
                tap[:, from_columns < 0] = options.border_value
    return matrix.reshape(height * width, -1)


def toeplitz(
    image_shape: tuple[int, int],
    kernel: Kernel,
    *,
    operation: str = "correlation",
    padding: str | int | Pair = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    border: Border | str = Border.CONSTANT,
) -> sparse.csr_array:
    """Write a kernel as the matrix that filters a picture of one size: output = matrix times picture.

    At stride 1, without padding, the matrix is doubly blocked Toeplitz: blocks that are constant along diagonals, each
    of them constant along diagonals. Every row holds the same few weights; all else is zero, where a fully connected
    layer would have a weight of its own.

    Parameters
    ----------
    image_shape : (int, int)
        (H, W); the picture enters row by row, as ``image.ravel()``.
    kernel : Kernel
        (kh, kw).
    operation, padding, stride, dilation, border
        As in `kernels.trace`. A constant border is 0.

    Returns
    -------
    scipy.sparse.csr_array of float64, shape (H' * W', H * W)
        The weights over the divisor; the offset is not part of it. Weights of zero are entries too, so that a pixel
        that is not finite has the same consequences as in `kernels.correlate`; where several taps read the same pixel
        of the border, their weights are added up.

    Raises
    ------
    TypeError, ValueError
        As `kernels.correlate`, and for a kernel with several channels.
    MemoryError
        If the matrix would take more than half of the free memory.

    References
    ----------
    R. C. Gonzalez and R. E. Woods (1992), "Digital Image Processing", section 5.1.3 (block circulant matrices).
    V. Dumoulin and F. Visin (2016), "A guide to convolution arithmetic for deep learning", section 4.1.

    Examples
    --------
    >>> toeplitz((1, 4), Kernel([[1.0, 2.0]]), padding="valid").toarray()
    array([[1., 2., 0., 0.],
           [0., 1., 2., 0.],
           [0., 0., 1., 2.]])
    """
    options = SlidingOptions(operation, padding, stride, dilation, border)
    if not isinstance(image_shape, tuple | list) or len(image_shape) != 2:
        raise ValueError(f"image_shape is {image_shape!r}, but must be a pair (height, width).")
    image = whole_number("image_shape", image_shape[0], 1), whole_number("image_shape", image_shape[1], 1)
    checked = as_kernel(kernel, image)
    weights = checked.effective_weights.reshape(checked.shape)
    if not np.isfinite(weights).all():
        raise ValueError("kernel has weights that are too large once they are divided by its divisor.")
    if options.is_convolution:
        weights = weights[::-1, ::-1]
    windows = geometry(image, checked.shape, options)
    (height, width), (kh, kw) = windows.output_shape, windows.kernel_shape
    memory.require(float(height * width * kh * kw) * _ENTRY, f"A sparse matrix for {height} × {width} output pixels")

    from scipy import sparse

    # (H', kh) and (W', kw): the picture row and column under each tap.
    rows = np.stack([tap_sources(windows, 0, a, options.border) for a in range(kh)], axis=1)
    columns = np.stack([tap_sources(windows, 1, b, options.border) for b in range(kw)], axis=1)
    rows, columns = rows[:, np.newaxis, :, np.newaxis], columns[np.newaxis, :, np.newaxis, :]
    real = (rows >= 0) & (columns >= 0)
    pixel = (rows * image[1] + columns)[real]
    value = np.broadcast_to(weights, real.shape)[real]
    output = np.repeat(np.arange(height * width), real.sum(axis=(2, 3)).ravel())
    matrix = sparse.coo_array((value, (output, pixel)), shape=(height * width, image[0] * image[1]))
    return matrix.tocsr()


def _plane(kernel_shape: tuple[int, ...], pixels: Array) -> Pair:
    """Return the rows and columns of a kernel's shape once its channels are known to be the picture's."""
    if not isinstance(kernel_shape, tuple | list) or len(kernel_shape) not in (2, 3):
        raise ValueError(f"kernel_shape is {kernel_shape!r}, but must be (kh, kw) or (kh, kw, channels).")
    rows, columns, *channels = (whole_number("kernel_shape", length, 1) for length in kernel_shape)
    count = pixels.shape[2] if pixels.ndim == 3 else 1
    if channels and channels[0] != count:
        raise ValueError(
            f"kernel_shape is {tuple(kernel_shape)}, but image has {count} channels (shape {pixels.shape})."
        )
    return rows, columns
