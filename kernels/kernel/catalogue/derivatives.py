"""Kernels for first derivatives, written for correlation: x responds to growth to the right, y to growth downwards."""

from __future__ import annotations

import numpy as np

from kernels.kernel import Kernel
from kernels.kernel.catalogue.entry import Entry, Parameter, fixed

DIFFERENCES = "Differences"
GRADIENTS = "Gradient operators"

BOOLE = "G. Boole, 1860, A Treatise on the Calculus of Finite Differences"
ROBERTS = "L. G. Roberts, 1963, Machine Perception of Three-Dimensional Solids"
PREWITT = "J. M. S. Prewitt, 1970, Object Enhancement and Extraction"
SOBEL = "I. Sobel, G. Feldman, 1968, A 3x3 isotropic gradient operator for image processing"
SCHARR = "H. Scharr, 2000, Optimale Operatoren in der digitalen Bildverarbeitung"

SOBEL_SIZE = Parameter("size", "Size", "n", "px", 3, 7, 2, 3, integer=True, choices=(3, 5, 7))

_PREWITT_X: list[list[float]] = [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]
_SCHARR_X: list[list[float]] = [[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]


def sobel_x(size: int) -> Kernel:
    """Sobel's operator and its larger relatives: binomial smoothing across, a smoothed central difference along."""
    smoothing, difference = np.array([1.0]), np.array([-1.0, 0.0, 1.0])
    for _ in range(size - 1):
        smoothing = np.convolve(smoothing, [1.0, 1.0])
    for _ in range(size - 3):
        difference = np.convolve(difference, [1.0, 1.0])
    return Kernel(np.outer(smoothing, difference))


def sobel_y(size: int) -> Kernel:
    """The transpose of `sobel_x`."""
    return sobel_x(size).transpose()


def _transposed(weights: list[list[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*weights, strict=True)]


def _difference(name: str, title: str, row: list[float], what: str) -> tuple[Entry, Entry]:
    return (
        fixed(
            f"{name}-x",
            f"{title} x",
            DIFFERENCES,
            [row],
            summary=f"Shows where brightness changes along a row: {what}.",
            reference=BOOLE,
        ),
        fixed(
            f"{name}-y",
            f"{title} y",
            DIFFERENCES,
            _transposed([row]),
            summary=f"Shows where brightness changes down a column: {what}.",
            reference=BOOLE,
        ),
    )


ENTRIES: tuple[Entry, ...] = (
    *_difference("backward", "Backward difference", [-1, 1, 0], "each pixel minus the one before it"),
    *_difference("forward", "Forward difference", [0, -1, 1], "the next pixel minus this one"),
    *_difference("central", "Central difference", [-1, 0, 1], "the next pixel minus the one before"),
    fixed(
        "roberts-1",
        "Roberts 1",
        GRADIENTS,
        [[-1, 0], [0, 1]],
        summary="Responds to growth towards the lower right: the difference along one diagonal of four pixels.",
        reference=ROBERTS,
    ),
    fixed(
        "roberts-2",
        "Roberts 2",
        GRADIENTS,
        [[0, -1], [1, 0]],
        summary="Responds to growth towards the lower left: the difference along the other diagonal of four pixels.",
        reference=ROBERTS,
    ),
    fixed(
        "prewitt-x",
        "Prewitt x",
        GRADIENTS,
        _PREWITT_X,
        summary="Shows vertical edges: a central difference, added up over three rows against noise.",
        reference=PREWITT,
    ),
    fixed(
        "prewitt-y",
        "Prewitt y",
        GRADIENTS,
        _transposed(_PREWITT_X),
        summary="Shows horizontal edges: a central difference, added up over three columns against noise.",
        reference=PREWITT,
    ),
    fixed(
        "prewitt-x-third",
        "Prewitt x, 1/3",
        GRADIENTS,
        _PREWITT_X,
        divisor=3,
        summary="Shows vertical edges as the mean of three central differences instead of their sum.",
        reference=PREWITT,
    ),
    fixed(
        "prewitt-y-third",
        "Prewitt y, 1/3",
        GRADIENTS,
        _transposed(_PREWITT_X),
        divisor=3,
        summary="Shows horizontal edges as the mean of three central differences instead of their sum.",
        reference=PREWITT,
    ),
    Entry(
        "sobel-x",
        "Sobel x",
        GRADIENTS,
        "Shows vertical edges: positive where brightness grows to the right, negative where it falls.",
        SOBEL,
        build=sobel_x,
        parameters=(SOBEL_SIZE,),
    ),
    Entry(
        "sobel-y",
        "Sobel y",
        GRADIENTS,
        "Shows horizontal edges: positive where brightness grows downwards, negative where it falls.",
        SOBEL,
        build=sobel_y,
        parameters=(SOBEL_SIZE,),
    ),
    fixed(
        "scharr-x",
        "Scharr x",
        GRADIENTS,
        _SCHARR_X,
        summary="Shows vertical edges with weights chosen so that the gradient's direction is most accurate.",
        reference=SCHARR,
    ),
    fixed(
        "scharr-y",
        "Scharr y",
        GRADIENTS,
        _transposed(_SCHARR_X),
        summary="Shows horizontal edges with weights chosen so that the gradient's direction is most accurate.",
        reference=SCHARR,
    ),
)
