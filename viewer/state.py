"""What the window holds: a frozen document that can be undone and a frozen session that cannot.

Results are never state. Every change is a pure function from one value to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from kernels import library
from kernels.geometry import SlidingOptions
from kernels.kernel import Kernel, default_range
from kernels.picture import Origin

ThemeName = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class PictureReference:
    """A picture by name: its pixels live on the shelf (`viewer.shelf`) and can be read again from `origin`."""

    key: int
    origin: Origin
    title: str


@dataclass(frozen=True, slots=True)
class PresetChoice:
    """A catalogue kernel and the parameters it was made with, as (name, value) pairs in catalogue order."""

    name: str
    parameters: tuple[tuple[str, float], ...] = ()

    def build(self) -> Kernel:
        """The kernel that this choice stands for."""
        return library.get(self.name, **dict(self.parameters))


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that undo brings back."""

    picture: PictureReference | None = None
    kernel: Kernel = field(default_factory=lambda: library.get("sobel-x"))
    preset: PresetChoice | None = field(default_factory=lambda: PresetChoice("sobel-x"))
    options: SlidingOptions = field(default_factory=SlidingOptions)
    channel: str = "rgb"

    @property
    def is_edited(self) -> bool:
        """True when the kernel is no longer the one its preset builds."""
        return self.preset is not None and self.kernel != self.preset.build()


@dataclass(frozen=True, slots=True)
class RangeChoice:
    """A range that the user chose, and the default at that time.

    It holds until a kernel with another default arrives: who chose "clip" for a blur expects a Sobel kernel
    to show its signs.
    """

    mode: str
    default: str


@dataclass(frozen=True, slots=True)
class Probe:
    """The output pixel (i, j) being read, under the pointer or pinned."""

    i: int
    j: int
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """How things are looked at; undo does not touch it."""

    workspace: str = "filter"
    theme: ThemeName = "system"
    projector: bool = False
    range_choice: RangeChoice | None = None
    manual_levels: tuple[float, float] | None = None
    colour_map: str = "grey"
    probe: Probe | None = None
    comparing: bool = False  # the input stands in the output's place


@dataclass(frozen=True, slots=True)
class State:
    """One moment of the window."""

    document: Document = field(default_factory=Document)
    session: Session = field(default_factory=Session)


def range_mode(state: State) -> str:
    """The display range in force: the user's choice while it holds, else the kernel's default."""
    default = default_range(state.document.kernel)
    choice = state.session.range_choice
    return choice.mode if choice is not None and choice.default == default else default


def with_range(state: State, mode: str) -> Session:
    """The session after the user chose `mode`."""
    choice = RangeChoice(mode, default_range(state.document.kernel))
    return replace(state.session, range_choice=choice)


def with_preset(document: Document, name: str, parameters: dict[str, float] | None = None) -> Document:
    """The document with the catalogue kernel `name`; parameters not given take their defaults."""
    defaults = {each.name: each.default for each in library.entry(name).parameters}
    chosen = {**defaults, **(parameters or {})}
    preset = PresetChoice(name, tuple((key, chosen[key]) for key in defaults))
    return replace(document, kernel=preset.build(), preset=preset)


def with_kernel(document: Document, kernel: Kernel, *, keep_preset: bool = True) -> Document:
    """The document with an edited kernel; the preset is kept as the way back unless `keep_preset` is false."""
    return replace(document, kernel=kernel, preset=document.preset if keep_preset else None)


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
