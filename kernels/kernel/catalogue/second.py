"""Second derivatives, sharpening and Gabor's wavelet, written for correlation."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from kernels.kernel import Kernel
from kernels.kernel.catalogue.entry import Entry, Parameter, fixed
from kernels.kernel.catalogue.smoothing import fitted_size, gaussian_weights
from kernels.kernel.text import MAX_SIDE

FloatArray = npt.NDArray[np.float64]

LAPLACIANS = "Laplacians"
SHARPENING = "Sharpening"
GABOR = "Gabor"

ROSENFELD = "A. Rosenfeld, A. C. Kak, 1976, Digital Picture Processing"
KOVASZNAY = "L. S. G. Kovasznay, H. M. Joseph, 1955, Image processing"
MARR = "D. Marr, E. Hildreth, 1980, Theory of edge detection"
RODIECK = "R. W. Rodieck, 1965, Quantitative analysis of cat retinal ganglion cell response to visual stimuli"
MALIN = "D. F. Malin, 1977, Unsharp masking"
GONZALEZ = "R. C. Gonzalez, R. E. Woods, 2002, Digital Image Processing"
DAUGMAN = (
    "J. G. Daugman, 1985, Uncertainty relation for resolution in space, spatial frequency, and orientation optimized "
    "by two-dimensional visual cortical filters"
)


def laplacian_of_gaussian(sigma: float) -> Kernel:
    """The Laplacian of a sampled Gaussian, four standard deviations to each side, its sum corrected to 0."""
    reach = fitted_size(sigma, 4.0) // 2
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    scaled = (x**2 + y**2) / (2.0 * sigma**2)
    weights = (scaled - 1.0) * np.exp(-scaled) / (math.pi * sigma**4)
    # Sampling and cutting leave a small sum; shared out by the Gaussian, it leaves the outer weights small.
    weights -= gaussian_weights(sigma, 2 * reach + 1) * math.fsum(weights.flat)
    return Kernel(_with_sum(weights, 0.0))


def difference_of_gaussians(sigma_1: float, sigma_2: float) -> Kernel:
    """A Gaussian of `sigma_1` minus one of `sigma_2`, each with sum 1, at a size that fits the wider one."""
    size = fitted_size(max(sigma_1, sigma_2))
    return Kernel(_with_sum(gaussian_weights(sigma_1, size) - gaussian_weights(sigma_2, size), 0.0))


def unsharp(amount: float, sigma: float) -> Kernel:
    """The picture plus `amount` times what a Gaussian takes away from it."""
    weights = -amount * gaussian_weights(sigma, fitted_size(sigma))
    middle = weights.shape[0] // 2
    weights[middle, middle] += 1.0 + amount
    return Kernel(_with_sum(weights, 1.0))


def high_boost(boost: float) -> Kernel:
    """`boost` times the picture minus its Laplacian over eight neighbours."""
    weights = np.full((3, 3), -1.0)
    weights[1, 1] = 8.0 + boost
    return Kernel(weights)


def gabor(wavelength: float, theta: float, sigma: float, gamma: float, psi: float) -> Kernel:
    """A cosine wave under a Gaussian, balanced to the sum 0, divided by the sum of the absolute weights.

    With x' = x cos θ + y sin θ and y' = y cos θ − x sin θ the weights are
    exp(−(x'² + γ² y'²) / 2σ²) (cos(2π x'/λ + ψ) − c), to three standard deviations on each side, at most 63 × 63; the
    constant c leaves flat areas without an answer (Lee, 1996, Image representation using 2D Gabor wavelets).
    """
    cosine, sine = (round(function(math.radians(theta)), 15) for function in (math.cos, math.sin))
    long, short = 3.0 * sigma, 3.0 * sigma / gamma
    across, down = (
        min(math.ceil(round(max(abs(long * one), abs(short * other), 1.0), 9)), MAX_SIDE // 2)
        for one, other in ((cosine, sine), (sine, cosine))
    )
    y, x = np.mgrid[-down : down + 1, -across : across + 1]
    along, aside = x * cosine + y * sine, y * cosine - x * sine
    envelope = np.exp(-(along**2 + (gamma * aside) ** 2) / (2.0 * sigma**2))
    wave = np.cos(2.0 * math.pi * along / wavelength + math.radians(psi))
    mean = math.fsum((envelope * wave).flat) / math.fsum(envelope.flat)
    weights = _with_sum(envelope * (wave - mean), 0.0)
    # A wave that is 0 at every pixel leaves nothing but rounding.
    return Kernel(weights, divisor=math.fsum(np.abs(weights).flat) or 1.0)


def _with_sum(weights: FloatArray, total: float) -> FloatArray:
    """Give rounding's leftover to the centre, so that the sum is what it should be."""
    weights[weights.shape[0] // 2, weights.shape[1] // 2] += total - math.fsum(weights.flat)
    return weights


ENTRIES: tuple[Entry, ...] = (
    fixed(
        "laplacian-4",
        "Laplacian 4",
        LAPLACIANS,
        [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
        summary="The sum of both second derivatives, from four neighbours: zero on ramps, two signs beside an edge.",
        reference=ROSENFELD,
    ),
    fixed(
        "laplacian-8",
        "Laplacian 8",
        LAPLACIANS,
        [[1, 1, 1], [1, -8, 1], [1, 1, 1]],
        summary="The Laplacian from all eight neighbours: it answers to diagonal detail as well.",
        reference=ROSENFELD,
    ),
    Entry(
        "log",
        "Laplacian of Gaussian",
        LAPLACIANS,
        "Smooths and takes the Laplacian in one step: its zero crossings are the edges at the scale of σ.",
        MARR,
        build=laplacian_of_gaussian,
        parameters=(Parameter("sigma", "Standard deviation", "σ", "px", 0.5, 7.5, 0.1, 1.4),),
    ),
    Entry(
        "dog",
        "Difference of Gaussians",
        LAPLACIANS,
        "Keeps details between two scales, as ganglion cells of the eye do: a bright centre against its surroundings.",
        RODIECK,
        build=difference_of_gaussians,
        parameters=(
            Parameter("sigma_1", "Inner standard deviation", "σ1", "px", 0.1, 10.0, 0.1, 1.0),
            Parameter("sigma_2", "Outer standard deviation", "σ2", "px", 0.1, 10.0, 0.1, 1.6),
        ),
    ),
    fixed(
        "outline",
        "Outline",
        LAPLACIANS,
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        summary="Each pixel against its eight neighbours: only outlines and single points are left.",
        reference=GONZALEZ,
    ),
    fixed(
        "sharpen",
        "Sharpen",
        SHARPENING,
        [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        summary="The picture minus its Laplacian: edges get steeper, flat areas stay.",
        reference=KOVASZNAY,
    ),
    fixed(
        "sharpen-lecture",
        "Sharpen, lecture",
        SHARPENING,
        [[0, -3, 0], [-3, 21, -3], [0, -3, 0]],
        divisor=9,
        summary="The picture minus a third of its Laplacian, in whole numbers with the divisor 9.",
        reference=KOVASZNAY,
    ),
    Entry(
        "unsharp",
        "Unsharp mask",
        SHARPENING,
        "Adds back what a blur takes away: sharpening at the scale of σ, with bright and dark seams if overdone.",
        MALIN,
        build=unsharp,
        parameters=(
            Parameter("amount", "Amount", "a", "", 0.0, 5.0, 0.1, 1.0),
            Parameter("sigma", "Standard deviation", "σ", "px", 0.1, 10.0, 0.1, 1.0),
        ),
    ),
    Entry(
        "high-boost",
        "High boost",
        SHARPENING,
        "The outline plus A times the picture: bare edges at 0, sharpening at 1, more of the picture above.",
        GONZALEZ,
        build=high_boost,
        parameters=(Parameter("boost", "Boost", "A", "", 0.0, 10.0, 0.1, 1.0),),
    ),
    Entry(
        "gabor",
        "Gabor",
        GABOR,
        "Answers to stripes of one width and direction, as cells of the visual cortex and first layers of networks do.",
        DAUGMAN,
        build=gabor,
        parameters=(
            Parameter("wavelength", "Wavelength", "λ", "px", 2.0, 30.0, 0.5, 5.0),
            Parameter("theta", "Direction across the stripes, clockwise", "θ", "°", -180.0, 180.0, 1.0, 0.0),
            Parameter("sigma", "Standard deviation", "σ", "px", 0.5, 10.0, 0.1, 2.5),
            Parameter("gamma", "Aspect ratio", "γ", "", 0.1, 2.0, 0.05, 0.5),
            Parameter("psi", "Phase", "ψ", "°", -180.0, 180.0, 1.0, 0.0),
        ),
    ),
)
