"""Processes of the program's own: how one is started, and the messages that go to it and come back.

A worker is the program itself, started again with a subcommand. It reads messages from its standard input and writes
its own to its standard output; a message is its length, four bytes, the largest first, and then itself in MessagePack.
Nothing is pickled and no script is imported again, so that a worker can be started from a notebook, from an unguarded
script and by a frozen program alike. A worker ends when its input does: when whoever started it is gone.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, TypeVar

if TYPE_CHECKING:
    import msgspec

LARGEST_MESSAGE = 1 << 26
"""Bytes of one message; more is no message."""

_HEADER = 4
_CHUNK = 1 << 16
_START = """import sys
sys.path.insert(0, sys.argv.pop(1))
from kernels.commands.cli import main
sys.exit(main(sys.argv[1:]))"""

T = TypeVar("T")


def command(*arguments: str) -> list[str]:
    """Return the words that start this program once more, with these arguments.

    Raises
    ------
    OSError
        If nobody knows which Python runs this, as in a program that embeds it.
    """
    if not sys.executable:
        raise OSError("it is not known which Python runs this program, so that no process of its own can be started")
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    # The folder of this package goes first, wherever the caller has it from; the working folder is not looked into.
    return [sys.executable, "-P", "-c", _START, str(Path(__file__).resolve().parents[1]), *arguments]


def send(file: BinaryIO, *messages: msgspec.Struct) -> None:
    """Write messages in one go and flush; the errors of a closed pipe are the system's."""
    import msgspec  # loaded when it is needed: a process is started before it

    packed = b""
    for message in messages:
        content = msgspec.msgpack.encode(message)
        if len(content) > LARGEST_MESSAGE:
            raise ValueError(
                f"a message of {len(content):,} bytes is longer than the {LARGEST_MESSAGE:,} that are read"
            )
        packed += len(content).to_bytes(_HEADER, "big") + content
    file.write(packed)
    file.flush()


class Receiver(Generic[T]):
    """Puts messages together from the bytes of a pipe, however they are cut.

    Parameters
    ----------
    kind : type
        A struct, or a union of tagged ones, that every message must be.
    """

    def __init__(self, kind: Any) -> None:
        import msgspec

        self._decoder = msgspec.msgpack.Decoder(kind)
        self._bytes = bytearray()

    def feed(self, content: bytes) -> list[T]:
        """Return the messages that are complete now.

        Raises
        ------
        ValueError
            If something else than messages came.
        """
        self._bytes += content
        found: list[T] = []
        start = 0
        while len(self._bytes) - start >= _HEADER:
            length = int.from_bytes(self._bytes[start : start + _HEADER], "big")
            if length > LARGEST_MESSAGE:
                raise ValueError(f"a message of {length:,} bytes was announced; the longest is {LARGEST_MESSAGE:,}")
            end = start + _HEADER + length
            if end > len(self._bytes):
                break
            found.append(self._decoder.decode(self._bytes[start + _HEADER : end]))
            start = end
        del self._bytes[:start]
        return found

    @property
    def waiting(self) -> int:
        """How many bytes of a message that is not complete are here."""
        return len(self._bytes)


def received(file: BinaryIO, kind: Any) -> Iterator[Any]:
    """Yield the messages of an unbuffered pipe as they come, until it ends; ValueError as `Receiver.feed`."""
    receiver: Receiver[Any] = Receiver(kind)
    while content := file.read(_CHUNK):
        yield from receiver.feed(content)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return this worker's pipes, in (for `received`) and out (for `send`); what is printed goes to standard error."""
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    outgoing = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return incoming, outgoing


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def lower_priority() -> None:
    """Let whoever is in front of the screen go first."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)


def blas_threads(number: int) -> dict[str, str]:
    """Return the environment in which every BLAS uses so many threads; it counts before NumPy is loaded."""
    names = *(f"{library}_NUM_THREADS" for library in ("OPENBLAS", "OMP", "MKL", "BLIS")), "VECLIB_MAXIMUM_THREADS"
    return dict.fromkeys(names, str(number))
