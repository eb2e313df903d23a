"""Correlation at every pixel, neither stride nor dilation: what OpenCV does, in four ways.

Where there is a compiled core (`kernels.filtering.backends.loops`), only transforms are computed so.

All treat channels alike and each on its own, however many, and take finite pixels in float32 or float64. A core can
be asked for some rows of its kernel only, ``rows``: those that meet one phase of a picture under a stride.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from kernels.errors import stop_if
from kernels.filtering.backends.workers import Scratch
from kernels.filtering.geometry import Pair

Array = npt.NDArray[Any]

#: Interleaved channels that OpenCV filters in one pass; OpenCV 5 holds up to 128.
MOST_CHANNELS = 64

#: OpenCV transforms lengths fast that are a multiple of this and have no prime factor above 5. The longest one that is
#: looked at unless the kernel asks for more: tiles fit the second cache, and none delays for long who wants to stop.
_MULTIPLE = 8
_LONG = 384
#: What the calls for a tile cost, as so many more values along each axis.
_CALLS = 8


class Core(Protocol):
    """A way to correlate."""

    shape: Pair
    """Rows and columns of the kernel."""

    def valid(self, pixels: Array, rows: slice, scratch: Scratch) -> Array:
        """Return the outputs whose window lies inside; overwritten by the next call with the same `scratch`."""


class Direct:
    """Product by product; zero weights cost nothing."""

    def __init__(self, weights: Array) -> None:
        self.weights = weights
        self.shape = weights.shape[0], weights.shape[1]

    def valid(self, pixels: Array, rows: slice, scratch: Scratch) -> Array:
        from kernels.opencv import cv2

        weights = self.weights[rows].astype(pixels.dtype)
        height, width = pixels.shape[0] - weights.shape[0] + 1, pixels.shape[1] - weights.shape[1] + 1
        total: Array | None = None
        for top, left, down, across in blocks(weights.shape[0], weights.shape[1], most_taps(pixels.dtype)):
            under = pixels[top : top + height + down - 1, left : left + width + across - 1]
            block = np.ascontiguousarray(weights[top : top + down, left : left + across])
            into = scratch.array("total" if total is None else "part", under.shape, pixels.dtype)
            cv2.filter2D(under, -1, block, dst=into, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
            part = into[:height, :width]
            total = part if total is None else np.add(total, part, out=total)
        assert total is not None
        return total


class Separable:
    """A row and then a column, once for each term of the kernel's sum of outer products."""

    def __init__(self, terms: tuple[tuple[Array, Array], ...]) -> None:
        self.terms = terms
        self.shape = terms[0][0].size, terms[0][1].size

    def valid(self, pixels: Array, rows: slice, scratch: Scratch) -> Array:
        from kernels.opencv import cv2

        total = scratch.array("total", pixels.shape, pixels.dtype)
        for number, (column, row) in enumerate(self.terms):
            part = scratch.array("part", pixels.shape, pixels.dtype) if number else total
            across, down = (np.ascontiguousarray(factor, dtype=pixels.dtype) for factor in (row, column[rows]))
            cv2.sepFilter2D(pixels, -1, across, down, dst=part, borderType=cv2.BORDER_CONSTANT)
            if number:
                np.add(total, part, out=total)
        return _inside(total, pixels, len(column[rows]), self.shape[1])


class Box:
    """Running sums in float64, for equal weights: the same effort for every size of kernel."""

    def __init__(self, shape: Pair, weight: float) -> None:
        self.shape = shape
        self.weight = weight

    def valid(self, pixels: Array, rows: slice, scratch: Scratch) -> Array:
        from kernels.opencv import cv2

        size = self.shape[1], len(range(self.shape[0])[rows])
        total = scratch.array("total", pixels.shape, pixels.dtype)
        cv2.boxFilter(pixels, -1, size, dst=total, normalize=False, borderType=cv2.BORDER_CONSTANT)
        if self.weight != 1.0:
            np.multiply(total, total.dtype.type(self.weight), out=total)
            total += 0.0  # turns -0.0 into 0.0
        return _inside(total, pixels, size[1], size[0])


def _inside(total: Array, pixels: Array, height: int, width: int) -> Array:
    """Return what OpenCV has computed from whole windows; an output stands at their centre, symmetry is of use so."""
    y, x = height // 2, width // 2
    return total[y : y + pixels.shape[0] - height + 1, x : x + pixels.shape[1] - width + 1]


class Frequency:
    """Tiles multiplied by the kernel's spectrum (overlap-save): hardly more effort for a larger kernel.

    The error in float32 is about 1e-6 of Σ|w| · max|x| at the most: those of a transform are like noise, and grow with
    the root of the logarithm of its size.

    References
    ----------
    A. V. Oppenheim, R. W. Schafer (1975), "Digital Signal Processing", section 3.8.
    """

    def __init__(self, weights: Array) -> None:
        self.weights = weights
        self.shape = weights.shape[0], weights.shape[1]
        self._spectra: dict[tuple[Any, ...], Array] = {}

    def valid(self, pixels: Array, rows: slice, scratch: Scratch) -> Array:
        from kernels.opencv import cv2

        weights = self.weights[rows]
        height, width = (pixels.shape[n] - weights.shape[n] + 1 for n in (0, 1))
        total = scratch.array("total", (height, width, *pixels.shape[2:]), pixels.dtype)
        size = tiling(weights.shape[0], height)[0], tiling(weights.shape[1], width)[0]
        spectrum = self._spectrum(weights, rows, size, pixels.dtype)
        tile = scratch.array("tile", size, pixels.dtype)
        inside = size[0] - weights.shape[0] + 1, size[1] - weights.shape[1] + 1
        for top in _starts(height, inside[0]):
            for left in _starts(width, inside[1]):
                stop_if(scratch.cancelled)
                under = pixels[top : top + size[0], left : left + size[1]]
                for channel in np.ndindex(pixels.shape[2:]):
                    part = under[(..., *channel)]
                    if part.shape != size:
                        tile[...] = 0.0
                    tile[: part.shape[0], : part.shape[1]] = part
                    cv2.dft(tile, dst=tile)
                    cv2.mulSpectrums(tile, spectrum, 0, c=tile, conjB=True)
                    cv2.idft(tile, dst=tile, flags=cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
                    target = total[(slice(top, top + inside[0]), slice(left, left + inside[1]), *channel)]
                    target[...] = tile[: target.shape[0], : target.shape[1]]
        return total

    def _spectrum(self, weights: Array, rows: slice, size: Pair, dtype: np.dtype[Any]) -> Array:
        from kernels.opencv import cv2

        key = (rows.start, rows.step, *size, dtype)
        if key not in self._spectra:
            padded = np.zeros(size)
            padded[: weights.shape[0], : weights.shape[1]] = weights
            self._spectra[key] = np.asarray(cv2.dft(padded)).astype(dtype)
        return self._spectra[key]


@cache
def tiling(taps: int, outputs: int, *, is_shared: bool = False) -> tuple[int, int]:
    """Return the length of the transforms along one axis and their number: those that are least effort together.

    Parameters
    ----------
    taps, outputs : int
        Along this axis.
    is_shared : bool
        Whether threads share what lies along this axis: then the number is even, or 1.
    """
    from kernels.opencv import cv2

    ways = []
    for length in range(_MULTIPLE * -(-taps // _MULTIPLE), max(_LONG, 4 * taps) + 1, _MULTIPLE):
        if cv2.getOptimalDFTSize(length) == length:
            number = -(-outputs // (length - taps + 1))
            if is_shared and number > 1:
                number += number % 2
            ways.append((number * (length + _CALLS), length, number))
    _, length, number = min(ways)
    return length, number


def _starts(outputs: int, inside: int) -> list[int]:
    """Return where tiles begin that give `inside` outputs each; the last one ends with the outputs."""
    return [*range(0, max(outputs - inside, 0), inside), max(outputs - inside, 0)]


@cache
def most_taps(dtype: np.dtype[Any]) -> int:
    """Return the size up to which filter2D adds up product by product; above, it goes over to a DFT."""
    if dtype != np.float32:
        return 49
    from kernels.opencv import cv2

    # On processors without SSE3 it is 49 too. A DFT leaves rounding errors of a bright pixel all over the picture.
    picture = np.zeros((64, 256), np.float32)
    picture[60, 200] = 1e9
    filtered = cv2.filter2D(picture, -1, np.full((1, 129), 0.1, np.float32))
    return 49 if np.asarray(filtered)[:30].any() else 129


def blocks(height: int, width: int, most: int) -> list[tuple[int, int, int, int]]:
    """Divide a kernel into blocks (top, left, rows, columns) of at most `most` taps."""
    columns = min(width, most)
    rows = max(1, most // columns)
    return [
        (top, left, min(rows, height - top), min(columns, width - left))
        for top in range(0, height, rows)
        for left in range(0, width, columns)
    ]
