"""Writing animated GIF files."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from kernels.arguments import whole_number
from kernels.errors import stop_if
from kernels.files import write_whole
from kernels.pictures.writing import check_target

Frame = NDArray[np.uint8]

ANIMATION_SUFFIXES = (".gif",)
MAXIMUM_FRAMES = 2000
SHORTEST_FRAME = 0.02
"""Seconds; players show a frame that is meant to be shorter for a tenth of a second."""
LONGEST_FRAME = 600.0
"""Seconds; a file cannot say more than 655."""


def write_gif(
    path: str | os.PathLike[str],
    frames: Iterable[Frame],
    *,
    sample: Frame,
    count: int,
    frame_seconds: float,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write an animation that repeats for ever, whole or not at all.

    All frames have the same 256 colours and nothing is dithered, so that what does not change does not flicker. Each
    is written before the next one is asked for, as far as it differs from the one before.

    Parameters
    ----------
    path : path
        ``.gif``.
    frames : iterable of ndarray
        uint8, (h, w, 3), all of one size.
    sample : ndarray
        uint8, (h, w, 3): a picture that holds what the frames show, from which the colours are chosen.
    count : int
        How many frames there are, 1 to `MAXIMUM_FRAMES`.
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
        A number out of range, or frames of another size than the sample.
    OSError
        The file cannot be written; one plain sentence.
    kernels.errors.Cancelled
        If `cancelled` returned True.
    """
    check_target(path, ANIMATION_SUFFIXES)
    whole_number("count", count, 1)
    if count > MAXIMUM_FRAMES:
        raise ValueError(f"count is {count:,}, but an animation has at most {MAXIMUM_FRAMES:,} frames.")
    if not SHORTEST_FRAME <= frame_seconds <= LONGEST_FRAME:
        raise ValueError(f"frame_seconds is {frame_seconds}, but must be from {SHORTEST_FRAME:g} to {LONGEST_FRAME:g}.")

    def asked() -> Iterator[Frame]:
        for number, frame in enumerate(frames):
            stop_if(cancelled)
            if progress is not None:
                progress(number / count)
            yield frame

    times = [_milliseconds(number, frame_seconds) for number in range(count)]
    write_whole(path, lambda file: _encode(file, asked(), sample, times))


def estimated_bytes(pairs: Iterable[tuple[Frame, Frame]], sample: Frame, count: int) -> int:
    """Estimate the size of an animation from some pairs of neighbouring frames.

    Parameters
    ----------
    pairs : iterable of (ndarray, ndarray)
        A frame and the one after it, as `write_gif` takes them; best from all over the animation.
    sample : ndarray
        As for `write_gif`.
    count : int
        Frames of the whole animation.

    Returns
    -------
    int
        Bytes: of one whole frame, and of as many changes as will follow.
    """
    whole, changes = [], []
    for first, second in pairs:
        alone = _encoded_bytes([first], sample)
        whole.append(alone)
        changes.append(_encoded_bytes([first, second], sample) - alone)
    if not whole:
        raise ValueError("pairs is empty, but must hold at least one pair of frames.")
    return round(float(np.mean(whole)) + (count - 1) * float(np.mean(changes)))


def _encoded_bytes(frames: list[Frame], sample: Frame) -> int:
    file = io.BytesIO()
    _encode(file, frames, sample, [100] * len(frames))
    return len(file.getbuffer())


def _encode(file: BinaryIO, frames: Iterable[Frame], sample: Frame, times: list[int]) -> None:
    # Pillow's way to save a sequence holds all frames until the last: for two thousand large ones gigabytes.
    from PIL import Image, ImageChops
    from PIL.GifImagePlugin import getdata, getheader

    palette = Image.fromarray(sample).quantize(256, dither=Image.Dither.NONE)
    before: Image.Image | None = None
    for frame, time in zip(frames, times, strict=False):
        if frame.shape != sample.shape or frame.dtype != np.uint8:
            raise ValueError(
                f"A frame is {frame.dtype} {frame.shape}, but must be uint8 {sample.shape}, as the sample."
            )
        image = Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        box = (0, 0, *image.size)
        if before is None:
            file.writelines(getheader(image, info={"loop": 0})[0])
        else:
            box = ImageChops.subtract_modulo(image, before).getbbox() or (0, 0, 1, 1)
        file.writelines(getdata(image.crop(box), box[:2], duration=time))
        before = image
    file.write(b";")


def _milliseconds(frame: int, seconds: float) -> int:
    """Return how long a frame is shown, in whole hundredths; what rounding takes from one goes to another."""
    begin, end = (math.floor(100 * seconds * number + 0.5) for number in (frame, frame + 1))
    return 10 * (end - begin)
