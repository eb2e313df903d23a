"""The workers of a Dask cluster do the tasks of a batch; Dask hands them out, and nothing more."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import re
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from kernels.batch.bands import BandTask
from kernels.batch.manifest import program
from kernels.batch.messages import FileTask, Report
from kernels.batch.settings import BatchSettings
from kernels.batch.station import Card, End, Order, Visit, serve
from kernels.errors import quoted, shown

_OLDEST = (2026, 1)
"""Of `distributed`: what is older lets others run code (CVE-2026-23528)."""
_AHEAD = 4
"""Tasks that are given out for each thread at once, so that it need not wait for the next."""
_PATIENCE = 10.0
"""Seconds for the scheduler to answer, and for workers to end what they are at."""
_WITHOUT_WORKERS = 30.0
"""Seconds for workers to come, or lost ones to come back, when there is none."""
_MOMENT = 0.005
"""Seconds from one look at whether there are answers to the next."""
_LOOK = 1.0
"""Seconds from one look at who belongs to the cluster to the next."""


class _Worker(NamedTuple):
    threads: int
    card: Card


class _Given(NamedTuple):
    """A task that was given out, and the workers that may do it."""

    task: FileTask | BandTask
    workers: frozenset[str]


class Cluster:
    """A `Scheduler`: the workers of a Dask cluster, those that come later too.

    Parameters
    ----------
    settings : BatchSettings
    address : str
        Of Dask's scheduler, see `checked_address`. The certificates of ``tls://`` are those of Dask's configuration.
    source, target : Path
        What the batch reads, and the folder that it writes to; the workers must see both under these names.

    Raises
    ------
    ValueError, OSError
        In one sentence: the extra is missing, nobody answers, there are no workers, or one of them sees other files or
        is of another version.
    """

    def __init__(self, settings: BatchSettings, address: str, source: Path, target: Path) -> None:
        self._address = checked_address(address)
        self._settings = settings
        self._packed = msgspec.Raw(msgspec.msgpack.encode(settings))
        self._batch = secrets.token_hex(8)
        self._source, self._target = source, target
        self._workers: dict[str, _Worker] = {}
        self._refused: dict[str, str] = {}
        # By Dask's futures of the answers.
        self._given: dict[Any, _Given] = {}
        self._seen = time.monotonic()
        self._next_look = 0.0
        self._client, self._answered = _connected(self._address)
        try:
            self._check_scheduler()
            while not self._workers:
                self._look()
                if self._refused:
                    raise ValueError(next(iter(self._refused.values())))
                self._check_patience("has no workers")
                time.sleep(0.05)
        except BaseException:
            self.close()
            raise

    @property
    def room(self) -> int:
        return _AHEAD * sum(worker.threads for worker in self._workers.values()) - len(self._given)

    @property
    def shares(self) -> tuple[float, float]:
        """Bytes for each of those that work at once, and for one that works alone, on the smallest of the machines."""
        threads: dict[str, int] = {}
        for worker in self._workers.values():
            threads[worker.card.host] = threads.get(worker.card.host, 0) + worker.threads
        free = {worker.card.host: self._settings.memory or worker.card.memory for worker in self._workers.values()}
        return min((free[host] / threads[host] for host in free), default=0.0), min(free.values(), default=0.0)

    def submit(self, task: FileTask | BandTask) -> None:
        workers = frozenset(self._workers)
        order = msgspec.msgpack.encode(Order(self._batch, self._packed, task))
        key = f"kernelscope-{self._batch}-{task.number}-{secrets.token_hex(4)}"
        with self._scheduler_there():
            future = self._client.submit(serve, order, key=key, workers=list(workers), pure=False)
            self._answered.add(future)
        self._given[future] = _Given(task, workers)

    def reports(self, timeout: float) -> list[Report]:
        if time.monotonic() >= self._next_look:
            self._look()
            self._check_patience("has no workers left")
        end = time.monotonic() + timeout
        while not self._answered.has_ready() and time.monotonic() < end:
            time.sleep(_MOMENT)
        # Dask has fetched the answers already: what stays with its worker is lost with it, and done once more.
        answered = self._answered.next_batch(block=False)
        # A task that was given out again is answered by its newer future.
        return [self._report(future, answer) for future, answer in answered if future in self._given]

    def close(self) -> None:
        """End what is at work for this batch, wherever that is."""
        from distributed import wait

        futures = list(self._given)
        self._given.clear()
        # Of a scheduler that is gone nothing can be asked any more.
        with contextlib.suppress(Exception):
            if self._client.status == "running":
                end = msgspec.msgpack.encode(End(self._batch))
                self._client.run(serve, end, workers=list(self._workers), on_error="ignore")
                if futures:
                    wait(futures, timeout=_PATIENCE)
        with contextlib.suppress(Exception):
            self._client.close(timeout=_PATIENCE)

    def _report(self, future: Any, answer: Any) -> Report:
        """Return the report of a task that was answered, or that no worker lived to answer."""
        from distributed import KilledWorker

        task = self._given.pop(future).task
        if isinstance(answer, bytes):
            report: Report = msgspec.msgpack.decode(answer, type=Report)
            return report
        if future.status != "error":
            raise OSError(self._gone())
        problem = future.exception()
        if isinstance(problem, KilledWorker):
            return Report(task.number, error="every worker that it was given to was lost.")
        raise OSError(f"A worker of the cluster at {shown(self._address)} cannot work: {problem}")

    def _look(self) -> None:
        """Find out who belongs to the cluster: ask those who came, and give the tasks of those who left to others."""
        with self._scheduler_there():
            threads: dict[str, int] = self._client.nthreads()
        self._workers = {name: worker for name, worker in self._workers.items() if name in threads}
        new = [name for name in threads if name not in self._workers and name not in self._refused]
        if new:
            self._ask(new, threads)
        for future, given in list(self._given.items()):
            if self._workers and not given.workers & self._workers.keys():
                del self._given[future]
                future.cancel()
                self.submit(given.task)
        self._next_look = time.monotonic() + _LOOK
        if self._workers:
            self._seen = time.monotonic()

    def _check_scheduler(self) -> None:
        """Refuse a scheduler of another version: it takes the orders apart before it hands them on."""
        visit = msgspec.msgpack.encode(Visit(str(self._source), str(self._target)))
        with self._scheduler_there():
            try:
                answer = self._client.run_on_scheduler(serve, visit)
            except (ImportError, ValueError, AttributeError) as error:
                answer = error
        _, refusal = _identified(answer)
        if refusal:
            raise ValueError(f"The scheduler at {shown(self._address)} {refusal}")

    def _ask(self, names: list[str], threads: dict[str, int]) -> None:
        """Ask workers who they are; who is of another version, or sees other files, gets no task."""
        with _shown_file(self._target) as name, self._scheduler_there():
            visit = msgspec.msgpack.encode(Visit(str(self._source), name))
            answers = self._client.run(serve, visit, workers=names, on_error="return")
        for name, answer in answers.items():
            if isinstance(answer, OSError):
                continue  # It has left meanwhile.
            card, refusal = _identified(answer)
            refusal = refusal or self._missed(card)
            if refusal:
                self._refused[name] = f"The worker at {shown(name)} {refusal}"
            else:
                self._workers[name] = _Worker(threads[name], card)

    def _missed(self, card: Card) -> str:
        """Return what a worker does not see, as the rest of a sentence; empty if it sees all."""
        for is_there, path in ((card.sees_source, self._source), (card.sees_target, self._target)):
            if not is_there:
                return f"on {shown(card.host)} does not see {shown(path)}; all need the same files at the same path."
        return "" if card.may_write else f"on {shown(card.host)} may not write to {shown(self._target)}."

    def _check_patience(self, what: str) -> None:
        if time.monotonic() > self._seen + _WITHOUT_WORKERS:
            why = "".join(f" {each}" for each in list(self._refused.values())[:1])
            raise OSError(f"The cluster at {shown(self._address)} {what}; dask worker adds one.{why}")

    @contextlib.contextmanager
    def _scheduler_there(self) -> Iterator[None]:
        """Say in a sentence that the scheduler is gone."""
        try:
            yield
        except (OSError, AttributeError, RuntimeError) as error:
            raise OSError(self._gone()) from error

    def _gone(self) -> str:
        return f"The scheduler at {shown(self._address)} is gone; the same command goes on from there."


def checked_address(address: str) -> str:
    """Return the address of a scheduler in full: ``tcp://HOST:PORT`` (``HOST:PORT`` alone too) or ``tls://HOST:PORT``.

    Raises
    ------
    ValueError
    """
    full = address if "://" in address else f"tcp://{address}"
    try:
        parts = urlsplit(full)
        is_valid = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        is_valid = False
    if not is_valid or parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(
            f"{quoted(address)} is no address of a scheduler; valid are tcp://HOST:PORT and tls://HOST:PORT."
        )
    return full


def danger(address: str) -> str:
    """Return a sentence about an address that others may reach who should not; empty for this machine and ``tls://``."""
    parts = urlsplit(checked_address(address))
    if parts.scheme == "tls" or _is_loopback(str(parts.hostname)):
        return ""
    return (
        f"whoever reaches the scheduler at {shown(address)} can run code on its workers and here, since Dask unpickles "
        f"what it gets; use it in a network of your own only, or tls:// with certificates in Dask's configuration."
    )


def _is_loopback(host: str) -> bool:
    try:
        found = {str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return all(ipaddress.ip_address(each).is_loopback for each in found)


def _connected(address: str) -> tuple[Any, Any]:
    """Return Dask's client, connected, and what collects the answers that it gets."""
    try:
        import distributed
    except ImportError:
        distributed = None
    if distributed is None or tuple(map(int, re.findall(r"\d+", distributed.__version__)[:2])) < _OLDEST:
        raise OSError(
            "--scheduler takes a package more, distributed 2026.1 or newer: pip install 'kernelscope[cluster]'."
        )
    for name in ("distributed", "distributed.client", "tornado", "tornado.application"):
        # What matters of it is said in a sentence.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except OSError:
        raise OSError(f"No Dask scheduler answers at {shown(address)}; dask scheduler starts one.") from None
    except (TypeError, ValueError, RuntimeError) as error:
        raise OSError(f"{shown(address)} cannot be used: {error}.") from None
    return client, distributed.as_completed(loop=client.loop, with_results=True, raise_errors=False)


def _identified(answer: Any) -> tuple[Card, str]:
    """Return who answered, and the rest of a sentence if that is of another version."""
    own = program()
    try:
        card = msgspec.msgpack.decode(answer, type=Card)
    except (TypeError, msgspec.MsgspecError):
        card = Card("", "", 0.0, False, False, False)
    has = f"Kernelscope {card.program}" if card.program else "no Kernelscope that batches need"
    return card, "" if card.program == own else f"has {has}; all need {own}, as it is here."


@contextlib.contextmanager
def _shown_file(folder: Path) -> Iterator[str]:
    """Make a file for a moment that nobody has seen before: who sees it sees this folder, not one of the same name."""
    path = folder / f".kernelscope-{secrets.token_hex(6)}.seen"
    path.touch()
    try:
        yield str(path)
    finally:
        os.remove(path)
