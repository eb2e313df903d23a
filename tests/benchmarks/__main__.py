"""Run all benchmarks and write one Markdown report: ``python -m tests.benchmarks [-o FILE] [NAME ...]``.

A benchmark is a module in this folder with a function ``benchmark(report)``, which is given a
`tests.benchmarks.report.Report`. A module that has only a ``main()`` is run in a process of its own, with ``--quick``
if it knows that, and what it prints is quoted. NAMEs choose some of them; those that say ``SLOW = True`` take minutes
and are left out unless they are named or ``--slow`` is given. Nothing here is a test: times depend on the machine.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.report import Report

FOLDER = Path(__file__).parent
#: Seconds that a benchmark in a process of its own may take.
LONGEST = 120.0


def benchmarks() -> dict[str, str]:
    """Return the source of each benchmark by name; reading it imports nothing."""
    sources = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("[!_]*.py"))}
    return {name: source for name, source in sources.items() if "\ndef benchmark(" in source or "\ndef main(" in source}


def measure(name: str, source: str, report: Report) -> None:
    """Run one benchmark."""
    if "\ndef benchmark(" in source:
        importlib.import_module(f"tests.benchmarks.{name}").benchmark(report)
        return
    arguments = ["--quick"] if '"--quick"' in source else []
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=True, cwd=FOLDER.parents[1])
    report.quote(name, done.stdout)


def main() -> None:
    """Run what was asked for and write the report."""
    found = benchmarks()
    parser = argparse.ArgumentParser(description="Run the benchmarks and write one Markdown report.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(found)}")
    parser.add_argument("-o", "--output", type=Path, help="where the report goes; otherwise it is printed only")
    parser.add_argument("--slow", action="store_true", help="run those too that take minutes")
    parser.add_argument("--budget", type=float, default=1.0, help="seconds for each comparison (1)")
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in found:
            parser.error(f"no benchmark is called {name!r}; there are {', '.join(found)}")
    report, start = Report(arguments.budget), time.perf_counter()
    usual = [name for name, source in found.items() if arguments.slow or "\nSLOW = True" not in source]
    for name in arguments.names or usual:
        try:
            measure(name, found[name], report)
        except Exception as error:
            report.note(f"{name} broke off: {type(error).__name__}: {error}")
    report.note(f"It took {(time.perf_counter() - start) / 60:.1f} minutes.")
    if arguments.output is not None:
        arguments.output.write_text(report.markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
