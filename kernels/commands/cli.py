"""The command line: ``kernelscope SUBCOMMAND ...``. Nothing here needs a display.

Exit status: 0; 2 for wrong usage or bad input, with one line on stderr; 1 for a fault of the program itself; 4 when
some files of a batch failed; 130 after Ctrl-C, SIGTERM or SIGHUP. Subcommands are imported only when they are called.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from kernels.commands.arguments import Parser, UsageError
from kernels.errors import shown

SUBCOMMANDS: dict[str, str] = {
    "kernels": "kernels.commands.catalogue",
    "apply": "kernels.commands.apply",
    "batch": "kernels.commands.batch",
    "gradient": "kernels.commands.gradient",
    "train": "kernels.commands.train",
    "evaluate": "kernels.commands.evaluate",
    "filters": "kernels.commands.filters",
}
"""Name and module of every subcommand."""

_ENDINGS = {"SIGINT": "interrupted.", "SIGTERM": "ended by SIGTERM.", "SIGHUP": "ended by SIGHUP."}
_LONGEST_WORD, _LONGEST_LINE = 300, 900
_OBJECTS = 20_000
"""That are made before Python looks for waste among them."""

# As the process ends, Python would look for waste among all objects, the whole program: 25 milliseconds for nothing.
atexit.register(gc.freeze)

DEBUG_VARIABLE = "KERNELSCOPE_DEBUG"
"""Set in the environment, it makes a fault of the program print its traceback."""


def is_subcommand(argv: Sequence[str]) -> bool:
    """Return whether the arguments (without the program's name) name a subcommand rather than a picture."""
    return bool(argv) and argv[0] in SUBCOMMANDS


def main(argv: Sequence[str]) -> int:
    """Run one subcommand.

    Parameters
    ----------
    argv : sequence of str
        The subcommand and its arguments, without the program's name.

    Returns
    -------
    int
        The exit status.

    Raises
    ------
    ImportError
        A library that the subcommand needs cannot be loaded.
    """
    if not is_subcommand(argv):
        return _complain("kernelscope", f"the subcommands are {', '.join(SUBCOMMANDS)}.", 2)
    name = argv[0]
    program = f"kernelscope {name}"
    _prepare_streams()
    try:
        with warnings.catch_warnings(), _interrupts_kept(), _waste_left():
            # A library's remark about a file must not stand beside the one line that says what is wrong.
            warnings.simplefilter("ignore")
            return _run(name, program, argv[1:])
    except UsageError as error:
        return _complain(program, f"{str(error).rstrip('.')}; see {program} --help.", 2)
    except BrokenPipeError:
        # Whoever read our output has seen enough; stdout must not be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError, MemoryError) as error:
        _print_traceback()
        return _complain(program, _sentence(error), 2)
    except KeyboardInterrupt as error:
        return _complain(program, str(error) or "interrupted.", 130)
    except ImportError:
        raise
    except Exception as error:
        _print_traceback()
        return _complain(program, f"internal fault: {type(error).__name__}: {error}", 1)


def _print_traceback() -> None:
    """Print where an error comes from, if the environment asks for it."""
    if os.environ.get(DEBUG_VARIABLE):
        import traceback

        traceback.print_exc()


def _run(name: str, program: str, arguments: Sequence[str]) -> int:
    module = importlib.import_module(SUBCOMMANDS[name])
    parser = Parser(program, f"{module.SUMMARY[0].upper()}{module.SUMMARY[1:]}.")
    module.configure(parser)
    try:
        found = parser.parse(arguments)
    except SystemExit as leave:
        # --help has printed its page.
        return int(leave.code or 0)
    status: int = module.run(found)
    if sys.stdout is not None:
        sys.stdout.flush()
    return status


@contextmanager
def _waste_left() -> Iterator[None]:
    """Have Python look for waste less often: loading a program makes many objects and hardly any waste."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _interrupts_kept() -> Iterator[None]:
    """Let every signal that asks the program to end do so as Ctrl-C does, so that what was begun is cleaned up.

    Ctrl-C ends as KeyboardInterrupt even where a library that is being loaded makes an ImportError of it. A signal
    that whoever started the program ignores (``nohup``) stays ignored.
    """
    seen: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        raise KeyboardInterrupt(_ENDINGS[signal.Signals(number).name])

    before = _taken_over(note) if threading.current_thread() is threading.main_thread() else {}
    try:
        yield
    except Exception as error:
        if seen:
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _taken_over(note: Callable[[int, FrameType | None], None]) -> dict[int, Any]:
    """Set the handler where the system's own is set, and return what was there."""
    before = {}
    for name in _ENDINGS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            before[number] = signal.signal(number, note)
    return before


def _sentence(error: Exception) -> str:
    """Return what an error says; the system's own words about standard output get their subject."""
    if isinstance(error, OSError) and error.strerror is not None:
        return f"{shown(str(error.filename or 'standard output'))} cannot be written or read: {error.strerror}."
    return str(error) or "out of memory."


def _complain(program: str, reason: str, status: int) -> int:
    """Print one line, whatever the reason holds, and return the exit status."""
    if sys.stderr is not None:  # closed; print would write to stdout instead
        words = (shown(word, _LONGEST_WORD) for word in reason.split())
        print(f"{program}: {shown(' '.join(words), _LONGEST_LINE)}", file=sys.stderr)
    return status


def _prepare_streams() -> None:
    """Print a question mark for a sign that the console does not have, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
