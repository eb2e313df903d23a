"""Whole folders: the command beside a bare OpenCV loop in as many processes, and beside ``vips`` where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from kernels import processes
from kernels.opencv import cv2
from kernels.pictures.reading import open_sample
from tests.benchmarks.report import Report

SLOW = True

TARGET = 1.2
SIZES = {"small (300 × 200)": (200, 300, 1000), "screen (1200 × 800)": (800, 1200, 150)}
"""Rows, columns, and how many pictures."""
KERNEL = "1 2 1; 2 4 2; 1 2 1 / 16"

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


def benchmark(report: Report) -> None:
    """Compare the times for folders of pictures."""
    workers = os.cpu_count() or 1
    report.section("Folders", f"Wall-clock time with {workers} processes, their start included; ratio per core.")
    with tempfile.TemporaryDirectory() as folder:
        for size, (rows, columns, count) in SIZES.items():
            for suffix in (".jpg", ".png"):
                place = Path(folder) / f"{rows}{suffix}"
                _fill(place / "in", rows, columns, count, suffix)
                peers = {"OpenCV": _fresh(place, lambda source, out: _loop(source, out, workers))}
                if shutil.which("vips"):
                    peers["vips"] = _fresh(place, lambda source, out: _vips(source, out, workers))
                own = _fresh(place, lambda source, out: _command(source, out, workers))
                report.compare(f"{count} {suffix[1:].upper()}, {size}", own, peers, TARGET)
                shutil.rmtree(place)


def _fill(folder: Path, rows: int, columns: int, count: int, suffix: str) -> None:
    """Write some pictures, and the others as links to them."""
    folder.mkdir(parents=True)
    pixels = cv2.resize(open_sample("coffee").pixels, (columns, rows), interpolation=cv2.INTER_AREA)[:, :, ::-1]
    for number in range(count):
        path, first = folder / f"{number:05}{suffix}", folder / f"{number % 10:05}{suffix}"
        if number < 10:
            cv2.imwrite(str(path), cv2.convertScaleAbs(pixels, alpha=1 - number / 40))
        else:
            os.link(first, path)


def _fresh(place: Path, work: Callable[[Path, Path], None]) -> Callable[[], None]:
    """Return the work into an empty folder."""

    def run() -> None:
        out = place / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        work(place / "in", out)

    return run


def _command(source: Path, out: Path, workers: int) -> None:
    words = processes.command("batch", KERNEL, str(source), str(out), "--workers", str(workers))
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def _all(runs: list[subprocess.Popen[bytes]]) -> None:
    if any(run.wait() for run in runs):
        raise OSError("a process of the peer failed")


def _loop(source: Path, out: Path, workers: int) -> None:
    words = [sys.executable, "-c", LOOP, str(source), str(out)]
    _all([subprocess.Popen([*words, str(first), str(workers)]) for first in range(workers)])


def _vips(source: Path, out: Path, workers: int) -> None:
    """Filter with one process of vips for each file, as many at a time."""
    matrix = source.parent / "kernel.mat"
    matrix.write_text("3 3 16 0\n1 2 1\n2 4 2\n1 2 1\n")
    environment = {**os.environ, "VIPS_CONCURRENCY": "1"}
    files = sorted(source.iterdir())
    for first in range(0, len(files), workers):
        _all(
            [
                subprocess.Popen(["vips", "conv", str(path), str(out / path.name), str(matrix)], env=environment)
                for path in files[first : first + workers]
            ]
        )
