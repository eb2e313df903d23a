"""A worker process of a batch: tasks come through its standard input, reports go to its standard output."""

from __future__ import annotations

import _thread
import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NoReturn

from kernels import processes
from kernels.batch.bands import BandTask
from kernels.batch.messages import NUMBER, Arguments, FileTask, Ready, Report, Unclear
from kernels.batch.settings import BatchSettings
from kernels.batch.tasks import run_task
from kernels.files import sync_later
from kernels.filtering.backends.workers import limit_processors
from kernels.pictures.formats.quiet import quiet

_TOGETHER, _FEW = 0.05, 30
"""Seconds in which the reports of short tasks are put together, for each message wakes whoever waits for it; not when
only so few tasks are left, for whoever waits has more.
"""


def _write_first(file: int, content: bytes) -> None:
    if sys.platform == "win32":
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, content)  # and is then where what is printed goes
    else:
        os.pwrite(file, content, 0)


def _answer(question: Arguments, read: Callable[[dict[str, str | None]], BatchSettings]) -> BatchSettings | Unclear:
    try:
        return read(question.words)
    except Exception:  # whoever asked meets it too, and can tell what it is
        return Unclear()


def serve(read: Callable[[dict[str, str | None]], BatchSettings]) -> NoReturn:
    """Be a worker: the settings, then tasks come through standard input, reports go to standard output.

    It ends as its input does, at once.

    Parameters
    ----------
    read : callable
        Returns the settings that words of a command line come to, if it is asked for them before.
    """
    incoming, outgoing = processes.take_pipes()
    place = os.dup(2)
    with contextlib.suppress(OSError):  # whoever started this may have no file there
        os.lseek(place, NUMBER.size, os.SEEK_SET)  # what is printed goes behind the number
    processes.lower_priority()
    limit_processors(1)
    sync_later()
    # Whoever starts programs in the background has them ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main = threading.get_ident()
    messages: SimpleQueue[Any] = SimpleQueue()
    is_at_work = is_over = False

    def listen() -> None:
        nonlocal is_over
        # What follows something that is no message is none either.
        with contextlib.suppress(OSError, ValueError):
            for message in processes.received(incoming, Arguments | BatchSettings | FileTask | BandTask):
                messages.put(message)
        is_over = True
        messages.put(None)
        if not is_at_work:
            os._exit(0)  # there is nothing to put in order, which would take as long as ten small pictures
        # Whoever started this is gone: what it is at is given up too, even if it waits for the system.
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main, signal.SIGINT)
        else:
            _thread.interrupt_main()

    threading.Thread(target=listen, daemon=True).start()
    processes.send(outgoing, Ready())
    reports: SimpleQueue[Report] = SimpleQueue()
    are_few = threading.Event()

    def tell() -> None:
        while True:
            found = [reports.get()]
            are_few.wait(_TOGETHER)
            while not reports.empty():
                found.append(reports.get())
            processes.send(outgoing, *found)

    settings = messages.get()
    if isinstance(settings, Arguments):
        processes.send(outgoing, _answer(settings, read))
        settings = messages.get()
    threading.Thread(target=tell, daemon=True).start()
    gc.freeze()  # nothing of the program itself is ever waste
    with quiet():  # once, not for every file
        while (task := messages.get()) is not None and not is_over:
            is_at_work = True
            with contextlib.suppress(OSError):
                _write_first(place, NUMBER.pack(task.number))
            report = run_task(task, settings)
            is_at_work = False
            if messages.qsize() > _FEW:
                are_few.clear()
            elif not are_few.is_set():
                are_few.set()
            reports.put(report)
    os._exit(0)
