"""The one function that does a task: the same bytes as the command, and a sentence for whatever is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kernels import correlate, library, memory
from kernels.batch.marks import Mark, mark_of
from kernels.batch.messages import FileTask
from kernels.batch.settings import settings_for
from kernels.batch.tasks import run_task
from kernels.commands import cli
from kernels.pictures.reading import read_picture
from kernels.recipe import Recipe
from tests.kernels.batch.conftest import picture, settings


@pytest.fixture(autouse=True)
def _allowance() -> object:
    yield
    memory.allow(float("inf"))


def task(source: Path, target: Path, share: float = 1e9) -> FileTask:
    return FileTask(7, str(source), str(target), share)


@pytest.mark.parametrize("kind", ["sobel-x", "box"])
@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "bmp", "npy"])
def test_the_same_bytes_as_apply(tmp_path: Path, suffix: str, kind: str) -> None:
    source = picture(tmp_path / "in.png", shape=(30, 40, 3))
    report = run_task(task(source, tmp_path / "deep" / f"out.{suffix}"), settings(kind))
    assert cli.main(["apply", kind, str(source), "-o", str(tmp_path / f"apply.{suffix}")]) == 0
    assert (tmp_path / "deep" / f"out.{suffix}").read_bytes() == (tmp_path / f"apply.{suffix}").read_bytes()
    assert report.number == 7
    assert report.error == ""
    assert report.outcome is not None
    assert (report.outcome.width, report.outcome.height, report.outcome.bits) == (40, 30, "8-bit RGB")


@pytest.mark.parametrize("suffix", ["tif", "npy"])
def test_raw_numbers(tmp_path: Path, suffix: str) -> None:
    source = picture(tmp_path / "in.png")
    report = run_task(task(source, tmp_path / f"out.{suffix}"), settings(range="raw"))
    expected = correlate(read_picture(source).pixels, library.get("sobel-x"), padding="same")
    np.testing.assert_array_equal(read_picture(tmp_path / f"out.{suffix}").pixels, expected)
    assert report.outcome is not None
    assert report.outcome.bits == "32-bit float grey"
    assert report.outcome.extremes == (expected.min(), expected.max())


@pytest.mark.parametrize("range_", ["clip", "abs", "minmax", "signed"])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits(tmp_path: Path, suffix: str, range_: str) -> None:
    source = picture(tmp_path / "in.png")
    report = run_task(task(source, tmp_path / f"out.{suffix}"), settings(range=range_, format=f"{suffix}16"))
    values = correlate(read_picture(source).pixels, library.get("sobel-x"), padding="same").astype(np.float64)
    end = np.abs(values).max()
    low, high = {"clip": (0, 255), "abs": (0, 255), "minmax": (values.min(), values.max()), "signed": (-end, end)}[
        range_
    ]
    shown = np.abs(values) if range_ == "abs" else values
    written = read_picture(tmp_path / f"out.{suffix}").pixels
    assert written.dtype == np.uint16
    np.testing.assert_array_equal(written, np.rint(np.clip((shown - low) * (65535 / (high - low)), 0, 65535)))
    assert report.outcome is not None
    assert report.outcome.bits == "16-bit grey"
    assert report.outcome.clipped == np.count_nonzero((shown < low) | (shown > high))


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".tif"])
def test_the_marks_are_those_of_the_files(suffix: str, tmp_path: Path) -> None:
    import hashlib

    source, target = picture(tmp_path / "in.png"), tmp_path / f"out{suffix}"
    report = run_task(task(source, target), settings())
    for mark, path in ((report.source, source), (report.target, target)):
        assert mark == Mark(path.stat().st_size, path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_mark_knows_its_file(tmp_path: Path) -> None:
    import os

    path = tmp_path / "f"
    path.write_bytes(b"one")
    mark = mark_of(path)
    os.utime(path, ns=(1, 1))
    assert mark.is_of(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert not mark.is_of(path)
    path.write_bytes(b"longer")
    assert not mark.is_of(path)
    path.unlink()
    assert not mark.is_of(path)


def test_what_is_wrong_becomes_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    pages = [Image.new("L", (4, 4), shade) for shade in (10, 20)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    for name, said in (("text.png", "holds text"), ("none.png", "no file"), ("pages.tif", "only in part: page 1 of 2")):
        report = run_task(task(tmp_path / name, tmp_path / "out.png"), settings())
        assert said in report.error
        assert report.outcome is report.target is None
    report = run_task(task(picture(tmp_path / "p.png"), tmp_path / "p.png"), settings())
    assert "the input itself" in report.error
    report = run_task(task(tmp_path / "p.png", tmp_path / "p.png" / "out.png"), settings())
    assert report.error
    assert not (tmp_path / "out.png").exists()


def test_a_fault_of_the_program_is_a_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("two")

    monkeypatch.setattr("kernels.filtering.engine.run", broken)
    report = run_task(task(picture(tmp_path / "p.png"), tmp_path / "out.png"), settings())
    assert report.error == "internal fault: RuntimeError: two"


def test_more_than_its_share_is_told(tmp_path: Path) -> None:
    source = picture(tmp_path / "p.png", shape=(100, 100))
    report = run_task(task(source, tmp_path / "out.png", share=1e6), settings())
    assert report.lacks_memory
    assert "more than the 1.0 MB that are allowed" in report.error
    assert not run_task(task(source, tmp_path / "out.png"), settings()).lacks_memory


def test_settings_are_checked() -> None:
    recipe = Recipe.from_dict({"stages": [{"relu": {}}]})
    assert settings_for(recipe).range == "clip"
    assert settings().range == "signed"
    assert settings("box").range == "clip"
    assert settings(format=".PNG").format == "png"
    for wrong, said in (
        ({"range": "singed"}, "range is 'singed'.*signed"),
        ({"channel": "cyan"}, "channel is 'cyan'"),
        ({"format": "gif"}, "format is 'gif', but must be one of"),
        ({"format": "png", "range": "raw"}, "format is 'png', but cannot hold .* tif, tiff, npy"),
        ({"format": "tif16", "range": "raw"}, "cannot hold"),
    ):
        with pytest.raises(ValueError, match=said):
            settings_for(recipe, **wrong)


@pytest.mark.parametrize(
    ("format_", "range_", "names"),
    [
        (None, "clip", {"a.JPG": "a.JPG", "a.gif": "a.png", "a": "a.png", "a.b.npy": "a.b.npy"}),
        (None, "raw", {"a.JPG": "a.tif", "a.npy": "a.npy", "a.TIFF": "a.TIFF"}),
        ("jpg", "clip", {"a.JPG": "a.JPG", "a.jpeg": "a.jpg", "a.png": "a.jpg"}),
        ("png16", "clip", {"a.png": "a.png", "a.tif": "a.png"}),
    ],
)
def test_names_of_results(format_: str | None, range_: str, names: dict[str, str]) -> None:
    chosen = settings(format=format_, range=range_)
    assert {name: chosen.target_name(name) for name in names} == names


def test_a_pixel_beyond_both_levels_is_counted_once(tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", np.full((4, 5, 3), (-40.0, 7.0, 300.0), np.float32))
    report = run_task(task(tmp_path / "in.npy", tmp_path / "out.png"), settings("identity"))
    assert report.error == ""
    assert report.outcome is not None
    assert report.outcome.clipped == 20
