"""How soon LeNet-5 learns the bundled digits, from noise to 95 % of the 400 that it does not learn from.

    python -m tests.benchmarks.learning [--seeds 5]

By the plan that a new run begins with, in the training process, with one BLAS thread, at full pace; the time is from
the first step on.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from msgspec.structs import replace

from kernels import processes
from kernels.cnn.training import serving
from kernels.cnn.training.examples import EDGES
from kernels.cnn.training.messages import Begin, Checked, Failed, Play, Ready, Report, Stopped
from kernels.cnn.training.plan import Stop
from kernels.cnn.training.runs import Runs

GOAL = 0.95
PLAN = replace(EDGES, stop=Stop(steps=1000))


def learn(folder: Path, seed: int) -> str:
    """Train with a seed until the goal is reached, and say when that was."""
    run = Runs(folder).begin(replace(PLAN, seed=seed), str(seed))
    start = time.perf_counter()
    with subprocess.Popen(
        serving.command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=serving.environment(run.plan),
        bufsize=0,
    ) as process:
        processes.send(process.stdin, Begin(str(run.folder)))
        for report in processes.received(process.stdout, Report):
            seconds = time.perf_counter() - start
            match report:
                case Ready():
                    start = time.perf_counter()
                    processes.send(process.stdin, Play())
                case Checked(accuracy=accuracy) if accuracy >= GOAL:
                    process.kill()
                    return f"seed {seed}: {100 * accuracy:.1f} % after {report.step} steps, {seconds:.1f} s"
                case Stopped() | Failed():
                    process.kill()
                    return f"seed {seed}: not reached in {report.step} steps, {seconds:.1f} s"
    return f"seed {seed}: it ended"


def main() -> None:
    """Print a line for every seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    print(PLAN)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(parser.parse_args().seeds):
            print(learn(Path(folder), seed), flush=True)


if __name__ == "__main__":
    main()
