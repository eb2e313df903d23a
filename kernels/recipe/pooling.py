"""Stages that sum windows up without learned weights: maximum, average, Gaussian, median, and the average of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from kernels import compiled
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry, pooling_geometry
from kernels.filtering.operands import output_dtype
from kernels.recipe.course import Moments
from kernels.recipe.moments import moments
from kernels.recipe.options import LARGEST_POOL, Options
from kernels.recipe.regions import (
    Array,
    Region,
    Shape,
    as_float,
    channels_of,
    empty_maps,
    gather,
    planes_of,
    region_under,
)
from kernels.recipe.stage import Circumstances, Stage, Taps, by_rows, in_double_if_needed


class Pool(Stage):
    """A window of `size` every `stride` pixels, on each channel; options as PyTorch's."""

    #: What stands in the padding.
    outside: ClassVar[float] = 0.0

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.size = options.pair("size", 1, largest=LARGEST_POOL)
        self.stride = options.pair("stride", 1, self.size)
        self.padding = options.pair("padding", 0, 0)
        self.ceil = options.flag("ceil", False)
        if any(2 * border > taps for border, taps in zip(self.padding, self.size, strict=True)):
            raise ValueError(
                f"{self.label}.padding is {self.padding}, but must be at most half of the size, {self.size}."
            )

    def windows(self, shape: Shape) -> Geometry:
        """Return where the windows stand."""
        try:
            return pooling_geometry(shape, self.size, stride=self.stride, padding=self.padding, ceil=self.ceil)
        except ValueError:
            self.refuse(
                f"a window of {self.size[0]} × {self.size[1]} does not fit into {shape[0]} × {shape[1]} padded by "
                f"{self.padding} (rows × columns)."
            )

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.windows(shape).output_shape, *shape[2:])

    def needed(self, shape: Shape, wanted: Region) -> Region:
        return region_under(self.windows(shape), Border.CONSTANT, wanted)

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        windows = self.windows(shape)

        def fill(part: Region, into: Array) -> None:
            under = region_under(windows, Border.CONSTANT, part)
            block = gather(as_float(under.cut(maps, at)), under, windows, Border.CONSTANT, self.outside, part)
            self.pool(block, shape, part, into)

        # What is read and summed up counts: down at every column of the maps, then across.
        work = self.stride[1] * max(self.stride[0], self.size[0]) + self.size[1]
        result = empty_maps((*wanted.shape, *shape[2:]), output_dtype(maps))
        return by_rows(result, wanted, channels_of(shape) * max(1, work // 4), run, fill)

    def pool(self, block: Array, shape: Shape, wanted: Region, into: Array) -> None:
        """Sum the windows of a padded block up."""
        raise NotImplementedError

    def pool_in_c(self, block: Array, into: Array, weights: tuple[Array, Array] | None) -> bool:
        """Write the sums of windows with weights down and across, or their largest values; False where C does not."""
        if compiled.core is None or block.dtype != np.float32:
            return False
        planes, target = (planes_of(maps).transpose(2, 0, 1) for maps in (block, into))
        if planes.strides[2] != planes.itemsize or not planes.flags.aligned:
            planes = np.ascontiguousarray(planes)
        down, across = weights or (np.ones(self.size[0]), np.ones(self.size[1]))
        lines = np.empty(planes.shape[2], np.float32)
        taps = down.astype(np.float32), across.astype(np.float32)
        compiled.core.pool(planes, *taps, *self.stride, weights is not None, lines, target)
        return True

    def lines(self, block: Array, wanted: Region, axis: int) -> Iterator[Array]:
        """Yield, for each row (axis 0) or column of taps, the lines that all windows have under it, a view."""
        step, last = self.stride[axis], wanted.shape[axis] - 1
        for tap in range(self.size[axis]):
            under = slice(tap, tap + step * last + 1, step)
            yield block[under] if axis == 0 else block[:, under]

    def inside(self, shape: Shape, first: int, stop: int, axis: int) -> npt.NDArray[np.bool_]:
        """Return which taps of windows `first` to before `stop` lie on the picture or its padding, (windows, taps)."""
        windows = np.arange(first, stop)[:, np.newaxis] * self.stride[axis]
        found: npt.NDArray[np.bool_] = windows + np.arange(self.size[axis]) < shape[axis] + 2 * self.padding[axis]
        return found

    def shares(self, shape: Shape, wanted: Region, weights: tuple[Array, Array]) -> Array:
        """Return the sum of the weights, given per axis, that lie on the picture or its padding for each window."""
        if not self.ceil:  # all of them, for every window
            return np.outer(weights[0].sum(), weights[1].sum())
        rows = self.inside(shape, wanted.top, wanted.bottom, 0) @ weights[0]
        columns = self.inside(shape, wanted.left, wanted.right, 1) @ weights[1]
        return np.multiply.outer(rows, columns)


class MaxPool(Pool):
    """The largest value under the window; a window of padding alone does not occur."""

    name: ClassVar[str] = "max-pool"
    outside: ClassVar[float] = -np.inf

    def pool(self, block: Array, shape: Shape, wanted: Region, into: Array) -> None:
        if self.pool_in_c(block, into, None):
            return
        for axis in (0, 1):
            lines = self.lines(block, wanted, axis)
            largest = next(lines).copy(order="K") if axis == 0 else into
            if axis == 1:
                largest[...] = next(lines)
            for line in lines:
                np.maximum(largest, line, out=largest)
            block = largest

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        return Taps(self.windows(shape), (channel,), border_value=self.outside)


class WeightedPool(Pool):
    """A mean with fixed weights; padding counts as zeros, what lies past it does not count."""

    def weights(self) -> tuple[Array, Array]:
        """Return the weights down and across."""
        raise NotImplementedError

    def pool(self, block: Array, shape: Shape, wanted: Region, into: Array) -> None:
        down, across = self.weights()
        shares = self.shares(shape, wanted, (down, across))
        if block.ndim == 3:
            shares = shares[:, :, np.newaxis]

        def mean(pixels: Array) -> Array:
            total = into if self.pool_in_c(pixels, into, (down, across)) else self._sums(pixels, wanted, down, across)
            total /= shares.astype(total.dtype)
            return total

        found = in_double_if_needed(mean, block)
        if found is not into:
            into[...] = found

    def _sums(self, pixels: Array, wanted: Region, *weights: Array) -> Array:
        """Return the weighted sums of the windows: first down, then across."""
        for axis, taps in enumerate(weights):
            lines = zip(self.lines(pixels, wanted, axis), taps.astype(pixels.dtype), strict=True)
            (line, weight), *others = lines
            total = line * weight
            for line, weight in others:
                total += line if weight == 1.0 else line * weight
            pixels = total
        return pixels

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        i, j = position
        down, across = self.weights()
        share = self.shares(shape, Region(i, i + 1, j, j + 1), (down, across))
        weights = np.multiply.outer(down, across)
        return Taps(self.windows(shape), (channel,), weights[:, :, np.newaxis], divisor=float(share[0, 0]))


class AveragePool(WeightedPool):
    """The mean under the window."""

    name: ClassVar[str] = "average-pool"

    def weights(self) -> tuple[Array, Array]:
        return np.ones(self.size[0]), np.ones(self.size[1])


class GaussianPool(WeightedPool):
    """The mean under the window, weighted by a Gaussian about its centre; the weights sum to 1."""

    name: ClassVar[str] = "gaussian-pool"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        given = options.raw("sigma", None)
        values = given if isinstance(given, list | tuple) else [given, given]
        if len(values) != 2:
            raise ValueError(f"{self.label}.sigma must be a number or a pair (y, x).")
        self.sigma = self.size[0] / 4, self.size[1] / 4
        if given is not None:
            y, x = (Options(self.label, {"sigma": value}).number("sigma") for value in values)
            self.sigma = y, x
        if min(self.sigma) <= 0:
            raise ValueError(f"{self.label}.sigma is {min(self.sigma)}, but must be above 0.")

    def weights(self) -> tuple[Array, Array]:
        down, across = (bell(size, sigma) for size, sigma in zip(self.size, self.sigma, strict=True))
        return down, across


def bell(size: int, sigma: float) -> Array:
    """Return a Gaussian about the centre of `size` pixels; the weights sum to 1."""
    distance = np.arange(size) - (size - 1) / 2
    with np.errstate(over="ignore", under="ignore"):
        # Relative to the nearest pixels, so that the narrowest bell keeps something.
        bell = np.exp(-((distance / sigma) ** 2 - (np.abs(distance).min() / sigma) ** 2) / 2)
    bell[np.isnan(bell)] = 1.0
    weights: Array = bell / bell.sum()
    return weights


class Median(Stage):
    """The median under the window: no convolution, since no weighted sum gives it.

    The output has the size of the input, whose edge pixels continue outside. Of an even number of pixels the mean of
    the two in the middle is taken. A NaN under the window gives NaN.

    References
    ----------
    J. W. Tukey (1977), "Exploratory data analysis", chapter 7.
    """

    name: ClassVar[str] = "median"
    _options = SlidingOptions(padding="same", border=Border.REPLICATE)

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.size = options.pair("size", 1, largest=LARGEST_POOL)

    def windows(self, shape: Shape) -> Geometry:
        """Return where the windows stand."""
        return geometry(shape, self.size, self._options)

    def needed(self, shape: Shape, wanted: Region) -> Region:
        return region_under(self.windows(shape), Border.REPLICATE, wanted)

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        windows = self.windows(shape)
        taps = self.size[0] * self.size[1]

        def fill(part: Region, into: Array) -> None:
            under = region_under(windows, Border.REPLICATE, part)
            block = gather(under.cut(maps, at), under, windows, Border.REPLICATE, 0.0, part)
            for channel in range(channels_of(shape)):
                planes_of(into)[:, :, channel] = self._medians(np.ascontiguousarray(planes_of(block)[:, :, channel]))

        # Sorting takes longer than adding; a histogram does not mind the size, but begins anew with every part.
        work = 1 if self._is_known(maps.dtype) else 4 * taps
        result = empty_maps((*wanted.shape, *maps.shape[2:]), output_dtype(maps))
        return by_rows(result, wanted, work * channels_of(shape), run, fill)

    def _is_known(self, dtype: np.dtype[Any]) -> bool:
        """Whether OpenCV has such a window: of 8-bit pixels it keeps a histogram, whatever the size."""
        height, width = self.size
        largest = 255 if dtype == np.uint8 else 5 if dtype == np.float32 else 1
        return height == width and height % 2 == 1 and 1 < height <= largest

    def _medians(self, plane: Array) -> Array:
        """Return the medians of all windows that lie on a plane."""
        if self._is_known(plane.dtype) and (plane.dtype == np.uint8 or np.isfinite(plane).all()):
            from kernels.opencv import cv2

            border = self.size[0] // 2
            return np.asarray(cv2.medianBlur(plane, self.size[0]))[border:-border, border:-border]
        view = sliding_window_view(as_float(plane), self.size)
        found: Array = np.median(view.reshape(*view.shape[:2], -1), axis=2)
        return found

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        return Taps(self.windows(shape), (channel,), border=Border.REPLICATE)


class GlobalAverage(Stage):
    """The mean of each channel, (1, 1, F).

    References
    ----------
    M. Lin, Q. Chen and S. Yan (2013), "Network in network".
    """

    name: ClassVar[str] = "global-average"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.mean: tuple[float, ...] | None = None

    @property
    def needs_whole(self) -> bool:
        return self.mean is None

    def measured(self, found: Mapping[str, Moments]) -> Stage:
        own = copy(self)
        own.mean = found[self.place].mean if self.place in found else self.mean
        return own

    def output_shape(self, shape: Shape) -> Shape:
        return 1, 1, channels_of(shape)

    def needed(self, shape: Shape, wanted: Region) -> Region:
        return Region.whole(shape) if self.needs_whole else Region(0, 1, 0, 1)

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        run.pause()
        mean = moments(maps, run).mean if self.mean is None else self.mean
        with np.errstate(all="ignore"):
            return np.array(mean).astype(as_float(maps[:1, :1]).dtype).reshape(1, 1, -1)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        windows = geometry(shape, shape[:2], SlidingOptions(padding=0))
        return Taps(windows, (channel,), np.ones((*shape[:2], 1)), divisor=float(shape[0] * shape[1]))
