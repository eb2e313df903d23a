"""What the benchmarks have in common: interleaved measurements, and the Markdown that they end in."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from statistics import median

Work = Callable[[], object]

PACKAGES = ("numpy", "scipy", "opencv-python", "torch", "PyQt6", "pyqtgraph")

SETTLING = 0.02
"""Seconds for which a work is done before it is measured."""


class Report:
    """Collects what the benchmarks measure.

    Parameters
    ----------
    budget : float
        Seconds for each comparison, about.
    """

    def __init__(self, budget: float = 1.0) -> None:
        self.budget = budget
        self._lines: list[str] = []

    def section(self, title: str, text: str = "") -> None:
        """Begin a section; comparisons that follow are the rows of its table."""
        self._lines += ["", f"## {title}", ""]
        if text:
            self._lines += [text, ""]
        self._lines += ["| work | ours | best peer | ratio | target | how |", "|---|---|---|---|---|---|"]
        print(f"\n{title}", flush=True)

    def compare(
        self, name: str, own: Work, peers: Mapping[str, Work], target: float | None = None, how: str = ""
    ) -> float:
        """Add a row: our time, that of the best peer in the same run, and their ratio, which is returned."""
        times = interleaved([own, *peers.values()], self.budget)
        best, peer = min(zip(times[1:], peers, strict=True))
        ratio = times[0] / best
        goal = "" if target is None else f"{target:g}"
        mark = "" if target is None or ratio <= target else " **above**"
        self.row(name, seconds(times[0]), f"{seconds(best)} ({peer})", f"{ratio:.2f}{mark}", goal, how)
        return ratio

    def row(self, *cells: str) -> None:
        """Add a row as it is: work, ours, best peer, ratio, target, how."""
        self._lines.append("| " + " | ".join(cells) + " |")
        print("  " + "  ".join(cell for cell in cells if cell), flush=True)

    def note(self, text: str) -> None:
        """Add a paragraph below the table."""
        self._lines += ["", text]
        print("  " + text, flush=True)

    def quote(self, title: str, text: str) -> None:
        """Add a section with what a benchmark printed."""
        self._lines += ["", f"## {title.capitalize()}", "", "```", text.rstrip(), "```"]
        print(f"\n{title}\n{text}", flush=True)

    def markdown(self) -> str:
        """Return the report."""
        return "\n".join(["# Benchmarks", "", *machine(), *self._lines, ""])


def interleaved(works: list[Work], budget: float) -> list[float]:
    """Return the median seconds of each work; they take turns, so that what else the machine does meets all alike.

    At its turn each is done for a while before it is measured: threads of the one before look out for more work, some
    milliseconds long, on a processor that this one may need.
    """
    times: list[list[float]] = [[] for _ in works]
    end = time.perf_counter() + budget
    while len(times[0]) < 5 or (time.perf_counter() < end and len(times[0]) < 500):
        for work, spent in zip(works, times, strict=True):
            settled = time.perf_counter() + SETTLING
            while time.perf_counter() < settled:
                work()
            start = time.perf_counter()
            work()
            spent.append(time.perf_counter() - start)
    return [median(spent) for spent in times]


def seconds(value: float) -> str:
    """Return a time as text."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.3g} ms"


def machine() -> list[str]:
    """Return lines about the machine and the versions in use."""
    versions = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    load = f"; load at the start {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return [
        f"{time.strftime('%Y-%m-%d')}, commit {_commit()}, {platform.system()}, {_processor()}, "
        f"{os.cpu_count()} processors{load}.",
        "",
        ", ".join(versions) + ".",
        "",
        "Medians of runs that take turns with the peer's; a ratio is our time over that of the best peer.",
    ]


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
