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
        The exit status: 0; 1 after an internal fault; 2 after wrong usage; 3 when Qt cannot start or a system library
        is missing; 130 after Ctrl-C.
    """
    try:
        return _dispatch(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return 130


def _dispatch(arguments: list[str]) -> int:
    """Run the subcommand that `arguments` name, or the window."""
    from viewer import preflight

    try:
        from kernels import cli
    except ImportError as error:
        if not preflight.is_library_failure(error):
            raise
        # OpenCV needs system libraries too, some of them the same as Qt's: name them all at once.
        _complain(preflight.problem() or preflight.describe_failure(error))
        return 3
    if cli.is_subcommand(arguments):
        return cli.main(arguments)

    reason = preflight.problem()
    if reason is not None:
        _complain(reason)
        return 3

    from viewer import app

    return app.run(arguments)


def _complain(reason: str) -> None:
    """Write `reason` to the console, or show it where there is none (``kernelscope-window`` on Windows)."""
    text = f"kernelscope: {reason}."
    if sys.stderr is not None:
        print(text, file=sys.stderr)
    elif sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, text, "Kernelscope", 0x10)


if __name__ == "__main__":
    sys.exit(main())
