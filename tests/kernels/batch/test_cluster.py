"""A batch on a Dask cluster: a real scheduler and real workers, on the loopback address only."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from kernels.batch import cluster
from kernels.commands import cli
from tests.kernels.batch.conftest import contents, picture
from tests.kernels.batch.test_large_batches import batch, command
from tests.kernels.batch.test_pool import WORKER

pytest.importorskip("distributed", reason="the extra cluster is not installed")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
KERNEL = "gaussian(sigma=2)"

OTHER_VERSION = "from kernels.batch import station; station.program = lambda: '0.0.9'"
NO_PROGRAM = "import sys; sys.modules['kernels.batch.station'] = None"
ELSEWHERE = """
from kernels.batch import station
def elsewhere(visit, card=station._card):
    return card(station.Visit({source!r} + visit.source, {target!r} + visit.target))
if station._card is not elsewhere:
    station._card = elsewhere
"""
SLOW = f"""
import sys
from kernels import processes
processes.command = lambda *_: [sys.executable, "-c", {WORKER!r}]
"""


def wait_until(is_true: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.02)


def dask(folder: Path, *words: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start a part of a cluster as its command does, and return it with what it says once it is there."""
    ready = {"scheduler": r"Scheduler at: +(\S+)", "worker": r"(Starting established connection)"}[words[0]]
    log = folder / f"{words[0]}-{time.monotonic_ns()}.log"
    with open(log, "wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            stdout=subprocess.DEVNULL,
            stderr=file,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    wait_until(lambda: re.search(ready, log.read_text(encoding="utf-8")) or process.poll() is not None)
    said = re.search(ready, log.read_text(encoding="utf-8"))
    assert said is not None
    return process, said[1]


def end_all(process: subprocess.Popen[bytes]) -> None:
    """End a process at once, and those that it started."""
    below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    for each in (process, *below):
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    process.wait()
    psutil.wait_procs(below, 20)


class Machines:
    """The processes of a cluster."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        words = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", *options]
        self.scheduler, self.address = dask(folder, "scheduler", *words)
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self, preload: str = "") -> subprocess.Popen[bytes]:
        """Start a worker with a thread of its own; it runs a text before anything else."""
        words = [self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1"]
        if preload:
            script = self._folder / f"preload{len(self.workers)}.py"
            script.write_text(preload)
            words += ["--preload", str(script)]
        worker, _ = dask(self._folder, "worker", *words)
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            end_all(process)


@pytest.fixture
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A scheduler without workers."""
    found = Machines(tmp_path_factory.mktemp("machines"))
    yield found
    found.end()


def ended(target: Path) -> dict[str, tuple[int, int]]:
    """Return which files were done by a batch's own list, and what their results are known by."""
    found = {}
    for line in (target / ".kernelscope-batch.jsonl").read_bytes().split(b"\n")[:-1]:
        entry = json.loads(line)
        if entry.get("status") == "done":
            status = os.stat(target / entry["target"])
            found[entry["target"]] = (status.st_ino, status.st_mtime_ns)
    return found


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a folder of 200 pictures, two of them bad."""
    folder = tmp_path / "in"
    for number in range(200):
        picture(folder / f"{number % 5}" / f"{number:03}.png", number % 20, (200, 300))
    for name in ("0/100.png", "3/033.png"):
        (folder / name).write_bytes((folder / name).read_bytes()[:1000])
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_a_worker_that_is_killed_costs_nothing(machines: Machines, many: Path, tmp_path: Path) -> None:
    killed = machines.add_worker()
    machines.add_worker()
    out, report = tmp_path / "out", tmp_path / "report.json"
    run = command(KERNEL, str(many), str(out), "--scheduler", machines.address, "--report", str(report))
    wait_until(lambda: len(list(out.rglob("*.png"))) > 30)
    before = ended(out)
    own = psutil.Process(killed.pid).children()
    assert len(own) == 1
    killed.kill()
    said, complaint = run.communicate(timeout=120)
    assert run.returncode == 4, complaint
    assert "198 filtered, 0 kept, 2 failed" in said
    assert "2 of 200 files failed" in complaint
    assert not psutil.wait_procs(own, 20)[1]
    # What was done was not done again, everything is told once, and nobody was left out.
    assert len(before) > 10
    after = ended(out)
    assert {name: after[name] for name in before} == before
    rows = json.loads(report.read_text())
    assert len({row["source"] for row in rows}) == len(rows) == 200
    batch(KERNEL, str(many), str(tmp_path / "undisturbed"), status=4)
    assert contents(out) == contents(tmp_path / "undisturbed")
    assert not list(out.rglob("*.part"))
    assert "0 filtered, 198 kept" in batch(KERNEL, str(many), str(out), "--scheduler", machines.address, status=4)[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
@pytest.mark.parametrize("kind", ["tif", "zarr"])
def test_all_write_one_picture_together(machines: Machines, tmp_path: Path, kind: str) -> None:
    """By bands, each of which a worker reads and writes by itself; one of the workers is killed midway."""
    killed = machines.add_worker()
    machines.add_worker()
    out, report = tmp_path / "out", tmp_path / "report.json"
    picture(tmp_path / "in" / "small.png")
    picture(tmp_path / "in" / "large.npy", shape=(60_000, 600))
    words = ("gaussian(sigma=4)", str(tmp_path / "in"))
    options = ("--format", kind, "--range", "minmax", "--memory", "150M")
    run = command(*words, str(out), *options, "--scheduler", machines.address, "--report", str(report))
    written = "*.part" if kind == "tif" else "*.parts/0/c/*/*"
    wait_until(lambda: sum(part.stat().st_blocks for part in out.glob(written)) > 10_000)
    killed.kill()
    _, complaint = run.communicate(timeout=100)
    assert run.returncode == 0, complaint
    assert [row["status"] for row in json.loads(report.read_text())] == ["done"] * 2
    batch(*words, str(tmp_path / "undisturbed"), *options[:-1], "4G")
    assert contents(out) == contents(tmp_path / "undisturbed")
    assert not list(out.glob("*.part*"))


def test_a_worker_that_comes_later_works_too(machines: Machines, many: Path, tmp_path: Path) -> None:
    first = machines.add_worker()
    run = command(KERNEL, str(many), str(tmp_path / "out"), "--scheduler", machines.address)
    wait_until(lambda: (tmp_path / "out" / "0").exists())
    machines.add_worker()
    first.kill()
    run.communicate(timeout=120)
    assert run.returncode == 4
    assert len(contents(tmp_path / "out")) == 198


def test_the_scheduler_is_lost(machines: Machines, many: Path, tmp_path: Path) -> None:
    machines.add_worker()
    run = command(KERNEL, str(many), str(tmp_path / "out"), "--scheduler", machines.address)
    wait_until(lambda: (tmp_path / "out" / "0").exists())
    machines.scheduler.kill()
    _, complaint = run.communicate(timeout=60)
    assert run.returncode == 2
    assert complaint == (
        f"kernelscope batch: The scheduler at {machines.address} is gone; the same command goes on from there.\n"
    )


@pytest.mark.parametrize(
    ("preload", "said"),
    [
        (OTHER_VERSION, "has Kernelscope 0.0.9; all need "),
        (NO_PROGRAM, "has no Kernelscope that batches need; all need "),
        (ELSEWHERE.format(source="/elsewhere", target=""), "/in; all need the same files at the same path."),
        (ELSEWHERE.format(source="", target="/elsewhere"), "/out; all need the same files at the same path."),
    ],
)
def test_workers_that_are_refused(machines: Machines, tree: Path, tmp_path: Path, preload: str, said: str) -> None:
    machines.add_worker(preload)
    _, complaint = batch(KERNEL, str(tree), str(tmp_path / "out"), "--scheduler", machines.address, status=2)
    assert complaint.startswith("kernelscope batch: The worker at tcp://127.0.0.1:")
    assert said in complaint
    assert complaint.count("\n") == 1
    assert os.listdir(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("preload", "said"),
    [(OTHER_VERSION, "has Kernelscope 0.0.9; all need "), (NO_PROGRAM, "has no Kernelscope that batches need; ")],
)
def test_a_scheduler_that_is_refused(tree: Path, tmp_path: Path, preload: str, said: str) -> None:
    (tmp_path / "preload.py").write_text(preload)
    machines = Machines(tmp_path, "--preload", str(tmp_path / "preload.py"))
    try:
        _, complaint = batch(KERNEL, str(tree), str(tmp_path / "out"), "--scheduler", machines.address, status=2)
        assert complaint.startswith(f"kernelscope batch: The scheduler at {machines.address} {said}")
        assert complaint.count("\n") == 1
    finally:
        machines.end()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make certificates with")
def test_certificates_of_dasks_configuration(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*words, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE", str(certificate))
    for part in ("SCHEDULER", "WORKER", "CLIENT"):
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{part}__CERT", str(certificate))
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{part}__KEY", str(key))
    machines = Machines(tmp_path, "--protocol", "tls")
    try:
        assert machines.address.startswith("tls://127.0.0.1:")
        machines.add_worker()
        _, complaint = batch(KERNEL, str(tree), str(tmp_path / "out"), "--scheduler", machines.address)
        assert complaint == ""
        assert len(contents(tmp_path / "out")) == 5
    finally:
        machines.end()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_an_interrupt_ends_what_runs_there(machines: Machines, tmp_path: Path) -> None:
    worker = machines.add_worker(SLOW)
    for name in ("quick", "slow", "slow2", "slow3"):
        picture(tmp_path / "in" / f"{name}.png")
    out = tmp_path / "out"
    run = command(KERNEL, str(tmp_path / "in"), str(out), "--scheduler", machines.address)
    wait_until((out / "quick.png").exists)
    wait_until(lambda: len(psutil.Process(worker.pid).children()) == 1)
    own = psutil.Process(worker.pid).children()
    time.sleep(0.5)  # it has begun the next one by now
    run.send_signal(signal.SIGINT)
    _, complaint = run.communicate(timeout=20)
    assert run.returncode == 130
    assert "interrupted: 1 filtered, 0 kept, 0 failed; the same command goes on from there." in complaint
    assert not psutil.wait_procs(own, 20)[1]
    assert list(contents(out)) == ["quick.png"]
    assert worker.poll() is None


def test_a_picture_that_ends_its_process_costs_only_itself(machines: Machines, tmp_path: Path) -> None:
    worker = machines.add_worker(SLOW)
    for name in ("a", "deadly", "once", "z"):
        picture(tmp_path / "in" / f"{name}.png")
    words = (KERNEL, str(tmp_path / "in"), str(tmp_path / "out"), "--scheduler", machines.address)
    said, _ = batch(*words, status=4)
    assert (
        "deadly.png: the process that worked on it ended unexpectedly (with status 9), at the second try too." in said
    )
    assert {name for name in contents(tmp_path / "out") if name.endswith(".png")} == {"a.png", "once.png", "z.png"}
    assert worker.poll() is None
    # Nothing waits for more work once the batch is over.
    wait_until(lambda: not psutil.Process(worker.pid).children())


def test_nobody_is_there(
    machines: Machines,
    tree: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(cluster, "_WITHOUT_WORKERS", 0.5)
    monkeypatch.setattr(cluster, "_PATIENCE", 1.0)
    words = ["batch", KERNEL, str(tree), str(tmp_path / "out"), "--scheduler", machines.address]
    at = f"at {machines.address}"
    assert cli.main(words) == 2
    assert capsys.readouterr().err == f"kernelscope batch: The cluster {at} has no workers; dask worker adds one.\n"
    machines.end()
    assert cli.main(words) == 2
    said = f"kernelscope batch: No Dask scheduler answers {at}; dask scheduler starts one.\n"
    assert capsys.readouterr().err == said


def test_the_commands_of_the_readme(tree: Path, tmp_path: Path) -> None:
    """They start a cluster and use it; only the address and the folders are others here."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("### A cluster")[2]
    text = text.partition("```sh\n")[2].partition("```")[0]
    for written, here in (
        ("192.168.1.10", "127.0.0.1"),
        ("8786", port),
        ("/shared/photos", str(tree)),
        ("/shared/edges", str(tmp_path / "out")),
    ):
        assert written in text
        text = text.replace(written, here)
    *starting, use = map(shlex.split, text.splitlines())
    assert [words[:2] for words in starting] == [["dask", "scheduler"], *[["dask", "worker"]] * 2]
    assert use[:2] == ["kernelscope", "batch"]
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.extend(dask(tmp_path, *words[1:])[0] for words in starting)
        batch(*use[2:])
        assert len(contents(tmp_path / "out")) == 5
    finally:
        for process in started:
            end_all(process)
