"""A file is filtered by parts as it is at once: the same numbers, the same line about it, in less memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from msgspec import structs
from PIL import Image

from kernels import memory
from kernels.batch import bands, tasks
from kernels.batch.painting import Painting
from kernels.batch.pool import Pool
from kernels.batch.settings import BatchSettings, settings_for
from kernels.pictures.reading import open_rows, read_picture
from kernels.pictures.windows import targets
from kernels.recipe import Recipe

Array = np.ndarray[Any, np.dtype[Any]]
RANDOM = np.random.default_rng(0)
COLOUR = RANDOM.integers(0, 256, (301, 217, 3)).astype(np.uint8)
GREY = RANDOM.integers(0, 4000, (301, 217)).astype(np.uint16)
FLOATS = RANDOM.normal(size=(301, 217)).astype(np.float32)
BROKEN = np.where(np.arange(217) == 33, np.float32(np.nan), FLOATS)

BLUR: dict[str, Any] = {"filter": {"kernel": "gaussian(sigma=2)", "border": "reflect"}}
EDGES: dict[str, Any] = {"filter": {"kernel": "sobel-x"}}


def settings_of(*stages: dict[str, Any], **options: Any) -> BatchSettings:
    return settings_for(Recipe.from_dict({"stages": list(stages)}), **options)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let bands and tiles be small."""
    monkeypatch.setattr(bands, "_BAND", 40_000)
    monkeypatch.setattr(targets, "TILE", 64)
    monkeypatch.setattr(targets, "LARGE", 1)


def both_ways(tmp_path: Path, source: Path, settings: BatchSettings, suffix: str) -> tuple[Path, Path]:
    """Filter a file at once and by bands, to the same bytes; what is said about the two results is equal."""
    whole, parts = tmp_path / f"whole{suffix}", tmp_path / f"parts{suffix}"
    at_once = tasks.filter_picture(read_picture(source), str(whole), settings).outcome
    with open_rows(source) as rows:
        by_parts = bands.filter_by_bands(rows, str(parts), settings, 1e9)
    assert by_parts.course is not None
    assert structs.replace(by_parts, course=None) == at_once
    assert parts.read_bytes() == whole.read_bytes()
    return whole, parts


@pytest.mark.parametrize("image", [COLOUR, GREY, FLOATS, BROKEN], ids=["colour", "grey", "floats", "not finite"])
@pytest.mark.parametrize("range", ["clip", "abs", "minmax", "signed", "raw"])
@pytest.mark.parametrize("suffix", [".tif", ".npy", ".png"])
def test_the_same_result(small: None, tmp_path: Path, image: Array, range: str, suffix: str) -> None:
    if range == "raw" and suffix == ".png":
        return
    source = tmp_path / "in.tif"
    tifffile.imwrite(source, image, tile=(32, 48), compression="zlib")
    for stage in (BLUR, EDGES):
        whole, parts = both_ways(tmp_path, source, settings_of(stage, range=range), suffix)
        first, second = read_picture(whole), read_picture(parts)
        np.testing.assert_array_equal(second.pixels, first.pixels)
        assert second.pixels.dtype == first.pixels.dtype
        assert second.white == first.white


@pytest.mark.parametrize("channel", ["luma", "g", "h", "lab-a"])
def test_channels(small: None, tmp_path: Path, channel: str) -> None:
    np.save(tmp_path / "in.npy", COLOUR)
    for range in ("raw", "minmax"):
        settings = settings_of(BLUR, range=range, channel=channel)
        whole, parts = both_ways(tmp_path, tmp_path / "in.npy", settings, ".npy")
        np.testing.assert_array_equal(np.load(parts), np.load(whole))


@pytest.mark.parametrize("format", ["png16", "tif16"])
def test_sixteen_bits(small: None, tmp_path: Path, format: str) -> None:
    np.save(tmp_path / "in.npy", BROKEN)
    settings = settings_of(EDGES, range="abs", format=format)
    whole, parts = both_ways(tmp_path, tmp_path / "in.npy", settings, f".{format[:3]}")
    np.testing.assert_array_equal(read_picture(parts).pixels, read_picture(whole).pixels)


def test_rows_of_stages_that_measure(small: None, tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", COLOUR)
    inner = [{"batch-norm": {}}, {"filter": {"kernel": "box"}}, {"batch-norm": {}}]
    for stages in (
        [BLUR, {"batch-norm": {}}, {"sigmoid": {}}],
        [{"residual": {"stages": inner}}],
        [{"global-average": {}}],
    ):
        whole, parts = both_ways(tmp_path, tmp_path / "in.npy", settings_of(*stages, range="raw"), ".npy")
        np.testing.assert_array_equal(np.load(parts), np.load(whole))


@pytest.mark.parametrize("border", ["wrap", "reflect"])
def test_the_rows_that_a_border_takes_from_the_other_end_are_counted(
    small: None, tmp_path: Path, border: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kernels.recipe.strips.STRIP_BYTES", 1 << 18)
    np.save(tmp_path / "in.npy", np.zeros((20_000, 64), np.uint8))
    stages = {"filter": {"kernel": "box", "border": border}}, {"sigmoid": {}}
    settings, room = settings_of(*stages, range="raw"), 6 * 20_000 * 64.0
    with open_rows(tmp_path / "in.npy") as rows:
        run = bands.Bands(settings, *bands.decided(rows, settings), np.inf)
        room += run.strips.held
        if border == "wrap":
            with pytest.raises(memory.Refused, match=r"A strip of in\.npy needs about"):
                bands.filter_by_bands(rows, str(tmp_path / "out.npy"), settings, room)
        else:
            bands.filter_by_bands(rows, str(tmp_path / "out.npy"), settings, room)


def test_whole_numbers_of_32_bits_are_looked_at_first(small: None, tmp_path: Path) -> None:
    image = RANDOM.integers(-(10**6), 10**6, (200, 100)).astype(np.int32)
    image[7, 7] = 2**30
    np.save(tmp_path / "in.npy", image)
    whole, parts = both_ways(tmp_path, tmp_path / "in.npy", settings_of(BLUR, range="raw"), ".npy")
    np.testing.assert_array_equal(np.load(parts), np.load(whole))


def test_a_band_is_a_task_of_its_own(small: None, tmp_path: Path) -> None:
    """Bands that come in any order, as plain data, and write into one file."""
    import msgspec

    np.save(tmp_path / "in.npy", GREY)
    settings = settings_of(BLUR, range="raw")
    whole, _ = both_ways(tmp_path, tmp_path / "in.npy", settings, ".tif")
    expected = read_picture(whole).pixels
    with open_rows(tmp_path / "in.npy") as rows:
        _, course = bands.decided(rows, settings)
    with open(tmp_path / "out.tif", "w+b") as file:
        layout = targets.begin_tiff(file, GREY.shape, np.dtype(np.float32))
    painting = Painting("raw", 8, None, False)
    ends = [(200, 301), (0, 13), (13, 200)]
    for number, (top, bottom) in enumerate(ends):
        names = str(tmp_path / "in.npy"), str(tmp_path / "out.tif")
        task = bands.BandTask(number, *names, 1e9, 65535.0, course, painting, layout, top, bottom)
        sent = msgspec.msgpack.decode(msgspec.msgpack.encode(task), type=bands.BandTask)
        assert sent == task
        report = tasks.run_task(sent, settings)
        assert report.error == ""
        assert report.number == number
        assert report.outcome is not None
        assert report.outcome.extremes == (expected[top:bottom].min(), expected[top:bottom].max())
    np.testing.assert_array_equal(read_picture(tmp_path / "out.tif").pixels, expected)


def test_workers_write_one_result_together(small: None, tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", COLOUR)
    settings = settings_of(BLUR, range="minmax")
    whole, _ = both_ways(tmp_path, tmp_path / "in.npy", settings, ".tif")
    crew = Pool(settings, 2)
    try:
        with open_rows(tmp_path / "in.npy") as rows:
            bands.filter_by_bands(rows, str(tmp_path / "together.tif"), settings, 1e9, crew)
            os.rename(tmp_path / "in.npy", tmp_path / "away.npy")
            with pytest.raises(ValueError, match=r"no file in\.npy"):
                bands.filter_by_bands(rows, str(tmp_path / "never.tif"), settings, 1e9, crew)
    finally:
        crew.close()
    np.testing.assert_array_equal(*(read_picture(path).pixels for path in (whole, tmp_path / "together.tif")))
    assert (tmp_path / "together.tif").read_bytes() == whole.read_bytes()
    assert not list(tmp_path.glob("never*"))


def test_nothing_is_left_of_a_result_that_fails(small: None, tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", GREY)
    whole = (tmp_path / "in.npy").read_bytes()
    (tmp_path / "out.npy").write_bytes(b"before")
    with open_rows(tmp_path / "in.npy") as rows:
        os.truncate(tmp_path / "in.npy", len(whole) - 5)
        with pytest.raises(ValueError, match="damaged"):
            bands.filter_by_bands(rows, str(tmp_path / "out.npy"), settings_of(BLUR, range="raw"), 1e9)
    assert (tmp_path / "out.npy").read_bytes() == b"before"
    assert sorted(os.listdir(tmp_path)) == ["in.npy", "out.npy"]


def test_a_picture_that_is_read_at_once_gives_its_result_by_parts(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MAXIMUM_PIXELS", 1)
    Image.fromarray(np.vstack([COLOUR[:, :, 0]] * 3)).save(tmp_path / "in.png")
    at_once = tasks.filter_picture(
        read_picture(tmp_path / "in.png"), str(tmp_path / "whole.png"), settings_of(BLUR)
    ).outcome
    by_parts = tasks.filter_file(str(tmp_path / "in.png"), str(tmp_path / "parts.png"), settings_of(BLUR), 1e9)
    assert structs.replace(by_parts, course=None) == at_once
    np.testing.assert_array_equal(*(read_picture(tmp_path / f"{name}.png").pixels for name in ("whole", "parts")))


def test_what_cannot_be_done_by_parts(tmp_path: Path) -> None:
    Image.fromarray(COLOUR).save(tmp_path / "in.png")
    np.save(tmp_path / "in.npy", COLOUR)
    with pytest.raises(memory.Refused, match=r"in.png is 217 × 301, 65,317 pixels, .*whole; vips copy in.png"):
        tasks.filter_file(str(tmp_path / "in.png"), str(tmp_path / "out.png"), settings_of(BLUR), 1e5)
    with pytest.raises(memory.Refused, match=r"A strip of in.npy needs about .* allowed"):
        tasks.filter_file(str(tmp_path / "in.npy"), str(tmp_path / "out.png"), settings_of(BLUR), 1e5)
    with open_rows(tmp_path / "in.npy") as rows, pytest.raises(ValueError, match="JPG can only be written as a whole"):
        bands.filter_by_bands(rows, str(tmp_path / "out.jpg"), settings_of(BLUR), 1e9)
    assert not list(tmp_path.glob("out*"))


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read where Linux tells it")
@pytest.mark.parametrize(
    ("shape", "allowed"),
    [((10_000, 5_000), 230e6), pytest.param((32_768, 32_768), memory.USUAL, marks=pytest.mark.slow)],
    ids=["50 megapixels", "a gigapixel"],
)
def test_the_peak_of_the_process(tmp_path: Path, shape: tuple[int, int], allowed: float) -> None:
    """Picture and result together would take more than is allowed."""
    source, target = tmp_path / "in.tif", tmp_path / "out.tif"
    with open(source, "w+b") as file:
        layout = targets.begin_tiff(file, shape, np.dtype(np.uint8))
        for top in range(0, shape[0], 1024):
            rows = RANDOM.integers(0, 256, (min(1024, shape[0] - top), shape[1]), np.uint8)
            layout.put(file.fileno(), top, rows)
    # Not ru_maxrss: that of a new process begins with what the one that started it held.
    code = """
import json, sys
from kernels.commands.cli import main
status = main(sys.argv[1:])
with open("/proc/self/status") as file:
    peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
print(json.dumps([status, peak]))
"""
    words = ["apply", "sobel-x", str(source), "-o", str(target), "--range", "raw", "--memory", f"{allowed:.0f}"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    status, peak = json.loads(done.stdout.splitlines()[-1])
    assert status == 0
    assert peak * 1024 < allowed
    with tifffile.TiffFile(target) as written:
        assert written.is_bigtiff == (shape[0] > 10_000)
        assert written.pages[0].shape == shape
    source.unlink()
    target.unlink()
