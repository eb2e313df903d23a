"""Requests that bring pictures in and out: reading, keeping aside, saving. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kernels import memory
from kernels.pictures import display, writing
from kernels.pictures.picture import Origin, Picture, from_array
from kernels.pictures.reading import open_picture, open_sample
from viewer.resolve import Control, Request
from viewer.state import PictureReference


@dataclass(frozen=True, eq=False, kw_only=True)
class DecodeRequest(Request):
    """Read a picture from a file or a sample; `reference` is set when a picture of an undo step is read again."""

    lane: str = "decode"
    origin: Origin
    reference: PictureReference | None = None
    copy: Path | None = None  # the temporary copy of a picture that has no file

    def run(self, control: Control) -> Picture:
        return _counted(self._read())

    def _read(self) -> Picture:
        if self.copy is not None:
            return read_copy(self.copy, self.origin)
        if self.origin.kind == "sample":
            return open_sample(self.origin.name)
        return open_picture(self.origin.path or self.origin.name)


def _counted(picture: Picture) -> Picture:
    """`picture` with its non-finite pixels counted, here rather than in the GUI thread."""
    picture.non_finite  # noqa: B018  # counted once, when it is first asked for
    return picture


@dataclass(frozen=True, eq=False, kw_only=True)
class ThumbnailRequest(Request):
    """A square of `side` pixels, cut from the middle of the sample `name`."""

    lane: str = "thumbnails"
    queue: bool = True
    name: str
    side: int

    def run(self, control: Control) -> NDArray[np.uint8]:
        picture = open_sample(self.name)
        small = (picture.pixels, *display.pyramid(picture.pixels, 2 * self.side))[-1]
        shown = display.render(small, display.levels(small, "clip", picture.file_range))
        height, width = shown.shape[:2]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        square = shown[top : top + side, left : left + side]
        places = (np.arange(self.side) * side) // self.side
        return np.ascontiguousarray(square[places][:, places])


@dataclass(frozen=True, eq=False, kw_only=True)
class AdoptRequest(Request):
    """Make an array the next input."""

    lane: str = "decode"
    array: NDArray[Any]
    white: float
    name: str

    def run(self, control: Control) -> Picture:
        memory.require(self.array.nbytes, "taking the output as the next input")
        return _counted(from_array(self.array, white=self.white, kind="output", name=self.name))


@dataclass(frozen=True, eq=False, kw_only=True)
class PasteRequest(Request):
    """Make what the clipboard or a drop carries the next input; `convert` turns it into a picture."""

    lane: str = "decode"
    convert: Callable[[], Picture]

    def run(self, control: Control) -> Picture:
        return _counted(self.convert())


SaveKind = Literal["shown", "raw", "16-bit"]


@dataclass(frozen=True, eq=False, kw_only=True)
class SaveRequest(Request):
    """Write `array`: as it is painted, the numbers that it holds, or 16 bits of them.

    `levels` are the values that become 0 and 65535; without them whole numbers keep their value.
    """

    lane: str = "save"
    queue: bool = True
    path: Path
    array: NDArray[Any]
    kind: SaveKind
    source: str | None = None  # a file that must not be overwritten
    white: float | None = None
    levels: tuple[float, float] | None = None

    def run(self, control: Control) -> writing.Fitted | None:
        writing.check_target(self.path, SUFFIXES[self.kind], (self.source,))
        if self.kind == "shown":
            writing.write_shown(self.path, self.array)
        elif self.kind == "raw":
            writing.write_raw(self.path, self.array, white=self.white)
        else:
            return writing.write_16_bit(self.path, self.array, self.levels)
        return None


SUFFIXES: dict[SaveKind, tuple[str, ...]] = {
    "shown": writing.SHOWN_SUFFIXES,
    "raw": writing.RAW_SUFFIXES,
    "16-bit": writing.DEEP_SUFFIXES,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class SpillRequest(Request):
    """Write a picture that has no file to a temporary copy, so that its memory can be used for others."""

    lane: str = "spill"
    queue: bool = True
    key: int
    picture: Picture
    path: Path

    def run(self, control: Control) -> None:
        write_copy(self.picture, self.path)


def write_copy(picture: Picture, path: Path) -> None:
    """Write the numbers of `picture` so that `read_copy` gives them back bit by bit."""
    alpha = np.empty((0, 0), np.uint8) if picture.alpha is None else picture.alpha
    np.savez(path, pixels=picture.pixels, alpha=alpha, white=np.float64(picture.white))


def read_copy(path: Path, origin: Origin) -> Picture:
    """Read what `write_copy` wrote."""
    with np.load(path, allow_pickle=False) as held:
        alpha = held["alpha"] if held["alpha"].size else None
        return Picture(held["pixels"], white=float(held["white"]), alpha=alpha, origin=origin)
