"""Animated GIF files: what Pillow reads back from them, how large they get, and what stops them."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageSequence

from kernels import correlate, library
from kernels.errors import Cancelled
from kernels.pictures.animation import estimated_bytes, write_gif
from kernels.pictures.picture import PictureError
from kernels.pictures.reading import open_picture, read_picture

Frame = npt.NDArray[np.uint8]
BLUE, ORANGE, NEAR_WHITE = (42, 111, 219), (224, 112, 28), (248, 248, 248)


def read(path: Path) -> tuple[list[Frame], list[int]]:
    """Return the frames as Pillow shows them, and their times in milliseconds."""
    with Image.open(path) as image:
        frames, times = [], []
        for frame in ImageSequence.Iterator(image):
            frames.append(np.asarray(frame.convert("RGB")))
            times.append(frame.info["duration"])
        return frames, times


def sliding(picture: Frame, count: int) -> Iterator[Frame]:
    """Yield what the Stage shows: a window on the input, the output filling up in blue and orange beside it."""
    height, width = picture.shape[:2]
    luma = picture if picture.ndim == 2 else picture.mean(axis=2)
    response = correlate(luma, library.get("sobel-x"))
    share = np.clip(np.abs(response) / 400, 0, 1)[..., None]
    ink = np.where(response[..., None] < 0, BLUE, ORANGE)
    output = np.rint(NEAR_WHITE * (1 - share) + ink * share).astype(np.uint8)
    for number in range(count):
        at = number * height * width // count
        frame = np.full((height + 20, 2 * width + 30, 3), (21, 23, 28), np.uint8)
        frame[10:-10, 10 : 10 + width] = picture if picture.ndim == 3 else picture[..., None]
        shown = frame[10:-10, 20 + width : 20 + 2 * width]
        shown[np.arange(height * width).reshape(height, width) <= at] = output[
            np.arange(height * width).reshape(height, width) <= at
        ]
        y, x = 10 + at // width, 10 + at % width
        frame[y - 3 : y + 4, [x - 3, x + 3]] = frame[[y - 3, y + 3], x - 3 : x + 4] = (255, 200, 60)
        yield frame


CAMERA = open_picture("camera").pixels[100:160, 200:280]
COFFEE = open_picture("coffee").pixels[100:200, 150:270]
SAMPLE = np.random.default_rng(3).integers(0, 256, (64, 64, 3)).astype(np.uint8)


def test_a_grey_picture_with_its_output_comes_back(tmp_path: Path) -> None:
    frames = list(sliding(CAMERA, 30))
    write_gif(tmp_path / "a.gif", frames, sample=frames[-1], count=30, frame_seconds=0.05)
    found, times = read(tmp_path / "a.gif")
    assert times == [50] * 30
    for shown, meant in zip(found, frames, strict=True):
        assert np.percentile(np.abs(shown.astype(int) - meant), 99) <= 12
    assert read_picture(tmp_path / "a.gif").note == "frame 1 of 30"


def test_what_does_not_change_does_not_flicker(tmp_path: Path) -> None:
    frames = list(sliding(COFFEE, 20))
    write_gif(tmp_path / "a.gif", frames, sample=frames[-1], count=20, frame_seconds=0.02)
    found = read(tmp_path / "a.gif")[0]
    colours: dict[tuple[int, ...], tuple[int, ...]] = {}
    for meant, shown in zip(frames, found, strict=True):
        pixels = np.concatenate([meant, shown], axis=2).reshape(-1, 6)
        for pair in np.unique(pixels, axis=0).tolist():
            assert colours.setdefault(tuple(pair[:3]), tuple(pair[3:])) == tuple(pair[3:])


def test_it_repeats_for_ever_and_the_whole_time_is_right(tmp_path: Path) -> None:
    frames = [np.full((2, 2, 3), 4 * number, np.uint8) for number in range(60)]
    ramp = np.repeat(np.arange(4, dtype=np.uint8) * 80, 3).reshape(2, 2, 3)
    write_gif(tmp_path / "a.gif", frames, sample=ramp, count=60, frame_seconds=1 / 30)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.info["loop"] == 0
    assert sum(read(tmp_path / "a.gif")[1]) == 2000


def test_frames_are_written_as_they_come_and_none_is_kept(tmp_path: Path) -> None:
    random, kept, sizes = np.random.default_rng(4), [], []

    def frames() -> Iterator[Frame]:
        for _ in range(8):
            frame = random.integers(0, 256, (64, 64, 3)).astype(np.uint8)
            kept.append(weakref.ref(frame))
            sizes.append(sum(each.stat().st_size for each in tmp_path.iterdir()))
            yield frame

    (tmp_path / "a.gif").touch()  # what replaces a file can be seen while it is written
    write_gif(tmp_path / "a.gif", frames(), sample=SAMPLE, count=8, frame_seconds=0.1)
    assert sum(frame() is not None for frame in kept) <= 1
    assert sizes[-1] > 4 * 64 * 64  # noise has a byte a pixel, more or less
    assert len(read(tmp_path / "a.gif")[0]) == 8


def test_a_frame_like_the_one_before_takes_its_time(tmp_path: Path) -> None:
    frames = [SAMPLE, SAMPLE, SAMPLE[::-1]]
    write_gif(tmp_path / "a.gif", frames, sample=SAMPLE, count=3, frame_seconds=0.1)
    found, times = read(tmp_path / "a.gif")
    assert times == [100] * 3
    assert (found[0] == found[1]).all()
    assert (found[1] == found[2][::-1]).all()


@pytest.mark.parametrize("picture", [CAMERA, COFFEE])
def test_the_size_is_estimated_within_a_factor_of_two(tmp_path: Path, picture: Frame) -> None:
    count = 100
    frames = list(sliding(picture, count))
    sample = frames[-1]
    write_gif(tmp_path / "a.gif", frames, sample=sample, count=count, frame_seconds=0.02)
    size = os.path.getsize(tmp_path / "a.gif")
    guess = estimated_bytes(((frames[k], frames[k + 1]) for k in range(0, count - 1, 14)), sample, count)
    assert size / 2 < guess < 2 * size


def test_an_estimate_needs_frames() -> None:
    with pytest.raises(ValueError, match="pairs is empty"):
        estimated_bytes([], COFFEE, 5)


class TestFailing:
    """Nothing is left behind, and an older file stays."""

    @pytest.fixture(autouse=True)
    def nothing_is_left(self, tmp_path: Path) -> Iterator[None]:
        (tmp_path / "a.gif").write_bytes(b"older")
        yield
        assert os.listdir(tmp_path) == ["a.gif"]
        assert (tmp_path / "a.gif").read_bytes() == b"older"

    def frames(self, count: int) -> Iterator[Frame]:
        random = np.random.default_rng(2)
        return (random.integers(0, 256, (64, 64, 3)).astype(np.uint8) for _ in range(count))

    @pytest.mark.parametrize(
        ("count", "seconds", "words"),
        [
            (0, 0.1, "count is 0"),
            (2001, 0.1, "at most 2,000 frames"),
            (1, 0.01, "frame_seconds is 0.01"),
            (1, float("nan"), "frame_seconds is nan"),
            (1, 1e9, "frame_seconds"),
        ],
    )
    def test_numbers_out_of_range(self, tmp_path: Path, count: int, seconds: float, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            write_gif(tmp_path / "a.gif", self.frames(3), sample=SAMPLE, count=count, frame_seconds=seconds)

    @pytest.mark.parametrize(
        "bad", [np.zeros((64, 64), np.uint8), np.zeros((64, 64, 3)), np.zeros((64, 60, 3), np.uint8)]
    )
    def test_what_is_no_frame(self, tmp_path: Path, bad: Any) -> None:
        with pytest.raises(ValueError, match="A frame is"):
            write_gif(tmp_path / "a.gif", [*self.frames(1), bad], sample=SAMPLE, count=2, frame_seconds=0.1)

    def test_another_suffix(self, tmp_path: Path) -> None:
        with pytest.raises(PictureError, match=r"must end in \.gif"):
            write_gif(tmp_path / "a.png", self.frames(1), sample=SAMPLE, count=1, frame_seconds=0.1)

    def test_cancelling_draws_no_further_frame(self, tmp_path: Path) -> None:
        shares: list[float] = []
        drawn: list[int] = []

        def frames() -> Iterator[Frame]:
            for number, frame in enumerate(self.frames(20)):
                drawn.append(number)
                yield frame

        with pytest.raises(Cancelled):
            write_gif(
                tmp_path / "a.gif", frames(), sample=SAMPLE, count=20, frame_seconds=0.1,
                cancelled=lambda: len(shares) == 5, progress=shares.append,
            )  # fmt: skip
        assert shares == [number / 20 for number in range(5)]
        assert len(drawn) == 6

    def test_an_error_of_whoever_draws(self, tmp_path: Path) -> None:
        def frames() -> Iterator[Frame]:
            yield from self.frames(3)
            raise RuntimeError("the picture is gone")

        with pytest.raises(RuntimeError, match="is gone"):
            write_gif(tmp_path / "a.gif", frames(), sample=SAMPLE, count=9, frame_seconds=0.1)

    @pytest.mark.skipif(sys.platform == "win32", reason="limits of the size of files are POSIX's")
    def test_a_disk_that_is_full(self, tmp_path: Path) -> None:
        import resource

        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
        try:
            with pytest.raises(OSError, match=r"There is no room left for .*a\.gif; nothing was written"):
                write_gif(tmp_path / "a.gif", self.frames(50), sample=SAMPLE, count=50, frame_seconds=0.1)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
