"""Thousands of files, a process killed at any moment, a disk that is full: by the real command, with real workers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from kernels import processes
from kernels.batch.manifest import NAME
from tests.kernels.batch.conftest import contents, picture

pytestmark = pytest.mark.slow


def _heeding() -> None:
    """Heed Ctrl-C, also where whoever runs the tests ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def command(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        processes.command("batch", *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heeding,
    )


def batch(*words: str, status: int = 0) -> tuple[str, str]:
    run = command(*words)
    said = run.communicate(timeout=300)
    assert run.returncode == status, said
    return said


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 2,000 small pictures, 20 of them bad."""
    folder = tmp_path_factory.mktemp("many") / "in"
    for number in range(2000):
        path = folder / f"{number % 7}" / f"{number:04}.{('png', 'jpg', 'bmp', 'tif')[number % 4]}"
        picture(path, number % 50, (24, 32))
        if number % 100 == 5:
            path.write_bytes(path.read_bytes()[: number % 60])
    return folder


@pytest.fixture(scope="module")
def undisturbed(many: Path) -> Path:
    """Return what a batch makes of them that nothing disturbs."""
    out = many.parent / "undisturbed"
    _, said = batch("gaussian(sigma=2)", str(many), str(out), status=4)
    assert said == "kernelscope batch: 20 of 2,000 files failed; the reasons stand above.\n"
    assert len(contents(out)) == 1980
    return out


def test_run_again_only_what_failed_is_tried(many: Path, undisturbed: Path) -> None:
    before = contents(undisturbed)
    start = time.monotonic()
    out, _ = batch("gaussian(sigma=2)", str(many), str(undisturbed), status=4)
    assert "0 filtered, 1,980 kept, 20 failed" in out
    assert time.monotonic() - start < 20
    assert contents(undisturbed) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
@pytest.mark.parametrize("moments", [(0.7, 1.6, 2.4), (1.2, 0.9, 3.0)])
def test_killed_midway_it_ends_as_if_nothing_had_happened(
    many: Path, undisturbed: Path, tmp_path: Path, moments: tuple[float, ...]
) -> None:
    words = ("gaussian(sigma=2)", str(many), str(tmp_path / "out"))
    for moment in moments:
        run = command(*words)
        time.sleep(moment)
        workers = psutil.Process(run.pid).children()
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        _, alive = psutil.wait_procs(workers, 20)
        assert not alive
    batch(*words, status=4)
    assert contents(tmp_path / "out") == contents(undisturbed)
    assert not list((tmp_path / "out").rglob("*.part"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_killed_workers_cost_nothing(many: Path, undisturbed: Path, tmp_path: Path) -> None:
    run = command("gaussian(sigma=2)", str(many), str(tmp_path / "out"), "--workers", "2")
    for _ in range(3):
        time.sleep(1.5)
        for worker in psutil.Process(run.pid).children()[:1]:
            worker.kill()
    assert run.communicate(timeout=300)[1].startswith("kernelscope batch: 20 of 2,000")
    assert contents(tmp_path / "out") == contents(undisturbed)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
@pytest.mark.parametrize("kind", ["tif", "zarr"])
def test_killed_at_a_file_that_all_work_on(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "in"
    source.mkdir()
    np.save(source / "large.npy", np.random.default_rng(0).integers(0, 256, (12_000, 6_000), np.uint8))
    words = ("gaussian(sigma=2)", str(source), "--range", "minmax", "--format", kind)
    batch(*words, str(tmp_path / "roomy"), "--workers", "1")
    tight = (*words, str(tmp_path / "out"), "--memory", "200M", "--workers", "2")
    for moment in (1.5, 2.5):
        run = command(*tight)
        time.sleep(moment)
        workers = psutil.Process(run.pid).children()
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        psutil.wait_procs(workers, 20)
    batch(*tight)
    assert '"course":{' in (tmp_path / "out" / NAME).read_text()
    assert contents(tmp_path / "out") == contents(tmp_path / "roomy")
    assert not list((tmp_path / "out").rglob("*.part*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of a quarter of a megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("there is no mount")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("only the administrator mounts disks")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    source = tmp_path / "in"
    for number in range(100):
        picture(source / f"{number:03}.bmp", number, (40, 100))
    out = small_disk / "out"
    said, complaint = batch("box", str(source), str(out), status=4)
    assert "no room left" in said
    assert "of 100 files failed" in complaint
    written = contents(out)
    assert 5 < len(written) < 70
    assert not list(out.rglob("*.part"))
    # Where there is room again, what is missing is done.
    subprocess.run(["mount", "-o", "remount,size=10m", str(small_disk)], check=True)
    batch("box", str(source), str(out))
    batch("box", str(source), str(tmp_path / "roomy"))
    assert contents(out) == contents(tmp_path / "roomy")
