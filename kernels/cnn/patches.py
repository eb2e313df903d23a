"""What a filter wants: where in given pictures it answers most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn import strips
from kernels.cnn.arguments import go_on, whole
from kernels.cnn.network import BATCH, Network
from kernels.cnn.preprocessing import as_planes
from kernels.recipe.regions import Region

Pictures = Sequence[NDArray[Any]] | NDArray[Any]
Seen = Callable[[tuple[int, int]], Region]

COUNT = 9
MOST = 1000


class Patch(msgspec.Struct, frozen=True, eq=False):
    """A part of a picture that a filter answers strongly to.

    Attributes
    ----------
    pixels : (h, w) or (h, w, C) array
        A copy, in the picture's dtype; black where the filter sees beyond the picture's edge.
    picture : int
        The number of the picture, from 0.
    region : Region
        Where the filter looks: rows and columns of the picture, which may lie beyond its edge.
    value : float
        The response, before the activation.
    """

    pixels: NDArray[Any]
    picture: int
    region: Region
    value: float


def strongest_patches(
    net: Network,
    layer: int,
    channel: int,
    pictures: Pictures,
    *,
    count: int = COUNT,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Patch, ...]:
    """Find the parts of pictures that a filter answers most to, the strongest first.

    Parameters
    ----------
    net : Network
    layer : int
        Counts convolution layers only, from 0.
    channel : int
        Which filter of it, from 0.
    pictures : (N, H, W[, C]) array, or sequence of (H, W) or (H, W, C) arrays
        As for `Network.predict`, each with the network's black border, if all of them are 8-bit and of the network's
        `input_shape`; otherwise of any size and kind, as for `Network.responses`.
    count : int
        So many at most; no two of one picture overlap.
    cancelled, progress : callable, optional
        Asked, and told a share from 0 to 1, after every picture.

    Returns
    -------
    tuple of Patch
        Of equal ones those of earlier pictures first. Responses that are not finite are passed over.

    Raises
    ------
    TypeError, ValueError, IndexError
        If there is no such layer or filter, there are no pictures, or one of them is no picture or is too small.
    MemoryError
        If a response would take more than half of the free memory.
    kernels.errors.Cancelled

    References
    ----------
    M. D. Zeiler, R. Fergus (2014), "Visualizing and understanding convolutional networks".
    """
    channel = whole("channel", channel, 0, len(net.convolution(layer).arrays["weights"]) - 1)
    count = whole("count", count, 1, MOST)
    if not len(pictures):
        raise ValueError("pictures must hold at least one picture, but are none")
    best: list[tuple[float, int, Region]] = []
    for number, response, seen in _responses(net, layer, channel, pictures, cancelled):
        least = best[-1][0] if len(best) == count else -np.inf
        best += [(value, number, region) for value, region in _peaks(response, seen, count, least)]
        # Sorting keeps the order of equal ones.
        best = sorted(best, key=lambda each: -each[0])[:count]
        go_on((number + 1) / len(pictures), cancelled, progress)
    return tuple(Patch(_cut(pictures[number], region), number, region, value) for value, number, region in best)


def _responses(
    net: Network, layer: int, channel: int, pictures: Pictures, cancelled: Callable[[], bool] | None
) -> Iterator[tuple[int, NDArray[Any], Seen]]:
    """Yield the number of each picture, a filter's response to it, and what of the picture each response depends on."""
    if all(each.dtype == np.uint8 and each.shape == net.input_shape for each in map(np.asarray, pictures)):
        border, size = net.preprocessing.padding, net.architecture.input[1:]
        before = net.layers[: net.layers.index(net.convolution(layer)) + 1]
        for start in range(0, len(pictures), BATCH):
            maps = net.preprocessing.batch(np.stack([*pictures[start : start + BATCH]]))
            for node in before:
                maps = node.forward(maps, cancelled=cancelled)
            for number, response in enumerate(maps[:, channel], start):
                yield number, response, partial(strips.seen, net, layer, size, border=border)
        return
    for number, picture in enumerate(pictures):
        size = as_planes(picture).shape[:2]
        strips.checked_shape(net, layer, size)
        response = strips.response(net, picture, layer, channel, cancelled=cancelled)
        yield number, response, partial(strips.seen, net, layer, size)


def _peaks(response: NDArray[Any], seen: Seen, count: int, least: float) -> Iterator[tuple[float, Region]]:
    """Yield the strongest responses above `least` whose windows do not overlap, and these."""
    left = np.where(np.isfinite(response), response, -np.inf)
    for _ in range(count):
        y, x = (int(at) for at in np.unravel_index(int(left.argmax()), left.shape))
        if left[y, x] <= least:
            return
        region, next_one = seen((y, x)), seen((y + 1, x + 1))
        yield float(left[y, x]), region
        down = -(-region.shape[0] // (next_one.top - region.top))
        across = -(-region.shape[1] // (next_one.left - region.left))
        left[max(0, y - down + 1) : y + down, max(0, x - across + 1) : x + across] = -np.inf


def _cut(picture: NDArray[Any], region: Region) -> NDArray[Any]:
    """Return a region of a picture, black beyond its edge."""
    whole_picture = Region.whole(picture.shape)
    inside = Region(
        max(region.top, 0), min(region.bottom, whole_picture.bottom),
        max(region.left, 0), min(region.right, whole_picture.right),
    )  # fmt: skip
    result = np.zeros((*region.shape, *picture.shape[2:]), picture.dtype)
    result[inside.slices(region)] = inside.cut(picture, whole_picture)
    return result
