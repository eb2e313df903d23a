"""The command ``kernelscope``: hands subcommands over before Qt is imported, else opens the window."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments without the program's name; those of the process when not given.

    Returns
    -------
    int
        The exit status: 0; 1 after an internal fault; 2 after wrong usage; 3 when Qt cannot start; 130 after Ctrl-C.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)

    from kernels import cli

    if cli.is_subcommand(arguments):
        return cli.main(arguments)

    from viewer import preflight

    reason = preflight.problem()
    if reason is not None:
        _complain(f"kernelscope: {reason}.")
        return 3

    from viewer import app

    return app.run(arguments)


def _complain(text: str) -> None:
    """Write `text` to the console, or show it where there is none (``kernelscope-window`` on Windows)."""
    if sys.stderr is not None:
        print(text, file=sys.stderr)
    elif sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, text, "Kernelscope", 0x10)


if __name__ == "__main__":
    sys.exit(main())
