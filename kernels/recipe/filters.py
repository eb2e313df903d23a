"""Stages that slide kernels: filter, filter bank, depthwise and pointwise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from kernels.filtering import engine
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions, geometry
from kernels.filtering.operands import as_kernel, output_dtype
from kernels.kernel import Kernel
from kernels.recipe.banks import Bank
from kernels.recipe.options import Options
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
from kernels.recipe.stage import Circumstances, Stage, Taps, copied, single_pixels

# The stages ask for the same ones with every strip.
_placed = lru_cache(maxsize=1024)(geometry)


class Sliding(Stage):
    """Kernels that slide with the same options; each has windows of its own."""

    kernels: tuple[Kernel, ...]
    options: SlidingOptions

    @property
    def border(self) -> Border:
        return cast(Border, self.options.border)

    def windows(self, shape: Shape, kernel: Kernel) -> Geometry:
        """Return where the windows of one kernel stand."""
        try:
            return _placed(shape, kernel.shape, self.options)
        except ValueError as error:
            self.refuse(str(error))

    def output_size(self, shape: Shape) -> Pair:
        """Return the rows and columns of the output, the same for all kernels."""
        sizes = {self.windows(shape, kernel).output_shape: kernel.shape for kernel in self.by_size}
        if len(sizes) > 1:
            (one, a), (other, b) = list(sizes.items())[:2]
            self.refuse(
                f"the kernel of {a[0]} × {a[1]} gives {one[0]} × {one[1]}, but the one of {b[0]} × {b[1]} gives "
                f"{other[0]} × {other[1]} (rows × columns); padding 'same' makes them equal."
            )
        return next(iter(sizes))

    def needed(self, shape: Shape, wanted: Region) -> Region:
        regions = [region_under(self.windows(shape, kernel), self.border, wanted) for kernel in self.by_size]
        joined = regions[0]
        for region in regions[1:]:
            joined = joined.joined(region)
        return joined

    @cached_property
    def by_size(self) -> list[Kernel]:
        """One kernel of every size."""
        return list({kernel.shape: kernel for kernel in self.kernels}.values())

    def under(self, maps: Array, at: Region, shape: Shape, kernel: Kernel, wanted: Region) -> Array:
        """Return the pixels under a kernel's windows, with padding where there is any."""
        windows = self.windows(shape, kernel)
        return gather(maps, at, windows, self.border, self.options.border_value, wanted)

    def slide(self, maps: Array, at: Region, shape: Shape, kernel: Kernel, wanted: Region, run: Circumstances) -> Array:
        """Filter a region of the maps with one kernel by the engine."""
        windows, result = self.windows(shape, kernel), as_float(maps[:1, :1]).dtype
        if at == Region.whole(shape) and wanted == Region.whole(windows.output_shape):
            return engine.run(maps, kernel, self.options, cancelled=run.cancelled)
        block = self.under(maps, at, shape, kernel, wanted)
        inside = replace(self.options, padding="valid", border_value=0.0)
        return engine.run(block, kernel, inside, cancelled=run.cancelled).astype(result, copy=False)

    def slide_each(
        self, maps: Array, at: Region, shape: Shape, kernels: Sequence[Kernel], wanted: Region, run: Circumstances
    ) -> Array:
        """Filter a region of each channel with a kernel of its own."""
        planes, plane = planes_of(maps), shape[:2]
        size = (*wanted.shape, len(kernels))
        result = empty_maps(size, output_dtype(maps))
        for channel, kernel in enumerate(kernels):
            found = self.slide(planes[:, :, channel], at, plane, kernel, wanted, run)
            copied(planes_of(found), result[:, :, channel : channel + 1], run)
        return result

    def rotated(self, kernel: Kernel) -> npt.NDArray[np.float64]:
        """Return the weights as they are applied."""
        return kernel.weights[::-1, ::-1] if self.options.is_convolution else kernel.weights

    def kernel_taps(self, shape: Shape, kernel: Kernel, channels: tuple[int, ...]) -> Taps:
        """Say where the numbers of one kernel come from."""
        weights = self.rotated(kernel)
        if weights.ndim == 2:
            weights = np.repeat(weights[:, :, np.newaxis], len(channels), axis=2)
        windows, value = self.windows(shape, kernel), self.options.border_value
        return Taps(windows, channels, weights, kernel.divisor, kernel.offset, self.border, value)


class Filter(Sliding):
    """One kernel; (kh, kw) filters every channel on its own, (kh, kw, C) sums over them: `kernels.correlate`."""

    name: ClassVar[str] = "filter"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.kernel = options.kernel("kernel")
        self.kernels = (self.kernel,)
        self.options = options.sliding()

    def output_shape(self, shape: Shape) -> Shape:
        try:
            as_kernel(self.kernel, shape)
        except ValueError as error:
            self.refuse(str(error))
        size = self.output_size(shape)
        return size if self.kernel.channels is not None else (*size, *shape[2:])

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        if self.kernel.channels is None and maps.ndim == 3 and not maps.flags.c_contiguous:
            return self.slide_each(maps, at, shape, [self.kernel] * shape[2], wanted, run)
        return self.slide(maps, at, shape, self.kernel, wanted, run)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        sums = self.kernel.channels is not None
        return self.kernel_taps(shape, self.kernel, tuple(range(channels_of(shape))) if sums else (channel,))


class Depthwise(Sliding):
    """One kernel (kh, kw) for each channel.

    References
    ----------
    A. G. Howard and others (2017), "MobileNets: efficient convolutional neural networks for mobile vision
    applications".
    """

    name: ClassVar[str] = "depthwise"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.kernels = options.kernels("kernels")
        self.options = options.sliding()
        for at, kernel in enumerate(self.kernels):
            if kernel.channels is not None:
                raise ValueError(f"{self.label}.kernels[{at}] has channels, but must be (kh, kw).")

    def output_shape(self, shape: Shape) -> Shape:
        if len(self.kernels) != channels_of(shape):
            raise ValueError(
                f"{self.label}.kernels holds {len(self.kernels)}, but there are {channels_of(shape)} channels; "
                f"it must hold one for each."
            )
        return (*self.output_size(shape), len(self.kernels))

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        return self.slide_each(maps, at, shape, self.kernels, wanted, run)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        return self.kernel_taps(shape, self.kernels[channel], (channel,))


class FilterBank(Sliding):
    """Several kernels side by side, each summed over the channels of its group: a layer of a CNN.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), "Gradient-based learning applied to document recognition".
    A. Krizhevsky, I. Sutskever and G. Hinton (2012), "ImageNet classification with deep convolutional neural
    networks" (groups).
    """

    name: ClassVar[str] = "filter-bank"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.is_layer = "network" in options
        self._made: dict[int, list[Bank]] = {}
        if self.is_layer:
            self._read_layer(options)
        else:
            self.kernels = options.kernels("kernels")
            self.options, self.groups = options.sliding(), options.whole("groups", 1, 1)
        if len(self.kernels) % self.groups:
            raise ValueError(
                f"{self.label}.groups is {self.groups}, but {len(self.kernels)} kernels cannot be split into so many "
                f"equal parts."
            )

    def _read_layer(self, options: Options) -> None:
        """Take the weights, the bias and the windows of a network's layer."""
        network = read_network(options)
        number = options.whole("layer", 0)
        try:
            node = network.convolution(number)
        except IndexError as error:
            raise ValueError(f"{options.where('layer')}: {error}") from None
        layer = node.layer
        filters, bias = network.filters(number), node.arrays["bias"]
        self.kernels = tuple(
            Kernel(weights, offset=float(offset)) for weights, offset in zip(filters, bias, strict=True)
        )
        try:
            self.options = layer.sliding()
        except ValueError as error:
            raise ValueError(f"{options.where('layer')}: {error}") from None
        self.groups = layer.groups

    def output_shape(self, shape: Shape) -> Shape:
        channels = channels_of(shape)
        if channels % self.groups:
            raise ValueError(
                f"{self.label}.groups is {self.groups}, but {channels} channels cannot be split into so many equal "
                f"parts."
            )
        seen = channels // self.groups
        for at, kernel in enumerate(self.kernels):
            if kernel.channels not in (None, seen):
                self.refuse(
                    f"kernel {at} has {kernel.channels} channels, but sees {seen} of the {channels} channels of its "
                    f"input; it must have {seen}, or none at all (kh, kw) to sum over them."
                )
        return (*self.output_size(shape), len(self.kernels))

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        planes = planes_of(maps)
        result = empty_maps((*wanted.shape, len(self.kernels)), output_dtype(maps))
        for bank in self._banks(planes.shape[2]):
            own = planes[:, :, bank.channels]

            def under(part: Region, own: Array = own, example: Kernel = bank.kernels[0]) -> Array:
                return self.under(own, at, shape[:2], example, part)

            bank.multiply(under, own.dtype, wanted, result, run)
        return result

    def _banks(self, channels: int) -> list[Bank]:
        """Return the products for an input of so many channels: one for each size of kernel and group."""
        if channels not in self._made:  # asked for with every strip
            sizes = [example.shape for example in self.by_size]
            split = [(group, self._members(group, size)) for size in sizes for group in range(self.groups)]
            self._made[channels] = [
                self._bank(members, self._channels(group, channels)) for group, members in split if members
            ]
        return self._made[channels]

    def _bank(self, members: list[int], seen: range) -> Bank:
        kernels = [self.kernels[number] for number in members]
        weights = np.stack([_planes(self.rotated(kernel), len(seen)) for kernel in kernels])
        return Bank(weights, kernels, members, slice(seen.start, seen.stop), *self.options.steps)

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        group = channel // (len(self.kernels) // self.groups)
        return self.kernel_taps(shape, self.kernels[channel], tuple(self._channels(group, channels_of(shape))))

    def _channels(self, group: int, channels: int) -> range:
        seen = channels // self.groups
        return range(group * seen, (group + 1) * seen)

    def _members(self, group: int, size: Pair) -> list[int]:
        """Return the kernels of a group that have this size."""
        count = len(self.kernels) // self.groups
        return [at for at in range(group * count, (group + 1) * count) if self.kernels[at].shape == size]


class Pointwise(Stage):
    """A weighted sum of the channels at every pixel: a 1 × 1 layer.

    References
    ----------
    M. Lin, Q. Chen and S. Yan (2013), "Network in network".
    """

    name: ClassVar[str] = "pointwise"

    def __init__(self, place: str, options: Options) -> None:
        super().__init__(place, options)
        self.weights = options.matrix("weights")
        kernels = [Kernel(row[np.newaxis, np.newaxis]) for row in self.weights]
        planes = self.weights[:, :, np.newaxis, np.newaxis]
        self._bank = Bank(planes, kernels, range(len(kernels)), slice(None), (1, 1), (1, 1))

    def output_shape(self, shape: Shape) -> Shape:
        if self.weights.shape[1] != channels_of(shape):
            raise ValueError(
                f"{self.label}.weights has rows of {self.weights.shape[1]} weights, but there are "
                f"{channels_of(shape)} channels; each row must hold one for each."
            )
        return (*shape[:2], len(self.weights))

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        planes = planes_of(maps)
        result = empty_maps((*wanted.shape, len(self.weights)), output_dtype(maps))
        self._bank.multiply(lambda part: part.cut(planes, at), planes.dtype, wanted, result, run)
        return result

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        weights = self.weights[channel].reshape(1, 1, -1)
        return Taps(single_pixels(shape), tuple(range(channels_of(shape))), weights)


def read_network(options: Options) -> Any:
    """Load the network that an option names."""
    from kernels.cnn import weights

    name = options.raw("network")
    if not isinstance(name, str) or not name:
        raise ValueError(f"{options.where('network')} must be the name of a network or of its file.")
    try:
        return weights.load(name)
    except (OSError, ValueError) as error:
        raise ValueError(f"{options.where('network')}: {error}") from None


def _planes(weights: npt.NDArray[np.float64], channels: int) -> npt.NDArray[np.float64]:
    """Return the weights (C, kh, kw) of a kernel for so many channels."""
    return np.moveaxis(weights, 2, 0) if weights.ndim == 3 else np.repeat(weights[np.newaxis], channels, axis=0)
