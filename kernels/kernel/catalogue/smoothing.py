"""Kernels that do nothing, move or smooth."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from kernels.kernel import Kernel
from kernels.kernel.catalogue.entry import Entry, Parameter, fixed
from kernels.kernel.text import MAX_SIDE

FloatArray = npt.NDArray[np.float64]

BASICS = "Basics"
SMOOTHING = "Smoothing"
CAMERA = "Camera blur"

SIZE = Parameter("size", "Size", "n", "px", 1, MAX_SIDE, 1, 3, integer=True)
SIGMA = Parameter("sigma", "Standard deviation", "σ", "px", 0.1, 10.0, 0.1, 1.0)
FITTED_SIZE = Parameter(
    "size", "Size", "n", "px", 0, MAX_SIDE, 1, 0, integer=True, special="fits three standard deviations on each side"
)


def shift(dy: int, dx: int) -> Kernel:
    """Move the picture down by `dy` and right by `dx` pixels."""
    weights = np.zeros((2 * abs(dy) + 1, 2 * abs(dx) + 1))
    # In a correlation the output takes the pixel under the 1, which lies opposite to the movement.
    weights[abs(dy) - dy, abs(dx) - dx] = 1.0
    return Kernel(weights)


def box(size: int) -> Kernel:
    """The mean of size × size pixels."""
    return Kernel(np.ones((size, size)), divisor=size * size)


def binomial(size: int) -> Kernel:
    """A row of Pascal's triangle times itself as a column."""
    row = [math.comb(size - 1, index) for index in range(size)]
    return Kernel(np.outer(row, row), divisor=4 ** (size - 1))


def fitted_size(sigma: float, reach: float = 3.0) -> int:
    """The odd size that holds `reach` standard deviations on each side, at most 63."""
    return min(2 * math.ceil(reach * sigma) + 1, MAX_SIDE)


def gaussian_row(sigma: float, size: int) -> FloatArray:
    """A sampled Gaussian of `size` weights that add up to 1; an even size has its peak between the two middle ones."""
    positions = np.arange(size) - (size - 1) / 2
    # Relative to the weight nearest to the centre, so that a small sigma at an even size does not leave 0/0.
    nearest = float(np.abs(positions).min())
    row = np.exp((nearest**2 - positions**2) / (2.0 * sigma**2))
    return np.asarray(row / row.sum(), dtype=np.float64)


def gaussian_weights(sigma: float, size: int) -> FloatArray:
    """A sampled two-dimensional Gaussian, (size, size), that adds up to 1."""
    row = gaussian_row(sigma, size)
    return np.outer(row, row)


def gaussian(sigma: float, size: int) -> Kernel:
    """A sampled Gaussian; size 0 takes the size that fits."""
    return Kernel(gaussian_weights(sigma, size or fitted_size(sigma)))


def disc(radius: float) -> Kernel:
    """The mean of the pixels whose centres are at most `radius` away."""
    reach = math.floor(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    inside = (x**2 + y**2 <= radius**2).astype(np.float64)
    return Kernel(inside, divisor=float(inside.sum()))


def motion(length: float, angle: float) -> Kernel:
    """The mean along a line through the centre, its ends and sides shared between the pixels next to it."""
    half = (length - 1.0) / 2.0
    # Rounded so that a vertical line is exactly vertical.
    cosine, sine = round(math.cos(math.radians(angle)), 15), round(math.sin(math.radians(angle)), 15)
    reach = math.ceil(half) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along, aside = x * cosine + y * sine, y * cosine - x * sine
    distance = np.hypot(np.maximum(np.abs(along) - half, 0.0), aside)
    shares = 1.0 - distance
    weights = trimmed(np.where(shares > 1e-12, shares, 0.0))
    return Kernel(weights, divisor=math.fsum(weights.flat))


def trimmed(weights: FloatArray) -> FloatArray:
    """Take away rows and columns of zeros at the edges, the same number at both ends."""
    used_rows, used_columns = (np.unique(places) for places in np.nonzero(weights))
    rows, columns = weights.shape
    down = min(used_rows[0], rows - 1 - used_rows[-1])
    across = min(used_columns[0], columns - 1 - used_columns[-1])
    return weights[down : rows - down, across : columns - across]


ENTRIES: tuple[Entry, ...] = (
    fixed(
        "identity",
        "Identity",
        BASICS,
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        summary="Leaves the picture as it is: each pixel takes only itself.",
        reference="A. V. Oppenheim, R. W. Schafer, 1975, Digital Signal Processing",
    ),
    Entry(
        "shift",
        "Shift",
        BASICS,
        "Moves the picture by whole pixels: a single weight away from the centre is enough.",
        "A. V. Oppenheim, R. W. Schafer, 1975, Digital Signal Processing",
        build=shift,
        parameters=(
            Parameter("dy", "Down", "Δy", "px", -31, 31, 1, 0, integer=True),
            Parameter("dx", "Right", "Δx", "px", -31, 31, 1, 1, integer=True),
        ),
    ),
    Entry(
        "box",
        "Box",
        SMOOTHING,
        "Replaces each pixel by the mean of its surroundings: the simplest low-pass, with visible corners.",
        "M. J. McDonnell, 1981, Box-filtering techniques",
        build=box,
        parameters=(SIZE,),
    ),
    Entry(
        "binomial",
        "Binomial",
        SMOOTHING,
        "Smooths almost like a Gaussian with whole numbers: what a box run again and again comes to.",
        "P. J. Burt, E. H. Adelson, 1983, The Laplacian pyramid as a compact image code",
        build=binomial,
        parameters=(Parameter("size", "Size", "n", "px", 1, 25, 1, 3, integer=True),),
    ),
    Entry(
        "gaussian",
        "Gaussian",
        SMOOTHING,
        "Smooths alike in every direction; the standard deviation sets the scale of the details that stay.",
        "A. P. Witkin, 1983, Scale-space filtering",
        build=gaussian,
        parameters=(SIGMA, FITTED_SIZE),
    ),
    Entry(
        "disc",
        "Disc",
        CAMERA,
        "Blurs like a lens out of focus: a bright point becomes a disc.",
        "R. L. Lagendijk, J. Biemond, 2000, Basic methods for image restoration and identification",
        build=disc,
        parameters=(Parameter("radius", "Radius", "r", "px", 0.0, 31.0, 0.5, 3.0),),
    ),
    Entry(
        "motion",
        "Motion",
        CAMERA,
        "Blurs like a camera that moved while the shutter was open: a bright point becomes a line.",
        "R. L. Lagendijk, J. Biemond, 2000, Basic methods for image restoration and identification",
        build=motion,
        parameters=(
            Parameter("length", "Length", "l", "px", 1.0, 61.0, 0.5, 9.0),
            Parameter("angle", "Angle, clockwise", "α", "°", -180.0, 180.0, 1.0, 0.0),
        ),
    ),
)
