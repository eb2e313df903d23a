"""One network at every location: how many weights a layer shares, and how many it would have fully connected. No Qt."""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry
from viewer.painting import Bytes

SMALL = (32, 32)
"""The size of LeNet-5's input, for comparison."""


class WeightCounts(msgspec.Struct, frozen=True):
    """The weights of a layer on an input of one size, biases included.

    Attributes
    ----------
    input_shape, output_shape : (int, int, int)
        (H, W, C) and (H', W', F).
    kernel_shape : (int, int, int)
        (kh, kw) and the channels that each kernel sees.
    has_bias : bool
    """

    input_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]
    kernel_shape: tuple[int, int, int]
    has_bias: bool

    @property
    def shared(self) -> int:
        """The weights of the convolution: the same at every location."""
        return self.output_shape[2] * (math.prod(self.kernel_shape) + self.has_bias)

    @property
    def fully_connected(self) -> int:
        """The weights of the layer in which every output has one of its own for every input."""
        return math.prod(self.output_shape) * (math.prod(self.input_shape) + self.has_bias)

    @property
    def locations(self) -> int:
        """How many windows there are."""
        return self.output_shape[0] * self.output_shape[1]


def count_weights(
    image_shape: Pair,
    kernel_shape: Pair,
    options: SlidingOptions,
    *,
    channels: int,
    seen: int,
    maps: int,
    has_bias: bool,
) -> WeightCounts:
    """Count the weights of `maps` kernels on an input with so many channels, of which each kernel sees `seen`.

    Raises
    ------
    ValueError
        If the kernel does not fit.
    """
    output = geometry(image_shape, kernel_shape, options).output_shape
    return WeightCounts((*image_shape, channels), (*output, maps), (*kernel_shape, seen), has_bias)


class Locations(msgspec.Struct, frozen=True, eq=False):
    """What the view of a layer's locations shows.

    Attributes
    ----------
    picture, output : ndarray of uint8, (h, w) or (h, w, 3)
        The layer's input and the selected map, as they are painted; may be reduced.
    kernel : ndarray of uint8, (kh, kw, 3)
        The selected map's kernel, painted diverging.
    weights : ndarray of float64, (kh, kw)
        Its weights, for one channel.
    windows : Geometry
        Where the kernel stands on the whole input.
    position : (int, int)
        The output pixel that is followed.
    counts : WeightCounts
        Of the layer on this input.
    small : WeightCounts or None
        Of the same layer on an input of `SMALL`; None where the kernel does not fit.
    """

    picture: Bytes
    output: Bytes
    kernel: Bytes
    weights: NDArray[np.float64]
    windows: Geometry
    position: Pair
    counts: WeightCounts
    small: WeightCounts | None = None


def spread(position: int, length: int, count: int) -> tuple[int, ...]:
    """About `count` positions along an axis, evenly apart, of which one is `position`."""
    if length <= count:
        return tuple(range(length))
    step = max(1, length // count)
    first = position % step
    return tuple(range(first, length, step))[: count + 1]
