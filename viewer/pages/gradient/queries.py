"""The gradient of the open picture as requests: measured once, then thinned and painted as often as wanted. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.errors import Cancelled
from kernels.gradients import accuracy, direction_colours
from kernels.gradients.computation import Gradient, run_gradient
from kernels.kernel import Kernel
from kernels.pictures import display
from kernels.pictures.picture import Picture
from viewer.resolve import DIVERGING, Control, DisplayRequest, Request, input_display
from viewer.state import Document, GradientOptions, Session

KERNEL = "kernel"
"""The operator made of the kernel in the editor and its transpose."""

SECTORS = 72
WHEEL_SIDE = 256
BRIGHT_SHARE = 99.0
"""Per cent of the non-zero magnitudes that lie below white; the few beyond it are painted white too."""
HIGH_SHARE, LOW_PART = 94.0, 0.4
"""The chosen thresholds: `high` is that percentile of the non-zero magnitudes, `low` that part of it."""
SAMPLE = 1_000_000
BYTES_A_PIXEL = 48

Images = tuple[NDArray[np.uint8], ...]
Array = NDArray[Any]
T = TypeVar("T")


class GradientSource:
    """What is computed of one picture, each part kept until what it was made from changes.

    Used by one lane at a time, so it needs no lock.
    """

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._kept: dict[str, tuple[Hashable, Any]] = {}

    def part(self, name: str, key: Hashable, make: Callable[[], T]) -> T:
        """Return the part `name`, made anew if it was made for another `key`."""
        held = self._kept.get(name)
        if held is not None and held[0] == key:
            made: T = held[1]
            return made
        made = make()
        self._kept[name] = (key, made)
        return made


@dataclass(frozen=True, eq=False)
class GradientResult:
    """Everything that the workspace shows of one gradient, ready to paint.

    Attributes
    ----------
    gradient : Gradient
    edges : ndarray of bool, (H', W')
    thresholds, chosen : (float, float)
        Low and high as they were used, and as they would be chosen from the picture.
    largest : float
        The largest finite magnitude.
    signed_level, white : float
        Gx and Gy are painted from minus to plus `signed_level`, the magnitude from 0 to `white`.
    images : dict
        By pane name: uint8 pictures, area-averaged copies after the first.
    rose, sectors : ndarray
        Sum of magnitudes in each sector, and its middle in degrees.
    sector_colours : ndarray of uint8, (sectors, 3)
    wheel : ndarray of uint8, (side, side, 4)
        The legend of the directions, transparent outside its circle.
    non_finite : int
        Places without a finite gradient.
    """

    gradient: Gradient
    edges: NDArray[np.bool_]
    thresholds: tuple[float, float]
    chosen: tuple[float, float]
    largest: float
    signed_level: float
    white: float
    images: dict[str, Images]
    rose: NDArray[np.float64]
    sectors: NDArray[np.float64]
    sector_colours: NDArray[np.uint8]
    wheel: NDArray[np.uint8]
    non_finite: int

    @property
    def is_flat(self) -> bool:
        """True when there is no gradient anywhere."""
        return self.largest == 0.0

    @property
    def is_unknown(self) -> bool:
        """True when there is no finite number anywhere."""
        return self.non_finite == self.gradient.magnitude.size

    @property
    def place(self) -> tuple[float, float, float, float]:
        """Where the gradient lies in the picture: top, left, height, width, in picture pixels.

        Each value is centred on its window's centre, so that Roberts' lie between the pixels.
        """
        windows = self.gradient.geometry
        (y, x), (high, wide), (rows, columns) = windows.centre(0, 0), windows.stride, windows.output_shape
        return y + 0.5 - high / 2, x + 0.5 - wide / 2, rows * high, columns * wide


@dataclass(frozen=True, eq=False, kw_only=True)
class GradientRequest(Request):
    """Measure, thin, count and paint the gradient of `source`'s picture; what is still good is not done again."""

    lane: str = "gradient"
    source: GradientSource
    options: GradientOptions
    kernel: Kernel | None = None  # for the operator "kernel"
    colours: str = "hue"

    @property
    def picture(self) -> Picture:
        return self.source.picture

    def run(self, control: Control) -> GradientResult:
        options, part = self.options, self.source.part
        key = _measured_key(self)
        measured = part("measured", key, lambda: self._measure(control))
        gradient = part("gradient", (key, options.norm), lambda: measured.with_norm(options.norm))
        scale = part("scale", (key, options.norm), lambda: _scale(gradient))
        _go_on(control, 0.6)
        thresholds = _in_order(options.low, options.high, scale.chosen)
        found = part(
            "edges", (key, options.norm, thresholds), lambda: gradient.edges(*thresholds, cancelled=control.cancelled)
        )
        _go_on(control, 0.7)
        images = self._paint(control, gradient, scale, found, (key, options.norm, thresholds))
        rose = part("rose", (key, options.norm), lambda: gradient.histogram(SECTORS, centred=True))
        middles = (rose[1][:-1] + rose[1][1:]) / 2
        return GradientResult(
            gradient=gradient,
            edges=found,
            thresholds=thresholds,
            chosen=scale.chosen,
            largest=scale.largest,
            signed_level=scale.signed,
            white=scale.white,
            images=images,
            rose=rose[0],
            sectors=middles,
            sector_colours=_sector_colours(middles, self.colours),
            wheel=part("wheel", self.colours, lambda: direction_colours.wheel(WHEEL_SIDE, self.colours)),
            non_finite=scale.non_finite,
        )

    def _measure(self, control: Control) -> Gradient:
        pixels, options = self.picture.pixels, self.options
        memory.require(BYTES_A_PIXEL * self.picture.height * self.picture.width, "the gradient of this picture")
        operator: str | Kernel = options.operator
        if operator == KERNEL:
            if self.kernel is None:
                raise ValueError("The operator is the kernel in the editor, but there is none.")
            operator = self.kernel
        elif operator == "gaussian":
            operator = f"gaussian(sigma={options.derivative_sigma:.6g})"
        return run_gradient(
            pixels,
            operator,
            scaling=options.scaling,
            sigma=options.sigma,
            colour=options.colour,
            cancelled=control.cancelled,
            progress=lambda share: control.progress(0.5 * share),
        )

    def _paint(
        self, control: Control, gradient: Gradient, scale: _Scale, found: NDArray[np.bool_], key: tuple[Any, ...]
    ) -> dict[str, Images]:
        part, (measured, norm, thresholds) = self.source.part, key
        reach, white = (-scale.signed, scale.signed), scale.white
        levels = {
            "gx": part("gx levels", measured, lambda: _levels(gradient.gx)),
            "gy": part("gy levels", measured, lambda: _levels(gradient.gy)),
            "magnitude": part("magnitude levels", (measured, norm), lambda: _levels(gradient.magnitude)),
        }
        _go_on(control, 0.8)
        images = {
            name: part(name, measured, partial(_painted, control, levels[name], reach, "signed", DIVERGING))
            for name in ("gx", "gy")
        }
        images["magnitude"] = part(
            "magnitude", (measured, norm), lambda: _painted(control, levels["magnitude"], (0.0, white), "clip", "grey")
        )
        _go_on(control, 0.9)
        images["direction"] = part(
            "direction",
            (measured, norm, self.colours),
            lambda: _directions(control, gradient, levels, white, self.colours),
        )
        images["edges"] = part("edge picture", (measured, norm, thresholds), lambda: _edge_images(found))
        return images


def gradient_request(document: Document, session: Session, source: GradientSource) -> GradientRequest:
    """What the Gradient workspace shows of `source`."""
    options = document.gradient
    kernel = document.kernel if options.operator == KERNEL else None
    return GradientRequest(source=source, options=options, kernel=kernel, colours=session.gradient.direction_colours)


def picture_request(picture: Picture) -> DisplayRequest:
    """How the workspace's own pane shows the picture: as the Filter workspace shows its input."""
    return replace(input_display(picture), lane="gradient-picture")


@dataclass(frozen=True, eq=False, kw_only=True)
class AccuracyRequest(Request):
    """Compare all operators on pictures whose gradient is known; `kernel` joins them if it is given."""

    lane: str = "accuracy"
    derivative_sigma: float = 1.0
    kernel: Kernel | None = None

    def run(self, control: Control) -> AccuracyResult:
        names = operator_choices(self.derivative_sigma, self.kernel)
        rows, refusal = [], ""
        for name, operator in names.items():
            try:
                found = accuracy.table(operators=[operator], cancelled=control.cancelled)
            except ValueError as error:
                refusal = str(error)
                continue
            rows.append(OperatorAccuracy(name, found[0].title, found, *_curves(operator, control)))
        return AccuracyResult(tuple(rows), refusal)


@dataclass(frozen=True, eq=False)
class OperatorAccuracy:
    """How one operator did: a row for each test picture, and its worst angle on waves of growing frequency."""

    name: str
    title: str
    rows: tuple[accuracy.AccuracyRow, ...]
    frequencies: NDArray[np.float64]
    worst_angles: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AccuracyResult:
    """The comparison, and why the user's kernel is not in it."""

    operators: tuple[OperatorAccuracy, ...]
    refusal: str


def operator_choices(derivative_sigma: float, kernel: Kernel | None) -> dict[str, str | Kernel]:
    """Return every operator of the menu by name, as `kernels.gradient` takes it."""
    from kernels.gradients.operators import OPERATORS

    choices: dict[str, str | Kernel] = {name: name for name in OPERATORS}
    choices["gaussian"] = f"gaussian(sigma={derivative_sigma:.6g})"
    if kernel is not None:
        choices[KERNEL] = kernel
    return choices


def _curves(operator: str | Kernel, control: Control) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies in cycles per pixel and the largest angular error, over all angles, on a wave of each."""
    _go_on(control, 0.0)
    frequencies = np.linspace(0.005, 0.3, 60)
    return frequencies, accuracy.worst_wave_angles(operator, frequencies)


# -- parts -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scale:
    """What painting and thresholds need to know of a gradient."""

    largest: float
    signed: float
    white: float
    chosen: tuple[float, float]
    non_finite: int


def _measured_key(request: GradientRequest) -> Hashable:
    options = request.options
    own = options.derivative_sigma if options.operator == "gaussian" else None
    return options.operator, request.kernel, own, options.scaling, options.sigma, options.colour


def _scale(gradient: Gradient) -> _Scale:
    found = display.finite_range(gradient.magnitude)
    largest = 0.0 if found is None else found[1]
    missing = display.non_finite(gradient.magnitude)
    if largest <= 0:
        return _Scale(0.0, 1.0, 1.0, (0.0, 0.0), missing)
    sizes = _positive(gradient.magnitude, gradient.tolerance)
    white, high = (float(each) for each in np.percentile(sizes, (BRIGHT_SHARE, HIGH_SHARE))) if sizes.size else (
        largest, largest)  # fmt: skip
    parts = [_positive(np.abs(_thinned(each)), gradient.tolerance) for each in (gradient.gx, gradient.gy)]
    signed = max((float(np.percentile(each, BRIGHT_SHARE)) for each in parts if each.size), default=largest)
    high = min(rounded(high), largest)
    return _Scale(largest, signed, white, (min(rounded(LOW_PART * high), high), high), missing)


def rounded(value: float) -> float:
    """Return `value` with two significant figures: a threshold that nobody chose should not look precise."""
    return value if value == 0 or not math.isfinite(value) else float(f"{value:.2g}")


def _thinned(array: Array) -> Array:
    """Return every n-th row and column of a large array: enough to know how its numbers are spread."""
    step = max(1, math.isqrt(max(1, array.size // SAMPLE)))
    return array[::step, ::step]


def _positive(array: Array, tolerance: float) -> Array:
    sample = _thinned(array)
    kept: Array = sample[np.isfinite(sample) & (sample > tolerance)]
    return kept


def _in_order(low: float | None, high: float | None, chosen: tuple[float, float]) -> tuple[float, float]:
    """Return both thresholds, a chosen one giving way to one that the user set."""
    if low is None and high is None:
        return chosen
    if low is None:
        assert high is not None
        return min(chosen[0], high), high
    return low, max(low, chosen[1] if high is None else high)


def _levels(array: Array) -> tuple[Array, ...]:
    return (array, *display.pyramid(array))


def _painted(
    control: Control, levels: tuple[Array, ...], reach: tuple[float, float], mode: str, colour_map: str
) -> Images:
    images = []
    for each in levels:
        _go_on(control)
        images.append(display.render(each, reach, mode, colour_map))
    return tuple(images)


def _directions(
    control: Control, gradient: Gradient, levels: dict[str, tuple[Array, ...]], white: float, colours: str
) -> Images:
    """Paint hue by direction, brightness by magnitude; smaller copies average vectors, not angles."""
    _go_on(control)
    images = [direction_colours.render_direction(gradient.direction, gradient.magnitude, colours, white)]
    for gx, gy, magnitude in list(zip(levels["gx"], levels["gy"], levels["magnitude"], strict=True))[1:]:
        _go_on(control)
        angle = np.degrees(np.arctan2(gy, gx))
        angle[~(magnitude > 0)] = np.nan
        images.append(direction_colours.render_direction(angle, magnitude, colours, white))
    return tuple(images)


def _edge_images(found: NDArray[np.bool_]) -> Images:
    """Paint edges white on black; a line keeps its brightness in the smaller copies, where it is less than a pixel."""
    whole = np.where(found, np.uint8(255), np.uint8(0))
    smaller = display.pyramid(whole)
    bright = [np.clip(np.rint(each * 2.0 ** (k + 1)), 0, 255).astype(np.uint8) for k, each in enumerate(smaller)]
    return (whole, *bright)


def _sector_colours(middles: NDArray[np.float64], colours: str) -> NDArray[np.uint8]:
    painted: NDArray[np.uint8] = direction_colours.render_direction(middles[np.newaxis, :], None, colours)[0]
    return painted


def _go_on(control: Control, share: float | None = None) -> None:
    """Stop if the work is not wanted any more, else say how much is done."""
    if control.cancelled():
        raise Cancelled
    if share:
        control.progress(share)
