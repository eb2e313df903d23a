"""The filters that a network learned, as requests: loading, responses, resemblance, accuracy. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.cnn import datasets, parts, resemblance, strips, weights
from kernels.cnn.datasets import Dataset
from kernels.cnn.evaluation import Score, evaluate
from kernels.cnn.network import Network
from kernels.cnn.resemblance import Resemblance, Similar
from kernels.filtering.spectrum import frequency_response
from kernels.kernel import Kernel
from kernels.pictures import display
from kernels.pictures.picture import Picture
from viewer.resolve import DIVERGING, SIGNED_COVERAGE, Control, DisplayRequest, DisplayResult, DisplaySource, Request
from viewer.state import FilterEdit, FilterReference

Bytes = NDArray[np.uint8]
Array = NDArray[Any]

THUMBNAIL_SIDE = 192
SPECTRUM_SIDE = 64
CELL, GAP = 4, 0xA0
"""Of a deeper filter: pixels across one weight, and the grey of the line between two channels."""
LARGEST_NEED = 4096
MANY = 64
"""With more channels a weight is one pixel."""
DIGITS_LICENCE = "Y. LeCun, C. Cortes, C. Burges · CC BY-SA 3.0"


@dataclass(frozen=True, eq=False)
class LoadedNetwork:
    """A network as its file holds it.

    Attributes
    ----------
    name : str
        A shipped name or the path of a file: what the state calls it.
    network : Network
    data : str
        Name of the data set that it was trained on.
    accuracy : float or None
        Share of the whole test set that it gets right, as the file says.
    """

    name: str
    network: Network
    data: str
    accuracy: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class NetworkRequest(Request):
    """Load the network `name`, a shipped one or a file."""

    lane: str = "network"
    name: str

    def run(self, control: Control) -> LoadedNetwork:
        header, network = weights.load_with_header(self.name)
        if not network.convolutions:
            raise ValueError(f"{network.name} has no convolution layer, so there is no filter to show")
        return LoadedNetwork(self.name, network, header.data, header.figures.accuracy)


@lru_cache(maxsize=8)
def edited(network: Network, edits: tuple[FilterEdit, ...]) -> Network:
    """Return `network` with the filters of `edits` in place of its own; made once for the same edits.

    Raises
    ------
    ValueError, IndexError
        If an edit does not fit.
    """
    for edit in edits:
        network = network.with_filter(edit.layer, edit.index, edit.kernel.weights)
    return network


def edits_of(edits: Iterable[FilterEdit], name: str) -> tuple[FilterEdit, ...]:
    """Return those that belong to the network `name`."""
    return tuple(each for each in edits if each.network == name)


@dataclass(frozen=True, eq=False)
class LayerView:
    """What is looked at: one convolution layer of a network, or of its copy with edited filters.

    Attributes
    ----------
    loaded : LoadedNetwork
    edits : tuple of FilterEdit
        Those that `network` holds.
    network : Network
    layer : int
    filters : (F, kh, kw, C) float32 array
    """

    loaded: LoadedNetwork
    edits: tuple[FilterEdit, ...]
    network: Network
    layer: int
    filters: NDArray[np.float32]

    def is_edited(self, index: int) -> bool:
        """True when other weights than the trained ones stand in filter `index`."""
        return any((each.layer, each.index) == (self.layer, index) for each in self.edits)


@lru_cache(maxsize=8)
def layer_view(loaded: LoadedNetwork, edits: tuple[FilterEdit, ...], layer: int) -> LayerView:
    """Return the layer as it is with `edits`; a layer beyond the last is the last. Errors as `edited`."""
    network = edited(loaded.network, edits)
    layer = min(max(layer, 0), len(network.convolutions) - 1)
    return LayerView(loaded, edits, network, layer, network.filters(layer))


def part_of(reference: FilterReference) -> parts.Part:
    """What of the filter is in the editor, as `kernels.cnn.parts` calls it."""
    if reference.part == "all":
        return "all"
    return "luma" if reference.part == "luma" else int(reference.part)


def opened(shown: LayerView, index: int, part: str) -> tuple[FilterReference, Kernel]:
    """Return a part of filter `index` as a kernel, and where it came from."""
    reference = FilterReference(shown.loaded.name, shown.layer, index, part)
    kernel = parts.filter_as_kernel(shown.filters, index, part_of(reference))
    return reference, kernel.replace(name=f"{kernel.name} · {shown.network.name} conv{shown.layer + 1}")


def put_back(shown: LayerView, reference: FilterReference, kernel: Kernel) -> FilterEdit:
    """Return the edit that puts `kernel` where `reference` says; ValueError, in a sentence, if it does not fit."""
    changed = parts.put_back(shown.filters[reference.index], kernel, part_of(reference))
    return FilterEdit(reference.network, reference.layer, reference.index, Kernel(changed))


# -- responses ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """The responses of all filters, reduced, and the value of each that gets the strongest colour."""

    values: NDArray[np.float32]
    reaches: NDArray[np.float64]

    def pictures(self, *, common_scale: bool) -> list[Bytes]:
        """Paint them (h, w, 3) from blue through near-white, 0, to orange, one scale for all or one each."""
        reaches = _common(self.reaches) if common_scale else self.reaches
        return [_diverging(values, reach) for values, reach in zip(self.values, reaches, strict=True)]


@dataclass(frozen=True, eq=False, kw_only=True)
class ThumbnailsRequest(Request):
    """What every filter of a layer answers to `picture`, whole, as a thumbnail."""

    lane: str = "responses"
    network: Network
    layer: int
    picture: Picture
    activated: bool

    def run(self, control: Control) -> Thumbnails:
        _shape(self.network, self.layer, self.picture)
        values = strips.thumbnails(
            self.network,
            self.picture.pixels,
            self.layer,
            white=self.picture.white,
            activated=self.activated,
            longest=THUMBNAIL_SIDE,
            cancelled=control.cancelled,
            progress=control.progress,
        )
        reaches = [
            display.levels(display.summarise(each), "signed", (-1.0, 1.0), coverage=SIGNED_COVERAGE)[1]
            for each in values
        ]
        return Thumbnails(values, np.array(reaches))


@dataclass(frozen=True, eq=False)
class ShownResponse:
    """One filter's response at full size, ready to paint.

    `place` is where it lies in the picture: top, left, height, width in picture pixels.
    """

    values: NDArray[np.float32]
    place: tuple[float, float, float, float]
    display: DisplayResult


@dataclass(frozen=True, eq=False, kw_only=True)
class ResponseRequest(Request):
    """What filter `index` answers to the whole of `picture`."""

    lane: str = "response"
    network: Network
    layer: int
    index: int
    picture: Picture
    activated: bool

    def run(self, control: Control) -> ShownResponse:
        height, width = _shape(self.network, self.layer, self.picture)
        memory.require(16.0 * height * width, "the response to this picture")
        values = strips.response(
            self.network,
            self.picture.pixels,
            self.layer,
            self.index,
            white=self.picture.white,
            activated=self.activated,
            cancelled=control.cancelled,
            progress=control.progress,
        )
        values.flags.writeable = False
        source = DisplaySource(values)
        shown = DisplayRequest(
            lane=self.lane, source=source, mode="signed", file_range=(-1.0, 1.0), colour_map=DIVERGING
        )
        return ShownResponse(values, self._place(), shown.run(control))

    def _place(self) -> tuple[float, float, float, float]:
        return strips.area(self.network, self.layer, (self.picture.height, self.picture.width))


def _shape(network: Network, layer: int, picture: Picture) -> tuple[int, int]:
    """Return the height and width of the responses; ValueError, for the reader of the window, if there are none."""

    def fits(height: int, width: int) -> bool:
        try:
            strips.response_shape(network, layer, (height, width))
        except ValueError:
            return False
        return True

    if not fits(picture.height, picture.width):
        # Both sides need the same; one of them may be long enough.
        least = next((side for side in range(1, LARGEST_NEED) if fits(side, side)), LARGEST_NEED)
        raise ValueError(
            f"The picture is {picture.width} × {picture.height} pixels; the windows of this layer need at least "
            f"{least} × {least}."
        )
    return strips.response_shape(network, layer, (picture.height, picture.width))[1:]


# -- what the filters look like ----------------------------------------------------------------------------------------


def filter_pictures(filters: NDArray[np.float32], *, common_scale: bool) -> list[Bytes]:
    """Paint filters (F, kh, kw, C).

    On three channels a filter is a colour picture in which middle grey stands for 0; on one it is painted from blue
    through near-white, 0, to orange; both a pixel a weight. On more, its channels stand in rows beside each other.
    """
    reaches = np.abs(filters).max(axis=(1, 2, 3)).astype(np.float64)
    reaches = np.where(reaches > 0, _common(reaches) if common_scale else reaches, 1.0)
    return [filter_picture(weights, float(reach)) for weights, reach in zip(filters, reaches, strict=True)]


def filter_picture(filter_weights: Array, reach: float | None = None) -> Bytes:
    """Paint one filter (kh, kw, C) or (kh, kw); weights of ±`reach`, by default the largest, get the full colour."""
    held = np.atleast_3d(filter_weights)
    if reach is None:
        reach = float(np.abs(held).max()) or 1.0
    rows, columns, channels = held.shape
    if channels == 1:
        return _diverging(held[:, :, 0], reach)
    if channels == 3:
        return np.rint(np.clip(held / reach, -1, 1) * 127.5 + 127.5).astype(np.uint8)
    across = int(np.ceil(np.sqrt(channels * rows / columns)))
    down = -(-channels // across)
    cell = CELL if channels <= MANY else 1
    high, wide = rows * cell, columns * cell
    picture = np.full((down * (high + 1) - 1, across * (wide + 1) - 1, 3), GAP, np.uint8)
    painted = _diverging(held.transpose(2, 0, 1).reshape(channels * rows, columns), reach)
    painted = painted.repeat(cell, axis=0).repeat(cell, axis=1)
    for channel in range(channels):
        top, left = channel // across * (high + 1), channel % across * (wide + 1)
        picture[top : top + high, left : left + wide] = painted[channel * high : (channel + 1) * high]
    return picture


def _common(reaches: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.full_like(reaches, reaches.max(initial=0.0) or 1.0)


def _diverging(values: Array, reach: float) -> Bytes:
    return display.render(values, (-reach, reach), "signed", DIVERGING)


def spectrum_picture(filter_weights: Array) -> Bytes:
    """Paint the frequency response of a filter (kh, kw, C): dark where nothing passes, bright where most does.

    Frequency 0 is in the middle; of several channels the root of the summed squares, what a wave in the colour that
    suits it best would give.
    """
    response = frequency_response(Kernel(filter_weights), SPECTRUM_SIDE)
    strength = np.sqrt(np.sum(response.reshape(SPECTRUM_SIDE, SPECTRUM_SIDE, -1) ** 2, axis=2))
    return display.render(strength, (0.0, float(strength.max()) or 1.0), "clip", "inferno")


@dataclass(frozen=True, eq=False, kw_only=True)
class ResemblanceRequest(Request):
    """What each filter of a layer, (F, kh, kw, C), looks like."""

    lane: str = "resemblance"
    filters: NDArray[np.float32]

    def run(self, control: Control) -> tuple[Resemblance, ...]:
        return resemblance.classify(self.filters)


@dataclass(frozen=True, eq=False, kw_only=True)
class SimilarRequest(Request):
    """Which of the filters is most like `kernel`."""

    lane: str = "similar"
    filters: NDArray[np.float32]
    kernel: Kernel

    def run(self, control: Control) -> Similar:
        return resemblance.most_similar_filters(self.kernel, self.filters)[0]


# -- how well the network does -----------------------------------------------------------------------------------------

DIGITS = "digits"
"""In place of a folder: the test digits that come with the program."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How the trained network and its edited copy do on the same test pictures."""

    data: Dataset
    before: Score
    after: Score


@dataclass(frozen=True, eq=False, kw_only=True)
class EvaluationRequest(Request):
    """Classify the test pictures with the trained network and with its copy.

    `data` and `before` are those of an earlier evaluation, if there was one.
    """

    lane: str = "evaluation"
    queue: bool = True
    source: str
    trained: Network
    changed: Network
    expected: str  # name of the data set that the network was trained on
    data: Dataset | None = None
    before: Score | None = None

    def run(self, control: Control) -> Evaluation:
        data = self.data or self._read()
        half = self.before is None
        before = self.before or evaluate(
            self.trained, data, cancelled=control.cancelled, progress=lambda share: control.progress(0.5 * share)
        )
        after = evaluate(
            self.changed,
            data,
            cancelled=control.cancelled,
            progress=lambda share: control.progress(0.5 + 0.5 * share if half else share),
        )
        return Evaluation(data, before, after)

    def _read(self) -> Dataset:
        if self.source == DIGITS:
            return datasets.shipped_digits()
        data = datasets.read(self.source, "test")
        if self.expected in ("MNIST", "Fashion-MNIST", "CIFAR-10") and data.name not in (self.expected, "idx"):
            raise ValueError(f"{self.source} holds {data.name}, but the network was trained on {self.expected}")
        return data
