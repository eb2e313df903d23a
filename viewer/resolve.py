"""From state to requests: what is to be computed, as data that a worker can run. No Qt."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.errors import Cancelled
from kernels.filtering import engine
from kernels.filtering.geometry import Geometry, SlidingOptions, geometry
from kernels.filtering.tracing import Trace, trace
from kernels.kernel import Kernel
from kernels.pictures import colour, display
from kernels.pictures.picture import Picture
from viewer.state import Document, State, range_mode

DIVERGING = "blue-orange"
SIGNED_COVERAGE = 0.99
"""The strongest hundredth of the values may lie beyond the levels, so that the others are not pale."""

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
    tolerance: float  # differences up to this mean nothing


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
        _check_channels(self.kernel, source)
        summed = source.ndim == 2 or self.kernel.channels is not None
        item = 8 if source.dtype == np.float64 else 4
        count = placed.output_shape[0] * placed.output_shape[1] * (1 if summed else source.shape[2])
        memory.require(2 * item * count, "filtering this picture")
        array = engine.run(source, self.kernel, self.options, cancelled=control.cancelled, progress=control.progress)
        array.flags.writeable = False
        method = engine.describe(source.shape, source.dtype, self.kernel, self.options)
        tolerance = display.error_bound(source, self.kernel, self.options.border_reach)
        return FilterResult(array, placed, method, colour.channel_range(self.picture, self.channel), tolerance)


def _check_channels(kernel: Kernel, source: NDArray[Any]) -> None:
    """Raise a sentence for the reader of the window, who sees channels to choose and not shapes of arrays."""
    count = 1 if source.ndim == 2 else source.shape[2]
    if kernel.channels is None or kernel.channels == count:
        return
    if kernel.channels == 1:
        raise ValueError("The kernel has weights for one channel; choose the channel that it is to filter.")
    if count == 1:
        raise ValueError(
            f"The kernel has weights for {kernel.channels} channels, but the picture is grey; "
            "open a colour picture or choose another kernel."
        )
    raise ValueError(f"The kernel has weights for {kernel.channels} channels, but the picture has {count}.")


def filter_request(document: Document, picture: Picture) -> FilterRequest:
    """What the Filter workspace shows for `document`."""
    return FilterRequest(picture=picture, kernel=document.kernel, options=document.options, channel=document.channel)


_last_selected: WeakKeyDictionary[Picture, tuple[str, NDArray[Any]]] = WeakKeyDictionary()


def selected(picture: Picture, channel: str) -> NDArray[Any]:
    """The channel selection of `picture` that a kernel runs over; only the last one is kept.

    Those of other pictures would be held beside what the shelf counts.
    """
    held = _last_selected.get(picture)
    if held is not None and held[0] == channel:
        return held[1]
    array = colour.extract(picture, channel)
    _last_selected.clear()
    _last_selected[picture] = (channel, array)
    return array


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


@dataclass(frozen=True, eq=False)
class Statistics:
    """What the View panel says of an array."""

    finite_range: tuple[float, float] | None
    non_finite: int
    counts: NDArray[np.int64]
    edges: NDArray[np.float64]


class DisplaySource:
    """An array to be shown, with what is computed from it once: area-averaged copies and statistics.

    Used by one lane at a time, so it needs no lock.
    """

    def __init__(self, array: NDArray[Any], alpha: NDArray[Any] | None = None) -> None:
        self.array = array
        self.alpha = alpha

    @cached_property
    def pyramid(self) -> tuple[NDArray[Any], ...]:
        """The array and its area-averaged copies, largest first; each covers the whole picture."""
        return (self.array, *display.pyramid(self.array))

    @cached_property
    def alpha_pyramid(self) -> tuple[NDArray[Any], ...]:
        """The opacity in the sizes of `pyramid`; empty without one."""
        return () if self.alpha is None else (self.alpha, *display.pyramid(self.alpha))

    @cached_property
    def summary(self) -> display.Summary:
        """Everything that is said of the values of the array."""
        return display.summarise(self.array)

    @cached_property
    def finite_range(self) -> tuple[float, float] | None:
        """The smallest and the largest finite value."""
        return display.finite_range(self.array)

    @cached_property
    def statistics(self) -> Statistics:
        """Extremes, count of non-finite pixels and histogram."""
        found = self.summary
        return Statistics(found.extremes, found.non_finite, found.counts, found.edges)

    @property
    def is_around_zero(self) -> bool:
        """True for the signed output of a derivative, false for a picture with a few dark overshoots."""
        least = (self.finite_range or (0.0, 0.0))[0]
        if least >= 0:
            return False
        smallest = self.pyramid[-1]
        finite = smallest[np.isfinite(smallest)].astype(np.float64)
        return finite.size == 0 or bool(finite.mean() < 0.5 * np.abs(finite).mean())


@dataclass(frozen=True, eq=False)
class DisplayResult:
    """Pictures ready to paint and what the View panel says.

    The pictures are uint8, (h, w), (h, w, 3) or, with opacity, (h, w, 4), largest first.
    """

    images: tuple[NDArray[np.uint8], ...]
    levels: tuple[float, float]
    clipped: tuple[int, int]  # pixels below, above
    statistics: Statistics | None  # None where nobody asked for them
    is_flat: bool
    mode: str
    colour_map: str
    source: DisplaySource


def with_opacity(image: NDArray[np.uint8], alpha: NDArray[Any], opaque: float) -> NDArray[np.uint8]:
    """`image`, (h, w) or (h, w, 3), with `alpha` as its fourth channel; the value `opaque` hides what is behind."""
    out = np.empty((*image.shape[:2], 4), np.uint8)
    out[..., :3] = image if image.ndim == 3 else image[..., np.newaxis]
    out[..., 3] = display.render(np.nan_to_num(alpha), (0.0, opaque))
    return out


@dataclass(frozen=True, eq=False, kw_only=True)
class DisplayRequest(Request):
    """Bring the raw values of `source` to the screen.

    The mode "auto" is "signed" for values around 0, else "clip". Without `counted` nothing is said of the values:
    no clipped pixels, no histogram.
    """

    source: DisplaySource
    mode: str
    file_range: tuple[float, float]
    manual: tuple[float, float] | None = None
    colour_map: str = "grey"
    tolerance: float = 0.0
    counted: bool = True

    def run(self, control: Control) -> DisplayResult:
        source, mode, colour_map = self.source, self.mode, self.colour_map
        if mode == "auto":
            mode = "signed" if source.is_around_zero else "clip"
            colour_map = DIVERGING if mode == "signed" and source.array.ndim == 2 else "grey"
        levels = display.levels(
            source.summary, mode, self.file_range, self.manual, tolerance=self.tolerance, coverage=SIGNED_COVERAGE
        )
        images = []
        for each in source.pyramid:
            if control.cancelled():
                raise Cancelled
            images.append(display.render(each, levels, mode, colour_map))
        if source.alpha is not None:
            opaque = 1.0 if source.alpha.dtype.kind == "f" else float(np.iinfo(source.alpha.dtype).max)
            pairs = zip(images, source.alpha_pyramid, strict=True)
            images = [with_opacity(image, alpha, opaque) for image, alpha in pairs]
        clipped = display.clipped(source.array, levels, mode) if self.counted else (0, 0)
        statistics = source.statistics if self.counted else None
        found = source.finite_range
        flat = found is None or found[1] - found[0] <= self.tolerance
        return DisplayResult(tuple(images), levels, clipped, statistics, flat, mode, colour_map, source)


def output_display(state: State, source: DisplaySource, result: FilterResult) -> DisplayRequest:
    """How the output is shown: the range in force and, for one channel, the chosen colour map."""
    mode = range_mode(state)
    single = result.array.ndim == 2
    colour_map = (DIVERGING if mode == "signed" else state.session.colour_map) if single else "grey"
    return DisplayRequest(
        lane="display-output",
        source=source,
        mode=mode,
        file_range=result.file_range,
        manual=state.session.manual_levels,
        colour_map=colour_map,
        tolerance=result.tolerance,
    )


def input_display(picture: Picture) -> DisplayRequest:
    """How the input is shown: its file's own range, or around 0 where it has negative values."""
    source = DisplaySource(picture.pixels, picture.alpha)
    return DisplayRequest(
        lane="display-input", source=source, mode="auto", file_range=picture.file_range, counted=False
    )
