"""Keeping libpng, libtiff and libjpeg from writing beside our own sentence: they print to the console from C."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2
_lock = threading.Lock()
_users = 0
_kept: int | None = None


@contextmanager
def quiet() -> Iterator[None]:
    """Send what is written to the console's error stream nowhere while a decoder runs.

    It holds for the whole process, so use it around the call into the decoder alone. Threads may overlap; the stream
    comes back when the last one has left.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _users, _kept
    with _lock:
        _users += 1
        if _users > 1:
            return
        try:
            _kept = os.dup(_STDERR)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, _STDERR)
            os.close(nowhere)
        except OSError:
            # There is no such stream, as in a program without a console: nothing can be printed then either.
            _forget()


def _leave() -> None:
    global _users
    with _lock:
        _users -= 1
        if _users == 0 and _kept is not None:
            os.dup2(_kept, _STDERR)
            _forget()


def _forget() -> None:
    global _kept
    if _kept is not None:
        os.close(_kept)
        _kept = None
