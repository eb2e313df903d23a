"""Files too large for one worker: all help with their bands, to the bytes of a file that one does at once."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import structs
from scipy import ndimage

from kernels import memory
from kernels.batch import bands
from kernels.batch.bands import BandTask
from kernels.batch.manifest import NAME
from kernels.batch.messages import FileTask, Report
from kernels.batch.run import BatchRun, Row
from kernels.batch.settings import BatchSettings
from kernels.batch.tasks import run_task
from kernels.recipe.course import Course
from tests.kernels.batch.conftest import Here, contents, settings

SHAPE = (9000, 1500)


@pytest.fixture(autouse=True)
def _allowance() -> object:
    yield
    memory.allow(float("inf"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two large pictures and three small ones."""
    random = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for name in ("a.npy", "z.npy"):
        np.save(tmp_path / "in" / name, random.integers(0, 256, SHAPE).astype(np.uint8))
    for name in ("b.npy", "c.npy", "d.npy"):
        np.save(tmp_path / "in" / name, random.integers(0, 256, (30, 40)).astype(np.uint8))
    return tmp_path / "in"


def run(source: Path, out: str, chosen: BatchSettings, crew: Here | None = None, **options: Any) -> dict[str, Row]:
    batch = BatchRun(source, source.parent / out, chosen, **options)
    return {event.source: event for event in batch.events(crew) if isinstance(event, Row)}


@pytest.mark.parametrize(
    ("range_", "kind"),
    [
        ("signed", "tif"),
        pytest.param("raw", "tif", marks=pytest.mark.slow),
        pytest.param("signed", "npy", marks=pytest.mark.slow),
        pytest.param("raw", "npy", marks=pytest.mark.slow),
    ],
)
def test_the_same_bytes_whatever_the_memory(
    folder: Path, monkeypatch: pytest.MonkeyPatch, range_: str, kind: str
) -> None:
    roomy = settings(range=range_, format=kind)
    rows = run(folder, "roomy", roomy, Here(roomy))
    assert {row.outcome.course for row in rows.values() if row.outcome} == {None}
    monkeypatch.setattr(bands, "_BAND", 1 << 22)
    for share in (4.5e7, 6e7):
        tight = structs.replace(roomy, memory=4 * share)
        crew = Here(tight)
        found = run(folder, f"tight-{share}", tight, crew)
        assert {row.status for row in found.values()} == {"done"}
        assert contents(folder.parent / f"tight-{share}") == contents(folder.parent / "roomy")
        # Each large file was tried once, and then done in bands, as many for each pass.
        assert sum(isinstance(task, FileTask) for task in crew.done) == 5
        assert sum(isinstance(task, BandTask) for task in crew.done) > 6
        for name, row in found.items():
            assert row.outcome is not None
            assert (row.outcome.course is None) == (name not in ("a.npy", "z.npy"))
            assert structs.replace(row.outcome, course=None) == rows[name].outcome


def test_what_was_decided_stands_in_the_manifest(folder: Path) -> None:
    tight = settings(range="raw", memory=2e8)
    run(folder, "out", tight, Here(tight))
    lines = [json.loads(line) for line in (folder.parent / "out" / NAME).read_text().splitlines()]
    (line,) = (line for line in lines if line["type"] == "ended" and line["source"] == "a.npy")
    course = line["outcome"]["course"]
    assert set(course) == set(Course.__struct_fields__)
    assert tuple(course["shape"]) == SHAPE
    assert {row.status for row in run(folder, "out", tight, Here(tight)).values()} == {"kept"}


def test_workers_do_the_bands(folder: Path) -> None:
    roomy = settings(range="raw")
    run(folder, "roomy", roomy, workers=1)
    tight = structs.replace(roomy, memory=1e8)
    rows = run(folder, "tight", tight, workers=2)
    assert {name for name, row in rows.items() if row.outcome and row.outcome.course} == {"a.npy", "z.npy"}
    assert contents(folder.parent / "tight") == contents(folder.parent / "roomy")


def test_a_band_that_fails_costs_its_file_only(folder: Path) -> None:
    tight = settings(range="raw", memory=2e8)

    def work(task: FileTask | BandTask, chosen: BatchSettings) -> Report:
        if isinstance(task, BandTask) and task.source.endswith("a.npy"):
            return Report(task.number, error="the process that worked on it ended.")
        return run_task(task, chosen)

    rows = run(folder, "out", tight, Here(tight, work=work))
    assert {name: row.error for name, row in rows.items() if row.error} == {
        "a.npy": "the process that worked on it ended."
    }
    assert set(contents(folder.parent / "out")) == {"b.npy", "c.npy", "d.npy", "z.npy"}


def test_a_strip_larger_than_a_share_is_computed_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tight = settings(range="raw", memory=2e8)
    cost = bands.Bands._cost
    monkeypatch.setattr(bands.Bands, "_cost", lambda self, rows: max(cost(self, rows), 1e7))
    crew = Here(tight)
    rows = run(folder, "out", tight, crew)
    assert {row.status for row in rows.values()} == {"done"}
    assert [(Path(task.source).name, task.may_split) for task in crew.done if task.share > 5e7] == [
        ("a.npy", False),
        ("z.npy", False),
    ]


@pytest.mark.parametrize("end", [BatchRun.cancel, BatchRun.pause])
def test_bands_are_held_and_given_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch, end: Callable[[BatchRun], None]
) -> None:
    monkeypatch.setattr(bands, "_BAND", 1 << 22)
    tight = settings(range="raw", memory=2e8)
    batch = BatchRun(folder, folder.parent / "out", tight)

    def work(task: FileTask | BandTask, chosen: BatchSettings) -> Report:
        if isinstance(task, BandTask):
            done.append(task)
            if len(done) == 2:
                end(batch)
        return run_task(task, chosen)

    done: list[BandTask] = []
    events = batch.events(Here(tight, room=1, work=work))
    if end is BatchRun.cancel:
        assert len([event for event in events if isinstance(event, Row)]) < 5
        assert not list((folder.parent / "out").glob(".kernelscope-*part"))
    else:
        for _ in range(30):
            next(events)
        assert len(done) == 2
        batch.go_on()
        assert {event.source for event in events if isinstance(event, Row)} >= {"a.npy", "z.npy"}


def written(path: Path, image: np.ndarray) -> Path:
    """Write an OME-Zarr without this program's help."""
    zarr = pytest.importorskip("zarr")
    attributes = {
        "ome": {
            "version": "0.5",
            "multiscales": [{"axes": [{"name": "y"}, {"name": "x"}], "datasets": [{"path": "0"}]}],
        }
    }
    group = zarr.create_group(str(path), zarr_format=3, attributes=attributes)
    group.create_array("0", data=image, chunks=(500, 700))
    return path


@pytest.mark.slow
def test_the_shards_of_an_ome_zarr_are_tasks(folder: Path) -> None:
    zarr = pytest.importorskip("zarr")
    image = np.load(folder / "a.npy")[:6000]
    for name in ("a.npy", "z.npy"):
        np.save(folder / name, image)
    written(folder / "e.zarr", image)
    written(folder / "small.zarr", image[:20, :30])
    roomy = settings(range="raw", format="zarr")
    run(folder, "roomy", roomy, Here(roomy))
    tight = structs.replace(roomy, memory=2e8)
    crew = Here(tight)
    rows = run(folder, "tight", tight, crew)
    assert {name: row.error for name, row in rows.items() if row.error} == {}
    assert {Path(task.source).name for task in crew.done if isinstance(task, BandTask)} == {"a.npy", "e.zarr", "z.npy"}
    assert contents(folder.parent / "tight") == contents(folder.parent / "roomy")
    results = (folder.parent / "tight").glob("*.zarr")
    stored = {path.stem: zarr.open_array(path / "0", mode="r")[:] for path in results}
    assert stored.keys() == {"a", "b", "c", "d", "e", "small", "z"}
    np.testing.assert_array_equal(stored["e"], stored["a"])
    sobel = ndimage.correlate(image.astype(float), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], mode="constant")
    np.testing.assert_array_equal(stored["e"], sobel)


def test_an_ome_zarr_is_done_again_when_a_shard_has_changed(folder: Path) -> None:
    written(folder / "e.zarr", np.load(folder / "a.npy")[:300])
    chosen = settings(range="raw")

    def status() -> str:
        return run(folder, "out", chosen, Here(chosen), patterns=["*.zarr"])["e.zarr"].status

    assert [status(), status()] == ["done", "kept"]
    before = contents(folder.parent / "out")
    shutil.copytree(folder / "e.zarr", folder / "copy.zarr")
    shutil.rmtree(folder / "e.zarr")
    (folder / "copy.zarr").rename(folder / "e.zarr")
    assert status() == "kept"  # other time stamps, the same bytes
    written(folder / "new.zarr", np.load(folder / "z.npy")[:300])
    shutil.rmtree(folder / "e.zarr")
    (folder / "new.zarr").rename(folder / "e.zarr")
    assert status() == "done"
    assert contents(folder.parent / "out") != before
    (folder.parent / "out" / "e.zarr" / "0" / "c" / "0" / "0").unlink()
    assert (
        "changed since it was written" in run(folder, "out", chosen, Here(chosen), patterns=["*.zarr"])["e.zarr"].error
    )


def test_ome_zarr_takes_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ValueError, match=r"pip install 'kernelscope\[zarr\]'"):
        settings(format="zarr")
