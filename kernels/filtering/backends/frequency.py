"""Through the discrete Fourier transform, in float64: the same effort for every size of kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[int, int]

#: Spectra of the kernel that are kept for the next strip.
_MOST_SPECTRA = 16


class Transform:
    """Correlation by multiplying spectra; keeps those of the kernel from strip to strip."""

    def __init__(self) -> None:
        self._spectra: dict[tuple[bytes, Pair, Pair], Array] = {}

    def correlate(self, pixels: Array, weights: Array) -> Array:
        """Correlate where the whole kernel lies inside, at every pixel.

        The transform is as large as the strip of pixels: what wraps around reaches only outputs that are cut off.

        Parameters and result are those of `kernels.filtering.backends.direct.correlate`, but the result is always
        float64.
        """
        from scipy import fft

        height, width = pixels.shape[0] - weights.shape[0] + 1, pixels.shape[1] - weights.shape[1] + 1
        size = (fft.next_fast_len(pixels.shape[0], real=True), fft.next_fast_len(pixels.shape[1], real=True))
        if pixels.ndim == 2:
            return np.asarray(fft.irfft2(self._product(pixels, weights, size), s=size)[:height, :width])
        if weights.ndim == 2:
            planes = [self.correlate(pixels[:, :, channel], weights) for channel in range(pixels.shape[2])]
            return np.stack(planes, axis=2)
        total = self._product(pixels[:, :, 0], weights[:, :, 0], size)
        for channel in range(1, weights.shape[2]):
            total += self._product(pixels[:, :, channel], weights[:, :, channel], size)
        return np.asarray(fft.irfft2(total, s=size)[:height, :width])

    def _product(self, plane: Array, weights: Array, size: Pair) -> Array:
        """Return the spectrum of a plane times the conjugate one of the kernel, which correlates them."""
        from scipy import fft

        key = (weights.tobytes(), (weights.shape[0], weights.shape[1]), size)
        spectrum = self._spectra.get(key)
        if spectrum is None:
            spectrum = np.conj(fft.rfft2(weights.astype(np.float64), s=size))
            if len(self._spectra) < _MOST_SPECTRA:
                self._spectra[key] = spectrum
        product: Array = fft.rfft2(plane.astype(np.float64), s=size)
        product *= spectrum
        return product
