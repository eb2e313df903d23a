"""From the gradients of several channels to one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]


def strongest_channel(gx: Array, gy: Array) -> tuple[Array, Array]:
    """Take at every pixel the gradient of the channel where it is longest.

    Parameters
    ----------
    gx, gy : ndarray, shape (H, W, C)
        The gradients of the channels.

    Returns
    -------
    gx, gy : ndarray, shape (H, W)
        Of the channel with the largest √(gx² + gy²), the first one of equals; a channel whose gradient is not finite
        counts as the strongest.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        lengths = np.hypot(gx.astype(np.float64), gy.astype(np.float64))
    lengths[~(np.isfinite(gx) & np.isfinite(gy))] = np.nan
    # NumPy takes a NaN for the maximum.
    best = np.argmax(lengths, axis=2)[:, :, np.newaxis]
    return np.take_along_axis(gx, best, axis=2)[:, :, 0], np.take_along_axis(gy, best, axis=2)[:, :, 0]


def dominant_gradient(gx: Array, gy: Array, tolerance: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Return the direction in which the channels together change fastest, and how fast.

    Parameters
    ----------
    gx, gy : ndarray, shape (H, W, C)
        The gradients of the channels.
    tolerance : float
        A sum of the channels' gradients along that direction of at most this much has no sign.

    Returns
    -------
    gx, gy : ndarray of float64, shape (H, W)
        √λ1 (cos θ, sin θ), with λ1 the larger eigenvalue of the tensor [[Σ gx², Σ gx gy], [Σ gx gy, Σ gy²]] and θ the
        angle of its eigenvector. An eigenvector has no sign: it takes that of the channels' summed gradient, and where
        that has none (one colour grows as another fades) θ lies in (-90°, 90°].

    References
    ----------
    S. Di Zenzo (1986), "A note on the gradient of a multi-image", Computer Vision, Graphics, and Image Processing 33.
    """
    x, y = gx.astype(np.float64), gy.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        xx, yy, xy = (x * x).sum(axis=2), (y * y).sum(axis=2), (x * y).sum(axis=2)
        largest = 0.5 * (xx + yy + np.hypot(xx - yy, 2.0 * xy))
        angle = 0.5 * np.arctan2(2.0 * xy, xx - yy)
        length = np.sqrt(largest)
        across, down = np.cos(angle), np.sin(angle)
        # Half of π has a cosine of 6e-17.
        across[np.abs(across) < 1e-15] = 0.0
        down[np.abs(down) < 1e-15] = 0.0
        against = x.sum(axis=2) * across + y.sum(axis=2) * down < -tolerance
    length[against] *= -1.0
    return length * across, length * down
