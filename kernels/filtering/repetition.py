"""A kernel applied again and again, and the Gaussian that it tends to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.arguments import whole_number
from kernels.filtering.engine import run
from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.filtering.operands import as_image, as_kernel
from kernels.kernel import Kernel

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

FARTHEST_REACH = 255
"""Pixels from the middle of an equivalent Gaussian to its edge, at most."""

_DEVIATIONS = 4.0
_ROUNDING = 1e-9
#: Values that are compared together.
_STRIP = 1 << 20


def repeated(
    image: npt.ArrayLike,
    kernel: Kernel,
    options: SlidingOptions,
    times: int,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Array:
    """Apply a kernel `times` times, each time to the output of the time before.

    Parameters
    ----------
    image : array_like, shape (H, W) or (H, W, C)
        Real numbers or booleans, in any range. It is not modified.
    kernel : Kernel
        (kh, kw); every channel is filtered on its own.
    options : SlidingOptions
        The stride must be 1, and the output must keep the picture's size, as it does with padding "same". Every time
        the picture is extended anew.
    times : int
        At least 1.
    cancelled : callable, optional
        Asked before each strip of each time; True stops.
    progress : callable, optional
        Told the share of all the work that is done.

    Returns
    -------
    ndarray, shape of the picture
        float64 for a float64 picture, else float32, as `kernels.correlate` gives it; n times and once more is
        exactly n + 1 times.

    Raises
    ------
    TypeError, ValueError
        As `kernels.correlate`; also where the output cannot be filtered again as the input was.
    MemoryError
        If a result would take more than half of the free memory.
    kernels.errors.Cancelled
        If `cancelled` returned True.

    References
    ----------
    W. M. Wells (1986), "Efficient synthesis of Gaussian filters by cascaded uniform filters".
    """
    current = as_image(image)
    checked = as_kernel(kernel, current.shape)
    count = whole_number("times", times, 1)
    check_repeatable(current.shape, checked, options)
    for done in range(count):
        told = None if progress is None else _share_of(progress, done, count)
        current = run(current, checked, options, cancelled=cancelled, progress=told)
    return current


def check_repeatable(image_shape: tuple[int, ...], kernel: Kernel, options: SlidingOptions) -> None:
    """Refuse what cannot be applied to its own output.

    Raises
    ------
    ValueError
        One sentence that says why.
    """
    if options.steps[0] != (1, 1):
        raise ValueError(
            f"stride is {options.stride}, but must be 1 to apply a kernel again: the output would shrink each time."
        )
    if kernel.channels not in (None, 1):
        raise ValueError(
            f"kernel has {kernel.channels} channels, which it adds up to one, so that it cannot be applied again; "
            f"use weights (kh, kw)."
        )
    size = geometry(image_shape, kernel.shape, options).output_shape
    if size != tuple(image_shape[:2]):
        before = f"{image_shape[0]} × {image_shape[1]}"
        raise ValueError(
            f"padding is {options.padding!r}, which makes {size[0]} × {size[1]} of {before} (rows × columns), but a "
            f"kernel that is applied again must keep the size; use padding 'same'."
        )


def equivalent_gaussian(kernel: Kernel, times: int) -> Kernel:
    """Return the Gaussian that a kernel applied `times` times comes near to, by the central limit theorem.

    Weights that are not negative are, over their sum, the chances of a random step of so many pixels. Applying the
    kernel n times adds up n steps: their mean and their variances are n times those of one step, and their
    distribution tends to the Gaussian with that mean and those variances. A box of k pixels has the variance
    ``(k**2 - 1) / 12`` along each axis.

    Parameters
    ----------
    kernel : Kernel
        (kh, kw) or (kh, kw, 1), without negative weights.
    times : int
        At least 1.

    Returns
    -------
    Kernel
        Sampled at the pixels, four standard deviations to each side of its mean; an odd number of rows and columns, so
        that with padding "same" it stands where the kernel applied n times stands, off its middle where the kernel is
        off its own. Apply it with the same operation and dilation. Its sum is that of the kernel over its divisor to
        the power n, its offset what n offsets make of a flat area. Where all weights are in one row, one column or on
        one slanted line, so are those of the Gaussian.

    Raises
    ------
    TypeError, ValueError
        With a sentence for the window: the kernel has negative weights, no sum, a single weight, or channels, and
        tends to no Gaussian; or the Gaussian would be larger than `FARTHEST_REACH` allows or its weights too large.

    References
    ----------
    W. M. Wells (1986), "Efficient synthesis of Gaussian filters by cascaded uniform filters".
    W. Feller (1971), "An Introduction to Probability Theory and Its Applications", volume 2, section VIII.4.

    Examples
    --------
    >>> equivalent_gaussian(Kernel([[1, 1, 1]], divisor=3), 6).shape  # variance 6 * 2/3 = 4
    (1, 17)
    """
    count = whole_number("times", times, 1)
    _check_chances(kernel)
    mean, covariance = _moments(kernel)
    mean, covariance = count * mean, count * covariance
    reach = [math.ceil(abs(mean[axis]) + _DEVIATIONS * math.sqrt(covariance[axis, axis])) for axis in (0, 1)]
    if max(reach) > FARTHEST_REACH:
        raise ValueError(
            f"times is {count}, but then the Gaussian reaches {max(reach)} pixels from its middle; "
            f"at most {FARTHEST_REACH} are drawn, which fewer times or a smaller kernel keep to."
        )
    gain = kernel.sum / kernel.divisor
    with np.errstate(over="ignore", under="ignore"):
        gains = np.float64(gain) ** np.arange(count + 1)
        offset = kernel.offset * float(gains[:-1].sum()) if kernel.offset else 0.0
    if not (np.isfinite(gains[-1]) and math.isfinite(offset)) or gains[-1] == 0:
        raise ValueError(
            f"times is {count}, but the weights over the divisor add up to {gain:g}, which makes flat areas too large "
            f"or too small for a number then; a divisor equal to the sum keeps them."
        )
    weights = _sampled(mean, covariance, reach)
    return Kernel(weights * gains[-1], offset=offset, name=f"Gaussian like {count} times {kernel.name}".rstrip())


def standard_deviations(kernel: Kernel, times: int) -> tuple[float, float]:
    """Return the standard deviations (y, x), in taps, of a kernel that is applied `times` times.

    Raises
    ------
    ValueError, TypeError
        As `equivalent_gaussian`.
    """
    count = whole_number("times", times, 1)
    _check_chances(kernel)
    _mean, covariance = _moments(kernel)
    return math.sqrt(count * float(covariance[0, 0])), math.sqrt(count * float(covariance[1, 1]))


class Difference(msgspec.Struct, frozen=True):
    """How far two arrays are apart, in the units of their values.

    Attributes
    ----------
    largest : float
        The largest absolute difference.
    root_mean_square : float
        The square root of the mean of the squared differences.
    unknown : int
        Values that are not finite in one of the arrays; they count in neither.
    """

    largest: float
    root_mean_square: float
    unknown: int


def difference(first: Array, second: Array) -> Difference:
    """Compare two arrays of one shape, for example a kernel applied n times with its Gaussian.

    Along the rim two results differ by the border too: a kernel applied n times sees virtual pixels n times.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"second has the shape {second.shape}, but must have that of first, {first.shape}.")
    rows = max(1, _STRIP // max(1, math.prod(first.shape[1:])))
    largest = total = 0.0
    known = 0
    for top in range(0, first.shape[0], rows):
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.abs(first[top : top + rows].astype(np.float64) - second[top : top + rows])
            apart = apart[np.isfinite(apart)]
            total += float(np.square(apart).sum())
        largest = max(largest, float(apart.max(initial=0.0)))
        known += apart.size
    return Difference(largest, math.sqrt(total / known) if known else 0.0, first.size - known)


def _share_of(progress: Callable[[float], None], done: int, count: int) -> Callable[[float], None]:
    return lambda share: progress((done + share) / count)


def _check_chances(kernel: Kernel) -> None:
    """Refuse weights that are not the chances of a step."""
    if kernel.channels not in (None, 1):
        raise ValueError(f"The kernel has {kernel.channels} channels and cannot be applied again; it has no Gaussian.")
    if bool((kernel.weights < 0).any()):
        raise ValueError("The kernel has negative weights, so applying it again and again tends to no Gaussian.")
    if kernel.sum == 0:
        raise ValueError("The weights are all 0, so applying the kernel again and again tends to no Gaussian.")
    if np.count_nonzero(kernel.weights) == 1:
        raise ValueError(
            "The kernel has a single weight, which moves pixels and mixes none, so applying it again and again tends "
            "to no Gaussian."
        )


def _moments(kernel: Kernel) -> tuple[FloatArray, FloatArray]:
    """Return the mean (y, x) and the covariance, (2, 2), of the taps' distances from the anchor, in taps."""
    # Over the largest first: the sum of huge weights would overflow.
    weights = kernel.weights.reshape(kernel.shape) / kernel.weights.max()
    weights /= weights.sum()
    # The anchor of a correlation under "same"; a convolution mirrors both.
    y, x = (np.arange(size, dtype=np.float64) - (size - 1) // 2 for size in kernel.shape)
    rows, columns = weights.sum(axis=1), weights.sum(axis=0)
    mean = np.array([rows @ y, columns @ x])
    y, x = y - mean[0], x - mean[1]
    across = float(y @ weights @ x)
    high, wide = float(rows @ y**2), float(columns @ x**2)
    if abs(across) <= _ROUNDING * math.sqrt(high * wide):
        across = 0.0
    return mean, np.array([[high, across], [across, wide]])


def _sampled(mean: FloatArray, covariance: FloatArray, reach: list[int]) -> FloatArray:
    """Return the density at the pixels around the anchor, (2 reach + 1) per axis, that adds up to 1."""
    y, x = (np.arange(-far, far + 1, dtype=np.float64) - middle for far, middle in zip(reach, mean, strict=True))
    if covariance[0, 1] == 0:
        return np.asarray(np.outer(_bell(y, float(covariance[0, 0])), _bell(x, float(covariance[1, 1]))), np.float64)
    variances, axes = np.linalg.eigh(covariance)
    # Distances along the axis of the smaller and of the larger variance.
    aside, along = (axes[0, axis] * y[:, None] + axes[1, axis] * x for axis in (0, 1))
    if variances[0] <= _ROUNDING * variances[1]:
        weights = np.where(np.abs(aside) < 1e-6, np.exp(-(along**2) / (2 * variances[1])), 0.0)
    else:
        weights = np.exp(-(aside**2) / (2 * variances[0]) - along**2 / (2 * variances[1]))
    return np.asarray(weights / weights.sum(), np.float64)


def _bell(distances: FloatArray, variance: float) -> FloatArray:
    """Return a Gaussian along one axis; without variance it is the one pixel in the middle."""
    if variance <= _ROUNDING:
        return np.asarray(np.abs(distances) == np.abs(distances).min(), np.float64)
    nearest = float(np.abs(distances).min())
    row = np.exp((nearest**2 - distances**2) / (2.0 * variance))
    return np.asarray(row / row.sum(), np.float64)
