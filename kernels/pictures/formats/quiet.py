"""Keeping libpng, libtiff, libjpeg and OpenCV from writing beside our own sentence: they print from C."""

from __future__ import annotations

import os
import threading

from kernels.opencv import cv2

_STDERR = 2
#: OpenCV 5 moved the functions of the log level; 0 is silence in both.
_log = getattr(cv2.utils, "logging", cv2)
_lock = threading.Lock()
_users = 0
_kept: int | None = None
_level = 0


class quiet:  # used as a function is
    """Send what is written to the console's error stream nowhere while a decoder runs.

    It holds for the whole process, so use it around the call into the decoder alone. Threads may overlap; the stream
    comes back when the last one has left.
    """

    def __enter__(self) -> None:
        _enter()

    def __exit__(self, *_: object) -> None:
        _leave()


def _enter() -> None:
    global _users, _kept, _level
    with _lock:
        _users += 1
        if _users > 1:
            return
        _level = _log.getLogLevel()
        _log.setLogLevel(0)
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
        if _users > 0:
            return
        _log.setLogLevel(_level)
        if _kept is not None:
            os.dup2(_kept, _STDERR)
            _forget()


def _forget() -> None:
    global _kept
    if _kept is not None:
        os.close(_kept)
        _kept = None
