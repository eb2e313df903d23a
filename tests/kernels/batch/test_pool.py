"""Worker processes: what they are given, and what becomes of the work of one that ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kernels import processes
from kernels.batch.messages import FileTask, Ready, Report
from kernels.batch.pool import Pool
from tests.kernels.batch.conftest import contents, picture, settings

ROOT = Path(__file__).resolve().parents[3]

WORKER = f"""
import os, sys, time
sys.path.insert(0, {str(ROOT)!r})
from kernels.batch import worker
run_task = worker.run_task

def run(task, settings):
    if "deadly" in task.source or "once" in task.source and not os.path.exists(task.target + ".tried"):
        open(task.target + ".tried", "w").close()
        print("words", flush=True)
        os._exit(9)
    if "slow" in task.source:
        open(task.source + ".begun", "w").close()
        time.sleep(60)
    return run_task(task, settings)

worker.run_task = run
worker.serve(None)
"""


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """Two workers that end, or take long, at files of certain names."""
    monkeypatch.setattr(processes, "command", lambda *_: [sys.executable, "-c", WORKER])
    found = Pool(settings(), 2)
    yield found
    found.close()


def tasks(folder: Path, *names: str) -> list[FileTask]:
    """Return a task for a new picture of each name."""
    return [
        FileTask(number, str(picture(folder / "in" / f"{name}.png", number)), str(folder / f"{name}.png"), 1e9)
        for number, name in enumerate(names)
    ]


def all_reports(crew: Pool, work: list[FileTask]) -> dict[int, Report]:
    """Give the crew all tasks, and return what it reports."""
    found: dict[int, Report] = {}
    work, count = list(work), len(work)
    end = time.monotonic() + 60
    while work or len(found) < count:
        assert time.monotonic() < end
        while work and crew.room:
            crew.submit(work.pop(0))
        for report in crew.reports(0.1):
            assert report.number not in found
            found[report.number] = report
    return found


def test_everything_is_reported_once_whoever_dies(crew: Pool, tmp_path: Path) -> None:
    work = tasks(tmp_path, "a", "deadly", "b", "once", "c", "d")
    found = all_reports(crew, work)
    assert sorted(found) == list(range(6))
    failed = {Path(work[number].source).stem: report.error for number, report in found.items() if report.error}
    assert failed == {
        "deadly": "the process that worked on it ended unexpectedly (with status 9), at the second try too."
    }
    assert {name for name in contents(tmp_path) if "/" not in name and name.endswith(".png")} == {
        "a.png",
        "b.png",
        "once.png",
        "c.png",
        "d.png",
    }


def test_only_the_task_that_a_worker_was_at_is_to_blame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if something was printed to where it leaves the task's number, before those done were reported."""
    monkeypatch.setattr(processes, "command", lambda *_: [sys.executable, "-c", WORKER])
    work = tasks(tmp_path, *(f"a{number}" for number in range(3)), "deadly", *(f"b{number}" for number in range(26)))
    crew = Pool(settings(), 1)
    try:
        for task in work:
            crew.submit(task)
        found: list[Report] = []
        end = time.monotonic() + 60
        while len(found) < len(work):
            assert time.monotonic() < end
            found += crew.reports(0.1)
    finally:
        crew.close()
    assert [report.number for report in found if report.error] == [3]


def test_workers_are_started_as_they_are_needed_and_end_at_once(crew: Pool, tmp_path: Path) -> None:
    assert crew.room == 4
    first, second = tasks(tmp_path, "slow", "slow2")
    crew.submit(first)
    children = psutil.Process().children()
    assert len(children) == 1
    crew.submit(second)
    assert crew.room == 2
    children = psutil.Process().children()
    assert len(children) == 2
    start = time.monotonic()
    crew.close()
    assert time.monotonic() - start < 4
    assert not any(child.is_running() for child in children)


def test_a_worker_that_cannot_start_ends_the_batch(crew: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(OSError, match=r"No worker can be started: it ended unexpectedly \(with status 3\)"):
        all_reports(crew, tasks(tmp_path, "a", "b"))


def test_a_library_that_cannot_be_loaded_is_told(crew: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "command", lambda *_: [sys.executable, "-c", "import no_such_library"])
    monkeypatch.setitem(sys.modules, "kernels.batch.worker", None)
    with pytest.raises(ImportError):
        all_reports(crew, tasks(tmp_path, "a"))


def test_a_worker_has_one_thread_for_everything(tmp_path: Path) -> None:
    worker = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from kernels.batch import worker
from kernels.batch.messages import Report
def run(task, settings):
    import os
    from kernels.filtering.backends.workers import processors
    from kernels.opencv import cv2
    found = [processors(), cv2.getNumThreads(), os.environ["OPENBLAS_NUM_THREADS"], os.environ["OMP_NUM_THREADS"]]
    return Report(task.number, error=" ".join(map(str, found)))
worker.run_task = run
worker.serve(None)
"""
    crew = Pool(settings(), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "command", lambda *_: [sys.executable, "-c", worker])
        try:
            assert all_reports(crew, tasks(tmp_path, "a"))[0].error == "1 1 1 1"
        finally:
            crew.close()


def test_a_worker_ends_when_whoever_started_it_is_gone(tmp_path: Path) -> None:
    """It ends although it is at work, and leaves no half file."""
    (task,) = tasks(tmp_path, "slow")
    run = subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert run.stdin is not None
    assert run.stdout is not None
    processes.send(run.stdin, settings())
    processes.send(run.stdin, task)
    assert next(processes.received(run.stdout, Ready | Report)) == Ready()
    begun = tmp_path / "in" / "slow.png.begun"
    while not begun.exists():
        time.sleep(0.01)
    run.stdin.close()
    assert run.wait(20) != 0
    run.stdout.close()
    assert set(contents(tmp_path)) == {"in/slow.png", "in/slow.png.begun"}


def test_the_command_becomes_a_worker(tmp_path: Path) -> None:
    (task,) = tasks(tmp_path, "a")
    run = subprocess.Popen(
        processes.command("batch", "--serve"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert run.stdin is not None
    assert run.stdout is not None
    processes.send(run.stdin, settings())
    processes.send(run.stdin, task)
    messages = processes.received(run.stdout, Ready | Report)
    assert next(messages) == Ready()
    report = next(messages)
    assert report.error == ""
    assert (tmp_path / "a.png").exists()
    run.communicate(timeout=20)


def test_short_tasks_are_given_out_ahead_and_long_ones_are_not(crew: Pool, tmp_path: Path) -> None:
    names = [f"a{number}" for number in range(300)]
    work = tasks(tmp_path, *names, "slow")
    most = 0
    for _ in range(20):  # on a machine with much else to do even these are not always short
        given = 0
        while crew.room and given < 300:
            crew.submit(work[given])
            given += 1
        most = max(most, given)
        while given:
            given -= len(crew.reports(1))
    assert 8 < most <= 256
    os.truncate(work[-1].source, 1 << 30)  # by its size
    crew.submit(work[-1])
    assert crew.room == 3
