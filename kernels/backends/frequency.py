"""Through the discrete Fourier transform, in float64: the same effort for every size of kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def correlate(pixels: Array, weights: Array) -> Array:
    """Correlate where the whole kernel lies inside, at every pixel.

    The transform is as large as the strip of pixels: what wraps around reaches only the outputs that are cut off.

    Parameters and result are those of `kernels.backends.direct.correlate`, but the result is always float64.
    """
    from scipy import fft

    height, width = pixels.shape[0] - weights.shape[0] + 1, pixels.shape[1] - weights.shape[1] + 1
    size = (fft.next_fast_len(pixels.shape[0], real=True), fft.next_fast_len(pixels.shape[1], real=True))
    sums_channels = weights.ndim == 3
    planes = pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]
    spectrum_of = {} if sums_channels else {0: _spectrum(weights, size)}
    total: Array | None = None
    results: list[Array] = []
    for channel in range(planes.shape[2]):
        product = fft.rfft2(planes[:, :, channel].astype(np.float64), s=size)
        product *= _spectrum(weights[:, :, channel], size) if sums_channels else spectrum_of[0]
        if not sums_channels:
            results.append(fft.irfft2(product, s=size, overwrite_x=True)[:height, :width])
        elif total is None:
            total = product
        else:
            total += product
    if total is not None:
        return np.asarray(fft.irfft2(total, s=size, overwrite_x=True)[:height, :width])
    return results[0] if pixels.ndim == 2 else np.stack(results, axis=2)


def _spectrum(weights: Array, size: tuple[int, int]) -> Array:
    """Return the conjugate spectrum of a kernel: multiplying by it correlates."""
    from scipy import fft

    return np.conj(fft.rfft2(weights.astype(np.float64), s=size))
