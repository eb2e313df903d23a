"""Whole folders: the command beside a bare OpenCV loop in as many processes, and beside ``vips`` where there is one.

What counts is the time of the processors, of all processes together: others that are at work change it little.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import psutil

from kernels import processes
from kernels.opencv import cv2
from kernels.pictures.reading import open_sample
from tests.benchmarks.report import Report, seconds

SLOW = True

TARGET = 1.2
SIZES = {"small (300 × 200)": (200, 300, 3000), "screen (1200 × 800)": (800, 1200, 300)}
"""Rows, columns, and how many pictures."""
KERNEL = "1 2 1; 2 4 2; 1 2 1 / 16"
ROUNDS, VIPS_FILES = 3, 60

#: Reads, filters and writes every so many-th file, with the settings that the command writes with.
LOOP = """
import sys
from pathlib import Path
import cv2, numpy
cv2.setNumThreads(1)
source, target, first, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
kernel = numpy.outer([1, 2, 1], [1, 2, 1]) / 16
best = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
for path in sorted(source.iterdir())[first::step]:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    done = cv2.filter2D(pixels, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    cv2.imwrite(str(target / path.name), done, best if path.suffix == ".jpg" else [])
"""

Work = Callable[[list[Path], Path, int], None]


def benchmark(report: Report) -> None:
    """Compare the times for folders of pictures."""
    workers = psutil.cpu_count() or 1
    report.section(
        "Folders",
        f"Processor time for a file with {workers} processes, their start included.",
    )
    works: dict[str, Work] = {"ours": _command, "OpenCV": _loop}
    if shutil.which("vips"):
        works["vips"] = _vips
    else:
        report.note("There is no vips here (Debian: libvips-tools), so nothing is compared with it.")
    with tempfile.TemporaryDirectory() as folder:
        for size, (rows, columns, count) in SIZES.items():
            for suffix in (".jpg", ".png"):
                place = Path(folder) / f"{rows}{suffix}"
                files = _filled(place / "in", rows, columns, count, suffix)
                found = _measured(works, files, place, workers)
                (own, clock), *peers = found.values()
                (best, peer_clock), peer = min(zip(peers, list(works)[1:], strict=True))
                ratio = own / best
                report.row(
                    f"{count} {suffix[1:].upper()}, {size}",
                    seconds(own),
                    f"{seconds(best)} ({peer})",
                    f"{ratio:.2f}" + ("" if ratio <= TARGET else " **above**"),
                    f"{TARGET:g}",
                    ", ".join(
                        [
                            f"by the clock {clock / peer_clock:.2f}",
                            *(f"{name} {seconds(found[name][0])}" for name in list(works)[1:]),
                        ]
                    ),
                )


def _filled(folder: Path, rows: int, columns: int, count: int, suffix: str) -> list[Path]:
    """Write some pictures, and the others as links to them."""
    folder.mkdir(parents=True)
    pixels = cv2.resize(open_sample("coffee").pixels, (columns, rows), interpolation=cv2.INTER_AREA)[:, :, ::-1]
    files = [folder / f"{number:05}{suffix}" for number in range(count)]
    for number, path in enumerate(files):
        if number < 10:
            cv2.imwrite(str(path), cv2.convertScaleAbs(pixels, alpha=1 - number / 40))
        else:
            os.link(files[number % 10], path)
    return files


def _measured(works: dict[str, Work], files: list[Path], place: Path, workers: int) -> dict[str, tuple[float, float]]:
    """Return the seconds of each work for a file, of all processors and by the clock; the works take turns.

    What was written is emptied and stays until the end: for minutes ext4 goes past every file that was removed, one by
    one, whenever it makes another in the same place, which would soon be most of what is measured.
    """
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for number in range(ROUNDS):
        for name, work in works.items():
            some = files[:VIPS_FILES] if name == "vips" else files
            out = place / f"{name}-{number}"
            out.mkdir()
            before, start = _processor_time(), time.perf_counter()
            work(some, out, workers)
            spent = _processor_time() - before, time.perf_counter() - start
            found[name].append((spent[0] / len(some), spent[1] / len(some)))
            for path in out.iterdir():
                os.truncate(path, 0)
    return {name: (median(cpu for cpu, _ in each), median(wall for _, wall in each)) for name, each in found.items()}


def _processor_time() -> float:
    """Return the seconds of processors that child processes which have ended took, and theirs."""
    times = os.times()
    return times.children_user + times.children_system


def _installed(out: Path) -> dict[str, str]:
    """Return the environment in which programs keep their bytecode, as installed ones do: the first round makes it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(out.parents[1] / "bytecode")}


def _command(files: Sequence[Path], out: Path, workers: int) -> None:
    words = processes.command("batch", KERNEL, str(files[0].parent), str(out), "--workers", str(workers))
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=_installed(out))


def _all(runs: list[subprocess.Popen[bytes]]) -> None:
    if any(run.wait() for run in runs):
        raise OSError("a process of the peer failed")


def _loop(files: Sequence[Path], out: Path, workers: int) -> None:
    words = [sys.executable, "-c", LOOP, str(files[0].parent), str(out)]
    _all([subprocess.Popen([*words, str(first), str(workers)], env=_installed(out)) for first in range(workers)])


def _vips(files: Sequence[Path], out: Path, workers: int) -> None:
    """Filter with one process of vips for each file, as many at a time."""
    matrix = out.parent / "kernel.mat"
    matrix.write_text("3 3 16 0\n1 2 1\n2 4 2\n1 2 1\n")
    environment = {**os.environ, "VIPS_CONCURRENCY": "1"}
    for first in range(0, len(files), workers):
        _all(
            [
                subprocess.Popen(["vips", "conv", str(path), str(out / path.name), str(matrix)], env=environment)
                for path in files[first : first + workers]
            ]
        )
