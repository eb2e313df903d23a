"""Responses strip by strip, so that a picture of any size needs little memory, and their reduced copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.layers import Activation, BatchNormalisation, Composite, Convolution, Dropout, Margins, Node, Shape
from kernels.cnn.layers.margins import margins_of
from kernels.cnn.network import Network
from kernels.errors import stop_if
from kernels.filtering.geometry import Geometry
from kernels.opencv import cv2
from kernels.pictures.picture import usual_white
from kernels.recipe.regions import Region

STRIP_BYTES = 1 << 26
"""What the maps of one strip may take."""

Responses = NDArray[np.float32]


_LARGEST_NEED = 4096


def area(network: Network, layer: int, image_shape: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the area of the picture where a layer's responses lie: top, left, height and width in picture pixels.

    Every response is centred on the pixels that it sees. Pixel (y, x) covers [y, y + 1) x [x, x + 1).
    """
    return area_behind(network, network.layers.index(network.convolution(layer)) + 1, image_shape)


def area_behind(network: Network, count: int, image_shape: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the same for what the first `count` layers make of a picture, which must be maps."""
    shapes = _shapes(network, network.layers[:count], image_shape)
    _, height, width = shapes[-1]
    y = x = 0.0
    steps = [1, 1]
    for windows in reversed(_windows(network.layers[:count], shapes)):
        y, x = windows.centre(y, x)
        steps = [step * stride for step, stride in zip(steps, windows.stride, strict=True)]
    return y + 0.5 - steps[0] / 2, x + 0.5 - steps[1] / 2, float(height * steps[0]), float(width * steps[1])


def seen(
    network: Network, layer: int, image_shape: tuple[int, int], place: tuple[int, int], *, border: int = 0
) -> Region:
    """Return the part of the picture, perhaps beyond its ends, that the response at a place (y, x) depends on.

    With a `border`, `image_shape` is that of the picture with so many pixels on each side.
    """
    windows = _windows_until(network, layer, image_shape)
    (top, bottom), (left, right) = (_needed(windows, at, at + 1, axis) for axis, at in enumerate(place))
    return Region(top - border, bottom - border, left - border, right - border)


def response_shape(network: Network, layer: int, image_shape: tuple[int, int]) -> tuple[int, int, int]:
    """Return the shape (F, H', W') of a layer's responses; ValueError if the picture is too small for its windows."""
    count, height, width = _shapes(network, _until(network, layer), image_shape)[-1]
    return count, height, width


def checked_shape(network: Network, layer: int, image_shape: tuple[int, int]) -> tuple[int, int]:
    """Return the height and width of a layer's responses.

    Raises
    ------
    ValueError
        If there are none; the sentence names the smallest square picture that has some.
    """

    def fits(height: int, width: int) -> bool:
        try:
            response_shape(network, layer, (height, width))
        except ValueError:
            return False
        return True

    height, width = image_shape
    if not fits(height, width):
        # Both sides need the same; one of them may be long enough.
        least = next((side for side in range(1, _LARGEST_NEED) if fits(side, side)), _LARGEST_NEED)
        raise ValueError(
            f"The picture is {width} × {height} pixels; the windows of this layer need at least {least} × {least}."
        )
    return response_shape(network, layer, image_shape)[1:]


def activation(network: Network, layer: int) -> str:
    """Return the title of the activation that follows a convolution layer, such as "ReLU"; "" if none does."""
    following = _following(network, layer)
    return following[-1].layer.title if following else ""


def in_strips(
    network: Network,
    image: NDArray[Any],
    layer: int = 0,
    *,
    white: float | None = None,
    filters: Sequence[int] | None = None,
    activated: bool = False,
    cuts: Sequence[int] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[tuple[int, Responses]]:
    """Compute what `Network.responses` gives, some rows at a time.

    Parameters
    ----------
    network, image, layer, white, filters, cancelled
        As for `Network.responses`.
    activated : bool
        Go on through the activation that follows the layer.
    cuts : sequence of int, optional
        Rows at which strips begin; from 0, ascending.

    Yields
    ------
    first row, (F, rows, W') float32 array

    Raises
    ------
    As `Network.responses`.
    """
    white = usual_white(image) if white is None else white
    total = response_shape(network, layer, (image.shape[0], image.shape[1]))[1]
    if cuts is None:
        cuts = range(0, total, _rows_at_once(network, layer, (image.shape[0], image.shape[1])))
    windows = _windows_until(network, layer, (image.shape[0], image.shape[1]))
    pitch = prod(each.stride[0] for each in windows)
    # Of a strip, rows of layers with unlike strides may give unlike sizes.
    whole = any(each.layer.needs_whole or isinstance(each.layer, Composite) for each in _until(network, layer))
    for first, stop in zip(cuts, [*cuts[1:], total], strict=True):
        low, high = _needed(windows, first, stop)
        # A crop whose pooling windows lie as those of the whole picture: it begins at a multiple of the pitch.
        low = 0 if whole else min(max(0, low), len(image) - 1) // pitch * pitch
        crop = image[low:] if whole else image[low : max(high, low + 1)]
        block = _activated(network, layer, crop, white, filters, cancelled) if activated else network.responses(
            crop, layer, white=white, filters=filters, cancelled=cancelled
        )  # fmt: skip
        start = first - low // pitch
        yield first, block[:, start : start + stop - first]


def response(
    network: Network,
    image: NDArray[Any],
    layer: int,
    index: int,
    *,
    white: float | None = None,
    activated: bool = False,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Responses:
    """Return the response (H', W') of one filter to the whole picture; parameters as for `in_strips`."""
    _, height, width = response_shape(network, layer, (image.shape[0], image.shape[1]))
    result = np.empty((height, width), np.float32)
    strips = in_strips(network, image, layer, white=white, filters=[index], activated=activated, cancelled=cancelled)
    for first, block in strips:
        result[first : first + block.shape[1]] = block[0]
        if progress is not None:
            progress((first + block.shape[1]) / height)
    return result


def thumbnails(
    network: Network,
    image: NDArray[Any],
    layer: int = 0,
    *,
    white: float | None = None,
    activated: bool = False,
    longest: int = 192,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Responses:
    """Return the responses of all filters, averaged over areas until the longer side has at most `longest` pixels.

    Parameters
    ----------
    network, image, layer, white, activated, cancelled
        As for `in_strips`.
    longest : int
    progress : callable, optional
        Told the share done, 0 to 1.

    Returns
    -------
    (F, h, w) float32
        The responses themselves where they are small enough.

    Notes
    -----
    A convolution is linear: before the activation, the mean of a response over an area is the response to the means
    of the picture's shifted copies. Where that holds for the whole way, each pixel is only summed up, whatever the
    number of filters and the size of their windows.
    """
    size = image.shape[0], image.shape[1]
    count, height, width = response_shape(network, layer, size)
    scale = max(1.0, max(height, width) / longest)
    rows, columns = max(1, round(height / scale)), max(1, round(width / scale))
    if scale > 1 and not activated and _is_linear(network, layer, size) and image.dtype.kind in "bui":
        return _mean_responses(network, image, (height, width), (rows, columns), white, cancelled, progress)
    edges = np.rint(np.linspace(0, height, rows + 1)).astype(int)
    together = max(1, int(_rows_at_once(network, layer, size) / scale))
    result = np.empty((count, rows, columns), np.float32)
    cuts = [int(edge) for edge in edges[:-1:together]]
    strips = in_strips(network, image, layer, white=white, activated=activated, cuts=cuts, cancelled=cancelled)
    for first, block in strips:
        top = int(np.searchsorted(edges, first))
        bottom = int(np.searchsorted(edges, first + block.shape[1]))
        for index, one in enumerate(block):
            result[index, top:bottom] = cv2.resize(one, (columns, bottom - top), interpolation=cv2.INTER_AREA)
        stop_if(cancelled)
        if progress is not None:
            progress(bottom / rows)
    return result


def _is_linear(network: Network, layer: int, image_shape: tuple[int, int]) -> bool:
    """Whether a convolution comes first, sees all channels, and its windows stand everywhere and in no border alone."""
    node = network.convolution(layer)
    found = _convolution(node)
    effective = _windows_until(network, layer, image_shape)[-1].effective_shape
    if isinstance(found.padding, Margins):
        return False
    inside = all(border < size for border, size in zip(found.padding, effective, strict=True))
    return network.layers[0] is node and found.stride == (1, 1) and found.groups == 1 and inside


def _convolution(node: Node) -> Convolution:
    assert isinstance(node.layer, Convolution)
    return node.layer


def _mean_responses(
    network: Network,
    image: NDArray[Any],
    size: tuple[int, int],
    thumbnail: tuple[int, int],
    white: float | None,
    cancelled: Callable[[], bool] | None,
    progress: Callable[[float], None] | None,
) -> Responses:
    """Average the first layer's responses, `size`, over areas, without computing them.

    The sum over any rectangle is read off the corners of a table of sums; between pixels the table is linear.

    References
    ----------
    F. C. Crow (1984), "Summed-area tables for texture mapping".
    """
    node = network.convolution(0)
    layer = _convolution(node)
    (top, left), (kh, kw), (dy, dx) = margins_of(layer.padding).before, layer.kernel, layer.dilation
    filters = node.arrays["weights"].reshape(layer.filters, -1).astype(np.float64)
    (height, width), (rows, columns) = size, thumbnail
    y, x = np.linspace(0, height, rows + 1), np.linspace(0, width, columns + 1)
    together = max(1, int(_rows_at_once(network, 0, (image.shape[0], image.shape[1])) * rows / height))
    white = usual_white(image) if white is None else white
    result = np.empty((len(filters), rows, columns), np.float32)
    for first in range(0, rows, together):
        stop_if(cancelled)
        last = min(first + together, rows)
        begin, end = int(y[first]), int(np.ceil(y[last])) + (kh - 1) * dy  # with the border
        low, high = max(begin - top, 0), min(end - top, image.shape[0])
        maps = network.preprocessing.picture(image[low:high], white)[0]
        border = (low - (begin - top), (end - top) - high), (left, left)
        means = np.empty((len(maps), kh, kw, last - first, columns))
        for channel, plane in enumerate(maps):
            table = cv2.integral(np.pad(plane, border))
            for i in range(kh):
                lines = np.diff(_between(table, y[first : last + 1] - begin + i * dy), axis=0).T
                for j in range(kw):
                    means[channel, i, j] = np.diff(_between(lines, x + j * dx), axis=0).T
        means /= (height / rows) * (width / columns)
        found = filters @ means.reshape(filters.shape[1], -1) + node.arrays["bias"][:, np.newaxis]
        result[:, first:last] = found.reshape(len(filters), last - first, columns)
        if progress is not None:
            progress(last / rows)
    return result


def _between(table: NDArray[Any], at: NDArray[Any]) -> NDArray[np.float64]:
    """Return rows of a table, between two of them linearly."""
    below = np.minimum(at.astype(int), len(table) - 2)
    share = (at - below)[:, np.newaxis]
    rows: NDArray[np.float64] = table[below] * (1 - share) + table[below + 1] * share
    return rows


def _until(network: Network, layer: int) -> list[Node]:
    """The layers up to a convolution layer, that one included."""
    return network.layers[: network.layers.index(network.convolution(layer)) + 1]


def _following(network: Network, layer: int) -> list[Node]:
    """The layers after a convolution layer up to its activation; none if something else comes first."""
    passed: list[Node] = []
    for each in network.layers[len(_until(network, layer)) :]:
        passed.append(each)
        if isinstance(each.layer, Activation):
            return passed
        if not isinstance(each.layer, BatchNormalisation | Dropout):
            break
    return []


def _activated(
    network: Network,
    layer: int,
    image: NDArray[Any],
    white: float,
    filters: Sequence[int] | None,
    cancelled: Callable[[], bool] | None,
) -> Responses:
    following = _following(network, layer)
    # A layer with numbers of its own for each map needs all maps.
    together = any(each.arrays for each in following)
    chosen = None if together else filters
    maps = network.responses(image, layer, white=white, filters=chosen, cancelled=cancelled)[np.newaxis]
    for each in following:
        maps = each.forward(maps, cancelled=cancelled)
    found: Responses = maps[0]
    return found if filters is None or not together else found[list(filters)]


def _shapes(network: Network, layers: Sequence[Node], image_shape: tuple[int, int]) -> list[Shape]:
    """Shape of the picture's channels, and after each of the network's first layers."""
    shapes: list[Shape] = [(len(network.preprocessing.mean), *image_shape)]
    for each in layers:
        shapes.append(each.layer.output_shape(shapes[-1]))
    return shapes


def _windows(layers: Sequence[Node], shapes: Sequence[Shape]) -> list[Geometry]:
    """Where the windows of layers stand that are given maps of these shapes, of those that have any."""
    return [found for each, shape in zip(layers, shapes, strict=False) if (found := each.layer.windows(shape))]


def _windows_until(network: Network, layer: int, image_shape: tuple[int, int]) -> list[Geometry]:
    """Where the windows of the layers up to a convolution layer stand, of those that have any."""
    layers = _until(network, layer)
    return _windows(layers, _shapes(network, layers, image_shape))


def _needed(windows: list[Geometry], first: int, stop: int, axis: int = 0) -> tuple[int, int]:
    """Rows of the picture (columns along axis 1), perhaps beyond its ends, that those of the result depend on."""
    for each in reversed(windows):
        first = first * each.stride[axis] - each.before[axis]
        stop = (stop - 1) * each.stride[axis] - each.before[axis] + each.effective_shape[axis]
    return first, stop


def _rows_at_once(network: Network, layer: int, image_shape: tuple[int, int]) -> int:
    """How many rows of the result are computed together: all maps before it count, each with a copy."""
    shapes = _shapes(network, _until(network, layer), image_shape)
    return max(1, STRIP_BYTES * shapes[-1][1] // sum(8 * prod(shape) for shape in shapes))
