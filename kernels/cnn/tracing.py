"""One number of any layer of a network taken apart: which numbers it gets, which weights, and what they add up to."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from kernels.arguments import whole_number
from kernels.cnn.layers import (
    Array,
    AveragePool,
    BatchNormalisation,
    Bias,
    Composite,
    Convolution,
    Dense,
    Filter,
    Flatten,
    GaussianPool,
    GlobalAveragePool,
    Layer,
    LeakyReLU,
    Magnitude,
    MaxPool,
    Node,
    Shape,
)
from kernels.cnn.layers.margins import Margins, margins_of
from kernels.cnn.network import Network
from kernels.cnn.stages import ForwardPass
from kernels.filtering.geometry import Pair
from kernels.filtering.provenance import window_at
from kernels.recipe.regions import Region, region_under
from kernels.recipe.stage import Taps, single_pixels
from kernels.recipe.tracing import Part, StageTrace, traced

Place = tuple[int, ...]

_STAGES = {
    "convolution": "filter-bank",
    "dense": "pointwise",
    "batch-normalisation": "batch-norm",
    "global-average-pool": "global-average",
}
"""What layers are called as stages of a recipe, where they have another name."""


class UnitTrace(msgspec.Struct, frozen=True, eq=False):
    """How one number of a network came about.

    Attributes
    ----------
    layer : int
        The number of its layer among all layers.
    place : tuple of int
        (map, y, x), or (unit,) of a row of numbers.
    trace : StageTrace
        The number as the layer itself gives it, as a recipe's stage has it: a dense layer is a ``pointwise`` stage of
        1 x 1 maps, its inputs are the channels. Its `parts` are named as ``"layers[3].body[1]"``. Its fields begin
        with the region of the picture that the number depends on, without the border that the network adds, and end
        with that of the layer's input; a row of numbers counts as one pixel.
    then : tuple of (str, float)
        What the later layers of its stage make of it, such as ``("ReLU", 8.08)``, in order.
    """

    layer: int
    place: Place
    trace: StageTrace
    then: tuple[tuple[str, float], ...]

    @property
    def result(self) -> float:
        """The number after its activation, if it has one."""
        return self.then[-1][1] if self.then else self.trace.value

    @property
    def sees(self) -> Region:
        """The pixels of the picture that it depends on, its receptive field; empty if it sees the border alone.

        Of rows of layers side by side it holds what all of them see.

        References
        ----------
        A. Araujo, W. Norris, J. Sim (2019), "Computing receptive fields of convolutional neural networks".
        """
        return self.trace.fields[0][1]

    @property
    def chosen(self) -> Pair | None:
        """The tap whose number a maximum is, of equal ones the first; None for other layers."""
        if self.trace.stage != "max-pool":
            return None
        row, column = np.unravel_index(int(self.trace.window.argmax()), self.trace.window.shape[:2])
        return int(row), int(column)


def trace(passed: ForwardPass, layer: int, place: Place) -> UnitTrace:
    """Take one number of a network apart.

    Parameters
    ----------
    passed : ForwardPass
        Of the picture; nothing is computed again.
    layer : int
        Counts all layers of the network, from 0.
    place : tuple of int
        (map, y, x) in what the layer gives, or (unit,) of a row of numbers.

    Returns
    -------
    UnitTrace
        Its values are those of `passed`, bit for bit; ``sum / divisor + offset`` is the same to float32's rounding.

    Raises
    ------
    TypeError, ValueError
        If there is no such layer or place.
    """
    number, place = _checked(passed.network, layer, place)
    node, maps = passed.network.layers[number], passed.maps[number]
    planes = maps.transpose(1, 2, 0) if maps.ndim == 3 else maps[np.newaxis, np.newaxis]
    # What a flattened number was read from is a pixel of a map.
    source = _unflattened(place, maps.shape) if isinstance(node.layer, Flatten) else place
    taps = _taps(node, maps.shape, source)
    window = window_at(planes[:, :, list(taps.channels)], taps.windows, _pixel(source), taps.border, taps.border_value)
    tag = str(node.layer.__struct_config__.tag)
    value, fields = float(passed.maps[number + 1][place]), tuple(reversed([*_fields(passed.network, number, place)]))
    stage = traced(
        taps,
        window,
        f"layers[{number}]",
        _STAGES.get(tag, tag),
        _pixel(place),
        place[0],
        value,
        fields,
        tuple(_parts(node, maps, number, place)),
    )
    return UnitTrace(number, place, stage, tuple(_then(passed, number, place)))


def _taps(node: Node, shape: Shape, place: Place) -> Taps:
    """Say how a number comes from the layer's input of this shape."""
    layer, arrays, channel = node.layer, node.arrays, place[0]
    size = shape[1:] if len(shape) == 3 else (1, 1)
    windows = layer.windows(shape) or single_pixels(size)
    if isinstance(layer, Convolution | Dense):
        # Of one filter or unit, (inputs, kh, kw); those of a dense layer are single numbers.
        weights = arrays["weights"][channel].astype(np.float64).reshape(-1, *windows.kernel_shape)
        groups = layer.groups if isinstance(layer, Convolution) else 1
        first = channel * groups // len(arrays["weights"]) * len(weights)
        seen = tuple(range(first, first + len(weights)))
        around, offset = _around_maps(layer), float(arrays["bias"][channel])
        weights = weights.transpose(1, 2, 0)
        return Taps(windows, seen, weights, offset=offset, border=around.border, border_value=around.value)
    if isinstance(layer, Filter):
        weights, around = np.array(layer.weights, np.float64), _around_maps(layer)
        seen = (channel,) if weights.shape[2] == 1 else tuple(range(shape[0]))
        return Taps(windows, seen, weights, layer.divisor, layer.offset, around.border, around.value)
    if isinstance(layer, AveragePool | GaussianPool):
        share = float(layer.shares(windows)[_pixel(place)])
        return Taps(windows, (channel,), np.multiply.outer(*layer.weights())[:, :, np.newaxis], divisor=share)
    if isinstance(layer, GlobalAveragePool):
        return Taps(windows, (channel,), np.ones((*size, 1)), divisor=float(math.prod(size)))
    if isinstance(layer, Bias):
        return Taps(windows, (channel,), np.ones((1, 1, 1)), offset=float(arrays["bias"][channel]))
    if isinstance(layer, Magnitude | Composite):
        return Taps(windows, tuple(range(shape[0])))
    if isinstance(layer, MaxPool):
        return Taps(windows, (channel,), border_value=-np.inf)
    if isinstance(layer, BatchNormalisation):
        numbers = {name: float(arrays[name][channel]) for name in ("mean", "variance", "gamma", "beta")}
        scale = numbers["gamma"] / math.sqrt(numbers["variance"] + layer.epsilon)
        offset = numbers["beta"] - numbers["mean"] * scale
        told = (*numbers.items(), ("epsilon", layer.epsilon))
        return Taps(windows, (channel,), np.full((1, 1, 1), scale), offset=offset, numbers=told)
    return Taps(windows, (channel,), numbers=(("slope", layer.slope),) if isinstance(layer, LeakyReLU) else ())


def _around_maps(layer: Layer) -> Margins:
    """Say what surrounds the maps that a layer is given; nothing but zeros unless it slides kernels."""
    return margins_of(layer.padding if isinstance(layer, Convolution | Filter) else (0, 0))


def _parts(node: Node, maps: Array, number: int, place: Place) -> Iterator[Part]:
    """Yield the numbers of the rows inside a layer that a number of it is made of."""
    if not isinstance(node.layer, Composite):
        return
    for row, channel in node.layer.parts(maps.shape, place[0]):
        found = maps[np.newaxis]
        for each in node.rows[row]:
            found = each.forward(found)
        last = f"[{len(node.rows[row]) - 1}]" if node.rows[row] else ""
        yield Part(f"layers[{number}].{row}{last}", channel, float(found[(0, channel, *place[1:])]))


def _then(passed: ForwardPass, layer: int, place: Place) -> Iterator[tuple[str, float]]:
    """Yield what the later layers of its stage make of a number."""
    architecture = passed.network.architecture
    stage = next(numbers for numbers in architecture.stages() if layer in numbers)
    for number in range(layer + 1, stage.stop):
        after = architecture.layers[number]
        if isinstance(after, Flatten):
            place = (int(np.ravel_multi_index(place, passed.maps[number].shape)),)
        else:
            yield after.title, float(passed.maps[number + 1][place])


def _fields(network: Network, layer: int, place: Place) -> Iterator[tuple[str, Region]]:
    """Yield the region that a number depends on of its layer's input, then of each one before, last of the picture."""
    layers, shapes = network.architecture.layers, network.architecture.shapes()
    region = _around(place)
    # The one unit of a row of numbers; None for all of them.
    unit = place[0] if len(place) == 1 else None
    for number in range(layer, -1, -1):
        step, shape = layers[number], shapes[number]
        if isinstance(step, Dense) or (isinstance(step, Composite) and len(shape) == 1):
            unit = None
        elif isinstance(step, Flatten) and len(shape) == 3:
            region = Region.whole(shape[1:]) if unit is None else _around(_unflattened((unit,), shape))
        elif isinstance(step, Composite) and step.needs_whole:
            region = Region.whole(shape[1:])
        elif windows := step.windows(shape):
            region = region_under(windows, _around_maps(step).border, region)
        if number:
            yield f"layers[{number - 1}]", region
    yield "image", _without_border(region, network)


def _without_border(region: Region, network: Network) -> Region:
    """Return a region of the prepared picture as one of the picture itself."""
    border, (height, width) = network.preprocessing.padding, network.input_shape[:2]
    rows = (min(max(at - border, 0), height) for at in (region.top, region.bottom))
    columns = (min(max(at - border, 0), width) for at in (region.left, region.right))
    return Region(*rows, *columns)


def _unflattened(place: Place, shape: Shape) -> Place:
    """Return where a flattened number stood."""
    return tuple(int(at) for at in np.unravel_index(place[0], shape))


def _pixel(place: Place) -> Pair:
    """Return the pixel of a number in its map; that of a row of numbers counts as one."""
    return (place[1], place[2]) if len(place) == 3 else (0, 0)


def _around(place: Place) -> Region:
    y, x = _pixel(place)
    return Region(y, y + 1, x, x + 1)


def _checked(network: Network, layer: int, place: Place) -> tuple[int, Place]:
    """Return the number of a layer and a place in what it gives, or say what is wrong with them."""
    number, count = whole_number("layer", layer, 0), len(network.layers)
    if number >= count:
        raise ValueError(f"layer is {number}, but must be 0 to {count - 1}, one of {network.name}'s layers.")
    shape, title = network.architecture.shapes()[number + 1], network.layers[number].layer.title
    found = tuple(whole_number("place", at, 0) for at in place) if isinstance(place, tuple) else ()
    if len(found) != len(shape) or any(at >= size for at, size in zip(found, shape, strict=True)):
        letters, size = "(map, y, x)" if len(shape) == 3 else "(unit,)", " × ".join(map(str, shape))
        raise ValueError(
            f"place is {place!r}, but must be {letters} in the {size} numbers of layer {number} ({title})."
        )
    return number, found
