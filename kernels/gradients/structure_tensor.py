"""From the gradients of several channels to one."""

from __future__ import annotations

import math
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
    best_x, best_y = gx[:, :, 0].copy(), gy[:, :, 0].copy()
    longest = _length(best_x, best_y)
    for channel in range(1, gx.shape[2]):
        x, y = gx[:, :, channel], gy[:, :, channel]
        length = _length(x, y)
        better = length > longest
        np.copyto(best_x, x, where=better)
        np.copyto(best_y, y, where=better)
        np.copyto(longest, length, where=better)
    return best_x, best_y


def _length(x: Array, y: Array) -> FloatArray:
    """Return √(x² + y²), infinite where x or y is not finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        length = np.hypot(x.astype(np.float64), y.astype(np.float64))
    length[~(np.isfinite(x) & np.isfinite(y))] = np.inf
    return length


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
    scale = _unit(gx, gy)
    x, y = gx.astype(np.float64) / scale, gy.astype(np.float64) / scale
    with np.errstate(invalid="ignore", over="ignore"):
        xx, yy, xy = (np.einsum("ijc,ijc->ij", one, other) for one, other in ((x, x), (y, y), (x, y)))
        difference = xx - yy
        # Fourth powers of gradients near 1: far from the limits of float64, and much faster than hypot.
        spread = np.sqrt(difference * difference + 4.0 * (xy * xy))
        # Of the two ways to write the eigenvector, the one in which nothing cancels.
        large = 0.5 * (spread + np.abs(difference))
        is_flat = difference >= 0
        across = np.where(is_flat, large, np.abs(xy))
        down = np.where(is_flat, xy, np.where(xy < 0, -large, large))
        size = np.sqrt(across * across + down * down)
        length = np.sqrt(0.5 * (xx + yy + spread))
        # No spread: every direction is as good, as on a flat place; the first axis then.
        across, down = np.where(size > 0, across / size, 1.0), np.where(size > 0, down / size, 0.0)
        sum_x, sum_y = np.einsum("ijc->ij", x), np.einsum("ijc->ij", y)
        along = sum_x * across + sum_y * down
        length[along < -tolerance / scale] *= -1.0
        length *= scale
        return length * across, length * down


def _unit(gx: Array, gy: Array) -> float:
    """Return a power of two near the largest finite gradient: dividing by it costs no digit."""
    finite = (np.abs(part[np.isfinite(part)]) for part in (gx, gy))
    largest = max(float(part.max(initial=0.0)) for part in finite)
    return math.ldexp(1.0, min(math.frexp(largest)[1], 1023)) if largest > 0.0 else 1.0
