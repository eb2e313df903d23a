"""Stages that compute every pixel from the pixel at its place: activations, bias, normalisation, colour, magnitude."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import ClassVar

import numpy as np

from kernels.errors import unknown_name
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry
from kernels.filtering.operands import output_dtype
from kernels.recipe.course import Moments
from kernels.recipe.filters import read_network
from kernels.recipe.moments import moments
from kernels.recipe.options import Options
from kernels.recipe.regions import (
    Array,
    Region,
    Shape,
    as_float,
    channels_of,
    empty_maps,
    like_maps,
    planes_of,
    region_under,
)
from kernels.recipe.stage import Circumstances, Stage, Taps, by_rows, numbers_of, single_pixels


class Bias(Stage):
    """A number added to each channel."""

    name: ClassVar[str] = "bias"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        values = options.per_channel("values")
        assert values is not None
        self.values = values

    def output_shape(self, shape: Shape) -> Shape:
        self.checked_per_channel("values", self.values, shape)
        return shape

    def apply(self, maps: Array, into: Array) -> None:
        values = self.values if maps.ndim == 3 or self.values.ndim == 0 else self.values[0]
        np.add(maps, np.asarray(values).astype(maps.dtype), out=into)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        return Taps(single_pixels(shape), (channel,), np.ones((1, 1, 1)), offset=numbers_of(self.values, channel))


class ReLU(Stage):
    """max(0, x).

    References
    ----------
    V. Nair and G. Hinton (2010), "Rectified linear units improve restricted Boltzmann machines".
    """

    name: ClassVar[str] = "relu"

    def apply(self, maps: Array, into: Array) -> None:
        # NumPy compares with a row of zeros twice as fast as with the number.
        np.maximum(maps, np.zeros_like(maps[:1]), out=into)


class LeakyReLU(Stage):
    """x where it is above 0, `slope` times x elsewhere.

    References
    ----------
    A. L. Maas, A. Y. Hannun and A. Y. Ng (2013), "Rectifier nonlinearities improve neural network acoustic models".
    """

    name: ClassVar[str] = "leaky-relu"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.slope = options.number("slope", 0.01)

    def apply(self, maps: Array, into: Array) -> None:
        np.multiply(maps, maps.dtype.type(self.slope), out=into)
        np.copyto(into, maps, where=maps > 0)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        return Taps(single_pixels(shape), (channel,), numbers=(("slope", self.slope),))


class Sigmoid(Stage):
    """1 / (1 + exp(-x))."""

    name: ClassVar[str] = "sigmoid"

    def apply(self, maps: Array, into: Array) -> None:
        # exp only of what is not positive: nothing overflows, and small results keep their digits.
        power = np.exp(-np.abs(maps))
        into[...] = np.where(maps >= 0, 1, power) / (1 + power)


class Tanh(Stage):
    """The hyperbolic tangent."""

    name: ClassVar[str] = "tanh"

    def apply(self, maps: Array, into: Array) -> None:
        np.tanh(maps, out=into)


class BatchNormalisation(Stage):
    """``(x - mean) / sqrt(variance + epsilon) * gamma + beta`` for each channel.

    A mean or variance that is not given is measured over the picture; the variance is the population's.

    References
    ----------
    S. Ioffe and C. Szegedy (2015), "Batch normalization: accelerating deep network training by reducing internal
    covariate shift".
    """

    name: ClassVar[str] = "batch-norm"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.mean, self.variance = options.per_channel("mean", None), options.per_channel("variance", None)
        self.gamma, self.beta = options.per_channel("gamma", 1.0), options.per_channel("beta", 0.0)
        self.epsilon = options.number("epsilon", 1e-5)
        if self.epsilon < 0:
            raise ValueError(f"{self.label}.epsilon is {self.epsilon}, but must be at least 0.")
        if self.variance is not None and (self.variance < 0).any():
            raise ValueError(f"{self.label}.variance is {self.variance.min()}, but must be at least 0.")

    @property
    def needs_whole(self) -> bool:
        return self.mean is None or self.variance is None

    def measured(self, found: Mapping[str, Moments]) -> Stage:
        moments = found.get(self.place)
        if moments is None:
            return self
        own = copy(self)
        own.mean = np.array(moments.mean) if self.mean is None else self.mean
        own.variance = np.array(moments.variance) if self.variance is None else self.variance
        return own

    def output_shape(self, shape: Shape) -> Shape:
        for name in ("mean", "variance", "gamma", "beta"):
            self.checked_per_channel(name, getattr(self, name), shape)
        return shape

    def needed(self, shape: Shape, wanted: Region) -> Region:
        return Region.whole(shape) if self.needs_whole else wanted

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        run.pause()
        with np.errstate(all="ignore"):
            mean, variance, gamma, shift = self._numbers(maps, run)
            scale = gamma / np.sqrt(variance + self.epsilon)

        def fill(part: Region, into: Array) -> None:
            planes = planes_of(as_float(part.cut(maps, at))).astype(np.float64)
            planes -= mean
            planes *= scale
            planes += shift
            planes_of(into)[...] = planes

        return by_rows(like_maps(maps, (*wanted.shape, *shape[2:])), wanted, channels_of(shape), run, fill)

    def _numbers(self, maps: Array, run: Circumstances) -> tuple[Array, Array, Array, Array]:
        """Return mean, variance, gamma and beta."""
        assert self.gamma is not None
        assert self.beta is not None
        mean, variance = self.mean, self.variance
        if mean is None or variance is None:
            found = moments(maps, run)
            mean = np.array(found.mean) if mean is None else mean
            variance = np.array(found.variance) if variance is None else variance
        return mean, variance, self.gamma, self.beta

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        with np.errstate(all="ignore"):
            found = [float(np.broadcast_to(each, channels_of(shape))[channel]) for each in self._numbers(maps, run)]
            mean, variance, gamma, beta = found
            scale = float(np.float64(gamma) / np.sqrt(variance + self.epsilon))
            offset = beta - mean * scale
        names = ("mean", "variance", "gamma", "beta")
        numbers = (*zip(names, found, strict=True), ("epsilon", self.epsilon))
        return Taps(single_pixels(shape), (channel,), np.full((1, 1, 1), scale), offset=offset, numbers=numbers)


class Preprocess(Stage):
    """What a network does to a picture before its first layer: white to 255, grey or colour as needed, standardised."""

    name: ClassVar[str] = "preprocess"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.preprocessing = read_network(options).preprocessing

    @property
    def uses_white(self) -> bool:
        return True

    def output_shape(self, shape: Shape) -> Shape:
        wanted, found = len(self.preprocessing.mean), channels_of(shape)
        if found not in (1, 3) or (found != 1 and wanted not in (1, found)):
            self.refuse(f"a picture of {found} channels means nothing to a network that sees {wanted}.")
        return (*shape[:2], wanted)

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        def fill(part: Region, into: Array) -> None:
            into[...] = self.preprocessing.picture(part.cut(maps, at), run.white)[0].transpose(1, 2, 0)

        result = empty_maps((*wanted.shape, *self.output_shape(shape)[2:]), output_dtype(maps))
        return by_rows(result, wanted, channels_of(shape), run, fill)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        from kernels.pictures.colour import LUMA_WEIGHTS

        known, found = self.preprocessing, channels_of(shape)
        channels = tuple(range(found)) if found > len(known.mean) else (channel if found > 1 else 0,)
        pixel = planes_of(maps)[0, 0, list(channels)].astype(np.float64) * (255.0 / run.white)
        level = float(pixel @ np.array(LUMA_WEIGHTS)) if len(channels) > 1 else float(pixel[0])
        numbers = (("level", level), ("mean", known.mean[channel]), ("deviation", known.deviation[channel]))
        return Taps(single_pixels(shape), channels, numbers=numbers)


class Channel(Stage):
    """One channel of a colour picture, on pixels ÷ white level; "rgb" is the picture as it is."""

    name: ClassVar[str] = "channel"

    def __init__(self, place: str, options: Options) -> None:
        from kernels.pictures.colour import CHANNELS

        super().__init__(place, options)
        self.channel = options.raw("channel")
        if self.channel not in CHANNELS:
            raise unknown_name(f"{self.label}.channel", self.channel, CHANNELS)

    @property
    def uses_white(self) -> bool:
        return self.channel not in ("rgb", "luma", "r", "g", "b")

    def output_shape(self, shape: Shape) -> Shape:
        found = channels_of(shape)
        if self.channel == "rgb":
            return shape
        if found != 3 and not (found == 1 and self.channel == "luma"):
            self.refuse(f"channel is {self.channel!r}, but its input has {found} channels; a colour has 3.")
        return shape[:2]

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        from kernels.pictures.colour import extract
        from kernels.pictures.picture import Picture

        def fill(part: Region, into: Array) -> None:
            chosen = part.cut(maps, at)
            if self.channel == "rgb" or channels_of(shape) == 1:
                into[...] = chosen if self.channel == "rgb" else planes_of(chosen)[:, :, 0]
                return
            pixels = chosen if chosen.dtype.kind != "b" else chosen.astype(np.uint8)
            into[...] = extract(Picture(pixels, run.white), self.channel)

        result = like_maps(maps, (*wanted.shape, *self.output_shape(shape)[2:]))
        return by_rows(result, wanted, channels_of(shape), run, fill)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        from kernels.pictures.colour import LUMA_WEIGHTS

        if self.channel == "rgb" or channels_of(shape) == 1:
            return Taps(single_pixels(shape), (channel,))
        if self.channel in ("r", "g", "b"):
            return Taps(single_pixels(shape), ("rgb".index(self.channel),))
        weights = np.array(LUMA_WEIGHTS).reshape(1, 1, -1) if self.channel == "luma" else None
        return Taps(single_pixels(shape), (0, 1, 2), weights)


class Magnitude(Stage):
    """The length of the vector that the channels are: for (Gx, Gy) the strength of the gradient."""

    name: ClassVar[str] = "magnitude"

    def output_shape(self, shape: Shape) -> Shape:
        return shape[:2]

    def apply(self, maps: Array, into: Array) -> None:
        into[...] = lengths(maps)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        return Taps(single_pixels(shape), tuple(range(channels_of(shape))))


class Thin(Stage):
    """Gx and Gy to the magnitude where it is largest along the gradient, 0 elsewhere.

    References
    ----------
    J. Canny (1986), "A computational approach to edge detection".
    """

    name: ClassVar[str] = "thin"
    _options = SlidingOptions(padding=1, border=Border.CONSTANT)

    def output_shape(self, shape: Shape) -> Shape:
        if channels_of(shape) != 2:
            self.refuse(f"its input has {channels_of(shape)} channels, but must have 2, Gx and Gy.")
        return shape[:2]

    def windows(self, shape: Shape) -> Geometry:
        """Return where the windows stand."""
        return geometry(shape, (3, 3), self._options)

    def needed(self, shape: Shape, wanted: Region) -> Region:
        return region_under(self.windows(shape), Border.CONSTANT, wanted)

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        from kernels.gradients.edges import ridges

        def fill(part: Region, into: Array) -> None:
            region = self.needed(shape, part)
            floats = as_float(region.cut(maps, at))
            gx, gy = np.ascontiguousarray(floats[:, :, 0]), np.ascontiguousarray(floats[:, :, 1])
            strength = lengths(floats)
            found = np.where(ridges(strength, gx, gy), strength, strength.dtype.type(0))
            into[...] = part.cut(found, region)

        # So few rows that `ridges` does them in one go: the threads are at work already.
        return by_rows(np.empty(wanted.shape, output_dtype(maps)), wanted, 16, run, fill)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        from kernels.gradients.edges import along_gradient

        i, j = position
        at = self.needed(shape, Region(i, i + 1, j, j + 1))
        magnitude = np.zeros((3, 3))
        magnitude[at.top - i + 1 : at.bottom - i + 1, at.left - j + 1 : at.right - j + 1] = lengths(maps)
        gx, gy = maps[i - at.top, j - at.left].tolist()
        ahead, behind = along_gradient(magnitude, gx, gy)
        numbers = (("magnitude", float(magnitude[1, 1])), ("ahead", ahead), ("behind", behind))
        return Taps(self.windows(shape), (0, 1), numbers=numbers)


def lengths(maps: Array) -> Array:
    """Return the length of the vector of channels at every pixel."""
    planes = planes_of(maps)
    if maps.dtype == np.float64:
        # Squares of large and of tiny numbers leave the range; hypot is made for them.
        result: Array = np.abs(planes[:, :, 0])
        for channel in range(1, planes.shape[2]):
            result = np.hypot(result, planes[:, :, channel])
        return result
    total = np.zeros(planes.shape[:2])
    for channel in range(planes.shape[2]):
        total += np.square(planes[:, :, channel], dtype=np.float64)
    return np.sqrt(total).astype(maps.dtype)
