"""The command ``kernelscope``: hands subcommands over before Qt is imported, else opens the window."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernels.commands.arguments import Parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments without the program's name; those of the process when not given.

    Returns
    -------
    int
        The exit status: 0; 1 after an internal fault; 2 after wrong usage; 3 when Qt cannot start or a system library
        is missing; 130 after Ctrl-C.
    """
    try:
        return _dispatch(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return 130
    except ImportError as error:
        from viewer import preflight

        if not preflight.is_library_failure(error):
            raise
        # What OpenCV needs of the system Qt needs even without a display: name all of it at once.
        return _complain(preflight.problem({"QT_QPA_PLATFORM": "offscreen"}) or preflight.describe_failure(error), 3)


def _dispatch(arguments: list[str]) -> int:
    """Run the subcommand that `arguments` name, or the window."""
    from kernels.commands import cli
    from kernels.commands.arguments import UsageError

    # Before NumPy is loaded: our own threads use all processors, and those of BLAS, which wait for each other, would
    # hold them up. Training sets their number itself.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if cli.is_subcommand(arguments):
        return cli.main(arguments)
    try:
        picture = _picture(arguments)
    except UsageError as error:
        return _complain(f"{error}; see kernelscope --help", 2)
    except SystemExit as leave:
        # --help and --version have printed their text.
        return int(leave.code or 0)

    from viewer import preflight

    reason = preflight.problem()
    if reason is not None:
        return _complain(reason, 3)

    gc.disable()  # until the window stands: nothing that is made for it goes again
    from viewer import app

    return app.run([] if picture is None else [picture])


def _picture(arguments: list[str]) -> str | None:
    """Read the arguments of the window: one picture, or none."""
    import argparse

    from kernels.commands.arguments import Parser

    parser = Parser("kernelscope", "See what convolution does: to a picture, to one pixel, and inside a small CNN.")
    parser.usage = "kernelscope [IMAGE]\n       kernelscope SUBCOMMAND ..."
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("image", metavar="IMAGE", nargs="?", help="a picture file, or the name of a sample")
    parser.add_argument("--version", action="version")
    if any(word.startswith("-") for word in arguments):  # else nobody asks, and the window need not wait for it
        _describe(parser)
    picture: str | None = parser.parse(arguments).image
    return picture


def _describe(parser: Parser) -> None:
    """Give the parser what ``--version`` and ``--help`` print."""
    import importlib

    from kernels import __version__
    from kernels.commands.cli import SUBCOMMANDS

    parser.version = f"Kernelscope {__version__}"  # type: ignore[attr-defined]  # where --version looks for it
    lines = [f"  {name:<20}  {importlib.import_module(module).SUMMARY}" for name, module in SUBCOMMANDS.items()]
    parser.epilog = "\n".join(
        ["subcommands, which need no display (kernelscope SUBCOMMAND --help tells their options):", *lines]
    )


def _complain(reason: str, status: int) -> int:
    """Write `reason` to the console, or show it where there is none, and return the exit status."""
    text = f"kernelscope: {' '.join(reason.split())}."
    if sys.stderr is not None:
        print(text, file=sys.stderr)
    elif sys.platform == "win32":
        # kernelscope-window has no console on Windows.
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, text, "Kernelscope", 0x10)
    return status


if __name__ == "__main__":
    sys.exit(main())
