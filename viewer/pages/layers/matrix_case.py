"""What the matrix view shows: a crop, the two matrices made from it, and what is told about them. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.filtering.geometry import Pair, SlidingOptions
from viewer.painting import Bytes

if TYPE_CHECKING:
    from scipy import sparse

Array = NDArray[Any]
Grid = NDArray[np.float64]


class Block(msgspec.Struct, frozen=True):
    """The output pixels that are written out: the first one (i, j), and how many."""

    top: int
    left: int
    rows: int
    columns: int

    @property
    def count(self) -> int:
        """How many rows the matrix has."""
        return self.rows * self.columns

    def holds(self, position: Pair) -> bool:
        """Whether an output pixel is one of these."""
        i, j = position[0] - self.top, position[1] - self.left
        return 0 <= i < self.rows and 0 <= j < self.columns

    def row_of(self, position: Pair) -> int:
        """The row of the matrix that makes an output pixel, from 0."""
        return (position[0] - self.top) * self.columns + position[1] - self.left

    def position_of(self, row: int) -> Pair:
        """The output pixel that a row of the matrix makes."""
        return self.top + row // self.columns, self.left + row % self.columns


class Check(msgspec.Struct, frozen=True):
    """How far a product is from what the engine gives: the largest difference, and what rounding allows."""

    largest: float
    bound: float

    @property
    def agrees(self) -> bool:
        """Whether the two are equal, as far as they have to be."""
        return self.largest <= self.bound

    @property
    def is_exact(self) -> bool:
        """Whether there is no difference at all."""
        return self.largest == 0.0


class Whole(msgspec.Struct, frozen=True):
    """What the matrices of the whole picture would be; they are not built.

    Attributes
    ----------
    rows, columns : int
        Of the matrix of windows.
    size : int
        Its bytes.
    pixels : int
        Columns of the sparse matrix, which has as many rows.
    entries, sparse_size : int
        The weights that it holds, and its bytes.
    is_too_large : bool
        Whether the matrix of windows would take more than half of the free memory.
    """

    rows: int
    columns: int
    size: int
    pixels: int
    entries: int
    sparse_size: int
    is_too_large: bool


class Seconds(msgspec.Struct, frozen=True):
    """How long each way took for the crop: matrices built and multiplied, and the engine."""

    windows: float
    engine: float
    sparse: float


class MatrixCase(msgspec.Struct, frozen=True, eq=False):
    """A crop of a picture, its windows as rows, and what they give; R rows, T taps a channel, C channels, F kernels.

    Attributes
    ----------
    name : str
        The selected kernel's name.
    block : Block
        The output pixels, in the output of the whole picture.
    row : int
        The row that is followed, from 0.
    options : SlidingOptions
        As the kernel slides over the whole picture.
    crop : ndarray, (h, w, C)
        The pixels under the windows, those that the border supplies too.
    corner : (int, int)
        The pixel of the picture (y, x) that the crop begins with; may lie outside.
    virtual : ndarray of bool, (h, w)
        What the border supplies.
    colours : ndarray of uint8, (h, w, C, 3)
        As the picture is painted.
    channels : tuple of int
        The channels of the picture that the crop holds, from 0.
    kernel_shape : (int, int)
    sources : ndarray of int64, (R, T, 2)
        The pixel (y, x) of the crop under each tap of each row.
    matrix : ndarray, (R, T * C)
        The windows as rows, channels fastest.
    weights : ndarray of float64, (T * C, F)
        The kernels as columns, as applied.
    divisors, offsets : ndarray of float64, (F,)
    sums, values, engine : ndarray of float64, (R, F)
        Matrix times weights; over the divisor and with the offset; what the engine gives.
    maps : tuple of int
        Which of the layer's kernels these are, from 0.
    count : int
        How many the layer has.
    selected : int
        Which of `maps` is selected, from 0.
    check, sparse_check : Check
        The two products against the engine.
    toeplitz : sparse array of float64, (R, C * h * w)
        The selected kernel as a matrix; a block of h * w columns for each channel.
    seconds : Seconds
    whole : Whole
    """

    name: str
    block: Block
    row: int
    options: SlidingOptions
    crop: Array
    corner: Pair
    virtual: NDArray[np.bool_]
    colours: Bytes
    channels: tuple[int, ...]
    kernel_shape: Pair
    sources: NDArray[np.int64]
    matrix: Array
    weights: Grid
    divisors: Grid
    offsets: Grid
    sums: Grid
    values: Grid
    engine: Grid
    maps: tuple[int, ...]
    count: int
    selected: int
    check: Check
    sparse_check: Check
    toeplitz: sparse.csr_array
    seconds: Seconds
    whole: Whole

    @property
    def sparse_size(self) -> int:
        """The bytes of the sparse matrix."""
        held = self.toeplitz
        return int(held.data.nbytes + held.indices.nbytes + held.indptr.nbytes)

    @property
    def non_zeros(self) -> int:
        """How many entries of the sparse matrix are not 0."""
        return int(np.count_nonzero(self.toeplitz.data))

    def band(self, channel: int) -> Grid:
        """The block of the sparse matrix for one channel of the crop, (R, h * w), with its zeros."""
        pixels = self.virtual.size
        return cast(Grid, self.toeplitz[:, channel * pixels : (channel + 1) * pixels].toarray())

    def rows_with(self, pixel: Pair) -> list[tuple[int, int]]:
        """Row and tap wherever a pixel of the crop occurs in the matrix."""
        found = np.argwhere((self.sources == pixel).all(axis=-1))
        return [(row, tap) for row, tap in found.tolist()]
