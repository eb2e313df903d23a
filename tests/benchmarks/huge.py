"""A picture of a gigapixel: the time beside ``vips conv`` on the same file and format, and the peak of memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from kernels import memory
from kernels.pictures.windows import targets
from tests.benchmarks.report import Report, seconds

SLOW = True

SHAPE = (32_768, 32_768)
KERNEL = "1 2 1; 2 4 2; 1 2 1 / 16"

#: Runs a subcommand and prints its status and the most that was resident of it, and of one of its workers.
MEASURED = (
    "import json, resource as r, sys; from kernels.commands.cli import main; status = main(sys.argv[1:]);"
    "print(json.dumps([status, *(r.getrusage(who).ru_maxrss for who in (r.RUSAGE_SELF, r.RUSAGE_CHILDREN))]))"
)
UNIT = 1 if sys.platform == "darwin" else 1024


def benchmark(report: Report) -> None:
    """Filter a tiled BigTIFF of 8 bits into one of 32-bit floats."""
    report.section(
        "Huge pictures",
        f"{SHAPE[1]:,} × {SHAPE[0]:,} pixels of 8 bits filtered into 32-bit floats, from and to an uncompressed tiled "
        f"BigTIFF, by the clock; the process may take {memory.readable(memory.USUAL)}.",
    )
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.tif", Path(folder) / "out.tif"
        _fill(source)
        peer = None
        if shutil.which("vips") is not None:
            start = time.perf_counter()
            _vips(source, target)
            peer = time.perf_counter() - start
            target.unlink()
        for subcommand in ("apply", "batch"):
            start = time.perf_counter()
            peak = _own(subcommand, source, target)
            own = time.perf_counter() - start
            target.unlink()
            beside = ("", "") if peer is None else (f"{seconds(peer)} (vips)", f"{own / peer:.2f}")
            report.row(subcommand, seconds(own), *beside, "", peak)
        if peer is None:
            report.note("There is no vips here (Debian: libvips-tools), so the time is compared with nothing.")
        report.note("Our times include bringing the result to the disk, and those of batch the hashes of both files.")


def _fill(path: Path) -> None:
    """Write a picture with the numbers of noise and of planes, uncompressed in tiles."""
    random = np.random.default_rng(0)
    large, targets.LARGE = targets.LARGE, 1
    try:
        with open(path, "w+b") as file:
            layout = targets.begin_tiff(file, SHAPE, np.dtype(np.uint8))
            rows = random.integers(0, 256, (1024, SHAPE[1]), np.uint8)
            for top in range(0, SHAPE[0], 1024):
                layout.put(file.fileno(), top, rows // np.uint8(1 + top % 3))
    finally:
        targets.LARGE = large


def _own(subcommand: str, source: Path, target: Path) -> str:
    """Filter by one process, or by workers of a batch; return what it says about memory."""
    words = [KERNEL, str(source)]
    if subcommand == "apply":
        words += ["-o", str(target)]
    else:
        words += [str(target.parent / "batch"), "--memory", str(memory.USUAL)]
    command = [sys.executable, "-c", MEASURED, subcommand, *words, "--range", "raw"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    status, peak, worker = json.loads(done.stdout.splitlines()[-1])
    if status:
        raise OSError(f"{subcommand} ended with status {status}: {done.stderr}")
    if subcommand == "batch":
        os.replace(target.parent / "batch" / source.name, target)
    text = f"peak {memory.readable(peak * UNIT)}"
    return text if worker == 0 else f"{text}, of each worker {memory.readable(worker * UNIT)}"


def _vips(source: Path, target: Path) -> None:
    matrix = source.with_name("kernel.mat")
    matrix.write_text("3 3 16 0\n1 2 1\n2 4 2\n1 2 1\n")
    options = f"{target}[tile,tile-width={targets.TILE},tile-height={targets.TILE},bigtiff]"
    subprocess.run(["vips", "conv", str(source), options, str(matrix), "--precision", "float"], check=True)
