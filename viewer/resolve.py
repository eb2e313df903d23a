"""From state to requests: what is to be computed, as data that a worker can run. No Qt."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kernels import colour, display, filtering, memory
from kernels.geometry import Geometry, SlidingOptions, geometry
from kernels.kernel import Kernel
from kernels.picture import Origin, Picture, read_origin
from kernels.tracing import Trace, trace
from viewer.state import Document, State, range_mode

_serial = itertools.count(1)


class Control(Protocol):
    """What a running request may ask and tell."""

    def cancelled(self) -> bool: ...
    def progress(self, fraction: float) -> None: ...


@dataclass(frozen=True, eq=False, kw_only=True)
class Request:
    """Work for one lane; `serial` grows, so that the newer of two answers is known."""

    lane: str
    queue: bool = False
    serial: int = field(default_factory=lambda: next(_serial))

    def run(self, control: Control) -> Any:
        """Compute the answer, in a worker thread."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Response:
    """What a request gave and how long it took."""

    request: Request
    result: Any
    seconds: float


@dataclass(frozen=True, eq=False)
class Failure:
    """A request that gave nothing, and one plain sentence that says why; `error` is None when cancelled."""

    request: Request
    error: BaseException | None
    message: str


@dataclass(frozen=True, eq=False)
class FilterResult:
    """The filtered picture and where its pixels stand."""

    array: NDArray[Any]
    geometry: Geometry
    method: str
    file_range: tuple[float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class FilterRequest(Request):
    """Slide `kernel` over one channel selection of `picture`."""

    lane: str = "filter"
    picture: Picture
    kernel: Kernel
    options: SlidingOptions
    channel: str

    def run(self, control: Control) -> FilterResult:
        placed = geometry(self.picture.shape[:2], self.kernel.shape, self.options)
        source = selected(self.picture, self.channel)
        summed = source.ndim == 2 or self.kernel.channels is not None
        item = 8 if source.dtype == np.float64 else 4
        count = placed.output_shape[0] * placed.output_shape[1] * (1 if summed else source.shape[2])
        memory.require(2 * item * count, "filtering this picture")
        array = filtering.run(
            source, self.kernel, self.options, cancelled=control.cancelled, progress=control.progress
        )
        array.flags.writeable = False
        method = filtering.describe(source.shape, source.dtype, self.kernel, self.options)
        return FilterResult(array, placed, method, colour.channel_range(self.picture, self.channel))


def filter_request(document: Document, picture: Picture) -> FilterRequest:
    """What the Filter workspace shows for `document`."""
    return FilterRequest(
        picture=picture, kernel=document.kernel, options=document.options, channel=document.channel
    )


def selected(picture: Picture, channel: str) -> NDArray[Any]:
    """The channel selection of `picture` that a kernel runs over."""
    return colour.extract(picture, channel)


@dataclass(frozen=True, eq=False, kw_only=True)
class TraceRequest(Request):
    """The arithmetic behind output pixel `pixel` of the filter answer `source`, one trace a colour channel."""

    lane: str = "trace"
    source: FilterRequest
    pixel: tuple[int, int]

    def run(self, control: Control) -> tuple[Trace, ...]:
        image = selected(self.source.picture, self.source.channel)
        options = self.source.options
        summed = image.ndim == 2 or self.source.kernel.channels is not None
        channels: tuple[int | None, ...] = (None,) if summed else tuple(range(image.shape[2]))
        return tuple(
            trace(
                image,
                self.source.kernel,
                self.pixel,
                operation=options.operation,
                padding=options.padding,
                stride=options.stride,
                dilation=options.dilation,
                border=options.border,
                border_value=options.border_value,
                channel=channel,
            )
            for channel in channels
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class DecodeRequest(Request):
    """Read a picture from a file, a sample, or a spilled copy."""

    lane: str = "decode"
    origin: Origin

    def run(self, control: Control) -> Picture:
        return read_origin(self.origin, cancelled=control.cancelled)


class DisplaySource:
    """An array to be shown, with what is computed from it once: area-averaged halves and statistics.

    Used by one lane at a time, so it needs no lock.
    """

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array
        self._pyramid: tuple[NDArray[Any], ...] | None = None
        self._statistics: display.Statistics | None = None

    @property
    def pyramid(self) -> tuple[NDArray[Any], ...]:
        """The array and its halves, largest first."""
        if self._pyramid is None:
            self._pyramid = display.pyramid(self.array)
        return self._pyramid

    @property
    def statistics(self) -> display.Statistics:
        """Extremes, count of non-finite values and histogram."""
        if self._statistics is None:
            self._statistics = display.statistics(self.array)
        return self._statistics


@dataclass(frozen=True, eq=False)
class DisplayResult:
    """Pictures ready to paint, largest first (uint8, (h, w) or (h, w, 3)), and what the View panel says."""

    images: tuple[NDArray[np.uint8], ...]
    levels: tuple[float, float]
    clipped: tuple[int, int]  # below, above
    statistics: display.Statistics
    mode: str
    colour_map: str
    source: DisplaySource


@dataclass(frozen=True, eq=False, kw_only=True)
class DisplayRequest(Request):
    """Bring the raw values of `source` to the screen."""

    source: DisplaySource
    mode: str
    file_range: tuple[float, float]
    manual: tuple[float, float] | None = None
    colour_map: str = "grey"
    tolerance: float = 0.0

    def run(self, control: Control) -> DisplayResult:
        source = self.source
        levels = display.levels(
            source.statistics, self.mode, self.file_range, manual=self.manual, tolerance=self.tolerance
        )
        images = tuple(
            display.render(each, levels, self.mode, self.colour_map, cancelled=control.cancelled)
            for each in source.pyramid
        )
        counts = display.clipped(source.array, levels, self.mode)
        return DisplayResult(images, levels, counts, source.statistics, self.mode, self.colour_map, source)


def output_display(state: State, source: DisplaySource, answer: FilterRequest, result: FilterResult) -> DisplayRequest:
    """How the output is shown: the range in force and, for one channel, the chosen colour map."""
    return DisplayRequest(
        lane="display-output",
        source=source,
        mode=range_mode(state),
        file_range=result.file_range,
        manual=state.session.manual_levels,
        colour_map=state.session.colour_map,
        tolerance=display.flat_tolerance(answer.kernel, result.file_range),
    )


def input_display(picture: Picture) -> DisplayRequest:
    """How the input is shown: its file's own range."""
    source = DisplaySource(picture.pixels)
    return DisplayRequest(
        lane="display-input", source=source, mode="clip", file_range=(0.0, picture.white), colour_map="grey"
    )
