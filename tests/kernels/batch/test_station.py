"""What a worker of a cluster does, without a cluster; and what is said before there is one."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psutil
import pytest

from kernels import processes
from kernels.batch import station
from kernels.batch.cluster import Cluster, checked_address, danger
from kernels.batch.manifest import program
from kernels.batch.messages import FileTask, Report
from kernels.batch.station import Card, End, Order, Visit, serve
from kernels.commands import cli
from tests.kernels.batch.conftest import Here, settings
from tests.kernels.batch.test_pool import WORKER, tasks


@pytest.fixture(autouse=True)
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that end, or take long, at files of certain names."""
    monkeypatch.setattr(processes, "command", lambda *_: [sys.executable, "-c", WORKER])
    monkeypatch.setattr(station, "_desks", {})


def done(task: FileTask, name: str = "batch") -> Report:
    """Give an order."""
    order = Order(name, msgspec.Raw(msgspec.msgpack.encode(settings())), task)
    return msgspec.msgpack.decode(serve(msgspec.msgpack.encode(order)), type=Report)


def end(name: str = "batch") -> None:
    assert serve(msgspec.msgpack.encode(End(name))) == b""


def own_processes() -> list[psutil.Process]:
    return psutil.Process().children()


def wait_for_none() -> None:
    limit = time.monotonic() + 20
    while own_processes():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_a_visitor_is_told_who_is_here_and_what_is_seen(tmp_path: Path) -> None:
    (tmp_path / "shown").touch()

    def card(source: Path, target: Path) -> Card:
        return msgspec.msgpack.decode(serve(msgspec.msgpack.encode(Visit(str(source), str(target)))), type=Card)

    found = card(tmp_path, tmp_path / "shown")
    assert (found.program, found.host) == (program(), socket.gethostname())
    assert 1e6 < found.memory < psutil.virtual_memory().total
    assert (found.sees_source, found.sees_target, found.may_write) == (True, True, True)
    assert not card(tmp_path / "nowhere", tmp_path / "shown").sees_source
    assert not card(tmp_path, tmp_path / "hidden").sees_target
    assert not card(tmp_path, tmp_path / "nowhere" / "shown").may_write


def test_a_process_waits_for_the_next_task_until_its_batch_is_over(tmp_path: Path) -> None:
    first, second = tasks(tmp_path, "a", "b")
    assert done(first).error == ""
    (process,) = own_processes()
    assert done(second).error == ""
    assert own_processes() == [process]
    assert (tmp_path / "b.png").exists()
    end()
    wait_for_none()


def test_what_is_at_work_ends_with_its_batch(tmp_path: Path) -> None:
    found: list[str] = []
    (task,) = tasks(tmp_path, "slow")
    work = threading.Thread(target=lambda: found.append(done(task).error))
    work.start()
    while not own_processes():
        time.sleep(0.02)
    end("another batch")
    work.join(0.5)
    assert work.is_alive()
    end()
    work.join(20)
    assert found == ["the batch was ended."]
    assert not own_processes()
    # What was still on its way is not begun.
    assert done(task).error == "the batch was ended."
    assert not (tmp_path / "slow.png").exists()


def test_a_batch_that_is_not_heard_of_leaves_nothing_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = tasks(tmp_path, "a", "b", "c")
    done(first, "gone")
    (left,) = own_processes()
    done(second, "new")
    assert left.is_running()
    monkeypatch.setattr(station, "_IDLE", 0.0)
    done(third, "new")
    left.wait(20)
    end("new")
    wait_for_none()


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("tls://node:1", "tls://node:1"),
        ("[::1]:8786", "tcp://[::1]:8786"),
    ],
)
def test_addresses(given: str, full: str) -> None:
    assert checked_address(given) == full


@pytest.mark.parametrize(
    "given", ["", "node", "tcp://node", "node:x", "node:99999", "http://node:1", "tcp://a@b:1", "a:1/b"]
)
def test_what_is_no_address(given: str) -> None:
    with pytest.raises(
        ValueError, match=r"is no address of a scheduler; valid are tcp://HOST:PORT and tls://HOST:PORT"
    ):
        checked_address(given)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:1", "tcp://127.5.5.5:1", "tcp://localhost:1", "tls://192.0.2.1:1", "[::1]:1"]
)
def test_an_address_that_nobody_else_reaches_is_no_danger(address: str) -> None:
    assert danger(address) == ""


@pytest.mark.parametrize("address", ["192.0.2.1:1", "tcp://0.0.0.0:1", "[2001:db8::1]:1"])
def test_an_address_that_others_reach_is_warned_of(address: str) -> None:
    assert "can run code on its workers and here, since Dask unpickles what it gets" in danger(address)


def test_the_warning_is_given_once(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def cluster(chosen, *rest):
        asked.append(rest)
        return Here(chosen)

    monkeypatch.setattr("kernels.batch.cluster.Cluster", cluster)
    out = tmp_path / "out"
    assert cli.main(["batch", "box", str(tree), str(out), "--scheduler", "192.0.2.1:8786"]) == 0
    assert capsys.readouterr().err.startswith(
        "kernelscope batch: whoever reaches the scheduler at 192.0.2.1:8786 can run"
    )
    assert asked == [("192.0.2.1:8786", tree, out)]
    assert cli.main(["batch", "box", str(tree), str(out), "--scheduler", "tls://192.0.2.1:8786"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("library", [None, SimpleNamespace(__version__="2025.12.0")])
def test_without_the_extra(
    library: object, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", library)
    words = ["batch", "box", str(tree), str(tmp_path / "out"), "--scheduler", "127.0.0.1:8786"]
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert said == (
        "kernelscope batch: --scheduler takes a package more, distributed 2026.1 or newer: "
        "pip install 'kernelscope[cluster]'.\n"
    )
    assert os.listdir(tmp_path / "out") == []


def test_workers_of_this_machine_are_not_those_of_a_cluster(
    tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["batch", "box", str(tree), str(tmp_path / "out"), "--scheduler", "127.0.0.1:1", "--workers", "2"]
    assert cli.main(words) == 2
    assert "--workers are processes of this machine" in capsys.readouterr().err


def test_a_scheme_without_certificates(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with pytest.raises(OSError, match=r"^tls://127.0.0.1:1 cannot be used: "):
        Cluster(settings(), "tls://127.0.0.1:1", tmp_path, tmp_path)
