"""What a worker of a cluster does for a batch, and the messages that it gets and answers.

Dask carries bytes and the one function `serve`; both ends read the bytes as messages. The work itself is done by worker
processes of this program, as on the machine of whoever began the batch: a picture that ends its process does not end
Dask's, and what is given up ends at once.
"""

from __future__ import annotations

import os
import socket
import threading
import time

import msgspec

from kernels import memory
from kernels.batch.bands import BandTask
from kernels.batch.manifest import program
from kernels.batch.messages import FileTask, Report
from kernels.batch.pool import Pool
from kernels.batch.settings import BatchSettings

_TICK = 0.1
"""Seconds from one look at whether a batch is over to the next."""
_IDLE = 60.0
"""Seconds after which another batch may end what waits for work of this one: whoever began it may be gone."""


class Visit(msgspec.Struct, frozen=True, tag="visit"):
    """Asks a worker who it is, and whether it sees these two paths; answered with `Card`."""

    source: str
    target: str


class Order(msgspec.Struct, frozen=True, tag="order"):
    """A task of a batch, which has a name of its own, and its settings; answered with `Report`."""

    batch: str
    settings: msgspec.Raw
    task: FileTask | BandTask


class End(msgspec.Struct, frozen=True, tag="end"):
    """A batch is over: what is at work for it is given up. There is no answer."""

    batch: str


class Card(msgspec.Struct, frozen=True):
    """Who a worker is, and what it sees.

    Attributes
    ----------
    program : str
        What this program is known by there.
    host : str
        The name of its machine.
    memory : float
        Bytes that an operation may take there.
    sees_source, sees_target : bool
    may_write : bool
        Whether it may make files in the target.
    """

    program: str
    host: str
    memory: float
    sees_source: bool
    sees_target: bool
    may_write: bool


class _Desk:
    """What is there for one batch: the processes that wait for its tasks."""

    def __init__(self) -> None:
        self.waiting: list[Pool] = []
        self.used = time.monotonic()
        self.is_over = False


_desks: dict[str, _Desk] = {}
_lock = threading.Lock()
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Visit | Order | End)


def serve(message: bytes) -> bytes:
    """Answer a message; called by Dask, an order in one of its threads, anything else between two messages of its own.

    Raises
    ------
    OSError
        If no process can be started here.
    """
    read = _DECODER.decode(message)
    if isinstance(read, Visit):
        return _ENCODER.encode(_card(read))
    if isinstance(read, Order):
        return _ENCODER.encode(_done(read))
    with _lock:
        desk = _desks.setdefault(read.batch, _Desk())
        desk.is_over = True
        _dismiss(desk)
    return b""


def _card(visit: Visit) -> Card:
    return Card(
        program(),
        socket.gethostname(),
        memory.available() * memory.LARGEST_SHARE,
        os.access(visit.source, os.R_OK),
        os.path.exists(visit.target),
        os.access(os.path.dirname(visit.target), os.W_OK),
    )


def _done(order: Order) -> Report:
    """Have a process do a task, and return what it reports."""
    desk, pool = _taken(order)
    found: list[Report] = []
    try:
        pool.submit(order.task)
        while not found and not desk.is_over:
            found = pool.reports(_TICK)
    finally:
        with _lock:
            desk.used = time.monotonic()
            is_kept = bool(found) and not desk.is_over
            if is_kept:
                desk.waiting.append(pool)
        if not is_kept:
            pool.close()
    return found[0] if found else Report(order.task.number, error="the batch was ended.")


def _taken(order: Order) -> tuple[_Desk, Pool]:
    """Return a process that is free for a batch, and where it goes afterwards."""
    with _lock:
        desk = _desks.setdefault(order.batch, _Desk())
        for name, other in list(_desks.items()):
            if name != order.batch and time.monotonic() > other.used + _IDLE:
                _dismiss(other)
        if desk.waiting:
            return desk, desk.waiting.pop()
    return desk, Pool(msgspec.msgpack.decode(order.settings, type=BatchSettings), 1)


def _dismiss(desk: _Desk) -> None:
    """End the processes that wait, without waiting for their end: Dask's own messages are not held up."""
    pools, desk.waiting = desk.waiting, []
    for pool in pools:
        threading.Thread(target=pool.close).start()
