"""Workers that are started before there is anything for them to do."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from kernels import processes
from kernels.batch import starting
from kernels.batch.pool import Pool
from kernels.commands import batch, filtering
from kernels.commands.arguments import Parser
from tests.kernels.batch.conftest import contents, picture, settings
from tests.kernels.batch.test_pool import ROOT, all_reports, tasks

WAITS = [sys.executable, "-c", "import sys; sys.stdin.read()"]


@pytest.mark.parametrize(("files", "workers", "begun"), [(5, 3, 3), (2, 3, 2), (0, 3, 0)])
def test_no_more_than_there_are_files(
    files: int, workers: int, begun: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "command", lambda *_: WAITS)
    for number in range(files):
        (tmp_path / str(number)).touch()
    with starting.ahead(str(tmp_path), str(tmp_path / "out"), workers) as started:
        running = [each.process for each in started]
        assert [process.poll() for process in running] == [None] * begun
    assert all(process.returncode for process in running)


def test_a_file_has_one_and_nothing_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "command", lambda *_: WAITS)
    with starting.ahead(str(picture(tmp_path / "a.png")), str(tmp_path / "out"), 4) as started:
        assert len(started) == 1
    with starting.ahead(str(tmp_path / "b.png"), str(tmp_path / "out"), 4) as started:
        assert not started


def test_nobody_is_started_where_all_may_be_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "command", lambda *_: WAITS)
    picture(tmp_path / "in" / "a.png")
    target = tmp_path / "out"
    target.mkdir()
    with starting.ahead(str(tmp_path / "in"), str(target), 2) as started:
        assert len(started) == 1
    picture(target / "a.png")
    with starting.ahead(str(tmp_path / "in"), str(target), 2) as started:
        assert not started


def test_a_pool_takes_them_first_and_the_rest_are_ended(tmp_path: Path) -> None:
    work = tasks(tmp_path, "a", "b", "c")
    with starting.ahead(str(tmp_path / "in"), str(tmp_path / "out"), 2) as started:
        ahead = [each.process for each in started]
        crew = Pool(settings(), 1, started)
        try:
            found = all_reports(crew, work)
        finally:
            crew.close()
        assert not any(report.error for report in found.values())
        assert [process.poll() is None for process in ahead] == [True, False]
    assert ahead[0].returncode


def test_wrong_words_leave_no_process_and_no_file(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png")
    words = processes.command("batch", "no-such-kernel", "in", "out")
    found = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert found.stderr.startswith("kernelscope batch: ")
    assert found.stderr.count("\n") == 1
    assert list(contents(tmp_path)) == ["in/a.png"]


def test_whoever_hands_out_the_work_loads_nothing_to_do_it() -> None:
    check = (
        "import sys, kernels.batch.run, kernels.batch.starting, kernels.commands.batch, kernels.commands.filtering\n"
        "heavy = {'cv2', 'scipy', 'importlib.metadata', 'concurrent.futures', 'kernels.batch.tasks'}\n"
        "assert not heavy & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


def words(**given: str) -> argparse.Namespace:
    parser = Parser("kernelscope batch", "")
    batch.configure(parser)
    options = (word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value))
    return parser.parse(["1 2 1; 2 4 2; 1 2 1 / 16", "in", "out", *options])


def test_a_worker_reads_words_as_this_process_does_and_then_works(tmp_path: Path) -> None:
    work = tasks(tmp_path, "a", "b")
    given = words(padding="1,0", border="reflect", offset="3", range="abs", channel="luma", format="png", memory="500M")
    with starting.ahead(str(tmp_path / "in"), str(tmp_path / "out"), 1) as started:
        found = starting.ask(started, filtering.words(given))
        assert found is not None
        assert found == filtering.settings(given)
        assert started[-1].is_ready
        crew = Pool(found, 1, started)
        try:
            assert not any(report.error for report in all_reports(crew, work).values())
        finally:
            crew.close()


def test_of_wrong_words_a_worker_tells_nothing_and_lives(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png")
    with starting.ahead(str(tmp_path / "in"), str(tmp_path / "out"), 1) as started:
        assert starting.ask(started, filtering.words(words(border="none"))) is None
        assert starting.ask(started[:0], filtering.words(words())) is None
        assert started[0].process.poll() is None


def test_a_worker_that_has_ended_is_not_waited_for(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png")
    with starting.ahead(str(tmp_path / "in"), str(tmp_path / "out"), 1) as started:
        started[0].process.kill()
        started[0].process.wait()
        assert starting.ask(started, filtering.words(words())) is None


def test_whoever_gives_out_the_work_loads_nothing_that_computes(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from kernels.commands.cli import main\n"
        "status = main(['batch', 'binomial', 'in', 'out', '--format', 'jpg'])\n"
        "print(status, 'numpy' in sys.modules, 'cv2' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.splitlines()[-1] == "0 False False"
    assert (tmp_path / "out" / "a.jpg").exists()
