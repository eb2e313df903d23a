"""Writing animated GIF files, frame by frame: never more than two frames are in memory.

Of each frame only the pixels that changed are stored, on top of the frame before. Pillow compresses them; the blocks
around them are put together here, since Pillow writes an animation only from all its frames at once.

Reference: CompuServe (1990), "Graphics Interchange Format, version 89a".
"""

from __future__ import annotations

import io
import math
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from kernels.errors import Cancelled
from kernels.files import write_whole
from kernels.filtering.geometry import whole_number
from kernels.pictures.palette import ShownColours, packed, unpacked
from kernels.pictures.writing import check_target

Frame = NDArray[np.uint8]

ANIMATION_SUFFIXES = (".gif",)
MAXIMUM_FRAMES = 2000
SHORTEST_FRAME = 0.02
"""Seconds; players show a frame that is meant to be shorter for a tenth of a second."""
LONGEST_FRAME = 600.0
"""Seconds; a file cannot say more than 655."""

_LONGEST_SIDE = 65535
_LOOP_FOR_EVER = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
_END = b"\x3b"
_STAYS = 1 << 2
"""The frame stays where the next one leaves it alone."""


@dataclass(frozen=True)
class FramePlan:
    """Which positions of a run become frames, and how long each is shown.

    Attributes
    ----------
    positions : int
        Positions of the whole run.
    step : int
        Every so many positions there is a frame; the last position always has one.
    seconds : float
        How long a frame is shown, at least `SHORTEST_FRAME`.
    """

    positions: int
    step: int
    seconds: float

    @property
    def count(self) -> int:
        """Frames."""
        return -(-(self.positions - 1) // self.step) + 1

    @property
    def duration(self) -> float:
        """Seconds of the whole animation."""
        return self.count * self.seconds

    def position(self, frame: int) -> int:
        """Return the position, from 0, that a frame shows."""
        return min(frame * self.step, self.positions - 1)

    def sample_pairs(self, count: int = 8) -> list[tuple[int, int]]:
        """Return pairs of neighbouring frames, spread over the animation, for `estimated_bytes`."""
        last = max(0, self.count - 2)
        firsts = np.unique(np.linspace(0, last, min(count, last + 1)).round().astype(int)).tolist()
        return [(first, min(first + 1, self.count - 1)) for first in firsts]


def frame_plan(positions_per_second: float, positions: int) -> FramePlan:
    """Plan an animation that passes so many positions in a second.

    A GIF counts the time of a frame in hundredths of a second, and players take less than two of them for ten. So from
    50 positions a second on frames are dropped; below, every position has one. `write_gif` shares out what the
    hundredths leave over, so that the speed is right over some frames.

    Parameters
    ----------
    positions_per_second : float
        Above 0.
    positions : int
        At least 1.

    Raises
    ------
    TypeError, ValueError
        A number out of range, or more than `MAXIMUM_FRAMES` frames.
    """
    whole_number("positions", positions, 1)
    slowest = 1 / LONGEST_FRAME
    if not (math.isfinite(positions_per_second) and positions_per_second >= slowest):
        raise ValueError(
            f"positions_per_second is {positions_per_second}, but must be a number of at least {slowest:.4f}."
        )
    # What is not quite a whole number only by rounding, is one.
    step = max(1, math.ceil(SHORTEST_FRAME * positions_per_second - 1e-9))
    plan = FramePlan(positions, step, step / positions_per_second)
    if plan.count > MAXIMUM_FRAMES:
        raise ValueError(
            f"positions is {positions:,}, which would make {plan.count:,} frames, but an animation has at most "
            f"{MAXIMUM_FRAMES:,}; choose a region, or every n-th row."
        )
    return plan


def write_gif(
    path: str | os.PathLike[str],
    frames: Iterable[Frame],
    *,
    count: int,
    frame_seconds: float,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write an animation that repeats for ever, whole or not at all.

    Up to 256 colours a frame are kept exactly; of more, greys stay grey, and what covers areas stays what it is, see
    `kernels.pictures.palette`. Nothing is dithered, and a pixel that does not change does not flicker.

    Parameters
    ----------
    path : path
        ``.gif``.
    frames : iterable of ndarray
        uint8, (h, w, 3), all of one size; each is asked for when the one before is written.
    count : int
        How many there are, 1 to `MAXIMUM_FRAMES`.
    frame_seconds : float
        How long a frame is shown, `SHORTEST_FRAME` to `LONGEST_FRAME`. Single frames are up to 10 ms longer or
        shorter, so that the whole is right.
    cancelled : callable, optional
        Asked before each frame; True stops.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    PictureError
        The suffix is another one.
    ValueError
        A number out of range, frames of several sizes, no pictures, or not as many as `count` says.
    OSError
        The file cannot be written; one plain sentence.
    kernels.errors.Cancelled
        If `cancelled` returned True.
    """
    check_target(path, ANIMATION_SUFFIXES)
    if whole_number("count", count, 1) > MAXIMUM_FRAMES:
        raise ValueError(f"count is {count:,}, but an animation has at most {MAXIMUM_FRAMES:,} frames.")
    if not SHORTEST_FRAME <= frame_seconds <= LONGEST_FRAME:
        raise ValueError(
            f"frame_seconds is {frame_seconds}, but must be from {SHORTEST_FRAME} to {LONGEST_FRAME:g} seconds."
        )

    def write(file: BinaryIO) -> None:
        encoder = _Encoder()
        written = 0
        for frame in _unless(cancelled, frames):
            if written == count:
                raise ValueError(f"count is {count:,}, but there are more frames.")
            file.write(encoder.encode(frame, _hundredths(written, frame_seconds)))
            written += 1
            if progress is not None:
                progress(written / count)
        if written < count:
            raise ValueError(f"count is {count:,}, but there are only {written:,} frames.")
        file.write(_END)

    write_whole(path, write)


def estimated_bytes(pairs: Iterable[tuple[Frame, Frame]], count: int) -> int:
    """Estimate the size of an animation from some pairs of neighbouring frames.

    Parameters
    ----------
    pairs : iterable of (ndarray, ndarray)
        A frame and the one after it, as `write_gif` takes them; best from all over the animation, as
        `FramePlan.sample_pairs` gives them.
    count : int
        Frames of the whole animation.

    Returns
    -------
    int
        Bytes: of one whole frame, and of as many changes as will follow.

    Raises
    ------
    ValueError
        There is no pair, or a frame is no picture.
    """
    whole, changes = [], []
    for first, second in pairs:
        encoder = _Encoder()
        whole.append(len(encoder.encode(first, 2)))
        changes.append(len(encoder.encode(second, 2)))
    if not whole:
        raise ValueError("pairs is empty, but a size is estimated from at least one pair of frames.")
    return round(float(np.mean(whole)) + (count - 1) * float(np.mean(changes))) + len(_END)


def _hundredths(frame: int, seconds: float) -> int:
    """Return how long a frame is shown; what rounding takes from one frame goes to another."""
    begin, end = (math.floor(100 * seconds * number + 0.5) for number in (frame, frame + 1))
    return end - begin


def _unless(cancelled: Callable[[], bool] | None, frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield frames, asking before each is made."""
    source = iter(frames)
    while True:
        if cancelled is not None and cancelled():
            raise Cancelled("the animation was not saved")
        try:
            frame = next(source)
        except StopIteration:
            return
        yield frame


class _Encoder:
    """Turns frames into blocks of a file, each by what is new in it."""

    def __init__(self) -> None:
        self._before: NDArray[np.uint32] | None = None
        self._colours = ShownColours()

    def encode(self, frame: Frame, hundredths: int) -> bytes:
        """Return the blocks of the next frame; those of the first begin the file."""
        _check_frame(frame, self._before)
        current, before = packed(frame), self._before
        self._before = current
        if before is None:
            colours, indices = self._colours.indexed(current.ravel(), 256)
            table, size = _table(colours)
            height, width = current.shape
            start = struct.pack("<6sHHBBB", b"GIF89a", width, height, 0xF0 | size, 0, 0) + table + _LOOP_FOR_EVER
            control = struct.pack("<BBBBHBB", 0x21, 0xF9, 4, _STAYS, hundredths, 0, 0)
            place = struct.pack("<BHHHHB", 0x2C, 0, 0, width, height, 0)
            return start + control + place + _compressed(indices.reshape(current.shape))
        changed = current != before
        rows, columns = _reach(changed.any(axis=1)), _reach(changed.any(axis=0))
        inside, is_new = current[rows, columns], changed[rows, columns]
        # One number is left for the pixels that stay as they were.
        colours, new = self._colours.indexed(inside[is_new], 255)
        clear = len(colours)
        indices = np.full(inside.shape, clear, np.uint8)
        indices[is_new] = new
        table, size = _table(np.append(colours, np.uint32(0)))
        control = struct.pack("<BBBBHBB", 0x21, 0xF9, 4, _STAYS | 1, hundredths, clear, 0)
        at = columns.start, rows.start, inside.shape[1], inside.shape[0]
        return control + struct.pack("<BHHHHB", 0x2C, *at, 0x80 | size) + table + _compressed(indices)


def _check_frame(frame: Any, before: NDArray[np.uint32] | None) -> None:
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        what = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else type(frame).__name__
        raise ValueError(f"A frame is {what}, but must be uint8 (height, width, 3).")
    if frame.size == 0 or max(frame.shape) > _LONGEST_SIDE:
        raise ValueError(f"A frame has the shape {frame.shape}, but GIF allows 1 to {_LONGEST_SIDE:,} pixels a side.")
    if before is not None and frame.shape[:2] != before.shape:
        raise ValueError(f"A frame has the shape {frame.shape}, but the one before {(*before.shape, 3)}.")


def _reach(changed: NDArray[np.bool_]) -> slice:
    """Return from the first to the last that changed; the first one where nothing did, since a frame has a pixel."""
    found = np.flatnonzero(changed)
    return slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, 1)


def _table(colours: NDArray[np.uint32]) -> tuple[bytes, int]:
    """Return a colour table, filled up with black, and the number that tells its size, 2 ** (number + 1) colours."""
    size = max(0, math.ceil(math.log2(len(colours))) - 1)
    return unpacked(colours).tobytes().ljust(3 << (size + 1), b"\0"), size


def _compressed(indices: NDArray[np.uint8]) -> bytes:
    """Return the image data of a GIF: the size of a code, then the codes in blocks of up to 255 bytes."""
    from PIL import Image

    image = Image.fromarray(indices)
    # Numbers that stand for themselves: Pillow has nothing to sort or leave out.
    image.putpalette(np.repeat(np.arange(256, dtype=np.uint8), 3).tobytes())
    encoded = io.BytesIO()
    image.save(encoded, "GIF", optimize=False, interlace=False)
    content = encoded.getvalue()
    at = _after_table(13, content[10])
    while content[at] == 0x21:
        at += 2
        while content[at]:
            at += content[at] + 1
        at += 1
    return content[_after_table(at + 10, content[at + 9]) : -len(_END)]


def _after_table(at: int, flags: int) -> int:
    """Return where a colour table that begins at `at` ends, which the flags before it announce."""
    return at + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
