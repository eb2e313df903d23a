"""What is undone and saved: a frozen document, and the pure functions from one document to the next."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from kernels.cnn.digits import Stroke
from kernels.cnn.training.examples import EDGES
from kernels.cnn.training.plan import TrainingPlan
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel, default_range, library
from kernels.pictures.picture import Origin


class PictureReference(msgspec.Struct, frozen=True):
    """A picture by name; its pixels are a result, and can be read again from the shelf (`viewer.shelf`) or `origin`.

    A stream (a camera, a video) is one picture whose frames follow each other; they are no steps of undo.
    """

    key: int
    origin: Origin
    title: str


class PresetChoice(msgspec.Struct, frozen=True):
    """A catalogue kernel and the parameters it was made with, as (name, value) pairs in catalogue order."""

    name: str
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def values(self) -> dict[str, float]:
        """All parameters."""
        return {**library.entry(self.name).defaults, **dict(self.parameters)}

    def changed(self, name: str, value: float) -> PresetChoice:
        """The choice with another value of the parameter `name`, checked."""
        parameter = library.entry(self.name).parameter(name)
        if parameter is None:
            raise ValueError(f"{self.name} has no parameter {name!r}.")
        return PresetChoice(self.name, tuple({**self.values, name: parameter.checked(value)}.items()))

    def build(self) -> Kernel:
        """The kernel that this choice stands for."""
        return _built(self.name, self.parameters)


@lru_cache(maxsize=64)
def _built(name: str, parameters: tuple[tuple[str, float], ...]) -> Kernel:
    return library.get(name, **dict(parameters))


class GradientOptions(msgspec.Struct, frozen=True):
    """How the gradient is measured; thresholds of None are chosen from the picture.

    Attributes
    ----------
    operator : str
        A name of `kernels.gradients.computation`, or "kernel": the edited kernel and its transpose.
    scaling : str
        "as-written" or "per-pixel".
    norm : str
        "l2", "l1" or "max".
    sigma : float
        Standard deviation of the smoothing before, in pixels; 0 for none.
    derivative_sigma : float
        Standard deviation of the Gaussian derivative operator, in pixels.
    colour : str
        "luma", "strongest" or "structure-tensor".
    low, high : float or None
        Thresholds of the thinned edges, in units of the magnitude.
    """

    operator: str = "sobel"
    scaling: str = "as-written"
    norm: str = "l2"
    sigma: float = 1.0
    derivative_sigma: float = 1.0
    colour: str = "luma"
    low: float | None = None
    high: float | None = None


class FilterReference(msgspec.Struct, frozen=True):
    """One filter of a network: which convolution layer, which filter, and what of it is in the editor.

    `part` is "all" for every channel, "luma" for their luma, or the number of a channel.
    """

    network: str
    layer: int
    index: int
    part: str = "all"


class FilterEdit(msgspec.Struct, frozen=True):
    """Weights, (kh, kw, C) as a kernel without divisor and offset, that stand in a filter's place."""

    network: str
    layer: int
    index: int
    kernel: Kernel


class RowStage(msgspec.Struct, frozen=True):
    """One stage of the row of the Layers workspace; `options` are those of `kernels.Recipe`, as JSON.

    `key` stays with it wherever it moves. A stage that is not on hands on what it gets.
    """

    key: int
    kind: str
    options: str = "{}"
    is_on: bool = True


DEFAULT_ROW = (
    RowStage(1, "filter", '{"border": "reflect", "kernel": "gaussian(sigma=1.4)"}'),
    RowStage(2, "filter-bank", '{"border": "reflect", "kernels": ["sobel-x", "sobel-y"]}'),
    RowStage(3, "magnitude"),
)


class NetworkInput(msgspec.Struct, frozen=True):
    """What the networks of the Network workspace get.

    Attributes
    ----------
    source : str
        "digit", a test digit; "drawing"; or "picture", the one that is open.
    digit : int
        The number of the test digit.
    strokes : tuple of Stroke
        The drawing.
    centred : bool
        It is centred as MNIST's digits are, rather than taken as it stands.
    dx, dy : int
        Pixels by which it is moved to the right and down, after that.
    rotation : float
        Degrees by which it is turned, clockwise.
    scale : float
        By how much it is enlarged.
    noise : float
        Standard deviation of the noise that is added, in levels of 0 to 255.
    """

    source: str = "digit"
    digit: int = 0
    strokes: tuple[Stroke, ...] = ()
    centred: bool = True
    dx: int = 0
    dy: int = 0
    rotation: float = 0.0
    scale: float = 1.0
    noise: float = 0.0

    @property
    def unmoved(self) -> NetworkInput:
        """The same before it is moved, turned, scaled and made noisy."""
        return replace(self, dx=0, dy=0, rotation=0.0, scale=1.0, noise=0.0)


class Document(msgspec.Struct, frozen=True):
    """Everything that undo brings back."""

    picture: PictureReference | None = None
    kernel: Kernel = msgspec.field(default_factory=lambda: library.get("sobel-x"))
    preset: PresetChoice | None = msgspec.field(default_factory=lambda: PresetChoice("sobel-x"))
    default_range: str = "signed"  # of the kernel as it was chosen; editing it keeps the range
    options: SlidingOptions = msgspec.field(default_factory=SlidingOptions)
    channel: str = "rgb"
    source: FilterReference | None = None  # the learned filter that the kernel came from
    gradient: GradientOptions = msgspec.field(default_factory=GradientOptions)
    filter_edits: tuple[FilterEdit, ...] = ()
    row: tuple[RowStage, ...] = DEFAULT_ROW
    row_name: str = "edge-detector"  # the ready-made row that it began as,
    first_row: tuple[RowStage, ...] = DEFAULT_ROW  # and how it began
    network_input: NetworkInput = msgspec.field(default_factory=NetworkInput)
    training: TrainingPlan = EDGES  # as it is set up for the next run

    @property
    def is_row_changed(self) -> bool:
        """True when the row is no longer the ready-made one that it began as."""
        return self.row != self.first_row

    @property
    def is_edited(self) -> bool:
        """True when the kernel is no longer the one its preset builds."""
        return self.preset is not None and self.kernel != self.preset.build()


def with_preset(document: Document, name: str, parameters: dict[str, float] | None = None) -> Document:
    """The document with the catalogue kernel `name`; parameters not given take their defaults."""
    preset = PresetChoice(name, tuple({**library.entry(name).defaults, **(parameters or {})}.items()))
    kernel = preset.build()
    return replace(document, kernel=kernel, preset=preset, source=None, default_range=default_range(kernel))


def with_kernel(document: Document, kernel: Kernel, *, keep_preset: bool = True) -> Document:
    """The document with an edited kernel; the preset is kept as the way back unless `keep_preset` is false.

    A kernel with weights for several channels needs them all, so that the channel falls back to "rgb".
    """
    channel = document.channel if (kernel.channels or 1) == 1 else "rgb"
    if keep_preset:
        return replace(document, kernel=kernel, channel=channel)
    fresh = default_range(kernel)
    return replace(document, kernel=kernel, channel=channel, preset=None, source=None, default_range=fresh)


def with_options(document: Document, **changes: Any) -> Document:
    """The document with some of its sliding options changed.

    Raises
    ------
    ValueError, TypeError
        If the options do not make sense together.
    """
    return replace(document, options=replace(document.options, **changes))


def with_picture(document: Document, picture: PictureReference, *, channels: tuple[str, ...]) -> Document:
    """The document with another picture; a channel that it lacks falls back to "rgb"."""
    channel = document.channel if document.channel in channels else "rgb"
    return replace(document, picture=picture, channel=channel)


def with_channel(document: Document, channel: str) -> Document:
    """The document that filters another channel."""
    return replace(document, channel=channel)


def with_filter_in_editor(document: Document, reference: FilterReference, kernel: Kernel) -> Document:
    """The document whose kernel is a learned filter, or a part of one.

    It is shown with its signs, as where it came from: most learned kernels have a sum other than 0, so that by default
    the half of their responses would be black.
    """
    channel = "rgb" if kernel.channels is not None else document.channel
    shown = "signed" if kernel.weights.min() < 0 else default_range(kernel)
    return replace(document, kernel=kernel, preset=None, source=reference, channel=channel, default_range=shown)


def with_filter_edit(document: Document, edit: FilterEdit) -> Document:
    """The document in whose copy of a network one filter has other weights."""
    return replace(document, filter_edits=(*_without(document, edit.network, edit.layer, edit.index), edit))


def without_filter_edit(document: Document, network: str, layer: int, index: int) -> Document:
    """The document in which that filter is the trained one again."""
    return replace(document, filter_edits=_without(document, network, layer, index))


def _without(document: Document, network: str, layer: int, index: int) -> tuple[FilterEdit, ...]:
    place = (network, layer, index)
    return tuple(each for each in document.filter_edits if (each.network, each.layer, each.index) != place)


def with_gradient(document: Document, **changes: Any) -> Document:
    """The document with some of its gradient options changed."""
    return replace(document, gradient=replace(document.gradient, **changes))


def with_network_input(document: Document, **changes: Any) -> Document:
    """The document whose networks get something else."""
    return replace(document, network_input=replace(document.network_input, **changes))


def with_training(document: Document, plan: TrainingPlan) -> Document:
    """The document in which the next training is set up as `plan` says."""
    return replace(document, training=plan)
