"""What a kernel does to waves: its frequency response."""

from __future__ import annotations

import operator

import numpy as np
import numpy.typing as npt

from kernels.kernel import Kernel

FloatArray = npt.NDArray[np.float64]


def frequencies(size: int = 64) -> FloatArray:
    """Frequencies of the rows and columns of `frequency_response`, in cycles per pixel.

    Returns
    -------
    (size,) float64 array
        Ascending in steps of 1 / size from -1/2, or from just above it for an odd size; 0 stands at ``size // 2``.
    """
    return (np.arange(_checked(size)) - size // 2) / size


def frequency_response(kernel: Kernel, size: int = 64) -> FloatArray:
    """How much of a wave of every frequency a kernel lets through.

    Filtering a wave cos(2π (fy y + fx x)) gives a wave of the same frequency; the response is its amplitude, the
    magnitude of Σ w[k, l] exp(-2πi (fy k + fx l)). It is the same for correlation and convolution, and for the kernel
    wherever it stands. The divisor counts, the offset does not.

    Parameters
    ----------
    kernel : Kernel
        Of any size, also larger than `size`: frequencies are sampled, nothing is cut.
    size : int
        Frequencies along each axis.

    Returns
    -------
    (size, size) or (size, size, C) float64 array
        Frequency 0 at ``[size // 2, size // 2]``, fx growing to the right and fy downwards, as `frequencies` gives
        them in cycles per pixel; one such plane for every channel of a kernel with channels.

    Raises
    ------
    TypeError, ValueError
        If size is not a whole number of at least 1.

    References
    ----------
    A. V. Oppenheim, R. W. Schafer, 1975, Digital Signal Processing.
    """
    cycles = frequencies(size)
    rows, columns = kernel.shape
    down = np.exp(-2j * np.pi * np.outer(cycles, np.arange(rows)))
    across = np.exp(-2j * np.pi * np.outer(cycles, np.arange(columns)))
    planes = np.moveaxis(np.atleast_3d(kernel.effective_weights), 2, 0)
    response = np.moveaxis(np.abs(down @ planes @ across.T), 0, 2)
    return np.ascontiguousarray(response if kernel.channels is not None else response[:, :, 0])


def _checked(size: int) -> int:
    if operator.index(size) < 1:
        raise ValueError(f"size is {size}; it must be at least 1")
    return operator.index(size)
