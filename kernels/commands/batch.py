"""``kernelscope batch``: filter all pictures of a folder."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from kernels.commands import arguments as read
from kernels.commands import filtering
from kernels.commands.meter import Line, duration
from kernels.errors import shown

if TYPE_CHECKING:
    from kernels.batch.pool import Scheduler
    from kernels.batch.run import BatchRun, Progress
    from kernels.batch.settings import BatchSettings
    from kernels.batch.starting import Started
    from kernels.batch.table import Table

SUMMARY = "filter all pictures of a folder with a kernel, or by a recipe"

MOST_WORKERS = 512


class _Serve(argparse.Action):
    """Become a worker of a batch; like ``--help`` it asks for no operands."""

    def __call__(self, *_: Any) -> None:
        from kernels.batch.worker import serve

        serve(lambda words: filtering.settings(argparse.Namespace(**words)))


def configure(parser: read.Parser) -> None:
    """Declare the arguments."""
    filtering.configure_kernel(parser)
    parser.add_argument("source", metavar="SOURCE", help="folder of pictures, those in its folders too, or one picture")
    parser.add_argument("target", metavar="TARGET", help="folder that gets the same tree of results; apart from SOURCE")
    filtering.configure_options(parser)
    parser.add_argument(
        "--pattern",
        metavar="GLOB",
        action="append",
        default=[],
        help='which files, such as "*.jpg", or "2024/*" with a path; may be given more than once; by default all '
        "that are pictures by their name",
    )
    parser.add_argument(
        "--format",
        metavar="EXT",
        help="png, jpg, tif, webp, bmp, npy or zarr; png16 and tif16 with 16 bits; by default that of each file",
    )
    parser.add_argument("--workers", metavar="N", help="processes at work; by default one for each processor")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="have the workers of a Dask cluster do it: tcp://HOST:PORT or tls://HOST:PORT; they must see SOURCE and "
        "TARGET at the same paths",
    )
    parser.add_argument("--report", metavar="FILE", help=".csv or .json to write: what became of every file")
    parser.add_argument(
        "--force",
        action="store_true",
        help="begin although TARGET holds results of other settings, and replace files that are not the batch's own",
    )
    parser.add_argument("--serve", action=_Serve, nargs=0, help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Filter all pictures and say what became of them."""
    from kernels import processes
    from kernels.batch.starting import ahead

    if "numpy" not in sys.modules:  # others compute, and to start threads takes longer than a small picture
        os.environ.update(processes.blas_threads(1))
    workers = read.whole("--workers", arguments.workers, 1, MOST_WORKERS)
    if arguments.scheduler is None:
        number = workers or processes.processors()
        with ahead(arguments.source, arguments.target, number) as started:
            return _run(arguments, number, started)
    if workers is not None:
        raise read.UsageError("--workers are processes of this machine; those of --scheduler are as many as it has.")
    return _run(arguments, 0, [])


def _run(arguments: argparse.Namespace, workers: int, started: list[Started]) -> int:
    from kernels.batch.pool import Pool
    from kernels.batch.run import BatchRun
    from kernels.batch.starting import ask
    from kernels.files import write_whole

    settings = ask(started, filtering.words(arguments)) or filtering.settings(arguments)
    report = arguments.report
    interrupts: list[KeyboardInterrupt] = []
    if report is not None:
        from kernels.batch.table import check_table

        check_table(report)
    batch = BatchRun(
        arguments.source,
        arguments.target,
        settings,
        patterns=arguments.pattern,
        force=arguments.force,
    )

    def follow(file: BinaryIO) -> None:
        from kernels.batch.table import Table

        table = Table(file, Path(report).suffix)
        try:
            _follow(batch, crew, table)
        except KeyboardInterrupt as error:
            interrupts.append(error)
        table.end()

    crew: Scheduler = Pool(settings, workers, started) if workers else _cluster(arguments.scheduler, settings, batch)
    start = time.monotonic()
    if report is None:
        _follow(batch, crew, None)
    else:
        write_whole(report, follow)
        if interrupts:
            raise interrupts[0]
    stands = batch.progress
    print(f"{shown(arguments.target)}: {_counts(stands)}, in {duration(time.monotonic() - start)}")
    if not stands.failed:
        return 0
    why = "above" if report is None else f"above and in {shown(report)}"
    files = sum((stands.done, stands.kept, stands.failed))
    print(f"kernelscope batch: {stands.failed:,} of {files:,} files failed; the reasons stand {why}.", file=sys.stderr)
    return 4


def _cluster(address: str, settings: BatchSettings, batch: BatchRun) -> Scheduler:
    """Return the workers of a cluster; whoever may be in danger by it is warned."""
    from kernels.batch.cluster import Cluster, danger

    if warning := danger(address):
        print(f"kernelscope batch: {warning}", file=sys.stderr)
    return Cluster(settings, address, batch.source, batch.target)


def _follow(batch: BatchRun, crew: Scheduler, table: Table | None) -> None:
    """Do the work and say how it goes on."""
    from kernels.batch.run import Row

    line = Line()
    try:
        for event in batch.events(crew):
            if isinstance(event, Row):
                if table is not None:
                    table.add(event)
                if event.error:
                    line.show(f"{shown(event.source)}: {event.error}", stays=True)
            elif event.rate and line.is_due:
                line.show(_standing(event))
    except KeyboardInterrupt as error:
        line.end()
        how = str(error).rstrip(".") or "interrupted"
        raise KeyboardInterrupt(f"{how}: {_counts(batch.progress)}; the same command goes on from there.") from None
    line.end()


def _standing(progress: Progress) -> str:
    """Return a line about a batch that is going on."""
    passed = progress.done + progress.kept + progress.failed
    line = f"{passed:,}" if progress.total is None else f"{passed:,} of {progress.total:,}"
    line += f" files  {progress.failed:,} failed  {progress.rate:,.1f} files/s"
    return line if progress.seconds_left is None else f"{line}  {duration(progress.seconds_left)} left"


def _counts(progress: Progress) -> str:
    """Return what became of all files as text."""
    return f"{progress.done:,} filtered, {progress.kept:,} kept, {progress.failed:,} failed"
