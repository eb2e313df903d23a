"""The gradient of a picture: Gx, Gy, magnitude, direction, thinned edges, orientations.

Gx is the response to intensity growing to the right, Gy to intensity growing downwards, whatever the operator. The
direction is atan2(Gy, Gx) in degrees: 0 is right, 90 is down.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from kernels import spare_memory
from kernels.filtering.backends.job import Job
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.border import Border
from kernels.filtering.engine import run
from kernels.filtering.geometry import Pair, SlidingOptions, geometry
from kernels.filtering.operands import as_image, output_dtype
from kernels.gradients.operators import (
    OPERATORS,
    SCALINGS,
    OperatorChoice,
    gaussian_radius,
    gaussian_rows,
    parse_operator,
    resolve,
)
from kernels.gradients.result import NORMS, Gradient, checked_name, read_only, row_strips
from kernels.gradients.structure_tensor import dominant_gradient, strongest_channel
from kernels.kernel import Kernel
from kernels.pictures.colour import LUMA_WEIGHTS

__all__ = ["COLOURS", "NORMS", "OPERATORS", "SCALINGS", "Gradient", "gradient", "run_gradient"]

Array = npt.NDArray[Any]
Stop = Callable[[], bool] | None

COLOURS = ("luma", "strongest", "structure-tensor")
"""How colours are joined: luma (ITU-R BT.601), the channel with the longest gradient, or Di Zenzo's tensor."""

ZERO_SHARE = 1e-6
"""A magnitude of at most this share of Σ|w| · max|x| counts as 0."""
LARGEST_SIGMA = 50.0

#: Bytes of a picture that stays in the processor's cache from one component to the other.
_CACHED = 2**22


def gradient(
    image: npt.ArrayLike,
    operator: OperatorChoice = "sobel",
    *,
    scaling: str = "as-written",
    norm: str = "l2",
    sigma: float = 0.0,
    colour: str = "luma",
    padding: str | int | Pair = "same",
    border: Border | str = Border.REFLECT,
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    border_value: float = 0.0,
) -> Gradient:
    """Measure the gradient of a picture.

    Parameters
    ----------
    image : array_like, shape (H, W) or (H, W, C)
        Real numbers or booleans, in any range. It is not modified.
    operator : str, Kernel, or pair of Kernels
        A name of `kernels.gradients.operators.OPERATORS`: "central", "roberts", "prewitt", "sobel", "sobel-5",
        "sobel-7", "scharr", "gaussian" or "gaussian(sigma=2)". Or a kernel, which is joined by its transpose, or two
        kernels, of which the one that answers more to a ramp in x is Gx; a kernel that answers to its ramp with a
        negative number changes its sign. Kernels are written for correlation; their offsets are left out.
    scaling : {"as-written", "per-pixel"}
        "per-pixel" divides each component by its response to a ramp of slope 1, dilation included: such a ramp gives
        1 with every operator.
    norm : {"l2", "l1", "max"}
        The magnitude: √(gx² + gy²), |gx| + |gy|, or max(|gx|, |gy|).
    sigma : float
        Standard deviation, in pixels, of the Gaussian that smooths the picture first; 0 smooths nothing. With the
        operator "gaussian", without a parameter of its own, it is the σ of the derivative itself (then 0 means 1),
        since smoothing by a Gaussian and taking the slope is that operator.
    colour : {"luma", "strongest", "structure-tensor"}
        For pictures with channels: the gradient of the luma 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601-7); that of the
        channel where it is longest; or Di Zenzo's, in which three equal channels have √3 times the magnitude of one.
    padding, border, stride, dilation, border_value
        As in `kernels.correlate`; only the default border differs. The smoothing continues the picture by the same
        border, whatever the padding.

    Returns
    -------
    Gradient
        gx, gy, magnitude and direction, (H', W') each: float64 for a float64 picture, else float32. A magnitude of at
        most ``1e-6 * Σ|w| * max|x|`` is 0 and has no direction (NaN).

    Raises
    ------
    TypeError
        If the picture or an option has the wrong type.
    ValueError
        If an option is unknown or out of range, the window does not fit, luma is asked of another number of channels
        than 3, or "per-pixel" of a kernel that does not answer to its ramp.

    Notes
    -----
    Roberts' two differences lie along the diagonals, D1 = [[-1, 0], [0, 1]] and D2 = [[0, -1], [1, 0]]; here they are
    rotated: Gx = (D1 - D2)/√2, Gy = (D1 + D2)/√2. The result belongs to the window's centre, between four pixels; see
    `Gradient.centre_offset`.

    References
    ----------
    R. C. Gonzalez, R. E. Woods (2018), "Digital Image Processing", 4th edition, section 10.2. S. Di Zenzo (1986), "A
    note on the gradient of a multi-image". The operators' own references are in `OPERATORS`.
    """
    sliding = SlidingOptions("correlation", padding, stride, dilation, border, border_value)
    return run_gradient(image, operator, scaling=scaling, norm=norm, sigma=sigma, colour=colour, sliding=sliding)


def run_gradient(
    image: npt.ArrayLike,
    operator: OperatorChoice = "sobel",
    *,
    scaling: str = "as-written",
    norm: str = "l2",
    sigma: float = 0.0,
    colour: str = "luma",
    sliding: SlidingOptions | None = None,
    cancelled: Stop = None,
    progress: Callable[[float], None] | None = None,
) -> Gradient:
    """Measure the gradient in strips of rows, stopping when asked to.

    Parameters
    ----------
    image, operator, scaling, norm, sigma, colour
        As in `gradient`.
    sliding : SlidingOptions, optional
        By default with the border "reflect". Its operation is not used: a gradient is a correlation.
    cancelled : callable, optional
        Asked before each strip; True stops.
    progress : callable, optional
        Told the share that is done, 0 to 1.

    Raises
    ------
    kernels.errors.Cancelled
        If `cancelled` returned True.
    """
    options = sliding or SlidingOptions(border=Border.REFLECT)
    if options.is_convolution:
        options = replace(options, operation="correlation")
    checked_name("norm", norm, NORMS)
    checked_name("colour", colour, COLOURS)
    operator, sigma = _one_smoothing(operator, _checked_sigma(sigma))
    pair = resolve(operator).scaled(scaling, options.steps[1])
    pixels = as_image(image)
    windows = geometry(pixels.shape, pair.shape, options)
    tolerance = ZERO_SHARE * pair.absolute_sum * _greatest(pixels, options)
    plane = _joined(pixels, colour, cancelled)
    if sigma > 0:
        plane = _smoothed(plane, sigma, options, cancelled)
    gx, gy = spare_memory.empty((2, *windows.output_shape), output_dtype(pixels))
    jobs = Job.of(plane, pair.x, options), Job.of(plane, pair.y, options)

    # A large picture is read from memory once, strip by strip, for both.
    is_shared = plane.ndim == 2 and plane.nbytes <= _CACHED and all(job.is_shared for job in jobs)

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        _compute(jobs, top, bottom, colour, tolerance, (gx[top:bottom], gy[top:bottom]), scratch)

    strips = [(0, len(gx))] if is_shared else jobs[0].strips
    compute_strips(strips, compute, is_shared=is_shared, cancelled=cancelled, progress=progress)
    return Gradient(read_only(gx), read_only(gy), norm, pair, windows, tolerance)


def _compute(
    jobs: tuple[Job, Job],
    top: int,
    bottom: int,
    colour: str,
    tolerance: float,
    out: tuple[Array, Array],
    scratch: Scratch,
) -> None:
    """Write the rows of one strip, or of all, into Gx and Gy."""
    if jobs[0].image.ndim == 2:
        for job, component in zip(jobs, out, strict=True):
            job.compute(top, bottom, component, scratch)
        return
    gx, gy = (np.empty((bottom - top, *job.shape[1:]), dtype=job.dtype) for job in jobs)
    jobs[0].compute(top, bottom, gx, scratch)
    jobs[1].compute(top, bottom, gy, scratch)
    with np.errstate(over="ignore", invalid="ignore"):
        if colour == "strongest":
            out[0][...], out[1][...] = strongest_channel(gx, gy)
        else:
            out[0][...], out[1][...] = dominant_gradient(gx, gy, tolerance)


def _one_smoothing(operator: OperatorChoice, sigma: float) -> tuple[OperatorChoice, float]:
    """Give the smoothing to a Gaussian derivative that has no σ of its own."""
    if isinstance(operator, str) and sigma > 0:
        found, values = parse_operator(operator)
        if found.parameters and not values:
            return found.pair(sigma=sigma), 0.0
    return operator, sigma


def _joined(pixels: Array, colour: str, cancelled: Stop) -> Array:
    """Return one channel where one is enough."""
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] == 1:
        return pixels[:, :, 0]
    if colour != "luma":
        return pixels
    if pixels.shape[2] != 3:
        raise ValueError(
            f"colour is 'luma', but image has {pixels.shape[2]} channels (shape {pixels.shape}); luma needs red, "
            f"green and blue. Use colour 'strongest' or 'structure-tensor'."
        )
    return run(pixels, Kernel([[LUMA_WEIGHTS]]), SlidingOptions(), cancelled=cancelled)


def _smoothed(plane: Array, sigma: float, options: SlidingOptions, cancelled: Stop) -> Array:
    bell, _ = gaussian_rows(sigma, max(gaussian_radius(sigma), 1))
    same = SlidingOptions(border=options.border, border_value=options.border_value)
    across = run(plane, Kernel(bell[np.newaxis, :]), same, cancelled=cancelled)
    return run(across, Kernel(bell[:, np.newaxis]), same, cancelled=cancelled)


def _checked_sigma(sigma: object) -> float:
    if isinstance(sigma, bool) or not isinstance(sigma, numbers.Real):
        raise TypeError(f"sigma is {sigma!r}, but must be a number of pixels.")
    number = float(sigma)
    if not 0 <= number <= LARGEST_SIGMA:
        raise ValueError(f"sigma is {number:g}, but must be from 0 to {LARGEST_SIGMA:g} pixels.")
    return number


def _greatest(pixels: Array, options: SlidingOptions) -> float:
    """Return the largest finite |x| that a window can see."""
    greatest = abs(options.border_value) if math.isfinite(options.border_value) else 0.0
    if options.border is not Border.CONSTANT or options.padding == "valid":
        greatest = 0.0
    for part in row_strips(pixels.shape):
        strip = pixels[part]
        least, most = float(strip.min()), float(strip.max())
        if not math.isfinite(most - least):
            strip = strip[np.isfinite(strip)]
            least, most = (float(strip.min()), float(strip.max())) if strip.size else (0.0, 0.0)
        greatest = max(greatest, -least, most)
    return greatest
