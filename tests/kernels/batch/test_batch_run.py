"""A batch from its beginning to its end: what is done, what is kept, what is refused, and how it is steered."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from kernels import compiled, memory
from kernels.batch.manifest import NAME, program
from kernels.batch.messages import FileTask, Report
from kernels.batch.run import BatchRun, Progress, Row
from kernels.batch.settings import BatchSettings
from kernels.batch.tasks import run_task
from tests.kernels.batch.conftest import Here, contents, picture, settings


@pytest.fixture(autouse=True)
def _allowance() -> object:
    yield
    memory.allow(float("inf"))


def run(source: Path, chosen: BatchSettings | None = None, crew: Here | None = None, **options: Any) -> dict[str, Row]:
    """Run a batch into the folder "out" beside a folder, and return its rows by source."""
    chosen = chosen or settings()
    batch = BatchRun(source, source.parent / "out", chosen, **options)
    crew = crew or Here(chosen)
    rows = [event for event in batch.events(crew) if isinstance(event, Row)]
    assert crew.is_closed
    assert len({row.source for row in rows}) == len(rows)
    return {row.source: row for row in rows}


def statuses(rows: dict[str, Row]) -> dict[str, str]:
    return {source: row.status for source, row in rows.items()}


def manifest(target: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (target / NAME).read_text(encoding="utf-8").splitlines()]


def test_a_tree_in_the_same_tree_out(tree: Path) -> None:
    rows = run(tree)
    out = tree.parent / "out"
    assert set(contents(out)) == {"a.png", "b.jpg", "sub/a.tif", "sub/deep/c.bmp", "sub/deep/colour.png"} == set(rows)
    assert set(statuses(rows).values()) == {"done"}
    assert all(row.outcome is not None and row.outcome.width == 16 for row in rows.values())
    first, *lines = manifest(out)
    assert (first["type"], first["program"], first["source"]) == ("batch", program(), str(tree.resolve()))
    assert first["settings"]["range"] == "signed"
    assert [line["type"] for line in lines].count("begun") == [line["type"] for line in lines].count("ended") == 5
    (about,) = (line for line in lines if line["type"] == "ended" and line["source"] == "b.jpg")
    assert about["status"] == "done"
    assert about["read"]["size"] == (tree / "b.jpg").stat().st_size
    assert about["read"]["modified"] == (tree / "b.jpg").stat().st_mtime_ns
    assert len(about["read"]["hash"]) == len(about["written"]["hash"]) == 64


def test_run_again_it_does_what_is_missing_changed_or_failed(tree: Path) -> None:
    (tree / "bad.png").write_text("no picture")
    assert statuses(run(tree))["bad.png"] == "failed"
    out = tree.parent / "out"
    (out / "a.png").unlink()
    picture(tree / "b.jpg", 99)
    os.utime(tree / "sub" / "a.tif", ns=(5, 5))
    picture(tree / "new.png", 7)
    before = contents(out)
    assert statuses(run(tree)) == {
        "a.png": "done",
        "b.jpg": "done",
        "bad.png": "failed",
        "new.png": "done",
        "sub/a.tif": "kept",
        "sub/deep/c.bmp": "kept",
        "sub/deep/colour.png": "kept",
    }
    after = contents(out)
    assert after["b.jpg"] != before["b.jpg"]
    assert set(after) == {*before, "a.png", "new.png"}
    picture(tree / "bad.png", 8)
    assert {source for source, row in run(tree).items() if row.status != "kept"} == {"bad.png"}


def test_what_is_kept_is_reported_as_it_was(tree: Path) -> None:
    first, second = run(tree), run(tree)
    assert second == {source: structs.replace(row, status="kept") for source, row in first.items()}


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_damaged_tail_loses_its_file_only(tree: Path, cut: int) -> None:
    run(tree)
    out = tree.parent / "out"
    expected = contents(out)
    whole = (out / NAME).read_bytes()
    (out / NAME).write_bytes(whole[: len(whole) - 1 - cut])
    rows = run(tree)
    assert sorted(statuses(rows).values()) == ["done", "kept", "kept", "kept", "kept"] or cut == 0
    assert contents(out) == expected
    assert set(statuses(run(tree)).values()) == {"kept"}


def test_garbage_between_the_lines_is_passed_over(tree: Path) -> None:
    run(tree)
    path = tree.parent / "out" / NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"\xff\0{]\n", b"[" * 10_000 + b"\n", *lines[3:], b"\0" * 100]))
    assert set(statuses(run(tree)).values()) == {"kept"}


def test_other_settings_need_force(tree: Path, tmp_path: Path) -> None:
    run(tree)
    before = contents(tmp_path / "out")
    for chosen, said in (
        (settings("sobel-y"), "another recipe"),
        (settings(range="abs"), "the range signed"),
        (settings(channel="luma"), "the channel rgb"),
        (settings(format="png"), "the format of each file"),
    ):
        with pytest.raises(ValueError, match=f"holds results of {said}; --force"):
            run(tree, chosen)
    other = tmp_path / "other"
    picture(other / "a.png")
    with pytest.raises(ValueError, match="holds results of the source"):
        run(other)
    assert contents(tmp_path / "out") == before
    assert set(statuses(run(tree, settings("sobel-y"), force=True)).values()) == {"done"}
    assert contents(tmp_path / "out") != before
    assert set(statuses(run(tree, settings("sobel-y"))).values()) == {"kept"}
    with pytest.raises(ValueError, match="another recipe"):
        run(tree)


def test_what_was_broken_off_under_force_goes_on_without(tree: Path) -> None:
    run(tree)
    batch = BatchRun(tree, tree.parent / "out", settings("box"), force=True)
    events = batch.events(Here(settings("box"), room=1))
    assert isinstance(next(event for event in events if isinstance(event, Row)), Row)
    events.close()
    rows = run(tree, settings("box"))
    assert sorted(statuses(rows).values()) == ["done", "done", "done", "done", "kept"]


def test_another_version_needs_force(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tree)
    monkeypatch.setattr("kernels.batch.manifest.__version__", "9.9")
    with pytest.raises(ValueError, match=r"results of Kernelscope 0\.1\.0"):
        run(tree)


def test_so_does_a_program_that_was_installed_without_a_compiler(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tree)
    monkeypatch.setattr(compiled, "core", object() if compiled.core is None else None)
    with pytest.raises(ValueError, match=r"results of Kernelscope 0\.1\.0"):
        run(tree)


def test_a_list_that_does_not_begin_well_is_refused(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / NAME).write_text("something else\n")
    with pytest.raises(ValueError, match="does not say with what it began"):
        run(tree)
    assert set(statuses(run(tree, force=True)).values()) == {"done"}


def test_files_of_others_are_left_alone(tree: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "out" / "a.png"
    foreign.parent.mkdir()
    foreign.write_bytes(b"mine")
    for _ in range(2):
        rows = run(tree)
        assert rows["a.png"].error == "a.png was there before; --force replaces it."
        assert foreign.read_bytes() == b"mine"
    # What was written, and changed by somebody since, is theirs too.
    (tmp_path / "out" / "b.jpg").write_bytes(b"mine too")
    assert "has been changed since" in run(tree)["b.jpg"].error
    assert (tmp_path / "out" / "b.jpg").read_bytes() == b"mine too"
    rows = run(tree, force=True)
    assert sorted(statuses(rows).values()) == ["done", "done", "kept", "kept", "kept"]
    assert set(statuses(run(tree)).values()) == {"kept"}


def test_what_a_power_cut_took_is_done_again(tree: Path, tmp_path: Path) -> None:
    run(tree)
    expected = contents(tmp_path / "out")
    (tmp_path / "out" / "a.png").write_bytes(b"")
    assert [source for source, status in statuses(run(tree)).items() if status == "done"] == ["a.png"]
    assert contents(tmp_path / "out") == expected


def test_a_file_that_failed_leaves_its_older_result_the_batchs_own(tree: Path) -> None:
    run(tree)
    whole = (tree / "a.png").read_bytes()
    (tree / "a.png").write_text("damaged")
    assert statuses(run(tree))["a.png"] == "failed"
    (tree / "a.png").write_bytes(whole[:-1] + whole[-1:])
    assert statuses(run(tree))["a.png"] == "done"


def test_what_was_in_work_is_done_again(tree: Path, tmp_path: Path) -> None:
    # The result is there, but the process ended before it could note that.
    run(tree)
    expected, path = contents(tmp_path / "out"), tmp_path / "out" / NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"ended"' not in line or b"c.bmp" not in line))
    assert [source for source, status in statuses(run(tree)).items() if status == "done"] == ["sub/deep/c.bmp"]
    assert contents(tmp_path / "out") == expected


def test_two_at_once_are_refused(tree: Path, tmp_path: Path) -> None:
    events = BatchRun(tree, tmp_path / "out", settings()).events(Here(settings()))
    next(events)
    with pytest.raises(ValueError, match="Another batch is writing"):
        run(tree)
    assert set(statuses({row.source: row for row in events if isinstance(row, Row)}).values()) == {"done"}


def test_a_full_disk_stops_nothing(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kernels.batch.manifest import Manifest

    add, room = Manifest._add, iter([True] * 4 + [False] * 3 + [True] * 99)

    def sometimes(self: Manifest, lines: Any) -> None:
        if not lines or next(room):
            return add(self, lines)
        raise OSError("There is no room left for the batch's own list (No space left on device).")

    monkeypatch.setattr(Manifest, "_add", sometimes)
    rows = run(tree, crew=Here(settings(), room=1))
    failed = [row for row in rows.values() if row.status == "failed"]
    assert failed
    assert len(rows) == 5
    assert all("no room left" in row.error for row in failed)
    monkeypatch.undo()
    assert {row.status for row in run(tree).values()} == {"done", "kept"}
    assert len(contents(tmp_path / "out")) == 5


def test_no_matching_file(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No file in .* matches \*\.xyz"):
        BatchRun(tree, tmp_path / "out", settings(), patterns=["*.xyz"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="is a picture by its name"):
        BatchRun(tmp_path / "empty", tmp_path / "out", settings())
    assert not (tmp_path / "out").exists()


def test_what_lacks_memory_is_done_alone_at_the_end(tree: Path) -> None:
    def work(task: FileTask, chosen: BatchSettings) -> Report:
        if task.source.endswith("a.png") and task.share < 8e8:
            return Report(task.number, error="too large", lacks_memory=True)
        return run_task(task, chosen)

    chosen = structs.replace(settings(), memory=8e8)
    crew = Here(chosen, work=work)
    rows = run(tree, chosen, crew, workers=4)
    assert set(statuses(rows).values()) == {"done"}
    assert [task.share for task in crew.done] == [2e8] * 5 + [8e8]
    assert list(rows)[-1] == "a.png"


def test_what_lacks_all_memory_fails(tree: Path) -> None:
    chosen = structs.replace(settings(), memory=1e5)
    rows = run(tree, chosen, workers=2)
    assert all("more than the 100 kB that are allowed" in row.error for row in rows.values())


def test_pause_and_go_on(tree: Path, tmp_path: Path) -> None:
    batch = BatchRun(tree, tmp_path / "out", settings())
    crew = Here(settings(), room=1)
    events = batch.events(crew)
    next(event for event in events if isinstance(event, Row))
    batch.pause()
    assert batch.is_paused
    given = len(crew.done) + len(crew.given)
    for _ in range(5):
        next(events)
    assert len(crew.done) == given
    batch.go_on()
    assert len([event for event in events if isinstance(event, Row)]) == 5 - given


def test_cancel_and_go_on_later(tree: Path, tmp_path: Path) -> None:
    run(tree)
    expected, other = contents(tmp_path / "out"), tmp_path / "other"
    batch = BatchRun(tree, other, settings())
    crew, rows = Here(settings(), room=2), 0
    for event in batch.events(crew):
        rows += isinstance(event, Row)
        if rows == 2:
            batch.cancel()
    assert rows < 5
    assert crew.is_closed
    assert len(contents(other)) < 5
    for _ in BatchRun(tree, other, settings()).events(Here(settings())):
        pass
    assert contents(other) == expected


def test_progress_tells_rate_and_time_left(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    def work(task: FileTask, chosen: BatchSettings) -> Report:
        now[0] += 2.0
        return run_task(task, chosen)

    batch = BatchRun(tree, tmp_path / "out", settings())
    assert batch.progress == Progress(0, 0, 0, None, 0.0, None)
    events = list(batch.events(Here(settings(), room=1, work=work)))
    seen = [event for event in events if isinstance(event, Progress)]
    assert [(each.done, each.total, each.seconds_left) for each in seen[:3]] == [(1, 5, 8.0), (2, 5, 6.0), (3, 5, 4.0)]
    assert seen[-1].rate == 0.5
    assert batch.progress == Progress(5, 0, 0, 5, 0.5, 0.0)


def test_a_crew_that_cannot_work_ends_it(tree: Path, tmp_path: Path) -> None:
    class Useless(Here):
        def submit(self, task: FileTask) -> None:
            raise OSError("No worker can be started.")

    crew = Useless(settings())
    with pytest.raises(OSError, match="No worker"):
        list(BatchRun(tree, tmp_path / "out", settings()).events(crew))
    assert crew.is_closed


@pytest.mark.parametrize("make", [lambda tree: tree / "a.png", lambda tree: tree / "sub" / "a.tif"])
def test_a_single_file(tree: Path, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    source, target = make(tree), tmp_path / "out"
    rows = [event for event in BatchRun(source, target, settings()).events(Here(settings())) if isinstance(event, Row)]
    assert [row.source for row in rows] == [source.name] == list(contents(target))
